"""Delays split into parts: what a person who was ready to leave was waiting for, moment by moment.

From being ready to leaving there is no gap and no overlap. The time until all tasks were done goes to the chain of
tasks that finished last, walked back from its last task: waiting for a team, and being worked on. Time after that goes
to the place that was waited for, then to its move-in hours. Work that was done before the person was ready costs
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dischargesim.measures.facts import Floats, Ints
from dischargesim.measures.frame import Frame
from dischargesim.plan.tables import NONE

WAITING_FOR_TEAM, BEING_DONE, WAITING_FOR_PLACE, MOVING_IN = range(4)


@dataclass(frozen=True, slots=True)
class Parts:
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
    """

    stay: Ints
    start: Floats
    end: Floats
    stage: Ints
    reason: Ints


class _Writer:
    """Collects parts."""

    def __init__(self) -> None:
        nobody, never = np.empty(0, dtype=np.intp), np.empty(0)
        self._columns: list[tuple[Ints, Floats, Floats, Ints, Ints]] = [(nobody, never, never, nobody, nobody)]

    def add(self, stay: Ints, start: Floats, end: Floats, stage: int, reason: Ints) -> None:
        some = np.flatnonzero(start < end)
        stages = np.full(some.size, stage)
        self._columns.append((stay.take(some), start.take(some), end.take(some), stages, reason.take(some)))

    def parts(self) -> Parts:
        return Parts(*(np.concatenate(column) for column in zip(*self._columns, strict=True)))


def split_delays(frame: Frame, stays: Ints | None = None) -> Parts:
    """Split the delays of some stays.

    Parameters
    ----------
    frame : Frame
    stays : ndarray of int, optional
        Rows of stays whose person is ready; `frame.overnight` if left out.

    Returns
    -------
    Parts
        For each stay they sum exactly to the time from being ready until leaving, or until a day after the end.
    """
    rows = frame.overnight if stays is None else stays
    times = frame.times
    end = np.fmin(times.left.take(rows), frame.window.end + 1)
    # Most people leave the moment they are ready, and have nothing to split.
    late = times.ready.take(rows) < end
    rows, end = rows.compress(late), end.compress(late)
    tasks_end, waiting_for, asked = _end_of_tasks(frame, rows, end)
    out = _Writer()
    busy = times.ready.take(rows) < tasks_end
    _write_tasks(out, frame, rows.compress(busy), tasks_end.compress(busy))
    _write_places(out, frame, rows, waiting_for, asked, end)
    return out.parts()


def _end_of_tasks(frame: Frame, rows: Ints, end: Floats) -> tuple[Floats, Ints, Floats]:
    """When the tasks of each stay ended, the place that was asked for then (or `NONE`), and since when.

    Tasks end when all are done; when patience for the next place ends first, they end there and the place that is
    tried instead is asked for.
    """
    stays, times = frame.plan.stays, frame.times
    cleared = times.cleared[rows]
    tasks_end = np.fmin(cleared, end)
    target = stays.next[rows].astype(np.intp)
    open_ = np.flatnonzero(cleared != cleared)
    following = target[open_]
    gave_up = np.where(following == NONE, np.nan, times.refused[following])
    tasks_end[open_] = np.fmin(gave_up, end[open_])
    target[open_] = np.where(gave_up == gave_up, stays.otherwise[following], NONE)
    # People who waited for a place only when the run began: their tasks were done before, if there were any.
    waited = np.flatnonzero(times.ready[rows] < 0)
    if waited.size:
        first, last = (np.searchsorted(frame.plan.tasks.stay, rows[waited], side=side) for side in ("left", "right"))
        waited = waited[first == last]
        tasks_end[waited] = times.ready[rows[waited]]
    return tasks_end, target, tasks_end


def _write_tasks(out: _Writer, frame: Frame, rows: Ints, until: Floats) -> None:
    """Write the parts of the chain of tasks that each stay waited for, last task first."""
    tasks, times = frame.plan.tasks, frame.times
    task = _last_tasks(frame, rows, until)
    ready = times.ready.take(rows)
    while task.size:
        before = tasks.after.take(task).astype(np.intp)
        free = np.where(before == NONE, ready, np.maximum(times.done.take(before), ready))
        started = np.fmin(np.maximum(np.fmin(times.started.take(task), until), free), until)
        reason = frame.facts.reasons.of_task.take(tasks.kind.take(task))
        out.add(rows, free, started, WAITING_FOR_TEAM, reason)
        out.add(rows, started, until, BEING_DONE, reason)
        more = np.flatnonzero((before != NONE) & (free > ready))
        rows, ready, until, task = rows.take(more), ready.take(more), free.take(more), before.take(more)


def _last_tasks(frame: Frame, rows: Ints, until: Floats) -> Ints:
    """The task that each stay was waiting for when its tasks ended.

    Of a stay that was cleared, the one that was done last (of several, the last row); of another, the one of its
    open tasks that was queued first (of several, the first row).
    """
    tasks, times = frame.plan.tasks, frame.times
    last = np.full(frame.plan.stays.person.size, NONE, dtype=np.intp)
    final = np.flatnonzero(times.done == times.cleared.take(tasks.stay))
    # Where a stay occurs more than once, numpy keeps the last.
    last[tasks.stay.take(final)] = final
    open_ = times.cleared[rows] != times.cleared[rows]
    if open_.any():
        waiting, limit = _tasks_of(frame, rows[open_], until[open_])
        waiting = waiting[~(times.done[waiting] <= limit)]
        queued = np.fmin(times.queued[waiting], np.inf)
        order = np.lexsort((-waiting, -queued))
        last[tasks.stay[waiting[order]]] = waiting[order]
    return last[rows]


def _tasks_of(frame: Frame, rows: Ints, value: Floats) -> tuple[Ints, Floats]:
    """Rows of all tasks of some stays, and for each the value given with its stay."""
    first = np.searchsorted(frame.plan.tasks.stay, rows)
    count = np.searchsorted(frame.plan.tasks.stay, rows, side="right") - first
    before = np.cumsum(count) - count
    return np.arange(count.sum()) + np.repeat(first - before, count), np.repeat(value, count)


def _write_places(out: _Writer, frame: Frame, rows: Ints, target: Ints, since: Floats, end: Floats) -> None:
    """Write the parts spent waiting for a place, for one after the other if the first was refused."""
    stays, times, reasons = frame.plan.stays, frame.times, frame.facts.reasons
    some = np.flatnonzero((target != NONE) & (since < end))
    rows, target, since, end = rows.take(some), target.take(some), since.take(some), end.take(some)
    while rows.size:
        setting = stays.setting[target]
        granted, refused = times.granted[target], times.refused[target]
        until = np.fmin(np.fmin(granted, refused), end)
        out.add(rows, since, until, WAITING_FOR_PLACE, reasons.of_place[setting])
        moving = granted == granted
        out.add(rows[moving], until[moving], end[moving], MOVING_IN, reasons.of_move_in[setting[moving]])
        other = stays.otherwise[target].astype(np.intp)
        more = (refused == refused) & (other != NONE)
        rows, target, since, end = rows[more], other[more], refused[more], end[more]
