"""Queueing formulas, each from its source and none from the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, factorial

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

State = tuple[int, ...]


def erlang_b(servers: int, load: float) -> float:
    """Share lost where nobody waits; the distribution of service does not matter (Erlang 1917)."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Share that has to wait (Erlang 1917)."""
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait(servers: int, rate: float, service: float) -> float:
    """Mean wait in M/M/c, over all who come."""
    return erlang_c(servers, rate * service) * service / (servers - rate * service)


def wait_longer_than(moment: float, servers: int, rate: float, service: float) -> float:
    """Share that waits longer than a moment in M/M/c, first come first served."""
    return erlang_c(servers, rate * service) * exp(-(servers / service - rate) * moment)


def mean_wait_one_server(rate: float, mean: float, second_moment: float) -> float:
    """Mean wait in M/G/1 (Pollaczek 1930, Khinchin 1932)."""
    return rate * second_moment / 2 / (1 - rate * mean)


def mean_waits_by_priority(servers: int, rates: Sequence[float], service: float) -> list[float]:
    """Mean wait of each class in M/M/c without pre-emption, the first class first (Cobham 1954)."""
    load = sum(rates) * service
    until_one_is_free = erlang_c(servers, load) * service / servers
    used = np.concatenate([[0.0], np.cumsum(rates)]) * service / servers
    return [until_one_is_free / (1 - before) / (1 - after) for before, after in pairwise(used)]


def mean_waits_one_server_by_priority(rates: Sequence[float], mean: float, second_moment: float) -> list[float]:
    """Mean wait of each class in M/G/1 without pre-emption, the first class first (Cobham 1954)."""
    left_over = sum(rates) * second_moment / 2
    used = np.concatenate([[0.0], np.cumsum(rates)]) * mean
    return [left_over / (1 - before) / (1 - after) for before, after in pairwise(used)]


def share_lost_with_room(servers: int, room: int, load: float) -> float:
    """Share lost in M/M/c/K, where no more than `room` may wait."""
    weights = [load**n / factorial(n) for n in range(servers)]
    weights += [load**n / factorial(servers) / servers ** (n - servers) for n in range(servers, servers + room + 1)]
    return weights[-1] / sum(weights)


def share_lost_with_fixed_patience(load: float, patience: float) -> float:
    """Share lost in M/M/1 where everybody waits so long and no longer, in mean service times (Barrer 1957)."""
    tail = exp(-(1 - load) * patience)
    return (1 - load) * load * tail / (1 - load**2 * tail)


@dataclass(frozen=True, slots=True)
class Impatient:
    """M/M/c+M in the long run."""

    share_lost: float
    share_waiting: float
    mean_wait: float


def impatient(servers: int, rate: float, service: float, patience: float) -> Impatient:
    """M/M/c with exponential patience: the birth and death process solved (Palm 1957; Garnett and others 2002)."""
    weights = [1.0]
    while weights[-1] > 1e-16 * sum(weights) or len(weights) <= servers:
        number = len(weights)
        weights.append(weights[-1] * rate / (min(number, servers) / service + max(number - servers, 0) / patience))
    share = np.array(weights) / sum(weights)
    number = np.arange(share.size)
    queue = float(share @ np.maximum(number - servers, 0))
    return Impatient(queue / patience / rate, float(share[servers:].sum()), queue / rate)


def long_run(begin: State, moves: Callable[[State], dict[State, float]]) -> dict[State, float]:
    """Share of time that a Markov chain spends in each state that it can come to.

    Parameters
    ----------
    begin : State
    moves : callable
        From a state, those that may follow with the rate of each; rates of 0 are passed over.
    """
    states = {begin: 0}
    rows, columns, rates = [], [], []
    for state in (found := [begin]):  # grows as it goes
        for to, rate in moves(state).items():
            if rate > 0:
                if to not in states:
                    states[to] = len(found)
                    found.append(to)
                rows += [states[to], states[state]]
                columns += [states[state]] * 2
                rates += [rate, -rate]
    balance = coo_array((rates, (rows, columns)), shape=(len(found),) * 2).tolil()
    balance[0, :] = 1.0  # one of the equations follows from the others; the shares of time sum to 1
    share = spsolve(balance.tocsr(), np.eye(len(found))[0])
    return dict(zip(found, share.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Tandem:
    """Two stations in line; whoever is done in the first keeps their place until the second has one.

    Attributes
    ----------
    rate : float
        People a day who come.
    first_days, second_days : float
        Mean of an exponential stay in each.
    share : float
        Part that goes on to the second.
    first, second : int
        Places in each.
    room : int
        How many may wait for the first; 0 loses whoever finds it full.
    """

    rate: float
    first_days: float
    second_days: float
    share: float
    first: int
    second: int
    room: int = 0

    def moves(self, state: State) -> dict[State, float]:
        """Of (in treatment or waiting to come in, bound for the second or in it)."""
        here, bound = state
        treated = min(here, self.first - max(bound - self.second, 0))
        done = treated / self.first_days
        most = self.first - max(bound - self.second, 0) + self.room
        return {
            (here + 1, bound): self.rate if here < most else 0.0,
            (here - 1, bound): done * (1 - self.share),
            (here - 1, bound + 1): done * self.share,
            (here, bound - 1): min(bound, self.second) / self.second_days,
        }

    def figures(self) -> TandemFigures:
        """The long run."""
        share = long_run((0, 0), self.moves)
        blocked = {state: max(state[1] - self.second, 0) for state in share}
        treated = {state: min(state[0], self.first - blocked[state]) for state in share}
        waiting = {state: state[0] - treated[state] for state in share}
        refused = sum(p for s, p in share.items() if s[0] == self.first - blocked[s] + self.room)
        busy = sum(p * treated[s] for s, p in share.items())
        held = sum(p * blocked[s] for s, p in share.items())
        late = sum(p * treated[s] for s, p in share.items() if s[1] >= self.second)
        return TandemFigures(
            refused=refused,
            delayed=late / busy,
            mean_delay=held / (busy / self.first_days * self.share),
            blocked=held,
            mean_wait=sum(p * waiting[s] for s, p in share.items()) / (self.rate * (1 - refused)),
        )


@dataclass(frozen=True, slots=True)
class TandemFigures:
    """What a tandem is like in the long run."""

    refused: float
    """Share of those who come that finds the first full, and its waiting room."""
    delayed: float
    """Share of those bound for the second that finds it full when they are done."""
    mean_delay: float
    """Days of delay, over all bound for the second."""
    blocked: float
    """Places of the first that are held by people who are done."""
    mean_wait: float
    """Days from coming to the first until let in, over all who are not refused."""
