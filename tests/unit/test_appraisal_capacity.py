"""Cost by capacity: curves of stored sweeps, and the arithmetic behind them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dischargesim.appraisal.capacity import FLAT, CapacityCurve, cost_optimal
from dischargesim.experiment.batch import Batch, run_batch
from dischargesim.experiment.batch_file import encode
from dischargesim.experiment.key import batch_key
from dischargesim.experiment.store import Point, Store
from dischargesim.experiment.worker import Work, pickled
from dischargesim.measures import daily_index, measure_index
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.schema import Scenario
from tests.appraisals import plain, price, read

RUNS = 4
BEDS = "settings.community_bed.capacity"
VISITS = "settings.reablement.capacity"
LOST = {4: 900.0, 6: 500.0, 8: 300.0, 10: 250.0, 12: 248.0}
"""Bed days lost in a year by community beds."""
NOISE = np.array([-20.0, -5.0, 5.0, 20.0])


@cache
def small(*overrides: str) -> Scenario:
    return load_scenario(["system=small", "run.warm_up_days=0", *overrides])


@cache
def template() -> Batch:
    """A batch of which everything but the figures is kept."""
    return run_batch(small("run.days=1"), 0, RUNS, "simpy")


def made(folder: Path, lost: dict[tuple[tuple[str, str], ...], float], first: str = "", **asked: Any) -> Store:
    """A sweep of the small system whose bed days lost, and capacities, are given."""
    folder.mkdir(parents=True)
    points, scenarios, batches = [], {}, {}
    for varied, days_lost in lost.items():
        scenario = small("run.days=73", *(f"{axis}={value}" for axis, value in varied))
        key, rows = batch_key(scenario), measure_index(scenario)
        values = np.zeros((RUNS, len(rows)))
        for at, row in enumerate(rows):
            if row == ("nctr_bed_days_lost", "all", row.unit):
                values[:, at] = (days_lost + NOISE) / 5
            elif row.measure == "nctr_remaining" and row.group == "all":
                values[:, at] = (days_lost + NOISE) / 365
            elif row.measure == "setting_capacity":
                name = row.group.partition("=")[2]
                capacity = scenario.settings[name].capacity
                assert isinstance(capacity, int)
                values[:, at] = capacity
            elif row.measure == "setting_queue":
                values[:, at] = days_lost / 1000
        label = ",".join(value for _, value in varied)
        points.append(Point(label, dict(varied), key, RUNS, "done"))
        scenarios[key] = scenario
        batches[key] = replace(template(), values=values, daily=_daily(scenario))
    store = Store.create(folder, points, scenarios, {"experiment": "test", **asked})
    for key, batch in batches.items():
        store.put(Work(key, 0, RUNS, "simpy", pickled(scenarios[key])), encode(key, scenarios[key], batch))
    return store


def _daily(scenario: Scenario) -> Any:
    return np.zeros((RUNS, len(daily_index(scenario)), scenario.run.days))


def by_beds(folder: Path, **asked: Any) -> Store:
    return made(folder, {((BEDS, str(beds)),): lost for beds, lost in LOST.items()}, **asked)


def one(store: Store, **changed: Any) -> CapacityCurve:
    (found,) = cost_optimal(store, read(plain(**changed)))
    return found


def test_cost_by_capacity_by_hand(tmp_path: Path) -> None:
    curve = one(by_beds(tmp_path / "a"))
    table = curve.table.set_index("capacity_community_bed")
    places = {beds: beds * 365 * 150 for beds in LOST}
    delay = {beds: lost * 395 for beds, lost in LOST.items()}
    assert table["places_pounds_a_year"].to_dict() == pytest.approx(places)
    assert table["delay_pounds_a_year"].to_dict() == pytest.approx(delay)
    total = {beds: places[beds] + delay[beds] for beds in LOST}
    assert table["total_pounds_a_year"].to_dict() == pytest.approx(total)
    best = min(total, key=total.__getitem__)
    assert curve.cheapest == {"community_bed": best} == {"community_bed": 6}
    assert not curve.at_edge and curve.settings == ("community_bed",) and curve.held == {}
    near = [beds for beds in LOST if total[beds] <= total[best] * (1 + FLAT)]
    assert curve.flat == {"community_bed": (min(near), max(near))}
    # The first point stands for today: 4 beds.
    assert curve.delay_left == pytest.approx(500 / 900)
    assert curve.removable_left == pytest.approx((500 - 248) / (900 - 248))
    assert table["today"].tolist() == [True, False, False, False, False]
    assert table["behind_pounds_a_year"].to_dict() == pytest.approx({b: t - total[best] for b, t in total.items()})
    assert table["label"].str.contains("not cash").all()


def test_the_interval_is_that_of_the_simulation_and_the_difference_is_paired(tmp_path: Path) -> None:
    """All points have the same noise: totals are uncertain, and differences are not."""
    table = one(by_beds(tmp_path / "a")).table
    half = 3.182446305 * np.std(NOISE, ddof=1) / 2 * 395
    assert (table["total_pounds_a_year_upper"] - table["total_pounds_a_year"]).tolist() == pytest.approx([half] * 5)
    assert (table["behind_pounds_a_year_lower"] - table["behind_pounds_a_year"]).abs().max() < 1e-6
    assert table["may_be_cheapest"].sum() == 1


def test_today_is_what_the_sweep_compares_with(tmp_path: Path) -> None:
    curve = one(by_beds(tmp_path / "a", compare_to="8"))
    assert curve.delay_left == pytest.approx(500 / 300)
    assert "Today is the point 8." in curve.notes


def test_at_the_edge_it_says_so(tmp_path: Path) -> None:
    data = plain()
    data["settings"]["kinds"]["community_bed"] = price(1, per="open_day")
    curve = one(by_beds(tmp_path / "a"), settings=data["settings"])
    assert curve.cheapest == {"community_bed": 12} and curve.at_edge
    assert any("the optimum may lie beyond" in note for note in curve.notes)


def test_a_price_for_use_is_taken_for_a_place_and_it_says_so(tmp_path: Path) -> None:
    data = plain()
    data["settings"]["kinds"]["community_bed"] = price(150, per="used_day")
    curve = one(by_beds(tmp_path / "a"), settings=data["settings"])
    assert curve.cheapest == {"community_bed": 6}
    assert any("taken as that of a unit of capacity provided" in note for note in curve.notes)


def test_prices_that_vary_leave_it_open_which_is_cheapest(tmp_path: Path) -> None:
    """From 6 to 8 beds 109,500 pounds buy 200 days: it pays from 547.50 pounds a day on."""
    curve = one(by_beds(tmp_path / "a"), delayed_bed_day=price(395, 346, 562), draws=40_000)
    table = curve.table.set_index("capacity_community_bed")
    assert table["probability_cheapest"].sum() == pytest.approx(1)
    dearer = (562 - 547.5) ** 2 / ((562 - 346) * (562 - 395))
    assert table.loc[8, "probability_cheapest"] == pytest.approx(dearer, rel=0.15)
    assert table.loc[12, "probability_cheapest"] == 0


def test_two_axes_are_seen_together_and_one_by_one(tmp_path: Path) -> None:
    grid = {
        ((BEDS, str(beds)), (VISITS, str(visits))): lost + {30: 400.0, 40: 100.0, 50: 90.0}[visits]
        for (beds, lost), visits in product(LOST.items(), (30, 40, 50))
    }
    data = plain()
    data["settings"]["kinds"]["reablement"] = price(20, per="open_day")
    whole, beds, visits = cost_optimal(made(tmp_path / "a", grid), read(data))
    assert whole.settings == ("community_bed", "reablement") and len(whole.table) == 15
    assert whole.cheapest == {"community_bed": 6, "reablement": 40}
    assert beds.settings == ("community_bed",) and beds.held == {VISITS: "40"} and len(beds.table) == 5
    assert visits.settings == ("reablement",) and visits.held == {BEDS: "6"} and len(visits.table) == 3
    assert beds.cheapest["community_bed"] == 6 and visits.cheapest["reablement"] == 40
    assert beds.table["today"].sum() == 0 and beds.delay_left == pytest.approx(whole.delay_left)


def test_what_else_varies_makes_a_curve_each(tmp_path: Path) -> None:
    grid = {
        ((BEDS, str(beds)), ("teams.hub.staff", str(staff))): lost + 100 * staff
        for (beds, lost), staff in product(LOST.items(), (1, 2))
    }
    first, second = cost_optimal(made(tmp_path / "a", grid), read(plain()))
    assert (first.held, second.held) == ({"teams.hub.staff": "1"}, {"teams.hub.staff": "2"})


def test_without_an_axis_or_a_price_there_is_no_curve(tmp_path: Path) -> None:
    staff = made(tmp_path / "a", {(("teams.hub.staff", str(n)),): 100.0 for n in (1, 2)})
    assert cost_optimal(staff, read(plain())) == []
    assert cost_optimal(by_beds(tmp_path / "b"), read(plain(settings={}))) == []


def test_points_that_are_not_done_do_not_count(tmp_path: Path) -> None:
    store = by_beds(tmp_path / "a")
    store.settle("6", 0, "failed")
    assert one(store).table["option"].tolist() == ["4", "8", "10", "12"]


def test_a_batch_of_the_helper_is_a_batch(tmp_path: Path) -> None:
    store = by_beds(tmp_path / "a")
    (batch,) = store.batches(store.points[0])
    assert isinstance(batch, Batch) and len(batch) == RUNS
