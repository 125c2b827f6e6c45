"""What may change for people while they are ready to leave and waiting: competing risks, drawn beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.codes import Refusal
from dischargesim.plan.draft import Draft
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Floats, Rows
from dischargesim.scenario.once import once
from dischargesim.scenario.schema import Scenario

_RISKS = (
    (Refusal.SETBACK, "setback_per_day"),
    (Refusal.DIED, "death_per_day"),
    (Refusal.RECOVERED, "recovery_per_day"),
    (Refusal.DECLINED, "decline_per_day"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """The first thing that would happen to each person while delayed. One row a person.

    Attributes
    ----------
    after : ndarray of float64
        Days from being ready until it happens, inf for never: it happens only if the person still waits then.
    refusal : ndarray of int32
        What it is (`codes.Refusal`).
    pathway : ndarray of int32
        Pathway the person needs from then on, `NONE` for death or nothing.
    need : ndarray of float64
        Days until ready again (0 unless it is a setback).
    """

    after: Floats
    refusal: Rows
    pathway: Rows
    need: Floats


def draw_changes(draft: Draft, bed: Rows, pathway: Rows, kind: NDArray[np.intp], waited: Floats) -> Change:
    """Draw what would happen to people while they are delayed.

    Parameters
    ----------
    draft : Draft
    bed : ndarray of int32, one a person
        Stay in the setting they came to; `NONE` for people who are further on when the run starts.
    pathway, kind : ndarray of int, one a person
        Pathway each person waits for, and `Draft.kinds` of it.
    waited : ndarray of float64, one a person
        Days since each became ready, of people who wait already when the run starts: nothing has happened yet.

    Returns
    -------
    Change
    """
    people = draft.people
    after = np.full(people.size, np.inf)
    refusal = np.zeros(people.size, dtype=np.int32)
    following = np.full(people.size, NONE, dtype=np.int32)
    need = np.zeros(people.size)
    edges, targets = _edges(draft.scenario), _targets(draft.scenario)
    here = np.flatnonzero((edges[-1] > 0).take(kind) & (bed != NONE))
    if here.size:
        its = edges.take(kind.take(here), axis=1)
        total = its[-1]
        after[here] = on_grid(waited.take(here) - np.log(people.uniform("harm/when", here)) / total)
        u = people.uniform("harm/which", here) * total
        which = (u >= its[:-1]).sum(axis=0)
        refusal[here] = np.array([risk for risk, _ in _RISKS], dtype=np.int32)[which]
        following[here] = targets[pathway.take(here), which]
        for code, cohort in enumerate(draft.cohorts):
            if cohort.while_delayed is not None and cohort.while_delayed.setback_days is not None:
                back = here[(refusal[here] == Refusal.SETBACK) & (people.cohort[here] == code)]
                need[back] = on_grid(cohort.while_delayed.setback_days.quantile(people.uniform("harm/setback", back)))
    return _switch(draft, bed, pathway, waited, Change(after, refusal, following, need))


@once
def _edges(scenario: Scenario) -> Floats:
    """Rate a day of each risk with those before it: risks x kinds of people (`Draft.kinds`)."""
    rates = np.zeros((len(scenario.cohorts), len(scenario.pathways), len(_RISKS)))
    possible = _targets(scenario) != NONE
    possible[:, 1] = True  # death needs no pathway to go on with
    for row, cohort in zip(rates, scenario.cohorts.values(), strict=True):
        risks = cohort.while_delayed
        if risks is None:
            continue
        for column, (name, path) in zip(row, scenario.pathways.items(), strict=True):
            if path.kind != "death" and (not risks.pathways or name in risks.pathways):
                column[:] = [getattr(risks, field) for _, field in _RISKS]
    return np.cumsum(np.where(possible, rates, 0.0), axis=-1).reshape(-1, len(_RISKS)).T


@once
def _targets(scenario: Scenario) -> Rows:
    """Pathway that each risk leads to: pathways x risks."""
    pathways: dict[str | None, int] = {None: NONE}
    pathways.update({name: code for code, name in enumerate(scenario.pathways)})
    rows = [
        (code, NONE, pathways[path.recovers_to], pathways[path.declines_to])
        for code, path in enumerate(scenario.pathways.values())
    ]
    return np.array(rows, dtype=np.int32)


def _switch(draft: Draft, bed: Rows, pathway: Rows, waited: Floats, change: Change) -> Change:
    """Where another pathway is taken after too long a wait, and nothing has happened before, that is the change."""
    for code, path in enumerate(draft.pathways):
        if path.switch is None:
            continue
        who = np.flatnonzero((pathway == code) & (bed != NONE))
        who = who[(change.after[who] > path.switch.after_days) & (waited[who] < path.switch.after_days)]
        who = who[draft.people.uniform("switch", who) < path.switch.share]
        change.after[who] = on_grid(np.array([path.switch.after_days]))
        change.refusal[who] = Refusal.SWITCHED
        change.pathway[who] = draft.layout.pathways[path.switch.to]
        change.need[who] = 0.0
    return change
