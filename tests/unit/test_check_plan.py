"""A plan whose tables contradict each other is named as such, and one that is sound passes."""

from __future__ import annotations

from dataclasses import replace
from time import process_time
from typing import Any

import numpy as np
import pytest

from dischargesim import draw_plan, load_scenario
from dischargesim.plan.check import check_plan
from dischargesim.plan.tables import FROM_READY, NONE, UNLIMITED, People, Plan, PlanError
from tests.hand_plans import INF, NAN, PlanByHand
from tests.worlds import world


def sound() -> Plan:
    """Two people, three stays, three tasks, four pools, two calendars and two reviews."""
    by_hand = PlanByHand()
    by_hand.setting(2)
    by_hand.setting(1, [(0.0, 1.0), (2.0, 3.0)])
    by_hand.team(1, [(0.5, INF)])
    by_hand.team(1)
    by_hand.change(0, 5.0, 3)
    by_hand.person(0.0)
    by_hand.stay(0, 2.0, next=1, entered=-1.0)
    by_hand.stay(1, INF, patience=0.0)
    by_hand.person(1.0)
    by_hand.stay(0, 0.0)
    by_hand.task(0, 0.5, 1)
    by_hand.task(0, 0.5, after=0, anchor=FROM_READY, starts=-2.0)
    by_hand.task(2, 0.0, 0)
    by_hand.review(1.0, 0)
    by_hand.review(2.0, 1)
    return by_hand.plan()


def with_entry(plan: Plan, table: str, column: str, row: int, value: float) -> Plan:
    """The plan with one number changed."""
    values = getattr(getattr(plan, table), column).copy()
    values[row] = value
    return with_column(plan, table, column, values)


def with_column(plan: Plan, table: str, column: str, values: Any) -> Plan:
    return replace(plan, **{table: replace(getattr(plan, table), **{column: values})})


def test_a_sound_plan_passes() -> None:
    check_plan(sound())


def test_an_empty_plan_passes() -> None:
    check_plan(PlanByHand().plan())


@pytest.mark.parametrize(
    ("table", "column", "row", "value", "message"),
    [
        ("people", "arrival", 0, 2.0, "people.arrival: expected ascending"),
        ("people", "arrival", 0, -1.0, "people.arrival: expected at least 0"),
        ("people", "arrival", 1, NAN, "people.arrival: expected at least 0; 1 of 2 not, the first is row 1"),
        ("people", "arrival", 1, INF, "people.arrival: expected finite"),
        ("people", "first", 1, 3, "people.first: expected from 0 to 2"),
        ("people", "first", 1, 1, "people.first: expected a stay of that person"),
        ("people", "first", 0, -1, "people.first: expected from 0 to 2"),
        ("stays", "person", 1, 2, "stays.person: expected from 0 to 1; 1 of 3 not, the first is row 1 (2)"),
        ("stays", "person", 2, -1, "stays.person: expected from 0 to 1; 1 of 3 not, the first is row 2 (-1)"),
        ("stays", "setting", 1, 2, "stays.setting: expected from 0 to 1"),
        ("stays", "units", 1, -1, "stays.units"),
        ("stays", "need", 1, NAN, "stays.need: expected at least 0"),
        ("stays", "need", 1, -0.5, "stays.need: expected at least 0"),
        ("stays", "patience", 1, NAN, "stays.patience: expected at least 0"),
        ("stays", "next", 0, 3, "stays.next: expected from -1 to 2"),
        ("stays", "next", 0, 2, "stays.next: expected a stay of the same person"),
        ("stays", "otherwise", 1, -2, "stays.otherwise: expected from -1 to 2"),
        ("stays", "otherwise", 1, 0, "expected never to lead back to an earlier stay, row 0 does"),
        ("stays", "next", 2, 2, "expected never to lead back to an earlier stay, row 2 does"),
        ("stays", "entered", 0, 0.5, "stays.entered: expected 0 or earlier"),
        ("stays", "entered", 1, -1.0, "stays.entered: expected given for first stays only"),
        ("tasks", "stay", 0, 1, "tasks.stay: expected ascending"),
        ("tasks", "stay", 2, 3, "tasks.stay: expected from 0 to 2"),
        ("tasks", "team", 0, 2, "tasks.team: expected from -1 to 1"),
        ("tasks", "work", 0, -1.0, "tasks.work: expected at least 0"),
        ("tasks", "work", 0, NAN, "tasks.work: expected at least 0"),
        ("tasks", "after", 1, 1, "tasks.after: expected a smaller row"),
        ("tasks", "after", 2, 0, "tasks.after: expected a task of the same stay"),
        ("tasks", "after", 2, 9, "tasks.after: expected from -1 to 2"),
        ("tasks", "starts", 0, NAN, "tasks.starts"),
        ("tasks", "starts", 0, -INF, "tasks.starts"),
        ("tasks", "anchor", 0, 2, "tasks.anchor: expected from 0 to 1"),
        ("pools", "calendar", 0, 2, "pools.calendar: expected from -1 to 1"),
        ("pools", "calendar_start", 0, 1, "pools.calendar_start: expected to ascend from 0 to 3"),
        ("pools", "calendar_start", 0, -1, "pools.calendar_start: expected to ascend from 0 to 3"),
        ("pools", "calendar_start", 1, 9, "pools.calendar_start: expected to ascend from 0 to 3"),
        ("pools", "change_time", 4, 0.0, "pools.change_time"),
        ("pools", "change_time", 0, 0.5, "pools.change_time: expected each pool has one row at time 0"),
        ("pools", "change_pool", 4, 4, "pools.change_pool: expected from 0 to 3"),
        ("pools", "change_pool", 0, -1, "pools.change_pool: expected from 0 to 3"),
        ("pools", "change_capacity", 4, -1, "pools.change_capacity"),
        ("pools", "change_capacity", 4, UNLIMITED + 1, "pools.change_capacity"),
        ("pools", "closes", 0, 0.0, "pools.closes: expected each later than it opens"),
        ("pools", "closes", 0, -0.5, "pools.closes: expected each later than it opens"),
        ("pools", "closes", 0, 2.0, "pools.opens: expected intervals of a calendar ascending and not touching"),
        ("pools", "opens", 0, -INF, "pools.opens: expected finite"),
        ("reviews", "time", 0, 0.0, "reviews.time: expected finite, greater than 0"),
        ("reviews", "time", 0, 3.0, "reviews.time: expected ascending"),
        ("reviews", "setting", 0, 2, "reviews.setting: expected from 0 to 1"),
        ("reviews", "step", 0, -1, "reviews.step: expected from 0 to 2147483647"),
        ("reviews", "most", 1, 2**31, "reviews.most: expected from 0 to 2147483647"),
        ("reviews", "open_share", 0, NAN, "reviews.open_share: expected a number"),
    ],
)
def test_each_contradiction_is_named(table: str, column: str, row: int, value: float, message: str) -> None:
    with pytest.raises(PlanError) as caught:
        check_plan(with_entry(sound(), table, column, row, value))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("table", "column", "values", "message"),
    [
        ("tasks", "stay", [0, 2, 1], "tasks.stay: expected ascending; 1 of 2 not"),
        ("pools", "change_pool", [0, 2, 1, 3, 0], "pools.change_time: expected sorted by time, then pool, once each"),
    ],
)
def test_order_is_from_each_row_to_the_next(table: str, column: str, values: list[int], message: str) -> None:
    """A row that comes before the one above it is found, though it comes after the first of all."""
    with pytest.raises(PlanError) as caught:
        check_plan(with_column(sound(), table, column, np.array(values, dtype=np.int32)))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("stays", "units", 2**31 - 1),
        ("stays", "units", 0),
        ("reviews", "step", 2**31 - 1),
        ("reviews", "most", 2**31 - 1),
        ("reviews", "most", 0),
        ("pools", "change_capacity", UNLIMITED),
        ("pools", "change_capacity", 0),
        ("stays", "patience", INF),
        ("stays", "need", INF),
        ("tasks", "work", INF),
        ("tasks", "starts", INF),
        ("tasks", "starts", -1e6),
        ("reviews", "open_share", INF),
    ],
)
def test_the_largest_and_the_smallest_pass(table: str, column: str, value: float) -> None:
    check_plan(with_entry(sound(), table, column, 0, value))


def test_all_are_named_at_once() -> None:
    plan = with_entry(sound(), "stays", "need", 0, NAN)
    plan = with_entry(plan, "tasks", "work", 0, -1.0)
    with pytest.raises(PlanError, match=r"stays.need(.|\n)*tasks.work"):
        check_plan(plan)


def test_the_wrong_type_of_column() -> None:
    plan = with_column(sound(), "stays", "units", np.ones(3))
    with pytest.raises(PlanError, match=r"stays.units: got float64, expected one column of int32"):
        check_plan(plan)


@pytest.mark.parametrize("shape", [(), (3, 1)])
def test_a_column_has_one_dimension(shape: tuple[int, ...]) -> None:
    plan = with_column(sound(), "stays", "units", np.ones(shape, dtype=np.int32))
    with pytest.raises(PlanError, match=r"stays.units: got int32, expected one column of int32"):
        check_plan(plan)


@pytest.mark.parametrize("name", ["calendar", "longest_ready_first"])
def test_one_row_a_pool(name: str) -> None:
    plan = sound()
    with pytest.raises(PlanError, match=f"pools.{name}: got 3 rows for 4 pools"):
        check_plan(with_column(plan, "pools", name, getattr(plan.pools, name)[:3]))


def test_any_number_of_pools() -> None:
    by_hand = PlanByHand()
    for _ in range(300):
        by_hand.setting(1)
    check_plan(by_hand.plan())


def test_no_calendar_but_its_end_must_be_said() -> None:
    """Where nothing keeps hours, the calendars begin and end at 0; a table that says nothing is refused."""
    by_hand = PlanByHand()
    by_hand.setting(1)
    plan = by_hand.plan()
    assert plan.pools.calendar_start.tolist() == [0]
    check_plan(plan)
    with pytest.raises(PlanError, match=r"pools.calendar_start: expected to ascend from 0 to 0"):
        check_plan(with_column(plan, "pools", "calendar_start", plan.pools.calendar_start[:0]))


@pytest.mark.parametrize("settings", [-1, 5])
def test_no_more_settings_than_pools(settings: int) -> None:
    plan = sound()
    with pytest.raises(PlanError, match=rf"pools.settings: got {settings} of 4 pools"):
        check_plan(replace(plan, pools=replace(plan.pools, settings=settings)))


def test_flags_are_yes_or_no() -> None:
    with pytest.raises(PlanError, match=r"pools.longest_ready_first: got int64, expected one column of bool"):
        check_plan(with_column(sound(), "pools", "longest_ready_first", np.ones(4, dtype=np.int64)))


def test_columns_of_different_length() -> None:
    plan = with_column(sound(), "stays", "units", np.ones(2, dtype=np.int32))
    with pytest.raises(PlanError, match="stays: columns of different length"):
        check_plan(plan)


@pytest.mark.parametrize(("column", "size"), [("arrival", 0), ("needed", 1), ("needed", 3)])
def test_a_column_may_be_left_out_only_where_it_is_optional(column: str, size: int) -> None:
    plan = sound()
    short = np.resize(getattr(plan.people, column), size)
    with pytest.raises(PlanError, match=f"people: columns of different length, .*'{column}': {size}"):
        check_plan(with_column(plan, "people", column, short))


def test_what_is_optional_may_be_left_out() -> None:
    """Of people, what only measures look at."""
    plan = sound()
    given = ("arrival", "first", "cohort", "locality", "origin", "number")
    people = People(*(getattr(plan.people, name) for name in given))
    assert [people.needed.size, people.age_band.size, people.deprivation.size] == [0, 0, 0]
    check_plan(replace(plan, people=people))


def test_a_plan_by_hand_is_the_first_replication_of_no_scenario() -> None:
    plan = sound()
    assert (plan.scenario, plan.replication, plan.rate_effects) == (None, 0, None)


def test_a_plan_is_shown_without_its_scenario() -> None:
    """It goes on for pages, and whoever prints a plan wants to see its tables."""
    plan = replace(sound(), scenario=world())
    assert "stays=" in repr(plan) and "scenario=" not in repr(plan)


@pytest.mark.parametrize("horizon", [NAN, INF, -1.0])
def test_the_horizon(horizon: float) -> None:
    with pytest.raises(PlanError, match="horizon: got"):
        check_plan(replace(sound(), horizon=horizon))


@pytest.mark.parametrize("stays", [2, 3])
def test_stays_need_not_be_in_the_order_of_the_journey(stays: int) -> None:
    by_hand = PlanByHand()
    by_hand.setting(1)
    by_hand.person(0.0)
    for following in range(NONE, stays - 1):
        by_hand.stay(0, 1.0, next=following)
    by_hand.people[0]["first"] = stays - 1
    check_plan(by_hand.plan())


def test_each_calendar_begins_anew() -> None:
    by_hand = PlanByHand()
    for hours in ([(0.25, 0.5)], [(0.25, 0.75)], [(0.0, 1.0), (2.0, 3.0)], [(1.0, 2.0)]):
        by_hand.setting(1, hours)
    check_plan(by_hand.plan())


def test_intervals_of_the_last_calendar_after_one_that_never_opens() -> None:
    by_hand = PlanByHand()
    by_hand.setting(1, [])
    by_hand.setting(1, [(0.0, 1.0), (1.0, 2.0)])
    with pytest.raises(PlanError, match=r"intervals of a calendar ascending and not touching; 1 of 1 not"):
        check_plan(by_hand.plan())


def test_a_year_is_checked_in_no_time() -> None:
    plan = draw_plan(load_scenario(["system=england_average", "run.days=365"]))
    start = process_time()
    for _ in range(10):
        check_plan(plan)
    assert process_time() - start < 0.3  # 30 ms each; it takes three
