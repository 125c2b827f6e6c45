"""What may change for people while they are ready to leave and waiting: competing risks, drawn beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dischargesim.plan.codes import Refusal
from dischargesim.plan.layout import Layout
from dischargesim.plan.population import Population
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Floats, Rows
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


def draw_changes(scenario: Scenario, people: Population, pathway: Rows, waited: Floats | None = None) -> Change:
    """Draw the earliest of the competing risks of every person.

    At most one such event is drawn for a person: nobody is set back twice.

    Parameters
    ----------
    scenario : Scenario
    people : Population
    pathway : ndarray of int32
        The pathway each person waits for.
    waited : ndarray of float64, optional
        Days since each became ready, of people who wait already when the run starts: nothing has happened yet.

    Returns
    -------
    Change
    """
    waited = np.zeros(people.size) if waited is None else waited
    after = np.full(people.size, np.inf)
    refusal = np.zeros(people.size, dtype=np.int32)
    following = np.full(people.size, NONE, dtype=np.int32)
    need = np.zeros(people.size)
    layout = Layout.of(scenario)
    recovers, declines = _changes(scenario, layout)
    alive = np.array([p.kind != "death" for p in scenario.pathways.values()])
    for code, cohort in enumerate(scenario.cohorts.values()):
        risks = cohort.while_delayed
        if risks is None:
            continue
        concerned = alive & np.array([not risks.pathways or name in risks.pathways for name in scenario.pathways])
        who = np.flatnonzero((people.cohort == code) & concerned[pathway])
        here = pathway[who]
        rates = np.array([getattr(risks, field) for _, field in _RISKS])[:, None] * np.ones(who.size)
        rates[2, recovers[here] == NONE] = 0.0
        rates[3, declines[here] == NONE] = 0.0
        total = rates.sum(axis=0)
        with np.errstate(divide="ignore"):
            after[who] = on_grid(waited[who] - np.log(people.uniform("harm/when", who)) / total)
        u = people.uniform("harm/which", who) * total
        edges = np.cumsum(rates, axis=0)[:-1]
        which = (u >= edges).sum(axis=0)
        refusal[who] = np.where(total > 0, np.array([risk for risk, _ in _RISKS])[which], Refusal.NONE)
        targets = np.stack([here, np.full_like(here, NONE), recovers[here], declines[here]])
        following[who] = np.where(total > 0, targets[which, np.arange(who.size)], NONE)
        set_back = who[refusal[who] == Refusal.SETBACK]
        if risks.setback_days is not None and set_back.size:
            need[set_back] = on_grid(risks.setback_days.quantile(people.uniform("harm/setback", set_back)))
    return _switch(scenario, layout, people, pathway, waited, Change(after, refusal, following, need))


def _changes(scenario: Scenario, layout: Layout) -> tuple[Rows, Rows]:
    """Lower and higher pathway of each pathway."""

    def target(name: str | None) -> int:
        return NONE if name is None else layout.pathways[name]

    paths = scenario.pathways.values()
    return (
        np.array([target(p.recovers_to) for p in paths], dtype=np.int32),
        np.array([target(p.declines_to) for p in paths], dtype=np.int32),
    )


def _switch(
    scenario: Scenario, layout: Layout, people: Population, pathway: Rows, waited: Floats, change: Change
) -> Change:
    """Where another pathway is taken after too long a wait, and nothing has happened before, that is the change."""
    for code, path in enumerate(scenario.pathways.values()):
        if path.switch is None:
            continue
        may = (change.after > path.switch.after_days) & (waited < path.switch.after_days)
        who = np.flatnonzero((pathway == code) & may)
        who = who[people.uniform("switch", who) < path.switch.share]
        change.after[who] = on_grid(np.array([path.switch.after_days]))
        change.refusal[who] = Refusal.SWITCHED
        change.pathway[who] = layout.pathways[path.switch.to]
        change.need[who] = 0.0
    return change
