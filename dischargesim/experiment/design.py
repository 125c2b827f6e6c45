"""The points of a sweep: from an experiment and a command line to labelled scenarios, with every problem at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from pathlib import Path

from dischargesim.experiment.definition import MOST_POINTS, Experiment, Value
from dischargesim.scenario.asked import Asked, asked_for
from dischargesim.scenario.compose import Composer
from dischargesim.scenario.csv_files import CsvError, find_csv, read_rows
from dischargesim.scenario.files import data_folders
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.problems import Problem, ScenarioError, shown
from dischargesim.scenario.schema import Scenario

_LONGEST_LABEL = 80
_BY_NAME = ("scenario", "system", "run", "option")
"""What is varied by names that speak for themselves."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A point as it is asked for.

    Attributes
    ----------
    label : str
        Empty where nothing varies: the name of its scenario then.
    varied : dict of str to str
    overrides : list of str
        What it is made of, as on the command line.
    """

    label: str
    varied: dict[str, str]
    overrides: list[str]


@dataclass(frozen=True, slots=True)
class _Step:
    """One of the values along an axis."""

    label: str
    varied: dict[str, str]
    overrides: list[str]


@dataclass(slots=True)
class Points:
    """The points of a sweep.

    Attributes
    ----------
    planned : list of Planned
    scenarios : list of Scenario
        One for each of them.
    left_out : list of str
        Scenarios that `glob()` found and that do not go with the system, a line each.
    """

    planned: list[Planned]
    scenarios: list[Scenario] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def plan_points(
    experiment: Experiment | None, asked: Asked, folders: Sequence[Path] = (), config_dir: Path | None = None
) -> Points:
    """The points of a sweep, each with its scenario loaded and checked.

    Parameters
    ----------
    experiment : Experiment or None
    asked : Asked
        What the command line adds: what varies there is tried with everything in the experiment.
    folders : sequence of Path
        Where the experiment's CSV file is looked for.
    config_dir : Path, optional
        The user's own folder.

    Raises
    ------
    ScenarioError
        With every problem of every point.
    """
    base = [*(experiment.base if experiment else ()), *asked.fixed]
    left_out: list[str] = []
    composer = Composer(config_dir)

    def load(overrides: Sequence[str]) -> Scenario:
        return build_scenario(composer.compose(overrides).data, data_folders(config_dir))

    axes = _axes(experiment, asked, folders, config_dir, lambda name: load([*base, f"scenario={name}"]), left_out)
    fixed = {text.partition("=")[0].lstrip("+~") for text in asked.fixed}
    steps = [step for axis in axes for step in axis]
    changed = {text.partition("=")[0].lstrip("+~") for step in steps for text in step.overrides}
    twice = fixed & (changed | {name for step in steps for name in step.varied})
    if twice:
        raise ScenarioError(
            [Problem(name, "varies in this sweep, and cannot have one value too") for name in sorted(twice)]
        )
    points = prod(len(axis) for axis in axes)
    if points > MOST_POINTS:
        raise ScenarioError([Problem("sweep", "too many points", f"{points:,}", f"at most {MOST_POINTS:,}")])
    planned = _with_labels([_together(base, steps) for steps in product(*axes)], axes)
    result = Points(planned, left_out=left_out)
    problems: dict[Problem, list[str]] = {}
    for point in planned:
        try:
            result.scenarios.append(load(point.overrides))
        except ScenarioError as error:
            for problem in error.problems:
                problems.setdefault(problem, []).append(point.label)
    if problems:
        raise ScenarioError([_of_points(problem, labels, len(planned)) for problem, labels in problems.items()])
    return result


def _of_points(problem: Problem, labels: Sequence[str], points: int) -> Problem:
    """A problem with the points that have it; not where all of them do."""
    if len(labels) == points:
        return problem
    more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
    path = f"{labels[0]}{more}: {problem.path}"
    return Problem(path, problem.problem, problem.got, problem.expected, problem.unit)


# Axes ---------------------------------------------------------------------------------------------------------------


def _axes(
    experiment: Experiment | None,
    asked: Asked,
    folders: Sequence[Path],
    config_dir: Path | None,
    load: Callable[[str], Scenario],
    left_out: list[str],
) -> list[list[_Step]]:
    """What varies: a list of steps for each axis. What the command line varies takes the place of the same axis."""
    written = {name.lstrip("+"): name for name in asked.axes}
    values: dict[str, list[str]] = {}
    rows: list[dict[str, str]] = []
    globbed = set(asked.globbed)
    options: Mapping[str, Sequence[str]] = {}
    if experiment is not None:
        options = experiment.options
        if experiment.scenarios is not None:
            values["scenario"] = _scenarios(experiment.scenarios, config_dir, globbed)
        for path, given in experiment.grid.items():
            values[path] = _grid_values(path, given, config_dir)
        if experiment.design is not None:
            rows = _design_rows(experiment.design, folders)
    values |= {name: asked.axes[key] for name, key in written.items()}
    if "scenario" in globbed:
        values["scenario"] = _that_fit(values["scenario"], load, left_out)
    names = [*values, *(rows[0] if rows else ())]
    axes = [[_Step(name, {"option": name}, list(overrides)) for name, overrides in options.items()]] if options else []
    axes += [[_step(name, written.get(name, name), text, names) for text in texts] for name, texts in values.items()]
    if rows:
        axes.append([_row_step(row, names) for row in rows])
    return axes


def _scenarios(given: Sequence[str | list[str]] | str, config_dir: Path | None, globbed: set[str]) -> list[str]:
    if not isinstance(given, str):
        return [f"[{','.join(one)}]" if isinstance(one, list) else one for one in given]
    found = asked_for([f"scenario={given}"], config_dir)
    globbed |= found.globbed
    return found.axes.get("scenario", [given])


def _grid_values(path: str, given: Sequence[Value] | str, config_dir: Path | None) -> list[str]:
    """Values of an axis as on the command line."""
    if not isinstance(given, str):
        return [str(value).lower() if isinstance(value, bool) else str(value) for value in given]
    found = asked_for([f"{path}={given}"], config_dir, MOST_POINTS)
    return next(iter(found.axes.values()), [given])


def _design_rows(name: str, folders: Sequence[Path]) -> list[dict[str, str]]:
    try:
        rows = [row for _, row in read_rows(find_csv(name, folders), [], as_written=True)]
    except CsvError as error:
        raise ScenarioError([Problem("design", str(error), shown(name))]) from None
    if not rows:
        raise ScenarioError([Problem("design", "there are no points in it", shown(name), "a row for each point")])
    if not set(rows[0]) - {"label"}:
        raise ScenarioError(
            [Problem("design", "nothing varies in it", shown(name), "a column for each path that varies")]
        )
    return rows


def _that_fit(names: Sequence[str], load: Callable[[str], Scenario], left_out: list[str]) -> list[str]:
    """Of the scenarios that there are, those that go with the system; all of them if none does, to be told why."""
    fit, refused = [], []
    for name in names:
        try:
            load(name)
            fit.append(name)
        except ScenarioError as error:
            refused.append(f"scenario {name} is left out: it does not go with the system ({error.problems[0]})")
    if fit:
        left_out += refused
    return fit or list(names)


def _step(name: str, key: str, text: str, names: Sequence[str]) -> _Step:
    plain = text.strip("'\"")
    if name in _BY_NAME:
        plain = "+".join(part.strip() for part in plain.strip("[]").split(","))
        return _Step(plain, {name: plain}, [f"{key}={text}"])
    return _Step(f"{_short(name, names)}={plain}", {name: plain}, [f"{key}={text}"])


def _row_step(row: Mapping[str, str], names: Sequence[str]) -> _Step:
    values = {path: text for path, text in row.items() if path != "label" and text}
    steps = [_step(path, path, text, names) for path, text in values.items()]
    label = row.get("label") or ", ".join(step.label for step in steps)
    return _Step(label, values, [override for step in steps for override in step.overrides])


def _short(name: str, names: Iterable[str]) -> str:
    """The shortest end of a path that no other of the names has: `capacity`, or `reablement.capacity`."""
    parts = name.split(".")
    others = [f".{other}" for other in names if other not in (name, "label")]
    for size in range(1, len(parts)):
        end = ".".join(parts[-size:])
        if not any(other.endswith(f".{end}") for other in others):
            return end
    return name


def _together(base: Sequence[str], steps: Sequence[_Step]) -> Planned:
    varied = {name: text for step in steps for name, text in step.varied.items()}
    overrides = [*base, *(override for step in steps for override in step.overrides)]
    return Planned(", ".join(step.label for step in steps), varied, overrides)


def _with_labels(points: Sequence[Planned], axes: Sequence[Sequence[_Step]]) -> list[Planned]:
    """The points with labels that are not too long and unlike each other; what never changes is not said."""
    silent = [len(axis) == 1 and len(points) > 1 for axis in axes]
    if any(silent):
        spoken = [
            [step.label for step, mute in zip(steps, silent, strict=True) if not mute] for steps in product(*axes)
        ]
        points = [Planned(", ".join(s), p.varied, p.overrides) for s, p in zip(spoken, points, strict=True)]
    labelled: list[Planned] = []
    taken: set[str] = set()
    for number, point in enumerate(points, start=1):
        label = point.label
        if len(label) > _LONGEST_LABEL or label in taken:
            label = f"{label[: _LONGEST_LABEL - 8]} ({number})"
        taken.add(label)
        labelled.append(Planned(label, point.varied, point.overrides))
    return labelled
