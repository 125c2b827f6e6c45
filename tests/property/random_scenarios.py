"""Small hospitals with random numbers, for what must hold in any of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from dischargesim.scenario.schema import Scenario

_HOURS = ({"every_day": "08:00-20:00"}, {"weekdays": "09:00-17:00"}, {"every_day": "00:00-24:00"})
_DAYS = st.sampled_from([0.25, 1, 2, {"kind": "exponential", "mean": 3}, {"kind": "lognormal", "mean": 6, "median": 2}])
_RATES = st.sampled_from([0.1, 0.0, 0.5])


def _tasks(staffed: bool) -> dict[str, Any]:
    work = {"kind": "exponential", "mean": 3}
    plain = {"kind": "exponential", "mean": 0.3}
    return {
        "decision": {"title": "d", "reason": "formal_decision", "team": "hub", "work_hours": 1, "before_dtoc": True},
        "plan": {"title": "p", "reason": "therapy_review", "team": "hub", "work_hours": 2, "starts_days": -1.5},
        "medicines": {"title": "m", "reason": "medicines", "elapsed_days": plain, "starts_days": 0.125},
        "assessment": {
            "title": "a",
            "reason": "hub_needs_and_pathway",
            "assessment": True,
            **({"team": "hub", "work_hours": work} if staffed else {"elapsed_days": plain}),
        },
    }


@st.composite
def scenarios(draw: st.DrawFn, warm_up: int | None = None, harm: bool = True) -> Scenario:
    """A scenario with queues for beds, places and a team; overloaded as often as not, split as often as not."""
    split = draw(st.booleans())
    aid = {"mutual_aid_after_days": 1} if split and draw(st.booleans()) else {}
    hours = st.sampled_from(_HOURS)
    chain = {"decision": {}, "plan": {"share": 0.5}, "assessment": {"after": "decision"}}
    harmful = {
        "setback_per_day": draw(_RATES),
        "setback_days": 1.5,
        "death_per_day": draw(_RATES),
        "recovery_per_day": draw(_RATES),
        "decline_per_day": draw(_RATES),
    }
    return Scenario.model_validate(
        {
            "system": {"name": "random", "title": "Random"},
            "start_date": draw(st.dates(min_value=date(2023, 1, 1), max_value=date(2024, 12, 31))).isoformat(),
            "run": {
                "warm_up_days": draw(st.integers(0, 12)) if warm_up is None else warm_up,
                "days": draw(st.sampled_from([40, 25, 8, 1])),
                "seed": draw(st.integers(0, 10**6)),
            },
            "localities": {"north": 0.6, "south": 0.4} if split else {},
            "settings": {
                "acute": {"title": "w", "kind": "acute", "capacity": draw(st.sampled_from([8, 25, 3, 0]))},
                "rehab": {
                    "title": "r",
                    "kind": "community_bed",
                    "capacity": draw(st.sampled_from([2, 6, 0])),
                    "waiting_reason": "p2_capacity",
                    "by_locality": split,
                    **aid,
                },
                "reablement": {
                    "title": "v",
                    "kind": "reablement",
                    "capacity": draw(st.integers(4, 12)),
                    "waiting_reason": "p1_capacity",
                },
                "care_home": {
                    "title": "c",
                    "kind": "care_home",
                    "capacity": "unlimited",
                    "waiting_reason": "care_home_capacity",
                    "move_in_reason": "p3_arrangements",
                    "move_in": draw(hours),
                },
                "virtual_ward": {"title": "x", "kind": "virtual_ward", "capacity": draw(st.sampled_from([2, 0]))},
            },
            "teams": {
                "hub": {
                    "title": "h",
                    "staff": draw(st.sampled_from([1, 3, 0])),
                    "hours": draw(hours),
                    "by_locality": split and draw(st.booleans()),
                }
            },
            "tasks": _tasks(draw(st.booleans())),
            "pathways": {
                "P0": {"title": "0", "tasks": {"medicines": {}}},
                "P1": {
                    "title": "1",
                    "tasks": {**chain, "medicines": {"after": "decision"}},
                    "next": {"reablement": {"stay_days": 4, "visits": {"first": 3, "last": 1, "steps": 2}}},
                    "recovers_to": "P0",
                    "declines_to": "P2",
                },
                "P2": {
                    "title": "2",
                    "tasks": chain,
                    "next": {
                        "rehab": {
                            "stay_days": {"kind": "exponential", "mean": 5},
                            "tasks": {"medicines": {}},
                            "next": {"care_home": {"share": 0.5, "stay_days": 100, "permanent": True}},
                        }
                    },
                    "recovers_to": "P1",
                    "declines_to": "P3",
                    "over_prescribed": {"share": 0.3, "to": "P3", "found": 0.5, "found_after_days": 1},
                },
                "P3": {
                    "title": "3",
                    "tasks": chain,
                    "next": {"care_home": {"stay_days": {"kind": "exponential", "mean": 300}, "permanent": True}},
                },
                "died": {"title": "d", "kind": "death"},
            },
            "cohorts": {
                "frail": {
                    "title": "f",
                    "arrivals": {"per_day": draw(st.sampled_from([4, 1, 0]))},
                    "stay_days": draw(_DAYS),
                    "pathways": {"P0": 0.3, "P1": 0.3, "P2": 0.2, "P3": 0.1, "died": 0.1},
                    "age_bands": {"below_75": 0.3, "over_75": 0.7},
                    "readmission": {"share": 0.3, "after_days": 3, "stay_days": 2},
                    **({"while_delayed": harmful} if harm else {}),
                },
                "planned": {
                    "title": "e",
                    "arrivals": {"per_day": 1},
                    "stay_days": draw(_DAYS),
                    "patience_days": draw(st.sampled_from([0, 0.5])),
                    "elective": True,
                    "pathways": {"P0": 1},
                    "age_bands": {"over_75": 0.5, "over_85": 0.5},
                },
            },
            "services": {
                "virtual_ward": {
                    "title": "x",
                    "setting": "virtual_ward",
                    "eligible": {"frail": 0.4},
                    "succeeds": 0.6,
                    "stay_days": 3,
                    "fails_after_days": 2,
                }
            },
            "discharge_to_assess": {"share": draw(st.sampled_from([0, 0.5])), "pathways": ["P1", "P2"]},
        }
    )
