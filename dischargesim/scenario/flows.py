"""Who goes where, on average: people a day through every stay of a scenario, worked out and not simulated.

What happens while people wait (recovery, decline, setbacks, deaths, a switch of pathway) is left out: these are the
flows that the system would have if nobody had to wait. So are reviews that find somebody in too much care.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dischargesim.scenario.demand import Arrivals, Service
from dischargesim.scenario.hours import DAYS, open_intervals, parse_spans
from dischargesim.scenario.journeys import Destination
from dischargesim.scenario.rates import days_of, first_day, usual_arrivals
from dischargesim.scenario.resources import BoardRounds, Setting, Workforce
from dischargesim.scenario.schema import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Flow:
    """People of one cohort who make one kind of stay.

    Attributes
    ----------
    setting : str
        Setting that holds them.
    cohort : str
        Cohort they belong to.
    pathway : str or None
        Pathway they are on; None for a stay in a service that avoids an admission.
    service : str or None
        That service.
    path : tuple of str
        Keys of the destinations on the way, the last one their own; empty for the stay they came for, and for a
        service.
    share : float
        Share of the cohort's arrivals who make this stay.
    people_a_day : float
        Mean over the run with its warm-up.
    stay_days : float
        Mean days until ready to leave.
    units : float
        Units of the setting's capacity that each takes, on average over the stay.
    """

    setting: str
    cohort: str
    pathway: str | None
    service: str | None
    path: tuple[str, ...]
    share: float
    people_a_day: float
    stay_days: float
    units: float

    @property
    def load(self) -> float:
        """Units in use on average if nobody had to wait."""
        return self.people_a_day * self.stay_days * self.units


def expected_arrivals(arrivals: Arrivals, first: date, days: int) -> Floats:
    """Expected people on each day of a run, with weekdays, months, growth, surges and rate ratios."""
    usual = usual_arrivals(arrivals, first, days)
    more, fewer = np.ones(usual.size), np.ones(usual.size)
    for surge in arrivals.surges.values():
        inside = days_of(surge, first, usual.size)
        # Surges above 1 each add their own people; those below 1 thin whoever is there.
        more += inside * max(surge.ratio - 1, 0.0)
        fewer *= np.where(inside, min(surge.ratio, 1.0), 1.0)
    for effect in arrivals.effects.values():
        open_share = 1.0 if effect.hours is None else effect.hours.hours_a_week / 168
        more += open_share * max(effect.ratio - 1, 0.0)
        fewer *= 1 - open_share * max(1 - effect.ratio, 0.0)
    return np.asarray(usual * more * fewer, dtype=np.float64)


def flows(scenario: Scenario) -> list[Flow]:
    """Every stay that people make, with how many make it: services, the stays people come for, and what follows.

    A service takes people at random times of its hours and refuses them when full (Erlang's loss formula, for its
    own load); those for whom it succeeds need no admission.
    """
    days = scenario.run.warm_up_days + scenario.run.days
    first = first_day(scenario)
    a_day = {name: float(expected_arrivals(c.arrivals, first, days).mean()) for name, c in scenario.cohorts.items()}
    found, admitted = _services(scenario, a_day)
    for name, cohort in scenario.cohorts.items():
        rounds = scenario.settings[cohort.setting].board_rounds
        declared = 0.0 if rounds is None else _declaring_days(rounds)
        for pathway, share in cohort.pathways.items():
            # Nobody who will die in hospital is kept out of it by a service, or declared ready to leave.
            dies = scenario.pathways[pathway].kind == "death"
            here = share * (1.0 if dies else admitted[name])
            stay = cohort.stay_days_by_pathway.get(pathway, cohort.stay_days).mean() + (0.0 if dies else declared)
            found.append(Flow(cohort.setting, name, pathway, None, (), here, here * a_day[name], stay, 1.0))
            found += _sent_on(scenario, name, pathway, here, a_day[name])
            if cohort.readmission is not None and scenario.pathways[pathway].kind != "death":
                back, again = here * cohort.readmission.share, cohort.readmission.stay_days.mean()
                found.append(Flow(cohort.setting, name, pathway, None, (), back, back * a_day[name], again, 1.0))
    return [flow for flow in found if flow.share > 0]


def _sent_on(scenario: Scenario, cohort: str, pathway: str, share: float, a_day: float) -> Iterator[Flow]:
    """What follows the hospital stay, part of it on a higher pathway than needed."""
    over = scenario.pathways[pathway].over_prescribed
    too_high = 0.0 if over is None else share * over.share
    yield from _onward(scenario.pathways[pathway].next, cohort, pathway, (), share - too_high, a_day)
    if over is not None:
        yield from _onward(scenario.pathways[over.to].next, cohort, over.to, (), too_high, a_day)


def _onward(
    options: dict[str, Destination], cohort: str, pathway: str, above: tuple[str, ...], share: float, a_day: float
) -> Iterator[Flow]:
    for key, option in options.items():
        here, path = share * option.share, (*above, key)
        stay = option.stay_days.mean()
        yield Flow(option.setting or key, cohort, pathway, None, path, here, here * a_day, stay, mean_units(option))
        yield from _onward(option.next, cohort, pathway, path, here, a_day)


def mean_units(option: Destination) -> float:
    """Whole units that a person takes, on average over people and stay."""
    if option.visits is not None:
        return float(np.mean(option.visits.units))
    if option.units.kind == "constant":
        return float(np.ceil(option.units.mean()))
    return float(np.ceil(option.units.quantile((np.arange(400) + 0.5) / 400)).mean())


def capacity_at_start(setting: Setting) -> float:
    """Units open at first with all posts filled and nobody ill; inf for no limit."""
    if isinstance(setting.capacity, int):
        return float(setting.capacity)
    if setting.staffing is None:
        return float("inf")
    return setting.staffing.posts * setting.staffing.visits_a_day_each


def staffed_share(workforce: Workforce | None, days: int) -> Floats:
    """Expected share of the posts that is filled and at work, on each day of the run."""
    if workforce is None:
        return np.ones(days)
    leave = 1 - (1 - min(workforce.turnover_a_year, 0.999)) ** (1 / 365.25)
    recruited = workforce.recruited_a_month / (workforce.posts * 365.25 / 12)
    filled, share = 1 - workforce.vacancy, np.empty(days)
    for day in range(days):
        share[day] = filled
        filled = min(filled * (1 - leave) + recruited, 1.0)
    return share * (1 - workforce.sickness)


def _services(scenario: Scenario, a_day: dict[str, float]) -> tuple[list[Flow], dict[str, float]]:
    """Stays in services, and the share of each cohort (less deaths) that is admitted nevertheless."""
    dying = {
        name: sum(share for key, share in cohort.pathways.items() if scenario.pathways[key].kind == "death")
        for name, cohort in scenario.cohorts.items()
    }
    untaken = dict.fromkeys(scenario.cohorts, 1.0)
    admitted = dict.fromkeys(scenario.cohorts, 1.0)
    found: list[Flow] = []
    for name, service in scenario.services.items():
        open_share = 1.0 if service.hours is None else service.hours.hours_a_week / 168
        stay = service.succeeds * service.stay_days.mean() + (1 - service.succeeds) * service.fails_after_days.mean()
        tries = {c: untaken[c] * share * open_share for c, share in service.eligible.items()}
        people = sum(tries[c] * (1 - dying[c]) * a_day[c] for c in tries)
        room = 1 - _refused(people * stay, service, scenario.settings[service.setting])
        for cohort, tried in tries.items():
            taken = tried * room
            share = taken * (1 - dying[cohort])
            people_a_day = share * a_day[cohort]
            found.append(Flow(service.setting, cohort, None, name, (), share, people_a_day, stay, float(service.units)))
            untaken[cohort] -= taken
            admitted[cohort] -= taken * service.succeeds
    return found, admitted


def _refused(people_at_once: float, service: Service, setting: Setting) -> float:
    """Share refused by Erlang's loss formula, as if nobody else used the setting."""
    capacity = capacity_at_start(setting)
    if np.isinf(capacity) or people_at_once <= 0:
        return 0.0
    blocked = 1.0
    for places in range(1, int(capacity / service.units) + 1):
        blocked = people_at_once * blocked / (places + people_at_once * blocked)
        if blocked < 1e-9:
            return 0.0
    return blocked


def _declaring_days(rounds: BoardRounds) -> float:
    """Mean days from becoming fit, at any time of any day, to being declared ready at a round."""
    spans = parse_spans(rounds.hours)
    opens, closes = spans[0][0] / 1440, spans[-1][1] / 1440
    chance = np.array([rounds.chance.get(day, 1.0) for day in DAYS])  # type: ignore[call-overload]
    missed = np.cumprod(1 - chance[(np.arange(7)[:, None] + np.arange(140)) % 7], axis=1)
    later = (opens + closes) / 2
    fit = (np.arange(48) + 0.5) / 48
    total = 0.0
    for day in range(7):
        # Mean whole days until a round that declares, seen from this day and from the next.
        lag, next_lag = missed[day].sum(), missed[(day + 1) % 7].sum()
        same = chance[day] * (np.maximum(fit, opens) + closes) / 2 + (1 - chance[day]) * later + lag
        total += float(np.mean(np.where(fit <= closes, same, 1 + next_lag + later) - fit))
    return total / 7


def open_hours_by_day(scenario: Scenario, team: str, days: int) -> Floats:
    """Working hours of a team on each day of the run, bank holidays included."""
    hours = scenario.teams[team].hours
    if hours is None:
        return np.full(days, 24.0)
    intervals = open_intervals(hours, first_day(scenario), days, scenario.nation)
    if not intervals:
        return np.zeros(days)
    edges = np.array(intervals)
    worked = np.cumsum(edges[:, 1] - edges[:, 0])
    # Time worked up to an edge; between an opening and its closing it rises with the clock.
    at = np.column_stack([worked - (edges[:, 1] - edges[:, 0]), worked]).ravel()
    return np.asarray(np.diff(np.interp(np.arange(days + 1), edges.ravel(), at)) * 24, dtype=np.float64)
