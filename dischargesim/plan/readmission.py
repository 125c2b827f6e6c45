"""Readmission: a time at home, then the hospital again and all that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.codes import Label
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.layout import HOME
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Floats, Rows
from dischargesim.plan.travellers import Leg


@dataclass(frozen=True, slots=True)
class Back:
    """People who come back after their last stay.

    Attributes
    ----------
    who : ndarray of int
        Rows of the people.
    pathway : ndarray of int32
        The second time they are on the same one.
    need : ndarray of float64
        Days until ready to leave again.
    home, rows : dict, ndarray of int32
        Columns of their stays at home.
    admission, beds : dict, ndarray of int32
        Columns of their second admissions, and the rows of these.
    ends : ndarray of int32, one a person
        The stay at home, which comes at the end of the journey; `NONE` for people who do not come back.
    again : ndarray of int32, one a person
        The second admission; `NONE` for people who do not come back.
    after : ndarray of float64, one a person
        Days at home before it; inf for people who do not come back.
    """

    who: Who
    pathway: Rows
    need: Floats
    home: dict[str, Any]
    admission: dict[str, Any]
    beds: Rows
    ends: Rows
    again: Rows
    after: Floats

    def leg(self) -> Leg:
        """How they leave the bed the second time, for good."""
        return Leg("readmission/", self.who, self.pathway, self.beds, np.full(self.who.size, NONE, dtype=np.int32))


def reserve_readmissions(draft: Draft, first: int, pathway: Rows, kind: NDArray[np.intp]) -> Back:
    """Draw who comes back, and when.

    Parameters
    ----------
    draft : Draft
    first : int
        Row of the first of the people who may.
    pathway, kind : ndarray of int, one a person
        Pathway they are on, and `Draft.kinds` of it. Nobody comes back who dies.

    Returns
    -------
    Back
    """
    people = draft.people
    share = np.array([0.0 if c.readmission is None else c.readmission.share for c in draft.cohorts])
    lives = np.array([path.kind != "death" for path in draft.pathways])
    who = people.chosen("readmission", share[:, None] * lives, kind, first)
    after, need = np.full(people.size, np.inf), np.zeros(who.size)
    cohort = people.cohort.take(who)
    for code, one in enumerate(draft.cohorts):
        here = np.flatnonzero(cohort == code)
        if one.readmission is not None and here.size:
            those = who[here]
            after[those] = on_grid(one.readmission.after_days.quantile(people.uniform("readmission/after", those)))
            need[here] = one.readmission.stay_days.quantile(people.uniform("readmission/stay", those))
    rows, home = draft.stays.reserve(who.size)
    beds, admission = draft.stays.reserve(who.size)
    ends, again = np.full((2, people.size), NONE, dtype=np.int32)
    ends[who], again[who] = rows, beds
    return Back(who, pathway.take(who), on_grid(need), home, admission, beds, ends, again, after)


def write_readmissions(draft: Draft, back: Back, following: Rows) -> None:
    """Fill the stays at home and the second admissions.

    Parameters
    ----------
    draft : Draft
    back : Back
    following : ndarray of int32, one of `back`
        The stay after the second admission.
    """
    who = back.who
    common = {"person": who, "pathway": back.pathway}
    back.home.update(
        common, setting=draft.layout.settings[HOME], need=back.after.take(who), next=back.beds, label=Label.HOME
    )
    back.admission.update(
        common,
        setting=draft.entry.take(who),
        need=back.need,
        priority=draft.priority.take(who),
        next=following,
        label=Label.READMISSION,
        attribution=draft.people.uniform("readmission/attribution", who),
    )
