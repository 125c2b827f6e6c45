"""Where batches run: in this process, in threads, in processes of this machine, on a Dask cluster, or through SLURM.

Each is a `concurrent.futures.Executor`, so that anything else that is one can take their place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

from dischargesim.experiment import clusters
from dischargesim.experiment.executor_settings import ExecutorError, ExecutorSettings
from dischargesim.experiment.local_executors import InProcess, Processes, Threads


@contextmanager
def open_executor(settings: ExecutorSettings, folder: Path | None = None) -> Iterator[Executor]:
    """Start what batches run on, and end it when the block ends.

    Parameters
    ----------
    settings : ExecutorSettings
    folder : Path, optional
        Where jobs of SLURM keep what they need; all machines must see it.

    Raises
    ------
    ExecutorError
        If a package is missing, or the cluster is not there.
    """
    executor = _start(settings, folder)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _start(settings: ExecutorSettings, folder: Path | None) -> Executor:
    workers = settings.workers or max(cores() - 1, 1)
    if settings.kind == "threads":
        return Threads(workers)
    if settings.kind == "local":
        return InProcess() if workers == 1 else Processes(workers)
    if settings.kind == "dask":
        return clusters.dask(settings, workers)
    if folder is None:
        raise ExecutorError("executor=slurm: needs a results folder to keep its jobs in")
    return clusters.slurm(settings, folder)


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1


def slots(executor: Executor) -> int:
    """How many batches an executor runs at a time."""
    for name in ("slots", "_max_workers"):
        number_ = getattr(executor, name, None)
        if isinstance(number_, int) and number_ > 0:
            return number_
    return cores()


def depth(executor: Executor) -> int:
    """How many batches to hand to an executor at a time: enough that none of its workers waits for the next."""
    return 1 if isinstance(executor, InProcess) else 2 * slots(executor)


def interrupt(executor: Executor) -> None:
    """Have the workers of an executor give up what they are at."""
    stop = getattr(executor, "interrupt", None)
    if callable(stop):
        stop()
