"""From files and overrides to one plain mapping. The only module that knows Hydra and OmegaConf.

Every file is read by `yaml_reader` first, so Hydra is handed plain data only and never opens a file itself. What it
does here is what its users know it for: the defaults lists, the grammar of overrides, and the order in which one
layer covers another: system, then scenario, then run, then the command line.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

from dischargesim.scenario.fields import Facts, facts_at, keys
from dischargesim.scenario.files import sources
from dischargesim.scenario.gather import CHOSEN, FILE_NAME, Gathered, gather, refused, without_nothing
from dischargesim.scenario.problems import Problem, ScenarioError, shown, suggestion
from dischargesim.scenario.schema import Scenario
from dischargesim.scenario.yaml_reader import YamlError, read_yaml_file

_HYDRA = threading.RLock()
_LONGEST_NAME = 40


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
    picked = {name: _choices(override) for name, override in groups.items()}
    files = gather(picked, config_dir)
    if files.problems:
        raise ScenarioError(files.problems)
    chosen = [
        f"{name}=[{','.join(names)}]" if len(names) > 1 else f"{name}={names[0]}" for name, names in picked.items()
    ]
    with _fresh_hydra(files.nodes) as run_hydra:
        base = run_hydra(chosen)
        lines, problems = _checked_values(values, base)
        if problems:
            raise ScenarioError(problems)
        data = run_hydra([*chosen, *lines]) if lines else base
    not_allowed = list(refused(data))
    if not_allowed:
        raise ScenarioError(not_allowed)
    if len(picked.get("scenario", ())) > 1 and not any(o.key_or_group.split(".")[0] == "scenario" for o in values):
        data["scenario"] = _together(picked["scenario"], files)
    return Composed(
        without_nothing(data), {**CHOSEN, **files.overridden, **{g: "+".join(n) for g, n in picked.items()}}
    )


def _together(names: Sequence[str], files: Gathered) -> dict[str, Any]:
    """What several scenarios, one upon the other, are called."""
    labels = [label for name in names if isinstance(label := files.nodes["scenario", name].get("scenario"), dict)]
    name = "_and_".join(names)
    if len(name) > _LONGEST_NAME:
        name = f"{name[:31]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    titles = [str(label.get("title", label.get("name"))) for label in labels]
    abouts = [str(label["about"]) for label in labels if label.get("about")]
    return {"name": name, "title": " + ".join(titles), **({"about": " ".join(abouts)[:4000]} if abouts else {})}


# Overrides ---------------------------------------------------------------------------------------------------------


def _parse(overrides: Sequence[str]) -> list[Any]:
    """Overrides as Hydra understands them, each refused that could do more than give a value."""
    parsed: list[Any] = []
    problems: list[Problem] = []
    for text, override in _understood(overrides, problems):
        problem = _override_problem(text, override, override.value())
        if problem is None:
            parsed.append(override)
        else:
            problems.append(problem)
    if problems:
        raise ScenarioError(problems)
    return parsed


def _understood(overrides: Sequence[str], problems: list[Problem]) -> Iterator[tuple[str, Any]]:
    """What Hydra's grammar makes of each override; what it makes nothing of is added to the problems."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    parser = OverridesParser.create()
    for text in overrides:
        try:
            override = parser.parse_override(text)
            override.value()
        except (HydraException, ValueError, RecursionError, OverflowError):
            problems.append(Problem(shown(text), "not understood", expected="name=value, such as run.days=30"))
            continue
        yield text, override


def _override_problem(text: str, override: Any, value: Any) -> Problem | None:
    key = override.key_or_group
    if override.is_sweep_override():
        return Problem(key, "gives several values; one run takes one, `dischargesim sweep` takes them all", shown(text))
    if override.package is not None or "/" in key or key.split(".")[0] == "hydra":
        return Problem(shown(text), "not allowed", expected="a value of the scenario, such as run.days=30")
    if not_allowed := next(refused({key: value}), None):
        return not_allowed
    if any(mark in text for mark in ("_target_", "${")):
        return Problem(key, "not allowed; write the value itself", shown(text))
    if key == "experiment":
        return Problem(key, "an experiment is not part of one run; choose system, scenario or run", shown(text))
    if key in CHOSEN:
        if override.is_add() or override.is_force_add() or override.is_delete():
            return Problem(key, "is chosen, not added or taken away", shown(text), f"{key}=NAME")
        return _choice_problem(key, value)
    return None


def _choice_problem(key: str, value: Any) -> Problem | None:
    names = value if isinstance(value, list) and key == "scenario" else [value]
    if not names:
        return Problem(key, "names no file", "[]", f"{key}=NAME")
    for name in names:
        if not isinstance(name, str) or not FILE_NAME.fullmatch(name):
            return Problem(key, "not the name of a file", shown(name), "letters, digits and _")
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    return None if twice is None else Problem(key, "named twice", shown(twice))


def _choices(override: Any) -> list[str]:
    value = override.value()
    return [str(name) for name in value] if isinstance(value, list) else [str(value)]


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
    """

    fixed: list[str]
    axes: dict[str, list[str]]
    globbed: frozenset[str]
    executor: dict[str, Any]
    experiment: str


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
    asked = Asked([], {}, frozenset(), {}, "")
    executor: list[Any] = []
    globbed: set[str] = set()
    for text, override in _understood(overrides, problems):
        key = override.key_or_group
        if key.split(".")[0] == "executor":
            executor.append(override)
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
    settings = _executor(executor, config_dir, problems)
    if problems:
        raise ScenarioError(problems)
    return replace(asked, executor=settings, globbed=frozenset(globbed))


def _name_of(override: Any, problems: list[Problem]) -> str:
    value = override.value()
    if override.is_sweep_override() or not isinstance(value, str) or not FILE_NAME.fullmatch(value):
        got = shown(override.input_line)
        problems.append(Problem(override.key_or_group, "not the name of one file", got, "letters, digits and _"))
        return ""
    return value


def _values(override: Any, config_dir: Path | None, most: int) -> list[str]:
    """Values of an axis as they are written."""
    from hydra.errors import HydraException

    key, value = override.key_or_group, override.value()
    if type(value).__name__ == "Glob":
        if key not in CHOSEN:
            text = f"glob() chooses among files, of {', '.join(CHOSEN)}"
            raise ScenarioError([Problem(key, text, shown(override.input_line))])
        found = [str(name) for name in value.filter(list(sources(key, config_dir)))]
    elif not override.is_discrete_sweep():
        raise ScenarioError(
            [Problem(key, "interval() has no values; give choices or range()", shown(override.input_line))]
        )
    else:
        if getattr(value, "shuffle", False):
            raise ScenarioError([Problem(key, "shuffle() is not allowed: results do not depend on the order")])
        try:
            found = [str(one) for one in islice(override.sweep_string_iterator(), most + 1)]
        except (HydraException, ValueError, OverflowError) as error:
            raise ScenarioError([Problem(key, shown(str(error)), shown(override.input_line))]) from None
    if not 0 < len(found) <= most:
        got = f"more than {most}" if found else "none"
        raise ScenarioError([Problem(key, f"`{shown(override.input_line)}`: number of values", got, f"1 to {most}")])
    return found


def _executor(overrides: Sequence[Any], config_dir: Path | None, problems: list[Problem]) -> dict[str, Any]:
    """Settings of the executor: its file, and what the command line changes in it."""
    settings: dict[str, Any] = {}
    for override in overrides:
        key, value = override.key_or_group, override.value()
        if override.is_sweep_override() or override.is_delete() or override.package is not None:
            problems.append(Problem(key, "takes one value", shown(override.input_line)))
        elif key == "executor":
            settings = {**_executor_file(_name_of(override, problems), config_dir, problems), **settings}
        elif key.count(".") != 1:
            problems.append(Problem(key, "not a setting of an executor", shown(override.input_line)))
        else:
            settings[key.partition(".")[2]] = value
    problems += refused({"executor": settings})
    return settings


def _executor_file(name: str, config_dir: Path | None, problems: list[Problem]) -> dict[str, Any]:
    known = sources("executor", config_dir)
    if name not in known:
        if name:
            problems.append(Problem("executor", "there is no executor of this name", name, suggestion(name, known)))
        return {}
    try:
        return read_yaml_file(known[name].path)
    except YamlError as error:
        problems.append(Problem(str(known[name]), str(error)))
        return {}


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
