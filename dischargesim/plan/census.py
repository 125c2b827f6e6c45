"""The start of a run: people who are already in, with the right remaining stay, and people who already wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.arrivals import Source
from dischargesim.plan.streams import Streams
from dischargesim.plan.tables import UNLIMITED, Counts, Floats
from dischargesim.scenario.distributions import Distribution
from dischargesim.scenario.flows import Flow, flows
from dischargesim.scenario.journeys import Destination
from dischargesim.scenario.once import once
from dischargesim.scenario.schema import Scenario
from dischargesim.scenario.start import CensusPerson, Occupied

_SURE = 1 - 2.0**-53
"""Largest number below 1: a person still in at the far end of a distribution stays as long as it goes."""


@dataclass(frozen=True, slots=True)
class Group:
    """People of a census who are at the same point of the same journey.

    Attributes
    ----------
    cohort, pathway : str
    path : tuple of str
        Keys of the destinations from the pathway to where they are; empty for the setting they came to.
    total : ndarray of float64
        Days from entering until ready, of the stay they are in.
    elapsed : ndarray of float64
        Days since they entered it; more than `total` for those who are ready.
    tasks_done : bool
        They only wait for a place.
    towards : str or None
        Destination they wait for, if it is known.
    listed : ndarray of int64 or None
        Their numbers in a census that names people one by one; None for others.
    """

    cohort: str
    pathway: str
    path: tuple[str, ...]
    total: Floats
    elapsed: Floats
    tasks_done: bool = False
    towards: str | None = None
    listed: Counts | None = None

    def source(self) -> Source:
        """These people as a source of a population: everyone is there at time 0.

        The names of the streams change only if what the people are changes.
        """
        stream = "start/census"
        number = np.arange(self.total.size) if self.listed is None else self.listed
        if self.listed is None:
            kind = "waiting" if self.towards else "in"
            stream = "/".join(["start", kind, self.cohort, self.pathway, *self.path, *filter(None, [self.towards])])
        return Source(self.cohort, stream, number, np.zeros(self.total.size))


def find_destination(scenario: Scenario, pathway: str, path: tuple[str, ...]) -> Destination:
    """The destination at the end of a path of keys."""
    options = scenario.pathways[pathway].next
    for key in path[:-1]:
        options = options[key].next
    return options[path[-1]]


def draw_census(scenario: Scenario, streams: Streams, places: Mapping[str, int]) -> list[Group]:
    """Draw the people who are in the system at time 0.

    Parameters
    ----------
    scenario : Scenario
    streams : Streams
    places : mapping of str to int
        Capacity of each setting at time 0.

    Returns
    -------
    list of Group
    """
    if not scenario.start and not scenario.census:
        return []
    points = _points(scenario)
    groups: list[Group] = []
    for name, occupied in scenario.start.items():
        here = [point for point in points if point.setting == name]
        groups += _inside(scenario, name, occupied, here, places[name], streams)
        groups += _waiting(scenario, name, occupied, here, streams)
    if isinstance(scenario.census, list) and scenario.census:
        groups += _listed(scenario, scenario.census, points, streams)
    return groups


@dataclass(slots=True)
class _Point:
    """A point of a journey, and what the flows through it come to."""

    setting: str
    cohort: str
    pathway: str
    path: tuple[str, ...]
    a_day: float = 0.0
    inside: float = 0.0
    units: float = field(default=0.0)

    def add(self, flow: Flow) -> None:
        """Count a flow in."""
        self.a_day += flow.people_a_day
        self.inside += flow.people_a_day * flow.stay_days
        self.units += flow.load


@once
def _points(scenario: Scenario) -> list[_Point]:
    """Every point of a journey once: several flows may lead to it, such as first stays and readmissions."""
    points: dict[tuple[str, ...], _Point] = {}
    for flow in flows(scenario):
        if flow.pathway is not None:
            key = (flow.setting, flow.cohort, flow.pathway, *flow.path)
            point = points.setdefault(key, _Point(flow.setting, flow.cohort, flow.pathway, flow.path))
            point.add(flow)
    return list(points.values())


def _spread(weights: Floats, u: Floats) -> list[NDArray[np.intp]]:
    """Deal people to points in proportion to the weights; for each point, which of the people."""
    edges = np.cumsum(weights) / weights.sum()
    choice = np.minimum(np.searchsorted(edges, u, side="right"), weights.size - 1)
    return [np.flatnonzero(choice == index) for index in range(weights.size)]


def _inside(
    scenario: Scenario, name: str, occupied: Occupied, here: list[_Point], places: int, streams: Streams
) -> Iterator[Group]:
    """People in a setting: found by a count on a random day, so in proportion to flow times length of stay."""
    weights = np.array([point.inside for point in here])
    if weights.sum() == 0:
        return
    people = occupied.people
    if people is None:
        each = sum(point.units for point in here) / weights.sum()
        people = 0 if occupied.share is None or places == UNLIMITED else round(occupied.share * places / each)
    if people == 0:
        return
    length, passed = streams.uniforms(f"start/{name}/length", people), streams.uniforms(f"start/{name}/passed", people)
    dealt = _spread(weights, streams.uniforms(f"start/{name}/flow", people))
    for point, who in zip(here, dealt, strict=True):
        if who.size == 0:
            continue
        stay = _stay_at(scenario, point)
        if occupied.remaining == "survival_weighted":
            total = stay.length_biased_quantile(length[who])
            elapsed = total * passed[who]
        else:
            total = stay.quantile(length[who])
            elapsed = total - np.where(total > 1, 1 + (total - 1) * passed[who], total)
        yield Group(point.cohort, point.pathway, point.path, total, elapsed)


def _waiting(
    scenario: Scenario, name: str, occupied: Occupied, here: list[_Point], streams: Streams
) -> Iterator[Group]:
    """People in hospital who are ready, have all their tasks done, and wait for a place in the setting."""
    first = [point for point in here if len(point.path) == 1]
    a_day = np.array([point.a_day for point in first])
    if occupied.waiting == 0 or a_day.sum() == 0:
        return
    u = streams.uniforms(f"start/{name}/waited", occupied.waiting)
    waited = u * occupied.waiting / a_day.sum() if occupied.waited_days is None else occupied.waited_days.quantile(u)
    need = streams.uniforms(f"start/{name}/waiting/stay", occupied.waiting)
    dealt = _spread(a_day, streams.uniforms(f"start/{name}/waiting/flow", occupied.waiting))
    for point, who in zip(first, dealt, strict=True):
        if who.size:
            cohort = scenario.cohorts[point.cohort]
            total = cohort.stay_days_by_pathway.get(point.pathway, cohort.stay_days).quantile(need[who])
            elapsed = total + waited[who]
            yield Group(point.cohort, point.pathway, (), total, elapsed, tasks_done=True, towards=point.path[0])


def _stay_at(scenario: Scenario, point: _Point) -> Distribution:
    """Length of stay at a point of a journey."""
    if point.path:
        return find_destination(scenario, point.pathway, point.path).stay_days
    cohort = scenario.cohorts[point.cohort]
    return cohort.stay_days_by_pathway.get(point.pathway, cohort.stay_days)


def _listed(scenario: Scenario, census: list[CensusPerson], points: list[_Point], streams: Streams) -> Iterator[Group]:
    """People of a census that names them one by one."""
    alike: dict[tuple[str, str, str | None, bool, bool], list[int]] = {}
    for index, person in enumerate(census):
        key = (person.cohort, person.setting, person.pathway, person.ready_days is None, person.tasks_done)
        alike.setdefault(key, []).append(index)
    u = streams.uniforms("start/census/pathway", len(census))
    left = streams.uniforms("start/census/remaining", len(census))
    for (cohort, setting, pathway, unready, tasks_done), indices in alike.items():
        here = [p for p in points if (p.cohort, p.setting) == (cohort, setting) and pathway in (None, p.pathway)]
        number = np.array(indices)
        for point, who in zip(here, _spread(np.array([p.a_day for p in here]), u[number]), strict=True):
            people = number[who]
            elapsed = np.array([census[index].days_in for index in people])
            if unready:
                # A stay that has lasted so long already: the distribution above the days passed.
                stay = _stay_at(scenario, point)
                passed = stay.cdf(elapsed)
                total = np.maximum(stay.quantile(np.minimum(passed + (1 - passed) * left[people], _SURE)), elapsed)
            else:
                total = elapsed - np.array([census[index].ready_days for index in people], dtype=np.float64)
            yield Group(point.cohort, point.pathway, point.path, total, elapsed, tasks_done, listed=people)
