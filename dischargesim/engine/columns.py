"""What the compiled kernel works on: the columns of a plan and of its times, and the state of a run.

The kernel takes tuples of arrays, of one type each whatever the plan, so that it is compiled once. It begins by
copying what it will read of stays and tasks into **records**, one a row: an event then finds all it needs to know of a
stay in one line of the processor's cache, and not in a dozen columns.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dischargesim.engine import calendar
from dischargesim.engine.agenda import NONE, Indices, Row, inlined, new_agenda
from dischargesim.plan.tables import Counts, Flags, Floats, Plan, Pools, Rows, Times

CLOSE_TOGETHER = 256
"""Priorities that span less than this are ranked by looking them up; others have to be sorted."""

LINE = 64
"""Bytes in a line of the cache."""

STAY = np.dtype(
    [
        ("need", np.float64),
        ("patience", np.float64),
        ("entered", np.float64),
        ("setting", Row),
        ("units", np.int32),
        ("next", Row),
        ("otherwise", Row),
        ("rank", Row),
        ("held", Row),
        ("behind", Row),
        ("first_task", Row),
        ("open_tasks", np.int32),
        ("settled", np.bool_),
        ("closed", np.bool_),
        ("asked", np.bool_),
        ("ready", np.bool_),
    ],
    align=True,
)
"""A stay: what the plan says, as the column of the same name, and how it stands. Names as in `simpy_state`, except:

`behind` is the next in the same queue, `first_task` the first row of `open_tasks` tasks, `asked` and `ready` whether
these have happened. Its size is a line of the cache, and a test says if it outgrows that.
"""

TASK = np.dtype(
    [
        ("work", np.float64),
        ("starts", np.float64),
        ("stay", Row),
        ("team", Row),
        ("after", Row),
        ("rank", Row),
        ("behind", Row),
        ("anchor", np.int32),
    ],
    align=True,
)
"""A task: what the plan says, and the next `behind` it in its team's queue."""


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
    longest_ready_first: Flags
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


class Order(NamedTuple):
    """Of stays or of tasks, once they have joined a queue in which whoever has been ready for longest comes first.

    `since` is when the person became, or will become, ready; `ahead` the next towards the head, if it is not the head.
    """

    since: Floats
    ahead: Indices


class State(NamedTuple):
    """The records, the pools and their queues at the present moment. Names as in `simpy_state`, except:

    `interval` is the last interval of a pool's calendar that has begun; `lowest` a priority (as a rank) below
    which nobody waits for a pool; `head` and `tail` the ends of the queue for each pool and rank.
    """

    stays: Any
    tasks: Any
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
    stay_order: Order
    task_order: Order


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
        longest_ready_first=_plain(pools.longest_ready_first),
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
        stays=_records(stays, STAY),
        tasks=_records(tasks, TASK),
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
        stay_order=_order(stays),
        task_order=_order(tasks),
    )


def _order(size: int) -> Order:
    return Order(since=np.empty(size), ahead=np.empty(size, dtype=Row))  # memory that is not used is not touched


def _rank(*priorities: Any) -> tuple[list[Any], int]:
    """Priorities as ranks 0, 1, 2 ... in the same order, and how many ranks there are.

    None is left out: an empty rank would be looked at whenever somebody looks for the head of a queue.
    """
    least = min((int(column.min()) for column in priorities if column.size), default=0)
    most = max((int(column.max()) for column in priorities if column.size), default=0)
    if most - least < CLOSE_TOGETHER:
        places = [np.subtract(column, least, dtype=np.intp) for column in priorities]
        found = np.zeros(most - least + 1, dtype=np.bool_)
        for place in places:
            found[place] = True
        rank = np.cumsum(found, dtype=Row) - Row(1)
        return [rank.take(place) for place in places], int(found.sum())
    distinct = np.unique(np.concatenate(priorities))
    return [np.searchsorted(distinct, column).astype(Row) for column in priorities], distinct.size


def _plain(column: Any) -> Any:
    """The column as numba wants it, contiguous and writable, so that there is one compiled version only."""
    return np.require(column, requirements=["C", "W"])


def _rows(column: Any) -> Any:
    """A column of row numbers as unsigned, -1 becoming the largest. The bytes are the same."""
    return _plain(column).view(Row)


def _records(size: int, dtype: np.dtype[Any]) -> Any:
    """Records yet to be filled, the first of which begins where a line of the cache does."""
    room = np.empty(size * dtype.itemsize + LINE, dtype=np.uint8)
    begin = -room.ctypes.data % LINE
    return room[begin : begin + size * dtype.itemsize].view(dtype)


@inlined
def fill_records(stays: StayColumns, tasks: TaskColumns, state: State) -> None:
    """Stays and tasks as the plan has them, and nothing has happened yet."""
    for number in range(stays.setting.size):
        stay = state.stays[Row(number)]
        stay.need = stays.need[number]
        stay.patience = stays.patience[number]
        stay.entered = stays.entered[number]
        stay.setting = stays.setting[number]
        stay.units = stays.units[number]
        stay.next = stays.next[number]
        stay.otherwise = stays.otherwise[number]
        stay.rank = stays.rank[number]
        stay.held = NONE
        stay.open_tasks = 0
        stay.settled = False
        stay.closed = False
        stay.asked = False
        stay.ready = False
    for number in range(tasks.stay.size):
        task = state.tasks[Row(number)]
        task.work = tasks.work[number]
        task.starts = tasks.starts[number]
        task.stay = tasks.stay[number]
        task.team = tasks.team[number]
        task.after = tasks.after[number]
        task.rank = tasks.rank[number]
        task.anchor = tasks.anchor[number]
        stay = state.stays[task.stay]
        if stay.open_tasks == 0:
            stay.first_task = Row(number)
        stay.open_tasks += 1
