"""From a scenario to a plan."""

from __future__ import annotations

import numpy as np

from dischargesim.memory import keep_memory
from dischargesim.plan.already_in import AlreadyIn
from dischargesim.plan.arrivals import draw_sources
from dischargesim.plan.capacity import draw_pools
from dischargesim.plan.census import draw_census
from dischargesim.plan.draft import Draft
from dischargesim.plan.grouping import by_group
from dischargesim.plan.journeys import Journeys
from dischargesim.plan.layout import Layout
from dischargesim.plan.population import Population
from dischargesim.plan.reviews import write_reviews
from dischargesim.plan.rows import finish, stay_table, task_table
from dischargesim.plan.streams import Streams
from dischargesim.plan.tables import NONE, UNLIMITED, People, Plan, Pools, Rows
from dischargesim.plan.work import Work
from dischargesim.scenario.schema import Scenario


def draw_plan(scenario: Scenario, replication: int = 0) -> Plan:
    """Draw everything that will happen to everyone in one replication, except the waiting.

    Parameters
    ----------
    scenario : Scenario
    replication : int
        Number of the replication, 0 or more: the same number draws the same people in every scenario.

    Returns
    -------
    Plan
    """
    keep_memory()
    streams = Streams(scenario.run.seed, replication)
    layout = Layout.of(scenario)
    stays, tasks = stay_table(), task_table()
    pools = draw_pools(scenario, layout, streams)
    census = draw_census(scenario, streams, _places_at_start(pools))
    sources, rate_effects = draw_sources(scenario, streams)
    people = Population(scenario, streams, sources, census)
    draft = Draft(scenario, layout, people, stays)
    journeys = Journeys(draft, Work(draft, tasks), AlreadyIn(draft, census))
    first = journeys.write()
    stay_columns, task_columns = finish(stays, tasks)
    return Plan(
        horizon=float(scenario.run.warm_up_days + scenario.run.days),
        people=People(
            arrival=people.arrival,
            first=first,
            cohort=people.cohort,
            locality=draft.locality,
            origin=people.origin,
            number=people.number,
            needed=journeys.needed,
            age_band=_band(draft, "age_bands"),
            deprivation=_band(draft, "deprivation"),
        ),
        stays=stay_columns,
        tasks=task_columns,
        pools=pools,
        reviews=write_reviews(scenario, layout),
        scenario=scenario,
        replication=replication,
        rate_effects=rate_effects,
    )


def _places_at_start(pools: Pools) -> dict[str, int]:
    """Capacity of each setting at time 0, all localities together."""
    at_start = pools.change_capacity[pools.change_time == 0].tolist()
    places: dict[str, int] = {}
    # Teams come after the settings, and may have the name of one.
    for pool, capacity in zip(pools.names[: pools.settings], at_start[: pools.settings], strict=True):
        name = pool.partition("@")[0]
        places[name] = min(places.get(name, 0) + capacity, UNLIMITED)
    return places


def _band(draft: Draft, field: str) -> Rows:
    """Index of each person's age band or group of deprivation within those of their cohort."""
    shares: list[dict[str, float]] = [getattr(cohort, field) for cohort in draft.cohorts]
    band = np.full(draft.people.size, NONE, dtype=np.int32)
    if not any(shares):
        return band
    u = draft.people.uniform(field)
    for bands, here in zip(shares, by_group(draft.people.cohort, len(shares)), strict=True):
        if bands:
            edges = np.cumsum(list(bands.values()))[:-1]
            band[here] = np.searchsorted(edges, u.take(here), side="right")
    return band
