"""Rows put in order, and into groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.streams import GRID
from dischargesim.plan.tables import Floats


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
    # Few groups fit a small type, which numpy sorts in one pass over the rows.
    small = group.astype(np.uint8 if groups <= 2**8 else np.uint16 if groups <= 2**16 else np.int64)
    order = np.argsort(small, kind="stable")
    ends = np.cumsum(np.bincount(small, minlength=groups)).tolist()
    return [order[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


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
