"""Whole systems at the edge of what can be asked, in both engines: what must come out can be said beforehand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dischargesim import load_scenario
from dischargesim.measures import measure_index, measure_values
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import NONE, Plan, Times
from dischargesim.scenario.files import sources
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.problems import ScenarioError
from dischargesim.scenario.schema import Scenario
from tests.property.invariants import broken
from tests.worlds import nested, world

agree = pytest.importorskip("tests.property.test_engines_agree", exc_type=ImportError)

SYSTEMS = sources("system")
SHORT = nested("run", {"days": 28, "warm_up_days": 0})
ALL = ("acute", "rehab", "support", "care_home")
ROOM = {"settings": {name: {"capacity": "unlimited"} for name in ALL}}


def ran(scenario: Scenario) -> tuple[Plan, Times]:
    """A plan and its times, which both engines give."""
    plan = draw_plan(scenario)
    return plan, agree.assert_engines_agree(plan)


def figures(plan: Plan, times: Times) -> dict[tuple[str, str], float]:
    assert plan.scenario is not None
    rows = [(row.measure, row.group) for row in measure_index(plan.scenario)]
    return dict(zip(rows, measure_values(plan, times).tolist(), strict=True))


def shipped(system: str, *overrides: str) -> dict[str, Any]:
    """A shipped system as plain data, without the people who are in it at the start."""
    scenario = load_scenario([f"system={system}", "run.days=28", "run.warm_up_days=0", *overrides])
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data.pop("start", None)
    data.pop("census", None)
    return data


def of(plan: Plan, *settings: str) -> np.ndarray:
    """Rows of the stays in settings."""
    return np.flatnonzero(np.isin(plan.stays.setting, [plan.pools.names.index(name) for name in settings]))


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_arrivals(system: str) -> None:
    data = shipped(system)
    for cohort in data["cohorts"].values():
        cohort["arrivals"]["per_day"] = 0
    plan, times = ran(build_scenario(data))
    assert plan.people.arrival.size == plan.stays.person.size == plan.tasks.stay.size == 0
    found = figures(plan, times)
    for measure in ("people_arrived", "people_left", "people_still_in", "beds_occupied", "nctr_bed_days_lost"):
        assert found[measure, "all"] == 0, measure


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_beds_anywhere(system: str) -> None:
    """The front door refuses it, by name. Nobody comes in, those who will not wait are turned away, the rest wait."""
    data = shipped(system)
    for setting in data["settings"].values():
        setting["capacity"] = 0
        for key in ("escalation", "staffing", "workforce", "capacity_changes"):
            setting.pop(key, None)
    with pytest.raises(ScenarioError, match="people wait for acute, which never opens"):
        build_scenario(data)
    plan, times = ran(Scenario.model_validate(data))
    assert plan.people.arrival.size > 50
    home = [
        pool for pool in range(plan.pools.settings) if plan.pools.change_capacity[plan.pools.change_pool == pool].max()
    ]
    assert np.isnan(times.entered[~np.isin(plan.stays.setting, home)]).all()
    first = plan.people.first
    asked = times.asked[first]
    np.testing.assert_array_equal(asked, np.where(plan.people.arrival <= plan.horizon, plan.people.arrival, np.nan))
    found = figures(plan, times)
    assert found["beds_occupied", "all"] == 0
    assert found["people_arrived", "all"] == found["people_left", "all"] + found["people_still_in", "all"]


@pytest.mark.parametrize("system", SYSTEMS)
def test_unlimited_places(system: str) -> None:
    """Nobody waits for a place; they may still wait for move-in hours."""
    data = shipped(system)
    for setting in data["settings"].values():
        setting["capacity"] = "unlimited"
        for key in ("escalation", "staffing", "workforce", "capacity_changes"):
            setting.pop(key, None)
    plan, times = ran(build_scenario(data))
    asked = ~np.isnan(times.asked)
    assert asked.sum() > 50
    np.testing.assert_array_equal(times.granted[asked], times.asked[asked])
    found = figures(plan, times)
    assert all(value == 0 for (measure, _), value in found.items() if measure == "setting_queue")
    assert found["cancellations", "all"] in (0, pytest.approx(0))


def test_instant_tasks_and_unlimited_places() -> None:
    """Everybody leaves at the moment they are ready."""
    tasks = {
        "decision": {"work_hours": {"kind": "constant", "value": 0}},
        "assessment": {"work_hours": {"kind": "constant", "value": 0}},
        "medicines": {"elapsed_days": {"kind": "constant", "value": 0}},
        "home_assessment": {"elapsed_days": {"kind": "constant", "value": 0}},
    }
    always = nested("teams.hub.hours", {"every_day": "00:00-24:00"})
    plan, times = ran(world(SHORT, {"tasks": tasks}, always, ROOM))
    ready = ~np.isnan(times.ready)
    assert ready.sum() > 100 and plan.tasks.stay.size > 100
    np.testing.assert_array_equal(times.cleared[ready], times.ready[ready])
    np.testing.assert_array_equal(times.left[ready], times.ready[ready])
    assert figures(plan, times)["nctr_bed_days_lost", "all"] == 0
    # Out of hours even an instant task waits.
    plan, times = ran(world(SHORT, {"tasks": tasks}, ROOM))
    assert (times.left > times.ready).any()


def test_a_team_of_nobody() -> None:
    """Nobody who needs it leaves; whoever does not is none the worse for it where there is room for all."""
    data = world(SHORT, ROOM).model_dump(mode="json", by_alias=True, exclude_unset=True)
    _, usual_times = ran(build_scenario(data))
    data["teams"]["hub"]["staff"] = 0
    with pytest.raises(ScenarioError, match="hub"):
        build_scenario(data)
    plan, times = ran(Scenario.model_validate(data))
    hub = plan.tasks.team == plan.pools.names.index("hub") - plan.pools.settings
    assert hub.any() and (~np.isnan(times.queued[hub])).any()
    assert np.isnan(times.started[hub]).all()
    needs = np.unique(plan.tasks.stay[hub])
    assert np.isnan(times.cleared[needs]).all() and np.isnan(times.left[needs]).all()
    people = np.unique(plan.stays.person[needs])
    others = ~np.isin(plan.stays.person, people)
    np.testing.assert_array_equal(times.left[others], usual_times.left[others])
    assert (~np.isnan(usual_times.left[needs])).any()


def test_everyone_needs_a_care_home() -> None:
    """All who become ready wait for the care home's beds once these are full; nobody goes anywhere else."""
    shares = {"P0": None, "P1": None, "P2": None, "died": None, "P3": 1.0}
    everyone = {"cohorts": {"frail": {"pathways": shares}, "other": {"pathways": {"P0": None, "P1": None, "P3": 1.0}}}}
    plan, times = ran(
        world(
            nested("run", {"days": 60, "warm_up_days": 0}),
            everyone,
            nested("settings.care_home.capacity", 20),
            nested("pathways.P3.next.care_home.stay_days", 3_000),
        )
    )
    homes = of(plan, "care_home")
    assert of(plan, "rehab", "support").size == 0
    assert (~np.isnan(times.entered[homes])).sum() == 20
    assert (~np.isnan(times.left)).sum() == 20
    found = figures(plan, times)
    assert found["beds_occupied", "all"] > 40 and found["nctr_remaining", "pathway=P3"] > 10
    # First come, first served: those who got a place asked before all who did not.
    asked = times.asked[homes]
    got = ~np.isnan(times.granted[homes])
    assert asked[got].max() <= asked[~got & ~np.isnan(asked)].min()


@pytest.mark.parametrize("system", SYSTEMS)
def test_one_day(system: str) -> None:
    data = shipped(system, "run.days=1")
    plan, times = ran(build_scenario(data))
    assert plan.horizon == 1 and 0 < plan.people.arrival.size < 1_000
    assert np.nanmax(times.asked) <= 1
    found = figures(plan, times)
    assert found["people_arrived", "all"] == (plan.people.arrival < 1).sum()


def test_twenty_years() -> None:
    """Nothing creeps in: the last years are like those long before, and nobody is lost on the way."""
    plan, times = ran(
        world(nested("run", {"days": 7_300, "warm_up_days": 0}), nested("settings.care_home.capacity", 900))
    )
    assert plan.people.arrival.size > 70_000
    assert times.asked[~np.isnan(times.asked)].max() > 7_299
    acute = of(plan, "acute")
    entered, ready, left = times.entered[acute], times.ready[acute], times.left[acute]
    inside = [((entered <= t) & ~(left <= t)).sum() for t in np.linspace(2_920, 7_300, 400)]
    # Over six years the mean of people in has a standard error of about a half.
    assert abs(np.mean(inside[:200]) - np.mean(inside[200:])) < 3
    served = [((ready >= 365 * year) & (ready < 365 * (year + 1))).sum() for year in range(1, 20)]
    z = (np.array(served) - 3_650) / np.sqrt(3_650)
    assert np.abs(z).max() < 4
    long_ago = ready < 7_200
    assert not np.isnan(left[long_ago]).any(), "somebody was forgotten"


def test_one_person() -> None:
    """The whole way of somebody who is alone, by hand: days, a chain of tasks, hours, and tapering visits."""
    alone = {
        "cohorts": {
            "other": None,
            "frail": {
                "arrivals": {"per_day": 0},
                "pathways": {"P0": None, "P1": 1.0, "P2": None, "P3": None, "died": None},
            },
        },
        "tasks": {
            "decision": {"work_hours": 3},
            "assessment": {"work_hours": 4},
            "medicines": {"elapsed_days": 0.25},
        },
        "pathways": {"P1": {"next": {"support": {"stay_days": 12}}}},
        # Came in two days ago, ready at noon of the first day.
        "census": [{"cohort": "frail", "setting": "acute", "days_in": 2.0, "pathway": "P1"}],
        "run": {"days": 40, "warm_up_days": 0},
    }
    alone["cohorts"]["frail"]["stay_days"] = {"kind": "constant", "value": 2.5}
    plan, times = ran(world(alone))
    assert plan.people.arrival.size == 1
    acute = int(plan.people.first[0])
    assert times.entered[acute] == -2 and times.ready[acute] == 0.5
    started, done = times.started, times.done
    # Decision from 12:00 to 15:00; the hub's assessment from 15:00, three hours until it closes at 18:00, and the
    # fourth from 8:00 to 9:00 of the next day; medicines six hours after that.
    hours = [(0.5, 15 / 24), (15 / 24, 1 + 9 / 24), (1 + 9 / 24, 1 + 15 / 24)]
    order = [list(plan.scenario.tasks).index(name) for name in ("decision", "assessment", "medicines")]
    for kind, (begin, end) in zip(order, hours, strict=True):
        row = int(np.flatnonzero(plan.tasks.kind == kind)[0])
        assert started[row] == pytest.approx(begin, abs=2e-6) and done[row] == pytest.approx(end, abs=2e-6)
    assert times.left[acute] == pytest.approx(1 + 15 / 24, abs=2e-6)
    support = of(plan, "support")
    assert plan.stays.units[support].tolist() == [4, 3, 2, 1]
    np.testing.assert_allclose(times.left[support] - times.entered[support], 3.0, atol=4e-6)
    assert times.left[support[-1]] == pytest.approx(13 + 15 / 24, abs=1e-5)
    assert plan.stays.next[support[-1]] == NONE
    found = figures(plan, times)
    assert found["nctr_bed_days_lost", "all"] == 1 and found["nctr_ready", "all"] * 40 == pytest.approx(1)


@pytest.mark.parametrize("beds", [0, 1])
def test_rules_are_kept_where_hardly_anything_fits(beds: int) -> None:
    """Every rule of the engines, in a system that is full from the first hour."""
    data = world(nested("run", {"days": 6, "warm_up_days": 0})).model_dump(
        mode="json", by_alias=True, exclude_unset=True
    )
    for setting in ALL:
        data["settings"][setting]["capacity"] = beds
    plan, times = ran(Scenario.model_validate(data))
    assert broken(plan, times) == []
