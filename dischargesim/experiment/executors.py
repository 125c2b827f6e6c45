"""Where batches run: in this process, in threads, in processes of this machine, on a Dask cluster, or through SLURM.

Each is a `concurrent.futures.Executor`, so that anything else that is one can take their place.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

from pydantic import ValidationError

from dischargesim.experiment.batch import ready
from dischargesim.memory import collect_seldom
from dischargesim.scenario.base import Part, Text, number
from dischargesim.scenario.explain import explain
from dischargesim.scenario.problems import Problem, ScenarioError

P = ParamSpec("P")
T = TypeVar("T")


class ExecutorError(OSError):
    """Nothing to run on; the text says why, in one line."""


class ExecutorSettings(Part):
    """Where batches run. It has no part in what they come to."""

    kind: Literal["local", "threads", "dask", "slurm"] = "local"
    """Processes of this machine, threads of this process, a Dask cluster, or jobs of SLURM."""
    workers: Annotated[int, number("processes, threads or jobs", 0, 10_000)] = 0
    """How many at a time; 0 for all cores of this machine but one, or 20 jobs of SLURM. A Dask cluster that is there
    has its own number."""
    address: Text | None = None
    """Of the scheduler of a Dask cluster, such as tcp://10.0.0.5:8786; a cluster on this machine is started if left
    out."""
    tls_ca: Text | None = None
    """File of the certificate authority, for a Dask cluster with TLS; handed on to Dask as it is."""
    tls_cert: Text | None = None
    """File of the client's certificate, for a Dask cluster with TLS."""
    tls_key: Text | None = None
    """File of the client's key, for a Dask cluster with TLS."""
    timeout: Annotated[float, number("seconds", 0.1, 3600)] = 30.0
    """How long a Dask scheduler is waited for."""
    cluster: Literal["slurm", "local", "debug"] = "slurm"
    """What submitit hands jobs to: SLURM, or, to try things out, processes of this machine, or this process."""
    partition: Text | None = None
    """Partition of SLURM."""
    minutes: Annotated[int, number("minutes", 1, 100_000)] = 60
    """Longest time that a job of SLURM may take."""
    memory_gb: Annotated[float, number("GB", 0.1, 10_000)] = 2.0
    """Memory of a job of SLURM."""


def executor_settings(data: Mapping[str, Any]) -> ExecutorSettings:
    """Settings from plain data.

    Raises
    ------
    ScenarioError
        With every problem that was found.
    """
    data = {key: value for key, value in data.items() if value is not None}
    try:
        settings = ExecutorSettings.model_validate(data)
    except ValidationError as error:
        problems = explain(error.errors(), data, ExecutorSettings)
        found = [Problem(f"executor.{p.path}", p.problem, p.got, p.expected, p.unit) for p in problems]
        raise ScenarioError(found) from None
    tls = (settings.tls_ca, settings.tls_cert, settings.tls_key)
    if any(tls) and not all(tls):
        raise ScenarioError([Problem("executor", "TLS needs all of tls_ca, tls_cert and tls_key")])
    return settings


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
    from dischargesim.experiment import clusters

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


class InProcess(Executor):
    """Runs what it is given at once and in this process, where a debugger sees it."""

    slots = 1

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function; as `concurrent.futures.Executor.submit`."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Threads(ThreadPoolExecutor):
    """Threads of this process. The compiled engine and much of numpy run beside each other; the rest takes turns."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.slots = workers


class Processes(Executor):
    """Processes of this machine, which are started anew if one of them is lost.

    Spawned on every system: a copy of a process with threads (numba's, the progress bar's) may lock up.
    """

    def __init__(self, workers: int) -> None:
        self.slots = workers
        self._before = set(multiprocessing.active_children())
        self._pool = self._new_pool()
        # They load what they need while this process is still busy with what comes before.
        for _ in range(workers):
            self.submit(ready)

    def _new_pool(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.slots, mp_context=context, initializer=_wait_for_work)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a function in one of the processes; as `concurrent.futures.Executor.submit`."""
        with deaf_children():
            try:
                return self._pool.submit(_heedful, fn, args, kwargs)
            except BrokenProcessPool:
                self._pool.shutdown(wait=True, cancel_futures=True)
                self._pool = self._new_pool()
                return self._pool.submit(_heedful, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)

    def interrupt(self) -> None:
        """Have the processes give up.

        Killed in the middle of an answer, they would leave the parent waiting for its end. On Windows the console has
        interrupted all of them already.
        """
        for child in self._children() if sys.platform != "win32" else ():
            if child.pid is not None:
                os.kill(child.pid, signal.SIGINT)

    def _children(self) -> set[BaseProcess]:
        return set(multiprocessing.active_children()) - self._before


def _heedful(fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    """Run a function in a process of its own, giving up when the process is interrupted."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return fn(*args, **kwargs)
    except KeyboardInterrupt:
        raise InterruptedError from None
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def deaf_children() -> Iterator[None]:
    """Processes started meanwhile do not hear Ctrl-C while they load: they would each print where they were.

    It is held back here too, and heard at the end. Windows cannot hold it back.
    """
    if sys.platform == "win32":
        yield
        return
    # Python starts it with the first process, and lets everything be heard again when it does.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wait_for_work() -> None:
    collect_seldom()
    # Between two batches the parent alone decides what an interruption means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
