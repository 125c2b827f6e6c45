"""What a scenario file may say: what it combines, what it rests on, and which end of that it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dischargesim.scenario.compose import compose
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.problems import ScenarioError

BEDS = """
scenario: {title: More rehabilitation beds, expect: [{measure: nctr_remaining, direction: lower}]}
evidence:
  settings.rehab.capacity: {changes: beds, low: 7, high: 12, grade: assumption, source: assumption}
  settings.support.title: {grade: assumption, source: assumption}
settings: {rehab: {capacity: 8}, support: {title: Support}}
"""
FEWER = """
scenario: {title: Fewer people}
evidence:
  cohorts.*.arrivals.effects.plans.ratio: {low: 0.9, high: 1.09, better: lower, grade: B, source: A study}
cohorts:
  older: {arrivals: {effects: {plans: {title: Plans, ratio: 1.0}}}}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "system").mkdir()
    tiny = Path(__file__).parents[1] / "config" / "system" / "tiny.yaml"
    (tmp_path / "system" / "tiny.yaml").write_bytes(tiny.read_bytes())
    put(tmp_path, "beds", BEDS)
    put(tmp_path, "fewer", FEWER)
    return tmp_path


def put(folder: Path, name: str, text: str) -> None:
    (folder / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")


def of(folder: Path, *overrides: str) -> dict:
    return compose(["system=tiny", *overrides], folder).data


def problems(folder: Path, *overrides: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(["system=tiny", *overrides], folder)
    return str(caught.value).splitlines()


# Combining -----------------------------------------------------------------------------------------------------------


def test_combining_is_choosing_together(own: Path) -> None:
    put(own, "both", "scenario: {title: Both, combines: [beds, fewer]}\nsettings: {rehab: {capacity: 9}}\n")
    one, together = of(own, "scenario=both"), of(own, "scenario=[beds,fewer]", "settings.rehab.capacity=9")
    assert one.pop("scenario") == {"name": "both", "title": "Both", "combines": ["beds", "fewer"]}
    assert together.pop("scenario")["name"] == "beds_and_fewer"
    assert one == together
    assert of(own, "scenario=both", "scenario.about=Mine")["scenario"]["title"] == "Both"
    load_scenario(["system=tiny", "scenario=both"], own)


def test_the_later_covers_the_earlier_whatever_it_is_combined_with(own: Path) -> None:
    put(own, "nine", "scenario: {title: Nine, combines: [beds]}\nsettings: {rehab: {capacity: 9}}\n")
    put(own, "ten", "scenario: {title: Ten, combines: [nine, beds]}\n")
    assert of(own, "scenario=ten")["settings"]["rehab"]["capacity"] == 9
    assert of(own, "scenario=[ten,beds]")["settings"]["rehab"]["capacity"] == 9  # each once, where it came first


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a": "a"}, "scenario/a: combines itself (a -> a)"),
        ({"a": "b", "b": "a"}, "scenario/a: combines itself (a -> b -> a)"),
        ({"a": "b", "b": "c", "c": "d", "d": "beds"}, "scenario/a: scenarios combine scenarios in too many levels"),
        ({"a": "nothing"}, "scenario: there is no scenario of this name (got nothing"),
        ({"a": "../beds"}, "scenario/a: scenario.combines: not a list of names of scenario files"),
    ],
)
def test_what_cannot_be_combined(own: Path, files: dict[str, str], expected: str) -> None:
    for name, other in files.items():
        put(own, name, f"scenario: {{title: {name}, combines: [{other}]}}\n")
    (line,) = problems(own, "scenario=a")
    assert line.startswith(expected)


def test_three_levels_can(own: Path) -> None:
    for name, other in {"a": "b", "b": "c", "c": "beds"}.items():
        put(own, name, f"scenario: {{title: {name}, combines: [{other}]}}\n")
    assert of(own, "scenario=a")["settings"]["rehab"]["capacity"] == 8


def test_a_name_is_no_list(own: Path) -> None:
    put(own, "a", "scenario: {title: A, combines: beds}\n")
    assert "not a list of names" in problems(own, "scenario=a")[0]


# The level of the evidence -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "beds", "ratio"), [("low", 7, 1.09), ("base", 8, 1.0), ("high", 12, 0.9)])
def test_level_is_that_of_benefit(own: Path, level: str, beds: int, ratio: float) -> None:
    scenario = load_scenario(["system=tiny", "scenario=[beds,fewer]", f"evidence={level}"], own)
    assert scenario.settings["rehab"].capacity == beds
    assert scenario.cohorts["older"].arrivals.effects["plans"].ratio == ratio
    assert ("(evidence:" in scenario.scenario.title) == (level != "base")


def test_base_is_the_file(own: Path) -> None:
    assert of(own, "scenario=beds", "evidence=base") == of(own, "scenario=beds")


def test_what_was_changed_since_stays(own: Path) -> None:
    put(own, "later", "scenario: {title: Later, combines: [beds]}\nsettings: {rehab: {capacity: 9}}\n")
    assert of(own, "scenario=later", "evidence=high")["settings"]["rehab"]["capacity"] == 9
    high = of(own, "scenario=beds", "evidence=high", "settings.rehab.capacity=11")
    assert high["settings"]["rehab"]["capacity"] == 11


def test_numbers_of_the_system_stay() -> None:
    base, high = (
        load_scenario(["scenario=trusted_assessors"]),
        load_scenario(["scenario=trusted_assessors", "evidence=high"]),
    )
    assert high.trusted_assessors is not None and high.trusted_assessors.coverage == 0.8
    assert high.settings == base.settings and high.cohorts == base.cohorts and high.evidence == base.evidence


def test_a_range_of_nothing_is_told(own: Path) -> None:
    wrong = BEDS.replace("settings.rehab.capacity:", "settings.rehab:")
    put(own, "wrong", wrong)
    load_scenario(["system=tiny", "scenario=wrong"], own)
    assert problems(own, "scenario=wrong", "evidence=low") == [
        "scenario/wrong: evidence.settings.rehab: low stands for no single number that this file gives"
    ]


@pytest.mark.parametrize("text", ["evidence=middling", "evidence=[low,high]", "+evidence=low", "~evidence"])
def test_not_a_level(own: Path, text: str) -> None:
    (line,) = problems(own, text)
    assert line.startswith("evidence: not a level of the evidence")


# What is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("kind: place", "scenario: kind `place` and place (who and where) go together"),
        ("place: Hull", "scenario: kind `place` and place (who and where) go together"),
        ("expect: [{measure: x, direction: no_change, low: 1}]", "scenario.expect[0]: no_change has no low"),
        ("expect: [{measure: x, direction: lower, low: 2, high: 1}]", "scenario.expect[0]: low is more than high"),
        ("expect: [{measure: x, direction: up}]", "scenario.expect[0].direction: not one of the words known here"),
    ],
)
def test_labels_that_are_refused(own: Path, label: str, expected: str) -> None:
    put(own, "a", f"scenario: {{title: A, {label}}}\n")
    (line,) = problems(own, "scenario=a")
    assert line.startswith(expected), line


def test_a_range_has_its_ends_in_order(own: Path) -> None:
    put(own, "a", FEWER.replace("low: 0.9, high: 1.09", "low: 1.09, high: 0.9"))
    (line,) = problems(own, "scenario=a")
    assert "low is more than high; `better: lower` says that less is better" in line
