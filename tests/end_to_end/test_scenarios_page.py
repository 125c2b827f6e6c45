"""Every command and the file of docs/how_to/scenarios.md do what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from dischargesim.cli import main
from dischargesim.measures import measure_index
from dischargesim.scenario.load import load_scenario

PAGE = (Path(__file__).parents[2] / "docs" / "how_to" / "scenarios.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^dischargesim (.+)$", PAGE, flags=re.MULTILINE)
(FILE,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(COMMANDS) == 5
    for command in COMMANDS:
        assert main(shlex.split(command)) == 0, command


def test_file(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "ours.yaml").write_text(FILE, encoding="utf-8")
    base, high = (load_scenario(["scenario=ours", f"evidence={level}"], tmp_path) for level in ("base", "high"))
    assert base.trusted_assessors is not None and base.trusted_assessors.coverage == 0.7
    assert base.teams["trusted_assessors"].staff == 3
    # What it combines goes to its own end.
    assert high.trusted_assessors is not None and high.trusted_assessors.coverage == 0.8
    assert (base.settings["reablement"].capacity, high.settings["reablement"].capacity) == (312, 325)
    known = {(row.measure, row.group) for row in measure_index(base)}
    assert {(one.measure, one.group) for one in base.scenario.expect} <= known
