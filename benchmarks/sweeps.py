"""How fast a sweep is: replications and people a second, cores used, and what it adds to bare simulation.

    python -m benchmarks.sweeps             # 200 replications of a year of england_average, several ways: some minutes
    python -m benchmarks.sweeps --whole     # 1,000 of them

A replication-year is `run.days=365` and its warm-up: drawn, simulated, measured. Bare simulation is a script that does
that and nothing else, in as many processes at a time as the sweep has. What a sweep takes beyond it, in processor time
of all of its processes together, is its overhead: handing over, writing, tables, and one process more that does it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.run import machine

ROOT = Path(__file__).resolve().parents[1]
SYSTEM = ["system=england_average", "run.days=365"]
CORES = 2


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock and of processors, those of all processes."""

    clock: float
    processor: float


@contextmanager
def timed(found: list[Took]) -> Iterator[None]:
    clock, before = time.perf_counter(), os.times()
    yield
    after = os.times()
    own = after.user + after.system - before.user - before.system
    children = after.children_user + after.children_system - before.children_user - before.children_system
    found.append(Took(time.perf_counter() - clock, own + children))


A_BARE_RUN = """
import sys
import dischargesim as ds
from dischargesim.measures import measure_all
scenario = ds.load_scenario(sys.argv[2:])
people = 0
for number in range(int(sys.argv[1])):
    plan = ds.draw_plan(scenario, number)
    measure_all(plan, ds.simulate(plan, "compiled"))
    people += plan.people.arrival.size
sys.stdout.write(str(people))
"""


def bare(processes: int, replications: int) -> tuple[Took, float]:
    """So many replications shared out between processes that do nothing else and keep nothing; people in each.

    Two processes at once slow each other down, for they share the memory: that is no overhead of a sweep.
    """
    command = [sys.executable, "-c", A_BARE_RUN, str(replications // processes), *SYSTEM]
    variables = {**os.environ, "PYTHONPATH": str(ROOT)}
    found: list[Took] = []
    with timed(found):
        children = [subprocess.Popen(command, env=variables, stdout=subprocess.PIPE) for _ in range(processes)]
        people = sum(int(child.communicate()[0]) for child in children)
    return found[0], people / replications


def sweep(folder: Path, replications: int, *more: str, cache: Path | None = None) -> Took:
    """A sweep of one point by the command line, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "dischargesim",
        "sweep",
        "report=none",
        *SYSTEM,
        f"run.replications={replications}",
        *more,
    ]
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **({} if cache is None else {"NUMBA_CACHE_DIR": str(cache)})}
    found: list[Took] = []
    with timed(found):
        subprocess.run([*command, "--out", str(folder)], env=variables, check=True, capture_output=True)
    facts = json.loads(next(folder.glob("*/provenance.json")).read_text(encoding="utf-8"))
    if facts["points"][0]["replications"] != replications:
        raise ValueError("not all replications were run")
    return found[0]


def show(name: str, took: Took, replications: int, people: float, alone: Took) -> None:
    a_second = replications / took.clock
    print(
        f"{name:<44}{took.clock:>7.1f} s{a_second:>9.1f} years/s{a_second * people:>12,.0f} person-years/s"
        f"{took.processor / took.clock / CORES:>7.0%} of {CORES} cores"
        f"{took.processor / alone.processor - 1:>+8.1%} processor time",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--whole", action="store_true", help="1,000 replications")
    options = parser.parse_args()
    replications = 1000 if options.whole else 200
    print(machine())
    ways = {
        f"threads, {CORES}": (CORES, ["executor=threads", f"executor.workers={CORES}"]),
        "in the process": (1, ["executor=local", "executor.workers=1"]),
        f"local, {CORES} processes": (CORES, ["executor=local", f"executor.workers={CORES}"]),
    }
    for name, (processes, more) in ways.items():
        alone, people = bare(processes, replications)
        show(f"bare, {processes} process{'es' if processes > 1 else ''}", alone, replications, people, alone)
        with TemporaryDirectory() as folder:
            took = sweep(Path(folder) / "out", replications, *more)
        show(name, took, replications, people, alone)
    with TemporaryDirectory() as folder:
        took = sweep(Path(folder) / "out", replications, *more, cache=Path(folder) / "cache")
    show("the same, engine not compiled yet", took, replications, people, alone)
    return 0


if __name__ == "__main__":
    sys.exit(main())
