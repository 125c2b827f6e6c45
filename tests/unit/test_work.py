"""Discharge tasks of a plan: who needs which, in what order, done by whom, and on which stay they stand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dischargesim.plan.codes import Label
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import FROM_ENTERING, FROM_READY, NONE, Plan
from dischargesim.plan.task_lists import in_order, task_lists
from dischargesim.scenario.journeys import TaskUse
from dischargesim.scenario.schema import Scenario
from tests.worlds import changed_people, fates, nested, world, z_of_mean, z_of_share

Z = 4.0


def tasks_of(plan: Plan, kind: str) -> np.ndarray:
    assert plan.scenario is not None
    return np.flatnonzero(plan.tasks.kind == list(plan.scenario.tasks).index(kind))


def on(plan: Plan, label: Label, pathway: str) -> np.ndarray:
    """Stays of a kind on a pathway."""
    assert plan.scenario is not None
    code = list(plan.scenario.pathways).index(pathway)
    return np.flatnonzero((plan.stays.label == label) & (plan.stays.pathway == code))


def team_of(plan: Plan, rows: np.ndarray) -> set[str | None]:
    teams = {int(team) for team in plan.tasks.team[rows]}
    return {None if team == NONE else plan.pools.names[plan.pools.settings + team] for team in teams}


def p1_tasks(**tasks: dict[str, Any] | None) -> Scenario:
    return world(nested("pathways.P1.tasks", tasks), nested("run.days", 100))


def uses(**after: str | None) -> dict[str, TaskUse]:
    return {name: TaskUse(after=before) for name, before in after.items()}


def test_in_order() -> None:
    assert in_order(uses(c="b", a=None, d="b", b="a")) == ["a", "b", "c", "d"]
    assert in_order(uses(b="a", d=None, a=None, c=None)) == ["d", "a", "c", "b"]


def test_a_chain_of_any_length() -> None:
    names = [f"t{number}" for number in range(3000)]
    chain = {name: TaskUse(after=before) for before, name in zip([None, *names], names, strict=False)}
    assert in_order(dict(reversed(chain.items()))) == names


def test_a_task_that_is_not_in_the_list_is_not_waited_for() -> None:
    assert in_order(uses(b="elsewhere", a=None)) == ["b", "a"]


def test_every_list_of_a_scenario_is_found_where_it_stands() -> None:
    home = {"stay_days": 5, "tasks": {"decision": {}}}
    scenario = world(nested("pathways.P2.next.rehab.next", {"support": home}))
    lists = task_lists(scenario)
    assert list(lists[("P2", "rehab", "support")].tasks) == ["decision"]
    given = {(name,): path.tasks for name, path in scenario.pathways.items() if path.tasks}
    assert {path: set(lists[path].tasks) for path in given} == {path: set(uses) for path, uses in given.items()}
    for path, uses in given.items():
        one = lists[path]
        names = list(one.tasks)
        assert [list(scenario.tasks)[kind] for kind in one.kind] == names
        assert one.share.tolist() == [uses[name].share for name in names]
        waits_for = [None if earlier == NONE else names[earlier] for earlier in one.waits_for]
        assert waits_for == [uses[name].after for name in names]
        assert one.assessment.tolist() == [scenario.tasks[name].assessment for name in names]


def test_everybody_who_needs_a_task_has_it_once() -> None:
    plan = draw_plan(world())
    for pathway, label in (("P0", Label.ADMISSION), ("P1", Label.ADMISSION), ("P3", Label.ADMISSION)):
        rows = on(plan, label, pathway)
        decision = tasks_of(plan, "decision")
        assert np.isin(rows, plan.tasks.stay[decision]).all()
    stays = plan.tasks.stay[tasks_of(plan, "decision")]
    assert np.unique(stays).size == stays.size
    assert (plan.stays.label[plan.tasks.stay] == Label.ADMISSION).all()  # no setting has tasks of its own here
    assert not np.isin(on(plan, Label.ADMISSION, "died"), plan.tasks.stay).any()


def test_a_pathway_without_tasks_takes_none_from_those_after_it() -> None:
    plan = draw_plan(world(nested("pathways.P0.tasks", None), nested("run.days", 30)))
    assert set(plan.stays.pathway[plan.tasks.stay]) == {1, 2, 3}


def test_share() -> None:
    plan = draw_plan(world(nested("run.days", 1000)))
    home = on(plan, Label.ADMISSION, "P0")
    need = np.isin(home, plan.tasks.stay[tasks_of(plan, "medicines")])
    assert abs(z_of_share(need.sum(), need.size, 0.6)) < Z


def test_chains_pass_over_people_who_do_not_need_a_task() -> None:
    scenario = p1_tasks(
        decision={"share": 0.5}, assessment={"share": 0.5, "after": "decision"}, medicines={"after": "assessment"}
    )
    plan = draw_plan(scenario)
    kinds, before = list(scenario.tasks), set()
    for row in tasks_of(plan, "medicines"):
        if plan.stays.pathway[plan.tasks.stay[row]] != list(scenario.pathways).index("P1"):
            continue
        has = {kinds[plan.tasks.kind[other]] for other in np.flatnonzero(plan.tasks.stay == plan.tasks.stay[row])}
        expected = "assessment" if "assessment" in has else "decision" if "decision" in has else None
        found = None if plan.tasks.after[row] == NONE else kinds[plan.tasks.kind[plan.tasks.after[row]]]
        assert found == expected
        before.add(found)
    assert before == {"assessment", "decision", None}


def test_rows_are_in_order() -> None:
    tasks = draw_plan(world()).tasks
    after = np.flatnonzero(tasks.after != NONE)
    assert after.size and (np.diff(tasks.stay) >= 0).all()
    assert (tasks.after[after] < after).all() and (tasks.stay[tasks.after[after]] == tasks.stay[after]).all()


def test_work() -> None:
    plan = draw_plan(world(nested("run.days", 1000)))
    assert plan.tasks.work[tasks_of(plan, "decision")] == pytest.approx(1 / 24, abs=1e-6)
    assert team_of(plan, tasks_of(plan, "decision")) == {"ward"}
    assert abs(z_of_mean(plan.tasks.work[tasks_of(plan, "assessment")] * 24, 2)) < Z
    assert abs(z_of_mean(plan.tasks.work[tasks_of(plan, "medicines")], 0.2)) < Z
    assert team_of(plan, tasks_of(plan, "medicines")) == {None}


def test_planning_ahead() -> None:
    plan = draw_plan(
        world(
            nested("tasks.decision.starts_days", -1.5),
            nested("tasks.assessment", {"starts_days": 0.25, "starts_from": "entering"}),
            nested("run.days", 50),
        )
    )
    decision, assessment = tasks_of(plan, "decision"), tasks_of(plan, "assessment")
    assert (plan.tasks.starts[decision] == -1.5).all() and (plan.tasks.anchor[decision] == FROM_READY).all()
    assert (plan.tasks.starts[assessment] == 0.25).all() and (plan.tasks.anchor[assessment] == FROM_ENTERING).all()


def test_priorities_of_cohort_and_pathway_add_up() -> None:
    plan = draw_plan(world(nested("cohorts.frail.priority", 30), nested("pathways.P2.priority", -7)))
    stay = plan.tasks.stay
    frail = plan.people.cohort[plan.stays.person[stay]] == 0
    expected = np.where(frail, 30, 100) + np.where(plan.stays.pathway[stay] == 2, -7, 0)
    assert (plan.tasks.priority == expected).all()


class TestDischargeToAssess:
    def scenario(self, share: float = 1.0, *more: dict[str, Any]) -> Scenario:
        apply = {"share": share, "pathways": ["P1", "P3"]}
        return world(nested("discharge_to_assess", apply), nested("run.days", 100), *more)

    def test_moves_the_assessment_tasks_and_no_others(self) -> None:
        plan = draw_plan(self.scenario())
        label, pathway = plan.stays.label[plan.tasks.stay], plan.stays.pathway[plan.tasks.stay]
        for kind in ("decision", "medicines", "home_assessment"):
            assert (label[tasks_of(plan, kind)] == Label.ADMISSION).all()
        rows = tasks_of(plan, "assessment")
        moved = label[rows] == Label.ONWARD
        assert (moved == np.isin(pathway[rows], [1, 3])).all() and moved.any() and not moved.all()
        assert (plan.tasks.anchor[rows[moved]] == FROM_ENTERING).all() and (plan.tasks.starts[rows[moved]] == 0).all()

    def test_repairs_the_chains(self) -> None:
        """Medicines wait for the assessment, and that for the decision; without it, for the decision."""
        plan = draw_plan(self.scenario())
        kinds = np.array([*world().tasks, "nothing"])
        before = kinds[np.where(plan.tasks.after == NONE, -1, plan.tasks.kind[plan.tasks.after])]
        pathway = plan.stays.pathway[plan.tasks.stay]
        medicines, home = tasks_of(plan, "medicines"), tasks_of(plan, "home_assessment")
        assessment = tasks_of(plan, "assessment")
        assert set(before[medicines[pathway[medicines] == 1]]) == {"decision"}
        assert set(before[home]) == {"decision"}
        assert set(before[assessment[pathway[assessment] != 2]]) == {"nothing"}
        assert set(before[assessment[pathway[assessment] == 2]]) == {"decision"}  # P2 is left as it was

    def test_chains_of_those_who_are_assessed_before_stay_whole(self) -> None:
        """Of one list, some people's assessments stand elsewhere and others' do not."""
        plan = draw_plan(self.scenario(0.5))
        kinds = np.array([*world().tasks, "nothing"])
        before = kinds[np.where(plan.tasks.after == NONE, -1, plan.tasks.kind[plan.tasks.after])]
        of_p1 = plan.stays.pathway[plan.tasks.stay] == 1
        assessment, medicines = (
            rows[of_p1[rows]] for rows in (tasks_of(plan, "assessment"), tasks_of(plan, "medicines"))
        )
        moved = plan.stays.label[plan.tasks.stay[assessment]] == Label.ONWARD
        assert moved.any() and not moved.all()
        assert set(before[assessment[moved]]) == {"nothing"} and set(before[assessment[~moved]]) == {"decision"}
        stays_whole = np.isin(plan.tasks.stay[medicines], plan.tasks.stay[assessment[~moved]])
        assert (before[medicines] == np.where(stays_whole, "assessment", "decision")).all()
        assert (plan.tasks.stay[plan.tasks.after[medicines]] == plan.tasks.stay[medicines]).all()

    def test_applies_to_a_share_of_people_nested(self) -> None:
        before = self.scenario(1e-9)
        some, _, plan = changed_people(before, self.scenario(0.4))
        more, _, _ = changed_people(before, self.scenario(0.8))
        assert some.keys() < more.keys()
        concerned = np.count_nonzero(np.isin(plan.stays.pathway[plan.people.first], [1, 3]))
        assert abs(z_of_share(len(some), concerned, 0.4)) < Z
        assert {fate.needed for fate in some.values()} == {"P1", "P3"}

    def test_people_who_go_home_without_support_are_assessed_before(self) -> None:
        """Also where something may happen while they wait, for which the plan gives them a stay at home."""
        risk = nested("cohorts.frail.while_delayed", {"death_per_day": 0.1})
        half = nested("pathways.P1.next.support.share", 0.5)
        plan = draw_plan(self.scenario(1.0, risk, half))
        stays = plan.tasks.stay[tasks_of(plan, "assessment")]
        assert not (plan.stays.label[stays] == Label.HOME).any()
        one = on(plan, Label.ADMISSION, "P1")
        home = one[(plan.stays.label[plan.stays.next[one]] == Label.HOME) | (plan.stays.next[one] == NONE)]
        assert home.size and np.isin(home, stays).all()

    def test_another_locality_assesses_and_does_nothing_that_the_hospital_does(self) -> None:
        localities = nested("localities", {"north": 0.5, "south": 0.5})
        aid = nested("settings.rehab", {"by_locality": True, "mutual_aid_after_days": 2})
        assess = nested("discharge_to_assess", {"share": 1.0, "pathways": ["P2"]})
        plan = draw_plan(world(localities, aid, assess, nested("run.days", 100)))
        bed = on(plan, Label.ADMISSION, "P2")
        here = plan.stays.next[bed]
        there = plan.stays.otherwise[here]
        assert bed.size and (there != NONE).all()
        for kind, stays in (("decision", bed), ("assessment", np.concatenate([here, there]))):
            at = plan.tasks.stay[tasks_of(plan, kind)]
            assert sorted(at[plan.stays.pathway[at] == 2]) == sorted(stays)

    def test_days_of_assessment_are_shared_out_by_chance(self) -> None:
        """They may be the NHS's or social care's, by the person's own number, and not all of them one's."""
        plan = draw_plan(self.scenario())
        assert np.unique(plan.stays.attribution[on(plan, Label.ONWARD, "P3")]).size > 10


class TestTrustedAssessors:
    def scenario(self, coverage: float) -> Scenario:
        return world(
            nested(
                "trusted_assessors",
                {
                    "coverage": coverage,
                    "task": "home_assessment",
                    "team": "assessors",
                    "work_hours": {"kind": "triangular", "low": 1, "mode": 3, "high": 5},
                },
            ),
            nested("run.days", 400),
        )

    def test_team_and_work_of_the_covered(self) -> None:
        plan = draw_plan(self.scenario(0.7))
        rows = tasks_of(plan, "home_assessment")
        covered = plan.tasks.team[rows] != NONE
        assert abs(z_of_share(covered.sum(), covered.size, 0.7)) < Z
        assert team_of(plan, rows[covered]) == {"assessors"}
        assert abs(z_of_mean(plan.tasks.work[rows[covered]] * 24, 3)) < Z
        assert abs(z_of_mean(plan.tasks.work[rows[~covered]], 4)) < Z

    def test_coverage_is_nested_and_changes_nobody_else(self) -> None:
        none = self.scenario(0.0)
        some, _, _ = changed_people(none, self.scenario(0.3))
        more, _, _ = changed_people(none, self.scenario(0.8))
        assert some and some.keys() < more.keys()
        old = fates(draw_plan(none))
        for person, new in some.items():
            # The stays are the same, and so is every task but the one.
            assert [stay[:-1] for stay in old[person].stays] == [stay[:-1] for stay in new.stays]
            for before, after in zip(old[person].stays, new.stays, strict=True):
                assert {task[0] for task in set(before[-1]) ^ set(after[-1])} <= {"home_assessment"}

    def test_assessors_of_the_locality_take_the_place_of_the_task_s_own_team(self) -> None:
        plan = draw_plan(
            world(
                nested("localities", {"north": 0.5, "south": 0.5}),
                nested("teams.assessors.by_locality", True),
                nested("pathways.P2.tasks.assessment.share", 0.6),
                nested("tasks.assessment.work_hours", 2),
                nested("trusted_assessors", {"coverage": 0.5, "task": "assessment", "team": "assessors"}),
                nested("trusted_assessors.work_hours", 3),
                nested("run.days", 100),
            )
        )
        rows = tasks_of(plan, "assessment")
        team = np.array(plan.pools.names)[plan.pools.settings + plan.tasks.team[rows]]
        lives = np.array(["north", "south"])[plan.people.locality[plan.stays.person[plan.tasks.stay[rows]]]]
        covered = team != "hub"
        assert set(team) == {"hub", "assessors@north", "assessors@south"}
        assert all(one == f"assessors@{home}" for one, home in zip(team[covered], lives[covered], strict=True))
        assert (plan.tasks.work[rows[covered]] == 3 / 24).all()
        assert (np.abs(plan.tasks.work[rows[~covered]] - 2 / 24) < 1e-6).all()

    def test_everybody_and_nobody(self) -> None:
        for coverage, teams in ((0.0, {None}), (1.0, {"assessors"})):
            plan = draw_plan(self.scenario(coverage))
            assert team_of(plan, tasks_of(plan, "home_assessment")) == teams


def test_tasks_of_a_setting_stand_on_its_last_step() -> None:
    """They keep people from leaving the setting; they do not hold up the tapering of the support."""
    onward = {
        "tasks": {"home_assessment": {"share": 0.5}},
        "next": {"care_home": {"share": 0.5, "stay_days": 300}},
    }
    plan = draw_plan(world(nested("pathways.P1.next.support", onward), nested("run.days", 100)))
    rows = tasks_of(plan, "home_assessment")
    rows = rows[plan.stays.pathway[plan.tasks.stay[rows]] == 1]
    stays = plan.tasks.stay[rows]
    assert rows.size and (plan.stays.label[stays] == Label.TAPER).all() and (plan.stays.units[stays] == 1).all()
    following = plan.stays.next[stays]
    assert set(plan.stays.label[following[following != NONE]]) == {Label.ONWARD}


def test_the_same_task_on_each_stay_of_a_journey_has_its_own_draw() -> None:
    """Whether somebody needs it in the hospital says nothing about whether they need it where they go from there."""
    half = {"medicines": {"share": 0.5}}
    onward = {"support": {"stay_days": 5, "tasks": half}}
    plan = draw_plan(
        world(
            nested("pathways.P2.tasks", half | {"decision": None, "assessment": None}),
            nested("pathways.P2.next.rehab", {"tasks": half, "next": onward}),
            nested("cohorts.frail.pathways", {"P0": 0.0, "P1": 0.0, "P2": 1.0, "P3": 0.0, "died": 0.0}),
            nested("run.days", 300),
        )
    )
    acute = on(plan, Label.ADMISSION, "P2")
    rehab = plan.stays.next[acute]
    support = plan.stays.next[rehab]
    for rows, setting in ((rehab, "rehab"), (support, "support")):
        assert (rows != NONE).all() and (plan.stays.setting[rows] == plan.pools.names.index(setting)).all()
    stays = plan.tasks.stay[tasks_of(plan, "medicines")]
    needs = [np.isin(rows, stays) for rows in (acute, rehab, support)]
    for number, one in enumerate(needs):
        assert abs(z_of_share(one.sum(), one.size, 0.5)) < Z
        for other in needs[:number]:
            assert abs(z_of_share((one & other).sum(), other.sum(), 0.5)) < Z
