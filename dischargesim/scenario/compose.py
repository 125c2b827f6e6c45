"""From files and overrides to one plain mapping. The only module that knows Hydra and OmegaConf.

Every file is read by `yaml_reader` first, so Hydra is handed plain data only and never opens a file itself. What it
does here is what its users know it for: the defaults lists, the grammar of overrides, and the order in which one
layer covers another: system, then scenario, then run, then the command line.
"""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from dischargesim.scenario.fields import Facts, facts_at, keys
from dischargesim.scenario.gather import CHOSEN, FILE_NAME, Gathered, gather, refused, without_nothing
from dischargesim.scenario.levels import LEVEL, LEVELS, at_level
from dischargesim.scenario.problems import Problem, ScenarioError, shown, suggestion
from dischargesim.scenario.schema import Scenario

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
    return Composer(config_dir).compose(overrides)


class Composer:
    """Composes many scenarios of the same files: what they begin with is put together once.

    Parameters
    ----------
    config_dir : Path, optional
        The user's own folder. Its files are not looked at again once they have been read.
    """

    def __init__(self, config_dir: Path | None = None) -> None:
        self._config_dir = config_dir
        self._begun: dict[tuple[str, ...], tuple[Gathered, Any]] = {}

    def compose(self, overrides: Sequence[str]) -> Composed:
        """A scenario; see `compose`."""
        parsed = _parse(overrides)
        groups = {o.key_or_group: o for o in parsed if o.key_or_group in CHOSEN}
        level = next((str(o.value()) for o in reversed(parsed) if o.key_or_group == LEVEL), "base")
        values = [o for o in parsed if o.key_or_group not in (*CHOSEN, LEVEL)]
        picked = {name: _choices(override) for name, override in groups.items()}
        files, begun = self._files_and_base(picked)
        base = _plain(begun)
        if level != "base":
            base = at_level(base, files, level)
            begun = _as_composed(base)
        lines, problems = _checked_values(values, base)
        if problems:
            raise ScenarioError(problems)
        data = _plain(begun, lines) if lines else base
        not_allowed = list(refused(data))
        if not_allowed:
            raise ScenarioError(not_allowed)
        if len(picked.get("scenario", ())) > 1 and not any(o.key_or_group.startswith("scenario.") for o in values):
            data["scenario"] = _together(picked["scenario"], files)
        if level != "base":
            data["scenario"] = _called_by_level(data["scenario"], level)
        choices = {group: "+".join(names) for group, names in picked.items()}
        return Composed(without_nothing(data), {**CHOSEN, **files.overridden, **choices})

    def _files_and_base(self, picked: Mapping[str, Sequence[str]]) -> tuple[Gathered, Any]:
        """The files of the names picked, and what Hydra makes of them, before any value is changed."""
        chosen = tuple(_choice(group, names) for group, names in sorted(picked.items()))
        if chosen not in self._begun:
            files = gather(picked, self._config_dir)
            if files.problems:
                raise ScenarioError(files.problems)
            whole = {**picked, **({"scenario": files.scenarios} if "scenario" in picked else {})}
            with _fresh_hydra(files.nodes) as run_hydra:
                self._begun[chosen] = files, run_hydra([_choice(group, names) for group, names in whole.items()])
        return self._begun[chosen]


def _choice(group: str, names: Sequence[str]) -> str:
    return f"{group}={names[0] if len(names) == 1 else _as_list(names)}"


def _as_list(names: Sequence[str]) -> str:
    return f"[{','.join(names)}]"


def _together(names: Sequence[str], files: Gathered) -> dict[str, Any]:
    """What several scenarios, one upon the other, are called."""
    labels = [label for name in names if isinstance(label := files.nodes["scenario", name].get("scenario"), dict)]
    name = _not_too_long("_and_".join(names))
    titles = [str(label.get("title", label.get("name"))) for label in labels]
    abouts = [str(label["about"]) for label in labels if label.get("about")]
    about = {"about": " ".join(abouts)[:4000]} if abouts else {}
    return {"name": name, "title": " + ".join(titles), **about, "combines": files.scenarios}


def _called_by_level(label: Any, level: str) -> Any:
    """The label of a scenario whose numbers are those at one end of their evidence."""
    if not isinstance(label, dict):
        return label
    name, title = str(label.get("name", "")), str(label.get("title", ""))
    return {**label, "name": _not_too_long(f"{name}_{level}"), "title": f"{title} (evidence: {level})"}


def _not_too_long(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:31]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


# Overrides ---------------------------------------------------------------------------------------------------------


def _parse(overrides: Sequence[str]) -> list[Any]:
    """Overrides as Hydra understands them, each refused that could do more than give a value."""
    parsed: list[Any] = []
    problems: list[Problem] = []
    for text, override in understood(overrides, problems):
        problem = _override_problem(text, override, override.value())
        if problem is None:
            parsed.append(override)
        else:
            problems.append(problem)
    if problems:
        raise ScenarioError(problems)
    return parsed


def understood(overrides: Sequence[str], problems: list[Problem]) -> Iterator[tuple[str, Any]]:
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
    if key == LEVEL and (value not in LEVELS or override.is_add() or override.is_force_add() or override.is_delete()):
        return Problem(key, "not a level of the evidence", shown(text), f"evidence= {', '.join(LEVELS)}")
    if key == "experiment":
        return Problem(key, "an experiment is not one run; `dischargesim sweep` runs it", shown(text))
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


def listed(override: Any, most: int) -> list[str] | str:
    """Values of an override that gives several, as they are written, at most one more than `most`; or what is wrong."""
    from hydra.errors import HydraException

    if not override.is_discrete_sweep():
        return "interval() has no values; give choices or range()"
    if getattr(override.value(), "shuffle", False):
        return "shuffle() is not allowed: results do not depend on the order"
    try:
        return [str(one) for one in islice(override.sweep_string_iterator(), most + 1)]
    except (HydraException, ValueError, OverflowError) as error:
        return str(error)


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


def _run_hydra(lines: Sequence[str]) -> Any:
    """What Hydra makes of the choices."""
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    try:
        return hydra.compose("config", overrides=list(lines))
    except (HydraException, OmegaConfBaseException) as error:
        raise _cannot_be_put_together(error) from None


def _plain(composed: Any, lines: Sequence[str] = ()) -> dict[str, Any]:
    """Plain data of what Hydra put together, with values changed as Hydra changes them."""
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    try:
        if lines:
            composed = copy.deepcopy(composed)
            ConfigLoaderImpl._apply_overrides_to_config(OverridesParser.create().parse_overrides(list(lines)), composed)
        return cast("dict[str, Any]", OmegaConf.to_container(composed, resolve=False))
    except (HydraException, OmegaConfBaseException) as error:
        raise _cannot_be_put_together(error) from None


def _as_composed(data: dict[str, Any]) -> Any:
    """Plain data as Hydra would have put it together."""
    from omegaconf import OmegaConf

    return OmegaConf.create(data, flags={"struct": True})


def _cannot_be_put_together(error: Exception) -> ScenarioError:
    return ScenarioError([Problem("", f"cannot be put together: {shown(str(error).partition(chr(10))[0])}")])
