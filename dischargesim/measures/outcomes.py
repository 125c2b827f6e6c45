"""What becomes of people: harm and change while delayed, permanent moves, and that nobody is lost from the count."""

from __future__ import annotations

import numpy as np

from dischargesim.measures.facts import OUTCOMES, Ints
from dischargesim.measures.frame import Frame, arrivals, ratio, tally
from dischargesim.measures.nctr import NctrDays
from dischargesim.measures.registry import Figures, Measure
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import NONE

_KINDS = (Refusal.SETBACK, Refusal.DIED, Refusal.RECOVERED, Refusal.DECLINED, Refusal.SWITCHED)
_HARMED = (
    "People in acute beds to whom it happens while ready to leave and still there. Much of it is frailty that would "
    "show elsewhere too, and not the doing of the delay."
)
_PERSON = "People; somebody at home who will come back within the plan is in."

MEASURES = (
    Measure("delayed_outcomes", "What happens to people while delayed", "people", _HARMED, "number", ("outcome",)),
    Measure(
        "delayed_outcome_rate",
        "What happens to people while delayed, by time delayed",
        "people per thousand delayed days",
        _HARMED,
        "number / bed days lost x 1,000",
        ("outcome",),
    ),
    Measure(
        "permanent_moves",
        "People who move for good, such as into a care home",
        "people",
        "All.",
        "number",
        ("all", "setting"),
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
    stays, times, window, facts = frame.plan.stays, frame.times, frame.window, frame.facts
    harmed = facts.acute[stays.setting[frame.given_up_from]] & window.holds(times.refused[frame.given_up])
    refusals = tally(stays.refusal[frame.given_up[harmed]], max(Refusal) + 1)
    counts = refusals[list(_KINDS)]
    settings = len(facts.labels["setting"])
    rows = frame.placed[stays.permanent[frame.placed] == 1]
    rows = rows[(stays.spell[rows] == rows) & window.holds(times.entered[rows])]
    moves = tally(stays.setting[rows], settings)
    return {
        "delayed_outcomes": (counts,),
        "delayed_outcome_rate": (ratio(counts * 1000, np.full(len(OUTCOMES), days.remaining.sum())),),
        "permanent_moves": (moves.sum(), moves),
        **_people(frame),
    }


def _people(frame: Frame) -> Figures:
    """Count people in, coming, leaving and still in, each on its own, so that the balance is a test."""
    stays, times, window, into = frame.plan.stays, frame.times, frame.window, frame.into
    rows = frame.placed
    # Somebody at home after which nothing more is planned has left the system.
    gone_home = (stays.label == Label.HOME) & (stays.next == NONE)
    rows = rows[~gone_home[rows]]
    last = rows[(into[rows] == NONE) | gone_home[into[rows]]]
    turned_away = _without_place(frame, frame.refused)
    turned_away = turned_away[stays.otherwise[turned_away] == NONE]
    left = np.count_nonzero(window.holds(times.left[last]))
    left += np.count_nonzero(window.holds(times.refused[turned_away]))
    waiting = _without_place(frame, frame.waited)
    # People who are in at the start were there before, even where the first moment of the run is the first that counts.
    entered = np.where(np.isnan(stays.entered[rows]), times.entered[rows], -np.inf)

    def in_system(moment: float) -> int:
        """People in a place, or waiting while in none, just before a moment."""
        inside = (entered < moment) & ~(times.left[rows] < moment)
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
