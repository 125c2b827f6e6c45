"""Teams: how busy they are, and how long work waits for them."""

from __future__ import annotations

import numpy as np

from dischargesim.measures.capacity import OpenTime, Steps, staff_days
from dischargesim.measures.facts import Floats, Ints
from dischargesim.measures.frame import Frame, ratio, tally
from dischargesim.measures.registry import Figures, Measure
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
    ),
    Measure(
        "team_wait_mean",
        "Mean wait for the team",
        "days",
        "Tasks that join the queue in the counted days. Those never taken up count with the wait they had.",
        "mean from joining the queue to being taken up",
        _BY,
    ),
    Measure("team_tasks", "Tasks done", "tasks a week", "Tasks that the team finishes.", "number / weeks", _BY),
)


def team_figures(frame: Frame, steps: list[Steps]) -> Figures:
    """Figures of this module."""
    tasks, times, window = frame.plan.tasks, frame.times, frame.window
    teams, days = len(frame.facts.labels["team"]), window.days
    rows = np.flatnonzero((tasks.team != NONE) & (times.queued == times.queued) & ~(times.done < window.start))
    team, queued = tasks.team[rows], times.queued[rows]
    started, done = times.started[rows], times.done[rows]
    open_time = OpenTime(frame.plan.pools)
    available = staff_days(frame, steps, open_time)[:teams]
    whole = (started >= window.start) & (done == done)
    work = tally(team[whole], teams, tasks.work[rows[whole]])
    across = np.flatnonzero(~whole & (started == started))
    work = work + _work_across(frame, open_time, team[across], started[across], done[across])

    until = started.copy()
    never = np.flatnonzero(started != started)
    until[never] = _needed_until(frame, rows[never])
    queue = tally(team, teams, window.clip(until) - window.clip(queued))
    joins = window.holds(queued)
    wait = np.fmin(until[joins], window.end) - queued[joins]
    counted = done < window.end
    return {
        "team_utilisation": (ratio(work, available),),
        "team_hours": (available * 24 * 7 / days,),
        "team_queue": (queue / days,),
        "team_wait_mean": (ratio(tally(team[joins], teams, wait), tally(team[joins], teams)),),
        "team_tasks": (tally(team[counted], teams) * 7 / days,),
    }


def _work_across(frame: Frame, open_time: OpenTime, team: Ints, started: Floats, done: Floats) -> Floats:
    """Work in the window of tasks that were under way when it began or ended."""
    first, last = frame.window.clip(started), frame.window.clip(done)
    work = np.zeros(len(frame.facts.labels["team"]))
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
