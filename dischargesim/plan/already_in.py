"""Journeys of the people who are in the system when the run starts."""

from __future__ import annotations

import numpy as np

from dischargesim.plan.census import Group, find_destination
from dischargesim.plan.codes import Label
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.onward import Inside, Onward
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Rows


def write_census(draft: Draft, groups: list[Group]) -> tuple[Rows, Rows]:
    """Write the stays that people are in, and what follows them.

    Parameters
    ----------
    draft : Draft
        Its people are those of the groups, in the same order.
    groups : list of Group

    Returns
    -------
    ndarray of int32, ndarray of int32
        The stay each person is in, and the pathway each is on.
    """
    first = np.full(draft.people.size, NONE, dtype=np.int32)
    pathway = np.full(draft.people.size, NONE, dtype=np.int32)
    start = 0
    for group in groups:
        who = np.arange(start, start + group.total.size)
        start += group.total.size
        pathway[who] = draft.layout.pathways[group.pathway]
        write = _write_onward if group.path else _write_admitted
        first[who] = write(draft, group, who)
    return first, pathway


def _write_onward(draft: Draft, group: Group, who: Who) -> Rows:
    """People in a setting after the hospital, in whichever step of their support they have come to."""
    option = find_destination(draft.scenario, group.pathway, group.path)
    code = draft.layout.pathways[group.pathway]
    path = "/".join((group.pathway, *group.path))
    count = 1 if option.visits is None else option.visits.steps
    length = group.total / count
    step = np.minimum(group.elapsed / np.where(length > 0, length, 1), count - 1).astype(np.int64)
    rows = np.full(who.size, NONE, dtype=np.int32)
    for number in range(count):
        here = np.flatnonzero(step == number)
        if here.size:
            inside = Inside(group.total[here], number, (group.elapsed - number * length)[here])
            block = Onward(draft).destination(option, group.path[-1], who[here], code, path, inside=inside)
            rows[here] = block.rows
    return rows


def _write_admitted(draft: Draft, group: Group, who: Who) -> Rows:
    """People in the setting they came to: with their tasks before them, or waiting for a place only."""
    code = draft.layout.pathways[group.pathway]
    pathway = np.full(who.size, code, dtype=np.int32)
    rows, block = draft.stays.reserve(who.size)
    writer = Onward(draft)
    if group.towards is None:
        onward, _ = writer.write(who, pathway, "")
    else:
        option = draft.scenario.pathways[group.pathway].next[group.towards]
        onward = writer.destination(option, group.towards, who, code, f"{group.pathway}/{group.towards}").rows
    block.update(
        person=draft.first_person + who,
        setting=draft.layout.settings[draft.scenario.cohorts[group.cohort].setting],
        need=on_grid(group.total),
        priority=draft.priority[who],
        next=onward,
        entered=-on_grid(group.elapsed),
        label=Label.ADMISSION,
        pathway=pathway,
        attribution=draft.people.uniform("attribution", who),
    )
    if not group.tasks_done:
        draft.discharge_tasks(who, rows, pathway, onward, "")
    return rows
