"""What is worked out of a scenario once is worked out for each scenario, and not kept for longer than it."""

from __future__ import annotations

import gc

from dischargesim.scenario.once import once
from dischargesim.scenario.schema import Scenario
from tests.tiny import tiny


def test_once_for_each_scenario() -> None:
    calls: list[int] = []

    @once
    def days(scenario: Scenario) -> int:
        calls.append(scenario.run.days)
        return scenario.run.days

    short, long = tiny("run.days=7"), tiny("run.days=14")
    assert [days(short), days(long), days(short)] == [7, 14, 7]
    assert calls == [7, 14]


def test_not_kept_for_longer_than_the_scenario() -> None:
    calls: list[int] = []

    @once
    def days(scenario: Scenario) -> int:
        calls.append(scenario.run.days)
        return scenario.run.days

    for length in range(7, 13):
        scenario = tiny(f"run.days={length}")
        assert days(scenario) == length
        del scenario
        gc.collect()
    assert len(calls) == 6
