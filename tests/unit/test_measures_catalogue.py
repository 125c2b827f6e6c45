"""The registry, its order, and the page written from it."""

from __future__ import annotations

import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from runpy import run_module

import numpy as np
import pytest

from dischargesim.measures import DAILY, MEASURES, daily_index, measure, measure_all, measure_index
from dischargesim.measures.beds import _percentile
from dischargesim.measures.dictionary import data_dictionary, main
from dischargesim.measures.facts import Facts
from dischargesim.measures.frame import Window, grouped_median, median, ratio
from dischargesim.plan.tables import Times
from tests.hand_plans import PlanByHand
from tests.unit.mini import CONTENT, Mini, scenario

PAGE = Path(__file__).parents[2] / "docs" / "data_dictionary.md"


def test_every_measure_is_defined_once() -> None:
    names = [one.name for one in (*MEASURES, *DAILY)]
    assert len(set(names)) == len(names)
    assert all(one.title and one.unit and one.population and one.formula and one.window for one in (*MEASURES, *DAILY))
    assert 8 <= sum(one.main for one in MEASURES) <= 15


def test_measures_say_which_way_is_better() -> None:
    ways = {one.name: one.better for one in MEASURES}
    assert {ways["nctr_remaining"], ways["bed_wait_mean"], ways["setting_queue"]} == {"lower"}
    assert {ways["avoided_net"], ways["at_home_91_days_share"]} == {"higher"}
    assert {ways["people_arrived"], ways["team_hours"], ways["nctr_stage_share"]} == {None}


def test_rows_are_fixed_for_a_scenario_and_none_occurs_twice() -> None:
    rows = measure_index(scenario())
    assert len(set(rows)) == len(rows)
    daily = daily_index(scenario())
    assert len(set(daily)) == len(daily)
    plan, times = Mini().made()
    values, series = measure_all(plan, times)
    assert values.shape == (len(rows),)
    assert series.shape == (len(daily), 4)
    table = measure(plan, times)
    assert list(table.columns) == ["measure", "group", "unit", "value"]
    assert list(table["measure"]) == [row.measure for row in rows]


def test_units_of_settings() -> None:
    units = {row.group: row.unit for row in measure_index(scenario()) if row.measure == "setting_in_use"}
    assert units["setting=rehab"] == "beds"
    assert units["setting=care_home"] == "places"
    assert not any("{" in row.unit for row in (*measure_index(scenario()), *daily_index(scenario())))


def test_a_place_without_a_reason_is_listed_as_unstated() -> None:
    settings = {**CONTENT["settings"], "rehab": {"title": "Rehab", "kind": "community_bed", "capacity": 1}}
    groups = {row.group for row in measure_index(scenario(settings=settings)) if row.measure == "nctr_bed_days_share"}
    assert "family=unstated" in groups
    assert "family=unstated" not in {row.group for row in measure_index(scenario())}


@pytest.mark.parametrize("named", [True, False])
def test_so_is_one_that_comes_later_on_the_way(named: bool) -> None:
    later = {"title": "Later", "kind": "home_care", "capacity": "unlimited"}
    option = {"stay_days": 5} | ({"setting": "later"} if named else {})
    pathways = deepcopy(CONTENT["pathways"])
    first = next(path for path in pathways.values() if "rehab" in path.get("next", {}))
    first["next"]["rehab"]["next"] = {"on" if named else "later": option}
    rows = measure_index(scenario(settings={**CONTENT["settings"], "later": later}, pathways=pathways))
    assert "family=unstated" in {row.group for row in rows if row.measure == "nctr_bed_days_share"}


def test_a_finer_reason_counts_as_the_national_one() -> None:
    groups = {row.group for row in measure_index(scenario()) if row.measure == "nctr_bed_days_share"}
    assert "sub_reason=care_home_capacity" in groups
    assert "sub_reason=nursing_home_capacity" not in groups


def test_nothing_at_all_gives_zeros_and_no_infinity() -> None:
    found = Mini().figures()
    assert not any(np.isinf(value) for value in found.values())
    assert found["nctr_bed_days_lost", "all"] == 0
    assert np.isnan(found["nctr_mean_delay", "all"])
    assert np.isnan(found["bed_wait_mean", "all"])
    assert found["bed_occupancy", "all"] == 0


def test_a_plan_that_is_not_the_scenarios_is_refused() -> None:
    plan, times = Mini().made()
    with pytest.raises(ValueError, match="drawn from a scenario"):
        measure_all(replace(plan, scenario=None), times)
    with pytest.raises(ValueError, match="the plan ends after 9 days and its scenario after 6"):
        measure_all(replace(plan, horizon=9.0), times)
    with pytest.raises(ValueError, match="the plan ends after 5 days and its scenario after 6"):
        measure_all(replace(plan, horizon=5.0), times)


def test_midnights_are_those_that_end_the_counted_days() -> None:
    window = Window(2.0, 6.0, 4)
    moments = np.array([0.0, 2.0, 2.5, 3.0, 3.1, 6.0, 6.5, np.nan])
    assert window.column(moments).tolist() == [0, 0, 0, 0, 1, 3, 4, 4]
    assert window.clip(moments).tolist() == [2, 2, 2.5, 3, 3.1, 6, 6, 6]
    assert window.holds(moments).tolist() == [False, True, True, True, True, False, False, False]


def test_grouped_median() -> None:
    values = np.array([0.0, 3.0, 0.0, 1.5, 2.5, 0.0, 7.0])
    group = np.array([0, 0, 0, 1, 1, 3, 3])
    assert grouped_median(values, group, 5)[[0, 1, 3]].tolist() == [0, 2, 3.5]
    assert np.isnan(grouped_median(values, group, 5)[[2, 4]]).all()
    rng = np.random.default_rng(1)
    many = np.floor(rng.exponential(3, 501) * 2**20) / 2**20 * (rng.random(501) < 0.7)
    assert grouped_median(many, np.zeros(501, dtype=int), 1)[0] == np.median(many)


@pytest.mark.parametrize("zeros", range(6))
def test_a_median_of_values_and_zeros_that_are_not_written_out(zeros: int) -> None:
    for values in ([], [5.0], [7.0, 5.0], [9.0, 5.0, 7.0], [9.0, 5.0, 11.0, 7.0]):
        found, whole = median(np.array(values), zeros), [*values, *[0.0] * zeros]
        assert found == np.median(whole) if whole else np.isnan(found)


@pytest.mark.parametrize("size", [36, 37])
def test_percentile_is_numpys(size: int) -> None:
    values = np.random.default_rng(2).random(size)
    assert _percentile(values, 0.95) == pytest.approx(np.percentile(values, 95))


def test_ratio_of_nothing_is_not_a_number() -> None:
    assert np.isnan(ratio(1, 0))
    assert np.isnan(ratio(0, 0))
    assert ratio([1, 2], [2, 0])[0] == 0.5


def test_months_that_begin_in_the_window() -> None:
    assert Facts.of(scenario()).month.tolist() == [0, 2]
    assert Facts.of(scenario()).weekday.tolist() == [0, 1, 2, 3]


def test_weekdays_from_a_thursday_on() -> None:
    found = Facts.of(scenario(start_date="2024-05-02", run={"warm_up_days": 3, "days": 9}))
    assert found.weekday.tolist() == [3, 4, 5, 6, 0, 1, 2, 3, 4]


def test_pathways_that_end_in_death_are_no_groups() -> None:
    pathways = {
        row.group for row in measure_index(scenario()) if row.measure == "nctr_ready" and "pathway" in row.group
    }
    assert pathways == {"pathway=P0", "pathway=P2", "pathway=P3"}


def test_the_data_dictionary_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == data_dictionary(), "run python -m dischargesim.measures.dictionary"


def test_the_data_dictionary_is_written_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    monkeypatch.setattr("sys.argv", ["dictionary", "--out", str(page)])
    main()
    assert page.read_text(encoding="utf-8") == data_dictionary()


def test_the_data_dictionary_is_written_by_running_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page, name = tmp_path / "page.md", "dischargesim.measures.dictionary"
    monkeypatch.setattr("sys.argv", ["dictionary", "--out", str(page)])
    monkeypatch.delitem(sys.modules, name)  # to be run anew
    run_module(name, run_name="__main__")
    assert page.read_text(encoding="utf-8") == data_dictionary()


def test_a_plan_by_hand_has_no_measures() -> None:
    """They are grouped by what the scenario says."""
    plan = PlanByHand().plan()
    with pytest.raises(ValueError, match="drawn from a scenario"):
        measure(plan, Times.empty(plan))
