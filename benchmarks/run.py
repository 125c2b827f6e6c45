"""Every bound on speed and memory, measured: england_average for a year, in one process on one core.

    python -m benchmarks.run            # about a minute and a half
    python -m benchmarks.run --strict   # exit code 1 if a bound is not met

A year is `run.days=365` and the warm-up of 210 days before it: 575 days are drawn and simulated, and 365 of them
measured. Times are medians of five after a go that does not count. What is compared is run in turn.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from benchmarks.catchment import times_catchment
from benchmarks.timing import (
    agenda_seconds,
    differing_columns,
    engine_seconds,
    events_and_pending,
    in_turn,
    replication_seconds,
    seconds,
)
from dischargesim import draw_plan, load_scenario
from dischargesim.engine import compiled_engine, simulate
from dischargesim.measures import measure_all
from dischargesim.plan.check import check_plan
from dischargesim.plan.tables import Plan
from dischargesim.scenario.schema import Scenario

LARGER = 16


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it has to keep to: at most or at least a bound, or nothing (None)."""

    name: str
    value: float | None
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool:
        if self.value is None:
            return True
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    def __str__(self) -> str:
        value = "not measured here" if self.value is None else f"{_number(self.value)} {self.unit}"
        line = f"{self.name:<66}{value:>26}"
        if self.most is None and self.least is None:
            return line
        bound = f"at most {self.most:g}" if self.most is not None else f"at least {self.least:g}"
        return f"{line}   {bound:<13} {'met' if self.met else 'NOT MET'}"


def engines(plan: Plan) -> Iterator[Figure]:
    """The engines on the same plan, and what no engine can do without."""
    people = plan.people.arrival.size
    simpy, compiled = engine_seconds(plan)
    events, pending = events_and_pending(plan)
    yield Figure("SimPy, a person", simpy / people * 1e6, "microseconds", most=50)
    yield Figure("SimPy, a run", simpy * 1e3, "ms")
    yield Figure("compiled, a run", compiled * 1e3, "ms")
    yield Figure("compiled: times as fast as SimPy", simpy / compiled, "times", least=50)
    yield Figure("compiled, an event", compiled / events * 1e9, "ns", most=120)
    heap = agenda_seconds(events, pending, buckets=1)
    yield Figure(f"  {events:,} events on and off a heap of {pending:,}, an event", heap / events * 1e9, "ns")
    bucketed = agenda_seconds(events, pending, buckets=events // 3)
    yield Figure("  the same in the buckets of the compiled engine, an event", bucketed / events * 1e9, "ns")
    yield Figure("columns of times that differ between the engines", differing_columns(plan), "of 11", most=0)


def replications(scenario: Scenario, plan: Plan) -> Iterator[Figure]:
    """A whole replication: drawn, simulated, measured."""
    times = simulate(plan, "compiled")
    draw, check, compiled, measure = in_turn(
        lambda: draw_plan(scenario, 0),
        lambda: check_plan(plan),
        lambda: compiled_engine.run(plan),
        lambda: measure_all(plan, times),
    )
    yield Figure("draw the plan", draw * 1e3, "ms")
    yield Figure("measure", measure * 1e3, "ms")
    yield Figure("draw and measure", (draw + measure) * 1e3, "ms", most=40)
    bare = scenario.model_copy(update={"run": scenario.run.model_copy(update={"warm_up_days": 0})})
    bare_plan = draw_plan(bare, 0)
    bare_times = simulate(bare_plan, "compiled")
    without = sum(in_turn(lambda: draw_plan(bare, 0), lambda: measure_all(bare_plan, bare_times)))
    yield Figure("  the same without a warm-up (365 days in all)", without * 1e3, "ms")
    yield Figure("check the plan before it is run", check * 1e3, "ms")
    simpy_whole, compiled_whole = replication_seconds(scenario)
    yield Figure("whole replication with SimPy", simpy_whole * 1e3, "ms")
    yield Figure("whole replication, compiled", compiled_whole * 1e3, "ms")
    yield Figure("whole replication: times as fast as with SimPy", simpy_whole / compiled_whole, "times", least=20)
    both = draw + measure
    # `simulate` sees that the tables of a plan do not contradict each other before it runs it.
    yield Figure("draw and measure, against simulate()", both / (check + compiled), "times", most=1)
    yield Figure("  against the compiled run alone", both / compiled, "times")


def growth(scenario: Scenario, plan: Plan) -> Iterator[Figure]:
    """Time a person with a larger catchment."""
    larger = draw_plan(times_catchment(scenario, LARGER), 0)
    # Not in turn with the smaller plan, which would find the cache full of the larger one.
    once, many = (seconds(lambda one=one: compiled_engine.run(one)) for one in (plan, larger))
    a_person = once / plan.people.arrival.size, many / larger.people.arrival.size
    yield Figure(
        f"time a person at {LARGER} times the catchment, against once", a_person[1] / a_person[0], "times", 1.8
    )


def starts() -> Iterator[Figure]:
    """Processes of their own."""
    yield Figure("peak memory of a year, loading included", processes.peak_megabytes(table=False), "MB", most=300)
    tabulated = processes.peak_megabytes(table=True)
    yield Figure("  the same with a table of the figures, which loads pandas", tabulated, "MB", most=300)
    yield Figure("import dischargesim", processes.import_seconds(), "s", most=0.5)
    cold, second, auto = processes.start_seconds()
    yield Figure("run system=small, compiling first", cold, "s", most=20)
    yield Figure("run system=small, compiled before", second, "s", most=2)
    yield Figure("run system=small, engine=auto", auto, "s", most=2)


def machine() -> str:
    """Processor, cores and Python: all that may be said of where this ran."""
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = (line.partition(":") for line in information.read_text().splitlines())
        model = next((value.strip() for name, _, value in lines if name.strip() == "model name"), model)
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--strict", action="store_true", help="exit code 1 if a bound is not met")
    options = parser.parse_args()
    scenario = load_scenario(["system=england_average", "run.days=365"])
    plan = draw_plan(scenario, 0)
    print(machine())
    sizes = f"{plan.people.arrival.size:,} people, {plan.stays.person.size:,} stays, {plan.tasks.stay.size:,} tasks"
    print(f"england_average, 365 days after {scenario.run.warm_up_days} days of warm-up: {sizes}\n")
    missed = 0
    for group in (engines(plan), replications(scenario, plan), growth(scenario, plan), starts()):
        for figure in group:
            print(figure, flush=True)
            missed += not figure.met
    print(f"\n{missed} of the bounds not met" if missed else "\nall bounds met")
    return 1 if options.strict and missed else 0


if __name__ == "__main__":
    sys.exit(main())
