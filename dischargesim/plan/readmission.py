"""Readmission: a time at home, then the hospital again and all that follows."""

from __future__ import annotations

import numpy as np

from dischargesim.plan.codes import Label
from dischargesim.plan.draft import Draft
from dischargesim.plan.layout import HOME
from dischargesim.plan.onward import Onward, aid_rows
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Rows

_LAST = (Label.ADMISSION, Label.ONWARD, Label.TAPER, Label.SETBACK, Label.REROUTED, Label.HOME)


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
    home_of = np.full(people.size, NONE, dtype=np.int32)
    home_of[who] = home
    at_home = ends[stays.column("label")[ends] == Label.HOME]
    others = np.setdiff1d(ends, at_home, assume_unique=True)
    of_person = stays.column("person") - draft.first_person
    stays.patch("next", others, home_of[of_person[others]])
    stays.patch("need", at_home, on_grid(back[of_person[at_home]]))
    again_of = np.full(people.size, NONE, dtype=np.int32)
    again_of[who] = again
    stays.patch("next", at_home, again_of[of_person[at_home]])


def _last_stays(draft: Draft, who: np.ndarray) -> np.ndarray:
    """Rows at which the journeys of these people may end, alive and not for good in a care home."""
    stays = draft.stays
    chosen = np.zeros(draft.people.size + 1, dtype=np.bool_)
    chosen[who] = True
    person = stays.column("person") - draft.first_person
    # People of other drafts share the table; they fall on the extra last element.
    mine = chosen[np.where((person >= 0) & (person < draft.people.size), person, -1)]
    last = (stays.column("next") == NONE) & (stays.column("permanent") == 0)
    return np.flatnonzero(mine & last & np.isin(stays.column("label"), _LAST))
