"""Little's law and conservation, exactly, in every setting and team of the systems that are shipped.

Little (1961): the mean number in a system is the rate at which people come times the mean time they spend. Over a
window that begins and ends with people inside, it holds to the last digit if everybody counts with the part of their
time that lies in it: the area under the number inside, walked through event by event, is the sum of those times, and
both are what the measures say.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pytest

from dischargesim import draw_plan, load_scenario, simulate
from dischargesim.measures import measure_index, measure_values
from dischargesim.plan.tables import NONE, Plan, Times
from dischargesim.scenario.files import sources
from dischargesim.scenario.places import placed_settings, placed_teams

SYSTEMS = sources("system")
OPTIONS = ("run.days=45", "run.warm_up_days=20")


class Visit(NamedTuple):
    """Somebody, or some task, inside from one moment to another; inf if that has not come."""

    pool: str
    begins: float
    ends: float
    units: int


class Ran(NamedTuple):
    plan: Plan
    times: Times
    figures: dict[tuple[str, str], float]


@lru_cache
def ran(system: str) -> Ran:
    scenario = load_scenario([f"system={system}", *OPTIONS])
    plan = draw_plan(scenario)
    times = simulate(plan, "auto")
    rows = [(row.measure, row.group) for row in measure_index(scenario)]
    return Ran(plan, times, dict(zip(rows, measure_values(plan, times).tolist(), strict=True)))


def or_never(moment: float) -> float:
    return float("inf") if np.isnan(moment) else float(moment)


def held(plan: Plan, times: Times) -> Iterator[Visit]:
    """Places, from being given one until leaving it."""
    for row in np.flatnonzero(~np.isnan(times.granted)):
        setting = plan.pools.names[plan.stays.setting[row]]
        yield Visit(setting, times.granted[row], or_never(times.left[row]), plan.stays.units[row])


def waiting(plan: Plan, times: Times) -> Iterator[Visit]:
    """People, from asking for a place until given one or giving up."""
    for row in np.flatnonzero(~np.isnan(times.asked) & np.isnan(plan.stays.entered)):
        until = min(or_never(times.granted[row]), or_never(times.refused[row]))
        yield Visit(plan.pools.names[plan.stays.setting[row]], times.asked[row], until, 1)


def queued(plan: Plan, times: Times) -> Iterator[Visit]:
    """Tasks, from joining a team's queue until taken up, or until the stay they were for is over."""
    for row in np.flatnonzero(~np.isnan(times.queued) & (plan.tasks.team != NONE)):
        stay = plan.tasks.stay[row]
        onward = plan.stays.next[stay]
        given_up = float("inf") if onward == NONE else or_never(times.refused[onward])
        until = min(or_never(times.started[row]), or_never(times.left[stay]), given_up)
        yield Visit(team(plan, row), times.queued[row], until, 1)


def in_hand(plan: Plan, times: Times) -> Iterator[Visit]:
    """Tasks that somebody is at."""
    for row in np.flatnonzero(~np.isnan(times.started) & (plan.tasks.team != NONE)):
        yield Visit(team(plan, row), times.started[row], or_never(times.done[row]), 1)


def team(plan: Plan, task: int) -> str:
    return plan.pools.names[plan.pools.settings + plan.tasks.team[task]]


def walked(visits: list[Visit], start: float, end: float) -> tuple[float, int]:
    """Area under the number inside, and the number inside at the end, going from event to event."""
    events = [(v.begins, v.units) for v in visits] + [(v.ends, -v.units) for v in visits]
    events = sorted(event for event in events if event[0] <= end)
    inside, area, before = 0, 0.0, start
    for moment, change in events:
        if moment >= start:
            area += inside * (min(moment, end) - before)
            before = min(moment, end)
        inside += change
    return area + inside * (end - before), inside


def summed(visits: list[Visit], start: float, end: float) -> float:
    """Everybody's time inside, as far as it lies in the window."""
    return sum(v.units * max(min(v.ends, end) - max(v.begins, start), 0.0) for v in visits)


def by_pool(visits: Iterator[Visit], pools: tuple[str, ...] | list[str]) -> dict[str, list[Visit]]:
    found: dict[str, list[Visit]] = {pool: [] for pool in pools}
    for visit in visits:
        if visit.pool in found:
            found[visit.pool].append(visit)
    return found


@pytest.mark.parametrize(
    ("measure", "axis", "visits"),
    [
        ("setting_in_use", "setting", held),
        ("setting_queue", "setting", waiting),
        ("team_queue", "team", queued),
    ],
)
@pytest.mark.parametrize("system", SYSTEMS)
def test_littles_law(system: str, measure: str, axis: str, visits) -> None:  # type: ignore[no-untyped-def]
    plan, times, figures = ran(system)
    scenario = plan.scenario
    assert scenario is not None
    start, end = float(scenario.run.warm_up_days), plan.horizon
    pools = placed_settings(scenario) if axis == "setting" else placed_teams(scenario)
    if not pools:
        pytest.skip("no teams")
    some = 0
    for pool, inside in by_pool(visits(plan, times), pools).items():
        area, _ = walked(inside, start, end)
        assert area == pytest.approx(summed(inside, start, end), rel=1e-9, abs=1e-9), pool
        assert figures[measure, f"{axis}={pool}"] * scenario.run.days == pytest.approx(area, rel=1e-9, abs=1e-9), pool
        some += area > 0
    assert some


@pytest.mark.parametrize("system", SYSTEMS)
def test_nobody_is_at_two_tasks(system: str) -> None:
    """As many tasks are in hand as were taken up and are not done, and never more than there are staff."""
    plan, times, _ = ran(system)
    pools = plan.pools
    for pool, visits in by_pool(in_hand(plan, times), pools.names[pools.settings :]).items():
        rows = pools.change_pool == pools.names.index(pool)
        staff = int(pools.change_capacity[rows].max())
        most = max((walked(visits, 0.0, float(v.begins))[1] for v in visits[:: max(len(visits) // 200, 1)]), default=0)
        assert most <= staff, pool
        assert walked(visits, 0.0, plan.horizon)[1] == sum(np.isinf(v.ends) for v in visits)


@pytest.mark.parametrize("system", SYSTEMS)
def test_everybody_who_came_is_in_one_place_or_gone(system: str) -> None:
    """At every midnight somebody who has come waits to come in, is in one place, or has left."""
    plan, times, figures = ran(system)
    people = plan.people
    first = people.first
    for midnight in np.arange(0.0, plan.horizon + 1, 5.0):
        here = (times.entered <= midnight) & ~(times.left <= midnight)
        places = np.bincount(plan.stays.person[here], minlength=people.arrival.size)
        assert places.max(initial=0) <= 1
        asks = (times.asked <= midnight) & ~(np.fmin(times.entered, times.refused) <= midnight)
        waits = np.bincount(plan.stays.person[asks], minlength=people.arrival.size) > 0
        come = times.asked[first] <= midnight
        assert not (places.astype(bool) & ~come).any()
        gone = come & (places == 0) & ~waits
        ended = np.zeros(people.arrival.size, dtype=bool)
        ended[plan.stays.person[(times.left <= midnight) | (times.refused <= midnight)]] = True
        assert ended[gone].all()
    names = ("at_start", "arrived", "left", "still_in")
    start, arrived, left, still = (figures[f"people_{name}", "all"] for name in names)
    assert start + arrived == left + still
