"""What is particular to the compiled engine: one compiled version, kept on disk, loaded only when it is wanted."""

from __future__ import annotations

import os
import subprocess
import sys
from bisect import insort
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dischargesim import engine
from dischargesim.engine import simpy_engine
from dischargesim.plan.tables import People, Plan, Stays, Times
from tests.hand_plans import PlanByHand, table
from tests.property.random_plans import Seeded, random_plan

compiled_engine = pytest.importorskip("dischargesim.engine.compiled_engine", exc_type=ImportError)
agenda = pytest.importorskip("dischargesim.engine.agenda", exc_type=ImportError)
columns = pytest.importorskip("dischargesim.engine.columns", exc_type=ImportError)

TINY = """
import sys
from dischargesim.engine import compiled_engine
from tests.hand_plans import PlanByHand
by_hand = PlanByHand()
by_hand.setting(1)
by_hand.person(1.0)
by_hand.stay(0, 2.0)
times = compiled_engine.run(by_hand.plan(), on_compile=lambda: sys.stdout.write("compiling "))
sys.stdout.write(f"left at {times.left[0]}")
"""


def python(code: str, **environment: str) -> str:
    """What a new interpreter writes."""
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code]
    variables = {**os.environ, "PYTHONPATH": str(root), **environment}
    return subprocess.run(command, env=variables, cwd=root, capture_output=True, text=True, check=True).stdout


def test_it_is_compiled_once_and_kept(tmp_path: Path) -> None:
    assert python(TINY, NUMBA_CACHE_DIR=str(tmp_path)) == "compiling left at 3.0"
    assert python(TINY, NUMBA_CACHE_DIR=str(tmp_path)) == "left at 3.0"


OLDER = """
from collections import namedtuple
from dischargesim.engine import columns
Gone = namedtuple("Gone", columns.StayColumns._fields)
Gone.__module__ = "dischargesim.engine.columns"
columns.Gone = columns.StayColumns = Gone
"""
"""A version of the package with a class of another name."""


def test_a_cache_of_an_older_version_does_no_harm(tmp_path: Path) -> None:
    assert python(OLDER + TINY, NUMBA_CACHE_DIR=str(tmp_path)) == "compiling left at 3.0"
    assert python(TINY, NUMBA_CACHE_DIR=str(tmp_path)) == "compiling left at 3.0"


def test_numba_is_imported_only_when_it_is_wanted() -> None:
    code = "import dischargesim.engine, sys; sys.stdout.write(str('numba' in sys.modules))"
    assert python(code) == "False"


def changed(plan: Plan, change: Any) -> Plan:
    """The plan with something done to every column."""
    tables = {}
    for name in ("people", "stays", "tasks", "pools", "reviews"):
        table = getattr(plan, name)
        columns = {f.name: getattr(table, f.name) for f in fields(table)}
        arrays = {key: change(value) for key, value in columns.items() if isinstance(value, np.ndarray)}
        tables[name] = replace(table, **arrays)
    return replace(plan, **tables)


def read_only(column: np.ndarray) -> np.ndarray:
    column = column.copy()
    column.flags.writeable = False
    return column


def every_other(column: np.ndarray) -> np.ndarray:
    return np.repeat(column, 2)[::2]


@pytest.mark.parametrize("change", [read_only, every_other])
def test_one_version_serves_all_columns(change: Any) -> None:
    plan = random_plan(Seeded(5), most_people=40)
    expected = compiled_engine.run(plan)
    assert_array_equal(compiled_engine.run(changed(plan, change)).left, expected.left)
    assert len(compiled_engine._compiled.signatures) == 1


def test_priorities_may_be_any_numbers() -> None:
    limits = np.iinfo(np.int32)
    by_hand = PlanByHand()
    by_hand.setting(1)
    for priority in (0, limits.max, 5, limits.min, 1_000_000):
        by_hand.person(0.0)
        by_hand.stay(0, 1.0, priority=priority)
    assert_array_equal(compiled_engine.run(by_hand.plan()).entered, [0, 4, 2, 1, 3])
    assert_array_equal(simpy_engine.run(by_hand.plan()).entered, [0, 4, 2, 1, 3])


def test_many_events_at_one_moment() -> None:
    """Everything is in one bucket: the heap alone has to put it in order."""
    rng = np.random.default_rng(3)
    by_hand = PlanByHand(horizon=10.0)
    by_hand.setting(300)
    for _ in range(3_000):
        by_hand.person(1.0)
        by_hand.stay(0, float(rng.integers(0, 3)), patience=float(rng.integers(0, 9)), priority=int(rng.integers(0, 9)))
    expected, events = simpy_engine.run_counted(by_hand.plan())
    times, as_many = compiled_engine.run_counted(by_hand.plan())
    assert_array_equal(times.entered, expected.entered)
    assert_array_equal(times.refused, expected.refused)
    assert events == as_many


def test_nothing_is_said_of_code_that_is_in_memory() -> None:
    plan = random_plan(Seeded(1), most_people=5)
    compiled_engine.run(plan)
    said: list[str] = []
    compiled_engine.run(plan, on_compile=lambda: said.append("compiling"))
    assert not said


class Dispatcher:
    """As numba's, as far as one looks at it to see whether there is compiled code; it says nothing of its cache."""

    def __init__(self, *signatures: str) -> None:
        self.signatures = signatures

    def __call__(self, *_arguments: Any) -> int:
        return 0


@pytest.mark.parametrize(("signatures", "expected"), [((), ["compiling"]), (("one",), [])])
def test_it_is_said_where_there_may_be_no_compiled_code(
    signatures: tuple[str, ...], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled_engine, "_compiled", Dispatcher(*signatures))
    said: list[str] = []
    compiled_engine.run(random_plan(Seeded(1), most_people=5), on_compile=lambda: said.append("compiling"))
    assert said == expected


def test_the_engine_that_was_named_is_the_one_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_engine, "_compiled", Dispatcher("one"))  # does nothing
    by_hand = PlanByHand()
    by_hand.setting(1)
    by_hand.person(1.0)
    by_hand.stay(0, 2.0)
    assert_array_equal(engine.simulate(by_hand.plan(), "simpy").left, [3])
    assert_array_equal(engine.simulate(by_hand.plan(), "compiled").left, [np.nan])


def test_auto_loads_the_compiled_engine_for_a_large_plan_and_takes_it_once_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "dischargesim.engine.compiled_engine"
    monkeypatch.setattr(engine, "compiled_engine", compiled_engine)  # to be put back, as below
    monkeypatch.delitem(sys.modules, name)
    plans = []
    for stays in (1, engine.WORTH_LOADING):
        people, rows = table(People, 1), table(Stays, stays)
        plans.append(replace(PlanByHand().plan(), people=people, stays=rows))
    small, large = plans
    assert engine.choose(small) == "simpy" and name not in sys.modules
    assert engine.choose(large) == "compiled" and name in sys.modules
    assert engine.choose(small) == "compiled"
    assert engine.choose(large, "simpy") == "simpy"


@pytest.mark.parametrize("buckets", [1, 7, 5_000])
def test_the_agenda_alone_brings_up_every_event_before_the_horizon(buckets: int) -> None:
    """What benchmarks measure. Each event that comes up files a further one, until there are no more delays."""
    delays = np.random.default_rng(8).random(2_000) / 50
    pending = 40
    waiting = sorted(delays[:pending])
    expected = 0
    for number in range(pending, delays.size + 1):  # the first of those waiting makes room for the next
        now = waiting.pop(0)
        if now > 0.5:
            break
        expected += 1
        if number < delays.size:
            insort(waiting, now + delays[number])
    else:
        expected += sum(moment <= 0.5 for moment in waiting)
    made = agenda.new_agenda(0.5, pending, buckets)
    assert agenda.exercise(made, delays, pending) == expected
    assert made.tally[agenda.SIZE] == 0 and made.tally[agenda.FRESH] <= pending


def test_a_stay_fits_a_line_of_the_cache() -> None:
    by_hand = PlanByHand()
    by_hand.setting(1)
    by_hand.person(0.0)
    by_hand.stay(0, 1.0)
    plan = by_hand.plan()
    stays = columns.kernel_arguments(plan, Times.empty(plan))[6].stays
    assert stays.itemsize == columns.LINE
    assert stays.ctypes.data % columns.LINE == 0


def test_it_runs_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numba refuses to make a function that it cannot cache; then it is compiled each time."""
    asked = []

    def compiled(function: Any, cache: bool = False) -> Any:
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return function

    monkeypatch.setattr(compiled_engine.agenda, "compiled", compiled)
    assert callable(compiled_engine._compile(0))
    assert asked == [True, False]
