"""Offered load against capacity, before anything runs: which settings and teams are asked for more than they have.

A system that is asked for more than it can do has no steady state: its queues grow for as long as it is run. The
load here is that of care and work alone; people who wait in a bed for the next place add to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from dischargesim.scenario.flows import (
    Floats,
    Flow,
    capacity_at_start,
    expected_arrivals,
    flows,
    open_hours_by_day,
    staffed_share,
)
from dischargesim.scenario.hours import DAYS, days_of_week
from dischargesim.scenario.journeys import TaskUse
from dischargesim.scenario.problems import Warning_
from dischargesim.scenario.rates import first_day
from dischargesim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Load:
    """What one setting or team is asked for, and what it has.

    Attributes
    ----------
    kind : {"setting", "team"}
        What it is.
    name, title : str
        Key in the scenario, and what the reader sees.
    unit : str
        Unit of load and capacity: the setting's own, or hours a week.
    load, capacity : float
        Means over the counted days. Capacity is inf where there is no limit.
    ratio : float
        Load over capacity; above 1 the queue grows for as long as it goes on. NaN where both are 0.
    worst_month : str
        Month, such as ``2025-01``, in which the ratio is greatest.
    worst_ratio : float
        The ratio in that month.
    """

    kind: Literal["setting", "team"]
    name: str
    title: str
    unit: str
    load: float
    capacity: float
    ratio: float
    worst_month: str
    worst_ratio: float

    @property
    def path(self) -> str:
        """Path of the setting or team in the scenario."""
        return f"{self.kind}s.{self.name}"


def offered_load(scenario: Scenario) -> list[Load]:
    """Load and capacity of every setting and team, in the scenario's order.

    Returns
    -------
    list of Load
        Settings first. The load of a setting follows demand with the inertia of its mean stay, so that a place
        where people stay for years hardly feels a winter.
    """
    days = scenario.run.warm_up_days + scenario.run.days
    first = first_day(scenario)
    stays = flows(scenario)
    arrivals = {name: expected_arrivals(c.arrivals, first, days) for name, c in scenario.cohorts.items()}
    in_use = {name: np.zeros(days) for name in scenario.settings}
    for held_in, by_stay in _together(stays).items():
        for (stay_days, cohort), a_person in by_stay.items():
            in_use[held_in] += a_person * _present(arrivals[cohort], stay_days)
    found = []
    for name, setting in scenario.settings.items():
        # Escalation beds are left out: that they are needed is what the reader should see.
        open_ = _by_day(capacity_at_start(setting), setting.capacity_changes, first, days)
        open_ = open_ * staffed_share(setting.staffing or setting.workforce, days)
        found.append(_load("setting", name, setting.title, setting.unit_name, in_use[name], open_, scenario))
    work = _team_hours(scenario, stays, arrivals)
    for name, team in scenario.teams.items():
        at_first = np.inf if team.staff == "unlimited" else float(team.staff)
        staff = _by_day(at_first, team.staff_changes, first, days)
        if team.staff_by_day:
            by_day = np.array([team.staff_by_day.get(day, -1) for day in DAYS])  # type: ignore[call-overload]
            particular = by_day[list(days_of_week(first, days, scenario.nation))]
            staff = np.where(particular >= 0, particular, staff)
        # No limit is no limit on a day off either: the work then waits for the next day only.
        hours = staff if np.isinf(at_first) else staff * open_hours_by_day(scenario, name, days)
        hours = hours * staffed_share(team.workforce, days)
        found.append(_load("team", name, team.title, "hours a week", work[name] * 7, hours * 7, scenario))
    return found


def overloads(loads: list[Load]) -> Iterator[Warning_]:
    """A warning for each setting or team that is asked for more than it has, by name."""
    for one in loads:
        numbers = f"{one.load:,.1f} {one.unit} asked for, {one.capacity:,.1f} there"
        if one.ratio > 1:
            text = f"{one.title}: overloaded, {numbers} ({one.ratio:.1%}). Its queue grows as long as the run lasts,"
            yield Warning_(one.path, f"{text} or is held back only by people who give up, change pathway or die")
        elif one.worst_ratio > 1:
            text = f"{one.title}: overloaded in the worst month, {one.worst_month} ({one.worst_ratio:.1%})"
            yield Warning_(one.path, f"{text}; on average it is not ({one.ratio:.1%})")


def _together(stays: list[Flow]) -> dict[str, dict[tuple[float, str], float]]:
    """Units a person of the cohort brings, by setting, then by mean stay and cohort."""
    found: dict[str, dict[tuple[float, str], float]] = {}
    for flow in stays:
        by_stay = found.setdefault(flow.setting, {})
        key = (flow.stay_days, flow.cohort)
        by_stay[key] = by_stay.get(key, 0.0) + flow.share * flow.units
    return found


def _present(a_day: Floats, stay_days: float) -> Floats:
    """People present on each day if nobody waits: as many as come on average at first, then following demand.

    As for exponential stays: a day's change is the people who come less the part of those present who leave.
    """
    if stay_days <= 1.0:
        return a_day * stay_days
    stays_on = float(np.exp(-1 / stay_days))
    per_day = (1 - stays_on) * stay_days
    present = np.empty(a_day.size)
    now = float(a_day.mean()) * stay_days
    for day, come in enumerate(a_day.tolist()):
        now = now * stays_on + come * per_day
        present[day] = now
    return present


def _by_day(start: float, changes: Mapping[date, int], first: date, days: int) -> Floats:
    """Capacity on each day of the run; inf for no limit."""
    open_ = np.full(days, start)
    for day, capacity in sorted(changes.items()):
        open_[max((day - first).days, 0) :] = capacity
    return open_


def _team_hours(scenario: Scenario, stays: list[Flow], arrivals: Mapping[str, Floats]) -> dict[str, Floats]:
    """Hours of work that come to each team on each day."""
    days = scenario.run.warm_up_days + scenario.run.days
    work = {name: np.zeros(days) for name in scenario.teams}
    for flow in stays:
        if flow.pathway is None:
            continue
        for name, use in _tasks_of(scenario, flow).items():
            for team, hours in _hours_by_team(scenario, name).items():
                work[team] += arrivals[flow.cohort] * (flow.share * use.share * hours)
    return work


def _tasks_of(scenario: Scenario, flow: Flow) -> dict[str, TaskUse]:
    """Tasks that stand on the stay of a flow."""
    pathway = scenario.pathways[flow.pathway or ""]
    if not flow.path:
        return pathway.tasks
    place = pathway.next[flow.path[0]]
    for key in flow.path[1:]:
        place = place.next[key]
    return place.tasks


def _hours_by_team(scenario: Scenario, name: str) -> dict[str, float]:
    """Mean hours that one person's task takes of each team; covered homes leave it to the trusted assessors."""
    task, trusted = scenario.tasks[name], scenario.trusted_assessors
    hours: dict[str, float] = {}
    covered = trusted.coverage if trusted is not None and trusted.task == name else 0.0
    if task.team is not None and task.work_hours is not None:
        hours[task.team] = (1 - covered) * task.work_hours.mean()
    if trusted is not None and covered > 0:
        hours[trusted.team] = hours.get(trusted.team, 0.0) + covered * trusted.work_hours.mean()
    return hours


def _load(
    kind: Literal["setting", "team"], name: str, title: str, unit: str, load: Floats, open_: Floats, scenario: Scenario
) -> Load:
    counted = slice(scenario.run.warm_up_days, None)
    dates = np.datetime64(scenario.start_date) + np.arange(scenario.run.days)
    months = dates.astype("datetime64[M]")
    asked, has = load[counted], open_[counted]
    ratios = {str(m): _ratio(asked[months == m], has[months == m]) for m in np.unique(months)}
    worst = max(ratios, key=lambda month: (not np.isnan(ratios[month]), ratios[month]))
    mean, capacity = float(asked.mean()), float(has.mean())
    return Load(kind, name, title, unit, mean, capacity, _ratio(asked, has), worst, ratios[worst])


def _ratio(load: Floats, capacity: Floats) -> float:
    asked, has = float(load.mean()), float(capacity.mean())
    if has == 0:
        return float("inf") if asked > 0 else float("nan")
    return asked / has
