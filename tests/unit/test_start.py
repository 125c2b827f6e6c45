"""Who is in at time 0: as many as asked for, with the right stay still before them, and in the right order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dischargesim.engine import simulate
from dischargesim.plan.census import Point, _dealt, _remaining
from dischargesim.plan.check import check_plan
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import NONE, Plan
from dischargesim.scenario.checks import start_without_anybody
from dischargesim.scenario.distributions import Constant
from dischargesim.scenario.load import build_scenario
from tests.tiny import CONFIG, tiny_data
from tests.worlds import nested, world, z_of_mean, z_of_share

Z = 4.0


def drawn(*changes: dict[str, Any], **start: Any) -> Plan:
    plan = draw_plan(world({"start": start, "run": {"days": 30}}, *changes))
    check_plan(plan)
    return plan


def inside(plan: Plan, setting: str) -> np.ndarray:
    """First stays of those who are in a setting at time 0."""
    return np.flatnonzero(~np.isnan(plan.stays.entered) & (plan.stays.setting == plan.pools.names.index(setting)))


def left(plan: Plan, rows: np.ndarray) -> np.ndarray:
    """Days from time 0 until ready, over all steps of the stay."""
    s, rows = plan.stays, rows.copy()
    days = s.entered[rows] + s.need[rows]
    more = s.next[rows]
    while (taper := (more != NONE) & (s.label[more] == Label.TAPER)).any():
        days = days + np.where(taper, s.need[more], 0)
        more = np.where(taper, s.next[more], NONE)
    return np.asarray(days)


class TestShares:
    @pytest.mark.parametrize(
        ("setting", "share", "people"), [("acute", 0.95, 57), ("rehab", 0.29, 9), ("care_home", 0.001, 0)]
    )
    def test_as_many_as_asked_for(self, setting: str, share: float, people: int) -> None:
        assert inside(drawn(**{setting: share}), setting).size == people

    def test_units(self) -> None:
        """80 visits a day at 2.5 each on average are 32 people, who take about 80."""
        plan = drawn(nested("settings.support.capacity", 8_000), support=1.0)
        rows = inside(plan, "support")
        assert rows.size == 3_200
        assert plan.stays.units[rows].sum() == pytest.approx(8_000, rel=0.03)

    def test_a_share_of_nothing_is_nobody_even_where_there_is_no_limit(self) -> None:
        plan = drawn(nested("settings.rehab.capacity", "unlimited"), rehab={"share": 0})
        assert np.isnan(plan.stays.entered).all()

    def test_a_service_before_the_door_keeps_nobody_out_of_the_count(self) -> None:
        ward = {
            "title": "Virtual ward",
            "setting": "ward",
            "eligible": {"frail": 0.3},
            "succeeds": 0.75,
            "stay_days": 6,
            "fails_after_days": 2,
        }
        service = {
            "settings": {"ward": {"title": "Virtual ward", "kind": "virtual_ward", "capacity": 5}},
            "services": {"ward": ward},
        }
        plan = drawn(service, acute=0.95, rehab=0.5)
        assert (inside(plan, "acute").size, inside(plan, "rehab").size) == (57, 15)

    def test_people_may_be_more_than_the_capacity(self) -> None:
        assert inside(drawn(rehab={"people": 50}), "rehab").size == 50

    def test_capacity_is_that_of_the_first_day(self) -> None:
        changes = nested("settings.rehab.capacity_changes", {"2024-03-01": 100, "2024-04-20": 7})
        assert inside(drawn(changes, rehab=0.5), "rehab").size == 50

    def test_vacant_posts_hold_nobody(self) -> None:
        workforce = nested("settings.rehab.workforce", {"posts": 10, "vacancy": 0.5})
        assert inside(drawn(workforce, rehab=1.0), "rehab").size == 15

    def test_visits_of_staff(self) -> None:
        staffing = {"posts": 100, "hours_a_week": 35, "visit_minutes": 40, "travel_minutes": 20, "sickness": 0.1}
        change = nested("settings.support", {"capacity": "staffed", "staffing": staffing})
        assert inside(drawn(change, support=1.0), "support").size == 180  # 90 staff, 5 visits a day each, 2.5 a person

    def test_a_team_of_the_same_name_is_not_counted(self) -> None:
        team = nested("teams.rehab", {"title": "Rehab team", "staff": 100})
        assert inside(drawn(team, rehab=0.5), "rehab").size == 15

    def test_nobody(self) -> None:
        assert np.isnan(drawn(rehab=0.0).stays.entered).all() and np.isnan(drawn().stays.entered).all()

    def test_who_they_are(self) -> None:
        """In proportion to how many come and how long they stay."""
        plan = drawn(nested("settings.acute.capacity", 20_000), acute=1.0)
        rows = inside(plan, "acute")
        days = {("frail", code): 6 * 6.0 * share for code, share in enumerate([0.5, 0.2, 0.1, 0.1, 0.1])}
        days |= {("other", code): 4 * 3.0 * share for code, share in enumerate([0.9, 0.1])}
        cohort = np.array(["frail", "other"])[plan.people.cohort[plan.stays.person[rows]]]
        for (name, code), weight in days.items():
            here = (cohort == name) & (plan.stays.pathway[rows] == code)
            assert abs(z_of_share(here.sum(), rows.size, weight / sum(days.values()))) < Z

    def test_no_two_people_are_twins(self) -> None:
        """Also where two flows lead to the same bed: those who come and those who come back."""
        back = {"share": 0.9, "after_days": 9, "stay_days": {"kind": "lognormal", "mean": 6, "median": 4}}
        plan = drawn(
            nested("cohorts.frail.readmission", back),
            nested("pathways.P1.over_prescribed", {"share": 0.5, "to": "P2"}),
            acute=1.0,
            rehab={"share": 0.5, "waiting": 10},
        )
        people = np.flatnonzero(~np.isnan(plan.stays.entered[plan.people.first]))
        who = list(zip(plan.people.origin[people].tolist(), plan.people.number[people].tolist(), strict=True))
        assert len(set(who)) == len(who)
        work = plan.tasks.work[np.isin(plan.stays.person[plan.tasks.stay], people) & (plan.tasks.kind == 2)]
        assert np.unique(work).size == work.size


class TestRemainingStay:
    def test_survival_weighted(self) -> None:
        """Of stays found by a count, what is left has the mean E[X^2] / 2 E[X], and so has what has passed."""
        change = nested("pathways.P2.next.rehab.stay_days", {"kind": "exponential", "mean": 20})
        plan = drawn(change, nested("settings.rehab.capacity", 20_000), rehab=1.0)
        rows = inside(plan, "rehab")
        remaining, passed = left(plan, rows), -plan.stays.entered[rows]
        assert abs(z_of_mean(remaining, 20)) < Z and abs(z_of_mean(passed, 20)) < Z
        assert abs(z_of_mean(remaining > 20, np.exp(-1))) < Z  # exponential again: it has no memory
        assert abs(np.corrcoef(remaining, passed)[0, 1]) * np.sqrt(rows.size) < Z

    def test_survival_weighted_of_stays_that_hardly_vary(self) -> None:
        change = nested("pathways.P2.next.rehab.stay_days", {"kind": "uniform", "low": 10, "high": 30})
        plan = drawn(change, nested("settings.rehab.capacity", 20_000), rehab=1.0)
        second_moment = (30**3 - 10**3) / 3 / 20
        assert abs(z_of_mean(left(plan, inside(plan, "rehab")), second_moment / 2 / 20)) < Z

    def test_uniform_as_an_option(self) -> None:
        """What is left is even on (1, X), X an ordinary stay."""
        change = nested("pathways.P2.next.rehab.stay_days", 21)
        plan = drawn(change, nested("settings.rehab.capacity", 20_000), rehab={"share": 1, "remaining": "uniform"})
        remaining = left(plan, inside(plan, "rehab"))
        assert remaining.min() >= 1 - 1e-6 and remaining.max() <= 21
        assert abs(z_of_mean(remaining, 11)) < Z

    def test_nothing_has_passed_of_a_stay_of_up_to_a_day(self) -> None:
        """And up to half a day of one of a day and a half, of which at least a day is left."""
        change = nested("pathways.P2.next.rehab.stay_days", {"kind": "empirical", "values": [0.5, 1.5]})
        plan = drawn(change, rehab={"people": 400, "remaining": "uniform"})
        rows = inside(plan, "rehab")
        short, passed = plan.stays.need[rows] < 1, -plan.stays.entered[rows]
        assert short.any() and (passed[short] == 0).all()
        assert (passed[~short] <= 0.5).all() and abs(z_of_mean(passed[~short], 0.25)) < Z

    def test_tapering_support_is_met_in_any_step(self) -> None:
        change = nested("pathways.P1.next.support.stay_days", {"kind": "exponential", "mean": 12})
        plan = drawn(change, nested("settings.support.capacity", 40_000), support=1.0)
        rows = inside(plan, "support")
        for units in (1, 2, 3, 4):
            assert abs(z_of_share((plan.stays.units[rows] == units).sum(), rows.size, 0.25)) < Z
        assert abs(z_of_mean(left(plan, rows), 12)) < Z
        assert (-plan.stays.entered[rows] <= plan.stays.need[rows] + 1e-5).all()

    def test_nobody_is_ready_already(self) -> None:
        plan = drawn(acute=1.0, rehab=1.0, care_home=0.9)
        rows = np.flatnonzero(~np.isnan(plan.stays.entered))
        assert (plan.stays.entered[rows] <= 0).all() and (left(plan, rows) >= -1e-5).all()

    def test_steady_from_the_first_day(self) -> None:
        """People leave at the rate at which they come, as they would after a long warm-up."""
        days = {"kind": "lognormal", "mean": 40, "median": 20}
        plan = drawn(
            nested("pathways.P2.next.rehab.stay_days", days),
            nested("settings.rehab.capacity", 40_000),
            nested("run.days", 5),
            rehab=1.0,
        )
        leaving = left(plan, inside(plan, "rehab")) < 5
        assert abs(z_of_share(leaving.sum(), leaving.size, 5 / 40)) < Z


class TestTasksAndWhatFollows:
    def test_people_in_hospital_have_their_tasks_before_them(self) -> None:
        plan = drawn(acute=1.0)
        rows = inside(plan, "acute")
        rows = rows[plan.stays.pathway[rows] != 4]
        assert np.isin(rows, plan.tasks.stay).all()
        assert (plan.stays.next[rows[plan.stays.pathway[rows] == 2]] != NONE).all()

    @pytest.mark.parametrize("setting", ["rehab", "support"])
    def test_they_are_there_though_nobody_else_comes(self, setting: str) -> None:
        """At the first place of a journey, or further on."""
        onward = nested("pathways.P2.next.rehab.next", {"support": {"stay_days": 300}})
        nobody = {"cohorts": {name: {"arrivals": {"per_day": 0}} for name in ("frail", "other")}}
        listed = [{"cohort": "frail", "setting": setting, "days_in": 2, "pathway": "P2"}] * 3
        plan = drawn(onward, nobody, {"census": listed})
        rows = inside(plan, setting)
        assert sorted(plan.people.first) == rows.tolist() and rows.size == 3
        assert (plan.stays.entered[rows] == -2).all()

    def test_people_in_a_setting_have_those_of_the_setting(self) -> None:
        change = nested("pathways.P2.next.rehab.tasks", {"assessment": {}})
        plan = drawn(change, rehab=1.0)
        assert np.isin(inside(plan, "rehab"), plan.tasks.stay).all()

    def test_the_same_may_happen_to_them_as_to_others(self) -> None:
        risks = nested("cohorts.frail.while_delayed", {"death_per_day": 0.05})
        plan = drawn(risks, nested("settings.acute.capacity", 20_000), acute=1.0)
        rows = inside(plan, "acute")
        rows = rows[(plan.people.cohort[plan.stays.person[rows]] == 0) & (plan.stays.pathway[rows] == 2)]
        following = plan.stays.next[rows]
        assert (plan.stays.refusal[following] == Refusal.DIED).all()
        assert abs(z_of_mean(plan.stays.patience[following], 20)) < Z

    def test_nobody_loses_patience_who_is_in(self) -> None:
        plan = drawn(nested("cohorts.frail.patience_days", 2), acute=0.5)
        beds = np.flatnonzero((plan.stays.label == Label.ADMISSION) & (plan.people.cohort[plan.stays.person] == 0))
        in_now = ~np.isnan(plan.stays.entered[beds])
        assert np.isinf(plan.stays.patience[beds[in_now]]).all() and (plan.stays.patience[beds[~in_now]] == 2).all()
        assert in_now.any() and not in_now.all()

    def test_no_review_is_to_come_for_them(self) -> None:
        """Whoever comes is found after a day to have twice what they need; whoever is in keeps what they have."""
        review = {"after_days": 1, "finds": 1.0, "saves": 0.5}
        plan = drawn(
            nested("pathways.P1.next.support", {"visits": None, "units": 8, "stay_days": 12, "review": review}),
            support=0.5,
        )
        s = plan.stays
        first = np.flatnonzero((s.label == Label.ONWARD) & (s.setting == plan.pools.names.index("support")))
        in_now = ~np.isnan(s.entered[first])
        assert in_now.any() and (s.units[first] == 8).all()
        assert (s.next[first[in_now]] == NONE).all() and (s.units[s.next[first[~in_now]]] == 4).all()

    def test_only_those_who_come_wait_for_support(self) -> None:
        """Whoever is in has it, in whichever step; so nothing that happens in a wait for it can happen to them."""
        plan = drawn(nested("cohorts.frail.while_delayed", {"death_per_day": 0.05}), support=1.0)
        s = plan.stays
        first = np.flatnonzero((s.label == Label.ONWARD) & (s.setting == plan.pools.names.index("support")))
        first = first[plan.people.cohort[s.person[first]] == 0]
        in_now = ~np.isnan(s.entered[first])
        units = s.units[first[in_now]]
        assert set(units) == {1, 2, 3, 4} and 0 < (units == 4).sum() != (units == 3).sum()
        assert np.isinf(s.patience[first[in_now]]).all() and (s.refusal[first[in_now]] == Refusal.NONE).all()
        assert np.isfinite(s.patience[first[~in_now]]).all() and (s.refusal[first[~in_now]] == Refusal.DIED).all()

    def test_a_review_finds_those_who_come_behind_them(self) -> None:
        """People sent too high are found after 4 days, however many were there before."""
        plan = drawn(
            nested("pathways.P1.over_prescribed", {"share": 1.0, "to": "P2", "found": 0.5, "found_after_days": 4}),
            nested("pathways.P2.next.rehab.stay_days", 20),
            rehab={"people": 9},
        )
        s = plan.stays
        come = s.next[(s.label == Label.ADMISSION) & (s.pathway == 2) & (plan.people.needed[s.person] == 1)]
        found = s.need[come] == 4
        assert found.any() and not found.all() and (s.need[come[~found]] == 20).all()
        assert (s.next[come[~found]] == NONE).all() and (s.pathway[s.next[come[found]]] == 1).all()
        assert np.array_equal(s.person[s.next[come[found]]], s.person[come[found]])
        assert (s.need[inside(plan, "rehab")] == 20).all() and (s.next[inside(plan, "rehab")] == NONE).all()


class TestWaiting:
    def test_a_single_person(self) -> None:
        plan = drawn(rehab={"waiting": 1})
        assert inside(plan, "acute").size == 1 and inside(plan, "rehab").size == 0

    @pytest.mark.parametrize("setting", ["rehab", "support", "care_home"])
    def test_each_waits_for_the_place_that_was_named(self, setting: str) -> None:
        ways = {name: {"share": 0.25, "stay_days": 9} for name in ("support", "care_home")}
        plan = drawn(nested("pathways.P2.next", {"rehab": {"share": 0.5}, **ways}), **{setting: {"waiting": 25}})
        rows = inside(plan, "acute")
        asked = plan.stays.setting[plan.stays.next[rows]]
        assert rows.size == 25 and set(asked) == {plan.pools.names.index(setting)}

    def test_real_people_with_the_wait_they_have(self) -> None:
        plan = drawn(rehab={"people": 30, "waiting": 400, "waited_days": {"kind": "exponential", "mean": 5}})
        rows = inside(plan, "acute")
        assert rows.size == 400
        waited = -left(plan, rows)
        assert (waited >= -1e-6).all() and abs(z_of_mean(waited, 5)) < Z
        assert (plan.stays.setting[plan.stays.next[rows]] == plan.pools.names.index("rehab")).all()
        assert not np.isin(rows, plan.tasks.stay).any()

    def test_each_queue_has_waits_of_its_own(self) -> None:
        waits = {name: {"kind": "uniform", "low": low, "high": low + 1} for name, low in (("support", 3), ("rehab", 9))}
        plan = drawn(
            support={"waiting": 70, "waited_days": waits["support"]},
            care_home={"waiting": 50},
            rehab={"waiting": 60, "waited_days": waits["rehab"]},
        )
        rows = inside(plan, "acute")
        for_what, waited = plan.stays.setting[plan.stays.next[rows]], -left(plan, rows)
        for name, low in (("support", 3), ("rehab", 9)):
            its = waited[for_what == plan.pools.names.index(name)]
            assert its.size == plan.scenario.start[name].waiting
            assert its.min() >= low - 1e-5 and its.max() <= low + 1 + 1e-5
        others = waited[for_what == plan.pools.names.index("care_home")]
        assert others.size == 50 and np.unique(others).size == 50 and others.max() > 20

    def test_spread_over_the_time_in_which_so_many_are_referred(self) -> None:
        """0.6 people a day are referred to rehab, so 60 who wait have come within 100 days."""
        plan = drawn(rehab={"people": 30, "waiting": 600})
        waited = -left(plan, inside(plan, "acute"))
        assert waited.max() < 1_000 + 1e-5 and abs(z_of_mean(waited, 500)) < Z

    def test_served_by_their_wait_whoever_they_are(self) -> None:
        """Two cohorts wait for the same beds; places go to those who have waited longest."""
        shares = {"pathways": {"P0": 0.8, "P1": 0.1, "P2": 0.1}}
        plan = drawn(
            nested("cohorts.other", shares),
            nested("settings.rehab.capacity", 10),
            nested("pathways.P2.next.rehab.stay_days", 1),
            rehab={"waiting": 40, "waited_days": {"kind": "uniform", "low": 1, "high": 30}},
        )
        rows = inside(plan, "acute")
        assert set(plan.people.cohort[plan.stays.person[rows]]) == {0, 1}
        times = simulate(plan, "simpy")
        entered = times.entered[plan.stays.next[rows]]
        order = np.argsort(left(plan, rows))
        assert (np.diff(entered[order]) >= 0).all() and np.unique(entered).size == 4

    def test_memoryless_risks_count_from_now_and_switches_from_being_ready(self) -> None:
        wait = {"waiting": 500, "waited_days": {"kind": "uniform", "low": 0, "high": 20}}
        risks = nested("cohorts.frail.while_delayed", {"death_per_day": 0.1})
        plan = drawn(risks, rehab=wait)
        rows = inside(plan, "acute")
        more = plan.stays.patience[plan.stays.next[rows]] + left(plan, rows)
        assert more.min() > -1e-5 and abs(z_of_mean(more, 10)) < Z
        plan = drawn(nested("pathways.P2.switch", {"to": "P1", "after_days": 8}), rehab=wait)
        rows = inside(plan, "acute")
        may = np.isfinite(plan.stays.patience[plan.stays.next[rows]])
        # Who has waited longer than that has not switched and will not.
        assert (may == (-left(plan, rows) < 8 - 1e-5)).all() and may.any() and not may.all()


class TestListed:
    def census(self, *people: dict[str, Any], days: int = 30) -> Plan:
        plan = draw_plan(world({"census": list(people), "run": {"days": days}}))
        check_plan(plan)
        return plan

    def test_as_listed(self) -> None:
        plan = self.census(
            {"cohort": "frail", "setting": "acute", "days_in": 9, "pathway": "P2", "ready_days": 4, "tasks_done": True},
            {"cohort": "frail", "setting": "rehab", "days_in": 12.5},
            {"cohort": "other", "setting": "acute", "days_in": 3, "pathway": "P0", "ready_days": 1},
        )
        s, first = plan.stays, plan.people.first[:3]
        assert np.isnan(s.entered[plan.people.first[3:]]).all()
        assert sorted(zip(s.entered[first], s.pathway[first], plan.people.cohort[:3], strict=True)) == [
            (-12.5, 2, 0),
            (-9.0, 2, 0),
            (-3.0, 0, 1),
        ]
        by_days = {float(-s.entered[row]): row for row in first}
        assert s.need[by_days[9]] == 5 and s.need[by_days[3]] == 2 and s.need[by_days[12.5]] >= 12.5
        assert not np.isin(by_days[9], plan.tasks.stay) and np.isin(by_days[3], plan.tasks.stay)

    def test_a_stay_that_has_lasted_so_long_already(self) -> None:
        """Of exponential stays what is left is what it always is; of others, the distribution above the days passed."""
        people = [{"cohort": "other", "setting": "acute", "days_in": 4} for _ in range(2_000)]
        plan = self.census(*people)
        assert abs(z_of_mean(left(plan, inside(plan, "acute")), 3)) < Z
        frail = [{"cohort": "frail", "setting": "acute", "days_in": 4} for _ in range(2_000)]
        remaining = left(self.census(*frail), inside(self.census(*frail), "acute"))
        from scipy.stats import lognorm

        sigma = np.sqrt(2 * np.log(1.5))
        survives = lognorm.sf(10, sigma, scale=4) / lognorm.sf(4, sigma, scale=4)
        assert abs(z_of_mean(remaining > 6, survives)) < Z

    def test_pathways_of_those_who_are_not_on_one_yet(self) -> None:
        plan = self.census(*[{"cohort": "frail", "setting": "acute", "days_in": 1} for _ in range(2_000)])
        pathway = plan.stays.pathway[inside(plan, "acute")]
        for code, share in enumerate([0.5, 0.2, 0.1, 0.1, 0.1]):
            assert abs(z_of_share((pathway == code).sum(), 2_000, share)) < Z

    def test_beyond_the_longest_stay(self) -> None:
        plan = self.census({"cohort": "frail", "setting": "acute", "days_in": 30_000.0})
        assert np.isfinite(plan.stays.need).all() and plan.stays.need[plan.people.first[0]] >= 30_000

    @pytest.mark.parametrize(("days_in", "whole"), [(109.5, 3 * 53 * np.log(2)), (30_000.0, 30_000.0)])
    def test_a_stay_ends_where_its_distribution_does(self, days_in: float, whole: float) -> None:
        """An exponential one of mean 3 goes as far as numbers below 1 do, the largest of which is 1 - 2^-53."""
        plan = self.census({"cohort": "other", "setting": "acute", "days_in": days_in})
        assert plan.stays.need[plan.people.first[0]] == pytest.approx(whole, abs=1e-5)

    @pytest.mark.parametrize(
        ("days_in", "ready_days", "stay", "steps", "units", "passed"),
        [
            (10, None, 20, 6, [3, 2, 1], 0),  # half of six steps: at the beginning of the fourth
            (11, None, 20, 4, [2, 1], 1),  # steps of 5 days; the third has lasted for one
            (10, 2, 20, 4, [1], 4),  # 8 days until ready make steps of 2; the last one began after 6
            (0, 0, 20, 4, [4, 3, 2, 1], 0),  # ready on coming in: all steps are still to come, and none takes time
        ],
    )
    def test_the_step_of_support_that_people_have_come_to(
        self, days_in: float, ready_days: float | None, stay: float, steps: int, units: list[int], passed: float
    ) -> None:
        visits = {"first": steps, "last": 1, "steps": steps}
        listed = {"cohort": "frail", "setting": "support", "days_in": days_in, "ready_days": ready_days}
        plan = drawn(nested("pathways.P1.next.support", {"stay_days": stay, "visits": visits}), {"census": [listed]})
        s, row = plan.stays, int(plan.people.first[0])
        assert s.entered[row] == -passed
        found = []
        while row != NONE:
            found.append(int(s.units[row]))
            row = int(s.next[row])
        assert found == units

    def test_one_more_person_leaves_the_others_alone(self) -> None:
        people = [{"cohort": "frail", "setting": "acute", "days_in": float(days)} for days in range(5)]
        few, more = self.census(*people), self.census(*people, {**people[0], "days_in": 77.0})
        need = dict(zip(few.stays.entered[few.people.first[:5]], few.stays.need[few.people.first[:5]], strict=True))
        now = dict(zip(more.stays.entered[more.people.first[:6]], more.stays.need[more.people.first[:6]], strict=True))
        assert {key: value for key, value in now.items() if key != -77} == need


def test_people_stay_who_they_are_when_the_flows_change() -> None:
    """A changed flow moves some people of the census to another point; nobody else becomes somebody else."""
    start = {"acute": {"people": 400}, "support": {"people": 200}}
    before, after = (
        drawn(nested("run.days", 5), nested("cohorts.frail.pathways", shares), **start)
        for shares in ({"P0": 0.4, "P1": 0.3, "P2": 0.1, "P3": 0.1}, {"P0": 0.4, "P1": 0.28, "P2": 0.12, "P3": 0.1})
    )
    stays = []
    for plan in (before, after):
        inside = ~np.isnan(plan.stays.entered[plan.people.first])
        rows = plan.people.first[inside]
        who = zip(plan.people.origin[inside].tolist(), plan.people.number[inside].tolist(), strict=True)
        stays.append(dict(zip(who, zip(plan.stays.need[rows], plan.stays.entered[rows], strict=True), strict=True)))
    both = stays[0].keys() & stays[1].keys()
    assert len(both) > 0.9 * 600
    assert sum(stays[0][who] != stays[1][who] for who in both) == 0


def test_people_listed_though_nobody_comes() -> None:
    """Who is in now, with nobody coming in: a question that a ward may ask."""
    listed = [{"cohort": "frail", "setting": "acute", "days_in": 3.0}] * 40
    plan = drawn(nested("cohorts.frail.arrivals.per_day", 0), {"census": listed})
    inside = ~np.isnan(plan.stays.entered[plan.people.first])
    assert inside.sum() == 40
    assert np.unique(plan.people.needed[inside]).size > 1


@pytest.mark.parametrize("start", [{"share": 0.5}, {"people": 7}])
def test_nobody_is_in_where_nobody_is_sent(start: dict[str, Any]) -> None:
    nobody = nested("cohorts.frail.pathways", {"P0": 0.6, "P1": 0.2, "P2": 0.0, "P3": 0.1, "died": 0.1})
    assert inside(drawn(nobody, rehab=start), "rehab").size == 0
    assert inside(drawn(rehab=start), "rehab").size > 0


@pytest.mark.parametrize("waits", [{}, {"waited_days": {"kind": "exponential", "mean": 5}}])
def test_nobody_can_be_waiting_where_nobody_is_sent(waits: dict[str, Any]) -> None:
    """The pathway is there, and nobody is on it."""
    plan = drawn(
        nested("cohorts.frail.pathways", {"P0": 0.6, "P1": 0.2, "P2": 0.0, "P3": 0.1, "died": 0.1}),
        rehab={"waiting": 3, **waits},
        support={"waiting": 4},
    )
    first = plan.stays.next[inside(plan, "acute")]
    asked = [plan.pools.names[setting] for setting in plan.stays.setting[first[first != NONE]]]
    assert asked == ["support"] * 4


@pytest.mark.parametrize(
    ("start", "lines"),
    [
        ({"ward_at_home": 0.5}, ["start.ward_at_home: starts empty: nobody comes to it by way of a pathway"]),
        (
            {"ward_at_home": {"share": 0, "waiting": 3}},
            ["start.ward_at_home.waiting: nobody waits for it: no pathway leads there straight from hospital"],
        ),
        ({"rehab": {"share": 0.5, "waiting": 3}}, []),
    ],
)
def test_a_start_that_cannot_be_filled_is_told(start: dict[str, Any], lines: list[str]) -> None:
    data = tiny_data()
    data["start"] = start
    scenario = build_scenario(data, (CONFIG / "data",))
    assert [str(warning) for warning in start_without_anybody(scenario)] == lines


def test_people_are_dealt_to_the_points_of_their_own_group() -> None:
    """Also those whose number is the last below 1, which rounds to 1 in groups after the first."""
    places = [np.array([5, 6]), np.array([7]), np.array([8, 9])]
    weights = [np.array([1.0, 3.0]), np.array([2.0]), np.array([1.0, 1.0])]
    last = 1 - 2.0**-53
    u = np.array([0.2, 0.3, last, last, 0.1, 0.4, 0.6, last])
    point, who, number = _dealt(places, weights, np.array([3, 2, 3]), u)
    assert dict(zip(who.tolist(), point.tolist(), strict=True)) == {0: 5, 1: 6, 2: 6, 3: 7, 4: 7, 5: 8, 6: 9, 7: 9}
    assert dict(zip(who.tolist(), number.tolist(), strict=True)) == {0: 0, 1: 1, 2: 2, 3: 0, 4: 1, 5: 0, 6: 1, 7: 2}


def test_each_stay_goes_on_as_its_own_point_says() -> None:
    """Whatever the order of the points."""
    known = [Point("rehab", "frail", "P2", ("rehab",), Constant(value=10.0 * day)) for day in range(1, 18)]
    point = np.array([16, 1, 8, 0, 16, 8])
    total = _remaining(known, point, np.full(6, 4.0), np.full(6, 0.5))
    assert total.tolist() == [170, 20, 90, 10, 170, 90]
