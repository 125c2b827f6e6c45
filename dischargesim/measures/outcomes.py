"""What happens to people while they are delayed, and that nobody is lost from the count."""

from __future__ import annotations

import numpy as np

from dischargesim.measures.facts import Ints
from dischargesim.measures.frame import Frame, arrivals, ratio, tally
from dischargesim.measures.nctr import NctrDays
from dischargesim.measures.registry import Figures, Measure
from dischargesim.measures.splits import SPLITS, split
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import NONE

_KINDS = (
    Refusal.SETBACK,
    Refusal.DIED,
    Refusal.RECOVERED,
    Refusal.DECLINED,
    Refusal.SWITCHED,
    Refusal.MUTUAL_AID,
)
"""What ends the patience of people who are delayed, in the order of `facts.OUTCOMES`."""
_OUTCOMES = ("outcome", *(f"outcome | {axis}" for axis in SPLITS))
_HARMED = (
    "People in acute beds to whom it happens while ready to leave and still there. Much of it is frailty that would "
    "show elsewhere too, and not the doing of the delay."
)
_PERSON = "People; somebody at home who will come back within the plan is in."

MEASURES = (
    Measure("delayed_outcomes", "What happens to people while delayed", "people", _HARMED, "number", _OUTCOMES),
    Measure(
        "delayed_outcome_rate",
        "What happens to people while delayed, by time delayed",
        "people per thousand delayed days",
        _HARMED,
        "number / bed days lost x 1,000",
        _OUTCOMES,
    ),
    Measure(
        "people_at_start",
        "People in the system when counting begins",
        "people",
        _PERSON,
        "number who came before and have not left",
    ),
    Measure("people_arrived", "People who came", "people", _PERSON, "number"),
    Measure("people_left", "People who left for good, died or were turned away", "people", _PERSON, "number"),
    Measure(
        "people_still_in",
        "People in the system at the end",
        "people",
        _PERSON,
        "number in a setting or waiting; always those at the start + came - left",
    ),
)


def outcome_figures(frame: Frame, days: NctrDays) -> Figures:
    """Figures of this module."""
    stays, times = frame.plan.stays, frame.times
    harmed = frame.facts.acute[stays.setting[frame.given_up_from]] & frame.window.holds(times.refused[frame.given_up])
    rows = frame.given_up[harmed]
    kinds, refusal = max(Refusal) + 1, stays.refusal[rows]
    by_kind = (tally(refusal, kinds), *split(frame.everyone, stays.person[rows]).by(refusal, kinds))
    counts = tuple(count[list(_KINDS)] for count in by_kind)
    lost = (days.remaining.sum(), *days.lost)
    return {
        "delayed_outcomes": counts,
        "delayed_outcome_rate": tuple(ratio(one * 1000, bed_days) for one, bed_days in zip(counts, lost, strict=True)),
        **_people(frame),
    }


def _people(frame: Frame) -> Figures:
    """Count people in, coming, leaving and still in, each on its own, so that the balance is a test."""
    stays, times, window, into = frame.plan.stays, frame.times, frame.window, frame.into
    rows = frame.placed
    # Somebody at home after which nothing more is planned has left the system.
    gone_home = (stays.label == Label.HOME) & (stays.next == NONE)
    rows = rows.compress(~gone_home.take(rows))
    following, rows_left = into.take(rows), times.left.take(rows)
    last_left = rows_left.compress((following == NONE) | gone_home.take(following))
    turned_away = _without_place(frame, frame.refused)
    turned_away = turned_away[stays.otherwise[turned_away] == NONE]
    left = np.count_nonzero(window.holds(last_left))
    left += np.count_nonzero(window.holds(times.refused[turned_away]))
    waiting = _without_place(frame, frame.waited)
    entered = times.entered.take(rows)
    if window.start == 0:
        # People who are in at the start were there before, though the first moment of the run is the first that counts.
        entered = np.where(np.isnan(stays.entered.take(rows)), entered, -np.inf)

    def in_system(moment: float) -> int:
        """People in a place, or waiting while in none, just before a moment."""
        inside = (entered < moment) & ~(rows_left < moment)
        settled = np.fmin(times.entered[waiting], times.refused[waiting])
        outside = (times.asked[waiting] < moment) & ~(settled < moment)
        return int(np.count_nonzero(inside) + np.count_nonzero(outside))

    return {
        "people_at_start": (in_system(window.start),),
        "people_arrived": (np.count_nonzero(window.holds(arrivals(frame))),),
        "people_left": (left,),
        "people_still_in": (in_system(window.end),),
    }


def _without_place(frame: Frame, rows: Ints) -> Ints:
    """Those of some stays that were asked for by people who held no place."""
    return rows[~frame.from_place[rows]]
