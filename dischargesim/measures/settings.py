"""Settings: how full they are, who waits for them, and whose exit is blocked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dischargesim.measures.capacity import Steps, open_places
from dischargesim.measures.facts import Floats, Ints
from dischargesim.measures.frame import Frame, at_midnights, grouped_median, ratio, tally
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
    ),
    Measure(
        "setting_wait_mean", "Mean wait for a place", "days", _ASKED, "mean from asking to being given a place", _BY
    ),
    Measure(
        "setting_wait_median",
        "Median wait for a place",
        "days",
        _ASKED,
        "median from asking to being given a place",
        _BY,
    ),
    Measure(
        "setting_blocked_share",
        "Share of the people in it who are ready to leave and cannot",
        "share",
        "Everyone in the setting who will leave it alive.",
        "days ready and still there / days there",
        _BY,
    ),
)


@dataclass(frozen=True, slots=True)
class SettingDays:
    """Counts by setting and counted midnight.

    Attributes
    ----------
    people, waiting : ndarray, settings x days
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
    settings = len(frame.facts.labels["setting"])
    return SettingDays(people[:settings], waiting[:settings])


def setting_figures(frame: Frame, days: SettingDays, steps: list[Steps]) -> Figures:
    """Figures of this module."""
    facts, window, stays, times = frame.facts, frame.window, frame.plan.stays, frame.times
    settings, pools, counted = len(facts.labels["setting"]), frame.plan.pools.settings, window.days
    rows = frame.placed
    setting = stays.setting[rows]
    left, entered = window.clip(times.left[rows]), window.clip(times.entered[rows])

    def total(weight: Floats) -> Floats:
        return tally(setting, pools, weight)[:settings]

    in_use = total((left - window.clip(times.granted[rows])) * stays.units[rows])
    alive = facts.discharge[stays.pathway[rows]] | (stays.label[rows] == Label.SERVICE)
    present = total((left - entered) * alive)
    blocked = total((left - window.clip(times.ready[rows])) * alive)
    open_ = open_places(frame, steps)[:settings]
    waits = frame.waited
    until = np.fmin(times.granted[waits], times.refused[waits])
    queue = tally(stays.setting[waits], pools, window.clip(until) - window.clip(times.asked[waits]))[:settings]
    asked, wait = _waits(frame, settings)
    return {
        "setting_people": (days.people.mean(axis=1),),
        "setting_capacity": (open_ / counted,),
        "setting_in_use": (in_use / counted,),
        "setting_occupancy": (ratio(in_use, open_),),
        "setting_queue": (queue / counted,),
        "setting_wait_mean": (ratio(tally(asked, settings, wait), tally(asked, settings)),),
        "setting_wait_median": (grouped_median(wait, asked, settings),),
        "setting_blocked_share": (ratio(blocked, present),),
    }


def _waits(frame: Frame, settings: int) -> tuple[Ints, Floats]:
    """Setting and length so far of the waits that begin in the window."""
    stays, times, window = frame.plan.stays, frame.times, frame.window
    rows = frame.asked
    # Those who are in at the start did not ask; a swap asks for nothing new.
    asks = (stays.spell[rows] == rows) & (stays.setting[rows] < settings) & (stays.entered[rows] != stays.entered[rows])
    rows = rows[asks & window.holds(times.asked[rows]) & (times.refused[rows] != times.asked[rows])]
    until = np.fmin(np.fmin(times.granted[rows], times.refused[rows]), window.end)
    return stays.setting[rows], until - times.asked[rows]
