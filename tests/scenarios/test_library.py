"""Every shipped scenario file is whole: title, story, source, evidence for every number, levels that make sense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from dischargesim.report.pages.scenario_library import names, own_evidence
from dischargesim.scenario.compose import Composer
from dischargesim.scenario.files import sources
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.schema import Scenario
from dischargesim.scenario.yaml_reader import read_yaml_file

NAMES = names()
COMPOSER = Composer()
MECHANISMS = [
    "discharge_to_assess",
    "trusted_assessors",
    "more_reablement",
    "joined_reablement_teams",
    "more_care_home_places",
    "more_community_beds",
    "seven_day_working",
    "care_reviews",
    "workforce",
    "virtual_ward",
    "urgent_community_response",
    "step_up_respite",
    "care_home_support",
    "video_consultation",
    "front_door_frailty",
    "pooled_budget",
    "single_care_record",
    "early_planning",
    "provider_in_reach",
    "fast_track_end_of_life",
    "demand_surge",
    "winter",
    "integrated_teams",
    "case_management",
    "risk_profiling",
    "advance_care_plans",
]


@cache
def loaded(name: str, level: str = "base") -> Scenario:
    return build_scenario(COMPOSER.compose([f"scenario={name}", f"evidence={level}"]).data)


def values(data: Any, path: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(data, dict):
        for key, value in data.items():
            if path or key not in ("scenario", "evidence", "defaults"):
                yield from values(value, f"{path}.{key}" if path else str(key))
    elif isinstance(data, list):
        for value in data:
            yield from values(value, path)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield path, data


def fits(key: str, path: str, *, below: bool = True) -> bool:
    parts = [r"[^.]+" if part == "*" else re.escape(part) for part in key.split(".")]
    return re.fullmatch(r"\.".join(parts) + (r"(\..*)?" if below else ""), path) is not None


@pytest.mark.parametrize("name", NAMES)
def test_says_what_it_is(name: str) -> None:
    label = loaded(name).scenario
    assert label.kind and label.title and label.source and label.expect
    assert 80 < len(label.about) < 900, "a story of three lines or so"


@pytest.mark.parametrize("name", NAMES)
def test_every_number_has_evidence(name: str) -> None:
    data, evidence = read_yaml_file(sources("scenario")[name].path), own_evidence(name)
    without = [path for path, _ in values(data) if not any(fits(key, path) for key in evidence)]
    assert not without
    for_nothing = [key for key in evidence if not any(fits(key, path) for path, _ in values(data))]
    assert not for_nothing
    for key, one in evidence.items():
        assert one.source.startswith("assumption") == (one.grade == "assumption"), key
        assert one.changes, key


@pytest.mark.parametrize("name", NAMES)
def test_levels_hold_the_number_between_them(name: str) -> None:
    data = dict(values(read_yaml_file(sources("scenario")[name].path)))
    for key, one in own_evidence(name).items():
        if one.low is not None or one.high is not None:
            there = [value for path, value in data.items() if fits(key, path, below=False)]
            assert there and all(one.low <= value <= one.high for value in there), key
    for level in ("low", "high"):
        loaded(name, level)


def test_all_mechanisms_of_the_library_are_there() -> None:
    kinds = {name: loaded(name).scenario.kind for name in MECHANISMS}
    assert set(kinds.values()) == {"mechanism"}


@pytest.mark.parametrize("name", NAMES)
def test_what_it_changes_from_is_what_the_system_has(name: str) -> None:
    """A system that is fitted again leaves no tenth more behind that is a twentieth."""
    here = dict(values(COMPOSER.compose([f"scenario={loaded(name).scenario.against}"]).data))
    for key, one in own_evidence(name).items():
        if found := re.search(r"\bfrom (\d+(?:\.\d+)?)$", one.changes):
            before = {value for path, value in here.items() if fits(key, path, below=False)}
            assert before == {float(found[1])}, f"{key}: {one.changes}, but it is {before}"
