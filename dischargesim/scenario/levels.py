"""The level of the evidence: one switch that takes what scenario files change to either end of what is known.

Only numbers for which a scenario file gives evidence move, and only where the file's own number still stands: those of
the system stay, and so does what another file or the command line has changed since.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dischargesim.scenario.gather import Gathered
from dischargesim.scenario.problems import Problem, ScenarioError

LEVEL = "evidence"
"""What the switch is called on the command line."""
LEVELS = ("low", "base", "high")
"""Little benefit, as in the file, and much benefit."""

Path = tuple[str, ...]


def at_level(data: Mapping[str, Any], files: Gathered, level: str) -> dict[str, Any]:
    """What the files come to, with the numbers of scenario files at one end of their evidence.

    Parameters
    ----------
    data : mapping
        What the files come to as they are.
    files : Gathered
    level : str
        ``low`` or ``high``, in the sense of benefit.

    Raises
    ------
    ScenarioError
        If a range stands for no single number of its file.
    """
    changed, problems = copy.deepcopy(dict(data)), []
    for (group, name), node in files.nodes.items():
        evidence = node.get("evidence") if group == "scenario" else None
        for pattern, entry in evidence.items() if isinstance(evidence, dict) else ():
            number = _number(entry, level)
            if number is None:
                continue
            found = [path for path in _numbers(node) if _fits(pattern, path)]
            if not found:
                where = f"scenario/{name}: evidence.{pattern}"
                problems.append(Problem(where, f"{level} stands for no single number that this file gives"))
            for path in found:
                if _at(data, path) == _at(node, path):
                    _at(changed, path[:-1])[path[-1]] = number
    if problems:
        raise ScenarioError(problems)
    return changed


def _number(entry: Any, level: str) -> Any:
    """The number at that end of the benefit; None where the entry gives none."""
    if not isinstance(entry, Mapping):
        return None
    more_is_better = entry.get("better", "higher") == "higher"
    return entry.get("high" if (level == "high") == more_is_better else "low")


def _fits(pattern: Any, path: Path) -> bool:
    parts = [r"[^.]+" if part == "*" else re.escape(part) for part in str(pattern).split(".")]
    return re.fullmatch(r"\.".join(parts), ".".join(path)) is not None


def _numbers(data: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of the single numbers in plain data, less what describes them."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if path or key not in ("evidence", "scenario", "defaults"):
                yield from _numbers(value, (*path, str(key)))
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield path


def _at(data: Any, path: Path) -> Any:
    for key in path:
        if not isinstance(data, Mapping):
            return None
        data = data.get(key)
    return data
