"""Beds, settings and teams, each figure worked out on paper."""

from __future__ import annotations

import pytest

from dischargesim.plan.codes import Label, Refusal
from tests.hand_plans import PlanByHand
from tests.unit.mini import (
    ASSESSMENT,
    CARE_HOME,
    CONTENT,
    DECISION,
    DIED,
    HOME,
    MEDICINES,
    NAN,
    P2,
    P3,
    REHAB,
    VIRTUAL_WARD,
    WARD,
    Mini,
)

SECOND = {"title": "Second", "kind": "acute", "capacity": 3}
TWO_WARDS = {"settings": {**CONTENT["settings"], "rehab": SECOND}}


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], float]:
    """Two beds: one taken throughout, one for a while; three more people ask."""
    mini = Mini()
    mini.person(0)
    mini.stay(WARD, -1, -1, -1, census=True)
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 4, 4, 4, pathway=DIED)
    # Asks on day 3, waits a day.
    mini.person(3)
    mini.stay(WARD, 3, 4, 4, 4.5, 4.5, 4.5)
    # Asks on day 5.75 and waits at the end, for 6 hours so far, though the census bed is not theirs to have.
    mini.person(5.75)
    mini.stay(WARD, 5.75)
    # Gives up after 2.4 hours.
    mini.person(5)
    mini.stay(WARD, 5, refused=5.1, refusal=Refusal.GAVE_UP)
    # A planned admission is cancelled at once, another one before the counted days.
    mini.person(3.5)
    mini.stay(WARD, 3.5, refused=3.5, refusal=Refusal.CANCELLED)
    mini.person(1.5)
    mini.stay(WARD, 1.5, refused=1.5, refusal=Refusal.CANCELLED)
    assert mini.daily()["daily_admitted", "all"] == [0, 0, 1, 0]
    assert mini.daily()["daily_cancelled", "all"] == [0, 1, 0, 0]
    return mini.figures()


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("beds_open", 2),
        # Midnights 3 to 6: 2, 2 (one leaves as another comes in), 1, 1.
        ("beds_occupied", 6 / 4),
        ("bed_occupancy", 6 / 8),
        ("bed_occupancy_95th", 1),
        ("bed_days_over_92", 2),
        # 24, 6 and 2.4 hours.
        ("bed_wait_mean", (24 + 6 + 2.4) / 3),
        ("bed_wait_over_4_hours", 2 / 3),
        ("bed_wait_over_12_hours", 1 / 3),
        ("cancellations", 7 / 4),
        ("length_of_stay_mean", (3 + 0.5) / 2),
    ],
)
def test_beds(found: dict[tuple[str, str], float], measure: str, expected: float) -> None:
    assert found[measure, "all"] == pytest.approx(expected)
    assert found[measure, "setting=ward"] == pytest.approx(expected)


def test_beds_of_two_wards_are_told_apart() -> None:
    mini = Mini(content=TWO_WARDS)
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 4, 4, 4)  # midnight 3 of 3, 4, 5 and 6
    for _ in range(2):
        mini.person(2)
        mini.stay(REHAB, 2, 2, 2, 5, 5, 5)  # 3 and 4
    found = mini.figures()
    assert [found["beds_occupied", group] for group in ("all", "setting=ward", "setting=rehab")] == [5 / 4, 1 / 4, 1]
    lengths = [found["length_of_stay_mean", group] for group in ("all", "setting=ward", "setting=rehab")]
    assert lengths == [3, 3, 3]
    assert mini.daily()["daily_beds_occupied", "setting=rehab"] == [2, 2, 0, 0]
    # Half of the ward's beds at one midnight of four: 95% of the way from the first to the last is 2.85 steps of 3.
    assert found["bed_occupancy_95th", "setting=ward"] == pytest.approx(0.85 * 0.5)


def test_how_long_people_in_beds_have_been_in() -> None:
    """At midnights 3, 4, 5 and 6."""
    mini = Mini(content=TWO_WARDS)

    def inside(*spans: tuple[float, float], setting: int = WARD) -> None:
        """Somebody in one bed, fit to leave and set back between one span and the next."""
        mini.person(0)
        spell = len(mini.by_hand.stays)
        for begins, ends in spans:
            label = Label.ADMISSION if begins == spans[0][0] else Label.SETBACK
            mini.stay(setting, begins, begins, begins, ends, ends, ends, spell=spell, label=label)
            if (begins, ends) != spans[-1]:
                mini.by_hand.stays[-1]["next"] = len(mini.by_hand.stays)

    inside((-18, 2.5))  # has left before the first midnight
    inside((-16, 3.5), (3.5, 5.5))  # 7 and 14 days at 3, 4 and 5; 21 at 5
    inside((-3, 5.5))  # 7 days at 4 and 5
    inside((-9, NAN), setting=REHAB)  # 7 days at all four; 14 at 5 and 6
    found = mini.figures()
    for days, ward, rehab in ((7, 5 / 4, 4 / 4), (14, 3 / 4, 2 / 4), (21, 1 / 4, 0)):
        assert found[f"stays_{days}_days", "setting=ward"] == ward
        assert found[f"stays_{days}_days", "setting=rehab"] == rehab
        assert found[f"stays_{days}_days", "all"] == ward + rehab


def test_waits_of_more_than_4_and_12_hours_are_told_from_those_that_just_are_not() -> None:
    mini = Mini()
    for hours in (3.875, 4.125, 11.75, 12.25):
        mini.person(3)
        mini.stay(WARD, 3, 3 + hours / 24, 3 + hours / 24)
    found = mini.figures()
    assert found["bed_wait_over_4_hours", "all"] == 3 / 4
    assert found["bed_wait_over_12_hours", "all"] == 1 / 4


def test_whoever_asks_as_the_counted_days_end_is_not_counted() -> None:
    mini = Mini()
    mini.person(2)
    mini.stay(WARD, 2, 2.5, 2.5)
    mini.person(6)
    mini.stay(WARD, 6)
    assert mini.figures()["bed_wait_mean", "all"] == 12


def test_people_admitted_are_those_who_come_to_hospital() -> None:
    mini = Mini(content=TWO_WARDS)
    mini.person(2)
    mini.stay(WARD, 2, 2, 2, 2.5, 2.5, 2.5, next=1)
    # To another ward, set back there, home, and in again.
    mini.stay(REHAB, 2.5, 2.5, 2.5, 3.5, 3.5, 3.5, next=2)
    mini.stay(REHAB, 3.5, 3.5, 3.5, 4, 4, 4, label=Label.SETBACK, spell=1, next=3)
    mini.stay(HOME, 4, 4, 4, 5, 5, 5, label=Label.HOME, next=4)
    mini.stay(WARD, 5, 5, 5, label=Label.READMISSION)
    assert mini.daily()["daily_admitted", "all"] == [1, 0, 0, 1]


def test_a_wait_for_another_ward_is_no_wait_for_a_bed() -> None:
    mini = Mini(content=TWO_WARDS)
    mini.person(2)
    mini.stay(WARD, 2, 2.5, 2.5, 3, 3, 4, next=1)
    mini.stay(REHAB, 3, 4, 4, label=Label.ONWARD)
    found = mini.figures()
    assert found["bed_wait_mean", "all"] == found["bed_wait_mean", "setting=ward"] == 12
    assert found["setting_wait_mean", "setting=rehab"] == 1


def test_people_in_at_the_start_of_a_run_without_warm_up_did_not_ask() -> None:
    mini = Mini(content={"run": {"warm_up_days": 0, "days": 6}})
    mini.person(0)
    mini.stay(WARD, 0, 0, 0, census=True)
    mini.person(0)
    mini.stay(WARD, 0, 0.5, 0.5)
    found = mini.figures()
    assert found["bed_wait_mean", "all"] == 12
    assert found["setting_wait_mean", "setting=ward"] == 0.5
    assert [found[f"people_{name}", "all"] for name in ("at_start", "arrived", "left", "still_in")] == [1, 1, 0, 2]


def test_conservation(found: dict[tuple[str, str], float]) -> None:
    assert [found[f"people_{name}", "all"] for name in ("at_start", "arrived", "left", "still_in")] == [2, 4, 4, 2]


@pytest.mark.parametrize(
    ("gave_up", "expected"), [(1.75, [0, 0, 0, 0]), (2.0, [1, 0, 1, 0]), (5.75, [1, 0, 1, 0]), (6.0, [1, 0, 0, 1])]
)
def test_whoever_gives_up_at_the_very_start_was_still_there(gave_up: float, expected: list[float]) -> None:
    """The counted days are 2 to 6: what happens on the first moment belongs to them, on the last no more."""
    mini = Mini()
    mini.person(1.5)
    mini.stay(WARD, 1.5, refused=gave_up, refusal=Refusal.GAVE_UP)
    found = mini.figures()
    assert [found[f"people_{name}", "all"] for name in ("at_start", "arrived", "left", "still_in")] == expected


def test_whoever_waits_until_the_very_start_was_there() -> None:
    mini = Mini()
    mini.person(1.5)
    mini.stay(WARD, 1.5, 2, 2)
    found = mini.figures()
    assert [found[f"people_{name}", "all"] for name in ("at_start", "arrived", "left", "still_in")] == [1, 0, 0, 1]


def test_whoever_comes_or_goes_at_the_first_or_the_last_moment() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 2, 2, 2)  # was in, and leaves
    mini.person(3)
    mini.stay(WARD, 3, 3, 3, 6, 6, 6)  # came, and is still in
    mini.person(5.5)
    mini.stay(WARD, 5.5, 6, 6)  # came, and still waits
    found = mini.figures()
    assert [found[f"people_{name}", "all"] for name in ("at_start", "arrived", "left", "still_in")] == [1, 2, 1, 2]


def test_whoever_comes_back_from_home_has_not_left() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 3, 3, 3, next=1)
    mini.stay(HOME, 3, 3, 3, 4, 4, 4, label=Label.HOME, next=2)
    mini.stay(WARD, 4, 4, 4, label=Label.READMISSION)
    found = mini.figures()
    assert [found[f"people_{name}", "all"] for name in ("at_start", "arrived", "left", "still_in")] == [1, 0, 0, 1]


def test_escalation_beds_and_a_change_of_capacity() -> None:
    mini = Mini()
    for capacity in (2, 1, 0, 1, 9):
        mini.by_hand.setting(capacity)
    mini.by_hand.team(2)
    mini.by_hand.change(WARD, 4, 3)
    mini.by_hand.review(2.5, WARD)
    mini.by_hand.review(4.5, WARD)
    mini.by_hand.review(5.5, WARD)
    mini.extra = [4, 1, -1]
    daily, figures = mini.daily(), mini.figures()
    # Midnights 3, 4, 5, 6: schedule 2, 3, 3, 3 and extra 4, 4, 1, 1.
    assert daily["daily_beds_open", "all"] == [6, 7, 4, 4]
    # By the clock: 2 for half a day, 6 for 1.5 days, 7 for half a day, 4 for 1.5 days.
    assert figures["setting_capacity", "setting=ward"] == (1 + 9 + 3.5 + 6) / 4
    assert figures["bed_occupancy", "all"] == 0


def test_escalation_beds_of_two_settings_without_warm_up() -> None:
    mini = Mini(content={"run": {"warm_up_days": 0, "days": 6}})
    for capacity in (2, 1, 0, 1, 9):
        mini.by_hand.setting(capacity)
    mini.by_hand.team(2)
    for moment, setting, extra in ((2.5, WARD, 4), (3, REHAB, 7), (4.5, WARD, 0)):
        mini.by_hand.review(moment, setting)
        mini.extra.append(extra)
    found = mini.figures()
    # 2 for six days and 4 more for two days; 1 for six days and 7 more for three.
    assert found["setting_capacity", "setting=ward"] == (2 * 6 + 4 * 2) / 6
    assert found["setting_capacity", "setting=rehab"] == (1 * 6 + 7 * 3) / 6


def test_a_person_who_takes_two_beds() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 4.5, 4.5, 4.5, units=2)
    found = mini.figures()
    assert found["beds_occupied", "all"] == 4 / 4
    assert found["setting_people", "setting=ward"] == 2 / 4


def test_settings() -> None:
    mini = Mini()
    # Waits in the ward for rehab from 2.5 to 3, and comes in on 3.25, past move-in hours.
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 2.5, 2.5, 3.25, pathway=P2, next=1)
    mini.stay(REHAB, 2.5, 3, 3.25, 4.25, 4.25, 5, pathway=P2, units=2, next=2)
    # The step after it is in the same place: no new asking.
    mini.stay(REHAB, 5, 5, 5, pathway=P2, label=Label.TAPER, spell=1)
    # Waits at the end, since day 4; another is turned away at once, a third did not come to asking.
    mini.person(4)
    mini.stay(REHAB, 4, pathway=P2)
    mini.person(4)
    mini.stay(REHAB, 4, refused=4, pathway=P2)
    mini.person(5)
    mini.stay(WARD, 5, 5, 5, 5.5, NAN, 5.75, next=6, pathway=P2)
    mini.stay(REHAB, refused=5.75, refusal=Refusal.DIED, pathway=P2)
    mini.task(5, DECISION, 5.5)
    found = mini.figures()
    assert found["setting_people", "setting=rehab"] == 3 / 4
    # 2 units from the grant on day 3 until 5, then 1 until the end.
    assert found["setting_in_use", "setting=rehab"] == (2 * 2 + 1) / 4
    assert found["setting_occupancy", "setting=rehab"] == (2 * 2 + 1) / 4
    assert found["setting_queue", "setting=rehab"] == (0.5 + 2) / 4
    assert found["setting_wait_mean", "setting=rehab"] == (0.5 + 2) / 2
    assert found["setting_wait_median", "setting=rehab"] == (0.5 + 2) / 2
    # Ready from 4.25 to 5, of 2.75 days there.
    assert found["setting_blocked_share", "setting=rehab"] == 0.75 / 2.75
    assert found["setting_capacity", "setting=care_home"] != found["setting_capacity", "setting=care_home"]
    assert found["setting_occupancy", "setting=care_home"] != found["setting_occupancy", "setting=care_home"]
    assert mini.daily()["daily_waiting", "setting=rehab"] == [0, 1, 1, 1]
    assert mini.daily()["daily_people", "setting=ward"] == [1, 0, 1, 0]


def test_whoever_asked_before_the_counted_days_waits_from_the_first_midnight() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(REHAB, 1, 4, 4, pathway=P2)
    assert mini.daily()["daily_waiting", "setting=rehab"] == [1, 0, 0, 0]


def test_home_counts_nowhere() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 3, 3, 3, next=1)
    mini.stay(HOME, 3, 3, 3, label=Label.HOME)
    found = mini.figures()
    assert sum(found["setting_people", f"setting={name}"] for name in CONTENT["settings"]) == 0
    assert found["people_left", "all"] == 1
    assert found["people_still_in", "all"] == 0
    assert found["nctr_discharged", "all"] == 1 / 4


def test_teams() -> None:
    mini = Mini()
    mini.person(0)
    stay = mini.stay(WARD, 0, 0, 0, 0)
    mini.task(stay, DECISION, 0, 0.25, 0.5, work=0.25)  # done before the counted days
    # The team works from 6:00 to 18:00. Of this task the last quarter of a day falls into the window.
    mini.task(stay, DECISION, 1, 1.5, 2.5, work=0.5)
    mini.task(stay, DECISION, 5, 5.25, 5.5, work=0.25)
    # Under way at the end: from 5.5 to closing time.
    mini.task(stay, ASSESSMENT, 5, 5.5, work=3)
    # Queued to the end.
    mini.task(stay, ASSESSMENT, 5.5)
    mini.task(stay, MEDICINES, 4, 4, 5, team=-1, work=1)
    # Queued until the person gave up: 2.25 to 3.
    mini.person(1)
    stay = mini.stay(WARD, 1, 1, 1, 2, NAN, 3, pathway=P3, next=2)
    mini.stay(CARE_HOME, refused=3, refusal=Refusal.DIED, pathway=P3)
    mini.task(stay, ASSESSMENT, 2.25)
    found = mini.figures()
    available = 2 * 0.5 * 4
    assert found["team_hours", "team=hub"] == available * 24 * 7 / 4
    assert found["team_utilisation", "team=hub"] == (0.25 + 0.25 + 0.25) / available
    assert found["team_queue", "team=hub"] == (0.25 + 0.5 + 0.5 + 0.75) / 4
    assert found["team_wait_mean", "team=hub"] == (0.25 + 0.5 + 0.5 + 0.75) / 4
    assert found["team_tasks", "team=hub"] == 2 * 7 / 4
    assert found["team_work", "team=hub"] == 0.75 * 24 * 7 / 4


def test_two_teams_are_told_apart() -> None:
    """Counted from day 2 for three weeks: midnights 3 to 9, 10 to 16 and 17 to 23."""
    night = {"title": "Night", "staff": 1}
    content = {"run": {"warm_up_days": 2, "days": 21}, "teams": {**CONTENT["teams"], "night": night}}
    mini = Mini(content=content, by_hand=PlanByHand(horizon=23.0))
    for _ in range(HOME + 1):
        mini.by_hand.setting()
    mini.by_hand.team(3)
    mini.by_hand.team(1, [(0, 3), (10, 12)])
    mini.person(0)
    stay = mini.stay(WARD, 0, 0, 0, 0)
    # The hub: one task done in a tenth of a day, two that wait from day 9.5 to the end, one that joins at the end.
    mini.task(stay, DECISION, 3.3, 3.3, 3.3 + 0.1, work=0.1)
    mini.task(stay, DECISION, 9.5)
    mini.task(stay, DECISION, 9.5)
    mini.task(stay, DECISION, 23)
    # The other team: no longer waiting on the first midnight, on that and the six after it, and two on the last seven.
    mini.task(stay, ASSESSMENT, 1, 2.5, 2.5, team=1)
    mini.task(stay, ASSESSMENT, 2.5, 10, 10, team=1)
    mini.task(stay, ASSESSMENT, 16.5, team=1)
    mini.task(stay, ASSESSMENT, 16.5, team=1)
    # And one under way as counting begins: from 1.5 to 3 and from 10 to 11.5.
    mini.task(stay, ASSESSMENT, 1.5, 1.5, 11.5, team=1, work=3.0)
    found = mini.figures()
    # 0, 2, 2 and 1, 0, 2 waiting in the three weeks, but 3 on the hub's last midnight: slopes of lines through them.
    assert found["team_queue_growth", "team=hub"] == pytest.approx((2 + 1 / 7 - 0) / 2)
    assert found["team_queue_growth", "team=night"] == (2 - 1) / 2
    assert found["team_wait_mean", "team=hub"] == (0 + 13.5 + 13.5) / 3
    assert found["team_work", "team=hub"] == 0.1 * 24 * 7 / 21  # as planned, and not what the floats leave of 3.4 - 3.3
    assert found["team_work", "team=night"] == 2.5 * 24 * 7 / 21


def test_admissions_avoided() -> None:
    mini = Mini()
    service = {"label": Label.SERVICE, "refusal": Refusal.SERVICE_FULL, "service": 0, "pathway": -1, "patience": 0.0}
    # Succeeds: an admission of 5 days is spared.
    mini.person(2)
    mini.stay(VIRTUAL_WARD, 2, 2, 2, 3, 3, 3, otherwise=1, **service)
    mini.stay(WARD, need=5.0, label=Label.ADMISSION)
    # Fails after a day, and waits in the service for a bed until 4.5.
    mini.person(3)
    mini.stay(VIRTUAL_WARD, 3, 3, 3, 4, 4, 4.5, otherwise=3, next=3, **service)
    mini.stay(WARD, 4, 4.5, 4.5, 5, 5, 5, need=0.5, label=Label.ADMISSION)
    # The service is full: to the ward at once.
    mini.person(4)
    mini.stay(VIRTUAL_WARD, 4, refused=4, otherwise=5, **service)
    mini.stay(WARD, 4, 4, 4, 5, 5, 5, need=1.0, label=Label.ADMISSION)
    # Still in; has failed and waits for a bed.
    mini.person(5)
    mini.stay(VIRTUAL_WARD, 5, 5, 5, 5.5, 5.5, otherwise=7, next=7, **service)
    mini.stay(WARD, 5.5, need=9.0, label=Label.ADMISSION)
    found = mini.figures()
    names = ("gross", "failed", "still_in", "net", "refused", "bed_days")
    assert [found[f"avoided_{name}", "service=virtual_ward"] for name in names] == [3, 1, 1, 2, 1, 5]
    assert [found[f"avoided_{name}", "all"] for name in names] == [3, 1, 1, 2, 1, 5]
    assert [found[f"people_{name}", "all"] for name in ("at_start", "arrived", "left", "still_in")] == [0, 4, 3, 1]
    # Half a day of 1.5, and of 1, is spent ready to move on to a bed.
    assert found["setting_blocked_share", "setting=virtual_ward"] == 1 / 3.5
    # Waiting for a bed in a service is no delayed discharge.
    assert found["nctr_bed_days_lost", "all"] == 0
    assert found["bed_wait_mean", "all"] == pytest.approx((12 + 0 + 12) / 3)


def test_admissions_late_or_at_the_very_end_are_not_failures_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dischargesim.measures.avoided.FOLLOWED_DAYS", 2)
    mini = Mini()
    service = {"label": Label.SERVICE, "refusal": Refusal.SERVICE_FULL, "service": 0, "pathway": -1, "patience": 0.0}
    for begins, ends in ((2, 4), (3, 5.5), (5, 6)):
        mini.person(begins)
        row = mini.stay(VIRTUAL_WARD, begins, begins, begins, ends, ends, ends, **service)
        mini.by_hand.stays[row].update(next=row + 1, otherwise=row + 1)
        mini.stay(WARD, ends, ends, ends, label=Label.ADMISSION)
    found = mini.figures()
    names = ("gross", "failed", "still_in", "net", "bed_days")
    assert [found[f"avoided_{name}", "all"] for name in names] == [3, 1, 1, 2, 0]


def test_what_happens_to_people_blocked_in_rehab_is_no_harm_of_hospital_delay() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(REHAB, 1, 1, 1, 3, 3, 4, pathway=P2, next=1)
    mini.stay(CARE_HOME, 3, refused=4, refusal=Refusal.DIED, pathway=P2)
    assert mini.figures()["delayed_outcomes", "outcome=death"] == 0


def test_open_time_before_the_first_opening() -> None:
    mini = Mini()
    for _ in range(HOME + 1):
        mini.by_hand.setting()
    mini.by_hand.team(1, [(3.25, 3.75), (5, 5.5)])
    # One member of staff, half a day on two days; the calendar opens first on day 3.25.
    assert mini.figures()["team_hours", "team=hub"] == 1 * 24 * 7 / 4


def test_open_time_from_within_the_first_opening() -> None:
    mini = Mini()
    for _ in range(HOME + 1):
        mini.by_hand.setting()
    mini.by_hand.team(1, [(1, 3), (5, 5.5)])
    # From day 2, when counting begins, to 3, and half a day.
    assert mini.figures()["team_hours", "team=hub"] == 1.5 * 24 * 7 / 4


def test_permanent_moves() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 3, 3, 3, pathway=P3, next=1)
    mini.stay(CARE_HOME, 3, 3, 3, 4, 4, 4, pathway=P3, permanent=1, next=2)
    # The second step of one move.
    mini.stay(CARE_HOME, 4, 4, 4, pathway=P3, permanent=1, spell=1, label=Label.TAPER)
    found = mini.figures()
    assert found["permanent_moves", "setting=care_home"] == 1
    assert found["permanent_moves", "all"] == 1
    assert [found[f"people_{name}", "all"] for name in ("at_start", "arrived", "left", "still_in")] == [1, 0, 0, 1]
