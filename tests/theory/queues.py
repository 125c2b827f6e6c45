"""Queues with a formula: places and staff that people wait for, or are turned away from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dischargesim.engine import simulate
from dischargesim.plan.tables import Times
from tests.theory import formulas
from tests.theory.plans import (
    DAYS,
    WARM_UP,
    arrivals,
    asked_for_later,
    full_for,
    lost,
    occupied,
    one_setting,
    one_team,
    settled,
    waiting_room,
)
from tests.verification.check import Check, Figure, Run

ERLANG = "Erlang 1917; Cooper, Introduction to Queueing Theory, 2nd edition, 1981"


def days_of(run: Run) -> float:
    """How long people come."""
    return DAYS if run.days is None else run.days


def places_and_waits(servers: int, use: float) -> Check:
    """M/M/c with places that hold people."""
    need, rate = 2.0, use * servers / 2.0
    wait = formulas.mean_wait(servers, rate, need)
    late = need / servers

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        times = simulate(one_setting(arrival, rng.exponential(need, arrival.size), servers), run.engine)
        counted = settled(arrival)
        waits = (times.entered - times.asked)[counted]
        queue = np.minimum(times.entered, arrival[-1]) - np.maximum(times.asked, WARM_UP)
        span = arrival[-1] - WARM_UP
        return [
            float(waits.mean()),
            float((waits > 0).mean()),
            float((waits > late).mean()),
            float(np.maximum(queue, 0).sum() / span),
        ]

    return Check(
        f"places_{servers}",
        f"M/M/{servers}: {servers} place(s), used {use:.0%} of the time; first come, first served",
        "W = C(c, a) s / (c - a); P(wait > t) = C(c, a) exp(-(c/s - λ) t); L = λ W",
        ERLANG,
        (
            Figure("mean wait, days", wait),
            Figure("share that waits", formulas.erlang_c(servers, rate * need)),
            Figure(f"share that waits more than {late:g} days", formulas.wait_longer_than(late, servers, rate, need)),
            Figure("people waiting, mean by the clock", rate * wait),
        ),
        replicate,
        either_engine=True,
        sharpest=0.025,
    )


def staff_and_waits() -> Check:
    """M/M/c with a team that does tasks in place of places that hold people."""
    servers, work, rate = 3, 1.0, 2.1

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        times = simulate(one_team(arrival, rng.exponential(work, arrival.size), servers), run.engine)
        waits = (times.started - times.queued)[settled(arrival)]
        return [float(waits.mean()), float((waits > 0).mean())]

    return Check(
        "staff",
        "M/M/3: tasks for a team of three that is always at work",
        "W = C(c, a) s / (c - a)",
        ERLANG,
        (
            Figure("mean wait, days", formulas.mean_wait(servers, rate, work)),
            Figure("share that waits", formulas.erlang_c(servers, rate * work)),
        ),
        replicate,
        either_engine=True,
    )


def one_member_of_staff(sigma: float) -> Check:
    """M/G/1 with a team; work of a fixed length (sigma 0) or lognormal."""
    rate, mean = 1.4, 0.5
    second = mean**2 * np.exp(sigma**2)

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        work = rng.lognormal(np.log(mean) - sigma**2 / 2, sigma, arrival.size)
        times = simulate(one_team(arrival, work, 1), run.engine)
        return [float((times.started - times.queued)[settled(arrival)].mean())]

    return Check(
        f"one_member_of_staff_{sigma:g}",
        f"M/G/1: a team of one, work {'always of the same length' if sigma == 0 else f'lognormal, sigma {sigma:g}'}",
        "W = λ E[S²] / (2 (1 - a))",
        "Pollaczek 1930, Khinchin 1932; Kleinrock, Queueing Systems, volume 1, 1975",
        (Figure("mean wait, days", formulas.mean_wait_one_server(rate, mean, second)),),
        replicate,
        either_engine=True,
    )


def priorities(places: bool) -> Check:
    """M/M/c with three priorities and no pre-emption."""
    servers, service, rates = 3, 1.0, [0.5, 0.9, 1.1]
    expected = formulas.mean_waits_by_priority(servers, rates, service)

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, sum(rates), days_of(run))
        level = rng.choice(len(rates), arrival.size, p=np.array(rates) / sum(rates))
        length = rng.exponential(service, arrival.size)
        make = one_setting if places else one_team
        times = simulate(make(arrival, length, servers, priority=level), run.engine)
        waits = times.entered - times.asked if places else times.started - times.queued
        return [float(waits[settled(arrival) & (level == number)].mean()) for number in range(len(rates))]

    return Check(
        f"priorities_{'places' if places else 'staff'}",
        f"M/M/3 with three priorities and no pre-emption: {'places' if places else 'a team'}",
        "Wₖ = C(c, a) s / (c (1 - σₖ₋₁)(1 - σₖ)), σₖ the use by classes 1 to k",
        "Cobham 1954; Kella and Yechiali 1985",
        tuple(Figure(f"mean wait of class {number + 1}, days", wait) for number, wait in enumerate(expected)),
        replicate,
        either_engine=True,
        sharpest=0.03,
    )


def priorities_of_fixed_work() -> Check:
    """M/D/1 with two priorities."""
    work, rates = 0.5, [0.6, 0.9]
    expected = formulas.mean_waits_one_server_by_priority(rates, work, work**2)

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, sum(rates), days_of(run))
        level = (rng.random(arrival.size) >= rates[0] / sum(rates)).astype(int)
        times = simulate(one_team(arrival, np.full(arrival.size, work), 1, priority=level), run.engine)
        waits = times.started - times.queued
        return [float(waits[settled(arrival) & (level == number)].mean()) for number in (0, 1)]

    return Check(
        "priorities_fixed_work",
        "M/D/1 with two priorities and no pre-emption: a team of one",
        "Wₖ = λ E[S²] / (2 (1 - σₖ₋₁)(1 - σₖ))",
        "Cobham 1954",
        (Figure("mean wait of the urgent, days", expected[0]), Figure("mean wait of the others, days", expected[1])),
        replicate,
        either_engine=True,
    )


def order_of_service() -> Check:
    """M/M/c: the order among people alike changes the spread of their waits only."""
    servers, need, rate = 4, 2.0, 1.7
    wait = formulas.mean_wait(servers, rate, need)

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        delay, stay = rng.exponential(6.0, arrival.size), rng.exponential(need, arrival.size)
        place = 2 * np.flatnonzero(settled(arrival)) + 1
        waits, spreads = [], []
        for by_wait in (False, True):
            times = simulate(asked_for_later(arrival, delay, stay, servers, by_wait), run.engine)
            waits.append(float((times.entered - times.asked)[place].mean()))
            spreads.append((times.entered[place] - times.ready[place - 1]).std())
        return [*waits, float(spreads[1] < spreads[0])]

    return Check(
        "order_of_service",
        "M/M/4, first come first served against longest ready first, on the same people",
        "W does not depend on the order where it does not look at the length of service",
        "Kingman 1962; Kleinrock, Queueing Systems, volume 2, 1976",
        (
            Figure("mean wait by order of asking, days", wait),
            Figure("mean wait by longest ready, days", wait),
            Figure("share of replications with the smaller spread by longest ready", 1.0),
        ),
        replicate,
        either_engine=True,
    )


def lost_calls(sigma: float) -> Check:
    """M/G/c with no queue."""
    servers, need, rate = 6, 2.0, 2.5

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        stay = rng.lognormal(np.log(need) - sigma**2 / 2, sigma, arrival.size)
        return [lost(simulate(one_setting(arrival, stay, servers, patience=0.0), run.engine), arrival)]

    return Check(
        f"lost_{sigma:g}",
        f"M/G/6 with no queue; stays lognormal, sigma {sigma:g}",
        "B(c, a), whatever the distribution of the stay",
        "Erlang 1917; Sevastyanov 1957",
        (Figure("share turned away", formulas.erlang_b(servers, rate * need)),),
        replicate,
        either_engine=True,
    )


def found_full() -> Check:
    """Poisson arrivals see time averages."""
    servers, need, rate = 5, 2.0, 2.0
    share = formulas.erlang_b(servers, rate * need)

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        times = simulate(one_setting(arrival, rng.exponential(need, arrival.size), servers, patience=0.0), run.engine)
        by_people = lost(times, arrival)
        by_clock = full_for(times, servers, float(arrival[settled(arrival)][0]), arrival[-1])
        return [by_people - by_clock, by_clock]

    return Check(
        "found_full",
        "M/M/5 with no queue: people who find it full, and time in which it is",
        "Poisson arrivals see time averages: both are B(c, a)",
        "Wolff 1982",
        (
            Figure("share of people less share of time", 0.0, scale=share),
            Figure("share of time", share),
        ),
        replicate,
        either_engine=True,
    )


def found_busy() -> Check:
    """The same where people wait."""
    servers, need, rate = 4, 2.0, 1.4
    share = formulas.erlang_c(servers, rate * need)

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        times = simulate(one_setting(arrival, rng.exponential(need, arrival.size), servers), run.engine)
        counted = settled(arrival)
        by_people = float((times.entered > times.asked)[counted].mean())
        begun = float(arrival[counted][0])
        return [by_people - full_for(times, servers, begun, arrival[-1]), by_people]

    return Check(
        "found_busy",
        "M/M/4: people who find every place taken, and time in which they are",
        "Poisson arrivals see time averages: both are C(c, a)",
        "Wolff 1982",
        (Figure("share of people less share of time", 0.0, scale=share), Figure("share of people", share)),
        replicate,
        either_engine=True,
    )


def few_may_wait(servers: int, room: int) -> Check:
    """M/M/c/K: people keep a place in the waiting room until one falls free where they want to be."""
    need, rate = 1.0, 1.1 * servers

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        return [
            lost(
                simulate(waiting_room(arrival, rng.exponential(need, arrival.size), servers, room), run.engine), arrival
            )
        ]

    return Check(
        f"few_may_wait_{servers}_{room}",
        f"M/M/{servers}/{servers + room}: {servers} place(s), and a room in which {room} may wait",
        "P(K) of the birth and death process",
        "Kleinrock, Queueing Systems, volume 1, 1975",
        (Figure("share turned away", formulas.share_lost_with_room(servers, room, rate * need)),),
        replicate,
        either_engine=True,
    )


def fixed_patience() -> Check:
    """M/M/1 where all wait for the same time at most."""
    need, rate, patience = 1.0, 0.9, 2.0

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        plan = one_setting(arrival, rng.exponential(need, arrival.size), 1, patience=patience)
        return [lost(simulate(plan, run.engine), arrival)]

    return Check(
        "fixed_patience",
        "M/M/1 where everybody gives up after two mean stays",
        "(1 - a) a e / (1 - a² e), e = exp(-(1 - a) patience / s)",
        "Barrer 1957",
        (Figure("share that gives up", formulas.share_lost_with_fixed_patience(rate * need, patience / need)),),
        replicate,
        either_engine=True,
    )


def patience(servers: int, rate: float, mean_patience: float) -> Check:
    """M/M/c+M (Erlang A)."""
    need = 1.0
    known = formulas.impatient(servers, rate, need, mean_patience)

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        stay, waits_for = rng.exponential(need, arrival.size), rng.exponential(mean_patience, arrival.size)
        times = simulate(one_setting(arrival, stay, servers, patience=waits_for), run.engine)
        counted = settled(arrival)
        waits = (np.fmin(times.entered, times.refused) - times.asked)[counted]
        return [lost(times, arrival), float((waits > 0).mean()), float(waits.mean())]

    return Check(
        f"patience_{servers}_{rate:g}",
        f"M/M/{servers}+M: load {rate * need / servers:.0%} of the places, patience {mean_patience:g} mean stays",
        "birth and death process with death rate min(n, c) μ + (n - c)⁺ θ",
        "Palm 1957; Garnett, Mandelbaum and Reiman 2002",
        (
            Figure("share that gives up", known.share_lost),
            Figure("share that waits", known.share_waiting),
            Figure("mean wait of all, days", known.mean_wait),
        ),
        replicate,
        either_engine=True,
    )


def room_for_all(shape: str, draw: Callable[[np.random.Generator, int], np.ndarray], mean: float) -> Check:
    """M/G/infinity in the long run: a Poisson number of people."""
    rate = 3.0

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        times: Times = simulate(one_setting(arrival, draw(rng, arrival.size), None), run.engine)
        moments = np.arange(arrival[settled(arrival)][0], arrival[-1], 0.5)
        people = occupied(times, np.arange(arrival.size), moments)
        return [float(people.mean()), float(people.var())]

    return Check(
        f"room_for_all_{shape}",
        f"M/G/∞: no limit; stays {shape}, mean {mean:g} days",
        "Poisson with mean λ E[S], whatever the distribution of the stay",
        "Palm 1943; Riordan 1951",
        (Figure("mean number of people", rate * mean), Figure("variance of the number of people", rate * mean)),
        replicate,
        either_engine=True,
    )


CHECKS = (
    places_and_waits(1, 0.5),
    places_and_waits(4, 0.7),
    places_and_waits(20, 0.85),
    staff_and_waits(),
    one_member_of_staff(0.0),
    one_member_of_staff(0.6),
    priorities(places=True),
    priorities(places=False),
    priorities_of_fixed_work(),
    order_of_service(),
    lost_calls(0.0),
    lost_calls(0.5),
    lost_calls(1.2),
    found_full(),
    found_busy(),
    few_may_wait(1, 2),
    few_may_wait(3, 4),
    fixed_patience(),
    patience(4, 3.2, 1.0),
    patience(4, 5.0, 0.5),
    patience(1, 0.9, 3.0),
    room_for_all("exponential", lambda rng, size: rng.exponential(4.0, size), 4.0),
    room_for_all("lognormal", lambda rng, size: rng.lognormal(np.log(4.0) - 0.5, 1.0, size), 4.0),
)
"""All checks of this module."""
