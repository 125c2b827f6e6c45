"""What follows when something changes for people who wait to leave: patience, and a second stay in the same bed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dischargesim.plan.changes import Change
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.layout import HOME
from dischargesim.plan.onward import First
from dischargesim.plan.readmission import Back
from dischargesim.plan.tables import NONE, Floats, Rows
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

    def leg(self, ends: Rows) -> Leg:
        """How they leave the bed: alive, as no change leads to death (`scenario.checks`)."""
        return Leg("again/", self.who, self.pathway, self.rows, ends.take(self.who))


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
    following = travellers.ends.copy()
    waiting = np.flatnonzero(onward != NONE)
    following[waiting] = onward.take(waiting)
    leaving = travellers.part[""]
    who = travellers.who[leaving]
    # One a traveller, so that each block need only look up its own; the last is for people who are in already.
    after = np.full(travellers.size + 1, np.inf)
    after[leaving] = change.after.take(who)
    may = np.flatnonzero(np.isfinite(after))
    if not may.size:
        return following
    refusal = np.full(travellers.size + 1, Refusal.NONE, dtype=np.int32)
    refusal[leaving] = change.refusal.take(who)
    instead = np.full(draft.people.size, NONE, dtype=np.int32)
    instead[again.who] = again.rows
    otherwise = np.full(travellers.size + 1, NONE, dtype=np.int32)
    otherwise[leaving] = instead.take(who)
    home = may[onward.take(may) == NONE]
    at_home = travellers.who.take(home)
    rows, block = draft.stays.reserve(home.size)
    block.update(
        person=at_home,
        setting=draft.layout.settings[HOME],
        need=back.after.take(at_home),
        next=back.again.take(at_home),
        label=Label.HOME,
        pathway=travellers.pathway.take(home),
        patience=after.take(home),
        refusal=refusal.take(home),
        otherwise=otherwise.take(home),
    )
    following[home] = rows
    for one in first:
        _be_impatient(one, after.take(one.which), refusal.take(one.which), otherwise.take(one.which))
    return following


def _be_impatient(one: First, after: Floats, refusal: Rows, otherwise: Rows) -> None:
    """Wait until something changes; in another locality too, if that is asked before."""
    if one.aid is not None:
        # Whichever comes first; patience with the other locality counts from the day it is asked.
        comes = one.which != NONE
        asks = comes & (after > one.aid_after)
        left = np.where(asks, after - one.aid_after, np.inf)
        one.aid.update(patience=left[comes], refusal=refusal[comes], otherwise=otherwise[comes])
        after = np.where(asks, one.aid_after, after)
        refusal = np.where(asks, np.int32(Refusal.MUTUAL_AID), refusal)
        otherwise = np.where(asks, one.block["otherwise"], otherwise)
    one.block.update(patience=after, refusal=refusal, otherwise=otherwise)
