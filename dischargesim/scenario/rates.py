"""Expected arrivals of each day of a run."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from dischargesim.scenario.demand import Arrivals, Surge
from dischargesim.scenario.hours import DAYS, MONTHS
from dischargesim.scenario.once import once
from dischargesim.scenario.schema import Scenario

Floats = NDArray[np.float64]


def first_day(scenario: Scenario) -> date:
    """Calendar date of day 0: the warm-up lies before the scenario's start date."""
    return scenario.start_date - timedelta(days=scenario.run.warm_up_days)


def usual_arrivals(arrivals: Arrivals, first: date, days: int) -> Floats:
    """Expected people on each day, without surges and rate ratios.

    Parameters
    ----------
    arrivals : Arrivals
    first : date
        Date of day 0.
    days : int
        Number of days.

    Returns
    -------
    ndarray of float64, shape (days,)
        Weekday weights are relative to their mean over the week, month weights to their mean over the year.
        Growth counts from day 0. Daily counts are as they were counted.
    """
    if isinstance(arrivals.daily_counts, list):
        return np.array(arrivals.daily_counts[:days], dtype=np.float64)
    week = np.array([arrivals.weekdays.get(day, 1.0) for day in DAYS])  # type: ignore[call-overload]
    year = np.array([arrivals.months.get(month, 1.0) for month in MONTHS])  # type: ignore[call-overload]
    day = np.arange(days)
    month = (np.datetime64(first) + day).astype("datetime64[M]").astype(np.int64) % 12
    weekday = (first.weekday() + day) % 7
    base = (arrivals.per_day or 0.0) * (1.0 + arrivals.growth_a_year) ** (day / 365.25)
    return np.asarray(base * week[weekday] / week.mean() * year[month] / year.mean(), dtype=np.float64)


@once
def daily_rates(scenario: Scenario) -> dict[str, Floats]:
    """`usual_arrivals` of every cohort on every day of a run, warm-up included."""
    days = scenario.run.warm_up_days + scenario.run.days
    return {
        name: usual_arrivals(cohort.arrivals, first_day(scenario), days) for name, cohort in scenario.cohorts.items()
    }


def days_of(surge: Surge, first: date, days: int) -> NDArray[np.bool_]:
    """Which of the days from `first` lie in a surge."""
    dates = np.datetime64(first) + np.arange(days)
    inside = (dates >= np.datetime64(surge.first_day)) & (dates <= np.datetime64(surge.last_day))
    return np.asarray(inside, dtype=np.bool_)
