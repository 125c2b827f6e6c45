"""Pounds add up: over payers, classes, settings and years, whatever the prices and the figures are."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dischargesim.appraisal.lines import ledger
from dischargesim.appraisal.schema import Appraisal, Price
from dischargesim.appraisal.value import Appraised, appraised
from dischargesim.experiment.compare import Figures
from dischargesim.measures import measure_index
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.schema import Scenario
from tests.appraisals import price, read

RUNS = 4
KINDS = ("acute", "community_bed", "reablement", "care_home", "virtual_ward")
PERS = ("open_day", "used_day", "person_day")


@cache
def small(beds: int) -> Scenario:
    split = [
        "+localities={north: 0.4, south: 0.6}",
        "+settings.reablement.by_locality=true",
        "+teams.hub.by_locality=true",
    ]
    return load_scenario(
        ["system=small", "run.days=100", f"settings.acute.capacity={beds}", "teams.hub.staff=2", *split]
    )


@st.composite
def payers(draw: st.DrawFn) -> dict[str, float]:
    parts = [draw(st.integers(0, 5)) for _ in range(3)]
    parts = parts if sum(parts) else [1, 0, 0]
    return dict(zip(("nhs", "local_authority", "individual"), (part / sum(parts) for part in parts), strict=True))


@st.composite
def priced(draw: st.DrawFn, **more: Any) -> dict[str, Any]:
    low, base, high = sorted(draw(st.floats(0, 1000)) for _ in range(3))
    return price(base, low, high, pays=draw(payers()), **more)


@st.composite
def appraisals(draw: st.DrawFn) -> Appraisal:
    kinds = {kind: draw(priced(per="open_day" if kind == "acute" else draw(st.sampled_from(PERS)))) for kind in KINDS}
    options = {}
    for label in ("option", "baseline"):
        start = draw(st.integers(0, 2))
        options[label] = {
            "set_up": {"once": draw(priced())},
            "running": {name: draw(priced()) for name in draw(st.sets(st.sampled_from(["posts", "vans"])))},
            "set_up_in": draw(st.integers(0, start)),
            "starts_in": start,
            "optimism_bias": draw(st.floats(0, 1)),
            "effect": {"base": draw(st.floats(0.1, 1)), "low": 0.0, "high": 1.0},
        }
    return read(
        {
            "appraisal": {"title": "Any"},
            "years": draw(st.integers(3, 31)),
            "draws": 100,
            "settings": {"kinds": kinds},
            "teams": {"others": draw(priced()), "names": {"ward": draw(priced(per="hour_worked"))}},
            "tasks": {"medicines": draw(priced()), "assessment": draw(priced(covers="besides_staff"))},
            "delayed_bed_day": draw(priced()),
            "avoided_admission": draw(priced()),
            "effects": {"death": draw(priced(measure="deaths_in_hospital", discount="health"))},
            "options": options,
        }
    )


def random_figures(scenario: Scenario, label: str, seed: int) -> Figures:
    rows = measure_index(scenario)
    values = np.random.Generator(np.random.PCG64(seed)).uniform(0, 100, (RUNS, len(rows)))
    return Figures(label, rows, np.arange(RUNS), values)


def both(appraisal: Appraisal, seed: int, beds: int) -> tuple[Appraised, Figures, Figures]:
    first, second = random_figures(small(30), "baseline", seed), random_figures(small(beds), "option", seed + 1)
    pairs = ((small(30), first), (small(beds), second))
    return appraised([ledger(scenario, one, appraisal) for scenario, one in pairs], appraisal), first, second


def of(figures: Figures, measure: str, group: str = "all") -> float:
    at = next(at for at, row in enumerate(figures.rows) if (row.measure, row.group) == (measure, group))
    return float(figures.values[:, at].mean())


def once_each(scenario: Scenario, figures: Figures, appraisal: Appraisal) -> float:
    """The budget a year, worked out setting by setting and team by team from the scenario itself."""
    total = 0.0
    for name, setting in scenario.settings.items():
        own = appraisal.settings.kinds[setting.kind]
        measure = {"open_day": "setting_capacity", "used_day": "setting_in_use", "person_day": "setting_people"}[
            own.per
        ]
        total += 365 * own.base * of(figures, measure, f"setting={name}")
    for name in scenario.teams:
        team = appraisal.teams.names.get(name) or appraisal.teams.others
        assert team is not None
        measure = "team_work" if team.per == "hour_worked" else "team_hours"
        total += 365 / 7 * team.base * of(figures, measure, f"team={name}")
    for name, task in appraisal.tasks.items():
        total += 365 / 7 * task.base * of(figures, "task_done", f"task={name}")
    return total


@settings(max_examples=40, deadline=None)
@given(appraisals(), st.integers(0, 10_000), st.integers(20, 40))
def test_costs_add_up(appraisal: Appraisal, seed: int, beds: int) -> None:
    found, first, second = both(appraisal, seed, beds)
    npsv = found.options["npsv_base"].item()
    close = {"rel": 1e-9, "abs": 1e-6 * found.changes["present_value_pounds"].abs().sum()}
    # Over lines, payers, classes and years.
    for table in (found.changes, found.by_payer, found.by_class, found.years):
        assert table["present_value_pounds"].sum() == pytest.approx(npsv, **close)
    assert found.options["npsv_budget"].item() + found.options["npsv_opportunity"].item() == pytest.approx(
        npsv, **close
    )
    for by in ("by_payer", "by_class"):
        table = getattr(found, by)
        for column in ("pounds_a_year", "pounds_once"):
            assert table[column].sum() == pytest.approx(found.changes[column].sum(), **close)
    # Each setting, team and task once, however it is split between localities and payers.
    budget = found.costs[(found.costs["account"] == "budget") & found.costs["item"].isin(["setting", "team", "task"])]
    for scenario, figures in ((small(30), first), (small(beds), second)):
        whole = budget[budget["option"] == figures.label]["pounds_a_year"].sum()
        assert whole == pytest.approx(once_each(scenario, figures, appraisal))
        lines = budget[budget["option"] == figures.label].drop_duplicates(["item", "name"])
        assert len(lines) == len(scenario.settings) + len(scenario.teams) + len(appraisal.tasks)
    # What is paid is the same whoever pays it.
    everybody = budget.groupby(["option", "item", "name"])
    assert (everybody["payer"].nunique() == everybody.size()).all()


@settings(max_examples=40, deadline=None)
@given(appraisals(), st.integers(0, 10_000), st.integers(20, 40))
def test_no_bed_day_is_worth_more_than_once(appraisal: Appraisal, seed: int, beds: int) -> None:
    """Of beds that close and bed days that are freed, what is counted as freed is what others can really use."""
    found, first, second = both(appraisal, seed, beds)
    quantity = found.changes.groupby("item")["quantity_a_year"].sum()
    freed = quantity["avoided_bed_days"] - quantity["delayed_bed_days"]
    closed = quantity["beds_closed"]
    assert closed >= 0
    fewer = 365 * np.maximum(_column(first, "setting_capacity") - _column(second, "setting_capacity"), 0).mean()
    assert closed <= fewer + 1e-6
    if fewer == 0:
        assert closed == 0
    lost, avoided = (
        _column(second, name) - _column(first, name) for name in ("nctr_bed_days_lost", "avoided_bed_days")
    )
    assert freed == pytest.approx(3.65 * (avoided - lost).mean())
    value = found.changes[found.changes["item"].isin(["delayed_bed_days", "avoided_bed_days", "beds_closed"])]
    price_, effect = appraisal.delayed_bed_day, appraisal.options["option"].effect.base
    assert value["pounds_a_year"].sum() == pytest.approx(-(freed - closed) * price_.base * effect)
    assert isinstance(price_, Price)


def _column(figures: Figures, measure: str) -> Any:
    group = "setting=acute" if measure == "setting_capacity" else "all"
    at = next(at for at, row in enumerate(figures.rows) if (row.measure, row.group) == (measure, group))
    return figures.values[:, at]
