"""Acute beds: how full, who waits for one, who is cancelled, and who stays for long."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.columns import StayColumns
from dischargesim.measures.facts import Floats, Indices, Ints
from dischargesim.measures.frame import Frame, cumulated, ratio, tally
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import NONE, Counts

LENGTHS = (7, 14, 21)
FULL = 0.92
_BY = ("all", "acute_setting")
_BEDS = "Beds of acute settings, escalation beds that are open included."
_ASKED = (
    "People who ask for an acute bed in the counted days as an admission or readmission, apart from those turned away "
    "at once. Those still waiting at the end, and those who gave up, count with the wait they had."
)

MEASURES = (
    Measure("beds_open", "Acute beds open", "beds", _BEDS, "mean over the midnights", _BY, MIDNIGHTS),
    Measure(
        "beds_occupied", "Acute beds occupied", "beds", _BEDS, "mean over the midnights", _BY, MIDNIGHTS, main=True
    ),
    Measure(
        "bed_occupancy",
        "Occupancy of acute beds",
        "share",
        _BEDS,
        "occupied bed days / open bed days",
        _BY,
        MIDNIGHTS,
        main=True,
        better="lower",
    ),
    Measure(
        "bed_occupancy_95th",
        "Occupancy of acute beds that 95% of days do not exceed",
        "share",
        _BEDS,
        "95th percentile over the midnights of occupied / open",
        _BY,
        MIDNIGHTS,
        better="lower",
    ),
    Measure(
        "bed_days_over_92",
        "Days with more than 92% of acute beds occupied",
        "days",
        _BEDS,
        "number of midnights with occupied > 0.92 x open",
        _BY,
        MIDNIGHTS,
        better="lower",
    ),
    Measure(
        "bed_wait_mean",
        "Mean wait for an acute bed",
        "hours",
        _ASKED,
        "mean from asking to coming in",
        _BY,
        better="lower",
    ),
    Measure(
        "bed_wait_over_4_hours",
        "Share waiting more than 4 hours for an acute bed",
        "share",
        _ASKED,
        "those who waited more than 4 hours / all",
        _BY,
        main=True,
        better="lower",
    ),
    Measure(
        "bed_wait_over_12_hours",
        "Share waiting more than 12 hours for an acute bed",
        "share",
        _ASKED,
        "those who waited more than 12 hours / all",
        _BY,
        better="lower",
    ),
    Measure(
        "cancellations",
        "Planned admissions cancelled",
        "people a week",
        "Planned admissions for which no bed was free in time.",
        "number / weeks",
        _BY,
        main=True,
        better="lower",
    ),
    Measure(
        "length_of_stay_mean",
        "Mean length of stay in acute beds",
        "days",
        "People who leave an acute bed in the counted days, dead or alive; a setback does not begin a new stay.",
        "mean from coming in to leaving",
        _BY,
        better="lower",
    ),
    *(
        Measure(
            f"stays_{length}_days",
            f"People in acute beds for {length} days or more",
            "people",
            f"People in acute beds whose stay has lasted {length} days or more at that midnight, ready or not.",
            "mean over the midnights",
            _BY,
            MIDNIGHTS,
            better="lower",
        )
        for length in LENGTHS
    ),
)


@dataclass(frozen=True, slots=True)
class BedDays:
    """Counts by acute setting and counted midnight.

    Attributes
    ----------
    occupied, open_ : ndarray, acute settings x days
        `open_` is NaN for a setting without limit.
    long : ndarray, lengths x acute settings x days
        People whose stay has lasted 7, 14 and 21 days.
    admitted : ndarray, one a day
        Admissions and readmissions.
    ended, length : ndarray, one an acute setting
        Stays that end in the counted days, and the sum of their lengths.
    cancelled : ndarray of int
        Rows of the planned admissions that were cancelled in the counted days.
    """

    occupied: Floats
    open_: Floats
    long: Floats
    admitted: Floats
    ended: Floats
    length: Floats
    cancelled: Indices


def bed_days(frame: Frame, open_at: Floats) -> BedDays:
    """Count beds and long stays at each midnight, and the stays that end.

    Parameters
    ----------
    frame : Frame
    open_at : ndarray, settings x days
        Capacity of each setting at each midnight; rows after those of the settings are not looked at.
    """
    facts, window = frame.facts, frame.window
    groups, days = len(facts.labels["acute_setting"]), window.days
    occupied = np.zeros(groups * (days + 1), dtype=np.int64)
    long = np.zeros(len(LENGTHS) * occupied.size, dtype=np.int64)
    admitted, (ended, length) = np.zeros(days), np.zeros((2, groups))
    _count_beds(
        frame.acute,
        frame.stays,
        facts.acute_setting,
        window.start,
        window.end,
        days,
        occupied,
        long,
        admitted,
        ended,
        length,
        np.empty(frame.acute.size, dtype=np.uint32),
    )
    return BedDays(
        cumulated(occupied, days),
        open_at[np.flatnonzero(facts.acute[: facts.settings])],
        cumulated(long, days).reshape(len(LENGTHS), groups, days),
        admitted,
        ended,
        length,
        _cancelled(frame),
    )


@loop
def _count_beds(
    acute: Indices,
    stays: StayColumns,
    acute_setting: Ints,
    start: float,
    end: float,
    days: int,
    occupied: Counts,
    long: Counts,
    admitted: Floats,
    ended: Floats,
    lengths: Floats,
    late: Indices,
) -> None:
    """Count the beds that acute stays take, those that have lasted for long, those that begin and those that end.

    `late` is room to list all of them.
    """
    n_late = 0
    for row in acute:
        setting, entered, left = acute_setting[stays.setting[row]], stays.entered[row], stays.left[row]
        first = ceil(max(0.0, min(days, entered - start - 1)))
        past = ceil(max(0.0, min(days, left - start - 1)))
        occupied[setting * (days + 1) + first] += stays.units[row]
        occupied[setting * (days + 1) + past] -= stays.units[row]
        # Neither a setback nor a change of pathway ends a stay: its length counts from the first of its rows.
        spell, into, label = stays.spell[row], stays.into[row], stays.label[row]
        begun = stays.entered[spell]
        late[n_late] = row
        n_late += not left - begun < LENGTHS[0]
        if start <= left < end and (into == NONE or stays.spell[into] != spell):
            ended[setting] += 1
            lengths[setting] += left - begun
        if start <= entered < end and (label == Label.ADMISSION or label == Label.READMISSION):
            admitted[int(entered - start)] += 1
    for row in late[:n_late]:
        setting, begun = acute_setting[stays.setting[row]], stays.entered[stays.spell[row]]
        first = ceil(max(0.0, min(days, stays.entered[row] - start - 1)))
        past = ceil(max(0.0, min(days, stays.left[row] - start - 1)))
        began = ceil(min(days, begun - start - 1))
        for index, length in enumerate(LENGTHS):
            since = min(past, max(first, began + length))
            group = (index * len(lengths) + setting) * (days + 1)
            long[group + since] += 1
            long[group + past] -= 1


def _with_all(values: Floats) -> tuple[Floats, Floats]:
    return values.sum(axis=0), values


def _occupancy(days: BedDays) -> Figures:
    """Figures on how full the beds are, for all and for each setting."""
    occupied = np.concatenate([days.occupied.sum(axis=0, keepdims=True), days.occupied])
    open_ = np.concatenate([days.open_.sum(axis=0, keepdims=True), days.open_])
    daily = ratio(occupied, open_)
    known = ~np.isnan(daily)
    # Beds in use when none is open any more are over any share of the open ones.
    over = np.where(np.isnan(open_).all(axis=1), np.nan, (occupied > FULL * open_).sum(axis=1))
    high = np.array([_percentile(day[some], 0.95) for day, some in zip(daily, known, strict=True)])

    def split(values: Floats) -> tuple[Floats, Floats]:
        return values[0], values[1:]

    return {
        "beds_open": split(open_.mean(axis=1)),
        "beds_occupied": split(occupied.mean(axis=1)),
        "bed_occupancy": split(ratio(occupied.sum(axis=1), open_.sum(axis=1))),
        "bed_occupancy_95th": split(high),
        "bed_days_over_92": split(over),
    }


def _percentile(values: Floats, share: float) -> float:
    """The value below which a share of the values lies, interpolated; as `numpy.percentile`, with less ado."""
    if values.size == 0:
        return np.nan
    return float(np.interp(share * (values.size - 1), np.arange(values.size), np.sort(values)))


def _waits(frame: Frame, groups: int) -> Figures:
    people, days, over_4, over_12 = np.zeros((4, groups))
    _count_waits(frame.asks, frame.stays, frame.facts.acute_setting, frame.window.end, people, days, over_4, over_12)

    def per_person(counts: Floats) -> tuple[Floats, Floats]:
        return ratio(counts.sum(), people.sum()), ratio(counts, people)

    return {
        "bed_wait_mean": per_person(days * 24),
        "bed_wait_over_4_hours": per_person(over_4),
        "bed_wait_over_12_hours": per_person(over_12),
    }


@loop
def _count_waits(
    asks: Indices,
    stays: StayColumns,
    acute_setting: Ints,
    end: float,
    people: Floats,
    days: Floats,
    over_4: Floats,
    over_12: Floats,
) -> None:
    """Count who asks for an acute bed as an admission or readmission, and their waits so far."""
    for row in asks:
        setting, label = acute_setting[stays.setting[row]], stays.label[row]
        if setting < len(people) and (label == Label.ADMISSION or label == Label.READMISSION):
            wait = min(min(end, stays.entered[row]), stays.refused[row]) - stays.asked[row]
            people[setting] += 1
            if wait > 0:
                days[setting] += wait
                if wait > 4 / 24:
                    over_4[setting] += 1
                if wait > 12 / 24:
                    over_12[setting] += 1


def _cancelled(frame: Frame) -> Indices:
    """Planned admissions to acute beds that were cancelled in the window."""
    stays, rows = frame.plan.stays, frame.refused
    off = (stays.refusal[rows] == Refusal.CANCELLED) & frame.facts.acute[stays.setting[rows]]
    cancelled: Indices = rows[off & frame.window.holds(frame.times.refused[rows])]
    return cancelled


def bed_figures(frame: Frame, days: BedDays) -> Figures:
    """Figures of this module."""
    stays, groups = frame.plan.stays, days.occupied.shape[0]
    cancelled = tally(frame.facts.acute_setting[stays.setting[days.cancelled]], groups)
    long = days.long.mean(axis=2)
    return {
        **_occupancy(days),
        **_waits(frame, groups),
        "cancellations": _with_all(cancelled * 7 / frame.window.days),
        "length_of_stay_mean": (ratio(days.length.sum(), days.ended.sum()), ratio(days.length, days.ended)),
        **{f"stays_{length}_days": _with_all(long[index]) for index, length in enumerate(LENGTHS)},
    }
