"""The whole line, from YAML to measures, against a chain of two queues that has an exact solution.

People come by chance to acute beds and are refused when these are full; some need one of a few P2 beds next and hold
the acute bed until one is free. With exponential stays that is a Markov chain small enough to solve.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve
from scipy.stats import t

from dischargesim import draw_plan, load_scenario, simulate
from dischargesim.measures import measure_index, measure_values
from dischargesim.plan.codes import Label
from dischargesim.scenario.schema import Scenario

HERE = Path(__file__).parent
PUBLISHED = {"chain_a": (0.0044, 0.2796, 1.1394, 1.1344), "chain_b": (0.1801, 0.9462, 16.1514, 7.9460)}
"""The figures that were asked for, to check the chain below by numbers it did not make."""
CENTURIES = {"chain_a": 4, "chain_b": 2}
"""Runs of a century that make one replication: refusals of chain_a are rare."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What the YAML says, and nothing that it does not."""

    a_day: float
    acute_days: float
    p2_days: float
    p2_share: float
    beds: int
    p2_beds: int

    @classmethod
    def of(cls, scenario: Scenario) -> Chain:
        cohort, rehab = scenario.cohorts["everyone"], scenario.pathways["P2"].next["rehab"]
        beds, p2_beds = scenario.settings["acute"].capacity, scenario.settings["rehab"].capacity
        assert isinstance(beds, int) and isinstance(p2_beds, int)
        rate = cohort.arrivals.per_day
        assert rate is not None
        days, share = cohort.stay_days.mean(), cohort.pathways["P2"]
        return cls(rate, days, rehab.stay_days.mean(), share, beds, p2_beds)


@dataclass(frozen=True, slots=True)
class Figures:
    refused: float
    """Share of those who come that finds all beds full."""
    delayed: float
    """Share of the P2-bound that finds no P2 bed when ready."""
    mean_delay: float
    """Days of delay, over all P2-bound."""
    blocked: float
    """Beds held by people who are ready."""


def exact(chain: Chain) -> Figures:
    """Stationary distribution of (in treatment, P2-bound who are ready or in a P2 bed)."""
    states = [
        (treated, bound)
        for treated in range(chain.beds + 1)
        for bound in range(chain.p2_beds + chain.beds + 1)
        if treated + max(bound - chain.p2_beds, 0) <= chain.beds
    ]
    number = {state: row for row, state in enumerate(states)}
    rows, columns, rates = [], [], []
    for (treated, bound), row in number.items():
        in_p2 = min(bound, chain.p2_beds)
        moves = {
            (treated + 1, bound): chain.a_day,  # not a state when the beds are full: refused
            (treated - 1, bound): treated / chain.acute_days * (1 - chain.p2_share),
            (treated - 1, bound + 1): treated / chain.acute_days * chain.p2_share,
            (treated, bound - 1): in_p2 / chain.p2_days,
        }
        for state, rate in moves.items():
            if rate > 0 and state in number:
                rows += [number[state], row]
                columns += [row, row]
                rates += [rate, -rate]
    balance = coo_array((rates, (rows, columns)), shape=(len(states),) * 2).tolil()
    balance[0, :] = 1.0  # one of the equations follows from the others; the shares of time sum to 1
    share = spsolve(balance.tocsr(), np.eye(len(states))[0])
    treated, bound = np.array(states).T
    blocked = np.maximum(bound - chain.p2_beds, 0)
    flow = share @ treated / chain.acute_days * chain.p2_share
    return Figures(
        refused=float(share[treated + blocked == chain.beds].sum()),
        delayed=float(share[bound >= chain.p2_beds] @ treated[bound >= chain.p2_beds] / (share @ treated)),
        mean_delay=float(share @ blocked / flow),
        blocked=float(share @ blocked),
    )


def simulated(scenario: Scenario, replication: int) -> Figures:
    """From measures, apart from the share delayed at all, for which there is none."""
    plan = draw_plan(scenario, replication)
    times = simulate(plan, "auto")
    values = {
        (row.measure, row.group): value
        for row, value in zip(measure_index(scenario), measure_values(plan, times), strict=True)
    }
    bound = (plan.stays.label == Label.ADMISSION) & (plan.stays.pathway == list(scenario.pathways).index("P2"))
    bound &= (times.ready >= scenario.run.warm_up_days) & (times.ready < plan.horizon)
    return Figures(
        refused=values["cancellations", "all"] * scenario.run.days / 7 / values["people_arrived", "all"],
        delayed=float((~(times.left[bound] == times.ready[bound])).mean()),
        mean_delay=values["nctr_delay_mean", "pathway=P2"],
        blocked=values["setting_queue", "setting=rehab"],
    )


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_chain_itself(name: str) -> None:
    solved = exact(Chain.of(load_scenario([f"system={name}"], HERE)))
    assert np.round(astuple(solved), 4) == pytest.approx(PUBLISHED[name], abs=1e-9)


@pytest.mark.parametrize("name", PUBLISHED)
def test_simulation_meets_the_chain(name: str) -> None:
    """Each figure lies in the 95% interval of 20 long replications, and the interval is narrow enough to tell.

    With another seed one of the figures lies outside now and then, as it must; with none do they lie to one side.
    """
    pytest.importorskip("numba")
    scenario = load_scenario([f"system={name}"], HERE)
    expected = np.array(astuple(exact(Chain.of(scenario))))
    runs = scenario.run.replications * CENTURIES[name]
    every = np.array([astuple(simulated(scenario, number)) for number in range(runs)])
    found = every.reshape(scenario.run.replications, CENTURIES[name], -1).mean(axis=1)
    error = found.std(axis=0, ddof=1) / sqrt(len(found))
    z = (found.mean(axis=0) - expected) / error
    said = dict(zip(Figures.__slots__, zip(expected, found.mean(axis=0), z, strict=True), strict=True))
    assert (np.abs(z) < t.ppf(0.975, len(found) - 1)).all(), said
    assert (error < 0.03 * expected).all(), said
