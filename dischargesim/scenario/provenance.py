"""Where the numbers of a scenario come from: each with its unit and the evidence that stands for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from dischargesim.scenario.distribution_base import BaseDistribution
from dischargesim.scenario.fields import Facts, field_facts, step
from dischargesim.scenario.schema import Evidence, Scenario

_NOT_PARAMETERS = {"run", "evidence", "census", "system", "scenario"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number, or a distribution, that a scenario gives.

    Attributes
    ----------
    path : str
        Where it stands in the scenario.
    value : str
        As a reader sees it.
    unit : str
        Empty where the schema gives none.
    evidence : Evidence or None
        The entry whose path fits best; None where nothing stands for it.
    """

    path: str
    value: str
    unit: str
    evidence: Evidence | None


def parameters(scenario: Scenario) -> list[Parameter]:
    """Every number that the scenario gives (what it leaves to the defaults is in the JSON Schema).

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    list of Parameter
        In the order of the schema.
    """
    patterns = [(_pattern(key), key, evidence) for key, evidence in scenario.evidence.items()]
    return [
        Parameter(path, value, unit, _best(path, patterns))
        for path, value, unit in _numbers(scenario, Facts((Scenario,)), "")
    ]


def _pattern(key: str) -> re.Pattern[str]:
    """Paths that an evidence key stands for: itself and all below it; `*` is any one key."""
    parts = [r"[^.]+" if part == "*" else re.escape(part) for part in key.split(".")]
    return re.compile(r"\.".join(parts) + r"(\..*)?")


def _best(path: str, patterns: list[tuple[re.Pattern[str], str, Evidence]]) -> Evidence | None:
    """The most particular of the entries that fit: the longest path, then the one with the fewest stars."""
    fitting = [(key, evidence) for pattern, key, evidence in patterns if pattern.fullmatch(path)]
    return max(fitting, key=lambda one: (one[0].count("."), -one[0].count("*")))[1] if fitting else None


def _numbers(value: Any, facts: Facts, path: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(value, BaseDistribution):
        yield path, _in_words(value), facts.unit
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            info = type(value).model_fields[name]
            if name in value.model_fields_set and not (path == "" and name in _NOT_PARAMETERS):
                yield from _numbers(getattr(value, name), field_facts(info), f"{path}.{name}" if path else name)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            below = step(facts, str(key)) or Facts(())
            yield from _numbers(inner, below, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and all(isinstance(one, int | float) for one in value):
        yield path, ", ".join(f"{one:g}" for one in value[:24]) + (" ..." if len(value) > 24 else ""), facts.unit
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, f"{value:g}" if isinstance(value, float) else str(value), facts.unit
    elif isinstance(value, date):
        return


def _in_words(distribution: BaseDistribution) -> str:
    """Kind and numbers of a distribution, such as `lognormal, mean 801, median 462`."""
    data = distribution.model_dump(exclude_none=True, exclude_defaults=True)
    kind = str(getattr(distribution, "kind", ""))
    numbers = {key: f"{value:g}" if isinstance(value, int | float) else str(value) for key, value in data.items()}
    rest = ", ".join(f"{key} {number}" for key, number in numbers.items() if key != "kind")
    return f"{kind}, {rest}" if rest else kind
