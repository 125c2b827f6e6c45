"""What is limited, when, and who comes first: capacity schedules, calendars and queues of settings and teams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from dischargesim.plan.layout import Layout
from dischargesim.plan.streams import Streams, on_grid
from dischargesim.plan.tables import NONE, UNLIMITED, Floats, Pools, Rows
from dischargesim.plan.workforce import Schedule, reduce_by_workforce, staff_present
from dischargesim.scenario.hours import DAYS, Hours, Nation, days_of_week, open_intervals
from dischargesim.scenario.once import once
from dischargesim.scenario.places import split_capacity
from dischargesim.scenario.rates import first_day
from dischargesim.scenario.resources import Queue, Setting, Team
from dischargesim.scenario.schema import Scenario

_TAIL_DAYS = 60
"""Calendars go on for so long after the horizon, so that what begins before it can be seen to end after it."""


def _schedule(now: int, changes: Mapping[date, int], first: date, horizon: int) -> Schedule:
    """Capacity at time 0 and each later change within the run, as (day, capacity)."""
    later: Schedule = []
    for day, capacity in sorted(changes.items()):
        offset = (day - first).days
        if offset <= 0:
            now = capacity
        elif offset <= horizon:
            later.append((float(offset), capacity))
    return [(0.0, now), *later]


def _team_schedule(team: Team, first: date, horizon: int, nation: Nation) -> Schedule:
    """Staff on duty at time 0 and at each later midnight at which it changes."""
    if team.staff == "unlimited":
        return [(0.0, UNLIMITED)]
    general = _schedule(team.staff, team.staff_changes, first, horizon)
    if not team.staff_by_day:
        return general
    usual = np.empty(horizon + 1, dtype=np.int64)
    for since, staff in general:
        usual[int(since) :] = staff
    # A column a day of the week, -1 where the usual number is on duty.
    particular = np.array([team.staff_by_day.get(day, -1) for day in DAYS])[  # type: ignore[call-overload]
        list(days_of_week(first, horizon + 1, nation))
    ]
    staff_on = np.where(particular >= 0, particular, usual)
    changes = np.flatnonzero(np.diff(staff_on, prepend=-1))
    return [(float(day), int(staff_on[day])) for day in changes]


def _setting_schedule(setting: Setting, name: str, streams: Streams, first: date, horizon: int) -> Schedule:
    """Capacity of a setting: as written, or what its staff give."""
    if setting.staffing is not None:
        filled = staff_present(setting.staffing, streams, f"setting/{name}", first, horizon)
        # A hair above: 10 visits by each of 10 staff are 100 in spite of rounding.
        return [(day, int(staff * setting.staffing.visits_a_day_each + 1e-9)) for day, staff in filled]
    start = UNLIMITED if setting.capacity == "unlimited" else int(setting.capacity)
    schedule = _schedule(start, setting.capacity_changes, first, horizon)
    if setting.workforce is None:
        return schedule
    return reduce_by_workforce(schedule, setting.workforce, streams, f"setting/{name}", first, horizon)


def _parts(schedule: Schedule, name: str, scenario: Scenario, layout: Layout) -> Iterator[Schedule]:
    """The schedule itself, or those of the localities."""
    if name not in layout.split:
        yield schedule
        return
    shares = scenario.localities.values()
    for number in range(len(shares)):
        yield [
            (day, UNLIMITED if capacity == UNLIMITED else split_capacity(capacity, shares)[number])
            for day, capacity in schedule
        ]


def draw_pools(scenario: Scenario, layout: Layout, streams: Streams) -> Pools:
    """Lay out the pools of a scenario: its settings, home, and its teams.

    Parameters
    ----------
    scenario : Scenario
    layout : Layout
    streams : Streams
        For vacancies, turnover and recruitment.

    Returns
    -------
    Pools
        Equal hours share one calendar.
    """
    drawn = [
        *(s.workforce or s.staffing for s in scenario.settings.values()),
        *(t.workforce for t in scenario.teams.values()),
    ]
    if any(workforce is not None for workforce in drawn):
        return _lay_out(scenario, layout, streams)
    return _always_the_same(scenario)


@once
def _always_the_same(scenario: Scenario) -> Pools:
    """Pools in which nothing is left to chance."""
    return _lay_out(scenario, Layout.of(scenario), Streams(scenario.run.seed, 0))


@dataclass(frozen=True, slots=True)
class _Calendars:
    """Hours that settings and teams keep, each once, as `tables.Pools` has them.

    Attributes
    ----------
    number : dict of Hours to int
    start : ndarray of int32
    opens, closes : ndarray of float64
    """

    number: dict[Hours, int]
    start: Rows
    opens: Floats
    closes: Floats


@once
def _calendars(scenario: Scenario) -> _Calendars:
    """The calendars of a scenario; nothing in them is left to chance."""
    days = scenario.run.warm_up_days + scenario.run.days + _TAIL_DAYS
    kept = [setting.move_in for setting in scenario.settings.values()]
    kept += [team.hours for team in scenario.teams.values()]
    number = {hours: index for index, hours in enumerate(dict.fromkeys(one for one in kept if one is not None))}
    intervals = [open_intervals(hours, first_day(scenario), days, scenario.nation) for hours in number]
    joined = np.array([edge for one in intervals for edge in one], dtype=np.float64).reshape(-1, 2)
    start = np.cumsum([0, *(len(one) for one in intervals)]).astype(np.int32)
    return _Calendars(number, start, on_grid(joined[:, 0]), on_grid(joined[:, 1]))


def _lay_out(scenario: Scenario, layout: Layout, streams: Streams) -> Pools:
    first = first_day(scenario)
    horizon = scenario.run.warm_up_days + scenario.run.days
    rows: list[tuple[float, int, int]] = []
    calendars = _calendars(scenario)
    calendar: list[int] = []
    longest_ready_first: list[bool] = []

    def add(schedule: Schedule, hours: Hours | None, queue: Queue = "first_asked") -> None:
        pool = len(calendar)
        rows.extend((day, pool, capacity) for day, capacity in schedule)
        calendar.append(NONE if hours is None else calendars.number[hours])
        longest_ready_first.append(queue == "longest_ready")

    for name, setting in scenario.settings.items():
        for part in _parts(_setting_schedule(setting, name, streams, first, horizon), name, scenario, layout):
            add(part, setting.move_in, setting.queue)
    add([(0.0, UNLIMITED)], None)
    for name, team in scenario.teams.items():
        schedule = _team_schedule(team, first, horizon, scenario.nation)
        if team.workforce is not None:
            schedule = reduce_by_workforce(schedule, team.workforce, streams, f"team/{name}", first, horizon)
        for part in _parts(schedule, name, scenario, layout):
            add(part, team.hours, team.queue)

    rows.sort()
    return Pools(
        settings=layout.held,
        names=layout.pools,
        calendar=np.array(calendar, dtype=np.int32),
        longest_ready_first=np.array(longest_ready_first, dtype=np.bool_),
        change_time=np.array([row[0] for row in rows]),
        change_pool=np.array([row[1] for row in rows], dtype=np.int32),
        change_capacity=np.array([row[2] for row in rows], dtype=np.int64),
        calendar_start=calendars.start,
        opens=calendars.opens,
        closes=calendars.closes,
    )
