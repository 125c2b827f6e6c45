"""The people who are in the system when the run starts: in which bed or at which point of a journey, and since when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dischargesim.plan.census import Census, Point, find_destination, points
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.grouping import by_group, in_order
from dischargesim.plan.onward import Inside
from dischargesim.plan.tables import NONE, Floats, Rows
from dischargesim.scenario.once import once
from dischargesim.scenario.schema import Scenario


class AlreadyIn:
    """What a census says of people, who are the first of a draft.

    Parameters
    ----------
    draft : Draft
        Its people begin with those of the census, in the same order.
    census : Census

    Attributes
    ----------
    size : int
        How many they are.
    pathway : ndarray of int32
        The pathway each is on.
    total, elapsed : ndarray of float64
        Days from coming into the setting until ready to leave it, and days since they came in.
    admitted : ndarray of int
        Those in the setting they came to, such as a hospital bed. Those who have been ready for longest come first: at
        the start the engines take them in this order.
    to_do : ndarray of bool
        Tasks are left to be done before they can leave.
    towards : ndarray of int32
        Number of the destination they wait for among those of their pathway, `NONE` where it is not known.
    inside : dict of tuple of str to Inside
        Those at a point of a journey after that, by the keys from the pathway to it.
    """

    def __init__(self, draft: Draft, census: Census) -> None:
        known = _facts(draft.scenario)
        at = census.point
        self.size = at.size
        self.total, self.elapsed, self.to_do = census.total, census.elapsed, census.to_do
        self.pathway = known.pathway.take(at)
        self.towards = np.where(census.waiting, known.towards.take(at), np.int32(NONE))
        place = np.where(census.waiting, 0, known.place.take(at))
        # By place, and those at one place in order of becoming ready.
        order = in_order(self.total - self.elapsed)
        at_places = [order.take(here) for here in by_group(place.take(order), len(known.paths))]
        self.admitted: Who = at_places[0]
        self.inside = {
            path: self._at(draft.scenario, path, who)
            for path, who in zip(known.paths, at_places, strict=True)
            if path and who.size
        }

    def waited(self, people: int) -> Floats:
        """Days since each of so many people became ready: 0 for those who are not, or who are further on."""
        days = np.zeros(people)
        days[self.admitted] = np.maximum(self.elapsed - self.total, 0.0).take(self.admitted)
        return days

    def _at(self, scenario: Scenario, path: tuple[str, ...], who: Who) -> Inside:
        """People at a point of a journey, in whichever step of their support they have come to."""
        option = find_destination(scenario, path[0], path[1:])
        count = 1 if option.visits is None else option.visits.steps
        total, elapsed = self.total[who], self.elapsed[who]
        length = total / count
        step = np.minimum(elapsed / np.where(length > 0, length, 1), count - 1).astype(np.int32)
        return Inside(who, total, step, elapsed - step * length, self.to_do[who])


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the points of all journeys.

    Attributes
    ----------
    paths : list of tuple of str
        The places along the journeys, as the keys from the pathway to each; the first is the setting people come to.
    place, pathway : ndarray of int32, one a point
    towards : ndarray of int32, one a point
        Number of the destination with which the way to it begins.
    """

    paths: list[tuple[str, ...]]
    place: Rows
    pathway: Rows
    towards: Rows


@once
def _facts(scenario: Scenario) -> _Facts:
    known = points(scenario)
    paths = [(point.pathway, *point.path) if point.path else () for point in known]
    number = {path: index for index, path in enumerate(dict.fromkeys([(), *paths]))}
    pathways = {name: index for index, name in enumerate(scenario.pathways)}
    return _Facts(
        list(number),
        np.array([number[path] for path in paths], dtype=np.int32),
        np.array([pathways[point.pathway] for point in known], dtype=np.int32),
        np.array([_turning(scenario, point) for point in known], dtype=np.int32),
    )


def _turning(scenario: Scenario, point: Point) -> int:
    """Number of the destination with which the way to a point begins."""
    return list(scenario.pathways[point.pathway].next).index(point.path[0]) if point.path else NONE
