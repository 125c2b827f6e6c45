"""What the benchmarks take for granted: a larger catchment is the same system, and a bound is met or not."""

from __future__ import annotations

import pytest

from dischargesim import load_scenario
from dischargesim.scenario.files import sources
from dischargesim.scenario.flows import expected_arrivals
from dischargesim.scenario.offered_load import offered_load

catchment = pytest.importorskip("benchmarks.catchment")
run = pytest.importorskip("benchmarks.run", exc_type=ImportError)


@pytest.mark.parametrize("system", sources("system"))
def test_a_larger_catchment_is_as_full(system: str) -> None:
    """Three times the load on three times the capacity, of every setting and team that has a limit."""
    scenario = load_scenario([f"system={system}"])
    larger = catchment.times_catchment(scenario, 3)
    services = {service.setting for service in scenario.services.values()}
    for one, other in zip(offered_load(scenario), offered_load(larger), strict=True):
        assert other.capacity == pytest.approx(3 * one.capacity), one.name
        if one.name not in services:
            # Not quite three times: a larger service has to turn fewer people away to the rest.
            assert other.load == pytest.approx(3 * one.load, rel=0.03), one.name
    for name, cohort in scenario.cohorts.items():
        before, after = (
            expected_arrivals(one.arrivals, scenario.start_date, 28) for one in (cohort, larger.cohorts[name])
        )
        assert after == pytest.approx(3 * before)


def test_people_at_the_start_are_multiplied() -> None:
    scenario = load_scenario(["system=small"])
    start = {"acute": scenario.start["care_home"].model_copy(update={"share": None, "people": 20, "waiting": 2})}
    larger = catchment.times_catchment(scenario.model_copy(update={"start": start}), 3)
    assert (larger.start["acute"].people, larger.start["acute"].waiting) == (60, 6)
    assert catchment.times_catchment(scenario, 3).start == scenario.start, "a share stays the share that it is"


def test_bounds() -> None:
    assert run.Figure("a", 2.0, "s", most=2.0).met
    assert not run.Figure("a", 2.1, "s", most=2.0).met
    assert not run.Figure("a", 49.9, "times", least=50).met
    assert run.Figure("a", None, "MB", most=300).met
    assert str(run.Figure("a", 2.1, "s", most=2.0)).endswith("NOT MET")
