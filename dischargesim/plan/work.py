"""Discharge tasks: who needs which, in what order, by which team, and on which stay they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.layout import Layout
from dischargesim.plan.population import Population
from dischargesim.plan.rows import Table
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import FROM_ENTERING, FROM_READY, NONE, Floats, Rows
from dischargesim.scenario.journeys import TaskUse
from dischargesim.scenario.schema import Scenario

Uses = dict[str, TaskUse]


@dataclass(frozen=True, slots=True)
class Holders:
    """The people who need tasks, and the stays on which these stand.

    Attributes
    ----------
    who : ndarray of int
        Rows of the people, ascending.
    stay : ndarray of int32
        The stay each must be able to leave.
    list_of : ndarray of int
        Which of the lists of tasks applies to each.
    follow : ndarray of int32
        The stay on which assessment tasks stand instead (discharge to assess), or `NONE`.
    prefix : str
        Of the streams.
    priority : ndarray of int32
        Of each in the teams' queues.
    """

    who: NDArray[np.integer]
    stay: Rows
    list_of: NDArray[np.integer]
    follow: Rows
    prefix: str
    priority: Rows


def in_order(lists: Sequence[Uses]) -> list[tuple[list[int], list[str]]]:
    """Order tasks so that each comes after those it waits for.

    Parameters
    ----------
    lists : sequence of dict
        Task uses by name, free of circles within each list.

    Returns
    -------
    list of (list of int, list of str)
        Groups of lists that one order serves; a single group unless two lists contradict each other.
    """
    after: dict[str, set[str]] = {}
    for uses in lists:
        for name, use in uses.items():
            after.setdefault(name, set()).update({use.after} if use.after in uses else set())
    order: list[str] = []
    while len(order) < len(after):
        free = [name for name, before in after.items() if name not in order and before <= set(order)]
        if not free:
            return [([index], in_order([uses])[0][1]) for index, uses in enumerate(lists)]
        order += free
    return [(list(range(len(lists))), order)]


def _chain(uses: Uses, name: str) -> tuple[str, ...]:
    """The tasks before a task, nearest first."""
    chain: list[str] = []
    use = uses.get(name)
    while use is not None and use.after is not None and use.after in uses:
        chain.append(use.after)
        use = uses[use.after]
    return tuple(chain)


class Work:
    """Writer of the table of tasks.

    Parameters
    ----------
    scenario : Scenario
    people : Population
    layout : Layout
    table : Table
        Of tasks.
    """

    def __init__(self, scenario: Scenario, people: Population, layout: Layout, table: Table) -> None:
        self._scenario = scenario
        self._people = people
        self._layout = layout
        self._table = table

    def add(self, holders: Holders, lists: Sequence[Uses]) -> None:
        """Write the tasks of some stays.

        Parameters
        ----------
        holders : Holders
        lists : sequence of dict
            The lists of tasks that ``holders.list_of`` refers to.
        """
        for members, order in in_order(lists):
            rows: dict[str, Rows] = {}
            for name in order:
                share = np.array([u[name].share if name in u and i in members else 0.0 for i, u in enumerate(lists)])
                rows[name] = self._task(name, share[holders.list_of], lists, holders, rows)

    def _task(self, name: str, share: Floats, lists: Sequence[Uses], holders: Holders, rows: dict[str, Rows]) -> Rows:
        """Write one task for those who need it; the row of each holder, or NONE."""
        task = self._scenario.tasks[name]
        row = np.full(holders.who.size, NONE, dtype=np.int32)
        chosen = np.flatnonzero(share > 0)
        if np.any(share[chosen] < 1):
            u = self._people.uniform(f"{holders.prefix}task/{name}/needed", holders.who[chosen])
            chosen = chosen[u < share[chosen]]
        if chosen.size == 0:
            return row
        who = holders.who[chosen]
        stay, starts, anchor = holders.stay[chosen], np.full(chosen.size, task.starts_days), task.starts_from
        anchors = np.full(chosen.size, FROM_READY if anchor == "ready" else FROM_ENTERING, dtype=np.int32)
        if task.assessment:
            moved = holders.follow[chosen] != NONE
            stay = np.where(moved, holders.follow[chosen], stay)
            starts[moved], anchors[moved] = 0.0, FROM_ENTERING
        team, work = self._work(name, who, holders.prefix)
        row[chosen] = self._table.add(
            chosen.size,
            stay=stay,
            kind=self._layout.tasks[name],
            team=team,
            work=work,
            after=self._after(name, chosen, lists, holders, rows),
            starts=on_grid(starts),
            anchor=anchors,
            priority=holders.priority[chosen],
        )
        return row

    def _work(self, name: str, who: NDArray[np.integer], prefix: str) -> tuple[Rows, Floats]:
        """Team and work in days of each person's task."""
        task = self._scenario.tasks[name]
        u = self._people.uniform(f"{prefix}task/{name}/work", who)
        team = np.full(who.size, NONE if task.team is None else self._layout.teams[task.team], dtype=np.int32)
        if task.work_hours is not None:
            work = task.work_hours.quantile(u) / 24
        elif task.elapsed_days is not None:
            work = task.elapsed_days.quantile(u)
        else:
            raise ValueError(f"tasks.{name}: neither work_hours nor elapsed_days")
        trusted = self._scenario.trusted_assessors
        if trusted is not None and trusted.task == name and trusted.coverage > 0:
            # The same person's home is covered in every scenario whose coverage is at least as high.
            covered = self._people.uniform("trusted_assessor", who) < trusted.coverage
            team[covered] = self._layout.teams[trusted.team]
            work = np.where(covered, trusted.work_hours.quantile(u) / 24, work)
        return team, on_grid(work)

    def _after(
        self, name: str, chosen: NDArray[np.intp], lists: Sequence[Uses], holders: Holders, rows: dict[str, Rows]
    ) -> Rows:
        """Row of the nearest earlier task that the person needs and that stands on the same stay."""
        after = np.full(chosen.size, NONE, dtype=np.int32)
        tasks = self._scenario.tasks
        follows = holders.follow[chosen] != NONE
        chains: dict[tuple[str, ...], list[int]] = {}
        for index, uses in enumerate(lists):
            if name in uses:
                chains.setdefault(_chain(uses, name), []).append(index)
        for chain, members in chains.items():
            if not chain:
                continue
            here = np.zeros(len(lists), dtype=np.bool_)
            here[members] = True
            mine = np.flatnonzero(here[holders.list_of[chosen]])
            for before in reversed(chain):
                candidate = rows[before][chosen[mine]]
                valid = candidate != NONE
                if tasks[before].assessment != tasks[name].assessment:
                    valid &= ~follows[mine]
                after[mine[valid]] = candidate[valid]
        return after
