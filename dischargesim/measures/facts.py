"""What the measures need to know of a scenario: arrays by the plan's numbers, and the labels of every breakdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dischargesim.measures.registry import Measure, Row
from dischargesim.scenario.hours import DAYS
from dischargesim.scenario.journeys import destinations
from dischargesim.scenario.once import once
from dischargesim.scenario.places import placed_settings, placed_teams
from dischargesim.scenario.reasons import DTOC_CODES, FAMILIES, REASONS
from dischargesim.scenario.resources import Setting, Team
from dischargesim.scenario.schema import Scenario

Ints = NDArray[np.signedinteger[Any]]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Indices = NDArray[np.uint32]
"""Row numbers, without a sign: compiled code need not ask whether they count from the end."""

UNSTATED = "unstated"
"""Reason, and family, of waiting for a place in a setting that gives no reason; its DToC code is O."""
ORGANISATIONS = ("nhs", "social_care", "both")
CARE = ("acute", "non_acute")
STAGES = ("waiting_for_team", "being_done", "waiting_for_place", "moving_in")
OUTCOMES = ("setback", "death", "recovery", "decline", "switch", "mutual_aid")
AT_HOME_WAITING = "at_home_waiting"
"""Place of people at home who wait for a service: settings of the kind ``home``."""
ENTRANCES = ("in_at_start", "arrived", "home")
"""What people come in to a place from, other than another place."""
EXITS = ("home", "died", "care_ended", "elsewhere", "still_in")
"""What becomes of people in a place who do not go on to another one."""
NON_ACUTE_KINDS = frozenset({"community_bed", "step_up"})
NOT_HOME_KINDS = frozenset({"acute", "community_bed", "step_up", "care_home"})
SHORT_TERM_KINDS = frozenset({"reablement", "community_bed"})
NOT_BEDS = -1
"""Value of `Facts.care` of a setting where nobody counts as a delayed transfer."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons that delays of a scenario can have, numbered; the last number is `UNSTATED`.

    Attributes
    ----------
    of_task, of_place, of_move_in : ndarray of int
        Reason of each task kind, of waiting for each setting, and of its move-in hours.
    family, sub_reason : ndarray of int
        Of each reason: position in the axes of these names.
    pair : ndarray of int, reason x organisation
        Position in the axis ``code | organisation``.
    nhs, not_both : ndarray of float
        Of each reason: the share of days that fall to the NHS, and to the NHS or social care alone.
    """

    of_task: Ints
    of_place: Ints
    of_move_in: Ints
    family: Ints
    sub_reason: Ints
    pair: Ints
    nhs: Floats
    not_both: Floats


@dataclass(frozen=True, slots=True)
class Facts:
    """What the measures need to know of a scenario.

    Attributes
    ----------
    warm_up, days : int
        Days before the counted ones, and counted ones.
    settings, teams : int
        Pools of the plan that are settings, without home, and that are teams: one that is split between localities is
        several.
    setting_wholes, team_wholes : tuple of ndarray of int
        For each setting or team that is split, the pools it is split into. In the axes they follow all pools.
    acute : ndarray of bool, one a setting, with one more for home
    care : ndarray of int, likewise
        Position in `CARE`, or `NOT_BEDS`.
    acute_setting : ndarray of int, likewise
        Position in the axis of acute settings; one past the last for other settings.
    place : ndarray of int, likewise
        Kind of place, as numbered in `places`; for home one past the last.
    places : tuple of str
        Kinds of places that there are.
    care_home, home_care, short_term, not_home : ndarray of bool, likewise
        Kind of the setting: `short_term` is reablement and community beds, and `not_home` is beds and care homes.
    discharge : ndarray of bool, one a pathway, with one more for "none"
        People on it leave hospital alive.
    pathway : ndarray of int, likewise
        Position in the axis of pathways, which leaves out those that end in death.
    comes_to_hospital : ndarray of bool, one a cohort
    comes_back : bool
        There are readmissions.
    band_of : mapping of str to ndarray of int, cohorts x bands
        For `age_band` and `deprivation`: position in the axis of each band of each cohort, with one more band for
        people who have none, who are put past the last group.
    kind_groups : mapping of str to ndarray of int
        For `cohort`, `age_band`, `deprivation` and `locality`: the group of each kind of person. Kinds count up through
        the cohorts, their bands of age and of deprivation, and the localities, the last of them fastest.
    over_prescribed, found_shows : bool
        Some people are sent to more than they need; all who are then found go on to a setting of the pathway they need.
    task_before_dtoc : ndarray of bool, one a task kind
    reasons : Reasons
    month : ndarray of int
        First counted day of each month.
    weekday : ndarray of int
        Of each counted day, 0 is Monday.
    labels : mapping of str to tuple of str
        Group labels of each axis.
    units : mapping of str to str
        Unit of the setting that a label names.
    """

    warm_up: int
    days: int
    settings: int
    teams: int
    setting_wholes: tuple[Ints, ...]
    team_wholes: tuple[Ints, ...]
    acute: Bools
    care: Ints
    acute_setting: Ints
    place: Ints
    places: tuple[str, ...]
    care_home: Bools
    home_care: Bools
    short_term: Bools
    not_home: Bools
    discharge: Bools
    pathway: Ints
    comes_to_hospital: Bools
    comes_back: bool
    band_of: Mapping[str, Ints]
    kind_groups: Mapping[str, Ints]
    over_prescribed: bool
    found_shows: bool
    task_before_dtoc: Bools
    reasons: Reasons
    month: Ints
    weekday: Ints
    labels: Mapping[str, tuple[str, ...]]
    units: Mapping[str, str]

    @staticmethod
    def of(scenario: Scenario) -> Facts:
        """Read a scenario, the first time that it is asked for."""
        return _read(scenario)

    def sizes(self, by: str) -> tuple[int, ...]:
        """How many groups each axis of a breakdown has."""
        return () if by == "all" else tuple(len(self.labels[axis]) for axis in by.split(" | "))

    def groups(self, by: str) -> list[str]:
        """Labels of the groups of a breakdown, the last axis changing fastest."""
        if by == "all":
            return ["all"]
        groups = [""]
        for axis in by.split(" | "):
            groups = [f"{group} | {label}" if group else label for group in groups for label in self.labels[axis]]
        return groups

    def rows(self, measures: Iterable[Measure]) -> list[Row]:
        """Every number of some measures, in order."""
        return [
            Row(measure.name, group, measure.unit.replace("{unit}", self.units.get(group, "units")))
            for measure in measures
            for by in measure.by
            for group in self.groups(by)
        ]


@once
def _read(scenario: Scenario) -> Facts:
    settings, teams = placed_settings(scenario), placed_teams(scenario)
    kinds = [setting.kind for setting in settings.values()] + ["home"]

    def of_kind(*wanted: str) -> Bools:
        return np.array([kind in wanted for kind in kinds])

    acute, bed = of_kind("acute"), of_kind(*NON_ACUTE_KINDS)
    discharge = np.array([*(p.kind != "death" for p in scenario.pathways.values()), False])
    places = tuple(dict.fromkeys(AT_HOME_WAITING if kind == "home" else kind for kind in kinds[:-1]))
    reasons, reason_labels = _reasons(scenario, settings)
    bands = {axis: _bands(scenario, field) for axis, field in _BANDS.items()}
    over_prescribed, found_shows = _over_prescribed(scenario)
    day = np.arange(scenario.run.days)
    months = (np.datetime64(scenario.start_date) + day).astype("M8[M]")
    first = np.flatnonzero(np.r_[True, months[1:] != months[:-1]])
    return Facts(
        warm_up=scenario.run.warm_up_days,
        days=scenario.run.days,
        settings=len(settings),
        teams=len(teams),
        setting_wholes=tuple(_wholes(settings).values()),
        team_wholes=tuple(_wholes(teams).values()),
        acute=acute,
        care=np.where(acute, 0, np.where(bed, 1, NOT_BEDS)),
        acute_setting=np.where(acute, np.cumsum(acute) - 1, acute.sum()),
        place=np.array([*(places.index(AT_HOME_WAITING if k == "home" else k) for k in kinds[:-1]), len(places)]),
        places=places,
        care_home=of_kind("care_home"),
        home_care=of_kind("home_care"),
        short_term=of_kind(*SHORT_TERM_KINDS),
        not_home=of_kind(*NOT_HOME_KINDS),
        discharge=discharge,
        pathway=np.cumsum(discharge) - 1,
        comes_to_hospital=np.array([scenario.settings[c.setting].kind == "acute" for c in scenario.cohorts.values()]),
        comes_back=any(cohort.readmission is not None for cohort in scenario.cohorts.values()),
        band_of={axis: band_of for axis, (_, band_of) in bands.items()},
        kind_groups=_kind_groups(
            len(scenario.cohorts), {axis: band_of for axis, (_, band_of) in bands.items()}, len(scenario.localities)
        ),
        over_prescribed=over_prescribed,
        found_shows=found_shows,
        task_before_dtoc=np.array([task.before_dtoc for task in scenario.tasks.values()], dtype=bool),
        reasons=reasons,
        month=first,
        weekday=(scenario.start_date.weekday() + day) % 7,
        labels={
            **_labels(scenario, settings, teams),
            **reason_labels,
            **{axis: _named(axis, names) for axis, (names, _) in bands.items()},
            "month": _named("month", months[first].astype(str)),
            "from": _named("from", (*ENTRANCES, *places)),
            "to": _named("to", (*places, *EXITS)),
        },
        units={
            f"setting={name}": setting.unit_name for name, setting in (*settings.items(), *scenario.settings.items())
        },
    )


def _named(axis: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{axis}={name}" for name in names)


_BANDS = {"age_band": "age_bands", "deprivation": "deprivation"}
"""Field of a cohort that holds the bands of an axis."""


def _bands(scenario: Scenario, field: str) -> tuple[list[str], Ints]:
    """Names of the bands of all cohorts as they are first met, and where each cohort's bands stand among them."""
    of_cohorts: list[list[str]] = [list(getattr(cohort, field)) for cohort in scenario.cohorts.values()]
    names = list(dict.fromkeys(name for bands in of_cohorts for name in bands))
    band_of = np.full((len(of_cohorts), max(map(len, of_cohorts)) + 1), len(names))
    for row, bands in zip(band_of, of_cohorts, strict=True):
        row[: len(bands)] = [names.index(name) for name in bands]
    return names, band_of


def _kind_groups(cohorts: int, band_of: Mapping[str, Ints], localities: int) -> dict[str, Ints]:
    """Groups of each kind of person, as `Facts.kind_groups` says."""
    # Without names for any band, all people have the band of those who have none, and there is one such band.
    widths = (cohorts, *(table.shape[1] for table in band_of.values()), max(localities, 1))
    cohort, *band, locality = (axis.ravel() for axis in np.indices(widths))
    bands = {axis: table[cohort, one - 1] for (axis, table), one in zip(band_of.items(), band, strict=True)}
    return {"cohort": cohort, **bands, "locality": locality}


def _wholes(pools: Iterable[str]) -> dict[str, Ints]:
    """Pools that one setting or team is split into, by its name."""
    wholes: dict[str, list[int]] = {}
    for number, pool in enumerate(pools):
        name, split, _ = pool.partition("@")
        if split:
            wholes.setdefault(name, []).append(number)
    return {name: np.array(numbers) for name, numbers in wholes.items()}


def _over_prescribed(scenario: Scenario) -> tuple[bool, bool]:
    """Whether people are sent to more than they need; whether it shows in their stays when that is found."""
    wrong = [path for path in scenario.pathways.values() if path.over_prescribed and path.over_prescribed.share > 0]
    # Those who go home without support when they are found look like those whose stay has ended.
    shows = [
        sum(option.share for option in path.next.values()) > 1 - 1e-9
        for path in wrong
        if path.over_prescribed and path.over_prescribed.found > 0
    ]
    return bool(wrong), all(shows)


def _labels(
    scenario: Scenario, settings: Mapping[str, Setting], teams: Mapping[str, Team]
) -> dict[str, tuple[str, ...]]:
    effects = [f"{name}/{key}" for name, cohort in scenario.cohorts.items() for key in cohort.arrivals.effects]
    return {
        "pathway": _named("pathway", (name for name, p in scenario.pathways.items() if p.kind != "death")),
        "setting": _named("setting", [*settings, *_wholes(settings)]),
        "acute_setting": _named("setting", (name for name, s in settings.items() if s.kind == "acute")),
        "team": _named("team", [*teams, *_wholes(teams)]),
        "task": _named("task", scenario.tasks),
        "service": _named("service", scenario.services),
        "stage": _named("stage", STAGES),
        "weekday": _named("weekday", DAYS),
        "care": _named("care", CARE),
        "organisation": _named("organisation", ORGANISATIONS),
        "outcome": _named("outcome", OUTCOMES),
        "cohort": _named("cohort", scenario.cohorts),
        "locality": _named("locality", scenario.localities),
        "effect": _named("effect", effects),
    }


def _reasons(scenario: Scenario, placed: Mapping[str, Setting]) -> tuple[Reasons, dict[str, tuple[str, ...]]]:
    settings, tasks = scenario.settings, scenario.tasks
    used = {task.reason for task in tasks.values()}
    used |= {reason for s in settings.values() for reason in (s.waiting_reason, s.move_in_reason) if reason}
    keys = [key for key in REASONS if key in used]
    there = (found for pathway in scenario.pathways.values() for found in destinations(pathway.next))
    reached = {option.setting or keys[-1] for keys, option in there}
    unstated = any(settings[name].waiting_reason is None for name in reached if name in settings)
    number: dict[str | None, int] = {None: len(keys), **{key: index for index, key in enumerate(keys)}}

    known = [REASONS[key] for key in keys]
    sub_reasons = [reason.part_of or reason.key for reason in known]
    codes = [reason.dtoc for reason in known] + ["O"]
    shares = np.array([[getattr(DTOC_CODES[code].attribution_2018_19, o) for o in ORGANISATIONS] for code in codes])
    listed = len(keys) + unstated
    families = [name for name in FAMILIES if name in {reason.family for reason in known}]
    subs = [key for key in REASONS if key in sub_reasons]
    code_axis = [code for code in DTOC_CODES if code in codes[:listed]]
    pairs = [
        (code, column)
        for code in code_axis
        for column, organisation in enumerate(ORGANISATIONS)
        if getattr(DTOC_CODES[code].attribution_2018_19, organisation) > 0
    ]
    # What is not listed gets the number after the last: it is counted in totals and cut from breakdowns.
    pair = np.array([[pairs.index((c, o)) if (c, o) in pairs else len(pairs) for o in range(3)] for c in codes])
    reasons = Reasons(
        of_task=np.array([number[task.reason] for task in tasks.values()], dtype=np.intp),
        of_place=np.array([*(number[s.waiting_reason] for s in placed.values()), number[None]]),
        of_move_in=np.array([*(number[s.move_in_reason or s.waiting_reason] for s in placed.values()), number[None]]),
        family=np.array([*(families.index(reason.family) for reason in known), len(families)]),
        sub_reason=np.array([*(subs.index(key) for key in sub_reasons), len(subs)]),
        pair=pair,
        nhs=shares[:, 0] / 100,
        not_both=(shares[:, 0] + shares[:, 1]) / 100,
    )
    extra = [UNSTATED] if unstated else []
    return reasons, {
        "family": _named("family", [*families, *extra]),
        "sub_reason": _named("sub_reason", [*subs, *extra]),
        "code": _named("code", code_axis),
        "code_organisation": tuple(f"code={code} | organisation={ORGANISATIONS[column]}" for code, column in pairs),
    }
