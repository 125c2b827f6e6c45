"""Lengths of stay of people of several kinds, each distribution worked out once for all who have it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.grouping import by_group
from dischargesim.plan.tables import Floats
from dischargesim.scenario.distributions import Distribution
from dischargesim.scenario.once import once
from dischargesim.scenario.schema import Scenario


class Lengths:
    """The distribution of each kind of people.

    Parameters
    ----------
    of_kinds : list of Distribution
        Many may be one and the same object.
    """

    def __init__(self, of_kinds: list[Distribution]) -> None:
        self._known = list({id(one): one for one in of_kinds}.values())
        number = {id(one): index for index, one in enumerate(self._known)}
        self._which = np.array([number[id(one)] for one in of_kinds], dtype=np.uint16)

    def draw(self, kind: NDArray[np.integer], u: Floats, *, biased: bool = False) -> Floats:
        """Lengths of stay at people's own numbers.

        Parameters
        ----------
        kind : ndarray of int
            Of each person.
        u : ndarray of float64
            Each person's number.
        biased : bool
            The people were found by a census, and so the longer stays more often.

        Returns
        -------
        ndarray of float64
            Days, one a person.
        """
        which = self._which.take(kind)
        days = np.empty(u.size)
        for of, here in zip(self._known, by_group(which, len(self._known)), strict=True):
            if here.size:
                some = u.take(here)
                days[here] = of.length_biased_quantile(some) if biased else of.quantile(some)
        return days


@once
def stays_of_cohorts(scenario: Scenario) -> Lengths:
    """Stays in the setting people come to; kinds are numbered by cohort, then pathway."""
    return Lengths(
        [
            cohort.stay_days_by_pathway.get(name, cohort.stay_days)
            for cohort in scenario.cohorts.values()
            for name in scenario.pathways
        ]
    )
