"""The model of `simpy_engine`, in the form that numba compiles. Read that one first: this adds no rule.

What differs is how things are kept:

- What is known of a stay or a task is a record (`columns`); the times go straight into the columns of the answer.
- Events to come lie in an `Agenda` of buckets. Arrivals are not among them: they are sorted already.
- A queue is a linked list for each pool and priority, threaded through the records of those who wait (`queues`).
- What an event sets off at once is noted in local variables and done at the end of the loop, in the order of the
  rules, so that each rule is compiled once or twice, and not at every place that might set it off.

It calls the functions of `calendar` as they stand there, in plain Python: numba compiles them too.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from dischargesim.engine import calendar
from dischargesim.engine.agenda import (
    NONE,
    ROW_BITS,
    SIZE,
    Agenda,
    Index,
    Indices,
    Number,
    Row,
    drop,
    inlined,
    refill,
    schedule,
)
from dischargesim.engine.columns import PoolColumns, ReviewColumns, State, StayColumns, TaskColumns, fill_records
from dischargesim.engine.queues import first_place, join
from dischargesim.plan.tables import FROM_READY, Floats

CAPACITY, OPENS, REVIEW, DONE, READY, PATIENCE, LET_IN, STARTS, ARRIVAL = range(9)
"""Kinds of event, in the order in which they happen at one moment."""

for _function in (calendar.locate, calendar.is_open, calendar.next_open, calendar.finish):
    register_jitable(_function)


@inlined
def hours(pools: PoolColumns, state: State, pool: Index, number: Index, now: float) -> tuple[Index, Index]:
    """The intervals of a pool's calendar, from the last that has begun."""
    begun: Index = state.interval[pool]
    last: Index = pools.calendar_start[number + 1]
    first = max(begun, calendar.locate(pools.opens, begun, last, now))
    state.interval[pool] = first
    return first, last


@inlined
def swaps(state: State, row: Index) -> bool:
    """Whether the stay held meanwhile is in the same setting."""
    stay = state.stays[row]
    return bool(stay.held != NONE and state.stays[stay.held].setting == stay.setting)


@inlined
def needs(state: State, row: Index) -> Number:
    """Units needed above those held in the same setting."""
    stay = state.stays[row]
    if swaps(state, row):
        return stay.units - state.stays[stay.held].units
    return stay.units


@inlined
def ready_at(state: State, row: Index) -> Number:
    """When the person became, or will become, ready in a stay that has been entered."""
    stay = state.stays[row]
    return stay.entered + stay.need


@inlined
def ask(
    stays: StayColumns, pools: PoolColumns, state: State, agenda: Agenda, row: Index, held: Index, now: float
) -> None:
    """`Model.ask`, but for serving the queue."""
    stay = state.stays[row]
    stays.asked[row] = now
    stay.asked = True
    stay.held = held
    needed = needs(state, row)
    if needed <= 0 and swaps(state, row):
        grant(stays, pools, state, agenda, row, needed, now)
    else:
        since = now if held == NONE else ready_at(state, held)
        join(pools, state, stay.setting, state.stays, state.stay_order, row, since)
        state.waiting[stay.setting] += 1


@inlined
def serve_setting(
    stays: StayColumns, pools: PoolColumns, state: State, agenda: Agenda, setting: Index, now: float
) -> None:
    """`Model.serve_setting`."""
    place = first_place(state, setting)
    while place != NONE:
        row = state.head[place]
        if state.stays[row].settled:
            state.head[place] = state.stays[row].behind
        else:
            needed = needs(state, row)
            if needed > state.capacity[setting] - state.in_use[setting]:
                break
            state.head[place] = state.stays[row].behind
            state.waiting[setting] -= 1
            grant(stays, pools, state, agenda, row, needed, now)
        place = first_place(state, setting)


@inlined
def grant(
    stays: StayColumns, pools: PoolColumns, state: State, agenda: Agenda, row: Index, needed: Number, now: float
) -> None:
    """`Model.grant`."""
    setting = state.stays[row].setting
    state.stays[row].settled = True
    stays.granted[row] = now
    state.in_use[setting] += needed
    moment = now
    number = pools.calendar[setting]
    if number != NONE and not swaps(state, row):
        first, last = hours(pools, state, setting, number, now)
        moment = calendar.next_open(pools.opens, pools.closes, first, last, now)
    schedule(agenda, moment, LET_IN, row)


@inlined
def begin(state: State, agenda: Agenda, row: Index, now: float) -> None:
    """`Model.begin`."""
    stay = state.stays[row]
    schedule(agenda, max(ready_at(state, row), now), READY, row)
    for number in range(stay.open_tasks):
        task = Row(stay.first_task + number)
        if state.tasks[task].after == NONE:
            plan_task(state, agenda, task, now)


@inlined
def plan_task(state: State, agenda: Agenda, row: Index, now: float) -> None:
    """`Model.plan_task`."""
    task = state.tasks[row]
    stay = state.stays[task.stay]
    anchor: Number = stay.entered
    if task.anchor == FROM_READY:
        anchor += stay.need
    schedule(agenda, max(anchor + task.starts, now), STARTS, row)


@inlined
def serve_team(tasks: TaskColumns, pools: PoolColumns, state: State, agenda: Agenda, team: Index, now: float) -> None:
    """`Model.serve_team`."""
    while True:
        place = first_place(state, team)
        if place == NONE:
            break
        row = state.head[place]
        task = state.tasks[row]
        if state.stays[task.stay].closed:
            state.head[place] = task.behind
            continue
        if state.in_use[team] >= state.capacity[team]:
            break
        moment = now + task.work
        number = pools.calendar[team]
        if number != NONE:
            first, last = hours(pools, state, team, number, now)
            if not calendar.is_open(pools.opens, pools.closes, first, last, now):
                if not state.awaited[team]:
                    state.awaited[team] = True
                    opening = calendar.next_open(pools.opens, pools.closes, first, last, now)
                    schedule(agenda, opening, OPENS, team)
                break
            moment = calendar.finish(pools.opens, pools.closes, pools.worked, first, last, now, task.work)
        state.head[place] = task.behind
        tasks.started[row] = now
        state.in_use[team] += 1
        schedule(agenda, moment, DONE, row)


@inlined
def review(reviews: ReviewColumns, state: State, row: Index, setting: Index) -> None:
    """`Model.review`, but for serving the queue."""
    extra: Number = state.escalation[setting]
    capacity = state.capacity[setting]
    waiting, in_use = state.waiting[setting], state.in_use[setting]
    places = extra
    if waiting >= reviews.open_waiting[row] or in_use >= reviews.open_share[row] * capacity:
        places = min(extra + reviews.step[row], reviews.most[row])
    elif waiting <= reviews.close_waiting[row] and in_use <= reviews.close_share[row] * capacity:
        places = max(extra - reviews.step[row], 0)
    reviews.extra[row] = places
    state.escalation[setting] = places
    state.capacity[setting] = capacity + places - extra


@inlined
def open_doors(
    first: Indices,
    stays: StayColumns,
    tasks: TaskColumns,
    pools: PoolColumns,
    reviews: ReviewColumns,
    state: State,
    agenda: Agenda,
) -> None:
    """Before the first event: fill the records, set the capacities, and begin the stays of those already in."""
    fill_records(stays, tasks, state)
    for number in range(first.size):
        row = first[number]
        stay = state.stays[row]
        if not np.isnan(stay.entered):
            stays.asked[row] = stay.entered
            stays.granted[row] = stay.entered
            stay.asked = True
            stay.settled = True
            state.in_use[stay.setting] += stay.units
            begin(state, agenda, row, 0.0)
    for number in range(pools.change_time.size):
        if pools.change_time[number] > 0.0:
            schedule(agenda, pools.change_time[number], CAPACITY, number)
            break
        state.capacity[pools.change_pool[number]] = pools.change_capacity[number]
    if reviews.time.size:
        schedule(agenda, reviews.time[0], REVIEW, 0)


@inlined
def next_to_arrive(
    arrival: Floats, first: Indices, state: State, agenda: Agenda, person: Index
) -> tuple[Index, Number]:
    """The next from `person` on who is not in already, and when; inf if nobody comes before the horizon."""
    while person < first.size and state.stays[first[person]].settled:  # was in at the start
        person = Row(person + 1)
    if person < first.size and arrival[person] <= agenda.horizon:
        return person, arrival[person]
    return person, np.inf


@inlined
def add_waiting(
    arrival: Floats,
    first: Indices,
    stays: StayColumns,
    tasks: TaskColumns,
    pools: PoolColumns,
    reviews: ReviewColumns,
    state: State,
    agenda: Agenda,
) -> int:
    """Run the model: fills the times in the columns and returns the number of events."""
    open_doors(first, stays, tasks, pools, reviews, state, agenda)
    events = 0
    person, comes = next_to_arrive(arrival, first, state, agenda, Row(0))
    while True:
        # What comes next: the head of the agenda or, at a later kind, the next arrival.
        if agenda.tally[SIZE] == 0:
            refill(agenda)
        if agenda.tally[SIZE] > 0 and comes >= agenda.heap_time[0]:
            now, key = agenda.heap_time[0], agenda.heap_key[0]
            kind, row = key >> 40, Row(key & ROW_BITS)
            drop(agenda)
        elif comes < np.inf:
            now, kind, row = comes, ARRIVAL, person
            person, comes = next_to_arrive(arrival, first, state, agenda, Row(person + 1))
        else:
            break
        events += 1

        # What happens, and what is to be done about it below.
        to_serve = clearing = asking = holding = leaving = hoping = NONE
        since = now
        if kind == STARTS:
            task = state.tasks[row]
            if not state.stays[task.stay].closed:
                tasks.queued[row] = now
                if task.team == NONE:
                    tasks.started[row] = now
                    schedule(agenda, now + task.work, DONE, row)
                else:
                    to_serve = Row(pools.settings + task.team)
                    join(pools, state, to_serve, state.tasks, state.task_order, row, ready_at(state, task.stay))
        elif kind == DONE:
            task = state.tasks[row]
            stay = state.stays[task.stay]
            tasks.done[row] = now
            if task.team != NONE:
                to_serve = Row(pools.settings + task.team)
                state.in_use[to_serve] -= 1
            stay.open_tasks -= 1
            if not stay.closed:
                following = Row(row + 1)
                while following < state.tasks.size and state.tasks[following].stay == task.stay:
                    if state.tasks[following].after == row:
                        plan_task(state, agenda, following, now)
                    following = Row(following + 1)
                if stay.open_tasks == 0 and stay.ready:
                    clearing = task.stay
                    if stay.next != NONE and state.stays[stay.next].patience < 0.0:
                        hoping = stay.next
        elif kind == READY:
            stay = state.stays[row]
            since = ready_at(state, row)
            stays.ready[row] = since
            stay.ready = True
            hoping = stay.next
            if hoping != NONE:
                state.stays[hoping].held = row
            if stay.open_tasks == 0:
                clearing = row
        elif kind == LET_IN:
            stay = state.stays[row]
            stays.entered[row] = now
            stay.entered = now
            if stay.held != NONE:
                stays.left[stay.held] = now
                held = state.stays[stay.held]
                if held.setting != stay.setting:
                    to_serve = held.setting
                    state.in_use[to_serve] -= held.units
            begin(state, agenda, row, now)
        elif kind == ARRIVAL:
            asking = hoping = first[row]
        elif kind == PATIENCE:
            stay = state.stays[row]
            elsewhere = False
            if not stay.settled and not stay.asked and stay.otherwise != NONE:
                elsewhere = bool(state.stays[stay.otherwise].setting != state.stays[stay.held].setting)
            if elsewhere:
                stay.patience = -np.inf
            elif not stay.settled:
                stay.settled = True
                stays.refused[row] = now
                holding = stay.held
                if holding != NONE:
                    state.stays[holding].closed = True
                if stay.asked:
                    to_serve = stay.setting
                    state.waiting[to_serve] -= 1
                asking = hoping = stay.otherwise
                if asking == NONE:
                    leaving = holding
        elif kind == OPENS:
            state.awaited[row] = False
            to_serve = row
        elif kind == CAPACITY:
            to_serve = pools.change_pool[row]
            state.capacity[to_serve] = pools.change_capacity[row] + state.escalation[to_serve]
            following = Row(row + 1)
            if following < pools.change_time.size:
                schedule(agenda, pools.change_time[following], CAPACITY, following)
        else:
            to_serve = reviews.setting[row]
            review(reviews, state, row, to_serve)
            following = Row(row + 1)
            if following < reviews.time.size:
                schedule(agenda, reviews.time[following], REVIEW, following)

        # What it sets off at once.
        if to_serve != NONE:
            if to_serve < pools.settings:
                serve_setting(stays, pools, state, agenda, to_serve, now)
            else:
                serve_team(tasks, pools, state, agenda, to_serve, now)
        if clearing != NONE:
            stays.cleared[clearing] = now
            asking = state.stays[clearing].next
            if asking == NONE:
                leaving = clearing
            else:
                holding = clearing
        if asking != NONE:
            ask(stays, pools, state, agenda, asking, holding, now)
            serve_setting(stays, pools, state, agenda, state.stays[asking].setting, now)
        elif leaving != NONE:
            stay = state.stays[leaving]
            stays.left[leaving] = now
            state.in_use[stay.setting] -= stay.units
            serve_setting(stays, pools, state, agenda, stay.setting, now)
        if hoping != NONE and not state.stays[hoping].settled:
            schedule(agenda, max(since + state.stays[hoping].patience, now), PATIENCE, hoping)
    return events
