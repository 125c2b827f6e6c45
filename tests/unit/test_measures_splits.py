"""Figures by who people are, and settings and teams that are split between localities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dischargesim.measures import measure_index
from dischargesim.measures.facts import Facts
from dischargesim.measures.splits import people_by_kind
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import NONE
from dischargesim.scenario.places import placed_settings
from tests.unit.mini import CONTENT, DECISION, P2, WARD, Mini, scenario

FRAIL = CONTENT["cohorts"]["frail"]
COHORTS = {
    "frail": {**FRAIL, "age_bands": {"aged_75_84": 0.5, "aged_85": 0.5}},
    "other": {**FRAIL, "age_bands": {"below_75": 0.5, "aged_75_84": 0.5}, "deprivation": {"q1": 0.4, "q5": 0.6}},
    "young": FRAIL,
}
WHO = [(0, 0, NONE, 0), (0, 1, NONE, 1), (1, 0, 1, 0), (1, 1, 0, 1), (2, NONE, NONE, 1)]
"""Cohort, age band, deprivation and locality of five people."""


def people(**content: Any) -> Mini:
    """Five people in two beds and more; the first is ready for a day, the second for half a day, and so on."""
    mini = Mini(content={"cohorts": COHORTS, "localities": {"north": 0.5, "south": 0.5}, **content})
    for delay, (cohort, age_band, deprivation, locality) in zip((1, 0.5, 0, 3, 2), WHO, strict=True):
        mini.person(1)
        columns = {"cohort": cohort, "age_band": age_band, "deprivation": deprivation, "locality": locality}
        mini.by_hand.people[-1].update(columns)
        mini.task(mini.stay(WARD, 1, 1, 1, 2.5, 2.5 + delay, 2.5 + delay), DECISION, 2.5, 2.5, 2.5 + delay)
    return mini


@pytest.mark.parametrize(
    ("measure", "group", "expected"),
    [
        ("nctr_ready", "cohort=frail", 2 / 4),
        ("nctr_ready", "cohort=young", 1 / 4),
        ("nctr_ready", "age_band=aged_75_84", 2 / 4),  # the first band of one cohort and the second of another
        ("nctr_ready", "age_band=aged_85", 1 / 4),
        ("nctr_ready", "age_band=below_75", 1 / 4),
        ("nctr_ready", "deprivation=q5", 1 / 4),
        ("nctr_ready", "locality=south", 3 / 4),
        ("nctr_delay_mean", "all", 6.5 / 5),
        ("nctr_delay_mean", "cohort=frail", 1.5 / 2),
        ("nctr_delay_mean", "age_band=aged_75_84", 4 / 2),
        ("nctr_delay_mean", "deprivation=q1", 3),
        ("nctr_delay_mean", "deprivation=q5", 0),
        ("nctr_delay_mean", "locality=south", 5.5 / 3),
        # From midnight 3 on: one of the first person, none of the next two, three and two.
        ("nctr_bed_days_lost", "all", 6),
        ("nctr_bed_days_lost", "cohort=other", 3),
        ("nctr_bed_days_lost", "age_band=aged_75_84", 4),
        ("nctr_bed_days_lost", "locality=north", 1),
        ("nctr_share_7_days", "locality=south", 0),
    ],
)
def test_by_who_people_are(measure: str, group: str, expected: float) -> None:
    assert people().figures()[measure, group] == pytest.approx(expected)


def test_delays_of_a_week_by_who_people_are() -> None:
    mini = people(run={"warm_up_days": 2, "days": 12})
    mini.by_hand.horizon = 14.0
    for day, cohort in ((9.5, 0), (9.25, 2)):
        mini.person(1)
        mini.by_hand.people[-1].update(cohort=cohort, age_band=NONE, deprivation=NONE)
        mini.task(mini.stay(WARD, 1, 1, 1, 2.5, day, day), DECISION, 2.5, 2.5, day)
    found = mini.figures()
    assert found["nctr_share_7_days", "cohort=frail"] == 1 / 3
    assert found["nctr_share_7_days", "cohort=young"] == 0


def test_what_happens_while_delayed_by_who_people_are() -> None:
    mini = Mini(content={"cohorts": COHORTS})
    for cohort, refusal in ((0, Refusal.SETBACK), (2, Refusal.SETBACK), (2, Refusal.SETBACK), (2, Refusal.DIED)):
        mini.person(1)
        mini.by_hand.people[-1].update(cohort=cohort, age_band=NONE, deprivation=NONE)
        row = mini.stay(WARD, 1, 1, 1, 2.5, 2.5, 4.5, pathway=P2)
        mini.by_hand.stays[row]["next"] = row + 1
        mini.stay(3, 2.5, refused=4.5, refusal=refusal, pathway=P2)
    found = mini.figures()
    assert found["delayed_outcomes", "outcome=setback"] == 3
    assert found["delayed_outcomes", "outcome=setback | cohort=frail"] == 1
    assert found["delayed_outcomes", "outcome=setback | cohort=young"] == 2
    assert found["delayed_outcomes", "outcome=death | cohort=young"] == 1
    assert found["delayed_outcomes", "outcome=death | cohort=frail"] == 0
    # Two bed days lost for each.
    assert found["delayed_outcome_rate", "outcome=setback | cohort=young"] == 2 * 1000 / 6
    assert found["delayed_outcome_rate", "outcome=death"] == 1000 / 8


def test_kinds_of_people_where_there_are_more_bands_than_cohorts() -> None:
    """Nobody is counted with somebody of another cohort or band, on any axis, whatever is counted of them."""
    young, old = {"below_75": 0.5, "aged_75_84": 0.25, "aged_85": 0.25}, {"aged_85": 1.0}
    cohorts = {"frail": {**FRAIL, "age_bands": young}, "other": {**FRAIL, "age_bands": old, "deprivation": {"q1": 1}}}
    who = [(0, 0, NONE), (0, 1, NONE), (0, 2, NONE), (0, NONE, NONE), (1, 0, 0), (1, NONE, NONE)]
    plan, _ = Mini(content={"cohorts": cohorts}).made()
    columns = (np.array(column, dtype=np.int32) for column in zip(*who, strict=True))
    names = ("cohort", "age_band", "deprivation")
    people = replace(plan.people, **dict(zip(names, columns, strict=True)), locality=np.zeros(6, dtype=np.int32))
    kinds = people_by_kind(Facts.of(scenario(cohorts=cohorts)), people)
    # One person, two, four, and so on, so that every sum tells who is in it.
    counts = np.bincount(kinds.of, 2.0 ** np.arange(6), kinds.number)
    cohort, age_band, deprivation, locality = kinds.by_group(np.array([counts, 10 * counts]))
    np.testing.assert_array_equal(cohort, [[15, 48], [150, 480]])
    np.testing.assert_array_equal(age_band, [[1, 2, 4 + 16], [10, 20, 200]])
    np.testing.assert_array_equal(deprivation, [[16], [160]])
    assert locality.shape == (2, 0)
    assert [one.shape for one in kinds.by_group(counts)] == [(2,), (3,), (1,), (0,)]


def test_what_a_scenario_does_not_give_has_no_groups() -> None:
    groups = {row.group for row in measure_index(scenario())}
    assert "cohort=frail" in groups
    assert not any(axis in group for group in groups for axis in ("age_band=", "deprivation=", "locality="))


SPLIT = {
    **CONTENT["settings"],
    "rehab": {**CONTENT["settings"]["rehab"], "by_locality": True, "capacity": 4},
}
TEAMS = {"hub": {**CONTENT["teams"]["hub"], "by_locality": True}}
NORTH, SOUTH = 1, 2


@pytest.fixture(scope="module")
def split() -> Mini:
    """Rehab beds and the hub have a part in the north and a part in the south."""
    content = {"settings": SPLIT, "teams": TEAMS, "localities": {"north": 0.5, "south": 0.5}}
    assert list(placed_settings(scenario(**content)))[:3] == ["ward", "rehab@north", "rehab@south"]
    mini = Mini(content=content)
    for capacity in (2, 1, 3):
        mini.by_hand.setting(capacity)
    for _ in range(3):
        mini.by_hand.setting()
    hours = [(day + 0.25, day + 0.75) for day in range(20)]
    mini.by_hand.team(1, hours)
    mini.by_hand.team(2, hours)
    # Waits for the north from 2.5 to 4.5, for the south from 3 to 3.5; both stay to the end.
    for place, ready, moved in ((NORTH, 2.5, 4.5), (SOUTH, 3, 3.5)):
        mini.person(1)
        row = mini.stay(WARD, 1, 1, 1, ready, ready, moved, pathway=P2)
        mini.by_hand.stays[row]["next"] = row + 1
        mini.stay(place, ready, moved, moved, pathway=P2)
    mini.person(2)
    stay = mini.stay(WARD, 2, 2, 2, 3, 3, 3)
    mini.task(stay, DECISION, 2, 2.25, 2.5, team=0, work=0.25)
    mini.task(stay, DECISION, 2.25, 2.5, 2.75, team=1, work=0.25)
    mini.task(stay, DECISION, 2.25, 2.25, 2.5, team=1, work=0.25)
    mini.person(5)
    mini.stay(3, 5, 5, 5, permanent=1, label=Label.ONWARD)
    return mini


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("setting_capacity", (1, 3, 4)),
        ("setting_in_use", (1.5 / 4, 2.5 / 4, 4 / 4)),
        ("setting_occupancy", (1.5 / 4, 2.5 / 12, 4 / 16)),
        ("setting_queue", (2 / 4, 0.5 / 4, 2.5 / 4)),
        ("setting_wait_mean", (2, 0.5, 1.25)),
        ("setting_wait_median", (2, 0.5, 1.25)),
        ("setting_people", (2 / 4, 3 / 4, 5 / 4)),
        ("permanent_moves", (0, 0, 0)),
    ],
)
def test_a_setting_in_parts_and_as_a_whole(split: Mini, measure: str, expected: tuple[float, ...]) -> None:
    found = split.figures()
    groups = ("rehab@north", "rehab@south", "rehab")
    assert tuple(found[measure, f"setting={group}"] for group in groups) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("team_hours", (12 * 7, 24 * 7, 36 * 7)),
        ("team_utilisation", (0.25 / 2, 0.5 / 4, 0.75 / 6)),
        ("team_queue", (0.25 / 4, 0.25 / 4, 0.5 / 4)),
        ("team_wait_mean", (0.25, 0.125, 0.5 / 3)),
        ("team_tasks", (7 / 4, 14 / 4, 21 / 4)),
    ],
)
def test_a_team_in_parts_and_as_a_whole(split: Mini, measure: str, expected: tuple[float, ...]) -> None:
    found = split.figures()
    groups = ("hub@north", "hub@south", "hub")
    assert tuple(found[measure, f"team={group}"] for group in groups) == pytest.approx(expected)


def test_a_part_has_the_reason_the_unit_and_the_kind_of_the_whole(split: Mini) -> None:
    found = split.figures()
    # Midnights 3, 4 of the north (both in the ward, waiting for a bed in rehab) and 3 of the south.
    assert found["nctr_bed_days_lost", "sub_reason=p2_capacity"] == 3
    assert found["permanent_moves", "setting=care_home"] == 1
    assert found["beds_occupied", "all"] == found["setting_people", "setting=ward"] == 3 / 4
    units = {row.group: row.unit for row in measure_index(scenario(**split.content)) if row.measure == "setting_in_use"}
    assert units["setting=rehab@north"] == units["setting=rehab"] == "beds"
    daily = split.daily()
    assert daily["daily_waiting", "setting=rehab@north"] == [1, 1, 0, 0]
    assert daily["daily_waiting", "setting=rehab"] == [2, 1, 0, 0]
    assert daily["daily_beds_open", "all"] == [2, 2, 2, 2]
    assert found["dtoc_rate", "care=non_acute"] == 0
    assert found["dtoc_rate", "care=acute"] == 3 / 3
