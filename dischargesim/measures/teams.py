"""Teams: how busy they are, and how long work waits for them."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.capacity import OpenTime, Steps, staff_days
from dischargesim.measures.columns import StayColumns, indices, one_type
from dischargesim.measures.facts import Floats, Indices, Ints
from dischargesim.measures.frame import Frame, cumulated, ratio, tally, with_wholes
from dischargesim.measures.growth import GROWTH_FORMULA, weekly_growth
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure
from dischargesim.plan.tables import NONE, Counts, Rows

_BY = ("team",)

MEASURES = (
    Measure(
        "team_utilisation",
        "Share of the staff's open hours spent on tasks",
        "share",
        "Work done in the counted days; staff on duty in the team's hours.",
        "hours of work / hours of staff",
        _BY,
    ),
    Measure(
        "team_hours", "Staff hours on duty", "hours a week", "Staff in the team's hours.", "staff x open hours", _BY
    ),
    Measure(
        "team_work",
        "Staff hours spent on tasks",
        "hours a week",
        "Work done in the counted days, by teams of limited and of unlimited staff.",
        "hours of work / weeks",
        _BY,
    ),
    Measure(
        "team_queue",
        "Tasks waiting for the team",
        "tasks",
        "Tasks from joining the queue until taken up, or until they are no longer needed.",
        "mean by the clock",
        _BY,
        better="lower",
    ),
    Measure(
        "team_queue_growth",
        "Growth of the number of tasks waiting for the team",
        "tasks a week",
        "Tasks waiting for a team of limited staff.",
        GROWTH_FORMULA,
        _BY,
        MIDNIGHTS,
        better="lower",
    ),
    Measure(
        "team_wait_mean",
        "Mean wait for the team",
        "days",
        "Tasks that join the queue in the counted days. Those never taken up count with the wait they had.",
        "mean from joining the queue to being taken up",
        _BY,
        better="lower",
    ),
    Measure("team_tasks", "Tasks done", "tasks a week", "Tasks that the team finishes.", "number / weeks", _BY),
    Measure(
        "task_done",
        "Tasks done, by kind of task",
        "tasks a week",
        "Tasks that are finished in the counted days, whichever team does them and wherever; plain delays among them.",
        "number / weeks",
        ("task",),
    ),
)


class _TaskColumns(NamedTuple):
    """Tasks as the loop looks at them: columns of the plan and of its times."""

    stay: Indices
    team: Rows
    work: Floats
    queued: Floats
    started: Floats
    done: Floats


class _Totals(NamedTuple):
    """Of each team: work done by tasks that were taken up in the window; tasks that joined the queue in it, with the
    sum of their waits; days of waiting; tasks done.
    """

    work: Floats
    joined: Floats
    wait: Floats
    queue: Floats
    done: Floats


def team_figures(frame: Frame, steps: list[Steps]) -> Figures:
    """Figures of this module."""
    tasks, times, window = frame.plan.tasks, frame.times, frame.window
    teams, wholes, days = frame.facts.teams, frame.facts.team_wholes, window.days
    totals = _Totals(*np.zeros((5, teams)))
    waiting = np.zeros(teams * (days + 1), dtype=np.int64)
    rows, across = np.empty((2, tasks.stay.size), dtype=np.uint32)
    columns = _TaskColumns(
        stay=indices(tasks.stay),
        team=one_type(tasks.team),
        work=one_type(tasks.work),
        queued=one_type(times.queued),
        started=one_type(times.started),
        done=one_type(times.done),
    )
    number = _count_tasks(columns, frame.stays, window.start, window.end, days, totals, waiting, rows, across)
    open_time = OpenTime(frame.plan.pools)
    available = with_wholes(staff_days(frame, steps, open_time)[:teams], wholes)
    work, joined, wait, queue, done = (with_wholes(total, wholes) for total in totals)
    if number:
        rows = across[:number]
        part = _work_across(frame, open_time, tasks.team[rows], times.started[rows], times.done[rows])
        work = work + with_wholes(part, wholes)
    at_midnight = with_wholes(cumulated(waiting, days), wholes)
    return {
        "team_utilisation": (ratio(work, available),),
        "team_hours": (available * 24 * 7 / days,),
        "team_work": (work * 24 * 7 / days,),
        "team_queue": (queue / days,),
        "team_queue_growth": (np.where(np.isnan(available), np.nan, weekly_growth(at_midnight)),),
        "team_wait_mean": (ratio(wait, joined),),
        "team_tasks": (done * 7 / days,),
        "task_done": (tally(tasks.kind[window.holds(times.done)], len(frame.facts.labels["task"])) * 7 / days,),
    }


@loop
def _count_tasks(
    tasks: _TaskColumns,
    stays: StayColumns,
    start: float,
    end: float,
    days: int,
    totals: _Totals,
    waiting: Counts,
    rows: Indices,
    across: Indices,
) -> int:
    """Count the tasks that were queued for a team and not done before the window.

    Those that were under way when it began or ended are listed: how much work was done on them depends on the hours.
    `rows` is room to list all of them.
    """
    counted, number = 0, 0
    for row in range(len(tasks.stay)):
        queued = tasks.queued[row]
        rows[counted] = row
        counted += (tasks.team[row] != NONE) & (queued == queued) & (not tasks.done[row] < start)
    for row in rows[:counted]:
        team, queued, started, done = tasks.team[row], tasks.queued[row], tasks.started[row], tasks.done[row]
        if started >= start and done == done:
            totals.work[team] += tasks.work[row]
        elif started == started:
            across[number] = row
            number += 1
        totals.done[team] += done < end
        until = started
        if started != started:
            # Never taken up: needed until the person left, or gave up for another place.
            stay = tasks.stay[row]
            until = min(end + 1, stays.left[stay])
            if stays.next[stay] != NONE:
                until = min(until, stays.refused[stays.next[stay]])
        if start <= queued < end:
            totals.joined[team] += 1
            totals.wait[team] += min(end, until) - queued
        totals.queue[team] += max(start, min(end, until)) - max(start, min(end, queued))
        waiting[team * (days + 1) + ceil(max(0.0, min(days, queued - start - 1)))] += 1
        waiting[team * (days + 1) + ceil(max(0.0, min(days, until - start - 1)))] -= 1
    return number


def _work_across(frame: Frame, open_time: OpenTime, team: Ints, started: Floats, done: Floats) -> Floats:
    """Work in the window of tasks that were under way when it began or ended."""
    first, last = frame.window.clip(started), frame.window.clip(done)
    work = np.zeros(frame.facts.teams)
    for one in np.unique(team).tolist():
        here, pool = team == one, frame.plan.pools.settings + one
        work[one] = (open_time.before(pool, last[here]) - open_time.before(pool, first[here])).sum()
    return work
