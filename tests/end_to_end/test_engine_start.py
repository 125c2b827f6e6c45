"""The first run says that it compiles, once, however many processes take part; the next finds the code on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

RUN = ["run", "system=small", "report=none", "run.days=20", "run.warm_up_days=5", "run.replications=3"]
RUN += ["--engine", "compiled"]
SAYS = "compiling the engine, once"


def errors_of(folder: Path, *options: str) -> str:
    """What a run in a process of its own writes to standard error."""
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "NUMBA_CACHE_DIR": str(folder / "cache")}
    command = [sys.executable, "-m", "dischargesim", *RUN, "--out", str(folder / "results"), *options]
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def code_of(folder: Path) -> dict[str, int]:
    """When each piece of compiled code was written."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "cache").rglob("*.nbc")}


def test_it_is_said_once(tmp_path: Path) -> None:
    first = errors_of(tmp_path, "--workers", "2")
    assert first.count(SAYS) == 1
    written = code_of(tmp_path)
    assert len([name for name in written if "run_kernel" in name]) == 1
    assert SAYS not in errors_of(tmp_path, "--workers", "2")
    assert code_of(tmp_path) == written, "compiled again"


def test_it_is_said_of_the_measures_too(tmp_path: Path) -> None:
    options = [
        "system=england_average",
        "run.days=365",
        "run.warm_up_days=0",
        "run.replications=1",
        "--engine",
        "simpy",
    ]
    assert errors_of(tmp_path, *options).count(SAYS) == 1
    assert not any("run_kernel" in name for name in code_of(tmp_path))
    assert SAYS not in errors_of(tmp_path, *options)
