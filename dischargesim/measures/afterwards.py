"""After hospital: who comes back, who is at home, who moves for good, and who was sent to more than they need."""

from __future__ import annotations

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.facts import Bools, Floats
from dischargesim.measures.frame import Frame, StayColumns, ratio, tally, with_wholes
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
    Measure("care_home_admissions", "People who move into a care home for good", "people", _MOVED, "number", _BY),
    Measure(
        "care_home_admission_rate",
        "Hospital patients who move into a care home for good",
        "people per 1,000 discharges",
        "People of cohorts that come to hospital who come in to a care home for good in the counted days, straight "
        "from hospital or later.",
        "number / people who left hospital alive, ready, in the counted days x 1,000",
        _BY,
    ),
    Measure("home_care_starts", "People whose long-term home care starts", "people", _MOVED, "number", _BY),
    Measure("over_prescribed", "People sent to more than they need", "people", _SENT, "number", _BY),
    Measure(
        "over_prescribed_share", "Share sent to more than they need", "share", _SENT, "those sent to more / all", _BY
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
    return {
        **_readmissions(frame, days.leaves),
        **_at_home(frame, days.leaves),
        **_moves(frame, days.leaves),
        **_over_prescribed(frame, days.begins),
    }


def _counts(frame: Frame, rows: Rows) -> ByGroup:
    """Number of some stays, of everyone and by the groups of people."""
    return _grouped(frame, frame.kinds.tally(frame.plan.stays.person.take(rows)))


def _grouped(frame: Frame, by_kind: Floats) -> ByGroup:
    return (np.array(by_kind.sum()), *frame.kinds.by_group(by_kind))


def _ratios(above: ByGroup, below: ByGroup, factor: float = 1.0) -> ByGroup:
    return tuple(ratio(a * factor, b) for a, b in zip(above, below, strict=True))


def _nothing(like: ByGroup) -> ByGroup:
    """Figures that are not defined, as many as there are of others."""
    return tuple(np.full(one.shape, np.nan) for one in like)


def _readmissions(frame: Frame, leaves: Rows) -> Figures:
    stays, times, kinds = frame.plan.stays, frame.times, frame.kinds
    came_back = np.full(frame.plan.people.arrival.size, np.nan)
    if frame.facts.comes_back:
        again = np.flatnonzero(stays.label == Label.READMISSION)
        came_back[stays.person.take(again)] = times.asked.take(again)
    known, back, unknown = (np.zeros(kinds.number) for _ in range(3))
    _count_readmissions(leaves, frame.stays, kinds.of, came_back, frame.window.end, known, back, unknown)
    population, number = _grouped(frame, known), _grouped(frame, back)
    name = f"readmitted_{BACK_WITHIN}_days"
    return {
        name: number,
        f"{name}_share": _ratios(number, population) if frame.facts.comes_back else _nothing(number),
        f"{name}_left_out": _grouped(frame, unknown),
    }


@loop
def _count_readmissions(
    leaves: Rows,
    stays: StayColumns,
    kind: Rows,
    came_back: Floats,
    end: float,
    known: Floats,
    back: Floats,
    unknown: Floats,
) -> None:
    """Count who left hospital, by whether the run goes on for long enough to know, and of those who came back in time."""
    for row in leaves:
        person, left = stays.person[row], stays.left[row]
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


def _at_home(frame: Frame, leaves: Rows) -> Figures:
    facts, kinds = frame.facts, frame.kinds
    known, home, unknown = (np.zeros(kinds.number) for _ in range(3))
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
    leaves: Rows,
    stays: StayColumns,
    kind: Rows,
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
        if row == NONE or not short_term[stays.setting[row]]:
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


def _moves(frame: Frame, leaves: Rows) -> Figures:
    stays, facts = frame.plan.stays, frame.facts
    rows = np.flatnonzero(stays.permanent == 1)
    rows = rows[frame.window.holds(frame.times.entered[rows])]
    # People who are in at the start did not move in; a further step of the same support is no further move.
    rows = rows[(stays.spell[rows] == rows) & np.isnan(stays.entered[rows])]
    setting = stays.setting[rows]
    by_setting = with_wholes(tally(setting, frame.plan.pools.settings)[: facts.settings], facts.setting_wholes)
    care_home = rows[facts.care_home[setting]]
    patients = facts.comes_to_hospital[frame.plan.people.cohort[stays.person[care_home]]]
    discharges = _counts(frame, leaves)
    return {
        "permanent_moves": (rows.size, by_setting),
        "care_home_admissions": _counts(frame, care_home),
        "care_home_admission_rate": _ratios(_counts(frame, care_home[patients]), discharges, 1000),
        "home_care_starts": _counts(frame, rows[facts.home_care[setting]]),
    }


def _over_prescribed(frame: Frame, begins: Rows) -> Figures:
    stays, needed = frame.plan.stays, frame.plan.people.needed
    if not (frame.facts.over_prescribed and needed.size):
        nobody = _counts(frame, begins[:0])
        return dict.fromkeys(("over_prescribed", "over_prescribed_share", "over_prescribed_found"), nobody)
    first = begins.compress(stays.label.take(begins) == Label.ADMISSION)
    sent = first.compress(stays.pathway.take(first) != needed.take(stays.person.take(first)))
    number = _counts(frame, sent)
    rows = np.flatnonzero(frame.stays.into != NONE)
    label = stays.label.take(rows)
    rows = rows.compress((label == Label.ONWARD) | (label == Label.TAPER))
    into = frame.stays.into.take(rows)
    then = stays.pathway.take(into)
    moves = (then != stays.pathway.take(rows)) & (then == needed.take(stays.person.take(rows)))
    # The time at home before a readmission may be on the needed pathway too, and is no finding.
    rows = rows.compress(moves & (stays.label.take(into) == Label.ONWARD))
    found = _counts(frame, rows[frame.window.holds(frame.times.left[rows])])
    if not frame.facts.found_shows:
        found = _nothing(found)
    return {
        "over_prescribed": number,
        "over_prescribed_share": _ratios(number, _counts(frame, first)),
        "over_prescribed_found": found,
    }
