"""Which runs are of the same people, and which are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dischargesim.experiment.pairing import InCommon, Run, notes, people_in_common, why_not
from dischargesim.plan.draw import draw_plan
from dischargesim.scenario.schema import Scenario
from tests.worlds import nested, world

SURGE = {"title": "Influenza", "first_day": "2024-04-20", "last_day": "2024-05-20", "ratio": 1.4}
EFFECT = {"title": "GPs in care homes", "ratio": 0.8}


def changed(changes: dict[str, Any]) -> Scenario:
    """The world of the tests with values at some paths."""
    return world(*(nested(path, value) for path, value in changes.items()))


def run(label: str, scenario: Scenario, replications: int = 5, first: int = 0, version: str = "1.0") -> Run:
    return Run(label, scenario, np.arange(first, first + replications), version)


def lines(**changes: Any) -> list[str]:
    option = run("option", changed({path.replace("__", "."): value for path, value in changes.items()}))
    return [str(problem) for problem in why_not(run("baseline", changed({})), option)]


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("run.seed", 12, "run.seed: other people, drawn from another seed; cannot be paired (got 12, expected 11)"),
        ("run.days", 100, "run.days: another number of counted days; cannot be paired (got 100, expected 200)"),
        ("run.warm_up_days", 30, "run.warm_up_days: another warm-up; cannot be paired (got 30, expected 0)"),
        (
            "start_date",
            "2024-04-02",
            "start_date: other days of the calendar; cannot be paired (got 2024-04-02, expected 2024-04-01)",
        ),
        ("nation", "England", "nation: other bank holidays; cannot be paired (got England, expected none)"),
        (
            "cohorts.frail.arrivals.per_day",
            9,
            "cohorts.frail.arrivals.per_day: other demand; cannot be paired (got 9, expected 6)",
        ),
        (
            "cohorts.frail.arrivals.hours",
            [1] * 23 + [2],
            "cohorts.frail.arrivals.hours: other demand; cannot be paired (got a list of 24, expected nothing)",
        ),
    ],
)
def test_what_keeps_runs_from_being_paired(path: str, value: Any, line: str) -> None:
    found = lines(**{path.replace(".", "__"): value})
    assert [text.replace(" with baseline", "") for text in found] == [f"option: {line}"]


def test_lists_of_one_length_are_not_shown_as_alike() -> None:
    counts = {"cohorts.frail.arrivals.per_day": None}
    first = changed({**counts, "cohorts.frail.arrivals.daily_counts": [4] * 200})
    second = changed({**counts, "cohorts.frail.arrivals.daily_counts": [4] * 199 + [5]})
    (problem,) = why_not(run("a", first), run("b", second))
    assert str(problem) == (
        "b: cohorts.frail.arrivals.daily_counts: other demand; cannot be paired with a (got other values)"
    )


def test_a_further_cohort_is_further_demand() -> None:
    base = changed({})
    more = changed({"cohorts.others": {**base.cohorts["frail"].model_dump(mode="json", exclude_none=True)}})
    (one,) = why_not(run("a", base), run("b", more))
    (other,) = why_not(run("b", more), run("a", base))
    assert str(one).startswith("b: cohorts.others: a cohort comes in one of the two alone")
    assert "got people, expected nobody" in str(one)
    assert "got nobody, expected people" in str(other)


def test_all_reasons_at_once() -> None:
    option = run("b", changed({"run.seed": 1, "run.days": 50, "nation": "Wales"}), version="2.0")
    assert len(why_not(run("a", changed({})), option)) == 4


def test_another_version() -> None:
    (problem,) = why_not(run("a", changed({})), run("b", changed({}), version="1.1"))
    assert "(got 1.1, expected 1.0)" in str(problem)


def test_replications_need_a_number_in_common() -> None:
    base = changed({})
    (problem,) = why_not(run("a", base, 5), run("b", base, 5, first=5))
    assert str(problem).startswith("b: replications: no replication has the same number")
    assert "(got 5 to 9, expected 0 to 4)" in str(problem)
    assert why_not(run("a", base, 5), run("b", base, 5, first=4)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"settings.rehab.capacity": 5},
        {"teams.hub.staff": 1},
        {"discharge_to_assess": {"share": 0.5, "pathways": ["P1"]}},
        {"run.engine": "simpy", "run.workers": 3},
        {"run.replications": 500},
        {"cohorts.frail.stay_days": 2},
        {"cohorts.frail.arrivals.surges": {"influenza": SURGE}},
        {"cohorts.frail.arrivals.effects": {"gps": EFFECT}},
    ],
)
def test_what_an_option_may_change(changes: dict[str, Any]) -> None:
    assert why_not(run("a", changed({})), run("b", changed(changes))) == []


def test_what_a_reader_is_told() -> None:
    base = run("a", changed({}))
    changes = {
        "cohorts.frail.arrivals.surges": {"influenza": SURGE},
        "start": {"rehab": 0.5},
    }
    found = [str(note) for note in notes(base, run("b", changed(changes), 3))]
    assert [line.split(": ")[1] for line in found] == [
        "cohorts.frail.arrivals.surges",
        "start",
        "replications",
    ]
    assert found[2] == "b: replications: 3 replications are paired; it has 3 and a 5"
    assert notes(base, run("b", changed({"settings.rehab.capacity": 5}))) == []


def test_everybody_is_in_common_where_demand_is() -> None:
    base = changed({})
    people = draw_plan(base, 2).people.arrival.size
    assert people_in_common(base, changed({"settings.rehab.capacity": 5}), 2) == InCommon(people, 0, 0, people)


def test_a_surge_adds_people_and_an_effect_takes_some_away() -> None:
    base = changed({})
    surged = people_in_common(base, changed({"cohorts.frail.arrivals.surges": {"influenza": SURGE}}), 0)
    thinned = people_in_common(base, changed({"cohorts.frail.arrivals.effects": {"gps": EFFECT}}), 0)
    everybody = draw_plan(base, 0).people.arrival.size
    assert (surged.both, surged.only_first) == (everybody, 0)
    assert 50 < surged.only_second < 150
    assert thinned.only_second == 0
    assert thinned.both + thinned.only_first == everybody
    # A fifth of the frail, who are six in ten.
    assert thinned.both / everybody == pytest.approx(0.88, abs=0.02)


def test_another_seed_has_nobody_at_the_same_moment() -> None:
    # The numbers of people are counted up in every stream; who they are depends on the seed.
    found = people_in_common(changed({}), changed({"run.seed": 12}), 0)
    assert found.same_time < 3
