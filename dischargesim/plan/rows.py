"""Builders of the plan's tables: blocks of rows are reserved, filled and at the end joined and put in order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dischargesim.loops import instead_of
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import FROM_READY, NONE, Rows, Stays, Tasks

Order = NDArray[np.uint32]

_STAY_DEFAULTS: dict[str, Any] = {
    "person": np.int32(NONE),
    "setting": np.int32(NONE),
    "units": np.int32(1),
    "need": np.float64(0),
    "priority": np.int32(0),
    "patience": np.float64(np.inf),
    "next": np.int32(NONE),
    "otherwise": np.int32(NONE),
    "entered": np.float64(np.nan),
    "label": np.int32(Label.ONWARD),
    "refusal": np.int32(Refusal.NONE),
    "pathway": np.int32(NONE),
    "spell": np.int32(NONE),
    "service": np.int32(NONE),
    "permanent": np.int32(0),
    "attribution": np.float64(0.5),
}
_TASK_DEFAULTS: dict[str, Any] = {
    "stay": np.int32(NONE),
    "kind": np.int32(NONE),
    "team": np.int32(NONE),
    "work": np.float64(0),
    "after": np.int32(NONE),
    "starts": np.float64(0),
    "anchor": np.int32(FROM_READY),
    "priority": np.int32(0),
}


class Table:
    """Rows of one table in the making.

    Parameters
    ----------
    defaults : dict
        Column name to the value (and so the type) of a row that says nothing else.
    """

    def __init__(self, defaults: dict[str, Any]) -> None:
        self._defaults = defaults
        self._blocks: list[dict[str, Any]] = []
        self._sizes: list[int] = []
        self.size = 0

    def reserve(self, rows: int) -> tuple[NDArray[np.int32], dict[str, Any]]:
        """Take the next row numbers, to be filled by setting columns of the returned block."""
        block: dict[str, Any] = {}
        first = self.size
        self._blocks.append(block)
        self._sizes.append(rows)
        self.size += rows
        return np.arange(first, self.size, dtype=np.int32), block

    def column(self, name: str) -> NDArray[Any]:
        """All rows of a column."""
        default = self._defaults[name]
        out = np.empty(self.size, dtype=default.dtype)
        start = filled = 0
        for block, size in zip(self._blocks, self._sizes, strict=True):
            if name in block:
                out[filled:start] = default
                out[start : start + size] = block[name]
                filled = start + size
            start += size
        out[filled:] = default
        return out

    def columns(self) -> dict[str, NDArray[Any]]:
        """All columns."""
        return {name: self.column(name) for name in self._defaults}


def stay_table() -> Table:
    """An empty table of stays."""
    return Table(_STAY_DEFAULTS)


def task_table() -> Table:
    """An empty table of tasks."""
    return Table(_TASK_DEFAULTS)


def finish(stays: Table, tasks: Table) -> tuple[Stays, Tasks]:
    """Join the blocks, and put the tasks in order of stay.

    Stays keep the order in which they were reserved: each block is in order of arrival already.

    Parameters
    ----------
    stays, tasks : Table
        Complete.

    Returns
    -------
    Stays, Tasks
    """
    columns = stays.columns()
    # A stay that begins a spell of its own says so by its own row.
    own = np.flatnonzero(columns["spell"] == NONE)
    columns["spell"][own] = own
    work = tasks.columns()
    order, after = _in_order_of(work["stay"], work["after"], stays.size)
    for name in work:
        work[name] = after if name == "after" else _gathered(work[name], order)
    return Stays(**columns), Tasks(**work)


def _gathered_few(values: NDArray[Any], order: Order) -> NDArray[Any]:
    return values.take(order)


@instead_of(_gathered_few)
def _gathered(values: NDArray[Any], order: Order) -> NDArray[Any]:
    out = np.empty_like(values)
    for row in range(order.size):
        out[row] = values[order[row]]
    return out


def _in_order_of_few(stay: Rows, after: Rows, stays: int) -> tuple[Order, Rows]:
    order = np.argsort(stay, kind="stable").astype(np.uint32)
    # The extra last element catches NONE, which indexes from the end.
    place = np.full(order.size + 1, NONE, dtype=np.int32)
    place[order] = np.arange(order.size, dtype=np.int32)
    return order, place[after[order]]


@instead_of(_in_order_of_few)
def _in_order_of(stay: Rows, after: Rows, stays: int) -> tuple[Order, Rows]:
    """Rows in order of stay, those of one stay as they are; and `after`, so ordered, with the new numbers of rows."""
    # Numbers without a sign: numba looks at each of the others to see whether it counts from the end.
    following = np.zeros(stays + 1, dtype=np.uint32)
    for row in range(stay.size):
        following[np.uint32(stay[row]) + np.uint32(1)] += np.uint32(1)
    for row in range(stays):
        following[row + 1] += following[row]
    order = np.empty(stay.size, dtype=np.uint32)
    place = np.empty(stay.size, dtype=np.uint32)
    for row in range(stay.size):
        new = following[np.uint32(stay[row])]
        following[np.uint32(stay[row])] = new + np.uint32(1)
        order[new] = row
        place[row] = new
    renumbered = np.empty(stay.size, dtype=np.int32)
    for row in range(stay.size):
        renumbered[place[row]] = NONE if after[row] == NONE else np.int32(place[np.uint32(after[row])])
    return order, renumbered
