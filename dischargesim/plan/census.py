"""The start of a run: people who are already in, with the right remaining stay, and people who already wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.arrivals import Source
from dischargesim.plan.streams import Streams
from dischargesim.plan.tables import UNLIMITED, Floats
from dischargesim.scenario.distribution_base import BaseDistribution
from dischargesim.scenario.flows import Flow, flows
from dischargesim.scenario.journeys import Destination
from dischargesim.scenario.schema import Scenario
from dischargesim.scenario.start import Occupied


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
    entry : int
        Number in the list of a census that names people one by one; -1 for others.
    """

    cohort: str
    pathway: str
    path: tuple[str, ...]
    total: Floats
    elapsed: Floats
    tasks_done: bool = False
    towards: str | None = None
    entry: int = -1

    @property
    def stream(self) -> str:
        """Prefix of the streams of these people: it changes only if what they are changes."""
        kind = f"census/{self.entry}" if self.entry >= 0 else "waiting" if self.towards else "in"
        return "/".join(["start", kind, self.cohort, self.pathway, *self.path, *filter(None, [self.towards])])


def find_destination(scenario: Scenario, pathway: str, path: tuple[str, ...]) -> Destination:
    """The destination at the end of a path of keys."""
    options = scenario.pathways[pathway].next
    for key in path[:-1]:
        options = options[key].next
    return options[path[-1]]


def draw_census(scenario: Scenario, streams: Streams) -> list[Group]:
    """Draw the people who are in the system at time 0.

    Parameters
    ----------
    scenario : Scenario
    streams : Streams

    Returns
    -------
    list of Group
        Those who have waited longest come first among people of one group.
    """
    groups: list[Group] = []
    if scenario.start:
        every = flows(scenario)
        for name, occupied in scenario.start.items():
            here = [flow for flow in every if flow.setting == name and flow.service is None]
            groups += _inside(scenario, name, occupied, here, streams)
            groups += _waiting(scenario, name, occupied, here, streams)
    return groups + list(_listed(scenario, streams))


def _spread(flow_weights: Floats, people: int, u: Floats) -> list[NDArray[np.intp]]:
    """Deal people to flows in proportion to the weights; for each flow, which of the people (as indices)."""
    edges = np.cumsum(flow_weights) / flow_weights.sum()
    choice = np.minimum(np.searchsorted(edges, u, side="right"), flow_weights.size - 1)
    return [np.flatnonzero(choice == index) for index in range(flow_weights.size)]


def _inside(scenario: Scenario, name: str, occupied: Occupied, here: list[Flow], streams: Streams) -> Iterator[Group]:
    """People in a setting: found by a count on a random day, so in proportion to flow times length of stay."""
    weights = np.array([flow.people_a_day * flow.stay_days for flow in here])
    if weights.sum() == 0:
        return
    people = occupied.people
    if people is None:
        capacity = scenario.settings[name].capacity
        units = float(np.average([flow.units for flow in here], weights=weights))
        places = UNLIMITED if isinstance(capacity, str) else capacity
        if capacity == "staffed":
            staffing = scenario.settings[name].staffing
            filled = 0.0 if staffing is None else staffing.posts * (1 - staffing.vacancy) * (1 - staffing.sickness)
            places = 0 if staffing is None else int(filled * staffing.visits_a_day_each)
        people = 0 if occupied.share is None or places == UNLIMITED else int(occupied.share * places / units)
    if people == 0:
        return
    length, passed = streams.uniforms(f"start/{name}/length", people), streams.uniforms(f"start/{name}/passed", people)
    dealt = _spread(weights, people, streams.uniforms(f"start/{name}/flow", people))
    for flow, who in zip(here, dealt, strict=True):
        if who.size == 0 or flow.pathway is None:
            continue
        stay = _stay_of(scenario, flow)
        if occupied.remaining == "survival_weighted":
            total = stay.length_biased_quantile(length[who])
            elapsed = total * passed[who]
        else:
            total = stay.quantile(length[who])
            elapsed = total - np.where(total > 1, 1 + (total - 1) * passed[who], total)
        yield Group(flow.cohort, flow.pathway, flow.path, total, elapsed)


def _waiting(scenario: Scenario, name: str, occupied: Occupied, here: list[Flow], streams: Streams) -> Iterator[Group]:
    """People in hospital who are ready, have all their tasks done, and wait for a place in the setting."""
    first = [flow for flow in here if len(flow.path) == 1 and flow.pathway is not None]
    a_day = np.array([flow.people_a_day for flow in first])
    if occupied.waiting == 0 or a_day.sum() == 0:
        return
    u = streams.uniforms(f"start/{name}/waited", occupied.waiting)
    waited = u * occupied.waiting / a_day.sum() if occupied.waited_days is None else occupied.waited_days.quantile(u)
    waited = np.sort(waited)[::-1]
    need = streams.uniforms(f"start/{name}/waiting/stay", occupied.waiting)
    dealt = _spread(a_day, occupied.waiting, streams.uniforms(f"start/{name}/waiting/flow", occupied.waiting))
    for flow, who in zip(first, dealt, strict=True):
        if who.size and flow.pathway is not None:
            cohort = scenario.cohorts[flow.cohort]
            total = cohort.stay_days_by_pathway.get(flow.pathway, cohort.stay_days).quantile(need[who])
            yield Group(flow.cohort, flow.pathway, (), total, total + waited[who], True, flow.path[0])


def _stay_of(scenario: Scenario, flow: Flow) -> BaseDistribution:
    if flow.path:
        return find_destination(scenario, flow.pathway or "", flow.path).stay_days
    cohort = scenario.cohorts[flow.cohort]
    return cohort.stay_days_by_pathway.get(flow.pathway or "", cohort.stay_days)


def _listed(scenario: Scenario, streams: Streams) -> Iterator[Group]:
    """People of a census that names them one by one."""
    people = scenario.census if isinstance(scenario.census, list) else []
    if not people:
        return
    known: dict[tuple[str, str], list[Flow]] = {}
    for flow in flows(scenario):
        if flow.pathway is not None:
            known.setdefault((flow.cohort, flow.setting), []).append(flow)
    u = streams.uniforms("start/census/pathway", len(people))
    left = streams.uniforms("start/census/remaining", len(people))
    order = sorted(range(len(people)), key=lambda i: -(people[i].ready_days or 0.0))
    for index in order:
        person = people[index]
        here = [f for f in known.get((person.cohort, person.setting), []) if person.pathway in (None, f.pathway)]
        weights = np.cumsum([flow.people_a_day for flow in here])
        flow = here[min(int(np.searchsorted(weights / weights[-1], u[index], side="right")), len(here) - 1)]
        elapsed = np.array([person.days_in])
        if person.ready_days is not None:
            total = elapsed - person.ready_days
        else:
            # A stay that has lasted so long already: the distribution above the days passed.
            stay = _stay_of(scenario, flow)
            passed = stay.cdf(elapsed)
            total = np.maximum(stay.quantile(np.minimum(passed + (1 - passed) * left[index], 1 - 2**-53)), elapsed)
        yield Group(flow.cohort, flow.pathway or "", flow.path, total, elapsed, person.tasks_done, entry=index)


def census_sources(groups: list[Group]) -> list[Source]:
    """The people of a census as sources of a population: everyone is there at time 0, in the order of the groups."""
    return [
        Source(group.cohort, group.stream, group.total.size, np.arange(group.total.size), np.zeros(group.total.size))
        for group in groups
    ]
