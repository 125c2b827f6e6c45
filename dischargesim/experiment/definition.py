"""An experiment as it is written in YAML: which scenarios, what varies, how often, and what is compared with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, ValidationError, model_validator

from dischargesim.experiment.precision import Precision
from dischargesim.scenario.base import Name, Part, Text, number
from dischargesim.scenario.explain import explain
from dischargesim.scenario.files import Source, sources
from dischargesim.scenario.problems import Problem, ScenarioError, suggestion
from dischargesim.scenario.yaml_reader import YamlError, read_yaml_file

MOST_POINTS = 10_000
"""Points of a sweep."""

Value = bool | int | float | Text
Upon = Annotated[list[Name], Field(min_length=1)]
Count = Annotated[int, number("replications", 1, 100_000)]


class Question(Part):
    """What an experiment is called and what it is to tell."""

    title: Text
    """What the reader sees."""
    question: Text = ""
    """What it is to tell, in a sentence or two."""


class UntilPrecise(Part):
    """Replications until the intervals of the measures named are narrow enough."""

    least: Count = 10
    """Replications to begin with."""
    most: Count = 200
    """Replications after which it ends in any case, and says which measure was not met."""
    batch: Count = 10
    """Replications added at a time."""
    precision: Annotated[list[Precision], Field(min_length=1, max_length=100)]
    """How narrow; all of them have to be met."""

    @model_validator(mode="after")
    def _in_order(self) -> UntilPrecise:
        if self.least > self.most:
            raise ValueError(f"least is more than most ({self.least} and {self.most})")
        return self


def _kind(given: Any) -> str:
    return "rule" if isinstance(given, Mapping | UntilPrecise) else "number"


HowOften = Annotated[
    Annotated[Count, Tag("number")] | Annotated[UntilPrecise, Tag("rule")],
    # So that what is wrong with a rule is not explained by its not being a number.
    Discriminator(_kind),
]


class Experiment(Part):
    """Scenarios that are run and compared on the same people."""

    experiment: Question
    """What it is called and what it is to tell."""
    base: list[Text] = []
    """What holds for every point, as on the command line: `system=small`, `run.days=180`."""
    options: dict[Text, list[Text]] = {}
    """Points by the name that the reader sees, each with what it changes, as on the command line."""
    scenarios: Annotated[list[Name | Annotated[list[Name], Field(min_length=1)]], Field(min_length=1)] | Text | None = (
        None
    )
    """Scenarios by name; a list of names within the list is one scenario upon the other. Or `glob(*)` for all that go
    with the system."""
    grid: dict[Text, Annotated[list[Value], Field(min_length=1)] | Text] = {}
    """What varies, by its path, and its values: a list, or `range(80,121,20)`. Each value is tried with each of the
    others."""
    design: Text | None = None
    """A CSV file beside this one with a column for each path that varies, and a row for each point; a column `label`
    gives them names."""
    replications: HowOften | None = None
    """How often each point is run, or until what is precise enough; what its scenario says if left out."""
    compare_to: Text | None = None
    """Label of the point that the others are compared with."""

    @model_validator(mode="after")
    def _one_way(self) -> Experiment:
        if self.options and self.scenarios is not None:
            raise ValueError("give options or scenarios, not both: an option names its scenario (scenario=...)")
        if "grid" in self.model_fields_set and not self.grid:
            raise ValueError("grid: nothing varies in it; name a path and its values, or leave it out")
        return self


def read_experiment(name: str, config_dir: Path | None = None) -> tuple[Experiment, Source]:
    """The experiment of this name, of the user's own folder or shipped.

    Raises
    ------
    ScenarioError
        With every problem that was found.
    """
    known = sources("experiment", config_dir)
    if name not in known:
        raise ScenarioError(
            [Problem("experiment", "there is no experiment of this name", name, suggestion(name, known))]
        )
    source = known[name]
    try:
        data = read_yaml_file(source.path)
    except YamlError as error:
        raise ScenarioError([Problem(str(source), str(error))]) from None
    try:
        return Experiment.model_validate(data), source
    except ValidationError as error:
        raise ScenarioError(_in_file(source, explain(error.errors(), data, Experiment))) from None


def _in_file(source: Source, problems: Sequence[Problem]) -> list[Problem]:
    return [
        Problem(f"{source}: {p.path}" if p.path else str(source), p.problem, p.got, p.expected, p.unit)
        for p in problems
    ]


def until_precise(data: Any) -> UntilPrecise:
    """The rule from plain data, as a sweep keeps it."""
    return UntilPrecise.model_validate(data)
