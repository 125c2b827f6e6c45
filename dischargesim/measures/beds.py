"""Acute beds: how full, who waits for one, who is cancelled, and who stays for long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dischargesim.measures.facts import Bools, Floats, Ints
from dischargesim.measures.frame import Frame, at_midnights, ratio, tally
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import NONE

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
    """

    occupied: Floats
    open_: Floats
    long: Floats


def bed_days(frame: Frame, people: Floats, open_at: Floats) -> BedDays:
    """Count beds and long stays at each midnight.

    Parameters
    ----------
    frame : Frame
    people, open_at : ndarray, settings x days
        People in each setting, and its capacity, at each midnight; rows after those of the settings are not looked at.
    """
    facts, window, stays, times = frame.facts, frame.window, frame.plan.stays, frame.times
    rows = frame.acute
    groups, days = len(facts.labels["acute_setting"]), window.days

    def seen(some: Ints) -> tuple[Ints, Ints, Ints]:
        setting = facts.acute_setting.take(stays.setting.take(some))
        return setting, window.column(times.entered.take(some)), window.column(times.left.take(some))

    here = np.flatnonzero(facts.acute[: facts.settings])
    units = stays.units.take(rows)
    occupied = people[here]
    if not (units == 1).all():
        setting, first, past = seen(rows)
        occupied = at_midnights(setting, groups, first, past, days, units)
    # A stay that is a setback goes on from the stay before: its length counts from the first of them.
    begun = times.entered.take(stays.spell.take(rows))
    late = np.flatnonzero(~(times.left.take(rows) - begun < LENGTHS[0]))
    begun = begun.take(late)
    setting, first, past = seen(rows.take(late))
    long = np.zeros((len(LENGTHS), groups, days))
    for index, length in enumerate(LENGTHS):
        since = np.maximum(window.column(begun + length), first)
        over = np.flatnonzero(past > since)
        long[index] = at_midnights(setting.take(over), groups, since.take(over), past.take(over), days)
    return BedDays(occupied, open_at[here], long)


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
    facts, window, stays, times = frame.facts, frame.window, frame.plan.stays, frame.times
    rows = frame.asks.compress(admissions(frame, frame.asks))
    rows = rows.compress(facts.acute.take(stays.setting.take(rows)))
    setting = facts.acute_setting.take(stays.setting.take(rows))
    wait = np.fmin(np.fmin(times.entered.take(rows), times.refused.take(rows)), window.end) - times.asked.take(rows)

    people = tally(setting, groups)
    late = np.flatnonzero(wait > 4 / 24)
    wait_late, setting_late = wait.take(late), setting.take(late)

    def per_person(counts: Floats) -> tuple[Floats, Floats]:
        return ratio(counts.sum(), people.sum()), ratio(counts, people)

    return {
        "bed_wait_mean": per_person(tally(setting, groups, wait * 24)),
        "bed_wait_over_4_hours": per_person(tally(setting_late, groups)),
        "bed_wait_over_12_hours": per_person(tally(setting_late.compress(wait_late > 12 / 24), groups)),
    }


def admissions(frame: Frame, rows: Ints) -> Bools:
    """Whether some stays are an admission, or a readmission, and no move or setback."""
    label = frame.plan.stays.label.take(rows)
    admitted: Bools = (label == Label.ADMISSION) | (label == Label.READMISSION)
    return admitted


def _lengths(frame: Frame, groups: int) -> tuple[Floats, Floats]:
    stays, times = frame.plan.stays, frame.times
    rows = frame.acute.compress(frame.window.holds(times.left.take(frame.acute)))
    into = frame.into.take(rows)
    rows = rows.compress((into == NONE) | (stays.spell.take(into) != stays.spell.take(rows)))
    setting = frame.facts.acute_setting.take(stays.setting.take(rows))
    length = times.left.take(rows) - times.entered.take(stays.spell.take(rows))
    total, people = tally(setting, groups, length), tally(setting, groups)
    return ratio(total.sum(), people.sum()), ratio(total, people)


def cancelled_rows(frame: Frame) -> Ints:
    """Planned admissions to acute beds that were cancelled in the window."""
    stays, rows = frame.plan.stays, frame.refused
    off = (stays.refusal[rows] == Refusal.CANCELLED) & frame.facts.acute[stays.setting[rows]]
    cancelled: Ints = rows[off & frame.window.holds(frame.times.refused[rows])]
    return cancelled


def bed_figures(frame: Frame, days: BedDays) -> Figures:
    """Figures of this module."""
    stays, groups = frame.plan.stays, days.occupied.shape[0]
    cancelled = tally(frame.facts.acute_setting[stays.setting[cancelled_rows(frame)]], groups)
    long = days.long.mean(axis=2)
    return {
        **_occupancy(days),
        **_waits(frame, groups),
        "cancellations": _with_all(cancelled * 7 / frame.window.days),
        "length_of_stay_mean": _lengths(frame, groups),
        **{f"stays_{length}_days": _with_all(long[index]) for index, length in enumerate(LENGTHS)},
    }
