"""What follows when something changes for people who wait to leave: patience, and a second stay in the same bed."""

from __future__ import annotations

import numpy as np

from dischargesim.plan.changes import Change
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft
from dischargesim.plan.layout import HOME
from dischargesim.plan.onward import Onward, Reserved, aid_rows
from dischargesim.plan.tables import NONE, Rows


def write_changes(
    draft: Draft, change: Change, pathway: Rows, admission: Rows, onward: Rows, reserved: list[Reserved]
) -> Rows:
    """Give patience to the first onward stay of those who may change while they wait, and write what then follows.

    Parameters
    ----------
    draft : Draft
    change : Change
    pathway : ndarray of int32, one a person
    admission, onward : ndarray of int32
        Each person's stay in the setting they came to, and the first stay after it.
    reserved : list of Reserved
        The latter, as blocks.

    Returns
    -------
    ndarray of int32
        `onward`, with a stay at home for people who may change and have nothing to wait for but their tasks: it is
        what they are impatient for.
    """
    home = np.flatnonzero(np.isfinite(change.after) & (onward == NONE))
    if home.size:
        block = Reserved(home, *draft.stays.reserve(home.size))
        block.block.update(
            person=draft.first_person + home,
            setting=draft.layout.settings[HOME],
            need=np.inf,
            label=Label.HOME,
            pathway=pathway[home],
        )
        onward = onward.copy()
        onward[home] = block.rows
        reserved = [*reserved, block]
    again = _write_again(draft, change, admission)
    for one in reserved:
        after, refusal, otherwise = change.after[one.who], change.refusal[one.who], again[one.who]
        if one.aid is not None:
            # Whichever comes first; patience with the other locality counts from the day it is asked.
            asks = after > one.aid_after
            left = np.where(asks, after - one.aid_after, np.inf)
            one.aid.block.update(patience=left, refusal=refusal, otherwise=otherwise)
            after = np.where(asks, one.aid_after, after)
            refusal = np.where(asks, Refusal.MUTUAL_AID, refusal)
            otherwise = np.where(asks, one.aid.rows, otherwise)
        one.block.update(patience=after, refusal=refusal, otherwise=otherwise)
    return onward


def _write_again(draft: Draft, change: Change, admission: Rows) -> Rows:
    """Write the second stay, in the same bed, of those who are set back, recover, decline or switch."""
    rows = np.full(draft.people.size, NONE, dtype=np.int32)
    who = np.flatnonzero(change.pathway != NONE)
    if who.size == 0:
        return rows
    numbers, block = draft.stays.reserve(who.size)
    rows[who] = numbers
    pathway = change.pathway[who]
    onward, reserved = Onward(draft).write(who, pathway, "again/")
    block.update(
        person=draft.first_person + who,
        setting=draft.entry[who],
        need=change.need[who],
        priority=draft.priority[who],
        next=onward,
        label=np.where(change.refusal[who] == Refusal.SETBACK, Label.SETBACK, Label.REROUTED),
        pathway=pathway,
        spell=admission[who],
        attribution=draft.people.uniform("again/attribution", who),
    )
    draft.discharge_tasks(who, numbers, pathway, onward, "again/", aid_rows(draft.people.size, reserved)[who])
    return rows
