"""Places in line, places with people in them at the start, and teams with hours: known by other means than simulation,
or by a simulation of a few lines that has nothing in common with the engines.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import astuple, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from dischargesim import draw_plan, load_scenario, simulate
from dischargesim.measures import measure_index, measure_values
from dischargesim.plan.codes import Label
from dischargesim.scenario.schema import Scenario
from tests.theory.formulas import Tandem, TandemFigures, impatient
from tests.theory.plans import AFTER, arrivals, one_team, settled, tandem
from tests.theory.queues import days_of
from tests.verification.check import Check, Figure, Run
from tests.worlds import world

HERE = Path(__file__).parent
TITLES = {
    "refused": "share refused",
    "delayed": "share of the onward-bound who are delayed",
    "mean_delay": "mean delay of the onward-bound, days",
    "blocked": "places held by people who are done",
    "mean_wait": "mean wait to come in, days",
}
AS_CHAIN = "Markov chain of (in treatment or waiting, bound for the second or in it), solved in the test"
BLOCKING = "Perros, Queueing Networks with Blocking, 1994 (blocking after service); Stewart 1994 for the solution"


def in_line(
    rate: float, first_days: float, second_days: float, share: float, places: tuple[int, int], waits: bool
) -> Check:
    """Two settings in line, from a plan by hand."""
    chain = Tandem(rate, first_days, second_days, share, *places, room=150 if waits else 0)
    names = [f.name for f in fields(TandemFigures) if f.name != ("refused" if waits else "mean_wait")]
    known = chain.figures()

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        arrival = arrivals(rng, rate, days_of(run))
        size = arrival.size
        first, second = rng.exponential(first_days, size), rng.exponential(second_days, size)
        goes_on = rng.random(size) < share
        times = simulate(tandem(arrival, first, second, goes_on, places, lost=not waits), run.engine)
        counted = settled(arrival)
        refused = ~np.isnan(times.refused[::2])
        done = counted & goes_on & ~np.isnan(times.ready[::2])
        delay = (times.left[::2] - times.ready[::2])[done]
        found = {
            "refused": float(refused[counted].mean()),
            "delayed": float((delay > 0).mean()),
            "mean_delay": float(np.nanmean(delay)),
            "blocked": float(np.nansum(delay) / (arrival[-1] - arrival[counted][0])),
            "mean_wait": float(np.nanmean((times.entered - times.asked)[::2][counted])),
        }
        return [found[name] for name in names]

    how = "those who find it full wait" if waits else "those who find it full are lost"
    return Check(
        f"in_line_{places[0]}_{places[1]}_{'waits' if waits else 'lost'}",
        f"{places[0]} place(s), {how}; then {places[1]}, for {share:.0%} of the people, who keep theirs until then",
        AS_CHAIN,
        BLOCKING,
        tuple(Figure(TITLES[name], getattr(known, name)) for name in names),
        replicate,
        replications=100,
        sharpest=0.03,
        either_engine=True,
    )


@lru_cache
def chain_scenario(name: str) -> Scenario:
    """A system of the folder of these tests."""
    return load_scenario([f"system={name}"], HERE)


def chain_of(scenario: Scenario) -> Tandem:
    """What the YAML says, and nothing that it does not."""
    cohort, rehab = scenario.cohorts["everyone"], scenario.pathways["P2"].next["rehab"]
    beds, p2_beds = scenario.settings["acute"].capacity, scenario.settings["rehab"].capacity
    rate = cohort.arrivals.per_day
    assert isinstance(beds, int) and isinstance(p2_beds, int) and rate is not None
    return Tandem(rate, cohort.stay_days.mean(), rehab.stay_days.mean(), cohort.pathways["P2"], beds, p2_beds)


def chain_figures(scenario: Scenario, replication: int) -> list[float]:
    """From measures, apart from the share delayed at all, for which there is none."""
    plan = draw_plan(scenario, replication)
    times = simulate(plan, "compiled")
    values = dict(
        zip([(row.measure, row.group) for row in measure_index(scenario)], measure_values(plan, times), strict=True)
    )
    bound = (plan.stays.label == Label.ADMISSION) & (plan.stays.pathway == list(scenario.pathways).index("P2"))
    bound &= (times.ready >= scenario.run.warm_up_days) & (times.ready < plan.horizon)
    return [
        values["cancellations", "all"] * scenario.run.days / 7 / values["people_arrived", "all"],
        float((~(times.left[bound] == times.ready[bound])).mean()),
        values["nctr_delay_mean", "pathway=P2"],
        values["setting_queue", "setting=rehab"],
    ]


def whole_line(name: str, centuries: int) -> Check:
    """The whole way from YAML to measures, so many centuries a replication: where places suffice, few are refused."""

    def replicate(run: Run) -> list[float]:
        numbers = range(centuries * run.number, centuries * (run.number + 1))
        return np.mean([chain_figures(chain_scenario(name), number) for number in numbers], axis=0).tolist()

    scenario = chain_scenario(name)
    return Check(
        name,
        f"{scenario.system.title} (tests/theory/system/{name}.yaml), from YAML to measures",
        AS_CHAIN,
        BLOCKING,
        tuple(
            Figure(title, figure)
            for title, figure in zip(list(TITLES.values())[:4], astuple(chain_of(scenario).figures())[:4], strict=True)
        ),
        replicate,
    )


FLOW = {"monday": 0.4, "tuesday": 1.2, "wednesday": 1.4, "thursday": 1.1, "friday": 1.6, "saturday": 0.9, "sunday": 0.4}
MEAN, MEDIAN, PER_DAY, START = 14.0, 9.0, 3.0, 80
MOMENTS = (1, 6, 20, 60)


def with_people_in(remaining: str) -> Scenario:
    """Referrals by weekday to places without limit, and people in them at the start."""
    return world(
        {
            "settings": {"acute": {"capacity": "unlimited"}, "rehab": {"capacity": "unlimited"}},
            "pathways": {"P2": {"tasks": None, "next": {"rehab": {"stay_days": lognormal()}}}},
            "cohorts": {
                "other": None,
                "frail": {
                    "arrivals": {"per_day": PER_DAY, "weekdays": FLOW},
                    "stay_days": {"kind": "constant", "value": 0},
                    "pathways": {"P0": None, "P1": None, "P2": 1.0, "P3": None, "died": None},
                },
            },
            "start": {"rehab": {"people": START, "remaining": remaining}},
            "run": {"days": max(MOMENTS), "warm_up_days": 0, "seed": 3},
        }
    )


def lognormal() -> dict[str, Any]:
    """A stay of many lengths."""
    return {"kind": "lognormal", "mean": MEAN, "median": MEDIAN}


def expected_people(remaining: str, moment: int) -> tuple[float, float]:
    """Mean and variance of the people in at the end of a day, by numerical integration.

    People who came since the start are a Poisson number; of those who were in, each is still in by themselves.
    """
    from scipy import integrate, stats

    stay = stats.lognorm(np.sqrt(2 * np.log(MEAN / MEDIAN)), scale=MEDIAN)
    weights = np.array(list(FLOW.values())) / np.mean(list(FLOW.values()))  # the first day is a Monday
    come = sum(
        PER_DAY * weights[day % 7] * integrate.quad(stay.sf, moment - day - 1, moment - day)[0] for day in range(moment)
    )
    if remaining == "uniform":
        # Even on (1, X): beyond t with probability (X - t) / (X - 1).
        still = integrate.quad(
            lambda x: stay.pdf(x) * (x - moment) / (x - 1), max(moment, 1 + 1e-9), np.inf, limit=500
        )[0]
    else:
        still = integrate.quad(stay.sf, moment, np.inf)[0] / MEAN
    return START * still + come, START * still * (1 - still) + come


def people_in_at_the_start(remaining: str) -> Check:
    """M(t)/G/infinity with people in it at time 0."""
    scenario = with_people_in(remaining)
    known = [expected_people(remaining, moment) for moment in MOMENTS]

    def replicate(run: Run) -> list[float]:
        plan = draw_plan(scenario, run.number)
        times = simulate(plan, "compiled")
        here = plan.stays.setting == plan.pools.names.index("rehab")
        inside = [float((here & (times.entered <= t) & ~(times.left <= t)).sum()) for t in MOMENTS]
        spread = [(now - mean) ** 2 for now, (mean, _) in zip(inside, known, strict=True)]
        return [*inside, *spread[1:3]]

    how = {"uniform": "even on (1, X)", "survival_weighted": "that of stays met on a random day"}[remaining]
    return Check(
        f"people_in_{remaining}",
        f"M(t)/G/∞ by weekday, from a scenario; {START} people in at the start, what is left of their stays {how}",
        "E N(t) = n P(R > t) + ∫ λ(u) P(S > t - u) du; Var N(t) = n P(R > t) P(R ≤ t) + the same integral",
        "Palm 1943; Eick, Massey and Whitt 1993; Cox, Renewal Theory, 1962 (for R)",
        (
            *(Figure(f"people in after {t} day(s)", mean) for t, (mean, _) in zip(MOMENTS, known, strict=True)),
            *(Figure(f"variance after {t} days", known[k][1]) for k, t in ((1, MOMENTS[1]), (2, MOMENTS[2]))),
        ),
        replicate,
        replications=4_000,
        sharpest=0.025,
    )


def deaths_while_waiting() -> Check:
    """M/M/c+M from a scenario: people wait for a bed of a P2 unit, and die at an even rate while they wait."""
    servers, rate, stay, per_day = 6, 0.9, 8.0, 0.1
    scenario = world(
        {
            "settings": {"acute": {"capacity": "unlimited"}, "rehab": {"capacity": servers}},
            "pathways": {
                "P2": {"tasks": None, "next": {"rehab": {"stay_days": {"kind": "exponential", "mean": stay}}}},
            },
            "cohorts": {
                "other": None,
                "frail": {
                    "arrivals": {"per_day": rate},
                    "stay_days": {"kind": "exponential", "mean": 4.0},
                    "pathways": {"P0": None, "P1": None, "P2": 1.0, "P3": None, "died": None},
                    "while_delayed": {"death_per_day": per_day},
                },
            },
            "run": {"days": 4_000, "warm_up_days": 200, "seed": 9},
        }
    )
    known = impatient(servers, rate, stay, 1 / per_day)
    index = [(row.measure, row.group) for row in measure_index(scenario)]

    def replicate(run: Run) -> list[float]:
        plan = draw_plan(scenario, run.number)
        values = dict(zip(index, measure_values(plan, simulate(plan, "compiled")), strict=True))
        died = values["delayed_outcomes", "outcome=death"]
        ready = values["nctr_ready", "all"] * scenario.run.days
        return [died / ready, values["nctr_delay_mean", "all"], values["setting_queue", "setting=rehab"]]

    return Check(
        "deaths_while_waiting",
        "M/M/6+M from YAML to measures: people ready for one of six beds, who die at an even rate while they wait",
        "birth and death process with death rate min(n, c) μ + (n - c)⁺ θ",
        "Palm 1957; Garnett, Mandelbaum and Reiman 2002",
        (
            Figure("share who die waiting", known.share_lost),
            Figure("mean delay, days", known.mean_wait),
            Figure("people waiting", known.mean_wait * rate),
        ),
        replicate,
        replications=150,
    )


WEEKS = 120
HOURS = [(7.0 * week + day + 9 / 24, 7.0 * week + day + 17 / 24) for week in range(WEEKS + 60) for day in range(5)]


def worked_on(queued: Sequence[float], work: Sequence[float], staff: int) -> np.ndarray:
    """When each task is taken up and done by a team that works on weekdays from nine to five.

    Reckoned by the team's own clock, which runs in working hours only: there it is an ordinary queue, in which whoever
    comes next goes to the member of staff who is free first (Kiefer and Wolfowitz 1955).
    """

    def own(moment: float) -> float:
        week, rest = divmod(moment, 7)
        day, time = divmod(rest, 1)
        return (5 * week + min(day, 5) + (min(max(time - 9 / 24, 0), 8 / 24) * 3 if day < 5 else 0)) / 3

    def by_the_wall(moment: float, opening: bool) -> float:
        days, part = divmod(moment * 3, 1)
        if part < 1e-9 and not opening:
            days, part = days - 1, 1.0
        week, day = divmod(days, 5)
        return float(7 * week + day + 9 / 24 + part * 8 / 24)

    free = [0.0] * staff
    found = []
    for came, days in zip(queued, work, strict=True):
        begin = max(heapq.heappop(free), own(came))
        heapq.heappush(free, begin + days)
        inside = begin == own(came) and any(
            a <= came < b for a, b in HOURS[5 * int(came // 7) : 5 * int(came // 7) + 5]
        )
        found.append((came if inside else by_the_wall(begin, opening=True), by_the_wall(begin + days, opening=False)))
    return np.array(found)


def team_with_hours(staff: int, use: float) -> Check:
    """A team that works on weekdays from nine to five, for people who come at any hour."""
    mean = 1.5 / 24
    rate = use * staff * 5 / 7 / 3 / mean

    def replicate(run: Run) -> list[float]:
        rng = run.rng()
        days = 7.0 * WEEKS if run.days is None else run.days
        arrival = arrivals(rng, rate, days)
        work = rng.gamma(1.5, mean / 1.5, arrival.size)
        plan = one_team(arrival, work, staff, HOURS, horizon=days + AFTER)
        times = simulate(plan, run.engine)
        known = worked_on(arrival, work, staff)
        differ = np.abs(np.column_stack([times.started, times.done]) - known).max()
        waits = known[:, 0] - arrival
        return [float((times.started - arrival).mean() / waits.mean()), float(differ)]

    return Check(
        f"team_with_hours_{staff}",
        f"A team of {staff} that works on weekdays from nine to five and pauses in between; used {use:.0%}",
        "start = max(own clock at arrival, earliest end of a task in hand), by a clock that runs in working hours",
        "a simulation of 20 lines in the test; Kiefer and Wolfowitz 1955",
        (
            Figure("mean wait, as a multiple of that of the other simulation", 1.0, rounding=1e-9),
            Figure("largest difference of any moment, days", 0.0, rounding=1e-7, scale=1.0),
        ),
        replicate,
        either_engine=True,
    )


CHECKS = (
    in_line(0.5, 1.0, 1.2, 1.0, (1, 1), waits=True),
    in_line(0.9, 1.0, 2.0, 0.4, (2, 1), waits=True),
    in_line(1.6, 1.5, 1.0, 1.0, (4, 3), waits=True),
    in_line(1.0, 1.0, 1.0, 1.0, (1, 1), waits=False),
    in_line(2.0, 1.5, 2.0, 0.6, (5, 3), waits=False),
    whole_line("chain_a", centuries=4),
    whole_line("chain_b", centuries=1),
    people_in_at_the_start("survival_weighted"),
    people_in_at_the_start("uniform"),
    deaths_while_waiting(),
    team_with_hours(1, 0.7),
    team_with_hours(3, 0.9),
)
"""All checks of this module."""
