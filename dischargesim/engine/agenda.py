"""Events to come, for the compiled engine: file them and find the next.

The future is cut into many short **buckets** of equal length. An event is filed in its bucket without looking at
any other, and when a bucket's time comes the few events in it are tipped into a small heap, where those for the
present moment are added too. So an event costs about the same however many are pending. Where everything happens
at a few moments, the buckets are full and the heap does the work: the order is the same, (moment, kind, row).

Rows are unsigned here and in the kernel, with `NONE` the largest: numba looks at every signed index to see whether
it counts from the end, which took a quarter of the whole time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numba.core.options import DefaultOptions
from numpy.typing import NDArray

from dischargesim.plan.tables import Counts, Floats

Row = np.uint32
Index = Any
Number = Any
Records = Any
"""A row number, an entry of a column and rows of a table: mypy cannot follow which types they have in compiled code."""
Indices = NDArray[np.uint32]
Function = TypeVar("Function", bound=Callable[..., Any])

NONE = Row(0xFFFFFFFF)
"""No such row: -1, read as unsigned."""

ROW_BITS = (1 << 40) - 1
"""The part of a key that is the row; the rest is the kind."""

CURRENT, SIZE, FREE, FRESH = range(4)
"""What is counted: the bucket that the heap has reached, the heap's size, nodes used before, nodes never used."""


_njit: Any = njit  # numba's own types leave out `_nrt`

UNCOUNTED = {"_nrt": False} if hasattr(DefaultOptions, "_nrt") else {}
"""The option of numba that does without counting references. It has no public name (the code is some ten times slower
without it), so numba is asked first whether it still knows it."""


def compiled(function: Function, cache: bool = False) -> Any:
    """Compile a function that allocates nothing, so that references to arrays need not be counted inside it."""
    return _njit(nogil=True, cache=cache, **UNCOUNTED)(function)


def inlined(function: Function) -> Function:
    """As `compiled`, into the caller's code: then arguments, tuples of dozens of arrays, cost nothing."""
    return cast(Function, _njit(nogil=True, forceinline=True, **UNCOUNTED)(function))


class Agenda(NamedTuple):
    """Buckets of linked nodes for the future, a four-way heap for the bucket that has been reached."""

    horizon: float
    buckets_a_day: float
    bucket: Indices
    link: Indices
    node_time: Floats
    node_key: Counts
    heap_time: Floats
    heap_key: Counts
    tally: Counts


def new_agenda(horizon: float, most: int, buckets: int) -> Agenda:
    """An empty agenda for at most `most` events pending at once; memory that is not used is not touched."""
    return Agenda(
        horizon=horizon,
        buckets_a_day=(buckets - 1) / horizon if horizon > 0 else 0.0,
        bucket=np.full(buckets, NONE, dtype=Row),
        link=np.empty(most, dtype=Row),
        node_time=np.empty(most),
        node_key=np.empty(most, dtype=np.int64),
        heap_time=np.empty(most),
        heap_key=np.empty(most, dtype=np.int64),
        tally=np.array([-1, 0, NONE, 0], dtype=np.int64),
    )


@inlined
def schedule(agenda: Agenda, moment: float, kind: int, row: Index) -> None:
    """File an event in its bucket, or in the heap if that has been reached; nothing beyond the horizon."""
    if moment <= agenda.horizon:
        key = (kind << 40) | np.int64(row)
        bucket = int(moment * agenda.buckets_a_day)
        if bucket <= agenda.tally[CURRENT]:
            push(agenda, moment, key)
            return
        node = Row(agenda.tally[FREE])
        if node == NONE:
            node = Row(agenda.tally[FRESH])
            agenda.tally[FRESH] += 1
        else:
            agenda.tally[FREE] = agenda.link[node]
        agenda.node_time[node] = moment
        agenda.node_key[node] = key
        agenda.link[node] = agenda.bucket[Row(bucket)]
        agenda.bucket[Row(bucket)] = node


@inlined
def refill(agenda: Agenda) -> None:
    """Tip the next bucket that has anything in it into the heap, which is empty."""
    at = agenda.tally[CURRENT]
    last = agenda.bucket.size - 1
    while at < last:
        at += 1
        node = agenda.bucket[Row(at)]
        if node != NONE:
            agenda.bucket[Row(at)] = NONE
            while node != NONE:
                push(agenda, agenda.node_time[node], agenda.node_key[node])
                following = agenda.link[node]
                agenda.link[node] = Row(agenda.tally[FREE])
                agenda.tally[FREE] = node
                node = following
            break
    agenda.tally[CURRENT] = at


@inlined
def push(agenda: Agenda, moment: float, key: Index) -> None:
    """Add to the heap."""
    times, keys = agenda.heap_time, agenda.heap_key
    at = Row(agenda.tally[SIZE])
    agenda.tally[SIZE] += 1
    while at > 0:
        parent = Row((at - 1) >> 2)
        if times[parent] < moment or (times[parent] == moment and keys[parent] < key):
            break
        times[at] = times[parent]
        keys[at] = keys[parent]
        at = parent
    times[at] = moment
    keys[at] = key


@inlined
def drop(agenda: Agenda) -> None:
    """Take the first off the heap."""
    times, keys = agenda.heap_time, agenda.heap_key
    size = Row(agenda.tally[SIZE] - 1)
    agenda.tally[SIZE] = size
    moment, key = times[size], keys[size]
    at = Row(0)
    while True:
        least = Row(4 * at + 1)
        if least >= size:
            break
        least_time, least_key = times[least], keys[least]
        for number in range(least + 1, min(least + 4, size)):
            other = Row(number)
            if times[other] < least_time or (times[other] == least_time and keys[other] < least_key):
                least, least_time, least_key = other, times[other], keys[other]
        if moment < least_time or (moment == least_time and key < least_key):
            break
        times[at] = least_time
        keys[at] = least_key
        at = least
    times[at] = moment
    keys[at] = key


@compiled
def exercise(agenda: Agenda, delays: Floats, pending: int) -> int:
    """For benchmarks, the agenda and nothing else: how many events came up.

    There are `pending` at a time, and a further one for each that comes up while `delays` last.
    """
    used = 0
    events = 0
    while used < pending:
        schedule(agenda, delays[used], 0, used)
        used += 1
    while True:
        if agenda.tally[SIZE] == 0:
            refill(agenda)
        if agenda.tally[SIZE] == 0:
            return events
        now = agenda.heap_time[0]
        drop(agenda)
        events += 1
        if used < delays.size:
            schedule(agenda, now + delays[used], 0, used)
            used += 1
