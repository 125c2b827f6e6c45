"""People at the point of leaving a hospital bed: once for each time that they may do so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.grouping import by_group
from dischargesim.plan.streams import Keys, derived_keys
from dischargesim.plan.tables import NONE, Floats, Rows


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of coming to leave a bed, and those who may take it.

    Attributes
    ----------
    name : str
        What their numbers on the way are told apart by; empty for the first time they leave.
    who : ndarray of int
        Rows of the people.
    pathway : ndarray of int32
        Pathway each is on from there.
    bed : ndarray of int32
        The stay each leaves, with the tasks of the pathway on it; `NONE` where there is nothing left to be done.
    ends : ndarray of int32
        Stay that follows when the journey is over (a time at home before a readmission), or `NONE`.
    """

    name: str
    who: Who
    pathway: Rows
    bed: Rows
    ends: Rows


class Travellers:
    """All legs, one behind the other, so that what comes next is written once for all of them.

    Parameters
    ----------
    draft : Draft
    legs : list of Leg

    Attributes
    ----------
    size : int
    who, pathway, bed, ends : ndarray, one a traveller
    on : list of ndarray of int
        The travellers on each pathway.
    keys : ndarray of uint64
        From which their numbers on this leg are worked out.
    part : dict of str to slice
        Where each leg stands.
    towards : ndarray of int32
        Number of the destination that someone is known to go to, or `NONE`.
    cut_after : ndarray of float64
        Days after which a review ends the first stay that follows, inf for not at all.
    cut_to : ndarray of int32
        The traveller whose way they then go, or `NONE`.
    """

    def __init__(self, draft: Draft, legs: list[Leg]) -> None:
        edges = np.cumsum([0, *(leg.who.size for leg in legs)]).tolist()
        self.size = edges[-1]
        self.part = {leg.name: slice(*bounds) for leg, *bounds in zip(legs, edges[:-1], edges[1:], strict=True)}
        self.who: Who = np.concatenate([leg.who for leg in legs])
        self.pathway: Rows = np.concatenate([leg.pathway for leg in legs])
        self.bed: Rows = np.concatenate([leg.bed for leg in legs])
        self.ends: Rows = np.concatenate([leg.ends for leg in legs])
        self.on = by_group(self.pathway, len(draft.pathways))
        self.keys: Keys = draft.people.keys(self.who)
        for leg in legs:
            if leg.name:
                here = self.part[leg.name]
                self.keys[here] = derived_keys(self.keys[here], leg.name)
        self.towards: Rows = np.full(self.size, NONE, dtype=np.int32)
        self.cut_after: Floats = np.full(self.size, np.inf)
        self.cut_to: Rows = np.full(self.size, NONE, dtype=np.int32)

    def cut(self, leg: str, which: Rows, after: Floats, then: str) -> None:
        """Let reviews end the first onward stay of some people early.

        Parameters
        ----------
        leg, then : str
            The leg that is cut short, and the one whose way they go from there.
        which : ndarray of int
            Numbers of the people within the leg; the same people, in this order, make up the other.
        after : ndarray of float64
            Days after which it ends.
        """
        here = self.part[leg].start + which
        self.cut_after[here] = after
        self.cut_to[here] = np.arange(self.part[then].start, self.part[then].stop)
