"""The same system for a larger population: as many times the people, the places and the staff.

Shares, stays, opening hours and reviews stay as they are, so that the larger system is as full as the smaller one,
and the same work is done for each person.
"""

from __future__ import annotations

from typing import TypeVar

from dischargesim.scenario.base import Part
from dischargesim.scenario.demand import Arrivals, Cohort
from dischargesim.scenario.resources import Escalation, Setting, Team, Workforce
from dischargesim.scenario.schema import Scenario
from dischargesim.scenario.start import Occupied

Some = TypeVar("Some", bound=Part)


def times_catchment(scenario: Scenario, times: int) -> Scenario:
    """A scenario with its arrivals, capacities, staff and people at the start so many times over.

    The bounds of the schema are not looked at again: sixty-four times the home care of an average area is more hours
    than they allow, and is meant.
    """
    return scenario.model_copy(
        update={
            "settings": {name: _setting(one, times) for name, one in scenario.settings.items()},
            "teams": {name: _team(one, times) for name, one in scenario.teams.items()},
            "cohorts": {name: _cohort(one, times) for name, one in scenario.cohorts.items()},
            "start": {name: _occupied(one, times) for name, one in scenario.start.items()},
            "census": _census(scenario) * times,
        }
    )


def _setting(setting: Setting, times: int) -> Setting:
    return _multiplied(setting, times, "capacity", "capacity_changes").model_copy(
        update={
            "staffing": _workforce(setting.staffing, times),
            "workforce": _workforce(setting.workforce, times),
            "escalation": _escalation(setting.escalation, times),
        }
    )


def _team(team: Team, times: int) -> Team:
    larger = _multiplied(team, times, "staff", "staff_by_day", "staff_changes")
    return larger.model_copy(update={"workforce": _workforce(team.workforce, times)})


def _workforce(workforce: Workforce | None, times: int) -> Workforce | None:
    return workforce and _multiplied(workforce, times, "posts", "recruited_a_month")


def _escalation(escalation: Escalation | None, times: int) -> Escalation | None:
    return escalation and _multiplied(escalation, times, "beds", "step", "open_waiting", "close_waiting")


def _cohort(cohort: Cohort, times: int) -> Cohort:
    if isinstance(cohort.arrivals.daily_counts, str):
        raise ValueError("daily counts from a file: give them as a list, or as a rate, to have more people come")
    arrivals: Arrivals = _multiplied(cohort.arrivals, times, "per_day", "daily_counts")
    return cohort.model_copy(update={"arrivals": arrivals})


def _occupied(occupied: Occupied, times: int) -> Occupied:
    return _multiplied(occupied, times, "people", "waiting")


def _census(scenario: Scenario) -> list[object]:
    if isinstance(scenario.census, str):
        raise ValueError("a census from a file: give it as a list to have more people in at the start")
    return list(scenario.census)


def _multiplied(part: Some, times: int, *names: str) -> Some:
    """A part in which the numbers of these names, alone or in lists and dictionaries, are so many times as large."""
    return part.model_copy(update={name: _product(getattr(part, name), times) for name in names})


def _product(value: object, times: int) -> object:
    if isinstance(value, dict):
        return {key: _product(one, times) for key, one in value.items()}
    if isinstance(value, list):
        return [_product(one, times) for one in value]
    return value * times if isinstance(value, int | float) else value  # None and `unlimited` stay what they are
