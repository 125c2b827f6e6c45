"""Demand: who comes, how often, for how long, and what may happen to them while they wait."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from dischargesim.scenario.base import HazardPerDay, Name, Part, PerDay, Ratio, Share, Text, Weight, meta, number
from dischargesim.scenario.distributions import Distribution
from dischargesim.scenario.hours import DAYS, MONTHS, Day, Hours
from dischargesim.scenario.journeys import StayDays

HospitalDays = Annotated[Distribution, meta("days", (0.02, 60))]
"""A stay in hospital: much shorter than one in a care home, so that a week given in hours is noticed."""
Month = Literal[
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip


class Surge(Part):
    """A time of more (or less) demand, with a name."""

    title: Text
    """What the reader sees, such as `Influenza`."""
    first_day: date
    """First day of the surge."""
    last_day: date
    """Last day of the surge."""
    ratio: Ratio
    """Demand as a multiple of what it would be."""

    @model_validator(mode="after")
    def _in_order(self) -> Surge:
        if self.last_day < self.first_day:
            raise ValueError("last_day comes before first_day")
        return self


class Effect(Part):
    """A change of the rate at which people come that is taken from evidence, not modelled as a service."""

    title: Text
    """What the reader sees, such as `GP support in care homes`."""
    ratio: Ratio
    """Rate ratio: below 1 fewer come, above 1 more."""
    hours: Hours | None = None
    """Hours in which it applies; day and night if left out."""


class Arrivals(Part):
    """How often people come."""

    per_day: PerDay | None = None
    """Mean number of people a day."""
    daily_counts: Annotated[str, Field(max_length=300)] | list[Annotated[int, number("people", 0, 100_000)]] | None = (
        None
    )
    """Instead of a rate: a CSV file with columns date and count, that many people come on each day."""
    hours: Annotated[list[Weight], Field(min_length=24, max_length=24)] | None = None
    """Weight of each hour of the day from midnight; even if left out."""
    weekdays: dict[Day, Weight] = {}
    """Weight of each day of the week; days left out have 1."""
    months: dict[Month, Weight] = {}
    """Weight of each month; months left out have 1."""
    growth_a_year: Annotated[float, number("share a year", -0.9, 5, plausible=(-0.1, 0.1))] = 0.0
    """Growth of demand a year, such as 0.02."""
    surges: dict[Name, Surge] = {}
    """Times of more or less demand."""
    effects: dict[Name, Effect] = {}
    """Rate ratios from evidence; the admissions they avert or add are counted apart from those of services."""

    @model_validator(mode="after")
    def _one_source(self) -> Arrivals:
        if (self.per_day is None) == (self.daily_counts is None):
            raise ValueError("give either per_day or daily_counts")
        if self.hours is not None and sum(self.hours) == 0:
            raise ValueError("the weights of the hours are all 0")
        for weights, all_of in ((self.weekdays, DAYS), (self.months, MONTHS)):
            if len(weights) == len(all_of) and sum(weights.values()) == 0:
                raise ValueError("the weights are all 0")
        return self


class WhileDelayed(Part):
    """What may happen to a person who is ready but still waiting, as competing risks from the moment of being ready."""

    pathways: list[Name] = []
    """Pathways whose people it applies to; all of them if left out."""
    setback_per_day: HazardPerDay = 0.0
    """Becomes unfit to leave again."""
    setback_days: HospitalDays | None = None
    """Days until fit again after a setback."""
    death_per_day: HazardPerDay = 0.0
    """Dies. Much of this hazard is frailty, not delay."""
    recovery_per_day: HazardPerDay = 0.0
    """Recovers so far that the pathway's `recovers_to` is enough."""
    decline_per_day: HazardPerDay = 0.0
    """Declines so far that the pathway's `declines_to` is needed."""

    @model_validator(mode="after")
    def _setback_has_days(self) -> WhileDelayed:
        if self.setback_per_day > 0 and self.setback_days is None:
            raise ValueError("setback_per_day needs setback_days")
        return self


class Readmission(Part):
    """People who come back to the hospital after they have left it."""

    share: Share
    """Share of those who leave alive."""
    after_days: StayDays
    """Days from leaving until they come back."""
    stay_days: HospitalDays
    """Days of the second hospital stay until ready."""


class Cohort(Part):
    """People with one pattern of arrival and one clinical profile."""

    title: Text
    """What the reader sees."""
    arrivals: Arrivals
    """How often they come."""
    setting: Name = "acute"
    """Setting they come to."""
    patience_days: Annotated[float, number("days", 0, 10_000)] | None = None
    """Days they wait to be let in before they give up; 0: at once or not at all; for ever if left out."""
    elective: bool = False
    """Planned admissions: those who are not let in count as cancelled."""
    stay_days: HospitalDays
    """Days from coming in until no longer meeting the criteria to reside."""
    stay_days_by_pathway: dict[Name, HospitalDays] = {}
    """The same for people of one pathway, where it differs."""
    pathways: dict[Name, Share]
    """Share of the people on each discharge pathway; sums to 1."""
    while_delayed: WhileDelayed | None = None
    """What may happen while they wait to leave."""
    readmission: Readmission | None = None
    """Coming back; at most once a person."""
    age_bands: dict[Name, Share] = {}
    """Share of the people in each age band, for results by age; sums to 1 where given."""
    deprivation: dict[Name, Share] = {}
    """Share of the people in each group of deprivation, for results by it; sums to 1 where given."""
    priority: Annotated[int, number("rank, smaller first", 0, 1000)] = 100
    """Who is let in first where people wait; equal ranks in order of asking."""


class Service(Part):
    """A service that may avoid an admission: tried before the acute bed, and takes real capacity."""

    title: Text
    """What the reader sees."""
    setting: Name
    """Setting that holds the person meanwhile."""
    eligible: dict[Name, Share]
    """Share of each cohort for whom it would do."""
    hours: Hours | None = None
    """Hours in which it takes people; day and night if left out."""
    succeeds: Share
    """Share of those taken who need no admission after all."""
    stay_days: StayDays
    """Days in the service of those for whom it succeeds."""
    fails_after_days: StayDays
    """Days in the service of those who are admitted after all."""
    units: Annotated[int, number("units", 1, 1000)] = 1
    """Units of the setting's capacity that one person takes."""
