"""What becomes of people after hospital, each figure worked out on paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import RateEffects
from tests.hand_plans import PlanByHand
from tests.unit.mini import CARE_HOME, CONTENT, HOME, P0, P2, P3, REHAB, WARD, Mini

Found = dict[tuple[str, str], float]
COMES_BACK = {"share": 1, "after_days": 9, "stay_days": 2}


def long_run(days: int = 120, **content: Any) -> Mini:
    """The small hospital, counted from day 2 for longer."""
    cohort = {**CONTENT["cohorts"]["frail"], "readmission": COMES_BACK}
    content = {"run": {"warm_up_days": 2, "days": days}, "cohorts": {"frail": cohort}, **content}
    return Mini(content=content, by_hand=PlanByHand(horizon=2.0 + days))


def leaves(mini: Mini, day: float, label: int = Label.ADMISSION, **columns: Any) -> int:
    """A stay in the ward that ends at a moment."""
    return mini.stay(WARD, day - 1, day - 1, day - 1, day, day, day, label=label, **columns)


def comes_back(mini: Mini, left: float, back: float) -> None:
    """Somebody who leaves the ward, is at home and asks for it again."""
    mini.person(0)
    row = leaves(mini, left)
    mini.by_hand.stays[row]["next"] = row + 1
    mini.stay(HOME, left, left, left, back, back, back, label=Label.HOME, next=row + 2)
    mini.stay(WARD, back, back, back, back + 1, back + 1, back + 1, label=Label.READMISSION)


def test_readmissions_are_counted_over_those_who_could_be_followed() -> None:
    mini = long_run()
    comes_back(mini, 10, 40)  # after 30 days
    comes_back(mini, 20, 50.5)  # after more
    comes_back(mini, 1.5, 10)  # left before the counted days; the second leaving is no first one
    mini.person(0)
    leaves(mini, 92)  # followed for exactly 30 days
    comes_back(mini, 92.5, 100)  # comes back, but not followed for 30 days
    mini.person(0)
    leaves(mini, 93)
    found = mini.figures()
    assert found["readmitted_30_days", "all"] == 1
    assert found["readmitted_30_days_share", "all"] == 1 / 3
    assert found["readmitted_30_days_left_out", "all"] == 2
    assert found["readmitted_30_days_share", "cohort=frail"] == 1 / 3


@pytest.mark.parametrize("after", [0.0, 0.25, 1.0, 30.0])
def test_back_within_hours_counts_as_much_as_back_on_the_last_day(after: float) -> None:
    mini = long_run()
    comes_back(mini, 10, 10 + after)
    assert mini.figures()["readmitted_30_days", "all"] == 1


def test_somebody_who_waits_for_a_bed_has_come_back() -> None:
    mini = long_run()
    mini.person(0)
    leaves(mini, 10, next=1)
    mini.stay(HOME, 10, 10, 10, 39, 39, 45, label=Label.HOME, next=2)
    mini.stay(WARD, 39, 45, 45, label=Label.READMISSION)
    assert mini.figures()["readmitted_30_days", "all"] == 1


def test_a_readmission_that_never_came_about_is_none() -> None:
    mini = long_run()
    mini.person(0)
    leaves(mini, 10, next=1)
    mini.stay(HOME, 10, 10, 10, label=Label.HOME, next=2)
    mini.stay(WARD, label=Label.READMISSION)
    assert mini.figures()["readmitted_30_days_share", "all"] == 0


def test_where_nobody_comes_back_there_is_no_share() -> None:
    mini = long_run(cohorts=CONTENT["cohorts"])
    mini.person(0)
    leaves(mini, 10)
    assert np.isnan(mini.figures()["readmitted_30_days_share", "all"])


def supported(mini: Mini, left: float = 10.0, **columns: Any) -> int:
    """Somebody who leaves the ward for rehab on a day; the stay there, in which they still are unless it is said."""
    mini.person(0)
    row = leaves(mini, left, pathway=P2)
    mini.by_hand.stays[row]["next"] = row + 1
    moments = [left, left, left, *([columns.pop("until")] * 3 if "until" in columns else [])]
    return mini.stay(REHAB, *moments, pathway=P2, **columns)


def after_91_days(mini: Mini) -> tuple[float, float, float]:
    found = mini.figures()
    return tuple(found[f"at_home_91_days{end}", "all"] for end in ("", "_share", "_left_out"))  # type: ignore[return-value]


def test_at_home_are_those_who_have_left_alive() -> None:
    mini = long_run()
    supported(mini)  # still in the bed
    supported(mini, until=101)  # left on the very day
    supported(mini, until=101.5)  # left half a day later
    assert after_91_days(mini) == (1, 1 / 3, 0)


def test_people_for_whom_the_run_is_too_short_are_left_out() -> None:
    mini = long_run()
    supported(mini, left=31.0, until=40)  # 31 + 91 is the end
    supported(mini, left=31.5, until=40)
    supported(mini, left=1.5, until=40)  # before the counted days
    mini.person(0)
    leaves(mini, 10)  # home
    mini.person(0)
    row = leaves(mini, 10)
    mini.by_hand.stays[row]["next"] = row + 1
    mini.stay(CARE_HOME, 10, 10, 10)  # to a care home and not to support
    assert after_91_days(mini) == (1, 1, 1)


def test_whoever_does_not_count_does_not_stand_in_the_way_of_those_after_them() -> None:
    mini = long_run()
    mini.person(0)
    leaves(mini, 10)  # home
    supported(mini, left=31.5, until=40)  # not followed for long enough
    supported(mini, until=40)
    assert after_91_days(mini) == (1, 1, 1)


@pytest.mark.parametrize(("moved", "home"), [(101, 1), (100.5, 1), (101.5, 0)])
def test_a_move_on_the_very_day_has_been_made(moved: float, home: int) -> None:
    mini = long_run()
    row = supported(mini, until=moved)
    mini.by_hand.stays[row]["next"] = row + 1
    mini.stay(3, moved, moved, moved, pathway=P2)
    assert after_91_days(mini)[0] == home
    mini.by_hand.stays[row + 1]["setting"] = CARE_HOME
    assert after_91_days(mini)[0] == 0


@pytest.mark.parametrize(
    ("setting", "columns", "home"),
    [
        (CARE_HOME, {"permanent": 1}, 0),
        (CARE_HOME, {"permanent": 1, "until": 90}, 0),  # has left it for good: died
        (CARE_HOME, {"until": 90}, 1),  # a stay for a while
        (WARD, {"label": Label.READMISSION}, 0),
        (HOME, {"label": Label.HOME}, 1),
        (3, {"label": Label.ONWARD}, 1),  # a virtual ward is at home
    ],
)
def test_where_people_are_after_91_days(setting: int, columns: dict[str, Any], home: int) -> None:
    mini = long_run()
    row = supported(mini, until=30)
    mini.by_hand.stays[row]["next"] = row + 1
    columns = dict(columns)
    moments = [30, 30, 30, *([columns.pop("until")] * 3 if "until" in columns else [])]
    mini.stay(setting, *moments, pathway=P2, **columns)
    assert after_91_days(mini)[0] == home


@pytest.mark.parametrize(("asked", "home"), [(100, 0), (101, 0), (101.5, 1)])
def test_somebody_at_home_who_waits_for_an_acute_bed_is_not_at_home(asked: float, home: int) -> None:
    mini = long_run()
    row = supported(mini, until=30)
    mini.by_hand.stays[row]["next"] = row + 1
    mini.stay(HOME, 30, 30, 30, asked, asked, label=Label.HOME, next=row + 2)
    mini.stay(WARD, asked, label=Label.READMISSION)
    assert after_91_days(mini)[0] == home


def test_somebody_else_who_comes_back_changes_nothing() -> None:
    mini = long_run()
    row = supported(mini, until=30)
    mini.by_hand.stays[row]["next"] = row + 1
    mini.stay(HOME, 30, 30, 30, label=Label.HOME)
    comes_back(mini, 20, 40)  # the last stay of the plan
    assert after_91_days(mini)[0] == 1


def test_somebody_who_died_while_waiting_to_leave_rehab_is_not_at_home() -> None:
    mini = long_run()
    row = supported(mini, until=30)
    mini.by_hand.stays[row]["next"] = row + 1
    mini.stay(CARE_HOME, refused=30, refusal=Refusal.DIED, pathway=P2)
    assert after_91_days(mini) == (0, 0, 0)


def test_permanent_moves() -> None:
    settings = {**CONTENT["settings"], "virtual_ward": {"title": "Care", "kind": "home_care", "capacity": 1}}
    cohorts = {**CONTENT["cohorts"], "home": {**CONTENT["cohorts"]["frail"], "setting": "care_home"}}
    mini = Mini(content={"settings": settings, "cohorts": cohorts})
    # From the ward into a care home; then the second step of the same move.
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 3, 3, 3, pathway=P3, next=1)
    mini.stay(CARE_HOME, 3, 3, 3, 4, 4, 4, pathway=P3, permanent=1, next=2)
    mini.stay(CARE_HOME, 4, 4, 4, pathway=P3, permanent=1, spell=1, label=Label.TAPER)
    # From home, of another cohort; and one who was there before.
    mini.person(4)
    mini.by_hand.people[-1]["cohort"] = 1
    mini.stay(CARE_HOME, 4, 4, 4, pathway=P3, permanent=1, label=Label.ONWARD)
    mini.person(0)
    mini.stay(CARE_HOME, 0, 0, 0, pathway=P3, permanent=1, label=Label.ONWARD, census=True)
    # Home care for good, after the ward; a stay in a care home for a while.
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 4, 4, 4, pathway=P3, next=6)
    mini.stay(3, 4, 4, 4, pathway=P3, permanent=1)
    mini.person(1)
    mini.stay(CARE_HOME, 4, 4, 4, pathway=P3)
    # Moved in before the counted days.
    mini.person(0)
    mini.stay(CARE_HOME, 1.5, 1.5, 1.5, pathway=P3, permanent=1, label=Label.ONWARD)
    found = mini.figures()
    assert found["permanent_moves", "all"] == 3
    assert found["permanent_moves", "setting=care_home"] == 2
    assert found["care_home_admissions", "all"] == 2
    assert found["care_home_admissions", "cohort=frail"] == 1
    # Two have left hospital, one of whom moved into a care home.
    assert found["care_home_admission_rate", "all"] == 1000 / 2
    assert found["care_home_admission_rate", "cohort=frail"] == 1000 / 2
    assert np.isnan(found["care_home_admission_rate", "cohort=home"])
    assert found["home_care_starts", "all"] == 1
    assert found["home_care_starts", "cohort=home"] == 0


def test_people_in_a_care_home_at_the_start_of_a_run_without_warm_up_did_not_move_in() -> None:
    mini = Mini(content={"run": {"warm_up_days": 0, "days": 6}})
    mini.person(0)
    mini.stay(CARE_HOME, 0, 0, 0, pathway=P3, permanent=1, census=True)
    assert mini.figures()["permanent_moves", "all"] == 0


def test_a_move_on_the_first_moment_counts_and_on_the_last_no_more() -> None:
    mini = Mini()
    for moment in (2, 6):
        mini.person(1)
        mini.stay(CARE_HOME, moment, moment, moment, pathway=P3, permanent=1)
    assert mini.figures()["permanent_moves", "all"] == 1


def wrong_pathway(found: float = 1.0, share: float = 1.0) -> Mini:
    """Two people need a care home: one is sent to rehab where it is found, one is sent where they should be."""
    pathways = {
        **CONTENT["pathways"],
        "P3": {
            "title": "Care home",
            "next": {"care_home": {"stay_days": 1, "share": share}},
            "over_prescribed": {"share": 0.5, "to": "P2", "found": found, "found_after_days": 1},
        },
    }
    mini = Mini(content={"pathways": pathways})
    for sent, moments in ((P2, (3, 3.5, 4)), (P3, (4, 4, 4.5))):
        mini.person(1)
        mini.by_hand.people[-1]["needed"] = P3
        row = mini.stay(WARD, 1, 1, 1, 2.5, 2.5, moments[0], pathway=sent)
        mini.by_hand.stays[row]["next"] = row + 1
        mini.stay(REHAB if sent == P2 else CARE_HOME, *[moments[0]] * 3, *[moments[2]] * 3, pathway=sent, next=row + 2)
        mini.stay(CARE_HOME, *[moments[2]] * 3, pathway=P3)
    # Recovers while waiting, so that rehab is not what they needed; then at home before a readmission.
    mini.person(1)
    mini.by_hand.people[-1]["needed"] = P3
    row = mini.stay(WARD, 1, 1, 1, 2, 2, 2.5, label=Label.REROUTED, pathway=P2)
    mini.by_hand.stays[row]["next"] = row + 1
    mini.stay(REHAB, 2.5, 2.5, 2.5, 3, 3, 3, pathway=P2, next=row + 2)
    mini.stay(HOME, 3, 3, 3, label=Label.HOME, pathway=P3)
    # Found before the counted days; and in the second step of the support, on the last of them.
    for found_on, steps in ((1.5, 1), (5.5, 2)):
        mini.person(0)
        mini.by_hand.people[-1]["needed"] = P3
        row = mini.stay(WARD, 0, 0, 0, 1, 1, 1, label=Label.REROUTED, pathway=P2)
        mini.by_hand.stays[row]["next"] = row + 1
        for step in range(steps):
            until = found_on if step == steps - 1 else 3
            mini.stay(REHAB, *[1 + 2 * step] * 3, *[until] * 3, pathway=P2, next=row + 2 + step)
            mini.by_hand.stays[-1]["label"] = Label.TAPER if step else Label.ONWARD
        mini.stay(CARE_HOME, *[found_on] * 3, pathway=P3)
    # Goes on to another pathway than the one they need.
    mini.person(0)
    mini.by_hand.people[-1]["needed"] = P0
    mini.stay(REHAB, *[1] * 3, *[3] * 3, pathway=P2, next=len(mini.by_hand.stays) + 1, label=Label.ONWARD)
    mini.stay(CARE_HOME, *[3] * 3, pathway=P3)
    # Set back, and ready for a second time: not sent again.
    mini.person(1)
    mini.by_hand.people[-1]["needed"] = P0
    mini.stay(WARD, 1, 1, 1, 3, 3, 3, label=Label.SETBACK, pathway=P2)
    return mini


def test_wrong_pathway() -> None:
    found = wrong_pathway().figures()
    assert found["over_prescribed", "all"] == 1
    assert found["over_prescribed_share", "all"] == 1 / 2
    assert found["over_prescribed_found", "all"] == 2
    assert found["over_prescribed_found", "cohort=frail"] == 2


def test_what_is_no_finding() -> None:
    mini = wrong_pathway()

    def goes_on(needed: int, first: int, until: float, then: int, label: int) -> None:
        mini.person(0)
        mini.by_hand.people[-1]["needed"] = needed
        setting = WARD if label == Label.ADMISSION else REHAB
        mini.stay(setting, 1, 1, 1, 1, 1, until, pathway=first, label=label, next=len(mini.by_hand.stays) + 1)
        mini.stay(CARE_HOME, until, until, until, pathway=then, label=Label.ONWARD)

    before = mini.figures()
    goes_on(P3, P2, 6, P3, Label.ONWARD)  # found when the run has ended
    goes_on(P3, P2, 3, P0, Label.ONWARD)  # to less than they need
    goes_on(P3, P2, 3, P3, Label.ADMISSION)  # straight from hospital, where no review found it
    assert mini.figures()["over_prescribed_found", "all"] == before["over_prescribed_found", "all"] == 2
    goes_on(P3, P2, 2, P3, Label.ONWARD)  # on the first moment that counts
    assert mini.figures()["over_prescribed_found", "all"] == 3


def test_the_share_sent_to_more_is_of_all_who_became_ready() -> None:
    mini = wrong_pathway()  # one of two
    mini.person(1)
    mini.by_hand.people[-1]["needed"] = P0
    mini.stay(WARD, 1, 1, 1, 2.5, 2.5, 2.5, pathway=P0)
    found = mini.figures()
    assert found["over_prescribed", "all"] == 1
    assert found["over_prescribed_share", "all"] == 1 / 3


def test_what_is_found_does_not_show_where_people_then_go_home() -> None:
    assert np.isnan(wrong_pathway(share=0.5).figures()["over_prescribed_found", "all"])
    assert wrong_pathway(found=0, share=0.5).figures()["over_prescribed_found", "all"] == 2


def test_a_plan_that_does_not_say_what_people_need() -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 2.5, 2.5, 2.5, pathway=P2)
    assert mini.figures()["over_prescribed", "all"] == 0


@pytest.mark.parametrize(("refusal", "outcome"), [(Refusal.SWITCHED, "switch"), (Refusal.MUTUAL_AID, "mutual_aid")])
def test_another_pathway_or_another_locality(refusal: Refusal, outcome: str) -> None:
    mini = Mini()
    mini.person(1)
    mini.stay(WARD, 1, 1, 1, 2, 2, 3.5, pathway=P2, next=1)
    mini.stay(REHAB, 2, refused=2.5, otherwise=2, refusal=refusal, pathway=P2)
    mini.stay(CARE_HOME, 2.5, 3.5, 3.5, pathway=P2)
    found = mini.figures()
    assert found["delayed_outcomes", f"outcome={outcome}"] == 1
    assert found["delayed_outcomes", f"outcome={outcome} | cohort=frail"] == 1
    assert sum(value for (name, _), value in found.items() if name == "delayed_outcomes") == 2
    # Midnight 3.
    assert found["delayed_outcome_rate", f"outcome={outcome}"] == 1000
    assert found["delayed_outcome_rate", f"outcome={outcome} | cohort=frail"] == 1000


def test_rate_effects_are_counted_apart() -> None:
    arrivals = {
        "per_day": 1,
        "effects": {"gp": {"title": "GP", "ratio": 0.8}, "falls": {"title": "Falls", "ratio": 1.1}},
    }
    mini = Mini(content={"cohorts": {"frail": {**CONTENT["cohorts"]["frail"], "arrivals": arrivals}}})
    found = mini.figures()
    assert found["rate_averted", "all"] == found["rate_added", "effect=frail/gp"] == 0
    # In another order than the scenario's; days 2 up to 6 count.
    mini.rate_effects = RateEffects(
        names=(("frail", "falls"), ("frail", "gp")),
        effect=np.array([0, 1, 1, 1, 1], dtype=np.int32),
        time=np.array([3, 1.5, 2, 5.5, 6]),
        change=np.array([1, -1, -1, -1, -1], dtype=np.int32),
    )
    found = mini.figures()
    assert found["rate_averted", "all"] == found["rate_averted", "effect=frail/gp"] == 2
    assert found["rate_added", "all"] == found["rate_added", "effect=frail/falls"] == 1
    assert found["rate_averted", "effect=frail/falls"] == found["avoided_net", "all"] == 0


def test_nothing_at_all() -> None:
    found = Mini().figures()
    assert found["at_home_91_days", "all"] == found["care_home_admissions", "all"] == 0
    assert np.isnan(found["at_home_91_days_share", "all"])
    assert ("rate_averted", "effect=frail/gp") not in found
