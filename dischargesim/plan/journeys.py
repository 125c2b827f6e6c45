"""Journeys: the stays of everyone who arrives, written as rows that point to each other.

Nearly every mechanism of the model is a way of writing these rows: an admission that a service avoids, a wait
that ends in a setback, support that tapers. The engines know none of it.
"""

from __future__ import annotations

import numpy as np

from dischargesim.plan.again import write_changes
from dischargesim.plan.changes import draw_changes
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft
from dischargesim.plan.onward import Cut, Onward, aid_rows
from dischargesim.plan.readmission import write_readmissions
from dischargesim.plan.rounds import declaring_wait
from dischargesim.plan.services import reserve_services, write_services
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Floats, Rows


class Journeys:
    """Writer of the stays and tasks of a draft.

    Parameters
    ----------
    draft : Draft

    Attributes
    ----------
    needed : ndarray of int32, one a person
        The pathway each person needs.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._onward = Onward(draft)
        self.needed = draw_pathways(draft)

    def write(self) -> Rows:
        """Write everything; the first stay of each person."""
        draft, people = self._draft, self._draft.people
        everyone = np.arange(people.size)
        pathway, cut = self._prescribe()
        services = reserve_services(draft, pathway)
        first, admission = draft.stays.reserve(people.size)
        onward, reserved = self._onward.write(everyone, pathway, "", cut)
        change = draw_changes(draft.scenario, people, pathway)
        following = write_changes(draft, change, pathway, first, onward, reserved)
        patience = np.array([np.inf if c.patience_days is None else c.patience_days for c in draft.cohorts])
        admission.update(
            person=draft.first_person + everyone,
            setting=draft.entry,
            need=self._draw_need(),
            priority=draft.priority,
            patience=on_grid(patience)[people.cohort],
            next=following,
            label=Label.ADMISSION,
            refusal=draft.by_cohort([Refusal.CANCELLED if c.elective else Refusal.GAVE_UP for c in draft.cohorts]),
            pathway=pathway,
            attribution=people.uniform("attribution"),
        )
        draft.discharge_tasks(everyone, first, pathway, onward, "", aid_rows(people.size, reserved))
        start = write_services(draft, services, first)
        write_readmissions(draft, pathway)
        return start

    def _draw_need(self) -> Floats:
        """Days until each person is ready to leave the setting they came to."""
        draft, people = self._draft, self._draft.people
        u = people.uniform("stay")
        need = np.empty(u.size)
        for code, cohort in enumerate(draft.cohorts):
            here = people.cohort == code
            particular = {draft.layout.pathways[name]: d for name, d in cohort.stay_days_by_pathway.items()}
            rest = here.copy()
            for path in particular:
                rest &= self.needed != path
            need[rest] = cohort.stay_days.quantile(u[rest])
            for path, distribution in particular.items():
                those = here & (self.needed == path)
                need[those] = distribution.quantile(u[those])
        lives = np.array([path.kind != "death" for path in draft.pathways])
        for name, setting in draft.scenario.settings.items():
            if setting.board_rounds is not None:
                here = draft.by_cohort([cohort.setting == name for cohort in draft.cohorts]).astype(np.bool_)
                seen = np.flatnonzero(here & lives[self.needed])
                need[seen] += declaring_wait(setting.board_rounds, draft.scenario, people, need, seen)
        return on_grid(need)

    def _prescribe(self) -> tuple[Rows, Cut | None]:
        """The pathway each person is sent to, and the reviews that find those who were sent too high."""
        draft, people = self._draft, self._draft.people
        sent = self.needed.copy()
        after = np.full(people.size, np.inf)
        for code, pathway in enumerate(draft.pathways):
            wrong = pathway.over_prescribed
            if wrong is None or wrong.share == 0:
                continue
            who = np.flatnonzero(self.needed == code)
            who = who[people.uniform("over_prescribed", who) < wrong.share]
            sent[who] = draft.layout.pathways[wrong.to]
            if wrong.found_after_days is not None:
                found = who[people.uniform("over_prescribed/found", who) < wrong.found]
                after[found] = wrong.found_after_days.quantile(people.uniform("over_prescribed/when", found))
        found = np.flatnonzero(np.isfinite(after))
        if found.size == 0:
            return sent, None
        then = np.full(people.size, NONE, dtype=np.int32)
        then[found], _ = self._onward.write(found, self.needed[found], "found/")
        return sent, Cut(after, then)


def draw_pathways(draft: Draft) -> Rows:
    """Draw the pathway each person will need.

    Parameters
    ----------
    draft : Draft

    Returns
    -------
    ndarray of int32, one a person
    """
    people = draft.people
    u = people.uniform("pathway")
    shares = np.array([[c.pathways.get(name, 0.0) for name in draft.layout.pathways] for c in draft.cohorts])
    edges = np.cumsum(shares, axis=1)[:, :-1]
    code = np.zeros(u.size, dtype=np.int32)
    for column in edges.T:
        code += u >= column[people.cohort]
    # Shares sum to 1 but for rounding: nobody may land on a pathway of share 0.
    last = shares.shape[1] - 1 - np.argmax(shares[:, ::-1] > 0, axis=1)
    return np.asarray(np.minimum(code, last[people.cohort]), dtype=np.int32)
