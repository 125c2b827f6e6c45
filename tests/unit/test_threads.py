"""Replications in threads give what they give one after the other; the compiled engine lets other threads run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from dischargesim import draw_plan, load_scenario
from dischargesim.engine import simulate
from dischargesim.measures import measure_all
from dischargesim.plan.tables import Times
from tests.property.random_plans import Seeded, random_plan

THREADS = 4
NUMBERS = range(2 * THREADS)


def differing(one: Times, other: Times) -> list[str]:
    pairs = {name: (getattr(one, name), getattr(other, name)) for name in Times.__slots__}
    return [name for name, (a, b) in pairs.items() if not np.array_equal(a, b, equal_nan=a.dtype.kind == "f")]


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_whole_replications(engine: str) -> None:
    if engine == "compiled":
        pytest.importorskip("numba")
    scenario = load_scenario(["system=small", "run.days=60", "run.warm_up_days=10"])

    def replication(number: int) -> tuple[Times, np.ndarray]:
        plan = draw_plan(scenario, number)
        times = simulate(plan, engine)
        return times, measure_all(plan, times)[0]

    alone = [replication(number) for number in NUMBERS]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(replication, NUMBERS))
    for (times, values), (others, other_values) in zip(alone, together, strict=True):
        assert differing(times, others) == []
        assert np.array_equal(values, other_values, equal_nan=True)


def test_kernels_at_the_same_time() -> None:
    """The same plan in all threads at once, and then each its own: no run sees anything of another."""
    compiled_engine = pytest.importorskip("dischargesim.engine.compiled_engine", exc_type=ImportError)
    plans = [random_plan(Seeded(number), most_people=2_000) for number in range(THREADS)]
    alone = [compiled_engine.run(plan) for plan in plans]
    start = Barrier(THREADS)

    def run(number: int) -> list[list[str]]:
        start.wait()
        same = [differing(compiled_engine.run(plans[0]), alone[0]) for _ in range(20)]
        return same + [differing(compiled_engine.run(plans[number]), alone[number]) for _ in range(20)]

    with ThreadPoolExecutor(THREADS) as pool:
        differences = [name for found in pool.map(run, range(THREADS)) for names in found for name in names]
    assert differences == []


def test_the_kernel_releases_the_lock_of_python() -> None:
    compiled_engine = pytest.importorskip("dischargesim.engine.compiled_engine", exc_type=ImportError)
    assert compiled_engine._compiled.targetoptions["nogil"]
