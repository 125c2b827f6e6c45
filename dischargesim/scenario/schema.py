"""The scenario: everything that a run is made from, checked before anything runs.

The field texts of these models are the comments, the documentation and the JSON Schema at once.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from dischargesim.scenario.base import Name, Part, Share, Text, meta, number
from dischargesim.scenario.demand import Cohort, Service
from dischargesim.scenario.distributions import Distribution
from dischargesim.scenario.hours import Nation
from dischargesim.scenario.journeys import Pathway
from dischargesim.scenario.resources import Setting, Task, Team
from dischargesim.scenario.start import Census, OccupiedAtStart


class Label(Part):
    """What a system or a scenario is called."""

    name: Name
    """Short name, used for the results folder; the name of its file if left out."""
    title: Text
    """What the reader sees."""
    about: Text = ""
    """What it stands for, and what it leaves out."""


class Expected(Part):
    """What a scenario is expected to move, or to leave alone, on the same people.

    A change is sure if its 95% interval, from the differences replication by replication, leaves out 0.
    """

    measure: Name
    """Name of a measure of the data dictionary."""
    group: Text = "all"
    """Its group, such as `pathway=P3` or `care=all | organisation=social_care`."""
    direction: Literal["lower", "higher", "no_change"]
    """Which way it moves. `no_change` without `high`: not in any replication, not even in the last digit."""
    low: Annotated[float, number("unit of the measure", 0, 1e9)] | None = None
    """Least size of the mean change, without a sign, where evidence says how much it is."""
    high: Annotated[float, number("unit of the measure", 0, 1e9)] | None = None
    """Greatest size of the mean change; with `no_change` the interval must lie within it on both sides of 0."""
    relative: bool = False
    """`low` and `high` are shares of the figure in the system as it is, such as 0.06 for 6%."""
    why: Text = ""
    """What the expectation rests on."""
    not_reproduced: Text = ""
    """Says that the model does not do this, and what is at fault: the mechanism, the parameter or the evidence."""

    @model_validator(mode="after")
    def _sizes_fit(self) -> Expected:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low is more than high")
        if self.direction == "no_change" and self.low is not None:
            raise ValueError("no_change has no low; give high, the greatest change that counts as none")
        return self


class ScenarioLabel(Label):
    """What a scenario is called, where it comes from, what it is made of and what it is expected to do."""

    kind: Literal["mechanism", "place"] | None = None
    """`mechanism`: one thing that can be done anywhere. `place`: what somebody did somewhere."""
    place: Text = ""
    """Who did it and where; places only."""
    source: Text = ""
    """Publication that tells of it."""
    combines: list[Name] = []
    """Scenario files that come before this one, as if all were chosen together: `scenario=[first,second,this]`."""
    against: Name = "baseline"
    """The scenario that it is held against; the system as it is if left out."""
    expect: list[Expected] = []
    """What it is expected to move, or to leave alone, against that."""

    @model_validator(mode="after")
    def _places_say_where(self) -> ScenarioLabel:
        if (self.kind == "place") != bool(self.place):
            raise ValueError("kind `place` and place (who and where) go together")
        return self


class Evidence(Part):
    """Where a number comes from and how sure it is."""

    source: Text
    """Publication and year, or the reasoning; begins with `assumption` where there is no source."""
    grade: Literal["A", "B", "C", "D", "derived", "fitted", "assumption"]
    """A: trial or official statistic. B: matched comparison. C: before and after, or local report. D: opinion."""
    changes: Text = ""
    """What it changes, in a few words, such as `share of homes that accept the assessment`."""
    low: float | None = None
    """Lower end of the plausible range."""
    high: float | None = None
    """Upper end of the plausible range."""
    better: Literal["lower", "higher"] = "higher"
    """The end with the greater benefit: `evidence=high` on the command line takes the number at that end for what a
    scenario file changes, `evidence=low` the one at the other. `lower` for a rate ratio of admissions."""

    @model_validator(mode="after")
    def _in_order(self) -> Evidence:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low is more than high; `better: lower` says that less is better")
        return self


class DischargeToAssess(Part):
    """People leave the hospital first and are assessed where they go: the assessment tasks move to the next setting."""

    share: Share = 0.0
    """Share of the people on these pathways who are discharged to assess."""
    pathways: list[Name] = []
    """Pathways it applies to."""


class TrustedAssessors(Part):
    """One assessor whose assessment the care homes accept, instead of each home's own visit."""

    coverage: Share = 0.0
    """Share of care-home places whose homes accept the trusted assessor."""
    task: Name
    """The task they do instead of the home's own manager."""
    team: Name
    """The team of trusted assessors."""
    work_hours: Annotated[Distribution, meta("hours of staff time", (0.05, 40))]
    """Staff time an assessment takes."""


class Run(Part):
    """How long to run, how often, and from which seed."""

    days: Annotated[int, number("days", 1, 36_500, plausible=(7, 3700))] = 365
    """Data collection period."""
    warm_up_days: Annotated[int, number("days", 0, 36_500)] = 90
    """Days simulated before the data collection period and not counted."""
    replications: Annotated[int, number("runs", 1, 100_000)] = 10
    """Independent runs; the intervals come from their spread."""
    seed: Annotated[int, number("seed", 0, 2**63)] = 20261121
    """Same scenario, seed and version: same results."""
    engine: Literal["auto", "simpy", "compiled"] = "auto"
    """How it is computed; the results do not differ."""
    workers: Annotated[int, number("processes", 0, 1024)] = 0
    """Processes on this machine; 0: one for each core."""


def _in_living_memory(day: date) -> date:
    if not 1990 <= day.year <= 2100:
        raise ValueError("expected a date from 1990 to 2100")
    return day


class Scenario(Part):
    """A whole system of hospital, discharge teams and community services, and how to run it."""

    system: Label
    """The system of hospital, teams and community services: `system=` on the command line."""
    scenario: ScenarioLabel = ScenarioLabel(name="baseline", title="Baseline")
    """What is changed in that system: `scenario=` on the command line."""
    start_date: Annotated[date, AfterValidator(_in_living_memory)]
    """Calendar date of the first counted day; the warm-up comes before it."""
    nation: Nation = "England"
    """Whose bank holidays apply."""
    localities: dict[Name, Share] = {}
    """Share of the people who live in each locality; sums to 1. Settings and teams are split where they say so."""
    settings: Annotated[dict[Name, Setting], Field(min_length=1)]
    """Places that hold people."""
    teams: dict[Name, Team] = {}
    """Staff who do tasks."""
    tasks: dict[Name, Task] = {}
    """Work to be done before a person can leave."""
    pathways: Annotated[dict[Name, Pathway], Field(min_length=1)]
    """What follows the hospital stay."""
    cohorts: Annotated[dict[Name, Cohort], Field(min_length=1)]
    """Who comes."""
    services: dict[Name, Service] = {}
    """Services that may avoid an admission, tried in this order."""
    discharge_to_assess: DischargeToAssess = DischargeToAssess()
    """Leave first, be assessed afterwards."""
    trusted_assessors: TrustedAssessors | None = None
    """One assessment that all homes accept."""
    start: dict[Name, OccupiedAtStart] = {}
    """How full a setting is when the run starts, with the right remaining stays; a number alone is the share of its
    capacity. Settings left out start empty."""
    census: Census = []
    """People who are in when the run starts, one by one: a CSV file whose columns are the fields of a census person."""
    evidence: dict[str, Evidence] = {}
    """Where the numbers come from: a path such as `cohorts.*.stay_days` and its source."""
    run: Run = Run()
    """How long, how often, which seed."""

    @property
    def short_name(self) -> str:
        """Name of system and scenario together, such as `small-baseline`."""
        return f"{self.system.name}-{self.scenario.name}"
