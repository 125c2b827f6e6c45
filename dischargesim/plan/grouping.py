"""Rows sorted into groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


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
