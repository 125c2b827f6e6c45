"""england_average still meets the national figures it was fitted to, and the page that says so is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from dischargesim.experiment.replicate import Replications, replicate
from dischargesim.report.calibration import TARGETS, Target, achieved, calibrated, page
from dischargesim.scenario.schema import Scenario

PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"


@pytest.fixture(scope="module")
def run() -> tuple[Scenario, Replications]:
    scenario = calibrated()
    return scenario, replicate(scenario, workers=1)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.title)
def test_target_is_met(run: tuple[Scenario, Replications], target: Target) -> None:
    mean, _, _ = achieved(run[1].measures, target)
    assert abs(mean - target.value) <= target.within


def test_page_is_up_to_date(run: tuple[Scenario, Replications]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(*run), "run python -m dischargesim.report.calibration"
