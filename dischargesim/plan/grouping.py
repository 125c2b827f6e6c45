"""Rows put in order, and into groups."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dischargesim.loops import instead_of
from dischargesim.plan.streams import GRID
from dischargesim.plan.tables import Counts, Floats, Rows


def by_group(group: NDArray[np.integer], groups: int) -> list[NDArray[np.intp]]:
    """Rows of each group, ascending.

    Parameters
    ----------
    group : ndarray of int
        Group of each row, 0 or more.
    groups : int
        How many there are.

    Returns
    -------
    list of ndarray of int
        One a group.
    """
    order, ends = _sorted(np.asarray(group, dtype=np.int32), groups)
    bounds = [0, *ends.tolist()]
    return [order[start:end] for start, end in pairwise(bounds)]


def _sorted_few(group: Rows, groups: int) -> tuple[NDArray[np.intp], Counts]:
    return np.argsort(group, kind="stable"), np.cumsum(np.bincount(group, minlength=groups))


@instead_of(_sorted_few)
def _sorted(group: Rows, groups: int) -> tuple[NDArray[np.intp], Counts]:
    """Rows in order of group, those of one group as they are; and where each group ends among them."""
    ends = np.zeros(groups + 1, dtype=np.int64)
    for row in range(group.size):
        ends[group[row] + 1] += 1
    for one in range(groups):
        ends[one + 1] += ends[one]
    order = np.empty(group.size, dtype=np.intp)
    for row in range(group.size):
        place = ends[group[row]]
        order[place] = row
        ends[group[row]] = place + 1
    return order, ends[:groups]


def dealt(u: Floats, row: Rows, edges: Floats) -> Rows:
    """Deal people to columns by their own numbers.

    Parameters
    ----------
    u : ndarray of float64
        Each person's number.
    row : ndarray of int32
        Each person's row of `edges`.
    edges : ndarray of float64, two dimensions
        Ascending within each row.

    Returns
    -------
    ndarray of int32, one a person
        The first column whose edge lies above the person's number; the last column where none does.
    """
    return _dealt(u, row, edges)


def _dealt_few(u: Floats, row: Rows, edges: Floats) -> Rows:
    column = np.zeros(u.size, dtype=np.int32)
    for edge in edges[:, :-1].T:
        column += u >= edge.take(row)
    return column


@instead_of(_dealt_few)
def _dealt(u: Floats, row: Rows, edges: Floats) -> Rows:
    column = np.zeros(u.size, dtype=np.int32)
    # Everyone for each edge, so that the machine compares several at once and need not guess where someone's edge is.
    for edge in range(edges.shape[1] - 1):
        of_row = edges[:, edge].copy()
        for one in range(u.size):
            column[one] += u[one] >= of_row[np.uint32(row[one])]
    return column


def in_order(times: Floats) -> NDArray[np.intp]:
    """Rows in order of their times; those of one time, to the step of the grid, as they stand.

    Parameters
    ----------
    times : ndarray of float64
        Days, finite.

    Returns
    -------
    ndarray of int
    """
    bits = max(times.size - 1, 1).bit_length()
    steps = np.rint(times * GRID)
    if steps.size and np.abs(steps).max() >= 2.0 ** (62 - bits):
        return np.argsort(steps, kind="stable")
    # Whole numbers that hold the row too are all different, and quicker to sort than times with a record of the rows.
    key = (steps.astype(np.int64) << bits) + np.arange(times.size)
    key.sort()
    key &= (1 << bits) - 1
    return key.astype(np.intp, copy=False)
