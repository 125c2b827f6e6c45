"""People who no longer meet the criteria to reside (NCTR): the counts of England's daily discharge return."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dischargesim.measures.delays import Parts
from dischargesim.measures.facts import STAGES, Bools, Floats, Ints
from dischargesim.measures.frame import Frame, at_midnights, grouped_median, ratio, tally
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure
from dischargesim.measures.splits import SPLITS, ByGroup, Split, split
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import NONE

LONG_STAY = 7
"""Days in hospital from which on England's return records the reason of a delay."""

_PATHWAYS = ("all", "pathway")
_REASONS = ("family", "sub_reason")
_READY = (
    "People in acute beds who become ready to leave alive; pathway as it is then. After a setback they count again."
)
_WAITED = (
    "People who become ready in the counted days. The delay of those still in at the end counts as long as it "
    "has lasted; it ends at leaving, death or setback, and goes on through a change of pathway."
)
_IN_BED = "People in acute beds who are ready to leave and still there."

MEASURES = (
    Measure(
        "nctr_ready",
        "People becoming ready to leave hospital",
        "people a day",
        _READY,
        "number / counted days",
        (*_PATHWAYS, *SPLITS),
    ),
    Measure(
        "nctr_discharged",
        "People discharged after becoming ready",
        "people a day",
        "People who leave an acute bed alive, ready, and for no other acute bed.",
        "number / counted days",
        _PATHWAYS,
        main=True,
    ),
    Measure(
        "nctr_remaining",
        "People ready to leave and still in hospital at the end of the day",
        "people",
        _IN_BED,
        "mean over the midnights",
        _PATHWAYS,
        MIDNIGHTS,
        main=True,
        better="lower",
    ),
    Measure(
        "nctr_bed_days_lost",
        "Bed days lost to delays",
        "bed days",
        _IN_BED + " Opportunity value, not cash.",
        "sum over the midnights of the people remaining; a reason counts where the person was in it at that midnight",
        (*_PATHWAYS, *_REASONS, *SPLITS),
        MIDNIGHTS,
        main=True,
        better="lower",
    ),
    Measure(
        "nctr_bed_days_share",
        "Share of the bed days lost",
        "share",
        _IN_BED,
        "bed days lost for this reason / all bed days lost",
        _REASONS,
        MIDNIGHTS,
    ),
    Measure(
        "nctr_long_stay_share",
        "Reasons of those in hospital 7 days or more",
        "share",
        "People ready to leave and still there whose spell in hospital has lasted 7 days or more at that midnight.",
        "their midnights in this reason / all their midnights (the population of England's table of reasons)",
        _REASONS,
        MIDNIGHTS,
    ),
    Measure(
        "nctr_stage_share",
        "What delayed time consists of",
        "share",
        _IN_BED + " Delays of some hours that do not last past a midnight are left out.",
        "time in this stage / all their delayed time, by the clock and not at midnight",
        ("stage",),
    ),
    Measure(
        "nctr_mean_delay",
        "Mean delay of all who are discharged, by Little's law",
        "days",
        _IN_BED,
        "people remaining / people discharged a day",
        _PATHWAYS,
        MIDNIGHTS,
        main=True,
        better="lower",
    ),
    Measure(
        "nctr_delay_mean",
        "Mean delay of those who became ready",
        "days",
        _WAITED,
        "mean",
        (*_PATHWAYS, *SPLITS),
        better="lower",
    ),
    Measure(
        "nctr_delay_median",
        "Median delay of those who became ready",
        "days",
        _WAITED,
        "median",
        _PATHWAYS,
        main=True,
        better="lower",
    ),
    Measure(
        "nctr_share_7_days",
        "Share delayed 7 days or more",
        "share",
        _WAITED,
        "those with a delay of 7 days or more / all",
        (*_PATHWAYS, *SPLITS),
        main=True,
        better="lower",
    ),
    Measure(
        "nctr_share_21_days",
        "Share delayed 21 days or more",
        "share",
        _WAITED,
        "those with a delay of 21 days or more / all",
        _PATHWAYS,
        better="lower",
    ),
    Measure(
        "nctr_still_in",
        "Became ready in the counted days and still in at the end",
        "people",
        "People who become ready in the counted days.",
        "number whose delay has not ended by the end of the run",
        _PATHWAYS,
        better="lower",
    ),
    Measure(
        "nctr_weekday_profile",
        "Discharges by day of the week",
        "ratio to the mean",
        "People who leave an acute bed alive, ready, and for no other acute bed.",
        "people discharged on such a day / mean of the seven",
        ("weekday",),
    ),
)


@dataclass(frozen=True, slots=True)
class NctrDays:
    """Counts by pathway and counted day.

    Attributes
    ----------
    ready, discharged, remaining : ndarray, pathways x days
    begins, leaves : ndarray of int
        Rows of the stays in which a delay begins, and that end in a discharge, on a counted day.
    lost : tuple of ndarray
        Bed days lost, by the groups of people.
    """

    ready: Floats
    discharged: Floats
    remaining: Floats
    begins: Ints
    leaves: Ints
    lost: ByGroup


@dataclass(frozen=True, slots=True)
class _Delays:
    """Delays that begin in the window: pathway, groups of people, length so far, and whether they go on."""

    pathway: Ints
    people: Split
    days: Floats
    still_in: NDArray[np.bool_]


def in_acute(frame: Frame, rows: Ints) -> Ints:
    """Those of some stays that are in acute beds."""
    acute: Ints = rows.compress(frame.facts.acute.take(frame.plan.stays.setting.take(rows)))
    return acute


def nctr_days(frame: Frame) -> NctrDays:
    """Count people becoming ready, discharged and remaining on each counted day."""
    facts, window, stays, times = frame.facts, frame.window, frame.plan.stays, frame.times
    groups, days = len(facts.labels["pathway"]), window.days

    def daily(rows: Ints, moment: Floats) -> Floats:
        key = facts.pathway.take(stays.pathway.take(rows)) * days + window.day(moment.take(rows))
        return tally(key, groups * days).reshape(groups, days)

    rows = in_acute(frame, frame.delayed)
    leaves = rows.compress(window.holds(times.left.take(rows)))
    leaves = leaves.compress(_discharged(frame, leaves))
    begins = _beginnings(frame, rows)
    over = in_acute(frame, frame.overnight)
    first, past = window.column(times.ready[over]), window.column(times.left[over])
    remaining = at_midnights(facts.pathway[stays.pathway[over]], groups, first, past, days)
    lost = split(frame.everyone, stays.person[over]).tally((past - first).astype(np.float64))
    return NctrDays(daily(begins, times.ready), daily(leaves, times.left), remaining, begins, leaves, lost)


def _beginnings(frame: Frame, rows: Ints) -> Ints:
    """Those of some stays in acute beds in which a delay begins in the window."""
    # A change of pathway goes on with a delay that has begun.
    begins = frame.window.holds(frame.times.ready.take(rows)) & (frame.plan.stays.label.take(rows) != Label.REROUTED)
    beginnings: Ints = rows.compress(begins)
    return beginnings


def _discharged(frame: Frame, rows: Ints) -> NDArray[np.bool_]:
    """Whether stays in acute beds that were left ended in a discharge: not in a death, nor in an acute bed again."""
    stays, into = frame.plan.stays, frame.into.take(rows)
    inside = (into != NONE) & frame.facts.acute.take(stays.setting.take(into))
    discharged: Bools = ~inside & (frame.last_refusal.take(rows) != Refusal.DIED)
    return discharged


def _delays(frame: Frame, begins: Ints) -> _Delays:
    stays, times, window = frame.plan.stays, frame.times, frame.window
    # A change of pathway is a new row in the same bed: follow it to the end of the delay.
    last = begins.copy()
    moved = np.arange(last.size)
    while moved.size:
        into = frame.into.take(last.take(moved))
        on = (into != NONE) & (stays.label.take(into) == Label.REROUTED)
        moved = moved.compress(on)
        last[moved] = into.compress(on)
    left = times.left.take(last)
    return _Delays(
        frame.facts.pathway.take(stays.pathway.take(begins)),
        split(frame.everyone, stays.person.take(begins)),
        np.fmin(left, window.end) - times.ready.take(begins),
        ~(left < window.end),
    )


def _with_all(by_pathway: Floats) -> tuple[Floats, Floats]:
    return by_pathway.sum(axis=0), by_pathway


def _delay_figures(delays: _Delays, groups: int, days: int) -> Figures:
    def number(those: Bools) -> Floats:
        return tally(delays.pathway.compress(those), groups)

    def shares(counts: Floats) -> tuple[Floats, Floats]:
        return ratio(counts.sum(), people.sum()), ratio(counts, people)

    def split_shares(counts: ByGroup) -> ByGroup:
        return tuple(ratio(count, all_) for count, all_ in zip(counts, split_people, strict=True))

    people, split_people = tally(delays.pathway, groups), delays.people.tally()
    everyone = np.zeros(delays.days.size, dtype=np.intp)
    week = delays.days >= 7
    return {
        "nctr_ready": (*_with_all(people / days), *(count / days for count in split_people)),
        "nctr_delay_mean": (
            *shares(tally(delays.pathway, groups, delays.days)),
            *split_shares(delays.people.tally(delays.days)),
        ),
        "nctr_delay_median": (
            grouped_median(delays.days, everyone, 1),
            grouped_median(delays.days, delays.pathway, groups),
        ),
        "nctr_share_7_days": (*shares(number(week)), *split_shares(delays.people.those(week).tally())),
        "nctr_share_21_days": shares(number(delays.days >= 21)),
        "nctr_still_in": _with_all(number(delays.still_in)),
    }


def _reason_figures(frame: Frame, parts: Parts) -> Figures:
    facts, window, stays = frame.facts, frame.window, frame.plan.stays
    here = np.flatnonzero(facts.acute.take(stays.setting.take(parts.stay)))
    start, end = parts.start.take(here), parts.end.take(here)
    first, past = window.column(start), window.column(end)
    size = facts.reasons.family.size
    over = np.flatnonzero(past > first)
    stay_over, reason_over = parts.stay.take(here.take(over)), parts.reason.take(here.take(over))
    first_over, past_over = first.take(over), past.take(over)
    begun = frame.times.entered.take(stays.spell.take(stay_over))
    long = np.maximum(first_over, window.column(begun + LONG_STAY))
    bed_days = tally(reason_over, size, past_over - first_over)
    long_days = tally(reason_over, size, np.maximum(past_over - long, 0))
    stages = tally(parts.stage.take(here), len(STAGES), window.clip(end) - window.clip(start))

    def grouped(values: Floats) -> tuple[Floats, Floats]:
        return (
            tally(facts.reasons.family, size + 1, values)[: len(facts.labels["family"])],
            tally(facts.reasons.sub_reason, size + 1, values)[: len(facts.labels["sub_reason"])],
        )

    family, sub_reason = grouped(bed_days)
    long_family, long_sub_reason = grouped(long_days)
    return {
        "nctr_bed_days_lost": (family, sub_reason),
        "nctr_bed_days_share": (ratio(family, bed_days.sum()), ratio(sub_reason, bed_days.sum())),
        "nctr_long_stay_share": (ratio(long_family, long_days.sum()), ratio(long_sub_reason, long_days.sum())),
        "nctr_stage_share": (ratio(stages, stages.sum()),),
    }


def nctr_figures(frame: Frame, days: NctrDays, parts: Parts) -> Figures:
    """Figures of this module."""
    facts, counted = frame.facts, frame.window.days
    discharged = days.discharged.sum(axis=1)
    remaining = days.remaining.sum(axis=1)
    reasons = _reason_figures(frame, parts)
    weekday = facts.weekday
    a_day = ratio(tally(weekday, 7, days.discharged.sum(axis=0)), tally(weekday, 7))
    known = a_day[a_day == a_day]
    return {
        "nctr_discharged": _with_all(discharged / counted),
        "nctr_remaining": _with_all(remaining / counted),
        **reasons,
        "nctr_bed_days_lost": (*_with_all(remaining), *reasons["nctr_bed_days_lost"], *days.lost),
        "nctr_mean_delay": (ratio(remaining.sum(), discharged.sum()), ratio(remaining, discharged)),
        **_delay_figures(_delays(frame, days.begins), len(facts.labels["pathway"]), counted),
        "nctr_weekday_profile": (ratio(a_day, ratio(known.sum(), known.size)),),
    }
