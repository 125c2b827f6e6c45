"""After hospital: who comes back, who is at home, who moves for good, and who was sent to more than they need."""

from __future__ import annotations

import numpy as np

from dischargesim.measures.facts import Bools, Floats, Ints
from dischargesim.measures.frame import Frame, ratio, tally, with_wholes
from dischargesim.measures.nctr import NctrDays
from dischargesim.measures.registry import Figures, Measure
from dischargesim.measures.splits import SPLITS, ByGroup, split
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.tables import NONE

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
    return {
        **_readmissions(frame, days.leaves),
        **_at_home(frame, days.leaves),
        **_moves(frame, days.leaves),
        **_over_prescribed(frame, days.begins),
    }


def _counts(frame: Frame, rows: Ints) -> ByGroup:
    """Number of some stays, of everyone and by the groups of people."""
    return (np.array(float(rows.size)), *split(frame.everyone, frame.plan.stays.person.take(rows)).tally())


def _ratios(above: ByGroup, below: ByGroup, factor: float = 1.0) -> ByGroup:
    return tuple(ratio(a * factor, b) for a, b in zip(above, below, strict=True))


def _followed(frame: Frame, leaves: Ints, days: int) -> Bools:
    """Whether the run goes on for so many days after people left hospital."""
    known: Bools = frame.times.left.take(leaves) + days <= frame.window.end
    return known


def _readmissions(frame: Frame, leaves: Ints) -> Figures:
    stays, times = frame.plan.stays, frame.times
    followed, back = leaves, leaves[:0]
    if frame.facts.comes_back:
        again = np.flatnonzero((stays.label == Label.READMISSION) & (times.asked == times.asked))
        came_back = np.full(frame.plan.people.arrival.size, np.nan)
        came_back[stays.person.take(again)] = times.asked.take(again)
        gap = came_back.take(stays.person.take(leaves)) - times.left.take(leaves)
        # A gap below 0 belongs to the second time that somebody leaves hospital.
        followed = leaves.compress(~(gap < 0))
        back = leaves.compress((gap >= 0) & (gap <= BACK_WITHIN))
    known = _followed(frame, followed, BACK_WITHIN)
    population = _counts(frame, followed.compress(known))
    number = _counts(frame, back.compress(_followed(frame, back, BACK_WITHIN)))
    name = f"readmitted_{BACK_WITHIN}_days"
    return {
        name: number,
        f"{name}_share": _ratios(number, population) if frame.facts.comes_back else _nothing(number),
        f"{name}_left_out": _counts(frame, followed.compress(~known)),
    }


def _nothing(like: ByGroup) -> ByGroup:
    """Figures that are not defined, as many as there are of others."""
    return tuple(np.full(one.shape, np.nan) for one in like)


def _at_home(frame: Frame, leaves: Ints) -> Figures:
    into = frame.into.take(leaves)
    supported = leaves.compress((into != NONE) & frame.facts.short_term.take(frame.plan.stays.setting.take(into)))
    known = _followed(frame, supported, LOOKED_FOR_AFTER)
    followed = supported.compress(known)
    home = followed[_home_at(frame, followed, frame.times.left[followed] + LOOKED_FOR_AFTER)]
    population, number = _counts(frame, followed), _counts(frame, home)
    name = f"at_home_{LOOKED_FOR_AFTER}_days"
    return {
        name: number,
        f"{name}_share": _ratios(number, population),
        f"{name}_left_out": _counts(frame, supported.compress(~known)),
    }


def _home_at(frame: Frame, rows: Ints, moment: Floats) -> Bools:
    """Whether the people who left some stays for another are alive and at home at a later moment each."""
    stays, times, facts = frame.plan.stays, frame.times, frame.facts
    row = frame.into[rows]
    moving = np.arange(row.size)
    while moving.size:
        # On to the stay that each is in, or was in last.
        on = (times.left[row[moving]] <= moment[moving]) & (frame.into[row[moving]] != NONE)
        moving = moving[on]
        row[moving] = frame.into[row[moving]]
    gone = times.left[row] <= moment
    for_good = (stays.permanent[row] == 1) & facts.care_home[stays.setting[row]]
    died = (frame.last_refusal[row] == Refusal.DIED) | for_good
    following = stays.next[row]
    back = (following != NONE) & (stays.label[following] == Label.READMISSION) & (times.asked[following] <= moment)
    at_home: Bools = np.where(gone, ~died, ~facts.not_home[stays.setting[row]] & ~back)
    return at_home


def _moves(frame: Frame, leaves: Ints) -> Figures:
    stays, facts = frame.plan.stays, frame.facts
    rows = frame.placed.compress(stays.permanent.take(frame.placed) == 1)
    # People who are in at the start did not move in; a further step of the same support is no further move.
    begins = (stays.spell[rows] == rows) & np.isnan(stays.entered[rows])
    rows = rows[begins & frame.window.holds(frame.times.entered[rows])]
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


def _over_prescribed(frame: Frame, begins: Ints) -> Figures:
    stays, needed = frame.plan.stays, frame.plan.people.needed
    if not (frame.facts.over_prescribed and needed.size):
        nobody = _counts(frame, begins[:0])
        return dict.fromkeys(("over_prescribed", "over_prescribed_share", "over_prescribed_found"), nobody)
    first = begins.compress(stays.label.take(begins) == Label.ADMISSION)
    sent = first.compress(stays.pathway.take(first) != needed.take(stays.person.take(first)))
    number = _counts(frame, sent)
    rows = np.flatnonzero(frame.into != NONE)
    label = stays.label.take(rows)
    rows = rows.compress((label == Label.ONWARD) | (label == Label.TAPER))
    into = frame.into.take(rows)
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
