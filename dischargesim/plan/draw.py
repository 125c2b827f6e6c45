"""From a scenario to a plan."""

from __future__ import annotations

import numpy as np

from dischargesim.plan.arrivals import draw_sources
from dischargesim.plan.capacity import draw_pools
from dischargesim.plan.journeys import Journeys
from dischargesim.plan.layout import Layout
from dischargesim.plan.population import Population
from dischargesim.plan.streams import Streams
from dischargesim.plan.tables import People, Plan, Reviews
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
    streams = Streams(scenario.run.seed, replication)
    layout = Layout.of(scenario)
    people = Population(scenario, streams, draw_sources(scenario, streams))
    stays, tasks, first = Journeys(scenario, people, layout).write()
    return Plan(
        horizon=float(scenario.run.warm_up_days + scenario.run.days),
        people=People(
            arrival=people.arrival,
            first=first,
            cohort=people.cohort,
            locality=np.zeros(people.size, dtype=np.int32),
            origin=people.origin,
            number=people.number,
        ),
        stays=stays,
        tasks=tasks,
        pools=draw_pools(scenario, layout),
        reviews=_no_reviews(),
        scenario=scenario,
        replication=replication,
    )


def _no_reviews() -> Reviews:
    empty, rows, counts = np.empty(0), np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
    return Reviews(empty, rows, counts, counts, counts, counts, empty, empty)
