"""The same numbers whatever the hash seed, the order of the work, what ran before, and the machine's own integers.

Executors are in test_executors.py; that a sweep is the same after an interruption, in test_sweep_survives.py.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from dataclasses import fields
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from dischargesim import draw_plan, load_scenario, simulate
from dischargesim.measures import measure_all
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.files import sources
from dischargesim.scenario.schema import Scenario
from tests.hand_plans import DTYPES

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "tests" / "config"
SHORT = ("run.days=14", "run.warm_up_days=7")
EVERY = ["system=england_average", "scenario=every_mechanism", *SHORT]
LOOSE = {f"np.{name}" for name in ("int_", "uint", "long", "ulong", "intc")}
TABLES = ("people", "stays", "tasks", "pools", "reviews")


def digest(scenario: Scenario, replication: int, engine: str = "auto") -> str:
    """A number of everything that was drawn, of when it happened and of what was measured: the bytes themselves."""
    plan = draw_plan(scenario, replication)
    times = simulate(plan, engine)
    found = sha256()
    for table in (*(getattr(plan, name) for name in TABLES), times):
        for field in fields(table):
            column = getattr(table, field.name)
            found.update(column.tobytes() if isinstance(column, np.ndarray) else repr(column).encode())
    for values in measure_all(plan, times):
        found.update(np.asarray(values).tobytes())
    return found.hexdigest()


def in_a_process(hash_seed: str) -> list[str]:
    code = "from tests.end_to_end.test_same_numbers import said; said()"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def said() -> None:
    """Print the numbers of two systems."""
    for scenario in (load_scenario(["system=small", *SHORT]), load_scenario(EVERY, CONFIG)):
        sys.stdout.write(f"{digest(scenario, 0)} {digest(scenario, 1)}\n")
    sys.stdout.write(f"{hash('a name')}\n")


def test_whatever_the_hash_seed() -> None:
    """Sets and hashes of text come in another order in each process; nothing hangs on it."""
    one, other = in_a_process("0"), in_a_process("4242")
    assert one[:-1] == other[:-1] and len(one) == 5
    assert one[-1] != other[-1], "the processes did not differ"


def test_whatever_the_order_and_what_ran_before() -> None:
    """What is kept between draws must not show: one after the other, backwards, and with others in between."""
    scenario, other = load_scenario(EVERY, CONFIG), load_scenario(["system=small", *SHORT])
    forwards = [digest(scenario, number) for number in range(3)]
    backwards = []
    for number in (2, 1, 0):
        digest(other, number)
        backwards.insert(0, digest(load_scenario(EVERY, CONFIG), number))
    assert forwards == backwards and len(set(forwards)) == 3


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_whatever_the_engine(engine: str) -> None:
    scenario = load_scenario(["system=small", *SHORT])
    assert digest(scenario, 0, engine) == digest(scenario, 0)


@pytest.mark.parametrize("system", sources("system"))
def test_every_column_has_a_width_of_its_own(system: str) -> None:
    """No number is as wide as the platform's integers happen to be: 32 bits on some, 64 on others."""
    plan: Plan = draw_plan(load_scenario([f"system={system}", *SHORT]))
    times: Times = simulate(plan, "auto")
    checked = 0
    for table in (*(getattr(plan, name) for name in TABLES), times):
        for name, kind in type(table).__annotations__.items():
            if kind in DTYPES:
                assert getattr(table, name).dtype == DTYPES[kind], f"{type(table).__name__}.{name}"
                checked += 1
    assert checked > 50


def test_no_number_is_as_wide_as_the_platform_likes() -> None:
    """In the package's source: types of a given width, and `intp` for positions alone, which fit any platform's."""
    loose = []
    for path in sorted((ROOT / "dischargesim").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in LOOSE:
                loose.append(f"{path.name}:{node.lineno}: {ast.unparse(node)}")
            if isinstance(node, ast.keyword) and node.arg == "dtype" and _is_int(node.value):
                loose.append(f"{path.name}:{node.value.lineno}: dtype=int")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "astype":
                loose += [f"{path.name}:{node.lineno}: astype(int)" for given in node.args if _is_int(given)]
    assert loose == []


def _is_int(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "int"


def test_numbers_are_keyed_by_more_than_32_bits() -> None:
    """Seeds, replications and numbers of people beyond 32 bits are told apart, as they would not be if cut short."""
    scenario = load_scenario(["system=small", *SHORT])
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    seeds = [
        Scenario.model_validate({**data, "run": {**data["run"], "seed": seed}}) for seed in (1, 2**31 + 1, 2**32 + 1)
    ]
    assert len({digest(one, 0) for one in seeds}) == 3
    assert len({digest(scenario, number) for number in (0, 2**31, 2**32)}) == 3
