"""Flows and offered load, against what pencil and paper give."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dischargesim.scenario.flows import flows, open_hours_by_day, staffed_share
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.offered_load import Load, offered_load, overloads
from dischargesim.scenario.resources import Workforce
from tests.tiny import spoilt, tiny


def load_of(name: str, *overrides: str) -> Load:
    return next(one for one in offered_load(tiny("run.days=364", *overrides)) if one.name == name)


def test_erlang_loss_of_the_service() -> None:
    """0.95 a day of the living, 0.2 eligible, 3.25 days: one place refuses a / (1 + a) of them."""
    taken = next(flow for flow in flows(tiny("run.days=364")) if flow.service is not None)
    offered = 0.95 * 0.2 * (0.75 * 4 + 0.25 * 1)
    assert taken.people_a_day == pytest.approx(0.95 * 0.2 / (1 + offered))
    assert taken.stay_days == pytest.approx(3.25)
    assert load_of("ward_at_home").ratio == pytest.approx(offered / (1 + offered), rel=1e-6)


def test_successes_are_taken_off_what_follows() -> None:
    without = {
        (f.pathway, f.path): f.people_a_day for f in flows(tiny("~services.ward_at_home")) if f.cohort == "older"
    }
    with_it = {(f.pathway, f.path): f.people_a_day for f in flows(tiny()) if f.cohort == "older" and f.pathway}
    offered = 0.95 * 0.2 * 3.25
    admitted = 1 - 0.2 * 0.75 / (1 + offered)
    assert with_it["P1", ("support",)] == pytest.approx(without["P1", ("support",)] * admitted)
    assert with_it["died", ()] == without["died", ()]


def test_settings() -> None:
    """Beds: 1 a day of 5 days and 0.5 of 2; rehabilitation 0.15 x 0.8 x 9; support 0.2 x 10 days x 2 visits."""
    off = "~services.ward_at_home"
    assert load_of("acute", off).load == pytest.approx(6, rel=0.01)
    assert load_of("rehab", off).load == pytest.approx(0.15 * 0.8 * 9)
    assert load_of("support", off).load == pytest.approx(0.2 * 10 * 2)
    assert load_of("support", off).capacity == 12
    assert load_of("support", off).unit == "visits a day"


def test_teams_by_hours_and_bank_holidays() -> None:
    """An hour for each of the 0.95 + 0.5 a day; eight hours on weekdays, less the bank holidays of 2024-25."""
    nurses = load_of("nurses", "~services.ward_at_home")
    assert nurses.load == pytest.approx(7 * 1.45, rel=0.01)
    holidays = 7  # from Easter Monday, 2024-04-01, to New Year's Day
    assert nurses.capacity == pytest.approx((52 * 5 - holidays) * 8 / 52, rel=1e-6)
    assert load_of("nurses", "nation=none").capacity == pytest.approx(40)
    assert load_of("assessors").capacity == pytest.approx(168)


def test_changes_of_capacity_are_weighted_by_time() -> None:
    changed = load_of("rehab", "settings.rehab.capacity_changes={2024-09-30: 6}")
    assert changed.capacity == pytest.approx(4.5)
    assert changed.worst_ratio == pytest.approx(changed.load / 3)


def test_winter_and_long_stays() -> None:
    winter = "cohorts.older.arrivals.months={january: 2}"
    acute = load_of("acute", winter)
    assert acute.worst_month == "2025-01"
    assert acute.worst_ratio > 1.4 * acute.ratio
    years = "pathways.P2.next.rehab.stay_days=800"
    rehab = load_of("rehab", winter, years, "settings.rehab.capacity=300")
    assert rehab.worst_ratio < 1.1 * rehab.ratio


def test_overload_is_said_by_name() -> None:
    assert list(overloads(offered_load(tiny("run.days=364")))) == []
    (warning,) = overloads(offered_load(tiny("run.days=364", "cohorts.older.stay_days.mean=20")))
    assert warning.path == "settings.acute"
    assert "Beds: overloaded" in str(warning)


def test_no_capacity_and_no_limit() -> None:
    assert load_of("ward_at_home", "settings.ward_at_home.capacity=0").load == 0
    assert math.isnan(load_of("ward_at_home", "settings.ward_at_home.capacity=0").ratio)
    beds = load_of("acute", "settings.acute.capacity=unlimited")
    assert beds.ratio == 0 and beds.capacity == math.inf


def test_trusted_assessors_share_the_work() -> None:
    data = spoilt("trusted_assessors", {"task": "decision", "team": "assessors", "work_hours": 0.5, "coverage": 0.4})
    data["run"]["days"] = 364
    found = {one.name: one.load for one in offered_load(build_scenario(data))}
    assert found["assessors"] / found["nurses"] == pytest.approx(0.4 * 0.5 / 0.6)


def test_posts_that_are_filled_day_by_day() -> None:
    """A tenth of 20 posts vacant, 3% ill; a third leave in a year; two a month are recruited."""
    assert staffed_share(None, 3).tolist() == [1, 1, 1]
    still = Workforce(posts=20, vacancy=0.1, sickness=0.03)
    assert staffed_share(still, 400) == pytest.approx([0.9 * 0.97] * 400)
    leaving = Workforce(posts=20, vacancy=0.1, turnover_a_year=1 / 3)
    assert staffed_share(leaving, 1462)[[0, 1461]] == pytest.approx([0.9, 0.9 * (2 / 3) ** 4])
    joining = Workforce(posts=20, vacancy=0.1, recruited_a_month=2)
    days = 365.25 / 12  # two of twenty posts a month: all vacant ones in one month
    share = staffed_share(joining, 90)
    assert share[15] == pytest.approx(0.9 + 15 * 0.1 / days) and np.all(share[31:] == 1)


def test_of_many_places_nobody_is_refused() -> None:
    taken = next(f for f in flows(tiny("run.days=364", "settings.ward_at_home.capacity=200")) if f.service is not None)
    assert taken.people_a_day == 0.95 * 0.2


def test_hours_of_each_day() -> None:
    """2024-04-01 is Easter Monday, a week after the run's first day; nurses work eight hours from Monday to Friday."""
    nurses = open_hours_by_day(tiny(), "nurses", 15)
    holiday = 4  # Good Friday, 29 March
    expected = [8, 8, 8, 8, 0, 0, 0, 0, 8, 8, 8, 8, 0, 0, 8]
    assert expected[holiday] == 0 and nurses == pytest.approx(expected)
    assert open_hours_by_day(tiny(), "assessors", 3).tolist() == [24, 24, 24]
    weekend = tiny("start_date=2024-04-06", "run.warm_up_days=0")
    assert open_hours_by_day(weekend, "nurses", 2).tolist() == [0, 0]
