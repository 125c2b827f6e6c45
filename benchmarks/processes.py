"""What only a process of its own can tell: how much memory it takes, and how long it is until something is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
GOES = 5

A_YEAR = """
import sys
from pathlib import Path
import dischargesim as ds
from dischargesim.measures import measure_all
scenario = ds.load_scenario(["system=england_average", "run.days=365"])
plan = ds.draw_plan(scenario)
times = ds.simulate(plan, "compiled")
measure_all(plan, times)
if "table" in sys.argv:
    ds.measure(plan, times)
status = Path("/proc/self/status")
if status.exists():  # what Linux says elsewhere includes the process that started this one
    peak = next(int(line.split()[1]) * 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))
else:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stdout.write(str(peak))
"""
AN_IMPORT = """
import sys, time
start = time.perf_counter()
import dischargesim
sys.stdout.write(str(time.perf_counter() - start))
"""
FIRST_RESULT = ["-m", "dischargesim", "run", "system=small", "report=none", "run.replications=1"]


def python(*arguments: str, **environment: str) -> str:
    """What a new interpreter writes to standard output."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout


def peak_megabytes(*, table: bool) -> float | None:
    """Most memory held by a process that loads, draws, simulates (compiled) and measures a year of england_average.

    With the `table` of its figures, pandas is loaded as well, and with that pyarrow if it is installed.
    """
    if sys.platform == "win32":  # the standard library does not tell there
        return None
    return int(python("-c", A_YEAR, *["table"] * table)) / 1e6


def import_seconds() -> float:
    """Seconds for `import dischargesim` in a new interpreter."""
    return median(float(python("-c", AN_IMPORT)) for _ in range(GOES))


def start_seconds() -> tuple[float, float, float]:
    """Seconds from the command to its end, `system=small` with one replication: compiled for the first time, compiled
    for the second, and as a user has it who does not ask for an engine."""
    with TemporaryDirectory() as folder:

        def run(*options: str) -> float:
            start = perf_counter()
            python(*FIRST_RESULT, "--out", folder, *options, NUMBA_CACHE_DIR=str(Path(folder) / "cache"))
            return perf_counter() - start

        first = run("--engine", "compiled")
        return first, median(run("--engine", "compiled") for _ in range(GOES)), median(run() for _ in range(GOES))
