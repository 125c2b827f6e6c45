"""Appraisals and figures made by hand, for tests that work out the pounds on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dischargesim.appraisal.lines import Ledger, ledger
from dischargesim.appraisal.schema import Appraisal
from dischargesim.appraisal.settings import appraisal_settings
from dischargesim.experiment.compare import Figures
from dischargesim.measures import measure_index
from dischargesim.scenario.schema import Scenario

YEAR = 365


def price(base: float, low: float | None = None, high: float | None = None, **more: Any) -> dict[str, Any]:
    """A price that is not uncertain, unless ends are given."""
    ends = {"base": base, "low": base if low is None else low, "high": base if high is None else high}
    return {**ends, "price_year": "2024/25", "source": "assumption: a test", "grade": "assumption", **more}


def plain(**more: Any) -> dict[str, Any]:
    """A small appraisal of the small system: hospital beds, community beds and the hub, five years."""
    return {
        "appraisal": {"title": "Test"},
        "years": 5,
        "settings": {
            "kinds": {"acute": price(400, per="open_day"), "community_bed": price(150, per="open_day")},
            "names": {"care_home": price(100, per="person_day", pays={"local_authority": 0.6, "individual": 0.4})},
        },
        "teams": {"names": {"hub": price(30, per="hour_on_duty", pays={"nhs": 0.5, "local_authority": 0.5})}},
        "delayed_bed_day": price(395),
        "avoided_admission": price(500),
        **more,
    }


def read(data: Mapping[str, Any]) -> Appraisal:
    return appraisal_settings(data)


PLAIN: dict[str, float] = {
    "setting_capacity setting=acute": 30,
    "setting_in_use setting=acute": 28,
    "setting_people setting=acute": 28,
    "setting_capacity setting=community_bed": 8,
    "setting_in_use setting=community_bed": 7,
    "setting_people setting=care_home": 50,
    "team_hours team=hub": 40,
    "team_work team=hub": 10,
    "team_work team=ward": 20,
    "team_hours team=ward": 70,
    "nctr_bed_days_lost all": 1000,
    "avoided_net all": 20,
    "avoided_bed_days all": 100,
    "task_done task=medicines": 14,
    "readmitted_30_days all": 50,
    "deaths_in_hospital all": 12,
    "cancellations all": 2,
}
"""Figures of a year of the small system, by measure and group; all others are 0."""


def figures(scenario: Scenario, label: str, runs: int = 3, **changed: ArrayLike) -> Figures:
    """Figures that are as `PLAIN` but for those changed, by measure alone or by ``measure__group``."""
    rows = measure_index(scenario)
    values = np.zeros((runs, len(rows)))
    wanted: dict[str, ArrayLike] = {**PLAIN}
    for key, value in changed.items():
        measure, _, group = key.partition("__")
        wanted[f"{measure} {group.replace('_is_', '=') or 'all'}"] = value
    for at, row in enumerate(rows):
        values[:, at] = wanted.pop(f"{row.measure} {row.group}", 0.0)
    if wanted:
        raise KeyError(f"the scenario has no {sorted(wanted)}")
    return Figures(label, rows, np.arange(runs), values)


def costed(scenario: Scenario, appraisal: Appraisal, label: str = "option", runs: int = 3, **changed: Any) -> Ledger:
    """The ledger of such figures."""
    return ledger(scenario, figures(scenario, label, runs, **changed), appraisal)
