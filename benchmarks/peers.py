"""One network in plain SimPy, in Ciw, in salabim and in dischargesim: how long a year takes, and the same mean delay.

    python -m pip install -e ".[bench]"
    python -m benchmarks.peers                    # about two minutes
    python -m benchmarks.peers --replications 20  # narrower intervals of the delay

People come by chance, 90 a day, to 600 beds for a lognormal time. Of them 15% then need one of 12 assessors and
afterwards one of 120, 60 or 500 places (10, 3 and 2 in 15 of them), and keep the bed until they have it. The delay
is the time from the end of the stay to leaving the bed, over those of the 15% who have left it within the year.

Each is written the way that its own documentation teaches. The figures of dischargesim are for a replication from
drawing the plan to the delay; its YAML is benchmarks/system/peers.yaml.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import fmean, median, stdev
from time import perf_counter
from typing import Any

import numpy as np
import simpy

from benchmarks.timing import spent
from dischargesim import draw_plan, load_scenario
from dischargesim.engine import simulate
from dischargesim.plan.tables import NONE
from dischargesim.scenario.schema import Scenario

DAYS, A_DAY = 365.0, 90.0
BEDS, MU, SIGMA = 600, 1.4, 0.8
ASSESSORS, ASSESSMENT = 12, 0.5
PLACES, STAYS, SHARES = (120, 60, 500), (14.0, 20.0, 250.0), (0.10, 0.03, 0.02)
HOME = len(PLACES)
Delays = list[tuple[int, float]]
"""Kind of place, and days, of each person who left a bed for one."""


def somewhere(rng: random.Random) -> int:
    """Where a person goes: to one of the kinds of place, or home."""
    return rng.choices(range(HOME + 1), weights=[*SHARES, 1 - sum(SHARES)])[0]


def plain_simpy(seed: int) -> Delays:
    """Processes that ask for a `Resource` each time."""
    rng, delays = random.Random(seed), []
    environment = simpy.Environment()
    beds, assessors = simpy.Resource(environment, BEDS), simpy.Resource(environment, ASSESSORS)
    places = [simpy.Resource(environment, number) for number in PLACES]

    def person() -> Iterator[simpy.Event]:
        with beds.request() as bed:
            yield bed
            yield environment.timeout(rng.lognormvariate(MU, SIGMA))
            ready, goes_to = environment.now, somewhere(rng)
            if goes_to == HOME:
                return
            with assessors.request() as assessor:
                yield assessor
                yield environment.timeout(rng.expovariate(1 / ASSESSMENT))
            place = places[goes_to].request()
            yield place
            delays.append((goes_to, environment.now - ready))
        yield environment.timeout(rng.expovariate(1 / STAYS[goes_to]))
        places[goes_to].release(place)

    def door() -> Iterator[simpy.Event]:
        while True:
            yield environment.timeout(rng.expovariate(A_DAY))
            environment.process(person())

    environment.process(door())
    environment.run(until=DAYS)
    return delays


def in_ciw(seed: int) -> Delays:
    """Nodes with servers. That the bed is kept for a place is Ciw's own blocking (no room to queue for a place); that
    it is kept for the assessor as well needs a node of our own: an individual of Ciw holds one server at a time."""
    import ciw

    delays: Delays = []

    class Beds(ciw.Node):  # type: ignore[misc]
        """Whoever needs an assessor stays, without an end, until the assessment that was asked for is done."""

        def finish_service(self) -> None:
            person = self.decide_between_simultaneous_individuals()
            if not hasattr(person, "ready"):
                person.ready, person.goes_to = self.now, super().next_node(person)
                if person.goes_to.id_number > 0:  # not the way out
                    person.service_end_date = person.server.next_end_service_date = float("inf")
                    request = ciw.Individual(f"for {person.id_number}", simulation=self.simulation)
                    request.patient = person
                    self.simulation.nodes[2].accept(request)
                    return
            super().finish_service()

        def next_node(self, person: Any) -> Any:
            return person.goes_to

        def release(self, person: Any, next_node: Any, reroute: bool = False) -> None:
            if next_node.id_number > 0:
                delays.append((next_node.id_number - 3, self.now - person.ready))
            super().release(person, next_node, reroute)

    class Assessors(ciw.Node):  # type: ignore[misc]
        def release(self, request: Any, next_node: Any, reroute: bool = False) -> None:
            super().release(request, next_node, reroute)
            patient = request.patient
            patient.service_end_date = patient.server.next_end_service_date = self.now

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=A_DAY), None, None, None, None],
        service_distributions=[
            ciw.dists.Lognormal(mean=MU, sd=SIGMA),
            *(ciw.dists.Exponential(rate=1 / days) for days in (ASSESSMENT, *STAYS)),
        ],
        routing=[[0.0, 0.0, *SHARES], *([0.0] * 5 for _ in range(4))],
        number_of_servers=[BEDS, ASSESSORS, *PLACES],
        queue_capacities=[float("inf"), float("inf"), 0, 0, 0],
    )
    ciw.seed(seed)
    ciw.Simulation(network, node_class=[Beds, Assessors, ciw.Node, ciw.Node, ciw.Node]).simulate_until_max_time(DAYS)
    return delays


def in_salabim(seed: int) -> Delays:
    """Components that request a `Resource` each time."""
    import salabim

    rng, delays = random.Random(seed), []
    environment = salabim.Environment(yieldless=False, random_seed=seed)
    beds, assessors = salabim.Resource(capacity=BEDS), salabim.Resource(capacity=ASSESSORS)
    places = [salabim.Resource(capacity=number) for number in PLACES]

    class Person(salabim.Component):  # type: ignore[misc]
        def process(self) -> Iterator[Any]:
            yield self.request(beds)
            yield self.hold(rng.lognormvariate(MU, SIGMA))
            ready, goes_to = environment.now(), somewhere(rng)
            if goes_to == HOME:
                return
            yield self.request(assessors)
            yield self.hold(rng.expovariate(1 / ASSESSMENT))
            self.release(assessors)
            yield self.request(places[goes_to])
            delays.append((goes_to, environment.now() - ready))
            self.release(beds)
            yield self.hold(rng.expovariate(1 / STAYS[goes_to]))

    class Door(salabim.Component):  # type: ignore[misc]
        def process(self) -> Iterator[Any]:
            while True:
                yield self.hold(rng.expovariate(A_DAY))
                Person()

    Door()
    environment.run(till=DAYS)
    return delays


def in_dischargesim(scenario: Scenario, engine: str) -> Callable[[int], Delays]:
    """A replication from the plan to the delays; here the seed is the number of the replication."""

    def run(seed: int) -> Delays:
        plan = draw_plan(scenario, seed)
        times = simulate(plan, engine)
        first = plan.people.first[plan.stays.next[plan.people.first] != NONE]
        first = first[~np.isnan(times.left[first])]
        kinds = plan.stays.setting[plan.stays.next[first]] - 1  # the beds are the first setting
        return list(zip(kinds.tolist(), (times.left - times.ready)[first].tolist(), strict=True))

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replications", type=int, default=5, metavar="N", help="how often each is run (5)")
    options = parser.parse_args()
    start = perf_counter()
    scenario = load_scenario(["system=peers"], Path(__file__).parent)
    loading = perf_counter() - start
    models = {
        "plain SimPy": plain_simpy,
        "Ciw": in_ciw,
        "salabim": in_salabim,
        "dischargesim, SimPy engine": in_dischargesim(scenario, "simpy"),
        "dischargesim, compiled engine": in_dischargesim(scenario, "compiled"),
    }
    in_dischargesim(scenario, "compiled")(0)  # compiled and loaded before it is timed
    print(
        f"{options.replications} replications of a year each; the YAML is read and checked in {loading:.2f} s, once\n"
    )
    columns = f"{'':<32}{'seconds, median':>17}{'against SimPy':>15}{'delayed':>12}"
    print(columns + f"{'mean delay, days (95%)':>24}{'but rehabilitation':>24}")
    seconds: dict[str, list[float]] = {name: [] for name in models}
    delays: dict[str, list[Delays]] = {name: [] for name in models}
    for seed in range(options.replications):
        for name, model in models.items():  # in turn, so that what disturbs the machine disturbs them all
            seconds[name].append(spent(partial(keep, delays[name], model, seed)))
    plain = median(seconds["plain SimPy"])
    for name in models:
        people = fmean(len(one) for one in delays[name])
        usual = median(seconds[name])
        speed = f"{name:<32}{usual:>17.4f}{plain / usual:>14.2f}×{people:>12,.0f}"
        print(speed + f"{mean_delay(delays[name], (0, 1, 2)):>24}{mean_delay(delays[name], (1, 2)):>24}")


def mean_delay(replications: list[Delays], kinds: tuple[int, ...]) -> str:
    """Mean delay of the people for some kinds of place, with its 95% interval."""
    means = [fmean(days for kind, days in delays if kind in kinds) for delays in replications]
    return f"{fmean(means):.3f} ± {half_width(means):.3f}"


def keep(delays: list[Delays], model: Callable[[int], Delays], seed: int) -> None:
    """Run a model and keep what it gives."""
    delays.append(model(seed))


def half_width(values: list[float]) -> float:
    """Half the width of Student's 95% interval of the mean."""
    from scipy.special import stdtrit

    if len(values) < 2:
        return float("nan")
    return float(stdtrit(len(values) - 1, 0.975) * stdev(values) / len(values) ** 0.5)


if __name__ == "__main__":
    main()
