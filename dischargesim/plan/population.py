"""Everyone in the plan, in order of arrival, with their own random numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.arrivals import Source
from dischargesim.plan.streams import SMALLEST, Streams
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
        sizes = np.array([source.number.size for source in sources], dtype=np.int64)
        code = np.array([names.index(source.cohort) for source in sources], dtype=np.int32)
        arrival = np.concatenate([np.empty(0), *(source.arrival for source in sources)])
        order = np.argsort(arrival, kind="stable")
        drawn = np.cumsum([0, *(source.drawn for source in sources)])
        number = np.concatenate([np.empty(0, dtype=np.int64), *(source.number for source in sources)])
        self._streams = streams
        self._sources = [(source.stream, a, b) for source, a, b in zip(sources, drawn[:-1], drawn[1:], strict=True)]
        # Where each person's number stands when the streams of all sources lie one behind the other.
        self._place: Counts = (number + np.repeat(drawn[:-1], sizes).astype(np.int64))[order]
        self.size = order.size
        self.arrival: Floats = arrival[order]
        self.number: Counts = number[order]
        self.cohort: Rows = np.repeat(code, sizes)[order]
        self.origin: Rows = np.repeat(np.arange(len(sources), dtype=np.int32), sizes)[order]
        self._drawn = int(drawn[-1])

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
        place = self._place if who is None else self._place[who]
        wanted = np.ones(len(self._sources), dtype=np.bool_)
        if who is not None:
            wanted[:] = False
            wanted[self.origin[who]] = True
        buffer = np.empty(self._drawn)
        for (stream, start, stop), needed in zip(self._sources, wanted, strict=True):
            if needed:
                self._streams.fill(f"{stream}/{attribute}", buffer[start:stop])
        return np.maximum(buffer[place], SMALLEST)
