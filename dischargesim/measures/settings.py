"""Settings: how full they are, who waits for them, and whose exit is blocked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dischargesim.measures.capacity import Steps, open_places
from dischargesim.measures.facts import Floats, Ints
from dischargesim.measures.frame import Frame, at_midnights, grouped_median, ratio, tally, with_wholes
from dischargesim.measures.growth import GROWTH_FORMULA, weekly_growth
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure
from dischargesim.plan.codes import Label

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
    """Counts by setting and counted midnight.

    Attributes
    ----------
    people, waiting : ndarray, settings x days
        One row for each place that holds people, then one for each setting that is split.
    """

    people: Floats
    waiting: Floats


def setting_days(frame: Frame) -> SettingDays:
    """Count who is in, and who waits, at each midnight."""
    window, stays, times = frame.window, frame.plan.stays, frame.times
    pools, days = frame.plan.pools.settings, window.days
    rows, waits = frame.placed, frame.waited
    first, past = window.column(times.entered[rows]), window.column(times.left[rows])
    people = at_midnights(stays.setting[rows], pools, first, past, days)
    until = np.fmin(times.granted[waits], times.refused[waits])
    first, past = window.column(times.asked[waits]), window.column(until)
    waiting = at_midnights(stays.setting[waits], pools, first, past, days)
    settings, wholes = frame.facts.settings, frame.facts.setting_wholes
    return SettingDays(with_wholes(people[:settings], wholes), with_wholes(waiting[:settings], wholes))


def setting_figures(frame: Frame, days: SettingDays, steps: list[Steps]) -> Figures:
    """Figures of this module."""
    facts, window, stays, times = frame.facts, frame.window, frame.plan.stays, frame.times
    pools, counted = frame.plan.pools.settings, window.days

    def total(setting: Ints, weight: Floats | None = None) -> Floats:
        return with_wholes(tally(setting, pools, weight)[: facts.settings], facts.setting_wholes)

    rows = frame.placed
    setting = stays.setting.take(rows)
    left, entered = window.clip(times.left.take(rows)), window.clip(times.entered.take(rows))
    in_use = total(setting, (left - window.clip(times.granted.take(rows))) * stays.units.take(rows))
    alive = facts.discharge.take(stays.pathway.take(rows)) | (stays.label.take(rows) == Label.SERVICE)
    present = total(setting, (left - entered) * alive)
    late = left - window.clip(times.ready.take(rows))
    # Most people leave the moment they are ready.
    some = np.flatnonzero((late > 0) & alive)
    blocked = total(setting.take(some), late.take(some))
    open_ = with_wholes(open_places(frame, steps)[: facts.settings], facts.setting_wholes)
    waits = frame.waited
    until = np.fmin(times.granted[waits], times.refused[waits])
    queue = total(stays.setting[waits], window.clip(until) - window.clip(times.asked[waits]))
    asked, wait = _waits(frame)
    return {
        "setting_people": (days.people.mean(axis=1),),
        "setting_capacity": (open_ / counted,),
        "setting_in_use": (in_use / counted,),
        "setting_occupancy": (ratio(in_use, open_),),
        "setting_queue": (queue / counted,),
        "setting_queue_growth": (np.where(np.isnan(open_), np.nan, weekly_growth(days.waiting)),),
        "setting_wait_mean": (ratio(total(asked, wait), total(asked)),),
        "setting_wait_median": (_medians(frame, asked, wait),),
        "setting_blocked_share": (ratio(blocked, present),),
    }


def _waits(frame: Frame) -> tuple[Ints, Floats]:
    """Setting and length so far of the waits that begin in the window."""
    stays, times = frame.plan.stays, frame.times
    rows = frame.asks
    # A swap asks for nothing new.
    rows = rows.compress((stays.spell.take(rows) == rows) & (stays.setting.take(rows) < frame.facts.settings))
    until = np.fmin(np.fmin(times.granted.take(rows), times.refused.take(rows)), frame.window.end)
    return stays.setting.take(rows), until - times.asked.take(rows)


def _medians(frame: Frame, setting: Ints, wait: Floats) -> Floats:
    """Median wait for each place, then for each setting that is split."""
    facts = frame.facts
    medians = [grouped_median(wait, setting, facts.settings)]
    for pools in facts.setting_wholes:
        here = wait[np.isin(setting, pools)]
        medians.append(grouped_median(here, np.zeros(here.size, dtype=np.intp), 1))
    return np.concatenate(medians)
