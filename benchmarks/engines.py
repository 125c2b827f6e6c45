"""How fast are the engines? A synthetic year of a hospital, timed in both.

    python -m benchmarks.engines             # all figures, a quarter of a minute
    python -m benchmarks.engines --no-simpy  # the compiled engine only

The functions take any plan, so a real one can be timed in the same way.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from dischargesim.engine import compiled_engine, simpy_engine
from dischargesim.engine.agenda import exercise, new_agenda
from dischargesim.plan.check import check_plan
from dischargesim.plan.tables import FROM_READY, NONE, People, Plan, Pools, Reviews, Stays, Tasks
from tests.hand_plans import table

YEAR = 365.0
PEOPLE = 32_000
SEED = 20_240_401
WARD, REHAB, SUPPORT, CARE_HOME = range(4)  # settings
DAYTIME, WEEKDAYS = range(2)  # calendars


def synthetic_plan(people: int = PEOPLE, seed: int = SEED) -> Plan:
    """A year in which every rule of the engines is at work: 1.3 stays and 2.5 tasks a person, four settings
    that are about nine tenths full, six teams with hours, patience, priorities, move-in hours and reviews."""
    rng = np.random.default_rng(seed)
    arrival = np.sort(rng.random(people) * YEAR)
    count = 1 + (rng.random(people) < 0.26) + (rng.random(people) < 0.05)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    size = int(count.sum())
    person = np.repeat(np.arange(people), count)
    place = np.arange(size) - first[person]  # first, second or third stay of the person
    last = place == count[person] - 1
    stays = _stays(rng, person, place, last)
    return Plan(
        horizon=YEAR,
        people=table(People, people, arrival=arrival, first=first, number=np.arange(people)),
        stays=stays,
        tasks=_tasks(rng, stays, place),
        pools=_pools(rng, people / PEOPLE),
        reviews=table(
            Reviews, 365, time=np.arange(365) + 0.4, step=10, most=60, open_waiting=20, open_share=2.0, close_share=2.0
        ),
    )


def _stays(rng: np.random.Generator, person: np.ndarray, place: np.ndarray, last: np.ndarray) -> Stays:
    size = person.size
    setting = np.where(place == 0, WARD, rng.choice([REHAB, SUPPORT, CARE_HOME], size, p=[0.3, 0.5, 0.2]))
    mean = np.array([5.0, 21.0, 28.0, 60.0])[setting]
    fussy = (place > 0) & (rng.random(size) < 0.3)
    onward = np.where(last, NONE, np.arange(size) + 1)
    return table(
        Stays,
        size,
        person=person,
        setting=setting,
        units=np.where(setting == SUPPORT, rng.integers(1, 5, size), 1),
        need=rng.exponential(mean),
        priority=rng.integers(0, 3, size),
        patience=np.where(fussy, rng.exponential(10.0, size), np.inf),
        next=np.where((place == 1) & fussy, NONE, onward),
        otherwise=np.where((place == 1) & fussy, onward, NONE),
    )


def _tasks(rng: np.random.Generator, stays: Stays, place: np.ndarray) -> Tasks:
    count = np.where(place == 0, rng.integers(1, 4, place.size), 1) + (rng.random(place.size) < 0.16)
    size = int(count.sum())
    stay = np.repeat(np.arange(place.size), count)
    number = np.arange(size) - np.repeat(np.cumsum(count) - count, count)  # within the stay
    return table(
        Tasks,
        size,
        stay=stay,
        team=rng.integers(NONE, 6, size),
        work=rng.exponential(0.05, size),
        after=np.where((number > 0) & (rng.random(size) < 0.6), np.arange(size) - 1, NONE),
        starts=np.where(rng.random(size) < 0.5, rng.normal(-0.5, 1.0, size), 0.0),
        anchor=np.where(rng.random(size) < 0.7, FROM_READY, 0),
        priority=rng.integers(0, 2, size),
    )


def _pools(rng: np.random.Generator, scale: float) -> Pools:
    places = np.array([610, 165, 920, 290]) * scale
    staff = np.array([6, 9, 9, 6, 9, 9]) * scale
    capacity = np.concatenate([places, staff]).round()
    days = np.arange(1, 365)
    moments = np.repeat(np.arange(365.0), capacity.size)
    pool = np.tile(np.arange(capacity.size), 365)
    level = np.concatenate([capacity, (np.tile(capacity, days.size) * rng.uniform(0.95, 1.0, days.size * 10)).round()])
    opens = np.concatenate([np.arange(365) + 1 / 3, days[days % 7 < 5] + 0.375])
    closes = np.concatenate([np.arange(365) + 5 / 6, days[days % 7 < 5] + 17 / 24])
    return Pools(
        settings=4,
        names=("ward", "rehab", "support", "care home", *(f"team {team}" for team in range(6))),
        calendar=np.array([NONE, DAYTIME, NONE, WEEKDAYS, DAYTIME, *[WEEKDAYS] * 5], dtype=np.int32),
        change_time=moments,
        change_pool=pool.astype(np.int32),
        change_capacity=level.astype(np.int64),
        calendar_start=np.array([0, 365, opens.size], dtype=np.int32),
        opens=opens,
        closes=closes,
    )


def seconds(function: Callable[[], Any], times: int = 5) -> float:
    """Median time of a call, after one that does not count."""
    function()
    spent = []
    for _ in range(times):
        start = perf_counter()
        function()
        spent.append(perf_counter() - start)
    return median(spent)


def simpy_figures(plan: Plan) -> dict[str, float]:
    """Seconds a run, and microseconds a person, in SimPy."""
    run = seconds(lambda: simpy_engine.run(plan))
    return {"seconds": run, "microseconds a person": run / plan.people.arrival.size * 1e6}


def compiled_figures(plan: Plan) -> dict[str, float]:
    """Seconds a run, nanoseconds an event and a person, in the compiled engine."""
    events = compiled_engine.run_counted(plan)[1]
    run = seconds(lambda: compiled_engine.run(plan))
    people = plan.people.arrival.size
    return {"seconds": run, "events": events, "ns an event": run / events * 1e9, "ns a person": run / people * 1e9}


def agenda_figures(events: int, pending: int) -> dict[str, float]:
    """What filing and finding as many events costs by itself: nothing happens when they come up."""
    rng = np.random.default_rng(SEED)
    delays = rng.exponential(YEAR * pending / events, events)

    def run() -> None:
        exercise(new_agenda(YEAR, events, events // 2), delays, pending)

    return {"ns an event": seconds(run) / events * 1e9}


def same(plan: Plan) -> bool:
    """Whether both engines give the same times, and as many events."""
    (one, events), (other, other_events) = simpy_engine.run_counted(plan), compiled_engine.run_counted(plan)
    columns = [(getattr(one, name), getattr(other, name)) for name in one.__slots__]
    return events == other_events and all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in columns)


def _show(title: str, figures: dict[str, float]) -> None:
    print(f"{title:<38}" + "  ".join(f"{name} {value:,.3g}" for name, value in figures.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-simpy", action="store_true", help="time the compiled engine only")
    options = parser.parse_args()
    plan = synthetic_plan()
    print(f"{plan.people.arrival.size:,} people, {plan.stays.person.size:,} stays, {plan.tasks.stay.size:,} tasks")
    start = perf_counter()
    compiled_engine.run(plan)
    _show("compiled: first run, loading included", {"seconds": perf_counter() - start})
    _show("check_plan", {"milliseconds": seconds(lambda: check_plan(plan)) * 1e3})
    once = compiled_figures(plan)
    _show("compiled", once)
    _show("agenda alone", agenda_figures(int(once["events"]), pending=5_000))
    sixteen = compiled_figures(synthetic_plan(16 * PEOPLE))
    _show("compiled, 16 times the people", sixteen)
    _show("growth", {"time a person, against once": sixteen["ns a person"] / once["ns a person"]})
    if not options.no_simpy:
        in_simpy = simpy_figures(plan)
        _show("SimPy", in_simpy)
        _show("SimPy / compiled", {"times": in_simpy["seconds"] / once["seconds"], "same": same(plan)})


if __name__ == "__main__":
    main()
