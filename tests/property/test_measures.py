"""What must hold of the figures of any run, and the counts against ones made in the plainest way."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings

from dischargesim.engine import simulate
from dischargesim.measures import daily_index, measure_all, measure_index
from dischargesim.measures.delays import split_delays
from dischargesim.measures.facts import Facts
from dischargesim.measures.frame import Frame
from dischargesim.plan.codes import Label
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.places import placed_settings, placed_teams
from dischargesim.scenario.schema import Scenario
from tests.property.random_scenarios import scenarios

Values = dict[tuple[str, str], float]


def run(scenario: Scenario) -> tuple[Plan, Times]:
    plan = draw_plan(scenario)
    return plan, simulate(plan, "simpy")


def figures(scenario: Scenario, plan: Plan, times: Times) -> tuple[Values, dict[tuple[str, str], list[float]]]:
    values, daily = measure_all(plan, times)
    assert not np.isinf(values).any()
    rows, series = measure_index(scenario), daily_index(scenario)
    return (
        {(row.measure, row.group): float(value) for row, value in zip(rows, values, strict=True)},
        {(row.measure, row.group): line.tolist() for row, line in zip(series, daily, strict=True)},
    )


def total(values: Values, measure: str, *axes: str) -> float:
    """Sum over all groups of a breakdown by exactly these axes."""
    groups = [group for name, group in values if name == measure]
    chosen = [g for g in groups if g != "all" and tuple(part.split("=")[0] for part in g.split(" | ")) == axes]
    assert chosen
    return sum(values[measure, group] for group in chosen)


@settings(max_examples=60)
@given(scenarios())
def test_parts_follow_each_other_and_sum_to_the_delay(scenario: Scenario) -> None:
    plan, times = run(scenario)
    frame = Frame.of(plan, times)
    everyone = np.flatnonzero(~np.isnan(times.ready))
    parts = split_delays(frame, everyone)
    order = np.lexsort((parts.start, parts.stay))
    stay, start, end = parts.stay[order], parts.start[order], parts.end[order]
    left = np.where(np.isnan(times.left), plan.horizon + 1, times.left)
    assert set(stay) == set(everyone[times.ready[everyone] < left[everyone]])
    new = np.r_[True, stay[1:] != stay[:-1]] if stay.size else np.zeros(0, dtype=bool)
    assert (start[new] == times.ready[stay[new]]).all()
    assert (start[~new] == end[np.flatnonzero(~new) - 1]).all()
    last = np.r_[new[1:], True] if stay.size else new
    assert (end[last] == left[stay[last]]).all()
    assert np.bincount(stay, end - start, left.size)[everyone] == pytest.approx(
        (left - times.ready)[everyone], rel=0, abs=0
    )
    # Whoever can leave a hospital bed waits for something that has a reason.
    unstated = frame.facts.reasons.family.size - 1
    assert not (split_delays(frame, frame.delayed).reason == unstated).any()


@settings(max_examples=60)
@given(scenarios())
def test_groups_sum_to_totals(scenario: Scenario) -> None:
    values, daily = figures(scenario, *run(scenario))
    for measure in ("nctr_ready", "nctr_discharged", "nctr_remaining", "nctr_still_in"):
        assert total(values, measure, "pathway") == pytest.approx(values[measure, "all"], rel=1e-12)
    for axis in ("pathway", "family", "sub_reason"):
        assert total(values, "nctr_bed_days_lost", axis) == values["nctr_bed_days_lost", "all"]
    for measure in ("dtoc_days", "dtoc_beds"):
        for axis in ((), ("code",), ("organisation",), ("month",)):
            if measure == "dtoc_beds" and axis == ("month",):
                continue
            assert total(values, measure, *axis, "care") == pytest.approx(values[measure, "all"], rel=1e-12)
    assert total(values, "dtoc_days", "month", "code", "organisation", "care") == values["dtoc_days", "all"]
    for measure, axis in (
        ("nctr_bed_days_share", "family"),
        ("nctr_stage_share", "stage"),
        ("nctr_long_stay_share", "family"),
    ):
        shares = total(values, measure, axis)
        assert isnan(shares) or shares == pytest.approx(1)
    assert sum(daily["daily_nctr_remaining", "all"]) == values["nctr_bed_days_lost", "all"]
    assert values["dtoc_days", "care=acute"] <= values["nctr_bed_days_lost", "all"]


@settings(max_examples=60)
@given(scenarios())
def test_groups_of_people_sum_to_totals(scenario: Scenario) -> None:
    """Everyone has a cohort, an age band and, where there are any, a locality."""
    values, _ = figures(scenario, *run(scenario))
    axes = ("cohort", "age_band", *(["locality"] if scenario.localities else []))
    counts = ("nctr_ready", "nctr_bed_days_lost", "over_prescribed", "over_prescribed_found", "care_home_admissions")
    followed = ("readmitted_30_days", "readmitted_30_days_left_out", "at_home_91_days_left_out")
    for measure in (*counts, *followed):
        for axis in axes:
            assert total(values, measure, axis) == pytest.approx(values[measure, "all"], rel=1e-12), (measure, axis)
    for axis in axes:
        assert total(values, "delayed_outcomes", "outcome", axis) == total(values, "delayed_outcomes", "outcome")


@settings(max_examples=60)
@given(scenarios())
def test_parts_of_what_is_split_sum_to_the_whole(scenario: Scenario) -> None:
    values, daily = figures(scenario, *run(scenario))
    for kind, pools, measures in (
        ("setting", placed_settings(scenario), ("people", "queue", "in_use", "capacity", "queue_growth")),
        ("team", placed_teams(scenario), ("hours", "queue", "tasks", "queue_growth")),
    ):
        for whole in {pool.partition("@")[0] for pool in pools if "@" in pool}:
            parts = [f"{kind}={pool}" for pool in pools if pool.startswith(f"{whole}@")]
            assert len(parts) == 2
            for measure in (f"{kind}_{name}" for name in measures):
                summed = sum(values[measure, part] for part in parts)
                assert values[measure, f"{kind}={whole}"] == pytest.approx(summed, abs=1e-9, nan_ok=True), measure
            if kind == "setting":
                summed = np.sum([daily["daily_waiting", part] for part in parts], axis=0)
                assert daily["daily_waiting", f"setting={whole}"] == summed.tolist()


@settings(max_examples=60)
@given(scenarios())
def test_dtoc_beds_are_days_by_the_days_of_the_month(scenario: Scenario) -> None:
    values, _ = figures(scenario, *run(scenario))
    facts = Facts.of(scenario)
    lengths = np.diff([*facts.month, facts.days])
    for month, length in zip(facts.labels["month"], lengths, strict=True):
        for care in facts.labels["care"]:
            group = f"{month} | {care}"
            assert values["dtoc_beds", group] == values["dtoc_days", group] / length
            inner = [
                value
                for (name, g), value in values.items()
                if name == "dtoc_days" and g.startswith(month) and g.endswith(care) and "code=" in g
            ]
            assert sum(inner) == values["dtoc_days", group]


@settings(max_examples=60)
@given(scenarios())
def test_nobody_vanishes(scenario: Scenario) -> None:
    values, daily = figures(scenario, *run(scenario))
    people = {name: values[f"people_{name}", "all"] for name in ("at_start", "arrived", "left", "still_in")}
    assert people["at_start"] + people["arrived"] == people["left"] + people["still_in"]
    assert sum(daily["daily_arrived", "all"]) == people["arrived"]
    if scenario.run.warm_up_days == 0:
        assert people["at_start"] == 0


@settings(max_examples=40)
@given(scenarios())
def test_counts_at_midnight_made_one_by_one(scenario: Scenario) -> None:
    plan, times = run(scenario)
    values, daily = figures(scenario, plan, times)
    stays, death = plan.stays, list(scenario.pathways).index("died")
    asked, granted, entered = times.asked, times.granted, times.entered
    ready, left, refused = times.ready, times.left, times.refused
    for day in range(scenario.run.days):
        midnight = scenario.run.warm_up_days + day + 1
        there = [
            row
            for row in range(stays.person.size)
            if entered[row] <= midnight and not left[row] <= midnight and stays.label[row] != Label.HOME
        ]
        for setting, name in enumerate(placed_settings(scenario)):
            here = [row for row in there if stays.setting[row] == setting]
            assert daily["daily_people", f"setting={name}"][day] == len(here)
            waiting = [
                row
                for row in range(stays.person.size)
                if stays.setting[row] == setting
                and asked[row] <= midnight
                and not granted[row] <= midnight
                and not refused[row] <= midnight
            ]
            assert daily["daily_waiting", f"setting={name}"][day] == len(waiting)
        in_ward = [row for row in there if stays.setting[row] == 0]
        delayed = [row for row in in_ward if ready[row] <= midnight and stays.pathway[row] != death]
        assert daily["daily_nctr_remaining", "all"][day] == len(delayed)
        long = [row for row in in_ward if midnight - entered[stays.spell[row]] >= 7]
        assert daily["daily_stays_7_days", "all"][day] == len(long)
    assert values["nctr_bed_days_lost", "all"] == sum(daily["daily_nctr_remaining", "all"])


@settings(max_examples=60)
@given(scenarios(warm_up=0))
def test_little_holds_exactly_from_an_empty_start(scenario: Scenario) -> None:
    """People waiting, summed over time, are the waits so far of all who came: nobody is left out at either end."""
    plan, times = run(scenario)
    values, _ = figures(scenario, plan, times)
    days = scenario.run.days
    own = plan.stays.spell == np.arange(plan.stays.spell.size)
    for setting, name in enumerate(placed_settings(scenario)):
        asks = own & (times.asked < days) & (times.refused != times.asked) & (plan.stays.setting == setting)
        mean = values["setting_wait_mean", f"setting={name}"]
        waited = 0.0 if isnan(mean) else mean * np.count_nonzero(asks)
        assert values["setting_queue", f"setting={name}"] * days == pytest.approx(waited, rel=1e-9, abs=1e-9)
    frame = Frame.of(plan, times)
    parts = split_delays(frame, frame.delayed)
    acute = plan.stays.setting[parts.stay] == 0
    delayed = (np.minimum(parts.end, days) - parts.start)[acute].sum()
    mean = values["nctr_delay_mean", "all"]
    everyone = 0.0 if isnan(mean) else mean * round(values["nctr_ready", "all"] * days)
    assert everyone == pytest.approx(delayed, rel=1e-9, abs=1e-9)


@settings(max_examples=40)
@given(scenarios(harm=False))
def test_people_remaining_change_by_those_who_become_ready_and_those_who_leave(scenario: Scenario) -> None:
    plan, times = run(scenario)
    _, daily = figures(scenario, plan, times)
    remaining = np.array(daily["daily_nctr_remaining", "all"])
    change = np.array(daily["daily_nctr_ready", "all"]) - np.array(daily["daily_nctr_discharged", "all"])
    # What happens on the stroke of midnight belongs to the day that begins, and shows in the count at that midnight.
    frame = Frame.of(plan, times)
    rows = frame.delayed.compress(frame.facts.acute.take(plan.stays.setting.take(frame.delayed)))
    midnights = scenario.run.warm_up_days + np.arange(scenario.run.days) + 1
    stroke = np.array([(times.ready[rows] == m).sum() - (times.left[rows] == m).sum() for m in midnights])
    assert (np.diff(remaining) == change[1:] - stroke[:-1] + stroke[1:]).all()


@settings(max_examples=60)
@given(scenarios())
def test_tasks_and_work_of_teams(scenario: Scenario) -> None:
    plan, times = run(scenario)
    values, _ = figures(scenario, plan, times)
    start = scenario.run.warm_up_days
    done = (times.done >= start) & (times.done < start + scenario.run.days)
    for number, name in enumerate(scenario.tasks):
        counted = int((done & (plan.tasks.kind == number)).sum())
        assert values["task_done", f"task={name}"] * scenario.run.days / 7 == pytest.approx(counted)
    for team in placed_teams(scenario):
        work, share = values["team_work", f"team={team}"], values["team_utilisation", f"team={team}"]
        if not isnan(share):
            assert work == pytest.approx(share * values["team_hours", f"team={team}"])
