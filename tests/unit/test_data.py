"""The published tables hold together."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dischargesim as ds
from dischargesim import data
from dischargesim.scenario.reasons import DTOC_CODES

CODES = list(DTOC_CODES)
WHO = ["nhs", "social_care", "both"]
FOLDER = Path(data.__file__).parent
LOADERS = [name for name, one in vars(data).items() if callable(one) and one.__module__ == data.__name__]
LOADERS = [name for name in LOADERS if not name.startswith("_") and name != "dictionary"]


def test_the_dictionary_has_every_column_of_every_table() -> None:
    table = data.dictionary()
    assert table["loader"].unique().tolist() == LOADERS
    for name in LOADERS:
        assert table[table["loader"] == name]["column"].tolist() == list(getattr(ds.data, name)())
    assert not table.isna().any(axis=None)


def test_the_page_of_sources_has_every_file_and_loader() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    files = sorted(path.name for path in FOLDER.glob("*.csv") if path.name != "dictionary.csv")
    assert sorted(line.split()[1] for line in headings) == files
    assert sorted(line.split()[2] for line in headings) == sorted(f"(`{name}`)" for name in LOADERS)


def test_example_of_the_docstring() -> None:
    assert doctest.testmod(data).failed == 0


def test_dtoc_beds_are_days_over_days_in_the_month() -> None:
    table = data.dtoc()
    assert len(table) == 105
    assert (table["calendar_days"] == table["month"].dt.days_in_month).all()
    # The file gives one decimal.
    assert (table["total"] / table["calendar_days"] - table["dtoc_beds"]).abs().max() <= 0.05


@pytest.mark.parametrize("parts", [CODES, WHO, ["acute", "non_acute"]])
def test_dtoc_days_split_without_gap(parts: list[str]) -> None:
    table = data.dtoc()
    assert (table[parts].sum(axis=1) == table["total"]).all()


@pytest.mark.parametrize(
    ("year", "days", "beds"), [(2011, 1_373_392, 3_752), (2016, 2_254_821, 6_178), (2018, 1_665_649, 4_563)]
)
def test_dtoc_years_as_published(year: int, days: int, beds: int) -> None:
    table = data.dtoc()
    rows = table[table["month"].between(f"{year}-04-01", f"{year + 1}-03-31")]
    assert rows["total"].sum() == days
    assert round(rows["total"].sum() / rows["calendar_days"].sum()) == beds


def test_dtoc_by_reason_agrees_with_the_monthly_table() -> None:
    monthly = data.dtoc().set_index("month")
    table = data.dtoc_by_reason()
    everything = table["reason"] == "TOTAL"
    days = table.assign(days=table[WHO].sum(axis=1))
    by_reason = days[~everything].pivot_table(index="month", columns="reason", values="days", aggfunc="sum")
    assert (by_reason.fillna(0)[CODES] == monthly[CODES]).all(axis=None)
    by_care = days[everything].pivot(index="month", columns="care_type", values="days")
    assert (by_care["Acute"] == monthly["acute"]).all()
    assert (by_care["Non-Acute"] == monthly["non_acute"]).all()
    assert (table[everything].groupby("month")[WHO].sum() == monthly[WHO]).all(axis=None)


def test_nctr_remaining_is_ready_less_discharged() -> None:
    table = data.nctr()
    assert len(table) == 41
    left = table["nctr_mean_daily"] - table["discharged_mean_daily"]
    assert (left - table["remaining_mean_daily"]).abs().max() <= 1e-9
    occupied = table["adult_general_acute_beds_occupied"]
    shares = {
        "discharged_pct_of_nctr": table["discharged_mean_daily"] / table["nctr_mean_daily"],
        "remaining_pct_adult_ga_occupied": table["remaining_mean_daily"] / occupied,
        "adult_ga_occupancy_pct": occupied / table["adult_general_acute_beds_available"],
    }
    for column, share in shares.items():
        assert (100 * share - table[column]).abs().max() <= 0.05, column
    assert (table["days_used"] <= table["month"].dt.days_in_month).all()


def test_nctr_reasons_sum_over_months_and_to_100_percent() -> None:
    table = data.nctr_reasons()
    assert len(table) == 37
    months = [column for column in table if str(column).startswith("20")]
    assert len(months) == 12
    assert (table[months].sum(axis=1) == table["total"]).all()
    assert (100 * table["total"] / table["total"].sum() - table["share"]).abs().max() <= 0.005


def test_seed_areas_split_without_gap() -> None:
    table = data.seed_areas()
    assert (table[CODES].sum(axis=1) == table["total"]).all()
    assert (table[WHO].sum(axis=1) == table["total"]).all()
    shropshire = table[(table["area"] == "Shropshire") & table["month"].between("2018-04-01", "2019-03-31")]
    assert shropshire[["total", *WHO]].sum().tolist() == [3792, 3381, 118, 293]


def test_seed_areas_by_year_follow_from_the_months() -> None:
    monthly = data.seed_areas()
    first = monthly["month"].dt.year - (monthly["month"].dt.month < 4)
    monthly["year"] = first.map(lambda year: f"{year}/{(year + 1) % 100:02d}")
    monthly["days"] = monthly["month"].dt.days_in_month
    sums = monthly.groupby(["area", "year"])[["total", "days"]].sum()
    published = data.seed_areas_by_year().set_index(["area", "year"])["dtoc_beds"]
    assert published[published.isna()].index.tolist() == [("Poole", "2019/20")]
    difference = (sums["total"] / sums["days"] - published).dropna()
    assert len(difference) == 21 * 9 - 1
    assert difference.abs().max() <= 0.05


def test_bnssg_derived_columns() -> None:
    table = data.bnssg()
    arrivals = table["mean_arrivals_per_day"]
    np.testing.assert_allclose(np.exp(table["mu"]), table["median"], atol=0.002)
    np.testing.assert_allclose(np.exp(table["mu"] + table["sigma"] ** 2 / 2), table["mean_los"], atol=0.005)
    np.testing.assert_allclose(arrivals * table["mean_los"], table["offered_load"], atol=0.002)
    np.testing.assert_allclose(table["offered_load"] / table["capacity"], table["utilisation_if_no_leakage"], atol=1e-4)
    np.testing.assert_allclose(table["dtoc"] / arrivals, table["littles_wait_days"], atol=5e-4)
    week = data.bnssg_by_weekday().set_index("node").mean(axis=1)
    # The weeks of the year do not begin and end on the same day, so the two means differ a little.
    np.testing.assert_allclose(week.loc[table["node"]], arrivals, rtol=0.01)


@pytest.mark.parametrize("load", [data.nctr, data.dtoc, data.dtoc_by_reason, data.seed_areas])
def test_months_are_dates_and_no_figure_is_missing(load: Callable[[], pd.DataFrame]) -> None:
    table = load()
    assert (table["month"].dt.day == 1).all()
    assert not table.isna().any(axis=None)
