"""The page of the scenario library: what each shipped scenario changes, on what evidence, and what it then moves.

``python -m dischargesim.report.pages.scenario_library`` runs every scenario on the same people as the system as it is
and writes docs/scenarios.md. Anyone can run it again; the effects come from the runs, the stories from the files.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dischargesim.experiment.compare import Figures, compare
from dischargesim.experiment.expected import Judged, in_words, judge
from dischargesim.experiment.pairing import Run, why_not
from dischargesim.experiment.replicate import replicate
from dischargesim.measures import MEASURES, measure_index
from dischargesim.scenario.files import sources
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.problems import ScenarioError
from dischargesim.scenario.schema import Evidence, Scenario
from dischargesim.scenario.yaml_reader import read_yaml_file

if TYPE_CHECKING:
    import pandas as pd

REPLICATIONS = 16
"""Enough for the sign of what is expected to be sure, on the same people."""
_RUN = ("run.days=365", "run.engine=auto")
_GROUPS = {"mechanism": "Mechanisms", "place": "Places", None: "Others"}
_WATCHED = (("nctr_remaining", "people ready and still in"), ("beds_occupied", "beds occupied"))


def names() -> list[str]:
    """Shipped scenarios in order of name, but for the system as it is."""
    return [name for name in sources("scenario") if name != "baseline"]


@dataclass
class Library:
    """Shipped scenarios run on the same people; each is run when it is first asked for, and kept.

    Attributes
    ----------
    replications : int
    workers : int
        Processes.
    """

    replications: int = REPLICATIONS
    workers: int = 1
    _figures: dict[str, tuple[Scenario, Figures]] = field(default_factory=dict)
    _compared: dict[str, pd.DataFrame] = field(default_factory=dict)

    def scenario(self, name: str) -> Scenario:
        """A scenario upon the average system."""
        return self._run(name)[0]

    def compared(self, name: str) -> pd.DataFrame:
        """A scenario held against what its file says, as from `compare.compare`.

        Raises
        ------
        ScenarioError
            If the two cannot be paired.
        """
        if name not in self._compared:
            scenario, figures = self._run(name)
            other, baseline = self._run(scenario.scenario.against)
            numbers = figures.replication
            problems = why_not(Run(baseline.label, other, numbers, ""), Run(figures.label, scenario, numbers, ""))
            if problems:
                raise ScenarioError(problems)
            self._compared[name] = compare(baseline, [figures])
        return self._compared[name]

    def judged(self, name: str) -> list[Judged]:
        """What a scenario's file expects, held against what was found."""
        found = self.compared(name)
        return [judge(expected, found) for expected in self.scenario(name).scenario.expect]

    def _run(self, name: str) -> tuple[Scenario, Figures]:
        if name not in self._figures:
            scenario = load_scenario([*_RUN, f"scenario={name}"])
            values = replicate(scenario, self.replications, workers=self.workers).values
            figures = Figures(name, measure_index(scenario), np.arange(self.replications), values)
            self._figures[name] = scenario, figures
        return self._figures[name]

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Titles of the measures."""
        return {measure.name: measure.title for measure in MEASURES}


# The page -----------------------------------------------------------------------------------------------------------


def own_evidence(name: str) -> dict[str, Evidence]:
    """What a scenario's own file gives as evidence, and not the system or what it combines."""
    data = read_yaml_file(sources("scenario")[name].path)
    return {path: Evidence.model_validate(entry) for path, entry in data.get("evidence", {}).items()}


def _cell(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ").strip()


def _changes(name: str, scenario: Scenario) -> str:
    parts = [f"with {', '.join(f'`{other}`' for other in scenario.scenario.combines)}"] * bool(
        scenario.scenario.combines
    )
    said: dict[str, None] = {}
    for path, one in own_evidence(name).items():
        span = "" if one.low is None or one.high is None else f" ({one.low:g} to {one.high:g})"
        said.setdefault(f"{one.changes or path}{span}")
    return _cell("; ".join([*parts, *said]))


def _grades(name: str) -> str:
    grades = sorted({one.grade for one in own_evidence(name).values()})
    return ", ".join(grades)


def _effect(table: pd.DataFrame, measure: str) -> str:
    here = table[(table["measure"] == measure) & (table["group"] == "all")].iloc[0]
    if here["lower"] == here["upper"] == 0:
        return "none"
    return f"{here['difference']:+.1f} ({here['lower']:+.1f} to {here['upper']:+.1f})"


def _row(library: Library, name: str) -> str:
    scenario, table = library.scenario(name), library.compared(name)
    label = scenario.scenario
    where = f"{label.place}: " if label.place else ""
    against = "" if label.against == "baseline" else f" (against `{label.against}`)"
    effects = " | ".join(_effect(table, measure) + against for measure, _ in _WATCHED)
    story = _cell(f"{where}**{label.title}.** {label.about}")
    return f"| `{name}` | {story} | {_changes(name, scenario)} | {_grades(name)} | {effects} | {_cell(label.source)} |"


def _expectations(library: Library, chosen: Sequence[str]) -> list[str]:
    lines = ["| scenario | measure | group | expected | found, with 95% interval | met |", "|---|---|---|---|---|---|"]
    for name in chosen:
        for one in library.judged(name):
            met = "yes" if one.met else "**no**"
            found, expected = one.found, one.expected
            group = expected.group.replace("|", "and")
            lines.append(f"| `{name}` | {expected.measure} | {group} | {in_words(expected)} | {found} | {met} |")
    return lines


def _not_reproduced(library: Library, chosen: Sequence[str]) -> list[str]:
    lines = []
    for name in chosen:
        for one in library.judged(name):
            if one.expected.not_reproduced:
                what = f"{library.titles[one.expected.measure]}, {one.expected.group}"
                lines.append(
                    f"- `{name}`: {what}: evidence says {in_words(one.expected)}, found {one.found}. "
                    f"{_cell(one.expected.not_reproduced)}"
                )
    return lines or ["Nothing that a file expects failed to come out."]


def page(library: Library) -> str:
    """The page as Markdown.

    Parameters
    ----------
    library : Library

    Returns
    -------
    str
    """
    groups: dict[str | None, list[str]] = {kind: [] for kind in _GROUPS}
    for name in names():
        groups[library.scenario(name).scenario.kind].append(name)
    groups["place"].sort(key=lambda name: (library.scenario(name).scenario.place, name))
    parts = [
        "# The scenario library",
        "",
        "*For everybody who looks for a scheme that somebody has tried.*",
        "",
        "Made by `python -m dischargesim.report.pages.scenario_library`; do not edit. Each scenario ran "
        f"{library.replications} times for a year on england_average, on the same people as the system as it is. "
        "Effects are mean paired differences with their 95% intervals, at the base level of the evidence "
        "(`evidence=low` and `evidence=high` take the other ends, in the sense of benefit).",
        "",
        "An effect is what the model makes of the numbers in the file. Where these are assumptions, so is the effect: "
        "the interval says how sure the arithmetic is and nothing of how sure the numbers are. Grade A: trial or "
        "official statistic. B: matched comparison. C: before and after, or local report. D: opinion or vendor.",
        "",
    ]
    for kind, title in _GROUPS.items():
        if groups[kind]:
            heads = " | ".join(f"{head}: effect" for _, head in _WATCHED)
            parts += [f"## {title}", "", f"| scenario | story | what changes | grade | {heads} | source |"]
            parts += ["|---|---|---|---|---|---|---|", *(_row(library, name) for name in groups[kind]), ""]
    chosen = [name for kind in _GROUPS for name in groups[kind]]
    parts += [
        "## What the model does not reproduce",
        "",
        *_not_reproduced(library, chosen),
        "",
        "## What each file expects, and what was found",
        "",
        "A direction is met if the whole interval lies on that side of 0, a size if the mean lies within it, and "
        "`no change` if the whole interval lies within the margin; without a margin nothing may differ at all. "
        "A test holds every line, and that what is said not to be reproduced is not.",
        "",
        *_expectations(library, chosen),
        "",
    ]
    return "\n".join(parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the library and write the page; the first argument is the file, docs/scenarios.md if left out."""
    args = list(sys.argv[1:] if argv is None else argv)
    path = Path(args[0] if args else "docs/scenarios.md")
    path.write_text(page(Library()), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
