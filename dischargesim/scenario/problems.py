"""Problems and warnings in the words of a planner: one line each, with the path in the YAML."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that keeps a scenario from running.

    Attributes
    ----------
    path : str
        Where it is, such as ``cohorts.frail.stay_days.mean``; a file name where the file cannot be read.
    problem : str
        What is wrong, and how to mend it.
    got, expected, unit : str
        What was found and what would be right; empty where there is nothing to say.
    """

    path: str
    problem: str
    got: str = ""
    expected: str = ""
    unit: str = ""

    def __str__(self) -> str:
        details = [f"got {self.got}"] if self.got else []
        details += [f"expected {self.expected}"] if self.expected else []
        details += [self.unit.split(",")[0]] if self.unit and details else []
        text = f"{self.path}: {self.problem}" if self.path else self.problem
        return one_line(f"{text} ({', '.join(details)})" if details else text)


@dataclass(frozen=True, slots=True)
class Warning_:
    """Something that runs, but that a reader should look at.

    Attributes
    ----------
    path : str
        Where it is in the scenario.
    text : str
        What to look at.
    """

    path: str
    text: str

    def __str__(self) -> str:
        return one_line(f"{self.path}: {self.text}")


class ScenarioError(ValueError):
    """A scenario that cannot be used, with every problem that was found in it.

    Parameters
    ----------
    problems : sequence of Problem
        At least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def one_line(text: str) -> str:
    """The text on one line and free of control characters, whatever was in the input."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


def shown(value: Any) -> str:
    """A value as a reader sees it, shortened if long."""
    if isinstance(value, Mapping):
        text = "keys " + ", ".join(str(key) for key in list(value)[:6]) if value else "nothing"
    elif isinstance(value, list | tuple):
        text = f"a list of {len(value)}"
    elif value is None:
        text = "nothing"
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, float) and math.isfinite(value):
        text = f"{value:.10g}"
    elif isinstance(value, int) and abs(value) >= 10**15:
        # Python refuses to write out integers of thousands of digits.
        text = f"a number of about {int(value.bit_length() * math.log10(2)) + 1} digits"
    else:
        text = str(value)
    text = one_line(text)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def suggestion(wrong: Any, names: Iterable[str]) -> str:
    """What could have been meant: a close name, else the whole list if it is short, else nothing."""
    known = [str(name) for name in names]
    close = get_close_matches(wrong[:80], known, n=1, cutoff=0.6) if isinstance(wrong, str) else []
    if close:
        return f"{close[0]}?"
    if known and len(", ".join(known)) <= 120:
        return f"one of {', '.join(known)}" if len(known) > 1 else known[0]
    return ""
