"""Which runs may be compared person by person: those of the same people on the same days.

Every person's own numbers are keyed by the seed, the replication, the name of the stream that the person comes from,
and the person's number in it (docs/decisions/0007-random-numbers-of-people.md). Two scenarios with the same seed and
the same demand therefore have the same people in the same replication, with the same needs, and differ by what was
changed and not by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.arrivals import draw_sources
from dischargesim.plan.streams import Streams
from dischargesim.scenario.problems import Problem, Warning_, shown
from dischargesim.scenario.schema import Scenario

Ints = NDArray[np.int64]

ADDED_ON_PURPOSE = ("surges", "effects")
"""Parts of a cohort's arrivals in which a scenario may differ: they add or take away people and leave the others."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a scenario's replications before its figures are looked at.

    Attributes
    ----------
    label : str
        What the reader calls it.
    scenario : Scenario
    replications : ndarray of int64
        Their numbers.
    version : str
        Of the package that ran them.
    """

    label: str
    scenario: Scenario
    replications: Ints
    version: str


@dataclass(frozen=True, slots=True)
class InCommon:
    """People of one replication of two scenarios, those who are in at the start left out.

    Attributes
    ----------
    both, only_first, only_second : int
        People who come in both scenarios, and in one alone.
    same_time : int
        Of those in both, the ones who come at the same moment.
    """

    both: int
    only_first: int
    only_second: int
    same_time: int


def why_not(baseline: Run, option: Run) -> list[Problem]:
    """Why two runs cannot be paired.

    Parameters
    ----------
    baseline, option : Run

    Returns
    -------
    list of Problem
        One for each thing in which they differ and may not; empty if they can be paired.
    """
    return [
        Problem(f"{option.label}: {path}", f"{problem}; cannot be paired with {baseline.label}", got, expected)
        for path, problem, got, expected in _differences(baseline, option)
    ]


def _differences(baseline: Run, option: Run) -> Iterator[tuple[str, str, str, str]]:
    """Path, what is wrong, what was found, and what was expected."""
    if option.version != baseline.version:
        yield "version", "was run by another version of dischargesim", option.version, baseline.version
    first, second = baseline.scenario, option.scenario
    for path, problem in _SAME.items():
        one, other = _at(first, path), _at(second, path)
        if one != other:
            yield path, problem, shown(other), shown(one)
    yield from _demand(first, second)
    if not np.intersect1d(baseline.replications, option.replications).size:
        numbers = _numbers(option.replications), _numbers(baseline.replications)
        yield "replications", "no replication has the same number", *numbers


_SAME = {
    "run.seed": "other people, drawn from another seed",
    "run.days": "another number of counted days",
    "run.warm_up_days": "another warm-up",
    "start_date": "other days of the calendar",
    "nation": "other bank holidays",
}


def _at(scenario: Scenario, path: str) -> Any:
    value: Any = scenario
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _demand(first: Scenario, second: Scenario) -> Iterator[tuple[str, str, str, str]]:
    for name in sorted({*first.cohorts} ^ {*second.cohorts}):
        missing, there = ("nobody", "people") if name in first.cohorts else ("people", "nobody")
        yield f"cohorts.{name}", "a cohort comes in one of the two alone", missing, there
    for name, cohort in first.cohorts.items():
        if name not in second.cohorts:
            continue
        one, other = cohort.arrivals, second.cohorts[name].arrivals
        for field in type(one).model_fields:
            before, after = getattr(one, field), getattr(other, field)
            if field not in ADDED_ON_PURPOSE and before != after:
                # Two lists of the same length, or the same keys, look alike when shortened.
                told = (shown(after), shown(before)) if shown(after) != shown(before) else ("other values", "")
                yield f"cohorts.{name}.arrivals.{field}", "other demand", *told


def _numbers(replications: Ints) -> str:
    if not replications.size:
        return "none"
    return f"{replications.min()} to {replications.max()}"


def notes(baseline: Run, option: Run) -> list[Warning_]:
    """What a reader should know of two runs that can be paired.

    Parameters
    ----------
    baseline, option : Run

    Returns
    -------
    list of Warning_
        People whom surges and rate effects add or take away, people in at the start, and replications that only one of
        the two has.
    """
    first, second = baseline.scenario, option.scenario
    found = []
    for name, cohort in first.cohorts.items():
        other = second.cohorts.get(name)
        for field in ADDED_ON_PURPOSE:
            if other is not None and getattr(cohort.arrivals, field) != getattr(other.arrivals, field):
                path = f"{option.label}: cohorts.{name}.arrivals.{field}"
                text = f"differ from {baseline.label}: some people come in one of the two alone, all others in both"
                found.append(Warning_(path, text))
    if first.start != second.start or first.census != second.census:
        text = f"the people who are in when the run starts differ from {baseline.label}"
        found.append(Warning_(f"{option.label}: start", text))
    common = np.intersect1d(baseline.replications, option.replications).size
    if common < max(baseline.replications.size, option.replications.size):
        text = (
            f"{common} replications are paired; it has {option.replications.size} and {baseline.label} "
            f"{baseline.replications.size}"
        )
        found.append(Warning_(f"{option.label}: replications", text))
    return found


def people_in_common(first: Scenario, second: Scenario, replication: int) -> InCommon:
    """Count the people that a replication of two scenarios has in common.

    Parameters
    ----------
    first, second : Scenario
    replication : int
        Its number.

    Returns
    -------
    InCommon
    """
    one, other = _people(first, replication), _people(second, replication)
    both = same_time = alone = 0
    for stream, (number, arrival) in one.items():
        number_other, arrival_other = other.get(stream, (number[:0], arrival[:0]))
        _, here, there = np.intersect1d(number, number_other, assume_unique=True, return_indices=True)
        both += here.size
        same_time += int((arrival[here] == arrival_other[there]).sum())
        alone += number.size - here.size
    return InCommon(both, alone, sum(number.size for number, _ in other.values()) - both, same_time)


def _people(scenario: Scenario, replication: int) -> dict[str, tuple[Ints, NDArray[np.float64]]]:
    """Number and arrival of the people of each stream."""
    sources, _ = draw_sources(scenario, Streams(scenario.run.seed, replication))
    return {source.stream: (source.number, source.arrival) for source in sources}
