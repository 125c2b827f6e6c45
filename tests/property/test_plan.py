"""What holds of the plan of any scenario."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dischargesim.engine import simulate
from dischargesim.plan.check import check_plan
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.streams import GRID
from dischargesim.plan.tables import NONE, Plan
from dischargesim.scenario.schema import Scenario
from tests.property.invariants import broken
from tests.property.random_worlds import MECHANISMS, WARD, with_change, worlds
from tests.worlds import Fate, changed_people, fates, nested, world

TABLES = ("people", "stays", "tasks", "pools", "reviews")
Change = Callable[[Fate], bool]


def columns(plan: Plan) -> dict[str, Any]:
    return {
        f"{name}.{f.name}": getattr(getattr(plan, name), f.name) for name in TABLES for f in fields(getattr(plan, name))
    }


@settings(max_examples=200)
@given(worlds())
def test_tables_agree_with_each_other(scenario: Scenario) -> None:
    plan = draw_plan(scenario)
    check_plan(plan)
    s = plan.stays
    people = plan.people
    assert np.unique(np.column_stack([people.origin, people.number]), axis=0).shape[0] == people.arrival.size
    # Every time is on the grid, so that sums of times are exact.
    for times in (people.arrival, s.need, s.patience, s.entered, plan.tasks.work, plan.tasks.starts):
        finite = times[np.isfinite(times)]
        assert (finite * GRID % 1 == 0).all()
    # Who gives up knows what it means, and a stay that nobody gives up has nothing after giving up.
    assert (s.refusal[np.isfinite(s.patience)] != Refusal.NONE).all()
    led_to = np.zeros(s.person.size, dtype=np.bool_)
    for rows in (people.first, s.next[s.next != NONE], s.otherwise[s.otherwise != NONE]):
        led_to[rows] = True
    assert (s.otherwise[np.isinf(s.patience) & led_to] == NONE).all()
    # Nothing changes for people who are in no bed.
    assert led_to[np.isin(s.label, [Label.SETBACK, Label.REROUTED])].all()
    assert ((s.attribution > 0) & (s.attribution < 1)).all()
    spell = s.spell
    assert (
        (s.person[spell] == s.person).all() and (s.setting[spell] == s.setting).all() and (spell[spell] == spell).all()
    )


@settings(max_examples=50)
@given(worlds())
def test_the_same_scenario_gives_the_same_plan(scenario: Scenario) -> None:
    one, again = columns(draw_plan(scenario, 3)), columns(draw_plan(scenario, 3))
    for name, column in one.items():
        if isinstance(column, np.ndarray):
            np.testing.assert_array_equal(column, again[name], err_msg=name)
    other = draw_plan(scenario, 4)
    assert not np.array_equal(one["people.arrival"], other.people.arrival)


@settings(max_examples=150)
@given(worlds())
def test_engines_agree_on_drawn_plans(scenario: Scenario) -> None:
    pytest.importorskip("numba")
    plan = draw_plan(scenario)
    one, other = simulate(plan, "simpy"), simulate(plan, "compiled")
    for f in fields(one):
        np.testing.assert_array_equal(getattr(one, f.name), getattr(other, f.name), err_msg=f.name)


@settings(max_examples=30)
@given(worlds(days=8))
def test_nobody_vanishes_and_no_rule_is_broken(scenario: Scenario) -> None:
    """The rules of the engines, on plans as they are drawn; and everybody is in one place until they leave."""
    plan = draw_plan(scenario)
    times = simulate(plan, "simpy")
    assert broken(plan, times) == []
    here = ~np.isnan(times.entered) & np.isnan(times.left)
    in_place = np.bincount(plan.stays.person[here], minlength=plan.people.arrival.size)
    assert in_place.max(initial=0) <= 1
    first = plan.people.first
    waiting = ~np.isnan(times.asked) & np.isnan(times.entered) & np.isnan(times.refused)
    asking = np.bincount(plan.stays.person[waiting], minlength=in_place.size) > 0
    came = ~np.isnan(times.asked[first])
    assert (came == (plan.people.arrival <= plan.horizon)).all()
    last = np.full(in_place.size, -np.inf)
    np.maximum.at(last, plan.stays.person, np.nan_to_num(np.fmax(times.left, times.refused), nan=-np.inf))
    gone = came & (in_place == 0) & ~asking
    assert np.isfinite(last[gone]).all()


def _on(*pathways: str) -> Change:
    return lambda fate: any(stay[10] in pathways for stay in fate.stays)


def _nobody(fate: Fate) -> bool:
    return False


def _of(*cohorts: str) -> Change:
    return lambda fate: fate.cohort in cohorts


NEW_PATHWAY = {"title": "New", "next": {"support": {"stay_days": 3}}}
NEW_COHORT = {
    "title": "New",
    "arrivals": {"per_day": 2},
    "stay_days": {"kind": "exponential", "mean": 2},
    "pathways": {"P0": 0.5, "P1": 0.5},
}
ADDITIONS: dict[str, tuple[dict[str, Any], Change]] = {
    "a team": (nested("teams.new", {"title": "New", "staff": 2}), _nobody),
    "a setting": (nested("settings.new", {"title": "New", "kind": "acute", "capacity": 5}), _nobody),
    "a pathway": (nested("pathways.new", NEW_PATHWAY), _nobody),
    "a cohort": (nested("cohorts.new", NEW_COHORT), _nobody),
    "a task": (
        {
            "tasks": {"new": {"title": "New", "reason": "equipment", "elapsed_days": 1}},
            "pathways": {"P2": {"tasks": {"new": {"share": 0.5, "after": "decision"}}}},
        },
        _on("P2"),
    ),
    "a surge": (
        nested(
            "cohorts.other.arrivals.surges",
            {"new": {"title": "n", "first_day": "2024-04-03", "last_day": "2024-04-06", "ratio": 2.0}},
        ),
        _nobody,
    ),
    "fewer in a surge": (
        nested(
            "cohorts.other.arrivals.surges",
            {"new": {"title": "n", "first_day": "2024-04-03", "last_day": "2024-04-06", "ratio": 0.5}},
        ),
        _nobody,
    ),
    "a service": (
        {
            "settings": {"new": {"title": "New", "kind": "step_up", "capacity": 5}},
            "services": {"new": {**WARD, "setting": "new", "eligible": {"other": 0.5}}},
        },
        _of("other"),
    ),
    "readmission": (
        nested("cohorts.other.readmission", {"share": 0.5, "after_days": 4, "stay_days": 2}),
        _of("other"),
    ),
}


@settings(max_examples=150)
@given(worlds(), st.sampled_from(sorted(ADDITIONS)))
def test_minimally_different_world(scenario: Scenario, what: str) -> None:
    """Something is added, and everybody whom it does not concern is drawn as before."""
    change, may_change = ADDITIONS[what]
    before = fates(draw_plan(scenario))
    plan = draw_plan(with_change(scenario, change))
    after = fates(plan)
    # Who is in at the start is dealt to what flows there are; a new cohort or way is one more of these.
    started = {person for each in (before, after) for person, fate in each.items() if fate.stays[0][7] is not None}
    for person in before.keys() - started:
        if person in after:
            assert before[person] == after[person] or may_change(before[person]) or may_change(after[person]), what
        else:
            assert what == "fewer in a surge" and before[person].cohort == "other"
    added = after.keys() - before.keys() - started
    assert not added or what in ("a cohort", "a surge")


@pytest.mark.parametrize("name", sorted(MECHANISMS))
def test_every_mechanism_changes_something(name: str) -> None:
    """So that a random world with it is another world."""
    plain, other = draw_plan(world()), draw_plan(world(MECHANISMS[name]))
    if name in ("escalation", "move-in hours", "workforce", "fewer beds", "longest ready first", "localities"):
        one, two = columns(plain), columns(other)
        rows = [key for key in one if key.startswith(("pools", "reviews")) and not np.array_equal(one[key], two[key])]
        assert rows
    else:
        changed, others, _ = changed_people(world(), world(MECHANISMS[name]))
        assert changed or others
