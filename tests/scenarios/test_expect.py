"""Every shipped scenario does what its file expects of it, against what it is held against, on the same people.

One run of the system as it is serves all; 16 years of england_average take about a second on the compiled engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dischargesim.engine import simulate
from dischargesim.plan.codes import Label
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import NONE
from dischargesim.report.pages.scenario_library import Library, names, page
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.schema import Scenario

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"
LINCOLNSHIRE = {"assessments": 340, "discharges": 304, "days saved": 735}


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


@pytest.mark.parametrize("name", names())
def test_does_what_its_file_expects(library: Library, name: str) -> None:
    judged = library.judged(name)
    assert judged, "the file expects nothing"
    said = [str(one) for one in judged if one.met != (not one.expected.not_reproduced)]
    assert not said, "\n".join(said)


def test_page_is_up_to_date(library: Library) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(library), "run python -m dischargesim.report.pages.scenario_library"


# What single figures do not show --------------------------------------------------------------------------------------


def assessed(scenario: Scenario, replication: int) -> dict[tuple[int, int], tuple[float, bool, bool]]:
    """Delay of each hospital stay that needs a home's assessment, by whom it was done, and whether the stay led on."""
    plan = draw_plan(scenario, replication)
    times, stays, tasks = simulate(plan, "auto"), plan.stays, plan.tasks
    rows = np.flatnonzero(tasks.kind == list(scenario.tasks).index("care_home_assessment"))
    stay = tasks.stay[rows]
    here = (stays.setting[stay] == plan.pools.names.index("acute")) & (stays.label[stay] == Label.ADMISSION)
    here &= (times.ready[stay] > 0) & np.isfinite(times.left[stay])
    rows, stay = rows[here], stay[here]
    onward = stays.next[stay]
    led_on = (onward != NONE) & np.isfinite(times.entered[onward]) & (stays.label[onward] == Label.ONWARD)
    trusted = tasks.team[rows] == list(scenario.teams).index("trusted_assessors")
    person = stays.person[stay]
    who = zip(plan.people.origin[person].tolist(), plan.people.number[person].tolist(), strict=True)
    found = zip((times.left[stay] - times.ready[stay]).tolist(), trusted.tolist(), led_on.tolist(), strict=True)
    return dict(zip(who, found, strict=True))


def test_trusted_assessor_saves_what_lincolnshire_counted() -> None:
    """735 days over 304 discharges, 340 assessments: the same arithmetic, person by person (decision 0012)."""
    before, after = (load_scenario(["run.days=365", f"scenario={name}"]) for name in ("baseline", "trusted_assessors"))
    saved, discharged, count, others = [], [], [], []
    for replication in range(16):
        old, new = assessed(before, replication), assessed(after, replication)
        both = old.keys() & new.keys()
        theirs = [who for who in both if new[who][1]]
        saved.append(sum(old[who][0] - new[who][0] for who in theirs))
        discharged.append(sum(new[who][2] for who in theirs))
        count.append(len(theirs))
        others.append(np.mean([old[who][0] - new[who][0] for who in both if not new[who][1]]))
    for_each = LINCOLNSHIRE["days saved"] / LINCOLNSHIRE["assessments"]
    assert sum(saved) / sum(count) == pytest.approx(for_each, rel=0.1)
    for_each = LINCOLNSHIRE["days saved"] / LINCOLNSHIRE["discharges"]
    assert sum(saved) / sum(discharged) == pytest.approx(for_each, rel=0.15)
    assert abs(np.mean(others)) < 0.15  # whom they do not assess


@pytest.mark.parametrize("name", ["case_management", "integrated_teams", "risk_profiling"])
def test_adverse_findings_are_in_reach(name: str) -> None:
    """At the low end of the evidence more people come and beds are fuller; at the base nothing changes."""
    low = load_scenario(["run.days=365", f"scenario={name}", "evidence=low"])
    (effect,) = low.cohorts["frail_older"].arrivals.effects.values()
    assert effect.ratio == 1.09
    base = load_scenario(["run.days=365"])
    old, new = (draw_plan(scenario, 0).people.arrival.size for scenario in (base, low))
    assert new > old


# The files ------------------------------------------------------------------------------------------------------------


def test_three_main_checks_of_the_library_are_there() -> None:
    """So that nobody takes one out to be rid of it."""
    expected = {name: load_scenario([f"scenario={name}"]).scenario.expect for name in CHECKS}
    for name, (measure, group, low, high) in CHECKS.items():
        assert [
            one for one in expected[name] if (one.measure, one.group, one.low, one.high) == (measure, group, low, high)
        ], name


CHECKS: dict[str, tuple[Any, ...]] = {
    "more_care_home_places": ("dtoc_days", "organisation=social_care | care=acute", 0.06, 0.09),
    "seven_day_working": ("length_of_stay_mean", "all", None, 0.2),
    "discharge_to_assess": ("nctr_mean_delay", "pathway=P1", 1.5, 4.0),
}
