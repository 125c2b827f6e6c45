"""From files and overrides to one plain mapping. The only module that knows Hydra and OmegaConf.

Every file is read by `yaml_reader` first, so Hydra is handed plain data only and never opens a file itself. What it
does here is what its users know it for: the defaults lists, the grammar of overrides, and the order in which one
layer covers another: system, then scenario, then run, then the command line.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from dischargesim.scenario.fields import Facts, facts_at, keys
from dischargesim.scenario.files import Source, sources
from dischargesim.scenario.problems import Problem, ScenarioError, shown, suggestion
from dischargesim.scenario.schema import Scenario
from dischargesim.scenario.yaml_reader import YamlError, forbidden, read_yaml_file

CHOSEN = {"system": "england_average", "scenario": "baseline", "run": "default"}
"""Groups that make up a scenario, and what is taken where nothing is chosen; later ones cover earlier ones."""

_NAME = re.compile(r"[A-Za-z]\w{0,39}", re.ASCII)
_HYDRA = threading.RLock()


@dataclass(frozen=True, slots=True)
class Composed:
    """What files and overrides come to.

    Attributes
    ----------
    data : dict
        The scenario as plain data, not yet checked.
    choices : dict
        Name of the file that was chosen in each group.
    """

    data: dict[str, Any]
    choices: dict[str, str]


@dataclass(slots=True)
class _Chosen:
    """Files that take part, as they are handed to Hydra."""

    nodes: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    overridden: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def compose(overrides: Sequence[str] = (), config_dir: Path | None = None) -> Composed:
    """Compose a scenario from the files chosen and the values given.

    Parameters
    ----------
    overrides : sequence of str
        In Hydra's grammar: ``system=small``, ``run.days=30``, ``~teams.brokers``.
    config_dir : Path, optional
        The user's own folder, with folders system, scenarios, run and data in it.

    Raises
    ------
    ScenarioError
        If an override is not understood, a file is missing or refused, or a key is unknown.
    """
    parsed = _parse(overrides)
    groups = {o.key_or_group: o for o in parsed if o.key_or_group in CHOSEN}
    values = [o for o in parsed if o.key_or_group not in CHOSEN]
    files = _gather({name: _choice(override) for name, override in groups.items()}, config_dir)
    if files.problems:
        raise ScenarioError(files.problems)
    chosen = [o.input_line for o in groups.values()]
    with _fresh_hydra(files.nodes) as run_hydra:
        base = run_hydra(chosen)
        lines, problems = _checked_values(values, base)
        if problems:
            raise ScenarioError(problems)
        data = run_hydra([*chosen, *lines]) if lines else base
    refused = list(_refused(data))
    if refused:
        raise ScenarioError(refused)
    picked = {g: o.value() for g, o in groups.items()}
    return Composed(_without_nothing(data), {**CHOSEN, **files.overridden, **picked})


# Overrides ---------------------------------------------------------------------------------------------------------


def _parse(overrides: Sequence[str]) -> list[Any]:
    """Overrides as Hydra understands them, each refused that could do more than give a value."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser, parsed, problems = OverridesParser.create(), [], []
    for text in overrides:
        try:
            override = parser.parse_override(text)
            value = override.value()
        except (HydraException, ValueError, RecursionError, OverflowError):
            problems.append(Problem(shown(text), "not understood", expected="name=value, such as run.days=30"))
            continue
        problem = _override_problem(text, override, value)
        if problem is None:
            parsed.append(override)
        else:
            problems.append(problem)
    if problems:
        raise ScenarioError(problems)
    return parsed


def _override_problem(text: str, override: Any, value: Any) -> Problem | None:
    key = override.key_or_group
    if override.is_sweep_override():
        return Problem(key, "gives several values; one run takes one", shown(text))
    if override.package is not None or "/" in key or key.split(".")[0] == "hydra":
        return Problem(shown(text), "not allowed", expected="a value of the scenario, such as run.days=30")
    if refused := next(_refused({key: value}), None):
        return refused
    if any(mark in text for mark in ("_target_", "${")):
        return Problem(key, "not allowed; write the value itself", shown(text))
    if key == "experiment":
        return Problem(key, "an experiment is not part of one run; choose system, scenario or run", shown(text))
    if key in CHOSEN:
        if override.is_add() or override.is_force_add() or override.is_delete():
            return Problem(key, "is chosen, not added or taken away", shown(text), f"{key}=NAME")
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            return Problem(key, "not the name of a file", shown(value), "letters, digits and _")
    return None


def _choice(override: Any) -> str:
    return str(override.value())


def _checked_values(values: Sequence[Any], base: Mapping[str, Any]) -> tuple[list[str], list[Problem]]:
    """Overrides of values as they are handed to Hydra, and problems with keys that nobody knows.

    Hydra takes a value only where the files have one already. A setting that the schema knows but that the files
    leave at its default is changed just the same: such an override gets the `++` that Hydra wants.
    """
    lines: list[str] = []
    problems: list[Problem] = []
    for override in values:
        path = [int(key) if key.isdigit() else key for key in override.key_or_group.split(".")]
        problem, there = _find(path, base, adding=override.is_add() or override.is_force_add())
        if problem is not None:
            problems.append(problem)
        elif override.is_delete() and not there:
            problems.append(Problem(override.key_or_group, "cannot be taken away; it is not there"))
        elif override.is_add() or override.is_force_add() or override.is_delete() or there:
            lines.append(override.input_line)
        else:
            lines.append(f"++{override.input_line}")
    return lines, problems


def _find(path: Sequence[Any], base: Mapping[str, Any], *, adding: bool) -> tuple[Problem | None, bool]:
    """Whether the files have a value at the path; a problem if neither they nor the schema know the path."""
    data: Any = base
    for at, key in enumerate(path):
        facts = facts_at(Scenario, path[:at], base) or Facts(())
        if isinstance(data, Mapping) and str(key) in data:
            data = data[str(key)]
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            kind = data.get("kind") if isinstance(data, Mapping) else None
            known = keys(facts, kind)
            if key in known or adding:
                # The rest of the path stands in something that is at its default: pydantic judges it.
                return None, False
            names = [*(data if isinstance(data, Mapping) else ()), *known]
            where = ".".join(map(str, path))
            return Problem(where, f"there is no {key} here", expected=suggestion(str(key), dict.fromkeys(names))), False
    return None, True


# Files -------------------------------------------------------------------------------------------------------------


def _gather(picked: Mapping[str, str], config_dir: Path | None) -> _Chosen:
    """Read the files that are chosen and, following their defaults lists, all that these build on."""
    if config_dir is not None and not config_dir.is_dir():
        raise ScenarioError([Problem("--config-dir", "no such folder", shown(config_dir))])
    known = {group: sources(group, config_dir) for group in CHOSEN}
    chosen = _Chosen()
    # The scenario comes first, as it may say which system and run it is made for.
    for group in ("scenario", "system", "run"):
        name = picked.get(group, chosen.overridden.get(group, CHOSEN[group]))
        _add(chosen, known, group, name, above=())
    return chosen


def _add(
    chosen: _Chosen, known: Mapping[str, Mapping[str, Source]], group: str, name: str, above: tuple[str, ...]
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
        chosen.problems.append(
            Problem(group, f"there is no {group} of this name", name, suggestion(name, known[group]))
        )
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
        if not isinstance(name, str) or not (_NAME.fullmatch(name) or (name == "_self_" and not group)):
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


# Hydra -------------------------------------------------------------------------------------------------------------


@contextmanager
def _fresh_hydra(nodes: Mapping[tuple[str, str], dict[str, Any]]) -> Iterator[Any]:
    """Hydra with nothing but these files in its store; whoever else uses Hydra in this process finds it unchanged."""
    import hydra
    import hydra.conf
    from hydra.core.config_store import ConfigStore
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.singleton import Singleton
    from hydra.version import VersionBase

    own = (ConfigStore, GlobalHydra, VersionBase)
    with _HYDRA:
        own_settings = ConfigStore.instance().repo["hydra"]
        theirs = {single: Singleton._instances.pop(single) for single in own if single in Singleton._instances}
        try:
            store = ConfigStore.instance()
            store.repo["hydra"] = own_settings
            store.store(name="config", node={"defaults": [*({g: n} for g, n in CHOSEN.items()), "_self_"]})
            for (group, name), node in nodes.items():
                store.store(group=group, name=name, node=node, package="_global_")
            with hydra.initialize(version_base="1.3", config_path=None, job_name="dischargesim"):
                yield _run_hydra
        finally:
            for single in own:
                Singleton._instances.pop(single, None)
                if single in theirs:
                    Singleton._instances[single] = theirs[single]


def _run_hydra(lines: Sequence[str]) -> dict[str, Any]:
    import hydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        composed = hydra.compose("config", overrides=list(lines))
        data = OmegaConf.to_container(composed, resolve=False)
    except (HydraException, OmegaConfBaseException) as error:
        raise ScenarioError(
            [Problem("", f"cannot be put together: {shown(str(error).partition(chr(10))[0])}")]
        ) from None
    return cast("dict[str, Any]", data)


# What comes out ----------------------------------------------------------------------------------------------------


def _refused(data: Any, path: str = "") -> Iterator[Problem]:
    """Keys and texts that no scenario may hold, wherever they came from."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            where = f"{path}.{key}" if path else str(key)
            reason = next((text for part in str(key).split(".") if (text := forbidden(part))), None)
            if reason is not None:
                yield Problem(where, f"this key is not allowed; {reason}")
            else:
                yield from _refused(value, where)
    elif isinstance(data, list | tuple):
        for at, value in enumerate(data):
            yield from _refused(value, f"{path}[{at}]")
    elif isinstance(data, str) and ("${" in data or data == "???"):
        yield Problem(path, "not allowed; write the value itself", shown(data))


def _without_nothing(data: Any) -> Any:
    """The data less all keys with nothing (null): writing null takes an inherited entry away."""
    if isinstance(data, dict):
        return {key: _without_nothing(value) for key, value in data.items() if value is not None}
    return [_without_nothing(value) for value in data] if isinstance(data, list) else data
