"""Admissions avoided by services, with what fails and what is turned away."""

from __future__ import annotations

import numpy as np

from dischargesim.measures.facts import Bools, Floats, Ints
from dischargesim.measures.frame import Frame, tally
from dischargesim.measures.registry import Figures, Measure
from dischargesim.plan.codes import Label
from dischargesim.plan.tables import NONE

FOLLOWED_DAYS = 30
"""An admission within so many days of coming in to a service is a failure of the service."""

_BY = ("all", "service")
_TAKEN = "People whom a service takes in the counted days instead of an admission."

_RATES = (
    "People whom a rate ratio taken from evidence keeps away, or adds, whichever setting their cohort comes to. They "
    "are no service's doing, and in no figure of services."
)

MEASURES = (
    Measure("avoided_gross", "People taken by services instead of an admission", "people", _TAKEN, "number", _BY),
    Measure(
        "avoided_failed",
        "Of these, admitted after all",
        "people",
        _TAKEN,
        f"number who go on to the admission within {FOLLOWED_DAYS} days, by the end of the run",
        _BY,
    ),
    Measure(
        "avoided_still_in",
        "Of these, still in the service at the end",
        "people",
        _TAKEN,
        "number who have not left the service; their admission may yet follow",
        _BY,
    ),
    Measure(
        "avoided_net",
        "Admissions avoided",
        "people",
        _TAKEN,
        "taken less admitted after all. A change in how often people come is not a service's doing and not in here",
        _BY,
        main=True,
        better="higher",
    ),
    Measure(
        "avoided_refused",
        "People turned away because the service was full",
        "people",
        "People for whom the service would do and who came within its hours.",
        "number turned away",
        _BY,
        better="lower",
    ),
    Measure(
        "avoided_bed_days",
        "Bed days avoided",
        "bed days",
        "People who leave a service in the counted days without an admission.",
        "sum of the days until ready to leave an acute bed that their admission would have taken; delays not counted",
        _BY,
        main=True,
        better="higher",
    ),
    Measure(
        "rate_averted",
        "People kept away by lower rates",
        "people",
        _RATES,
        "number who would have come in the counted days at a rate ratio of 1",
        ("all", "effect"),
    ),
    Measure(
        "rate_added",
        "People added by higher rates",
        "people",
        _RATES,
        "number who come in the counted days and would not at a rate ratio of 1",
        ("all", "effect"),
    ),
)


def avoided_figures(frame: Frame) -> Figures:
    """Figures of this module."""
    stays, times, window = frame.plan.stays, frame.times, frame.window
    services = len(frame.facts.labels["service"])
    rows = np.flatnonzero(stays.label == Label.SERVICE)
    service = stays.service[rows]
    taken = window.holds(times.entered[rows])
    into = frame.stays.into[rows]
    admitted = (into != NONE) & (stays.label[into] == Label.ADMISSION)
    left = times.left[rows]
    in_time = (left - times.entered[rows] <= FOLLOWED_DAYS) & (left < window.end)
    avoided = window.holds(left) & ~admitted

    def number(those: Bools, weight: Floats | None = None) -> Floats:
        return tally(service[those], services, weight)

    gross, failed = number(taken), number(taken & admitted & in_time)
    figures = {
        "avoided_gross": gross,
        "avoided_failed": failed,
        "avoided_still_in": number(taken & ~(left < window.end)),
        "avoided_net": gross - failed,
        "avoided_refused": number(window.holds(times.refused[rows])),
        "avoided_bed_days": number(avoided, _admission_need(frame, rows[avoided])),
    }
    figures |= _rate_effects(frame)
    return {name: (values.sum(), values) for name, values in figures.items()}


def _rate_effects(frame: Frame) -> dict[str, Floats]:
    """People averted and added by rate ratios, by cohort and effect."""
    labels, effects = frame.facts.labels["effect"], frame.plan.rate_effects
    if effects is None:
        return {"rate_averted": np.zeros(len(labels)), "rate_added": np.zeros(len(labels))}
    place = np.array([labels.index(f"effect={cohort}/{effect}") for cohort, effect in effects.names])
    inside = frame.window.holds(effects.time)

    def number(change: int) -> Floats:
        return tally(place[effects.effect[inside & (effects.change == change)]], len(labels))

    return {"rate_averted": number(-1), "rate_added": number(1)}


def _admission_need(frame: Frame, rows: Ints) -> Floats:
    """Days in hospital that people in a service were spared: the need of the admission they would fall back on."""
    stays = frame.plan.stays
    need = np.zeros(rows.size)
    index, row = np.arange(rows.size), rows
    while row.size:
        other = stays.otherwise[row]
        found = (other != NONE) & (stays.label[other] == Label.ADMISSION)
        need[index[found]] = stays.need[other[found]]
        on = (other != NONE) & ~found
        index, row = index[on], other[on].astype(np.intp)
    return need
