"""Who comes when: arrivals of every cohort, and the person's own random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dischargesim.loops import instead_of
from dischargesim.plan.streams import Streams, on_grid
from dischargesim.plan.tables import Counts, Floats, RateEffects
from dischargesim.scenario.demand import Arrivals, Surge
from dischargesim.scenario.hours import Hours, Nation, open_intervals
from dischargesim.scenario.rates import daily_rates, days_of, first_day
from dischargesim.scenario.schema import Scenario

_STEPS = 256
"""Steps of a day for which the hour is looked up once."""


@dataclass(frozen=True, slots=True)
class Source:
    """People of one cohort who come from one stream.

    Attributes
    ----------
    cohort : str
        Name of the cohort.
    stream : str
        Prefix of the streams of these people: the cohort's, or that of a surge or a census.
    number : ndarray of int64
        Number of each within the stream; some numbers are missing if people were thinned out.
    arrival : ndarray of float64
        When each comes, days since the start, ascending.
    """

    cohort: str
    stream: str
    number: Counts
    arrival: Floats


def _hour_profile(hours: list[float]) -> Floats:
    """Distribution function of the time of day at the 25 full hours, from the weight of each hour."""
    weights = np.array(hours)
    return np.asarray(np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum(), dtype=np.float64)


def _time_of_day(arrivals: Arrivals, u: Floats) -> Floats:
    """Part of the day, in [0, 1), at which a share `u` of the day's people have come."""
    if arrivals.hours is None:
        return u
    return _looked_up(u, _hour_profile(arrivals.hours))


def _looked_up_few(u: Floats, profile: Floats) -> Floats:
    hour = np.minimum(np.searchsorted(profile, u, side="right"), 24) - 1
    begun = profile[hour]
    return np.asarray((hour + (u - begun) / (profile[hour + 1] - begun)) / 24, dtype=np.float64)


@instead_of(_looked_up_few)
def _looked_up(u: Floats, profile: Floats) -> Floats:
    # The last hour that has begun at each of many even steps: from there it is seldom more than one further.
    begun = np.empty(_STEPS, dtype=np.uint32)
    hour = np.uint32(0)
    for step in range(_STEPS):
        while hour < 23 and profile[hour + 1] * _STEPS <= step:
            hour += np.uint32(1)
        begun[step] = hour
    out = np.empty(u.size)
    for row in range(u.size):
        hour = begun[np.uint32(u[row] * _STEPS)]
        while hour < 23 and profile[hour + 1] <= u[row]:
            hour += np.uint32(1)
        out[row] = (hour + (u[row] - profile[hour]) / (profile[hour + 1] - profile[hour])) / 24
    return out


def _poisson(streams: Streams, name: str, arrivals: Arrivals, rates: Floats) -> Floats:
    """Arrival times of a Poisson process whose rate changes from day to day and hour to hour.

    The process is drawn at a rate of 1 and its clock is then stretched, so that a changed rate or profile moves
    the same people in time and replaces nobody.
    """
    total = np.concatenate([[0.0], np.cumsum(rates)])
    expected = float(total[-1])
    # One generous draw nearly always suffices.
    clock = _clock(streams, name, expected, size=int(expected + 5 * expected**0.5) + 16)
    clock = clock[: np.searchsorted(clock, expected)]
    # The clock runs forward, so it is enough to look up where the days begin.
    arriving = np.diff(np.searchsorted(clock, total))
    day, begun, rate = (np.repeat(of_day, arriving) for of_day in (np.arange(rates.size), total[:-1], rates))
    return np.asarray(day + _time_of_day(arrivals, (clock - begun) / rate), dtype=np.float64)


def _clock(streams: Streams, name: str, until: float, size: int) -> Floats:
    """Times of a Poisson process of rate 1 that go on past `until`, the first `size` of them drawn at once."""
    clock = np.empty(0)
    while clock.size == 0 or clock[-1] <= until:
        gaps = -np.log1p(-streams.uniforms(name, size, first=clock.size))
        # Added one after the other, so that the clock is the same to the last bit however many draws it takes.
        clock = np.concatenate([clock, np.cumsum(np.concatenate([clock[-1:], gaps]))[clock[-1:].size :]])
        size = int(until / 8) + 16  # a further draw continues the same stream
    return clock


def _counted(streams: Streams, name: str, arrivals: Arrivals, counts: list[int], days: int) -> Floats:
    """As many people each day as were counted, at times drawn from the hour profile."""
    day = np.repeat(np.arange(days), counts[:days])
    return np.sort(day + _time_of_day(arrivals, streams.uniforms(name, day.size)))


def open_at(hours: Hours | None, when: Floats, first: date, days: int, nation: Nation) -> NDArray[np.bool_]:
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
        self.time.append(on_grid(times))
        self.change.append(np.full(times.size, change, dtype=np.int32))

    def table(self) -> RateEffects | None:
        if not self.names:
            return None
        return RateEffects(
            tuple(self.names), np.concatenate(self.effect), np.concatenate(self.time), np.concatenate(self.change)
        )


def draw_sources(scenario: Scenario, streams: Streams) -> tuple[list[Source], RateEffects | None]:
    """Draw the arrivals of every cohort.

    A surge or rate ratio above 1 adds people from a stream of its own; below 1 it thins by the person's own number,
    those who were added included. Either way everybody else stays who they are.

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
    sources: list[Source] = []
    tally = _Tally()
    for name, cohort in scenario.cohorts.items():
        sources += _of_cohort(scenario, streams, name, cohort.arrivals, tally)
    return sources, tally.table()


def _of_cohort(scenario: Scenario, streams: Streams, name: str, arrivals: Arrivals, tally: _Tally) -> Iterator[Source]:
    """The people of a cohort, then those whom surges and effects add, less those whom surges and effects keep away."""
    first, days = first_day(scenario), scenario.run.warm_up_days + scenario.run.days
    rates = daily_rates(scenario)[name]
    if isinstance(arrivals.daily_counts, list):
        usual = _counted(streams, f"{name}/arrival", arrivals, arrivals.daily_counts, days)
    else:
        usual = _poisson(streams, f"{name}/arrival", arrivals, rates)
    come = [(name, usual, np.ones(usual.size, dtype=np.bool_))]
    changes = _changes(arrivals)
    inside = [np.ones(days, dtype=np.bool_) if c.surge is None else days_of(c.surge, first, days) for c in changes]
    for change, here in zip(changes, inside, strict=True):
        if change.ratio > 1:
            stream = f"{name}+{change.key}"
            extra = _poisson(streams, f"{stream}/arrival", arrivals, rates * here * (change.ratio - 1))
            come.append((stream, extra, open_at(change.hours, extra, first, days, scenario.nation)))
            if change.is_effect:
                tally.add(name, change.key, extra[come[-1][2]], 1)
    for change, here in zip(changes, inside, strict=True):
        if change.ratio < 1:
            kept_away = []
            for stream, when, keep in come:
                day = np.minimum(when.astype(np.int64), days - 1)
                applies = here[day] & open_at(change.hours, when, first, days, scenario.nation)
                away = keep & applies & (streams.uniforms(f"{stream}/{change.key}", when.size) >= change.ratio)
                keep &= ~away
                kept_away.append(when[away])
            if change.is_effect:
                tally.add(name, change.key, np.concatenate(kept_away), -1)
    for stream, when, keep in come:
        number = np.flatnonzero(keep)
        yield Source(name, stream, number, on_grid(when[number]))
