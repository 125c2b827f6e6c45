"""The plan in the making: the people, and the tables that the writers of journeys fill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.layout import Layout
from dischargesim.plan.population import Population
from dischargesim.plan.rows import Table
from dischargesim.plan.streams import derived_keys
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
    stays : Table
    work : Work
        Both filled by everybody's writers.
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
    locality : ndarray of int32, one a person
        Where each lives; 0 where the scenario has no localities.
    entry : ndarray of int32, one a person
        Pool of the setting each comes to.
    assessed : set of int
        Pathways whose people may be discharged to assess.
    """

    def __init__(
        self, scenario: Scenario, layout: Layout, people: Population, stays: Table, work: Work, first_person: int
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
        self.locality = _locality(scenario, people)
        self.entry = self.by_cohort([layout.settings[c.setting] for c in self.cohorts])
        self.entry += self.locality * self.by_cohort([c.setting in layout.split for c in self.cohorts])
        assess = scenario.discharge_to_assess
        self.assessed = {layout.pathways[name] for name in assess.pathways} if assess.share > 0 else set()
        self._work = work

    def by_cohort(self, values: Sequence[int]) -> Rows:
        """Spread a value of each cohort over its people."""
        return np.array(values, dtype=np.int32)[self.people.cohort]

    def rank(self, who: Who, pathway: Rows | int) -> Rows:
        """Priority of people on a pathway."""
        return np.asarray(self.priority[who] + self.pathway_priority[pathway], dtype=np.int32)

    def add_tasks(self, who: Who, stay: Rows, pathway: int, tasks: Uses, prefix: str) -> None:
        """Ask for the tasks of stays that share one list."""
        nowhere = np.full(who.size, NONE, dtype=np.int32)
        self._work.order(self._holders(who, stay, pathway, nowhere, prefix), tasks)

    def _holders(self, who: Who, stay: Rows, pathway: int, follow: Rows, prefix: str) -> Holders:
        keys = self.people.keys(who)
        own = derived_keys(keys, prefix) if prefix else keys
        return Holders(own, keys, self.locality[who], stay, follow, self.rank(who, pathway))

    def place(self, setting: str, who: Who) -> int | Rows:
        """Pool of a setting for some of the people."""
        return self.layout.place(setting, self.locality[who])

    def discharge_tasks(self, who: Who, stay: Rows, pathway: Rows, onward: Rows, prefix: str, aid: Rows) -> None:
        """Write the tasks between a hospital stay and what follows it.

        Parameters
        ----------
        who : ndarray of int
            Rows of the people.
        stay, onward : ndarray of int32
            Each person's hospital stay, and the first stay after it (`NONE` where they go home without support):
            under discharge to assess the assessment tasks stand on the latter.
        pathway : ndarray of int32
        prefix : str
            Of the streams.
        aid : ndarray of int32
            First stay after it with the mutual aid of another locality, `NONE` where there is none.
        """
        share = self.scenario.discharge_to_assess.share
        for code, path in enumerate(self.pathways):
            here = np.flatnonzero(pathway == code) if path.tasks else np.empty(0, dtype=np.intp)
            if here.size == 0:
                continue
            follow = np.full(here.size, NONE, dtype=np.int32)
            aided = follow
            if code in self.assessed:
                first = self.people.uniform("discharge_to_assess", who[here]) < share
                follow, aided = (np.where(first, rows[here], NONE).astype(np.int32) for rows in (onward, aid))
            self._work.order(self._holders(who[here], stay[here], code, follow, prefix), path.tasks)
            if np.any(aided != NONE):
                elsewhere = self._holders(who[here], stay[here], code, aided, prefix)
                self._work.order(elsewhere, path.tasks, assessments_only=True)


def _locality(scenario: Scenario, people: Population) -> Rows:
    """Where each person lives."""
    if not scenario.localities:
        return np.zeros(people.size, dtype=np.int32)
    edges = np.cumsum(list(scenario.localities.values()))[:-1]
    return np.searchsorted(edges, people.uniform("locality"), side="right").astype(np.int32)
