"""Journeys: stays, tapers, reviews, the wrong pathway, what happens while people wait, and coming back."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest

from dischargesim.plan.check import check_plan
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import NONE, Plan
from tests.worlds import changed_people, fates, nested, world, z_of_mean, z_of_share

Z = 4.0
P0, P1, P2, P3, DIED = range(5)


def long(*changes: dict[str, Any], days: int = 1_000) -> Plan:
    plan = draw_plan(world(nested("run.days", days), *changes))
    check_plan(plan)
    return plan


def admissions(plan: Plan, cohort: int = 0) -> np.ndarray:
    """Rows of the first hospital stays of a cohort."""
    rows = np.flatnonzero(plan.stays.label == Label.ADMISSION)
    return rows[plan.people.cohort[plan.stays.person[rows]] == cohort]


def spells(plan: Plan, setting: str) -> list[list[int]]:
    """Onward stays in a setting, each with its further steps."""
    here = plan.pools.names.index(setting)
    found = []
    for row in np.flatnonzero((plan.stays.label == Label.ONWARD) & (plan.stays.setting == here)).tolist():
        steps = [row]
        while plan.stays.label[plan.stays.next[steps[-1]]] == Label.TAPER and plan.stays.next[steps[-1]] != NONE:
            steps.append(int(plan.stays.next[steps[-1]]))
        found.append(steps)
    return found


class TestPathways:
    def test_shares(self) -> None:
        plan = long()
        rows = admissions(plan)
        for code, share in enumerate([0.5, 0.2, 0.1, 0.1, 0.1]):
            assert abs(z_of_share((plan.stays.pathway[rows] == code).sum(), rows.size, share)) < Z
        assert (plan.people.needed[plan.stays.person[rows]] == plan.stays.pathway[rows]).all()

    def test_a_pathway_that_a_cohort_does_not_name_is_nobodys(self) -> None:
        plan = long(days=300)
        other = plan.stays.pathway[admissions(plan, 1)]
        assert set(other) == {P0, P1} and abs(z_of_share((other == P1).sum(), other.size, 0.1)) < Z

    def test_nobody_lands_on_a_share_of_nothing(self) -> None:
        shares = {"P0": 0.0, "P1": 0.1 + 0.2, "P2": 0.0, "P3": 0.7, "died": 0.0}  # 0.30000000000000004
        plan = long(nested("cohorts.frail.pathways", shares))
        assert set(plan.stays.pathway[admissions(plan)]) == {P1, P3}

    def test_first_stay_and_the_next(self) -> None:
        plan = long()
        rows = admissions(plan)
        following = plan.stays.next[rows]
        stays = np.isin(plan.stays.pathway[rows], [P1, P2, P3])
        assert (following[~stays] == NONE).all() and (following[stays] != NONE).all()
        names = np.array(plan.pools.names)[plan.stays.setting[following[stays]]]
        expected = np.array(["", "support", "rehab", "care_home"])[plan.stays.pathway[rows[stays]]]
        assert (names == expected).all()
        assert (plan.stays.permanent[following[stays]] == (expected == "care_home")).all()

    def test_need(self) -> None:
        plan = long(nested("cohorts.frail.stay_days_by_pathway", {"P1": 9, "P2": {"kind": "exponential", "mean": 4}}))
        rows = admissions(plan)
        need, pathway = plan.stays.need[rows], plan.stays.pathway[rows]
        assert (need[pathway == P1] == 9).all()
        assert abs(z_of_mean(need[pathway == P2], 4)) < Z
        assert abs(z_of_mean(np.log(need[~np.isin(pathway, [P1, P2])]), np.log(4))) < Z

    def test_shares_of_destinations_and_those_left_over(self) -> None:
        options = {"rehab": {"share": 0.3}, "support": {"share": 0.2, "stay_days": 10}}
        plan = long(nested("pathways.P2.next", options), days=3_000)
        rows = admissions(plan)
        following = plan.stays.next[rows[plan.stays.pathway[rows] == P2]]
        names = np.where(following == NONE, "", np.array(plan.pools.names)[plan.stays.setting[following]])
        for name, share in (("rehab", 0.3), ("support", 0.2), ("", 0.5)):
            assert abs(z_of_share((names == name).sum(), names.size, share)) < Z

    def test_patience_and_what_it_means(self) -> None:
        plan = long(
            nested("cohorts.frail", {"patience_days": 0, "elective": True}),
            nested("cohorts.other", {"patience_days": 2}),
        )
        frail, other = admissions(plan), admissions(plan, 1)
        assert (plan.stays.patience[frail] == 0).all() and (plan.stays.refusal[frail] == Refusal.CANCELLED).all()
        assert (plan.stays.patience[other] == 2).all() and (plan.stays.refusal[other] == Refusal.GAVE_UP).all()


class TestSupport:
    def test_tapers(self) -> None:
        plan = long()
        steps = spells(plan, "support")
        assert steps
        for rows in steps:
            assert plan.stays.units[rows].tolist() == [4, 3, 2, 1]
            assert np.ptp(plan.stays.need[rows]) <= 2e-6
            assert (plan.stays.spell[rows] == rows[0]).all()
        total = [plan.stays.need[rows].sum() for rows in steps]
        assert abs(z_of_mean(total, 12)) < Z

    def test_units_are_whole_and_rounded_up(self) -> None:
        units = {"visits": None, "units": {"kind": "uniform", "low": 0, "high": 3}}
        plan = long(nested("pathways.P1.next.support", units))
        taken = plan.stays.units[[rows[0] for rows in spells(plan, "support")]]
        for number in (1, 2, 3):
            assert abs(z_of_share((taken == number).sum(), taken.size, 1 / 3)) < Z
        assert all(len(rows) == 1 for rows in spells(plan, "support"))

    def test_reviews_free_part_of_the_units(self) -> None:
        review = {"after_days": 5, "finds": 0.4, "saves": 0.25}
        plan = long(nested("pathways.P1.next.support", {"visits": None, "units": 8, "stay_days": 12, "review": review}))
        found = 0
        for rows in spells(plan, "support"):
            units, need = plan.stays.units[rows].tolist(), plan.stays.need[rows].tolist()
            assert (units, need) in (([8], [12.0]), ([8, 6], [5.0, 7.0]))
            found += len(rows) == 2
        assert abs(z_of_share(found, len(spells(plan, "support")), 0.4)) < Z

    def test_a_review_leaves_stays_of_no_length_alone(self) -> None:
        review = {"after_days": 5, "finds": 0.0, "saves": 0.6}
        stay = {"visits": None, "units": 8, "stay_days": 0}
        plans = [long(nested("pathways.P1.next.support", {**stay, **more})) for more in ({}, {"review": review})]
        assert plans[0].stays.units.tolist() == plans[1].stays.units.tolist()

    def test_a_review_within_a_taper(self) -> None:
        review = {"after_days": 5, "finds": 1.0, "saves": 0.5}
        plan = long(nested("pathways.P1.next.support", {"stay_days": 12, "review": review}), days=30)
        for rows in spells(plan, "support"):
            assert plan.stays.units[rows].tolist() == [4, 3, 2, 1, 1]  # 3 a day, halved and rounded to the even: 2
            assert plan.stays.need[rows].tolist() == [3, 2, 1, 3, 3]

    def test_reviews_leave_the_rest_alone(self) -> None:
        review = {"after_days": 5, "finds": 0.4, "saves": 0.5}
        before, after = world(), world(nested("pathways.P1.next.support.review", review))
        changed, others, _ = changed_people(before, after)
        assert changed and not others
        assert {fate.needed for fate in changed.values()} == {"P1"}


class TestWrongPathway:
    def over(self, **values: Any) -> dict[str, Any]:
        return nested("pathways.P1.over_prescribed", {"share": 0.3, "to": "P2", **values})

    def test_sent_too_high(self) -> None:
        plan = long(self.over())
        rows = admissions(plan)
        needed, sent = plan.people.needed[plan.stays.person[rows]], plan.stays.pathway[rows]
        assert abs(z_of_share((sent[needed == P1] == P2).sum(), (needed == P1).sum(), 0.3)) < Z
        assert (sent[needed != P1] == needed[needed != P1]).all()

    def test_found_by_a_review_and_sent_on(self) -> None:
        plan = long(self.over(found=0.5, found_after_days=4), nested("pathways.P2.next.rehab.stay_days", 20))
        rows = admissions(plan)
        wrong = rows[(plan.people.needed[plan.stays.person[rows]] == P1) & (plan.stays.pathway[rows] == P2)]
        stay = plan.stays.next[wrong]
        cut = plan.stays.need[stay] == 4
        assert abs(z_of_share(cut.sum(), cut.size, 0.5)) < Z
        assert (plan.stays.need[stay[~cut]] == 20).all() and (plan.stays.next[stay[~cut]] == NONE).all()
        then = plan.stays.next[stay[cut]]
        assert (plan.stays.setting[then] == plan.pools.names.index("support")).all()
        assert (plan.stays.pathway[then] == P1).all()

    def test_a_review_after_the_stay_finds_nobody(self) -> None:
        plan = long(self.over(found=1.0, found_after_days=30), nested("pathways.P2.next.rehab.stay_days", 20))
        rows = admissions(plan)
        following = plan.stays.next[rows[plan.stays.pathway[rows] == P2]]
        assert (plan.stays.need[following] == 20).all() and (plan.stays.next[following] == NONE).all()

    def test_changes_nobody_else(self) -> None:
        changed, others, _ = changed_people(world(), world(self.over(found=0.5, found_after_days=4)))
        assert not others
        assert {fate.needed for fate in changed.values()} == {"P1"}


class TestWhileDelayed:
    RISKS: ClassVar[dict[str, Any]] = {
        "setback_per_day": 0.04,
        "setback_days": {"kind": "exponential", "mean": 5},
        "death_per_day": 0.02,
        "recovery_per_day": 0.03,
        "decline_per_day": 0.01,
    }

    def plan(self, *more: dict[str, Any]) -> Plan:
        ways = {"P0": {"declines_to": "P1"}, "P1": {"recovers_to": "P0", "declines_to": "P2"}}
        return long(nested("cohorts.frail.while_delayed", self.RISKS), {"pathways": ways}, *more)

    def waiting(self, plan: Plan, pathway: int) -> np.ndarray:
        rows = admissions(plan)
        return plan.stays.next[rows[plan.stays.pathway[rows] == pathway]]

    @pytest.mark.parametrize(
        ("pathway", "rates"),
        [
            (P0, {Refusal.SETBACK: 0.04, Refusal.DIED: 0.02, Refusal.DECLINED: 0.01}),
            (P1, {Refusal.SETBACK: 0.04, Refusal.DIED: 0.02, Refusal.RECOVERED: 0.03, Refusal.DECLINED: 0.01}),
            (P2, {Refusal.SETBACK: 0.04, Refusal.DIED: 0.02}),
        ],
    )
    def test_competing_risks(self, pathway: int, rates: dict[Refusal, float]) -> None:
        """The earliest of exponential times: one over the sum of the rates, each in proportion to its own."""
        plan = self.plan()
        rows = self.waiting(plan, pathway)
        total = sum(rates.values())
        assert abs(z_of_mean(plan.stays.patience[rows], 1 / total)) < Z
        assert plan.stays.patience[rows].std() * total == pytest.approx(1, abs=0.2)
        assert set(plan.stays.refusal[rows]) == set(rates)
        for refusal, rate in rates.items():
            mine = plan.stays.refusal[rows] == refusal
            assert abs(z_of_share(mine.sum(), rows.size, rate / total)) < Z
            # Which of them it is says nothing about when.
            assert abs(z_of_mean(plan.stays.patience[rows[mine]], 1 / total)) < Z

    @pytest.mark.parametrize(
        ("risk", "refusal", "pathways"),
        [
            ("setback", Refusal.SETBACK, {P0, P1, P2, P3}),
            ("death", Refusal.DIED, {P0, P1, P2, P3}),
            ("recovery", Refusal.RECOVERED, {P1}),
            ("decline", Refusal.DECLINED, {P0, P1}),
        ],
    )
    def test_a_risk_alone_is_there_wherever_it_leads_somewhere(
        self, risk: str, refusal: Refusal, pathways: set[int]
    ) -> None:
        ways = {"P0": {"declines_to": "P1"}, "P1": {"recovers_to": "P0", "declines_to": "P2"}}
        hazard = {f"{risk}_per_day": 0.1, "setback_days": 2}
        plan = long(nested("cohorts.frail.while_delayed", hazard), {"pathways": ways}, days=100)
        waiting = plan.stays.next[admissions(plan)]
        waiting = waiting[waiting != NONE]
        may = np.isfinite(plan.stays.patience[waiting])
        assert set(plan.stays.pathway[waiting[may]]) == pathways
        assert not set(plan.stays.pathway[waiting[~may]]) & pathways
        assert set(plan.stays.refusal[waiting[may]]) == {refusal}

    def test_eight_times_the_rates_bring_the_same_in_an_eighth_of_the_time(self) -> None:
        rates = {name: rate for name, rate in self.RISKS.items() if name.endswith("per_day")}
        often = nested("cohorts.frail.while_delayed", {name: 8 * rate for name, rate in rates.items()})
        slow, quick = self.plan(nested("run.days", 100)), self.plan(nested("run.days", 100), often)
        assert set(slow.stays.refusal) == set(quick.stays.refusal) >= {Refusal.SETBACK, Refusal.DIED}
        np.testing.assert_array_equal(slow.stays.refusal, quick.stays.refusal)
        may = np.isfinite(slow.stays.patience)
        np.testing.assert_allclose(slow.stays.patience[may], 8 * quick.stays.patience[may], rtol=0, atol=5e-6)

    def test_each_cohort_has_risks_and_setbacks_of_its_own(self) -> None:
        other = {"setback_per_day": 0.1, "setback_days": 7}
        for risks, days in (
            ({"other": other}, {1: {7}}),
            ({"frail": other | {"setback_days": 3}, "other": other}, {0: {3}, 1: {7}}),
        ):
            plan = long({"cohorts": {name: {"while_delayed": given} for name, given in risks.items()}}, days=60)
            set_back = np.flatnonzero(plan.stays.label == Label.SETBACK)
            cohort = plan.people.cohort[plan.stays.person[set_back]]
            assert {int(one): set(plan.stays.need[set_back[cohort == one]]) for one in np.unique(cohort)} == days

    def test_what_follows(self) -> None:
        plan = self.plan()
        s = plan.stays
        rows = self.waiting(plan, P1)
        after, what = s.otherwise[rows], s.refusal[rows]
        assert (after[what == Refusal.DIED] == NONE).all()
        for refusal, label, pathway in (
            (Refusal.SETBACK, Label.SETBACK, P1),
            (Refusal.RECOVERED, Label.REROUTED, P0),
            (Refusal.DECLINED, Label.REROUTED, P2),
        ):
            again = after[what == refusal]
            assert (s.label[again] == label).all() and (s.pathway[again] == pathway).all()
            assert (s.setting[again] == 0).all() and np.isinf(s.patience[again]).all()
            bed = s.spell[again]
            assert (s.label[bed] == Label.ADMISSION).all() and (s.person[bed] == s.person[again]).all()
            assert (s.need[again] > 0).all() if refusal == Refusal.SETBACK else (s.need[again] == 0).all()
            assert np.isin(again, plan.tasks.stay).all()
        set_back = s.otherwise[np.flatnonzero(s.refusal == Refusal.SETBACK)]
        assert abs(z_of_mean(s.need[set_back], 5)) < Z

    def test_people_who_wait_for_tasks_only_wait_to_be_at_home(self) -> None:
        plan = self.plan()
        home = self.waiting(plan, P0)
        assert (plan.stays.label[home] == Label.HOME).all() and np.isinf(plan.stays.need[home]).all()

    def test_nothing_happens_to_the_dying_and_to_other_cohorts(self) -> None:
        plan = self.plan()
        died = admissions(plan)[plan.stays.pathway[admissions(plan)] == DIED]
        assert (plan.stays.next[died] == NONE).all()
        following = plan.stays.next[admissions(plan, 1)]
        following = following[following != NONE]
        assert np.isinf(plan.stays.patience[following]).all() and (plan.stays.otherwise[following] == NONE).all()

    def test_risks_leave_other_cohorts_alone(self) -> None:
        changed, others, _ = changed_people(
            world(),
            world(nested("cohorts.frail.while_delayed", self.RISKS | {"recovery_per_day": 0, "decline_per_day": 0})),
        )
        assert not others and {fate.cohort for fate in changed.values()} == {"frail"}


class TestSwitch:
    def switch(self, **values: Any) -> dict[str, Any]:
        return nested("pathways.P2.switch", {"to": "P1", "after_days": 7, **values})

    def test_after_so_many_days(self) -> None:
        plan = long(self.switch(share=0.6))
        s, rows = plan.stays, admissions(plan)
        waiting = s.next[rows[s.pathway[rows] == P2]]
        may = np.isfinite(s.patience[waiting])
        assert abs(z_of_share(may.sum(), may.size, 0.6)) < Z
        assert (s.patience[waiting[may]] == 7).all() and (s.refusal[waiting[may]] == Refusal.SWITCHED).all()
        again = s.otherwise[waiting[may]]
        assert (
            (s.pathway[again] == P1).all() and (s.label[again] == Label.REROUTED).all() and (s.need[again] == 0).all()
        )
        assert (s.setting[s.next[again]] == plan.pools.names.index("support")).all()

    def test_what_happens_before_comes_first(self) -> None:
        plan = long(self.switch(), nested("cohorts.frail.while_delayed", {"death_per_day": 0.1}))
        s, rows = plan.stays, admissions(plan)
        waiting = s.next[rows[s.pathway[rows] == P2]]
        died = s.refusal[waiting] == Refusal.DIED
        assert (s.patience[waiting[died]] <= 7).all() and (s.patience[waiting[~died]] == 7).all()
        assert abs(z_of_share(died.sum(), died.size, 1 - np.exp(-0.7))) < Z

    def test_whoever_switches_before_a_setback_is_fit(self) -> None:
        plan = long(
            self.switch(), nested("cohorts.frail.while_delayed", {"setback_per_day": 0.1, "setback_days": 5}), days=300
        )
        s, rows = plan.stays, admissions(plan)
        waiting = s.next[rows[s.pathway[rows] == P2]]
        switched = s.refusal[waiting] == Refusal.SWITCHED
        assert switched.any() and not switched.all()
        assert (s.need[s.otherwise[waiting[switched]]] == 0).all()
        assert (s.need[s.otherwise[waiting[~switched]]] == 5).all()

    def test_changes_nobody_else(self) -> None:
        changed, others, _ = changed_people(world(), world(self.switch()))
        assert not others and {fate.needed for fate in changed.values()} == {"P2"}


class TestReadmission:
    BACK: ClassVar[dict[str, Any]] = {"share": 0.2, "after_days": {"kind": "exponential", "mean": 10}, "stay_days": 6}

    def plan(self, *more: dict[str, Any]) -> Plan:
        return long(nested("cohorts.frail.readmission", self.BACK), *more)

    def test_who_comes_back_and_when(self) -> None:
        plan = self.plan()
        s = plan.stays
        back = np.flatnonzero(s.label == Label.READMISSION)
        alive = admissions(plan)[s.pathway[admissions(plan)] != DIED]
        assert abs(z_of_share(back.size, alive.size, 0.2)) < Z
        assert (plan.people.cohort[s.person[back]] == 0).all() and (s.need[back] == 6).all()
        before = np.flatnonzero(np.isin(s.next, back))
        assert (s.label[before] == Label.HOME).all()
        assert (s.setting[before] == len(plan.pools.names) - len(plan.scenario.teams) - 1).all()  # type: ignore[union-attr]
        assert abs(z_of_mean(s.need[before], 10)) < Z

    def test_comes_after_the_last_stay_but_not_after_a_permanent_move(self) -> None:
        plan = self.plan()
        s = plan.stays
        home = np.flatnonzero(s.label == Label.HOME)
        last = np.flatnonzero(np.isin(s.next, home))
        assert set(s.label[last]) == {Label.ADMISSION, Label.ONWARD, Label.TAPER}
        assert (s.permanent[last] == 0).all()
        taper = last[s.label[last] == Label.TAPER]
        assert (s.units[taper] == 1).all()

    def test_the_second_time_is_a_whole_journey(self) -> None:
        plan = self.plan()
        s = plan.stays
        back = np.flatnonzero((s.label == Label.READMISSION) & (s.pathway == P1))
        assert (s.setting[s.next[back]] == plan.pools.names.index("support")).all()
        assert np.isin(back, plan.tasks.stay).all()

    def test_also_from_a_stay_at_home_that_was_there_to_be_impatient_for(self) -> None:
        plan = self.plan(nested("cohorts.frail.while_delayed", {"death_per_day": 0.05}))
        s = plan.stays
        home = np.flatnonzero((s.label == Label.HOME) & (s.next != NONE))
        assert set(s.label[s.next[home]]) == {Label.READMISSION} and np.isfinite(s.need[home]).all()
        assert np.isfinite(s.patience[home]).any()

    def test_also_after_a_setback(self) -> None:
        plan = self.plan(
            nested("cohorts.frail.readmission.share", 1.0),
            nested("cohorts.frail.while_delayed", {"setback_per_day": 0.1, "setback_days": 2}),
            nested("run.days", 60),
        )
        s = plan.stays
        again = np.flatnonzero(s.label == Label.SETBACK)
        home = s.next[again[s.pathway[again] == P0]]
        assert home.size and (home != NONE).all() and (s.label[home] == Label.HOME).all()
        assert (s.label[s.next[home]] == Label.READMISSION).all()

    def test_each_time_has_numbers_of_its_own(self) -> None:
        """Somebody set back and somebody who comes back need another length of rehab than the first time."""
        plan = self.plan(
            nested("cohorts.frail.readmission.share", 1.0),
            nested("cohorts.frail.while_delayed", {"setback_per_day": 0.1, "setback_days": 2}),
            nested("run.days", 60),
        )
        s, rows = plan.stays, admissions(plan)
        first = s.next[rows[s.pathway[rows] == P2]]
        second = s.next[s.otherwise[first]]
        third = s.next[s.next[s.next[first]]]  # at home, in hospital again, and then
        stays = np.array([first, second, third])
        assert (s.setting[stays] == plan.pools.names.index("rehab")).all() and (
            s.person[stays] == s.person[first]
        ).all()
        assert all(np.unique(days).size == 3 for days in s.need[stays].T)

    def test_changes_nobody_else(self) -> None:
        changed, others, _ = changed_people(world(), world(nested("cohorts.frail.readmission", self.BACK)))
        assert not others
        some = changed.values()
        assert {fate.cohort for fate in some} == {"frail"} and "died" not in {fate.needed for fate in some}


class TestServices:
    def service(self, **values: Any) -> dict[str, Any]:
        return {
            "settings": {"ward": {"title": "Virtual ward", "kind": "virtual_ward", "capacity": 5}},
            "services": {
                "ward": {
                    "title": "Virtual ward",
                    "setting": "ward",
                    "eligible": {"frail": 0.3},
                    "succeeds": 0.75,
                    "stay_days": 6,
                    "fails_after_days": 2,
                    **values,
                }
            },
        }

    def test_stays(self) -> None:
        plan = long(self.service(units=2))
        s = plan.stays
        rows = np.flatnonzero(s.label == Label.SERVICE)
        alive = admissions(plan)[s.pathway[admissions(plan)] != DIED]
        assert abs(z_of_share(rows.size, alive.size, 0.3)) < Z
        assert (plan.people.first[s.person[rows]] == rows).all()
        assert (s.patience[rows] == 0).all() and (s.refusal[rows] == Refusal.SERVICE_FULL).all()
        assert (s.units[rows] == 2).all() and (s.service[rows] == 0).all()
        works = s.next[rows] == NONE
        assert abs(z_of_share(works.sum(), works.size, 0.75)) < Z
        assert (s.need[rows[works]] == 6).all() and (s.need[rows[~works]] == 2).all()
        assert (s.label[s.otherwise[rows]] == Label.ADMISSION).all()
        assert (s.next[rows[~works]] == s.otherwise[rows[~works]]).all()

    def test_hours(self) -> None:
        plan = long(self.service(hours={"weekdays": "09:00-17:00"}, eligible={"frail": 1.0}))
        taken = plan.stays.label[plan.people.first] == Label.SERVICE
        time = plan.people.arrival
        open_ = (time.astype(int) % 7 < 5) & (time % 1 * 24 >= 9) & (time % 1 * 24 < 17)
        rows = plan.people.first[open_ & (plan.people.cohort == 0)]
        assert not taken[~open_].any()
        assert (plan.stays.label[rows] == Label.SERVICE).mean() == pytest.approx(0.9, abs=0.04)  # all but the dying

    def test_one_after_the_other(self) -> None:
        plan = long(
            self.service(eligible={"frail": 1.0}),
            {"services": {"second": {**self.service()["services"]["ward"], "eligible": {"frail": 1.0}}}},
        )
        s = plan.stays
        first = plan.people.first[s.service[plan.people.first] == 0]
        second = s.otherwise[first]
        assert first.size and (s.service[second] == 1).all()
        assert (s.label[s.otherwise[second]] == Label.ADMISSION).all()
        # Who fails in the first goes to the hospital, and not to the second.
        failed = s.next[first][s.next[first] != NONE]
        assert (s.label[failed] == Label.ADMISSION).all()

    def test_changes_nobody_else(self) -> None:
        changed, others, _ = changed_people(world(), world(self.service()))
        assert not others
        labels = {fate.stays[0][8] for fate in changed.values()}
        assert labels == {Label.SERVICE}


class TestBoardRounds:
    CHANCE: ClassVar[dict[str, float]] = {"monday": 0.3, "tuesday": 0.8, "saturday": 0.5, "sunday": 0.0}

    def ready(
        self, chance: dict[str, float] | None = None, hours: str = "09:00-12:00"
    ) -> tuple[np.ndarray, np.ndarray]:
        """When people would become fit, and when they are declared ready, if nobody waits for a bed."""
        days = nested("run.days", 1_000)
        fit = draw_plan(world(days))
        rounds = {"chance": self.CHANCE if chance is None else chance, "hours": hours}
        plan = draw_plan(world(days, nested("settings.acute.board_rounds", rounds)))
        rows = admissions(plan)
        rows = rows[plan.stays.pathway[rows] != DIED]
        arrival = plan.people.arrival[plan.stays.person[rows]]
        return arrival + fit.stays.need[rows], arrival + plan.stays.need[rows]

    def test_hours(self) -> None:
        fit, ready = self.ready()
        assert (ready >= fit).all()
        assert (ready % 1 * 24 >= 9 - 1e-4).all() and (ready % 1 * 24 <= 12 + 1e-4).all()

    @pytest.mark.parametrize("hours", ["09:00-12:00", "09:00-10:00, 11:30-12:00"])
    def test_any_moment_of_the_round_is_as_likely(self, hours: str) -> None:
        """From when the first opens until the last closes."""
        fit, ready = self.ready(hours=hours)
        hour = ready[np.floor(ready) > np.floor(fit)] % 1 * 24
        assert abs(z_of_mean(hour, 10.5)) < Z and hour.min() < 9.1 and hour.max() > 11.9

    def test_a_round_of_a_minute_late_in_the_day(self) -> None:
        fit, ready = self.ready(hours="23:00-23:01")
        seconds = (ready[np.floor(ready) > np.floor(fit)] % 1 * 24 - 23) * 3600
        assert abs(z_of_mean(seconds, 30)) < Z and -0.1 < seconds.min() < 1 and 59 < seconds.max() < 60.1

    def test_chance_by_weekday(self) -> None:
        fit, ready = self.ready()
        first = np.floor(fit) + (fit % 1 * 24 > 12)
        at_once = np.floor(ready) == first
        for day, chance in enumerate([0.3, 0.8, 1, 1, 1, 0.5, 0]):
            here = first % 7 == day
            share = at_once[here].sum()
            assert share == chance * here.sum() if chance in (0, 1) else abs(z_of_share(share, here.sum(), chance)) < Z
        # Of those not declared on Saturday, nobody is on Sunday, and of the rest three in ten on Monday.
        later = np.floor(ready)[(first % 7 == 5) & ~at_once] - first[(first % 7 == 5) & ~at_once]
        assert later.min() == 2 and abs(z_of_share((later == 2).sum(), later.size, 0.3)) < Z

    def test_the_dying_are_not_declared_ready(self) -> None:
        before, after = world(), world(nested("settings.acute.board_rounds", {"chance": self.CHANCE}))
        changed, _, plan = changed_people(before, after)
        dying = {person for person, fate in fates(plan).items() if fate.needed == "died"}
        assert dying and not dying & changed.keys()

    @pytest.mark.parametrize(("where", "cohort"), [("acute", 0), ("second", 1)])
    def test_only_where_there_are_rounds(self, where: str, cohort: int) -> None:
        second = {"title": "Second", "kind": "acute", "capacity": 60}
        before = (nested("settings.second", second), nested("cohorts.other.setting", "second"))
        rounds = nested(f"settings.{where}.board_rounds", {"chance": self.CHANCE})
        changed, _, plan = changed_people(world(*before), world(*before, rounds))
        names = list(plan.scenario.cohorts) if plan.scenario is not None else []
        assert {fate.cohort for fate in changed.values()} == {names[cohort]}

    def test_same_people_other_chance(self) -> None:
        """Whoever is declared at once stays so when the chance grows."""
        low, high = self.ready()[1], self.ready(dict.fromkeys(self.CHANCE, 1.0))[1]
        assert (high <= low + 0.13).all() and (high < low - 0.5).any()


def test_bands_of_age_and_deprivation() -> None:
    bands = {"age_bands": {"under_75": 0.3, "over_75": 0.7}, "deprivation": {"most": 0.2, "others": 0.8}}
    plan = long(nested("cohorts.frail", bands))
    frail = plan.people.cohort == 0
    for column, share in ((plan.people.age_band, 0.3), (plan.people.deprivation, 0.2)):
        assert set(column[frail]) == {0, 1} and set(column[~frail]) == {NONE}
        assert abs(z_of_share((column[frail] == 0).sum(), frail.sum(), share)) < Z
    assert abs(np.corrcoef(plan.people.age_band[frail], plan.people.deprivation[frail])[0, 1]) * frail.sum() ** 0.5 < Z
