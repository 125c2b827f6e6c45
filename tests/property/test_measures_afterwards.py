"""What becomes of people after hospital, against counts made person by person in the plainest way."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given, settings

from dischargesim.measures import measure_index, measure_values
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.places import placed_settings
from dischargesim.scenario.schema import Scenario
from tests.property.random_scenarios import scenarios
from tests.property.test_measures import run

DAYS = 130
BEDS = ("acute", "community_bed", "step_up", "care_home")


def one_by_one(scenario: Scenario, plan: Plan, times: Times) -> Counter[str]:
    """The figures, counted by going through everybody's stays."""
    stays, end, start = plan.stays, plan.horizon, scenario.run.warm_up_days
    kinds = [setting.kind for setting in placed_settings(scenario).values()] + ["home"]
    death = list(scenario.pathways).index("died")
    visits: dict[int, list[int]] = defaultdict(list)
    died: dict[int, float] = {}
    came_back: dict[int, float] = {}
    for row in np.argsort(times.entered, kind="stable").tolist():
        person = int(stays.person[row])
        if times.entered[row] <= end:
            visits[person].append(row)
        if stays.refusal[row] == Refusal.DIED and times.refused[row] <= end:
            died[person] = times.refused[row]
        if stays.label[row] == Label.READMISSION and times.asked[row] <= end:
            came_back[person] = times.asked[row]
    count: Counter[str] = Counter()
    for person, rows in visits.items():
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            left, kind = times.left[row], kinds[stays.setting[row]]
            into = "" if following is None else kinds[stays.setting[following]]
            moved = following is not None and times.entered[following] == left
            counted = start <= left < end
            if moved and stays.permanent[following] == 1 and stays.setting[following] != stays.setting[row]:
                count["care_home_admissions"] += bool(counted and into == "care_home")
            found = moved and counted and stays.label[row] in (Label.ONWARD, Label.TAPER)
            if found and stays.label[following] == Label.ONWARD and stays.pathway[following] != stays.pathway[row]:
                count["over_prescribed_found"] += 1
            alive = stays.pathway[row] != death and died.get(person) != left
            if kind != "acute" or not counted or not alive or (moved and into == "acute"):
                continue
            back = came_back.get(person, np.inf)
            if back >= left:
                followed = left + 30 <= end
                count["readmitted_30_days_left_out"] += not followed
                count["readmitted_30_days"] += bool(followed and back <= left + 30)
            if moved and into in ("reablement", "community_bed"):
                moment = left + 91
                if moment > end:
                    count["at_home_91_days_left_out"] += 1
                    continue
                later = [other for other in rows if times.entered[other] <= moment]
                last = kinds[stays.setting[later[-1]]]
                gone = times.left[later[-1]] <= moment
                waits = stays.label[later[-1]] == Label.HOME and left <= back <= moment
                home = not (last == "care_home" and stays.permanent[later[-1]]) if gone else last not in BEDS
                count["at_home_91_days"] += bool(home and not waits and not died.get(person, np.inf) <= moment)
    return count


@settings(max_examples=40)
@given(scenarios())
def test_counted_one_by_one(drawn: Scenario) -> None:
    scenario = drawn.model_copy(update={"run": drawn.run.model_copy(update={"days": DAYS})})
    plan, times = run(scenario)
    values = dict(zip(measure_index(scenario), measure_values(plan, times), strict=True))
    found = {row.measure: value for row, value in values.items() if row.group == "all"}
    counted = one_by_one(scenario, plan, times)
    for measure in (
        "readmitted_30_days",
        "readmitted_30_days_left_out",
        "at_home_91_days",
        "at_home_91_days_left_out",
        "care_home_admissions",
        "over_prescribed_found",
    ):
        assert found[measure] == counted[measure], measure
