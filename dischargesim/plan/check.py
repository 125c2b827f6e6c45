"""Do the tables of a plan agree with each other? All that is wrong is said at once.

The engines trust a plan: a row number out of range would not raise in the compiled engine but read whatever is
there. So every plan is checked before it is run. The checks are whole-column numpy, about a millisecond for a year
of a hospital.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.tables import (
    FROM_ENTERING,
    FROM_READY,
    NONE,
    UNLIMITED,
    People,
    Plan,
    PlanError,
    Pools,
    Reviews,
    Stays,
    Tasks,
)

Array = NDArray[Any]
Problems = Iterator[str]

_TABLES = {"people": People, "stays": Stays, "tasks": Tasks, "pools": Pools, "reviews": Reviews}
_DTYPES = {"Floats": np.float64, "Rows": np.int32, "Counts": np.int64, "Flags": np.bool_}
"""The columns and their types are read from the annotations of `dischargesim.plan.tables`."""

_TOGETHER = (("change_time", "change_pool", "change_capacity"), ("opens", "closes"))
"""Columns of the pools that go row by row together; in the other tables, all of them do."""


def check_plan(plan: Plan) -> None:
    """Raise one error that names everything in which the tables of a plan contradict each other.

    Raises
    ------
    PlanError
        One line for each problem: the column, what was expected, how many rows differ and the first of them.
    """
    problems = list(_check_columns(plan))
    if not problems:  # the rest may now take types and lengths for granted
        for check in (_check_pools, _check_people, _check_stays, _check_tasks, _check_reviews):
            problems += check(plan)
    if problems:
        raise PlanError("The plan contradicts itself:\n" + "\n".join(f"- {problem}" for problem in problems))


def _check_columns(plan: Plan) -> Problems:
    if not 0 <= plan.horizon < np.inf:
        yield f"horizon: got {plan.horizon}, expected a finite number of days, at least 0"
    for table, cls in _TABLES.items():
        types = {column.name: _DTYPES[str(column.type)] for column in fields(cls) if column.type in _DTYPES}
        may_be_empty = {column.name for column in fields(cls) if column.default_factory is not MISSING}
        columns = {name: getattr(getattr(plan, table), name) for name in types}
        for name, column in columns.items():
            if not isinstance(column, np.ndarray) or column.dtype != types[name] or column.ndim != 1:
                got = getattr(column, "dtype", type(column).__name__)
                yield f"{table}.{name}: got {got}, expected one column of {np.dtype(types[name])}"
        for together in _TOGETHER if table == "pools" else (tuple(types),):
            sizes = {name: np.size(columns[name]) for name in together}
            sizes = {name: size for name, size in sizes.items() if size or name not in may_be_empty}
            if len(set(sizes.values())) > 1:
                yield f"{table}: columns of different length, {sizes}"


def _check_pools(plan: Plan) -> Problems:
    pools, size = plan.pools, len(plan.pools.names)
    if not 0 <= pools.settings <= size:
        yield f"pools.settings: got {pools.settings} of {size} pools"
    for name in ("calendar", "longest_ready_first"):
        rows = getattr(pools, name).size
        if rows != size:
            yield f"pools.{name}: got {rows} rows for {size} pools"
    start = pools.calendar_start
    if start.size < 1 or start[0] != 0 or start[-1] != pools.opens.size or (np.diff(start) < 0).any():
        yield f"pools.calendar_start: expected to ascend from 0 to {pools.opens.size}, the number of intervals"
        return
    yield from _between("pools.calendar", pools.calendar, NONE, start.size - 1)
    yield from _wrong("pools.closes", "each later than it opens", ~(pools.opens < pools.closes))
    touching = ~(pools.closes[:-1] < pools.opens[1:])
    touching[start[(start > 0) & (start < pools.opens.size)] - 1] = False  # from one calendar to the next
    yield from _wrong("pools.opens", "intervals of a calendar ascending and not touching", touching)
    yield from _wrong("pools.opens", "finite", ~np.isfinite(pools.opens))

    time, pool = pools.change_time, pools.change_pool
    yield from _between("pools.change_pool", pool, 0, size)
    yield from _between("pools.change_capacity", pools.change_capacity, 0, UNLIMITED + 1)
    yield from _wrong("pools.change_time", "finite, at least 0", ~(np.isfinite(time) & (time >= 0)))
    order = (time[1:] > time[:-1]) | ((time[1:] == time[:-1]) & (pool[1:] > pool[:-1]))
    yield from _wrong("pools.change_time", "sorted by time, then pool, once each", ~order)
    at_start = np.bincount(pool[(time == 0) & (pool >= 0)], minlength=size)[:size]
    yield from _wrong("pools.change_time", "each pool has one row at time 0", at_start != 1, "pool")


def _check_people(plan: Plan) -> Problems:
    people, stays = plan.people, plan.stays
    yield from _at_least("people.arrival", people.arrival, 0.0)
    if not np.isfinite(people.arrival).all():
        yield "people.arrival: expected finite times"
    yield from _wrong("people.arrival", "ascending", people.arrival[1:] < people.arrival[:-1])
    broken = list(_between("people.first", people.first, 0, stays.person.size))
    yield from broken
    if not broken:
        rows = np.arange(people.first.size, dtype=np.int32)
        yield from _wrong("people.first", "a stay of that person", stays.person[people.first] != rows)
        already_in = ~np.isnan(stays.entered)
        late = already_in & (stays.entered > 0)
        yield from _wrong("stays.entered", "0 or earlier, or NaN", late | np.isinf(stays.entered))
        already_in[people.first] = False
        yield from _wrong("stays.entered", "given for first stays only", already_in)


def _check_stays(plan: Plan) -> Problems:
    stays, size = plan.stays, plan.stays.person.size
    yield from _between("stays.person", stays.person, 0, plan.people.arrival.size)
    yield from _between("stays.setting", stays.setting, 0, plan.pools.settings)
    yield from _between("stays.units", stays.units, 0, 2**31)
    yield from _at_least("stays.need", stays.need, 0.0)
    yield from _at_least("stays.patience", stays.patience, 0.0)
    forward = True
    for name, target in (("next", stays.next), ("otherwise", stays.otherwise)):
        broken = list(_between(f"stays.{name}", target, NONE, size))
        yield from broken
        if broken:
            return
        chosen = np.flatnonzero(target != NONE)
        onward = target[chosen]
        other = stays.person[onward] != stays.person[chosen]
        yield from _wrong(f"stays.{name}", "a stay of the same person", other, rows=chosen)
        forward &= bool((onward > chosen).all())
    if not forward:  # most plans write a journey down in order; the others are looked at more closely
        yield from _check_no_way_back(stays.next, stays.otherwise, size)


def _check_no_way_back(following: Array, otherwise: Array, size: int) -> Problems:
    """Take away, again and again, the stays that nothing leads to; what is left at the end goes in a circle."""
    rows = np.arange(size)
    sources = np.concatenate([rows[following != NONE], rows[otherwise != NONE]])
    targets = np.concatenate([following[following != NONE], otherwise[otherwise != NONE]])
    left = -1
    while sources.size != left:
        left = sources.size
        led_to = np.zeros(size, dtype=bool)
        led_to[targets] = True
        keep = led_to[sources]
        sources, targets = sources[keep], targets[keep]
    if left:
        yield f"stays.next, stays.otherwise: expected never to lead back to an earlier stay, row {sources.min()} does"


def _check_tasks(plan: Plan) -> Problems:
    tasks = plan.tasks
    size = tasks.stay.size
    yield from _between("tasks.stay", tasks.stay, 0, plan.stays.person.size)
    yield from _wrong("tasks.stay", "ascending", tasks.stay[1:] < tasks.stay[:-1])
    yield from _between("tasks.team", tasks.team, NONE, len(plan.pools.names) - plan.pools.settings)
    yield from _at_least("tasks.work", tasks.work, 0.0)
    yield from _between("tasks.anchor", tasks.anchor, FROM_ENTERING, FROM_READY + 1)
    if size and not tasks.starts.min() > -np.inf:  # a minimum is NaN where anything is
        yield "tasks.starts: expected numbers greater than -inf"
    rows = np.arange(size, dtype=np.int32)
    broken = list(_between("tasks.after", tasks.after, NONE, size))
    yield from broken
    if not broken:
        chosen = np.flatnonzero(tasks.after != NONE)
        before = tasks.after[chosen]
        yield from _wrong("tasks.after", "a smaller row", before >= rows[chosen], rows=chosen)
        other = tasks.stay[before] != tasks.stay[chosen]
        yield from _wrong("tasks.after", "a task of the same stay", other, rows=chosen)


def _check_reviews(plan: Plan) -> Problems:
    reviews = plan.reviews
    yield from _wrong("reviews.time", "finite, greater than 0", ~(np.isfinite(reviews.time) & (reviews.time > 0)))
    yield from _wrong("reviews.time", "ascending", reviews.time[1:] < reviews.time[:-1])
    yield from _between("reviews.setting", reviews.setting, 0, plan.pools.settings)
    for name in ("step", "most"):
        yield from _between(f"reviews.{name}", getattr(reviews, name), 0, 2**31)
    for name in ("open_share", "close_share"):
        yield from _wrong(f"reviews.{name}", "a number", np.isnan(getattr(reviews, name)))


def _between(name: str, column: Array, low: int, high: int) -> Problems:
    """Whole numbers from `low` up to, not including, `high`. Looks at single rows only when something is wrong."""
    if column.size and (column.min() < low or column.max() >= high):
        yield from _wrong(name, f"from {low} to {high - 1}", (column < low) | (column >= high), values=column)


def _at_least(name: str, column: Array, low: float) -> Problems:
    """Numbers, none NaN (the minimum of a column with NaN is NaN), none below `low`; inf may be."""
    if column.size and not column.min() >= low:
        yield from _wrong(name, f"at least {low:g}", ~(column >= low), values=column)


def _wrong(
    name: str, expected: str, bad: Array, row: str = "row", rows: Array | None = None, values: Array | None = None
) -> Problems:
    count = int(np.count_nonzero(bad))
    if count:
        first = int(bad.argmax())
        got = "" if values is None else f" ({values[first]})"
        where = first if rows is None else int(rows[first])
        yield f"{name}: expected {expected}; {count} of {bad.size} not, the first is {row} {where}{got}"
