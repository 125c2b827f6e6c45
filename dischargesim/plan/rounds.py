"""Board rounds: fitness to leave is found at rounds, fewer of them at weekends, and not in the middle of the night."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dischargesim.loops import instead_of
from dischargesim.plan.population import Population
from dischargesim.plan.streams import own_uniforms
from dischargesim.plan.tables import Floats
from dischargesim.scenario.hours import DAYS, parse_spans
from dischargesim.scenario.rates import first_day
from dischargesim.scenario.resources import BoardRounds
from dischargesim.scenario.schema import Scenario

_LONGEST = 70
"""Days after which even the most unlucky person is declared ready."""
_SOON = 4
"""Days within which most people are."""


def declaring_wait(
    rounds: BoardRounds, scenario: Scenario, people: Population, fit: Floats, who: NDArray[np.integer]
) -> Floats:
    """Days between becoming fit and being declared ready.

    Counted as if the person came in on arrival; a wait for a bed moves the moment by that wait.

    Parameters
    ----------
    rounds : BoardRounds
    scenario : Scenario
    people : Population
    fit : ndarray of float64, one for each in `who`
        When each becomes fit, days since the start.
    who : ndarray of int
        Rows of the people in question.

    Returns
    -------
    ndarray of float64, one for each in `who`
        0 or more.
    """
    spans = parse_spans(rounds.hours)
    opens, closes = spans[0][0] / 1440, spans[-1][1] / 1440
    chance = np.array([rounds.chance.get(name, 1.0) for name in DAYS])  # type: ignore[call-overload]
    days = (np.arange(7)[:, None] + np.arange(_LONGEST)) % 7
    declared = 1 - np.cumprod(1 - chance[days], axis=1)[:, :-1]
    # One ascending list for the whole week: day 3 lies between 3 and 4.
    week = np.asarray(declared + np.arange(7)[:, None], dtype=np.float64).ravel()
    keys = people.keys(who)
    by_day, by_hour = own_uniforms(keys, "board_round/day"), own_uniforms(keys, "board_round/hour")
    return _waits(fit, by_day, by_hour, week, opens, closes, first_day(scenario).weekday())


def _waits_of_few(
    fit: Floats, by_day: Floats, by_hour: Floats, week: Floats, opens: float, closes: float, first: int
) -> Floats:
    day = np.floor(fit)
    # Those who become fit after the round is over are seen on the next day at the earliest.
    late = fit - day > closes
    day += late
    weekday = (first + day.astype(np.int64)) % 7
    lag = np.searchsorted(week, weekday + by_day, side="right") - weekday * (_LONGEST - 1)
    # Within the round's hours, but not before the person was fit on the day itself.
    earliest = np.where((lag == 0) & ~late, np.maximum(fit - day, opens), opens)
    moment = earliest + by_hour * (closes - earliest)
    return np.asarray(day + lag + moment - fit, dtype=np.float64)


@instead_of(_waits_of_few)
def _waits(
    fit: Floats, by_day: Floats, by_hour: Floats, week: Floats, opens: float, closes: float, first: int
) -> Floats:
    waits = np.empty(fit.size)
    for row in range(fit.size):
        day = np.floor(fit[row])
        late = fit[row] - day > closes
        day += late
        weekday = (first + np.int64(day)) % 7
        place = weekday * (_LONGEST - 1)
        # Most people are found within days: looking at all of these costs less than guessing when to stop.
        lag = 0
        for soon in range(_SOON):
            lag += week[place + soon] <= weekday + by_day[row]
        if lag == _SOON:
            while place + lag < week.size and week[place + lag] <= weekday + by_day[row]:
                lag += 1
        same_day = max(fit[row] - day, opens)
        earliest = opens if late or lag > 0 else same_day
        waits[row] = day + lag + (earliest + by_hour[row] * (closes - earliest)) - fit[row]
    return waits
