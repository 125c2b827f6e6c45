"""Opening hours, by hand and against a slow account of the same hours."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dischargesim.engine import calendar
from tests.hand_plans import PlanByHand

NINE, FIVE = 0.375, 17 / 24
DAYS = [(day + NINE, day + FIVE) for day in range(400) if day % 7 < 5]


def worked_of(intervals: list[tuple[float, float]]) -> list[float]:
    by_hand = PlanByHand()
    by_hand.setting(1, intervals)
    return calendar.worked_before(by_hand.plan().pools).tolist()


def finish(intervals: list[tuple[float, float]], start: float, work: float) -> float:
    opens, closes = zip(*intervals, strict=True)
    return calendar.finish(opens, closes, worked_of(intervals), 0, len(opens), start, work)


@pytest.mark.parametrize(
    ("t", "open_then", "opens_next"),
    [
        (0.0, False, 1.0),
        (1.0, True, 1.0),  # an interval is open at the moment it opens
        (1.5, True, 1.5),
        (2.0, False, 4.0),  # and closed at the moment it closes
        (4.5, True, 4.5),
        (5.0, False, inf),  # nothing opens past the last interval
    ],
)
def test_open_and_next_opening(t: float, open_then: bool, opens_next: float) -> None:
    opens, closes = [1.0, 4.0], [2.0, 5.0]
    assert calendar.is_open(opens, closes, 0, 2, t) is open_then
    assert calendar.next_open(opens, closes, 0, 2, t) == opens_next


def test_a_calendar_sees_only_its_own_intervals() -> None:
    opens, closes = [0.0, 1.0, 4.0, 6.0], [9.0, 2.0, 5.0, 7.0]
    assert not calendar.is_open(opens, closes, 1, 3, 0.5)
    assert calendar.next_open(opens, closes, 1, 3, 0.5) == 1.0
    assert calendar.next_open(opens, closes, 1, 3, 5.5) == inf


def test_an_empty_calendar_never_opens() -> None:
    assert not calendar.is_open([], [], 0, 0, 1.0)
    assert calendar.next_open([], [], 0, 0, 1.0) == inf


@pytest.mark.parametrize(
    ("start", "work", "expected"),
    [
        (1.25, 0.0, 1.25),
        (1.25, 0.5, 1.75),
        (1.25, 0.75, 2.0),  # just at closing time: done then, not at the next opening
        (1.25, 1.0, 4.25),
        (1.0, 2.0, 5.0),
        (1.0, 2.25, inf),
    ],
)
def test_work_pauses_out_of_hours(start: float, work: float, expected: float) -> None:
    assert finish([(1.0, 2.0), (4.0, 5.0)], start, work) == expected


@pytest.mark.parametrize(("start", "work"), [(0.4, 0.2), (0.5, 0.8), (0.6, 0.2)])
def test_work_that_fits_into_the_hours_ends_at_the_very_moment(start: float, work: float) -> None:
    """To the last bit: it is not counted from the opening."""
    assert finish([(0.1, 1.9), (2.1, 3.9)], start, work) == start + work


def test_work_is_done_at_the_last_closing_time_up_to_the_slack() -> None:
    hours = [(0.0, 1.0), (2.0, 3.0)]
    assert finish(hours, 0.0, 2.0 + calendar.SLACK) == 3.0
    assert finish(hours, 0.0, 2.0 + 2 * calendar.SLACK) == inf


def test_the_last_interval_may_last_for_ever() -> None:
    assert finish([(1.0, 2.0), (4.0, inf)], 1.5, 100.0) == 103.5


@pytest.mark.parametrize("day", [0, 1, 99, 363, 396])
@pytest.mark.parametrize("days", [1, 2, 3, 10])
def test_whole_working_days_end_at_closing_time_however_the_floats_round(day: int, days: int) -> None:
    if day % 7 > 4:
        return
    opening = next(row for row, (opens, _) in enumerate(DAYS) if opens == day + NINE)
    if opening + days <= len(DAYS):
        closing = DAYS[opening + days - 1][1]
        assert finish(DAYS, day + NINE, days * (FIVE - NINE)) == pytest.approx(closing, abs=1e-9)


def test_the_hours_of_several_calendars_are_counted_apart() -> None:
    by_hand = PlanByHand()
    by_hand.setting(1, [(0.0, 1.0), (2.0, inf)])
    by_hand.setting(1)
    by_hand.setting(1, [(0.0, 1.0), (2.0, 5.0), (6.0, 7.0)])
    assert calendar.worked_before(by_hand.plan().pools).tolist() == [0.0, 1.0, 0.0, 1.0, 4.0]


quarters = st.integers(min_value=0, max_value=80).map(lambda n: n / 4)


@given(st.lists(quarters, min_size=2, max_size=20, unique=True), quarters, quarters)
def test_against_counting_quarters_of_a_day(moments: list[float], start: float, work: float) -> None:
    moments = sorted(moments)[: len(moments) // 2 * 2]
    intervals = list(zip(moments[::2], moments[1::2], strict=True))
    opens, closes = zip(*intervals, strict=True)

    def open_at(t: float) -> bool:
        return any(a <= t < b for a, b in intervals)

    later = [t for t in np.arange(start, 21.0, 0.25) if open_at(t)]
    assert calendar.is_open(opens, closes, 0, len(opens), start) == open_at(start)
    assert calendar.next_open(opens, closes, 0, len(opens), start) == (later[0] if later else inf)
    if open_at(start):
        quarters_needed = int(work * 4)
        expected = start if not quarters_needed else inf
        if 0 < quarters_needed <= len(later):
            expected = later[quarters_needed - 1] + 0.25
        assert finish(intervals, start, work) == expected
