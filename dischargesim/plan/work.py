"""Discharge tasks: who needs which, in what order, by which team, and on which stay they stand."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.layout import Layout
from dischargesim.plan.rows import Table
from dischargesim.plan.streams import Keys, on_grid, own_uniforms
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
    keys : ndarray of uint64
        From which their numbers for these tasks are worked out.
    person_keys : ndarray of uint64
        From which the numbers are worked out that a person has once, whatever the stay.
    locality : ndarray of int32
        Where each lives.
    stay : ndarray of int32
        The stay each must be able to leave.
    follow : ndarray of int32
        The stay on which assessment tasks stand instead (discharge to assess), or `NONE`.
    priority : ndarray of int32
        Of each in the teams' queues.
    """

    keys: Keys
    person_keys: Keys
    locality: Rows
    stay: Rows
    follow: Rows
    priority: Rows


def _together(parts: list[Holders]) -> Holders:
    """All holders of one list, one behind the other."""
    if len(parts) == 1:
        return parts[0]
    return Holders(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Holders)))


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
    """Writer of the table of tasks: collects who needs which list, and writes each list once for all of them.

    Parameters
    ----------
    scenario : Scenario
    layout : Layout
    table : Table
        Of tasks.
    """

    def __init__(self, scenario: Scenario, layout: Layout, table: Table) -> None:
        self._scenario = scenario
        self._layout = layout
        self._table = table
        self._orders: dict[tuple[int, bool], tuple[Uses, list[Holders]]] = {}

    def order(self, holders: Holders, uses: Uses, *, assessments_only: bool = False) -> None:
        """Ask for the tasks of some stays.

        Parameters
        ----------
        holders : Holders
        uses : dict of str to TaskUse
        assessments_only : bool
            Only the assessment tasks, on the stays of `holders.follow`, of those who have one.
        """
        self._orders.setdefault((id(uses), assessments_only), (uses, []))[1].append(holders)

    def write(self) -> None:
        """Write all that was asked for."""
        for (_, assessments_only), (uses, parts) in self._orders.items():
            holders = _together(parts)
            rows: dict[str, Rows] = {}
            for name, before in in_order(uses):
                rows[name] = self._task(name, uses[name].share, before, holders, rows, assessments_only)

    def _task(
        self,
        name: str,
        share: float,
        before: tuple[str, ...],
        holders: Holders,
        rows: dict[str, Rows],
        assessments_only: bool,
    ) -> Rows:
        """Write one task for those who need it; the row of each holder, or NONE."""
        task = self._scenario.tasks[name]
        row = np.full(holders.stay.size, NONE, dtype=np.int32)
        chosen: Which | slice = slice(None)
        if assessments_only:
            chosen = np.flatnonzero(holders.follow != NONE) if task.assessment else np.empty(0, dtype=np.intp)
        if share < 1:
            needed = own_uniforms(holders.keys[chosen], f"task/{name}/needed") < share
            chosen = np.flatnonzero(needed) if isinstance(chosen, slice) else chosen[needed]
        stay = holders.stay[chosen]
        if stay.size == 0:
            return row
        starts: float | Floats = float(task.starts_days)
        anchor: int | Rows = FROM_READY if task.starts_from == "ready" else FROM_ENTERING
        follow = holders.follow[chosen]
        moved = follow != NONE
        if not moved.any():
            moved = None
        elif task.assessment:
            stay = np.where(moved, follow, stay)
            starts = np.where(moved, 0.0, starts)
            anchor = np.where(moved, FROM_ENTERING, anchor)
        team, work = self._work(name, holders, chosen)
        row[chosen] = self._table.add(
            stay.size,
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

    def _work(self, name: str, holders: Holders, chosen: Which | slice) -> tuple[int | Rows, Floats]:
        """Team and work in days of each person's task."""
        task = self._scenario.tasks[name]
        u = own_uniforms(holders.keys[chosen], f"task/{name}/work")
        locality = holders.locality[chosen]
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
            covered = own_uniforms(holders.person_keys[chosen], "trusted_assessor") < trusted.coverage
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
