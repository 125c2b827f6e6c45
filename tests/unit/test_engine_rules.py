"""The rules of docs/engines.md, one small plan by hand for each, in both engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dischargesim.engine import simulate
from dischargesim.plan.tables import FROM_READY, PlanError, Times
from tests.hand_plans import INF, NAN, PlanByHand

Run = Callable[[PlanByHand], Times]


@pytest.fixture(params=["simpy", "compiled"])
def run(request: pytest.FixtureRequest) -> Run:
    if request.param == "compiled":
        pytest.importorskip("numba")
    return lambda by_hand: simulate(by_hand.plan(), request.param)


Counted = Callable[[PlanByHand], tuple[Times, int]]


@pytest.fixture(params=["simpy", "compiled"])
def counted(request: pytest.FixtureRequest) -> Counted:
    """As `run`, with the number of events."""
    if request.param == "compiled":
        pytest.importorskip("numba")
    engine = import_module(f"dischargesim.engine.{request.param}_engine")
    return lambda by_hand: engine.run_counted(by_hand.plan())


def ward(capacity: int = 1) -> PlanByHand:
    """One setting, number 0."""
    by_hand = PlanByHand()
    by_hand.setting(capacity)
    return by_hand


def people(by_hand: PlanByHand, *arrivals: float, need: float = 2.0, **columns: float) -> PlanByHand:
    for arrival in arrivals:
        by_hand.person(arrival)
        by_hand.stay(0, need, **columns)
    return by_hand


# Before the first event


def test_nobody_at_all(run: Run) -> None:
    times = run(ward())
    assert times.asked.size == 0
    assert times.queued.size == 0


def test_people_already_in_hold_their_places_whatever_the_capacity(run: Run) -> None:
    by_hand = ward(1)
    people(by_hand, 0.0, 0.0, need=3.0, entered=-1.0)
    people(by_hand, 0.0, need=1.0)
    times = run(by_hand)
    assert_array_equal(times.asked, [-1, -1, 0])
    assert_array_equal(times.granted, [-1, -1, 2])
    assert_array_equal(times.entered, [-1, -1, 2])
    assert_array_equal(times.left, [2, 2, 3])


def test_people_already_in_may_have_been_ready_for_days(run: Run) -> None:
    by_hand = ward()
    people(by_hand, 0.0, need=4.0, entered=-10.0)
    by_hand.task(0, 1.5, anchor=FROM_READY)
    times = run(by_hand)
    assert_array_equal(times.ready, [-6])
    assert_array_equal(times.queued, [0])
    assert_array_equal(times.cleared, [1.5])


def test_patience_of_those_ready_before_the_start_counts_from_then(run: Run) -> None:
    by_hand = ward()
    full = by_hand.setting(0)
    people(by_hand, 0.0, need=4.0, entered=-10.0, next=1)
    by_hand.stay(full, 1.0, patience=7.0)
    times = run(by_hand)
    assert_array_equal(times.refused, [NAN, 1.0])
    assert_array_equal(times.left, [1.0, NAN])


def test_patience_that_ended_before_the_start_ends_at_the_start(run: Run) -> None:
    by_hand = ward()
    full = by_hand.setting(0)
    people(by_hand, 0.0, need=4.0, entered=-10.0, next=1)
    by_hand.stay(full, 1.0, patience=3.0)
    assert_array_equal(run(by_hand).refused, [NAN, 0.0])


# Asking and being granted


def test_a_free_place_is_given_at_once(run: Run) -> None:
    times = run(people(ward(), 1.5))
    for name, moment in {
        "asked": 1.5,
        "granted": 1.5,
        "entered": 1.5,
        "ready": 3.5,
        "cleared": 3.5,
        "left": 3.5,
    }.items():
        assert_array_equal(getattr(times, name), [moment])
    assert_array_equal(times.refused, [NAN])


def test_places_are_given_in_order_of_asking(run: Run) -> None:
    assert_array_equal(run(people(ward(), 0.0, 0.5, 1.0)).entered, [0, 2, 4])


def test_arrivals_at_one_moment_come_in_order_of_rows(run: Run) -> None:
    assert_array_equal(run(people(ward(), 1.0, 1.0, 1.0)).entered, [1, 3, 5])


def test_smaller_priority_goes_first(run: Run) -> None:
    by_hand = people(ward(), 0.0)
    people(by_hand, 0.5, priority=3)
    people(by_hand, 1.0, priority=-7)
    people(by_hand, 1.25, priority=3)
    assert_array_equal(run(by_hand).entered, [0, 4, 2, 6])


def test_nobody_overtakes_a_head_that_is_too_large(run: Run) -> None:
    by_hand = people(ward(3), 0.0, need=10.0, units=1)
    people(by_hand, 1.0, need=1.0, units=3)
    people(by_hand, 2.0, need=1.0, units=1)
    assert_array_equal(run(by_hand).entered, [0, 10, 11])


def test_units_are_given_while_they_last(run: Run) -> None:
    by_hand = people(ward(4), 0.0, need=2.0, units=4)
    people(by_hand, 0.5, 0.5, 0.5, need=1.0, units=2)
    assert_array_equal(run(by_hand).entered, [0, 2, 2, 3])


def test_a_stay_of_no_units_needs_no_free_place_but_keeps_its_turn(run: Run) -> None:
    by_hand = people(ward(1), 0.0, need=2.0)
    people(by_hand, 0.5, need=1.0, units=0)
    people(by_hand, 1.0, need=1.0)
    people(by_hand, 1.5, need=1.0, units=0)
    assert_array_equal(run(by_hand).entered, [0, 0.5, 2, 2])


def test_no_unit_is_given_while_more_are_in_use_than_there_are(run: Run) -> None:
    by_hand = people(ward(1), 0.0, need=2.0)
    by_hand.change(0, 0.25, 0)
    people(by_hand, 0.5, need=1.0, units=0)
    assert_array_equal(run(by_hand).entered, [0, 2])


# Moving on


def test_the_place_is_kept_until_the_next_is_free(run: Run) -> None:
    by_hand = ward(1)
    home = by_hand.setting(1)
    people(by_hand, 0.0, need=1.0, next=1)
    by_hand.stay(home, 5.0)
    by_hand.person(0.5)
    by_hand.stay(0, 1.0, next=3)
    by_hand.stay(home, 1.0)
    people(by_hand, 0.75)
    times = run(by_hand)
    assert_array_equal(times.entered, [0, 1, 1, 6, 6])
    assert_array_equal(times.left, [1, 6, 6, 7, 8])
    assert_array_equal(times.asked, [0, 1, 0.5, 2, 0.75])


def test_a_stay_without_end(run: Run) -> None:
    by_hand = people(ward(), 0.0, need=INF)
    by_hand.task(0, 0.5)
    by_hand.task(0, 0.5, anchor=FROM_READY, starts=-1.0)
    times = run(by_hand)
    assert_array_equal(times.ready, [NAN])
    assert_array_equal(times.done, [0.5, NAN])


def test_what_happens_at_the_horizon_still_counts_and_nothing_later(run: Run) -> None:
    by_hand = people(ward(), 0.0, 2.0, 2.0, need=2.0)
    by_hand.horizon = 4.0
    people(by_hand, 4.0, 4.25)
    times = run(by_hand)
    assert_array_equal(times.entered, [0, 2, 4, NAN, NAN])
    assert_array_equal(times.asked, [0, 2, 2, 4, NAN])
    assert_array_equal(times.left, [2, 4, NAN, NAN, NAN])


# Swaps within a setting


def test_a_swap_of_equal_units_never_waits(run: Run) -> None:
    by_hand = people(ward(1), 0.0, need=2.0, next=1)
    by_hand.stay(0, 3.0)
    people(by_hand, 0.5)
    assert_array_equal(run(by_hand).entered, [0, 2, 5])


def test_a_swap_to_fewer_units_frees_the_rest_at_once(run: Run) -> None:
    by_hand = people(ward(4), 0.0, need=2.0, next=1, units=4)
    by_hand.stay(0, 3.0, units=1)
    people(by_hand, 0.5, units=3)
    assert_array_equal(run(by_hand).entered, [0, 2, 2])


def test_a_swap_to_more_units_waits_for_the_difference_in_turn(run: Run) -> None:
    by_hand = people(ward(3), 0.0, need=2.0, next=1, units=1)
    by_hand.stay(0, 3.0, units=2)
    people(by_hand, 0.0, need=4.0, units=2)
    people(by_hand, 3.0, need=1.0, units=2)
    times = run(by_hand)
    assert_array_equal(times.asked, [0, 2, 0, 3])
    assert_array_equal(times.entered, [0, 4, 0, 7])


def test_a_swap_is_one_in_the_last_of_many_settings_too(run: Run) -> None:
    by_hand = PlanByHand()
    last = [by_hand.setting(1) for _ in range(300)][-1]
    by_hand.person(0.0)
    by_hand.stay(last, 1.0, next=1)
    by_hand.stay(last, 5.0)
    by_hand.person(2.0)
    by_hand.stay(last, 1.0)
    assert_array_equal(run(by_hand).entered, [0, 1, 6])


def test_a_swap_waits_for_no_move_in_hours(run: Run) -> None:
    by_hand = PlanByHand()
    by_hand.setting(2, [(0.0, 1.0), (10.0, 11.0)])
    people(by_hand, 0.0, need=2.0, next=1)
    by_hand.stay(0, 1.0)
    people(by_hand, 2.5)
    times = run(by_hand)
    assert_array_equal(times.entered, [0, 2, 10])
    assert_array_equal(times.granted, [0, 2, 2.5])


# Move-in hours


def test_a_granted_place_is_held_until_move_in_hours(run: Run) -> None:
    by_hand = PlanByHand()
    by_hand.setting(1, [(1.0, 2.0), (5.0, 6.0)])
    people(by_hand, 0.0, 1.0, 1.25, need=0.5)
    times = run(by_hand)
    assert_array_equal(times.granted, [0, 1.5, 2])
    assert_array_equal(times.entered, [1, 1.5, 5])
    assert_array_equal(times.left, [1.5, 2, 5.5])


@pytest.mark.parametrize(("origin", "destination"), [(0, 1), (1, 0)])
def test_whoever_comes_from_another_setting_waits_for_move_in_hours(run: Run, origin: int, destination: int) -> None:
    by_hand = PlanByHand()
    for setting in (0, 1):
        by_hand.setting(1, [(5.0, 6.0)] if setting == destination else None)
    by_hand.person(0.0)
    by_hand.stay(origin, 2.0, next=1)
    by_hand.stay(destination, 0.5)
    times = run(by_hand)
    assert_array_equal(times.granted, [0, 2])
    assert_array_equal(times.entered, [0, 5])
    assert_array_equal(times.left, [5, 5.5])


def test_a_place_that_never_opens_again_is_held_for_ever(run: Run) -> None:
    by_hand = PlanByHand()
    by_hand.setting(1, [(0.0, 1.0)])
    people(by_hand, 2.0, 3.0)
    times = run(by_hand)
    assert_array_equal(times.granted, [2, NAN])
    assert_array_equal(times.entered, [NAN, NAN])


def test_patience_no_longer_matters_once_a_place_is_granted(run: Run) -> None:
    by_hand = PlanByHand()
    by_hand.setting(1, [(5.0, 6.0)])
    people(by_hand, 0.0, patience=1.0)
    times = run(by_hand)
    assert_array_equal(times.refused, [NAN])
    assert_array_equal(times.entered, [5])


# Patience


def test_no_patience_means_at_once_or_not_at_all(run: Run) -> None:
    times = run(people(ward(), 0.0, 1.0, 2.0, patience=0.0))
    assert_array_equal(times.entered, [0, NAN, 2])  # at day 2, the place is free before the arrival
    assert_array_equal(times.refused, [NAN, 1, NAN])


def test_a_place_that_falls_free_as_patience_ends_is_taken(run: Run) -> None:
    by_hand = people(ward(), 0.0, need=2.0)
    people(by_hand, 1.0, patience=1.0)
    assert_array_equal(run(by_hand).entered, [0, 2])  # READY comes before PATIENCE


def test_a_place_that_falls_free_by_moving_on_comes_too_late(run: Run) -> None:
    by_hand = ward(1)
    home = by_hand.setting()
    people(by_hand, 0.0, need=2.0, next=1)
    by_hand.stay(home, 1.0)
    people(by_hand, 1.0, patience=1.0)
    times = run(by_hand)
    assert_array_equal(times.refused, [NAN, NAN, 2.0])  # LET_IN, which frees the place, comes after PATIENCE


def test_a_large_head_that_gives_up_lets_the_small_one_in(run: Run) -> None:
    by_hand = people(ward(2), 0.0, need=10.0)
    people(by_hand, 1.0, units=2, patience=2.0)
    people(by_hand, 2.0, units=1)
    times = run(by_hand)
    assert_array_equal(times.entered, [0, NAN, 3])
    assert_array_equal(times.refused, [NAN, 3, NAN])


def test_patience_counts_from_ready_and_tasks_not_begun_are_dropped(run: Run) -> None:
    by_hand = ward(2)
    other = by_hand.setting()
    team = by_hand.team(1)
    people(by_hand, 0.0, need=1.0, next=1)
    by_hand.stay(other, 1.0, patience=2.0, otherwise=2)
    by_hand.stay(0, 4.0)  # in the same place: that needs no tasks done
    by_hand.task(0, 5.0, team)  # begun: finished, to no purpose
    by_hand.task(0, 1.0, team)  # queued: passed over
    by_hand.task(0, 1.0, after=0)  # after another: never queued
    by_hand.task(0, 1.0, starts=9.0)  # later: never queued
    people(by_hand, 3.0, need=0.0)
    by_hand.task(3, 1.0, team)
    times = run(by_hand)
    assert_array_equal(times.asked, [0, NAN, 3, 3])
    assert_array_equal(times.refused, [NAN, 3, NAN, NAN])
    assert_array_equal(times.cleared, [NAN, NAN, 7, 6])
    assert_array_equal(times.left, [3, NAN, 7, 6])
    assert_array_equal(times.queued, [0, 0, NAN, NAN, 3])
    assert_array_equal(times.started, [0, NAN, NAN, NAN, 5])
    assert_array_equal(times.done, [5, NAN, NAN, NAN, 6])


@pytest.mark.parametrize(("places", "refused"), [(0, 5.0), (1, NAN)])
def test_nobody_goes_elsewhere_before_the_tasks_are_done(run: Run, places: int, refused: float) -> None:
    by_hand = ward(1)
    scarce, elsewhere = by_hand.setting(places), by_hand.setting()
    people(by_hand, 0.0, need=1.0, next=1)
    by_hand.stay(scarce, 4.0, patience=2.0, otherwise=2)  # patience ends at 3, with the task open until 5
    by_hand.stay(elsewhere, 4.0)
    by_hand.task(0, 5.0, by_hand.team(1))
    times = run(by_hand)
    assert_array_equal(times.cleared[0], 5)
    assert_array_equal(times.asked, [0, 5, 5 if places == 0 else NAN])
    assert_array_equal(times.refused, [NAN, refused, NAN])
    assert_array_equal(times.entered, [0, NAN if places == 0 else 5, 5 if places == 0 else NAN])


def test_patience_that_ends_as_the_tasks_are_done_is_not_lost(run: Run) -> None:
    by_hand = ward(1)
    full, elsewhere = by_hand.setting(0), by_hand.setting()
    people(by_hand, 0.0, need=1.0, next=1)
    by_hand.stay(full, 4.0, patience=2.0, otherwise=2)
    by_hand.stay(elsewhere, 4.0)
    by_hand.task(0, 3.0)
    by_hand.task(0, 0.0, after=0)  # begins, and is done, at the moment at which patience ends
    times = run(by_hand)
    assert_array_equal(times.asked, [0, 3, 3])
    assert_array_equal(times.refused, [NAN, 3, NAN])


def test_giving_up_without_an_alternative_leaves_the_place_held(run: Run) -> None:
    by_hand = ward(1)
    full = by_hand.setting(0)
    people(by_hand, 0.0, need=1.0, next=1)
    by_hand.stay(full, 1.0, patience=2.0)
    people(by_hand, 0.5)
    times = run(by_hand)
    assert_array_equal(times.left, [3, NAN, 5])
    assert_array_equal(times.entered, [0, NAN, 3])


def test_giving_up_on_the_first_stay_is_never_to_have_come(run: Run) -> None:
    times = run(people(ward(0), 1.0, patience=2.0))
    assert_array_equal(times.asked, [1])
    assert_array_equal(times.refused, [3])
    assert_array_equal(times.left, [NAN])


def test_a_chain_of_refusals_counts_patience_from_each(run: Run) -> None:
    by_hand = ward(1)
    full = by_hand.setting(0)
    people(by_hand, 0.0, need=1.0, next=1)
    by_hand.stay(full, 1.0, patience=0.0, otherwise=2)
    by_hand.stay(full, 1.0, patience=0.5, otherwise=3)
    by_hand.stay(full, 1.0, patience=0.0, otherwise=4)
    by_hand.stay(0, 2.0)  # a setback: back in the place it has held all along
    times = run(by_hand)
    assert_array_equal(times.asked, [0, 1, 1, 1.5, 1.5])
    assert_array_equal(times.refused, [NAN, 1, 1.5, 1.5, NAN])
    assert_array_equal(times.left, [1.5, NAN, NAN, NAN, 3.5])


def test_the_queue_is_served_before_the_alternative_is_asked_for(run: Run) -> None:
    by_hand = people(ward(2), 0.0, need=INF)
    people(by_hand, 0.5, need=1.0, units=2, patience=1.0, otherwise=2, priority=0)
    by_hand.stay(0, 1.0, units=1, priority=-5)
    people(by_hand, 1.0, need=1.0, units=1, priority=1)
    assert_array_equal(run(by_hand).entered, [0, NAN, 2.5, 1.5])


def test_the_same_place_may_be_the_next_or_the_alternative(run: Run) -> None:
    """A stay that is both what follows a first stay and what is tried instead of it."""
    by_hand = ward(1)
    bed = by_hand.setting()
    for arrival in (0.0, 0.5):
        by_hand.person(arrival)
        by_hand.stay(0, 2.0, patience=0.0, next=len(by_hand.stays) + 1, otherwise=len(by_hand.stays) + 1)
        by_hand.stay(bed, 1.0)
    assert_array_equal(run(by_hand).entered, [0, 2, NAN, 0.5])


# Tasks


def test_the_place_is_kept_until_every_task_is_done(run: Run) -> None:
    by_hand = people(ward(1), 0.0, 0.5, need=1.0)
    by_hand.task(0, 3.0)
    by_hand.task(0, 2.0)
    times = run(by_hand)
    assert_array_equal(times.ready, [1, 4])
    assert_array_equal(times.cleared, [3, 4])
    assert_array_equal(times.entered, [0, 3])


def test_tasks_done_early_hold_nobody_up(run: Run) -> None:
    by_hand = people(ward(1), 0.0, 0.5, need=4.0)
    by_hand.task(0, 1.0)
    times = run(by_hand)
    assert_array_equal(times.cleared, [4, 8])
    assert_array_equal(times.entered, [0, 4])  # and nobody goes before they are ready


def test_of_two_people_each_has_tasks_one_after_the_other(run: Run) -> None:
    by_hand = people(ward(2), 0.0, 0.0, need=1.0)
    by_hand.task(0, 1.0)
    by_hand.task(1, 2.0)
    by_hand.task(1, 3.0, after=1)
    times = run(by_hand)
    assert_array_equal(times.queued, [0, 0, 2])
    assert_array_equal(times.done, [1, 2, 5])
    assert_array_equal(times.left, [1, 5])


def test_a_task_waits_for_the_one_before_it_and_for_its_own_moment(run: Run) -> None:
    by_hand = people(ward(1), 0.0, need=1.0)
    by_hand.task(0, 1.0)
    by_hand.task(0, 1.0, after=0)
    by_hand.task(0, 1.0, after=0, starts=2.5)
    by_hand.task(0, 1.0, after=1, starts=0.5)
    assert_array_equal(run(by_hand).queued, [0, 1, 2.5, 2])


def test_planning_ahead_starts_before_ready_but_never_before_entering(run: Run) -> None:
    by_hand = people(ward(1), 1.0, need=4.0)
    by_hand.task(0, 0.5, anchor=FROM_READY, starts=-3.0)
    by_hand.task(0, 0.5, anchor=FROM_READY, starts=-9.0)
    by_hand.task(0, 0.5, anchor=FROM_READY, starts=1.0, after=0)
    by_hand.task(0, 0.5, anchor=FROM_READY)
    times = run(by_hand)
    assert_array_equal(times.queued, [2, 1, 6, 5])
    assert_array_equal(times.cleared, [6.5])


def test_the_ready_anchor_is_known_before_anybody_is_ready(run: Run) -> None:
    by_hand = people(ward(1), 0.0, need=4.0)
    by_hand.task(0, 1.0)
    by_hand.task(0, 1.0, after=0, anchor=FROM_READY, starts=-1.5)
    assert_array_equal(run(by_hand).queued, [0, 2.5])


def test_a_team_takes_tasks_up_in_order_of_priority_then_of_queueing(run: Run) -> None:
    by_hand = people(ward(9), 0.0, 0.0, 0.0, 0.0)
    team = by_hand.team(1)
    for stay, (starts, priority) in enumerate([(0.0, 0), (0.5, 1), (0.25, 1), (0.75, 0)]):
        by_hand.task(stay, 1.0, team, starts=starts, priority=priority)
    assert_array_equal(run(by_hand).started, [0, 3, 2, 1])


def test_each_of_the_staff_does_one_task_at_a_time(run: Run) -> None:
    by_hand = people(ward(9), 0.0, 0.0, 0.0)
    team = by_hand.team(2)
    for stay in range(3):
        by_hand.task(stay, 1.0 + stay, team)
    assert_array_equal(run(by_hand).started, [0, 0, 1])


def test_a_plain_delay_needs_no_staff_and_no_hours(run: Run) -> None:
    by_hand = people(ward(9), 0.25, 0.25)
    by_hand.team(0)
    by_hand.task(0, 1.0)
    by_hand.task(1, 1.5)
    times = run(by_hand)
    assert_array_equal(times.queued, [0.25, 0.25])
    assert_array_equal(times.started, [0.25, 0.25])
    assert_array_equal(times.done, [1.25, 1.75])


def test_work_pauses_out_of_hours_and_starts_in_hours(run: Run) -> None:
    by_hand = people(ward(9), 0.0, 2.0, 2.0)
    team = by_hand.team(1, [(1.0, 2.0), (4.0, 5.0), (6.0, 9.0)])
    by_hand.task(0, 0.75, team)
    by_hand.task(1, 1.0, team)
    by_hand.task(2, 0.5, team)
    times = run(by_hand)
    assert_array_equal(times.started, [1, 4, 6])
    assert_array_equal(times.done, [1.75, 5, 6.5])


def test_several_wait_for_one_opening(run: Run) -> None:
    by_hand = people(ward(9), 0.0, 0.25, 0.5)
    team = by_hand.team(2, [(1.0, 2.0), (3.0, 4.0)])
    for stay in range(3):
        by_hand.task(stay, 1.0, team)
    assert_array_equal(run(by_hand).started, [1, 1, 3])


def test_a_team_whose_hours_are_over_for_good_never_starts(run: Run) -> None:
    by_hand = people(ward(9), 0.0, 0.0)
    team = by_hand.team(1, [(0.0, 1.0)])
    by_hand.task(0, 2.0, team)
    by_hand.task(1, 2.0, team)
    times = run(by_hand)
    assert_array_equal(times.started, [0, NAN])
    assert_array_equal(times.done, [NAN, NAN])


def test_work_of_no_length(run: Run) -> None:
    by_hand = people(ward(9), 0.0, 0.0, need=0.0)
    team = by_hand.team(1)
    by_hand.task(0, 0.0, team)
    by_hand.task(0, 0.0, after=0)
    by_hand.task(1, 0.0, team)
    times = run(by_hand)
    assert_array_equal(times.left, [0, 0])


# Capacity


def test_capacity_follows_its_schedule_and_nobody_is_thrown_out(run: Run) -> None:
    by_hand = people(ward(2), 0.0, 0.0, 0.5, 0.5, need=4.0)
    by_hand.change(0, 1.0, 0)
    by_hand.change(0, 5.0, 1)
    by_hand.change(0, 6.0, 2)
    assert_array_equal(run(by_hand).entered, [0, 0, 5, 6])


def test_a_team_may_have_nobody_for_a_while(run: Run) -> None:
    by_hand = people(ward(9), 0.0, 0.0)
    team = by_hand.team(1)
    by_hand.change(1, 0.5, 0)
    by_hand.change(1, 3.0, 1)
    by_hand.task(0, 1.0, team)
    by_hand.task(1, 1.0, team)
    times = run(by_hand)
    assert_array_equal(times.started, [0, 3])
    assert_array_equal(times.done, [1, 4])


def test_staff_who_come_out_of_hours_wait_for_the_opening(run: Run) -> None:
    by_hand = people(ward(9), 0.0)
    team = by_hand.team(0, [(0.0, 1.0), (3.0, 4.0)])
    by_hand.change(1, 2.0, 1)
    by_hand.task(0, 0.5, team)
    assert_array_equal(run(by_hand).started, [3])


def test_capacity_changes_before_anything_else_at_that_moment(run: Run) -> None:
    by_hand = people(ward(1), 0.0, need=2.0)
    by_hand.change(0, 2.0, 0)
    people(by_hand, 1.0)
    assert_array_equal(run(by_hand).entered, [0, NAN])


# Reviews


def test_escalation_beds_open_for_a_queue_and_close_when_it_is_gone(run: Run) -> None:
    by_hand = people(ward(1), 0.0, 0.25, 0.25, 0.25, need=3.0)
    for day in range(1, 9):
        by_hand.review(float(day), 0, step=1, most=2, open_waiting=1, close_waiting=0)
    times = run(by_hand)
    assert_array_equal(times.entered, [0, 1, 2, 3])
    assert_array_equal(times.extra, [1, 2, 2, 1, 0, 0, 0, 0])


def test_escalation_beds_open_on_the_share_in_use(run: Run) -> None:
    by_hand = people(ward(4), 0.0, 0.0, 0.0, need=2.5)
    for day in range(1, 5):
        by_hand.review(
            float(day), 0, most=4, step=3, open_waiting=99, close_waiting=99, open_share=0.75, close_share=0.25
        )
    assert_array_equal(run(by_hand).extra, [3, 3, 0, 0])


def test_more_in_use_than_the_share_opens_them_too(run: Run) -> None:
    by_hand = people(ward(4), 0.0, 0.0, 0.0, need=INF)
    by_hand.review(1.0, 0, open_waiting=99, open_share=0.5)
    assert_array_equal(run(by_hand).extra, [1])


def test_between_the_limits_nothing_changes(run: Run) -> None:
    by_hand = people(ward(1), 0.0, 0.0, 0.0, 0.0, need=2.5)
    by_hand.review(1.0, 0, most=2, open_waiting=3, close_waiting=0)
    by_hand.review(2.0, 0, most=2, open_waiting=3, close_waiting=0)
    assert_array_equal(run(by_hand).extra, [1, 1])


def test_those_who_gave_up_are_not_counted_as_waiting(run: Run) -> None:
    by_hand = people(ward(0), 0.0, 0.0, patience=0.5)
    people(by_hand, 0.0)
    by_hand.review(1.0, 0, open_waiting=2)
    assert_array_equal(run(by_hand).extra, [0])


def test_whoever_gives_up_before_asking_was_not_waiting(run: Run) -> None:
    by_hand = ward(1)
    full = by_hand.setting(0)
    people(by_hand, 0.0, need=1.0, next=1)
    by_hand.stay(full, 1.0, patience=2.0)
    by_hand.task(0, 10.0)
    by_hand.person(0.0)
    by_hand.stay(full, INF)
    by_hand.review(5.0, full, open_waiting=1)
    times = run(by_hand)
    assert_array_equal(times.refused, [NAN, 3, NAN])
    assert_array_equal(times.extra, [1])


def test_those_who_still_wait_are_counted_once_somebody_has_given_up(run: Run) -> None:
    by_hand = people(ward(0), 0.0, patience=0.5)
    people(by_hand, 0.0, 0.0, 0.0, need=INF)
    for day, waiting in ((1.0, 4), (2.0, 3)):
        by_hand.review(day, 0, open_waiting=waiting, close_waiting=-1)
    assert_array_equal(run(by_hand).extra, [0, 1])


def test_escalation_beds_stay_open_when_the_schedule_changes(run: Run) -> None:
    by_hand = people(ward(1), 0.0, 0.0, 0.0, need=INF)
    by_hand.review(1.0, 0, most=1, open_waiting=1, close_waiting=0)
    by_hand.change(0, 2.0, 2)
    assert_array_equal(run(by_hand).entered, [0, 1, 2])


def test_a_place_that_closes_leaves_the_escalation_bed_open(run: Run) -> None:
    by_hand = people(ward(2), 0.0, 0.0, 0.0, 0.0, need=4.0)
    by_hand.review(1.0, 0, most=1, open_waiting=2, close_waiting=-1)
    by_hand.change(0, 2.0, 1)
    # Of three places two are left on day 2, and both who came first leave on day 4: one bed falls free.
    times = run(by_hand)
    assert_array_equal(times.entered, [0, 0, 1, 4])
    assert_array_equal(times.extra, [1])


def test_a_review_looks_at_the_queue_after_the_schedule_has_changed(run: Run) -> None:
    by_hand = people(ward(1), 0.0, 0.0, need=INF)
    by_hand.change(0, 1.0, 2)
    by_hand.review(1.0, 0, open_waiting=1)
    assert_array_equal(run(by_hand).extra, [0])


def test_a_review_past_the_horizon_has_no_answer(run: Run) -> None:
    by_hand = ward(1)
    by_hand.review(99.0, 0)
    by_hand.review(101.0, 0)
    assert_array_equal(run(by_hand).extra, [0, -1])


# Events


def test_an_opening_comes_once_however_many_wait_for_it(counted: Counted) -> None:
    """Coming, being let in and being ready, and of two tasks start and end; and one opening."""
    by_hand = people(ward(1), 0.0, need=0.0)
    team = by_hand.team(2, [(1.0, 2.0)])
    for _ in range(2):
        by_hand.task(0, 0.25, team)
    times, events = counted(by_hand)
    assert_array_equal(times.done, [1.25, 1.25])
    assert events == 3 + 2 * 2 + 1


def test_whoever_goes_nowhere_ends_nobody_s_patience(counted: Counted) -> None:
    """The second person's patience, with the last stay of the plan, has run out when the first has all tasks done."""
    by_hand = ward(2)
    elsewhere, full = by_hand.setting(1), by_hand.setting(0)
    people(by_hand, 0.0, need=1.0)
    people(by_hand, 0.0, need=1.0, next=3)
    by_hand.stay(elsewhere, 1.0)
    by_hand.stay(full, 1.0, patience=1.0, otherwise=2)
    by_hand.task(0, 3.0)
    by_hand.task(1, 4.0)
    times, events = counted(by_hand)
    assert_array_equal(times.left, [3, 4, 5, NAN])
    assert_array_equal(times.refused, [NAN, NAN, NAN, 4])
    # Three for each stay that comes about, less the arrival at a second one; two a task; patience ends, and again.
    assert events == 3 + 3 + 2 + 2 * 2 + 2


def test_all_that_is_planned_may_lie_ahead_at_once(run: Run) -> None:
    """Patience that no longer matters, being ready, tasks, a change and a review: 18 events on day 1."""
    by_hand = people(ward(0), *[0.0] * 5, need=40.0, patience=50.0)
    by_hand.change(0, 1.0, 5)
    by_hand.change(0, 60.0, 0)
    for _ in range(6):
        by_hand.task(0, 1.0, starts=30.0)
    by_hand.review(70.0, 0)
    times = run(by_hand)
    assert_array_equal(times.ready, [41] * 5)
    assert_array_equal(times.queued, [31] * 6)
    assert_array_equal(times.extra, [0])


# Choosing an engine


def test_an_unknown_engine() -> None:
    with pytest.raises(ValueError, match="got 'fast', expected one of auto, simpy, compiled"):
        simulate(ward().plan(), "fast")


def test_an_engine_does_not_change_the_plan(run: Run) -> None:
    by_hand = people(ward(), 0.0, need=4.0, entered=-10.0)
    plan = by_hand.plan()
    before = plan.stays.entered.copy()
    run(by_hand)
    assert_array_equal(plan.stays.entered, before)


def test_a_plan_that_contradicts_itself_is_not_run() -> None:
    plan = people(ward(), 0.0).plan()
    stays = replace(plan.stays, next=np.array([7], dtype=np.int32))
    with pytest.raises(PlanError, match=r"stays.next: expected from -1 to 0; 1 of 1 not, the first is row 0 \(7\)"):
        simulate(replace(plan, stays=stays))


def test_auto_gives_the_same() -> None:
    by_hand = people(ward(), 0.0, 0.5)
    assert_array_equal(simulate(by_hand.plan()).left, simulate(by_hand.plan(), "simpy").left)
