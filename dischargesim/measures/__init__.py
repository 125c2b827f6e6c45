"""Figures of a run: delayed transfers, lost bed days, beds, admissions avoided, settings, teams, outcomes.

Every figure is defined once, in `MEASURES`; docs/data_dictionary.md is written from there.
"""

from dischargesim.measures.catalogue import (
    MEASURES,
    daily_index,
    daily_values,
    measure,
    measure_all,
    measure_index,
    measure_values,
)
from dischargesim.measures.daily import DAILY
from dischargesim.measures.registry import Measure, Row

__all__ = [
    "DAILY",
    "MEASURES",
    "Measure",
    "Row",
    "daily_index",
    "daily_values",
    "measure",
    "measure_all",
    "measure_index",
    "measure_values",
]
