"""What holds in every run of every plan, reckoned from the times alone and slowly: a third account of the rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import inf, isclose, isnan
from typing import NamedTuple

import numpy as np

from dischargesim.plan.tables import FROM_READY, NONE, Plan, Times

ROUNDING = 1e-9


def broken(plan: Plan, times: Times) -> list[str]:
    """Everything that does not hold, in words; empty if all is well."""
    checks = (_in_order, _journeys, _capacity_of_settings, _nobody_idle, _tasks, _capacity_of_teams, _in_turn)
    return [problem for check in checks for problem in check(plan, times)]


def _in_order(plan: Plan, times: Times) -> Iterator[str]:
    """A stay's moments follow each other, within the horizon, and one that has not happened stops the rest."""
    for stay in range(plan.stays.person.size):
        names = ("asked", "granted", "entered", "ready", "cleared", "left")
        moments = [float(getattr(times, name)[stay]) for name in names]
        known = [moment for moment in moments if not isnan(moment)]
        if known != sorted(known) or any(moment > plan.horizon for moment in known):
            yield f"stay {stay}: {dict(zip(names, moments, strict=True))}"
        if any(isnan(before) and not isnan(after) for before, after in pairwise(moments[:4])):
            yield f"stay {stay}: something happened before what must come first, {moments}"
        if not isnan(times.refused[stay]) and not isnan(times.granted[stay]):
            yield f"stay {stay}: granted and refused"
        since, patience = _patience_from(plan, times, stay), plan.stays.patience[stay]
        given_up = not isnan(times.refused[stay])
        end = max(since + patience, 0.0)
        if _goes_elsewhere(plan, times, stay):
            # Not before the tasks are done, and so not before the place is asked for.
            end = max(end, inf if isnan(times.asked[stay]) else float(times.asked[stay]))
        if given_up and not isclose(times.refused[stay], end, abs_tol=ROUNDING):
            yield f"stay {stay}: refused at {times.refused[stay]}, waited since {since} with patience {patience}"
        if not given_up and isnan(times.granted[stay]) and end < plan.horizon - ROUNDING:
            yield f"stay {stay}: waited longer than its patience"


def _goes_elsewhere(plan: Plan, times: Times, stay: int) -> bool:
    """Whether patience leads from the stay that is held to another setting, and not only to another stay in it."""
    before = [row for row in np.flatnonzero(plan.stays.next == stay) if not isnan(times.ready[row])]
    instead = plan.stays.otherwise[stay]
    setting = plan.stays.setting
    return bool(before and instead != NONE and setting[instead] != setting[before[0]])


def _patience_from(plan: Plan, times: Times, stay: int) -> float:
    """When patience with a stay began: arrival, ready to leave the stay before, or refusal; inf if it did not."""
    before = [row for row in np.flatnonzero(plan.stays.next == stay) if not isnan(times.ready[row])]
    instead_of = [row for row in np.flatnonzero(plan.stays.otherwise == stay) if not isnan(times.refused[row])]
    if before:
        return float(times.ready[before[0]])
    if instead_of:
        return float(times.refused[instead_of[0]])
    if plan.people.first[plan.stays.person[stay]] == stay:
        return float(plan.people.arrival[plan.stays.person[stay]])
    return inf


def _journeys(plan: Plan, times: Times) -> Iterator[str]:
    """Everybody who has arrived is somewhere, in one place at a time, and goes from one straight into the next."""
    for person, first in enumerate(plan.people.first):
        already_in = not isnan(plan.stays.entered[first])
        if not already_in and plan.people.arrival[person] <= plan.horizon and isnan(times.asked[first]):
            yield f"person {person} arrived and did not ask"
        entered = [s for s in np.flatnonzero(plan.stays.person == person) if not isnan(times.entered[s])]
        entered.sort(key=lambda stay: (times.entered[stay], stay))
        for stay, following in pairwise(entered):
            if times.left[stay] != times.entered[following]:
                yield f"person {person}: left stay {stay} at {times.left[stay]} but came in to {following} then not"
        for stay in entered:
            onward = plan.stays.next[stay]
            if onward == NONE and not isnan(times.cleared[stay]) and times.left[stay] != times.cleared[stay]:
                yield f"stay {stay}: cleared, with nowhere to go, and did not leave"


def _held_before(plan: Plan, times: Times, stay: int) -> int:
    """The stay that was kept until this one was entered."""
    person = plan.stays.person[stay]
    rows = [row for row in np.flatnonzero(plan.stays.person == person) if row != stay]
    rows = [row for row in rows if times.ready[row] <= times.granted[stay] and _leads_to(plan, times, row, stay)]
    return int(rows[0]) if rows else NONE


def _leads_to(plan: Plan, times: Times, row: int, stay: int) -> bool:
    """Whether somebody in `row` came to `stay` next, by way of any refusals."""
    onward = plan.stays.next[row]
    while onward not in (NONE, stay) and not isnan(times.refused[onward]):
        onward = plan.stays.otherwise[onward]
    return bool(onward == stay) and not isnan(times.entered[row])


def _capacity_at(plan: Plan, times: Times, pool: int, moment: float) -> int:
    pools, reviews = plan.pools, plan.reviews
    rows = np.flatnonzero((pools.change_pool == pool) & (pools.change_time <= moment))
    extra = np.flatnonzero((reviews.setting == pool) & (reviews.time <= moment)) if pool < pools.settings else []
    return int(pools.change_capacity[rows[-1]]) + (int(times.extra[extra[-1]]) if len(extra) else 0)


def _changes_at(plan: Plan, pool: int, moment: float) -> int:
    by_schedule = (plan.pools.change_pool == pool) & (plan.pools.change_time == moment)
    by_review = (plan.reviews.setting == pool) & (plan.reviews.time == moment)
    return int(by_schedule.sum() + by_review.sum())


def _in_use(plan: Plan, times: Times, setting: int) -> list[tuple[float, int]]:
    """Moments and what they add to the units in use; a swap hands over when it is granted."""
    changes = []
    for stay in np.flatnonzero((plan.stays.setting == setting) & ~np.isnan(times.granted)):
        changes.append((float(times.granted[stay]), int(plan.stays.units[stay])))
        swapped = [
            float(times.granted[row])
            for row in np.flatnonzero((plan.stays.setting == setting) & ~np.isnan(times.granted))
            if _held_before(plan, times, row) == stay
        ]
        released = swapped[0] if swapped else float(times.left[stay])
        if not isnan(released):
            changes.append((released, -int(plan.stays.units[stay])))
    return changes


def _capacity_of_settings(plan: Plan, times: Times) -> Iterator[str]:
    """Units in use may exceed capacity only because capacity fell, or because they were in use at the start."""
    for setting in range(plan.pools.settings):
        changes = _in_use(plan, times, setting)
        before = sum(units for moment, units in changes if moment < 0)
        for now in sorted({moment for moment, _ in changes if moment >= 0}):
            after = sum(units for moment, units in changes if moment <= now)
            if now == 0:
                census = (plan.stays.setting == setting) & (plan.stays.entered <= 0)
                before = max(before, int(plan.stays.units[census].sum()))
            if _changes_at(plan, setting, now) > 1:  # a place may have been granted, and then closed in the same moment
                before = after
                continue
            if after > max(before, _capacity_at(plan, times, setting, now)):
                yield f"setting {setting}: {after} units in use at {now}, before {before}"
            before = after


def _nobody_idle(plan: Plan, times: Times) -> Iterator[str]:
    """At the end, whoever is at the head of a setting's queue needs more than is free."""
    stays = plan.stays
    for setting in range(plan.pools.settings):
        waiting = (
            (stays.setting == setting) & ~np.isnan(times.asked) & np.isnan(times.granted) & np.isnan(times.refused)
        )
        rows = np.flatnonzero(waiting)
        if rows.size:
            turn = {row: _turn_for_place(plan, times, row) for row in rows}
            heads = [row for row in rows if turn[row] == min(turn.values())]
            free = _capacity_at(plan, times, setting, plan.horizon)
            free -= sum(units for _, units in _in_use(plan, times, setting))
            if max(_needs(plan, times, row) for row in heads) <= free:
                yield f"setting {setting}: {free} free at the end, and stays {heads} wait"


def _needs(plan: Plan, times: Times, stay: int) -> int:
    stays = plan.stays
    for row in np.flatnonzero((stays.person == stays.person[stay]) & ~np.isnan(times.entered) & np.isnan(times.left)):
        if stays.setting[row] == stays.setting[stay]:
            return int(stays.units[stay] - stays.units[row])
    return int(stays.units[stay])


def _tasks(plan: Plan, times: Times) -> Iterator[str]:
    """Nothing is done too soon, out of hours or too slowly, and nobody goes before all is done."""
    tasks = plan.tasks
    for task in range(tasks.stay.size):
        stay, before = tasks.stay[task], tasks.after[task]
        queued, started, done = times.queued[task], times.started[task], times.done[task]
        if not isnan(times.cleared[stay]) and not done <= times.cleared[stay]:
            yield f"task {task}: stay cleared before it was done"
        if isnan(queued):
            continue
        anchor = times.entered[stay] + (plan.stays.need[stay] if tasks.anchor[task] == FROM_READY else 0.0)
        earliest = max(anchor + tasks.starts[task], times.done[before] if before != NONE else 0.0, times.entered[stay])
        if not isclose(queued, max(earliest, 0.0), abs_tol=ROUNDING):
            yield f"task {task}: queued at {queued}, expected {earliest}"
        if started < queued or done < started:
            yield f"task {task}: queued {queued}, started {started}, done {done}"
        if not isnan(done) and not isclose(_open_days(plan, task, started, done), tasks.work[task], abs_tol=1e-8):
            yield f"task {task}: worked on from {started} to {done}, which is not {tasks.work[task]}"


def _open_days(plan: Plan, task: int, started: float, done: float) -> float:
    pools, team = plan.pools, plan.tasks.team[task]
    number = NONE if team == NONE else pools.calendar[pools.settings + team]
    if number == NONE:
        return done - started
    intervals = range(pools.calendar_start[number], pools.calendar_start[number + 1])
    if not any(pools.opens[row] <= started < pools.closes[row] for row in intervals):
        return inf
    return sum(max(0.0, min(done, pools.closes[row]) - max(started, pools.opens[row])) for row in intervals)


def _capacity_of_teams(plan: Plan, times: Times) -> Iterator[str]:
    """No more are at work than there are staff, unless staff have gone meanwhile."""
    for team in range(len(plan.pools.names) - plan.pools.settings):
        rows = np.flatnonzero((plan.tasks.team == team) & ~np.isnan(times.started))
        for now in sorted({float(times.started[row]) for row in rows}):
            at_work = sum(times.started[row] <= now and not times.done[row] <= now for row in rows)
            earlier = sum(times.started[row] < now and not times.done[row] <= now for row in rows)
            if at_work > max(earlier, _capacity_at(plan, times, plan.pools.settings + team, now)):
                yield f"team {team}: {at_work} at work at {now}"


Turn = tuple[int, float, float]
"""What a queue goes by: priority, ready since (the same for all where that does not count), and when it was joined."""


class Request(NamedTuple):
    """Somebody who joined a queue; inf for what did not happen."""

    turn: Turn
    joined: float
    served: float
    gave_up: float

    def still_waits_after(self, moment: float) -> bool:
        return self.joined < moment < min(self.served, self.gave_up)


def _in_turn(plan: Plan, times: Times) -> Iterator[str]:
    """Whoever is served comes before all who waited before that moment and still wait after it."""
    for pool, name in enumerate(plan.pools.names):
        requests = _requests(plan, times, pool)
        for one in requests:
            for other in requests:
                if other.turn < one.turn and other.still_waits_after(one.served):
                    yield f"{name}: at {one.served}, {one.turn} is served before {other.turn}"


def overtakings(plan: Plan, times: Times) -> tuple[int, int]:
    """How often one is served before another of the same priority who asked earlier: for a place, and by a team."""
    numbers = [0, 0]
    for pool in range(len(plan.pools.names)):
        requests = _requests(plan, times, pool)
        for one in requests:
            overtaken = [other for other in requests if other.still_waits_after(one.served)]
            overtaken = [other for other in overtaken if other.joined < one.joined and other.turn[0] == one.turn[0]]
            numbers[pool >= plan.pools.settings] += len(overtaken)
    return numbers[0], numbers[1]


def _requests(plan: Plan, times: Times, pool: int) -> list[Request]:
    """Everybody who joined the queue of a pool."""
    stays, tasks, team = plan.stays, plan.tasks, pool - plan.pools.settings
    requests = []
    if team >= 0:
        for task in np.flatnonzero((tasks.team == team) & ~np.isnan(times.queued)):
            onward = stays.next[tasks.stay[task]]
            gave_up = inf if onward == NONE else _or_never(times.refused[onward])
            served = _or_never(times.started[task])
            requests.append(Request(_turn_for_staff(plan, times, task), times.queued[task], served, gave_up))
    else:
        for stay in np.flatnonzero((stays.setting == pool) & ~np.isnan(times.asked) & np.isnan(stays.entered)):
            if not _swaps_at_once(plan, times, stay):
                turn = _turn_for_place(plan, times, stay)
                served, gave_up = _or_never(times.granted[stay]), _or_never(times.refused[stay])
                requests.append(Request(turn, times.asked[stay], served, gave_up))
    return requests


def _turn_for_place(plan: Plan, times: Times, stay: int) -> Turn:
    asked, held = float(times.asked[stay]), _held_when_asking(plan, times, stay)
    since = 0.0
    if plan.pools.longest_ready_first[plan.stays.setting[stay]]:
        since = asked if held == NONE else float(times.ready[held])
    return int(plan.stays.priority[stay]), since, asked


def _turn_for_staff(plan: Plan, times: Times, task: int) -> Turn:
    stay, since = plan.tasks.stay[task], 0.0
    if plan.pools.longest_ready_first[plan.pools.settings + plan.tasks.team[task]]:
        since = float(times.entered[stay] + plan.stays.need[stay])
    return int(plan.tasks.priority[task]), since, float(times.queued[task])


def _held_when_asking(plan: Plan, times: Times, stay: int) -> int:
    """The stay in which somebody is ready, and which leads to this one by way of any refusals."""
    person = plan.stays.person[stay]
    rows = [row for row in np.flatnonzero(plan.stays.person == person) if times.ready[row] <= times.asked[stay]]
    led = [row for row in rows if row != stay and _leads_to(plan, times, row, stay)]
    return int(led[0]) if led else NONE


def _swaps_at_once(plan: Plan, times: Times, stay: int) -> bool:
    held = _held_when_asking(plan, times, stay)
    stays = plan.stays
    return bool(held != NONE and stays.setting[held] == stays.setting[stay] and stays.units[held] >= stays.units[stay])


def _or_never(moment: float) -> float:
    return inf if isnan(moment) else float(moment)
