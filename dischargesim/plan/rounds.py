"""Board rounds: fitness to leave is found at rounds, fewer of them at weekends, and not in the middle of the night."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.population import Population
from dischargesim.plan.tables import Floats
from dischargesim.scenario.hours import DAYS, parse_spans
from dischargesim.scenario.rates import first_day
from dischargesim.scenario.resources import BoardRounds
from dischargesim.scenario.schema import Scenario

_LONGEST = 70
"""Days after which even the most unlucky person is declared ready."""


def declaring_wait(
    rounds: BoardRounds, scenario: Scenario, people: Population, need: Floats, who: NDArray[np.integer]
) -> Floats:
    """Days between becoming fit and being declared ready.

    Counted as if the person came in on arrival; a wait for a bed moves the moment by that wait.

    Parameters
    ----------
    rounds : BoardRounds
    scenario : Scenario
    people : Population
    need : ndarray of float64, one a person
        Days from coming in until fit.
    who : ndarray of int
        Rows of the people in question.

    Returns
    -------
    ndarray of float64, one for each in `who`
        0 or more.
    """
    spans = parse_spans(rounds.hours)
    opens, closes = spans[0][0] / 1440, spans[-1][1] / 1440
    fit = people.arrival[who] + need[who]
    day = np.floor(fit)
    # Those who become fit after the round is over are seen on the next day at the earliest.
    late = fit - day > closes
    day += late
    weekday = (first_day(scenario).weekday() + day.astype(np.int64)) % 7
    chance = np.array([rounds.chance.get(name, 1.0) for name in DAYS])  # type: ignore[call-overload]
    lag = _lag(chance, weekday, people.uniform("board_round/day", who))
    # Within the round's hours, but not before the person was fit on the day itself.
    earliest = np.where((lag == 0) & ~late, np.maximum(fit - day, opens), opens)
    moment = earliest + people.uniform("board_round/hour", who) * (closes - earliest)
    return np.asarray(day + lag + moment - fit, dtype=np.float64)


def _lag(chance: Floats, weekday: NDArray[np.int64], u: Floats) -> NDArray[np.int64]:
    """Whole days until declared, from the chance of each weekday and the person's own number."""
    days = (np.arange(7)[:, None] + np.arange(_LONGEST)) % 7
    declared = 1 - np.cumprod(1 - chance[days], axis=1)[:, :-1]
    # One ascending list for the whole week: day 3 lies between 3 and 4.
    week = (declared + np.arange(7)[:, None]).ravel()
    return np.asarray(np.searchsorted(week, weekday + u, side="right") - weekday * declared.shape[1], dtype=np.int64)
