"""The model, to be read: how people wait for places and for staff.

A plan says everything that will happen to everyone except the waiting (`dischargesim.plan.tables`). This module
adds the waiting. It is the whole of the model's behaviour: people stay in places, work has to be done before they
can move on, and they **keep the place they are in until the next one is free**. The rules, with the order in which
things happen at one moment, are set out in docs/engines.md; each method here is a paragraph of that page. The
compiled engine does the same, only faster, and must give the same times to the last bit.

SimPy supplies the diary: a heap of events of which the earliest happens next. An event is no more than a moment, a
kind and the row of a table; when it comes, the method for its kind is called with that row.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf

from dischargesim.engine import calendar
from dischargesim.engine.simpy_state import Event, State
from dischargesim.plan.tables import FROM_READY, NONE, Plan, Times

CAPACITY, OPENS, REVIEW, DONE, READY, PATIENCE, LET_IN, STARTS, ARRIVAL = range(9)
"""Kinds of event, in the order in which they happen at one moment."""


def run(plan: Plan) -> Times:
    """Add the waiting to a plan, in SimPy.

    Parameters
    ----------
    plan : Plan
        What will happen to everyone, except the waiting. It is not changed.

    Returns
    -------
    Times
        When everything happened, row for row.
    """
    return run_counted(plan)[0]


def run_counted(plan: Plan) -> tuple[Times, int]:
    """As `run`, with the number of events that happened."""
    model = Model(plan)
    model.run()
    return model.times(), model.events


class Model(State):
    """One replication: what every kind of event does. `State` holds the tables, the pools and the diary."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.on(CAPACITY, self.change_capacity)
        self.on(OPENS, self.open_team)
        self.on(REVIEW, self.review)
        self.on(DONE, self.finish_task)
        self.on(READY, self.become_ready)
        self.on(PATIENCE, self.lose_patience)
        self.on(LET_IN, self.let_in)
        self.on(STARTS, self.start_task)
        self.on(ARRIVAL, self.arrive)
        for stay in self.census:
            self.in_use[self.setting[stay]] += self.units[stay]
            self.begin(stay)
        self.schedule_next(self.changes, CAPACITY)
        self.schedule_next(self.reviews, REVIEW)
        self.schedule_next(self.arrivals, ARRIVAL)

    # People: arriving, asking, being let in, getting ready, moving on.

    def arrive(self, event: Event) -> None:
        """Somebody arrives and asks for their first stay; from now on they run out of patience."""
        self.schedule_next(self.arrivals, ARRIVAL)
        stay = self.first[event.row]
        self.ask(stay, NONE)
        self.be_patient(stay, self._now)

    def be_patient(self, stay: int, since: float) -> None:
        """Whoever has not been let in to the stay by then, counting from `since`, will give up waiting."""
        if not self.settled[stay]:
            self.schedule_at(max(since + self.patience[stay], self._now), PATIENCE, stay)

    def ask(self, stay: int, held: int) -> None:
        """Ask for a place, keeping the one held so far.

        Only the units above those held in the same setting are needed. A swap that needs none is granted at once.
        """
        self.asked[stay] = self._now
        self.held[stay] = held
        setting = self.setting[stay]
        needed = self.units[stay]
        swaps = held != NONE and self.setting[held] == setting
        if swaps:
            needed -= self.units[held]
        if swaps and needed <= 0:
            self.grant(stay, needed)
        else:
            since = self._now if held == NONE else self.ready[held]
            self.join(setting, self.stay_priority[stay], since, stay, needed)
            self.waiting[setting] += 1
        self.serve_setting(setting)

    def join(self, pool: int, priority: int, since: float, row: int, units: int) -> None:
        """Join a queue: by priority, by who has been ready for longest where that counts, and in order of asking."""
        if not self.longest_ready_first[pool]:
            since = 0.0
        heappush(self.queue[pool], (priority, since, next(self.order), row, units))

    def serve_setting(self, setting: int) -> None:
        """Give free places to those at the head of the queue; nobody overtakes a head that has to wait."""
        queue = self.queue[setting]
        while queue:
            _, _, _, stay, needed = queue[0]
            if self.settled[stay]:  # gave up while waiting
                heappop(queue)
            elif needed <= self.capacity[setting] - self.in_use[setting]:
                heappop(queue)
                self.waiting[setting] -= 1
                self.grant(stay, needed)
            else:
                return

    def grant(self, stay: int, needed: int) -> None:
        """Hold the place from now on; the person comes in at once, or at the setting's next move-in hours."""
        self.settled[stay] = True
        self.granted[stay] = moment = self._now
        setting, held = self.setting[stay], self.held[stay]
        self.in_use[setting] += needed
        if self.calendar[setting] != NONE and (held == NONE or self.setting[held] != setting):
            moment = calendar.next_open(*self.hours[setting], moment)
        self.schedule_at(moment, LET_IN, stay)

    def let_in(self, event: Event) -> None:
        """Come in, and only now give up the place that was kept all the while."""
        stay = event.row
        held = self.held[stay]
        self.entered[stay] = self._now
        if held != NONE:
            self.left[held] = self._now
            if self.setting[held] != self.setting[stay]:  # in a swap, the units have changed hands already
                self.free(held)
        self.begin(stay)

    def begin(self, stay: int) -> None:
        """Set the clock for being ready, and for the tasks that wait for no other task."""
        self.schedule_at(max(self.entered[stay] + self.need[stay], self._now), READY, stay)
        for task in range(self.task_from[stay], self.task_from[stay + 1]):
            if self.after[task] == NONE:
                self.plan_task(task)

    def become_ready(self, event: Event) -> None:
        """Ready: if all is done, ask for the next stay; patience with waiting for it counts from here."""
        stay = event.row
        self.ready[stay] = since = self.entered[stay] + self.need[stay]
        following = self.next[stay]
        if following != NONE:
            self.held[following] = stay
        if self.open_tasks[stay] == 0:
            self.clear(stay)
        if following != NONE:
            self.be_patient(following, since)

    def clear(self, stay: int) -> None:
        """Ready with every task done: ask for the next stay and keep this one meanwhile, or leave."""
        self.cleared[stay] = self._now
        if self.next[stay] == NONE:
            self.leave(stay)
        else:
            self.ask(self.next[stay], stay)

    def leave(self, stay: int) -> None:
        """Leave the system."""
        self.left[stay] = self._now
        self.free(stay)

    def free(self, stay: int) -> None:
        """Give the units of a stay back; somebody may be waiting for them."""
        setting = self.setting[stay]
        self.in_use[setting] -= self.units[stay]
        self.serve_setting(setting)

    def lose_patience(self, event: Event) -> None:
        """Not let in by now: give up this stay, try the one planned instead or, without one, leave.

        What was still to be done before going there is dropped; work that has begun is finished, to no purpose. But
        nobody goes to yet another setting with tasks open: they are done first, and then there is no patience left.
        """
        stay = event.row
        if self.settled[stay]:
            return
        held, instead = self.held[stay], self.otherwise[stay]
        if self.asked[stay] != self.asked[stay] and instead != NONE and self.setting[instead] != self.setting[held]:
            self.patience[stay] = -inf
            return
        self.settled[stay] = True
        self.refused[stay] = self._now
        if held != NONE:
            self.closed[held] = True
        if self.asked[stay] == self.asked[stay]:  # not NaN; otherwise, it never got as far as the queue
            setting = self.setting[stay]
            self.waiting[setting] -= 1
            self.serve_setting(setting)
        if instead != NONE:
            self.ask(instead, held)
            self.be_patient(instead, self._now)
        elif held != NONE:
            self.leave(held)

    # Tasks: what has to be done before somebody can move on, and the teams that do it.

    def plan_task(self, task: int) -> None:
        """Set the clock for the earliest moment of a task: so long after entering or after, or before, ready."""
        stay = self.stay[task]
        anchor = self.entered[stay]
        if self.anchor[task] == FROM_READY:
            anchor += self.need[stay]
        self.schedule_at(max(anchor + self.starts[task], self._now), STARTS, task)

    def start_task(self, event: Event) -> None:
        """Hand the task to its team, which may ask since when the person is ready; a plain delay just passes."""
        task = event.row
        stay = self.stay[task]
        if self.closed[stay]:
            return
        self.queued[task] = self._now
        team = self.team[task]
        if team == NONE:
            self.started[task] = self._now
            self.schedule_at(self._now + self.work[task], DONE, task)
        else:
            self.join(team, self.task_priority[task], self.entered[stay] + self.need[stay], task, 1)
            self.serve_team(team)

    def serve_team(self, team: int) -> None:
        """Free staff take up tasks in turn, in working hours; tasks that no longer matter are passed over."""
        queue = self.queue[team]
        while queue:
            task = queue[0][3]
            if self.closed[self.stay[task]]:
                heappop(queue)
                continue
            if self.in_use[team] >= self.capacity[team]:
                return
            moment = self._now + self.work[task]
            if self.calendar[team] != NONE:
                opens, closes, first, last = self.hours[team]
                if not calendar.is_open(opens, closes, first, last, self._now):
                    self.await_opening(team)
                    return
                moment = calendar.finish(opens, closes, self.worked, first, last, self._now, self.work[task])
            heappop(queue)
            self.started[task] = self._now
            self.in_use[team] += 1
            self.schedule_at(moment, DONE, task)

    def finish_task(self, event: Event) -> None:
        """The staff turn to the next task; this one may let another begin, or the person go."""
        task = event.row
        self.done[task] = self._now
        stay, team = self.stay[task], self.team[task]
        if team != NONE:
            self.in_use[team] -= 1
            self.serve_team(team)
        self.open_tasks[stay] -= 1
        if self.closed[stay]:
            return
        for follower in self.followers.get(task, ()):
            self.plan_task(follower)
        if self.open_tasks[stay] == 0 and self.ready[stay] == self.ready[stay]:  # not NaN: ready
            self.clear(stay)
            following = self.next[stay]
            if following != NONE and self.patience[following] < 0:  # ran out while tasks were open
                self.be_patient(following, self._now)

    def await_opening(self, team: int) -> None:
        """Somebody waits and staff are free, but it is out of hours: come back at the next opening."""
        if not self.awaited[team]:
            self.awaited[team] = True
            self.schedule_at(calendar.next_open(*self.hours[team], self._now), OPENS, team)

    def open_team(self, event: Event) -> None:
        """A team with tasks waiting begins its hours."""
        self.awaited[event.row] = False
        self.serve_team(event.row)

    # Capacity: the schedule, and escalation places.

    def change_capacity(self, event: Event) -> None:
        """The schedule moves on. Capacity may fall below what is in use: places close as they empty."""
        row = event.row
        self.schedule_next(self.changes, CAPACITY)
        pool = self.change_pool[row]
        self.capacity[pool] = self.change_capacity_to[row] + self.escalation[pool]
        if pool < self.settings:
            self.serve_setting(pool)
        else:
            self.serve_team(pool)

    def review(self, event: Event) -> None:
        """Open escalation places where too many wait or too little is free; close them when it is quiet."""
        row = event.row
        self.schedule_next(self.reviews, REVIEW)
        setting, step, most, open_waiting, close_waiting, open_share, close_share = self.review_rule[row]
        open_now, capacity = self.escalation[setting], self.capacity[setting]
        waiting, in_use = self.waiting[setting], self.in_use[setting]
        places = open_now
        if waiting >= open_waiting or in_use >= open_share * capacity:
            places = min(open_now + step, most)
        elif waiting <= close_waiting and in_use <= close_share * capacity:
            places = max(open_now - step, 0)
        self.extra[row] = self.escalation[setting] = places
        self.capacity[setting] += places - open_now
        self.serve_setting(setting)
