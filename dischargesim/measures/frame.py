"""The window of a run, and the stays seen through it: what every measure starts from.

A day is counted from midnight to midnight: what happens at `start` is in the window, what happens at `end` is not.
A person counts at midnight ``t`` if ``entered <= t < left``; the counted midnights are those that *end* the counted
days: ``start + 1`` up to and including ``end``. What has not happened by the end of the run is put just after its
last midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dischargesim.measures.facts import Bools, Facts, Floats, Ints
from dischargesim.measures.splits import Split, people_by_group
from dischargesim.plan.tables import NONE, Plan, Times


@cache
def keep_memory() -> None:
    """Keep memory that was freed, for the next arrays.

    glibc hands blocks of more than 128 KiB back to the system when they are freed, and takes them anew page by page,
    which costs a quarter of the time of measuring a year. Having freed one large block, it keeps smaller ones.
    """
    np.empty(30 * 2**20, dtype=np.uint8)


def ratio(above: ArrayLike, below: ArrayLike) -> NDArray[np.float64]:
    """`above` divided by `below`; NaN where `below` is 0."""
    top, bottom = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    quotient = np.full(np.broadcast(top, bottom).shape, np.nan)
    np.divide(top, bottom, out=quotient, where=bottom != 0)
    return quotient


def tally(group: Ints, groups: int, weight: NDArray[Any] | None = None) -> Floats:
    """Number of rows, or sum of their weights, in each group."""
    return np.bincount(group, weight, groups).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True)
class Window:
    """The counted days of a run.

    Attributes
    ----------
    start, end : float
        Days since the start of the plan.
    days : int
        How many.
    """

    start: float
    end: float
    days: int

    def holds(self, t: Floats) -> Bools:
        """Whether each moment lies in the window; NaN does not."""
        return (t >= self.start) & (t < self.end)

    def clip(self, t: Floats) -> Floats:
        """Moments moved into the window, so that differences count only what lies in it; NaN is the end."""
        late = np.fmin(t, self.end)
        return np.maximum(late, self.start, out=late)

    def column(self, t: Floats) -> Ints:
        """The first counted midnight at or after each moment, as a column 0 to `days`; NaN is after the last.

        The difference of two columns is the number of counted midnights in between.
        """
        late = np.fmin(t, self.end + 1)
        np.maximum(late, self.start + 1, out=late)
        np.ceil(late, out=late)
        return (late - (self.start + 1)).astype(np.intp)

    def day(self, t: Floats) -> Ints:
        """The counted day of moments that lie in the window."""
        return (t - self.start).astype(np.intp)


def at_midnights(
    group: Ints, groups: int, first: Ints, past: Ints, days: int, weight: NDArray[Any] | None = None
) -> Floats:
    """Count rows at each midnight.

    Parameters
    ----------
    group : ndarray of int
        Group of each row, below `groups`.
    groups : int
    first, past : ndarray of int
        Columns of the first midnight at which a row counts and of the first at which it no longer does.
    days : int
        Number of midnights.
    weight : ndarray, optional
        What a row counts, instead of 1.

    Returns
    -------
    ndarray, groups x days
    """
    size, base = groups * (days + 1), group * (days + 1)
    change = np.bincount(base + first, weight, size) - np.bincount(base + past, weight, size)
    return change.reshape(groups, days + 1).cumsum(axis=1)[:, :days].astype(np.float64)


def grouped_median(values: Floats, group: Ints, groups: int) -> Floats:
    """Median of the values of each group, NaN for a group without any.

    Times lie on a grid of 2**-20 days, so they are sorted as whole numbers together with their group, which is
    quicker than a median for each.
    """
    # Most waits are none at all, and need no sorting.
    some = np.flatnonzero(values > 0)
    group_some = group.take(some)
    key = (group_some.astype(np.int64) << 44) + (values.take(some) * 2.0**20).astype(np.int64)
    key.sort()
    count, positive = np.bincount(group, minlength=groups), np.bincount(group_some, minlength=groups)
    first, zeros = np.cumsum(positive) - positive, count - positive

    def ranked(rank: Ints) -> Floats:
        value = key[np.minimum(first + np.maximum(rank - zeros, 0), key.size - 1)] if key.size else rank
        return np.where(rank < zeros, 0.0, (value & ((1 << 44) - 1)) / 2.0**20)

    return np.where(count > 0, (ranked((count - 1) // 2) + ranked(count // 2)) / 2, np.nan)


def with_wholes(values: Floats, wholes: tuple[Ints, ...]) -> Floats:
    """Values of pools, followed by the sums over the pools that one setting or team is split into.

    Parameters
    ----------
    values : ndarray, pools x anything
    wholes : tuple of ndarray of int
        Pools of each setting or team that is split.
    """
    if not wholes:
        return values
    return np.concatenate([values, [values[pools].sum(axis=0) for pools in wholes]])


@dataclass(frozen=True, slots=True)
class Frame:
    """A plan, its times, and what is worked out once for all measures.

    Many rows of a plan are stays that never come about, or are over before the window begins; the lists of rows leave
    them out, so that no measure looks at them.

    Attributes
    ----------
    plan, times, facts, window
        What is measured.
    everyone : Split
        Cohort, age band, deprivation and locality of each person.
    placed, refused : ndarray of int
        Rows of the stays that somebody was given a place for; that were refused.
    acute, delayed : ndarray of int
        Of `placed`, those in acute beds; those in acute or other hospital beds that people became ready to leave alive.
        Stays that fail to avoid an admission are on no pathway, and so not in `delayed`.
    overnight : ndarray of int
        Of `delayed`, those whose delay lasts past a counted midnight: a quarter of them, with nearly all delayed time.
    asked, waited : ndarray of int
        Rows of the stays that were asked for; of these, those neither begun nor refused at once.
    asks : ndarray of int
        Of `asked`, those asked for in the window by people who were not in at the start, and not refused at once.
    into : ndarray of int, one a stay
        The stay that the person left this one for; `NONE` if they are still in or left for no other.
    last_refusal : ndarray of int, one a stay
        What ended a stay that was left for no other because patience ended (`codes.Refusal`), else 0.
    from_place : ndarray of bool, one a stay
        Whether whoever asked for it held a place.
    given_up, given_up_from : ndarray of int
        Every stay that was refused to somebody who held a place, and the stay they held.
    """

    plan: Plan
    times: Times
    facts: Facts
    window: Window
    everyone: Split
    placed: Ints
    refused: Ints
    acute: Ints
    delayed: Ints
    overnight: Ints
    asked: Ints
    waited: Ints
    asks: Ints
    into: Ints
    last_refusal: Ints
    from_place: Bools
    given_up: Ints
    given_up_from: Ints

    @classmethod
    def of(cls, plan: Plan, times: Times) -> Frame:
        """Look at a plan and its times.

        Raises
        ------
        ValueError
            If the plan does not say which scenario it came from, or its horizon is another.
        """
        if plan.scenario is None:
            raise ValueError("only a plan that was drawn from a scenario can be measured")
        facts = Facts.of(plan.scenario)
        window = Window(float(facts.warm_up), float(facts.warm_up + facts.days), facts.days)
        if plan.horizon != window.end:
            raise ValueError(f"the plan ends after {plan.horizon:g} days and its scenario after {window.end:g}")
        stays = plan.stays
        placed = np.flatnonzero((times.granted == times.granted) & ~(times.left < window.start))
        care = facts.care.take(stays.setting.take(placed))
        ready = times.ready.take(placed)
        delayed = placed.compress((care >= 0) & facts.discharge.take(stays.pathway.take(placed)) & (ready == ready))
        overnight = window.column(times.left.take(delayed)) > window.column(times.ready.take(delayed))
        settled = np.fmin(times.entered, times.refused)
        asked = np.flatnonzero((times.asked == times.asked) & ~(settled < window.start))
        asked_at = times.asked.take(asked)
        at_once = settled.take(asked) <= asked_at
        first_in = stays.entered.take(asked)
        asks = (first_in != first_in) & window.holds(asked_at) & (times.refused.take(asked) != asked_at)
        return cls(
            plan,
            times,
            facts,
            window,
            people_by_group(facts, plan.people),
            placed,
            np.flatnonzero(times.refused >= window.start),
            placed.compress(care == 0),
            delayed,
            delayed.compress(overnight),
            asked,
            asked.compress(~at_once),
            asked.compress(asks),
            *_follow(plan, times, placed),
        )


def _follow(plan: Plan, times: Times, placed: Ints) -> tuple[Ints, Ints, Bools, Ints, Ints]:
    """What each stay was left for, what ended it otherwise, what was asked for from a place, and who refused what."""
    stays, rows = plan.stays, plan.stays.person.size
    into = np.full(rows, NONE, dtype=np.intp)
    ended = np.zeros(rows, dtype=np.intp)
    from_place = np.zeros(rows, dtype=bool)
    held, target = placed, stays.next.take(placed)
    given_up, given_up_from = [held[:0]], [held[:0]]
    while held.size:
        some = target != NONE
        held, target = held.compress(some), target.compress(some).astype(np.intp)
        from_place[target] = True
        entered, refused = times.entered.take(target), times.refused.take(target)
        let_in = entered == entered
        into[held.compress(let_in)] = target.compress(let_in)
        again = refused == refused
        held, refused_row = held.compress(again), target.compress(again)
        given_up.append(refused_row)
        given_up_from.append(held)
        target = stays.otherwise[refused_row]
        gone = target == NONE
        ended[held[gone]] = stays.refusal[refused_row[gone]]
    return into, ended, from_place, np.concatenate(given_up), np.concatenate(given_up_from)


def arrivals(frame: Frame) -> Floats:
    """When people came, without those who are in at the start."""
    people = frame.plan.people
    entered = frame.plan.stays.entered[people.first]
    came: Floats = people.arrival[entered != entered]
    return came
