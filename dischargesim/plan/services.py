"""Services that may avoid an admission: stays that are tried before the hospital bed."""

from __future__ import annotations

import numpy as np

from dischargesim.plan.arrivals import open_at
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.draft import Draft
from dischargesim.plan.onward import Reserved
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Rows
from dischargesim.scenario.rates import first_day


def reserve_services(draft: Draft, pathway: Rows) -> list[tuple[str, Reserved]]:
    """Number the stays in services, in the order in which the services are tried.

    Parameters
    ----------
    draft : Draft
    pathway : ndarray of int32, one a person
        People who will die in hospital are not kept out of it.

    Returns
    -------
    list of (str, Reserved)
        Name of the service and the stays of those for whom it would do.
    """
    people, scenario = draft.people, draft.scenario
    lives = np.array([p.kind != "death" for p in draft.pathways])[pathway]
    days = scenario.run.warm_up_days + scenario.run.days
    reserved = []
    for name, service in scenario.services.items():
        share = np.array([service.eligible.get(cohort, 0.0) for cohort in scenario.cohorts])[people.cohort]
        who = np.flatnonzero((share > 0) & lives)
        who = who[open_at(service.hours, people.arrival[who], first_day(scenario), days, scenario.nation)]
        who = who[people.uniform(f"service/{name}/eligible", who) < share[who]]
        reserved.append((name, Reserved(who, *draft.stays.reserve(who.size))))
    return reserved


def write_services(draft: Draft, services: list[tuple[str, Reserved]], admission: Rows) -> Rows:
    """Fill the stays in services.

    Parameters
    ----------
    draft : Draft
    services : list of (str, Reserved)
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
    for name, reserved in reversed(services):
        who = reserved.who
        service = draft.scenario.services[name]
        succeeds = draft.people.uniform(f"service/{name}/succeeds", who) < service.succeeds
        u = draft.people.uniform(f"service/{name}/stay", who)
        need = np.where(succeeds, service.stay_days.quantile(u), service.fails_after_days.quantile(u))
        reserved.block.update(
            person=draft.first_person + who,
            setting=draft.place(service.setting, who),
            units=service.units,
            need=on_grid(need),
            priority=draft.priority[who],
            patience=0.0,
            next=np.where(succeeds, NONE, admission[who]),
            otherwise=first[who],
            label=Label.SERVICE,
            refusal=Refusal.SERVICE_FULL,
            service=names.index(name),
        )
        first[who] = reserved.rows
    return first
