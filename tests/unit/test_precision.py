"""How many replications are enough."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from dischargesim.experiment.moments import half_widths
from dischargesim.experiment.precision import (
    FEWEST,
    Precision,
    Unmet,
    problems,
    replications_needed,
    unmet,
)
from dischargesim.measures.registry import Row

NAN = float("nan")
ROWS = [Row("queue", "all", "people"), Row("queue", "pathway=P1", "people"), Row("delay", "all", "days")]


def absolute(width: float, measure: str = "queue", group: str = "all") -> Precision:
    return Precision(measure=measure, group=group, absolute=width)


def relative(share: float, measure: str = "queue", group: str = "all") -> Precision:
    return Precision(measure=measure, group=group, relative=share)


def runs(*columns: list[float]) -> np.ndarray:
    """Values with these columns, and columns of zeros for the other rows."""
    return np.array([*columns, *([[0.0] * len(columns[0])] * (len(ROWS) - len(columns)))]).T


def test_half_width_of_five_values_by_hand() -> None:
    # Mean 6, squares 16 + 4 + 0 + 4 + 16 = 40, variance 10, t of 4 degrees of freedom 2.7764.
    mean, half, count = half_widths(np.array([2.0, 4, 6, 8, 10]))
    assert (mean, count) == (6, 5)
    assert half == pytest.approx(2.776445 * (10 / 5) ** 0.5, rel=1e-6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20), st.sampled_from([0.8, 0.95, 0.99]))
def test_half_width_is_that_of_scipy(values: list[float], level: float) -> None:
    _, half, _ = half_widths(np.array(values), level)
    spread = stats.sem(values)
    expected = stats.t.ppf((1 + level) / 2, len(values) - 1) * spread
    assert half == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_what_is_not_defined_is_left_out() -> None:
    mean, half, count = half_widths(np.array([[1.0, NAN, NAN], [NAN, NAN, 3.0], [3.0, NAN, NAN]]))
    assert count.tolist() == [2, 0, 1]
    assert mean.tolist() == pytest.approx([2, NAN, 3], nan_ok=True)
    assert half.tolist() == pytest.approx([stats.t.ppf(0.975, 1), NAN, NAN], nan_ok=True)


@given(st.floats(0.01, 100), st.floats(0.5, 50))
def test_needed_is_the_first_number_that_does(spread: float, target: float) -> None:
    needed = replications_needed(spread, target)
    numbers = np.arange(2, max(needed, 10) + 1)
    halves = stats.t.ppf(0.975, numbers - 1) * spread / np.sqrt(numbers)
    assert needed == numbers[np.argmax(halves <= target)]


def test_needed_for_a_known_case() -> None:
    # Standard deviation 10, half-width 2: 96.04 by the normal distribution, 99 by Student's.
    assert replications_needed(10, 2) == 99
    assert replications_needed(0, 2) == 2


def test_a_hopeless_target_is_answered_too() -> None:
    assert replications_needed(1.0, 1e-9) >= 10**18
    assert replications_needed(1.0, 5e-324) >= 10**18


def test_met_and_unmet_side_by_side() -> None:
    values = runs([2.0, 4, 6, 8, 10], [6.0, 6, 6, 6, 6])
    rules = [absolute(4), absolute(3.9), absolute(0.1, group="pathway=P1"), relative(0.6), relative(0.7)]
    found = unmet(rules, ROWS, values)
    assert [one.rule for one in found] == [rules[1], rules[3]]
    assert found[0].half_width == pytest.approx(3.9265, rel=1e-4)
    assert found[0].mean == 6
    assert found[0].needed == 6


def test_replications_that_were_said_to_do_will_do() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    sample = rng.normal(100, 20, 5000)
    (first,) = unmet([relative(0.02)], ROWS, runs(list(sample[:200])))
    assert first.needed is not None
    assert 300 < first.needed < 500
    assert unmet([relative(0.02)], ROWS, runs(list(sample[: int(first.needed * 1.15)]))) == []


def test_either_of_two_widths_will_do() -> None:
    values = runs([0.0, 0, 0, 0, 1])
    both = Precision(measure="queue", absolute=1, relative=0.01)
    assert unmet([both], ROWS, values) == []
    assert len(unmet([relative(0.01)], ROWS, values)) == 1
    assert len(unmet([Precision(measure="queue", absolute=0.01, relative=0.01)], ROWS, values)) == 1


def test_too_few_replications_meet_nothing() -> None:
    (one,) = unmet([absolute(1)], ROWS, runs([6.0] * (FEWEST - 1)))
    assert one.needed == FEWEST
    assert unmet([absolute(1)], ROWS, runs([6.0] * FEWEST)) == []


def test_a_single_replication_cannot_tell() -> None:
    (one,) = unmet([absolute(1)], ROWS, runs([6.0]))
    assert np.isnan(one.half_width)
    assert one.needed is None
    assert str(one) == "queue: no interval yet, asked for 1"


def test_a_share_is_of_the_size_of_the_mean_whatever_its_sign() -> None:
    assert unmet([relative(0.7)], ROWS, runs([-2.0, -4, -6, -8, -10])) == []


def test_a_share_of_nothing_cannot_be_reckoned() -> None:
    (one,) = unmet([relative(0.1)], ROWS, runs([-1.0, 1, -1, 1, -1, 1]))
    assert one.needed is None
    assert unmet([relative(0.1)], ROWS, runs([0.0] * 6)) == []


def test_a_figure_that_is_defined_half_the_time_takes_twice_as_many() -> None:
    whole = [float(value) for value in np.tile([2.0, 4, 6, 8, 10], 4)]
    half = [value for one in whole for value in (one, NAN)]
    (often,) = unmet([absolute(1)], ROWS, runs(whole))
    (seldom,) = unmet([absolute(1)], ROWS, runs(half))
    assert often.half_width == seldom.half_width
    assert often.needed is not None
    assert seldom.needed == 2 * often.needed


def test_a_figure_that_is_never_defined_is_not_met() -> None:
    (one,) = unmet([absolute(1)], ROWS, runs([NAN] * 8))
    assert np.isnan(one.mean)
    assert one.needed is None


def test_it_reads_as_a_line() -> None:
    rule = Precision(measure="queue", group="pathway=P1", absolute=2, relative=0.02)
    assert str(Unmet(rule, 4.6, 111.5, 52)) == (
        "queue (pathway=P1): half-width 4.6, 0.0413 of the mean 111.5, asked for 2 or 0.02 of the mean; "
        "about 52 replications would do"
    )


def test_names_that_are_not_there() -> None:
    rules = [absolute(1, "queu"), absolute(1, "queue", "pathway=P2"), absolute(1)]
    assert [str(problem) for problem in problems(rules, ROWS)] == [
        "precision.0.measure: there is no such measure (got queu, expected queue?)",
        "precision.1.group: queue has no such group (got pathway=P2, expected pathway=P1?)",
    ]
    with pytest.raises(ValueError, match="there is no such measure"):
        unmet(rules, ROWS, runs([1.0, 2.0]))


def test_a_rule_stands_in_yaml() -> None:
    rule = Precision.model_validate(yaml.safe_load("{measure: nctr_remaining, relative: 0.02}"))
    assert rule == relative(0.02, "nctr_remaining")


@pytest.mark.parametrize(
    "content",
    [
        {"measure": "queue"},
        {"measure": "queue", "absolute": 0},
        {"measure": "queue", "relative": -0.1},
        {"measure": "queue", "absolute": NAN},
        {"measure": "queue", "absolute": 1, "level": 0.9},
        {"absolute": 1},
    ],
)
def test_a_rule_that_says_nothing_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Precision.model_validate(content)
