"""The plan in the making: the people, and the tables that the writers of journeys fill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.layout import Layout
from dischargesim.plan.population import Population
from dischargesim.plan.rows import Table
from dischargesim.plan.tables import Rows
from dischargesim.scenario.schema import Scenario

Who = NDArray[np.integer]


class Draft:
    """The people, what their cohorts say of them, and the table of their stays.

    Parameters
    ----------
    scenario : Scenario
    layout : Layout
    people : Population
    stays : Table
        Filled by the writers of journeys.

    Attributes
    ----------
    cohorts, pathways : list
        The scenario's, in order.
    priority : ndarray of int32, one a person
        Of the person's cohort.
    pathway_priority : ndarray of int32, one a pathway
        Added to it in queues of people on the pathway.
    locality : ndarray of int32, one a person
        Where each lives; 0 where the scenario has no localities.
    entry : ndarray of int32, one a person
        Pool of the setting each comes to.
    assessed : set of int
        Pathways whose people may be discharged to assess.
    """

    def __init__(self, scenario: Scenario, layout: Layout, people: Population, stays: Table) -> None:
        self.scenario = scenario
        self.layout = layout
        self.people = people
        self.stays = stays
        self.cohorts = list(scenario.cohorts.values())
        self.pathways = list(scenario.pathways.values())
        self.priority = self.by_cohort([c.priority for c in self.cohorts])
        self.pathway_priority = np.array([p.priority for p in self.pathways], dtype=np.int32)
        self.locality = _locality(scenario, people)
        self.entry = self.by_cohort([layout.settings[c.setting] for c in self.cohorts])
        self.entry += self.locality * self.by_cohort([c.setting in layout.split for c in self.cohorts])
        assess = scenario.discharge_to_assess
        self.assessed = {layout.pathways[name] for name in assess.pathways} if assess.share > 0 else set()

    def by_cohort(self, values: Sequence[int]) -> Rows:
        """Spread a value of each cohort over its people."""
        return np.array(values, dtype=np.int32).take(self.people.cohort)

    def kinds(self, pathway: Rows) -> NDArray[np.intp]:
        """Number of each person's kind: by cohort, then pathway."""
        kinds: NDArray[np.intp] = self.people.cohort * np.intp(len(self.pathways))
        kinds += pathway
        return kinds

    def rank(self, who: Who, pathway: Rows | int) -> Rows:
        """Priority of people on a pathway."""
        rank: Rows = self.priority.take(who)
        rank += self.pathway_priority[pathway]
        return rank

    def place(self, setting: str, who: Who) -> int | Rows:
        """Pool of a setting for some of the people."""
        return self.layout.place(setting, lambda: self.locality.take(who))

    def staff(self, team: str, who: Who) -> int | Rows:
        """Number of a team for some of the people."""
        return self.layout.staff(team, lambda: self.locality.take(who))


def _locality(scenario: Scenario, people: Population) -> Rows:
    """Where each person lives."""
    if not scenario.localities:
        return np.zeros(people.size, dtype=np.int32)
    edges = np.cumsum(list(scenario.localities.values()))[:-1]
    return np.searchsorted(edges, people.uniform("locality"), side="right").astype(np.int32)
