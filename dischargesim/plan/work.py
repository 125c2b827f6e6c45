"""Discharge tasks: who needs which, by which team, after which others, and on which stay they stand."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.rows import Table
from dischargesim.plan.streams import Keys, on_grid, own_choices, own_uniforms
from dischargesim.plan.tables import FROM_ENTERING, NONE, Floats, Rows
from dischargesim.plan.task_lists import TaskList, task_lists
from dischargesim.plan.travellers import Travellers
from dischargesim.scenario.resources import Task

Which = NDArray[np.intp]
Chosen = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Holders:
    """The people who may need the tasks of one list, and the stays on which these stand.

    Attributes
    ----------
    who : ndarray of int
        Rows of the people.
    keys : ndarray of uint64
        From which their numbers for these tasks are worked out.
    pathway : int
        The one they are on.
    stay : ndarray of int32
        The stay each must be able to leave.
    follow : ndarray of int32 or None
        The stay on which assessment tasks stand instead (discharge to assess), or `NONE`; None where that is nobody's.
    """

    who: Who
    keys: Keys
    pathway: int
    stay: Rows
    follow: Rows | None = None


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
        self._lists = task_lists(draft.scenario)
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
        for name, code in draft.layout.pathways.items():
            tasks = self._lists.get((name,))
            if tasks is None:
                continue
            here = travellers.on[code]
            bed = travellers.bed.take(here)
            to_do = bed != NONE
            here, bed = here.compress(to_do), bed.compress(to_do)
            who, keys = travellers.who.take(here), travellers.keys.take(here)
            if code not in draft.assessed:
                self._write(tasks, tasks.share, Holders(who, keys, code, bed))
                continue
            first = draft.people.uniform("discharge_to_assess", who) < share
            follow, aided = (np.where(first, rows.take(here), np.int32(NONE)) for rows in (onward, aid))
            self._write(tasks, tasks.share, Holders(who, keys, code, bed, follow))
            some = np.flatnonzero(aided != NONE)
            if some.size:
                elsewhere = Holders(who.take(some), keys.take(some), code, bed.take(some), aided.take(some))
                self._write(tasks, np.where(tasks.assessment, tasks.share, 0.0), elsewhere)

    def write(self, path: tuple[str, ...], holders: Holders) -> None:
        """Write the tasks of a destination that has some.

        Parameters
        ----------
        path : tuple of str
            Keys from the pathway to it.
        holders : Holders
        """
        tasks = self._lists[path]
        self._write(tasks, tasks.share, holders)

    def _write(self, tasks: TaskList, share: Floats, holders: Holders) -> None:
        """Write a list of tasks, each for a share of the people: all of the first task, then all of the second."""
        which, sizes = own_choices(holders.keys, [f"task/{name}/needed" for name in tasks.tasks], share)
        parts = [slice(start, end) for start, end in pairwise([0, *np.cumsum(sizes).tolist()])]
        kind, starts, anchor = (tasks.kind.repeat(sizes), tasks.starts.repeat(sizes), tasks.anchor.repeat(sizes))
        who, stay = holders.who.take(which), holders.stay.take(which)
        apart = None
        if holders.follow is not None:
            apart = holders.follow != NONE
            moved = apart.take(which) & tasks.assessment.repeat(sizes)
            stay = np.where(moved, holders.follow.take(which), stay)
            starts = np.where(moved, 0.0, starts)
            anchor = np.where(moved, np.int32(FROM_ENTERING), anchor)
        team, days = self._done_by(tasks, parts, who, holders.keys.take(which))
        rows, block = self._table.reserve(which.size)
        block.update(
            stay=stay,
            kind=kind,
            team=team,
            work=on_grid(days),
            after=_before(tasks, which, parts, rows, apart, holders.who.size),
            starts=starts,
            anchor=anchor,
            priority=self._draft.rank(who, holders.pathway),
        )

    def _done_by(self, tasks: TaskList, parts: list[slice], who: Who, keys: Keys) -> tuple[Rows, Floats]:
        """Team that does each person's task, or `NONE`, and how many days of work it is."""
        team, days = np.full(who.size, NONE, dtype=np.int32), np.empty(who.size)
        trusted = self._scenario.trusted_assessors
        for (name, task), here in zip(tasks.tasks.items(), parts, strict=True):
            u = own_uniforms(keys[here], f"task/{name}/work")
            days[here] = _days(name, task, u)
            if task.team is not None:
                team[here] = self._draft.staff(task.team, who[here])
            if trusted is not None and trusted.task == name and trusted.coverage > 0:
                # The same person's home is covered in every scenario whose coverage is at least as high.
                covered = self._draft.people.uniform("trusted_assessor", who[here]) < trusted.coverage
                some = here.start + np.flatnonzero(covered)
                team[some] = self._draft.staff(trusted.team, who.take(some))
                days[some] = trusted.work_hours.quantile(u.compress(covered)) / 24
        return team, days


def _days(name: str, task: Task, u: Floats) -> Floats:
    """Days of work of a task at people's own numbers."""
    if task.work_hours is not None:
        return task.work_hours.quantile(u) / 24
    if task.elapsed_days is not None:
        return task.elapsed_days.quantile(u)
    raise ValueError(f"tasks.{name}: neither work_hours nor elapsed_days")


def _before(tasks: TaskList, which: Which, parts: list[slice], rows: Rows, apart: Chosen | None, people: int) -> Rows:
    """Row of the nearest earlier task of its chain that the person needs and that stands on the same stay, or `NONE`.

    Of `apart` people the assessments stand on another stay than the other tasks; of nobody where it is None.
    """
    before = np.empty_like(rows)
    # The nearest for each person, of assessments and of other tasks; of either kind for those who are not apart.
    nothing = np.full((1 if apart is None else 2, people), NONE, dtype=np.int32)
    nearest: list[Rows] = []
    awaited = set(tasks.waits_for.tolist())
    for task, part in enumerate(parts):
        here, its_rows = which[part], rows[part]
        kind = int(apart is not None and tasks.assessment[task])
        earlier = tasks.waits_for[task]
        known = nothing if earlier == NONE else nearest[earlier]
        before[part] = known[kind].take(here)
        if task in awaited:
            known = known.copy()
            known[kind, here] = its_rows
            if apart is not None:
                together = ~apart.take(here)
                known[1 - kind, here[together]] = its_rows[together]
        nearest.append(known)
    return before
