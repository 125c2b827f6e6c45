"""What follows when something changes for people who wait to leave: patience, and a second stay in the same bed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dischargesim.plan.changes import Change
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.layout import HOME
from dischargesim.plan.onward import First, set_patience
from dischargesim.plan.readmission import Back
from dischargesim.plan.tables import NONE, Rows
from dischargesim.plan.travellers import Leg, Travellers


@dataclass(frozen=True, slots=True)
class Again:
    """Second stays, in the same bed, of those who are set back, recover, decline or switch.

    Attributes
    ----------
    who : ndarray of int
        Rows of the people.
    pathway : ndarray of int32
        The one each is on from then.
    rows : ndarray of int32
    block : dict
        Columns of these rows.
    """

    who: Who
    pathway: Rows
    rows: Rows
    block: dict[str, Any]

    def leg(self, draft: Draft, ends: Rows) -> Leg:
        """How they leave the bed."""
        dies = np.array([path.kind == "death" for path in draft.pathways])[self.pathway]
        return Leg("again/", self.who, self.pathway, self.rows, np.where(dies, np.int32(NONE), ends[self.who]))


def reserve_again(draft: Draft, change: Change) -> Again:
    """Number the second stays.

    Parameters
    ----------
    draft : Draft
    change : Change

    Returns
    -------
    Again
    """
    who = np.flatnonzero(change.pathway != NONE)
    return Again(who, change.pathway.take(who), *draft.stays.reserve(who.size))


def write_again(draft: Draft, again: Again, change: Change, following: Rows, bed: Rows) -> None:
    """Fill the second stays.

    Parameters
    ----------
    draft : Draft
    again : Again
    change : Change
    following : ndarray of int32, one of `again`
        The stay after it.
    bed : ndarray of int32, one a person
        The first stay in the same bed.
    """
    who = again.who
    again.block.update(
        person=who,
        setting=draft.entry.take(who),
        need=change.need.take(who),
        priority=draft.priority.take(who),
        next=following,
        label=np.where(change.refusal.take(who) == Refusal.SETBACK, Label.SETBACK, Label.REROUTED),
        pathway=again.pathway,
        spell=bed.take(who),
        attribution=draft.people.uniform("again/attribution", who),
    )


def write_patience(
    draft: Draft, change: Change, again: Again, back: Back, travellers: Travellers, onward: Rows, first: list[First]
) -> Rows:
    """Give patience to the first onward stay of those who may change while they wait.

    Parameters
    ----------
    draft : Draft
    change : Change
    again : Again
    back : Back
    travellers : Travellers
        Changes concern those who leave the bed for the first time.
    onward : ndarray of int32, one a traveller
        The first stay after the bed.
    first : list of First
        The same stays, as blocks.

    Returns
    -------
    ndarray of int32, one a traveller
        `onward`; for those who go home without support what comes at the end of their journey; and a stay at home for
        people who may change and have nothing to wait for but their tasks: it is what they are impatient for.
    """
    following = np.where(onward == NONE, travellers.ends, onward)
    leaving = travellers.part[""]
    who = travellers.who[leaving]
    may = np.isfinite(change.after.take(who))
    if not may.any():
        return following
    otherwise = np.full(draft.people.size, NONE, dtype=np.int32)
    otherwise[again.who] = again.rows
    home = np.flatnonzero(may & (onward[leaving] == NONE))
    at_home = who[home]
    rows, block = draft.stays.reserve(home.size)
    block.update(
        person=at_home,
        setting=draft.layout.settings[HOME],
        need=back.after.take(at_home),
        next=back.again.take(at_home),
        label=Label.HOME,
        pathway=travellers.pathway[leaving][home],
        patience=change.after.take(at_home),
        refusal=change.refusal.take(at_home),
        otherwise=otherwise.take(at_home),
    )
    following[leaving.start + home] = rows
    for one in first:
        person, first_time = travellers.who.take(one.which), one.which < leaving.stop
        after = np.where(first_time, change.after.take(person), np.inf)
        refusal = np.where(first_time, change.refusal.take(person), np.int32(Refusal.NONE))
        _be_impatient(one, after, refusal, np.where(first_time, otherwise.take(person), np.int32(NONE)))
    return following


def _be_impatient(one: First, after: Any, refusal: Any, otherwise: Any) -> None:
    """Wait until something changes; in another locality too, if that is asked before."""
    if one.aid is not None:
        # Whichever comes first; patience with the other locality counts from the day it is asked.
        asks = after > one.aid_after
        left = np.where(asks, after - one.aid_after, np.inf)
        one.aid.update(patience=left, refusal=refusal, otherwise=otherwise)
        after = np.where(asks, one.aid_after, after)
        refusal = np.where(asks, Refusal.MUTUAL_AID, refusal)
        otherwise = np.where(asks, one.aid_rows, otherwise)
    set_patience(one, after, refusal, otherwise)
