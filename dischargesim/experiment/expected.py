"""Whether a scenario does what its file expects of it: each expectation against a paired difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dischargesim.scenario.schema import Expected

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Judged:
    """An expectation and what was found.

    Attributes
    ----------
    expected : Expected
    difference, lower, upper : float
        Mean paired difference and its 95% interval: in the unit of the measure, or as a share of the figure in the
        baseline where the expectation is relative.
    met : bool
    """

    expected: Expected
    difference: float
    lower: float
    upper: float
    met: bool

    @property
    def found(self) -> str:
        """The difference with its interval as a reader sees it, such as `-7.6% (-8.7 to -6.5)`."""
        times, unit = (100, "%") if self.expected.relative else (1, "")
        mean, lower, upper = (_short(value * times) for value in (self.difference, self.lower, self.upper))
        return "no difference" if self.lower == self.upper == 0 else f"{mean}{unit} ({lower} to {upper})"

    def __str__(self) -> str:
        one = self.expected
        return f"{one.measure}, {one.group}: expected {in_words(one)}, found {self.found}"


def _short(value: float) -> str:
    """Three digits, and no fewer before the point."""
    return f"{value:+,.0f}" if abs(value) >= 100 else f"{value:+.3g}"


def in_words(one: Expected) -> str:
    """The expectation as a reader sees it, such as `lower by 6 to 9%`."""
    unit, times = ("%", 100) if one.relative else ("", 1)
    low, high = (None if end is None else f"{end * times:.4g}" for end in (one.low, one.high))
    if one.direction == "no_change":
        return "no change at all" if high is None else f"no change of more than {high}{unit}"
    if low is None and high is None:
        return one.direction
    if low is None or high is None:
        return f"{one.direction} by {'at most' if low is None else 'at least'} {low or high}{unit}"
    return f"{one.direction} by {low} to {high}{unit}"


def judge(expected: Expected, compared: pd.DataFrame) -> Judged:
    """Hold an expectation against what was found.

    A direction is met if the whole 95% interval lies on that side of 0, and a size if the mean lies between `low` and
    `high`. No change is met if the whole interval lies within `high` of 0, or without it if nothing differs at all.

    Parameters
    ----------
    expected : Expected
    compared : pandas.DataFrame
        Of the scenario against the baseline, as from `compare.compare`.

    Raises
    ------
    KeyError
        If there is no such figure in both.
    """
    here = compared[(compared["measure"] == expected.measure) & (compared["group"] == expected.group)]
    if here.empty:
        raise KeyError(f"{expected.measure}, {expected.group}: there is no such figure in both scenarios")
    row = here.iloc[0]
    whole = abs(float(row["baseline_mean"])) if expected.relative else 1.0
    mean, lower, upper = (float(row[name]) / whole for name in ("difference", "lower", "upper"))
    return Judged(expected, mean, lower, upper, _met(expected, mean, lower, upper))


def _met(expected: Expected, mean: float, lower: float, upper: float) -> bool:
    if expected.direction == "no_change":
        margin = expected.high or 0.0
        return -margin <= lower and upper <= margin
    sure = upper < 0 if expected.direction == "lower" else lower > 0
    low, high = expected.low or 0.0, float("inf") if expected.high is None else expected.high
    return sure and low <= abs(mean) <= high
