"""A hospital with one of everything, to be changed a key at a time, and a way to compare people between two plans."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dischargesim.plan.arrivals import Source
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.layout import Layout
from dischargesim.plan.population import Population
from dischargesim.plan.rows import stay_table
from dischargesim.plan.streams import Streams, derived_keys, origin_code, stream_code
from dischargesim.plan.tables import NONE, Plan
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.schema import Scenario

BASE: dict[str, Any] = {
    "system": {"name": "world", "title": "World"},
    "start_date": "2024-04-01",  # a Monday, and a bank holiday in England
    "nation": "none",
    "run": {"days": 200, "warm_up_days": 0, "seed": 11},
    "settings": {
        "acute": {"title": "Beds", "kind": "acute", "capacity": 60},
        "rehab": {"title": "Rehab", "kind": "community_bed", "capacity": 30, "waiting_reason": "p2_capacity"},
        "support": {"title": "Support", "kind": "reablement", "capacity": 80, "waiting_reason": "p1_capacity"},
        "care_home": {
            "title": "Care home",
            "kind": "care_home",
            "capacity": 400,
            "waiting_reason": "care_home_capacity",
        },
    },
    "teams": {
        "ward": {"title": "Ward", "staff": 3},
        "hub": {"title": "Hub", "staff": 3, "hours": {"every_day": "08:00-18:00"}},
        "assessors": {"title": "Trusted assessors", "staff": 2},
    },
    "tasks": {
        "decision": {"title": "Decision", "reason": "formal_decision", "team": "ward", "work_hours": 1},
        "medicines": {
            "title": "Medicines",
            "reason": "medicines",
            "elapsed_days": {"kind": "exponential", "mean": 0.2},
        },
        "assessment": {
            "title": "Assessment",
            "reason": "hub_needs_and_pathway",
            "team": "hub",
            "work_hours": {"kind": "exponential", "mean": 2},
            "assessment": True,
        },
        "home_assessment": {
            "title": "Care home's assessment",
            "reason": "p3_arrangements",
            "elapsed_days": {"kind": "triangular", "low": 1, "mode": 4, "high": 7},
        },
    },
    "pathways": {
        "P0": {"title": "Home", "tasks": {"decision": {}, "medicines": {"share": 0.6, "after": "decision"}}},
        "P1": {
            "title": "Support",
            "tasks": {"decision": {}, "assessment": {"after": "decision"}, "medicines": {"after": "assessment"}},
            "next": {
                "support": {
                    "stay_days": {"kind": "gamma", "mean": 12, "cv": 0.7},
                    "visits": {"first": 4, "last": 1, "steps": 4},
                }
            },
        },
        "P2": {
            "title": "Rehab",
            "tasks": {"decision": {}, "assessment": {"after": "decision"}},
            "next": {"rehab": {"stay_days": {"kind": "lognormal", "mean": 20, "median": 14}}},
        },
        "P3": {
            "title": "Care home",
            "tasks": {"decision": {}, "assessment": {"after": "decision"}, "home_assessment": {"after": "assessment"}},
            "next": {"care_home": {"stay_days": {"kind": "lognormal", "mean": 801, "median": 462}, "permanent": True}},
        },
        "died": {"title": "Dies", "kind": "death"},
    },
    "cohorts": {
        "frail": {
            "title": "Frail",
            "arrivals": {"per_day": 6},
            "stay_days": {"kind": "lognormal", "mean": 6, "median": 4},
            "pathways": {"P0": 0.5, "P1": 0.2, "P2": 0.1, "P3": 0.1, "died": 0.1},
        },
        "other": {
            "title": "Other",
            "arrivals": {"per_day": 4},
            "stay_days": {"kind": "exponential", "mean": 3},
            "pathways": {"P0": 0.9, "P1": 0.1},
        },
    },
}
"""No queue in it is long, nothing happens while people wait, and nobody is in at the start."""


def world(*changes: Mapping[str, Any]) -> Scenario:
    """The hospital with some keys changed; None takes a key out."""
    data = copy.deepcopy(BASE)
    for change in changes:
        _merge(data, change)
    return build_scenario(data)


def nested(path: str, value: Any) -> dict[str, Any]:
    """A change of one key, by its path: ``nested("cohorts.frail.priority", 5)``."""
    for key in reversed(path.split(".")):
        value = {key: value}
    changed: dict[str, Any] = value
    return changed


def _merge(data: dict[str, Any], change: Mapping[str, Any]) -> None:
    for key, value in change.items():
        if value is None:
            data.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(data.get(key), dict) and "kind" not in value:
            _merge(data[key], value)
        else:
            data[key] = copy.deepcopy(value)


class Person(NamedTuple):
    """Who somebody is, in whatever scenario."""

    stream: int
    number: int


class Fate(NamedTuple):
    """All that was drawn for somebody, with names for numbers and steps for rows."""

    arrival: float
    cohort: str
    needed: str
    stays: tuple[Any, ...]


def fates(plan: Plan) -> dict[Person, Fate]:
    """Everybody's fate. Rows that nothing leads to, of mechanisms that do not apply to the person, are left out."""
    scenario, people = plan.scenario, plan.people
    assert scenario is not None
    cohorts, pathways = list(scenario.cohorts), [*scenario.pathways, None]
    tasks: dict[int, list[int]] = {}
    for row, stay in enumerate(plan.tasks.stay.tolist()):
        tasks.setdefault(stay, []).append(row)
    return {
        Person(int(people.origin[row]), int(people.number[row])): Fate(
            float(people.arrival[row]),
            cohorts[people.cohort[row]],
            str(pathways[people.needed[row]]),
            _stays(plan, int(people.first[row]), tasks, pathways),
        )
        for row in range(people.arrival.size)
    }


def _stays(plan: Plan, first: int, tasks: dict[int, list[int]], pathways: list[Any]) -> tuple[Any, ...]:
    s, found = plan.stays, [first]
    for row in found:  # grows as it goes
        found += [int(to) for to in (s.next[row], s.otherwise[row]) if to != NONE and to not in found]
    step = {row: number for number, row in enumerate(found)} | {NONE: NONE}
    assert plan.scenario is not None
    services = [*plan.scenario.services, None]
    return tuple(
        (
            plan.pools.names[s.setting[row]],
            int(s.units[row]),
            float(s.need[row]),
            int(s.priority[row]),
            float(s.patience[row]),
            step[int(s.next[row])],
            step[int(s.otherwise[row])],
            None if np.isnan(s.entered[row]) else float(s.entered[row]),
            Label(s.label[row]),
            Refusal(s.refusal[row]),
            pathways[s.pathway[row]],
            step.get(int(s.spell[row])),
            services[s.service[row]],
            bool(s.permanent[row]),
            float(s.attribution[row]),
            _tasks(plan, tasks.get(row, [])),
        )
        for row in found
    )


def _tasks(plan: Plan, rows: list[int]) -> tuple[Any, ...]:
    t, pools = plan.tasks, plan.pools
    assert plan.scenario is not None
    kinds = list(plan.scenario.tasks)
    return tuple(
        sorted(
            (
                kinds[t.kind[row]],
                "" if t.team[row] == NONE else pools.names[pools.settings + t.team[row]],
                float(t.work[row]),
                "" if t.after[row] == NONE else kinds[t.kind[t.after[row]]],
                float(t.starts[row]),
                int(t.anchor[row]),
                int(t.priority[row]),
            )
            for row in rows
        )
    )


def changed_people(
    before: Scenario, after: Scenario, replication: int = 0
) -> tuple[dict[Person, Fate], set[Person], Plan]:
    """People whose fate a change alters, with the new one; people whom it adds or takes away; the plan after it."""
    plan = draw_plan(after, replication)
    old, new = fates(draw_plan(before, replication)), fates(plan)
    return {who: new[who] for who in old.keys() & new.keys() if old[who] != new[who]}, old.keys() ^ new.keys(), plan


def from_stream(plan: Plan, name: str) -> np.ndarray:
    """Which people come from a stream."""
    return np.flatnonzero(plan.people.origin == origin_code(np.array([stream_code(name)], dtype=np.uint64)))


def draft_of_one(scenario: Scenario, attribute: str, u: float) -> Draft:
    """Somebody of the first cohort whose own number for an attribute is `u`, an odd multiple of 2**-53."""
    streams, cohort = Streams(scenario.run.seed, 0), next(iter(scenario.cohorts))
    stream, nothing = np.array([stream_code(cohort)], dtype=np.uint64), np.zeros(1, dtype=np.uint64)
    nobody = _unmixed(int(streams.people(stream, nothing.astype(np.int64))[0]))
    code = int(derived_keys(nothing, attribute)[0])
    for low in range(2**12):  # bits that the number does not depend on
        key = _unmixed((int(u * 2**52) << 12) + low) ^ code
        number = (_unmixed(key) - nobody) * pow(0x9E3779B97F4A7C15, -1, 2**64) % 2**64
        if number < 2**63:
            break
    source = Source(cohort, cohort, np.array([number]), np.zeros(1))
    draft = Draft(scenario, Layout.of(scenario), Population(scenario, streams, [source]), stay_table())
    assert draft.people.uniform(attribute).tolist() == [u]
    return draft


def _unmixed(bits: int) -> int:
    """What splitmix64 mixes to these bits."""
    for shift, factor in ((31, 0x94D049BB133111EB), (27, 0xBF58476D1CE4E5B9), (30, 1)):
        found = bits
        for _ in range(64 // shift):
            found = bits ^ found >> shift
        bits = found * pow(factor, -1, 2**64) % 2**64
    return bits


def z_of_share(successes: int, of: int, share: float) -> float:
    """How many standard errors a count lies from what is expected."""
    return float((successes - of * share) / sqrt(of * share * (1 - share)))


def z_of_mean(values: ArrayLike, mean: float) -> float:
    """How many standard errors a mean lies from what is expected."""
    values = np.asarray(values, dtype=np.float64)
    return float((values.mean() - mean) / (values.std(ddof=1) / sqrt(values.size)))
