"""What the SimPy model keeps in its hands: the plan's tables, the state of the pools, the diary and the answer.

Nothing is decided here. Columns are plain lists, which Python reads several times faster than numpy arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappush
from itertools import count
from math import nan

import numpy as np
import simpy

from dischargesim.engine import calendar
from dischargesim.plan.tables import NONE, Plan, Times

KINDS = 9
"""How many kinds of event there are (docs/engines.md)."""

Request = tuple[int, float, int, int, int]
"""Somebody in a queue: priority, ready since (0 where that does not count), order of asking, row of the stay or task,
units needed."""

Hours = tuple[list[float], list[float], int, int]
"""A pool's calendar, as the functions of `dischargesim.engine.calendar` take it: opens, closes, first, last."""


class Event(simpy.Event):
    """Something that will happen to one row of a table: a bare SimPy event, settled before it is scheduled."""

    __slots__ = ("callbacks", "row")
    _ok = True

    def __init__(self, callbacks: list[Callable[[Event], None]], row: int) -> None:
        self.callbacks = callbacks
        self.row = row


class State(simpy.Environment):
    """The tables of one replication, its pools, and SimPy's diary of events to come."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(0.0)
        self.horizon = plan.horizon
        self.order = count()  # whoever is equal otherwise is served in order of asking
        self.methods: list[list[Callable[[Event], None]]] = [[] for _ in range(KINDS)]
        self._read_stays(plan)
        self._read_tasks(plan)
        self._read_pools(plan)
        self._read_agenda(plan)

    def on(self, kind: int, method: Callable[[Event], None]) -> None:
        """Say what is called when an event of a kind happens."""
        self.methods[kind].append(method)

    def schedule_at(self, moment: float, kind: int, row: int) -> None:
        """Enter an event in the diary, unless it lies beyond the horizon.

        The key (moment, kind, row) is never the same twice. SimPy's own `schedule` takes a delay from now; here a
        moment is computed once and kept, so that nobody who is ready at 9.3 is let go at 9.299999.
        """
        if moment <= self.horizon:
            event = Event(self.methods[kind], row)
            heappush(self._queue, (moment, kind << 40 | row, next(self._eid), event))  # type: ignore[misc]

    def schedule_next(self, agenda: Iterator[tuple[float, int]], kind: int) -> None:
        """Enter the next (moment, row) of a sorted agenda: the diary holds one of its events at a time."""
        for moment, row in agenda:
            self.schedule_at(moment, kind, row)
            return

    @property
    def events(self) -> int:
        """Events that have happened, once the diary is empty: all that were entered in it."""
        return next(self._eid)

    def times(self) -> Times:
        """Everything that happened, as arrays."""
        columns = {name: np.array(getattr(self, name), dtype=np.float64) for name in _TIMES}
        return Times(**columns, extra=np.array(self.extra, dtype=np.int64))

    def _read_stays(self, plan: Plan) -> None:
        stays, size = plan.stays, plan.stays.person.size
        self.first: list[int] = plan.people.first.tolist()
        self.setting: list[int] = stays.setting.tolist()
        self.units: list[int] = stays.units.tolist()
        self.need: list[float] = stays.need.tolist()
        self.stay_priority: list[int] = stays.priority.tolist()
        self.patience: list[float] = stays.patience.tolist()
        self.next: list[int] = stays.next.tolist()
        self.otherwise: list[int] = stays.otherwise.tolist()
        # first stays of the people who are in when the run starts
        self.census = plan.people.first[~np.isnan(stays.entered[plan.people.first])].tolist()
        self.asked, self.granted, self.entered = (stays.entered.tolist() for _ in range(3))
        self.ready, self.cleared, self.left, self.refused = ([nan] * size for _ in range(4))
        self.held = [NONE] * size  # the stay that is kept until this one is entered
        self.settled: list[bool] = (~np.isnan(stays.entered)).tolist()  # granted or refused
        self.closed = [False] * size  # given up for another stay, or left, with tasks still open
        self.open_tasks: list[int] = np.bincount(plan.tasks.stay, minlength=size).tolist()

    def _read_tasks(self, plan: Plan) -> None:
        tasks, size = plan.tasks, plan.tasks.stay.size
        self.stay: list[int] = tasks.stay.tolist()
        self.team: list[int] = np.where(tasks.team == NONE, NONE, tasks.team + plan.pools.settings).tolist()  # its pool
        self.work: list[float] = tasks.work.tolist()
        self.after: list[int] = tasks.after.tolist()
        self.starts: list[float] = tasks.starts.tolist()
        self.anchor: list[int] = tasks.anchor.tolist()
        self.task_priority: list[int] = tasks.priority.tolist()
        self.queued, self.started, self.done = ([nan] * size for _ in range(3))
        self.task_from: list[int] = np.searchsorted(tasks.stay, np.arange(plan.stays.person.size + 1)).tolist()
        self.followers: dict[int, list[int]] = {}
        for task in np.flatnonzero(tasks.after != NONE).tolist():
            self.followers.setdefault(self.after[task], []).append(task)

    def _read_pools(self, plan: Plan) -> None:
        pools, size = plan.pools, len(plan.pools.names)
        self.settings = pools.settings
        self.calendar: list[int] = pools.calendar.tolist()
        self.longest_ready_first: list[bool] = pools.longest_ready_first.tolist()
        self.opens, self.closes = pools.opens.tolist(), pools.closes.tolist()
        self.worked: list[float] = calendar.worked_before(pools).tolist()
        start = pools.calendar_start.tolist()
        self.hours: list[Hours] = [
            (self.opens, self.closes, start[number], start[number + 1]) if number != NONE else ([], [], 0, 0)
            for number in self.calendar
        ]
        self.capacity, self.in_use, self.waiting, self.escalation = ([0] * size for _ in range(4))
        self.awaited = [False] * size  # an OPENS is in the diary
        self.queue: list[list[Request]] = [[] for _ in range(size)]

    def _read_agenda(self, plan: Plan) -> None:
        pools, reviews, people = plan.pools, plan.reviews, plan.people
        self.change_pool: list[int] = pools.change_pool.tolist()
        self.change_capacity_to: list[int] = pools.change_capacity.tolist()
        changes = list(enumerate(pools.change_time.tolist()))
        for row, moment in changes:
            if moment == 0:
                self.capacity[self.change_pool[row]] = self.change_capacity_to[row]
        self.changes = iter([(moment, row) for row, moment in changes if moment > 0])
        self.reviews = iter([(moment, row) for row, moment in enumerate(reviews.time.tolist())])
        limits = (reviews.open_waiting, reviews.close_waiting, reviews.open_share, reviews.close_share)
        rules = (reviews.setting, reviews.step, reviews.most, *limits)
        self.review_rule = list(zip(*(column.tolist() for column in rules), strict=True))
        self.extra = [-1] * reviews.time.size
        outside = np.flatnonzero(np.isnan(plan.stays.entered[people.first]))
        self.arrivals = iter(list(zip(people.arrival[outside].tolist(), outside.tolist(), strict=True)))


_TIMES = ("asked", "granted", "entered", "ready", "cleared", "left", "refused", "queued", "started", "done")
