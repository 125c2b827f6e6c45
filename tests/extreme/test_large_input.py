"""Input that is far too large, too deep or too long: refused in a moment, in one line."""

from __future__ import annotations

import time

import pytest

from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.problems import ScenarioError
from dischargesim.scenario.yaml_reader import DEEPEST, LARGEST_COUNT, YamlError, read_yaml
from tests.tiny import CONFIG, lines, spoilt, tiny


def test_aliases_that_multiply() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    began = time.monotonic()
    with pytest.raises(YamlError, match="aliases written out"):
        read_yaml("\n".join(rows))
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("brackets", ["[" * 500, "{a: " * 500, "- " * 500])
def test_too_deep(brackets: str) -> None:
    with pytest.raises(YamlError, match=r"levels|not valid"):
        read_yaml(brackets)


def test_depth_through_aliases() -> None:
    deep = "[" * (DEEPEST - 2) + "]" * (DEEPEST - 2)
    assert read_yaml(f"a: &x {deep}\nb: *x")["b"] is not None
    with pytest.raises(YamlError, match="levels"):
        read_yaml(f"a: &x {deep}\nb: [[*x]]")


def test_too_many_values() -> None:
    with pytest.raises(YamlError, match="more than"):
        read_yaml("[" + "1," * (LARGEST_COUNT + 1) + "]")


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400, "1e300", "-0.0001"])
def test_huge_numbers(number: str) -> None:
    data = spoilt("cohorts.older.arrivals.per_day", read_yaml(number))
    (line,) = lines(data)
    assert line.startswith("cohorts.older.arrivals.per_day: ")
    assert "0 to 20000" in line
    assert len(line) < 200


def test_long_text_is_shortened() -> None:
    (line,) = lines(spoilt("settings.acute.kind", "x" * 10_000))
    assert len(line) < 300


def test_hundred_years_load() -> None:
    assert tiny("run.days=36500").run.days == 36_500


def test_config_dir_that_is_a_file() -> None:
    with pytest.raises(ScenarioError, match="no such folder"):
        load_scenario([], CONFIG / "system" / "tiny.yaml")
