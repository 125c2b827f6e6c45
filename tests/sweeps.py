"""Sweeps of the tiny system as processes of their own, for tests of what may happen to them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dischargesim.cli import main
from tests.tiny import CONFIG

ROOT = CONFIG.parent.parent
OWN = ["--config-dir", str(CONFIG)]
TABLES = ("measures.csv", "daily.parquet", "points.csv", "index.parquet")
GRID = ["system=tiny", "report=none", "settings.acute.capacity=9,10,11", "run.replications=24", "run.days=60"]
"""Three points of 24 replications, eight batches each."""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "dischargesim", *arguments]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def process(*arguments: str, cwd: Path, **more: str) -> subprocess.Popen[bytes]:
    """The command line in a process (and group) of its own."""
    return subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(**more),
        cwd=cwd,
        start_new_session=sys.platform != "win32",
    )


def sweep_folder(out: Path) -> Path:
    """The only sweep in a folder of results."""
    folders = [path for path in out.iterdir() if path.is_dir()]
    assert len(folders) == 1, folders
    return folders[0]


def swept(out: Path, *arguments: str, code: int = 0) -> Path:
    """Folder of a sweep run in this process."""
    assert main(["sweep", *OWN, "--out", str(out), "--engine", "simpy", *arguments]) == code
    return sweep_folder(out)


def batches(folder: Path) -> list[Path]:
    return sorted((folder / "batches").glob("*.parquet"))


def same_tables(one: Path, other: Path) -> None:
    """The tables and the batches of two sweeps are the same to the last byte."""
    for name in TABLES:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    assert [path.name for path in batches(one)] == [path.name for path in batches(other)]
    for path in batches(one):
        assert path.read_bytes() == (other / "batches" / path.name).read_bytes(), path.name


def complaints(err: bytes) -> list[str]:
    """Lines to standard error, less those that say how far it is, as they do on a busy machine every ten seconds."""
    return [line for line in err.decode().splitlines() if not re.match(r"3 points: \d+ of \d+ after", line)]


def wait_for(what: object, seconds: float = 90) -> None:
    """Until a callable says yes."""
    assert callable(what)
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def slowly(fn: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function after half a second, so that whatever dies beside it dies first."""
    time.sleep(0.5)
    return fn(*arguments)
