"""Discounting: what a pound of a later year is worth in the first year.

The first year of an appraisal is year 0 and is not discounted. With a rate ``r(t)`` for each year, a pound in year
``t`` is worth ``1 / ((1 + r(1)) ... (1 + r(t)))`` in year 0. The rates are real ones, for pounds of one price year.

>>> [round(factor, 4) for factor in discount_factors("green_book", "money", 3).tolist()]
[1.0, 0.9662, 0.9335]
"""

from __future__ import annotations

from functools import cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Kind = Literal["money", "health"]
MONEY: Kind = "money"
HEALTH: Kind = "health"


class Rate(NamedTuple):
    """A discount rate: of all years from `first` to `last`, a year's share."""

    first: int
    last: int
    rate: float
    dated: str
    source: str


@cache
def _rates() -> dict[tuple[str, str], list[Rate]]:
    from dischargesim.data import discount_rates

    found: dict[tuple[str, str], list[Rate]] = {}
    for row in discount_rates().to_dict("records"):
        rate = Rate(row["from_year"], row["to_year"], row["rate"], row["dated"], row["source"])
        found.setdefault((row["rates"], row["kind"]), []).append(rate)
    return found


def rate_sets() -> list[str]:
    """Names of the sets of discount rates that there are."""
    return list(dict.fromkeys(name for name, _ in _rates()))


def rates(name: str, kind: Kind) -> list[Rate]:
    """Rates of a set, by their years."""
    return _rates()[name, kind]


def longest(name: str, kind: Kind) -> int:
    """Years of the longest appraisal that a set has rates for, year 0 included."""
    return rates(name, kind)[-1].last + 1


def discount_factors(name: str, kind: Kind, years: int) -> NDArray[np.float64]:
    """What a pound of each year is worth in year 0.

    Parameters
    ----------
    name : str
        Set of rates.
    kind : {"money", "health"}
    years : int
        How many, year 0 included.

    Returns
    -------
    ndarray of float64, (years,)

    Raises
    ------
    ValueError
        If the set has no rate for the last of them.
    """
    if years > longest(name, kind):
        raise ValueError(f"{name} has rates of {kind} for {longest(name, kind)} years, not for {years}")
    by_year = np.array([next(r.rate for r in rates(name, kind) if r.first <= t <= r.last) for t in range(years)])
    by_year[0] = 0.0
    factors: NDArray[np.float64] = 1 / np.cumprod(1 + by_year)
    return factors
