"""Reasons removed one at a time, in worlds where it is known what that saves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dischargesim.engine import simulate
from dischargesim.experiment.explain import (
    ALL,
    DAYS_A_YEAR,
    SUM,
    TOTAL,
    explain,
    explain_one,
    reasons_of,
    without,
)
from dischargesim.measures import measure
from dischargesim.plan.codes import Label
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import FROM_ENTERING, FROM_READY, NONE, UNLIMITED
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.schema import Scenario
from tests.unit.mini import MEDICINES, P2, REHAB, WARD, Mini
from tests.worlds import BASE, world

DAYS = 100


def simple(tasks: dict[str, Any], follows: dict[str, Any] | None = None, **changes: Any) -> Scenario:
    """A hospital with room for everybody, one kind of person, and these tasks before they leave."""
    kinds = {name: {"title": name, **task.pop("kind")} for name, task in tasks.items()}
    path = {"title": "Way", "tasks": tasks, **({"next": follows} if follows else {})}
    empty = dict.fromkeys
    return world(
        {
            "run": {"days": DAYS, "warm_up_days": 10},
            "settings": {"acute": {"capacity": "unlimited"}},
            "tasks": {**empty(BASE["tasks"]), **kinds},
            "pathways": {**empty(BASE["pathways"]), "way": path},
            "cohorts": {
                "frail": {"pathways": {**empty(BASE["cohorts"]["frail"]["pathways"]), "way": 1}},
                "other": None,
            },
        },
        changes,
    )


def fixed(days: float, reason: str) -> dict[str, Any]:
    return {"reason": reason, "elapsed_days": days}


def by_reason(table: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(row["reason"]): row for _, row in table.iterrows()}


def test_a_single_reason_is_all_of_it() -> None:
    table = by_reason(explain(simple({"wait": {"kind": fixed(2, "choice")}}), range(4)))
    # Settings that nobody goes on to have their reasons too.
    assert set(table) - {"choice", SUM, TOTAL, ALL} == {"care_home_capacity", "p1_capacity", "p2_capacity"}
    assert table["p2_capacity"]["attributed"] == table["p2_capacity"]["saved"] == 0
    lost = table[TOTAL]["attributed"]
    # Six people a day, each delayed by two nights.
    assert lost == pytest.approx(6 * 2 * DAYS_A_YEAR, rel=0.1)
    assert table["choice"]["attributed"] == pytest.approx(lost, rel=1e-12)
    assert table["choice"]["share"] == pytest.approx(1, rel=1e-12)
    assert table["choice"]["saved"] == pytest.approx(lost)
    assert table[ALL]["saved"] == pytest.approx(lost)
    assert table["choice"]["lower"] <= lost <= table["choice"]["upper"]


def test_removing_either_of_two_tasks_side_by_side_saves_nothing() -> None:
    scenario = simple({"first": {"kind": fixed(2, "choice")}, "second": {"kind": fixed(2, "medicines")}})
    table = by_reason(explain(scenario, range(3)))
    lost = table[TOTAL]["attributed"]
    for reason in ("choice", "medicines"):
        assert (table[reason]["saved"], table[reason]["lower"], table[reason]["upper"]) == (0, 0, 0)
    assert table["choice"]["attributed"] + table["medicines"]["attributed"] == pytest.approx(lost)
    assert table[SUM]["attributed"] == pytest.approx(lost)
    assert table[SUM]["saved"] == 0
    assert table[ALL]["saved"] == pytest.approx(lost)


def test_the_longer_of_two_side_by_side_saves_what_it_is_longer() -> None:
    scenario = simple({"first": {"kind": fixed(3, "choice")}, "second": {"kind": fixed(1, "medicines")}})
    table = by_reason(explain(scenario, range(3)))
    lost = table[TOTAL]["attributed"]
    assert table["choice"]["attributed"] == pytest.approx(lost, rel=1e-12)
    assert table["choice"]["saved"] == pytest.approx(lost * 2 / 3, rel=0.01)
    assert (table["medicines"]["attributed"], table["medicines"]["saved"]) == (0, 0)


def test_one_after_the_other_each_saves_its_own() -> None:
    scenario = simple(
        {"first": {"kind": fixed(3, "choice")}, "second": {"kind": fixed(1, "medicines"), "after": "first"}}
    )
    table = by_reason(explain(scenario, range(3)))
    lost = table[TOTAL]["attributed"]
    for reason, share in (("choice", 3 / 4), ("medicines", 1 / 4)):
        assert table[reason]["attributed"] == pytest.approx(lost * share, rel=0.01)
        assert table[reason]["saved"] == pytest.approx(lost * share, rel=0.01)


def test_work_that_waits_for_a_team_saves_the_waiting_too() -> None:
    """A team asked for nearly all it has: little work, long queues."""
    work = {"reason": "hub_funding", "team": "hub", "work_hours": 0.35}
    scenario = simple({"wait": {"kind": work}}, teams={"hub": {"staff": 1, "hours": {"every_day": "10:00-12:30"}}})
    table = by_reason(explain(scenario, range(3)))
    assert table["hub_funding"]["attributed"] == pytest.approx(table[TOTAL]["attributed"], rel=1e-12)
    assert table["hub_funding"]["attributed"] > 1000
    assert table["hub_funding"]["saved"] == pytest.approx(table[TOTAL]["attributed"])


def test_a_full_setting_and_its_hours() -> None:
    follows = {"rehab": {"stay_days": 10}}
    hours = {"move_in": {"every_day": "12:00-12:30"}, "move_in_reason": "p2_arrangements"}
    scenario = simple({}, follows, settings={"acute": {"capacity": "unlimited"}, "rehab": {"capacity": 60, **hours}})
    table = by_reason(explain(scenario, range(3)))
    assert table["p2_capacity"]["attributed"] > 0
    assert table["p2_arrangements"]["attributed"] > 0
    assert table[ALL]["saved"] == pytest.approx(table[TOTAL]["attributed"])
    # Without the limit everybody still waits for noon; without the hours they still wait for a bed.
    assert 0 < table["p2_capacity"]["saved"] < table[TOTAL]["attributed"]


def test_finer_reasons_are_removed_together() -> None:
    scenario = world(
        {
            "settings": {
                "care_home": {"waiting_reason": "nursing_home_capacity"},
                "rehab": {"waiting_reason": "residential_home_capacity"},
            }
        }
    )
    assert reasons_of(scenario)["care_home_capacity"] == {"nursing_home_capacity", "residential_home_capacity"}
    assert "nursing_home_capacity" not in reasons_of(scenario)


@pytest.fixture(scope="module")
def small() -> Scenario:
    return load_scenario(["system=small", "run.days=120", "run.warm_up_days=60"])


def test_a_removed_reason_leaves_people_and_rows_as_they_were(small: Scenario) -> None:
    plan = draw_plan(small, 0)
    for name, keys in reasons_of(small).items():
        other = without(plan, keys)
        assert other.people is plan.people
        assert other.stays is plan.stays
        kinds = np.array([task.reason == name for task in small.tasks.values()])[plan.tasks.kind]
        for column in ("work", "team", "starts", "anchor"):
            before, after = getattr(plan.tasks, column), getattr(other.tasks, column)
            assert before.dtype == after.dtype
            assert np.array_equal(before[~kinds], after[~kinds])
        assert (other.tasks.work[kinds] == 0).all()
        assert (other.tasks.team[kinds] == NONE).all()
        assert (other.tasks.starts[kinds] == 0).all()
        assert (other.tasks.anchor[kinds] == FROM_ENTERING).all()
        assert np.array_equal(other.tasks.after, plan.tasks.after)


def test_only_the_pools_of_a_reason_become_roomy(small: Scenario) -> None:
    plan = draw_plan(small, 0)
    place = list(small.settings).index("care_home")
    other = without(plan, ["care_home_capacity"])
    roomy = plan.pools.change_pool == place
    assert (other.pools.change_capacity[roomy] == UNLIMITED).all()
    assert np.array_equal(other.pools.change_capacity[~roomy], plan.pools.change_capacity[~roomy])
    # Its move-in hours have no reason of their own, and are counted under that of the place.
    assert plan.pools.calendar[place] != NONE
    assert other.pools.calendar[place] == NONE
    assert np.array_equal(np.delete(other.pools.calendar, place), np.delete(plan.pools.calendar, place))


def test_nothing_is_attributed_to_what_was_removed(small: Scenario) -> None:
    """The measures find no delay for a reason in the plan without it."""
    plan = draw_plan(small, 1)
    for name, keys in reasons_of(small).items():
        other = without(plan, keys)
        table = measure(other, simulate(other)).set_index(["measure", "group"])["value"]
        assert table["nctr_bed_days_lost", f"sub_reason={name}"] == 0
        assert (
            table["nctr_bed_days_lost", "all"]
            == explain_one(small, 1).lost_without[list(reasons_of(small)).index(name)]
        )


def test_removing_every_reason_leaves_no_delay(small: Scenario) -> None:
    assert explain_one(small, 0).lost_without[-1] == 0


def test_engines_agree_on_plans_without_a_reason(small: Scenario) -> None:
    for keys in reasons_of(small).values():
        plan = without(draw_plan(small, 0), keys)
        first, second = simulate(plan, "simpy"), simulate(plan, "compiled")
        assert np.array_equal(first.left, second.left, equal_nan=True)
        assert np.array_equal(first.done, second.done, equal_nan=True)


def test_the_table_of_a_hospital(small: Scenario) -> None:
    table = explain(small, range(4))
    reasons = table[table["reason"].isin(list(reasons_of(small)))]
    assert (np.diff(reasons["attributed"]) <= 0).all()
    rows = by_reason(table)
    assert list(table["reason"][-3:]) == [SUM, TOTAL, ALL]
    assert rows[SUM]["attributed"] == pytest.approx(rows[TOTAL]["attributed"])
    assert rows[SUM]["saved"] == pytest.approx(reasons["saved"].sum())
    assert rows[SUM]["saved"] != pytest.approx(rows[TOTAL]["attributed"], rel=0.05)
    assert reasons["share"].sum() == pytest.approx(1)
    assert np.isnan([rows[SUM]["lower"], rows[TOTAL]["saved"]]).all()
    assert (reasons["lower"] <= reasons["saved"]).all()


def test_to_remove_a_reason_can_lose_days() -> None:
    """Two people ready for the one rehabilitation bed: a slow one with papers to wait for, and a quick one without.

    With the papers the quick one goes first, on day 2, and leaves the bed on day 3. Without them the slow one goes
    first and keeps the bed past the end of the run, with the quick one in hospital.
    """
    mini = Mini()
    for papers, days in ((1.5, 50.0), (None, 1.0)):
        mini.person(2.0 if papers else 2.25)
        row = len(mini.by_hand.stays)
        stay = mini.by_hand.stay(WARD, 0.25, next=row + 1, pathway=P2, spell=row, service=NONE)
        mini.by_hand.stay(REHAB, days, pathway=P2, label=Label.ONWARD, spell=row + 1, service=NONE)
        if papers:
            mini.by_hand.task(stay, papers, kind=MEDICINES, anchor=FROM_READY)
    plan, _ = mini.made()
    before, after = (simulate(one) for one in (plan, without(plan, ["medicines"])))
    # Asked for the bed on days 3.75 and 2.5; without the papers on days 2.25 and 2.5.
    assert [before.left[0], before.left[2]] == [3.75, 2.5]
    assert after.left[0] == 2.25
    assert np.isnan(after.left[2])
    lost = [
        measure(*one).set_index(["measure", "group"])["value"]["nctr_bed_days_lost", "all"]
        for one in ((plan, before), (without(plan, ["medicines"]), after))
    ]
    assert lost == [1, 4]


def test_where_nobody_waits_for_another_nobody_is_later_without_a_reason() -> None:
    """Tasks without teams and room everywhere: what a person waits for is their own. With queues it need not hold."""
    roomy = {name: {"capacity": "unlimited"} for name in BASE["settings"]}
    teams = {name: {"staff": "unlimited", "hours": None} for name in BASE["teams"]}
    scenario = world({"run": {"days": 60}, "settings": roomy, "teams": teams})
    plan = draw_plan(scenario, 0)
    left = simulate(plan).left
    gone = np.nan_to_num(left, nan=np.inf)
    for keys in reasons_of(scenario).values():
        without_it = np.nan_to_num(simulate(without(plan, keys)).left, nan=np.inf)
        assert (without_it <= gone).all()


def test_one_replication_has_no_interval(small: Scenario) -> None:
    table = by_reason(explain(small, [3]))
    assert table["formal_decision"]["saved"] == table["formal_decision"]["saved"]
    assert np.isnan(table["formal_decision"]["lower"])
