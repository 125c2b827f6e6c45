"""Enough replications: how narrow the interval of a measure has to be, and how many replications that takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import model_validator

from dischargesim.experiment.moments import LEVEL, Floats, half_widths
from dischargesim.measures.registry import Row
from dischargesim.scenario.base import Part, Text, number
from dischargesim.scenario.problems import Problem, suggestion

FEWEST = 5
"""Replications from which on a narrow interval is believed: the spread of three or four is often small by chance."""
HOPELESS = 10**9
"""Replications that nobody will run."""


class Precision(Part):
    """How narrow the 95% interval of a measure has to be: half of its width, in the measure's unit or as a share.

    Where both `absolute` and `relative` are given, either will do: a share alone cannot be met by what is near 0. To
    ask for both, write two rules.
    """

    measure: Text
    """Name of the measure, such as `nctr_remaining`."""
    group: Text = "all"
    """Which part of it, such as `pathway=P1`."""
    absolute: Annotated[float, number("unit of the measure", 0, 1e12, above=True)] | None = None
    """Half of the interval's width is to be no more than this."""
    relative: Annotated[float, number("share of the mean", 0, 10, plausible=(0.005, 0.2), above=True)] | None = None
    """Half of the interval's width is to be no more than this share of the mean."""

    @model_validator(mode="after")
    def _some_width(self) -> Precision:
        if self.absolute is None and self.relative is None:
            raise ValueError("give absolute or relative")
        return self

    def target(self, mean: float) -> float:
        """The half-width that is narrow enough, for a mean."""
        widths = [] if self.absolute is None else [self.absolute]
        widths += [] if self.relative is None else [self.relative * abs(mean)]
        return max(widths)


@dataclass(frozen=True, slots=True)
class Unmet:
    """A measure whose interval is too wide still.

    Attributes
    ----------
    rule : Precision
    half_width, mean : float
        Of the replications so far; NaN where they do not give one.
    needed : int or None
        Replications that would do, by the spread so far, those that there are included; None where that cannot be
        told (fewer than two figures are defined) or no number will do, as for a share of a mean that is 0.
    """

    rule: Precision
    half_width: float
    mean: float
    needed: int | None

    def __str__(self) -> str:
        name = self.rule.measure if self.rule.group == "all" else f"{self.rule.measure} ({self.rule.group})"
        asked = [] if self.rule.absolute is None else [f"{self.rule.absolute:g}"]
        asked += [] if self.rule.relative is None else [f"{self.rule.relative:.3g} of the mean"]
        if math.isnan(self.half_width):
            now = "no interval yet"
        else:
            share = f", {self.half_width / abs(self.mean):.3g} of the mean {self.mean:.4g}" if self.mean else ""
            now = f"half-width {self.half_width:.3g}{share}"
        end = "" if self.needed is None else f"; about {self.needed:,} replications would do"
        return f"{name}: {now}, asked for {' or '.join(asked)}{end}"


def problems(rules: Sequence[Precision], rows: Sequence[Row]) -> list[Problem]:
    """Rules that ask for what a scenario does not measure.

    Parameters
    ----------
    rules : sequence of Precision
    rows : sequence of Row
        `measures.measure_index` of the scenario.
    """
    known = set(rows)
    groups: dict[str, list[str]] = {}
    for row in known:
        groups.setdefault(row.measure, []).append(row.group)
    found = []
    for place, rule in enumerate(rules):
        if rule.measure not in groups:
            expected = suggestion(rule.measure, sorted(groups))
            found.append(Problem(f"precision.{place}.measure", "there is no such measure", rule.measure, expected))
        elif rule.group not in groups[rule.measure]:
            expected = suggestion(rule.group, sorted(groups[rule.measure]))
            found.append(Problem(f"precision.{place}.group", f"{rule.measure} has no such group", rule.group, expected))
    return found


def replications_needed(spread: float, target: float, level: float = LEVEL) -> int:
    """The fewest replications whose interval is narrow enough, if their spread is that of those so far.

    Parameters
    ----------
    spread : float
        Standard deviation between replications.
    target : float
        Half-width asked for, above 0.
    level : float
        Of the interval.

    Returns
    -------
    int
        The smallest ``n`` of 2 or more with ``t(n - 1) spread / sqrt(n) <= target``.

    Notes
    -----
    Law, Simulation Modeling and Analysis (5th ed., 2015), section 9.4.1. He divides a relative target by one more than
    itself, so that it holds for the distance from the true mean; here it is a share of the mean that was found, which
    is what a table shows.
    """
    from scipy.special import ndtri, stdtrit

    quantile = (1 + level) / 2
    # The normal distribution asks for fewer, so counting up from there passes nothing over. Beyond a million the two
    # are the same, and counting might never end.
    n = max(2, math.ceil(min(float(ndtri(quantile)) * spread / target, 1e9) ** 2))
    while n < 1_000_000 and float(stdtrit(n - 1, quantile)) * spread > target * math.sqrt(n):
        n += 1
    return n


def unmet(rules: Sequence[Precision], rows: Sequence[Row], values: Floats, level: float = LEVEL) -> list[Unmet]:
    """Rules that the replications so far do not meet.

    Parameters
    ----------
    rules : sequence of Precision
    rows : sequence of Row
        What the columns of `values` are.
    values : ndarray of float64, replications x rows
        NaN where a figure is not defined; it counts for nothing then.
    level : float
        Of the intervals.

    Returns
    -------
    list of Unmet
        In the order of the rules; empty when all are met.

    Raises
    ------
    ValueError
        If a rule names what is not among the rows (`problems` says so beforehand).

    Notes
    -----
    From fewer than `FEWEST` replications no rule is met. To stop as soon as an interval is narrow makes it a little too
    narrow (its spread was a lucky one): add replications in batches, and start with ten or more.
    """
    mistakes = problems(rules, rows)
    if mistakes:
        raise ValueError("; ".join(str(mistake) for mistake in mistakes))
    place = {(row.measure, row.group): column for column, row in enumerate(rows)}
    columns = np.array([place[rule.measure, rule.group] for rule in rules], dtype=np.intp)
    means, halves, counts = half_widths(values[:, columns], level)
    found = []
    for rule, mean, half, count in zip(rules, means.tolist(), halves.tolist(), counts.tolist(), strict=True):
        if count >= FEWEST and half <= rule.target(mean):
            continue
        found.append(Unmet(rule, half, mean, _needed(rule, mean, half, count, len(values), level)))
    return found


def _needed(rule: Precision, mean: float, half: float, count: int, runs: int, level: float) -> int | None:
    from scipy.special import stdtrit

    if count < 2 or rule.target(mean) == 0:
        return None
    spread = half * math.sqrt(count) / float(stdtrit(count - 1, (1 + level) / 2))
    defined = max(FEWEST, replications_needed(spread, rule.target(mean), level))
    if defined > HOPELESS:
        return None
    # A figure that is undefined in half of the replications takes twice as many.
    return math.ceil(defined * runs / count)
