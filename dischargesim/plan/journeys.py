"""Journeys: the stays of every person, written as rows that point to each other.

Nearly every mechanism of the model is a way of writing these rows: an admission that a service avoids, a wait
that ends in a setback, support that tapers. The engines know none of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.arrivals import first_day
from dischargesim.plan.codes import Label, Refusal
from dischargesim.plan.harm import Harm, draw_harm
from dischargesim.plan.layout import HOME, Layout
from dischargesim.plan.population import Population
from dischargesim.plan.rows import finish, stay_table
from dischargesim.plan.rounds import declaring_wait
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import NONE, Floats, Rows, Stays, Tasks
from dischargesim.plan.work import Holders, Work
from dischargesim.scenario.hours import open_intervals
from dischargesim.scenario.journeys import Destination
from dischargesim.scenario.schema import Scenario

People = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class _Reserved:
    """Rows that are numbered but not yet complete."""

    who: People
    rows: Rows
    block: dict[str, Any]


class Journeys:
    """Writer of the stays and tasks of a plan.

    Parameters
    ----------
    scenario : Scenario
    people : Population
    layout : Layout
    """

    def __init__(self, scenario: Scenario, people: Population, layout: Layout) -> None:
        self._scenario = scenario
        self._people = people
        self._layout = layout
        self._cohorts = list(scenario.cohorts.values())
        self._pathways = list(scenario.pathways.values())
        self._priority = np.array([c.priority for c in self._cohorts], dtype=np.int32)[people.cohort]
        self._entry = np.array([layout.settings[c.setting] for c in self._cohorts], dtype=np.int32)[people.cohort]
        self._stays = stay_table()
        self._work = Work(scenario, people, layout, self._priority)

    def write(self) -> tuple[Stays, Tasks, Rows]:
        """Write everything; the tables and the first stay of each person."""
        people = self._people
        everyone = np.arange(people.size)
        pathway = self._draw_pathways()
        services = self._reserve_services(pathway)
        first, admission = self._stays.reserve(people.size)
        onward, reserved = self._onward(everyone, pathway, "")
        harm = draw_harm(self._scenario, people, pathway)
        onward = self._write_harm(harm, pathway, first, onward, reserved)
        patience = np.array([np.inf if c.patience_days is None else c.patience_days for c in self._cohorts])
        refusal = np.array([Refusal.CANCELLED if c.elective else Refusal.GAVE_UP for c in self._cohorts])
        admission.update(
            person=everyone,
            setting=self._entry,
            need=self._draw_need(pathway),
            priority=self._priority,
            patience=on_grid(patience)[people.cohort],
            next=onward,
            label=Label.ADMISSION,
            refusal=refusal[people.cohort],
            pathway=pathway,
            attribution=people.uniform("attribution"),
        )
        self._discharge_tasks(everyone, first, pathway, onward, "")
        return finish(self._stays, self._work.table, self._write_services(services, first))

    def _draw_pathways(self) -> Rows:
        """The pathway each person will need."""
        u = self._people.uniform("pathway")
        shares = np.array([[c.pathways.get(name, 0.0) for name in self._layout.pathways] for c in self._cohorts])
        edges = np.cumsum(shares, axis=1)[:, :-1]
        code = np.zeros(u.size, dtype=np.int32)
        for column in edges.T:
            code += u >= column[self._people.cohort]
        # Shares sum to 1 but for rounding: nobody may land on a pathway of share 0.
        last = shares.shape[1] - 1 - np.argmax(shares[:, ::-1] > 0, axis=1)
        return np.minimum(code, last[self._people.cohort].astype(np.int32))

    def _draw_need(self, pathway: Rows) -> Floats:
        """Days until each person is ready to leave the setting they came to."""
        u = self._people.uniform("stay")
        need = np.empty(u.size)
        for code, cohort in enumerate(self._cohorts):
            here = self._people.cohort == code
            particular = {self._layout.pathways[name]: d for name, d in cohort.stay_days_by_pathway.items()}
            rest = here.copy()
            for path in particular:
                rest &= pathway != path
            need[rest] = cohort.stay_days.quantile(u[rest])
            for path, distribution in particular.items():
                those = here & (pathway == path)
                need[those] = distribution.quantile(u[those])
        for name, setting in self._scenario.settings.items():
            if setting.board_rounds is not None:
                here = np.flatnonzero(self._entry == self._layout.settings[name])
                need[here] += declaring_wait(setting.board_rounds, self._scenario, self._people, need, here)
        return on_grid(need)

    # Onward stays ---------------------------------------------------------------------------------------------

    def _onward(self, who: People, pathway: Rows, prefix: str) -> tuple[Rows, list[_Reserved]]:
        """Write what follows the hospital stay; the first onward row of each person and the blocks they lie in."""
        rows = np.full(who.size, NONE, dtype=np.int32)
        reserved: list[_Reserved] = []
        for name, code in self._layout.pathways.items():
            options = self._scenario.pathways[name].next
            chosen = np.flatnonzero(pathway == code)
            if options and chosen.size:
                rows[chosen], blocks = self._choose(options, who[chosen], code, f"{prefix}{name}")
                reserved += blocks
        return rows, reserved

    def _choose(
        self, options: dict[str, Destination], who: People, pathway: int, path: str
    ) -> tuple[Rows, list[_Reserved]]:
        """Send each person to one of several destinations, or home with the share left over."""
        rows = np.full(who.size, NONE, dtype=np.int32)
        reserved: list[_Reserved] = []
        edges = np.concatenate([[0.0], np.cumsum([option.share for option in options.values()])])
        # Shares that should sum to 1 may fall short of it by rounding.
        edges[np.abs(edges - 1) < 1e-9] = 1.0
        u = self._people.uniform(f"onward/{path}", who)
        for (key, option), low, high in zip(options.items(), edges[:-1], edges[1:], strict=True):
            chosen = np.flatnonzero((u >= low) & (u < high))
            if chosen.size:
                block = self._destination(option, option.setting or key, who[chosen], pathway, f"{path}/{key}")
                rows[chosen] = block.rows
                reserved.append(block)
        return rows, reserved

    def _destination(self, option: Destination, setting: str, who: People, pathway: int, path: str) -> _Reserved:
        """Write the stays in one destination, and what comes after it."""
        people = self._people
        total = option.stay_days.quantile(people.uniform(f"onward/{path}/stay", who))
        steps = [option.units] if option.visits is None else option.visits.units
        reserved = [_Reserved(who, *self._stays.reserve(who.size)) for _ in steps]
        after, _ = self._choose(option.next, who, pathway, path) if option.next else (NONE, [])
        attribution = people.uniform(f"onward/{path}/attribution", who) if option.next or option.tasks else 0.5
        for step, (units, stay) in enumerate(zip(steps, reserved, strict=True)):
            stay.block.update(
                person=who,
                setting=self._layout.settings[setting],
                units=units,
                need=on_grid(total / len(steps)),
                priority=self._priority[who],
                next=reserved[step + 1].rows if step + 1 < len(steps) else after,
                label=Label.TAPER if step else Label.ONWARD,
                pathway=pathway,
                spell=reserved[0].rows,
                permanent=int(option.permanent),
                attribution=attribution,
            )
        if option.tasks:
            # Work that must be done before someone can leave begins with the first step.
            nowhere = np.full(who.size, NONE, dtype=np.int32)
            holders = Holders(who, reserved[-1].rows, np.zeros(who.size, dtype=np.int32), nowhere, f"onward/{path}/")
            self._work.add(holders, [option.tasks])
        return reserved[0]

    # Tasks ----------------------------------------------------------------------------------------------------

    def _discharge_tasks(self, who: People, stay: Rows, pathway: Rows, onward: Rows, prefix: str) -> None:
        """Write the tasks between a hospital stay and what follows it."""
        assess = self._scenario.discharge_to_assess
        follow = np.full(who.size, NONE, dtype=np.int32)
        if assess.share > 0 and assess.pathways:
            codes = [self._layout.pathways[name] for name in assess.pathways]
            candidates = np.flatnonzero(np.isin(pathway, codes) & (onward != NONE))
            u = self._people.uniform("discharge_to_assess", who[candidates])
            chosen = candidates[u < assess.share]
            follow[chosen] = onward[chosen]
        holders = Holders(who, stay, pathway, follow, prefix)
        self._work.add(holders, [pathway.tasks for pathway in self._pathways])

    # While delayed --------------------------------------------------------------------------------------------

    def _write_harm(
        self, harm: Harm, pathway: Rows, admission: Rows, onward: Rows, reserved: list[_Reserved]
    ) -> Rows:
        """Give patience to the first onward stay of those who may change while they wait, and write what then follows.

        People with nothing to wait for but their tasks get a stay at home to be impatient for.
        """
        home = np.flatnonzero(np.isfinite(harm.after) & (onward == NONE))
        if home.size:
            block = _Reserved(home, *self._stays.reserve(home.size))
            block.block.update(
                person=home, setting=self._layout.settings[HOME], need=np.inf, label=Label.HOME, pathway=pathway[home]
            )
            onward = onward.copy()
            onward[home] = block.rows
            reserved = [*reserved, block]
        again = self._write_again(harm, pathway, admission)
        for one in reserved:
            one.block.update(
                patience=harm.after[one.who], refusal=harm.refusal[one.who], otherwise=again[one.who]
            )
        return onward

    def _write_again(self, harm: Harm, pathway: Rows, admission: Rows) -> Rows:
        """Write the second hospital stay, in the same bed, of those who are set back, recover or decline."""
        rows = np.full(self._people.size, NONE, dtype=np.int32)
        who = np.flatnonzero(harm.pathway != NONE)
        if who.size == 0:
            return rows
        numbers, block = self._stays.reserve(who.size)
        rows[who] = numbers
        onward, _ = self._onward(who, harm.pathway[who], "again/")
        block.update(
            person=who,
            setting=self._entry[who],
            need=harm.need[who],
            priority=self._priority[who],
            next=onward,
            label=np.where(harm.refusal[who] == Refusal.SETBACK, Label.SETBACK, Label.REROUTED),
            pathway=harm.pathway[who],
            spell=admission[who],
            attribution=self._people.uniform("again/attribution", who),
        )
        self._discharge_tasks(who, numbers, harm.pathway[who], onward, "again/")
        return rows

    # Services that avoid admissions ---------------------------------------------------------------------------

    def _reserve_services(self, pathway: Rows) -> list[tuple[str, _Reserved]]:
        """Number the stays in services, in the order in which the services are tried."""
        people, scenario = self._people, self._scenario
        dies = np.array([p.kind == "death" for p in self._pathways])[pathway]
        days = scenario.run.warm_up_days + scenario.run.days
        reserved = []
        for name, service in scenario.services.items():
            share = np.array([service.eligible.get(cohort, 0.0) for cohort in scenario.cohorts])[people.cohort]
            who = np.flatnonzero((share > 0) & ~dies)
            if service.hours is not None:
                edges = np.array(open_intervals(service.hours, first_day(scenario), days, scenario.nation))
                # Inside an interval when more edges that open than edges that close lie behind.
                who = who[np.searchsorted(edges.ravel(), people.arrival[who], side="right") % 2 == 1]
            who = who[people.uniform(f"service/{name}/eligible", who) < share[who]]
            reserved.append((name, _Reserved(who, *self._stays.reserve(who.size))))
        return reserved

    def _write_services(self, services: list[tuple[str, _Reserved]], admission: Rows) -> Rows:
        """Write the stays in services; the first stay of each person."""
        first = admission.copy()
        names = list(self._scenario.services)
        for name, reserved in reversed(services):
            who = reserved.who
            service = self._scenario.services[name]
            succeeds = self._people.uniform(f"service/{name}/succeeds", who) < service.succeeds
            u = self._people.uniform(f"service/{name}/stay", who)
            need = np.where(succeeds, service.stay_days.quantile(u), service.fails_after_days.quantile(u))
            reserved.block.update(
                person=who,
                setting=self._layout.settings[service.setting],
                units=service.units,
                need=on_grid(need),
                priority=self._priority[who],
                patience=0.0,
                next=np.where(succeeds, NONE, admission[who]),
                otherwise=first[who],
                label=Label.SERVICE,
                refusal=Refusal.SERVICE_FULL,
                service=names.index(name),
            )
            first[who] = reserved.rows
        return first
