"""Which engine is taken where nobody names one: the compiled one where it pays, and SimPy where there is no numba."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dischargesim.engine import WORTH_LOADING

CHOOSING = """
import sys
{before}
from dischargesim.engine import choose
from tests.hand_plans import PlanByHand
by_hand = PlanByHand()
by_hand.setting()
by_hand.person()
for _ in range({stays}):
    by_hand.stay(0, 1.0)
for _ in range({tasks}):
    by_hand.task(0, 1.0)
plan = by_hand.plan()
sys.stdout.write(" ".join([choose(plan), choose(plan, "simpy"), *sorted({{"numba"}} & sys.modules.keys())]))
"""


def chosen(stays: int, tasks: int, before: str = "") -> str:
    """What a new interpreter chooses, and whether it has loaded numba to say so."""
    program = CHOOSING.format(stays=stays, tasks=tasks, before=before)
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("tasks", [0, WORTH_LOADING // 3])
def test_it_depends_on_the_rows_of_stays_and_tasks(tasks: int) -> None:
    pytest.importorskip("numba")
    assert chosen(WORTH_LOADING - tasks - 1, tasks) == "simpy simpy"
    assert chosen(WORTH_LOADING - tasks, tasks) == "compiled simpy numba"


def test_simpy_does_it_where_numba_cannot_be_had() -> None:
    assert chosen(WORTH_LOADING, 0, before="sys.modules['numba'] = None").split()[0] == "simpy"
