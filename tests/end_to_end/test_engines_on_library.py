"""Both engines give the same times for everything that is shipped: each system with each scenario, found by listing."""

from __future__ import annotations

from functools import cache

import pytest

from dischargesim import ScenarioError, draw_plan, load_scenario
from dischargesim.experiment.definition import Experiment, read_experiment
from dischargesim.experiment.design import Points, plan_points
from dischargesim.experiment.key import batch_key
from dischargesim.scenario.asked import asked_for
from dischargesim.scenario.files import sources
from dischargesim.scenario.schema import Scenario

agree = pytest.importorskip("tests.property.test_engines_agree", exc_type=ImportError)

SYSTEMS, SCENARIOS, EXPERIMENTS = sources("system"), sources("scenario"), sources("experiment")
SHORT = ("run.days=21", "run.warm_up_days=14")


@cache
def load(system: str, scenario: str) -> Scenario | ScenarioError:
    """The scenario, or why it does not go with the system."""
    try:
        return load_scenario([f"system={system}", f"scenario={scenario}", *SHORT])
    except ScenarioError as error:
        return error


@cache
def planned(experiment: str) -> tuple[Experiment, Points]:
    """An experiment and its points; composing those of all places takes a while."""
    definition, source = read_experiment(experiment)
    return definition, plan_points(definition, asked_for(SHORT), [source.path.parent])


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_same_times(system: str, scenario: str) -> None:
    loaded = load(system, scenario)
    if isinstance(loaded, ScenarioError):
        pytest.skip(f"{scenario} does not go with {system}: {loaded}")
    times = agree.assert_engines_agree(draw_plan(loaded, replication=0))
    assert (times.granted > times.asked).any() or (times.started > times.queued).any(), "nobody had to wait"


def test_same_times_over_two_months() -> None:
    scenario = load_scenario(["system=england_average", "run.days=60", "run.warm_up_days=30"])
    for replication in range(2):
        agree.assert_engines_agree(draw_plan(scenario, replication))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_goes_with_some_system(scenario: str) -> None:
    """Otherwise the test above would pass it over."""
    found = {system: load(system, scenario) for system in SYSTEMS}
    assert any(isinstance(one, Scenario) for one in found.values()), found


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_point_of_every_experiment(experiment: str) -> None:
    """All that an experiment runs, on both engines; few days after few."""
    definition, points = planned(experiment)
    labels = [plan.label for plan in points.planned]
    assert len(labels) > 1 and len(set(labels)) == len(labels)
    assert definition.compare_to in labels
    assert len({batch_key(scenario) for scenario in points.scenarios}) == len(labels), "two points are the same"
    for scenario in points.scenarios:
        agree.assert_engines_agree(draw_plan(scenario, replication=0))


def test_there_are_experiments() -> None:
    shipped = {
        "all_places",
        "d2a_business_case",
        "reablement_by_care_homes",
        "winter_resilience",
        "beds_plus",
        "bnssg_2023",
    }
    assert shipped | {"beds_plus", "bnssg_2023"} <= set(EXPERIMENTS)


def test_all_places_are_all_scenarios() -> None:
    _, points = planned("all_places")
    assert {plan.varied["scenario"] for plan in points.planned} | _named(points.left_out) == set(SCENARIOS)


def _named(left_out: list[str]) -> set[str]:
    return {line.split()[1] for line in left_out}
