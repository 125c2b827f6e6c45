"""Why people who no longer meet the criteria to reside are still there: bed days by reason and by stage."""

from __future__ import annotations

from math import ceil

import numpy as np

from dischargesim.loops import loop
from dischargesim.measures.columns import StayColumns
from dischargesim.measures.delays import Parts
from dischargesim.measures.facts import STAGES, Bools, Floats
from dischargesim.measures.frame import Frame, ratio, tally
from dischargesim.measures.registry import Figures

LONG_STAY = 7
"""Days in hospital from which on England's return records the reason of a delay."""


@loop
def _count_reasons(
    parts: Parts,
    stays: StayColumns,
    acute: Bools,
    start: float,
    end: float,
    days: int,
    bed_days: Floats,
    long_days: Floats,
    stages: Floats,
) -> None:
    """Count the parts of delays in acute beds: midnights, those of people long in hospital, and time by the clock."""
    for part in range(len(parts.stay)):
        time = max(start, min(end, parts.end[part])) - max(start, min(end, parts.start[part]))
        stages[parts.stage[part]] += time * acute[stays.setting[parts.stay[part]]]
    for part in parts.overnight:
        row, reason = parts.stay[part], parts.reason[part]
        if acute[stays.setting[row]]:
            first = ceil(max(0.0, min(days, parts.start[part] - start - 1)))
            past = ceil(max(0.0, min(days, parts.end[part] - start - 1)))
            bed_days[reason] += past - first
            long = stays.entered[stays.spell[row]] + LONG_STAY
            long_days[reason] += past - min(past, max(first, ceil(max(0.0, min(days, long - start - 1)))))


def reason_figures(frame: Frame, parts: Parts) -> Figures:
    """Figures of NCTR that are broken down by reason; `nctr.MEASURES` says what each counts.

    Parameters
    ----------
    frame : Frame
    parts : Parts
        Of the delays of everybody who is delayed.

    Returns
    -------
    dict of str to tuple of ndarray
        By measure: by family and by sub-reason of the reason, or by stage.
    """
    facts, window = frame.facts, frame.window
    size = facts.reasons.family.size
    (bed_days, long_days), stages = np.zeros((2, size)), np.zeros(len(STAGES))
    _count_reasons(parts, frame.stays, facts.acute, window.start, window.end, window.days, bed_days, long_days, stages)

    def grouped(values: Floats) -> tuple[Floats, Floats]:
        return (
            tally(facts.reasons.family, size + 1, values)[: len(facts.labels["family"])],
            tally(facts.reasons.sub_reason, size + 1, values)[: len(facts.labels["sub_reason"])],
        )

    family, sub_reason = grouped(bed_days)
    long_family, long_sub_reason = grouped(long_days)
    return {
        "nctr_bed_days_lost": (family, sub_reason),
        "nctr_bed_days_share": (ratio(family, bed_days.sum()), ratio(sub_reason, bed_days.sum())),
        "nctr_long_stay_share": (ratio(long_family, long_days.sum()), ratio(long_sub_reason, long_days.sum())),
        "nctr_stage_share": (ratio(stages, stages.sum()),),
    }
