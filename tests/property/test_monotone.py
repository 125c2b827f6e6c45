"""More work, fewer places and more people never help: for whom it is so, and where it is so on average only.

One queue in order of asking, in which all places are alike and nobody gives up: there it is a theorem for every single
person (the work that is left on each place, in order, never falls: Kiefer and Wolfowitz 1955), and for a team with
hours too, by a clock that runs in its hours. Anywhere else somebody may overtake somebody: a longer task in one place
lets others come first in the next, and who comes first there may be better for all together. So for whole systems it
holds on average over replications, on the same people, and is tested like that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dischargesim.engine import simulate
from dischargesim.measures import measure_index, measure_values
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import People, Plan, Stays, Tasks, Times
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.schema import Scenario
from tests.hand_plans import PlanByHand, table
from tests.worlds import from_stream, nested, world

HOURS = [(day + 0.375, day + 0.75) for day in range(400) if day % 7 < 5]
LATER = 1e-9  # working hours are added up and taken apart again


class Queue:
    """One queue: when people come, what they need, and how many are served at once."""

    def __init__(self, gaps: list[float], needs: list[float], places: int, staffed: bool) -> None:
        self.came, self.needs, self.places, self.staffed = np.cumsum(gaps), np.array(needs), places, staffed

    def let_in(self, engine: str = "simpy") -> tuple[np.ndarray, np.ndarray]:
        """When each is served, and when each is done."""
        times = simulate(self.plan(), engine)
        return (times.started, times.done) if self.staffed else (times.entered, times.left)

    def plan(self) -> Plan:
        pools = PlanByHand(horizon=390.0)
        size = self.came.size
        rows = np.arange(size)
        if self.staffed:
            pools.setting()
            pools.team(self.places, HOURS)
            stays = table(Stays, size, person=rows)
            tasks = table(Tasks, size, stay=rows, team=0, work=self.needs / 10)
        else:
            pools.setting(self.places)
            stays = table(Stays, size, person=rows, need=self.needs)
            tasks = table(Tasks, 0)
        people = table(People, size, arrival=self.came, first=rows, number=rows)
        return replace(pools.plan(), people=people, stays=stays, tasks=tasks)

    def other(self, **changes: Any) -> Queue:
        one = Queue([], [], self.places, self.staffed)
        one.came, one.needs = self.came, self.needs
        for name, value in changes.items():
            setattr(one, name, value)
        return one


@st.composite
def queues(draw: st.DrawFn) -> Queue:
    """Crowded queues, with ties as often as not."""
    size = draw(st.integers(2, 14))
    quarter = st.integers(0, 8).map(lambda number: number / 4)
    gaps = draw(st.lists(quarter, min_size=size, max_size=size))
    needs = draw(st.lists(quarter.map(lambda days: 3 * days), min_size=size, max_size=size))
    return Queue(gaps, needs, draw(st.integers(1, 4)), draw(st.booleans()))


@settings(max_examples=150)
@given(queues(), st.integers(0, 13), st.integers(1, 12))
def test_a_longer_stay_helps_nobody(queue: Queue, who: int, longer: int) -> None:
    needs = queue.needs.copy()
    needs[who % needs.size] += longer / 4
    before, after = queue.let_in(), queue.other(needs=needs).let_in()
    for old, new in zip(before, after, strict=True):
        assert (new >= old - LATER).all()
    assert after[1][who % needs.size] > before[1][who % needs.size]


@settings(max_examples=150)
@given(queues())
def test_one_place_fewer_helps_nobody(queue: Queue) -> None:
    more, fewer = queue.other(places=queue.places + 1).let_in(), queue.let_in()
    assert all((new >= old - LATER).all() for old, new in zip(more, fewer, strict=True))


@settings(max_examples=150)
@given(queues(), st.integers(0, 14), st.integers(0, 8))
def test_one_more_person_helps_nobody_and_leaves_those_before_alone(queue: Queue, after: int, need: int) -> None:
    """They come right behind somebody; those who came before them are served as they were, to the last bit."""
    at = after % queue.came.size + 1
    more = queue.other(came=np.insert(queue.came, at, queue.came[at - 1]), needs=np.insert(queue.needs, at, need / 4))
    others = np.delete(np.arange(queue.came.size + 1), at)
    for old, new in zip(queue.let_in(), more.let_in(), strict=True):
        assert (new[others] >= old - LATER).all()
        np.testing.assert_array_equal(new[:at], old[:at])


def test_random_queues_are_crowded() -> None:
    """The tests above would prove little if nobody waited."""
    waits = []

    @settings(max_examples=100, database=None)
    @given(queues())
    def wait(queue: Queue) -> None:
        waits.append(float((queue.let_in()[0] - queue.came).max()))

    wait()
    assert np.mean(np.array(waits) > 0) > 0.6


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_elsewhere_a_longer_task_may_help(engine: str) -> None:
    """Whoever is held up is overtaken: Bo, whose stay is short, comes first into the one place, and waits no more."""

    def delays(task_of_al: float) -> list[float]:
        by_hand = PlanByHand(horizon=40)
        ward, rehab = by_hand.setting(), by_hand.setting(1)
        for arrival, task, stay in ((0.0, task_of_al, 10.0), (0.1, 1.0, 1.0)):
            by_hand.person(arrival)
            row = by_hand.stay(ward, 0.0, next=len(by_hand.stays) + 1)
            by_hand.stay(rehab, stay)
            by_hand.task(row, task)
        times = simulate(by_hand.plan(), engine)
        return (times.left - times.ready)[::2].round(6).tolist()

    before, after = delays(1.0), delays(1.2)
    assert before == [1.0, 10.9] and after == [2.1, 1.0]
    assert sum(after) < sum(before)


TIMES = ("asked", "granted", "entered", "ready", "cleared", "left", "refused")
REPLICATIONS = 24
TIGHT = world(
    nested("run", {"days": 120, "warm_up_days": 20}),
    nested("settings.acute.capacity", 60),
    nested("settings.rehab.capacity", 13),
    nested("settings.support.capacity", 60),
    nested("teams.hub.staff", 2),
)


def total(scenario: Scenario, number: int) -> tuple[float, float]:
    """Days that people are ready and still in, and days that they wait for a bed."""
    plan = draw_plan(scenario, number)
    values = measure_values(plan, simulate(plan, "auto"))
    figures = dict(zip([(r.measure, r.group) for r in measure_index(scenario)], values, strict=True))
    return figures["nctr_bed_days_lost", "all"], figures["setting_queue", "setting=acute"] * scenario.run.days


def changed(change: dict[str, Any]) -> Scenario:
    data = TIGHT.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return world(data, change)


@pytest.mark.parametrize(
    ("change", "worse"),
    [
        (nested("tasks.assessment.work_hours", {"kind": "exponential", "mean": 2.4}), 0),
        (nested("tasks.medicines.elapsed_days", {"kind": "exponential", "mean": 0.3}), 0),
        (nested("settings.rehab.capacity", 12), 0),
        (nested("settings.acute.capacity", 59), 1),
        (nested("teams.hub.staff", 1), 0),
        (nested("pathways.P2.next.rehab.stay_days", {"kind": "lognormal", "mean": 21, "median": 14.7}), 0),
    ],
    ids=[
        "longer assessments",
        "slower medicines",
        "one place fewer",
        "one bed fewer",
        "one in the hub fewer",
        "longer stays",
    ],
)
def test_whole_systems_get_no_better_on_average(change: dict[str, Any], worse: int) -> None:
    """Paired on the same people: days delayed or waiting for a bed rise by more than chance makes them, together too.

    Not each of the two by itself: with a bed fewer, more people wait outside and fewer become ready inside.
    """
    after = changed(change)
    pairs = np.array([np.subtract(total(after, n), total(TIGHT, n)) for n in range(REPLICATIONS)])
    for more in (pairs[:, worse], pairs.sum(axis=1)):
        assert more.mean() / (more.std(ddof=1) / np.sqrt(REPLICATIONS)) > 3, more


def newcomer(scenario: Scenario, day: int, name: str = "one_more") -> Scenario:
    """The scenario with a cohort of one person, who comes on that day."""
    days = scenario.run.warm_up_days + scenario.run.days
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    one = {
        "title": "One more",
        "arrivals": {"daily_counts": [int(number == day) for number in range(days)]},
        "stay_days": 30,
        "pathways": {"P2": 1.0},
    }
    data["cohorts"][name] = one
    return build_scenario(data)


def test_ten_more_people_help_nobody_on_average() -> None:
    """All others spend more days from asking for a bed until they leave it, if one more comes on each of ten days."""
    more = TIGHT
    for day in range(30, 40):
        more = newcomer(more, day, f"more_{day}")
    rises = []
    for number in range(REPLICATIONS):
        days = []
        for scenario in (TIGHT, more):
            plan = draw_plan(scenario, number)
            times = simulate(plan, "auto")
            here = (plan.stays.setting == plan.pools.names.index("acute")) & ~np.isnan(times.asked)
            here &= plan.people.cohort[plan.stays.person] < len(TIGHT.cohorts)
            days.append((np.fmin(times.left, plan.horizon) - times.asked)[here].sum())
        rises.append(days[1] - days[0])
    assert np.mean(rises) / (np.std(rises, ddof=1) / np.sqrt(REPLICATIONS)) > 3, rises


def lined_up(scenario: Scenario, number: int, day: int) -> tuple[Plan, Times, np.ndarray, Plan, Times, np.ndarray]:
    """Both runs, and the rows of the stays of everybody who is in both, in the same order."""
    before, after = draw_plan(scenario, number), draw_plan(newcomer(scenario, day), number)
    (who,) = from_stream(after, "one_more")
    stays = np.flatnonzero(after.stays.person != who)
    return (
        before,
        simulate(before, "auto"),
        np.arange(before.stays.person.size),
        after,
        simulate(after, "auto"),
        stays,
    )


def test_one_more_person_changes_only_what_can_follow() -> None:
    """The draws of all others are as they were, and their times too until the newcomer comes."""
    day, differ = 40, 0
    for number in range(4):
        before, old, rows, after, new, others = lined_up(TIGHT, number, day)
        for name in ("setting", "units", "need", "priority", "patience", "label", "pathway"):
            np.testing.assert_array_equal(getattr(after.stays, name)[others], getattr(before.stays, name)[rows])
        moment = float(after.people.arrival[from_stream(after, "one_more")[0]])
        assert day <= moment < day + 1
        for name in TIMES:
            was, now = getattr(old, name)[rows], getattr(new, name)[others]
            same = (was == now) | (np.isnan(was) & np.isnan(now))
            assert (np.fmin(was, now)[~same] >= moment).all(), name
            differ += int((~same).sum())
    assert differ > 100


def test_one_more_person_where_there_is_room_for_all_changes_nobody() -> None:
    room = {"settings": {name: {"capacity": "unlimited"} for name in ("acute", "rehab", "support", "care_home")}}
    staff = {"teams": {name: {"staff": "unlimited"} for name in ("ward", "hub", "assessors")}}
    scenario = world(nested("run", {"days": 60, "warm_up_days": 0}), room, staff)
    _, old, rows, _, new, others = lined_up(scenario, 0, 20)
    for name in TIMES:
        np.testing.assert_array_equal(getattr(new, name)[others], getattr(old, name)[rows], err_msg=name)


def test_one_more_person_in_one_hospital_changes_nobody_in_another() -> None:
    """Two hospitals that share nothing: beds, teams and places of their own."""
    other = {
        "settings": {"acute_b": {"title": "Beds B", "kind": "acute", "capacity": 24}},
        "teams": {"ward_b": {"title": "Ward B", "staff": 1}},
        "tasks": {
            "decision_b": {"title": "Decision B", "reason": "formal_decision", "team": "ward_b", "work_hours": 4}
        },
        "pathways": {"home_b": {"title": "Home, from B", "tasks": {"decision_b": {}}}},
        "cohorts": {"other": {"setting": "acute_b", "pathways": {"P0": None, "P1": None, "home_b": 1.0}}},
    }
    scenario = world(nested("run", {"days": 80, "warm_up_days": 0}), other, nested("settings.acute.capacity", 42))
    before, old, rows, after, new, others = lined_up(scenario, 0, 20)
    b = before.stays.setting[rows] == before.pools.names.index("acute_b")
    assert b.sum() > 100 and (old.granted[rows][b] > old.asked[rows][b]).any()
    changed_in_a = 0
    for name in TIMES:
        was, now = getattr(old, name)[rows], getattr(new, name)[others]
        np.testing.assert_array_equal(now[b], was[b], err_msg=name)
        changed_in_a += int((was[~b] < now[~b]).sum())
    assert changed_in_a > 10
    assert after.people.arrival.size == before.people.arrival.size + 1
