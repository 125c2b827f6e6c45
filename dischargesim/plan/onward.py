"""Onward stays: where people go from the hospital, how long they stay there, and where they go after that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.grouping import by_group, dealt
from dischargesim.plan.streams import Keys, derived_keys, on_grid, own_uniforms
from dischargesim.plan.support import Step, steps_of
from dischargesim.plan.tables import NONE, Floats, Rows
from dischargesim.plan.travellers import Travellers
from dischargesim.plan.work import Holders, Work
from dischargesim.scenario.journeys import Destination

Which = Who


@dataclass(frozen=True, slots=True)
class Inside:
    """People who are in a setting after the hospital when the run starts, at one point of a journey.

    Attributes
    ----------
    who : ndarray of int
        Rows of the people, those who become ready first in front.
    total : ndarray of float64
        Whole length of the stay, days.
    step : ndarray of int
        The step of their support they are in.
    elapsed : ndarray of float64
        Days since they entered it.
    to_do : ndarray of bool
        Tasks are left to be done before they can leave the setting.
    """

    who: Who
    total: Floats
    step: Rows
    elapsed: Floats
    to_do: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class First:
    """The first onward stays of those who take one turning, as the block in which they may still be changed.

    Attributes
    ----------
    which : ndarray of int
        The travellers, behind people who were in the first step of the stay when the run started, for whom it says
        `NONE`.
    block : dict
        Columns of their rows.
    aid, aid_rows : dict, ndarray of int32, or None
        The same stays in another locality, which is asked when the wait is too long.
    aid_after : float
        Days after which it is.
    """

    which: Which
    block: dict[str, Any]
    aid: dict[str, Any] | None = None
    aid_rows: Rows | None = None
    aid_after: float = np.inf


@dataclass(frozen=True, slots=True)
class _Guests:
    """Those who have a stay at one point of a journey: first people who are there when the run starts."""

    who: Who
    keys: Keys
    ends: Rows
    inside: Inside | None = None

    @property
    def there(self) -> int:
        """How many are there when the run starts."""
        return 0 if self.inside is None else self.inside.who.size


class Onward:
    """Writer of the stays after the hospital.

    Parameters
    ----------
    draft : Draft
    work : Work
    inside : mapping of tuple of str to Inside
        By the keys from the pathway to the point where they are.
    """

    def __init__(self, draft: Draft, work: Work, inside: Mapping[tuple[str, ...], Inside]) -> None:
        self._draft = draft
        self._work = work
        self._inside = inside
        # Points on the way to someone who is there, which are gone to even if nobody else does.
        self._before = {path[:count] for path in inside for count in range(1, len(path) + 1)}
        self._cut_to_be_linked: list[Rows] = []
        self.first_inside: Rows = np.full(draft.people.size, NONE, dtype=np.int32)
        """The stay that each person is in, of those who are somewhere after the hospital when the run starts."""

    def write(self, travellers: Travellers) -> tuple[Rows, Rows, list[First]]:
        """Write everything that follows hospital stays.

        Parameters
        ----------
        travellers : Travellers

        Returns
        -------
        rows, aid : ndarray of int32, one a traveller
            The first onward stay, `NONE` for those who go home without support; and the same in another locality,
            `NONE` where there is no mutual aid.
        first : list of First
            The same stays as blocks.
        """
        rows = np.full(travellers.size, NONE, dtype=np.int32)
        aid = rows.copy()
        found: list[First] = []
        for name, code in self._draft.layout.pathways.items():
            options = self._draft.scenario.pathways[name].next
            if not options:
                continue
            here = travellers.on[code]
            keys = travellers.keys.take(here)
            for (key, option), chosen in self._turnings(options, (name,), keys, travellers.towards.take(here)):
                which = here.take(chosen)
                guests = _Guests(travellers.who.take(which), keys.take(chosen), travellers.ends.take(which))
                cut = (travellers.cut_after.take(which), travellers.cut_to.take(which))
                its_rows, one = self._stay(option, code, (name, key), guests, which, cut)
                rows[which] = its_rows
                if one.aid_rows is not None:
                    aid[which] = one.aid_rows
                found.append(one)
        for following in self._cut_to_be_linked:
            linked = np.flatnonzero(following < NONE)
            whose = -2 - following.take(linked)
            following[linked] = np.where(rows.take(whose) == NONE, travellers.ends.take(whose), rows.take(whose))
        return rows, aid, found

    def _turnings(
        self, options: dict[str, Destination], path: tuple[str, ...], keys: Keys, towards: Rows | None = None
    ) -> list[tuple[tuple[str, Destination], Which]]:
        """Who takes each of several turnings; those left over go home. Turnings that nobody takes are left out."""
        edges = np.cumsum([option.share for option in options.values()] + [np.inf])
        # Shares that should sum to 1 may fall short of it by rounding.
        edges[np.abs(edges - 1) < 1e-9] = 1.0
        choice = np.zeros(keys.size, dtype=np.int32)
        if edges[0] != 1:
            choice = dealt(own_uniforms(keys, _stream(path)), choice, edges[np.newaxis])
        if towards is not None:
            choice = np.where(towards == NONE, choice, towards)
        taken = zip(options.items(), by_group(choice, edges.size), strict=False)  # the last group goes home
        return [one for one in taken if one[1].size or (*path, one[0][0]) in self._before]

    def _stay(
        self,
        option: Destination,
        pathway: int,
        path: tuple[str, ...],
        come: _Guests,
        which: Which,
        cut: tuple[Floats, Rows] | None = None,
    ) -> tuple[Rows, First]:
        """Write the stays in one destination and all that comes after: the first of those who come, and its block."""
        draft, stream = self._draft, _stream(path)
        guests = self._with_those_inside(path, come)
        there = guests.there
        total = option.stay_days.quantile(own_uniforms(come.keys, f"{stream}/stay"))
        if guests.inside is not None:
            total = np.concatenate([guests.inside.total, total])
        after = np.full_like(guests.ends, NONE) if option.permanent else guests.ends.copy()
        if option.next:
            for (key, following), chosen in self._turnings(option.next, path, guests.keys):
                some = _Guests(guests.who.take(chosen), guests.keys.take(chosen), guests.ends.take(chosen))
                after[chosen], _ = self._stay(following, pathway, (*path, key), some, chosen)
        if cut is not None:
            shortened = there + np.flatnonzero(cut[0] < total[there:])
            total[shortened] = cut[0][shortened - there]
            # Where they go then is known when everything is written: a number below NONE says whom they follow.
            after[shortened] = -2 - cut[1][shortened - there]
        steps = steps_of(option, stream, guests.keys, total, None if guests.inside is None else guests.inside.step)
        setting = option.setting or path[-1]
        block, first = self._write(option, pathway, path, guests, steps, after, draft.place(setting, guests.who))
        if guests.inside is not None:
            self.first_inside[guests.inside.who] = first[:there]
            # Of those who are there already, the ones in a later step have no row in the block of the first.
            which = np.concatenate([np.full(np.count_nonzero(guests.inside.step == 0), NONE), which])
        aid_after, others = draft.scenario.settings[setting].mutual_aid_after_days, len(draft.scenario.localities) - 1
        if aid_after is None or others < 1:
            return first[there:], First(which, block)
        u = own_uniforms(come.keys, f"{stream}/mutual_aid")
        elsewhere = (draft.locality.take(come.who) + 1 + (u * others).astype(np.int32)) % (others + 1)
        if there:
            steps = steps_of(option, stream, come.keys, total[there:], None)
        place = draft.layout.place(setting, lambda: elsewhere)
        aid, aid_rows = self._write(option, pathway, path, come, steps, after[there:], place)
        comes = which != NONE
        otherwise = np.full(which.size, NONE, dtype=np.int32)
        otherwise[comes] = aid_rows
        after_days = float(on_grid(np.array(aid_after)))
        block.update(
            patience=np.where(comes, after_days, np.inf),
            refusal=np.where(comes, Refusal.MUTUAL_AID, Refusal.NONE),
            otherwise=otherwise,
        )
        return first[there:], First(which, block, aid, aid_rows, after_days)

    def _with_those_inside(self, path: tuple[str, ...], come: _Guests) -> _Guests:
        """Those who come, behind those who are at this point of the journey when the run starts."""
        inside = self._inside.get(path)
        if inside is None:
            return come
        return _Guests(
            np.concatenate([inside.who, come.who]),
            np.concatenate([self._draft.people.keys(inside.who), come.keys]),
            np.concatenate([np.full(inside.who.size, NONE, dtype=np.int32), come.ends]),
            inside,
        )

    def _write(
        self,
        option: Destination,
        pathway: int,
        path: tuple[str, ...],
        guests: _Guests,
        steps: list[Step],
        after: Rows,
        place: int | Rows,
    ) -> tuple[dict[str, Any], Rows]:
        """Write the steps of the stays in one place: the block of the first step, and the row of everybody's first."""
        draft, inside, size = self._draft, guests.inside, guests.who.size
        reserved = [draft.stays.reserve(step.which.size) for step in steps]
        first, last = np.full(size, NONE, dtype=np.int32), after.copy()
        begins = []
        for step, (rows, _) in zip(steps, reserved, strict=True):
            begins.append(first.take(step.which) == NONE)
            first[step.which] = np.where(begins[-1], rows, first.take(step.which))
            last[step.which] = rows
        following = after.copy()
        for step, (rows, block), begin in zip(reversed(steps), reversed(reserved), reversed(begins), strict=True):
            some = step.which
            who = guests.who.take(some)
            block.update(
                person=who,
                setting=place if isinstance(place, int) else place.take(some),
                units=step.units,
                need=on_grid(step.days),
                priority=draft.rank(who, pathway),
                next=following.take(some),
                label=np.where(begin, np.int32(Label.ONWARD), np.int32(Label.TAPER)),
                pathway=pathway,
                spell=first.take(some),
                permanent=int(option.permanent),
            )
            waits = bool(option.next or option.tasks or pathway in draft.assessed)
            cut = np.flatnonzero(block["next"] < NONE)
            if waits or cut.size:
                u = own_uniforms(guests.keys.take(some), f"{_stream(path)}/attribution")
                # Whom a review sends on waits for the next place too.
                block["attribution"] = u if waits else np.where(block["next"] < NONE, u, 0.5)
            if inside is not None:
                entered = np.full(some.size, np.nan)
                in_now = np.flatnonzero(begin[: np.searchsorted(some, guests.there)])
                entered[in_now] = -on_grid(inside.elapsed.take(some.take(in_now)))
                block["entered"] = entered
            if cut.size:
                self._cut_to_be_linked.append(block["next"])
            following[some] = rows
        if option.tasks:
            self._write_tasks(path, pathway, guests, last)
        return reserved[0][1], first

    def _write_tasks(self, path: tuple[str, ...], pathway: int, guests: _Guests, last: Rows) -> None:
        """Tasks before the setting can be left: on the last step, since they keep no support from tapering."""
        inside = guests.inside
        some: Which = np.arange(guests.who.size)
        if inside is not None:
            some = np.concatenate([np.flatnonzero(inside.to_do), some[guests.there :]])
        keys = derived_keys(guests.keys.take(some), _stream(path) + "/")
        self._work.write(path, Holders(guests.who.take(some), keys, pathway, last.take(some)))


def _stream(path: tuple[str, ...]) -> str:
    """Name of the stream of numbers of people at a point of their journey."""
    return "onward/" + "/".join(path)
