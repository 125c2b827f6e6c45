"""Each distribution against numerical integration and its own inverse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import BaseModel, TypeAdapter, ValidationError

from dischargesim.scenario.distribution_base import BaseDistribution
from dischargesim.scenario.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Triangular,
    Uniform,
    Weibull,
)

READ: TypeAdapter[Any] = TypeAdapter(Distribution)
U = (np.arange(200_000) + 0.5) / 200_000
PROBABILITIES = np.concatenate(([1e-9, 1e-6, 1e-3], np.linspace(0.01, 0.99, 99), [1 - 1e-3, 1 - 1e-6, 1 - 1e-9]))


def read(given: object) -> Any:
    return READ.validate_python(given)


CONTINUOUS: dict[str, Any] = {
    "exponential": {"kind": "exponential", "mean": 4.5},
    "lognormal": {"kind": "lognormal", "mean": 12.08, "median": 9},
    "lognormal_mu": {"kind": "lognormal", "mu": 1.6094, "sigma": 0.8, "multiply": 0.9},
    "gamma": {"kind": "gamma", "mean": 6, "cv": 0.6},
    "gamma_wide": {"kind": "gamma", "mean": 6, "cv": 1.5},
    "weibull_falling": {"kind": "weibull", "mean": 6, "shape": 0.8},
    "weibull_rising": {"kind": "weibull", "mean": 6, "shape": 3, "multiply": 2},
    "triangular": {"kind": "triangular", "low": 1, "mode": 2, "high": 8, "multiply": 1.3},
    "triangular_left": {"kind": "triangular", "low": 0, "mode": 0, "high": 5},
    "triangular_right": {"kind": "triangular", "low": 2, "mode": 5, "high": 5},
    "uniform": {"kind": "uniform", "low": 0, "high": 4},
    "mixture": {
        "kind": "mixture",
        "multiply": 0.8,
        "parts": [
            {"weight": 30, "distribution": {"kind": "gamma", "mean": 2, "cv": 0.5}},
            {"weight": 70, "distribution": {"kind": "lognormal", "mean": 9, "median": 6}},
        ],
    },
}
DISCRETE: dict[str, Any] = {
    "constant": {"kind": "constant", "value": 3, "multiply": 1.1},
    "empirical": {"kind": "empirical", "values": [3, 1, 0, 7], "weights": [1, 2, 3, 4], "multiply": 0.7},
    "empirical_even": {"kind": "empirical", "values": [2, 2, 5]},
}
MIXED: dict[str, Any] = {
    "mostly_none": {
        "kind": "mixture",
        "parts": [
            {"weight": 7, "distribution": 0},
            {"weight": 3, "distribution": {"kind": "lognormal", "mean": 9, "median": 6}},
        ],
    },
    "steps_between": {
        "kind": "mixture",
        "parts": [
            {"weight": 2, "distribution": {"kind": "empirical", "values": [1, 2.5, 3], "multiply": 0.9}},
            {"weight": 1, "distribution": {"kind": "weibull", "mean": 4, "shape": 1.5}},
            {"weight": 1, "distribution": {"kind": "uniform", "low": 100, "high": 104}},
        ],
    },
}
ALL = CONTINUOUS | DISCRETE | MIXED


@pytest.mark.parametrize("name", ALL)
def test_mean_is_the_integral_of_the_quantiles(name: str) -> None:
    one = read(ALL[name])
    assert one.mean() == pytest.approx(one.quantile(U).mean(), rel=2e-4)


@pytest.mark.parametrize("name", ALL)
def test_length_biased_distribution_is_the_integral_of_x_f_over_mean(name: str) -> None:
    """P(biased <= x) = E[X; X <= x] / E[X], taken over the quantiles of the plain form."""
    one = read(ALL[name])
    plain = one.quantile(U)
    biased = one.length_biased_quantile(U)
    for x in np.quantile(biased, [0.05, 0.2, 0.5, 0.8, 0.95]):
        expected = plain[plain <= x].sum() / plain.sum()
        assert one.cdf(x, length_biased=True) == pytest.approx(expected, abs=5e-4)
        assert np.mean(biased <= x) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("name", CONTINUOUS)
@pytest.mark.parametrize("biased", [False, True])
def test_quantile_and_distribution_function_are_inverse(name: str, biased: bool) -> None:
    one = read(CONTINUOUS[name])
    x = one.length_biased_quantile(PROBABILITIES) if biased else one.quantile(PROBABILITIES)
    np.testing.assert_allclose(one.cdf(x, length_biased=biased), PROBABILITIES, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("biased", [False, True])
def test_quantile_is_the_smallest_time_reached(name: str, biased: bool) -> None:
    one = read(ALL[name])
    x = one.length_biased_quantile(PROBABILITIES) if biased else one.quantile(PROBABILITIES)
    assert np.all(one.cdf(x * (1 + 1e-9), length_biased=biased) >= PROBABILITIES - 1e-12)
    assert np.all(one.cdf(x * (1 - 1e-9) - 1e-12, length_biased=biased) <= PROBABILITIES + 1e-12)


@pytest.mark.parametrize("name", ALL)
def test_quantiles_rise_and_are_not_negative(name: str) -> None:
    one = read(ALL[name])
    for x in (one.quantile(PROBABILITIES), one.length_biased_quantile(PROBABILITIES)):
        assert np.all(np.isfinite(x)) and np.all(x >= 0)
        assert np.all(np.diff(x) >= -1e-10 * x[1:])


@pytest.mark.parametrize("name", ALL)
def test_a_census_finds_longer_stays(name: str) -> None:
    """The length-biased form is larger at every probability (it is ordered by likelihood ratio)."""
    one = read(ALL[name])
    plain = one.quantile(PROBABILITIES)
    assert np.all(one.length_biased_quantile(PROBABILITIES) >= plain - 1e-9 * plain)


def test_known_answers() -> None:
    assert Exponential(mean=10).quantile(0.5) == pytest.approx(10 * np.log(2))
    # BNSSG pathway 1 in Bristol, 2023: median 9, mean 18.07, of which the fitted sigma is 1.1807.
    bristol = Lognormal(mean=18.07, median=9)
    assert bristol.quantile(0.5) == pytest.approx(9)
    assert np.log(bristol.quantile(0.8413447460685429) / 9) == pytest.approx(1.1807, abs=5e-5)
    assert Lognormal(mu=np.log(9), sigma=1.1807).mean() == pytest.approx(18.07, abs=0.01)
    # Mean of the length-biased form: mean x (1 + cv^2).
    assert Gamma(mean=6, cv=0.5).length_biased_quantile(U).mean() == pytest.approx(7.5, rel=1e-4)
    assert Uniform(low=0, high=1).length_biased_quantile(0.25) == pytest.approx(0.5)
    assert Triangular(low=0, mode=0, high=1).length_biased_quantile(0.5) == pytest.approx(0.5, abs=1e-10)


@pytest.mark.parametrize("other", [Gamma(mean=3, cv=1), Weibull(mean=3, shape=1)])
def test_exponential_is_a_special_case(other: BaseDistribution) -> None:
    one = Exponential(mean=3)
    np.testing.assert_allclose(other.quantile(PROBABILITIES), one.quantile(PROBABILITIES), rtol=1e-10)
    biased = one.length_biased_quantile(PROBABILITIES)
    np.testing.assert_allclose(other.length_biased_quantile(PROBABILITIES), biased, rtol=1e-10)


def test_discrete_values_come_out_exactly() -> None:
    """Ties between people are real where the data have them, so no value may come back a rounding error away."""
    steps = read(MIXED["steps_between"])
    found = steps.quantile(U)
    for value in (0.9, 0.9 * 2.5, 0.9 * 3):
        assert np.mean(found == value) == pytest.approx(0.5 / 3, abs=1e-4)
    none = read(MIXED["mostly_none"])
    assert np.mean(none.quantile(U) == 0) == pytest.approx(0.7, abs=1e-4)
    assert np.all(none.length_biased_quantile(U) > 0)


def test_times_of_zero_are_never_found_by_a_census() -> None:
    assert read(0).mean() == 0
    assert np.array_equal(read(0).length_biased_quantile(PROBABILITIES), np.zeros_like(PROBABILITIES))
    seen = read({"kind": "empirical", "values": [0, 0, 5]}).length_biased_quantile(PROBABILITIES)
    assert np.all(seen == 5)


def test_shapes_are_kept() -> None:
    for given_ in ALL.values():
        one = read(given_)
        for shape in ((), (3,), (2, 3), (0,)):
            u = np.full(shape, 0.3)
            assert np.shape(one.quantile(u)) == shape
            assert np.shape(one.length_biased_quantile(u)) == shape


@pytest.mark.parametrize("name", ALL)
def test_multiply_scales_everything(name: str) -> None:
    plain = read(ALL[name])
    scaled = plain.model_copy(update={"multiply": plain.multiply * 0.5})
    assert scaled.mean() == plain.mean() * 0.5
    assert np.array_equal(scaled.quantile(PROBABILITIES), plain.quantile(PROBABILITIES) * 0.5)
    biased = plain.length_biased_quantile(PROBABILITIES)
    assert np.array_equal(scaled.length_biased_quantile(PROBABILITIES), biased * 0.5)


class _Holder(BaseModel):
    need: Distribution


def test_a_bare_number_is_a_constant() -> None:
    assert _Holder.model_validate({"need": 3}).need == Constant(value=3)
    assert _Holder.model_validate({"need": 2.5}).need.mean() == 2.5


@pytest.mark.parametrize("name", ALL)
def test_dump_reads_back(name: str) -> None:
    holder = _Holder.model_validate({"need": ALL[name]})
    assert _Holder.model_validate(holder.model_dump()) == holder
    assert _Holder.model_validate_json(holder.model_dump_json()) == holder
    assert hash(holder.need) == hash(_Holder.model_validate(holder.model_dump()).need)


def test_json_schema_takes_a_number_or_a_kind() -> None:
    import jsonschema

    validator = jsonschema.Draft202012Validator(_Holder.model_json_schema())
    for given_ in (3, *ALL.values()):
        validator.validate({"need": given_})
    for bad in ("3 days", {"mean": 3}, {"kind": "exponential"}, {"kind": "exponential", "mean": 3, "sd": 1}):
        assert not validator.is_valid({"need": bad})


BAD: list[tuple[Any, str]] = [
    ({"kind": "normal", "mean": 3}, "expected a kind out of constant, exponential, .* mixture; got kind: normal"),
    ({"mean": 3}, "got no kind"),
    ("three", "expected a number or a distribution with a kind, got 'three'"),
    (True, "got True"),
    (-1, "greater than or equal to 0"),
    (float("nan"), "finite"),
    ({"kind": "exponential", "mean": 0}, "greater than 0"),
    ({"kind": "exponential", "mean": 40_001}, "less than or equal to 40000"),
    ({"kind": "exponential", "mean": 30_000, "multiply": 2}, "the mean comes to 60000, expected at most 40000"),
    ({"kind": "exponential", "mean": 3, "multiply": 0}, "greater than 0"),
    ({"kind": "exponential", "mean": 3, "median": 2}, "Extra inputs"),
    ({"kind": "lognormal"}, "either mean and median, or mu and sigma; got none of them"),
    ({"kind": "lognormal", "mean": 3}, "either mean and median, or mu and sigma; got mean"),
    ({"kind": "lognormal", "mean": 3, "sigma": 1}, "got mean and sigma"),
    ({"kind": "lognormal", "mean": 3, "median": 2, "mu": 1, "sigma": 1}, "got mean and median and mu and sigma"),
    ({"kind": "lognormal", "mean": 3, "median": 3}, "mean must be above median, got mean 3 and median 3"),
    ({"kind": "lognormal", "mean": 30_000, "median": 0.001}, "too far above median"),
    ({"kind": "lognormal", "mu": 10, "sigma": 3}, "the mean comes to .* expected at most 40000"),
    ({"kind": "triangular", "low": 3, "mode": 2, "high": 5}, "expected low <= mode <= high"),
    ({"kind": "triangular", "low": 3, "mode": 3, "high": 3}, "for one fixed time use kind: constant"),
    ({"kind": "uniform", "low": 3, "high": 3}, "low must be below high"),
    ({"kind": "empirical", "values": []}, "at least 1 item"),
    ({"kind": "empirical", "values": [1, 2], "weights": [1]}, "one weight for each value, got 1 for 2"),
    ({"kind": "empirical", "values": [1, -2]}, "greater than or equal to 0"),
    ({"kind": "mixture", "parts": []}, "at least 1 item"),
    (
        {"kind": "mixture", "parts": [{"weight": 1, "distribution": {"kind": "mixture", "parts": []}}]},
        "empirical; got kind: mixture",
    ),
]


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_bad_input_says_what_was_expected(bad: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _Holder.model_validate({"need": bad})


means = st.floats(0.01, 4000)
times = st.floats(0, 4000)
ratios = st.floats(1.001, 50)
simple = st.one_of(
    st.builds(lambda m: Exponential(mean=m), means),
    st.builds(lambda m, r: Lognormal(mean=m * r, median=m), st.floats(0.01, 400), ratios),
    st.builds(lambda m, cv: Gamma(mean=m, cv=cv), means, st.floats(0.05, 3)),
    st.builds(lambda m, k: Weibull(mean=m, shape=k), means, st.floats(0.3, 20)),
    st.builds(lambda a, b, c: Triangular(low=a, mode=a + b, high=a + b + c), times, times, st.floats(0.1, 4000)),
    st.builds(lambda a, b: Uniform(low=a, high=a + b), times, st.floats(0.1, 4000)),
    st.builds(lambda v: Constant(value=v), times),
    st.builds(lambda v: Empirical(values=tuple(v)), st.lists(times, min_size=1, max_size=20)),
)
mixtures = st.builds(
    lambda parts: Mixture.model_validate({"parts": [{"weight": w, "distribution": d} for w, d in parts]}),
    st.lists(st.tuples(st.floats(0.01, 100), simple), min_size=1, max_size=4),
)
probabilities = st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1, max_size=30).map(np.array)


@settings(max_examples=300)
@given(one=st.one_of(simple, mixtures), u=probabilities, biased=st.booleans())
def test_any_parameters(one: BaseDistribution, u: NDArray[np.float64], biased: bool) -> None:
    """Finite, not negative, rising, and an inverse of the distribution function to 1e-9 of the time."""
    if biased and one.mean() < 1e-6:
        return
    u = np.sort(u)
    x = one.length_biased_quantile(u) if biased else one.quantile(u)
    assert np.all(np.isfinite(x)) and np.all(x >= 0)
    assert np.all(np.diff(x) >= -1e-9 * x[1:])
    assert np.all(one.cdf(x * (1 + 1e-9), length_biased=biased) >= u - 1e-9)
    assert np.all(one.cdf(x * (1 - 1e-9) - 1e-12, length_biased=biased) <= u + 1e-9)
