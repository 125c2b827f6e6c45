"""The unit of work: a batch of replications of one scenario.

It runs the same in this process, a thread, a spawned process, or on a Dask or SLURM worker; no plan and no times leave
the worker, only figures.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dischargesim.engine import choose, simulate
from dischargesim.loops import announced
from dischargesim.measures import measure_all
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
    present: Ints
    waiting: Ints


@dataclass(frozen=True, slots=True)
class Batch:
    """What several replications, one after the other, came to.

    Attributes
    ----------
    first : int
        Number of the first replication.
    values : ndarray of float64, (replications, rows of `measures.measure_index`)
        Figures of the whole run.
    daily : ndarray of float64, (replications, rows of `measures.daily_index`, days)
        Daily series.
    people : ndarray of int64, (replications,)
        Everyone in the plan.
    present, waiting : ndarray of int64, (replications, settings)
        People in each setting at the end of the run, and people waiting for a place in it.
    engine : str
        Engine that was taken.
    seconds : float
        Processor time.
    """

    first: int
    values: Floats
    daily: Floats
    people: Ints
    present: Ints
    waiting: Ints
    engine: str = field(default="auto", compare=False)
    seconds: float = field(default=0.0, compare=False)

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[One]:
        for at in range(len(self)):
            people = int(self.people[at])
            yield One(self.values[at], self.daily[at], people, self.present[at], self.waiting[at])


def run_batch(
    scenario: Scenario, first: int, count: int, engine: str = "auto", on_compile: Callable[[], None] | None = None
) -> Batch:
    """Draw, simulate and measure replications `first` to `first + count - 1`.

    Parameters
    ----------
    scenario : Scenario
    first, count : int
    engine : str
        As for `simulate`.
    on_compile : callable, optional
        Called once if the engine, or loops of the plan and the measures, have to be compiled first.

    Returns
    -------
    Batch
    """
    began = time.thread_time()
    runs = []
    with announced(on_compile) as say:
        for replication in range(first, first + count):
            plan = draw_plan(scenario, replication)
            engine = choose(plan, engine)
            runs.append(_measured(plan, simulate(plan, engine, say)))
    return _stacked(first, runs, engine, time.thread_time() - began)


def _stacked(first: int, runs: Sequence[One], engine: str, seconds: float) -> Batch:
    return Batch(
        first,
        np.stack([run.values for run in runs]),
        np.stack([run.daily for run in runs]),
        np.array([run.people for run in runs], dtype=np.int64),
        np.stack([run.present for run in runs]),
        np.stack([run.waiting for run in runs]),
        engine,
        seconds,
    )


def _measured(plan: Plan, times: Times) -> One:
    values, daily = measure_all(plan, times)
    present, waiting = _at_the_end(plan, times)
    return One(values, daily, plan.people.arrival.size, present, waiting)


def _at_the_end(plan: Plan, times: Times) -> tuple[Ints, Ints]:
    """People in each setting at the end, and people waiting for a place in it."""
    inside = ~np.isnan(times.entered) & np.isnan(times.left)
    waiting = ~np.isnan(times.asked) & np.isnan(times.granted) & np.isnan(times.refused)
    settings = plan.pools.settings
    count = [np.bincount(plan.stays.setting[which], minlength=settings) for which in (inside, waiting)]
    return count[0].astype(np.int64), count[1].astype(np.int64)
