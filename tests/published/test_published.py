"""What the studies print beside their results: loads, formulas and inputs, which need no simulation."""

from __future__ import annotations

import numpy as np
import pytest

from dischargesim.scenario.distributions import Distribution
from tests.published.bnssg import DAYS, UNLIMITED, expected_in, system
from tests.published.stroke import ACUTE, ACUTE_ERLANG, POOLED, REHABILITATION, load_of, loads, stroke
from tests.theory.formulas import erlang_b

STAYS = {
    "asu_stroke": (7.4, 8.61),
    "asu_stroke_esd": (4.6, 4.8),
    "asu_tia": (1.8, 2.3),
    "asu_neuro": (4.0, 5.0),
    "asu_other": (3.8, 5.2),
    "rehab_stroke": (28.4, 27.2),
    "rehab_stroke_esd": (30.3, 23.1),
    "rehab_neuro": (27.6, 28.4),
    "rehab_other": (16.1, 14.1),
    "tia": (18.7, 23.5),
    "stroke": (28.4, 27.2),
    "stroke_esd": (30.3, 23.1),
    "neuro": (27.6, 28.4),
    "other": (16.1, 14.1),
}
"""Mean and standard deviation of the stays, by cohort or by pathway to rehabilitation."""
BETWEEN_ARRIVALS = {"asu_tia": 9.3, "asu_neuro": 3.6, "asu_other": 3.2, "rehab_neuro": 31.7, "rehab_other": 28.6}


def spread(stay: Distribution) -> float:
    """Standard deviation, from the quantiles."""
    u = (np.arange(400_000) + 0.5) / 400_000
    return float(np.std(stay.quantile(u)))


@pytest.mark.parametrize("name", STAYS)
def test_stays_are_those_of_the_study(name: str) -> None:
    scenario = stroke()
    if name in scenario.cohorts:
        stay = scenario.cohorts[name].stay_days
    else:
        stay = scenario.pathways[name].next["rehab"].stay_days
    mean, deviation = STAYS[name]
    assert stay.mean() == pytest.approx(mean)
    assert spread(stay) == pytest.approx(deviation, rel=0.01)


def test_people_are_those_of_the_study() -> None:
    rates = {name: cohort.arrivals.per_day for name, cohort in stroke().cohorts.items()}
    for name, days in BETWEEN_ARRIVALS.items():
        assert 1 / rates[name] == pytest.approx(days, rel=1e-4)
    assert 1 / (rates["asu_stroke"] + rates["asu_stroke_esd"]) == pytest.approx(1.2, rel=1e-4)
    assert 1 / (rates["rehab_stroke"] + rates["rehab_stroke_esd"]) == pytest.approx(21.8, rel=1e-4)
    on = stroke().cohorts["asu_stroke"].pathways
    to_rehab = rates["asu_stroke"] * (on["stroke"] + on["stroke_esd"]) * 1.2
    assert to_rehab == pytest.approx(0.24, rel=1e-4)


def test_erlangs_formula_as_the_study_prints_it() -> None:
    acute, _ = loads()
    assert acute == pytest.approx(8.355, abs=5e-4)
    assert {beds: round(erlang_b(beds, acute), 3) for beds in ACUTE} == ACUTE_ERLANG


def test_why_one_pool_is_not_met() -> None:
    """Each unit's published chances fit its load; those of the pool fit no single load, nor their sum."""
    acute, rehab = loads()
    assert {beds: round(erlang_b(beds, acute), 2) for beds in ACUTE} == ACUTE
    assert {beds: round(erlang_b(beds, rehab), 2) for beds in REHABILITATION} == REHABILITATION
    implied = [load_of(beds, share) for beds, share in POOLED.items()]
    assert implied == pytest.approx([17.5, 17.9], abs=0.05)
    assert acute + rehab == pytest.approx(18.07, abs=0.01)


@pytest.mark.parametrize("node", UNLIMITED)
def test_people_in_by_integration(node: str) -> None:
    """With places without limit the answer is exact; the published figures are it, to a hundredth."""
    assert expected_in(node) == pytest.approx(UNLIMITED[node], abs=0.011)


def test_the_system_is_set_to_what_was_published() -> None:
    scenario = system(places_for_all=False)
    assert scenario.run.days == DAYS and scenario.start_date.weekday() == 6
    assert {start.remaining for name, start in scenario.start.items() if name in UNLIMITED} == {"uniform"}
