"""Options against a baseline in pounds: worked out by hand, put back in, and never counted twice."""

from __future__ import annotations

import copy
import doctest
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from dischargesim.appraisal import discount
from dischargesim.appraisal.discount import discount_factors
from dischargesim.appraisal.notes import OPPORTUNITY_NOTE
from dischargesim.appraisal.ratio import cost_for_each
from dischargesim.appraisal.tables import BUDGET, OPPORTUNITY, years_to_pay_back
from dischargesim.appraisal.value import Appraised, appraised
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.problems import ScenarioError
from dischargesim.scenario.schema import Scenario
from tests.appraisals import costed, figures, plain, price, read

SMALL = load_scenario(["system=small", "run.days=365"])
FACTORS = 1 / 1.035 ** np.arange(5)
ANNUITY = FACTORS.sum()
SAVED = np.array([180.0, 200.0, 220.0])
"""Delayed days saved, replication by replication."""
RANGES = plain(
    delayed_bed_day=price(395, 346, 562),
    options={
        "option": {
            "set_up": {"training": price(10_000, 5_000, 30_000)},
            "running": {"posts": price(50_000, 40_000, 70_000)},
            "effect": {"base": 0.9, "low": 0.5, "high": 1.0},
        }
    },
    optimism_bias=0.1,
)


def appraise(data: dict[str, Any], *options: dict[str, Any], scenario: Scenario = SMALL) -> Appraised:
    """The baseline and some options of hand-made figures."""
    appraisal = read(data)
    names = ["option", *(f"option{number}" for number in range(2, len(options) + 1))]
    ledgers = [costed(scenario, appraisal, name, **one) for name, one in zip(names, options, strict=False)]
    return appraised([costed(scenario, appraisal, "baseline"), *ledgers], appraisal)


def only(table: pd.DataFrame, **where: str) -> pd.DataFrame:
    for column, value in where.items():
        table = table[table[column] == value]
    return table


# By hand -----------------------------------------------------------------------------------------------------------


def test_costs_of_a_scenario_by_hand() -> None:
    found = appraise(plain()).costs
    budget = only(found, option="baseline", account="budget")
    by_name = budget.groupby("name")["pounds_a_year"].sum()
    expected = {
        "acute": 30 * 365 * 400,
        "community_bed": 8 * 365 * 150,
        "care_home": 50 * 365 * 100,
        "hub": 40 * 365 / 7 * 30,
    }
    assert by_name.to_dict() == pytest.approx(expected)
    assert only(budget, name="care_home").set_index("payer")["pounds_a_year"].to_dict() == pytest.approx(
        {"local_authority": 0.6 * 50 * 365 * 100, "individual": 0.4 * 50 * 365 * 100}
    )
    assert only(budget, payer="individual")["benefit_class"].tolist() == ["societal"]
    value = only(found, account="opportunity").set_index("item")["pounds_a_year"].to_dict()
    assert value == pytest.approx(
        {"delayed_bed_days": 1000 * 395, "avoided_bed_days": -100 * 395, "avoided_admissions": -20 * 500}
    )


def test_figures_of_part_of_a_year_count_for_a_year() -> None:
    half = load_scenario(["system=small", "run.days=73"])
    appraisal = read(plain())
    year, part = costed(SMALL, appraisal), costed(half, appraisal)
    assert part.of("delayed_bed_days") == pytest.approx(5 * year.of("delayed_bed_days"))
    assert part.of("setting", "acute") == pytest.approx(year.of("setting", "acute"))
    assert part.of("team", "hub") == pytest.approx(year.of("team", "hub"))


def test_value_by_hand() -> None:
    """200 delayed days saved at 395 pounds; a nurse more costs 60,000 a year after 20,000 once, and a fifth on top."""
    options = {"option": {"set_up": {"it": price(20_000)}, "running": {"nurse": price(60_000)}, "optimism_bias": 0.2}}
    found = appraise(plain(options=options), {"nctr_bed_days_lost": 1000 - SAVED})
    row = found.options.iloc[0]
    npsv = 200 * 395 * ANNUITY - 1.2 * 20_000 - 1.2 * 60_000 * ANNUITY
    assert row["npsv_base"] == pytest.approx(npsv)
    half = stats.t.ppf(0.975, 2) * 20 / np.sqrt(3) * 395 * ANNUITY
    assert row["npsv_simulation_upper"] - row["npsv_base"] == pytest.approx(half)
    assert row["npsv_budget"] == pytest.approx(-1.2 * (20_000 + 60_000 * ANNUITY))
    assert row["npsv_budget"] + row["npsv_opportunity"] == pytest.approx(npsv)
    assert row["delayed_days_saved_a_year"] == pytest.approx(200)
    assert row["set_up_pounds"] == pytest.approx(24_000) and row["budget_pounds_a_year"] == pytest.approx(72_000)
    assert row["pounds_per_delayed_day_saved"] == pytest.approx((24_000 + 72_000 * ANNUITY) / (200 * ANNUITY))
    # 79,000 less 72,000 a year pay 24,000 back in the fourth year; in cash it never comes back.
    assert row["payback_years"] == 4 and np.isnan(row["payback_cash_years"])
    assert found.years["net_pounds"].tolist() == pytest.approx([79_000 - 72_000 - 24_000, *[7_000] * 4])


def test_costs_that_start_later() -> None:
    late = {"option": {"set_up": {"it": price(1_000)}, "set_up_in": 1, "starts_in": 2, "running": {"x": price(100)}}}
    found = appraise(plain(options=late), {"nctr_bed_days_lost": 1000 - SAVED})
    expected = (200 * 395 - 100) * FACTORS[2:].sum() - 1_000 * FACTORS[1]
    assert found.options["npsv_base"].item() == pytest.approx(expected)
    assert found.years["opportunity_pounds"].tolist() == pytest.approx([0, 0, *[-79_000] * 3])


def test_effects_on_health_have_their_own_rate() -> None:
    effect = price(10_000, measure="deaths_in_hospital", discount="health")
    found = appraise(plain(effects={"deaths": effect}), {"deaths_in_hospital": 11})
    assert found.options["npsv_base"].item() == pytest.approx(10_000 * (1 / 1.015 ** np.arange(5)).sum())
    assert found.years["present_value_pounds"].sum() == pytest.approx(found.options["npsv_base"].item())


def test_events_a_week_count_for_a_year() -> None:
    effect = price(3_000, measure="cancellations")
    found = appraise(plain(effects={"operations": effect}), {"cancellations": 1})
    assert only(found.changes, item="effect")["quantity_a_year"].item() == pytest.approx(-365 / 7)


def test_discount_factors() -> None:
    """The rate falls to 3% for the thirty-first year."""
    assert doctest.testmod(discount) == (0, 1)
    money = discount_factors("green_book", "money", 33)
    assert money[:3].tolist() == pytest.approx([1, 1 / 1.035, 1 / 1.035**2])
    assert money[32] == pytest.approx(1 / (1.035**30 * 1.03**2))
    assert discount_factors("green_book", "health", 31)[30] == pytest.approx(1.015**-30)
    with pytest.raises(ValueError, match="31 years, not for 32"):
        discount_factors("green_book", "health", 32)


# Nothing twice -----------------------------------------------------------------------------------------------------


def test_a_freed_bed_is_no_cash_and_a_closed_bed_is_not_freed_as_well() -> None:
    """Two beds' worth of delay goes. Without closing them: opportunity alone. With them closed: budget alone."""
    saved = {"nctr_bed_days_lost": 1000 - 2 * 365}
    freed = appraise(plain(), saved)
    assert freed.options["npsv_budget"].item() == 0
    assert freed.options["npsv_opportunity"].item() == pytest.approx(2 * 365 * 395 * ANNUITY)
    cash = only(freed.by_class, benefit_class="cash_releasing")
    assert cash["present_value_pounds"].sum() == 0
    closed = appraise(plain(), {**saved, "setting_capacity__setting_is_acute": 28})
    assert closed.options["npsv_budget"].item() == pytest.approx(2 * 365 * 400 * ANNUITY)
    assert closed.options["npsv_opportunity"].item() == pytest.approx(0, abs=1e-6)
    # Closing more than was freed is not punished twice either, and beds that open take nothing away.
    more = appraise(plain(), {**saved, "setting_capacity__setting_is_acute": 20})
    assert more.options["npsv_opportunity"].item() == pytest.approx(0, abs=1e-6)
    opened = appraise(plain(), {**saved, "setting_capacity__setting_is_acute": 35})
    assert opened.options["npsv_opportunity"].item() == pytest.approx(2 * 365 * 395 * ANNUITY)


def test_a_hospital_bed_has_one_price_and_it_is_not_for_use() -> None:
    data = plain()
    data["settings"]["names"]["acute"] = price(300, per="used_day")
    with pytest.raises(ScenarioError, match=r"appraisal\.settings\.names\.acute\.per: a hospital bed is paid for"):
        costed(SMALL, read(data))


def test_a_task_is_not_paid_by_the_hour_and_by_the_piece() -> None:
    data = plain(tasks={"assessment": price(100)})
    with pytest.raises(ScenarioError, match=r"appraisal\.tasks\.assessment\.covers: its team hub is paid by the hour"):
        costed(SMALL, read(data))
    data["tasks"]["assessment"]["covers"] = "besides_staff"
    assert costed(SMALL, read(data)).lines
    # Medicines are done by nobody in particular: all that they cost is their price.
    data["tasks"] = {"medicines": price(5)}
    assert costed(SMALL, read(data)).of("task", "medicines") == pytest.approx(14 * 365 / 7)


@pytest.mark.parametrize("measure", ["nctr_bed_days_lost", "avoided_net", "setting_people", "bed_wait_mean"])
def test_effects_do_not_repeat_what_has_a_line(measure: str) -> None:
    with pytest.raises(ScenarioError, match="is costed already"):
        costed(SMALL, read(plain(effects={"again": price(1, measure=measure)})))


def test_effects_are_events() -> None:
    with pytest.raises(ScenarioError, match=r"does not count events \(got at_home_91_days_share, expected at_home"):
        costed(SMALL, read(plain(effects={"home": price(1, measure="at_home_91_days_share")})))


def test_what_is_paid_elsewhere_has_no_line() -> None:
    data = plain()
    data["teams"]["paid_elsewhere"] = ["hub"]
    assert {line.item for line in costed(SMALL, read(data)).lines} == {
        "setting", "delayed_bed_days", "avoided_bed_days", "avoided_admissions",
    }  # fmt: skip


def test_one_setting_in_two_localities_counts_once() -> None:
    halves = "localities={north: 0.5, south: 0.5}"
    split = load_scenario(["system=small", "run.days=365", f"+{halves}", "+settings.community_bed.by_locality=true"])
    names = [row.group for row in figures_rows(split, "setting_capacity")]
    assert {"setting=community_bed", "setting=community_bed@north"} <= set(names)
    parts = {f"setting_capacity__setting_is_community_bed@{place}": 4 for place in ("north", "south")}
    found = costed(split, read(plain()), **parts)
    assert [line.name for line in found.lines if line.item == "setting"] == ["acute", "community_bed", "care_home"]
    assert found.of("setting", "community_bed") == pytest.approx(8 * 365)


def figures_rows(scenario: Scenario, measure: str) -> list[Any]:
    from dischargesim.measures import measure_index

    return [row for row in measure_index(scenario) if row.measure == measure]


def test_unlimited_staff_cost_the_hours_that_they_work() -> None:
    unlimited = load_scenario(["system=small", "run.days=365", "teams.hub.staff=unlimited"])
    found = costed(unlimited, read(plain()), team_hours__team_is_hub=np.nan)
    assert found.of("team", "hub") == pytest.approx(10 * 365 / 7)
    assert any("hub is unlimited" in note for note in found.notes)


def test_places_by_what_they_are_paid_for() -> None:
    """Home care by the hour, community beds by the day in use; those without limit as if none stood empty."""
    data = plain()
    data["settings"]["names"]["community_bed"] = price(150, per="used_day")
    assert costed(SMALL, read(data)).of("setting", "community_bed") == pytest.approx(7 * 365)
    unlimited = load_scenario(["system=small", "run.days=365", "settings.community_bed.capacity=unlimited"])
    found = costed(unlimited, read(plain()), setting_capacity__setting_is_community_bed=np.nan)
    assert found.of("setting", "community_bed") == pytest.approx(7 * 365)
    assert any("community_bed is unlimited" in note for note in found.notes)
    hours = load_scenario(["system=small", "run.days=365", "settings.reablement.unit=hours a week"])
    data["settings"]["names"]["reablement"] = price(25, per="care_hour")
    found = costed(hours, read(data), setting_in_use__setting_is_reablement=90)
    assert found.of("setting", "reablement") == pytest.approx(90 * 365 / 7)
    assert not any("reablement" in note for note in found.notes)


def test_the_team_of_trusted_assessors_is_not_paid_twice_either() -> None:
    assessors = "{task: assessment, team: ward, coverage: 0.5, work_hours: 2}"
    trusted = load_scenario(["system=small", "run.days=365", f"+trusted_assessors={assessors}"])
    data = plain(tasks={"assessment": price(100), "nothing_here": price(5)})
    data["teams"] = {"names": {"ward": price(30, per="hour_worked")}}
    with pytest.raises(ScenarioError, match=r"appraisal\.tasks\.assessment\.covers: its team ward is paid by the hour"):
        costed(trusted, read(data))
    data["teams"]["paid_elsewhere"] = ["ward"]
    assert [line.name for line in costed(trusted, read(data)).lines if line.item == "task"] == ["assessment"]


def test_an_effect_on_a_group_that_is_not_here() -> None:
    found = costed(SMALL, read(plain(effects={"falls": price(5, measure="deaths_in_hospital", group="cohort=nobody")})))
    assert any("effect falls: there is no deaths_in_hospital (cohort=nobody) here" in note for note in found.notes)
    assert not [line for line in found.lines if line.item == "effect"]


def test_admissions_that_rates_keep_away() -> None:
    """Ten people a year less at a mean stay of 7 days are 10 admissions and 70 bed days."""
    effect = "+cohorts.frail.arrivals.effects={visits: {title: Visits, ratio: 0.9}}"
    changed = load_scenario(["system=small", "run.days=365", effect])
    ledger = costed(changed, read(plain()), **{"rate_averted__effect_is_frail/visits": 10})
    assert ledger.of("avoided_admissions") == pytest.approx(20 + 10)
    assert ledger.of("avoided_bed_days") == pytest.approx(100 + 10 * 7)


# Options and their own costs ---------------------------------------------------------------------------------------


def test_costs_of_options_by_label_scenario_and_what_is_combined() -> None:
    options = {"ours": {"running": {"a": price(1_000)}}, "more_staff": {"running": {"b": price(10_000)}}}
    appraisal = read(plain(options=options))
    both = SMALL.model_copy(
        update={"scenario": SMALL.scenario.model_copy(update={"name": "x_low", "combines": ["more_staff"]})}
    )
    base = costed(SMALL, appraisal, "baseline")
    found = appraised([base, costed(both, appraisal, "ours"), costed(SMALL, appraisal, "none")], appraisal)
    assert found.options["budget_pounds_a_year"].tolist() == pytest.approx([11_000, 0])
    # What the baseline has already is no cost of the option.
    again = appraised([costed(both, appraisal, "baseline"), costed(both, appraisal, "ours")], appraisal)
    assert again.options["budget_pounds_a_year"].tolist() == pytest.approx([1_000])
    less = appraised([costed(both, appraisal, "baseline"), costed(SMALL, appraisal, "ours")], appraisal)
    assert less.options["budget_pounds_a_year"].tolist() == pytest.approx([1_000 - 10_000])


def test_scenarios_that_are_combined_on_the_command_line_are_known_by_their_names() -> None:
    names = ["discharge_to_assess", "trusted_assessors", "more_reablement"]
    made = load_scenario([f"scenario=[{','.join(names)}]"])
    assert made.scenario.combines == names
    # Its own name would not tell: it is cut short.
    assert "more_reablement" not in made.scenario.name


# Uncertainty -------------------------------------------------------------------------------------------------------


def test_draws_follow_the_ranges_and_the_simulation() -> None:
    data = {**RANGES, "draws": 20_000}
    row = appraise(data, {"nctr_bed_days_lost": 1000 - SAVED}).options.iloc[0]
    mean = 200 * (346 + 395 + 562) / 3 * (0.5 + 0.9 + 1) / 3 * ANNUITY
    mean -= 1.1 * (15_000 + 160_000 / 3 * ANNUITY)
    assert row["npsv_mean"] == pytest.approx(mean)
    assert row["npsv_lower"] < row["npsv_q05"] < row["npsv_q25"] < row["npsv_q50"] < row["npsv_q95"] < row["npsv_upper"]


def test_means_of_draws_are_the_exact_ones() -> None:
    runs = 12
    saved = 200 + 20 * np.sin(np.arange(runs))
    appraisal = read({**RANGES, "draws": 40_000})
    option = costed(SMALL, appraisal, "option", runs, nctr_bed_days_lost=1000 - saved)
    found = appraised([costed(SMALL, appraisal, "baseline", runs), option], appraisal)
    error = found.draws.std() / np.sqrt(len(found.draws))
    assert abs(found.draws.mean() - found.options["npsv_mean"].item()) < 4 * error


def test_without_ranges_the_draws_are_the_interval_of_the_simulation() -> None:
    row = appraise(plain(draws=40_000), {"nctr_bed_days_lost": 1000 - SAVED}).options.iloc[0]
    width = row["npsv_simulation_upper"] - row["npsv_simulation_lower"]
    assert row["npsv_upper"] - row["npsv_lower"] == pytest.approx(width, rel=0.05)
    assert row["npsv_mean"] == pytest.approx(row["npsv_base"])


def test_draws_are_the_same_for_all_options_and_whatever_else_there_is() -> None:
    change = {"nctr_bed_days_lost": 1000 - SAVED}
    options = {
        **RANGES["options"],
        "option2": RANGES["options"]["option"] | {"effect": {"base": 0.9, "low": 0.9, "high": 0.9}},
    }
    alone = appraise(RANGES, change)
    twice = appraise({**RANGES, "options": options}, change, change)
    np.testing.assert_array_equal(alone.draws[:, 0], twice.draws[:, 0])
    other = appraise({**RANGES, "tasks": {"medicines": price(5, 1, 9)}}, change)
    np.testing.assert_allclose(alone.draws, other.draws)
    np.testing.assert_array_equal(alone.draws, appraise(RANGES, change).draws)
    assert not np.array_equal(alone.draws, appraise({**RANGES, "seed": 3}, change).draws)


def test_chances_of_being_better_and_best() -> None:
    good, bad = {"nctr_bed_days_lost": 1000 - SAVED}, {"nctr_bed_days_lost": 1000 + SAVED}
    found = appraise(plain(), good, bad, {})
    assert found.options["probability_better"].tolist() == pytest.approx([1, 0, 0.5], abs=0.02)
    assert found.options["probability_best"].tolist() == pytest.approx([1, 0, 0], abs=0.02)
    same = appraise(plain(), good, good)
    assert same.options["probability_best"].tolist() == pytest.approx([0.5, 0.5], abs=0.02)


def test_one_replication_has_no_interval_and_says_so() -> None:
    appraisal = read(plain())
    ledgers = [costed(SMALL, appraisal, "baseline", 1), costed(SMALL, appraisal, "option", 1, nctr_bed_days_lost=900)]
    found = appraised(ledgers, appraisal)
    assert np.isnan(found.options["npsv_simulation_lower"].item())
    assert found.options["npsv_mean"].item() == pytest.approx(100 * 395 * ANNUITY)
    assert any("One replication" in note for note in found.notes)


def test_only_paired_replications_count() -> None:
    appraisal = read(plain())
    long, short = (costed(SMALL, appraisal, label, n) for label, n in (("baseline", 5), ("option", 3)))
    assert appraised([long, short], appraisal).options["pairs"].item() == 3


# Cost for each -----------------------------------------------------------------------------------------------------


def test_fieller_is_where_the_t_test_turns() -> None:
    """A ratio R lies in the interval as long as cost - R x effect is not clearly different from 0."""
    u = np.random.Generator(np.random.PCG64(5)).normal(size=(2, 9))
    effect = 100 + 20 * u[0]
    cost = 5_000 + 30 * effect + 900 * u[1]
    found = cost_for_each(cost, effect)
    for end in (found.lower, found.upper):
        assert stats.ttest_1samp(cost - end * effect, 0).pvalue == pytest.approx(0.05)
    assert found.lower < found.value == cost.mean() / effect.mean() < found.upper
    fixed = cost_for_each(np.full(4, 1000.0), np.full(4, 10.0))
    assert (fixed.value, fixed.lower, fixed.upper) == pytest.approx((100, 100, 100))


@pytest.mark.parametrize(
    ("cost", "effect", "verdict"),
    [
        ([1, 1, 1], [-5, 1, 5], "no clear effect"),
        ([1, 1, 1], [0, 0, 0], "no clear effect"),
        ([1, 1, 1], [-5, -6, -5], "does harm"),
        ([1], [5], "too few replications"),
    ],
)
def test_ratios_that_are_not_defined(cost: list[float], effect: list[float], verdict: str) -> None:
    found = cost_for_each(np.array(cost, dtype=float), np.array(effect, dtype=float))
    assert found.verdict == verdict and np.isnan([found.value, found.lower, found.upper]).all()


def test_a_ratio_below_nothing_is_called_cheaper() -> None:
    assert cost_for_each(np.array([-5.0, -6, -5]), np.array([5.0, 6, 5])).verdict == "costs less"


@pytest.mark.parametrize(
    ("net", "years"),
    [([1, 1], 0), ([-1, 1], 2), ([-3, 2, 2], 3), ([-3, 1, 1], np.nan), ([0, 0], 0), ([2, -3, 1, 1], 3)],
)
def test_payback(net: list[float], years: float) -> None:
    assert years_to_pay_back(np.array(net, dtype=float)) == pytest.approx(years, nan_ok=True)


# Break even --------------------------------------------------------------------------------------------------------


def put(data: dict[str, Any], path: str, value: float) -> dict[str, Any]:
    """The appraisal with another base at a path, and the range moved out of its way."""
    data = copy.deepcopy(data)
    here: Any = data
    for key in path.split("."):
        here = here[key]
    here.update(base=value, low=min(here["low"], value), high=max(here["high"], value))
    return data


def test_switching_values_put_back_in_give_nothing() -> None:
    change = {"nctr_bed_days_lost": 1000 - SAVED, "setting_capacity__setting_is_community_bed": 9, "avoided_net": 25}
    data = copy.deepcopy(RANGES)
    found = appraise(data, change)
    assert found.options["npsv_base"].item() < 0
    done = 0
    for row in only(found.switching, verdict="breaks even").itertuples():
        path = str(row.path)
        if row.item in ("set_up", "running"):
            path += {"set_up": ".training", "running": ".posts"}[row.item]
        again = appraise(put(data, path, row.switching), change)
        assert again.options["npsv_base"].item() == pytest.approx(0, abs=1e-4), path
        done += 1
    assert done >= 3
    assert {"delayed_bed_day", "options.option.effect"} <= set(only(found.switching, verdict="breaks even")["path"])


def test_switching_values_of_costs_for_something_that_pays() -> None:
    data = plain(options={"option": {"set_up": {"training": price(1)}, "running": {"posts": price(1)}}})
    change = {"nctr_bed_days_lost": 1000 - SAVED}
    table = appraise(data, change).switching.set_index("item")
    for item, line in (("set_up", "training"), ("running", "posts")):
        again = appraise(put(data, f"options.option.{item}.{line}", table.loc[item, "switching"]), change)
        assert again.options["npsv_base"].item() == pytest.approx(0, abs=1e-4)
    without = appraise(plain(), change).switching.set_index("item")
    assert without.loc["running", "switching"] == pytest.approx(200 * 395)
    assert without.loc["set_up", "switching"] == pytest.approx(200 * 395 * ANNUITY)


def test_nothing_breaks_even_where_nothing_can() -> None:
    found = appraise(plain(options={"option": {"running": {"x": price(100)}}}), {"nctr_bed_days_lost": 1000 + SAVED})
    assert set(found.switching["verdict"]) == {"no value breaks even"}
    assert found.switching["switching"].isna().all()


def test_tornado_is_what_the_ends_of_the_ranges_give() -> None:
    change = {"nctr_bed_days_lost": 1000 - SAVED}
    table = appraise(RANGES, change).tornado
    assert table["swing"].is_monotonic_decreasing
    assert set(table["path"]) == {
        "simulation",
        "delayed_bed_day",
        "options.option.effect",
        "options.option.set_up.training",
        "options.option.running.posts",
    }
    for row in table[table["path"] != "simulation"].itertuples():
        for end in ("low", "high"):
            value = appraise(put(RANGES, str(row.path), getattr(row, end)), change).options["npsv_base"].item()
            assert getattr(row, f"npsv_at_{end}") == pytest.approx(value), (row.path, end)


# What the reader is told -------------------------------------------------------------------------------------------


def test_money_says_what_it_is_wherever_it_stands() -> None:
    found = appraise(RANGES, {"nctr_bed_days_lost": 1000 - SAVED})
    for name in ("costs", "changes", "by_payer", "by_class"):
        table = getattr(found, name)
        said = table.groupby("account")["label"].unique()
        assert said["budget"].tolist() == [BUDGET] and said["opportunity"].tolist() == [OPPORTUNITY], name
    for name in ("options", "years", "switching", "tornado"):
        assert getattr(found, name)["label"].str.contains("not cash").all(), name
    assert found.notes[0] == OPPORTUNITY_NOTE


def test_notes_of_what_is_missing() -> None:
    data = plain()
    data["settings"]["names"]["rehab"] = price(1, per="used_day")
    notes = "\n".join(appraise(data, {"nctr_bed_days_lost": 1000 - SAVED}).notes)
    assert "Not costed: setting reablement (reablement, visits a day) has no price in that unit." in notes
    assert "Not costed: team ward has no price." in notes
    assert "Prices of settings that no scenario here has, or not in that unit: rehab." in notes
    assert "Nothing is paid for in option beyond" in notes
    assert "2024/25" in notes and "of 6 unit costs are assumptions" in notes


def test_what_has_no_price_is_shown_beside() -> None:
    found = appraise(plain(unmonetised=["deaths_in_hospital", "cancellations"]), {"deaths_in_hospital": [9, 10, 11]})
    table = found.unmonetised.set_index("measure")
    assert table["difference"].to_dict() == pytest.approx({"cancellations": 0, "deaths_in_hospital": -2})
    assert set(table["benefit_class"]) == {"unmonetised"}


def test_a_baseline_alone_has_costs_only() -> None:
    appraisal = read(plain())
    found = appraised([costed(SMALL, appraisal, "baseline")], appraisal)
    assert len(found.costs) and found.options.empty and found.draws.shape == (2000, 0)


def test_figures_helper_knows_what_there_is() -> None:
    with pytest.raises(KeyError):
        figures(SMALL, "x", nothing_like_it=3)
