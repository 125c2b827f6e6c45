"""The same people in two scenarios, one by one: whose delay is shorter, and who is admitted in one of them alone.

A mean that does not change may hide that some wait less and others more. A person is the same in two scenarios if the
stream they come from and their number in it are (see `pairing`). The times of single people are not kept with results,
so both scenarios are simulated again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dischargesim.engine import simulate
from dischargesim.measures.frame import Frame, tally
from dischargesim.plan.codes import Label
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME_WITHIN = 1 / 24
"""Days. Delays that differ by less than an hour are the same."""


class Person(NamedTuple):
    """What happened to people in the counted days of a run, one entry a person.

    Attributes
    ----------
    who : ndarray of int64
        The same number for the same person in any scenario, ascending.
    delay : ndarray of float64
        Days in an acute bed after being ready to leave it.
    admitted : ndarray of float64
        How often they came in to an acute bed.
    """

    who: Ints
    delay: Floats
    admitted: Floats


class Counts(NamedTuple):
    """People for whom something is less, more or the same in the second of two scenarios."""

    less: int
    more: int
    same: int


def person_by_person(plan: Plan, times: Times) -> Person:
    """Delay and admissions of everybody in a run.

    Parameters
    ----------
    plan : Plan
        Drawn from a scenario.
    times : Times
        What an engine made of it.
    """
    frame = Frame.of(plan, times)
    people, stays = plan.people, plan.stays
    delayed = frame.delayed.compress(frame.facts.acute.take(stays.setting.take(frame.delayed)))
    days = frame.window.clip(times.left.take(delayed)) - frame.window.clip(times.ready.take(delayed))
    # Moves and setbacks are no admissions.
    label = stays.label.take(frame.acute)
    admitted = frame.acute.compress((label == Label.ADMISSION) | (label == Label.READMISSION))
    admitted = admitted.compress(frame.window.holds(times.entered.take(admitted)))
    who = (people.origin.astype(np.int64) << 32) + people.number
    order = np.argsort(who)
    return Person(
        who[order],
        tally(stays.person.take(delayed), who.size, days)[order],
        tally(stays.person.take(admitted), who.size)[order],
    )


def held_against(first: Person, second: Person) -> dict[str, Counts]:
    """Count the people whose delay and whose admissions differ between two scenarios.

    Parameters
    ----------
    first, second : Person
        Of the same replication.

    Returns
    -------
    dict of str to Counts
        For ``delay``, of the people in both who were admitted in either; for ``admissions``, of all in both.
    """
    _, here, there = np.intersect1d(first.who, second.who, assume_unique=True, return_indices=True)
    in_hospital = (first.admitted[here] > 0) | (second.admitted[there] > 0)
    longer = (second.delay[there] - first.delay[here])[in_hospital]
    return {
        "delay": _counts(longer, SAME_WITHIN),
        "admissions": _counts(second.admitted[there] - first.admitted[here], 0.5),
    }


def _counts(change: Floats, least: float) -> Counts:
    less, more = int((change <= -least).sum()), int((change >= least).sum())
    return Counts(less, more, change.size - less - more)


def by_person(
    baseline: Scenario, options: Sequence[tuple[str, Scenario]], replications: Sequence[int], engine: str = "auto"
) -> pd.DataFrame:
    """Simulate scenarios again and hold their people against each other.

    Parameters
    ----------
    baseline : Scenario
    options : sequence of (str, Scenario)
        With their labels; each may be paired with the baseline (`pairing.why_not`).
    replications : sequence of int
        Their numbers.
    engine : str
        As for `simulate`.

    Returns
    -------
    pandas.DataFrame
        A row each option, figure (``delay``, ``admissions``) and replication: option, figure, replication, less, more,
        same.
    """
    import pandas as pd

    rows = []
    for number in replications:
        first = _run(baseline, number, engine)
        for label, scenario in options:
            found = held_against(first, _run(scenario, number, engine))
            rows += [(label, figure, number, *counts) for figure, counts in found.items()]
    return pd.DataFrame(rows, columns=["option", "figure", "replication", *Counts._fields])


def _run(scenario: Scenario, replication: int, engine: str) -> Person:
    plan = draw_plan(scenario, replication)
    return person_by_person(plan, simulate(plan, engine))
