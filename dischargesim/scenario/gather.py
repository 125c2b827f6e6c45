"""Reading the files that make up a scenario: those that are chosen and those that they build on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dischargesim.scenario.files import Source, sources
from dischargesim.scenario.problems import Problem, ScenarioError, shown, suggestion
from dischargesim.scenario.yaml_reader import YamlError, forbidden, read_yaml_file

CHOSEN = {"system": "england_average", "scenario": "baseline", "run": "default"}
"""Groups that make up a scenario, and what is taken where nothing is chosen; later ones cover earlier ones."""
FILE_NAME = re.compile(r"[A-Za-z]\w{0,39}", re.ASCII)
"""What a file can be chosen by."""
DEEPEST = 3
"""Levels of scenarios that combine scenarios that combine scenarios."""


@dataclass(slots=True)
class Gathered:
    """Files that take part, as they are handed to Hydra.

    Attributes
    ----------
    nodes : dict
        Content of each file by group and name.
    overridden : dict
        Name that a file chose in another group, by group.
    scenarios : list of str
        Scenarios in the order in which they cover each other: before each one those that it combines.
    problems : list of Problem
        What is wrong with the files.
    """

    nodes: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    overridden: dict[str, str] = field(default_factory=dict)
    scenarios: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def gather(picked: Mapping[str, Sequence[str]], config_dir: Path | None) -> Gathered:
    """Read the files that are chosen and, following their defaults lists, all that these build on.

    Parameters
    ----------
    picked : mapping of str to sequence of str
        Names of files by group; of several, the later cover the earlier.
    config_dir : Path or None
        The user's own folder.

    Raises
    ------
    ScenarioError
        If there is no such folder; what is wrong with the files stands in the result.
    """
    if config_dir is not None and not config_dir.is_dir():
        raise ScenarioError([Problem("--config-dir", "no such folder", shown(config_dir))])
    known = {group: sources(group, config_dir) for group in CHOSEN}
    chosen = Gathered()
    # The scenario comes first, as it may say which system and run it is made for.
    named = picked.get("scenario", [CHOSEN["scenario"]])
    for name in named:
        _add_combined(chosen, known, name, above=())
    for name in chosen.scenarios:
        if name not in named:
            # What is chosen is called by its own name, and not by that of what it is made of.
            chosen.nodes["scenario", name].pop("scenario", None)
    for group in ("system", "run"):
        for name in picked.get(group, [chosen.overridden.get(group, CHOSEN[group])]):
            _add(chosen, known, group, name, above=())
    return chosen


def _add_combined(
    chosen: Gathered, known: Mapping[str, Mapping[str, Source]], name: str, above: tuple[str, ...]
) -> None:
    """A scenario with those that it combines before it, each once."""
    if name in above:
        circle = " -> ".join((*above[above.index(name) :], name))
        chosen.problems.append(Problem(f"scenario/{name}", f"combines itself ({circle})"))
        return
    if len(above) > DEEPEST:
        text = f"scenarios combine scenarios in too many levels ({' -> '.join((*above, name))})"
        chosen.problems.append(Problem(f"scenario/{above[0]}", text, expected=f"at most {DEEPEST}"))
        return
    if name in chosen.scenarios:
        return
    _add(chosen, known, "scenario", name, above=())
    node = chosen.nodes.get(("scenario", name))
    if node is None:
        return
    label = node.get("scenario")
    combines = label.get("combines") if isinstance(label, dict) else None
    if combines is not None and not isinstance(combines, list):
        combines = [None]
    for other in combines or ():
        if isinstance(other, str) and FILE_NAME.fullmatch(other):
            _add_combined(chosen, known, other, (*above, name))
        else:
            where, expected = f"scenario/{name}: scenario.combines", "a list of names such as [trusted_assessors]"
            chosen.problems.append(Problem(where, "not a list of names of scenario files", expected=expected))
    if name not in chosen.scenarios:
        chosen.scenarios.append(name)


def _add(
    chosen: Gathered, known: Mapping[str, Mapping[str, Source]], group: str, name: str, above: tuple[str, ...]
) -> None:
    here = f"{group}/{name}"
    if here in above:
        circle = " -> ".join((*above[above.index(here) :], here))
        chosen.problems.append(Problem(here, f"builds on itself through its defaults ({circle})"))
        return
    if (group, name) in chosen.nodes:
        return
    source = known[group].get(name)
    if source is None:
        expected = suggestion(name, known[group]) or f"one of those of `dischargesim list {group}s`"
        chosen.problems.append(Problem(group, f"there is no {group} of this name", name, expected))
        return
    try:
        data = read_yaml_file(source.path)
        defaults = _defaults(data.pop("defaults", []))
    except YamlError as error:
        chosen.problems.append(Problem(str(source), str(error)))
        return
    if group in ("system", "scenario"):
        label = data.get(group, {})
        if isinstance(label, dict):
            data[group] = {"name": name, **label}
    else:
        data = {group: data}
    chosen.nodes[group, name] = {"defaults": [_as_hydra(entry) for entry in defaults], **data}
    for override, other, wanted in defaults:
        if wanted == "_self_":
            continue
        if override:
            chosen.overridden[other] = wanted
        else:
            _add(chosen, known, other or group, wanted, (*above, here))


def _defaults(entries: Any) -> list[tuple[bool, str, str]]:
    """A defaults list as (override, group or empty for the own one, name); a file's own values win by default."""
    if not isinstance(entries, list):
        raise YamlError("defaults: expected a list of names")
    found: list[tuple[bool, str, str]] = []
    for entry in entries:
        group, name = next(iter(entry.items())) if isinstance(entry, dict) and len(entry) == 1 else ("", entry)
        override, group = group.startswith("override "), group.removeprefix("override ").strip().lstrip("/")
        if not isinstance(name, str) or not (FILE_NAME.fullmatch(name) or (name == "_self_" and not group)):
            raise YamlError(f"defaults: expected names such as england_average, got {shown(entry)}")
        if group not in ("", *CHOSEN) or (override and not group):
            raise YamlError(f"defaults: there is no group {shown(group)}, expected one of {', '.join(CHOSEN)}")
        found.append((override, group, name))
    if not any(name == "_self_" for _, _, name in found):
        after = next((at for at, entry in enumerate(found) if entry[0]), len(found))
        found.insert(after, (False, "", "_self_"))
    return found


def _as_hydra(entry: tuple[bool, str, str]) -> str | dict[str, str]:
    override, group, name = entry
    return {f"{'override ' if override else ''}/{group}": name} if group else name


def refused(data: Any, path: str = "") -> Iterator[Problem]:
    """Keys and texts that no scenario may hold, wherever they came from."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            where = f"{path}.{key}" if path else str(key)
            reason = next((text for part in str(key).split(".") if (text := forbidden(part))), None)
            if reason is not None:
                yield Problem(where, f"this key is not allowed; {reason}")
            else:
                yield from refused(value, where)
    elif isinstance(data, list | tuple):
        for at, value in enumerate(data):
            yield from refused(value, f"{path}[{at}]")
    elif isinstance(data, str) and ("${" in data or data == "???"):
        yield Problem(path, "not allowed; write the value itself", shown(data))


def without_nothing(data: Any) -> Any:
    """The data less all keys with nothing (null): writing null takes an inherited entry away."""
    if isinstance(data, dict):
        return {key: without_nothing(value) for key, value in data.items() if value is not None}
    return [without_nothing(value) for value in data] if isinstance(data, list) else data
