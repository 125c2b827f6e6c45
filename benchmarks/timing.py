"""How long things take: medians of a few goes, and the figures of the engines and of a whole replication.

All of it in one process and on one core. What is counted is the processor's time, where the system counts that finely,
so that others at work on the machine disturb less; what is compared is run in turn.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import median
from time import get_clock_info, perf_counter, process_time
from typing import Any

import numpy as np

from dischargesim.engine import compiled_engine, simpy_engine, simulate
from dischargesim.engine.agenda import FRESH, exercise, new_agenda
from dischargesim.engine.columns import kernel_arguments
from dischargesim.measures import measure_all
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.schema import Scenario

GOES = 5
clock = process_time if get_clock_info("process_time").resolution < 1e-6 else perf_counter
SEED = 20_240_401


def seconds(function: Callable[[], Any], goes: int = GOES) -> float:
    """Median time of a call, after one that does not count."""
    function()
    return median(spent(function) for _ in range(goes))


def spent(function: Callable[[], Any]) -> float:
    """Time of one call, which does not have to clear away what was left by those before."""
    gc.collect()
    start = clock()
    function()
    return clock() - start


def in_turn(*functions: Callable[[], Any], goes: int = GOES) -> list[float]:
    """Median times of calls that are made in turn: what disturbs the machine for a while disturbs them all."""
    for function in functions:
        function()
    rounds = [[spent(function) for function in functions] for _ in range(goes)]
    return [median(times) for times in zip(*rounds, strict=True)]


def engine_seconds(plan: Plan) -> tuple[float, float]:
    """Seconds a run in SimPy and in the compiled engine."""
    simpy, compiled = in_turn(lambda: simpy_engine.run(plan), lambda: compiled_engine.run(plan))
    return simpy, compiled


def replication_seconds(scenario: Scenario) -> tuple[float, float]:
    """Seconds for a whole replication, drawn, simulated and measured, with SimPy and with the compiled engine."""

    def replication(engine: str) -> Callable[[], Any]:
        def whole() -> None:
            plan = draw_plan(scenario, 0)
            measure_all(plan, simulate(plan, engine))

        return whole

    simpy, compiled = in_turn(replication("simpy"), replication("compiled"))
    return simpy, compiled


def agenda_seconds(events: int, pending: int, buckets: int) -> float:
    """Seconds for filing and finding so many events, of which nothing happens when they come up.

    With a single bucket that is pushing them on a heap and popping them off it.
    """
    delays = np.random.default_rng(SEED).exponential(pending / events, events)
    return seconds(lambda: exercise(new_agenda(1.0, events, buckets), delays, pending))


def events_and_pending(plan: Plan) -> tuple[int, int]:
    """How many events a run has, and how many at most are pending at a time."""
    times = Times.empty(plan)
    times.entered[:] = plan.stays.entered
    arguments = kernel_arguments(plan, times)
    events = int(compiled_engine._compiled(*arguments))
    return events, int(arguments[-1].tally[FRESH])


def differing_columns(plan: Plan) -> int:
    """How many columns of times are not the same in both engines, to the last bit."""
    one, other = simpy_engine.run(plan), compiled_engine.run(plan)
    columns = [(getattr(one, name), getattr(other, name)) for name in Times.__slots__]
    return sum(not np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in columns)
