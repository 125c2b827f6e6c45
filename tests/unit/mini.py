"""A hospital small enough to measure on paper: a plan and its times, written row by row.

Two days of warm-up and four counted days, Monday 29 April to Thursday 2 May 2024: days 2, 3, 4 and 5 of the plan, and
the midnights 3, 4, 5 and 6.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dischargesim.measures import daily_index, daily_values, measure_index, measure_values
from dischargesim.plan.codes import Label
from dischargesim.plan.tables import NONE, Plan, RateEffects, Times
from dischargesim.scenario.schema import Scenario
from tests.hand_plans import NAN, PlanByHand

WARD, REHAB, CARE_HOME, VIRTUAL_WARD, HOME = range(5)
HUB = 0
DECISION, MEDICINES, ASSESSMENT = range(3)
P0, P2, P3, DIED = range(4)

CONTENT: dict[str, Any] = {
    "system": {"name": "mini", "title": "Mini"},
    "start_date": "2024-04-29",
    "run": {"warm_up_days": 2, "days": 4},
    "settings": {
        "ward": {"title": "Ward", "kind": "acute", "capacity": 2},
        "rehab": {"title": "Rehab", "kind": "community_bed", "capacity": 1, "waiting_reason": "p2_capacity"},
        "care_home": {
            "title": "Care home",
            "kind": "care_home",
            "capacity": "unlimited",
            "waiting_reason": "nursing_home_capacity",
            "move_in_reason": "p3_arrangements",
        },
        "virtual_ward": {"title": "Virtual ward", "kind": "virtual_ward", "capacity": 1},
    },
    "teams": {"hub": {"title": "Hub", "staff": 2, "hours": {"every_day": "06:00-18:00"}}},
    "tasks": {
        "decision": {
            "title": "Decision",
            "reason": "formal_decision",
            "team": "hub",
            "work_hours": 1,
            "before_dtoc": True,
        },
        "medicines": {"title": "Medicines", "reason": "medicines", "elapsed_days": 1},
        "assessment": {"title": "Assessment", "reason": "hub_needs_and_pathway", "team": "hub", "work_hours": 1},
    },
    "pathways": {
        "P0": {"title": "Home"},
        "P2": {"title": "Rehab", "next": {"rehab": {"stay_days": 1}}},
        "P3": {"title": "Care home", "next": {"care_home": {"stay_days": 1}}},
        "died": {"title": "Dies", "kind": "death"},
    },
    "cohorts": {
        "frail": {
            "title": "Frail",
            "setting": "ward",
            "arrivals": {"per_day": 1},
            "stay_days": 1,
            "pathways": {"P0": 1},
        },
    },
    "services": {
        "virtual_ward": {
            "title": "Virtual ward",
            "setting": "virtual_ward",
            "eligible": {"frail": 0},
            "succeeds": 1,
            "stay_days": 1,
            "fails_after_days": 1,
        }
    },
}


def scenario(**changes: Any) -> Scenario:
    """The scenario of the small hospital, with some of its keys replaced."""
    return Scenario.model_validate({**CONTENT, **changes})


@dataclass
class Mini:
    """Collects people, stays and tasks with their times."""

    content: dict[str, Any] = field(default_factory=dict)
    by_hand: PlanByHand = field(default_factory=lambda: PlanByHand(horizon=6.0))
    stay_times: list[dict[str, float]] = field(default_factory=list)
    task_times: list[dict[str, float]] = field(default_factory=list)
    extra: list[int] = field(default_factory=list)
    rate_effects: RateEffects | None = None

    def person(self, arrival: float) -> int:
        """Somebody who arrives; the next stay is their first."""
        return self.by_hand.person(arrival)

    def stay(self, setting: int, *moments: float, pathway: int = P0, **columns: Any) -> int:
        """A stay of the last person; the moments are asked, granted, entered, ready, cleared, left, as far as known."""
        names = ("asked", "granted", "entered", "ready", "cleared", "left")
        times = dict(zip(names, moments, strict=False))
        times |= {name: columns.pop(name) for name in [*names, "refused"] if name in columns}
        if columns.pop("census", False):
            columns["entered"] = times["entered"]
        first = self.by_hand.people[-1]["first"]
        row = len(self.by_hand.stays)
        usual = {"spell": row, "label": Label.ADMISSION if row == first else Label.ONWARD, "service": NONE}
        self.stay_times.append(times)
        return self.by_hand.stay(setting, **{"need": 0.0, "pathway": pathway, **usual, **columns})

    def task(self, stay: int, kind: int, *moments: float, team: int = HUB, **columns: Any) -> int:
        """A task; the moments are queued, started and done, as far as known."""
        self.task_times.append(dict(zip(("queued", "started", "done"), moments, strict=False)))
        return self.by_hand.task(stay, columns.pop("work", 0.0), team, kind=kind, **columns)

    def made(self) -> tuple[Plan, Times]:
        """The plan and its times."""
        limits = {WARD: 2, REHAB: 1, VIRTUAL_WARD: 1}
        if not self.by_hand.settings:
            for setting in range(HOME + 1):
                self.by_hand.setting(limits[setting]) if setting in limits else self.by_hand.setting()
            self.by_hand.team(2, [(day + 0.25, day + 0.75) for day in range(20)])
        plan = replace(self.by_hand.plan(), scenario=scenario(**self.content), rate_effects=self.rate_effects)
        times = Times.empty(plan)
        for rows in (self.stay_times, self.task_times):
            for row, moments in enumerate(rows):
                for name, moment in moments.items():
                    getattr(times, name)[row] = moment
        times.extra[:] = self.extra
        return plan, times

    def figures(self) -> dict[tuple[str, str], float]:
        """All values by measure and group."""
        plan, times = self.made()
        rows = measure_index(scenario(**self.content))
        return {
            (row.measure, row.group): float(value) for row, value in zip(rows, measure_values(plan, times), strict=True)
        }

    def daily(self) -> dict[tuple[str, str], list[float]]:
        """All daily series by measure and group."""
        plan, times = self.made()
        rows = daily_index(scenario(**self.content))
        return {(row.measure, row.group): list(line) for row, line in zip(rows, daily_values(plan, times), strict=True)}


def same(found: float, expected: float) -> bool:
    """Equal to the last few bits, or both not a number."""
    return bool(np.isclose(found, expected, rtol=1e-12, atol=0, equal_nan=True))


__all__ = ["NAN", "NONE", "Mini", "same", "scenario"]
