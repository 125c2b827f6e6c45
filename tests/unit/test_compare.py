"""Paired comparison: intervals that cover, adjusted p values, and no claim that the figures do not carry."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dischargesim.experiment.compare import (
    COLUMNS,
    NO_DIFFERENCE,
    NOT_CLEAR,
    TOO_FEW,
    Figures,
    compare,
    holm,
    paired,
    short_table,
    verdicts,
)
from dischargesim.experiment.ranking import may_be_best, ranking
from dischargesim.measures.registry import Row

NAN = float("nan")
QUEUE = Row("nctr_remaining", "all", "people")
AVOIDED = Row("avoided_net", "all", "people")
PEOPLE = Row("people_arrived", "all", "people")


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def figures(label: str, *columns: list[float], rows: list[Row] | None = None, first: int = 0) -> Figures:
    values = np.array(columns, dtype=float).T
    rows = [QUEUE, AVOIDED, PEOPLE][: len(columns)] if rows is None else rows
    return Figures(label, rows, np.arange(first, first + len(values)), values)


def one(table: pd.DataFrame) -> pd.Series:
    assert len(table) == 1
    return table.iloc[0]


def test_a_difference_by_hand() -> None:
    # Differences -1, -2, -3, -2, -2: mean -2, variance 0.5, t of 4 degrees of freedom 2.776445.
    row = one(compare(figures("a", [10, 12, 14, 11, 13]), [figures("b", [9, 10, 11, 9, 11])]))
    half = 2.776445 * (0.5 / 5) ** 0.5
    assert (row["baseline_mean"], row["option_mean"], row["difference"], row["pairs"]) == (12, 10, -2, 5)
    assert [row["lower"], row["upper"]] == pytest.approx([-2 - half, -2 + half], rel=1e-6)
    assert row["p"] == pytest.approx(2 * stats.t.sf(2 / (0.1**0.5), 4))
    # Variances 2.5 and 1, against 0.5.
    assert row["variance_reduction"] == pytest.approx(7)
    assert row["effective_replications"] == pytest.approx(35)
    assert (row["better_share"], row["better"], row["verdict"]) == (1, "lower", "better")
    assert list(row.index) == COLUMNS


@given(st.integers(0, 10_000), st.integers(3, 30))
def test_it_is_the_paired_t_test_of_scipy(seed: int, n: int) -> None:
    a, b = rng(seed).normal(loc=[[[0.0]], [[0.5]]], size=(2, n, 1))
    found = paired(a, b)
    expected = stats.ttest_rel(b[:, 0], a[:, 0])
    assert found.p[0] == pytest.approx(expected.pvalue, rel=1e-9)
    low, high = expected.confidence_interval(0.95)
    assert [found.lower[0], found.upper[0]] == pytest.approx([low, high], rel=1e-9, abs=1e-12)


def correlated(seed: int, runs: int, sets: int, correlation: float, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs with this correlation, many sets of them side by side; the second is higher by the shift."""
    common, own_a, own_b = rng(seed).normal(size=(3, runs, sets))
    share = correlation**0.5
    rest = (1 - correlation) ** 0.5
    return 100 + 10 * (share * common + rest * own_a), 100 + shift + 10 * (share * common + rest * own_b)


@pytest.mark.parametrize(("runs", "correlation"), [(5, 0.0), (10, 0.8), (30, 0.95)])
def test_intervals_cover_the_true_difference(runs: int, correlation: float) -> None:
    sets = 4000
    found = paired(*correlated(runs, runs, sets, correlation, 1.5))
    covered = ((found.lower <= 1.5) & (found.upper >= 1.5)).sum()
    z = (covered - 0.95 * sets) / (0.95 * 0.05 * sets) ** 0.5
    assert abs(z) < 3.5


def test_p_values_are_even_where_there_is_no_difference() -> None:
    found = paired(*correlated(7, 8, 4000, 0.7, 0.0))
    assert stats.kstest(found.p, "uniform").pvalue > 0.001


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_variance_reduction_is_what_the_correlation_says(correlation: float) -> None:
    # var(a) + var(b) = 2 and var(b - a) = 2 (1 - correlation), in units of the variance.
    found = paired(*correlated(3, 4000, 1, correlation, 1.0))
    assert found.variance_reduction[0] == pytest.approx(1 / (1 - correlation), rel=0.1)


def test_pairing_that_did_harm_shows() -> None:
    a = rng(1).normal(size=(200, 1))
    assert paired(a, -a).variance_reduction[0] == pytest.approx(0.5)


def test_the_same_difference_every_time() -> None:
    row = one(compare(figures("a", [10, 12, 14]), [figures("b", [8, 10, 12])]))
    assert (row["lower"], row["difference"], row["upper"], row["p"]) == (-2, -2, -2, 0)
    assert row["variance_reduction"] == np.inf
    assert row["verdict"] == "better"


def test_nothing_changed() -> None:
    row = one(compare(figures("a", [10, 12, 14]), [figures("b", [10, 12, 14])]))
    assert (row["difference"], row["p"], row["better_share"]) == (0, 1, 0.5)
    assert row["verdict"] == NO_DIFFERENCE


def test_rounding_is_no_difference() -> None:
    third = [0.1 + 0.2, 0.3, 0.1 + 0.2]
    row = one(compare(figures("a", third), [figures("b", [0.3] * 3)]))
    assert third[0] != 0.3
    assert (row["difference"], row["verdict"]) == (0, NO_DIFFERENCE)


def test_what_cancels_out_is_not_called_the_same() -> None:
    row = one(compare(figures("a", [10, 12, 14, 16]), [figures("b", [11, 11, 15, 15])]))
    assert row["difference"] == 0
    assert row["lower"] < 0 < row["upper"]
    assert row["verdict"] == NOT_CLEAR


def test_a_single_replication_has_no_interval() -> None:
    row = one(compare(figures("a", [10]), [figures("b", [8])]))
    assert row["difference"] == -2
    assert np.isnan([row["lower"], row["upper"], row["p"], row["p_holm"], row["variance_reduction"]]).all()
    assert row["verdict"] == TOO_FEW


def test_what_is_not_defined_pairs_with_nothing() -> None:
    a = figures("a", [1, NAN, 3, 4, 5])
    b = figures("b", [2, 3, NAN, 6, 6])
    row = one(compare(a, [b]))
    assert row["pairs"] == 3
    # The means are over the same replications as the difference, which is theirs.
    assert (row["baseline_mean"], row["option_mean"]) == pytest.approx((10 / 3, 14 / 3))
    assert row["difference"] == pytest.approx(4 / 3)
    never = one(compare(figures("a", [NAN, NAN]), [figures("b", [1, 2])]))
    assert (never["pairs"], never["verdict"]) == (0, TOO_FEW)
    assert np.isnan(never["better_share"])


def test_replications_are_paired_by_their_number() -> None:
    a = figures("a", [1, 2, 3, 4], first=0)
    b = figures("b", [30, 40, 50], first=2)
    row = one(compare(a, [b]))
    assert (row["pairs"], row["baseline_mean"], row["option_mean"]) == (2, 3.5, 35)


def test_only_figures_that_both_have() -> None:
    a = figures("a", [1, 2], [3, 4], rows=[QUEUE, AVOIDED])
    b = figures("b", [7, 8], [1, 2], rows=[PEOPLE, QUEUE])
    row = one(compare(a, [b]))
    assert (row["measure"], row["difference"]) == ("nctr_remaining", 0)


@pytest.mark.parametrize(("row", "share"), [(QUEUE, 0.625), (AVOIDED, 0.375), (PEOPLE, NAN)])
def test_share_of_years_in_which_an_option_does_better(row: Row, share: float) -> None:
    # Lower twice, the same once, higher once.
    a, b = figures("a", [5, 5, 5, 5], rows=[row]), figures("b", [4, 3, 5, 9], rows=[row])
    assert one(compare(a, [b]))["better_share"] == pytest.approx(share, nan_ok=True)


def test_holm_by_hand() -> None:
    # 0.01 x 4 = 0.04; 0.02 x 3 = 0.06; 0.03 x 2 = 0.06; 0.04 x 1 = 0.04, raised to 0.06.
    assert holm(np.array([0.04, 0.01, 0.03, 0.02])) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm(np.array([0.6, 0.9])) == pytest.approx([1, 1])


def test_holm_leaves_out_what_was_not_tested() -> None:
    assert holm(np.array([0.02, NAN, 0.01])) == pytest.approx([0.02, NAN, 0.02], nan_ok=True)
    assert np.isnan(holm(np.array([NAN, NAN]))).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.floats(0.001, 0.2))
def test_holm_rejects_what_stepping_down_rejects(p: list[float], level: float) -> None:
    """The definition itself: reject in order until the first that does not pass its own level."""
    rejected = set()
    for step, place in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        if p[place] * (len(p) - step) > level:
            break
        rejected.add(place)
    assert {place for place, value in enumerate(holm(np.array(p))) if value <= level} == rejected


def test_holm_keeps_the_error_of_a_family() -> None:
    """Ten options without any effect, all held against one baseline: rarely is even one called a difference."""
    generator = rng(9)
    sets, wrong, naive = 1500, 0, 0
    for _ in range(sets):
        values = generator.normal(size=(10, 11))
        found = paired(np.repeat(values[:, :1], 10, axis=1), values[:, 1:])
        wrong += (holm(found.p) < 0.05).any()
        naive += (found.p < 0.05).any()
    assert wrong / sets < 0.06
    assert naive / sets > 0.2


def test_the_family_is_all_options_for_a_figure() -> None:
    base = figures("base", [10, 12, 14, 11], [5, 6, 7, 9])
    options = [figures(f"o{k}", [9.0 - k, 10, 11.5 + k, 9], [5.5, 6, 7 + k / 2, 9 + k]) for k in range(3)]
    table = compare(base, options)
    for _, part in table.groupby("measure"):
        assert list(part["option"]) == ["o0", "o1", "o2"]
        assert part["p_holm"].to_numpy() == pytest.approx(holm(part["p"].to_numpy()))


def test_all_pairs_on_request() -> None:
    base, first, second = (figures(name, [k + 1.0, k + 2.5, k + 3]) for k, name in enumerate("abc"))
    table = compare(base, [first, second], all_pairs=True)
    assert list(zip(table["baseline"], table["option"], strict=True)) == [("a", "b"), ("a", "c"), ("b", "c")]


def test_the_short_table_holds_main_measures_for_all_people() -> None:
    p1 = Row("nctr_remaining", "pathway=P1", "people")
    table = compare(
        figures("a", [1, 2], [3, 4], [5, 6], rows=[QUEUE, p1, PEOPLE]),
        [figures("b", [2, 2], [3, 5], [5, 6], rows=[QUEUE, p1, PEOPLE])],
    )
    short = short_table(table)
    assert list(short["group"]) == ["all"]
    assert one(short)["title"].startswith("People ready to leave")


@pytest.mark.parametrize(
    ("better", "between", "p", "p_holm", "said"),
    [
        ("lower", (-2.0, -1.0), 0.001, 0.01, "better"),
        ("lower", (1.0, 2.0), 0.001, 0.01, "worse"),
        ("higher", (1.0, 2.0), 0.001, 0.01, "better"),
        ("higher", (-2.0, -1.0), 0.001, 0.01, "worse"),
        ("", (1.0, 2.0), 0.001, 0.01, "higher"),
        ("", (-2.0, -1.0), 0.001, 0.01, "lower"),
        ("lower", (-2.0, -0.1), 0.04, 0.2, NOT_CLEAR),
        ("lower", (-2.0, 1.0), 0.5, 0.5, NOT_CLEAR),
        ("lower", (NAN, NAN), NAN, NAN, TOO_FEW),
        ("lower", (0.0, 0.0), 1.0, 1.0, NO_DIFFERENCE),
    ],
)
def test_what_is_said(better: str, between: tuple[float, float], p: float, p_holm: float, said: str) -> None:
    lower, upper = between
    table = pd.DataFrame({"better": [better], "lower": [lower], "upper": [upper], "p": [p], "p_holm": [p_holm]})
    assert verdicts(table) == [said]


def test_no_difference_is_claimed_that_the_interval_does_not_carry() -> None:
    a, b = correlated(11, 6, 3000, 0.5, 3.0)
    rows = [Row("nctr_remaining", f"pathway={k}", "people") for k in range(3000)]
    table = compare(Figures("a", rows, np.arange(6), a), [Figures("b", rows, np.arange(6), b)])
    claimed = table["verdict"].isin(["better", "worse"])
    outside = (table["lower"] > 0) | (table["upper"] < 0)
    assert claimed.any()
    assert not claimed.all()
    assert (claimed == outside).all()


def test_ranking_by_hand() -> None:
    base = figures("base", [20, 22, 21, 23])
    near = figures("near", [10, 13, 11, 12])
    best = figures("best", [11, 11, 10, 12])
    table = ranking([base, near, best], "nctr_remaining", "all", "lower")
    assert list(table["option"]) == ["best", "near", "base"]
    assert list(table["may_be_best"]) == [True, True, False]
    assert list(table["behind"]) == pytest.approx([0, 0.5, 10.5])
    assert list(ranking([base, near, best], "nctr_remaining", "all", "higher")["option"]) == ["base", "near", "best"]
    assert list(ranking([base, near, best], "nctr_remaining", "all", "higher")["may_be_best"]) == [True, False, False]


def test_ranking_goes_by_replications_that_all_have() -> None:
    first, second = figures("a", [1, 2, NAN, 4]), figures("b", [9, 2, 3], first=1)
    table = ranking([first, second], "nctr_remaining", "all", "lower")
    assert set(table["pairs"]) == {2}
    assert list(table["mean"]) == [3, 6]
    with pytest.raises(ValueError, match="b has no figure"):
        ranking([first, figures("b", [1], rows=[PEOPLE])], "nctr_remaining", "all", "lower")


def test_with_one_replication_any_may_be_the_best() -> None:
    assert ranking([figures("a", [1]), figures("b", [9])], "nctr_remaining", "all", "lower")["may_be_best"].all()


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_the_best_is_kept(correlation: float) -> None:
    """Six scenarios, the best by a hair's breadth: it is left out in at most one case of twenty."""
    generator, sets, kept, size = rng(2), 1500, 0, 0
    truth = np.array([0.0, 0.05, 0.05, 0.05, 1, 2])
    for _ in range(sets):
        common = generator.normal(size=(10, 1)) * correlation**0.5
        chosen = may_be_best(truth + common + generator.normal(size=(10, 6)) * (1 - correlation) ** 0.5)
        kept += chosen[0]
        size += chosen.sum()
    assert kept / sets > 0.95
    # What is clearly worse is left out, and the more so the better the pairing.
    assert size / sets < (5.2 if correlation == 0 else 4.1)


def test_screening_is_as_strict_as_it_says() -> None:
    """Of two equal scenarios each is left out in one case of twenty."""
    generator, sets = rng(4), 3000
    left_out = sum(not may_be_best(generator.normal(size=(8, 2)))[0] for _ in range(sets))
    assert abs(left_out - 0.05 * sets) / (0.05 * 0.95 * sets) ** 0.5 < 3.5
