"""Who comes when: rates as they were asked for, and the same people under other rates."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dischargesim.plan.arrivals import Source, _clock, _looked_up, draw_sources
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.streams import GRID, Streams
from dischargesim.plan.tables import RateEffects
from dischargesim.scenario.schema import Scenario
from tests.worlds import from_stream, nested, world, z_of_mean, z_of_share

Z = 4.0
HOURS = {"every_day": "08:00-20:00"}


def arrivals(*, days: int = 2_000, **frail: Any) -> Scenario:
    return world(nested("cohorts.frail.arrivals", frail), nested("run.days", days))


def drawn(scenario: Scenario, replication: int = 0) -> tuple[dict[str, Source], RateEffects | None]:
    sources, effects = draw_sources(scenario, Streams(scenario.run.seed, replication))
    return {source.stream: source for source in sources}, effects


def when(scenario: Scenario) -> np.ndarray:
    return drawn(scenario)[0]["frail"].arrival


def assert_counts(found: np.ndarray, expected: np.ndarray) -> None:
    """Poisson counts: each near what is expected, and all of them together."""
    assert (np.abs(found - expected) <= Z * np.sqrt(expected)).all(), (found, expected)
    assert abs(found.sum() - expected.sum()) < Z * np.sqrt(expected.sum())


def test_weekdays() -> None:
    weights = {"monday": 2.0, "saturday": 0.5, "sunday": 0.0}
    times = when(arrivals(per_day=20, weekdays=weights, days=2_100))
    weight = np.array([2, 1, 1, 1, 1, 0.5, 0])  # the run begins on a Monday
    assert_counts(np.bincount(times.astype(int) % 7, minlength=7), 20 * 300 * weight / weight.mean())


def test_weekdays_count_from_the_start_of_the_warm_up() -> None:
    scenario = world(
        nested("cohorts.frail.arrivals.weekdays", {"sunday": 0.0}), nested("run", {"days": 700, "warm_up_days": 3})
    )
    by_day = np.bincount(when(scenario).astype(int) % 7, minlength=7)
    assert by_day[2] == 0 and (np.delete(by_day, 2) > 0).all()  # day 0 is a Friday


def test_months() -> None:
    times = when(arrivals(per_day=30, months={"january": 2.0, "august": 0.0}, days=1461))
    month = (np.datetime64("2024-04-01") + times.astype(int)).astype("datetime64[M]").astype(int) % 12
    days = np.array([124, 113, 124, 120, 124, 120, 124, 124, 120, 124, 120, 124])  # of 4 years with one 29 February
    weight = np.ones(12)
    weight[[0, 7]] = 2, 0
    assert_counts(np.bincount(month, minlength=12), 30 * days * weight / weight.mean())


def test_hours() -> None:
    profile = np.r_[np.zeros(8), np.arange(1, 9), np.zeros(8)]
    times = when(arrivals(per_day=20, hours=profile.tolist()))
    hour = np.bincount((times % 1 * 24).astype(int), minlength=24)
    assert_counts(hour, 20 * 2_000 * profile / profile.sum())
    even = when(arrivals(per_day=20))
    assert_counts(np.bincount((even % 1 * 24).astype(int), minlength=24), np.full(24, 20 * 2_000 / 24))


@pytest.mark.parametrize("hour", [0, 11, 23])
def test_all_in_one_hour_of_the_day(hour: int) -> None:
    weights = np.zeros(24)
    weights[hour] = 3
    times = when(arrivals(per_day=20, hours=weights.tolist(), days=50))
    into = (times - np.floor(times)) * 24 - hour
    assert (np.diff(times) >= 0).all()
    assert into.min() >= -1e-4 and into.max() <= 1 + 1e-4 and abs(z_of_mean(into, 0.5)) < Z


def test_growth() -> None:
    times = when(arrivals(per_day=20, growth_a_year=0.2, days=1461))
    edges = 365.25 * np.arange(5)
    expected = 20 * 365.25 * (1.2 ** np.arange(1, 5) - 1.2 ** np.arange(4)) / np.log(1.2)
    assert_counts(np.histogram(times, edges)[0], expected)


def test_poisson_within_the_day() -> None:
    """Counts of separate hours vary as much as their mean, and gaps are exponential."""
    times = when(arrivals(per_day=48))
    count = np.bincount((times * 24).astype(int), minlength=48_000)
    assert count.var() / count.mean() == pytest.approx(1, abs=Z * np.sqrt(2 / 48_000))
    gaps = np.diff(times) * 48
    assert gaps.std() == pytest.approx(1, abs=0.02)


def test_daily_counts_are_as_counted() -> None:
    counts = np.random.default_rng(1).poisson(5, 2_000)
    profile = [0.0] * 9 + [1.0] * 6 + [0.0] * 9
    scenario = arrivals(per_day=None, daily_counts=counts.tolist(), hours=profile)
    times = when(scenario)
    assert (np.bincount(times.astype(int), minlength=2_000) == counts).all()
    assert (times % 1 * 24 >= 9 - 1e-6).all() and (times % 1 * 24 <= 15 + 1e-6).all()
    assert (np.diff(times) >= 0).all()


def test_times_are_on_the_grid_and_in_order() -> None:
    people = draw_plan(world()).people
    assert (people.arrival * GRID % 1 == 0).all()
    assert (np.diff(people.arrival) >= 0).all()
    assert people.arrival.min() >= 0 and people.arrival.max() <= 200


def test_nobody_comes_where_nobody_is_due() -> None:
    sources, effects = drawn(arrivals(per_day=0))
    assert sources["frail"].number.size == 0 and effects is None
    assert draw_plan(arrivals(per_day=0, days=50)).people.arrival.size > 0  # the others


def test_another_rate_moves_the_same_people() -> None:
    """Half as many: those who would have come first, later."""
    many, few = drawn(arrivals(per_day=8))[0]["frail"], drawn(arrivals(per_day=4))[0]["frail"]
    assert (few.number == np.arange(few.number.size)).all() and few.number.size < many.number.size
    np.testing.assert_allclose(few.arrival, 2 * many.arrival[: few.number.size], atol=3e-6)


def test_a_longer_draw_is_the_same_to_the_last_bit() -> None:
    """However the draws of a stream are cut, the clock of the first people does not change."""
    runs = [drawn(arrivals(per_day=rate, days=64))[0]["frail"].arrival for rate in (1.0, 4.0, 64.0)]
    first = [np.round(times[:20] * rate * GRID) for times, rate in zip(runs, (1, 4, 64), strict=True)]
    assert abs(first[0] - first[2]).max() <= 33 and abs(first[1] - first[2]).max() <= 33  # half a step, times the rate


@pytest.mark.parametrize(("until", "size"), [(400.0, 1), (400.0, 40), (400.0, 500), (4.0, 1)])
def test_however_the_draws_are_cut(until: float, size: int) -> None:
    """A first draw that does not suffice, as one in some millions does not, is continued to the last bit."""
    at_once, cut = (_clock(Streams(3, 0), "frail/arrival", until, first) for first in (2_000, size))
    assert at_once[-1] > until and cut[-1] > until and cut.size < at_once.size
    assert (cut == at_once[: cut.size]).all() and (np.diff(at_once) > 0).all()


@pytest.mark.parametrize("form", ["plain", "compiled"])
def test_the_time_of_day_is_looked_up_alike_in_either_form(form: str) -> None:
    """The hour in whose share of the day a number falls, and how far into it; some hours have no share."""
    if form == "compiled":
        pytest.importorskip("numba")
    weight = np.r_[np.zeros(3), 5.0, np.zeros(4), np.arange(1, 13), np.zeros(4)]
    profile = np.r_[0.0, np.cumsum(weight)] / weight.sum()
    u = np.random.default_rng(5).random(3_000)
    found = getattr(_looked_up, form)(u, profile)
    hour = [int(np.count_nonzero(profile[1:] <= one)) for one in u.tolist()]
    expected = [(at + (one - profile[at]) * weight.sum() / weight[at]) / 24 for at, one in zip(hour, u, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


class TestSurges:
    def surge(self, ratio: float, **more: Any) -> Scenario:
        dates = {"title": "s", "first_day": "2024-06-01", "last_day": "2024-06-30", "ratio": ratio}
        return arrivals(per_day=50, surges={"wave": dates}, days=200, **more)

    @pytest.mark.parametrize("ratio", [1.5, 0.6, 0.0])
    def test_rate(self, ratio: float) -> None:
        sources, effects = drawn(self.surge(ratio))
        times = np.concatenate([source.arrival for name, source in sources.items() if name.startswith("frail")])
        inside = (times >= 61) & (times < 91)
        assert abs(inside.sum() - 50 * 30 * ratio) <= Z * np.sqrt(50 * 30 * ratio)
        assert effects is None

    @pytest.mark.parametrize("ratio", [1.5, 0.6])
    def test_everybody_else_stays_who_they_are(self, ratio: float) -> None:
        before, after = drawn(arrivals(per_day=50, days=200))[0], drawn(self.surge(ratio))[0]
        assert (before["other"].arrival == after["other"].arrival).all()
        usual, now = before["frail"], after["frail"]
        kept = np.isin(usual.number, now.number)
        assert (usual.arrival[kept] == now.arrival).all()
        inside = (usual.arrival >= 61) & (usual.arrival < 91)
        assert kept[~inside].all()
        assert kept[inside].all() == (ratio > 1)
        assert set(after) - set(before) == ({"frail+surge/wave"} if ratio > 1 else set())

    @pytest.mark.parametrize("day", [0, 100, 199])
    def test_a_single_day(self, day: int) -> None:
        """That day and no other, the first and the last of the run as well."""
        date = str(np.datetime64("2024-04-01") + day)
        wave = {"title": "s", "first_day": date, "last_day": date, "ratio": 0.0}
        before = when(arrivals(per_day=50, days=200))
        after = when(arrivals(per_day=50, days=200, surges={"wave": wave}))
        usual, now = (np.bincount(times.astype(int), minlength=200) for times in (before, after))
        assert usual[day] > 0 and now[day] == 0
        assert (np.delete(usual, day) == np.delete(now, day)).all()

    def test_more_of_a_surge_keeps_those_of_a_smaller_one(self) -> None:
        few, many = (drawn(self.surge(ratio))[0]["frail"].number for ratio in (0.4, 0.7))
        assert np.isin(few, many).all()

    def test_people_whom_a_surge_adds_are_thinned_as_well(self) -> None:
        effect = {"care": {"title": "e", "ratio": 0.5}}
        sources, effects = drawn(self.surge(3.0, effects=effect))
        added = sources["frail+surge/wave"].arrival.size
        assert abs(added - 50 * 30 * 2 * 0.5) < Z * np.sqrt(1_500)
        assert effects is not None and effects.names == (("frail", "care"),)
        kept_away = np.count_nonzero(effects.change == -1)
        assert abs(kept_away - (50 * 200 + 50 * 30 * 2) * 0.5) < Z * np.sqrt(6_500)


class TestRateEffects:
    def effect(self, ratio: float, hours: dict[str, str] | None = None) -> Scenario:
        return arrivals(per_day=20, effects={"gp": {"title": "GP", "ratio": ratio, "hours": hours}}, days=500)

    def test_below_one_keeps_people_away_and_counts_them(self) -> None:
        everyone = drawn(arrivals(per_day=20, days=500))[0]["frail"]
        sources, effects = drawn(self.effect(0.7))
        assert effects is not None and effects.names == (("frail", "gp"),)
        assert (effects.change == -1).all() and (effects.effect == 0).all()
        come = sources["frail"].number.size
        assert come + effects.time.size == everyone.number.size
        assert abs(z_of_share(come, everyone.number.size, 0.7)) < Z

    def test_above_one_adds_people_and_counts_them(self) -> None:
        everyone = drawn(arrivals(per_day=20, days=500))[0]["frail"]
        sources, effects = drawn(self.effect(1.25))
        assert effects is not None and (effects.change == 1).all()
        assert (sources["frail"].arrival == everyone.arrival).all()
        assert (sources["frail+effect/gp"].arrival == effects.time).all()
        assert abs(effects.time.size - 20 * 500 * 0.25) < Z * np.sqrt(2_500)

    @pytest.mark.parametrize("ratio", [0.5, 1.5])
    def test_hours(self, ratio: float) -> None:
        _, effects = drawn(self.effect(ratio, HOURS))
        assert effects is not None
        hour = effects.time % 1 * 24
        assert (hour >= 8).all() and (hour < 20 + 1e-4).all()
        assert abs(effects.time.size - 20 * 500 * 0.5 / 2) < Z * np.sqrt(2_500)

    def test_nothing_else_changes(self) -> None:
        before, after = draw_plan(arrivals(per_day=20, days=100)), draw_plan(self.effect(0.7))
        same = slice(0, from_stream(before, "other").size)
        others = [plan.people.arrival[from_stream(plan, "other")] for plan in (before, after)]
        assert (others[0] == others[1][same]).all()
