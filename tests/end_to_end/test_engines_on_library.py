"""Both engines give the same times for everything that is shipped: each system with each scenario, found by listing."""

from __future__ import annotations

import pytest

from dischargesim import ScenarioError, draw_plan, load_scenario
from dischargesim.scenario.files import sources
from dischargesim.scenario.schema import Scenario

agree = pytest.importorskip("tests.property.test_engines_agree", exc_type=ImportError)

SYSTEMS, SCENARIOS = sources("system"), sources("scenario")
SHORT = ("run.days=21", "run.warm_up_days=14")


def load(system: str, scenario: str) -> Scenario:
    return load_scenario([f"system={system}", f"scenario={scenario}", *SHORT])


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("system", SYSTEMS)
def test_same_times(system: str, scenario: str) -> None:
    try:
        loaded = load(system, scenario)
    except ScenarioError as error:
        pytest.skip(f"{scenario} does not go with {system}: {error}")
    times = agree.assert_engines_agree(draw_plan(loaded, replication=0))
    assert (times.granted > times.asked).any() or (times.started > times.queued).any(), "nobody had to wait"


def test_same_times_over_two_months() -> None:
    scenario = load_scenario(["system=england_average", "run.days=60", "run.warm_up_days=30"])
    for replication in range(2):
        agree.assert_engines_agree(draw_plan(scenario, replication))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_goes_with_some_system(scenario: str) -> None:
    """Otherwise the test above would pass it over."""
    refused = []
    for system in SYSTEMS:
        try:
            load(system, scenario)
        except ScenarioError as error:
            refused.append(f"{system}: {error}")
    assert len(refused) < len(SYSTEMS), refused


def test_experiments_are_made_of_scenarios_that_are_tried_here() -> None:
    assert not sources("experiment"), "experiments are shipped now: load and compare what each of them runs"
