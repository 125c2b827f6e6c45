"""The warm-up judged on series whose settling is known."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dischargesim.experiment.replicate import replicate
from dischargesim.experiment.warm_up import (
    FEWEST_DAYS,
    TWO_YEARS,
    Judged,
    check,
    judge,
    mser,
    warm_up_table,
    warnings,
    welch,
)
from dischargesim.measures import daily_index
from dischargesim.measures.registry import Row
from dischargesim.scenario.hours import MONTHS
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.schema import Scenario

OTHER = "cohorts.other.arrivals"
REMAINING = Row("daily_nctr_remaining", "all", "people")


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def ar1(
    seed: int, runs: int, days: int, *, phi: float = 0.9, start: float = 100.0, settles_in: float = 1.0
) -> np.ndarray:
    """Series around 100 with a standard deviation of 8, that begin elsewhere and come near exponentially."""
    generator = rng(seed)
    state, series = generator.normal(size=runs) * 8, np.empty((runs, days))
    for day in range(days):
        state = phi * state + generator.normal(size=runs) * 8 * (1 - phi**2) ** 0.5
        series[:, day] = state
    return 100 + series + (start - 100) * np.exp(-np.arange(days) / settles_in)


def waiting(seed: int, runs: int, days: int, arrivals: float, servers: int = 10) -> np.ndarray:
    """People waiting in an M/M/c queue at the end of each day; a server serves one a day, and all begin idle."""
    generator, inside, found = rng(seed), np.zeros(runs), np.empty((runs, days))
    rate = arrivals + servers
    for day in range(days):
        events = generator.poisson(rate, runs)
        for event in range(events.max()):
            u = generator.random(runs) * rate
            step = np.where(u < arrivals, 1, np.where(u - arrivals < np.minimum(inside, servers), -1, 0))
            inside += np.where(event < events, step, 0)
        found[:, day] = np.maximum(inside - servers, 0)
    return found


def test_welch_by_hand() -> None:
    # Day 0 alone, day 1 with one on either side, then two on either side.
    series = np.array([10.0, 4, 1, 3, 5, 7, 9, 2])
    assert welch(series, 2) == pytest.approx([10, 5, 4.6, 4, 5, 5.2])
    assert welch(series, 0) == pytest.approx(series)


@given(st.integers(0, 10), st.integers(20, 60))
def test_welch_keeps_a_straight_line(window: int, days: int) -> None:
    assert welch(2.0 + 3 * np.arange(days), window) == pytest.approx(2 + 3 * np.arange(days - window))


@given(st.lists(st.floats(-100, 100), min_size=20, max_size=80))
def test_mser_is_its_definition(values: list[float]) -> None:
    batches = np.array(values[: len(values) // 5 * 5]).reshape(-1, 5).mean(axis=1)
    expected = [batches[d:].var() / (batches.size - d) for d in range(batches.size // 2 + 1)]
    cut, statistic = mser(np.array(values))
    assert statistic == pytest.approx(expected, abs=1e-9)
    assert cut % 5 == 0
    assert expected[cut // 5] == pytest.approx(min(expected), abs=1e-9)


@pytest.mark.parametrize("odd_days", [5, 20, 35, 60])
def test_mser_cuts_where_a_step_is(odd_days: int) -> None:
    step = np.where(np.arange(200) < odd_days, 20.0, 0.0)
    assert mser(step)[0] == odd_days
    assert odd_days <= mser(step + rng(odd_days).normal(size=200))[0] < 100


def test_mser_of_what_never_settles_is_half_of_it() -> None:
    assert mser(np.arange(200.0))[0] == 100


@pytest.mark.parametrize("phi", [0.0, 0.7, 0.95])
@pytest.mark.parametrize("runs", [3, 10])
def test_what_has_settled_is_left_in_peace(phi: float, runs: int) -> None:
    answers = Counter(judge(ar1(seed, runs, 365, phi=phi)).answer for seed in range(60))
    assert answers["settled"] >= 55


def test_of_many_series_one_must_differ_more() -> None:
    """By chance one of many looks as if it had not settled; a start that is one is found all the same."""
    doubtful, empty = ar1(53, 10, 365, start=112, settles_in=15), ar1(1, 10, 365, start=0, settles_in=15)
    assert [judge(doubtful, together=number).answer for number in (1, 24)] == ["too_short", "settled"]
    assert judge(empty, together=24).answer == "too_short"
    scenario = small("run.days=365")
    rows = daily_index(scenario)
    daily = np.full((10, len(rows), 365), 5.0)
    for row, series in ((REMAINING, doubtful), (Row("daily_waiting", "setting=reablement", "people"), empty)):
        daily[:, rows.index(row)] = series
    answers = {row: one.answer for row, one in check(scenario, rows, [daily])}
    assert Counter(answers.values()) == {"settled": len(answers) - 1, "too_short": 1}
    assert answers[REMAINING] == "settled"


def test_the_week_is_no_start() -> None:
    """Fewer people at the weekend, in runs that begin on any day of the week."""
    for first in range(7):
        week = np.where((np.arange(365) + first) % 7 < 5, 100, 60)
        assert judge(week + rng(first).normal(size=(10, 365))).answer == "settled"


def test_a_start_is_found_under_the_week() -> None:
    for first in range(7):
        week = np.where((np.arange(365) + first) % 7 < 5, 100, 60) - np.where(np.arange(365) < 30, 15, 0)
        assert judge(np.tile(week, (10, 1))).further_days == 30


@pytest.mark.parametrize("start", [60.0, 140.0])
def test_a_start_that_fades_is_found(start: float) -> None:
    """After 60 days, three times those in which it fades to 37%, 5% of it is left."""
    found = [judge(ar1(seed, 10, 365, start=start, settles_in=20)) for seed in range(40)]
    assert Counter(one.answer for one in found)["too_short"] >= 34
    days = [one.further_days for one in found if one.further_days is not None and one.answer == "too_short"]
    assert 35 <= np.median(days) <= 80
    for one in found:
        if one.answer == "too_short":
            assert (one.at_first < one.later) == (start < 100)


def test_a_start_that_fades_slowly_is_not_a_queue_that_grows() -> None:
    found = [judge(ar1(seed, 10, 365, start=40, settles_in=80)) for seed in range(40)]
    assert {one.answer for one in found} == {"too_short"}
    # Over half a year: either so many days, or more than a year can show.
    assert all(one.further_days is None or one.further_days >= 120 for one in found)


def test_a_queue_that_empties_to_the_end_is_a_short_warm_up() -> None:
    falling = 500 - np.arange(365.0) + rng(1).normal(size=(10, 365)) * 5
    assert judge(falling) == Judged("too_short", None, pytest.approx(409.5, abs=1), pytest.approx(227, abs=1))


@pytest.mark.parametrize(("arrivals", "answer"), [(7.0, "settled"), (11.0, "grows"), (14.0, "grows")])
def test_an_overloaded_queue_is_told_apart(arrivals: float, answer: str) -> None:
    """Ten servers that serve one a day each, and 7, 11 or 14 people a day."""
    assert {judge(waiting(seed, 8, 365, arrivals)).answer for seed in range(6)} == {answer}


def test_a_busy_queue_that_starts_empty_needs_a_warm_up() -> None:
    """At 97% it takes a hundred days or so to fill; without them it does not settle, but does not grow for ever."""
    answers = Counter(judge(waiting(seed, 30, 730, 9.7)).answer for seed in range(4))
    assert answers["too_short"] >= 3
    assert answers["grows"] == 0


def with_seasons(series: np.ndarray, *, peak: int, size: float = 15.0) -> np.ndarray:
    """The series with a swing over the year."""
    return np.asarray(series + size * np.cos(2 * np.pi * (np.arange(series.shape[1]) - peak) / 365.25))


@pytest.mark.parametrize("peak", [0, 60, 180, 300])
def test_a_season_is_no_start(peak: int) -> None:
    """In two years; a rule that knows of no seasons is misled by each of them, early or late."""
    years = [with_seasons(ar1(seed, 20, 730), peak=peak) for seed in range(40)]
    answers = Counter(judge(one, seasonal=True).answer for one in years)
    assert answers["settled"] >= 36
    misled = Counter(judge(one[:, :365]).answer for one in years)
    assert misled["settled"] <= 4


@pytest.mark.parametrize("peak", [0, 60, 180, 300])
@pytest.mark.parametrize("start", [40, 180])
def test_a_start_that_fades_is_found_under_the_seasons(start: float, peak: int) -> None:
    years = [with_seasons(ar1(seed, 20, 730, start=start, settles_in=20), peak=peak) for seed in range(20)]
    found = [judge(one, seasonal=True) for one in years]
    assert {one.answer for one in found} == {"too_short"}
    days = [one.further_days for one in found if one.further_days is not None]
    assert len(days) == 20 and 35 <= np.median(days) <= 80
    for one in found:
        assert (one.at_first < one.later) == (start < 100)
        # Days of one season are compared with those of the same.
        assert abs(one.later - with_seasons(np.full((1, 730), 100.0), peak=peak)[0, : one.further_days].mean()) < 4


@pytest.mark.parametrize(("arrivals", "answer"), [(7.0, "settled"), (11.0, "grows"), (14.0, "grows")])
def test_an_overloaded_queue_is_told_apart_from_its_seasons(arrivals: float, answer: str) -> None:
    queues = [with_seasons(waiting(seed, 8, 728, arrivals), peak=30, size=2) for seed in range(4)]
    assert {judge(one, seasonal=True).answer for one in queues} == {answer}


def test_in_less_than_two_years_it_is_judged_as_if_there_were_no_seasons() -> None:
    series = with_seasons(ar1(2, 20, TWO_YEARS, start=40, settles_in=20), peak=0)
    assert judge(series[:, :-1], seasonal=True) == judge(series[:, :-1])
    assert judge(series, seasonal=True) != judge(series)


@pytest.mark.parametrize("settles_in", [40, 80, 120])
def test_a_start_that_fades_over_months_is_not_said_to_grow_for_ever(settles_in: float) -> None:
    years = (ar1(seed, 20, TWO_YEARS, start=60, settles_in=settles_in) for seed in range(20))
    assert {judge(with_seasons(one, peak=30), seasonal=True, together=20).answer for one in years} == {"too_short"}


def test_a_trifle_is_not_reported() -> None:
    start = np.where(np.arange(365) < 10, 0.5, 0)
    assert judge(100 + start + rng(3).normal(size=(20, 365)) / 100).answer == "settled"


def test_nothing_ever_happens() -> None:
    assert judge(np.zeros((5, 100))).answer == "settled"


def test_too_few_days_to_tell() -> None:
    assert judge(np.ones((5, FEWEST_DAYS - 1))).answer == "too_few_days"
    assert judge(np.ones((5, FEWEST_DAYS))).answer == "settled"


def test_one_replication_alone() -> None:
    assert judge(ar1(1, 1, 365)).answer in ("settled", "too_short")
    assert judge(np.arange(365.0)[None] * 3).answer == "grows"


def small(*overrides: str) -> Scenario:
    return load_scenario(["system=small", "run.engine=simpy", *overrides])


def checked(scenario: Scenario, batches: int = 1) -> list[tuple[Row, Judged]]:
    runs = replicate(scenario, workers=1).runs
    daily = np.stack([run.daily for run in runs])
    return check(scenario, daily_index(scenario), np.array_split(daily, batches))


@pytest.fixture(scope="module")
def unwarmed() -> tuple[Scenario, list[tuple[Row, Judged]]]:
    scenario = small("run.warm_up_days=0", "run.days=200", "run.replications=24", "~start")
    return scenario, checked(scenario, batches=4)


def test_a_hospital_that_starts_empty(unwarmed: tuple[Scenario, list[tuple[Row, Judged]]]) -> None:
    scenario, judged = unwarmed
    answers = {(row.measure, row.group): one for row, one in judged}
    beds = answers["daily_beds_occupied", "all"]
    assert beds.answer == "too_short"
    assert beds.further_days is not None and 10 <= beds.further_days <= 100
    assert beds.at_first < beds.later
    # People stay in the care home for years: it fills to the end of the run and beyond, but not for ever.
    assert answers["daily_people", "setting=care_home"].answer == "too_short"
    assert answers["daily_people", "setting=care_home"].further_days is None
    (line, *_) = warnings(scenario, judged)
    assert line.startswith("the warm-up of 0 days is too short for ")
    assert "acute beds occupied" in line
    assert line.endswith("(run.warm_up_days)")


def test_a_table_over_scenarios(unwarmed: tuple[Scenario, list[tuple[Row, Judged]]]) -> None:
    scenario, judged = unwarmed
    table = warm_up_table([("empty", scenario, judged), ("again", scenario, judged)])
    assert list(table["option"].unique()) == ["empty", "again"]
    assert len(table) == 2 * len(judged)
    assert table["further_days"].dtype == "Int64"
    assert set(table["warm_up_days"]) == {0}


def test_only_what_can_settle_is_looked_at(unwarmed: tuple[Scenario, list[tuple[Row, Judged]]]) -> None:
    scenario, judged = unwarmed
    groups = {row.group for row, _ in judged}
    assert groups == {"all", *(f"setting={name}" for name, s in scenario.settings.items() if s.capacity != "unlimited")}


def test_a_setting_asked_for_too_much_is_said_to_grow() -> None:
    scenario = small("settings.community_bed.capacity=1", "run.days=200", "run.replications=6")
    lines = warnings(scenario, checked(scenario))
    (line,) = [line for line in lines if "no warm-up would settle" in line]
    assert "people waiting (Community (P2) beds)" in line


def test_a_short_run_says_that_it_is_short() -> None:
    scenario = small("run.days=20", "run.warm_up_days=0", "run.replications=2")
    assert warnings(scenario, checked(scenario)) == [
        "too few counted days to tell whether the warm-up was long enough (at least 42)"
    ]


@pytest.mark.parametrize(
    ("months", "days", "season"),
    [({}, 60, False), ({"january": 1.0}, 60, False), ({"january": 1.4, "july": 0.6}, 60, True)],
)
def test_it_says_that_it_may_be_the_season(months: dict[str, float], days: int, season: bool) -> None:
    settings = ("run.warm_up_days=0", f"run.days={days}", "run.replications=6", "~start")
    scenario = small(*settings, f"cohorts.other.arrivals.months={months}".replace("'", ""))
    judged = checked(scenario)
    told = [one for _, one in judged if one.answer in ("too_short", "grows")]
    assert told and all(one.or_season == season for one in told)
    assert not any(one.or_season for _, one in judged if one not in told)
    line = warnings(scenario, judged)[0]
    assert line.endswith("(run.warm_up_days)") != season
    assert line.endswith("Or it is the season: a run of 60 days cannot tell, one of 728 can (run.days)") == season
    assert set(warm_up_table([("one", scenario, judged)])["or_season"]) == {season, False}


@pytest.mark.parametrize(
    ("arrivals", "days", "season"),
    [
        ([f"{OTHER}.per_day=3"], 300, False),
        ([f"~{OTHER}.per_day", f"~{OTHER}.weekdays", f"{OTHER}.daily_counts={[3] * 300}"], 300, True),
        ([f"~{OTHER}.per_day", f"~{OTHER}.weekdays", f"{OTHER}.daily_counts={[3] * TWO_YEARS}"], TWO_YEARS, True),
        ([f"{OTHER}.months={{january: 1.2}}"], TWO_YEARS - 1, True),
        ([f"{OTHER}.months={{january: 1.2}}"], TWO_YEARS, False),
        ([f"{OTHER}.months={{{', '.join(f'{month}: 2' for month in MONTHS)}}}"], 300, False),
    ],
)
def test_only_a_short_run_of_what_has_seasons_cannot_tell(arrivals: list[str], days: int, season: bool) -> None:
    """Arrivals that were counted, day by day, have them."""
    scenario = small(f"run.days={days}", "run.warm_up_days=0", *arrivals)
    rows = daily_index(scenario)
    daily = np.full((10, len(rows), days), 5.0)
    daily[:, rows.index(REMAINING)] = ar1(1, 10, days, start=0, settles_in=15)
    judged = check(scenario, rows, [daily])
    (one,) = [one for row, one in judged if row == REMAINING]
    assert (one.answer, one.or_season) == ("too_short", season)
    (line,) = warnings(scenario, judged)
    if "daily_counts" in arrivals[-1]:
        assert line.endswith("Or it is the season: arrivals that were counted go up and down as they did")
    else:
        assert line.endswith(
            f"a run of {days} days cannot tell, one of 728 can (run.days)" if season else "warm_up_days)"
        )


def test_it_says_how_many_days() -> None:
    judged = [
        (REMAINING, Judged("too_short", 40, 10, 20)),
        (Row("daily_waiting", "setting=reablement", "people"), Judged("too_short", 15, 1, 2)),
    ]
    assert warnings(small(), judged) == [
        "the warm-up of 90 days is too short for people ready to leave and still there; people waiting (Reablement)"
        ": 40 further days (run.warm_up_days)"
    ]
    judged.append((REMAINING, Judged("too_short", None, 10, 20)))
    assert "more further days than this run shows" in warnings(small(), judged)[0]
    assert warnings(small(), [(REMAINING, Judged("settled", 0, 1, 1))]) == []
