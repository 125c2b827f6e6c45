"""Discharge to assess in Bristol, North Somerset and South Gloucestershire, 2023: people in, and people delayed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dischargesim import draw_plan, load_scenario, simulate
from dischargesim.data import bnssg, bnssg_by_weekday
from dischargesim.measures import measure_index, measure_values
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.schema import Scenario
from tests.verification.check import Check, Figure, Run

SOURCE = "BNSSG discharge to assess, 2023; IPACS inputs (doi 10.5281/zenodo.7845908)"
DAYS = 181
FIRST_DAY = "2023-01-01"
"""A Sunday: the mean referrals a day that come with the inputs are those of 181 days from then."""
Z_95 = 1.959964

UNLIMITED = {"P2_B": 118.50, "P2_NS": 79.24, "P2_SG": 70.43, "P3_B": 101.81, "P3_NS": 44.39, "P3_SG": 69.25}
"""Mean people in over the 181 days, with places without limit."""
DELAYED = {
    "P2_B": (66.4, 1.9),
    "P2_NS": (154.6, 1.4),
    "P2_SG": (39.2, 1.5),
    "P3_B": (100.3, 1.5),
    "P3_NS": (21.2, 0.9),
    "P3_SG": (110.5, 1.4),
}
"""Mean people delayed with the places there were, and the half-width of the 95% interval."""


@lru_cache
def system(places_for_all: bool) -> Scenario:
    """The shipped system, as the study has it: referrals by day and not by hour, and what is left even on (1, X)."""
    scenario = load_scenario(["system=bnssg_2023", f"start_date={FIRST_DAY}", f"run.days={DAYS}"])
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for node in UNLIMITED:
        del data["cohorts"][node]["arrivals"]["hours"]
        data["start"][node]["remaining"] = "uniform"
        if places_for_all:
            data["settings"][node]["capacity"] = "unlimited"
            data["start"][node]["waiting"] = 0
    return build_scenario(data)


def means(scenario: Scenario, measure: str, axis: str, number: int) -> list[float]:
    """A measure of every node, in one replication; settings and pathways have the names of the nodes."""
    plan = draw_plan(scenario, number)
    values = measure_values(plan, simulate(plan, "compiled"))
    index = {(row.measure, row.group): place for place, row in enumerate(measure_index(scenario))}
    return [float(values[index[measure, f"{axis}={node}"]]) for node in UNLIMITED]


def expected_in(node: str) -> float:
    """Mean people in by the clock with places without limit, by numerical integration from the published inputs."""
    from scipy import integrate, stats

    inputs = bnssg().set_index("node").loc[node]
    week = bnssg_by_weekday().set_index("node").loc[node]
    by_day = np.array(
        [week[day] for day in ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")]
    )
    stay = stats.lognorm(inputs["sigma"], scale=np.exp(inputs["mu"]))
    days = np.arange(DAYS + 1)
    # Days spent within the first t days by somebody with a whole stay before them, and its integral.
    grid = np.linspace(0, DAYS, 24 * DAYS + 1)
    spent = integrate.cumulative_simpson(stay.sf(grid), x=grid, initial=0)
    summed = integrate.cumulative_simpson(spent, x=grid, initial=0)[::24]
    # Referred at any time of one day, and so with between t - 1 and t days to go: the mean of `spent` over those.
    come = sum(by_day[day % 7] * (summed[DAYS - day] - summed[DAYS - day - 1]) for day in days[:-1])
    long = stay.ppf((np.arange(200_000) + 0.5) / 200_000)
    # E min(1 + (X - 1) U, T) for U even on (0, 1).
    share = np.minimum((DAYS - 1) / (long - 1), 1.0)
    still = np.mean(1 + (long - 1) * share**2 / 2 + (DAYS - 1) * (1 - share))
    return float((come + inputs["occ"] * still) / DAYS)


def people_in() -> Check:
    """Places without limit, and nobody waiting at the start."""

    def replicate(run: Run) -> list[float]:
        return means(system(places_for_all=True), "setting_in_use", "setting", run.number)

    return Check(
        "bnssg_people",
        "bnssg_2023 over 181 days, places without limit, nobody waiting at the start",
        "mean by the clock; n E min(R, T) / T + Σ λ(day) E min(S, T - day) / T, R even on (1, S), gives the same",
        SOURCE,
        tuple(Figure(f"people in, {node}", people, rounding=0.005) for node, people in UNLIMITED.items()),
        replicate,
        replications=400,
    )


def people_delayed() -> Check:
    """The places there were, and the people who waited."""

    def replicate(run: Run) -> list[float]:
        return means(system(places_for_all=False), "nctr_remaining", "pathway", run.number)

    return Check(
        "bnssg_delayed",
        "bnssg_2023 over 181 days, with the places and the people waiting that there were",
        "people ready and not yet away at midnight; published 95% half-widths 1.9, 1.4, 1.5, 1.5, 0.9, 1.4",
        SOURCE,
        tuple(
            Figure(f"people delayed, {node}", mean, error=half_width / Z_95, rounding=0.05)
            for node, (mean, half_width) in DELAYED.items()
        ),
        replicate,
        replications=600,
    )


CHECKS = (people_in(), people_delayed())
"""All checks of this module."""
