"""The start of a run: people who are already in, with the right remaining stay, and people who already wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.grouping import by_group
from dischargesim.plan.lengths import Lengths
from dischargesim.plan.streams import Keys, Streams, own_uniforms, stream_code
from dischargesim.plan.tables import Counts, Floats
from dischargesim.scenario.distributions import Distribution
from dischargesim.scenario.flows import flows
from dischargesim.scenario.journeys import Destination
from dischargesim.scenario.once import once
from dischargesim.scenario.schema import Scenario
from dischargesim.scenario.start import CensusPerson, Occupied

Which = NDArray[np.intp]

_SURE = 1 - 2.0**-53
"""Largest number below 1: a person still in at the far end of a distribution stays as long as it goes."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a journey.

    Attributes
    ----------
    setting, cohort, pathway : str
    path : tuple of str
        Keys of the destinations from the pathway to it; empty for the setting people come to.
    stay : Distribution
        Length of stay there.
    """

    setting: str
    cohort: str
    pathway: str
    path: tuple[str, ...]
    stay: Distribution


@dataclass(frozen=True, slots=True)
class Census:
    """People who are in the system at time 0. One row a person.

    Attributes
    ----------
    point : ndarray of int
        Position in `points` of where they are, or of the place they wait for.
    waiting : ndarray of bool
        They are still in the setting they came to, with all tasks done, and wait for the place.
    to_do : ndarray of bool
        They have their tasks before them.
    total : ndarray of float64
        Days from entering until ready, of the stay they are in.
    elapsed : ndarray of float64
        Days since they entered it; more than `total` for those who are ready.
    stream : ndarray of uint64
        Code of the stream they come from. It changes only if what they are changes.
    number : ndarray of int64
        Of each within the stream.
    """

    point: Which
    waiting: NDArray[np.bool_]
    to_do: NDArray[np.bool_]
    total: Floats
    elapsed: Floats
    stream: Keys
    number: Counts

    @classmethod
    def of(cls, parts: list[Census]) -> Census:
        """Several together."""
        if len(parts) == 1:
            return parts[0]
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))


def find_destination(scenario: Scenario, pathway: str, path: tuple[str, ...]) -> Destination:
    """The destination at the end of a path of keys."""
    options = scenario.pathways[pathway].next
    for key in path[:-1]:
        options = options[key].next
    return options[path[-1]]


@once
def points(scenario: Scenario) -> list[Point]:
    """Every point of every journey."""
    return _points(scenario).points


def draw_census(scenario: Scenario, streams: Streams, places: Mapping[str, int]) -> Census:
    """Draw the people who are in the system at time 0.

    Parameters
    ----------
    scenario : Scenario
    streams : Streams
    places : mapping of str to int
        Capacity of each setting at time 0.

    Returns
    -------
    Census
    """
    nobody, no_days = np.empty(0, dtype=np.intp), np.empty(0)
    no = np.empty(0, dtype=np.bool_)
    parts = [Census(nobody, no, no, no_days, no_days, np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64))]
    parts += _inside(scenario, places, streams)
    parts += _waiting(scenario, streams)
    if isinstance(scenario.census, list) and scenario.census:
        parts += _listed(scenario, scenario.census, streams)
    return Census.of(parts)


@dataclass(frozen=True, slots=True)
class _Points:
    """The points of a scenario, and what the flows through each come to.

    Attributes
    ----------
    points : list of Point
    a_day, inside, units : ndarray of float64
        People a day, people there on average, and the units they take.
    of_setting, of_first_setting : dict of str to ndarray of int
        Points in each setting; and of these the ones with which the way from the hospital begins.
    streams_in, streams_waiting : ndarray of uint64
        Codes of the streams of people who are there, and who wait to be.
    stay, before : Lengths
        Lengths of stay there, and in the setting that people came to.
    """

    points: list[Point]
    a_day: Floats
    inside: Floats
    units: Floats
    of_setting: dict[str, Which]
    of_first_setting: dict[str, Which]
    streams_in: Keys
    streams_waiting: Keys
    stay: Lengths
    before: Lengths


@once
def _points(scenario: Scenario) -> _Points:
    """Every point of a journey once: several flows may lead to it, such as first stays and readmissions."""
    found: dict[Point | tuple[str, ...], tuple[Point, list[float]]] = {}
    for flow in flows(scenario):
        if flow.pathway is None:
            continue
        key = (flow.setting, flow.cohort, flow.pathway, *flow.path)
        stay = _stay_at(scenario, flow.cohort, flow.pathway, flow.path)
        _, sums = found.setdefault(
            key, (Point(flow.setting, flow.cohort, flow.pathway, flow.path, stay), [0.0, 0.0, 0.0])
        )
        for index, more in enumerate((flow.people_a_day, flow.people_a_day * flow.stay_days, flow.load)):
            sums[index] += more
    known = [point for point, _ in found.values()]
    a_day, inside, units = np.array([sums for _, sums in found.values()]).reshape(-1, 3).T
    ways = [(point.cohort, point.pathway, *point.path) for point in known]
    return _Points(
        known,
        a_day,
        inside,
        units,
        _by_setting(known, range(len(known))),
        _by_setting(known, (index for index, point in enumerate(known) if len(point.path) == 1)),
        np.array([stream_code("/".join(("start", "in", *way))) for way in ways], dtype=np.uint64),
        np.array([stream_code("/".join(("start", "waiting", *way))) for way in ways], dtype=np.uint64),
        Lengths([point.stay for point in known]),
        Lengths([_stay_at(scenario, point.cohort, point.pathway, ()) for point in known]),
    )


def _by_setting(known: list[Point], which: Iterable[int]) -> dict[str, Which]:
    """Positions of points, by the setting they are in."""
    found: dict[str, list[int]] = {}
    for index in which:
        found.setdefault(known[index].setting, []).append(index)
    return {name: np.array(here, dtype=np.intp) for name, here in found.items()}


def _stay_at(scenario: Scenario, cohort: str, pathway: str, path: tuple[str, ...]) -> Distribution:
    """Length of stay at a point of a journey."""
    if path:
        return find_destination(scenario, pathway, path).stay_days
    of = scenario.cohorts[cohort]
    return of.stay_days_by_pathway.get(pathway, of.stay_days)


def _dealt(places: list[Which], weights: list[Floats], sizes: Counts, u: Floats) -> tuple[Which, Which, Counts]:
    """Deal groups of people to points, each group to its own, in proportion to the weights of these.

    Returns
    -------
    point, who, number : ndarray of int
        Sorted by group and point: the point, which of the people, and their number within the group, which hangs on
        nobody else and on no weight: the same people are there in every scenario, if not always at the same point.
    """
    group = np.repeat(np.arange(len(places)), sizes)
    # One ascending list for all groups: the edges of group 3 lie between 3 and 4.
    edges = np.concatenate([number + np.cumsum(weight) / weight.sum() for number, weight in enumerate(weights)])
    ends = np.cumsum([weight.size for weight in weights])
    choice = np.minimum(np.searchsorted(edges, group + u, side="right"), (ends - 1).take(group))
    who = np.concatenate(by_group(choice, edges.size))
    dealt = np.bincount(choice, minlength=edges.size)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.repeat(np.concatenate(places), dealt), who, who - first.take(who)


def _people_inside(occupied: Occupied, known: _Points, here: Which, places: int) -> int:
    """How many people are in a setting."""
    if known.inside[here].sum() == 0:
        return 0
    if occupied.people is not None:
        return occupied.people
    if occupied.share is None:
        return 0
    each = float(known.units[here].sum() / known.inside[here].sum())
    return round(occupied.share * places / each)


def _inside(scenario: Scenario, places: Mapping[str, int], streams: Streams) -> list[Census]:
    """People in all settings: found by a count on a random day, so in proportion to flow times length of stay."""
    known = _points(scenario)
    full = []
    for name, occupied in scenario.start.items():
        here = known.of_setting.get(name, np.empty(0, dtype=np.intp))
        people = _people_inside(occupied, known, here, places[name])
        if people:
            full.append((name, occupied, here, people))
    if not full:
        return []
    sizes = np.array([people for *_, people in full])
    keys = streams.members([f"start/{name}" for name, *_ in full], sizes)
    weights = [known.inside[here] for _, _, here, _ in full]
    point, who, number = _dealt([here for _, _, here, _ in full], weights, sizes, own_uniforms(keys, "flow"))
    length, passed = own_uniforms(keys, "length").take(who), own_uniforms(keys, "passed").take(who)
    biased = np.repeat([occupied.remaining == "survival_weighted" for _, occupied, _, _ in full], sizes)
    total = np.empty(who.size)
    for one in (True, False):
        some = np.flatnonzero(biased == one)
        total[some] = known.stay.draw(point.take(some), length.take(some), biased=one)
    # Uniform on (1, X) of what remains, as the named option has it; nothing has passed of a stay of up to a day.
    uniform = total - np.where(total > 1, 1 + (total - 1) * passed, total)
    no = np.zeros(who.size, dtype=np.bool_)
    elapsed = np.where(biased, total * passed, uniform)
    return [Census(point, no, ~no, total, elapsed, known.streams_in.take(point), number)]


def _waiting(scenario: Scenario, streams: Streams) -> list[Census]:
    """People in hospital who are ready, have all their tasks done, and wait for a place in a setting."""
    known = _points(scenario)
    queues = []
    for name, occupied in scenario.start.items():
        here = known.of_first_setting.get(name, np.empty(0, dtype=np.intp))
        a_day = known.a_day[here]
        if occupied.waiting and a_day.sum() > 0:
            queues.append((name, occupied, here, a_day))
    if not queues:
        return []
    names = [name for name, *_ in queues]
    sizes = np.array([occupied.waiting for _, occupied, _, _ in queues])
    waited, need, flow = (
        own_uniforms(streams.members([f"start/{name}/{what}" for name in names], sizes), "")
        for what in ("waited", "waiting/stay", "waiting/flow")
    )
    start = 0
    for _, occupied, _, a_day in queues:
        its = waited[start : start + occupied.waiting]
        start += its.size
        its[:] = its * its.size / a_day.sum() if occupied.waited_days is None else occupied.waited_days.quantile(its)
    point, who, number = _dealt([here for _, _, here, _ in queues], [a_day for *_, a_day in queues], sizes, flow)
    total = known.before.draw(point, need.take(who))
    yes = np.ones(who.size, dtype=np.bool_)
    return [Census(point, yes, ~yes, total, total + waited.take(who), known.streams_waiting.take(point), number)]


def _listed(scenario: Scenario, census: list[CensusPerson], streams: Streams) -> list[Census]:
    """People of a census that names them one by one."""
    known = _points(scenario)
    alike: dict[tuple[str, str, str | None, bool, bool], list[int]] = {}
    for index, person in enumerate(census):
        key = (person.cohort, person.setting, person.pathway, person.ready_days is None, person.tasks_done)
        alike.setdefault(key, []).append(index)
    u = streams.uniforms("start/census/pathway", len(census))
    left = streams.uniforms("start/census/remaining", len(census))
    parts = []
    for (cohort, setting, pathway, unready, tasks_done), indices in alike.items():
        at = known.of_setting[setting].tolist()
        here = [p for p in at if known.points[p].cohort == cohort and pathway in (None, known.points[p].pathway)]
        number = np.array(indices)
        a_day = known.a_day[here]
        if a_day.sum() == 0:
            # Nobody comes any more: those who are there came as the cohort's pathways say.
            a_day = np.array([scenario.cohorts[cohort].pathways[known.points[point].pathway] for point in here])
        point, who, _ = _dealt([np.array(here)], [a_day], np.array([number.size]), u[number])
        people = number[who]
        elapsed = np.array([census[index].days_in for index in people], dtype=np.float64)
        if unready:
            total = _remaining(known.points, point, elapsed, left[people])
        else:
            total = elapsed - np.array([census[index].ready_days for index in people], dtype=np.float64)
        no = np.zeros(people.size, dtype=np.bool_)
        stream = np.full(people.size, stream_code("start/census"), dtype=np.uint64)
        parts.append(Census(point, no, no if tasks_done else ~no, total, elapsed, stream, people))
    return parts


def _remaining(known: list[Point], point: Which, elapsed: Floats, u: Floats) -> Floats:
    """Whole length of stays that have lasted so long already: the distribution above the days passed."""
    total = np.empty(u.size)
    for index in set(point.tolist()):
        here, stay = np.flatnonzero(point == index), known[index].stay
        passed = stay.cdf(elapsed[here])
        total[here] = np.maximum(stay.quantile(np.minimum(passed + (1 - passed) * u[here], _SURE)), elapsed[here])
    return total
