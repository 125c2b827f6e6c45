"""The scenario: everything that a run is made from, checked before anything runs.

The field texts of these models are the comments, the documentation and the JSON Schema at once.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

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


class Evidence(Part):
    """Where a number comes from and how sure it is."""

    source: Text
    """Publication and year, or the reasoning; begins with `assumption` where there is no source."""
    grade: Literal["A", "B", "C", "D", "derived", "fitted", "assumption"]
    """A: trial or official statistic. B: matched comparison. C: before and after, or local report. D: opinion."""
    low: float | None = None
    """Lower end of the plausible range."""
    high: float | None = None
    """Upper end of the plausible range."""


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
    scenario: Label = Label(name="baseline", title="Baseline")
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
