"""Executors of this machine: this process, its threads, and processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from typing import Any, ParamSpec, TypeVar

from dischargesim.experiment.worker import ready
from dischargesim.memory import collect_seldom

P = ParamSpec("P")
T = TypeVar("T")


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
