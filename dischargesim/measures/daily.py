"""Daily series: what a control chart or a forecast of a single day looks at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dischargesim.measures.beds import LENGTHS, BedDays
from dischargesim.measures.facts import Floats
from dischargesim.measures.frame import Frame
from dischargesim.measures.nctr import NctrDays
from dischargesim.measures.registry import Measure
from dischargesim.measures.settings import SettingDays

_EACH_DAY = "Each counted day."
_AT_ITS_END = "The midnight that ends each counted day."
_ALIVE = "People in acute beds who become ready to leave alive."


def _series(
    name: str, title: str, unit: str, population: str, *by: str, formula: str = "number", window: str = _AT_ITS_END
) -> Measure:
    return Measure(name, title, unit, population, formula, by or ("all",), window)


DAILY = (
    _series("daily_arrived", "People who came", "people", "Everyone who comes.", window=_EACH_DAY),
    _series("daily_admitted", "People coming in to an acute bed", "people", "Admissions.", window=_EACH_DAY),
    _series("daily_cancelled", "Planned admissions cancelled", "people", "Planned admissions.", window=_EACH_DAY),
    _series("daily_nctr_ready", "People becoming ready to leave", "people", _ALIVE, "all", "pathway", window=_EACH_DAY),
    _series(
        "daily_nctr_discharged",
        "People discharged after becoming ready",
        "people",
        _ALIVE,
        "all",
        "pathway",
        window=_EACH_DAY,
    ),
    _series("daily_nctr_remaining", "People ready to leave and still there", "people", _ALIVE, "all", "pathway"),
    _series("daily_dtoc_delayed", "People delayed as DToC counts them", "people", "As for dtoc_days.", "care"),
    _series("daily_beds_occupied", "Acute beds occupied", "beds", "Acute settings.", "all", "acute_setting"),
    _series("daily_beds_open", "Acute beds open", "beds", "Acute settings.", "all", "acute_setting"),
    *(
        _series(
            f"daily_stays_{length}_days", f"People in acute beds for {length} days or more", "people", "Acute beds."
        )
        for length in LENGTHS
    ),
    _series("daily_people", "People in the setting", "people", "Everyone in it.", "setting"),
    _series("daily_waiting", "People waiting for a place", "people", "Asked, and not given one yet.", "setting"),
)
"""The daily series, defined as the measures are."""


def _with_all(table: NDArray[np.generic]) -> list[NDArray[np.generic]]:
    return [table.sum(axis=0), *table]


def daily_table(frame: Frame, nctr: NctrDays, delayed: Floats, beds: BedDays, settings: SettingDays) -> Floats:
    """Values of the series in `DAILY`: one row each group, one column each counted day."""
    rows = [
        frame.arrived,
        beds.admitted,
        np.bincount(frame.window.day(frame.times.refused[beds.cancelled]), minlength=frame.window.days),
        *_with_all(nctr.ready),
        *_with_all(nctr.discharged),
        *_with_all(nctr.remaining),
        *delayed.sum(axis=0),
        *_with_all(beds.occupied),
        *_with_all(beds.open_),
        *beds.long.sum(axis=1),
        *settings.people,
        *settings.waiting,
    ]
    return np.array(rows, dtype=np.float64)
