"""The places of the sources: every one is there, with what was found against it, at its true size."""

from __future__ import annotations

import re
from functools import cache

import pytest

import dischargesim as ds
from dischargesim.scenario.compose import Composer
from dischargesim.scenario.files import sources
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.schema import Scenario

COMPOSER = Composer()
PLACES = {
    "hull_end_of_life": "Hull",
    "hull_rehabilitation_calls": "Hull",
    "hull_care_reviews": "Hull",
    "hull_fair_pay": "Hull",
    "hull_one_visit_several_tasks": "Hull",
    "cheshire_integrated_teams": "Cheshire West and Chester",
    "cheshire_single_care_record": "Cheshire West and Chester",
    "cheshire_joined_reablement": "Cheshire West and Chester",
    "cheshire_urgent_treatment": "Cheshire West and Chester",
    "cheshire_quick_respite": "Cheshire West and Chester",
    "salford_one_budget": "Salford",
    "salford_key_worker": "Salford",
    "dorset_thirteen_localities": "Dorset",
    "dorset_mutual_aid": "Dorset",
    "dorset_care_coordinators": "Dorset",
    "norfolk_four_hubs": "North Norfolk",
    "norfolk_risk_profiling": "North Norfolk",
    "langton_in_reach": "Langton Care",
    "coverage_care_trusted_assessors": "Coverage Care",
    "coverage_care_matron": "Coverage Care",
    "nightingale_doctor_on_site": "Nightingale",
    "community_integrated_care_beds": "Community Integrated Care",
    "community_integrated_care_step_down": "Community Integrated Care",
    "rmbi_advance_care_plans": "RMBI",
    "rmbi_video_consultation": "RMBI",
    "marches_care_trusted_assessors": "Marches Care",
    "plymouth_one_provider": "Plymouth",
    "plymouth_district_nursing": "Plymouth",
}
DELAYED_TRANSFERS = {
    "hull_end_of_life": ("Kingston upon Hull", 1),
    "cheshire_integrated_teams": ("Cheshire West & Chester", 1),
    "salford_one_budget": ("Salford", 1),
    "dorset_thirteen_localities": ("Dorset", 1),
    "norfolk_four_hubs": ("Norfolk", 1),
    "langton_in_reach": ("Devon", 0),
    "coverage_care_trusted_assessors": ("Shropshire", 1),
    "nightingale_doctor_on_site": ("Wandsworth", 1),
    "rmbi_advance_care_plans": ("Leicester", 1),
    "marches_care_trusted_assessors": ("Telford & Wrekin", 1),
    "plymouth_one_provider": ("Plymouth", 1),
}
"""Council and decimals of the DTOC beds that a place's story tells, 2016/17 to 2019/20."""


@cache
def place(name: str, *more: str) -> Scenario:
    return build_scenario(COMPOSER.compose(["system=england_average", f"scenario={name}", *more]).data)


def test_every_place_of_the_sources_is_there() -> None:
    found = {name: place(name).scenario for name in PLACES}
    assert {name: one.kind for name, one in found.items()} == dict.fromkeys(PLACES, "place")
    for name, who in PLACES.items():
        assert who in found[name].place
        assert found[name].expect
        assert len(found[name].about) > 200  # a story, and not a line
    others = {name for name in sources("scenario", None) if place(name).scenario.kind == "place"}
    assert others == set(PLACES)


@pytest.mark.parametrize("name", ["cheshire_integrated_teams", "norfolk_risk_profiling", "salford_key_worker"])
def test_what_was_found_to_do_harm_starts_from_no_effect(name: str) -> None:
    for level, ratio in {"low": 1.09, "base": 1.0, "high": 0.95}.items():
        effects = place(name, f"evidence={level}").cohorts["frail_older"].arrivals.effects
        assert [effect.ratio for effect in effects.values()] == [ratio]


def test_one_home_counts_as_one_home() -> None:
    residents, beds = 3180, 75
    best = place("coverage_care_matron", "evidence=high").cohorts["care_home_residents"].arrivals.effects["matron"]
    assert best.ratio == pytest.approx(1 - (1 - 0.64) * beds / residents, abs=1e-4)
    assert place("coverage_care_matron").cohorts["care_home_residents"].arrivals.effects["matron"].ratio == 1.0
    doctor = place("nightingale_doctor_on_site").cohorts["care_home_residents"].arrivals.effects["doctor_on_site"]
    assert doctor.ratio == pytest.approx(1 - (1 - 0.77) * 190 / residents, abs=5e-4)


@pytest.mark.parametrize(("name", "area"), DELAYED_TRANSFERS.items())
def test_delayed_transfers_told_are_those_published(name: str, area: tuple[str, int]) -> None:
    about = place(name).scenario.about
    table = ds.data.seed_areas_by_year()
    beds = table[table["area"] == area[0]].set_index("year")["dtoc_beds"]
    told = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", about)}
    for year in ("2016/17", "2017/18", "2018/19", "2019/20"):
        assert round(float(beds[year]), area[1]) in told, year
    assert "no causal claim" in about


def test_thirteen_localities_wait_longer_than_four_and_four_longer_than_one() -> None:
    names = ("baseline", "norfolk_four_hubs", "dorset_thirteen_localities")
    waits = []
    for name in names:
        figures = ds.replicate(place(name, "run.days=182"), replications=6, workers=1).by_replication
        here = (figures["measure"] == "setting_wait_mean") & (figures["group"] == "setting=reablement")
        waits.append(figures[here].sort_values("replication")["value"].to_numpy())
    one, four, thirteen = waits
    assert (one < four).all()
    assert (four < thirteen).all()
    # By how much: 0.8 days for one pool, 2.4 for four parts and 6 for thirteen when it was written.
    assert thirteen.mean() > 3 * one.mean()
