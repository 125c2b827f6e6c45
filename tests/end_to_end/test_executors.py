"""The same numbers from every executor; a real Dask cluster that loses a worker; jobs by submitit."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dischargesim.cli import main
from dischargesim.experiment.carry_out import carry_out
from dischargesim.experiment.executor_settings import executor_settings
from dischargesim.experiment.executors import open_executor, slots
from dischargesim.experiment.local_executors import InProcess, Processes
from dischargesim.experiment.store import Store
from dischargesim.experiment.worker import Done, Work, pickled, run_work
from dischargesim.scenario.problems import ScenarioError
from tests.sweeps import (
    GRID,
    OWN,
    ROOT,
    batches,
    complaints,
    environment,
    process,
    same_tables,
    slowly,
    sweep_folder,
    swept,
    wait_for,
)


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return swept(tmp_path_factory.mktemp("serial"), *GRID, "executor.workers=1")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def dask_cluster(folder: Path, workers: int, *security: str) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and workers as processes of their own on the loopback address."""
    pytest.importorskip("distributed")
    scheme = "tls" if security else "tcp"
    address = f"{scheme}://127.0.0.1:{free_port()}"
    python = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    scheduler = [*python, "--host", address.rpartition(":")[0], "--port", address.rpartition(":")[2], "--no-dashboard"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny"]
    worker += ["--no-dashboard", "--local-directory", str(folder)]
    children = []
    try:
        for command in [scheduler, *[worker] * workers]:
            with (folder / f"dask-{len(children)}.log").open("wb") as log:
                more = {"stdout": log, "stderr": log, "env": environment(), "cwd": folder}
                children.append(subprocess.Popen([*command, *security], **more))  # type: ignore[call-overload]
        wait_for(lambda: sum("Registered to" in path.read_text() for path in folder.glob("dask-*.log")) == workers)
        yield address, children[1:]
    finally:
        for child in children:
            child.kill()
        for child in children:
            child.wait()


@pytest.mark.parametrize(
    "more",
    [
        ["executor=local", "executor.workers=2"],
        ["executor=threads", "executor.workers=3"],
        ["executor=local", "executor.workers=2", "--batch", "5"],
        ["executor=dask", "executor.workers=2"],
        ["executor=slurm", "executor.cluster=local", "executor.workers=2", "--batch", "24"],
    ],
    ids=lambda more: " ".join(more),
)
def test_the_same_numbers(tmp_path: Path, serial: Path, more: list[str]) -> None:
    if "executor=dask" in more:
        pytest.importorskip("distributed")
    if "executor=slurm" in more:
        pytest.importorskip("submitit")
        if sys.platform == "win32":
            pytest.skip("submitit does not know Windows")
    out = tmp_path / "results"
    child = process("sweep", *GRID, *OWN, "--engine", "simpy", "--out", str(out), *more, cwd=tmp_path)
    _, err = child.communicate(timeout=300)
    assert (child.returncode, complaints(err)) == (0, [])
    if "--batch" in more:
        for name in ("measures.csv", "daily.parquet", "points.csv"):
            assert (serial / name).read_bytes() == (sweep_folder(out) / name).read_bytes(), name
    else:
        same_tables(serial, sweep_folder(out))
    assert not (sweep_folder(out) / "jobs").exists()


def test_a_dask_cluster_loses_a_worker(tmp_path: Path, serial: Path) -> None:
    out = tmp_path / "results"
    with dask_cluster(tmp_path, 2) as (address, workers):
        more = ["executor=dask", f"executor.address={address}"]
        child = process("sweep", *GRID, *OWN, "--engine", "simpy", "--out", str(out), *more, cwd=tmp_path)
        wait_for(lambda: child.poll() is not None or len(list(out.glob("[!.]*/batches/*.parquet"))) >= 4)
        assert child.poll() is None
        workers[0].kill()
        _, err = child.communicate(timeout=180)
    assert (child.returncode, complaints(err)) == (0, [])
    same_tables(serial, sweep_folder(out))


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal of POSIX")
def test_a_scheduler_that_goes_away(tmp_path: Path, serial: Path) -> None:
    """One line, what was done is kept, and it goes on elsewhere."""
    out = tmp_path / "results"
    with dask_cluster(tmp_path, 1) as (address, _):
        more = ["executor=dask", f"executor.address={address}", "executor.timeout=3"]
        child = process("sweep", *GRID, *OWN, "--engine", "simpy", "--out", str(out), *more, cwd=tmp_path)
        wait_for(lambda: child.poll() is not None or len(list(out.glob("[!.]*/batches/*.parquet"))) >= 3)
        assert child.poll() is None
    _, err = child.communicate(timeout=120)
    lines = complaints(err)
    assert child.returncode == 2, lines
    assert len(lines) == 1 and "went away" in lines[0] and "go on with: dischargesim sweep --resume" in lines[0]
    folder = sweep_folder(out)
    assert len(batches(folder)) >= 3
    assert main(["sweep", "--resume", str(folder), "executor=local", "executor.workers=1"]) == 0
    same_tables(serial, folder)


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal of POSIX")
def test_interrupted_on_a_dask_cluster_of_its_own(tmp_path: Path, serial: Path) -> None:
    pytest.importorskip("distributed")
    out = tmp_path / "results"
    more = ["executor=dask", "executor.workers=2"]
    child = process("sweep", *GRID, *OWN, "--engine", "simpy", "--out", str(out), *more, cwd=tmp_path)
    wait_for(lambda: child.poll() is not None or len(list(out.glob("[!.]*/batches/*.parquet"))) >= 3)
    os.killpg(child.pid, signal.SIGINT)
    _, err = child.communicate(timeout=60)
    lines = complaints(err)
    assert child.returncode in (130, -signal.SIGINT)
    assert len(lines) == 1 and lines[0].startswith("interrupted; what was done is kept"), lines
    assert main(["sweep", "--resume", str(sweep_folder(out)), "executor=local", "executor.workers=1"]) == 0
    same_tables(serial, sweep_folder(out))


def certificates(folder: Path) -> list[str]:
    """A certificate authority that signs itself, which is enough on one machine."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*request, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return [str(certificate), str(certificate), str(key)]


def test_a_dask_cluster_with_tls(tmp_path: Path, serial: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import shutil

    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make certificates with")
    ca, cert, key = certificates(tmp_path)
    out = tmp_path / "results"
    with dask_cluster(tmp_path, 1, "--tls-ca-file", ca, "--tls-cert", cert, "--tls-key", key) as (address, _):
        tls = [f"executor.tls_ca={ca}", f"executor.tls_cert={cert}", f"executor.tls_key={key}"]
        more = ["executor=dask", f"executor.address={address}"]
        child = process("sweep", *GRID, *OWN, "--engine", "simpy", "--out", str(out), *more, *tls, cwd=tmp_path)
        _, err = child.communicate(timeout=180)
    assert (child.returncode, complaints(err)) == (0, [])
    same_tables(serial, sweep_folder(out))


def test_no_scheduler(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    address = f"executor.address=tcp://127.0.0.1:{free_port()}"
    more = ["executor=dask", address, "executor.timeout=1"]
    child = process("sweep", *GRID, *OWN, "--out", str(tmp_path / "r"), *more, cwd=tmp_path)
    _, err = child.communicate(timeout=60)
    lines = complaints(err)
    assert child.returncode == 2
    assert len(lines) == 1 and "no scheduler can be reached at tcp://127.0.0.1" in lines[0]


@pytest.mark.parametrize("executor", ["dask", "slurm"])
def test_a_package_that_is_not_installed(tmp_path: Path, executor: str) -> None:
    """Python is told that it is not there, in a process of its own."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['distributed'] = sys.modules['submitit'] = None\n"
    )
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    more = [f"executor={executor}", "--out", str(tmp_path / "r")]
    child = process("sweep", *GRID, *OWN, *more, cwd=tmp_path, PYTHONPATH=paths)
    _, err = child.communicate(timeout=60)
    lines = complaints(err)
    assert child.returncode == 2
    assert len(lines) == 1 and 'python -m pip install "dischargesim[cluster]"' in lines[0]


def test_no_slurm_here(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("submitit")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["sweep", *GRID, *OWN, "--out", str(tmp_path / "r"), "executor=slurm"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and "there is no SLURM here" in lines[0]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["executor=dusk"], "executor: there is no executor of this name (got dusk, expected dask?)"),
        (["executor.workers=-1"], "executor.workers: too small (got -1, expected 0 to 10000, processes)"),
        (["executor.wrokers=1"], "executor.wrokers: not a known key (expected workers?)"),
        (["executor=local,threads"], "executor: takes one value (got executor=local,threads)"),
        (["executor=dask", "executor.tls_ca=a.pem"], "executor: TLS needs all of tls_ca, tls_cert and tls_key"),
        (
            ["executor=dask", "executor.address={_target_:os.system}"],
            "executor.address._target_: this key is not allowed",
        ),
    ],
)
def test_bad_settings(tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], says: str) -> None:
    for command in ("sweep", "run"):
        assert main([command, "system=tiny", *OWN, *more, "--out", str(tmp_path / "r")]) == 2
        assert capsys.readouterr().err.splitlines()[0].startswith(says)
    assert not (tmp_path / "r").exists()


def test_any_executor_will_do(tmp_path: Path, serial: Path) -> None:
    """`concurrent.futures.Executor` is all that is asked for."""

    class Backwards(ThreadPoolExecutor):
        """Does the last thing first, and loses every fifth."""

        asked = 0

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            self.asked += 1
            if self.asked % 5 == 0:
                lost: Future[Any] = Future()
                lost.set_exception(ConnectionError("gone"))
                return lost
            return super().submit(fn, *args, **kwargs)

    store = Store.open(serial)
    point = store.points[0]
    data = pickled(store.scenario(point))
    works = [Work(point.key, first, count, "simpy", data) for first, count in store.spans(point.key)]
    done: dict[str, bytes] = {}

    def arrived(work: Work, result: Done) -> None:
        done[work.name] = result.file

    with Backwards(3) as executor:
        carry_out(executor, deque(reversed(works)), lambda work: True, arrived, lambda: None)
    for work in works:
        assert store.batch_path(work.key, work.first, work.count).read_bytes() == done[work.name]


class Deadly(Processes):
    """Processes that die of one batch whenever they are given it."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        if args and args[0].first == 6:
            return super().submit(os._exit, 1)
        return super().submit(slowly, fn, *args) if args else super().submit(fn)


def test_a_batch_that_kills_its_workers(serial: Path) -> None:
    """It is found out and given up; those that were lost beside it are done."""
    store = Store.open(serial)
    point = store.points[0]
    data = pickled(store.scenario(point))
    works = [Work(point.key, first, count, "simpy", data) for first, count in store.spans(point.key)]
    done: dict[int, Done] = {}

    def arrived(work: Work, result: Done) -> None:
        assert work.first not in done
        done[work.first] = result

    executor = Deadly(2)
    try:
        carry_out(executor, deque(works), lambda work: True, arrived, lambda: None)
    finally:
        executor.shutdown(cancel_futures=True)
    assert done.keys() == {work.first for work in works}
    assert "its worker was lost 3 times" in done[6].problem and not done[6].file
    assert all(result.file and not result.problem for first, result in done.items() if first != 6)


def test_a_worker_of_another_version_says_so(serial: Path) -> None:
    store = Store.open(serial)
    point = store.points[0]
    work = Work(point.key, 0, 1, "simpy", pickled(store.scenario(point)), version="0.0.1")
    assert "install the same" in run_work(work).problem


def test_settings() -> None:
    assert executor_settings({}).kind == "local"
    with open_executor(executor_settings({"workers": 1})) as executor:
        assert isinstance(executor, InProcess) and slots(executor) == 1
    with open_executor(executor_settings({"kind": "threads", "workers": 3})) as executor:
        assert slots(executor) == 3
    with pytest.raises(ScenarioError, match=r"executor\.kind"):
        executor_settings({"kind": "mainframe"})
