"""Who comes when: arrivals of every cohort, and the person's own random numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.streams import Streams, on_grid
from dischargesim.plan.tables import Counts, Floats
from dischargesim.scenario.demand import Arrivals, Surge
from dischargesim.scenario.hours import DAYS, MONTHS
from dischargesim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Source:
    """People of one cohort who come from one stream.

    Attributes
    ----------
    cohort : str
        Name of the cohort.
    stream : str
        Prefix of the streams of these people: the cohort's, or that of a surge or a census.
    drawn : int
        How many people were drawn from the stream; some may have been thinned out.
    number : ndarray of int64
        Number within the stream of those who come.
    arrival : ndarray of float64
        When each comes, days since the start, ascending.
    """

    cohort: str
    stream: str
    drawn: int
    number: Counts
    arrival: Floats


def first_day(scenario: Scenario) -> date:
    """Calendar date of day 0: the warm-up lies before the scenario's start date."""
    return scenario.start_date - timedelta(days=scenario.run.warm_up_days)


def daily_rates(arrivals: Arrivals, first: date, days: int) -> Floats:
    """Expected people on each day, without surges.

    Parameters
    ----------
    arrivals : Arrivals
        With a rate a day.
    first : date
        Date of day 0.
    days : int
        Number of days.

    Returns
    -------
    ndarray of float64, shape (days,)
        Weekday weights are relative to their mean over the week, month weights to their mean over the year.
        Growth counts from day 0.
    """
    week = np.array([arrivals.weekdays.get(day, 1.0) for day in DAYS])
    year = np.array([arrivals.months.get(month, 1.0) for month in MONTHS])
    day = np.arange(days)
    dates = np.datetime64(first) + day
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (first.weekday() + day) % 7
    base = (arrivals.per_day or 0.0) * (1.0 + arrivals.growth_a_year) ** (day / 365.25)
    return np.asarray(base * week[weekday] / week.mean() * year[month] / year.mean(), dtype=np.float64)


def _hour_profile(arrivals: Arrivals) -> Floats:
    """Distribution function of the time of day at the 25 full hours."""
    weights = np.ones(24) if arrivals.hours is None else np.array(arrivals.hours)
    return np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()


def _time_of_day(arrivals: Arrivals, u: Floats) -> Floats:
    """Part of the day, in [0, 1), at which a share `u` of the day's people have come."""
    if arrivals.hours is None:
        return u
    return np.interp(u, _hour_profile(arrivals), np.arange(25) / 24)


def _poisson(streams: Streams, name: str, arrivals: Arrivals, rates: Floats) -> Floats:
    """Arrival times of a Poisson process whose rate changes from day to day and hour to hour.

    The process is drawn at a rate of 1 and its clock is then stretched, so that a changed rate or profile moves
    the same people in time and replaces nobody.
    """
    total = np.concatenate([[0.0], np.cumsum(rates)])
    expected = float(total[-1])
    generator = streams.generator(name)
    clock = np.empty(0)
    while clock.size == 0 or clock[-1] <= expected:
        # One generous draw nearly always suffices; a further one continues the same stream.
        gaps = -np.log1p(-generator.random(int(expected / 8 if clock.size else expected + 5 * expected**0.5) + 16))
        clock = np.concatenate([clock, np.cumsum(gaps) + (clock[-1] if clock.size else 0.0)])
    clock = clock[: np.searchsorted(clock, expected)]
    day = np.searchsorted(total, clock, side="right") - 1
    return day + _time_of_day(arrivals, (clock - total[day]) / rates[day])


def _counted(streams: Streams, name: str, arrivals: Arrivals, counts: list[int], days: int) -> Floats:
    """As many people each day as were counted, at times drawn from the hour profile."""
    day = np.repeat(np.arange(days), counts[:days])
    return np.sort(day + _time_of_day(arrivals, streams.uniforms(name, day.size)))


def _days_of(surge: Surge, first: date, days: int) -> NDArray[np.bool_]:
    dates = np.datetime64(first) + np.arange(days)
    inside = (dates >= np.datetime64(surge.first_day)) & (dates <= np.datetime64(surge.last_day))
    return np.asarray(inside, dtype=np.bool_)


def draw_sources(scenario: Scenario, streams: Streams) -> list[Source]:
    """Draw the arrivals of every cohort.

    A surge above 1 adds people from a stream of its own; below 1 it thins by the person's own number. Either way
    everybody else stays who they are.

    Parameters
    ----------
    scenario : Scenario
    streams : Streams

    Returns
    -------
    list of Source
        At least one for each cohort.
    """
    first = first_day(scenario)
    days = scenario.run.warm_up_days + scenario.run.days
    sources: list[Source] = []
    for name, cohort in scenario.cohorts.items():
        arrivals = cohort.arrivals
        if isinstance(arrivals.daily_counts, list):
            rates = np.array(arrivals.daily_counts[:days], dtype=np.float64)
            when = _counted(streams, f"{name}/arrival", arrivals, arrivals.daily_counts, days)
        else:
            rates = daily_rates(arrivals, first, days)
            when = _poisson(streams, f"{name}/arrival", arrivals, rates)
        keep = np.ones(when.size, dtype=np.bool_)
        for key, surge in arrivals.surges.items():
            inside = _days_of(surge, first, days)
            if surge.ratio < 1:
                u = streams.uniforms(f"{name}/surge/{key}", when.size)
                keep &= ~inside[when.astype(np.int64)] | (u < surge.ratio)
            elif surge.ratio > 1:
                stream = f"{name}+{key}"
                extra = on_grid(_poisson(streams, f"{stream}/arrival", arrivals, rates * inside * (surge.ratio - 1)))
                sources.append(Source(name, stream, extra.size, np.arange(extra.size), extra))
        number = np.flatnonzero(keep)
        sources.append(Source(name, name, when.size, number, on_grid(when[number])))
    return sources
