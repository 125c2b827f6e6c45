"""Monks and others 2016: the chance of a delay at an acute stroke unit and in rehabilitation, by the number of beds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from dischargesim import draw_plan, load_scenario, simulate
from dischargesim.measures import daily_index, daily_values
from dischargesim.scenario.schema import Scenario
from tests.theory.formulas import erlang_b
from tests.verification.check import Check, Figure, Run

HERE = Path(__file__).parent
SOURCE = "Monks and others, BMC Health Services Research 2016, 16:530"
HOW = "P(delay) with b beds = P(N = b) / P(N ≤ b), N people in at midnight with beds without limit"

ACUTE = {9: 0.19, 10: 0.14, 11: 0.09, 12: 0.06, 13: 0.04, 14: 0.02}
ACUTE_ERLANG = {9: 0.191, 10: 0.138, 11: 0.095, 12: 0.062, 13: 0.038, 14: 0.022}
"""The same by Erlang's formula at a load of 8.355, as the study gives it."""
REHABILITATION = {10: 0.20, 12: 0.11, 13: 0.08, 14: 0.05, 15: 0.03, 16: 0.02}
MORE_ACUTE = {10: 0.16, 11: 0.11, 12: 0.07, 13: 0.05, 14: 0.03}
"""With 5% more people."""
POOLED = {22: 0.057, 26: 0.016}

POOLED_REASON = (
    "the publication: people in the two units are independent Poisson numbers, so the chances it gives for each unit "
    "alone (loads 8.355 and 9.718) make {expected:.4f} for both together; {published} needs a load of {load:.1f} "
    "in place of 18.1"
)


def load_of(beds: int, delayed: float) -> float:
    """The load at which so many are delayed, by bisection."""
    low, high = 0.0, 10.0 * beds
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if erlang_b(beds, middle) < delayed else (low, middle)
    return low


@lru_cache
def stroke(more: float = 1.0) -> Scenario:
    """The system, with so many times the people."""
    scenario = load_scenario(["system=stroke_2016"], HERE)
    if more == 1.0:
        return scenario
    rates = {name: cohort.arrivals.per_day for name, cohort in scenario.cohorts.items()}
    changes = [f"cohorts.{name}.arrivals.per_day={rate * more!r}" for name, rate in rates.items() if rate is not None]
    return load_scenario(["system=stroke_2016", *changes], HERE)


def loads(more: float = 1.0) -> tuple[float, float]:
    """People who would be in each unit on average: rates times stays, as the YAML has them."""
    scenario = stroke(more)
    asu = rehab = 0.0
    for cohort in scenario.cohorts.values():
        rate = cohort.arrivals.per_day
        assert rate is not None
        if cohort.setting == "rehab":
            rehab += rate * cohort.stay_days.mean()
            continue
        asu += rate * cohort.stay_days.mean()
        for pathway, share in cohort.pathways.items():
            if "rehab" in scenario.pathways[pathway].next:
                rehab += rate * share * scenario.pathways[pathway].next["rehab"].stay_days.mean()
    return asu, rehab


def delayed(people: np.ndarray, beds: Sequence[int]) -> list[float]:
    """Chance of a delay by the number of beds, from the people in at each midnight."""
    return [float((people == number).sum() / (people <= number).sum()) for number in beds]


def people_in(more: float, number: int) -> tuple[np.ndarray, np.ndarray]:
    """People in each unit at each midnight of one replication."""
    scenario = stroke(more)
    plan = draw_plan(scenario, number)
    rows = [(row.measure, row.group) for row in daily_index(scenario)]
    daily = daily_values(plan, simulate(plan, "compiled"))
    asu, rehab = (daily[rows.index(("daily_people", f"setting={unit}"))] for unit in ("asu", "rehab"))
    return asu, rehab


def published(unit: str, table: dict[int, float], digits: int, reason: str = "", load: float = 0.0) -> list[Figure]:
    """Figures as the study rounds them."""
    return [
        Figure(
            f"P(delay), {unit}, {beds} beds",
            share,
            rounding=0.5 * 10**-digits,
            not_met=reason.format(expected=erlang_b(beds, load), published=share, load=load_of(beds, share)),
        )
        for beds, share in table.items()
    ]


def as_it_was() -> Check:
    """The base case, and both units as one pool of beds."""

    def replicate(run: Run) -> list[float]:
        asu, rehab = people_in(1.0, run.number)
        return [
            *delayed(asu, list(ACUTE)),
            *delayed(rehab, list(REHABILITATION)),
            *delayed(asu + rehab, list(POOLED)),
        ]

    return Check(
        "stroke",
        "Acute stroke unit and rehabilitation (tests/published/system/stroke_2016.yaml), from YAML to measures",
        HOW,
        SOURCE,
        (
            *published("acute", ACUTE, 2),
            *published("rehabilitation", REHABILITATION, 2),
            *published("one pool", POOLED, 3, POOLED_REASON, sum(loads())),
        ),
        replicate,
        replications=240,
    )


def by_theory() -> Check:
    """The base case against Erlang's formula, at the loads that the YAML gives."""
    asu_load, rehab_load = loads()

    def replicate(run: Run) -> list[float]:
        asu, rehab = people_in(1.0, run.number)
        return [*delayed(asu, list(ACUTE)), *delayed(rehab, [10, 13, 16]), *delayed(asu + rehab, list(POOLED))]

    return Check(
        "stroke_theory",
        "The same, against theory where the study gives none",
        "B(b, a): N is Poisson, and N of both units together too",
        "Erlang 1917; Palm 1943",
        (
            *(
                Figure(f"P(delay), acute, {beds} beds (load {asu_load:.3f})", erlang_b(beds, asu_load))
                for beds in ACUTE
            ),
            *(
                Figure(f"P(delay), rehabilitation, {beds} beds (load {rehab_load:.3f})", erlang_b(beds, rehab_load))
                for beds in (10, 13, 16)
            ),
            *(Figure(f"P(delay), one pool, {beds} beds", erlang_b(beds, asu_load + rehab_load)) for beds in POOLED),
        ),
        replicate,
        replications=240,
    )


def five_percent_more() -> Check:
    """Five percent more people."""

    def replicate(run: Run) -> list[float]:
        return delayed(people_in(1.05, run.number)[0], list(MORE_ACUTE))

    return Check(
        "stroke_more",
        "The same with 5% more people",
        HOW,
        SOURCE,
        tuple(published("acute", MORE_ACUTE, 2)),
        replicate,
        replications=240,
    )


CHECKS = (as_it_was(), by_theory(), five_percent_more())
"""All checks of this module."""
