"""Services that may avoid an admission: stays that are tried before the hospital bed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.arrivals import open_at
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft, Who
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Rows
from dischargesim.scenario.rates import first_day


@dataclass(frozen=True, slots=True)
class Tried:
    """Stays in a service that is tried before the hospital bed.

    Attributes
    ----------
    name : str
        Of the service.
    who : ndarray of int
        Rows of the people for whom it would do.
    rows : ndarray of int32
    block : dict
        Columns of these rows.
    """

    name: str
    who: Who
    rows: Rows
    block: dict[str, Any]


def reserve_services(draft: Draft, first: int, kind: NDArray[np.intp]) -> list[Tried]:
    """Number the stays in services, in the order in which the services are tried.

    Parameters
    ----------
    draft : Draft
    first : int
        Row of the first of the people who arrive.
    kind : ndarray of int, one a person
        `Draft.kinds`: people who will die in hospital are not kept out of it.

    Returns
    -------
    list of Tried
    """
    people, scenario = draft.people, draft.scenario
    lives = np.array([p.kind != "death" for p in draft.pathways])
    days = scenario.run.warm_up_days + scenario.run.days
    reserved = []
    for name, service in scenario.services.items():
        share = np.array([service.eligible.get(cohort, 0.0) for cohort in scenario.cohorts])
        who = people.chosen(f"service/{name}/eligible", share[:, None] * lives, kind, first)
        who = who[open_at(service.hours, people.arrival.take(who), first_day(scenario), days, scenario.nation)]
        reserved.append(Tried(name, who, *draft.stays.reserve(who.size)))
    return reserved


def write_services(draft: Draft, services: list[Tried], admission: Rows) -> Rows:
    """Fill the stays in services.

    Parameters
    ----------
    draft : Draft
    services : list of Tried
        As reserved.
    admission : ndarray of int32, one a person
        The stay they would otherwise come for.

    Returns
    -------
    ndarray of int32
        First stay of each person: a service, if one would do, or the admission.
    """
    first = admission.copy()
    names = list(draft.scenario.services)
    for tried in reversed(services):
        name, who = tried.name, tried.who
        service = draft.scenario.services[name]
        succeeds = draft.people.uniform(f"service/{name}/succeeds", who) < service.succeeds
        u = draft.people.uniform(f"service/{name}/stay", who)
        need = np.where(succeeds, service.stay_days.quantile(u), service.fails_after_days.quantile(u))
        tried.block.update(
            person=who,
            setting=draft.place(service.setting, who),
            units=service.units,
            need=on_grid(need),
            priority=draft.priority.take(who),
            patience=0.0,
            next=np.where(succeeds, NONE, admission.take(who)),
            otherwise=first[who],
            label=Label.SERVICE,
            refusal=Refusal.SERVICE_FULL,
            service=names.index(name),
        )
        first[who] = tried.rows
    return first
