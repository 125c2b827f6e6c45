"""The first run says that the engine is compiled, once, however many processes take part; the next finds it on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

RUN = ["run", "system=small", "run.days=20", "run.warm_up_days=5", "run.replications=3", "--engine", "compiled"]
SAYS = "compiling the engine, once"


def errors_of(folder: Path, *options: str) -> str:
    """What a run in a process of its own writes to standard error."""
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "NUMBA_CACHE_DIR": str(folder / "cache")}
    command = [sys.executable, "-m", "dischargesim", *RUN, "--out", str(folder / "results"), *options]
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_it_is_said_once(tmp_path: Path) -> None:
    first = errors_of(tmp_path, "--workers", "2")
    assert first.count(SAYS) == 1
    compiled = sorted((tmp_path / "cache").rglob("*.nbc"))
    assert len(compiled) == 1
    written = compiled[0].stat().st_mtime_ns
    assert SAYS not in errors_of(tmp_path, "--workers", "2")
    assert compiled[0].stat().st_mtime_ns == written, "compiled again"
