"""Delayed transfers of care (DToC): the counts of England's monthly return, as it was until 2020."""

from __future__ import annotations

import numpy as np

from dischargesim.measures.delays import Parts
from dischargesim.measures.facts import CARE, Floats
from dischargesim.measures.frame import Frame, at_midnights, ratio
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure

_DELAYED = (
    "People in acute and in community and step-up beds who are delayed: ready to leave, and the decision that they can "
    "go (tasks with before_dtoc) made. Reason and code are those of what they wait for at that midnight; the person "
    "falls to one organisation by the shares of the code in England in 2018/19."
)

MEASURES = (
    Measure(
        "dtoc_days",
        "Delayed days, older measure (DToC)",
        "days",
        _DELAYED,
        "one for each midnight and person",
        ("all", "care", "code | care", "organisation | care", "month | care", "month | code_organisation | care"),
        MIDNIGHTS,
        main=True,
        better="lower",
    ),
    Measure(
        "dtoc_beds",
        "Beds taken up by delayed transfers (DToC)",
        "beds",
        _DELAYED,
        "delayed days / days (of a month that is counted in part: its counted days)",
        ("all", "care", "code | care", "organisation | care", "month | care"),
        MIDNIGHTS,
        main=True,
        better="lower",
    ),
    Measure(
        "dtoc_rate",
        "Delayed transfers (DToC) as a share of occupied beds",
        "share",
        _DELAYED,
        "delayed days / occupied bed days of that kind of care, acute or not",
        ("care", "month | care"),
        MIDNIGHTS,
        better="lower",
    ),
)


def dtoc_days(frame: Frame, parts: Parts) -> Floats:
    """Count people delayed at each midnight.

    Returns
    -------
    ndarray, pairs of code and organisation x kinds of care x days
        One pair more than the axis has: reasons that no breakdown lists.
    """
    facts, window, stays, reasons = frame.facts, frame.window, frame.plan.stays, frame.facts.reasons
    clock = _clock(frame)[parts.stay]
    first, past = window.column(np.fmax(parts.start, clock)), window.column(parts.end)
    some = np.flatnonzero(past > first)
    stay, reason = parts.stay[some], parts.reason[some]
    u = stays.attribution[stay]
    organisation = (u >= reasons.nhs[reason]).astype(np.intp) + (u >= reasons.not_both[reason])
    pairs = len(facts.labels["code_organisation"]) + 1
    group = reasons.pair[reason, organisation] * len(CARE) + facts.care[stays.setting[stay]]
    counted = at_midnights(group, pairs * len(CARE), first[some], past[some], window.days)
    return counted.reshape(pairs, len(CARE), window.days)


def _clock(frame: Frame) -> Floats:
    """When each stay begins to count as a delayed transfer: once every task that must come before is done."""
    tasks = frame.plan.tasks
    clock = np.full(frame.plan.stays.person.size, -np.inf)
    rows = np.flatnonzero(frame.facts.task_before_dtoc[tasks.kind])
    if rows.size:
        stay = tasks.stay[rows]
        first = np.flatnonzero(np.r_[True, stay[1:] != stay[:-1]])
        done = np.fmin(frame.times.done[rows], np.inf)
        clock[stay[first]] = np.maximum.reduceat(done, first)
    return clock


def occupied_beds(frame: Frame, people: Floats) -> Floats:
    """People in acute and in other hospital beds at each midnight: kinds of care x days.

    Parameters
    ----------
    frame : Frame
    people : ndarray, settings x days
        People in each setting at each midnight; rows after those of the settings are not looked at.
    """
    settings = frame.facts.settings
    care, people = frame.facts.care[:settings], people[:settings]
    return np.array([people[care == kind].sum(axis=0) for kind in range(len(CARE))])


def dtoc_figures(frame: Frame, days: Floats, occupied: Floats) -> Figures:
    """Figures of this module."""
    labels, month, counted = frame.facts.labels, frame.facts.month, frame.window.days
    codes = [labels["code"].index(label.split(" | ")[0]) for label in labels["code_organisation"]]
    owners = [labels["organisation"].index(label.split(" | ")[1]) for label in labels["code_organisation"]]

    def grouped(table: Floats, group: list[int], groups: int) -> Floats:
        out = np.zeros((groups, len(CARE)))
        np.add.at(out, group, table)
        return out

    monthly = np.add.reduceat(days, month, axis=2)
    totals = monthly.sum(axis=2)
    pairs = totals[:-1]
    in_care = totals.sum(axis=0)
    by_code = grouped(pairs, codes, len(labels["code"]))
    by_owner = grouped(pairs, owners, len(labels["organisation"]))
    care_monthly = monthly.sum(axis=0).T
    occupied_monthly = np.add.reduceat(occupied, month, axis=1)
    lengths = np.diff([*month, counted])[:, None]
    return {
        "dtoc_days": (
            in_care.sum(),
            in_care,
            by_code,
            by_owner,
            care_monthly,
            monthly[:-1].transpose(2, 0, 1),
        ),
        "dtoc_beds": (
            in_care.sum() / counted,
            in_care / counted,
            by_code / counted,
            by_owner / counted,
            care_monthly / lengths,
        ),
        "dtoc_rate": (ratio(in_care, occupied_monthly.sum(axis=1)), ratio(care_monthly, occupied_monthly.T)),
    }
