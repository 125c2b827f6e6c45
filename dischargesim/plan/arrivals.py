"""Who comes when: arrivals of every cohort, and the person's own random numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.streams import Streams, on_grid
from dischargesim.plan.tables import Counts, Floats, RateEffects
from dischargesim.scenario.demand import Arrivals, Surge
from dischargesim.scenario.hours import Hours, Nation, open_intervals
from dischargesim.scenario.rates import days_of, first_day, usual_arrivals
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


def _hour_profile(arrivals: Arrivals) -> Floats:
    """Distribution function of the time of day at the 25 full hours."""
    weights = np.ones(24) if arrivals.hours is None else np.array(arrivals.hours)
    return np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()


def _time_of_day(arrivals: Arrivals, u: Floats) -> Floats:
    """Part of the day, in [0, 1), at which a share `u` of the day's people have come."""
    if arrivals.hours is None:
        return u
    return np.asarray(np.interp(u, _hour_profile(arrivals), np.arange(25) / 24), dtype=np.float64)


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


def _open_at(hours: Hours | None, when: Floats, first: date, days: int, nation: Nation) -> NDArray[np.bool_]:
    """Which of the moments lie in opening hours."""
    if hours is None:
        return np.ones(when.size, dtype=np.bool_)
    edges = np.array(open_intervals(hours, first, days, nation)).ravel()
    # Inside an interval when an odd number of edges, the last one an opening, lies behind.
    return np.asarray(np.searchsorted(edges, when, side="right") % 2 == 1, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class _Change:
    """A surge or a rate effect of one cohort, in one form: a ratio, and when it applies."""

    key: str
    ratio: float
    surge: Surge | None
    hours: Hours | None
    is_effect: bool


def _changes(arrivals: Arrivals) -> list[_Change]:
    surges = [_Change(f"surge/{key}", s.ratio, s, None, False) for key, s in arrivals.surges.items()]
    effects = [_Change(f"effect/{key}", e.ratio, None, e.hours, True) for key, e in arrivals.effects.items()]
    return surges + effects


class _Tally:
    """People whom rate effects keep away or add."""

    def __init__(self) -> None:
        self.names: list[tuple[str, str]] = []
        self.effect: list[NDArray[np.int32]] = []
        self.time: list[Floats] = []
        self.change: list[NDArray[np.int32]] = []

    def add(self, cohort: str, key: str, times: Floats, change: int) -> None:
        self.names.append((cohort, key.removeprefix("effect/")))
        self.effect.append(np.full(times.size, len(self.names) - 1, dtype=np.int32))
        self.time.append(times)
        self.change.append(np.full(times.size, change, dtype=np.int32))

    def table(self) -> RateEffects | None:
        if not self.names:
            return None
        return RateEffects(
            tuple(self.names), np.concatenate(self.effect), np.concatenate(self.time), np.concatenate(self.change)
        )


def draw_sources(scenario: Scenario, streams: Streams) -> tuple[list[Source], RateEffects | None]:
    """Draw the arrivals of every cohort.

    A surge or rate ratio above 1 adds people from a stream of its own; below 1 it thins by the person's own number.
    Either way everybody else stays who they are.

    Parameters
    ----------
    scenario : Scenario
    streams : Streams

    Returns
    -------
    list of Source
        At least one for each cohort.
    RateEffects or None
        Those kept away or added by rate ratios from evidence; None where the scenario has none.
    """
    first = first_day(scenario)
    days = scenario.run.warm_up_days + scenario.run.days
    sources: list[Source] = []
    tally = _Tally()
    for name, cohort in scenario.cohorts.items():
        arrivals = cohort.arrivals
        rates = usual_arrivals(arrivals, first, days)
        if isinstance(arrivals.daily_counts, list):
            when = _counted(streams, f"{name}/arrival", arrivals, arrivals.daily_counts, days)
        else:
            when = _poisson(streams, f"{name}/arrival", arrivals, rates)
        keep = np.ones(when.size, dtype=np.bool_)
        for change in _changes(arrivals):
            inside = np.ones(days, dtype=np.bool_) if change.surge is None else days_of(change.surge, first, days)
            if change.ratio < 1:
                u = streams.uniforms(f"{name}/{change.key}", when.size)
                here = inside[when.astype(np.int64)] & _open_at(change.hours, when, first, days, scenario.nation)
                away = keep & here & (u >= change.ratio)
                keep &= ~away
                if change.is_effect:
                    tally.add(name, change.key, when[away], -1)
            elif change.ratio > 1:
                stream = f"{name}+{change.key}"
                extra = _poisson(streams, f"{stream}/arrival", arrivals, rates * inside * (change.ratio - 1))
                number = np.flatnonzero(_open_at(change.hours, extra, first, days, scenario.nation))
                times = on_grid(extra[number])
                sources.append(Source(name, stream, extra.size, number, times))
                if change.is_effect:
                    tally.add(name, change.key, times, 1)
        number = np.flatnonzero(keep)
        sources.append(Source(name, name, when.size, number, on_grid(when[number])))
    return sources, tally.table()
