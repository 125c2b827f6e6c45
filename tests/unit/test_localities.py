"""Localities: settings and teams split by where people live, and mutual aid between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dischargesim.engine import simulate
from dischargesim.plan.check import check_plan
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import NONE, Plan, Times
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.places import placed_settings, split_capacity
from dischargesim.scenario.problems import ScenarioError
from dischargesim.scenario.schema import Scenario
from tests.worlds import nested, world, z_of_share

SHARES = {"north": 0.5, "south": 0.3, "west": 0.2}


def scenario(*, split: bool = True, aid: float | None = None, **more: Any) -> Scenario:
    """People of three localities who all need a place after the hospital, in a system that is nearly full."""
    places: dict[str, Any] = {
        "title": "Places",
        "kind": "community_bed",
        "capacity": 31,
        "waiting_reason": "p2_capacity",
    }
    places |= {"by_locality": split} | ({} if aid is None else {"mutual_aid_after_days": aid})
    return build_scenario(
        {
            "system": {"name": "split", "title": "Split"},
            "start_date": "2024-04-01",
            "nation": "none",
            "localities": SHARES,
            "settings": {"acute": {"title": "Beds", "kind": "acute", "capacity": "unlimited"}, "places": places},
            "teams": {"assessors": {"title": "Assessors", "staff": 5, "by_locality": split}},
            "tasks": {
                "assessment": {
                    "title": "Assessment",
                    "reason": "hub_needs_and_pathway",
                    "team": "assessors",
                    "work_hours": 2,
                    "assessment": True,
                }
            },
            "pathways": {
                "P2": {
                    "title": "Places",
                    "tasks": {"assessment": {}},
                    "next": {"places": {"stay_days": {"kind": "exponential", "mean": 10}}},
                }
            },
            "cohorts": {
                "all": {"title": "All", "arrivals": {"per_day": 2.9}, "stay_days": 3, "pathways": {"P2": 1.0}},
            },
            "run": {"days": 400, "warm_up_days": 50, "seed": 7},
            **more,
        }
    )


def simulated(of: Scenario) -> tuple[Plan, Times]:
    """A checked plan and its times, which both engines agree on."""
    plan = draw_plan(of)
    check_plan(plan)
    times, again = simulate(plan, "simpy"), simulate(plan, "compiled")
    assert all(np.array_equal(getattr(times, n), getattr(again, n), equal_nan=n != "extra") for n in times.__slots__)
    return plan, times


def mean_wait(plan: Plan, times: Times) -> float:
    """Mean days from being ready to coming in, of those who came in."""
    before = np.flatnonzero((plan.stays.label == Label.ADMISSION) & np.isfinite(times.left))
    return float((times.left - times.ready)[before].mean())


def test_everybody_uses_their_own_locality() -> None:
    plan, times = simulated(scenario())
    names = np.array([name.partition("@")[2] for name in plan.pools.names])
    lives = np.array(list(SHARES))[plan.people.locality]
    inside = np.flatnonzero(np.isfinite(times.entered) & (plan.stays.label == Label.ONWARD))
    assert inside.size > 500
    assert np.array_equal(names[plan.stays.setting[inside]], lives[plan.stays.person[inside]])
    team = names[plan.pools.settings + plan.tasks.team]
    assert np.array_equal(team, lives[plan.stays.person[plan.tasks.stay]])
    assert np.bincount(plan.people.locality) / plan.people.locality.size == pytest.approx([0.5, 0.3, 0.2], abs=0.06)


def test_capacity_is_split_in_whole_units() -> None:
    plan = draw_plan(scenario())
    at_start = dict(zip(plan.pools.names, plan.pools.change_capacity, strict=True))
    assert [at_start[f"places@{name}"] for name in SHARES] == [16, 9, 6]
    assert [at_start[f"assessors@{name}"] for name in SHARES] == [3, 1, 1]
    assert list(placed_settings(scenario())) == ["acute", "places@north", "places@south", "places@west"]


@pytest.mark.parametrize(
    ("capacity", "shares", "parts"),
    [
        (10, [0.5, 0.5], [5, 5]),
        (1, [0.4, 0.6], [0, 1]),
        (5, [0.5, 0.5], [3, 2]),
        (0, [0.1, 0.9], [0, 0]),
        (7, [1.0], [7]),
    ],
)
def test_split_capacity(capacity: int, shares: list[float], parts: list[int]) -> None:
    assert split_capacity(capacity, shares) == parts


def test_one_pool_serves_the_same_people_sooner() -> None:
    split, pooled = simulated(scenario()), simulated(scenario(split=False))
    assert np.array_equal(split[0].people.arrival, pooled[0].people.arrival)
    assert np.array_equal(split[0].stays.need, pooled[0].stays.need)
    assert mean_wait(*pooled) < 0.7 * mean_wait(*split)


def test_mutual_aid_shortens_the_wait_and_goes_elsewhere() -> None:
    alone, (plan, times) = simulated(scenario()), simulated(scenario(aid=2.0))
    asked = np.flatnonzero(np.isfinite(times.refused) & (plan.stays.refusal == Refusal.MUTUAL_AID))
    assert asked.size > 20
    held = np.flatnonzero(plan.stays.next != NONE)
    ready = np.full(plan.stays.person.size, np.nan)
    ready[plan.stays.next[held]] = times.ready[held]
    assert np.array_equal(times.refused[asked], ready[asked] + 2.0)
    elsewhere = plan.stays.otherwise[asked]
    assert np.all(plan.stays.setting[elsewhere] != plan.stays.setting[asked])
    assert np.array_equal(plan.stays.need[elsewhere], plan.stays.need[asked])
    assert mean_wait(plan, times) < mean_wait(*alone)


def test_what_would_change_on_the_day_another_locality_is_asked_changes() -> None:
    """Someone who switches after two days does not ask elsewhere then; after one day, elsewhere is asked first."""
    home = {"P2": {"switch": {"to": "P0", "after_days": 2}}, "P0": {"title": "Home"}}
    for aid, refusal in ((2.0, Refusal.SWITCHED), (3.0, Refusal.SWITCHED), (1.0, Refusal.MUTUAL_AID)):
        pathways = scenario(aid=aid).model_dump(exclude_unset=True)["pathways"]
        pathways["P2"] |= home["P2"]
        plan = draw_plan(scenario(aid=aid, pathways=pathways | {"P0": home["P0"]}))
        check_plan(plan)
        first = plan.stays.next[plan.stays.label == Label.ADMISSION]
        assert (plan.stays.refusal[first] == refusal).all()
        assert (plan.stays.patience[first] == min(aid, 2.0)).all()
        elsewhere = plan.stays.otherwise[first]
        if refusal == Refusal.MUTUAL_AID:
            # What is left of the two days is left with the other locality.
            assert (plan.stays.patience[elsewhere] == 1.0).all()
            assert (plan.stays.refusal[elsewhere] == Refusal.SWITCHED).all()
            elsewhere = plan.stays.otherwise[elsewhere]
        assert (plan.stays.label[elsewhere] == Label.REROUTED).all()


def test_each_of_the_other_localities_is_asked_alike() -> None:
    plan = draw_plan(scenario(aid=2.0))
    here = np.flatnonzero(plan.stays.refusal == Refusal.MUTUAL_AID)
    assert here.size == plan.people.arrival.size
    names = np.array(plan.pools.names)
    at, asked = names[plan.stays.setting[here]], names[plan.stays.setting[plan.stays.otherwise[here]]]
    for one in SHARES:
        found = asked[at == f"places@{one}"]
        others = [f"places@{name}" for name in SHARES if name != one]
        assert set(found) == set(others)
        assert abs(z_of_share((found == others[0]).sum(), found.size, 0.5)) < 4


def test_a_single_locality_has_nobody_to_ask() -> None:
    plan = draw_plan(scenario(aid=2.0, localities={"north": 1.0}))
    assert np.isinf(plan.stays.patience).all() and Refusal.MUTUAL_AID not in plan.stays.refusal
    assert (np.bincount(plan.stays.person) == 2).all()


def test_what_happens_in_a_wait_happens_there_too_after_the_days_that_are_left() -> None:
    """Who would die after 5 days asks the others after 2, and dies after 3 more."""
    death = {"while_delayed": {"death_per_day": 0.3}}
    cohorts = {"all": {"title": "All", "arrivals": {"per_day": 2.9}, "stay_days": 3, "pathways": {"P2": 1.0}, **death}}
    alone, aided = (draw_plan(scenario(aid=aid, cohorts=cohorts)).stays for aid in (None, 2.0))
    dies = alone.patience[alone.next[alone.label == Label.ADMISSION]]
    here = aided.next[aided.label == Label.ADMISSION]
    there = np.unique(aided.otherwise[aided.refusal == Refusal.MUTUAL_AID])
    assert np.isfinite(dies).all() and (dies > 2).any() and (dies < 2).any()
    assert_array_equal(aided.patience[here], np.minimum(dies, 2))
    assert_array_equal(aided.refusal[here], np.where(dies > 2, Refusal.MUTUAL_AID, Refusal.DIED))
    asks = here[dies > 2]
    assert_array_equal(aided.otherwise[asks], there)
    assert_array_equal(aided.patience[there], dies[dies > 2] - 2)
    assert (aided.refusal[there] == Refusal.DIED).all() and (aided.otherwise[there] == NONE).all()
    assert (aided.otherwise[here[dies <= 2]] == NONE).all()


def test_everybody_comes_to_the_hospital_of_their_locality() -> None:
    localities = nested("localities", {"north": 0.6, "south": 0.4})
    plan = draw_plan(world(localities, nested("settings.acute.by_locality", True), nested("run.days", 30)))
    names = np.array(plan.pools.names)[plan.stays.setting[plan.people.first]]
    lives = np.array(["acute@north", "acute@south"])[plan.people.locality]
    assert set(names) == {"acute@north", "acute@south"}
    assert_array_equal(names, lives)


def test_assessments_follow_the_person_to_the_other_locality() -> None:
    assess = {"discharge_to_assess": {"share": 1.0, "pathways": ["P2"]}}
    plan, times = simulated(scenario(aid=1.0, **assess))
    helped = np.flatnonzero(np.isfinite(times.left) & (plan.stays.label == Label.ONWARD))
    elsewhere = helped[np.isin(helped, plan.stays.otherwise)]
    assert elsewhere.size > 20
    done = np.isin(elsewhere, plan.tasks.stay[np.isfinite(times.done)])
    assert done.all()


def test_what_is_split_needs_localities() -> None:
    with pytest.raises(ScenarioError) as error:
        scenario(localities={})
    assert "settings.places.by_locality" in str(error.value) and "teams.assessors.by_locality" in str(error.value)


def test_localities_sum_to_one() -> None:
    with pytest.raises(ScenarioError, match=r"localities: .* sum"):
        scenario(localities={"north": 0.5, "south": 0.3})
