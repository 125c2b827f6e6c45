"""What every distribution of times shares: scaling, bounds, quantiles, and inversion by steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ConfigDict, Field, model_validator

from dischargesim.scenario.base import Part

Floats = NDArray[np.float64]

LONGEST = 40_000.0
"""Largest mean or value of a time (in days, a lifetime of 110 years)."""

Mean = Annotated[float, Field(gt=0, le=LONGEST, description="Mean time.")]
Time = Annotated[float, Field(ge=0, le=LONGEST)]
Weight = Annotated[float, Field(gt=0, le=1e9)]

_STEPS = 200
_TOLERANCE = 1e-12


def _ask_for_kind(schema: dict[str, Any]) -> None:
    """Make ``kind`` required in the JSON Schema: it has a default for Python, but YAML must give it."""
    schema["required"] = ["kind", *schema.get("required", [])]


class BaseDistribution(Part):
    """What all kinds share: scaling by ``multiply``, the mean and the quantiles.

    A kind describes itself unscaled, in three private methods; ``biased`` asks for the length-biased form.
    """

    model_config = ConfigDict(serialize_by_alias=True, json_schema_extra=_ask_for_kind)

    multiply: float = Field(
        default=1.0, gt=0, le=1000, description="Factor on every time, e.g. 0.9 for a tenth shorter."
    )

    @model_validator(mode="after")
    def _possible(self) -> BaseDistribution:
        self._check()
        mean = self.mean()
        if not mean <= LONGEST:
            raise ValueError(f"the mean comes to {mean:.6g}, expected at most {LONGEST:g}")
        return self

    def mean(self) -> float:
        """Mean time, ``multiply`` included."""
        return self.multiply * self._mean()

    def quantile(self, u: ArrayLike) -> Floats:
        """Times at the probabilities `u`: the inverse of the distribution function.

        Parameters
        ----------
        u
            Probabilities strictly between 0 and 1.

        Returns
        -------
        numpy.ndarray
            The smallest time that a fraction `u` of people does not exceed; same shape as `u`.
        """
        x = self._inverse(np.asarray(u, dtype=np.float64), biased=False)
        return x if self.multiply == 1 else self.multiply * x

    def length_biased_quantile(self, u: ArrayLike) -> Floats:
        """Whole lengths, at the probabilities `u`, of the stays found by a census at a random moment.

        The distribution with density x f(x) / mean, inverted. Where every time is 0 no census finds anyone, and
        the answer is 0.

        Parameters
        ----------
        u
            Probabilities strictly between 0 and 1.

        Returns
        -------
        numpy.ndarray
            Whole lengths of stay (elapsed and to come together), same shape as `u`.
        """
        u = np.asarray(u, dtype=np.float64)
        if self.mean() == 0:
            return np.zeros_like(u)
        return self.multiply * self._inverse(u, biased=True)

    def cdf(self, x: ArrayLike, *, length_biased: bool = False) -> Floats:
        """Distribution function: the fraction of people whose time is at most `x`.

        Parameters
        ----------
        x
            Times.
        length_biased
            Count the people found by a census at a random moment rather than all who came.

        Returns
        -------
        numpy.ndarray
            Fractions from 0 to 1, same shape as `x`.
        """
        scaled = np.asarray(x, dtype=np.float64) / self.multiply
        return np.where(scaled < 0, 0.0, self._cumulative(np.maximum(scaled, 0.0), biased=length_biased))

    def _check(self) -> None:
        """Raise ValueError where the fields contradict each other."""

    def _mean(self) -> float:
        raise NotImplementedError

    def _inverse(self, u: Floats, *, biased: bool) -> Floats:
        raise NotImplementedError

    def _cumulative(self, x: Floats, *, biased: bool) -> Floats:
        raise NotImplementedError

    def _jumps(self) -> Floats:
        """Scaled times that have a probability of their own; none for a continuous kind."""
        return np.empty(0)


def invert(function: Callable[[Floats], Floats], u: Floats, low: Floats, high: Floats) -> Floats:
    """Smallest x between `low` and `high` at which a rising function reaches `u`, to a relative 1e-12.

    The Illinois form of false position (Dowell and Jarratt, BIT, 1971), with a bisection every fourth step so that
    a flat stretch or a near-jump cannot stall it. Needs function(high) >= u.
    """
    u = np.asarray(u, dtype=np.float64)
    shape = u.shape
    u, low, high = u.ravel(), low.ravel().copy(), high.ravel().copy()
    below, above = function(low) - u, function(high) - u
    high[below >= 0] = low[below >= 0]
    open_ = np.flatnonzero(high - low > _TOLERANCE * high)
    for step in range(_STEPS):
        if open_.size == 0:
            break
        left, right, f_left, f_right = low[open_], high[open_], below[open_], above[open_]
        rise = f_right - f_left
        fraction = np.where((step % 4 == 3) | (rise <= 0), 0.5, -f_left / np.where(rise > 0, rise, 1.0))
        x = np.clip(left + (right - left) * fraction, left, right)
        f = function(x) - u[open_]
        reached = f >= 0
        low[open_], high[open_] = np.where(reached, left, x), np.where(reached, x, right)
        # Halving the value kept at the other end draws the next step over to that side: both ends close in.
        below[open_] = np.where(reached, f_left / 2, f)
        above[open_] = np.where(reached, f, f_right / 2)
        open_ = open_[high[open_] - low[open_] > _TOLERANCE * high[open_]]
    return high.reshape(shape)
