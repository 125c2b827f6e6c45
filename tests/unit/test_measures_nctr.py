"""Counts of people no longer meeting the criteria to reside, each worked out on paper."""

from __future__ import annotations

import pytest

from dischargesim.plan.codes import Label, Refusal
from tests.hand_plans import PlanByHand
from tests.unit.mini import ASSESSMENT, DECISION, DIED, HOME, MEDICINES, NAN, P0, P2, REHAB, WARD, Mini


@pytest.fixture(scope="module")
def mini() -> Mini:
    """Four delays: one begins before the window, one at its beginning, one ends in it, one goes on."""
    mini = Mini()
    # Ready on day 1.5, left on 4.25: midnights 3 and 4 of the counted ones. The wait is for the decision all along.
    mini.person(0)
    stay = mini.stay(WARD, 0, 0, 0, 1.5, 4.25, 4.25)
    mini.task(stay, DECISION, 1.5, 4.125, 4.25)
    # Ready and gone at once.
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 2, 2, 2)
    # Ready on day 2.5, waits for rehab from 3 on, moves on 5.5: midnights 3 (in the place part), 4 and 5.
    mini.person(1)
    stay = mini.stay(WARD, 1, 1, 1, 2.5, 3, 5.5, pathway=P2, next=3)
    mini.stay(REHAB, 3, 5.5, 5.5, pathway=P2)
    mini.task(stay, ASSESSMENT, 2.5, 2.75, 3)
    # Ready on day 5.25 and still there at the end: midnight 6.
    mini.person(2)
    stay = mini.stay(WARD, 2, 2, 2, 5.25, pathway=P2)
    mini.task(stay, ASSESSMENT, 5.25, NAN, NAN)
    # Dies in hospital: never ready, whatever the engine's times say.
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 3, 3, 3, pathway=DIED)
    return mini


@pytest.fixture(scope="module")
def found(mini: Mini) -> dict[tuple[str, str], float]:
    return mini.figures()


@pytest.mark.parametrize(
    ("measure", "group", "expected"),
    [
        ("nctr_ready", "all", 3 / 4),
        ("nctr_ready", "pathway=P0", 1 / 4),
        ("nctr_ready", "pathway=P2", 2 / 4),
        ("nctr_ready", "pathway=P3", 0),
        ("nctr_discharged", "all", 3 / 4),
        ("nctr_discharged", "pathway=P0", 2 / 4),
        ("nctr_remaining", "all", 6 / 4),
        ("nctr_remaining", "pathway=P2", 4 / 4),
        ("nctr_bed_days_lost", "all", 6),
        ("nctr_bed_days_lost", "cohort=frail", 6),
        ("nctr_bed_days_lost", "family=hospital_process", 2),
        ("nctr_bed_days_lost", "family=care_transfer_hub", 1),
        ("nctr_bed_days_lost", "sub_reason=p2_capacity", 3),
        ("nctr_bed_days_share", "family=capacity", 3 / 6),
        ("nctr_mean_delay", "all", 6 / 3),
        ("nctr_mean_delay", "pathway=P2", 4 / 1),
        ("nctr_mean_delay", "pathway=P3", NAN),
        # Ready in the window: 0, 3 and (so far) 0.75 days.
        ("nctr_delay_mean", "all", 3.75 / 3),
        ("nctr_delay_median", "all", 0.75),
        ("nctr_delay_median", "pathway=P2", (3 + 0.75) / 2),
        ("nctr_delay_median", "pathway=P3", NAN),
        ("nctr_share_7_days", "all", 0),
        ("nctr_still_in", "all", 1),
        ("nctr_still_in", "pathway=P0", 0),
        # In the window: 2.125 + 0.75 + 0.25 days waiting, 0.125 + 0.25 being done, 2.5 for a place.
        ("nctr_stage_share", "stage=waiting_for_team", (2.125 + 0.25 + 0.75) / 6),
        ("nctr_stage_share", "stage=being_done", (0.125 + 0.25) / 6),
        ("nctr_stage_share", "stage=waiting_for_place", 2.5 / 6),
        ("nctr_stage_share", "stage=moving_in", 0),
        # Left on Monday, Wednesday and Thursday; nothing is known of Friday to Sunday.
        ("nctr_weekday_profile", "weekday=monday", 1 / (3 / 4)),
        ("nctr_weekday_profile", "weekday=tuesday", 0),
        ("nctr_weekday_profile", "weekday=friday", NAN),
    ],
)
def test_figure(found: dict[tuple[str, str], float], measure: str, group: str, expected: float) -> None:
    assert found[measure, group] == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_daily(mini: Mini) -> None:
    daily = mini.daily()
    assert daily["daily_nctr_ready", "all"] == [2, 0, 0, 1]
    assert daily["daily_nctr_discharged", "all"] == [1, 0, 1, 1]
    assert daily["daily_nctr_remaining", "all"] == [2, 2, 1, 1]
    assert daily["daily_nctr_remaining", "pathway=P0"] == [1, 1, 0, 0]


def test_seven_and_twenty_one_days_are_counted_from_the_very_day() -> None:
    mini = Mini(content={"run": {"warm_up_days": 2, "days": 40}}, by_hand=PlanByHand(horizon=42.0))
    for days in (0.0, 6.5, 7.0, 20.5, 21.0):
        mini.person(3)
        mini.stay(WARD, 3, 3, 3, 4, 4 + days, 4 + days)
    found = mini.figures()
    assert found["nctr_share_7_days", "all"] == found["nctr_share_7_days", "cohort=frail"] == 3 / 5
    assert found["nctr_share_21_days", "all"] == found["nctr_share_21_days", "pathway=P0"] == 1 / 5
    assert found["nctr_delay_mean", "all"] == 55 / 5
    assert found["nctr_delay_median", "all"] == 7


def test_a_change_of_pathway_prolongs_the_delay_and_a_setback_ends_it() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 2, 2, 3, pathway=P2, next=1)
    mini.stay(REHAB, 2, refused=3, otherwise=2, refusal=Refusal.RECOVERED, pathway=P2)
    mini.stay(WARD, 3, 3, 3, 3, 3, 4.5, pathway=P0, next=3, label=Label.REROUTED, spell=0)
    mini.stay(HOME, 3, refused=4.5, otherwise=4, refusal=Refusal.SETBACK, label=Label.HOME)
    mini.stay(WARD, 4.5, 4.5, 4.5, 5, 5, 5, pathway=P0, label=Label.SETBACK, spell=0)
    found = mini.figures()
    # Ready twice: for 2.5 days until the setback, and again on day 5, when they leave at once.
    assert found["nctr_ready", "all"] == 2 / 4
    assert found["nctr_ready", "pathway=P0"] == 1 / 4
    assert found["nctr_discharged", "all"] == 1 / 4
    assert found["nctr_delay_mean", "pathway=P2"] == 2.5
    assert found["nctr_delay_mean", "pathway=P0"] == 0
    assert found["nctr_still_in", "all"] == 0
    assert found["delayed_outcomes", "outcome=recovery"] == 1
    assert found["delayed_outcomes", "outcome=setback"] == 1
    # Midnights 3 (as P0: the change comes first) and 4.
    assert found["nctr_bed_days_lost", "pathway=P0"] == 2
    assert found["delayed_outcome_rate", "outcome=setback"] == 1000 / 2
    # One stay in the ward for all that, of 4 days.
    assert found["length_of_stay_mean", "all"] == 4


def test_a_death_while_delayed_is_no_discharge() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 2, 2, 3.5, pathway=P2, next=1)
    mini.stay(REHAB, 2, refused=3.5, refusal=Refusal.DIED, pathway=P2)
    found = mini.figures()
    assert found["nctr_discharged", "all"] == 0
    assert found["nctr_delay_mean", "all"] == 1.5
    assert found["delayed_outcomes", "outcome=death"] == 1
    assert found["deaths_in_hospital", "all"] == 1


def test_deaths_in_hospital_are_those_of_the_counted_days() -> None:
    mini = Mini()
    for left in (1.5, 2, 4, 6):  # before the first counted day, on its first moment, later, and after the last
        mini.person(1)
        mini.stay(WARD, 1, 1, 1, left, left, left, pathway=DIED)
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 4, 4, 4, pathway=P0)
    found = mini.figures()
    assert found["deaths_in_hospital", "all"] == 2
    assert found["deaths_in_hospital", "cohort=frail"] == 2


def test_stages_are_of_delays_that_last_past_a_midnight() -> None:
    mini = Mini()
    # Within day 3: left out.
    mini.person(1)
    stay = mini.stay(WARD, 1, 1, 1, 3.25, 3.75, 3.75)
    mini.task(stay, DECISION, 3.25, 3.25, 3.75)
    # Past midnight 4: a quarter of a day for the team and three quarters of being done.
    mini.person(1)
    stay = mini.stay(WARD, 1, 1, 1, 3.5, 4.5, 4.5)
    mini.task(stay, DECISION, 3.5, 3.75, 4.5)
    found = mini.figures()
    assert found["nctr_stage_share", "stage=being_done"] == 3 / 4
    assert found["nctr_stage_share", "stage=waiting_for_team"] == 1 / 4
    # Both are delays all the same.
    assert found["nctr_delay_mean", "all"] == 1.5 / 2


def test_a_move_to_another_ward_is_no_discharge() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 2, 2, 3.5, next=1)
    mini.stay(WARD, 2, 3.5, 3.5)
    assert mini.figures()["nctr_discharged", "all"] == 0


def test_long_stays_only_count_from_their_seventh_day() -> None:
    mini = Mini()
    mini.person(0)
    # In since before the run: 7 days on midnight 4. Set back on day 1, ready again since day 2.5.
    mini.stay(WARD, -3, -3, -3, -2, -2, 1, census=True)
    stay = mini.stay(WARD, 1, 1, 1, 2.5, label=Label.SETBACK, spell=0)
    decision = mini.task(stay, DECISION, 2.5, 2.5, 4.5)
    mini.task(stay, MEDICINES, 4.5, 4.5, team=-1, after=decision)
    mini.person(1)
    stay = mini.stay(WARD, 1, 1, 1, 2.5)
    mini.task(stay, ASSESSMENT, 2.5, NAN, NAN)
    found = mini.figures()
    assert found["nctr_bed_days_share", "family=hospital_process"] == 0.5
    assert found["nctr_long_stay_share", "family=hospital_process"] == 1
    assert found["nctr_long_stay_share", "sub_reason=formal_decision"] == 1 / 3
    assert found["nctr_long_stay_share", "sub_reason=medicines"] == 2 / 3
    assert found["nctr_long_stay_share", "family=care_transfer_hub"] == 0
    assert found["stays_7_days", "all"] == 3 / 4
    assert found["stays_14_days", "all"] == 0


def test_whoever_was_long_in_before_the_counted_days_counts_from_the_first_midnight() -> None:
    mini = Mini()
    mini.person(0)
    # 7 days in hospital on day -1. Waits for the decision on midnight 3, for medicines on midnight 4.
    stay = mini.stay(WARD, -8, -8, -8, 1, 4.5, 4.5, census=True)
    decision = mini.task(stay, DECISION, 1, 1, 3.5)
    mini.task(stay, MEDICINES, 3.5, 3.5, 4.5, team=-1, after=decision)
    found = mini.figures()
    assert found["nctr_long_stay_share", "sub_reason=formal_decision"] == 1 / 2
    assert found["nctr_long_stay_share", "sub_reason=medicines"] == 1 / 2


def test_whoever_becomes_ready_as_the_run_ends_is_not_counted() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 6)
    found = mini.figures()
    assert found["nctr_ready", "all"] == found["nctr_still_in", "all"] == 0
