"""An appraisal as it is written in YAML: what things cost, who pays, what options cost, and over what years.

The field texts of these models are the comments, the documentation and the JSON Schema at once.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from dischargesim.scenario.base import Name, Part, Share, Text, number
from dischargesim.scenario.resources import SettingKind

BenefitClass = Literal["cash_releasing", "non_cash_releasing", "societal", "unmonetised"]
"""What becomes of money that is not spent, or of value that is gained."""
CLASSES: tuple[BenefitClass, ...] = ("cash_releasing", "non_cash_releasing", "societal", "unmonetised")
PAYERS = ("nhs", "local_authority", "individual")

Pounds = Annotated[float, number("pounds", 0, 1e9)]
Text1 = Annotated[str, Field(min_length=1, max_length=4000)]


class Payers(Part):
    """Who pays: shares that sum to 1."""

    nhs: Share = 0.0
    """The NHS."""
    local_authority: Share = 0.0
    """The council."""
    individual: Share = 0.0
    """The person, or the family. What individuals pay is always counted as societal."""

    @model_validator(mode="after")
    def _whole(self) -> Payers:
        total = self.nhs + self.local_authority + self.individual
        if abs(total - 1) > 1e-9:
            raise ValueError(f"expected shares that sum to 1; got {total:g}")
        return self


class Range(Part):
    """A number with the range in which it may lie."""

    base: Pounds
    """Most likely value."""
    low: Pounds
    """Lower end of the range."""
    high: Pounds
    """Upper end of the range."""

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if not self.low <= self.base <= self.high:
            raise ValueError(f"expected low <= base <= high; got {self.low:g}, {self.base:g}, {self.high:g}")
        return self


class Price(Range):
    """Pounds, with their range, price year, source and payer. What they are pounds of stands where the price does."""

    price_year: Text1
    """Year of the prices, such as `2022/23`. Nothing is uplifted from one year to another."""
    source: Text1
    """Publication and year; begins with `assumption` where there is none."""
    grade: Literal["A", "B", "C", "D", "derived", "assumption"]
    """A: official statistic. B: study. C: local report. D: press or opinion. Derived: worked out from a source."""
    pays: Payers = Payers(nhs=1.0)
    """Who pays it."""
    benefit: BenefitClass = "cash_releasing"
    """Class of what changes: `cash_releasing` where a budget really rises or falls."""

    @model_validator(mode="after")
    def _honest(self) -> Price:
        if (self.grade == "assumption") != self.source.lower().startswith("assumption"):
            raise ValueError("grade `assumption` and a source that begins with `assumption` go together")
        if self.benefit == "unmonetised":
            raise ValueError("what has a price is not unmonetised; list measures without one under unmonetised")
        return self


HOURS = "hours a week"
"""Unit of capacity of settings that give hours of care."""

Per = Literal["open_day", "used_day", "person_day", "care_hour"]


class SettingPrice(Price):
    """What a setting costs: exactly one of its figures times a price."""

    per: Per
    """`open_day`: a unit of capacity provided for a day, used or not. `used_day`: a unit in use for a day.
    `person_day`: a person in it for a day. `care_hour`: an hour of care delivered, where capacity is in hours a
    week."""
    unit: Text | None = None
    """Unit of capacity that the price is for, such as `visits a day`: settings with another unit do not have this
    price. Any unit if left out."""


class TeamPrice(Price):
    """What an hour of a team's staff costs."""

    per: Literal["hour_on_duty", "hour_worked"] = "hour_on_duty"
    """`hour_on_duty`: every hour of staff in the team's hours, busy or not. `hour_worked`: hours spent on tasks."""


class TaskPrice(Price):
    """What a task costs each time that it is done."""

    covers: Literal["all", "besides_staff"] = "all"
    """`all`: the whole task; refused where its team is paid by the hour, since that would count staff twice.
    `besides_staff`: equipment, vehicles and the like."""


class Opportunity(Price):
    """What something is worth to others, which is no cash."""

    benefit: BenefitClass = "non_cash_releasing"
    """`non_cash_releasing` or `societal`."""

    @model_validator(mode="after")
    def _not_cash(self) -> Opportunity:
        if self.benefit == "cash_releasing":
            raise ValueError(
                "benefit: not cash_releasing: the bed is used by the next person. Cash is released where a scenario "
                "has fewer beds open, which settings show (expected non_cash_releasing or societal)"
            )
        return self


class Effect(Opportunity):
    """What a counted event is worth: any stored measure that is a number of people or days."""

    measure: Name
    """Name of a measure of the data dictionary whose unit is people or days in the counted days."""
    group: Text = "all"
    """Its group."""
    good: bool = False
    """More of it is a benefit; otherwise more of it is a cost."""
    discount: Literal["money", "health"] = "money"
    """`health` for effects on health or life alone, which are discounted at a rate of their own."""


class Factor(Part):
    """A share with the range in which it may lie."""

    base: Annotated[float, number("share", 0, 10)] = 1.0
    """Most likely value."""
    low: Annotated[float, number("share", 0, 10)] = 1.0
    """Lower end of the range."""
    high: Annotated[float, number("share", 0, 10)] = 1.0
    """Upper end of the range."""

    @model_validator(mode="after")
    def _in_order(self) -> Factor:
        if not self.low <= self.base <= self.high:
            raise ValueError(f"expected low <= base <= high; got {self.low:g}, {self.base:g}, {self.high:g}")
        return self


Bias = Annotated[float, number("share added", 0, 5, plausible=(0, 0.6))]
Offset = Annotated[int, number("years after the first", 0, 60)]


class Option(Part):
    """What an option costs beyond what the simulation shows: getting it going, and running it."""

    set_up: dict[Name, Price] = {}
    """Paid once, line by line, pounds."""
    running: dict[Name, Price] = {}
    """Paid each year from `starts_in`, line by line, pounds a year. Nothing that settings, teams or tasks cost
    already."""
    set_up_in: Offset = 0
    """Year of the set-up costs; the first year is 0."""
    starts_in: Offset = 0
    """First year of the running costs and of everything that the simulation shows."""
    optimism_bias: Bias | None = None
    """Share added to set-up and running costs; that of the appraisal if left out."""
    effect: Factor = Factor()
    """Share of the simulated benefits (bed days, admissions, effects) that is counted; below 1 to be careful."""

    @model_validator(mode="after")
    def _set_up_first(self) -> Option:
        if self.set_up_in > self.starts_in:
            raise ValueError(f"set_up_in comes after starts_in (got {self.set_up_in} and {self.starts_in})")
        return self


class SettingPrices(Part):
    """Prices of settings: by name, and for all others by kind."""

    kinds: dict[SettingKind, SettingPrice] = {}
    """By kind of setting."""
    names: dict[Name, SettingPrice] = {}
    """By name of the setting; goes before its kind."""
    paid_elsewhere: list[Name] = []
    """Settings whose cost stands among the running costs of options."""

    def price_of(self, name: str, kind: SettingKind, unit: str) -> tuple[str, SettingPrice] | None:
        """Where the price of a setting stands, and the price: by name before kind, if it is for that unit."""
        for path, price in (
            (f"settings.names.{name}", self.names.get(name)),
            (f"settings.kinds.{kind}", self.kinds.get(kind)),
        ):
            if price is not None and price.unit in (None, unit) and (price.per != "care_hour" or unit == HOURS):
                return path, price
        return None

    @model_validator(mode="after")
    def _beds_cost_once(self) -> SettingPrices:
        acute = self.kinds.get("acute")
        if acute is not None and acute.per != "open_day":
            raise ValueError(f"kinds.acute: {HOSPITAL_BEDS} (got {acute.per}, expected open_day)")
        return self


HOSPITAL_BEDS = (
    "a hospital bed is paid for whether it is used or not; what a day of it is worth to others stands under "
    "delayed_bed_day, and a price for its use would count that day twice"
)


class TeamPrices(Part):
    """Prices of teams: by name, and one for all others."""

    others: TeamPrice | None = None
    """Of teams that are not named; they cost nothing if left out."""
    names: dict[Name, TeamPrice] = {}
    """By name of the team."""
    paid_elsewhere: list[Name] = []
    """Teams whose cost stands among the running costs of options, or within that of a setting."""


class AppraisalLabel(Part):
    """What an appraisal is called."""

    title: Text1
    """What the reader sees."""
    about: Text = ""
    """What it covers, and what it leaves out."""


class Appraisal(Part):
    """What things cost and are worth, and over what years options are held against a baseline."""

    appraisal: AppraisalLabel
    """What it is called."""
    years: Annotated[int, number("years", 1, 60, plausible=(1, 30))] = 10
    """Years of the appraisal; each is like the year that was simulated."""
    rates: Text1 = "green_book"
    """Set of discount rates, of those in the table of discount rates."""
    optimism_bias: Bias = 0.0
    """Share added to the set-up and running costs of options."""
    settings: SettingPrices = SettingPrices()
    """Places that hold people."""
    teams: TeamPrices = TeamPrices()
    """Staff who do tasks."""
    tasks: dict[Name, TaskPrice] = {}
    """Tasks, pounds each, by name."""
    delayed_bed_day: Opportunity
    """Value to others of a day of a hospital bed that becomes free: a delayed day less, or a day that nobody was
    admitted for. Pounds a bed day."""
    avoided_admission: Opportunity
    """Value of an admission that does not happen, apart from its bed days, which count at `delayed_bed_day`. Pounds an
    admission."""
    effects: dict[Name, Effect] = {}
    """Further events that have a value, pounds each."""
    unmonetised: list[Name] = []
    """Measures that have no price and are shown beside the money."""
    options: dict[Text1, Option] = {}
    """What options cost beyond what is simulated, by label of the option or name of its scenario; several may apply."""
    draws: Annotated[int, number("draws", 100, 100_000)] = 2000
    """Draws of unit costs and of the simulation's means, to see how uncertain the result is."""
    seed: Annotated[int, number("seed", 0, 2**63)] = 20261121
    """Of these draws; the same for all options."""
