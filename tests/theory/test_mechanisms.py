"""Every mechanism moves what it should and nothing else: pairs of hospitals with the same people.

Each row of the table names a mechanism, two hospitals that differ in it alone, which figures must rise or fall
(paired differences over replications with common random numbers), which must not change in the last bit, and for
whom anything may be drawn differently.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

import numpy as np
import pytest

from dischargesim.engine import simulate
from dischargesim.measures import measure_index, measure_values
from dischargesim.plan.draw import draw_plan
from dischargesim.scenario.schema import Scenario
from tests.worlds import Fate, changed_people, nested, world

REPLICATIONS = 16
AGREE = 14  # of 16 by chance: one in five hundred
LIMIT = 2.6  # t of 15 degrees of freedom: one in a hundred if nothing moves, and the pairs are the same ever after
Figures = dict[tuple[str, str], float]
MayChange = Callable[[Fate], bool]

ROOM = nested("settings.acute.capacity", "unlimited")
"""Nobody waits for a bed, so what happens to one pathway does not reach the others."""
ENOUGH = nested("teams", {"ward": {"staff": "unlimited"}, "hub": {"staff": "unlimited"}})
"""Nobody waits for a team either, so one task more or less reaches nobody else."""
TIGHT = nested("settings.acute.capacity", 62)
FEW_PLACES = nested("settings.rehab.capacity", 12)
FEW_VISITS = nested("settings.support.capacity", 62)
BUSY_HUB = nested("teams.hub.staff", 1)
LATE_DECISION = {
    "tasks": {"medicines": {"elapsed_days": {"kind": "exponential", "mean": 3}}},
    "pathways": {"P1": {"tasks": {"decision": {"after": "medicines"}, "medicines": {"after": None}}}},
}
"""People who need support come to the hub days after being ready, and the others at once."""
RISKS = {"setback_days": {"kind": "exponential", "mean": 4}}
WARD = {
    "settings": {"ward": {"title": "Ward", "kind": "virtual_ward", "capacity": 4}},
    "services": {
        "ward": {
            "title": "Virtual ward",
            "setting": "ward",
            "eligible": {"frail": 0.25},
            "succeeds": 0.8,
            "stay_days": {"kind": "exponential", "mean": 6},
            "fails_after_days": 2,
        }
    },
}
RESIDENTS = nested(
    "cohorts.residents",
    {
        "title": "Care-home residents",
        "arrivals": {"per_day": 1.5},
        "stay_days": {"kind": "exponential", "mean": 5},
        "pathways": {"P0": 1.0},
    },
)
FROM_HOME = {
    "settings": {"community": {"title": "At home", "kind": "home", "capacity": "unlimited"}},
    "pathways": {
        "from_home": {
            "title": "Rehab from home",
            "next": {"rehab": {"stay_days": {"kind": "lognormal", "mean": 20, "median": 14}}},
        }
    },
}
REFERRALS = nested(
    "cohorts.referred",
    {
        "title": "Referred from home",
        "setting": "community",
        "arrivals": {"per_day": 0.3},
        "stay_days": 0,
        "pathways": {"from_home": 1.0},
    },
)
LONG_TERM = nested(
    "pathways.P2.next.rehab.next",
    {"care_home": {"share": 0.5, "stay_days": {"kind": "exponential", "mean": 60}, "permanent": True}},
)
STAFF = {"posts": 20, "hours_a_week": 35, "visit_minutes": 40, "travel_minutes": 30}


def trusted(coverage: float) -> dict[str, Any]:
    hours = {"kind": "triangular", "low": 1.5, "mode": 3, "high": 5}
    whole = {"coverage": coverage, "task": "home_assessment", "team": "assessors", "work_hours": hours}
    return nested("trusted_assessors", whole)


def nobody(fate: Fate) -> bool:
    return False


def on(*pathways: str) -> MayChange:
    """People who need one of the pathways."""
    return lambda fate: fate.needed in pathways


def of(*cohorts: str) -> MayChange:
    return lambda fate: fate.cohort in cohorts


def pathway(measure: str, *names: str) -> list[tuple[str, str]]:
    return [(measure, f"pathway={name}") for name in names]


@dataclass(frozen=True)
class Pair:
    """Two hospitals, and what the difference between them does."""

    before: list[dict[str, Any]]
    after: list[dict[str, Any]]
    rise: list[tuple[str, str]] = field(default_factory=list)
    fall: list[tuple[str, str]] = field(default_factory=list)
    same: list[tuple[str, str]] = field(default_factory=list)
    may_change: MayChange = nobody
    come_or_go: MayChange = nobody


DELAY, WAIT = "nctr_delay_mean", "setting_wait_mean"

PAIRS: dict[str, Pair] = {
    "trusted assessors": Pair(
        [ROOM, trusted(0.0)],
        [trusted(0.7)],
        rise=[("team_utilisation", "team=assessors")],
        fall=[*pathway(DELAY, "P3"), ("nctr_bed_days_lost", "family=interface_process")],
        same=[*pathway(DELAY, "P0", "P1", "P2"), ("team_utilisation", "team=hub"), (WAIT, "setting=support")],
        may_change=on("P3"),
    ),
    "discharge to assess": Pair(
        [ROOM],
        [nested("discharge_to_assess", {"share": 1.0, "pathways": ["P2"]})],
        fall=[*pathway(DELAY, "P2"), ("nctr_bed_days_lost", "family=care_transfer_hub")],
        same=[*pathway(DELAY, "P0"), ("people_arrived", "all"), *pathway("nctr_ready", "P1", "P2")],
        may_change=on("P2"),
    ),
    "planning ahead": Pair(
        [ROOM],
        [nested("tasks.decision.starts_days", -0.5)],
        fall=pathway(DELAY, "P0", "P1"),
        same=[("nctr_ready", "all"), ("people_arrived", "all")],
        may_change=lambda fate: fate.needed != "died",
    ),
    "escalation beds": Pair(
        [TIGHT],
        [nested("settings.acute.escalation", {"beds": 12, "step": 4, "open_waiting": 1, "close_occupancy": 0.85})],
        rise=[("beds_open", "all")],
        fall=[("bed_wait_mean", "all")],
        same=[("people_arrived", "all"), ("setting_capacity", "setting=rehab")],
    ),
    "winter beds": Pair(
        [TIGHT],
        [nested("settings.acute.capacity_changes", {"2024-04-15": 80, "2024-06-15": 62})],
        rise=[("beds_open", "all")],
        fall=[("bed_wait_mean", "all")],
        same=[("people_arrived", "all")],
    ),
    "virtual ward": Pair(
        [TIGHT],
        [WARD],
        fall=[("bed_wait_mean", "all"), ("beds_occupied", "all")],
        same=[("people_arrived", "all")],
        may_change=of("frail"),
    ),
    "places of the virtual ward": Pair(
        [ROOM, WARD],
        [nested("settings.ward.capacity", 9)],
        rise=[
            ("avoided_net", "service=ward"),
            ("avoided_bed_days", "service=ward"),
            ("setting_people", "setting=ward"),
        ],
        fall=[("avoided_refused", "service=ward"), ("beds_occupied", "all")],
        same=[("people_arrived", "all")],
    ),
    "in-reach to care homes": Pair(
        [ROOM, ENOUGH, RESIDENTS, WARD, nested("services.ward.eligible", {"frail": 0.0, "residents": 0.0})],
        [nested("services.ward.eligible", {"residents": 0.4})],
        rise=[("avoided_net", "service=ward")],
        fall=[("nctr_ready", "cohort=residents"), ("beds_occupied", "all")],
        same=[("nctr_ready", "cohort=frail"), ("nctr_ready", "cohort=other"), *pathway(DELAY, "P2", "P3")],
        may_change=of("residents"),
    ),
    "step-up takes the visits of discharges": Pair(
        [ROOM, ENOUGH, FEW_VISITS],
        [
            nested(
                "services.step_up",
                {
                    "title": "Step-up",
                    "setting": "support",
                    "units": 4,
                    "eligible": {"other": 0.5},
                    "succeeds": 0.8,
                    "stay_days": 6,
                    "fails_after_days": 2,
                },
            )
        ],
        rise=[*pathway(DELAY, "P1"), (WAIT, "setting=support")],
        same=[*pathway(DELAY, "P2", "P3"), ("people_arrived", "all")],
        may_change=of("other"),
    ),
    "community demand": Pair(
        [ROOM, FEW_PLACES, FROM_HOME],
        [REFERRALS],
        rise=[*pathway(DELAY, "P2"), (WAIT, "setting=rehab"), ("setting_occupancy", "setting=rehab")],
        same=[*pathway(DELAY, "P0", "P1", "P3"), ("nctr_ready", "all")],
        come_or_go=of("referred"),
    ),
    "community demand that comes first": Pair(
        [ROOM, FEW_PLACES, FROM_HOME, REFERRALS],
        [nested("cohorts.referred.priority", 10)],
        rise=pathway(DELAY, "P2"),
        same=[*pathway(DELAY, "P0", "P1", "P3"), ("nctr_ready", "all")],
        may_change=of("referred"),
    ),
    "a rate effect": Pair(
        [ROOM, WARD],
        [nested("cohorts.frail.arrivals.effects", {"gp": {"title": "GP in care homes", "ratio": 0.8}})],
        fall=[("people_arrived", "all"), ("beds_occupied", "all")],
        same=[("nctr_ready", "cohort=other")],
        come_or_go=of("frail"),
    ),
    "a surge": Pair(
        [TIGHT],
        [
            nested(
                "cohorts.frail.arrivals.surges",
                {"flu": {"title": "Flu", "first_day": "2024-04-20", "last_day": "2024-05-10", "ratio": 1.5}},
            )
        ],
        rise=[("people_arrived", "all"), ("bed_wait_mean", "all")],
        come_or_go=of("frail"),
    ),
    "sent too high": Pair(
        [ROOM],
        [nested("pathways.P1.over_prescribed", {"share": 0.4, "to": "P2"})],
        rise=[("setting_people", "setting=rehab")],
        fall=[("setting_people", "setting=support")],
        same=[*pathway("nctr_ready", "P0", "P3"), ("people_arrived", "all")],
        may_change=on("P1"),
    ),
    "found by a review": Pair(
        [ROOM, nested("pathways.P1.over_prescribed", {"share": 0.4, "to": "P2"})],
        [nested("pathways.P1.over_prescribed", {"found": 0.8, "found_after_days": 4})],
        rise=[("setting_people", "setting=support")],
        fall=[("setting_people", "setting=rehab")],
        same=[("nctr_ready", "all")],
        may_change=on("P1"),
    ),
    "right-sizing": Pair(
        [ROOM, FEW_VISITS],
        [nested("pathways.P1.next.support.review", {"after_days": 2, "finds": 0.6, "saves": 0.5})],
        fall=[("setting_in_use", "setting=support"), *pathway(DELAY, "P1")],
        same=[*pathway(DELAY, "P0", "P2", "P3"), ("nctr_ready", "all")],
        may_change=on("P1"),
    ),
    "priority of a pathway": Pair(
        [ROOM, FEW_PLACES, nested("pathways.P3.next", {"care_home": None, "rehab": {"stay_days": 12}})],
        [nested("pathways.P3.priority", -50)],
        rise=pathway(DELAY, "P2"),
        fall=pathway(DELAY, "P3"),
        same=[*pathway("nctr_ready", "P2", "P3"), ("people_arrived", "all")],
        may_change=on("P3"),
    ),
    "places to whoever has been ready for longest": Pair(
        [ROOM, FEW_PLACES, nested("pathways.P3.next", {"care_home": None, "rehab": {"stay_days": 12}})],
        [nested("settings.rehab.queue", "longest_ready")],
        rise=pathway(DELAY, "P2"),
        fall=pathway(DELAY, "P3"),  # they ask four days later, after the home's assessment
        same=[*pathway(DELAY, "P0", "P1"), *pathway("nctr_ready", "P2", "P3"), ("people_arrived", "all")],
    ),
    "a team takes whoever has been ready for longest": Pair(
        [ROOM, BUSY_HUB, LATE_DECISION],
        [nested("teams.hub.queue", "longest_ready")],
        rise=pathway(DELAY, "P2"),
        fall=pathway(DELAY, "P1"),
        same=[*pathway(DELAY, "P0"), *pathway("nctr_ready", "P1", "P2", "P3"), ("people_arrived", "all")],
    ),
    "switching pathway": Pair(
        [ROOM, ENOUGH, FEW_PLACES],
        [nested("pathways.P2.switch", {"to": "P1", "after_days": 3, "share": 0.7})],
        rise=[("setting_people", "setting=support"), ("delayed_outcomes", "outcome=switch")],
        fall=[(WAIT, "setting=rehab")],
        same=[*pathway(DELAY, "P3"), ("people_arrived", "all")],
        may_change=on("P2"),
    ),
    "deaths while delayed": Pair(
        [ROOM, FEW_PLACES],
        [nested("cohorts.frail.while_delayed", {"death_per_day": 0.05})],
        rise=[("delayed_outcomes", "outcome=death")],
        fall=pathway(DELAY, "P2"),
        same=[("people_arrived", "all")],
        may_change=of("frail"),
    ),
    "setbacks": Pair(
        [ROOM, FEW_PLACES],
        [nested("cohorts.frail.while_delayed", {**RISKS, "setback_per_day": 0.1})],
        rise=[("delayed_outcomes", "outcome=setback"), ("beds_occupied", "all")],
        same=[("people_arrived", "all")],
        may_change=of("frail"),
    ),
    "recovery while waiting": Pair(
        [ROOM, ENOUGH, FEW_PLACES, nested("pathways.P2.recovers_to", "P1")],
        [nested("cohorts.frail.while_delayed", {"recovery_per_day": 0.1})],
        rise=[("delayed_outcomes", "outcome=recovery"), ("setting_people", "setting=support")],
        fall=[(WAIT, "setting=rehab")],
        same=[("people_arrived", "all"), *pathway(DELAY, "P3")],
        may_change=on("P2"),
    ),
    "readmission": Pair(
        [ROOM],
        [nested("cohorts.frail.readmission", {"share": 0.3, "after_days": 5, "stay_days": 4})],
        rise=[("beds_occupied", "all"), ("readmitted_30_days", "all")],
        same=[("people_arrived", "all")],
        may_change=of("frail"),
    ),
    "exit blocked by long-term care": Pair(
        [ROOM, LONG_TERM],
        [nested("settings.care_home.capacity", 28), nested("settings.rehab.capacity", 30)],
        rise=[("setting_blocked_share", "setting=rehab"), *pathway(DELAY, "P2", "P3")],
        same=[*pathway(DELAY, "P0", "P1"), ("nctr_ready", "all")],
    ),
    "vacancies": Pair(
        [ROOM, nested("teams.hub", {"staff": 4, "workforce": {"posts": 4}})],
        [nested("teams.hub.workforce", {"vacancy": 0.75})],
        rise=[("team_queue", "team=hub"), ("team_wait_mean", "team=hub"), *pathway(DELAY, "P1", "P2", "P3")],
        same=[*pathway(DELAY, "P0"), ("nctr_ready", "all")],
    ),
    "double-handed visits": Pair(
        [ROOM, nested("settings.support", {"capacity": "staffed", "staffing": STAFF})],
        [nested("settings.support.staffing.double_handed", 0.4)],
        rise=[(WAIT, "setting=support"), *pathway(DELAY, "P1")],
        fall=[("setting_capacity", "setting=support")],
        same=[*pathway(DELAY, "P0", "P2", "P3"), ("nctr_ready", "all")],
    ),
    "move-in hours": Pair(
        [ROOM],
        [nested("settings.care_home.move_in", {"weekdays": "10:00-16:00"})],
        rise=pathway(DELAY, "P3"),
        same=[*pathway(DELAY, "P0", "P1", "P2"), ("nctr_ready", "all")],
    ),
    "hours of a team": Pair(
        [ROOM],
        [nested("teams.hub.hours", {"every_day": None, "weekdays": "09:00-17:00"})],
        rise=pathway(DELAY, "P1", "P2", "P3"),
        same=[*pathway(DELAY, "P0"), ("nctr_ready", "all")],
    ),
    "board rounds": Pair(
        [ROOM],
        [nested("settings.acute.board_rounds", {"chance": {"saturday": 0.3, "sunday": 0.3}})],
        rise=[("length_of_stay_mean", "all"), ("beds_occupied", "all")],
        same=[("people_arrived", "all")],
        may_change=lambda fate: fate.needed != "died",
    ),
    "wards by cohort": Pair(
        [
            nested("settings.acute.capacity", 42),
            nested("settings.other_ward", {"title": "Other ward", "kind": "acute", "capacity": 16}),
            nested("cohorts.frail.setting", "acute"),
        ],
        [nested("cohorts.other.setting", "other_ward")],
        rise=[("beds_occupied", "setting=other_ward")],
        fall=[("beds_occupied", "setting=acute")],
        same=[("people_arrived", "all")],
        may_change=of("other"),
    ),
    "localities with a pool each": Pair(
        [ROOM, nested("settings.rehab.capacity", 14), nested("localities", {"north": 0.6, "south": 0.4})],
        [nested("settings.rehab.by_locality", True)],
        rise=pathway(DELAY, "P2"),
        same=[*pathway(DELAY, "P0", "P1", "P3"), ("nctr_ready", "all")],
        may_change=on("P2"),
    ),
    "mutual aid": Pair(
        [
            ROOM,
            nested("settings.rehab", {"capacity": 14, "by_locality": True}),
            nested("localities", {"north": 0.6, "south": 0.4}),
        ],
        [nested("settings.rehab.mutual_aid_after_days", 2.0)],
        fall=pathway(DELAY, "P2"),
        same=[*pathway(DELAY, "P0", "P1", "P3"), ("nctr_ready", "all")],
        may_change=on("P2"),
    ),
    "a start that is full": Pair(
        [ROOM],
        [{"start": {"care_home": 0.9}}],
        rise=[("setting_people", "setting=care_home"), ("people_at_start", "all")],
        same=[*pathway(DELAY, "P0", "P1", "P2"), ("people_arrived", "all")],
        come_or_go=lambda fate: fate.stays[0][7] is not None,
    ),
}


def figures(scenario: Scenario, replication: int) -> Figures:
    plan = draw_plan(scenario, replication)
    values = measure_values(plan, simulate(plan, "auto"))
    return {(row.measure, row.group): float(v) for row, v in zip(measure_index(scenario), values, strict=True)}


def scenarios(name: str, days: int = 150) -> tuple[Scenario, Scenario]:
    pair = PAIRS[name]
    run = nested("run", {"days": days, "warm_up_days": 30})
    return world(run, *pair.before), world(run, *pair.before, *pair.after)


@pytest.mark.parametrize("name", PAIRS)
def test_moves_what_it_should(name: str) -> None:
    pair, (before, after) = PAIRS[name], scenarios(name)
    runs = [(figures(before, number), figures(after, number)) for number in range(REPLICATIONS)]
    said = {}
    for sign, measures in ((1, pair.rise), (-1, pair.fall)):
        for measure in measures:
            # Where the mechanism is not there at all, neither is its figure.
            change = np.array([new[measure] - old.get(measure, 0.0) for old, new in runs]) * sign
            t = change.mean() / max(change.std(ddof=1) / sqrt(REPLICATIONS), 1e-12)
            # Queues differ much from run to run; then that nearly all runs agree says as much.
            if not (t > LIMIT or (change > 0).sum() >= AGREE):
                said[measure] = change.round(4).tolist()
    assert not said
    for measure in pair.same:
        assert all(np.array_equal(old[measure], new[measure], equal_nan=True) for old, new in runs), measure


@pytest.mark.parametrize("name", PAIRS)
def test_and_nothing_else(name: str) -> None:
    """Whoever is not concerned is drawn as before, and nobody comes or stays away but those who should."""
    pair, (before, after) = PAIRS[name], scenarios(name, days=60)
    changed, others, plan = changed_people(before, after)
    assert all(pair.may_change(fate) for fate in changed.values()), name
    assert bool(changed) == (pair.may_change is not nobody)
    cohorts = list(after.cohorts)
    people = plan.people
    here = {
        (int(origin), int(number)): row
        for row, (origin, number) in enumerate(zip(people.origin, people.number, strict=True))
    }
    assert bool(others) == (pair.come_or_go is not nobody)
    for person in others:
        if tuple(person) in here:
            row = here[tuple(person)]
            entered = plan.stays.entered[people.first[row]]
            started = None if np.isnan(entered) else float(entered)
            first = (*[None] * 7, started)
            assert pair.come_or_go(Fate(float(people.arrival[row]), cohorts[people.cohort[row]], "", (first,)))


def test_every_figure_of_the_table_is_there() -> None:
    """A measure that is misspelt would otherwise be the same on both sides, or 0 before."""
    for name, pair in PAIRS.items():
        known = {(row.measure, row.group) for row in measure_index(scenarios(name)[1])}
        assert not set(pair.rise + pair.fall + pair.same) - known, name


def test_rate_effects_are_counted_apart_from_services() -> None:
    """They avert people without any service, and what the service avoids is still its own."""
    before, after = scenarios("a rate effect", days=400)
    old, new = figures(before, 0), figures(after, 0)
    kept_away = new["rate_averted", "all"]
    assert kept_away == old["people_arrived", "all"] - new["people_arrived", "all"] > 0
    assert new["avoided_gross", "all"] <= old["avoided_gross", "all"] + 20
    assert "rate_averted" not in {measure for measure, group in old if group.startswith("service")}


def test_trusted_assessors_save_what_the_assessment_took() -> None:
    """Four days by the home's own manager on average, against three hours and a short queue."""
    before, after = scenarios("trusted assessors", days=400)
    runs = [(figures(before, number), figures(after, number)) for number in range(REPLICATIONS)]
    saved = np.mean([old[DELAY, "pathway=P3"] - new[DELAY, "pathway=P3"] for old, new in runs])
    assert saved == pytest.approx(0.7 * (4 - 3.17 / 24), rel=0.1)


def test_a_pool_beats_its_parts() -> None:
    """Erlang: two queues with half of the places each wait longer than one queue for all of them."""
    before, after = scenarios("localities with a pool each")
    for number in range(REPLICATIONS):
        old, new = figures(before, number), figures(after, number)
        assert new[DELAY, "pathway=P2"] >= old[DELAY, "pathway=P2"]


def test_delays_differ_less_where_whoever_has_been_ready_for_longest_is_first() -> None:
    """The mean depends little on the order in which people alike are served, and the spread does."""
    late = {
        "tasks": {"medicines": {"elapsed_days": {"kind": "exponential", "mean": 5}}},
        "pathways": {"P2": {"tasks": {"medicines": {"share": 0.5, "after": "assessment"}}}},
    }
    places, by_wait = nested("settings.rehab.capacity", 14), nested("settings.rehab.queue", "longest_ready")
    run = nested("run", {"days": 400})
    before, after = (world(run, ROOM, ENOUGH, places, late, *change) for change in ([], [by_wait]))
    runs = [(delays_before_rehab(before, number), delays_before_rehab(after, number)) for number in range(REPLICATIONS)]
    assert all(new.size == old.size for old, new in runs)
    assert sum(new.std() < old.std() for old, new in runs) >= AGREE
    assert np.mean([new.mean() / old.mean() for old, new in runs]) == pytest.approx(1, abs=0.02)


def delays_before_rehab(scenario: Scenario, replication: int) -> np.ndarray:
    """Days from being ready to coming in to rehab, of those ready in time to come in before the end."""
    plan = draw_plan(scenario, replication)
    times = simulate(plan, "auto")
    onward = plan.stays.next
    rehab = (onward >= 0) & (plan.stays.setting[onward] == plan.pools.names.index("rehab"))
    before = np.flatnonzero(rehab & (times.ready < plan.horizon - 70))
    delays = times.entered[onward[before]] - times.ready[before]
    assert not np.isnan(delays).any()
    return np.asarray(delays)
