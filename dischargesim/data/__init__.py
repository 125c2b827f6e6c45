"""Published series that come with the package, and their loaders.

The files are small CSV tables of public figures; README.md beside them gives the source and licence of each and what to
beware of, and `dictionary` says what every column is. A loader reads its file afresh, so that a caller may change the
table it gets.

>>> import dischargesim as ds
>>> ds.data.seed_areas_by_year().query("area == 'Kingston upon Hull' and year == '2018/19'")["dtoc_beds"].item()
20.9

pandas is imported by the loaders and not by the module: most of the package does without it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_CODES = {"DI": "Di", "DII": "Dii"}
"""DToC codes as the files spell them, and as `dischargesim.scenario.reasons` does."""


def dictionary() -> pd.DataFrame:
    """What every column of every table is.

    Returns
    -------
    pandas.DataFrame
        Columns loader, column, unit, meaning: a row for each column of each loader's table, in their order.
    """
    return _read("dictionary.csv")


def nctr() -> pd.DataFrame:
    """People who no longer meet the criteria to reside, England, April 2022 to August 2025.

    Returns
    -------
    pandas.DataFrame
        A row a month: mean people a day (ready, discharged that day, remaining at its end) and adult beds.
    """
    return _read("england_nctr_monthly_2022-04_2025-08.csv", months=True).astype({"trusts": "int64"})


def nctr_reasons() -> pd.DataFrame:
    """Reasons for delay of people in hospital 7 days or more, England, June 2024 to May 2025.

    Returns
    -------
    pandas.DataFrame
        A row a reason: people by month, their sum over the year and its percent of all.
    """
    return _read("england_nctr_delay_reasons_2024-06_2025-05.csv")


def dtoc() -> pd.DataFrame:
    """Delayed transfers of care, England, April 2011 to December 2019.

    Returns
    -------
    pandas.DataFrame
        A row a month: delayed days by attribution, by kind of care and by reason code; DTOC beds.
    """
    return _read("england_dtoc_monthly_2011-04_2019-12.csv", months=True).rename(columns=_CODES)


def dtoc_by_reason() -> pd.DataFrame:
    """Delayed days by kind of care, reason code and attribution, England, April 2011 to December 2019.

    Returns
    -------
    pandas.DataFrame
        A row for each month, kind of care and reason (``TOTAL`` for all reasons).
    """
    table = _read("england_dtoc_days_by_caretype_reason_attribution.csv", months=True)
    return table.assign(reason=table["reason"].replace(_CODES))


def seed_areas() -> pd.DataFrame:
    """Delayed days in 21 council areas of England by month, reason and attribution, April 2011 to December 2019.

    Returns
    -------
    pandas.DataFrame
        A row for each month and area.
    """
    table = _read("la_dtoc_monthly_seed_areas_2011-04_2019-12.csv", months=True)
    return table.rename(columns=_CODES)


def seed_areas_by_year() -> pd.DataFrame:
    """DTOC beds in 21 council areas of England by financial year, 2011/12 to 2019/20 (nine months of the last).

    Returns
    -------
    pandas.DataFrame
        A row for each area and year. Poole became part of another council in April 2019: its last year is missing.
    """
    table = _read("la_dtoc_beds_by_fy_seed_areas.csv").melt("area", var_name="year", value_name="dtoc_beds")
    gone = (table["area"] == "Poole") & (table["year"] == "2019/20")
    return table.assign(dtoc_beds=table["dtoc_beds"].mask(gone))


def bnssg() -> pd.DataFrame:
    """Discharge-to-assess pathways in Bristol, North Somerset and South Gloucestershire, 2023.

    Returns
    -------
    pandas.DataFrame
        A row for each pathway and locality (``node``): stay, places, people in and waiting, referrals, costs.
    """
    return _read("bnssg_d2a_2023_parameters.csv")


def bnssg_by_weekday() -> pd.DataFrame:
    """Referrals a day to the pathways of `bnssg`, by day of the week.

    Returns
    -------
    pandas.DataFrame
        A row for each ``node``, a column for each day from Monday.
    """
    return _read("bnssg_d2a_2023_arrivals_by_dow.csv")


def discount_rates() -> pd.DataFrame:
    """Discount rates of public appraisals in the United Kingdom, by year of the appraisal.

    Returns
    -------
    pandas.DataFrame
        A row for each kind of effect and span of years: real rate a year, its date and source.
    """
    return _read("green_book_discount_rates.csv")


def _read(name: str, *, months: bool = False) -> pd.DataFrame:
    import pandas as pd

    with files(__name__).joinpath(name).open(encoding="utf-8") as file:
        table = pd.read_csv(file)
    if months:  # the first day of the month
        table["month"] = pd.to_datetime(table["month"], format="%Y-%m")
    return table
