"""Plans of textbook queues: many people alike, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dischargesim.plan.tables import NONE, People, Plan, Stays, Tasks, Times
from tests.hand_plans import INF, PlanByHand, table

DAYS = 20_000.0
WARM_UP = 300.0
AFTER = 400.0  # for those who come late to be served; nobody arrives then


def arrivals(rng: np.random.Generator, rate: float, days: float = DAYS) -> np.ndarray:
    """Moments of Poisson arrivals."""
    return np.sort(rng.random(rng.poisson(rate * days)) * days)


def settled(arrival: np.ndarray) -> np.ndarray:
    """Those who come after the warm-up; everybody if the run is no longer than that."""
    return arrival > (WARM_UP if arrival.size and arrival[-1] > WARM_UP else 0.0)


def line(
    pools: PlanByHand, arrival: np.ndarray, *stays: dict[str, float | np.ndarray], tasks: Tasks | None = None
) -> Plan:
    """Everybody has the same number of stays, one in each setting of the pools, in that order.

    Parameters
    ----------
    pools : PlanByHand
        With a setting for each stay, and teams.
    arrival : ndarray
        When each person comes.
    stays : dict
        Columns of the stays, a number or one a person.
    tasks : Tasks, optional
        The tasks of all stays; those of person p in stay s stand at row p * len(stays) + s.
    """
    people, steps = arrival.size, len(stays)
    rows = np.arange(people * steps)
    columns = {}
    for name in {name for stay in stays for name in stay}:
        usual = INF if name == "patience" else 0
        each = [np.broadcast_to(stay.get(name, usual), people) for stay in stays]
        columns[name] = np.stack(each, axis=1).ravel()
    last = rows % steps == steps - 1
    return replace(
        pools.plan(),
        people=table(People, people, arrival=arrival, first=steps * np.arange(people), number=np.arange(people)),
        stays=table(
            Stays,
            rows.size,
            person=rows // steps,
            setting=rows % steps,
            next=np.where(last, NONE, rows + 1),
            **columns,
        ),
        tasks=table(Tasks, 0) if tasks is None else tasks,
    )


def settings(*capacity: int | None, horizon: float = DAYS + AFTER) -> PlanByHand:
    """Settings of these capacities, None for no limit."""
    by_hand = PlanByHand(horizon=horizon)
    for places in capacity:
        by_hand.setting() if places is None else by_hand.setting(places)
    return by_hand


def one_setting(arrival: np.ndarray, need: np.ndarray, capacity: int | None, **columns: float | np.ndarray) -> Plan:
    """Everybody has one stay in the one setting."""
    return line(settings(capacity), arrival, {"need": need, **columns})


def one_team(
    arrival: np.ndarray,
    work: np.ndarray,
    staff: int,
    hours: list[tuple[float, float]] | None = None,
    horizon: float = DAYS + AFTER,
    **columns: float | np.ndarray,
) -> Plan:
    """Everybody has one task, and room to wait for it."""
    pools = settings(None, horizon=horizon)
    pools.team(staff, hours)
    rows = np.arange(arrival.size)
    return line(pools, arrival, {"need": 0.0}, tasks=table(Tasks, rows.size, stay=rows, team=0, work=work, **columns))


def waiting_room(arrival: np.ndarray, need: np.ndarray, servers: int, room: int) -> Plan:
    """Two stays each: in the waiting room, for no time at all unless there is a queue, and then where care is."""
    return line(settings(room, servers), arrival, {"need": 0.0, "patience": 0.0}, {"need": need})


def asked_for_later(
    arrival: np.ndarray, delay: np.ndarray, need: np.ndarray, servers: int, longest_ready_first: bool
) -> Plan:
    """Everybody is ready on arrival, somewhere with room for all, and asks for a place after a delay of their own."""
    pools = settings(None, servers)
    if longest_ready_first:
        pools.longest_ready_first(1)
    first = 2 * np.arange(arrival.size)
    tasks = table(Tasks, arrival.size, stay=first, team=NONE, work=delay)
    return line(pools, arrival, {"need": 0.0}, {"need": need}, tasks=tasks)


def tandem(
    arrival: np.ndarray, first: np.ndarray, second: np.ndarray, goes_on: np.ndarray, places: tuple[int, int], lost: bool
) -> Plan:
    """Everybody comes to the first setting; those who go on keep their place in it until the second has one."""
    plan = line(settings(*places), arrival, {"need": first, "patience": 0.0 if lost else INF}, {"need": second})
    onward = plan.stays.next.copy()
    onward[::2] = np.where(goes_on, onward[::2], NONE)
    return replace(plan, stays=replace(plan.stays, next=onward))


def lost(times: Times, arrival: np.ndarray) -> float:
    """Share of the people whose first stay was refused."""
    first = times.refused.size // arrival.size
    return float((~np.isnan(times.refused[::first]))[settled(arrival)].mean())


def occupied(times: Times, rows: np.ndarray, moments: Sequence[float] | np.ndarray) -> np.ndarray:
    """How many of the stays are held at each moment."""
    entered, left = np.sort(times.entered[rows]), np.sort(times.left[rows])
    come = np.searchsorted(entered[~np.isnan(entered)], moments, side="right")
    gone = np.searchsorted(left[~np.isnan(left)], moments, side="right")
    return np.asarray(come - gone)


def full_for(times: Times, capacity: int, start: float, end: float) -> float:
    """Share of the time between two moments in which so many places are held, of a system with one setting."""
    entered, left = (column[~np.isnan(column)] for column in (times.entered, times.left))
    moments = np.concatenate([[start], entered, left, [end]])
    steps = np.concatenate([[0], np.ones(entered.size), -np.ones(left.size), [0]])
    order = np.lexsort((steps, moments))
    inside, moments = np.cumsum(steps[order]), moments[order]
    length = np.diff(np.clip(moments, start, end))
    return float(length[inside[:-1] >= capacity].sum() / (end - start))
