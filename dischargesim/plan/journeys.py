"""Journeys: the stays of everyone, written as rows that point to each other.

Nearly every mechanism of the model is a way of writing these rows: an admission that a service avoids, a wait
that ends in a setback, support that tapers. The engines know none of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dischargesim.plan.again import reserve_again, write_again, write_patience
from dischargesim.plan.already_in import AlreadyIn
from dischargesim.plan.changes import draw_changes
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.grouping import dealt
from dischargesim.plan.lengths import stays_of_cohorts
from dischargesim.plan.onward import Onward
from dischargesim.plan.readmission import reserve_readmissions, write_readmissions
from dischargesim.plan.rounds import declaring_wait
from dischargesim.plan.services import reserve_services, write_services
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Floats, Rows
from dischargesim.plan.travellers import Leg, Travellers
from dischargesim.plan.work import Work


class Journeys:
    """Writer of the stays and tasks of a draft.

    Parameters
    ----------
    draft : Draft
    work : Work
    already_in : AlreadyIn
        The first of the draft's people; the others arrive.

    Attributes
    ----------
    needed : ndarray of int32, one a person
        The pathway each person needs.
    """

    def __init__(self, draft: Draft, work: Work, already_in: AlreadyIn) -> None:
        self._draft = draft
        self._work = work
        self._in = already_in
        self._come = np.arange(already_in.size, draft.people.size)
        self.needed = draw_pathways(draft)
        self.needed[: already_in.size] = already_in.pathway

    def write(self) -> Rows:
        """Write everything; the first stay of each person."""
        draft, people, known = self._draft, self._draft.people, self._in
        pathway, found, after = self._prescribe()
        kind = draft.kinds(pathway)
        services = reserve_services(draft, known.size, kind)
        in_bed = np.concatenate([known.admitted, self._come])
        rows, admission = draft.stays.reserve(in_bed.size)
        bed = np.full(people.size, NONE, dtype=np.int32)
        bed[in_bed] = rows
        change = draw_changes(draft, bed, pathway, kind, known.waited(people.size))
        again = reserve_again(draft, change)
        back = reserve_readmissions(draft, known.size, pathway, kind)
        # Who waits for a place only when the run starts has no tasks left.
        to_do = rows.copy()
        to_do[: known.admitted.size][~known.to_do.take(known.admitted)] = NONE
        no_tasks = np.full(found.size, NONE, dtype=np.int32)
        first_time = Leg("", in_bed, pathway.take(in_bed), to_do, back.ends.take(in_bed))
        # People who were sent too high go the way they need once a review has found them: from the onward stay.
        put_right = Leg("found/", found, self.needed.take(found), no_tasks, back.ends.take(found))
        travellers = Travellers(draft, [first_time, put_right, again.leg(back.ends), back.leg()])
        travellers.towards[: known.admitted.size] = known.towards.take(known.admitted)
        travellers.cut("", bed.take(found) - rows[:1], after, "found/")
        onward = Onward(draft, self._work, known.inside)
        following, aid, first = onward.write(travellers)
        self._work.discharge(travellers, following, aid)
        following = write_patience(draft, change, again, back, travellers, following, first)
        self._fill(admission, in_bed, first_time.pathway, following[travellers.part[""]])
        write_again(draft, again, change, following[travellers.part["again/"]], bed)
        write_readmissions(draft, back, following[travellers.part["readmission/"]])
        return write_services(draft, services, np.where(bed == NONE, onward.first_inside, bed))

    def _fill(self, admission: dict[str, Any], in_bed: Who, pathway: Rows, following: Rows) -> None:
        """Columns of the stays in the setting that people come to."""
        draft = self._draft
        refused = [Refusal.CANCELLED if cohort.elective else Refusal.GAVE_UP for cohort in draft.cohorts]
        admission.update(
            person=in_bed,
            setting=draft.entry.take(in_bed),
            need=self._draw_need(),
            priority=draft.priority.take(in_bed),
            patience=self._patience(in_bed),
            next=following,
            entered=self._entered(in_bed),
            label=Label.ADMISSION,
            refusal=np.array(refused, dtype=np.int32).take(draft.people.cohort.take(in_bed)),
            pathway=pathway,
            attribution=draft.people.uniform("attribution", in_bed),
        )

    def _patience(self, in_bed: Who) -> Floats:
        """Days people will wait to be let in; nobody waits who is in already."""
        patience = np.array([np.inf if c.patience_days is None else c.patience_days for c in self._draft.cohorts])
        days: Floats = on_grid(patience).take(self._draft.people.cohort.take(in_bed))
        days[: self._in.admitted.size] = np.inf
        return days

    def _entered(self, in_bed: Who) -> Floats:
        """When people came in who are in already."""
        entered = np.full(in_bed.size, np.nan)
        entered[: self._in.admitted.size] = -on_grid(self._in.elapsed.take(self._in.admitted))
        return entered

    def _draw_need(self) -> Floats:
        """Days until people are ready to leave the setting they came to; first of those who are in already."""
        draft, people, come = self._draft, self._draft.people, self._come
        kind = draft.kinds(self.needed)[self._in.size :]
        need = stays_of_cohorts(draft.scenario).draw(kind, people.uniform("stay", come))
        lives = np.array([path.kind != "death" for path in draft.pathways])
        for name, setting in draft.scenario.settings.items():
            if setting.board_rounds is not None:
                there = np.array([one.setting == name for one in draft.cohorts])
                seen = np.flatnonzero((there[:, None] & lives).ravel().take(kind))
                who, days = come.take(seen), need.take(seen)
                fit = people.arrival.take(who) + days
                need[seen] = days + declaring_wait(setting.board_rounds, draft.scenario, people, fit, who)
        return on_grid(np.concatenate([self._in.total.take(self._in.admitted), need]))

    def _prescribe(self) -> tuple[Rows, Who, Floats]:
        """The pathway each person is sent to; those sent too high whom a review finds, and after how many days."""
        draft, people = self._draft, self._draft.people
        sent = self.needed.copy()
        who_found: list[Who] = [self._come[:0]]
        after = [np.empty(0)]
        for code, pathway in enumerate(draft.pathways):
            wrong = pathway.over_prescribed
            if wrong is None or wrong.share == 0:
                continue
            who = self._in.size + np.flatnonzero(self.needed[self._in.size :] == code)
            who = who[people.uniform("over_prescribed", who) < wrong.share]
            sent[who] = draft.layout.pathways[wrong.to]
            if wrong.found_after_days is not None:
                found = who[people.uniform("over_prescribed/found", who) < wrong.found]
                who_found.append(found)
                after.append(wrong.found_after_days.quantile(people.uniform("over_prescribed/when", found)))
        return sent, np.concatenate(who_found), np.concatenate(after)


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
    shares = np.array([[c.pathways.get(name, 0.0) for name in draft.layout.pathways] for c in draft.cohorts])
    edges = np.cumsum(shares, axis=1)
    # Shares sum to 1 but for rounding: nobody may land on a pathway of share 0.
    edges[edges >= edges[:, -1:]] = np.inf
    return dealt(people.uniform("pathway"), people.cohort, edges)
