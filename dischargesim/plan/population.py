"""Everyone in the plan, in order of arrival, with their own random numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.arrivals import Source
from dischargesim.plan.streams import Keys, Streams, origin_code, own_uniforms
from dischargesim.plan.tables import Counts, Floats, Rows
from dischargesim.scenario.schema import Scenario


class Population:
    """People of all sources together, sorted by arrival.

    Parameters
    ----------
    scenario : Scenario
    streams : Streams
    sources : list of Source

    Attributes
    ----------
    arrival, number, cohort, origin : ndarray, one a person
        As in `tables.People`.
    size : int
        Number of people.
    """

    def __init__(self, scenario: Scenario, streams: Streams, sources: list[Source]) -> None:
        names = list(scenario.cohorts)
        sizes = [source.number.size for source in sources]
        cohort = np.array([names.index(source.cohort) for source in sources], dtype=np.int32)
        origin = np.array([origin_code(source.stream) for source in sources], dtype=np.int32)
        keys = [streams.people(source.stream, source.number) for source in sources]
        arrival = np.concatenate([np.empty(0), *(source.arrival for source in sources)])
        order = np.argsort(arrival, kind="stable")
        self.size = order.size
        self.arrival: Floats = arrival[order]
        self.number: Counts = np.concatenate([np.empty(0, dtype=np.int64), *(s.number for s in sources)])[order]
        self.cohort: Rows = np.repeat(cohort, sizes)[order]
        self.origin: Rows = np.repeat(origin, sizes)[order]
        self._keys: Keys = np.concatenate([np.empty(0, dtype=np.uint64), *keys])[order]

    def keys(self, who: NDArray[np.integer]) -> Keys:
        """Keys from which the numbers of some of the people are worked out."""
        keys: Keys = self._keys[who]
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
        return own_uniforms(self._keys if who is None else self._keys[who], attribute)
