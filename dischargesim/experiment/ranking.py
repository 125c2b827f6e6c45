"""Scenarios in order of one measure, and which of them cannot be told from the best.

The order is that of the means. Which scenario is truly best is another matter: a scenario stays among those that may
be the best unless some other one is clearly better, by a paired t test that allows for as many comparisons as there
are other scenarios. For a measure that is better when lower, scenario ``i`` of ``k`` is left out if for some ``j``

    mean(x_i - x_j) > t(1 - 0.05 / (k - 1), n - 1) s(x_i - x_j) / sqrt(n).

By Bonferroni's inequality the truly best one is kept with a probability of at least 95%, however the scenarios hang
together, so that common random numbers do no harm and make the set small. This is the screening step of Nelson, Swann,
Goldsman and Song (2001), Simple procedures for selecting the best simulated system when the number of alternatives is
large, Operations Research 49:950-963, in the spirit of multiple comparisons with the best (Hsu, 1984, Annals of
Statistics 12:1136-1144). The intervals of Nelson and Matejcik (1995) would be shorter, but ask for differences that
are all equally variable, which those between a small and a large change are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dischargesim.experiment.compare import Figures, paired
from dischargesim.experiment.moments import LEVEL
from dischargesim.measures.registry import Better

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def ranking(figures: Sequence[Figures], measure: str, group: str, better: Better) -> pd.DataFrame:
    """Put scenarios in order of a measure.

    Parameters
    ----------
    figures : sequence of Figures
        Of all scenarios, the baseline included.
    measure, group : str
        What to go by.
    better : {"lower", "higher"}
        Which way is better.

    Returns
    -------
    pandas.DataFrame
        The best mean first, with columns place, option, mean, behind (how much worse than the first), may_be_best,
        pairs (replications in which the figure is defined in every scenario) and unit. From fewer than two pairs
        every scenario may be the best.

    Raises
    ------
    ValueError
        If a scenario does not have the figure.
    """
    import pandas as pd

    numbers = figures[0].replication
    for one in figures[1:]:
        numbers = np.intersect1d(numbers, one.replication)
    columns, unit = [], ""
    for one in figures:
        place = [column for column, row in enumerate(one.rows) if (row.measure, row.group) == (measure, group)]
        if not place:
            raise ValueError(f"{one.label} has no figure {measure} ({group})")
        unit = one.rows[place[0]].unit
        columns.append(one.values[np.isin(one.replication, numbers), place[0]])
    values = np.stack(columns, axis=1)
    values = values[np.isfinite(values).all(axis=1)]
    means = values.mean(axis=0) if len(values) else np.full(len(figures), np.nan)
    sign = 1.0 if better == "lower" else -1.0
    order = np.argsort(sign * means, kind="stable")
    table = pd.DataFrame(
        {
            "place": np.arange(1, len(figures) + 1),
            "option": [figures[i].label for i in order],
            "mean": means[order],
            "behind": np.abs(means[order] - means[order[0]]),
            "may_be_best": may_be_best(sign * values)[order],
        }
    )
    return table.assign(pairs=len(values), unit=unit)


def may_be_best(values: Floats, level: float = LEVEL) -> NDArray[np.bool_]:
    """Which scenarios may be the one with the lowest true mean.

    Parameters
    ----------
    values : ndarray of float64, replications x scenarios
        Paired by replication, all of them defined.
    level : float
        Probability with which the best one is kept.

    Returns
    -------
    ndarray of bool
        All true from fewer than two replications.
    """
    runs, scenarios = values.shape
    keep = np.ones(scenarios, dtype=np.bool_)
    if runs < 2 or scenarios < 2:
        return keep
    # An interval of this level has the one-sided quantile 1 - (1 - level) / (scenarios - 1) for its end.
    two_sided = 1 - 2 * (1 - level) / (scenarios - 1)
    for one in range(scenarios):
        others = np.delete(values, one, axis=1)
        found = paired(others, np.repeat(values[:, [one]], scenarios - 1, axis=1), two_sided)
        keep[one] = not (found.lower > 0).any()
    return keep
