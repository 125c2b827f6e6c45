"""england_average still meets the national figures it was fitted to; the pages made from its run are up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from dischargesim import data
from dischargesim.experiment.replicate import Replications, replicate
from dischargesim.report.pages import face_validity
from dischargesim.report.pages.calibration import TARGETS, Target, achieved, calibrated, page
from dischargesim.scenario.schema import Scenario

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def run() -> tuple[Scenario, Replications]:
    scenario = calibrated()
    return scenario, replicate(scenario, workers=1)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.title)
def test_target_is_met(run: tuple[Scenario, Replications], target: Target) -> None:
    mean, _, _ = achieved(run[1].measures, target)
    assert abs(mean - target.value) <= target.within


def test_page_is_up_to_date(run: tuple[Scenario, Replications]) -> None:
    old = (DOCS / "calibration.md").read_text(encoding="utf-8")
    assert old == page(*run), "run python -m dischargesim.report.pages.calibration"


def test_face_validity_is_up_to_date(run: tuple[Scenario, Replications]) -> None:
    old = (DOCS / "face_validity.md").read_text(encoding="utf-8")
    assert old == face_validity.page(*run), "run python -m dischargesim.report.pages.face_validity"


def test_most_delays_have_a_reason_that_england_gives_them(run: tuple[Scenario, Replications]) -> None:
    rows = run[1].measures[lambda table: table["measure"] == "nctr_long_stay_share"].set_index("group")["mean"]
    national = face_validity.national_nctr()
    here = {key: rows[f"sub_reason={key}"] for key in national}
    assert sum(national.values()) == pytest.approx(1, abs=0.001)
    assert sum(here.values()) == pytest.approx(1)
    assert face_validity.moved(national, here) < 0.15


@pytest.mark.parametrize(("year", "assessment"), [("2016/17", 18.0), ("2018/19", 12.9)])
def test_national_days_are_the_acute_ones_of_the_year(year: str, assessment: float) -> None:
    days = face_validity.national_dtoc(year)
    monthly = data.dtoc()
    rows = monthly[monthly["month"].between(f"{year[:4]}-04-01", f"{int(year[:4]) + 1}-03-31")]
    assert days.to_numpy().sum() == rows["acute"].sum()
    assert 100 * days.loc["A"].sum() / days.to_numpy().sum() == pytest.approx(assessment, abs=0.05)


def test_moved_is_the_share_that_differs() -> None:
    assert face_validity.moved({"a": 0.5, "b": 0.3, "c": 0.2}, {"a": 0.4, "b": 0.6}) == pytest.approx(0.3)
