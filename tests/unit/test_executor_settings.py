"""Executors as such: their settings, and what becomes of work that ends badly or not at all."""

from __future__ import annotations

import operator
import threading
import time
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from dischargesim.experiment.executor_settings import ExecutorError, executor_settings
from dischargesim.experiment.executors import cores, depth, interrupt, open_executor, slots
from dischargesim.scenario.problems import ScenarioError


def test_tls_is_all_or_nothing() -> None:
    with pytest.raises(ScenarioError, match="TLS needs all of tls_ca, tls_cert and tls_key"):
        executor_settings({"kind": "dask", "address": "tls://10.0.0.1:8786", "tls_ca": "ca.pem"})


def test_problems_are_named_with_the_executor_in_front() -> None:
    with pytest.raises(ScenarioError) as caught:
        executor_settings({"kind": "cloud", "workers": "many"})
    assert sorted(line.partition(":")[0] for line in str(caught.value).splitlines()) == [
        "executor.kind",
        "executor.workers",
    ]


@pytest.mark.parametrize(
    ("settings", "at_a_time", "ahead"),
    [
        ({"kind": "local", "workers": 1}, 1, 1),
        ({"kind": "local", "workers": 2}, 2, 4),
        ({"kind": "threads", "workers": 3}, 3, 6),
    ],
)
def test_how_much_is_handed_over_at_a_time(settings: dict[str, object], at_a_time: int, ahead: int) -> None:
    with open_executor(executor_settings(settings)) as executor:
        assert slots(executor) == at_a_time
        assert depth(executor) == ahead
        assert executor.submit(operator.add, 2, 3).result() == 5
        with pytest.raises(ZeroDivisionError):
            executor.submit(operator.truediv, 1, 0).result()
        interrupt(executor)  # where nothing is under way, nothing happens
    assert cores() >= 1


def test_jobs_need_a_folder() -> None:
    settings = executor_settings({"kind": "slurm", "cluster": "local"})
    with pytest.raises(ExecutorError, match="needs a results folder"), open_executor(settings):
        pass


def test_nobody_answers(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    settings = executor_settings({"kind": "dask", "address": "tcp://127.0.0.1:9", "timeout": 1})
    with (
        pytest.raises(ExecutorError, match=r"no scheduler can be reached at tcp://127\.0\.0\.1:9"),
        open_executor(settings, tmp_path),
    ):
        pass


class TestJobs:
    """Of a batch system, which is the one that runs its jobs on this machine."""

    settings = executor_settings({"kind": "slurm", "cluster": "local", "workers": 2})

    @pytest.fixture(autouse=True)
    def _installed(self) -> None:
        pytest.importorskip("submitit")

    def test_they_are_waited_for_and_their_files_taken_away(self, tmp_path: Path) -> None:
        with open_executor(self.settings, tmp_path) as executor:
            sums = [executor.submit(operator.add, number, 1) for number in range(2)]
            assert [one.result(timeout=60) for one in sums] == [1, 2]
        assert not (tmp_path / "jobs").exists()

    def test_what_cannot_be_handed_over(self, tmp_path: Path) -> None:
        with open_executor(self.settings, tmp_path) as executor:
            lock = threading.Lock()
            with pytest.raises(ExecutorError, match=r"^executor=slurm: cannot pickle"):
                executor.submit(operator.is_, lock, None).result(timeout=60)

    def test_a_job_that_fails_leaves_its_files(self, tmp_path: Path) -> None:
        with (
            open_executor(self.settings, tmp_path) as executor,
            pytest.raises(RuntimeError, match=r"^ZeroDivisionError: division by zero$"),
        ):
            executor.submit(operator.truediv, 1, 0).result(timeout=60)
        assert any((tmp_path / "jobs").iterdir())

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # submitit leaves its process to end
    def test_what_is_under_way_is_given_up_at_the_end(self, tmp_path: Path) -> None:
        with open_executor(self.settings, tmp_path) as executor:
            sleeps = executor.submit(time.sleep, 600)
            while not sleeps.running():
                time.sleep(0.05)
            time.sleep(1)  # until it is handed over as well
            began = time.monotonic()
        assert time.monotonic() - began < 60
        with pytest.raises((InterruptedError, CancelledError)):
            sleeps.result(timeout=1)
