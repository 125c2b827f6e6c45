"""What happens to people while they are delayed, and that nobody is lost from the count."""

from __future__ import annotations

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.columns import StayColumns
from dischargesim.measures.facts import Floats, Indices
from dischargesim.measures.frame import Frame, ratio, tally
from dischargesim.measures.nctr import NctrDays
from dischargesim.measures.registry import Figures, Measure
from dischargesim.measures.splits import SPLITS
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
        "deaths_in_hospital",
        "People who die in hospital",
        "people",
        "People in acute beds: those whose illness ends in death, and those who die while ready to leave. A plan "
        "that moves where people die lowers it without a life saved.",
        "number",
        ("all", *SPLITS),
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
    stays, times, kinds = frame.plan.stays, frame.times, frame.kinds
    harmed = frame.facts.acute[stays.setting[frame.given_up_from]] & frame.window.holds(times.refused[frame.given_up])
    rows = frame.given_up[harmed]
    outcomes, refusal = max(Refusal) + 1, stays.refusal[rows]
    by_kind = np.bincount(refusal * kinds.number + kinds.of[stays.person[rows]], minlength=outcomes * kinds.number)
    harms = by_kind.reshape(outcomes, kinds.number)[list(_KINDS)].astype(np.float64)
    counts = (harms.sum(axis=1), *kinds.by_group(harms))
    died = _dying(frame) + harms[_KINDS.index(Refusal.DIED)]
    lost = (days.remaining.sum(), *days.lost)
    return {
        "delayed_outcomes": counts,
        "delayed_outcome_rate": tuple(ratio(one * 1000, bed_days) for one, bed_days in zip(counts, lost, strict=True)),
        "deaths_in_hospital": (died.sum(), *kinds.by_group(died)),
        **_people(frame),
    }


def _dying(frame: Frame) -> Floats:
    """People who leave an acute bed in the counted days by the death that their pathway ends in, by kind of person."""
    pathway = frame.stays.pathway[frame.acute]
    rows = frame.acute[(pathway != NONE) & ~frame.facts.discharge[pathway]]
    rows = rows[frame.window.holds(frame.times.left[rows])]
    return tally(frame.kinds.of[frame.plan.stays.person[rows]], frame.kinds.number)


def _people(frame: Frame) -> Figures:
    """Count people in, coming, leaving and still in, each on its own, so that the balance is a test."""
    stays, times, window = frame.plan.stays, frame.times, frame.window
    turned_away = _without_place(frame, frame.refused)
    turned_away = turned_away[stays.otherwise[turned_away] == NONE]
    at_start, left, at_end = _count_people(frame.placed, frame.stays, window.start, window.end)
    left += int(np.count_nonzero(window.holds(times.refused[turned_away])))
    waiting = _without_place(frame, frame.waited)
    asked, settled = times.asked[waiting], np.fmin(times.entered[waiting], times.refused[waiting])

    def outside(moment: float) -> int:
        """People waiting while in no place, just before a moment."""
        return int(np.count_nonzero((asked < moment) & ~(settled < moment)))

    return {
        "people_at_start": (at_start + outside(window.start),),
        "people_arrived": (frame.arrived.sum(),),
        "people_left": (left,),
        "people_still_in": (at_end + outside(window.end),),
    }


@loop
def _count_people(placed: Indices, stays: StayColumns, start: float, end: float) -> tuple[int, int, int]:
    """Count people in a place just before the window begins and before its end, and who leave for good in between."""
    at_start, gone, at_end = 0, 0, 0
    for row in placed:
        entered, left, into, was_in = stays.entered[row], stays.left[row], stays.into[row], stays.was_in[row]
        # Somebody at home after which nothing more is planned has left the system.
        inside = (stays.label[row] != Label.HOME) | (stays.next[row] != NONE)
        gone_home = (into != NONE) & (stays.label[into] == Label.HOME) & (stays.next[into] == NONE)
        # People who are in at the start were there before, even if the window begins at the first moment of the run.
        before = (entered < start) | ((start == 0) & (was_in == was_in))
        at_start += inside & before & (not left < start)
        at_end += inside & (entered < end) & (not left < end)
        gone += inside & (start <= left) & (left < end) & ((into == NONE) | gone_home)
    return at_start, gone, at_end


def _without_place(frame: Frame, rows: Indices) -> Indices:
    """Those of some stays that were asked for by people who held no place."""
    return rows[~frame.stays.from_place[rows]]
