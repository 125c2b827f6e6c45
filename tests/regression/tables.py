"""Figures with fixed decimals, of each system and of all mechanisms at once: what a change does to them.

``python -m tests.regression.tables`` rewrites all tables and says which line CHANGELOG.md must have. The difference
belongs into the commit that causes it.
"""

from __future__ import annotations

import re
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np

from dischargesim.engine import simulate
from dischargesim.measures import measure_index, measure_values
from dischargesim.plan.draw import draw_plan
from dischargesim.scenario.load import load_scenario

FOLDER = Path(__file__).parent
CHANGELOG = FOLDER.parents[1] / "CHANGELOG.md"
CONFIG = FOLDER.parent / "config"
COMMAND = "python -m tests.regression.tables"
TABLES: dict[str, tuple[list[str], int]] = {
    "small": (["system=small", "run.days=91", "run.warm_up_days=28", "run.seed=1"], 1),
    "england_average": (["system=england_average", "run.days=28", "run.warm_up_days=14", "run.seed=1"], 3),
    "bnssg_2023": (["system=bnssg_2023", "run.days=91", "run.seed=1"], 3),
    "every_mechanism": (
        ["system=england_average", "scenario=every_mechanism", "run.days=28", "run.warm_up_days=14", "run.seed=1"],
        3,
    ),
}
"""Overrides and replications of each table; few, as the figures are to change with the model and to mean nothing."""

_SAID = re.compile(r"^Numbers change: (yes|no)\b", re.MULTILINE)
_TABLES = re.compile(r"^- Tables ([0-9a-f]{12}): (.+)$", re.MULTILINE)


def path(name: str) -> Path:
    """Where a table stands."""
    return FOLDER / f"{name}.csv"


def table(name: str) -> str:
    """A table as text: measure, group, unit and mean over the replications, without the long lists by code."""
    overrides, replications = TABLES[name]
    scenario = load_scenario(overrides, CONFIG if name == "every_mechanism" else None)
    every = []
    for number in range(replications):
        plan = draw_plan(scenario, number)
        every.append(measure_values(plan, simulate(plan, "auto")))
    rows = zip(measure_index(scenario), np.mean(every, axis=0), strict=True)
    lines = [f"{row.measure},{row.group},{row.unit},{value:.4f}" for row, value in rows if "code=" not in row.group]
    return "\n".join(["measure,group,unit,value", *lines]) + "\n"


def digest(texts: list[str]) -> str:
    """A short number of the tables, that another set of tables does not have."""
    return sha256("\f".join(texts).encode()).hexdigest()[:12]


def stored() -> dict[str, str]:
    """The tables as they stand in the folder."""
    return {name: path(name).read_text(encoding="utf-8") for name in TABLES}


def problems_of(changelog: str, now: str) -> list[str]:
    """What is wrong with what a changelog says of the tables, a line each.

    Every set of tables since the last release has a line ``- Tables <number>: <why>`` in the section Unreleased, newest
    last; that section says ``Numbers change: yes`` if the newest is not that of the last release, and ``no`` if it is.

    Parameters
    ----------
    changelog : str
        The text of CHANGELOG.md.
    now : str
        Number of the tables that stand in the folder.
    """
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    if not sections or not sections[0].startswith("[Unreleased]"):
        return ["CHANGELOG.md: expected ## [Unreleased] as the first section"]
    said = _SAID.findall(sections[0])
    if len(said) != 1:
        return [f"CHANGELOG.md, Unreleased: expected one line 'Numbers change: yes' or 'no' (got {len(said)})"]
    here = [number for number, _ in _TABLES.findall(sections[0])]
    before = [number for section in sections[1:] for number, _ in _TABLES.findall(section)[-1:]]
    released = before[0] if before else ""
    problems = []
    if ([released, *here][-1]) != now:
        problems.append(f"CHANGELOG.md, Unreleased: the tables changed; say why: '- Tables {now}: ...'")
    expected = "no" if now == released else "yes"
    if said[0] != expected:
        problems.append(f"CHANGELOG.md, Unreleased: expected 'Numbers change: {expected}' (got {said[0]})")
    return problems


def main() -> None:
    """Write all tables."""
    for name in TABLES:
        path(name).write_text(table(name), encoding="utf-8", newline="\n")
        sys.stderr.write(f"{path(name)}\n")
    for problem in problems_of(CHANGELOG.read_text(encoding="utf-8"), digest(list(stored().values()))):
        sys.stderr.write(f"{problem}\n")


if __name__ == "__main__":
    main()
