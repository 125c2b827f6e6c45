"""Teams: how busy they are, and how long work waits for them."""

from __future__ import annotations

import numpy as np

from dischargesim.measures.capacity import OpenTime, Steps, staff_days
from dischargesim.measures.facts import Floats, Ints
from dischargesim.measures.frame import Frame, at_midnights, ratio, tally, with_wholes
from dischargesim.measures.growth import GROWTH_FORMULA, weekly_growth
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure
from dischargesim.plan.tables import NONE

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
)


def team_figures(frame: Frame, steps: list[Steps]) -> Figures:
    """Figures of this module."""
    tasks, times, window = frame.plan.tasks, frame.times, frame.window
    teams, wholes, days = frame.facts.teams, frame.facts.team_wholes, window.days

    def total(team: Ints, weight: Floats | None = None) -> Floats:
        return with_wholes(tally(team, teams, weight), wholes)

    rows = np.flatnonzero((tasks.team != NONE) & (times.queued == times.queued) & ~(times.done < window.start))
    team, queued = tasks.team.take(rows), times.queued.take(rows)
    started, done = times.started.take(rows), times.done.take(rows)
    open_time = OpenTime(frame.plan.pools)
    available = with_wholes(staff_days(frame, steps, open_time)[:teams], wholes)
    whole = (started >= window.start) & (done == done)
    work = total(team.compress(whole), tasks.work.take(rows.compress(whole)))
    across = np.flatnonzero(~whole & (started == started))
    if across.size:
        part = _work_across(frame, open_time, team[across], started[across], done[across])
        work = work + with_wholes(part, wholes)

    until = started.copy()
    never = np.flatnonzero(started != started)
    until[never] = _needed_until(frame, rows[never])
    # Most tasks are taken up at once.
    waits = np.flatnonzero(until != queued)
    waiting, since, until_then = team.take(waits), queued.take(waits), until.take(waits)
    queue = total(waiting, window.clip(until_then) - window.clip(since))
    joins = np.flatnonzero(window.holds(since))
    wait = np.fmin(until_then.take(joins), window.end) - since.take(joins)
    at_midnight = with_wholes(_waiting(frame, waiting, since, until_then), wholes)
    joined, done_by_end = team.compress(window.holds(queued)), team.compress(done < window.end)
    return {
        "team_utilisation": (ratio(work, available),),
        "team_hours": (available * 24 * 7 / days,),
        "team_queue": (queue / days,),
        "team_queue_growth": (np.where(np.isnan(available), np.nan, weekly_growth(at_midnight)),),
        "team_wait_mean": (ratio(total(waiting.take(joins), wait), total(joined)),),
        "team_tasks": (total(done_by_end) * 7 / days,),
    }


def _waiting(frame: Frame, team: Ints, since: Floats, until: Floats) -> Floats:
    """Tasks waiting for each team at each midnight: teams x days."""
    window = frame.window
    first, past = window.column(since), window.column(until)
    over = np.flatnonzero(past > first)
    return at_midnights(team.take(over), frame.facts.teams, first.take(over), past.take(over), window.days)


def _work_across(frame: Frame, open_time: OpenTime, team: Ints, started: Floats, done: Floats) -> Floats:
    """Work in the window of tasks that were under way when it began or ended."""
    first, last = frame.window.clip(started), frame.window.clip(done)
    work = np.zeros(frame.facts.teams)
    for one in np.unique(team).tolist():
        here, pool = team == one, frame.plan.pools.settings + one
        work[one] = (open_time.before(pool, last[here]) - open_time.before(pool, first[here])).sum()
    return work


def _needed_until(frame: Frame, tasks: Ints) -> Floats:
    """When tasks that were never taken up stopped being needed: the person left, or gave up for another place."""
    stays, times = frame.plan.stays, frame.times
    stay = frame.plan.tasks.stay[tasks]
    following = stays.next[stay]
    gave_up = np.where(following == NONE, np.nan, times.refused[following])
    return np.fmin(times.left[stay], gave_up)
