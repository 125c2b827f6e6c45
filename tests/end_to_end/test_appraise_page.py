"""Every file, command and line of Python of docs/how_to/appraise.md does what the page says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dischargesim.appraisal.json_schema import schema_text
from dischargesim.cli import main
from dischargesim.scenario.yaml_reader import read_yaml

PAGE = (Path(__file__).parents[2] / "docs" / "how_to" / "appraise.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def test_the_page_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    files = dict(
        zip(("appraisal/ours.yaml", "experiments/beds.yaml"), (b for k, b in BLOCKS if k == "yaml"), strict=True)
    )
    for name, text in files.items():
        assert f"our_area/{name}" in PAGE
        path = tmp_path / "our_area" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    jsonschema.validate(read_yaml(files["appraisal/ours.yaml"]), json.loads(schema_text()))
    names: dict[str, Any] = {}
    for kind, text in BLOCKS:
        if kind == "python":
            exec(compile(text, "appraise.md", "exec"), names)
        elif kind == "":
            for line in text.splitlines():
                more = ["--engine", "simpy", "--workers", "1"] if "sweep" in line else []
                assert main([*shlex.split(line.removeprefix("dischargesim ")), *more]) == 0
    printed = capsys.readouterr().out
    result, curve = names["result"], names["curve"]
    assert result.options["option"].tolist() == ["More beds"] and len(result.years) == 10
    assert set(result.costs["option"]) == {"Do nothing", "More beds"}
    assert (tmp_path / "assumptions.csv").read_text(encoding="utf-8").count("\n") > 10
    assert "not cash" in printed and "of the delay of today is left" in printed
    assert len(curve.table) == 5


def test_tables_that_the_page_names_are_there() -> None:
    from dischargesim.appraisal.value import Appraised

    rows = re.findall(r"^\| (`.+`) \|", PAGE, flags=re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(Appraised.__dataclass_fields__) - {"baseline", "appraisal", "draws", "notes"}


def test_columns_that_the_page_names_are_there() -> None:
    from dischargesim.appraisal import tables

    source = Path(tables.__file__).read_text(encoding="utf-8")
    for name in re.findall(r"`((?:npsv|pounds_per)_\w+)`", PAGE):
        assert name in source or name.removesuffix("_verdict") in source, name
