"""The plan in the making: the people, and the tables that the writers of journeys fill."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.layout import Layout
from dischargesim.plan.population import Population
from dischargesim.plan.rows import Table
from dischargesim.plan.tables import NONE, Rows
from dischargesim.plan.work import Holders, Uses, Work
from dischargesim.scenario.schema import Scenario

Who = NDArray[np.integer]


class Draft:
    """People of one kind (those who arrive, or those who are in already) and the tables they share with the others.

    Parameters
    ----------
    scenario : Scenario
    layout : Layout
    people : Population
    stays, tasks : Table
        Filled by everybody's writers.
    first_person : int
        Row in the plan of the first of these people.

    Attributes
    ----------
    cohorts, pathways : list
        The scenario's, in order.
    priority : ndarray of int32, one a person
        Of the person's cohort.
    pathway_priority : ndarray of int32, one a pathway
        Added to it in queues of people on the pathway.
    """

    def __init__(
        self, scenario: Scenario, layout: Layout, people: Population, stays: Table, tasks: Table, first_person: int
    ) -> None:
        self.scenario = scenario
        self.layout = layout
        self.people = people
        self.stays = stays
        self.first_person = first_person
        self.cohorts = list(scenario.cohorts.values())
        self.pathways = list(scenario.pathways.values())
        self.priority = self.by_cohort([c.priority for c in self.cohorts])
        self.pathway_priority = np.array([p.priority for p in self.pathways], dtype=np.int32)
        self._work = Work(scenario, people, layout, tasks)

    def by_cohort(self, values: list[int]) -> Rows:
        """Spread a value of each cohort over its people."""
        return np.array(values, dtype=np.int32)[self.people.cohort]

    def rank(self, who: Who, pathway: Rows | int) -> Rows:
        """Priority of people on a pathway."""
        return np.asarray(self.priority[who] + self.pathway_priority[pathway], dtype=np.int32)

    def add_tasks(self, who: Who, stay: Rows, pathway: int, tasks: Uses, prefix: str) -> None:
        """Write the tasks of stays that share one list."""
        nowhere, same = np.full(who.size, NONE, dtype=np.int32), np.zeros(who.size, dtype=np.int32)
        self._work.add(Holders(who, stay, same, nowhere, prefix, self.rank(who, pathway)), [tasks])

    def discharge_tasks(self, who: Who, stay: Rows, pathway: Rows, onward: Rows, prefix: str) -> None:
        """Write the tasks between a hospital stay and what follows it.

        Parameters
        ----------
        who : ndarray of int
            Rows of the people.
        stay, onward : ndarray of int32
            Each person's hospital stay, and the first stay after it (`NONE` where there is none): under discharge
            to assess the assessment tasks stand on the latter.
        pathway : ndarray of int32
        prefix : str
            Of the streams.
        """
        assess = self.scenario.discharge_to_assess
        follow = np.full(who.size, NONE, dtype=np.int32)
        if assess.share > 0 and assess.pathways:
            codes = [self.layout.pathways[name] for name in assess.pathways]
            candidates = np.flatnonzero(np.isin(pathway, codes) & (onward != NONE))
            u = self.people.uniform("discharge_to_assess", who[candidates])
            chosen = candidates[u < assess.share]
            follow[chosen] = onward[chosen]
        holders = Holders(who, stay, pathway, follow, prefix, self.rank(who, pathway))
        self._work.add(holders, [pathway.tasks for pathway in self.pathways])
