"""Queues in which whoever has been ready for longest comes first: small plans by hand, in both engines."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dischargesim.engine import simulate
from dischargesim.plan.tables import FROM_READY, Times
from tests.hand_plans import INF, NAN, PlanByHand

Run = Callable[[PlanByHand], Times]
WARD, PLACE, TEAM = 0, 1, 2
"""The pools of `hospital`."""


@pytest.fixture(params=["simpy", "compiled"])
def run(request: pytest.FixtureRequest) -> Run:
    if request.param == "compiled":
        pytest.importorskip("numba")
    return lambda by_hand: simulate(by_hand.plan(), request.param)


def hospital(*longest_ready_first: int, places: int = 0, staff: int = 0, **later: int) -> PlanByHand:
    """A ward with room for all, a scarce place, and a team with nobody on duty unless it is said when."""
    by_hand = PlanByHand()
    by_hand.setting()
    by_hand.setting(places, **later)
    by_hand.team(staff)
    by_hand.longest_ready_first(*longest_ready_first)
    return by_hand


def waits_for_place(by_hand: PlanByHand, ready: float, asks: float, **columns: float) -> int:
    """Somebody in the ward from the start who asks for the place some time after being ready; the row of that stay."""
    by_hand.person(0.0)
    stay = by_hand.stay(WARD, ready, next=len(by_hand.stays) + 1)
    by_hand.task(stay, asks - ready, anchor=FROM_READY)
    return by_hand.stay(PLACE, 1.0, **columns)


def waits_for_team(by_hand: PlanByHand, ready: float, joins: float, **columns: float) -> int:
    """Somebody in the ward from the start whose task comes to the team at a moment of its own; the row of the task."""
    by_hand.person(0.0)
    stay = by_hand.stay(WARD, ready)
    return by_hand.task(stay, 1.0, team=0, starts=joins, **columns)


def order(moments: np.ndarray, *rows: int) -> list[int]:
    """The rows in the order in which it happened to them."""
    assert len({float(moments[row]) for row in rows}) == len(rows)
    return sorted(rows, key=lambda row: float(moments[row]))


# Places


def test_of_those_who_wait_for_a_place_whoever_has_been_ready_for_longest_is_first(run: Run) -> None:
    for first, expected in (((), [3, 1, 5]), ((PLACE,), [5, 3, 1])):
        by_hand = hospital(*first, t9=1)
        rows = [waits_for_place(by_hand, *moments) for moments in ((4.0, 6.0), (3.0, 5.0), (1.0, 8.0))]
        times = run(by_hand)
        assert_array_equal(times.asked[rows], [6, 5, 8])
        assert order(times.entered, *rows) == expected
        assert_array_equal(sorted(times.entered[rows]), [9, 10, 11])


def test_another_pool_is_as_before(run: Run) -> None:
    by_hand = hospital(WARD, TEAM, t9=1)
    rows = [waits_for_place(by_hand, *moments) for moments in ((4.0, 6.0), (3.0, 5.0), (1.0, 8.0))]
    assert order(run(by_hand).entered, *rows) == [3, 1, 5]


def test_priority_goes_before_wait(run: Run) -> None:
    by_hand = hospital(PLACE, t9=1)
    longest = waits_for_place(by_hand, 1.0, 2.0)
    urgent = waits_for_place(by_hand, 7.0, 8.0, priority=-1)
    urgent_for_longer = waits_for_place(by_hand, 6.0, 8.5, priority=-1)
    assert order(run(by_hand).entered, longest, urgent, urgent_for_longer) == [urgent_for_longer, urgent, longest]


def test_of_those_ready_at_one_moment_whoever_asked_first_is_first(run: Run) -> None:
    by_hand = hospital(PLACE, t9=1)
    rows = [waits_for_place(by_hand, 1.0, asks) for asks in (6.0, 4.0, 5.0, 4.0)]
    longer = waits_for_place(by_hand, 0.5, 4.5)
    less_long = waits_for_place(by_hand, 2.0, 3.0)
    expected = [longer, rows[1], rows[3], rows[2], rows[0], less_long]
    assert order(run(by_hand).entered, *rows, longer, less_long) == expected


def test_who_holds_no_place_waits_from_the_moment_of_asking(run: Run) -> None:
    by_hand = hospital(PLACE, t9=1)
    late = waits_for_place(by_hand, 4.0, 5.0)
    early = waits_for_place(by_hand, 2.0, 6.0)
    by_hand.person(3.0)
    from_home = by_hand.stay(PLACE, 1.0)
    assert order(run(by_hand).entered, late, early, from_home) == [early, from_home, late]


def test_a_place_that_is_free_is_not_kept_for_those_who_have_yet_to_ask(run: Run) -> None:
    by_hand = hospital(PLACE, places=1)
    longest = waits_for_place(by_hand, 1.0, 6.0)
    quick = waits_for_place(by_hand, 4.0, 5.0)
    assert_array_equal(run(by_hand).entered[[longest, quick]], [6, 5])


def test_nobody_overtakes_a_large_head_unless_ready_for_longer(run: Run) -> None:
    by_hand = hospital(PLACE, places=1, t9=2)
    large = waits_for_place(by_hand, 2.0, 3.0, units=2)
    small = waits_for_place(by_hand, 2.5, 4.0)
    longest = waits_for_place(by_hand, 1.0, 5.0)
    assert_array_equal(run(by_hand).entered[[large, small, longest]], [9, 10, 5])


def test_a_swap_to_more_units_takes_its_turn_by_when_the_stay_held_was_ready(run: Run) -> None:
    for first, expected in (((), [8, 6]), ((PLACE,), [6, 8])):
        by_hand = hospital(*first, places=2, t6=3)
        by_hand.person(0.0)
        held = by_hand.stay(PLACE, 2.0, next=1)
        by_hand.task(held, 3.0, anchor=FROM_READY)
        more = by_hand.stay(PLACE, 2.0, units=2)
        by_hand.person(0.0)
        by_hand.stay(PLACE, INF)
        by_hand.person(3.0)
        newcomer = by_hand.stay(PLACE, 2.0)
        times = run(by_hand)
        assert_array_equal(times.asked[[more, newcomer]], [5, 3])
        assert_array_equal(times.entered[[more, newcomer]], expected)


def test_those_who_wait_at_the_start_come_in_order_of_their_wait_and_before_later_ones(run: Run) -> None:
    for first, expected in (((), [1, 3, 4]), ((PLACE,), [3, 1, 4])):
        by_hand = hospital(*first, t5=1)
        for entered, need in ((-3.0, 1.0), (-10.0, 4.0)):  # ready at -2 and at -6
            by_hand.person(0.0)
            by_hand.stay(WARD, need, next=len(by_hand.stays) + 1, entered=entered)
            by_hand.stay(PLACE, 1.0)
        by_hand.person(0.0)
        by_hand.stay(PLACE, 1.0)
        times = run(by_hand)
        assert_array_equal(times.asked[[1, 3, 4]], [0, 0, 0])
        assert order(times.entered, 1, 3, 4) == expected


def test_who_gives_up_and_asks_elsewhere_takes_the_wait_along(run: Run) -> None:
    for first, expected in (((), [7, 6]), ((PLACE,), [6, 7])):
        by_hand = hospital(*first, t6=1)
        elsewhere = by_hand.setting(0)
        by_hand.person(0.0)
        by_hand.stay(WARD, 1.0, next=1)
        by_hand.stay(elsewhere, 1.0, patience=4.0, otherwise=2)
        instead = by_hand.stay(PLACE, 1.0)
        other = waits_for_place(by_hand, 3.0, 4.0)
        times = run(by_hand)
        assert_array_equal(times.refused[1], 5)
        assert_array_equal(times.entered[[instead, other]], expected)


def test_who_gave_up_is_passed_over_wherever_they_stood(run: Run) -> None:
    by_hand = hospital(PLACE, t9=1)
    last = waits_for_place(by_hand, 4.0, 4.5, patience=4.0)
    head = waits_for_place(by_hand, 1.0, 5.0, patience=6.0)
    stays = waits_for_place(by_hand, 2.0, 6.0)
    between = waits_for_place(by_hand, 3.0, 7.0)  # joins in front of one who will have given up
    times = run(by_hand)
    assert_array_equal(times.refused[[last, head]], [8, 7])
    assert_array_equal(times.entered[[last, head, stays, between]], [NAN, NAN, 9, 10])


# Teams


def test_a_team_takes_those_who_are_ready_by_their_wait_and_then_those_who_will_be(run: Run) -> None:
    for first, expected in (((), [0, 3, 1, 4, 2]), ((TEAM,), [2, 1, 4, 3, 0])):
        by_hand = hospital(*first)
        by_hand.change(TEAM, 5.0, 1)
        ready_and_joins = ((20.0, 0.5), (2.0, 2.0), (1.0, 4.0), (9.0, 1.0), (4.0, 3.0))
        rows = [waits_for_team(by_hand, *moments) for moments in ready_and_joins]
        assert order(run(by_hand).started, *rows) == expected


def test_work_done_ahead_keeps_its_turn_when_the_person_is_ready_meanwhile(run: Run) -> None:
    by_hand = hospital(TEAM)
    by_hand.change(TEAM, 8.0, 1)
    ahead = waits_for_team(by_hand, 5.0, 1.0)
    later = waits_for_team(by_hand, 6.0, 6.0)
    earlier = waits_for_team(by_hand, 4.0, 7.0)
    assert order(run(by_hand).started, ahead, later, earlier) == [earlier, ahead, later]


def test_a_task_of_somebody_who_is_never_ready_comes_last(run: Run) -> None:
    by_hand = hospital(TEAM)
    by_hand.change(TEAM, 5.0, 1)
    never, also_never = waits_for_team(by_hand, INF, 1.0), waits_for_team(by_hand, INF, 1.5)
    ready = waits_for_team(by_hand, 50.0, 3.0)
    assert order(run(by_hand).started, never, also_never, ready) == [ready, never, also_never]


def test_priority_and_ties_in_a_team(run: Run) -> None:
    by_hand = hospital(TEAM)
    by_hand.change(TEAM, 5.0, 1)
    rows = [waits_for_team(by_hand, 2.0, joins) for joins in (4.0, 3.0, 3.0)]
    urgent = waits_for_team(by_hand, 30.0, 4.5, priority=-5)
    assert order(run(by_hand).started, *rows, urgent) == [urgent, rows[1], rows[2], rows[0]]


def test_a_team_passes_over_tasks_that_no_longer_matter(run: Run) -> None:
    by_hand = hospital(TEAM, t1=0)
    by_hand.change(TEAM, 8.0, 1)
    by_hand.person(0.0)
    stay = by_hand.stay(WARD, 1.0, next=1)
    dropped = by_hand.task(stay, 1.0, team=0)
    by_hand.stay(PLACE, 1.0, patience=3.0)
    waits = waits_for_team(by_hand, 2.0, 2.0)
    times = run(by_hand)
    assert_array_equal(times.started[[dropped, waits]], [NAN, 8])


def test_those_who_wait_for_a_team_at_the_start_come_in_order_of_their_wait(run: Run) -> None:
    for first, expected in (((), [0, 1, 2]), ((TEAM,), [1, 0, 2])):
        by_hand = hospital(*first)
        by_hand.change(TEAM, 1.0, 1)
        for entered, need in ((-3.0, 1.0), (-10.0, 4.0), (0.0, 0.5)):
            by_hand.person(0.0)
            stay = by_hand.stay(WARD, need, entered=entered)
            by_hand.task(stay, 1.0, team=0, anchor=FROM_READY)
        times = run(by_hand)
        assert_array_equal(times.queued, [0, 0, 0.5])
        assert order(times.started, 0, 1, 2) == expected
