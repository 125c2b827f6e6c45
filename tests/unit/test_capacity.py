"""Capacity by date, staff by day, workforce by month, hours, and the daily review of escalation beds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dischargesim.plan.draw import draw_plan
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, UNLIMITED, Plan
from dischargesim.scenario.problems import ScenarioError
from tests.worlds import nested, world, z_of_mean

Z = 4.0


def drawn(*changes: dict[str, Any], replication: int = 0) -> Plan:
    return draw_plan(world({"run": {"days": 60}}, *changes), replication)


def schedule(plan: Plan, pool: str) -> list[tuple[float, int]]:
    pools = plan.pools
    rows = pools.change_pool == pools.names.index(pool)
    return list(zip(pools.change_time[rows].tolist(), pools.change_capacity[rows].tolist(), strict=True))


def hours(plan: Plan, pool: str) -> list[tuple[float, float]]:
    pools = plan.pools
    calendar = pools.calendar[pools.names.index(pool)]
    rows = slice(pools.calendar_start[calendar], pools.calendar_start[calendar + 1])
    return list(zip(pools.opens[rows].tolist(), pools.closes[rows].tolist(), strict=True))


def longest_ready_first(plan: Plan) -> list[str]:
    return [plan.pools.names[pool] for pool in np.flatnonzero(plan.pools.longest_ready_first)]


class TestQueues:
    def test_first_asked_unless_said_otherwise(self) -> None:
        assert longest_ready_first(drawn()) == []

    def test_of_a_setting_and_of_a_team(self) -> None:
        changes = nested("settings.rehab.queue", "longest_ready"), nested("teams.hub.queue", "longest_ready")
        assert longest_ready_first(drawn(*changes)) == ["rehab", "hub"]

    def test_each_locality_has_a_queue_of_the_same_order(self) -> None:
        plan = drawn(
            nested("localities", {"north": 0.6, "south": 0.4}),
            nested("settings.rehab", {"queue": "longest_ready", "by_locality": True, "mutual_aid_after_days": 2.0}),
            nested("teams.hub", {"queue": "first_asked", "by_locality": True}),
            nested("teams.ward", {"queue": "longest_ready", "by_locality": True}),
        )
        assert [name.partition("@")[0] for name in longest_ready_first(plan)] == ["rehab", "rehab", "ward", "ward"]

    def test_with_workforce_staffing_and_escalation(self) -> None:
        staffing = {"posts": 20, "hours_a_week": 35, "visit_minutes": 40, "travel_minutes": 30}
        plan = drawn(
            nested("settings.support", {"capacity": "staffed", "staffing": staffing, "queue": "longest_ready"}),
            nested("settings.acute", {"escalation": {"beds": 6, "step": 2}, "queue": "longest_ready"}),
            nested("teams.hub", {"workforce": {"posts": 4, "vacancy": 0.25}, "queue": "longest_ready"}),
        )
        assert longest_ready_first(plan) == ["acute", "support", "hub"]

    def test_another_word_is_refused(self) -> None:
        with pytest.raises(ScenarioError, match=r"settings\.rehab\.queue: .*got longest, expected longest_ready"):
            drawn(nested("settings.rehab.queue", "longest"))


class TestSettings:
    def test_as_written(self) -> None:
        plan = drawn(nested("settings.rehab.capacity", "unlimited"))
        assert schedule(plan, "acute") == [(0.0, 60)] and schedule(plan, "rehab") == [(0.0, UNLIMITED)]
        assert schedule(plan, "(home)") == [(0.0, UNLIMITED)]

    def test_winter_beds(self) -> None:
        dates = {"2024-03-20": 61, "2024-04-11": 70, "2024-05-01": 65, "2024-09-01": 1}
        changes = nested("settings.acute.capacity_changes", dates)
        assert schedule(drawn(changes), "acute") == [(0.0, 61), (10.0, 70), (30.0, 65)]

    def test_a_change_at_the_very_end_still_counts(self) -> None:
        """31 May is day 60, at whose first moment a run of 60 days ends."""
        changes = nested("settings.acute.capacity_changes", {"2024-05-31": 70, "2024-06-01": 80})
        assert schedule(drawn(changes), "acute") == [(0.0, 60), (60.0, 70)]

    def test_unlimited_until_a_date_with_a_part_for_each_locality(self) -> None:
        """From the date on, the localities share what there is; each has no more than its part."""
        plan = drawn(
            nested("localities", {"north": 0.6, "south": 0.4}),
            nested("settings.rehab", {"capacity": "unlimited", "by_locality": True}),
            nested("settings.rehab.capacity_changes", {"2024-04-11": 50}),
        )
        assert schedule(plan, "rehab@north") == [(0.0, UNLIMITED), (10.0, 30)]
        assert schedule(plan, "rehab@south") == [(0.0, UNLIMITED), (10.0, 20)]

    def test_a_change_on_the_first_day_is_the_start(self) -> None:
        changes = nested("settings.acute.capacity_changes", {"2024-04-01": 50, "2024-04-02": 40})
        assert schedule(drawn(changes), "acute") == [(0.0, 50), (1.0, 40)]

    def test_the_warm_up_comes_before_the_start_date(self) -> None:
        changes = nested("settings.acute.capacity_changes", {"2024-04-01": 70})
        assert schedule(drawn(changes, nested("run.warm_up_days", 9)), "acute") == [(0.0, 60), (9.0, 70)]

    def test_move_in_hours(self) -> None:
        plan = drawn(nested("settings.rehab.move_in", {"weekdays": "09:00-17:00"}))
        first, second = hours(plan, "rehab")[:2]
        assert first == tuple(on_grid(np.array([9, 17]) / 24)) and second == tuple(on_grid(1 + np.array([9, 17]) / 24))
        assert hours(plan, "rehab")[5][0] == on_grid(np.array([7 + 9 / 24]))[0]  # after the weekend
        assert plan.pools.calendar[0] == NONE

    def test_hours_go_on_after_the_end(self) -> None:
        """Work that begins before the horizon can be seen to end in the sixty days after it."""
        assert hours(drawn(), "hub")[-1] == tuple(on_grid(119 + np.array([8, 18]) / 24))

    def test_bank_holidays(self) -> None:
        """1 April 2024 is Easter Monday."""
        england = nested("nation", "England")
        assert hours(drawn(england), "hub")[0][0] == on_grid(np.array([1 + 8 / 24]))[0]
        usual = nested("teams.hub.hours.bank_holidays", "as_usual")
        assert hours(drawn(england, usual), "hub")[0][0] == on_grid(np.array([8 / 24]))[0]

    def test_equal_hours_share_a_calendar(self) -> None:
        plan = drawn(nested("teams.ward.hours", {"every_day": "08:00-18:00"}))
        assert plan.pools.calendar.tolist().count(0) == 2 and plan.pools.calendar_start.size == 2


class TestTeams:
    def test_staff_by_day(self) -> None:
        plan = drawn(nested("teams.hub.staff_by_day", {"saturday": 1, "sunday": 0}), nested("run.days", 14))
        assert schedule(plan, "hub") == [(0, 3), (5, 1), (6, 0), (7, 3), (12, 1), (13, 0), (14, 3)]

    def test_nobody_on_duty_on_the_first_day(self) -> None:
        plan = drawn(nested("teams.hub.staff_by_day", {"monday": 0}), nested("run.days", 8))
        assert schedule(plan, "hub") == [(0, 0), (1, 3), (7, 0), (8, 3)]

    def test_staff_changes(self) -> None:
        changes = {"staff_by_day": {"sunday": 1}, "staff_changes": {"2024-04-10": 5}}
        plan = drawn(nested("teams.hub", changes), nested("run.days", 14))
        assert schedule(plan, "hub") == [(0, 3), (6, 1), (7, 3), (9, 5), (13, 1), (14, 5)]

    def test_a_bank_holiday_is_like_a_sunday(self) -> None:
        plan = drawn(
            nested("teams.hub.staff_by_day", {"sunday": 1}), nested("nation", "England"), nested("run.days", 3)
        )
        assert schedule(plan, "hub") == [(0, 1), (1, 3)]

    def test_unlimited(self) -> None:
        assert schedule(drawn(nested("teams.hub.staff", "unlimited")), "hub") == [(0.0, UNLIMITED)]


class TestWorkforce:
    def test_vacancies_and_sickness_take_their_share(self) -> None:
        plan = drawn(nested("settings.acute.workforce", {"posts": 100, "vacancy": 0.1, "sickness": 0.05}))
        assert schedule(plan, "acute") == [(0.0, 51)]  # 60 beds, 0.9 of the posts, 0.95 of the staff: 51.3

    def test_all_posts_filled_and_nobody_ill(self) -> None:
        plan = drawn(nested("settings.acute.workforce", {"posts": 7}), nested("teams.hub.workforce", {"posts": 3}))
        assert schedule(plan, "acute") == [(0.0, 60)] and schedule(plan, "hub") == [(0.0, 3)]

    def test_goes_with_staff_by_day(self) -> None:
        team = {"staff": 10, "staff_by_day": {"sunday": 4}, "workforce": {"posts": 20, "vacancy": 0.5}}
        plan = drawn(nested("teams.hub", team), nested("run.days", 8))
        assert schedule(plan, "hub") == [(0, 5), (6, 2), (7, 5)]

    def test_turnover(self) -> None:
        """Without recruitment, the expected share of the staff is left after a year."""
        change = nested("settings.acute", {"capacity": 1000, "workforce": {"posts": 1000, "turnover_a_year": 0.3}})
        ends = [schedule(drawn(change, nested("run.days", 335), replication=number), "acute") for number in range(60)]
        assert [day for day, _ in ends[0]][:3] == [0, 30, 61] and len(ends[0]) == 12  # on the first of each month
        assert abs(z_of_mean([one[-1][1] for one in ends], 1000 * 0.7 ** (11 / 12))) < Z

    @pytest.mark.parametrize("others", [{}, {"workforce": {"posts": 9}}])
    @pytest.mark.parametrize("pool", ["acute", "rehab", "hub"])
    def test_each_replication_has_its_own_luck(self, pool: str, others: dict[str, Any]) -> None:
        """In a setting with vacancies, one that is staffed or a team, whether or not posts are filled elsewhere too."""
        leave = {"posts": 500, "turnover_a_year": 0.5}
        visits = {**leave, "hours_a_week": 35, "visit_minutes": 40, "travel_minutes": 20}
        of = {
            "acute": nested("settings.acute", {"capacity": 500, "workforce": leave}),
            "rehab": nested("settings.rehab", {"capacity": "staffed", "workforce": None, "staffing": visits}),
            "hub": nested("teams.hub", {"staff": 500, "workforce": leave}),
        }
        elsewhere = [nested(f"settings.{name}", others) for name in ("acute", "rehab", "support", "care_home")]
        elsewhere += [nested(f"teams.{name}", others) for name in ("ward", "hub", "assessors")]
        scenario = world({"run": {"days": 60}}, *elsewhere, of[pool])
        first, again, *others_luck = (schedule(draw_plan(scenario, number), pool) for number in (0, 0, 1, 2, 3))
        assert first == again and len(first) == 2
        assert any(luck[1] != first[1] for luck in others_luck)

    def test_recruitment_fills_no_more_than_the_posts(self) -> None:
        workforce = {"posts": 100, "vacancy": 0.5, "recruited_a_month": 30.0}
        change = nested("settings.acute", {"capacity": 100, "workforce": workforce})
        runs = [schedule(drawn(change, nested("run.days", 300), replication=number), "acute") for number in range(40)]
        assert all(run[0] == (0.0, 50) and run[-1][1] == 100 for run in runs)
        assert abs(z_of_mean([run[1][1] for run in runs], 80)) < Z

    def test_the_same_people_apply_however_many_posts_are_filled(self) -> None:
        def applying(vacancy: float) -> list[int]:
            workforce = {"posts": 200, "vacancy": vacancy, "recruited_a_month": 5.0}
            plan = drawn(nested("settings.acute", {"capacity": 200, "workforce": workforce}), nested("run.days", 150))
            return np.diff([capacity for _, capacity in schedule(plan, "acute")]).tolist()

        assert applying(0.5) == applying(0.6) != []

    def test_several_times_over_in_a_year(self) -> None:
        """A turnover above 100% is much, and does not empty every post at the end of the month."""
        workforce = {"posts": 100, "turnover_a_year": 2.0}
        plan = drawn(nested("settings.acute", {"capacity": 100, "workforce": workforce}))
        assert 20 < schedule(plan, "acute")[1][1] < 80

    def test_visits_of_staff(self) -> None:
        staffing = {"posts": 100, "hours_a_week": 35, "visit_minutes": 30, "travel_minutes": 10, "double_handed": 0.5}
        plan = drawn(nested("settings.support", {"capacity": "staffed", "staffing": staffing}))
        assert {capacity for _, capacity in schedule(plan, "support")} == {
            500
        }  # 5 hours a day, an hour for a visit on average

    def test_a_setting_leaves_the_luck_of_the_others(self) -> None:
        workforce = {"posts": 100, "vacancy": 0.2, "turnover_a_year": 0.4, "recruited_a_month": 2.0}
        one = nested("settings.acute.workforce", workforce)
        both = drawn(one, nested("settings.rehab.workforce", workforce), nested("run.days", 300))
        assert schedule(both, "acute") == schedule(drawn(one, nested("run.days", 300)), "acute")


class TestReviews:
    def reviews(self, **escalation: Any) -> Plan:
        return drawn(nested("settings.acute.escalation", {"beds": 12, "step": 4, **escalation}))

    def test_once_a_day(self) -> None:
        plan = self.reviews(review_at="09:30-10:00", open_waiting=5, close_waiting=1, close_occupancy=0.8)
        r = plan.reviews
        assert r.time.tolist() == on_grid(np.arange(60) + 9.5 / 24).tolist() and (r.setting == 0).all()
        assert set(zip(r.step, r.most, r.open_waiting, r.close_waiting, r.close_share, strict=True)) == {
            (4, 12, 5, 1, 0.8)
        }

    def test_never_on_this_ground(self) -> None:
        """Not even where there are no beds and nobody is in one."""
        assert np.isinf(self.reviews().reviews.open_share).all()
        assert (self.reviews(open_occupancy=0.95).reviews.open_share == 0.95).all()

    def test_at_midnight_it_is_the_first_minute_that_counts(self) -> None:
        """At time 0 nobody has come yet."""
        assert self.reviews(review_at="00:00-00:10").reviews.time[:2] == pytest.approx(
            [1 / 1440, 1 + 1 / 1440], abs=1e-6
        )

    def test_the_first_of_several_times(self) -> None:
        assert self.reviews(review_at="06:00-07:00, 18:00-19:00").reviews.time[0] == 0.25

    def test_only_ten_times_the_beds_is_never(self) -> None:
        shares = [self.reviews(open_occupancy=share).reviews.open_share[0] for share in (9.0, 9.99, 10.0)]
        assert shares == [9.0, 9.99, np.inf]

    def test_several_settings_in_order_of_time(self) -> None:
        rehab = nested("settings.rehab.escalation", {"beds": 1, "step": 1, "review_at": "06:00-07:00"})
        plan = drawn(rehab, nested("settings.acute.escalation", {"beds": 12, "step": 4}))
        assert (np.diff(plan.reviews.time) > 0).all() and plan.reviews.setting[:2].tolist() == [1, 0]

    @pytest.mark.parametrize(
        "never",
        [
            nested("settings.acute.escalation", {"beds": 1, "step": 1, "review_at": "closed"}),
            nested("settings.acute.board_rounds", {"chance": {}, "hours": "closed"}),
        ],
    )
    def test_at_some_time(self, never: dict[str, Any]) -> None:
        with pytest.raises(ScenarioError, match='not "closed"'):
            world(never)

    def test_none(self) -> None:
        assert drawn().reviews.time.size == 0

    @pytest.mark.parametrize("at", ["00:00-01:00", "23:00-24:00"])
    def test_any_time_of_the_day(self, at: str) -> None:
        times = self.reviews(review_at=at).reviews.time
        assert times.size == 60 and 0 < times[0] < 1
