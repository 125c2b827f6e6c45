"""Options held against a baseline on the same people: differences, how sure they are, and which option is best.

The replications of two scenarios are paired: number 3 of one has the same people, with the same needs and the same
luck, as number 3 of the other. What is the same in both falls out of the difference, which is therefore far less
uncertain than two means whose intervals one lays side by side.

For one measure, let ``a`` and ``b`` be its values in the baseline and in the option, one pair a replication, ``n``
pairs where both are defined, and ``d = b - a``.

- difference: the mean of ``d``; its 95% interval is ``mean(d) ± t(n - 1) s(d) / sqrt(n)``, and ``p`` belongs to
  Student's paired t test of no difference. Both take the mean of the differences to be about normally distributed.
- ``p_holm``: ``p`` adjusted for having looked more than once (Holm, S., 1979: A simple sequentially rejective multiple
  test procedure. Scandinavian Journal of Statistics 6:65-70). **The family is, for each measure and group, all options
  held against the baseline** (or all pairs, where these are asked for). The chance of calling any one of a family a
  difference when none of them is, is at most 5%, however they hang together. It says nothing about having read hundreds
  of measures: decide beforehand which one the question is about.
- ``better_share``: the share of the replications in which the option does better than the baseline, ties counted half.
  It is the estimated chance that in any one year, with the same people coming, the option would do better. It is no
  measure of how sure the mean difference is: that is the interval. Empty where neither way is better.
- ``variance_reduction``: ``(var(a) + var(b)) / var(d)``: how many times as many replications it would have taken,
  without pairing, to be equally sure (Law, Simulation Modeling and Analysis, 5th ed., 2015, section 11.2). Below 1,
  pairing did harm. ``effective_replications`` is ``n`` times that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dischargesim.experiment.moments import LEVEL, half_widths
from dischargesim.measures.catalogue import MEASURES
from dischargesim.measures.registry import Row

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME_TO = 1e-12
"""Values that differ by less than this share of themselves differ by rounding, and are the same."""
TOO_FEW = "too few replications"
NO_DIFFERENCE = "no difference"
NOT_CLEAR = "no clear difference"

_BETTER = {measure.name: measure.better for measure in MEASURES}


@dataclass(frozen=True, slots=True)
class Figures:
    """What a scenario's replications came to.

    Attributes
    ----------
    label : str
        What the reader calls it.
    rows : sequence of Row
        What the columns of `values` are.
    replication : ndarray of int64
        Number of each replication.
    values : ndarray of float64, replications x rows
        NaN where a figure is not defined.
    """

    label: str
    rows: Sequence[Row]
    replication: Ints
    values: Floats


@dataclass(frozen=True, slots=True)
class Paired:
    """Paired differences, one entry a figure.

    Attributes
    ----------
    pairs : ndarray of int64
        Replications in which the figure is defined in both.
    first, second : ndarray of float64
        Means over these replications.
    difference, lower, upper, p : ndarray of float64
        Second less first, its 95% interval, and Student's paired t test; NaN from fewer than two pairs.
    lower_share : ndarray of float64
        Share of the pairs in which the second is lower, ties counted half.
    variance_reduction : ndarray of float64
        inf where the difference is the same in every replication; NaN where nothing varies.
    """

    pairs: Ints
    first: Floats
    second: Floats
    difference: Floats
    lower: Floats
    upper: Floats
    p: Floats
    lower_share: Floats
    variance_reduction: Floats


def paired(first: Floats, second: Floats, level: float = LEVEL) -> Paired:
    """Differences between the same replications of two scenarios.

    Parameters
    ----------
    first, second : ndarray of float64, replications x figures
        Row by row the same replication; NaN where a figure is not defined.
    level : float
        Of the intervals.

    Returns
    -------
    Paired
    """
    both = np.isfinite(first) & np.isfinite(second)
    a, b = np.where(both, first, np.nan), np.where(both, second, np.nan)
    d = b - a
    d[np.abs(d) <= SAME_TO * np.maximum(np.abs(a), np.abs(b))] = 0.0
    mean_a, mean_b = half_widths(a)[0], half_widths(b)[0]
    mean, half, pairs = half_widths(d, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = (np.where(both, d < 0, 0.0) + np.where(both, d == 0, 0.0) / 2).sum(axis=0) / pairs
        reduction = (_variance(a) + _variance(b)) / _variance(d)
    return Paired(pairs, mean_a, mean_b, mean, mean - half, mean + half, _p_value(d, mean), shares, reduction)


def _variance(values: Floats) -> Floats:
    """Variance between replications, over those that are defined; NaN from fewer than two."""
    mean, _, count = half_widths(values)
    squares = np.nansum((values - mean) ** 2, axis=0)
    # What is the same everywhere may differ from its own mean in the last bit.
    squares = np.where(squares <= count * (SAME_TO * mean) ** 2, 0.0, squares)
    return np.where(count > 1, squares / np.maximum(count - 1, 1), np.nan)


def _p_value(d: Floats, mean: Floats) -> Floats:
    from scipy.special import stdtr

    count = np.isfinite(d).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(mean) / np.sqrt(_variance(d) / count)
    # Without spread: no difference at all, or the same difference every time.
    t = np.where(mean == 0, 0.0, t)
    return np.where(count > 1, 2 * stdtr(np.maximum(count - 1, 1), -t), np.nan)


def holm(p: Floats) -> Floats:
    """Adjust p values for having looked more than once (Holm, 1979).

    Parameters
    ----------
    p : ndarray of float64, families along the last axis
        NaN: no test was made, and it counts for nothing.

    Returns
    -------
    ndarray of float64
        Of the same shape. With ``m`` tests in the family and ``p(1) <= ... <= p(m)``, the k-th is
        ``min(1, max over i <= k of (m - i + 1) p(i))``.
    """
    order = np.argsort(p, axis=-1, kind="stable")  # NaN comes last
    ranked = np.take_along_axis(p, order, axis=-1)
    tests = np.isfinite(p).sum(axis=-1, keepdims=True)
    steps = ranked * np.maximum(tests - np.arange(p.shape[-1]), 1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(np.maximum.accumulate(steps, axis=-1), 1.0), axis=-1)
    return adjusted


def compare(baseline: Figures, options: Iterable[Figures], *, all_pairs: bool = False) -> pd.DataFrame:
    """Hold options against a baseline, figure by figure.

    Parameters
    ----------
    baseline : Figures
    options : iterable of Figures
        At least one. They are taken one at a time, so that not all need to be in memory.
    all_pairs : bool
        Hold the options against each other as well; each earlier one then stands as the baseline of the later.

    Returns
    -------
    pandas.DataFrame
        A row each figure and pair of scenarios, with columns measure, group, unit, better (``lower``, ``higher`` or
        empty), baseline, option, baseline_mean, option_mean, difference, lower, upper, pairs, p, p_holm,
        better_share, variance_reduction, effective_replications, verdict. See the module for what they are. Figures
        that only one of the two scenarios has, such as those of a setting that an option adds, are left out.
    """
    import pandas as pd

    pairs = combinations([baseline, *options], 2) if all_pairs else ((baseline, option) for option in options)
    tables = [_pair(first, second) for first, second in pairs]
    table = pd.concat(tables, ignore_index=True)
    families = table.groupby(["measure", "group"], sort=False)
    family, member = families.ngroup().to_numpy(), families.cumcount().to_numpy()
    # A figure may be missing from some options, so that families differ in size.
    p = np.full((family.max() + 1, len(tables)), np.nan)
    p[family, member] = table["p"]
    table["p_holm"] = holm(p)[family, member]
    table["verdict"] = verdicts(table)
    return table[COLUMNS]


COLUMNS = [
    "measure",
    "group",
    "unit",
    "better",
    "baseline",
    "option",
    "baseline_mean",
    "option_mean",
    "difference",
    "lower",
    "upper",
    "pairs",
    "p",
    "p_holm",
    "better_share",
    "variance_reduction",
    "effective_replications",
    "verdict",
]
"""Of `compare`."""


def _pair(first: Figures, second: Figures) -> pd.DataFrame:
    import pandas as pd

    where = {row: column for column, row in enumerate(second.rows)}
    rows = [row for row in first.rows if row in where]
    here = np.array([column for column, row in enumerate(first.rows) if row in where], dtype=np.intp)
    there = np.array([where[row] for row in rows], dtype=np.intp)
    _, one, other = np.intersect1d(first.replication, second.replication, assume_unique=True, return_indices=True)
    found = paired(first.values[np.ix_(one, here)], second.values[np.ix_(other, there)])
    better = np.array([_BETTER[row.measure] or "" for row in rows], dtype=object)
    table = pd.DataFrame(rows, columns=list(Row._fields))
    return table.assign(
        better=better,
        baseline=first.label,
        option=second.label,
        baseline_mean=found.first,
        option_mean=found.second,
        difference=found.difference,
        lower=found.lower,
        upper=found.upper,
        pairs=found.pairs,
        p=found.p,
        better_share=np.select(
            [better == "lower", better == "higher"], [found.lower_share, 1 - found.lower_share], np.nan
        ),
        variance_reduction=found.variance_reduction,
        effective_replications=found.pairs * found.variance_reduction,
    )


def verdicts(table: pd.DataFrame) -> list[str]:
    """What may be said of each difference, and no more.

    Parameters
    ----------
    table : pandas.DataFrame
        With the columns better, lower, upper, p and p_holm of `compare`.

    Returns
    -------
    list of str
        ``better`` or ``worse`` (``lower`` or ``higher`` where neither is better) only where the adjusted p value is
        below 5%, which is never so unless the 95% interval leaves out 0.
    """
    said = []
    columns = (table[name].tolist() for name in ("better", "lower", "upper", "p", "p_holm"))
    for better, lower, upper, p, p_holm in zip(*columns, strict=True):
        way = "lower" if upper < 0 else "higher"
        if p != p:
            said.append(TOO_FEW)
        elif lower == upper == 0:
            said.append(NO_DIFFERENCE)
        elif p_holm >= 1 - LEVEL:
            said.append(NOT_CLEAR)
        else:
            said.append(way if not better else "better" if way == better else "worse")
    return said


def short_table(table: pd.DataFrame) -> pd.DataFrame:
    """The main measures, each in its first breakdown.

    Parameters
    ----------
    table : pandas.DataFrame
        From `compare`.

    Returns
    -------
    pandas.DataFrame
        The same columns and what they say, `title` before them.
    """
    main = {measure.name: measure for measure in MEASURES if measure.main}
    # The registry begins with the group for all, where there is one.
    found = table[table["measure"].isin(main)].drop_duplicates("measure")
    first = set(zip(found["measure"], found["group"], strict=True))
    keep = [pair in first for pair in zip(table["measure"], table["group"], strict=True)]
    short = table[keep].reset_index(drop=True)
    short.insert(0, "title", [main[name].title for name in short["measure"]])
    return short
