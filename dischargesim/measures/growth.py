"""Growth of queues: a system that is asked for more than it can do has no steady state, and its queues show it."""

from __future__ import annotations

import numpy as np

from dischargesim.measures.facts import Floats

FEWEST_WEEKS = 3
"""Whole weeks from which on a growth is worked out."""

GROWTH_FORMULA = (
    "slope of the least-squares line through the weekly means of the number waiting at midnight, over the whole weeks "
    f"up to the end; empty below {FEWEST_WEEKS} weeks. What differs from day to day in every week alike does not show"
)


def weekly_growth(waiting: Floats) -> Floats:
    """Growth of queues a week.

    Parameters
    ----------
    waiting : ndarray, queues x days
        Number waiting at each midnight.

    Returns
    -------
    ndarray, one a queue
        NaN where there are too few whole weeks.
    """
    queues, days = waiting.shape
    weeks = days // 7
    if weeks < FEWEST_WEEKS:
        return np.full(queues, np.nan)
    means = waiting[:, days - 7 * weeks :].reshape(queues, weeks, 7).mean(axis=2)
    week = np.arange(weeks) - (weeks - 1) / 2
    slopes: Floats = means @ week / (week @ week)
    return slopes
