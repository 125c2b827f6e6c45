"""People who no longer meet the criteria to reside (NCTR): the counts of England's daily discharge return."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.columns import StayColumns
from dischargesim.measures.delays import Parts
from dischargesim.measures.facts import Bools, Floats, Indices, Ints
from dischargesim.measures.frame import Frame, cumulated, median, ratio, tally
from dischargesim.measures.reasons import reason_figures
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure
from dischargesim.measures.splits import SPLITS, ByGroup
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import NONE, Counts

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
    begins: Indices
    leaves: Indices
    lost: ByGroup


def nctr_days(frame: Frame) -> NctrDays:
    """Count people becoming ready, discharged and remaining on each counted day."""
    facts, window, kinds = frame.facts, frame.window, frame.kinds
    groups, days = len(facts.labels["pathway"]), window.days
    ready, discharged = np.zeros((2, groups * days))
    remaining = np.zeros(groups * (days + 1), dtype=np.int64)
    lost = np.zeros(kinds.number)
    begins, leaves = np.empty(frame.delayed.size, dtype=np.uint32), np.empty(frame.delayed.size, dtype=np.uint32)
    n_begins, n_leaves = _count_delayed(
        frame.delayed,
        frame.stays,
        kinds.of,
        facts.acute,
        facts.pathway,
        window.start,
        window.end,
        days,
        ready,
        discharged,
        remaining,
        lost,
        begins,
        leaves,
    )
    return NctrDays(
        ready.reshape(groups, days),
        discharged.reshape(groups, days),
        cumulated(remaining, days),
        begins[:n_begins],
        leaves[:n_leaves],
        kinds.by_group(lost),
    )


@loop
def _count_delayed(
    delayed: Indices,
    stays: StayColumns,
    kind: Indices,
    acute: Bools,
    pathways: Ints,
    start: float,
    end: float,
    days: int,
    ready: Floats,
    discharged: Floats,
    remaining: Counts,
    lost: Floats,
    begins: Indices,
    leaves: Indices,
) -> tuple[int, int]:
    """Count people delayed in acute beds; list the stays in which delays begin and those that end in a discharge."""
    n_begins, n_leaves = 0, 0
    for row in delayed:
        if not acute[stays.setting[row]]:
            continue
        pathway, ready_at, left = pathways[stays.pathway[row]], stays.ready[row], stays.left[row]
        # A change of pathway goes on with a delay that has begun.
        if start <= ready_at < end and stays.label[row] != Label.REROUTED:
            begins[n_begins] = row
            n_begins += 1
            ready[pathway * days + int(ready_at - start)] += 1
        # Neither a death nor going on in an acute bed is a discharge.
        into = stays.into[row]
        inside = (into != NONE) & acute[stays.setting[into]]
        if (start <= left) & (left < end) & (stays.last_refusal[row] != Refusal.DIED) & (not inside):
            leaves[n_leaves] = row
            n_leaves += 1
            discharged[pathway * days + int(left - start)] += 1
        first = ceil(max(0.0, min(days, ready_at - start - 1)))
        past = ceil(max(0.0, min(days, left - start - 1)))
        remaining[pathway * (days + 1) + first] += 1
        remaining[pathway * (days + 1) + past] -= 1
        lost[kind[stays.person[row]]] += past - first
    return n_begins, n_leaves


def _with_all(by_pathway: Floats) -> tuple[Floats, Floats]:
    return by_pathway.sum(axis=0), by_pathway


class _Delays(NamedTuple):
    """Delays that begin in the window, as far as they have lasted: by pathway (pathways), or by kind of person (kinds).

    Sums of days, and how many there are, are of 7 and of 21 days or more, and go on.
    """

    days: Floats
    week: Floats
    three_weeks: Floats
    still_in: Floats
    kinds_number: Floats
    kinds_days: Floats
    kinds_week: Floats


@loop
def _count_delays(
    begins: Indices,
    stays: StayColumns,
    kind: Indices,
    pathways: Ints,
    end: float,
    place: Counts,
    length: Floats,
    delays: _Delays,
) -> None:
    """Count the delays that begin in some stays, and write how long they are.

    The lengths of each pathway are written one after the other, given the place of the first.
    """
    for row in begins:
        # A change of pathway is a new row in the same bed: follow it to the end of the delay.
        last, into = row, stays.into[row]
        while (into != NONE) & (stays.label[into] == Label.REROUTED):
            last, into = into, stays.into[into]
        pathway, who = pathways[stays.pathway[row]], kind[stays.person[row]]
        days = min(end, stays.left[last]) - stays.ready[row]
        length[place[pathway]] = days
        place[pathway] += 1
        delays.days[pathway] += days
        delays.week[pathway] += days >= 7
        delays.three_weeks[pathway] += days >= 21
        delays.still_in[pathway] += not stays.left[last] < end
        delays.kinds_number[who] += 1
        delays.kinds_days[who] += days
        delays.kinds_week[who] += days >= 7


def _delay_figures(frame: Frame, counts: NctrDays) -> Figures:
    facts, kinds, counted = frame.facts, frame.kinds, frame.window.days
    number = counts.ready.sum(axis=1).astype(np.int64)
    delays = _Delays(*np.zeros((4, number.size)), *np.zeros((3, kinds.number)))
    length, past = np.empty(counts.begins.size), np.cumsum(number)
    place = past - number
    of_pathway = [slice(first, end) for first, end in zip(place.tolist(), past.tolist(), strict=True)]
    _count_delays(counts.begins, frame.stays, kinds.of, facts.pathway, frame.window.end, place, length, delays)
    people = kinds.by_group(delays.kinds_number)

    def shares(counts: Floats) -> tuple[Floats, Floats]:
        return ratio(counts.sum(), number.sum()), ratio(counts, number)

    def split_shares(counts: Floats) -> ByGroup:
        return tuple(ratio(count, all_) for count, all_ in zip(kinds.by_group(counts), people, strict=True))

    return {
        "nctr_ready": (*_with_all(number / counted), *(count / counted for count in people)),
        "nctr_delay_mean": (*shares(delays.days), *split_shares(delays.kinds_days)),
        "nctr_delay_median": (median(length), [median(length[here]) for here in of_pathway]),
        "nctr_share_7_days": (*shares(delays.week), *split_shares(delays.kinds_week)),
        "nctr_share_21_days": shares(delays.three_weeks),
        "nctr_still_in": _with_all(delays.still_in),
    }


def nctr_figures(frame: Frame, days: NctrDays, parts: Parts) -> Figures:
    """Figures of this module."""
    facts, counted = frame.facts, frame.window.days
    discharged = days.discharged.sum(axis=1)
    remaining = days.remaining.sum(axis=1)
    reasons = reason_figures(frame, parts)
    weekday = facts.weekday
    a_day = ratio(tally(weekday, 7, days.discharged.sum(axis=0)), tally(weekday, 7))
    known = a_day[a_day == a_day]
    return {
        "nctr_discharged": _with_all(discharged / counted),
        "nctr_remaining": _with_all(remaining / counted),
        **reasons,
        "nctr_bed_days_lost": (*_with_all(remaining), *reasons["nctr_bed_days_lost"], *days.lost),
        "nctr_mean_delay": (ratio(remaining.sum(), discharged.sum()), ratio(remaining, discharged)),
        **_delay_figures(frame, days),
        "nctr_weekday_profile": (ratio(a_day, ratio(known.sum(), known.size)),),
    }
