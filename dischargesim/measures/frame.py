"""The window of a run, and the stays seen through it: what every measure starts from.

A day is counted from midnight to midnight: what happens at `start` is in the window, what happens at `end` is not.
A person counts at midnight ``t`` if ``entered <= t < left``; the counted midnights are those that *end* the counted
days: ``start + 1`` up to and including ``end``. What has not happened by the end of the run is put just after its
last midnight.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dischargesim.loops import loop
from dischargesim.measures.columns import StayColumns, indices, one_type
from dischargesim.measures.facts import Bools, Facts, Floats, Indices, Ints
from dischargesim.measures.splits import Kinds, people_by_kind
from dischargesim.plan.tables import NONE, Counts, Plan, Times
from dischargesim.scenario.schema import Scenario


def ratio(above: ArrayLike, below: ArrayLike) -> Floats:
    """`above` divided by `below`; NaN where `below` is 0."""
    bottom = np.asarray(below, dtype=np.float64)
    quotient: Floats = np.asarray(above, dtype=np.float64) / np.where(bottom == 0, np.nan, bottom)
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

    Loops over rows work out the same as these methods do, in place: whether ``start <= t < end``; `clip` as
    ``max(start, min(end, t))``, `column` as ``ceil(max(0.0, min(days, t - start - 1)))``. In this order of its
    arguments `min` takes the bound for NaN.
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


def cumulated(change: Ints, days: int) -> Floats:
    """Rows counted at each midnight, from the changes that a loop wrote down.

    Parameters
    ----------
    change : ndarray of int, groups x (days + 1), in one dimension
        For each group and column (`Window.column`): the rows that count from there on, less those that no longer do.
    days : int

    Returns
    -------
    ndarray, groups x days
    """
    return change.reshape(-1, days + 1).cumsum(axis=1)[:, :days].astype(np.float64)


def grouped_median(values: Floats, group: Ints, groups: int, nothing: ArrayLike = 0) -> Floats:
    """Median of the values of each group, NaN for a group without any.

    Parameters
    ----------
    values : ndarray of float
    group : ndarray of int
        Group of each value, below `groups`.
    groups : int
    nothing : int or ndarray of int, one a group
        Further values, all of them 0.
    """
    number = np.bincount(group, minlength=groups)
    first = np.cumsum(number) - number
    gathered = np.empty(values.size)
    _gather(values, group, first.copy(), gathered)
    zeros = np.broadcast_to(nothing, groups)
    return np.array([median(gathered[a : a + n], z) for a, n, z in zip(first, number, zeros, strict=True)])


@loop
def _gather(values: Floats, group: Ints, place: Counts, gathered: Floats) -> None:
    """Put values together by their group, given the place of the first of each group."""
    for row in range(len(values)):
        gathered[place[group[row]]] = values[row]
        place[group[row]] += 1


def median(values: Floats, zeros: int = 0) -> float:
    """Median of values, none below 0, and so many zeros; NaN without any."""
    if values.size + zeros == 0:
        return np.nan
    high = (values.size + zeros) // 2 - zeros
    low = (values.size + zeros - 1) // 2 - zeros
    if high < 0:
        return 0.0
    ranked = np.sort(values)
    return float((ranked[low] if low >= 0 else 0.0) + ranked[high]) / 2


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
    them out, so that no measure looks at them. All lists ascend.

    Attributes
    ----------
    scenario, plan, times, facts, window
        What is measured.
    kinds : Kinds
        Cohort, age band, deprivation and locality of each person.
    stays : StayColumns
        What was planned for the stays, what came of it, and what each was left for.
    placed, refused : ndarray of int
        Rows of the stays that somebody was given a place for; that were refused.
    acute, delayed : ndarray of int
        Of `placed`, those in acute beds; those in acute or other hospital beds that people became ready to leave alive.
        Stays that fail to avoid an admission are on no pathway, and so not in `delayed`.
    overnight : ndarray of int
        Of `delayed`, those whose delay lasts past a counted midnight: a quarter of them, with nearly all delayed time.
    waited : ndarray of int
        Rows of the stays that were asked for, and neither begun nor refused at once.
    asks : ndarray of int
        Rows of the stays asked for in the window by people who were not in at the start, and not refused at once.
    given_up, given_up_from : ndarray of int
        Every stay that was refused to somebody who held a place, and the stay they held.
    first_task : ndarray of int, one a stay
        Row of its first task; the number of all tasks if it has none.
    arrived : ndarray of float, one a day
        People who came on each counted day, without those who are in at the start.
    """

    scenario: Scenario
    plan: Plan
    times: Times
    facts: Facts
    window: Window
    kinds: Kinds
    stays: StayColumns
    placed: Indices
    refused: Indices
    acute: Indices
    delayed: Indices
    overnight: Indices
    waited: Indices
    asks: Indices
    given_up: Indices
    given_up_from: Indices
    first_task: Indices
    arrived: Floats

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
        stays, rows = StayColumns.of(plan, times), plan.stays.person.size
        lists = [np.empty(rows, dtype=np.uint32) for _ in range(7)]
        sizes = _list_stays(stays, facts.care, facts.discharge, window.start, window.end, window.days, *lists)
        placed, refused, acute, delayed, overnight, waited, asks = (
            one[:size] for one, size in zip(lists, sizes, strict=True)
        )
        goes_on, given_up, given_up_from = np.empty((3, rows), dtype=np.uint32)
        number = _follow(placed, stays, goes_on, given_up, given_up_from)
        kinds, tasks = people_by_kind(facts, plan.people), plan.tasks.stay
        first_task = np.full(rows, tasks.size, dtype=np.uint32)
        _find_first(indices(tasks), first_task)
        arrived, people = np.zeros(facts.days), plan.people
        _count_arrivals(one_type(people.arrival), indices(people.first), stays, window.start, window.end, arrived)
        return cls(
            scenario=plan.scenario,
            plan=plan,
            times=times,
            facts=facts,
            window=window,
            kinds=kinds,
            stays=stays,
            placed=placed,
            refused=refused,
            acute=acute,
            delayed=delayed,
            overnight=overnight,
            waited=waited,
            asks=asks,
            given_up=given_up[:number],
            given_up_from=given_up_from[:number],
            first_task=first_task,
            arrived=arrived,
        )


@loop
def _list_stays(
    stays: StayColumns,
    care: Ints,
    discharge: Bools,
    start: float,
    end: float,
    days: int,
    placed: Indices,
    refused: Indices,
    acute: Indices,
    delayed: Indices,
    overnight: Indices,
    waited: Indices,
    asks: Indices,
) -> tuple[int, int, int, int, int, int, int]:
    """Write the lists of rows of a `Frame`, and say how long each of them is.

    A row is written on every list, and the next one goes over it where it does not belong: a processor is quicker to
    do so than to ask, as it has to guess the answer.
    """
    n_placed, n_refused, n_acute, n_delayed, n_overnight, n_waited, n_asks = 0, 0, 0, 0, 0, 0, 0
    for row in range(len(stays.setting)):
        asked, granted, entered = stays.asked[row], stays.granted[row], stays.entered[row]
        ready, left, gave_up, was_in = stays.ready[row], stays.left[row], stays.refused[row], stays.was_in[row]
        kind = care[stays.setting[row]]
        here = (granted == granted) & (not left < start)
        late = here & (kind >= 0) & (ready == ready) & discharge[stays.pathway[row]]
        first = ceil(max(0.0, min(days, ready - start - 1)))
        past = ceil(max(0.0, min(days, left - start - 1)))
        open_ = (asked == asked) & (not ((entered < start) | (gave_up < start)))
        placed[n_placed] = row
        n_placed += here
        refused[n_refused] = row
        n_refused += gave_up >= start
        acute[n_acute] = row
        n_acute += here & (kind == 0)
        delayed[n_delayed] = row
        n_delayed += late
        overnight[n_overnight] = row
        n_overnight += late & (past > first)
        waited[n_waited] = row
        n_waited += open_ & (not ((entered <= asked) | (gave_up <= asked)))
        asks[n_asks] = row
        n_asks += open_ & (was_in != was_in) & (start <= asked) & (asked < end) & (gave_up != asked)
    return n_placed, n_refused, n_acute, n_delayed, n_overnight, n_waited, n_asks


@loop
def _follow(placed: Indices, stays: StayColumns, goes_on: Indices, given_up: Indices, given_up_from: Indices) -> int:
    """Write what each stay was left for, what ended it otherwise, what was asked for from a place, who refused what.

    `goes_on` is room to list the stays after which another is planned.
    """
    some, number = 0, 0
    for held in placed:
        goes_on[some] = held
        some += stays.next[held] != NONE
    for held in goes_on[:some]:
        target = stays.next[held]
        while target != NONE:
            stays.from_place[target] = True
            entered, refused = stays.entered[target], stays.refused[target]
            if entered == entered:
                stays.into[held] = target
            if refused != refused:
                break
            given_up[number] = target
            given_up_from[number] = held
            number += 1
            if stays.otherwise[target] == NONE:
                stays.last_refusal[held] = stays.refusal[target]
            target = stays.otherwise[target]
    return number


@loop
def _find_first(stay_of_task: Indices, first_task: Indices) -> None:
    """Write the first task of each stay, by which tasks are sorted."""
    for task in range(len(stay_of_task) - 1, -1, -1):
        first_task[stay_of_task[task]] = task


@loop
def _count_arrivals(
    arrival: Floats, first_stay: Indices, stays: StayColumns, start: float, end: float, arrived: Floats
) -> None:
    """Count who comes on each counted day, without those who are in at the start."""
    for person in range(len(arrival)):
        came, was_in = arrival[person], stays.was_in[first_stay[person]]
        if start <= came < end and was_in != was_in:
            arrived[int(came - start)] += 1
