"""The JSON Schema that editors read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dischargesim.appraisal import json_schema as of_appraisals
from dischargesim.cli import main
from dischargesim.experiment import json_schema as of_experiments
from dischargesim.scenario.files import GROUPS, shipped_folder
from dischargesim.scenario.json_schema import PATH, schema_text
from dischargesim.scenario.yaml_reader import read_yaml_file
from tests.tiny import CONFIG, spoilt, tiny_data

SCHEMA: dict[str, Any] = json.loads(schema_text())
SHIPPED = [
    path
    for group in ("system", "scenario")
    for folder in GROUPS[group]
    for path in sorted((shipped_folder() / folder).glob("*.yaml"))
]


def test_not_stale() -> None:
    """Mend with: python -m dischargesim.scenario.json_schema."""
    assert PATH.read_text(encoding="utf-8") == schema_text()


def test_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", [*SHIPPED, CONFIG / "system" / "tiny.yaml"], ids=lambda path: str(path.name))
def test_our_files_keep_it(path: Path) -> None:
    jsonschema.validate(read_yaml_file(path), SCHEMA)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("run.dayz", 3),
        ("cohorts.older.pathways.P0", 1.5),
        ("cohorts.older.stay_days", {"kind": "lognromal", "mean": 3}),
        ("settings.acute.kind", "bed"),
    ],
)
def test_an_editor_sees_what_is_wrong(path: str, value: Any) -> None:
    jsonschema.validate(tiny_data(), SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(spoilt(path, value), SCHEMA)


def test_numbers_say_their_unit() -> None:
    arrivals = SCHEMA["$defs"]["Cohort"]["properties"]["patience_days"]["anyOf"][0]
    assert arrivals["unit"] == "days"
    days = SCHEMA["$defs"]["Run"]["properties"]["days"]
    assert days["description"] == "Data collection period. [days; plausible 7 to 3700]"
    assert (days["minimum"], days["maximum"]) == (1, 36_500)


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", str(tmp_path / "schema.json")]) == 0
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == schema_text()
    assert main(["schema", str(tmp_path / "no" / "schema.json")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


EXPERIMENT: dict[str, Any] = json.loads(of_experiments.schema_text())


def test_schema_of_experiments_is_not_stale() -> None:
    """Mend with: python -m dischargesim.experiment.json_schema."""
    assert of_experiments.PATH.read_text(encoding="utf-8") == of_experiments.schema_text()
    jsonschema.Draft202012Validator.check_schema(EXPERIMENT)


@pytest.mark.parametrize(
    "path", sorted((shipped_folder() / "experiments").glob("*.yaml")), ids=lambda path: str(path.name)
)
def test_our_experiments_keep_it(path: Path) -> None:
    data = read_yaml_file(path)
    jsonschema.validate(data, EXPERIMENT)
    for wrong in ({"grid": 3}, {"replications": 0}, {"replications": {"leest": 3}}, {"question": "here"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**data, **wrong}, EXPERIMENT)


def test_command_for_experiments(tmp_path: Path) -> None:
    assert main(["schema", "--experiment", str(tmp_path / "schema.json")]) == 0
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == of_experiments.schema_text()


APPRAISAL: dict[str, Any] = json.loads(of_appraisals.schema_text())


def test_schema_of_appraisals_is_not_stale() -> None:
    """Mend with: python -m dischargesim.appraisal.json_schema."""
    assert of_appraisals.PATH.read_text(encoding="utf-8") == of_appraisals.schema_text()
    jsonschema.Draft202012Validator.check_schema(APPRAISAL)


@pytest.mark.parametrize(
    "path", sorted((shipped_folder() / "configs" / "appraisal").glob("*.yaml")), ids=lambda path: path.name
)
def test_our_appraisals_keep_it(path: Path) -> None:
    data = read_yaml_file(path)
    jsonschema.validate(data, APPRAISAL)
    for wrong in ({"years": 0}, {"delayed_bed_day": {"base": -1}}, {"teams": {"others": {"per": "day"}}}, {"yeers": 3}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**data, **wrong}, APPRAISAL)


def test_command_for_appraisals(tmp_path: Path) -> None:
    assert main(["schema", "--appraisal", str(tmp_path / "schema.json")]) == 0
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == of_appraisals.schema_text()
