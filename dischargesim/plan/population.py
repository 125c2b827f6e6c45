"""Everyone in the plan, in order of arrival, with their own random numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.arrivals import Source
from dischargesim.plan.census import Census, points
from dischargesim.plan.grouping import in_order
from dischargesim.plan.streams import Keys, Streams, origin_code, own_chances, own_uniforms, stream_code
from dischargesim.plan.tables import Counts, Floats, Rows
from dischargesim.scenario.schema import Scenario


class Population:
    """People of a census and of all sources together, sorted by arrival.

    Parameters
    ----------
    scenario : Scenario
    streams : Streams
    sources : list of Source
    census : Census, optional
        People who are in at time 0; nobody if left out.

    Attributes
    ----------
    arrival, number, cohort, origin : ndarray, one a person
        As in `tables.People`.
    size : int
        Number of people.
    """

    def __init__(
        self, scenario: Scenario, streams: Streams, sources: list[Source], census: Census | None = None
    ) -> None:
        cohorts = {name: index for index, name in enumerate(scenario.cohorts)}
        sizes = [source.number.size for source in sources]
        arrival = [source.arrival for source in sources]
        number = [source.number for source in sources]
        cohort = [np.repeat(np.array([cohorts[source.cohort] for source in sources], dtype=np.int32), sizes)]
        stream = [np.repeat(np.array([stream_code(source.stream) for source in sources], dtype=np.uint64), sizes)]
        if census is not None:
            arrival.insert(0, np.zeros(census.number.size))
            number.insert(0, census.number)
            known = np.array([cohorts[point.cohort] for point in points(scenario)], dtype=np.int32)
            cohort.insert(0, known[census.point])
            stream.insert(0, census.stream)
        came = np.concatenate([np.empty(0), *arrival])
        # In order of arrival: those who are in already come first.
        order = in_order(came)
        self.size = order.size
        self.arrival: Floats = came.take(order)
        self.number: Counts = np.concatenate([np.empty(0, dtype=np.int64), *number]).take(order)
        self.cohort: Rows = np.concatenate(cohort).take(order)
        of = np.concatenate(stream).take(order)
        self.origin: Rows = origin_code(of)
        self._keys: Keys = streams.people(of, self.number)

    def keys(self, who: NDArray[np.integer]) -> Keys:
        """Keys from which the numbers of some of the people are worked out."""
        keys: Keys = self._keys.take(who)
        return keys

    def uniform(self, attribute: str, who: NDArray[np.integer] | None = None) -> Floats:
        """Each person's own number in (0, 1) for an attribute.

        Parameters
        ----------
        attribute : str
            Name of the attribute, such as ``pathway`` or ``task/medicines/work``.
        who : ndarray of int, optional
            Rows of the people wanted; everyone if left out.

        Returns
        -------
        ndarray of float64
            One a person wanted. The same person has the same number in every scenario.
        """
        return own_uniforms(self._keys if who is None else self._keys.take(who), attribute)

    def chosen(self, attribute: str, chance: Floats, kind: NDArray[np.intp], first: int) -> NDArray[np.intp]:
        """People chosen by their own number for an attribute.

        Parameters
        ----------
        attribute : str
        chance : ndarray of float64
            Of each kind of people.
        kind : ndarray of int, one a person
        first : int
            Row of the first of the people in question, who are all from there on.

        Returns
        -------
        ndarray of int
            Rows of those whose number lies below the chance of their kind.
        """
        return first + own_chances(self._keys[first:], attribute, chance.ravel(), kind[first:])
