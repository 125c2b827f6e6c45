"""Who moves from where to where: what the diagram of the flow of people is drawn from."""

from __future__ import annotations

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.columns import StayColumns
from dischargesim.measures.facts import ENTRANCES, Bools, Floats, Indices, Ints
from dischargesim.measures.frame import Frame
from dischargesim.measures.registry import Figures, Measure
from dischargesim.plan.codes import Refusal
from dischargesim.plan.tables import NONE

_PLACES = (
    "People by kind of place: acute beds, community beds and so on; at_home_waiting is being at home in need of a "
    "service, and home is being there without support, for good or until a readmission."
)
_ENDS = (
    "Into a place: in_at_start are in it when counting begins, arrived come from outside. Out of it: died; care_ended "
    "is the end of long-term care, mostly by death; elsewhere is out of the model; still_in are in it at the end."
)

MEASURES = (
    Measure(
        "moves",
        "People who move from one kind of place to another",
        "people",
        f"{_PLACES} {_ENDS} For each kind of place as many come in as go out. From one place to another of the same "
        "kind is no move.",
        "number",
        ("from | to",),
    ),
    Measure(
        "moves_from_hospital",
        "People who leave acute beds, by pathway and by where they go",
        "people",
        f"{_PLACES} Pathway as it is when they leave. People on pathways that end in death are not in here.",
        "number",
        ("pathway | to",),
    ),
    Measure(
        "moves_to_hospital",
        "People who come in to an acute bed from outside",
        "people",
        "People who hold no place when they come, and were not in at the start of the run.",
        "number",
        ("cohort",),
    ),
)

_IN_AT_START, _ARRIVED, _FROM_HOME = range(len(ENTRANCES))
_FIRST_PLACE = len(ENTRANCES)
_HOME, _DIED, _CARE_ENDED, _ELSEWHERE, _STILL_IN = range(5)


def move_figures(frame: Frame) -> Figures:
    """Figures of this module."""
    facts = frame.facts
    sources, ends = (len(facts.labels[axis]) for axis in ("from", "to"))
    pathways, cohorts = len(facts.labels["pathway"]), len(facts.labels["cohort"])
    moves, leaving = np.zeros((sources, ends)), np.zeros((pathways, ends))
    coming = np.zeros(cohorts)
    _count_moves(
        frame.placed,
        frame.stays,
        facts.place,
        facts.acute,
        facts.care_home | facts.home_care,
        facts.discharge,
        facts.pathway,
        frame.kinds.of,
        facts.kind_groups["cohort"],
        len(facts.places),
        frame.window.start,
        frame.window.end,
        moves,
        leaving,
        coming,
    )
    return {"moves": (moves,), "moves_from_hospital": (leaving,), "moves_to_hospital": (coming,)}


@loop
def _count_moves(
    placed: Indices,
    stays: StayColumns,
    place: Ints,
    acute: Bools,
    long_term: Bools,
    discharge: Bools,
    pathway_of: Ints,
    kind: Indices,
    cohort: Ints,
    home: int,
    start: float,
    end: float,
    moves: Floats,
    leaving: Floats,
    coming: Floats,
) -> None:
    """Count who comes in to each kind of place, and where they go from it."""
    for row in placed:
        entered, left, into, setting = stays.entered[row], stays.left[row], stays.into[row], stays.setting[row]
        if not entered < end:
            continue
        here = place[setting]
        source = _FIRST_PLACE + here if here < home else _FROM_HOME
        if here < home:
            # As when people are counted: who is in at the start was there before, even from the first moment on.
            if entered < start or (start == 0 and stays.was_in[row] == stays.was_in[row]):
                moves[_IN_AT_START, here] += 1
            elif not stays.from_place[row]:
                moves[_ARRIVED, here] += 1
                if acute[setting]:
                    coming[cohort[kind[stays.person[row]]]] += 1
        if not left < end:
            if here < home:
                moves[source, home + _STILL_IN] += 1
            continue
        if into != NONE:
            to = place[stays.setting[into]]
        elif here == home:
            continue
        elif stays.last_refusal[row] == Refusal.DIED:
            to = home + _DIED
        elif stays.last_refusal[row] != 0:
            to = home + _ELSEWHERE
        elif long_term[setting]:
            to = home + _CARE_ENDED
        else:
            pathway = stays.pathway[row]
            to = home + (_DIED if pathway != NONE and not discharge[pathway] else _HOME)
        # From one place to another of its kind nobody moves.
        if to == here:
            continue
        moves[source, to] += 1
        if acute[setting]:
            pathway = stays.pathway[row]
            if pathway != NONE and discharge[pathway]:
                leaving[pathway_of[pathway], to] += 1
