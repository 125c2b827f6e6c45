"""Settings: how full they are, who waits for them, and whose exit is blocked."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.capacity import Steps, open_places
from dischargesim.measures.columns import StayColumns
from dischargesim.measures.facts import Bools, Floats, Indices
from dischargesim.measures.frame import Frame, cumulated, grouped_median, median, ratio, with_wholes
from dischargesim.measures.growth import GROWTH_FORMULA, weekly_growth
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure
from dischargesim.plan.codes import Label
from dischargesim.plan.tables import Counts, Rows

_BY = ("setting",)
_HELD = (
    "Everyone who holds a place, from being given it (before coming in, where there are move-in hours) until leaving."
)
_ASKED = (
    "People who ask for a place in the counted days, apart from those turned away at once. Those still waiting at the "
    "end, and those who gave up, count with the wait they had. A further stay in the same place is no new asking."
)

MEASURES = (
    Measure(
        "setting_people",
        "People in the setting",
        "people",
        "Everyone in it.",
        "mean over the midnights",
        _BY,
        MIDNIGHTS,
    ),
    Measure(
        "setting_capacity", "Capacity open", "{unit}", "The setting, with escalation beds.", "mean by the clock", _BY
    ),
    Measure("setting_in_use", "Capacity in use", "{unit}", _HELD, "mean by the clock of the units they take", _BY),
    Measure(
        "setting_occupancy", "Share of the capacity in use", "share", _HELD, "in use / open, both by the clock", _BY
    ),
    Measure(
        "setting_queue",
        "People waiting for a place",
        "people",
        "People who asked for a place and were not given one yet.",
        "mean by the clock",
        _BY,
        better="lower",
    ),
    Measure(
        "setting_queue_growth",
        "Growth of the number of people waiting for a place",
        "people a week",
        "People who asked for a place in a setting of limited capacity and were not given one yet.",
        GROWTH_FORMULA,
        _BY,
        MIDNIGHTS,
        better="lower",
    ),
    Measure(
        "setting_wait_mean",
        "Mean wait for a place",
        "days",
        _ASKED,
        "mean from asking to being given a place",
        _BY,
        better="lower",
    ),
    Measure(
        "setting_wait_median",
        "Median wait for a place",
        "days",
        _ASKED,
        "median from asking to being given a place",
        _BY,
        better="lower",
    ),
    Measure(
        "setting_blocked_share",
        "Share of the people in it who are ready to leave and cannot",
        "share",
        "Everyone in the setting who will leave it alive.",
        "days ready and still there / days there",
        _BY,
        better="lower",
    ),
)


@dataclass(frozen=True, slots=True)
class SettingDays:
    """Counts by setting: each place that holds people, then each setting that is split.

    Attributes
    ----------
    people, waiting : ndarray, settings x days
        People at each counted midnight.
    in_use, present, blocked, queue : ndarray, one a setting
        Units in use times days; days of those who leave alive, there, and ready and still there; days of waiting.
    """

    people: Floats
    waiting: Floats
    in_use: Floats
    present: Floats
    blocked: Floats
    queue: Floats


def setting_days(frame: Frame) -> SettingDays:
    """Count who is in, and who waits, at each midnight, and the days of both."""
    window, pools = frame.window, frame.plan.pools.settings
    settings, wholes = frame.facts.settings, frame.facts.setting_wholes
    size = pools * (window.days + 1)
    people, waiting = np.zeros((2, size), dtype=np.int64)
    in_use, present, blocked, queue = np.zeros((4, pools))
    span = (window.start, window.end, window.days)
    _count_places(frame.placed, frame.stays, frame.facts.discharge, *span, people, in_use, present, blocked)
    _count_queues(frame.waited, frame.stays, *span, waiting, queue)

    def each(table: Floats) -> Floats:
        return with_wholes(table[:settings], wholes)

    return SettingDays(
        each(cumulated(people, window.days)),
        each(cumulated(waiting, window.days)),
        *map(each, (in_use, present, blocked, queue)),
    )


@loop
def _count_places(
    placed: Indices,
    stays: StayColumns,
    discharge: Bools,
    start: float,
    end: float,
    days: int,
    people: Counts,
    in_use: Floats,
    present: Floats,
    blocked: Floats,
) -> None:
    """Count everyone who holds a place, and the days of those who leave alive: there, and ready and still there."""
    for row in placed:
        setting, entered, left = stays.setting[row], stays.entered[row], stays.left[row]
        group = setting * (days + 1)
        people[group + ceil(max(0.0, min(days, entered - start - 1)))] += 1
        people[group + ceil(max(0.0, min(days, left - start - 1)))] -= 1
        past = max(start, min(end, left))
        in_use[setting] += (past - max(start, min(end, stays.granted[row]))) * stays.units[row]
        alive = discharge[stays.pathway[row]] | (stays.label[row] == Label.SERVICE)
        present[setting] += (past - max(start, min(end, entered))) * alive
        blocked[setting] += (past - max(start, min(past, stays.ready[row]))) * alive


@loop
def _count_queues(
    waited: Indices, stays: StayColumns, start: float, end: float, days: int, waiting: Counts, queue: Floats
) -> None:
    """Count everyone who waits for a place."""
    for row in waited:
        setting, asked = stays.setting[row], stays.asked[row]
        until = stays.granted[row] if stays.granted[row] == stays.granted[row] else stays.refused[row]
        group = setting * (days + 1)
        waiting[group + ceil(max(0.0, min(days, asked - start - 1)))] += 1
        waiting[group + ceil(max(0.0, min(days, until - start - 1)))] -= 1
        queue[setting] += max(start, min(end, until)) - max(start, min(end, asked))


def setting_figures(frame: Frame, days: SettingDays, steps: list[Steps]) -> Figures:
    """Figures of this module."""
    facts, counted = frame.facts, frame.window.days
    open_ = with_wholes(open_places(frame, steps)[: facts.settings], facts.setting_wholes)
    return {
        "setting_people": (days.people.mean(axis=1),),
        "setting_capacity": (open_ / counted,),
        "setting_in_use": (days.in_use / counted,),
        "setting_occupancy": (ratio(days.in_use, open_),),
        "setting_queue": (days.queue / counted,),
        "setting_queue_growth": (np.where(np.isnan(open_), np.nan, weekly_growth(days.waiting)),),
        **_wait_figures(frame),
        "setting_blocked_share": (ratio(days.blocked, days.present),),
    }


def _wait_figures(frame: Frame) -> Figures:
    settings, wholes = frame.facts.settings, frame.facts.setting_wholes
    at_once, total = np.zeros(settings, dtype=np.int64), np.zeros(settings)
    setting, wait = np.empty(frame.asks.size, dtype=np.int32), np.empty(frame.asks.size)
    some = _list_waits(frame.asks, frame.stays, frame.window.end, at_once, total, setting, wait)
    setting, wait = setting[:some], wait[:some]
    number = (at_once + np.bincount(setting, minlength=settings)).astype(np.float64)
    medians = grouped_median(wait, setting, settings, at_once)
    for pools in wholes:
        here = wait[np.isin(setting, pools)]
        medians = np.append(medians, median(here, at_once[pools].sum()))
    return {
        "setting_wait_mean": (ratio(with_wholes(total, wholes), with_wholes(number, wholes)),),
        "setting_wait_median": (medians,),
    }


@loop
def _list_waits(
    asks: Indices, stays: StayColumns, end: float, at_once: Counts, total: Floats, settings: Rows, waits: Floats
) -> int:
    """Write setting and length so far of the waits that begin in the window, and count those who are let in at once."""
    number = 0
    for row in asks:
        # A swap asks for nothing new, and nobody asks to be at home.
        setting = stays.setting[row]
        if stays.spell[row] == row and setting < len(total):
            until = min(min(end, stays.granted[row]), stays.refused[row])
            wait = until - stays.asked[row]
            if wait > 0:
                total[setting] += wait
                settings[number], waits[number] = setting, wait
                number += 1
            else:
                at_once[setting] += 1
    return number
