"""Journeys of the people who are in the system when the run starts."""

from __future__ import annotations

import numpy as np

from dischargesim.plan.again import write_changes
from dischargesim.plan.census import Group, find_destination
from dischargesim.plan.changes import draw_changes
from dischargesim.plan.codes import Label
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.onward import Inside, Onward, Reserved, aid_rows
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Floats, Rows


class AlreadyIn:
    """Writer of the stays that people are in, and of what follows them.

    Parameters
    ----------
    draft : Draft
        Its people are those of the groups, in the same order.
    groups : list of Group

    Attributes
    ----------
    pathway : ndarray of int32
        The pathway each person is on.
    """

    def __init__(self, draft: Draft, groups: list[Group]) -> None:
        ends = np.cumsum([group.total.size for group in groups])
        self._draft = draft
        self._onward = Onward(draft)
        self._groups = [
            (group, np.arange(end - group.total.size, end)) for group, end in zip(groups, ends, strict=True)
        ]
        self._total = np.concatenate([np.empty(0), *(group.total for group in groups)])
        self._elapsed = np.concatenate([np.empty(0), *(group.elapsed for group in groups)])
        self.pathway: Rows = np.full(draft.people.size, NONE, dtype=np.int32)
        for group, who in self._groups:
            self.pathway[who] = draft.layout.pathways[group.pathway]

    def write(self) -> Rows:
        """Write everything; the stay each person is in."""
        first = np.full(self._draft.people.size, NONE, dtype=np.int32)
        self._write_admitted(first)
        alike: dict[tuple[str, tuple[str, ...], bool], list[Who]] = {}
        for group, who in self._groups:
            if group.path:
                alike.setdefault((group.pathway, group.path, group.tasks_done), []).append(who)
        for (pathway, path, tasks_done), parts in alike.items():
            who = np.concatenate(parts)
            # As in the hospital, those who have been ready for longest come first.
            who = who[np.argsort((self._total - self._elapsed)[who], kind="stable")]
            first[who] = self._write_onward(pathway, path, who, tasks_done)
        return first

    def _write_admitted(self, first: Rows) -> None:
        """People in the setting they came to: with their tasks before them, or waiting for a place only."""
        draft, size = self._draft, self._draft.people.size
        waited = np.maximum(self._elapsed - self._total, 0.0)
        inside, to_do = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
        for group, who in self._groups:
            inside[who], to_do[who] = not group.path, not group.path and not group.tasks_done
        who = np.flatnonzero(inside)
        # Rows in order of waiting: at the start the engines take those who are ready in order of their rows.
        rows, block = draft.stays.reserve(who.size)
        order = who[np.argsort((self._total - self._elapsed)[who], kind="stable")]
        first[order] = rows
        onward, reserved = self._write_onwards(who)
        change = draw_changes(draft.scenario, draft.people, self.pathway, waited)
        change.after[~inside], change.pathway[~inside] = np.inf, NONE
        following = write_changes(draft, change, self.pathway, first, onward, reserved)
        block.update(
            person=draft.first_person + order,
            setting=draft.entry[order],
            need=on_grid(self._total)[order],
            priority=draft.priority[order],
            next=following[order],
            entered=-on_grid(self._elapsed)[order],
            label=Label.ADMISSION,
            pathway=self.pathway[order],
            attribution=draft.people.uniform("attribution", order),
        )
        who = np.flatnonzero(to_do)
        draft.discharge_tasks(who, first[who], self.pathway[who], onward[who], "", aid_rows(size, reserved)[who])

    def _write_onwards(self, inside: Who) -> tuple[Rows, list[Reserved]]:
        """First onward stay of each person in the setting they came to: the one they wait for, if that is known."""
        draft = self._draft
        onward = np.full(draft.people.size, NONE, dtype=np.int32)
        known = np.zeros(draft.people.size, dtype=np.bool_)
        reserved: list[Reserved] = []
        for group, who in self._groups:
            if group.towards is not None:
                option = draft.scenario.pathways[group.pathway].next[group.towards]
                path, code = f"{group.pathway}/{group.towards}", draft.layout.pathways[group.pathway]
                block = self._onward.destination(option, group.towards, who, code, path)
                onward[who], known[who] = block.rows, True
                reserved.append(block)
        rest = inside[~known[inside]]
        onward[rest], blocks = self._onward.write(rest, self.pathway[rest], "")
        return onward, reserved + blocks

    def _write_onward(self, pathway: str, keys: tuple[str, ...], who: Who, tasks_done: bool) -> Rows:
        """People in a setting after the hospital, in whichever step of their support they have come to."""
        draft = self._draft
        option = find_destination(draft.scenario, pathway, keys)
        count = 1 if option.visits is None else option.visits.steps
        total, elapsed = self._total[who], self._elapsed[who]
        length: Floats = total / count
        step = np.minimum(elapsed / np.where(length > 0, length, 1), count - 1).astype(np.int64)
        rows = np.full(who.size, NONE, dtype=np.int32)
        for number in range(count):
            here = np.flatnonzero(step == number)
            if here.size:
                inside = Inside(total[here], number, (elapsed - number * length)[here], tasks_done)
                code, path = draft.layout.pathways[pathway], "/".join((pathway, *keys))
                block = self._onward.destination(option, keys[-1], who[here], code, path, inside=inside)
                rows[here] = block.rows
        return rows
