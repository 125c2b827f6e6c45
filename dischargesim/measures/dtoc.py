"""Delayed transfers of care (DToC): the counts of England's monthly return, as it was until 2020."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.columns import StayColumns, indices, one_type
from dischargesim.measures.delays import Parts
from dischargesim.measures.facts import CARE, Bools, Floats, Indices, Ints
from dischargesim.measures.frame import Frame, cumulated, ratio
from dischargesim.measures.registry import MIDNIGHTS, Figures, Measure
from dischargesim.plan.tables import NONE, Counts

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
    facts, window, reasons, tasks = frame.facts, frame.window, frame.facts.reasons, frame.plan.tasks
    pairs = len(facts.labels["code_organisation"]) + 1
    change = np.zeros(pairs * len(CARE) * (window.days + 1), dtype=np.int64)
    work = _Work(indices(tasks.stay), indices(tasks.kind), one_type(frame.times.done), facts.task_before_dtoc)
    organisations = _Organisations(reasons.nhs, reasons.not_both, reasons.pair.ravel())
    _count_parts(
        parts, frame.stays, frame.first_task, work, organisations, facts.care, window.start, window.days, change
    )
    return cumulated(change, window.days).reshape(pairs, len(CARE), window.days)


class _Work(NamedTuple):
    """Tasks, and for each kind of task whether it must be done before somebody is a delayed transfer."""

    stay: Indices
    kind: Indices
    done: Floats
    before_dtoc: Bools


class _Organisations(NamedTuple):
    """Of each reason: the shares as in `facts.Reasons`, and the pair of its code and each of three organisations."""

    nhs: Floats
    not_both: Floats
    pair: Ints


@loop
def _count_parts(
    parts: Parts,
    stays: StayColumns,
    first_task: Indices,
    work: _Work,
    organisations: _Organisations,
    care: Ints,
    start: float,
    days: int,
    change: Counts,
) -> None:
    """Count the parts of delays, from when the person counts as a delayed transfer."""
    stay, clock = NONE, -np.inf
    for part in parts.overnight:
        row, reason = parts.stay[part], parts.reason[part]
        if row != stay:
            # Once every task that must come before is done.
            stay, clock, task = row, -np.inf, first_task[row]
            while task < len(work.stay) and work.stay[task] == row:
                done = min(np.inf, work.done[task])
                clock = max(clock, done if work.before_dtoc[work.kind[task]] else -np.inf)
                task += 1
        first = ceil(max(0.0, min(days, max(parts.start[part], clock) - start - 1)))
        past = ceil(max(0.0, min(days, parts.end[part] - start - 1)))
        if past > first:
            u = stays.attribution[row]
            organisation = (u >= organisations.nhs[reason]) + (u >= organisations.not_both[reason])
            group = organisations.pair[3 * reason + organisation] * len(CARE) + care[stays.setting[row]]
            change[group * (days + 1) + first] += 1
            change[group * (days + 1) + past] -= 1


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
