"""The same people in two scenarios."""

from __future__ import annotations

import numpy as np
import pytest

from dischargesim.engine import simulate
from dischargesim.experiment.people import Counts, Person, by_person, held_against, person_by_person
from dischargesim.measures import daily_index, daily_values, measure
from dischargesim.measures.delays import split_delays
from dischargesim.measures.frame import Frame
from dischargesim.plan.draw import draw_plan
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.schema import Scenario


def small(*overrides: str) -> Scenario:
    return load_scenario(["system=small", "run.days=60", "run.warm_up_days=30", "run.engine=simpy", *overrides])


@pytest.fixture(scope="module")
def base() -> Scenario:
    return small()


def person(*rows: tuple[int, float, float]) -> Person:
    who, delay, admitted = zip(*rows, strict=True)
    return Person(np.array(who), np.array(delay, dtype=float), np.array(admitted, dtype=float))


def test_counts_by_hand() -> None:
    first = person((1, 2.0, 1), (2, 0.0, 0), (3, 1.0, 1), (5, 0.0, 1), (8, 9.0, 1), (9, 0.0, 0))
    second = person((1, 1.0, 1), (2, 0.5, 1), (3, 1.01, 1), (5, 0.0, 0), (7, 9.0, 1), (9, 0.0, 0))
    # 1 waits less, 2 more and is admitted, 3 by a quarter of an hour, 5 is not admitted; 7 and 8 come in one alone;
    # 9 is never in hospital.
    assert held_against(first, second) == {"delay": Counts(1, 1, 2), "admissions": Counts(1, 1, 3)}


def test_people_sum_to_the_measures(base: Scenario) -> None:
    plan = draw_plan(base, 0)
    times = simulate(plan)
    found = person_by_person(plan, times)
    figures = measure(plan, times).set_index(["measure", "group"])["value"]
    assert np.unique(found.who).size == plan.people.arrival.size
    # By the clock and not at midnight, as the stages are; and everybody who is admitted comes in on some day.
    frame = Frame.of(plan, times)
    parts = split_delays(frame, frame.delayed)
    acute = frame.facts.acute[plan.stays.setting[parts.stay]]
    clocked = (frame.window.clip(parts.end) - frame.window.clip(parts.start))[acute].sum()
    assert found.delay.sum() == clocked > figures["nctr_bed_days_lost", "all"] / 2
    daily = dict(zip([row.measure for row in daily_index(base)], daily_values(plan, times), strict=True))
    assert found.admitted.sum() == daily["daily_admitted"].sum()


def test_nobody_differs_from_themselves(base: Scenario) -> None:
    table = by_person(base, [("same", small())], range(2))
    assert table["less"].sum() == table["more"].sum() == 0
    assert list(table["replication"]) == [0, 0, 1, 1]


def test_more_staff(base: Scenario) -> None:
    table = by_person(base, [("more", small("teams.hub.staff=4", "teams.ward.staff=4"))], range(2))
    delay = table[table["figure"] == "delay"]
    assert (delay["less"] > 3 * delay["more"]).all()


def test_a_virtual_ward_keeps_people_out(base: Scenario) -> None:
    table = by_person(base, [("none", small("~services.virtual_ward"))], range(2))
    admitted = table[table["figure"] == "admissions"]
    assert (admitted["more"] > 5).all()
    # With fuller beds some planned admissions are cancelled, or people are still waiting at the end.
    assert (admitted["less"] < admitted["more"]).all()
