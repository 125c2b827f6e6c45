"""A scenario run several times over, and what its figures come to with 95% intervals."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dischargesim.engine import choose, simulate
from dischargesim.loops import announced
from dischargesim.measures import Row, daily_index, measure_all, measure_index
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

LEVEL = 0.95
"""Of all intervals."""
_WORTH_PROCESSES = 5.0
"""Seconds of work from which further processes, which first have to load everything, save time."""


@dataclass(frozen=True, slots=True)
class One:
    """What one replication came to.

    Attributes
    ----------
    values, daily : ndarray of float64
        As `measures.measure_all` gives them.
    people : int
        Everyone in the plan.
    present, waiting : ndarray of int64
        People in each setting at the end of the run, and people waiting for a place in it.
    """

    values: Floats
    daily: Floats
    people: int
    present: NDArray[np.int64]
    waiting: NDArray[np.int64]


@dataclass(frozen=True)
class Replications:
    """All replications of one scenario.

    Attributes
    ----------
    scenario : Scenario
        What was run.
    runs : tuple of One
        One a replication, in their order.
    engine : str
        Engine that was asked for.
    workers : int
        Processes that took part.
    seconds : float
        How long it took.
    """

    scenario: Scenario
    runs: tuple[One, ...]
    engine: str = "auto"
    workers: int = 1
    seconds: float = field(default=0.0, compare=False)

    @cached_property
    def values(self) -> Floats:
        """Figures of all replications, one row a replication, columns as in `measures.measure_index`."""
        return np.stack([run.values for run in self.runs])

    @cached_property
    def measures(self) -> pd.DataFrame:
        """A row each figure and group.

        Columns measure, group, unit, mean, lower, upper (95% interval, empty from fewer than two replications) and
        replications: in how many of them the figure is defined, since the mean delay of nobody is not.
        """
        import pandas as pd

        table = pd.DataFrame(measure_index(self.scenario), columns=list(Row._fields))
        mean, lower, upper, count = interval(self.values)
        lower, upper = _possible(measure_index(self.scenario), self.values, lower, upper)
        return table.assign(mean=mean, lower=lower, upper=upper, replications=count)

    @cached_property
    def daily(self) -> pd.DataFrame:
        """A row each counted day, figure and group: day, date, measure, group, unit, mean, lower, upper."""
        import pandas as pd

        values = np.stack([run.daily for run in self.runs])
        mean, lower, upper, _ = interval(values)
        lower, upper = _possible(daily_index(self.scenario), values, lower, upper)
        rows, days = mean.shape
        index = pd.DataFrame(daily_index(self.scenario), columns=list(Row._fields))
        table = index.loc[np.tile(np.arange(rows), days)].reset_index(drop=True)
        dates = [(self.scenario.start_date + timedelta(days=day)).isoformat() for day in range(days)]
        table.insert(0, "date", np.repeat(np.array(dates, dtype=object), rows))
        table.insert(0, "day", np.repeat(np.arange(days), rows))
        return table.assign(mean=mean.T.ravel(), lower=lower.T.ravel(), upper=upper.T.ravel())

    @cached_property
    def by_replication(self) -> pd.DataFrame:
        """A row each replication, figure and group: replication, measure, group, unit, value."""
        import pandas as pd

        index = pd.DataFrame(measure_index(self.scenario), columns=list(Row._fields))
        table = index.loc[np.tile(np.arange(len(index)), len(self.runs))].reset_index(drop=True)
        table.insert(0, "replication", np.repeat(np.arange(len(self.runs)), len(index)))
        return table.assign(value=self.values.ravel())


def interval(values: Floats, level: float = LEVEL) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Mean and Student's t interval over the first axis, leaving out what is not defined.

    Parameters
    ----------
    values : ndarray of float64
        One entry a replication along the first axis; NaN where a figure is not defined.
    level : float
        Of the interval.

    Returns
    -------
    mean, lower, upper : ndarray of float64
        The interval is NaN from fewer than two values.
    count : ndarray of int64
        Values that are defined.
    """
    from scipy.special import stdtrit

    defined = np.isfinite(values)
    count = defined.sum(axis=0)
    some, several = np.maximum(count, 1), np.maximum(count - 1, 1)
    mean = np.where(count > 0, np.where(defined, values, 0.0).sum(axis=0) / some, np.nan)
    squares = (np.where(defined, values - mean, 0.0) ** 2).sum(axis=0)
    half = stdtrit(several, (1 + level) / 2) * np.sqrt(squares / several / some)
    half = np.where(count > 1, half, np.nan)
    return mean, mean - half, mean + half, count


def _possible(rows: list[Row], values: Floats, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """End intervals where the figures end: at 0 for all but growths, and at 1 for shares that never exceed it."""
    shape = (-1, *[1] * (lower.ndim - 1))
    signed = np.array(["growth" in row.measure for row in rows]).reshape(shape)
    share = np.array([row.unit == "share" for row in rows]).reshape(shape)
    beyond = np.nanmax(np.where(np.isfinite(values), values, -np.inf), axis=0) > 1
    lower = np.where(signed, lower, np.maximum(lower, 0.0))
    return lower, np.where(share & ~beyond, np.minimum(upper, 1.0), upper)


def replicate(
    scenario: Scenario,
    replications: int | None = None,
    *,
    workers: int | None = None,
    engine: str | None = None,
    progress: Progress | None = None,
    on_compile: Callable[[], None] | None = None,
) -> Replications:
    """Run a scenario several times over, with other people each time.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    replications : int, optional
        How often; what the scenario says if left out.
    workers : int, optional
        Processes; what the scenario says if left out, 0 for one a core where that is worth it. Results do not
        depend on it.
    engine : str, optional
        Engine; what the scenario says if left out.
    progress : callable, optional
        Called with the number of replications done and their total.
    on_compile : callable, optional
        Called once if the engine or the loops of the measures have to be compiled first, which takes some fifteen
        seconds: a chance to say so. That happens in this process before there are others, which then find the code on
        disk.

    Returns
    -------
    Replications
    """
    total = scenario.run.replications if replications is None else replications
    if total < 1:
        raise ValueError(f"replications: got {total}, expected at least 1")
    wanted = scenario.run.workers if workers is None else workers
    if wanted < 0:
        raise ValueError(f"workers: got {wanted}, expected 0 or more")
    engine = scenario.run.engine if engine is None else engine
    report = progress or (lambda done, of: None)
    began = time.perf_counter()
    runs = _Runs(scenario, engine, total, report)
    runs.first(on_compile)
    left = total - 1
    processes = min(wanted or _cores(), total)
    # The first replication tells how much work there is; compiling and loading made it slower than the rest.
    if left and processes > 1 and (wanted > 0 or (time.perf_counter() - began) * left > _WORTH_PROCESSES):
        processes = runs.in_processes(processes)
    else:
        runs.here(total)
        processes = 1
    return Replications(scenario, tuple(runs.results()), engine, processes, time.perf_counter() - began)


class _Runs:
    """Replications of one scenario as they come in, in whatever order."""

    def __init__(self, scenario: Scenario, engine: str, total: int, report: Progress) -> None:
        self._scenario, self._engine, self._total, self._report = scenario, engine, total, report
        self._done: dict[int, One] = {}

    def results(self) -> Sequence[One]:
        return [self._done[number] for number in range(self._total)]

    def first(self, on_compile: Callable[[], None] | None) -> None:
        """Run the first replication in this process, and settle on the engine that it took for the others."""
        with announced(on_compile) as say:
            plan = draw_plan(self._scenario, 0)
            self._engine = choose(plan, self._engine)
            self._add(0, _measured(plan, simulate(plan, self._engine, say)))

    def here(self, up_to: int) -> None:
        """Run in this process what is still missing below a number."""
        for number in range(up_to):
            if number not in self._done:
                self._add(number, run_one(self._scenario, number, self._engine))

    def in_processes(self, workers: int) -> int:
        """Run what is missing in processes of their own; how many took part."""
        before = set(multiprocessing.active_children())
        # Spawned on every system: a copy of a process with threads (numba's, the progress bar's) may lock up.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_wait_for_work)
        try:
            self._share_out(pool, workers)
        except BrokenProcessPool:
            # A script without `if __name__ == "__main__":` cannot be loaded again by a spawned process.
            self.here(self._total)
            workers = 1
        except BaseException:
            _interrupt(set(multiprocessing.active_children()) - before)
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return workers

    def _share_out(self, pool: ProcessPoolExecutor, workers: int) -> None:
        """Give each process one replication at a time, so that little is under way when the run is interrupted."""
        missing = (number for number in range(self._total) if number not in self._done)
        running: dict[Future[One], int] = {}
        while True:
            with _deaf_children():
                for number in itertools.islice(missing, workers - len(running)):
                    running[pool.submit(_run_for_parent, self._scenario, number, self._engine)] = number
            if not running:
                return
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                self._add(running.pop(future), future.result())

    def _add(self, number: int, one: One) -> None:
        self._done[number] = one
        self._report(len(self._done), self._total)


def run_one(scenario: Scenario, replication: int, engine: str) -> One:
    """One replication: plan, engine, measures."""
    plan = draw_plan(scenario, replication)
    return _measured(plan, simulate(plan, engine))


def _measured(plan: Plan, times: Times) -> One:
    values, daily = measure_all(plan, times)
    present, waiting = _at_the_end(plan, times)
    return One(values, daily, plan.people.arrival.size, present, waiting)


def _at_the_end(plan: Plan, times: Times) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """People in each setting at the end, and people waiting for a place in it."""
    inside = ~np.isnan(times.entered) & np.isnan(times.left)
    waiting = ~np.isnan(times.asked) & np.isnan(times.granted) & np.isnan(times.refused)
    settings = plan.pools.settings
    count = [np.bincount(plan.stays.setting[which], minlength=settings) for which in (inside, waiting)]
    return count[0].astype(np.int64), count[1].astype(np.int64)


def _run_for_parent(scenario: Scenario, replication: int, engine: str) -> One:
    """One replication in a process of its own, given up when the process is interrupted."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return run_one(scenario, replication, engine)
    except KeyboardInterrupt:
        raise InterruptedError from None
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes started meanwhile do not hear Ctrl-C while they load: they would each print where they were.

    It is held back here too, and heard at the end. Windows cannot hold it back.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wait_for_work() -> None:
    # Between two replications the parent alone decides what an interruption means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _interrupt(children: set[BaseProcess]) -> None:
    """Have the processes give up; killed in the middle of an answer, they would leave the parent waiting for its end.

    On Windows the console has interrupted all of them already.
    """
    for child in children if sys.platform != "win32" else ():
        if child.pid is not None:
            os.kill(child.pid, signal.SIGINT)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1
