"""Opening hours: is a pool open, when does it open next, and when is a piece of work finished?

A calendar is a run of open intervals ``[opens, closes)`` in flat columns that it shares with all the other
calendars: those from `first` up to, not including, `last`. These functions are ordinary Python; numba compiles
the very same source for the compiled engine, so both engines do the same operations on the same floats in the
same order. They keep to what both can read: indices, comparisons and plain arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from dischargesim.plan.tables import Floats, Pools

SLACK = 1e-9
"""Days of work (a tenth of a millisecond) that are taken for rounding when work ends at closing time.

Nine to five is not exactly a third of a day once it is written as a difference of two floats late in the year.
Without this, a task of exactly one working day would now and then end the next morning.
"""


def worked_before(pools: Pools) -> Floats:
    """Open days of the same calendar before each interval: the column that lets `finish` search.

    Parameters
    ----------
    pools : Pools
        The pools of a plan, with their calendars.

    Returns
    -------
    ndarray of float64
        One an interval, 0 for the first of each calendar.
    """
    worked = np.zeros(pools.opens.size)
    lengths = pools.closes - pools.opens
    for first, last in zip(pools.calendar_start[:-1], pools.calendar_start[1:], strict=True):
        if last - first > 1:
            worked[first + 1 : last] = np.cumsum(lengths[first : last - 1])
    return worked


def locate(values: Sequence[float], first: int, last: int, t: float) -> int:
    """Row of the last of ``values[first:last]``, ascending, that is not greater than `t`; ``first - 1`` if none is.

    The search goes from `first` in steps that double, and then halves the last of them. It is short where the row
    is near `first`, so an engine, whose time only goes on, may give for `first` the row that it found last.
    """
    if first >= last or values[first] > t:
        return first - 1
    low, step = first, 1
    while low + step < last and values[low + step] <= t:
        low += step
        step += step
    high = min(low + step, last)
    while high - low > 1:
        middle = (low + high) >> 1
        if values[middle] <= t:
            low = middle
        else:
            high = middle
    return low


def is_open(opens: Sequence[float], closes: Sequence[float], first: int, last: int, t: float) -> bool:
    """Whether some interval has ``opens <= t < closes``."""
    row = locate(opens, first, last, t)
    return row >= first and t < closes[row]


def next_open(opens: Sequence[float], closes: Sequence[float], first: int, last: int, t: float) -> float:
    """`t` itself if open then, otherwise the next opening; inf if nothing opens any more."""
    row = locate(opens, first, last, t)
    if row >= first and t < closes[row]:
        return t
    if row + 1 < last:
        return opens[row + 1]
    return inf


def finish(
    opens: Sequence[float],
    closes: Sequence[float],
    worked: Sequence[float],
    first: int,
    last: int,
    start: float,
    work: float,
) -> float:
    """Moment at which `work` days of open time have passed since `start`, which must be an open moment.

    Work pauses while closed. Work that ends just at closing time is done then and not at the next opening. It
    is inf where the calendar has no such moment.

    Parameters
    ----------
    opens, closes : sequence of float
        The open intervals.
    worked : sequence of float
        Open days before each interval (`worked_before`).
    first, last : int
        The calendar's intervals are ``first`` up to, not including, ``last``.
    start : float
        When the work is taken up.
    work : float
        Days of open time it needs.
    """
    row = locate(opens, first, last, start)
    if start + work <= closes[row] + SLACK:
        return min(start + work, closes[row])
    target = worked[row] + (start - opens[row]) + work
    row = locate(worked, row + 1, last, target - SLACK)  # `row` itself where work has overrun by no more than rounding
    moment = opens[row] + (target - worked[row])
    if moment <= closes[row]:
        return moment
    if row + 1 < last or moment <= closes[row] + SLACK:
        return closes[row]
    return inf
