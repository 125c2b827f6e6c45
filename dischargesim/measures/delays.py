"""Delays split into parts: what a person who was ready to leave was waiting for, moment by moment.

From being ready to leaving there is no gap and no overlap. The time until all tasks were done goes to the chain of
tasks that finished last, walked back from its last task: waiting for a team, and being worked on. Time after that goes
to the place that was waited for, then to its move-in hours. Work that was done before the person was ready costs
nothing.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.columns import StayColumns, indices, one_type
from dischargesim.measures.facts import Floats, Indices, Ints
from dischargesim.measures.frame import Frame
from dischargesim.plan.tables import NONE, Rows

WAITING_FOR_TEAM, BEING_DONE, WAITING_FOR_PLACE, MOVING_IN = range(4)


class Parts(NamedTuple):
    """Parts of delays, one row each. Parts of no length are left out.

    Attributes
    ----------
    stay : ndarray of int
        The stay that could not be left.
    start, end : ndarray of float
        A part that goes on at the end of the run ends a day after it, so that the last midnight counts.
    stage : ndarray of int
        Position in `facts.STAGES`.
    reason : ndarray of int
        As numbered in `facts.Reasons`.
    overnight : ndarray of int
        Rows of the parts that last past a counted midnight.
    """

    stay: Indices
    start: Floats
    end: Floats
    stage: Indices
    reason: Indices
    overnight: Indices


def split_delays(frame: Frame, stays: Indices | None = None) -> Parts:
    """Split the delays of some stays.

    Parameters
    ----------
    frame : Frame
    stays : ndarray of int, optional
        Rows of stays whose person is ready, ascending; `frame.overnight` if left out.

    Returns
    -------
    Parts
        In the order of the stays. For each they sum exactly to the time from being ready until leaving, or until a day
        after the end.
    """
    tasks, times, reasons = frame.plan.tasks, frame.times, frame.facts.reasons
    # A task is waited for by one stay, for a team and while it is done; a place likewise, and for its move-in hours.
    most = 2 * (tasks.stay.size + frame.stays.setting.size) + 1
    stay, stage, reason, past_midnight = np.empty((4, most), dtype=np.uint32)
    parts = Parts(stay, np.empty(most), np.empty(most), stage, reason, past_midnight)
    columns = _TaskColumns(
        stay=indices(tasks.stay),
        kind=indices(tasks.kind),
        after=one_type(tasks.after),
        queued=one_type(times.queued),
        started=one_type(times.started),
        done=one_type(times.done),
    )
    size = _split(
        frame.overnight if stays is None else stays,
        frame.stays,
        frame.first_task,
        columns,
        reasons.of_task,
        reasons.of_place,
        reasons.of_move_in,
        frame.window.end + 1,
        parts,
    )
    parts = Parts(
        stay=parts.stay[:size],
        start=parts.start[:size],
        end=parts.end[:size],
        stage=parts.stage[:size],
        reason=parts.reason[:size],
        overnight=parts.overnight[:size],
    )
    number = _list_overnight(parts, frame.window.start, frame.window.days)
    return parts._replace(overnight=parts.overnight[:number])


class _TaskColumns(NamedTuple):
    """Tasks as the loop looks at them: columns of the plan and of its times."""

    stay: Indices
    kind: Indices
    after: Rows
    queued: Floats
    started: Floats
    done: Floats


@loop
def _split(
    rows: Indices,
    stays: StayColumns,
    first_task: Indices,
    tasks: _TaskColumns,
    of_task: Ints,
    of_place: Ints,
    of_move_in: Ints,
    last: float,
    parts: Parts,
) -> int:
    """Write the parts of the delays of some stays, none past a last moment, and say how many there are.

    A part is written whatever its length, and the next one goes over it if it has none: that is quicker than to ask.
    """
    size = 0
    for row in rows:
        ready, end = stays.ready[row], min(last, stays.left[row])
        # Most people leave the moment they are ready, and have nothing to split.
        if not ready < end:
            continue
        # When the tasks ended, and the place that was asked for then. They end when all are done; if patience for the
        # next place ends first, they end there, and the place that is tried instead is asked for.
        cleared, target = stays.cleared[row], stays.next[row]
        tasks_end = min(end, cleared)
        if cleared != cleared:
            if target != NONE and stays.refused[target] == stays.refused[target]:
                tasks_end = min(end, stays.refused[target])
                target = stays.otherwise[target]
            else:
                target = NONE
        first = past = first_task[row]
        while past < len(tasks.stay) and tasks.stay[past] == row:
            past += 1
        # People who waited for a place only when the run began: their tasks were done before, if there were any.
        if ready < 0 and first == past:
            tasks_end = ready

        if ready < tasks_end:
            # The task that was waited for: if all were done, the one that was done last (of several, the last row);
            # otherwise, of the open ones, the one that was queued first (of several, the first row).
            task, earliest = NONE, np.inf
            for one in range(first, past):
                if cleared == cleared:
                    if tasks.done[one] == cleared:
                        task = one
                elif not tasks.done[one] <= tasks_end:
                    queued = min(np.inf, tasks.queued[one])
                    if task == NONE or queued < earliest:
                        task, earliest = one, queued
            # Back through the chain of tasks, each of which was free to begin when the one before it was done.
            until = tasks_end
            while task != NONE:
                before = tasks.after[task]
                free = ready if before == NONE else max(tasks.done[before], ready)
                started = min(until, max(min(until, tasks.started[task]), free))
                reason = of_task[tasks.kind[task]]
                parts.stay[size], parts.start[size], parts.end[size] = row, free, started
                parts.stage[size], parts.reason[size] = WAITING_FOR_TEAM, reason
                size += free < started
                parts.stay[size], parts.start[size], parts.end[size] = row, started, until
                parts.stage[size], parts.reason[size] = BEING_DONE, reason
                size += started < until
                until = free
                task = before if free > ready else NONE

        # Waiting for a place, for one after the other if the first was refused.
        since = tasks_end
        if not since < end:
            continue
        while target != NONE:
            setting, granted, refused = stays.setting[target], stays.granted[target], stays.refused[target]
            until = min(min(end, granted), refused)
            parts.stay[size], parts.start[size], parts.end[size] = row, since, until
            parts.stage[size], parts.reason[size] = WAITING_FOR_PLACE, of_place[setting]
            size += since < until
            parts.stay[size], parts.start[size], parts.end[size] = row, until, end
            parts.stage[size], parts.reason[size] = MOVING_IN, of_move_in[setting]
            size += granted == granted and until < end
            since = refused
            target = stays.otherwise[target] if refused == refused else NONE
    return size


@loop
def _list_overnight(parts: Parts, start: float, days: int) -> int:
    """Write the rows of the parts that last past a counted midnight, and say how many they are."""
    number = 0
    for part in range(len(parts.stay)):
        parts.overnight[number] = part
        midnight = ceil(max(0.0, min(days, parts.start[part] - start - 1)))
        number += ceil(max(0.0, min(days, parts.end[part] - start - 1))) > midnight
    return number
