"""Means and intervals over replications, taken in one at a time so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dischargesim.measures import Row

Floats = NDArray[np.float64]

LEVEL = 0.95
"""Of all intervals."""


class Moments:
    """Mean and spread of arrays of one shape, by Welford's method; what is not defined (NaN) is left out.

    The order in which the arrays come decides the last bits: take replications in their order.
    """

    def __init__(self) -> None:
        self._count: NDArray[np.int64] | None = None
        self._mean = self._squares = self._largest = np.empty(0)

    def add(self, blocks: Iterable[Floats]) -> None:
        """Take in further arrays.

        Parameters
        ----------
        blocks : iterable of ndarray of float64
            One a replication, all of the same shape.
        """
        for values in blocks:
            if self._count is None:
                self._count = np.zeros(values.shape, dtype=np.int64)
                self._mean, self._squares = np.zeros(values.shape), np.zeros(values.shape)
                self._largest = np.full(values.shape, -np.inf)
            defined = np.isfinite(values)
            self._count += defined
            off = np.where(defined, values - self._mean, 0.0)
            self._mean += off / np.maximum(self._count, 1)
            self._squares += off * np.where(defined, values - self._mean, 0.0)
            np.maximum(self._largest, values, out=self._largest, where=defined)

    def half_widths(self, level: float = LEVEL) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """Mean, half of the width of Student's t interval, and how many were defined; see `half_widths`."""
        from scipy.special import stdtrit

        if self._count is None:
            raise ValueError("there is nothing to take the mean of")
        some, several = np.maximum(self._count, 1), np.maximum(self._count - 1, 1)
        mean = np.where(self._count > 0, self._mean, np.nan)
        half = stdtrit(several, (1 + level) / 2) * np.sqrt(self._squares / several / some)
        return mean, np.where(self._count > 1, half, np.nan), self._count

    def interval(self, level: float = LEVEL) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
        """Mean, lower and upper end of Student's t interval, and how many were defined; see `interval`."""
        mean, half, count = self.half_widths(level)
        return mean, mean - half, mean + half, count

    def possible_interval(self, rows: Sequence[Row]) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
        """As `interval`, ended where the figures end: at 0 for all but growths, and at 1 for shares never above it.

        Parameters
        ----------
        rows : sequence of Row
            What the first axis of the arrays is.
        """
        mean, lower, upper, count = self.interval()
        shape = (-1, *[1] * (lower.ndim - 1))
        signed = np.array(["growth" in row.measure for row in rows]).reshape(shape)
        share = np.array([row.unit == "share" for row in rows]).reshape(shape)
        lower = np.where(signed, lower, np.maximum(lower, 0.0))
        return mean, lower, np.where(share & ~(self._largest > 1), np.minimum(upper, 1.0), upper), count


def interval(values: Floats, level: float = LEVEL) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Mean and Student's t interval over the first axis, leaving out what is not defined.

    Parameters
    ----------
    values : ndarray of float64
        One entry a replication along the first axis; NaN where a figure is not defined.
    level : float
        Of the interval.

    Returns
    -------
    mean, lower, upper : ndarray of float64
        The interval is NaN from fewer than two values.
    count : ndarray of int64
        Values that are defined.
    """
    moments = Moments()
    moments.add(values)
    return moments.interval(level)


def half_widths(values: Floats, level: float = LEVEL) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Mean and half of the width of Student's t interval, over the first axis, leaving out what is not defined.

    Parameters
    ----------
    values : ndarray of float64
        One entry a replication along the first axis; NaN where a figure is not defined.
    level : float
        Of the interval.

    Returns
    -------
    mean, half_width : ndarray of float64
        The half-width is ``t(n - 1) s / sqrt(n)``, NaN from fewer than two values.
    count : ndarray of int64
        Values that are defined.
    """
    moments = Moments()
    moments.add(values)
    return moments.half_widths(level)
