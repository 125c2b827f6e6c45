"""Support that changes while it lasts: the steps of a stay, with fewer visits in each, and reviews that cut it back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.streams import Keys, own_uniforms
from dischargesim.plan.tables import Floats, Rows
from dischargesim.scenario.journeys import Destination, Review


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the support of several people.

    Attributes
    ----------
    which : ndarray of int
        Which of the people make it, ascending.
    units : ndarray of int32
        What each takes.
    days : ndarray of float64
        How long it lasts.
    """

    which: NDArray[np.integer]
    units: Rows
    days: Floats


def steps_of(option: Destination, stream: str, keys: Keys, total: Floats, inside: Rows | None) -> list[Step]:
    """The steps of stays in one destination.

    Parameters
    ----------
    option : Destination
    stream : str
        Prefix of the streams.
    keys : ndarray of uint64
        Of the people.
    total : ndarray of float64
        Whole length of each stay, days.
    inside : ndarray of int or None
        The step in which each of the first people is when the run starts: steps before it are over, and no review is
        to come.

    Returns
    -------
    list of Step
        Everybody else makes the first.
    """
    steady = option.units.kind == "constant"
    everyone = np.arange(keys.size)
    if option.visits is None:
        u = np.full(1, 0.5) if steady else own_uniforms(keys, f"{stream}/units")
        units = np.maximum(np.ceil(option.units.quantile(u) - 1e-9), 1).astype(np.int32)
        steps = [Step(everyone, units.repeat(keys.size) if steady else units, total)]
    else:
        each = total / option.visits.steps
        steps = [Step(everyone, np.full(keys.size, n, dtype=np.int32), each) for n in option.visits.units]
    if inside is not None and option.visits is not None:
        gone = np.concatenate([inside, np.zeros(keys.size - inside.size, dtype=inside.dtype)])
        left = [np.flatnonzero(gone <= number) for number in range(len(steps))]
        steps = [Step(some, step.units[some], step.days[some]) for step, some in zip(steps, left, strict=True)]
    if option.review is None:
        return steps
    return _reviewed(option.review, stream, keys, steps, 0 if inside is None else inside.size)


def _reviewed(review: Review, stream: str, keys: Keys, steps: list[Step], there: int) -> list[Step]:
    """The same steps with fewer units after the review, for those who are found to have more than they need."""
    found = own_uniforms(keys, f"{stream}/review/finds") < review.finds
    found[:there] = False
    when = np.where(found, review.after_days.quantile(own_uniforms(keys, f"{stream}/review/when")), np.inf)
    out: list[Step] = []
    begun = np.zeros(keys.size)
    for step in steps:
        fewer = np.maximum(np.rint(step.units * (1 - review.saves)), 1).astype(np.int32)
        before = np.clip(when[step.which] - begun[step.which], 0, step.days)
        # A review within the step splits it in two for those concerned; who has had it before goes on with fewer.
        whole = when[step.which] > begun[step.which]
        out.append(Step(step.which, np.where(whole, step.units, fewer), np.where(whole, before, step.days)))
        split = np.flatnonzero(whole & (before < step.days))
        if split.size:
            out.append(Step(step.which[split], fewer[split], (step.days - before)[split]))
        begun[step.which] += step.days
    return out
