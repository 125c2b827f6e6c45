"""Discharge tasks: who needs which, in what order, by which team, and on which stay they stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.draft import Draft
from dischargesim.plan.rows import Table
from dischargesim.plan.streams import GRID, Keys, derived_keys, on_grid, own_chance, own_uniforms
from dischargesim.plan.tables import FROM_ENTERING, FROM_READY, NONE, Floats, Rows
from dischargesim.plan.travellers import Travellers
from dischargesim.scenario.journeys import TaskUse

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
    follow : ndarray of int32 or None
        The stay on which assessment tasks stand instead (discharge to assess), or `NONE`; None where that is nobody's.
    priority : ndarray of int32
        Of each in the teams' queues.
    """

    keys: Keys
    person_keys: Keys
    locality: Rows
    stay: Rows
    follow: Rows | None
    priority: Rows

    @classmethod
    def of(
        cls,
        draft: Draft,
        who: Which,
        keys: Keys,
        stay: Rows,
        pathway: int,
        *,
        name: str = "",
        follow: Rows | None = None,
    ) -> Holders:
        """People of a draft.

        Parameters
        ----------
        draft : Draft
        who : ndarray of int
            Rows of the people.
        keys : ndarray of uint64
            Of their journeys.
        stay : ndarray of int32
        pathway : int
            The one they are on.
        name : str
            What these tasks are told apart by from others of the same journey.
        follow : ndarray of int32, optional
            Nobody is discharged to assess if left out.
        """
        own = derived_keys(keys, name) if name else keys
        return cls(own, draft.people.keys(who), draft.locality.take(who), stay, follow, draft.rank(who, pathway))


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
    draft : Draft
    table : Table
        Of tasks.
    """

    def __init__(self, draft: Draft, table: Table) -> None:
        self._draft = draft
        self._scenario = draft.scenario
        self._layout = draft.layout
        self._table = table

    def discharge(self, travellers: Travellers, onward: Rows, aid: Rows) -> None:
        """Write the tasks between hospital stays and what follows them.

        Parameters
        ----------
        travellers : Travellers
        onward, aid : ndarray of int32, one a traveller
            The first stay after the hospital (`NONE` for those who go home without support), and the same in another
            locality: under discharge to assess the assessment tasks stand there.
        """
        draft = self._draft
        share = self._scenario.discharge_to_assess.share
        for code, path in enumerate(draft.pathways):
            if not path.tasks:
                continue
            here = travellers.on[code]
            bed = travellers.bed.take(here)
            to_do = bed != NONE
            here, bed = here.compress(to_do), bed.compress(to_do)
            who, keys = travellers.who.take(here), travellers.keys.take(here)
            if code not in draft.assessed:
                self.write(Holders.of(draft, who, keys, bed, code), path.tasks)
                continue
            first = draft.people.uniform("discharge_to_assess", who) < share
            follow, aided = (np.where(first, rows.take(here), np.int32(NONE)) for rows in (onward, aid))
            self.write(Holders.of(draft, who, keys, bed, code, follow=follow), path.tasks)
            if np.any(aided != NONE):
                elsewhere = Holders.of(draft, who, keys, bed, code, follow=aided)
                self.write(elsewhere, path.tasks, assessments_only=True)

    def write(self, holders: Holders, uses: Uses, *, assessments_only: bool = False) -> None:
        """Write the tasks of some stays.

        Parameters
        ----------
        holders : Holders
        uses : dict of str to TaskUse
        assessments_only : bool
            Only the assessment tasks, on the stays of `holders.follow`, of those who have one.
        """
        # Rows of the tasks that others wait for.
        rows = {use.after: np.full(holders.stay.size, NONE, dtype=np.int32) for use in uses.values() if use.after}
        for name, before in in_order(uses):
            chosen = self._needed(name, uses[name].share, holders, assessments_only)
            added = self._task(name, before, holders, rows, chosen)
            if name in rows:
                rows[name][chosen] = added

    def _needed(self, name: str, share: float, holders: Holders, assessments_only: bool) -> Which:
        """Which of the holders need a task."""
        needed = own_chance(holders.keys, f"task/{name}/needed", share)
        if assessments_only:
            if holders.follow is None or not self._scenario.tasks[name].assessment:
                return needed[:0]
            return np.asarray(needed[holders.follow.take(needed) != NONE])
        return needed

    def _task(self, name: str, before: tuple[str, ...], holders: Holders, rows: dict[str, Rows], chosen: Which) -> Rows:
        """Write one task for those who need it; their rows."""
        task = self._scenario.tasks[name]
        stay = holders.stay.take(chosen)
        starts: float | Floats = float(task.starts_days)
        anchor: int | Rows = FROM_READY if task.starts_from == "ready" else FROM_ENTERING
        moved = None
        if holders.follow is not None:
            follow = holders.follow.take(chosen)
            moved = follow != NONE
            if task.assessment:
                stay = np.where(moved, follow, stay)
                starts = np.where(moved, 0.0, starts)
                anchor = np.where(moved, np.int32(FROM_ENTERING), np.int32(anchor))
        team, work = self._work(name, holders, chosen)
        return self._table.add(
            stay.size,
            stay=stay,
            kind=self._layout.tasks[name],
            team=team,
            work=work,
            after=self._after(name, before, chosen, rows, moved),
            starts=round(starts * GRID) / GRID if isinstance(starts, float) else on_grid(starts),
            anchor=anchor,
            priority=holders.priority.take(chosen),
        )

    def _work(self, name: str, holders: Holders, chosen: Which) -> tuple[int | Rows, Floats]:
        """Team and work in days of each person's task."""
        task = self._scenario.tasks[name]
        u = own_uniforms(holders.keys.take(chosen), f"task/{name}/work")
        team: int | Rows = NONE if task.team is None else self._staff(task.team, holders, chosen)
        if task.work_hours is not None:
            work = task.work_hours.quantile(u) / 24
        elif task.elapsed_days is not None:
            work = task.elapsed_days.quantile(u)
        else:
            raise ValueError(f"tasks.{name}: neither work_hours nor elapsed_days")
        trusted = self._scenario.trusted_assessors
        if trusted is not None and trusted.task == name and trusted.coverage > 0:
            # The same person's home is covered in every scenario whose coverage is at least as high.
            covered = own_chance(holders.person_keys.take(chosen), "trusted_assessor", trusted.coverage)
            by_team = np.full(u.size, team, dtype=np.int32)
            by_team[covered] = self._staff(trusted.team, holders, chosen.take(covered))
            team = by_team
            work[covered] = trusted.work_hours.quantile(u.take(covered)) / 24
        return team, on_grid(work)

    def _staff(self, team: str, holders: Holders, chosen: Which) -> int | Rows:
        """Number of a team for some of the holders."""
        return self._layout.staff(team, holders.locality.take(chosen))

    def _after(
        self,
        name: str,
        before: tuple[str, ...],
        chosen: Which,
        rows: dict[str, Rows],
        moved: NDArray[np.bool_] | None,
    ) -> int | Rows:
        """Row of the nearest earlier task that the person needs and that stands on the same stay."""
        tasks = self._scenario.tasks
        after: int | Rows = NONE
        for earlier in before:
            candidate = rows[earlier].take(chosen)
            if moved is not None and tasks[earlier].assessment != tasks[name].assessment:
                candidate = np.where(moved, NONE, candidate)
            after = np.where(after == NONE, candidate, after) if isinstance(after, np.ndarray) else candidate
            if after.size == 0 or after.min() != NONE:  # nobody looks further back
                break
        return after
