"""Onward stays: where people go from the hospital, how long they stay there, and where they go after that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Floats, Rows
from dischargesim.scenario.journeys import Destination, Review


@dataclass(frozen=True, slots=True)
class Reserved:
    """Rows of stays that are numbered, and the block in which their columns may still be changed.

    Attributes
    ----------
    who : ndarray of int
        Rows of the people.
    rows : ndarray of int32
    block : dict
    aid : Reserved or None
        The same stays in another locality, which is asked when the wait is too long.
    aid_after : float
        Days after which it is.
    """

    who: Who
    rows: Rows
    block: dict[str, Any]
    aid: Reserved | None = None
    aid_after: float = np.inf


def aid_rows(size: int, reserved: list[Reserved]) -> Rows:
    """First stay of each person in another locality, `NONE` where there is no mutual aid."""
    rows = np.full(size, NONE, dtype=np.int32)
    for one in reserved:
        if one.aid is not None:
            rows[one.who] = one.aid.rows
    return rows


@dataclass(frozen=True, slots=True)
class Cut:
    """An onward stay that a review ends early. One row a person, of everybody in the draft.

    Attributes
    ----------
    after : ndarray of float64
        Days in the setting until it ends, inf for not at all.
    then : ndarray of int32
        Stay that follows instead.
    """

    after: Floats
    then: Rows


@dataclass(frozen=True, slots=True)
class Inside:
    """How far people have come who are in a setting when the run starts.

    Attributes
    ----------
    total : ndarray of float64
        Whole length of the stay, days.
    step : int
        The step they are in, of a stay whose support tapers.
    elapsed : ndarray of float64
        Days since they entered this step.
    tasks_done : bool
        Nothing is left to be done before they can leave the setting.
    """

    total: Floats
    step: int
    elapsed: Floats
    tasks_done: bool


@dataclass(frozen=True, slots=True)
class _Written:
    """A stay that is worked out and can be written, in one place or in several."""

    who: Who
    pathway: int
    path: str
    steps: list[tuple[Who, Rows, Floats]]
    after: Rows
    option: Destination
    draws_attribution: bool


class Onward:
    """Writer of the stays after the hospital.

    Parameters
    ----------
    draft : Draft
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def write(self, who: Who, pathway: Rows, prefix: str, cut: Cut | None = None) -> tuple[Rows, list[Reserved]]:
        """Write what follows the hospital stay.

        Parameters
        ----------
        who : ndarray of int
            Rows of the people, ascending.
        pathway : ndarray of int32
            Pathway of each.
        prefix : str
            Of the streams.
        cut : Cut, optional
            Reviews that end the first onward stay early.

        Returns
        -------
        ndarray of int32, list of Reserved
            The first onward stay of each person, `NONE` for those who go home without support; and the same
            stays as blocks.
        """
        rows = np.full(who.size, NONE, dtype=np.int32)
        reserved: list[Reserved] = []
        for name, code in self._draft.layout.pathways.items():
            options = self._draft.scenario.pathways[name].next
            chosen = np.flatnonzero(pathway == code) if options else np.empty(0, dtype=np.intp)
            if chosen.size:
                rows[chosen], blocks = self._choose(options, who[chosen], code, f"{prefix}{name}", cut)
                reserved += blocks
        return rows, reserved

    def _choose(
        self, options: dict[str, Destination], who: Who, pathway: int, path: str, cut: Cut | None = None
    ) -> tuple[Rows, list[Reserved]]:
        """Send each person to one of several destinations, or home with the share left over."""
        rows = np.full(who.size, NONE, dtype=np.int32)
        reserved: list[Reserved] = []
        edges = np.concatenate([[0.0], np.cumsum([option.share for option in options.values()])])
        # Shares that should sum to 1 may fall short of it by rounding.
        edges[np.abs(edges - 1) < 1e-9] = 1.0
        u = np.zeros(who.size) if edges[1] == 1 else self._draft.people.uniform(f"onward/{path}", who)
        for (key, option), low, high in zip(options.items(), edges[:-1], edges[1:], strict=True):
            chosen = np.flatnonzero((u >= low) & (u < high))
            if chosen.size:
                block = self.destination(option, key, who[chosen], pathway, f"{path}/{key}", cut)
                rows[chosen] = block.rows
                reserved.append(block)
        return rows, reserved

    def destination(
        self,
        option: Destination,
        key: str,
        who: Who,
        pathway: int,
        path: str,
        cut: Cut | None = None,
        inside: Inside | None = None,
    ) -> Reserved:
        """Write the stays in one destination, and what comes after it.

        Parameters
        ----------
        option : Destination
        key : str
            Its key, which names its setting unless it names one itself.
        who : ndarray of int
        pathway : int
        path : str
            Keys from the pathway to here, for the streams.
        cut : Cut, optional
        inside : Inside, optional
            For people who are there when the run starts.

        Returns
        -------
        Reserved
            The first of the stays.
        """
        draft, people = self._draft, self._draft.people
        total = inside.total if inside else option.stay_days.quantile(people.uniform(f"onward/{path}/stay", who))
        after = np.full(who.size, NONE, dtype=np.int32)
        if option.next:
            after, _ = self._choose(option.next, who, pathway, path)
        if cut is not None:
            shortened = cut.after[who] < total
            total = np.where(shortened, cut.after[who], total)
            after = np.where(shortened, cut.then[who], after)
        steps = self._steps(option, who, path, total)
        if inside is not None:
            steps = steps[inside.step :]
        elif option.review is not None:
            steps = self._reviewed(option.review, who, path, steps)
        setting = option.setting or key
        draws_attribution = bool(option.next or option.tasks or pathway in draft.assessed)
        written = _Written(who, pathway, path, steps, after, option, draws_attribution)
        tasks = not (inside is not None and inside.tasks_done)
        aid_after = draft.scenario.settings[setting].mutual_aid_after_days
        first = self._write(written, draft.place(setting, who), tasks)
        if inside is not None:
            first.block["entered"] = -on_grid(inside.elapsed)
            return first
        others = len(draft.scenario.localities) - 1
        if aid_after is None or others < 1:
            return first
        u = people.uniform(f"onward/{path}/mutual_aid", who)
        elsewhere = (draft.locality[who] + 1 + (u * others).astype(np.int32)) % (others + 1)
        aid = self._write(written, draft.layout.place(setting, elsewhere), tasks)
        after_days = float(on_grid(np.array(aid_after)))
        first.block.update(patience=after_days, refusal=Refusal.MUTUAL_AID, otherwise=aid.rows)
        return replace(first, aid=aid, aid_after=after_days)

    def _write(self, stay: _Written, place: int | Rows, tasks: bool) -> Reserved:
        """Write the steps of a stay in one place; the first of them."""
        draft, option, who = self._draft, stay.option, stay.who
        reserved = [Reserved(who[some], *draft.stays.reserve(some.size)) for some, _, _ in stay.steps]
        following, last = stay.after.copy(), stay.after.copy()
        for (some, _, _), step in zip(stay.steps, reserved, strict=True):
            last[some] = step.rows
        for (some, units, need), step in zip(reversed(stay.steps), reversed(reserved), strict=True):
            step.block.update(
                person=draft.first_person + step.who,
                setting=place if isinstance(place, int) else place[some],
                units=units,
                need=on_grid(need),
                priority=draft.rank(step.who, stay.pathway),
                next=following[some],
                label=Label.ONWARD if step is reserved[0] else Label.TAPER,
                pathway=stay.pathway,
                spell=reserved[0].rows[some],
                permanent=int(option.permanent),
            )
            if stay.draws_attribution:
                step.block["attribution"] = draft.people.uniform(f"onward/{stay.path}/attribution", step.who)
            following[some] = step.rows
        if option.tasks and tasks:
            # They stand on the last step: they keep people from leaving the setting, and no support from tapering.
            draft.add_tasks(who, last, stay.pathway, option.tasks, f"onward/{stay.path}/")
        return reserved[0]

    def _steps(self, option: Destination, who: Who, path: str, total: Floats) -> list[tuple[Who, Rows, Floats]]:
        """Steps of the support: which of the people make each, their units, and how long it lasts.

        Everybody makes the first step.
        """
        everyone = np.arange(who.size)
        if option.visits is None:
            u = self._draft.people.uniform(f"onward/{path}/units", who) if option.units.kind != "constant" else 0.5
            units = np.maximum(np.ceil(option.units.quantile(np.broadcast_to(u, who.shape)) - 1e-9), 1).astype(np.int32)
            return [(everyone, units, total)]
        each = total / option.visits.steps
        return [(everyone, np.full(who.size, n, dtype=np.int32), each) for n in option.visits.units]

    def _reviewed(
        self, review: Review, who: Who, path: str, steps: list[tuple[Who, Rows, Floats]]
    ) -> list[tuple[Who, Rows, Floats]]:
        """The same steps with fewer units after the review, for those who are found to have more than they need."""
        people = self._draft.people
        found = people.uniform(f"onward/{path}/review/finds", who) < review.finds
        when = review.after_days.quantile(people.uniform(f"onward/{path}/review/when", who))
        when = np.where(found, when, np.inf)
        out: list[tuple[Who, Rows, Floats]] = []
        begun = np.zeros(who.size)
        for everyone, units, need in steps:
            fewer = np.maximum(np.rint(units * (1 - review.saves)), 1).astype(np.int32)
            before = np.clip(when - begun, 0, need)
            # A review within the step splits it in two for those concerned; who has had it before goes on with fewer.
            out.append((everyone, np.where(before > 0, units, fewer), np.where(before > 0, before, need)))
            split = np.flatnonzero((before > 0) & (before < need))
            if split.size:
                out.append((split, fewer[split], (need - before)[split]))
            begun = begun + need
        return out
