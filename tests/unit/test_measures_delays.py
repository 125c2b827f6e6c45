"""A delay is split over what was waited for, moment by moment, without gap or overlap."""

from __future__ import annotations

from typing import Any

import pytest

from dischargesim.measures.delays import split_delays
from dischargesim.measures.facts import STAGES
from dischargesim.measures.frame import Frame
from dischargesim.plan.codes import Label, Refusal
from dischargesim.scenario.reasons import REASONS
from tests.unit.mini import ASSESSMENT, CARE_HOME, DECISION, MEDICINES, NAN, P0, P2, P3, REHAB, WARD, Mini

Split = list[tuple[float, float, str, str]]
DECIDED, DRUGS, ASSESSED = "formal_decision", "medicines", "hub_needs_and_pathway"
TEAM, DOING, PLACE, MOVING = STAGES


def split(mini: Mini) -> Split:
    """Parts of all delays in order: start, end, stage, reason."""
    frame = Frame.of(*mini.made())
    parts = split_delays(frame, frame.delayed)
    used = {DECIDED, DRUGS, ASSESSED, "p2_capacity", "nursing_home_capacity", "p3_arrangements"}
    keys = [key for key in REASONS if key in used]
    rows = zip(parts.start, parts.end, parts.stage, parts.reason, strict=True)
    return sorted((float(a), float(b), STAGES[stage], keys[reason]) for a, b, stage, reason in rows)


def ready_at_3(mini: Mini, *after: float, **columns: Any) -> int:
    """Somebody in the ward since day 1 who is ready on day 3."""
    mini.person(1)
    return mini.stay(WARD, 1, 1, 1, 3, *after, **columns)


def test_a_chain_of_tasks_then_a_place_then_its_hours() -> None:
    mini = Mini()
    stay = ready_at_3(mini, 4.5, 5.25, pathway=P3, next=1)
    mini.stay(CARE_HOME, 4.5, 5.0, 5.25)
    decision = mini.task(stay, DECISION, 3, 3.25, 3.5)
    # Medicines are done first and so cost nothing.
    mini.task(stay, MEDICINES, 3, 3, 3.75, team=-1)
    mini.task(stay, ASSESSMENT, 3.75, 4, 4.5, after=decision)
    assert split(mini) == [
        (3, 3.25, TEAM, DECIDED),
        (3.25, 3.5, DOING, DECIDED),
        (3.5, 4, TEAM, ASSESSED),  # a gap before it may be queued is waiting too
        (4, 4.5, DOING, ASSESSED),
        (4.5, 5, PLACE, "nursing_home_capacity"),
        (5, 5.25, MOVING, "p3_arrangements"),
    ]


def test_as_many_parts_as_there_can_be() -> None:
    """Every task is waited for and done, and so is the place: there is room for all parts."""
    mini = Mini()
    stay = ready_at_3(mini, 4.5, 5, pathway=P3, next=1)
    mini.stay(CARE_HOME, 4.5, 4.75, 5.0)
    before = mini.task(stay, DECISION, 3, 3.125, 3.25)
    for start in (3.25, 3.5, 3.75, 4.0, 4.25):
        before = mini.task(stay, ASSESSMENT, start, start + 0.125, start + 0.25, after=before)
    found = split(mini)
    assert [(start, end) for start, end, _, _ in found[:12]] == [(3 + n / 8, 3 + (n + 1) / 8) for n in range(12)]
    assert [stage for _, _, stage, _ in found] == [TEAM, DOING] * 6 + [PLACE, MOVING]


@pytest.mark.parametrize("ready", [-2.0, -0.5])
def test_whoever_waited_before_the_start_without_tasks_waited_for_the_place(ready: float) -> None:
    mini = Mini()
    mini.person(0)
    mini.stay(WARD, -5, -5, -5, ready, 0, 4, pathway=P2, next=1, census=True)
    mini.stay(REHAB, 0, 4, 4, pathway=P2)
    assert split(mini) == [(ready, 4, PLACE, "p2_capacity")]


def test_whoever_was_ready_before_the_start_and_has_tasks_waits_for_these_first() -> None:
    mini = Mini()
    mini.person(0)
    stay = mini.stay(WARD, -5, -5, -5, -0.5, 3.5, 4, pathway=P2, next=1, census=True)
    mini.stay(REHAB, 3.5, 4, 4, pathway=P2)
    mini.task(stay, DECISION, 0, 3, 3.5)
    assert split(mini) == [(-0.5, 3, TEAM, DECIDED), (3, 3.5, DOING, DECIDED), (3.5, 4, PLACE, "p2_capacity")]


def test_work_planned_ahead_costs_only_what_is_left_of_it() -> None:
    mini = Mini()
    stay = ready_at_3(mini, 3.5, 3.5)
    decision = mini.task(stay, DECISION, 2, 2, 2.5)
    drugs = mini.task(stay, MEDICINES, 2.5, 2.5, 3.25, team=-1, after=decision)
    mini.task(stay, ASSESSMENT, 3.25, 3.25, 3.5, after=drugs)
    assert split(mini) == [(3, 3.25, DOING, DRUGS), (3.25, 3.5, DOING, ASSESSED)]


def test_somebody_who_leaves_when_ready_has_no_delay() -> None:
    mini = Mini()
    stay = ready_at_3(mini, 3, 3)
    mini.task(stay, DECISION, 2, 2, 3)
    assert split(mini) == []


def test_of_two_tasks_done_at_once_the_later_row_counts() -> None:
    mini = Mini()
    stay = ready_at_3(mini, 4, 4)
    mini.task(stay, DECISION, 3, 3, 4)
    mini.task(stay, ASSESSMENT, 3, 3.5, 4)
    assert split(mini) == [(3, 3.5, TEAM, ASSESSED), (3.5, 4, DOING, ASSESSED)]


def test_still_waiting_for_tasks_at_the_end_goes_to_the_one_queued_first() -> None:
    mini = Mini()
    stay = ready_at_3(mini)
    decision = mini.task(stay, DECISION, 3, 3.25, 3.5)
    mini.task(stay, MEDICINES, 4, 4, NAN, team=-1)
    mini.task(stay, ASSESSMENT, 3.5, NAN, NAN, after=decision)
    # What goes on at the end of the run goes on past its last midnight.
    assert split(mini) == [(3, 3.25, TEAM, DECIDED), (3.25, 3.5, DOING, DECIDED), (3.5, 7, TEAM, ASSESSED)]


def test_tasks_of_somebody_for_whom_no_place_is_planned_end_with_no_refusal_of_others() -> None:
    mini = Mini()
    stay = ready_at_3(mini)
    mini.person(3)
    mini.stay(WARD, 3, refused=4, refusal=Refusal.GAVE_UP)
    mini.task(stay, DECISION, 3, NAN, NAN)
    assert split(mini) == [(3, 7, TEAM, DECIDED)]


def test_of_open_tasks_queued_at_once_the_first_row_counts() -> None:
    mini = Mini()
    stay = ready_at_3(mini)
    mini.task(stay, DECISION, 3, 4, NAN)
    mini.task(stay, ASSESSMENT, 3, NAN, NAN)
    assert split(mini) == [(3, 4, TEAM, DECIDED), (4, 7, DOING, DECIDED)]


def test_a_setback_while_tasks_are_open_ends_the_delay_there() -> None:
    mini = Mini()
    stay = ready_at_3(mini, NAN, 4, pathway=P2, next=1)
    mini.stay(REHAB, refused=4, otherwise=2, refusal=Refusal.SETBACK)
    mini.stay(WARD, 4, 4, 4, label=Label.SETBACK, spell=0)
    # The task was begun, and is finished after the person fell ill again: that is no delay any more.
    mini.task(stay, DECISION, 3, 3.5, 4.5)
    assert split(mini) == [(3, 3.5, TEAM, DECIDED), (3.5, 4, DOING, DECIDED)]


def test_a_place_that_was_refused_counts_up_to_the_refusal_and_the_next_from_there() -> None:
    mini = Mini()
    ready_at_3(mini, 3.25, 5, pathway=P2, next=1)
    mini.stay(REHAB, 3.25, refused=4, otherwise=2)
    mini.stay(CARE_HOME, 4, 5, 5)
    plan, times = mini.made()
    # There are no tasks, so ready is cleared.
    times.ready[0] = 3.25
    frame = Frame.of(plan, times)
    parts = split_delays(frame, frame.delayed)
    assert list(zip(parts.start, parts.end, parts.stage, strict=True)) == [(3.25, 4, 2), (4, 5, 2)]


def test_patience_that_ends_with_tasks_open_goes_on_to_the_other_place() -> None:
    mini = Mini()
    stay = ready_at_3(mini, NAN, 5.5, pathway=P2, next=1)
    mini.stay(REHAB, refused=4, otherwise=2)
    mini.stay(CARE_HOME, 4, 5, 5.5)
    mini.task(stay, DECISION, 3, NAN, NAN)
    assert split(mini) == [
        (3, 4, TEAM, DECIDED),
        (4, 5, PLACE, "nursing_home_capacity"),
        (5, 5.5, MOVING, "p3_arrangements"),
    ]


def test_waiting_for_move_in_hours_at_the_end() -> None:
    mini = Mini()
    ready_at_3(mini, 3, pathway=P3, next=1)
    mini.stay(CARE_HOME, 3, 5)
    assert split(mini) == [(3, 5, PLACE, "nursing_home_capacity"), (5, 7, MOVING, "p3_arrangements")]


def test_people_who_die_in_hospital_and_stays_in_no_hospital_bed_have_no_delay() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 3, 3, 4, pathway=3)
    mini.person(1)
    mini.stay(CARE_HOME, 1, 1, 1, 3, 3, 4, pathway=P0)
    assert split(mini) == []
