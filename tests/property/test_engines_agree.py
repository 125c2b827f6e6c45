"""Both engines give the same times to the last bit, and the times keep the rules, whatever the plan."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from dischargesim.engine import simpy_engine
from dischargesim.plan.check import check_plan
from dischargesim.plan.tables import Plan, Times
from tests.property.invariants import broken, overtakings
from tests.property.random_plans import Seeded, plans, queueing_plan, random_plan

compiled_engine = pytest.importorskip("dischargesim.engine.compiled_engine", exc_type=ImportError)

many = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


def differing(one: Times, other: Times) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Columns that are not the same to the last bit, NaN in the same rows included."""
    pairs = {column.name: (getattr(one, column.name), getattr(other, column.name)) for column in fields(Times)}
    return {name: (a, b) for name, (a, b) in pairs.items() if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f")}


def assert_engines_agree(plan: Plan) -> Times:
    check_plan(plan)
    times, events = simpy_engine.run_counted(plan)
    compiled, compiled_events = compiled_engine.run_counted(plan)
    assert not differing(times, compiled)
    assert events == compiled_events
    return times


@many
@given(plans())
def test_engines_agree(plan: Plan) -> None:
    assert_engines_agree(plan)


@many
@given(plans())
def test_rules_are_kept(plan: Plan) -> None:
    assert broken(plan, simpy_engine.run(plan)) == []


@pytest.mark.parametrize("start", range(0, 400, 50))
def test_on_larger_plans(start: int) -> None:
    for seed in range(start, start + 50):
        for draw in (random_plan, queueing_plan):
            plan = draw(Seeded(seed), most_people=40)
            assert broken(plan, assert_engines_agree(plan)) == [], f"{draw.__name__}, seed {seed}"


def test_random_plans_meet_every_rule() -> None:
    """The plans above would prove little if hardly anything happened in them."""
    met = dict.fromkeys(
        ["refused", "refused before asking", "moved in late", "waited", "census", "swapped", "dropped", "extra"], 0
    )
    for seed in range(400):
        plan = random_plan(Seeded(seed), most_people=40)
        times = simpy_engine.run(plan)
        refused = ~np.isnan(times.refused)
        met["refused"] += int(refused.sum())
        met["refused before asking"] += int((refused & np.isnan(times.asked)).sum())
        met["moved in late"] += int((times.entered > times.granted).sum())
        met["waited"] += int((times.granted > times.asked).sum())
        met["census"] += int((plan.stays.entered <= 0).sum())
        met["swapped"] += int(_swaps(plan, times))
        met["dropped"] += int((~np.isnan(times.queued) & np.isnan(times.started)).sum())
        met["extra"] += int((times.extra > 0).sum())
    assert min(met.values()) > 100, met


def test_random_queues_are_not_those_of_first_come_first_served() -> None:
    """Whoever has been ready for longest overtakes others, where the plan says so and nowhere else."""
    by_wait, by_asking = np.zeros(2, dtype=int), np.zeros(2, dtype=int)
    for seed in range(100):
        plan = queueing_plan(Seeded(seed), most_people=40)
        by_wait += overtakings(plan, simpy_engine.run(plan))
        without = np.zeros_like(plan.pools.longest_ready_first)
        plain = replace(plan, pools=replace(plan.pools, longest_ready_first=without))
        by_asking += overtakings(plain, simpy_engine.run(plain))
    assert min(by_wait) > 100, by_wait
    assert max(by_asking) == 0, by_asking


def _swaps(plan: Plan, times: Times) -> int:
    rows = np.flatnonzero(plan.stays.next >= 0)
    onward = plan.stays.next[rows]
    same = plan.stays.setting[rows] == plan.stays.setting[onward]
    return int((same & ~np.isnan(times.entered[onward]) & ~np.isnan(times.ready[rows])).sum())
