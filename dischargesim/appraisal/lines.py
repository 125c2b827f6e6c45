"""What a scenario costs and what it is worth, line by line: a quantity a year times a price.

There are two accounts, and they are never added without saying so:

- **budget**: what is paid for. Settings, teams, tasks. A hospital bed costs what it costs whether it is used or not.
- **opportunity**: what hospital beds are worth to those who could use them. Delayed bed days are part of the beds in
  the budget; the value of such a day stands here and never in the budget, so that no bed day is paid twice. Events with
  a value of their own (`effects`) stand here too.

A setting or team that is split between localities counts as a whole, and so once. Each has one price, and a price is
of one figure alone: capacity open, capacity in use, people or hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dischargesim.appraisal.schema import HOSPITAL_BEDS, Appraisal, Price, SettingPrice
from dischargesim.experiment.compare import Figures
from dischargesim.measures import MEASURES
from dischargesim.scenario.levels import LEVELS
from dischargesim.scenario.problems import Problem, ScenarioError, suggestion
from dischargesim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Account = Literal["budget", "opportunity"]
Item = Literal["setting", "team", "task", "delayed_bed_days", "avoided_bed_days", "avoided_admissions", "effect"]

DAYS_A_YEAR = 365.0
"""Days that a year of an appraisal has."""
WEEKS_A_YEAR = DAYS_A_YEAR / 7
_HAVE_A_LINE = ("nctr_", "dtoc_", "avoided_", "rate_", "setting_", "team_", "task_", "bed")
"""Measures that settings, teams, tasks and bed days are costed by."""
_EVENTS = {
    measure.name: measure.unit
    for measure in MEASURES
    if measure.formula.startswith("number") and measure.unit in ("people", "people a week")
    if not measure.name.startswith(("people_", "stays_", *_HAVE_A_LINE))
}
"""Measures that count events in the counted days, or weeks of them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A quantity with a price.

    Attributes
    ----------
    account : {"budget", "opportunity"}
    item : str
        What kind of thing it is.
    name : str
        Which of them: of a setting, team, task or effect.
    path : str
        Where the price stands in the appraisal.
    price : Price
    unit : str
        Of the quantity, such as ``beds x days, open``.
    cost : bool
        More of it costs; otherwise more of it is worth something.
    health : bool
        Discounted at the rate for health.
    """

    account: Account
    item: str
    name: str
    path: str
    price: Price
    unit: str
    cost: bool = True
    health: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same line in another scenario."""
        return self.item, self.name


@dataclass(frozen=True, slots=True)
class Ledger:
    """Lines of a scenario with their quantities.

    Attributes
    ----------
    label : str
    scenarios : frozenset of str
        Names of the scenario and of those that it combines, by which options are known.
    replication : ndarray of int64, (n,)
    lines : list of Line
    quantities : ndarray of float64, (n, lines)
        A year, replication by replication.
    beds_open : ndarray of float64, (n,)
        Bed days a year of hospital beds open that have a price in the budget.
    unmonetised : Figures
        The measures that the appraisal names without a price.
    notes : list of str
        What is not costed, and why.
    """

    label: str
    scenarios: frozenset[str]
    replication: NDArray[np.int64]
    lines: list[Line]
    quantities: Floats
    beds_open: Floats
    unmonetised: Figures
    notes: list[str]

    def of(self, item: str, name: str = "") -> Floats:
        """Quantity a year of a line; 0 where there is none."""
        for at, line in enumerate(self.lines):
            if line.key == (item, name):
                found: Floats = self.quantities[:, at]
                return found
        return np.zeros(len(self.replication))


def ledger(scenario: Scenario, figures: Figures, appraisal: Appraisal) -> Ledger:
    """Cost a scenario.

    Parameters
    ----------
    scenario : Scenario
    figures : Figures
        What its replications came to.
    appraisal : Appraisal

    Returns
    -------
    Ledger

    Raises
    ------
    ScenarioError
        If a price would count something twice, or is of a measure that has no number to price.
    """
    found = _Read(scenario, figures, appraisal)
    lines = [*found.settings(), *found.teams(), *found.tasks(), *found.beds(), *found.effects()]
    if found.problems:
        raise ScenarioError(found.problems)
    quantities = np.stack([values for _, values in lines], axis=1)
    there = [line for line, _ in lines]
    beside = _only(figures, appraisal.unmonetised)
    names, days = _names(scenario), scenario.run.days
    if abs(days - DAYS_A_YEAR) > 1:
        found.notes.append(f"Figures of {days} counted days stand for a year: seasons are not all in them.")
    return Ledger(figures.label, names, figures.replication, there, quantities, found.open, beside, found.notes)


def _names(scenario: Scenario) -> frozenset[str]:
    """Names of a scenario and of those that it combines; at either end of its evidence it is the same."""
    name = scenario.scenario.name
    for level in LEVELS:
        name = name.removesuffix(f"_{level}")
    return frozenset([name, *scenario.scenario.combines])


def _only(figures: Figures, measures: Sequence[str]) -> Figures:
    """The figures of some measures, each for everybody."""
    at = [at for at, row in enumerate(figures.rows) if row.measure in measures and row.group == "all"]
    return Figures(figures.label, [figures.rows[i] for i in at], figures.replication, figures.values[:, at].copy())


class _Read:
    """The figures of a scenario, by measure and group."""

    def __init__(self, scenario: Scenario, figures: Figures, appraisal: Appraisal) -> None:
        self._scenario, self._values, self._appraisal = scenario, figures.values, appraisal
        self._at: Mapping[tuple[str, str], int] = {(row.measure, row.group): at for at, row in enumerate(figures.rows)}
        self.open = np.zeros(len(figures.values))
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def _figure(self, measure: str, group: str = "all") -> Floats:
        found: Floats = self._values[:, self._at[measure, group]]
        return found

    @property
    def _a_year(self) -> float:
        """What turns a sum over the counted days into one over a year."""
        return DAYS_A_YEAR / self._scenario.run.days

    # Budget ---------------------------------------------------------------------------------------------------------

    def settings(self) -> Iterator[tuple[Line, Floats]]:
        """Places that hold people."""
        for name, setting in self._scenario.settings.items():
            if setting.kind == "home" or name in self._appraisal.settings.paid_elsewhere:
                continue
            found = self._appraisal.settings.price_of(name, setting.kind, setting.unit_name)
            if found is None:
                self.notes.append(
                    f"Not costed: setting {name} ({setting.kind}, {setting.unit_name}) has no price in that unit."
                )
                continue
            path, price = found
            if setting.kind == "acute" and price.per != "open_day":
                self.problems.append(Problem(f"appraisal.{path}.per", HOSPITAL_BEDS, price.per, "open_day"))
                continue
            quantity, unit = self._setting_quantity(name, setting.unit_name, price)
            if setting.kind == "acute":
                self.open = self.open + quantity
            yield Line("budget", "setting", name, path, price, unit), quantity

    def _setting_quantity(self, name: str, unit: str, price: SettingPrice) -> tuple[Floats, str]:
        """Quantity a year, and what it is."""
        group = f"setting={name}"
        if price.per == "person_day":
            return self._figure("setting_people", group) * DAYS_A_YEAR, "people x days"
        in_use = self._figure("setting_in_use", group)
        if price.per == "care_hour":
            return in_use * WEEKS_A_YEAR, "hours of care"
        if price.per == "used_day":
            return in_use * DAYS_A_YEAR, f"{unit} x days, in use"
        capacity = self._figure("setting_capacity", group)
        if np.isnan(capacity).any():
            self.notes.append(f"Setting {name} is unlimited: costed by what is in use, as if no place stood empty.")
        return np.where(np.isnan(capacity), in_use, capacity) * DAYS_A_YEAR, f"{unit} x days, open"

    def teams(self) -> Iterator[tuple[Line, Floats]]:
        """Staff, by the hour."""
        prices = self._appraisal.teams
        for name in self._scenario.teams:
            if name in prices.paid_elsewhere:
                continue
            price, path = prices.names.get(name), f"teams.names.{name}"
            if price is None:
                price, path = prices.others, "teams.others"
            if price is None:
                self.notes.append(f"Not costed: team {name} has no price.")
                continue
            worked, unit = self._figure("team_work", f"team={name}"), "hours worked"
            quantity = worked
            if price.per == "hour_on_duty":
                on_duty, unit = self._figure("team_hours", f"team={name}"), "hours on duty"
                if np.isnan(on_duty).any():
                    self.notes.append(f"Team {name} is unlimited: costed by the hours that it works.")
                quantity = np.where(np.isnan(on_duty), worked, on_duty)
            yield Line("budget", "team", name, path, price, unit), quantity * WEEKS_A_YEAR

    def tasks(self) -> Iterator[tuple[Line, Floats]]:
        """Tasks, each time that they are done."""
        for name, price in self._appraisal.tasks.items():
            if name not in self._scenario.tasks:
                continue
            paid = [team for team in self._teams_of(name) if self._paid_by_the_hour(team)]
            if price.covers == "all" and paid:
                text = f"its team {paid[0]} is paid by the hour, which would count its staff twice"
                self.problems.append(Problem(f"appraisal.tasks.{name}.covers", text, "all", "besides_staff"))
                continue
            line = Line("budget", "task", name, f"tasks.{name}", price, "times done")
            yield line, self._figure("task_done", f"task={name}") * WEEKS_A_YEAR

    def _teams_of(self, task: str) -> Iterator[str]:
        team, trusted = self._scenario.tasks[task].team, self._scenario.trusted_assessors
        if team is not None:
            yield team
        if trusted is not None and trusted.task == task:
            yield trusted.team

    def _paid_by_the_hour(self, team: str) -> bool:
        prices = self._appraisal.teams
        return team not in prices.paid_elsewhere and (team in prices.names or prices.others is not None)

    # Opportunity ----------------------------------------------------------------------------------------------------

    def beds(self) -> Iterator[tuple[Line, Floats]]:
        """Bed days that others could use, and admissions that did not happen."""
        bed_day, admission = self._appraisal.delayed_bed_day, self._appraisal.avoided_admission
        people, days = self._rate_effects()
        delayed = self._figure("nctr_bed_days_lost") * self._a_year
        avoided_days = self._figure("avoided_bed_days") * self._a_year + days
        avoided = self._figure("avoided_net") * self._a_year + people
        place = "delayed_bed_day"
        yield Line("opportunity", "delayed_bed_days", "", place, bed_day, "bed days lost to delays"), delayed
        line = Line("opportunity", "avoided_bed_days", "", place, bed_day, "bed days of admissions avoided", cost=False)
        yield line, avoided_days
        line = Line(
            "opportunity", "avoided_admissions", "", "avoided_admission", admission, "admissions avoided", cost=False
        )
        yield line, avoided

    def _rate_effects(self) -> tuple[Floats, Floats]:
        """Admissions a year that rate ratios keep away, less those that they add, and the days these would need.

        A cohort's mean stay stands for the stays of those who are kept away: who they would have been is not stored.
        """
        people = np.zeros(len(self._values))
        days = people.copy()
        for name, cohort in self._scenario.cohorts.items():
            if self._scenario.settings[cohort.setting].kind != "acute" or not cohort.arrivals.effects:
                continue
            stays = cohort.stay_days_by_pathway
            mean = sum(share * stays.get(key, cohort.stay_days).mean() for key, share in cohort.pathways.items())
            for effect in cohort.arrivals.effects:
                group = f"effect={name}/{effect}"
                net = (self._figure("rate_averted", group) - self._figure("rate_added", group)) * self._a_year
                people, days = people + net, days + net * mean
        return people, days

    def effects(self) -> Iterator[tuple[Line, Floats]]:
        """Events with a value of their own."""
        for name, effect in self._appraisal.effects.items():
            path, measure = f"appraisal.effects.{name}.measure", effect.measure
            if measure.startswith(_HAVE_A_LINE):
                text = "is costed already by settings, teams, tasks or bed days"
                self.problems.append(Problem(path, text, measure))
            elif measure not in _EVENTS:
                there = suggestion(measure, _EVENTS) or "a measure that counts people or cancellations"
                self.problems.append(Problem(path, "does not count events", measure, there))
            elif (measure, effect.group) not in self._at:
                self.notes.append(f"Not costed: effect {name}: there is no {measure} ({effect.group}) here.")
            else:
                weekly = _EVENTS[measure].endswith("a week")
                quantity = self._figure(measure, effect.group) * (WEEKS_A_YEAR if weekly else self._a_year)
                health = effect.discount == "health"
                line = Line("opportunity", "effect", name, f"effects.{name}", effect, "people", not effect.good, health)
                yield line, quantity
