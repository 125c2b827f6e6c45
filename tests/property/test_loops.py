"""Loops give the same plans and figures whether they are compiled or run as they stand, or a twin in numpy does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.testing import assert_array_equal

from dischargesim.engine import simulate
from dischargesim.loops import Loop
from dischargesim.measures import daily_index, measure_all, measure_index
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.schema import Scenario
from tests.property.random_worlds import worlds

pytest.importorskip("numba")


def measured(plan: Plan, times: Times, form: Callable[..., Any]) -> tuple[np.ndarray, np.ndarray]:
    """The figures with all loops in one form."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loop, "__call__", form)
        return measure_all(plan, times)


@settings(max_examples=60)
@given(worlds())
def test_compiled_loops_give_what_plain_ones_give(scenario: Scenario) -> None:
    plan = draw_plan(scenario)
    times = simulate(plan, "simpy")
    plain, compiled = measured(plan, times, Loop.plain), measured(plan, times, Loop.compiled)
    for index, one, other in zip((measure_index, daily_index), plain, compiled, strict=True):
        differing = ~((one == other) | (np.isnan(one) & np.isnan(other)))
        rows = np.flatnonzero(differing.reshape(len(one), -1).any(axis=1))
        assert not rows.size, [index(scenario)[row] for row in rows]


def drawn(scenario: Scenario, form: Callable[..., Any]) -> Plan:
    """A plan with all loops in one form."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loop, "__call__", form)
        return draw_plan(scenario)


@settings(max_examples=60)
@given(worlds())
def test_compiled_loops_draw_what_their_twins_draw(scenario: Scenario) -> None:
    plain, compiled = drawn(scenario, Loop.plain), drawn(scenario, Loop.compiled)
    for table in ("people", "stays", "tasks", "pools"):
        one, other = getattr(plain, table), getattr(compiled, table)
        for column in fields(one):
            assert_array_equal(getattr(one, column.name), getattr(other, column.name), err_msg=column.name)
