"""Batches handed to an executor until all of them are done, whatever becomes of its workers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

from dischargesim.experiment.executor_settings import ExecutorError
from dischargesim.experiment.executors import depth, interrupt
from dischargesim.experiment.worker import Done, Work, run_work

_LOOK_UP = 1.0
"""Seconds after which this process looks up from waiting, as Windows lets nobody interrupt a wait."""
_LOST_TOO_OFTEN = 3


def carry_out(
    executor: Executor,
    works: deque[Work],
    wanted: Callable[[Work], bool],
    arrived: Callable[[Work, Done], None],
    waiting: Callable[[], None],
) -> None:
    """Run batches until none is left.

    Parameters
    ----------
    executor : concurrent.futures.Executor
    works : deque of Work
        What is to be done, in this order; `arrived` may add to it.
    wanted : callable
        Asked before each batch is handed over: another process may have done it meanwhile.
    arrived : callable
        Called with each batch that has ended, in the order in which they end.
    waiting : callable
        Called now and then.

    Raises
    ------
    ExecutorError
        If the executor takes no more batches.

    Notes
    -----
    A batch whose worker is lost is run again. One that lost its worker twice is run with nothing beside it, so that it
    is known which batch it is that kills workers; if that happens again, it has failed.
    """
    running: dict[Future[Done], Work] = {}
    lost: Counter[str] = Counter()
    alone: deque[Work] = deque()
    try:
        while works or alone or running:
            _hand_over(executor, works, alone, running, wanted)
            finished, _ = wait(running, timeout=_LOOK_UP, return_when=FIRST_COMPLETED) if running else (set(), None)
            for future in finished:
                work = running.pop(future)
                done = _result(future)
                if isinstance(done, Done):
                    arrived(work, done)
                    continue
                lost[work.name] += 1
                if lost[work.name] >= _LOST_TOO_OFTEN:
                    arrived(work, Done(b"", problem=f"its worker was lost {lost[work.name]} times ({done})"))
                elif lost[work.name] == _LOST_TOO_OFTEN - 1:
                    alone.append(work)
                else:
                    works.appendleft(work)
            waiting()
    except BaseException:
        for future in running:
            future.cancel()
        interrupt(executor)
        raise


def _hand_over(
    executor: Executor,
    works: deque[Work],
    alone: deque[Work],
    running: dict[Future[Done], Work],
    wanted: Callable[[Work], bool],
) -> None:
    most, queue = (1, alone) if alone else (depth(executor), works)
    while queue and len(running) < most:
        work = queue.popleft()
        if not wanted(work):
            continue
        try:
            running[executor.submit(run_work, work)] = work
        except RuntimeError as error:
            raise ExecutorError(f"no more work is taken: {error}") from None


def _result(future: Future[Done]) -> Done | str:
    """What a batch came to, or how its worker was lost."""
    try:
        return future.result()
    except ExecutorError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        return " ".join(f"{type(error).__name__}: {error}".split())[:160]
