"""The tiny system of the tests, as plain data and through the front door."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from dischargesim.scenario.load import build_scenario, load_scenario
from dischargesim.scenario.problems import ScenarioError
from dischargesim.scenario.schema import Scenario
from dischargesim.scenario.yaml_reader import read_yaml_file

CONFIG = Path(__file__).parent / "config"


def tiny(*overrides: str) -> Scenario:
    """The tiny system with overrides."""
    return load_scenario(["system=tiny", *overrides], CONFIG)


def tiny_data() -> dict[str, Any]:
    """The tiny system as data to be spoilt."""
    data = read_yaml_file(CONFIG / "system" / "tiny.yaml")
    data["system"]["name"] = "tiny"
    return copy.deepcopy(data)


def spoilt(path: str, value: Any) -> dict[str, Any]:
    """The tiny system with another value at a path."""
    data = tiny_data()
    *way, last = path.split(".")
    here = data
    for key in way:
        here = here.setdefault(key, {})
    here[last] = value
    return data


def lines(data: dict[str, Any]) -> list[str]:
    """Problems of a scenario given as data."""
    try:
        build_scenario(data, (CONFIG / "data",))
    except ScenarioError as error:
        return str(error).splitlines()
    return []
