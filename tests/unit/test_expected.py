"""What is made of an expectation and a difference."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from dischargesim.experiment.expected import in_words, judge
from dischargesim.scenario.schema import Expected


def found(difference: float, lower: float, upper: float, baseline: float = 100.0) -> pd.DataFrame:
    row = {"measure": "m", "group": "all", "baseline_mean": baseline}
    return pd.DataFrame([{**row, "difference": difference, "lower": lower, "upper": upper}])


def expected(**given: Any) -> Expected:
    return Expected.model_validate({"measure": "m", **given})


@pytest.mark.parametrize(
    ("given", "change", "met"),
    [
        ({"direction": "lower"}, (-3, -5, -1), True),
        ({"direction": "lower"}, (-3, -7, 1), False),
        ({"direction": "lower"}, (3, 1, 5), False),
        ({"direction": "higher"}, (3, 1, 5), True),
        ({"direction": "higher"}, (0, 0, 0), False),
        ({"direction": "higher"}, (float("nan"), float("nan"), float("nan")), False),
        ({"direction": "lower", "low": 2, "high": 4}, (-3, -5, -1), True),
        ({"direction": "lower", "low": 2, "high": 4}, (-4.5, -5, -4.2), False),
        ({"direction": "lower", "low": 2}, (-1.5, -2, -1), False),
        ({"direction": "lower", "low": 0.02, "high": 0.04, "relative": True}, (-3, -5, -1), True),
        ({"direction": "lower", "low": 0.06, "relative": True}, (-3, -5, -1), False),
        ({"direction": "no_change"}, (0, 0, 0), True),
        ({"direction": "no_change"}, (1e-9, 0, 2e-9), False),
        ({"direction": "no_change", "high": 2}, (1, 0.5, 1.5), True),
        ({"direction": "no_change", "high": 2}, (1, -1, 3), False),
        ({"direction": "no_change", "high": 2}, (-1, -3, 1), False),
        ({"direction": "no_change", "high": 0.02, "relative": True}, (1, 0.5, 1.5), True),
    ],
)
def test_judged(given: dict[str, Any], change: tuple[float, float, float], met: bool) -> None:
    assert judge(expected(**given), found(*change)).met == met


def test_shares_are_of_the_size_of_the_figure() -> None:
    one = expected(direction="lower", low=0.02, high=0.04, relative=True)
    assert judge(one, found(-3, -5, -1, baseline=-100)).met
    assert judge(one, found(-3, -5, -1)).found == "-3% (-5 to -1)"


def test_a_figure_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="m, pathway=P9: there is no such figure"):
        judge(expected(direction="lower", group="pathway=P9"), found(1, 0, 2))


def test_in_words() -> None:
    assert in_words(expected(direction="lower", low=0.06, high=0.09, relative=True)) == "lower by 6 to 9%"
    assert in_words(expected(direction="higher", low=2)) == "higher by at least 2"
    assert in_words(expected(direction="lower", high=2)) == "lower by at most 2"
    assert in_words(expected(direction="no_change", high=0.2)) == "no change of more than 0.2"
    assert in_words(expected(direction="no_change")) == "no change at all"
    assert in_words(expected(direction="higher")) == "higher"
