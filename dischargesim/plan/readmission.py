"""Readmission: a time at home, then the hospital again and all that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.codes import Label
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.layout import HOME
from dischargesim.plan.onward import Onward, aid_rows
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Rows

_LAST = np.array([label not in (Label.SERVICE, Label.READMISSION) for label in Label])
"""Whether a journey may end with a stay of each label."""


def write_readmissions(draft: Draft, pathway: Rows) -> None:
    """Let some of the people come back after their last stay.

    Parameters
    ----------
    draft : Draft
        All other stays of its people are written.
    pathway : ndarray of int32, one a person
        Pathway they were on; the second time they are on the same one.
    """
    people, stays = draft.people, draft.stays
    share = np.array([0.0 if c.readmission is None else c.readmission.share for c in draft.cohorts])[people.cohort]
    dies = np.array([p.kind == "death" for p in draft.pathways])[pathway]
    candidates = np.flatnonzero((share > 0) & ~dies)
    who = candidates[people.uniform("readmission", candidates) < share[candidates]]
    if who.size == 0:
        return
    back = np.empty(people.size)
    need = np.empty(people.size)
    for code, cohort in enumerate(draft.cohorts):
        here = who[people.cohort[who] == code]
        if cohort.readmission is not None and here.size:
            back[here] = cohort.readmission.after_days.quantile(people.uniform("readmission/after", here))
            need[here] = cohort.readmission.stay_days.quantile(people.uniform("readmission/stay", here))
    ends = _last_stays(draft, who)
    home, block = stays.reserve(who.size)
    again, admission = stays.reserve(who.size)
    onward, reserved = Onward(draft).write(who, pathway[who], "readmission/")
    person = draft.first_person + who
    common = {"person": person, "pathway": pathway[who]}
    block.update(common, setting=draft.layout.settings[HOME], need=on_grid(back[who]), next=again, label=Label.HOME)
    admission.update(
        common,
        setting=draft.entry[who],
        need=on_grid(need[who]),
        priority=draft.priority[who],
        next=onward,
        label=Label.READMISSION,
        attribution=people.uniform("readmission/attribution", who),
    )
    draft.discharge_tasks(who, again, pathway[who], onward, "readmission/", aid_rows(people.size, reserved)[who])
    row_of = np.full(people.size, NONE, dtype=np.int32)
    row_of[who] = np.arange(who.size)
    of_home, of_others = row_of[ends.of_home], row_of[ends.of_others]
    stays.patch("next", ends.others, home[of_others])
    stays.patch("next", ends.home, again[of_home])
    stays.patch("need", ends.home, on_grid(back[ends.of_home]))


@dataclass(frozen=True, slots=True)
class _Ends:
    """Rows at which journeys may end, those at home apart from the others, and whose they are."""

    home: NDArray[np.intp]
    others: NDArray[np.intp]
    of_home: Rows
    of_others: Rows


def _last_stays(draft: Draft, who: Who) -> _Ends:
    """Where the journeys of these people may end, alive and not for good in a care home."""
    stays = draft.stays
    chosen = np.zeros(draft.people.size + 1, dtype=np.bool_)
    chosen[who] = True
    person, label = stays.column("person") - draft.first_person, stays.column("label")
    # People of other drafts share the table; they fall on the extra last element.
    mine = chosen[np.where((person >= 0) & (person < draft.people.size), person, -1)]
    rows = np.flatnonzero(mine & (stays.column("next") == NONE) & (stays.column("permanent") == 0))
    rows = rows[_LAST[label[rows]]]
    at_home = label[rows] == Label.HOME
    home, others = rows[at_home], rows[~at_home]
    return _Ends(home, others, person[home], person[others])
