"""What the command line of a sweep asks for, taken apart: what is fixed, what varies, where it is to run, and what
things cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dischargesim.scenario.compose import listed, understood
from dischargesim.scenario.files import sources
from dischargesim.scenario.gather import CHOSEN, FILE_NAME, refused
from dischargesim.scenario.problems import Problem, ScenarioError, shown, suggestion
from dischargesim.scenario.yaml_reader import YamlError, read_yaml_file

APPRAISAL, NO_APPRAISAL = "england", "none"
"""Appraisal that is taken where none is named, and the name that asks for none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line of a sweep asks for.

    Attributes
    ----------
    fixed : list of str
        Overrides that hold for every point.
    axes : dict of str to list of str
        What varies, such as ``settings.reablement.capacity``, and the values it takes, as they are written.
    globbed : frozenset of str
        Axes that are whatever files there are.
    executor : dict of str to value
        Settings of the executor, by their name, and its ``kind``.
    experiment : str
        Name of the experiment, or empty.
    appraisal : dict of str to value, or None
        Settings of the appraisal; None if there is to be none.
    appraisal_named : bool
        Whether anything was said of the appraisal; without it, `appraisal` is the default.
    """

    fixed: list[str]
    axes: dict[str, list[str]]
    globbed: frozenset[str]
    executor: dict[str, Any]
    experiment: str
    appraisal: dict[str, Any] | None
    appraisal_named: bool


def asked_for(overrides: Sequence[str], config_dir: Path | None = None, most: int = 10_000) -> Asked:
    """Take a sweep apart: Hydra's grammar of choices, ``range()`` and ``glob()``.

    Parameters
    ----------
    overrides : sequence of str
        Such as ``["scenario=baseline,[a,b]", "settings.acute.capacity=range(800,841,10)", "executor=threads"]``.
    config_dir : Path, optional
        The user's own folder.
    most : int
        Values that an axis may have.

    Raises
    ------
    ScenarioError
        If something is not understood; whether each point makes a scenario is told by `compose`.
    """
    problems: list[Problem] = []
    asked = Asked([], {}, frozenset(), {}, "", None, False)
    beside: dict[str, list[Any]] = {"executor": [], "appraisal": []}
    globbed: set[str] = set()
    for text, override in understood(overrides, problems):
        key = override.key_or_group
        if (group := key.split(".")[0]) in beside:
            beside[group].append(override)
        elif key == "experiment":
            asked = replace(asked, experiment=_name_of(override, problems))
        elif not override.is_sweep_override():
            asked.fixed.append(text)
        else:
            try:
                values = _values(override, config_dir, most)
            except ScenarioError as error:
                problems += error.problems
                continue
            if key in CHOSEN and type(override.value()).__name__ == "Glob":
                globbed.add(key)
            asked.axes[override.get_key_element()] = values
    executor = _executor(beside["executor"], config_dir, problems)
    appraisal = _appraisal(beside["appraisal"], config_dir, problems)
    if problems:
        raise ScenarioError(problems)
    named = bool(beside["appraisal"])
    return replace(asked, executor=executor, appraisal=appraisal, appraisal_named=named, globbed=frozenset(globbed))


def _name_of(override: Any, problems: list[Problem]) -> str:
    value = override.value()
    if override.is_sweep_override() or not isinstance(value, str) or not FILE_NAME.fullmatch(value):
        got = shown(override.input_line)
        problems.append(Problem(override.key_or_group, "not the name of one file", got, "letters, digits and _"))
        return ""
    return value


def _values(override: Any, config_dir: Path | None, most: int) -> list[str]:
    """Values of an axis as they are written."""
    key, value, written = override.key_or_group, override.value(), shown(override.input_line)
    if type(value).__name__ == "Glob":
        if key not in CHOSEN:
            raise ScenarioError([Problem(key, f"glob() chooses among files, of {', '.join(CHOSEN)}", written)])
        found: list[str] | str = [str(name) for name in value.filter(list(sources(key, config_dir)))]
    else:
        found = listed(override, most)
    if isinstance(found, str):
        raise ScenarioError([Problem(key, shown(found), written)])
    if not 0 < len(found) <= most:
        got = f"more than {most}" if found else "none"
        raise ScenarioError([Problem(key, f"`{written}`: number of values", got, f"1 to {most}")])
    return found


def _executor(overrides: Sequence[Any], config_dir: Path | None, problems: list[Problem]) -> dict[str, Any]:
    """Settings of the executor: its file, and what the command line changes in it."""
    settings: dict[str, Any] = {}
    for override in overrides:
        key, value = override.key_or_group, override.value()
        if _not_one_value(override, problems):
            continue
        if key == "executor":
            settings = {**_file("executor", _name_of(override, problems), config_dir, problems), **settings}
        elif key.count(".") != 1:
            problems.append(Problem(key, "not a setting of an executor", shown(override.input_line)))
        else:
            settings[key.partition(".")[2]] = value
    problems += refused({"executor": settings})
    return settings


def _appraisal(overrides: Sequence[Any], config_dir: Path | None, problems: list[Problem]) -> dict[str, Any] | None:
    """Settings of the appraisal: its file, and what the command line changes in it, as deep as it likes."""
    names = [one for one in overrides if one.key_or_group == "appraisal"]
    changes = [one for one in overrides if one.key_or_group != "appraisal" and not _not_one_value(one, problems)]
    name = APPRAISAL
    for override in names:
        if not _not_one_value(override, problems):
            name = _name_of(override, problems)
    if name == NO_APPRAISAL:
        problems += [
            Problem(one.key_or_group, "there is no appraisal to change", shown(one.input_line), "no appraisal=none")
            for one in changes
        ]
        return None
    settings = _file("appraisal", name, config_dir, problems)
    for override in changes:
        *way, last = override.key_or_group.split(".")[1:]
        here: Any = settings
        for key in way:
            here = here.setdefault(key, {}) if isinstance(here, dict) else None
        if isinstance(here, dict):
            here[last] = override.value()
        else:
            problems.append(Problem(override.key_or_group, "leads through a value", shown(override.input_line)))
    problems += refused({"appraisal": settings})
    return settings


def _not_one_value(override: Any, problems: list[Problem]) -> bool:
    """Whether an override is more than a value for a name; if so it is told."""
    wrong = override.is_sweep_override() or override.is_delete() or override.package is not None
    if wrong:
        problems.append(Problem(override.key_or_group, "takes one value", shown(override.input_line)))
    return bool(wrong)


def _file(group: str, name: str, config_dir: Path | None, problems: list[Problem]) -> dict[str, Any]:
    """What the file of this name in a group beside the scenario says."""
    known = sources(group, config_dir)
    if name not in known:
        if name:
            what = f"there is no {group} of this name"
            problems.append(Problem(group, what, name, suggestion(name, known)))
        return {}
    try:
        return read_yaml_file(known[name].path)
    except YamlError as error:
        problems.append(Problem(str(known[name]), str(error)))
        return {}
