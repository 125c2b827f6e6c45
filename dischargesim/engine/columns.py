"""What the compiled kernel works on: the columns of a plan and of its times, and the state of a run.

The kernel takes tuples of arrays, of one type each whatever the plan, so that it is compiled once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dischargesim.engine import calendar
from dischargesim.engine.agenda import NONE, Indices, Row, new_agenda
from dischargesim.plan.tables import Counts, Floats, Plan, Pools, Rows, Times

CLOSE_TOGETHER = 256
"""Priorities that span less than this are ranked by subtracting the smallest; others have to be sorted."""

Flags = NDArray[np.bool_]


class StayColumns(NamedTuple):
    """The stays of a plan, and what happens to them."""

    setting: Indices
    units: Rows
    need: Floats
    rank: Indices
    patience: Floats
    next: Indices
    otherwise: Indices
    asked: Floats
    granted: Floats
    entered: Floats
    ready: Floats
    cleared: Floats
    left: Floats
    refused: Floats


class TaskColumns(NamedTuple):
    """The tasks of a plan, and what happens to them."""

    stay: Indices
    team: Indices
    work: Floats
    after: Indices
    starts: Floats
    anchor: Rows
    rank: Indices
    queued: Floats
    started: Floats
    done: Floats


class PoolColumns(NamedTuple):
    """The pools of a plan with their calendars and capacity schedule."""

    settings: int
    calendar: Indices
    change_time: Floats
    change_pool: Indices
    change_capacity: Counts
    calendar_start: Rows
    opens: Any
    closes: Any
    worked: Any


class ReviewColumns(NamedTuple):
    """The reviews of escalation places, and their outcome."""

    time: Floats
    setting: Indices
    step: Counts
    most: Counts
    open_waiting: Counts
    close_waiting: Counts
    open_share: Floats
    close_share: Floats
    extra: Counts


class State(NamedTuple):
    """The stays, the pools and their queues at the present moment. Names as in `simpy_state`, except:

    `interval` is the last interval of a pool's calendar that has begun; `lowest` a priority (as a rank) below
    which nobody waits for a pool; `head` and `tail` the ends of the queue for each pool and rank; `behind` who is
    next in the same queue, for each stay and then each task.
    """

    held: Indices
    settled: Flags
    closed: Flags
    open_tasks: Rows
    task_from: Indices
    capacity: Counts
    in_use: Counts
    waiting: Counts
    escalation: Counts
    awaited: Flags
    interval: Rows
    ranks: int
    lowest: Indices
    head: Indices
    tail: Indices
    behind: Indices


def kernel_arguments(plan: Plan, times: Times) -> tuple[Any, ...]:
    """What the kernel takes: the columns of the plan and of the times, the state at the start and an agenda."""
    stays, tasks, reviews = plan.stays, plan.tasks, plan.reviews
    (stay_rank, task_rank), ranks = _rank(stays.priority, tasks.priority)
    pending = 3 * stays.person.size + 2 * tasks.stay.size + len(plan.pools.names) + 2  # keys but for the arrivals
    return (
        _plain(plan.people.arrival),
        _rows(plan.people.first),
        StayColumns(
            setting=_rows(stays.setting),
            units=_plain(stays.units),
            need=_plain(stays.need),
            rank=stay_rank,
            patience=_plain(stays.patience),
            next=_rows(stays.next),
            otherwise=_rows(stays.otherwise),
            asked=times.asked,
            granted=times.granted,
            entered=times.entered,
            ready=times.ready,
            cleared=times.cleared,
            left=times.left,
            refused=times.refused,
        ),
        TaskColumns(
            stay=_rows(tasks.stay),
            team=_rows(tasks.team),
            work=_plain(tasks.work),
            after=_rows(tasks.after),
            starts=_plain(tasks.starts),
            anchor=_plain(tasks.anchor),
            rank=task_rank,
            queued=times.queued,
            started=times.started,
            done=times.done,
        ),
        _pools(plan.pools),
        ReviewColumns(
            time=_plain(reviews.time),
            setting=_rows(reviews.setting),
            step=_plain(reviews.step),
            most=_plain(reviews.most),
            open_waiting=_plain(reviews.open_waiting),
            close_waiting=_plain(reviews.close_waiting),
            open_share=_plain(reviews.open_share),
            close_share=_plain(reviews.close_share),
            extra=times.extra,
        ),
        _state(plan, ranks),
        new_agenda(float(plan.horizon), pending, buckets=max((stays.person.size + tasks.stay.size) // 2, 1)),
    )


def _pools(pools: Pools) -> PoolColumns:
    return PoolColumns(
        settings=int(pools.settings),
        calendar=_rows(pools.calendar),
        change_time=_plain(pools.change_time),
        change_pool=_rows(pools.change_pool),
        change_capacity=_plain(pools.change_capacity),
        calendar_start=_plain(pools.calendar_start),
        opens=_plain(pools.opens),
        closes=_plain(pools.closes),
        worked=calendar.worked_before(pools),
    )


def _state(plan: Plan, ranks: int) -> State:
    stays, tasks, pools = plan.stays.person.size, plan.tasks.stay.size, len(plan.pools.names)
    calendars = np.append(plan.pools.calendar_start, np.int32(0))  # the last row is for `NONE`, -1
    return State(
        held=np.full(stays, NONE, dtype=Row),
        settled=np.zeros(stays, dtype=np.bool_),
        closed=np.zeros(stays, dtype=np.bool_),
        open_tasks=np.zeros(stays, dtype=np.int32),
        task_from=np.zeros(stays + 1, dtype=Row),
        capacity=np.zeros(pools, dtype=np.int64),
        in_use=np.zeros(pools, dtype=np.int64),
        waiting=np.zeros(pools, dtype=np.int64),
        escalation=np.zeros(pools, dtype=np.int64),
        awaited=np.zeros(pools, dtype=np.bool_),
        interval=calendars[plan.pools.calendar],
        ranks=ranks,
        lowest=np.full(pools, ranks, dtype=Row),
        head=np.full(pools * ranks, NONE, dtype=Row),
        tail=np.full(pools * ranks, NONE, dtype=Row),
        behind=np.empty(stays + tasks, dtype=Row),
    )


def _rank(*priorities: Any) -> tuple[list[Any], int]:
    """Priorities as ranks from 0, in the same order, and how many ranks there are."""
    least = min((int(column.min()) for column in priorities if column.size), default=0)
    most = max((int(column.max()) for column in priorities if column.size), default=0)
    if most - least < CLOSE_TOGETHER:
        return [_rows(column - np.int32(least)) for column in priorities], most - least + 1
    distinct = np.unique(np.concatenate(priorities))
    return [np.searchsorted(distinct, column).astype(Row) for column in priorities], distinct.size


def _plain(column: Any) -> Any:
    """The column as numba wants it, contiguous and writable, so that there is one compiled version only."""
    return np.require(column, requirements=["C", "W"])


def _rows(column: Any) -> Any:
    """A column of row numbers as unsigned, -1 becoming the largest. The bytes are the same."""
    return _plain(column).view(Row)
