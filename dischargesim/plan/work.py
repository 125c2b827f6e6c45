"""Discharge tasks: who needs which, in what order, by which team, and on which stay they stand."""

from __future__ import annotations

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
Which = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Holders:
    """The people who need the tasks of one list, and the stays on which these stand.

    Attributes
    ----------
    who : ndarray of int
        Rows of the people.
    stay : ndarray of int32
        The stay each must be able to leave.
    follow : ndarray of int32 or None
        The stay on which assessment tasks stand instead (discharge to assess), or `NONE`; None if nobody has any.
    prefix : str
        Of the streams.
    priority : ndarray of int32
        Of each in the teams' queues.
    assessments_only : bool
        Only the assessment tasks of those who have a `follow` are written.
    """

    who: Which
    stay: Rows
    follow: Rows | None
    prefix: str
    priority: Rows
    assessments_only: bool = False


def in_order(uses: Uses) -> list[tuple[str, tuple[str, ...]]]:
    """Put tasks in an order in which each comes after those it waits for.

    Parameters
    ----------
    uses : dict of str to TaskUse
        Free of circles.

    Returns
    -------
    list of (str, tuple of str)
        Each task, and those before it in its chain, nearest first.
    """
    chains = [(name, _chain(uses, use)) for name, use in uses.items()]
    return sorted(chains, key=lambda one: len(one[1]))


def _chain(uses: Uses, use: TaskUse) -> tuple[str, ...]:
    chain: list[str] = []
    while use.after is not None and use.after in uses:
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
    locality : ndarray of int32, one a person
    """

    def __init__(self, scenario: Scenario, people: Population, layout: Layout, table: Table, locality: Rows) -> None:
        self._scenario = scenario
        self._people = people
        self._layout = layout
        self._table = table
        self._locality = locality

    def add(self, holders: Holders, uses: Uses) -> None:
        """Write the tasks of some stays."""
        rows: dict[str, Rows] = {}
        for name, before in in_order(uses):
            rows[name] = self._task(name, uses[name].share, before, holders, rows)

    def _task(self, name: str, share: float, before: tuple[str, ...], holders: Holders, rows: dict[str, Rows]) -> Rows:
        """Write one task for those who need it; the row of each holder, or NONE."""
        task = self._scenario.tasks[name]
        row = np.full(holders.who.size, NONE, dtype=np.int32)
        chosen: Which | slice = slice(None)
        if holders.assessments_only:
            here = np.flatnonzero(holders.follow != NONE) if task.assessment else np.empty(0, dtype=np.intp)
            u = self._people.uniform(f"{holders.prefix}task/{name}/needed", holders.who[here])
            chosen = here[u < share]
        elif share < 1:
            u = self._people.uniform(f"{holders.prefix}task/{name}/needed", holders.who)
            chosen = np.flatnonzero(u < share)
        who, stay = holders.who[chosen], holders.stay[chosen]
        if who.size == 0:
            return row
        starts: float | Floats = float(task.starts_days)
        anchor: int | Rows = FROM_READY if task.starts_from == "ready" else FROM_ENTERING
        moved: NDArray[np.bool_] | None = None
        if holders.follow is not None:
            follow = holders.follow[chosen]
            moved = follow != NONE
            if task.assessment:
                stay = np.where(moved, follow, stay)
                starts = np.where(moved, 0.0, starts)
                anchor = np.where(moved, FROM_ENTERING, anchor)
        team, work = self._work(name, who, holders.prefix)
        row[chosen] = self._table.add(
            who.size,
            stay=stay,
            kind=self._layout.tasks[name],
            team=team,
            work=work,
            after=self._after(name, before, chosen, rows, moved),
            starts=on_grid(np.asarray(starts)),
            anchor=anchor,
            priority=holders.priority[chosen],
        )
        return row

    def _work(self, name: str, who: Which, prefix: str) -> tuple[int | Rows, Floats]:
        """Team and work in days of each person's task."""
        task = self._scenario.tasks[name]
        u = self._people.uniform(f"{prefix}task/{name}/work", who)
        locality = self._locality[who]
        team: int | Rows = NONE if task.team is None else self._layout.staff(task.team, locality)
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
            team = np.where(covered, self._layout.staff(trusted.team, locality), team).astype(np.int32)
            work = np.where(covered, trusted.work_hours.quantile(u) / 24, work)
        return team, on_grid(work)

    def _after(
        self,
        name: str,
        before: tuple[str, ...],
        chosen: Which | slice,
        rows: dict[str, Rows],
        moved: NDArray[np.bool_] | None,
    ) -> int | Rows:
        """Row of the nearest earlier task that the person needs and that stands on the same stay."""
        tasks = self._scenario.tasks
        after: int | Rows = NONE
        for earlier in before:
            candidate = rows[earlier][chosen]
            if moved is not None and tasks[earlier].assessment != tasks[name].assessment:
                candidate = np.where(moved, NONE, candidate)
            after = np.where(after == NONE, candidate, after) if isinstance(after, np.ndarray) else candidate
            if after.min() != NONE:  # nobody looks further back
                break
        return after
