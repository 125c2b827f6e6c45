"""The engines against queueing theory: many replications of plans by hand, and a z-score for each figure.

With fixed seeds the scores are always the same, so a test can fail and cannot flicker. The limit is the 99.9 %
point of the normal distribution; for the mean of 40 replications of thousands of people, that is close enough.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, factorial, sqrt

import numpy as np
import pytest

from dischargesim.engine import simulate
from dischargesim.plan.tables import NONE, People, Plan, Stays, Tasks, Times
from tests.hand_plans import INF, PlanByHand, table

REPLICATIONS = 40
LIMIT = 3.29
DAYS = 5_000.0
WARM_UP = 300.0
AFTER = 500.0  # for those who come late to be served; nobody arrives then


@pytest.fixture(params=["simpy", "compiled"], scope="module")
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "compiled":
        pytest.importorskip("numba")
    return str(request.param)


def arrivals(rng: np.random.Generator, rate: float) -> np.ndarray:
    """Moments of Poisson arrivals."""
    return np.sort(rng.random(rng.poisson(rate * DAYS)) * DAYS)


def assert_mean_is(expected: float, engine: str, replicate: Callable[[np.random.Generator, str], float]) -> None:
    """The figures of the replications have the expected mean, as far as chance allows.

    SimPy takes fifty times longer, so it runs one replication only, and must give the very same figure.
    """
    number = REPLICATIONS if engine == "compiled" else 1
    figures = np.array([replicate(np.random.default_rng([7, seed]), engine) for seed in range(number)])
    if engine == "simpy":
        pytest.importorskip("numba")
        again = [replicate(np.random.default_rng([7, seed]), "compiled") for seed in range(number)]
        np.testing.assert_array_equal(figures, again)
        return
    score = (figures.mean() - expected) / (figures.std(ddof=1) / sqrt(number))
    assert abs(score) < LIMIT, f"mean {figures.mean():.5g}, expected {expected:.5g}, z {score:.2f}"
    assert abs(figures.mean() / expected - 1) < 0.05  # the test can tell a wrong figure from a right one


def one_stay_each(arrival: np.ndarray, need: np.ndarray, capacity: int, **columns: float | np.ndarray) -> Plan:
    """Everybody has one stay in the one setting."""
    by_hand = PlanByHand(horizon=DAYS + AFTER)
    by_hand.setting(capacity)
    rows = np.arange(arrival.size)
    return Plan(
        horizon=by_hand.horizon,
        people=table(People, rows.size, arrival=arrival, first=rows, number=rows),
        stays=table(Stays, rows.size, person=rows, need=need, **columns),
        tasks=table(Tasks, 0),
        pools=by_hand.plan().pools,
        reviews=by_hand.plan().reviews,
    )


def settled(arrival: np.ndarray) -> np.ndarray:
    """Those who come after the warm-up."""
    return arrival > WARM_UP


def erlang_b(servers: int, load: float) -> float:
    """Share lost where nobody waits; the distribution of service does not matter."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Share that has to wait."""
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


@pytest.mark.parametrize(("servers", "use"), [(1, 0.5), (4, 0.7), (20, 0.85)])
def test_mean_wait_for_a_place(engine: str, servers: int, use: float) -> None:
    """M/M/c: places, in order of asking."""
    need, rate = 2.0, use * servers / 2.0

    def replicate(rng: np.random.Generator, engine: str) -> float:
        arrival = arrivals(rng, rate)
        times = simulate(one_stay_each(arrival, rng.exponential(need, arrival.size), servers), engine)
        return float((times.entered - times.asked)[settled(arrival)].mean())

    assert_mean_is(erlang_c(servers, rate * need) * need / (servers - rate * need), engine, replicate)


def test_mean_wait_for_staff(engine: str) -> None:
    """M/M/c once more, with a team that does tasks in place of places that hold people."""
    servers, work, rate = 3, 1.0, 2.1

    def replicate(rng: np.random.Generator, engine: str) -> float:
        times = simulate(team_plan(arrivals(rng, rate), lambda size: rng.exponential(work, size), servers), engine)
        return float((times.started - times.queued)[settled(times.queued)].mean())

    assert_mean_is(erlang_c(servers, rate * work) * work / (servers - rate * work), engine, replicate)


@pytest.mark.parametrize("priority", [0, 1])
def test_mean_wait_by_priority(engine: str, priority: int) -> None:
    """M/G/1 with two priorities and no pre-emption (Cobham): here, staff with work of a fixed length."""
    work, rate, urgent = 0.5, 1.5, 0.4
    left_over = rate * work**2 / 2  # mean work left on the task in hand
    first, both = rate * urgent * work, rate * work
    expected = left_over / (1 - first) if priority == 0 else left_over / ((1 - first) * (1 - both))

    def replicate(rng: np.random.Generator, engine: str) -> float:
        arrival = arrivals(rng, rate)
        level = (rng.random(arrival.size) >= urgent).astype(int)
        times = simulate(team_plan(arrival, lambda size: np.full(size, work), 1, priority=level), engine)
        chosen = settled(arrival) & (level == priority)
        return float((times.started - times.queued)[chosen].mean())

    assert_mean_is(expected, engine, replicate)


def team_plan(
    arrival: np.ndarray, draw_work: Callable[[int], np.ndarray], staff: int, **columns: float | np.ndarray
) -> Plan:
    """Everybody has one task, and room to wait for it."""
    by_hand = PlanByHand(horizon=DAYS + AFTER)
    by_hand.setting()
    by_hand.team(staff)
    rows = np.arange(arrival.size)
    return Plan(
        horizon=by_hand.horizon,
        people=table(People, rows.size, arrival=arrival, first=rows, number=rows),
        stays=table(Stays, rows.size, person=rows, need=0.0),
        tasks=table(Tasks, rows.size, stay=rows, team=0, work=draw_work(rows.size), **columns),
        pools=by_hand.plan().pools,
        reviews=by_hand.plan().reviews,
    )


def test_mean_wait_is_the_same_whoever_comes_first(engine: str) -> None:
    """M/M/c: the order among people alike changes the spread of their waits only, and by wait it is the smallest."""
    servers, need, rate = 4, 2.0, 1.7

    def replicate(rng: np.random.Generator, engine: str) -> float:
        arrival = arrivals(rng, rate)
        delay, stay = rng.exponential(6.0, arrival.size), rng.exponential(need, arrival.size)
        plans = [asked_for_later(arrival, delay, stay, servers, longest_ready_first) for longest_ready_first in (0, 1)]
        by_asking, by_wait = (simulate(plan, engine) for plan in plans)
        place = 2 * np.flatnonzero(settled(arrival)) + 1
        spreads = [(times.entered[place] - times.ready[place - 1]).std() for times in (by_asking, by_wait)]
        assert spreads[1] < spreads[0]
        return float((by_wait.entered - by_wait.asked)[place].mean())

    assert_mean_is(erlang_c(servers, rate * need) * need / (servers - rate * need), engine, replicate)


def asked_for_later(
    arrival: np.ndarray, delay: np.ndarray, need: np.ndarray, servers: int, longest_ready_first: int
) -> Plan:
    """Everybody is ready on arrival, somewhere with room for all, and asks for a place after a delay of their own."""
    by_hand = PlanByHand(horizon=DAYS + AFTER)
    by_hand.setting()
    by_hand.setting(servers)
    by_hand.longest_ready_first(*[1] * longest_ready_first)
    people = np.arange(arrival.size)
    rows = np.arange(2 * arrival.size)
    second = rows % 2
    return Plan(
        horizon=by_hand.horizon,
        people=table(People, people.size, arrival=arrival, first=2 * people, number=people),
        stays=table(
            Stays,
            rows.size,
            person=rows // 2,
            setting=second,
            need=np.where(second, np.repeat(need, 2), 0.0),
            next=np.where(second, NONE, rows + 1),
        ),
        tasks=table(Tasks, people.size, stay=2 * people, team=NONE, work=delay),
        pools=by_hand.plan().pools,
        reviews=by_hand.plan().reviews,
    )


@pytest.mark.parametrize("sigma", [0.0, 0.5, 1.2])
def test_share_lost_where_nobody_waits(engine: str, sigma: float) -> None:
    """M/G/c with no queue (Erlang B): it depends on the mean of the stay, not on its distribution."""
    servers, need, rate = 6, 2.0, 2.5

    def replicate(rng: np.random.Generator, engine: str) -> float:
        arrival = arrivals(rng, rate)
        stay = rng.lognormal(np.log(need) - sigma**2 / 2, sigma, arrival.size)
        times = simulate(one_stay_each(arrival, stay, servers, patience=0.0), engine)
        return lost(times, arrival)

    assert_mean_is(erlang_b(servers, rate * need), engine, replicate)


@pytest.mark.parametrize(("servers", "room"), [(1, 2), (3, 4)])
def test_share_lost_where_few_may_wait(engine: str, servers: int, room: int) -> None:
    """M/M/c/K: people keep a place in the waiting room until one falls free where they want to be."""
    need, rate = 1.0, 1.1 * servers
    load, most = rate * need, servers + room
    weights = [load**n / factorial(n) for n in range(servers)]
    weights += [load**n / factorial(servers) / servers ** (n - servers) for n in range(servers, most + 1)]

    def replicate(rng: np.random.Generator, engine: str) -> float:
        arrival = arrivals(rng, rate)
        times = simulate(waiting_room(arrival, rng.exponential(need, arrival.size), servers, room), engine)
        return lost(times, arrival)

    assert_mean_is(weights[-1] / sum(weights), engine, replicate)


def waiting_room(arrival: np.ndarray, need: np.ndarray, servers: int, room: int) -> Plan:
    """Two stays each: in the waiting room, for no time at all unless there is a queue, and then where care is."""
    by_hand = PlanByHand(horizon=DAYS + AFTER)
    by_hand.setting(room)
    by_hand.setting(servers)
    people = np.arange(arrival.size)
    rows = np.arange(2 * arrival.size)
    second = rows % 2
    return Plan(
        horizon=by_hand.horizon,
        people=table(People, people.size, arrival=arrival, first=2 * people, number=people),
        stays=table(
            Stays,
            rows.size,
            person=rows // 2,
            setting=second,
            need=np.where(second, np.repeat(need, 2), 0.0),
            patience=np.where(second, INF, 0.0),
            next=np.where(second, NONE, rows + 1),
        ),
        tasks=table(Tasks, 0),
        pools=by_hand.plan().pools,
        reviews=by_hand.plan().reviews,
    )


def lost(times: Times, arrival: np.ndarray) -> float:
    """Share of the people whose first stay was refused."""
    first = times.refused.size // arrival.size
    return float((~np.isnan(times.refused[::first]))[settled(arrival)].mean())


def test_share_that_runs_out_of_patience(engine: str) -> None:
    """M/M/1 with patience of a fixed length: the share lost by Barrer's formula."""
    need, rate, patience = 1.0, 0.9, 2.0
    load = rate * need
    expected = (1 - load) * load * exp(-(1 - load) * patience / need)
    expected /= 1 - load**2 * exp(-(1 - load) * patience / need)

    def replicate(rng: np.random.Generator, engine: str) -> float:
        arrival = arrivals(rng, rate)
        times = simulate(one_stay_each(arrival, rng.exponential(need, arrival.size), 1, patience=patience), engine)
        return lost(times, arrival)

    assert_mean_is(expected, engine, replicate)
