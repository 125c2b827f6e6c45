"""Measures of systems at the edge: nothing happens, everything does, or parts of a system are missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dischargesim.engine import simulate
from dischargesim.measures import daily_index, measure_all, measure_index
from dischargesim.plan.draw import draw_plan
from dischargesim.scenario.schema import Scenario

PLAIN: dict[str, Any] = {
    "system": {"name": "edge", "title": "Edge"},
    "start_date": "2024-02-27",
    "run": {"warm_up_days": 3, "days": 30, "seed": 5},
    "settings": {"acute": {"title": "Ward", "kind": "acute", "capacity": 10}},
    "pathways": {"P0": {"title": "Home"}},
    "cohorts": {
        "all": {
            "title": "All",
            "arrivals": {"per_day": 5},
            "stay_days": {"kind": "exponential", "mean": 1.5},
            "pathways": {"P0": 1},
        }
    },
}


def figures(**changes: Any) -> dict[tuple[str, str], float]:
    scenario = Scenario.model_validate({**PLAIN, **changes})
    plan = draw_plan(scenario)
    values, daily = measure_all(plan, simulate(plan, "simpy"))
    rows = measure_index(scenario)
    assert not np.isinf(values).any()
    assert daily.shape == (len(daily_index(scenario)), scenario.run.days)
    return {(row.measure, row.group): float(value) for row, value in zip(rows, values, strict=True)}


def cohort(**changes: Any) -> dict[str, Any]:
    return {"all": {**PLAIN["cohorts"]["all"], **changes}}


def acute(**changes: Any) -> dict[str, Any]:
    return {"acute": {**PLAIN["settings"]["acute"], **changes}}


def test_without_teams_tasks_or_services_nobody_is_delayed() -> None:
    found = figures()
    assert found["nctr_bed_days_lost", "all"] == 0
    assert found["nctr_mean_delay", "all"] == 0
    assert found["nctr_ready", "all"] == found["nctr_discharged", "all"] > 0
    assert found["dtoc_days", "all"] == 0
    assert not any(measure.startswith("team_") for measure, _ in found)


def test_nobody_comes() -> None:
    found = figures(cohorts=cohort(arrivals={"per_day": 0}))
    assert found["people_arrived", "all"] == 0
    assert found["bed_occupancy", "all"] == 0
    assert np.isnan(found["nctr_mean_delay", "all"])
    assert np.isnan(found["length_of_stay_mean", "all"])


@pytest.mark.parametrize("capacity", [0, 1])
def test_hardly_any_beds(capacity: int) -> None:
    found = figures(settings=acute(capacity=capacity))
    assert found["people_still_in", "all"] > 60
    assert found["bed_wait_over_12_hours", "all"] > 0.9
    assert found["setting_queue", "setting=acute"] > 40
    assert np.isnan(found["bed_occupancy", "all"]) == (capacity == 0)


def test_beds_without_limit_have_no_occupancy() -> None:
    found = figures(settings=acute(capacity="unlimited"))
    assert found["beds_occupied", "all"] > 0
    for measure in ("beds_open", "bed_occupancy", "bed_occupancy_95th", "bed_days_over_92"):
        assert np.isnan(found[measure, "all"]), measure
    assert found["bed_wait_mean", "all"] == 0


def test_beds_that_close_while_in_use() -> None:
    found = figures(
        settings=acute(capacity_changes={"2024-03-05": 0}),
        cohorts=cohort(stay_days={"kind": "constant", "value": 25}),
    )
    assert found["bed_days_over_92", "all"] >= 7
    assert found["bed_occupancy", "all"] > 1


def test_one_day_without_warm_up() -> None:
    found = figures(run={"warm_up_days": 0, "days": 1, "seed": 5})
    assert found["people_at_start", "all"] == 0
    assert found["dtoc_beds", "month=2024-02 | care=acute"] == 0


def test_a_system_without_a_hospital() -> None:
    settings = {"rehab": {"title": "Rehab", "kind": "community_bed", "capacity": 3}}
    found = figures(settings=settings, cohorts=cohort(setting="rehab"))
    assert found["beds_occupied", "all"] == 0
    assert found["nctr_ready", "all"] == 0
    assert found["setting_people", "setting=rehab"] > 0
    assert ("beds_occupied", "setting=rehab") not in found


def test_two_hospitals_add_up() -> None:
    found = figures(
        settings={**acute(), "other": {"title": "Other", "kind": "acute", "capacity": 4}},
        cohorts={**cohort(), "elsewhere": {**PLAIN["cohorts"]["all"], "setting": "other"}},
    )
    for measure in ("beds_open", "beds_occupied", "stays_7_days"):
        parts = found[measure, "setting=acute"] + found[measure, "setting=other"]
        assert found[measure, "all"] == pytest.approx(parts)
    assert found["beds_open", "all"] == 14
