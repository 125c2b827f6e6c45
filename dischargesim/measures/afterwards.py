"""After hospital: who comes back, who is at home, who moves for good, and who was sent to more than they need."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.columns import StayColumns, indices, one_type
from dischargesim.measures.facts import Bools, Floats, Indices
from dischargesim.measures.frame import Frame, ratio, with_wholes
from dischargesim.measures.nctr import NctrDays
from dischargesim.measures.registry import Figures, Measure
from dischargesim.measures.splits import SPLITS, ByGroup
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import NONE, Rows

BACK_WITHIN = 30
"""Days from leaving hospital within which a return to it is a readmission."""
LOOKED_FOR_AFTER = 91
"""Days from leaving hospital for short-term support after which is asked where the person is."""

_BY = ("all", *SPLITS)
_LEFT = "People who leave an acute bed alive, ready, and for no other acute bed,"
_BACK = (
    f"{_LEFT} on a counted day that lies {BACK_WITHIN} days or more before the end. Whoever has come back is not "
    "followed a second time, since the model lets people come back once."
)
_SUPPORTED = f"{_LEFT} and go straight to reablement or to a community bed, on a counted day that lies"
_HOME = f"{_SUPPORTED} {LOOKED_FOR_AFTER} days or more before the end. People of all ages."
_MOVED = "People who come in to it for good in the counted days, from hospital or from home."
_SENT = "People in acute beds who become ready to leave alive for the first time."

MEASURES = (
    Measure(
        f"readmitted_{BACK_WITHIN}_days",
        f"People readmitted within {BACK_WITHIN} days of leaving hospital",
        "people",
        _BACK,
        f"number who ask for an acute bed again within {BACK_WITHIN} days of leaving it, wherever they were in between",
        _BY,
    ),
    Measure(
        f"readmitted_{BACK_WITHIN}_days_share",
        f"Share readmitted within {BACK_WITHIN} days of leaving hospital",
        "share",
        _BACK,
        "people readmitted / all. Empty where no cohort has readmissions",
        _BY,
        main=True,
        better="lower",
    ),
    Measure(
        f"readmitted_{BACK_WITHIN}_days_left_out",
        f"People who left hospital less than {BACK_WITHIN} days before the end",
        "people",
        f"{_LEFT} in the counted days.",
        f"number who were not followed for {BACK_WITHIN} days, and count in neither of the figures above",
        _BY,
    ),
    Measure(
        f"at_home_{LOOKED_FOR_AFTER}_days",
        f"People at home {LOOKED_FOR_AFTER} days after leaving hospital for short-term support",
        "people",
        _HOME,
        f"number who {LOOKED_FOR_AFTER} days later are alive and neither in a bed (acute, community or step-up, or "
        "waiting for an acute one) nor in a care home; who lived in a care home for good and has left it has died",
        _BY,
    ),
    Measure(
        f"at_home_{LOOKED_FOR_AFTER}_days_share",
        f"Share at home {LOOKED_FOR_AFTER} days after leaving hospital for short-term support",
        "share",
        _HOME,
        "people at home / all. Like measure 2B (1) of England's adult social care outcomes framework, which counts "
        "people of 65 and over. Deaths at home are not in the model, so that the share is on the high side",
        _BY,
        better="higher",
    ),
    Measure(
        f"at_home_{LOOKED_FOR_AFTER}_days_left_out",
        f"People who left hospital for short-term support less than {LOOKED_FOR_AFTER} days before the end",
        "people",
        f"{_SUPPORTED} less than {LOOKED_FOR_AFTER} days before the end.",
        "number, who count in neither of the figures above",
        _BY,
    ),
    Measure(
        "permanent_moves",
        "People who move for good, such as into a care home",
        "people",
        "People who come in to a setting for good in the counted days.",
        "number",
        ("all", "setting"),
    ),
    Measure(
        "care_home_admissions",
        "People who move into a care home for good",
        "people",
        _MOVED,
        "number",
        _BY,
        better="lower",
    ),
    Measure(
        "care_home_admission_rate",
        "Hospital patients who move into a care home for good",
        "people per 1,000 discharges",
        "People of cohorts that come to hospital who come in to a care home for good in the counted days, straight "
        "from hospital or later.",
        "number / people who left hospital alive, ready, in the counted days x 1,000",
        _BY,
        better="lower",
    ),
    Measure("home_care_starts", "People whose long-term home care starts", "people", _MOVED, "number", _BY),
    Measure("over_prescribed", "People sent to more than they need", "people", _SENT, "number", _BY, better="lower"),
    Measure(
        "over_prescribed_share",
        "Share sent to more than they need",
        "share",
        _SENT,
        "those sent to more / all",
        _BY,
        better="lower",
    ),
    Measure(
        "over_prescribed_found",
        "People sent to more than they need for whom a review finds it",
        "people",
        "People who leave a setting after the hospital in the counted days.",
        "number who go on to the pathway they needed, having been on another. Empty where some of them would go home "
        "without support: that does not show in their stays",
        _BY,
    ),
)


def afterwards_figures(frame: Frame, days: NctrDays) -> Figures:
    """Figures of this module."""
    readmissions, discharges = _readmissions(frame, days.leaves)
    return {
        **readmissions,
        **_at_home(frame, days.leaves),
        **_moves(frame, discharges),
        **_over_prescribed(frame, days.begins),
    }


def _grouped(frame: Frame, by_kind: Floats) -> ByGroup:
    """What was counted by kind of person, of everyone and by the groups of people."""
    return (np.array(by_kind.sum()), *frame.kinds.by_group(by_kind))


def _ratios(above: ByGroup, below: ByGroup, factor: float = 1.0) -> ByGroup:
    return tuple(ratio(a * factor, b) for a, b in zip(above, below, strict=True))


def _nothing(like: ByGroup) -> ByGroup:
    """Figures that are not defined, as many as there are of others."""
    return tuple(np.full(one.shape, np.nan) for one in like)


def _readmissions(frame: Frame, leaves: Indices) -> tuple[Figures, Floats]:
    """Figures of readmissions; everyone who left hospital, by kind of person."""
    stays, times, kinds = frame.plan.stays, frame.times, frame.kinds
    came_back = np.full(frame.plan.people.arrival.size, np.nan)
    if frame.facts.comes_back:
        again = np.flatnonzero(stays.label == Label.READMISSION)
        came_back[stays.person.take(again)] = times.asked.take(again)
    everyone, known, back, unknown = np.zeros((4, kinds.number))
    _count_readmissions(leaves, frame.stays, kinds.of, came_back, frame.window.end, everyone, known, back, unknown)
    population, number = _grouped(frame, known), _grouped(frame, back)
    name = f"readmitted_{BACK_WITHIN}_days"
    figures: Figures = {
        name: number,
        f"{name}_share": _ratios(number, population) if frame.facts.comes_back else _nothing(number),
        f"{name}_left_out": _grouped(frame, unknown),
    }
    return figures, everyone


@loop
def _count_readmissions(
    leaves: Indices,
    stays: StayColumns,
    kind: Indices,
    came_back: Floats,
    end: float,
    everyone: Floats,
    known: Floats,
    back: Floats,
    unknown: Floats,
) -> None:
    """Count who left hospital, by whether the run is long enough to know, and of those who came back in time."""
    for row in leaves:
        person, left = stays.person[row], stays.left[row]
        everyone[kind[person]] += 1
        gap = came_back[person] - left
        # A gap below 0 belongs to the second time that somebody leaves hospital.
        if gap < 0:
            continue
        if left + BACK_WITHIN <= end:
            known[kind[person]] += 1
            if gap <= BACK_WITHIN:
                back[kind[person]] += 1
        else:
            unknown[kind[person]] += 1


def _at_home(frame: Frame, leaves: Indices) -> Figures:
    facts, kinds = frame.facts, frame.kinds
    known, home, unknown = np.zeros((3, kinds.number))
    _count_at_home(
        leaves,
        frame.stays,
        kinds.of,
        facts.short_term,
        facts.care_home,
        facts.not_home,
        frame.plan.stays.permanent,
        frame.window.end,
        known,
        home,
        unknown,
    )
    population, number = _grouped(frame, known), _grouped(frame, home)
    name = f"at_home_{LOOKED_FOR_AFTER}_days"
    return {
        name: number,
        f"{name}_share": _ratios(number, population),
        f"{name}_left_out": _grouped(frame, unknown),
    }


@loop
def _count_at_home(
    leaves: Indices,
    stays: StayColumns,
    kind: Indices,
    short_term: Bools,
    care_home: Bools,
    not_home: Bools,
    permanent: Rows,
    end: float,
    known: Floats,
    home: Floats,
    unknown: Floats,
) -> None:
    """Count who left hospital for short-term support, by whether the run is long enough to know where they are
    later, and of those who are alive and at home.
    """
    for leaving in leaves:
        row = stays.into[leaving]
        if not ((row != NONE) & short_term[stays.setting[row]]):
            continue
        who, moment = kind[stays.person[leaving]], stays.left[leaving] + LOOKED_FOR_AFTER
        if not moment <= end:
            unknown[who] += 1
            continue
        known[who] += 1
        # On to the stay that they are in, or were in last.
        while stays.left[row] <= moment and stays.into[row] != NONE:
            row = stays.into[row]
        setting, following = stays.setting[row], stays.next[row]
        if stays.left[row] <= moment:
            for_good = permanent[row] == 1 and care_home[setting]
            at_home = stays.last_refusal[row] != Refusal.DIED and not for_good
        else:
            back = (
                following != NONE and stays.label[following] == Label.READMISSION and stays.asked[following] <= moment
            )
            at_home = not not_home[setting] and not back
        if at_home:
            home[who] += 1


class _Moves(NamedTuple):
    """People who move for good: by setting (settings), and by kind of person (kinds) to care homes, of these people of
    cohorts that come to hospital, and to home care.
    """

    to: Floats
    care_home: Floats
    patients: Floats
    home_care: Floats


def _moves(frame: Frame, discharges: Floats) -> Figures:
    facts, kinds, pools = frame.facts, frame.kinds, frame.plan.pools.settings
    moves = _Moves(np.zeros(pools), *np.zeros((3, kinds.number)))
    cohort, window = indices(frame.plan.people.cohort), frame.window
    places = _Places(facts.care_home, facts.home_care, facts.comes_to_hospital)
    permanent = one_type(frame.plan.stays.permanent)
    _count_moves(frame.placed, frame.stays, permanent, kinds.of, cohort, places, window.start, window.end, moves)
    by_setting = with_wholes(moves.to[: facts.settings], facts.setting_wholes)
    return {
        "permanent_moves": (moves.to.sum(), by_setting),
        "care_home_admissions": _grouped(frame, moves.care_home),
        "care_home_admission_rate": _ratios(_grouped(frame, moves.patients), _grouped(frame, discharges), 1000),
        "home_care_starts": _grouped(frame, moves.home_care),
    }


class _Places(NamedTuple):
    """Which settings people may move to for good, and which cohorts come to hospital."""

    care_home: Bools
    home_care: Bools
    comes_to_hospital: Bools


@loop
def _count_moves(
    placed: Indices,
    stays: StayColumns,
    permanent: Rows,
    kind: Indices,
    cohort: Indices,
    places: _Places,
    start: float,
    end: float,
    moves: _Moves,
) -> None:
    """Count who comes in for good in the window."""
    for row in placed:
        # People who are in at the start did not move in; a further step of the same support is no further move.
        if (
            permanent[row] == 1
            and start <= stays.entered[row] < end
            and stays.spell[row] == row
            and stays.was_in[row] != stays.was_in[row]
        ):
            setting, person = stays.setting[row], stays.person[row]
            moves.to[setting] += 1
            moves.care_home[kind[person]] += places.care_home[setting]
            moves.patients[kind[person]] += places.care_home[setting] & places.comes_to_hospital[cohort[person]]
            moves.home_care[kind[person]] += places.home_care[setting]


def _over_prescribed(frame: Frame, begins: Indices) -> Figures:
    kinds, needed, window = frame.kinds, frame.plan.people.needed, frame.window
    first, sent, found = np.zeros((3, kinds.number))
    if not (frame.facts.over_prescribed and needed.size):
        nobody = _grouped(frame, sent)
        return dict.fromkeys(("over_prescribed", "over_prescribed_share", "over_prescribed_found"), nobody)
    needed = one_type(needed)
    _count_sent(begins, frame.stays, kinds.of, needed, first, sent)
    _count_found(frame.placed, frame.stays, kinds.of, needed, window.start, window.end, found)
    number, found_by = _grouped(frame, sent), _grouped(frame, found)
    return {
        "over_prescribed": number,
        "over_prescribed_share": _ratios(number, _grouped(frame, first)),
        "over_prescribed_found": found_by if frame.facts.found_shows else _nothing(found_by),
    }


@loop
def _count_sent(begins: Indices, stays: StayColumns, kind: Indices, needed: Rows, first: Floats, sent: Floats) -> None:
    """Count the admissions that end in a delay, and of these people those who are on another pathway than they need."""
    for row in begins:
        if stays.label[row] == Label.ADMISSION:
            person = stays.person[row]
            first[kind[person]] += 1
            sent[kind[person]] += stays.pathway[row] != needed[person]


@loop
def _count_found(
    placed: Indices, stays: StayColumns, kind: Indices, needed: Rows, start: float, end: float, found: Floats
) -> None:
    """Count who leaves support in the window for the pathway they need, having been on another."""
    for row in placed:
        label, into, person = stays.label[row], stays.into[row], stays.person[row]
        # The time at home before a readmission may be on the needed pathway too, and is no finding.
        if (
            (label == Label.ONWARD or label == Label.TAPER)
            and into != NONE
            and stays.label[into] == Label.ONWARD
            and stays.pathway[into] != stays.pathway[row]
            and stays.pathway[into] == needed[person]
            and start <= stays.left[row] < end
        ):
            found[kind[person]] += 1
