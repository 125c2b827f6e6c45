"""Appraisals of results folders: the shipped prices on another system, what may not be paired, and the same twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dischargesim.appraisal.schema import Appraisal
from dischargesim.appraisal.settings import named_appraisal
from dischargesim.appraisal.value import Appraised, appraise
from dischargesim.experiment.compared import CannotCompare, Contender, contenders
from tests.sweeps import swept


def england(*overrides: str) -> Appraisal:
    found = named_appraisal(*overrides)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Contender]:
    out = tmp_path_factory.mktemp("results")
    folder = swept(out, "system=tiny", "settings.rehab.capacity=3,4,5", "run.replications=4", "run.days=40")
    return contenders([folder])[0]


def same(one: Appraised, other: Appraised) -> None:
    for name in ("costs", "changes", "options", "by_payer", "by_class", "years", "switching", "tornado", "unmonetised"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(one.draws, other.draws)
    assert one.notes == other.notes


def test_shipped_prices_go_with_another_system(found: list[Contender]) -> None:
    result = appraise(found, england())
    assert result.baseline == "capacity=3" and result.options["option"].tolist() == ["capacity=4", "capacity=5"]
    # A bed more is 365 bed days at 150 pounds a year.
    bed = result.changes[(result.changes["name"] == "rehab") & (result.changes["option"] == "capacity=5")]
    assert bed["pounds_a_year"].item() == pytest.approx(2 * 365 * 150)
    assert any("40 counted days stand for a year" in note for note in result.notes)


def test_costs_are_those_of_the_stored_figures(found: list[Contender]) -> None:
    result = appraise(found, england())
    figures = found[0].figures()
    lost = [at for at, row in enumerate(figures.rows) if row.measure == "nctr_bed_days_lost" and row.group == "all"]
    rows = result.costs[(result.costs["option"] == "capacity=3") & (result.costs["item"] == "delayed_bed_days")]
    assert rows["pounds_a_year"].item() == pytest.approx(figures.values[:, lost].mean() / 40 * 365 * 395)


def test_the_same_twice_and_whatever_the_order(found: list[Contender]) -> None:
    first = appraise(found, england())
    same(first, appraise(found, england()))
    turned = appraise([found[0], found[2], found[1]], england())
    one, other = (r.options.set_index("option").drop(columns="probability_best") for r in (first, turned))
    pd.testing.assert_frame_equal(one, other.loc[one.index])


def test_other_people_are_not_compared(tmp_path: Path) -> None:
    folder = swept(tmp_path, "system=tiny", "run.seed=1,2", "run.replications=2", "run.days=10")
    with pytest.raises(CannotCompare, match=r"run\.seed: other people"):
        appraise(contenders([folder])[0], england())
