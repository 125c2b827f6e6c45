"""A single run into a folder: the same batches and the same store as a sweep of one point."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dischargesim.experiment.batch import run_batch
from dischargesim.experiment.batch_file import encode
from dischargesim.experiment.carry_out import carry_out
from dischargesim.experiment.executor_settings import ExecutorSettings
from dischargesim.experiment.executors import cores, open_executor, slots
from dischargesim.experiment.key import batch_key
from dischargesim.experiment.local_executors import InProcess
from dischargesim.experiment.replicate import WORTH_PROCESSES, Progress
from dischargesim.experiment.spans import batch_size, spans
from dischargesim.experiment.store import Point, Store
from dischargesim.experiment.tables import Summary, summarise
from dischargesim.experiment.worker import Done, Work, pickled
from dischargesim.scenario.schema import Scenario


class BatchFailed(RuntimeError):
    """A batch of a run that could not be computed; the text says why."""


def run_into(
    folder: Path,
    scenario: Scenario,
    *,
    settings: ExecutorSettings | None = None,
    workers: int | None = None,
    engine: str | None = None,
    progress: Progress | None = None,
    on_compile: Callable[[], None] | None = None,
) -> Summary:
    """Run a scenario as often as it says, with its batches kept in a folder.

    Parameters
    ----------
    folder : Path
        There, and empty.
    scenario : Scenario
    settings : ExecutorSettings, optional
        What to run on; processes of this machine, if the work is worth starting them, if left out.
    workers, engine, progress, on_compile
        As for `replicate`.

    Returns
    -------
    Summary

    Raises
    ------
    CannotWrite
        If the disk is full or the folder cannot be written to.
    BatchFailed
        If a replication cannot be computed.
    """
    total = scenario.run.replications
    wanted = scenario.run.workers if workers is None else workers
    engine = scenario.run.engine if engine is None else engine
    report = progress or (lambda done, of: None)
    key, data = batch_key(scenario), pickled(scenario)
    point = Point(scenario.scenario.name, {}, key, total, "done")
    store = Store.create(folder, [point], {key: scenario})
    size = batch_size(total)
    began = time.perf_counter()
    first = min(size, total)
    # The first batch is run here: the engine is compiled once, and it tells how much work there is.
    batch = run_batch(scenario, 0, first, engine, on_compile)
    works = deque(Work(key, at, count, batch.engine, data) for at, count in spans(total, size)[1:])
    store.put(Work(key, 0, first, engine, data), encode(key, scenario, batch))
    done = first
    report(done, total)

    def arrived(work: Work, result: Done) -> None:
        nonlocal done
        if result.problem:
            raise BatchFailed(f"replications {work.first} to {work.first + work.count - 1}: {result.problem}")
        store.put(work, result.file)
        done += work.count
        report(done, total)

    if settings is None:
        seconds = (time.perf_counter() - began) / first * (total - first)
        worth = wanted > 0 or seconds > WORTH_PROCESSES
        settings = ExecutorSettings(workers=min(wanted or cores(), len(works)) if worth and works else 1)
    taken = 1
    if works:
        with open_executor(settings, folder) as executor:
            taken = 1 if isinstance(executor, InProcess) else slots(executor)
            carry_out(executor, works, lambda work: True, arrived, lambda: report(done, total))
    with suppress(OSError):
        (folder / "jobs").rmdir()
    summary = summarise(scenario, store.batches(point))
    return replace(summary, engine=batch.engine, workers=taken, seconds=time.perf_counter() - began)
