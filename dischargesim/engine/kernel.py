"""The model of `simpy_engine`, in the form that numba compiles. Read that one first: this adds no rule.

What differs is how things are kept:

- Events to come lie in an `Agenda` of buckets. Arrivals are not among them: they are sorted already.
- A queue is a linked list for each pool and priority, threaded through the rows of those who wait in it.
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
from dischargesim.engine.columns import PoolColumns, ReviewColumns, State, StayColumns, TaskColumns
from dischargesim.plan.tables import FROM_READY, Floats

CAPACITY, OPENS, REVIEW, DONE, READY, PATIENCE, LET_IN, STARTS, ARRIVAL = range(9)
"""Kinds of event, in the order in which they happen at one moment."""

for _function in (calendar.locate, calendar.is_open, calendar.next_open, calendar.finish):
    register_jitable(_function)


@inlined
def join(state: State, pool: Index, rank: Index, member: Index) -> None:
    """Join the end of a pool's queue, among those of the same priority."""
    place = Row(pool * state.ranks + rank)
    state.behind[member] = NONE
    if state.head[place] == NONE:
        state.head[place] = member
        state.lowest[pool] = min(state.lowest[pool], rank)
    else:
        state.behind[state.tail[place]] = member
    state.tail[place] = member


@inlined
def first_place(state: State, pool: Index) -> Index:
    """Place in `state.head` of the head of a pool's queue, or `NONE` if nobody waits."""
    rank: Index = state.lowest[pool]
    while rank < state.ranks and state.head[Row(pool * state.ranks + rank)] == NONE:
        rank = Row(rank + 1)
    state.lowest[pool] = rank
    return Row(pool * state.ranks + rank) if rank < state.ranks else NONE


@inlined
def hours(pools: PoolColumns, state: State, pool: Index, number: Index, now: float) -> tuple[Index, Index]:
    """The intervals of a pool's calendar, from the last that has begun."""
    begun: Index = state.interval[pool]
    last: Index = pools.calendar_start[number + 1]
    first = max(begun, calendar.locate(pools.opens, begun, last, now))
    state.interval[pool] = first
    return first, last


@inlined
def needs(stays: StayColumns, state: State, stay: Index) -> Index:
    """Units needed above those held in the same setting."""
    held = state.held[stay]
    if held != NONE and stays.setting[held] == stays.setting[stay]:
        return stays.units[stay] - stays.units[held]
    return stays.units[stay]


@inlined
def ask(
    stays: StayColumns, pools: PoolColumns, state: State, agenda: Agenda, stay: Index, held: Index, now: float
) -> None:
    """`Model.ask`, but for serving the queue."""
    setting = stays.setting[stay]
    stays.asked[stay] = now
    state.held[stay] = held
    needed = needs(stays, state, stay)
    if needed <= 0 and held != NONE and stays.setting[held] == setting:
        grant(stays, pools, state, agenda, stay, needed, now)
    else:
        join(state, setting, stays.rank[stay], stay)
        state.waiting[setting] += 1


@inlined
def serve_setting(
    stays: StayColumns, pools: PoolColumns, state: State, agenda: Agenda, setting: Index, now: float
) -> None:
    """`Model.serve_setting`."""
    place = first_place(state, setting)
    while place != NONE:
        stay = state.head[place]
        if state.settled[stay]:
            state.head[place] = state.behind[stay]
        else:
            needed = needs(stays, state, stay)
            if needed > state.capacity[setting] - state.in_use[setting]:
                break
            state.head[place] = state.behind[stay]
            state.waiting[setting] -= 1
            grant(stays, pools, state, agenda, stay, needed, now)
        place = first_place(state, setting)


@inlined
def grant(
    stays: StayColumns, pools: PoolColumns, state: State, agenda: Agenda, stay: Index, needed: Number, now: float
) -> None:
    """`Model.grant`."""
    setting, held = stays.setting[stay], state.held[stay]
    state.settled[stay] = True
    stays.granted[stay] = now
    state.in_use[setting] += needed
    moment = now
    number = pools.calendar[setting]
    if number != NONE and (held == NONE or stays.setting[held] != setting):
        first, last = hours(pools, state, setting, number, now)
        moment = calendar.next_open(pools.opens, pools.closes, first, last, now)
    schedule(agenda, moment, LET_IN, stay)


@inlined
def begin(stays: StayColumns, tasks: TaskColumns, state: State, agenda: Agenda, stay: Index, now: float) -> None:
    """`Model.begin`."""
    ready: Number = stays.entered[stay] + stays.need[stay]
    schedule(agenda, max(ready, now), READY, stay)
    for number in range(state.task_from[stay], state.task_from[Row(stay + 1)]):
        task = Row(number)
        if tasks.after[task] == NONE:
            plan_task(stays, tasks, agenda, task, now)


@inlined
def plan_task(stays: StayColumns, tasks: TaskColumns, agenda: Agenda, task: Index, now: float) -> None:
    """`Model.plan_task`."""
    stay = tasks.stay[task]
    anchor: Number = stays.entered[stay]
    if tasks.anchor[task] == FROM_READY:
        anchor += stays.need[stay]
    schedule(agenda, max(anchor + tasks.starts[task], now), STARTS, task)


@inlined
def serve_team(tasks: TaskColumns, pools: PoolColumns, state: State, agenda: Agenda, team: Index, now: float) -> None:
    """`Model.serve_team`. Tasks queue under their row plus the number of stays."""
    while True:
        place = first_place(state, team)
        if place == NONE:
            break
        member = state.head[place]
        task = Row(member - state.held.size)
        if state.closed[tasks.stay[task]]:
            state.head[place] = state.behind[member]
            continue
        if state.in_use[team] >= state.capacity[team]:
            break
        moment = now + tasks.work[task]
        number = pools.calendar[team]
        if number != NONE:
            first, last = hours(pools, state, team, number, now)
            if not calendar.is_open(pools.opens, pools.closes, first, last, now):
                if not state.awaited[team]:
                    state.awaited[team] = True
                    opening = calendar.next_open(pools.opens, pools.closes, first, last, now)
                    schedule(agenda, opening, OPENS, team)
                break
            moment = calendar.finish(pools.opens, pools.closes, pools.worked, first, last, now, tasks.work[task])
        state.head[place] = state.behind[member]
        tasks.started[task] = now
        state.in_use[team] += 1
        schedule(agenda, moment, DONE, task)


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
    """Before the first event: count the tasks, set the capacities, and begin the stays of those already in."""
    for number in range(tasks.stay.size):
        state.task_from[tasks.stay[Row(number)] + 1] += 1
    for number in range(stays.setting.size):
        state.open_tasks[number] = state.task_from[number + 1]
        state.task_from[number + 1] += state.task_from[number]
    for number in range(first.size):
        stay = first[number]
        entered = stays.entered[stay]
        if not np.isnan(entered):
            stays.asked[stay] = entered
            stays.granted[stay] = entered
            state.settled[stay] = True
            state.in_use[stays.setting[stay]] += stays.units[stay]
            begin(stays, tasks, state, agenda, stay, 0.0)
    for number in range(pools.change_time.size):
        if pools.change_time[number] > 0.0:
            schedule(agenda, pools.change_time[number], CAPACITY, number)
            break
        state.capacity[pools.change_pool[number]] = pools.change_capacity[number]
    if reviews.time.size:
        schedule(agenda, reviews.time[0], REVIEW, 0)


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
    person = Row(0)
    while True:
        # What comes next: the head of the agenda or, at a later kind, the next arrival.
        if agenda.tally[SIZE] == 0:
            refill(agenda)
        while person < first.size and state.settled[first[person]]:  # was in at the start
            person = Row(person + 1)
        arrives = person < first.size and arrival[person] <= agenda.horizon
        if agenda.tally[SIZE] > 0 and not (arrives and arrival[person] < agenda.heap_time[0]):
            now, key = agenda.heap_time[0], agenda.heap_key[0]
            kind, row = key >> 40, Row(key & ROW_BITS)
            drop(agenda)
        elif arrives:
            now, kind, row = arrival[person], ARRIVAL, person
            person = Row(person + 1)
        else:
            break
        events += 1

        # What happens, and what is to be done about it below.
        to_serve = clearing = asking = holding = leaving = hoping = NONE
        since = now
        if kind == STARTS:
            stay, team = tasks.stay[row], tasks.team[row]
            if not state.closed[stay]:
                tasks.queued[row] = now
                if team == NONE:
                    tasks.started[row] = now
                    schedule(agenda, now + tasks.work[row], DONE, row)
                else:
                    to_serve = Row(pools.settings + team)
                    join(state, to_serve, tasks.rank[row], Row(stays.setting.size + row))
        elif kind == DONE:
            stay, team = tasks.stay[row], tasks.team[row]
            tasks.done[row] = now
            if team != NONE:
                to_serve = Row(pools.settings + team)
                state.in_use[to_serve] -= 1
            state.open_tasks[stay] -= 1
            if not state.closed[stay]:
                for number in range(row + 1, state.task_from[Row(stay + 1)]):
                    task = Row(number)
                    if tasks.after[task] == row:
                        plan_task(stays, tasks, agenda, task, now)
                if state.open_tasks[stay] == 0 and not np.isnan(stays.ready[stay]):
                    clearing = stay
        elif kind == READY:
            since = stays.entered[row] + stays.need[row]
            stays.ready[row] = since
            hoping = stays.next[row]
            if hoping != NONE:
                state.held[hoping] = row
            if state.open_tasks[row] == 0:
                clearing = row
        elif kind == LET_IN:
            stays.entered[row] = now
            held = state.held[row]
            if held != NONE:
                stays.left[held] = now
                if stays.setting[held] != stays.setting[row]:
                    to_serve = stays.setting[held]
                    state.in_use[to_serve] -= stays.units[held]
            begin(stays, tasks, state, agenda, row, now)
        elif kind == ARRIVAL:
            asking = hoping = first[row]
        elif kind == PATIENCE:
            if not state.settled[row]:
                state.settled[row] = True
                stays.refused[row] = now
                holding = state.held[row]
                if holding != NONE:
                    state.closed[holding] = True
                if not np.isnan(stays.asked[row]):
                    to_serve = stays.setting[row]
                    state.waiting[to_serve] -= 1
                asking = hoping = stays.otherwise[row]
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
            asking = stays.next[clearing]
            if asking == NONE:
                leaving = clearing
            else:
                holding = clearing
        if asking != NONE:
            ask(stays, pools, state, agenda, asking, holding, now)
            serve_setting(stays, pools, state, agenda, stays.setting[asking], now)
        elif leaving != NONE:
            stays.left[leaving] = now
            state.in_use[stays.setting[leaving]] -= stays.units[leaving]
            serve_setting(stays, pools, state, agenda, stays.setting[leaving], now)
        if hoping != NONE and not state.settled[hoping]:
            schedule(agenda, max(since + stays.patience[hoping], now), PATIENCE, hoping)
    return events
