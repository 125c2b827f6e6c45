"""Random hospitals out of everything that a scenario can say, one mechanism on or off at a time."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dischargesim.scenario.schema import Scenario
from tests.worlds import nested, world

RISKS = {
    "setback_per_day": 0.05,
    "setback_days": {"kind": "exponential", "mean": 3},
    "death_per_day": 0.02,
    "recovery_per_day": 0.05,
    "decline_per_day": 0.03,
}
WARD = {
    "title": "Virtual ward",
    "setting": "virtual_ward",
    "eligible": {"frail": 0.4, "other": 0.1},
    "succeeds": 0.7,
    "stay_days": {"kind": "exponential", "mean": 4},
    "fails_after_days": 1,
}

MECHANISMS: dict[str, dict[str, Any]] = {
    "discharge to assess": nested("discharge_to_assess", {"share": 0.6, "pathways": ["P1", "P2"]}),
    "trusted assessors": nested(
        "trusted_assessors", {"coverage": 0.5, "task": "home_assessment", "team": "assessors", "work_hours": 2}
    ),
    "risks": {
        "cohorts": {"frail": {"while_delayed": RISKS}},
        "pathways": {"P0": {"declines_to": "P1"}, "P1": {"recovers_to": "P0", "declines_to": "P2"}},
    },
    "switch": nested("pathways.P2.switch", {"to": "P1", "after_days": 3, "share": 0.7}),
    "over-prescribed": nested(
        "pathways.P1.over_prescribed", {"share": 0.3, "to": "P2", "found": 0.6, "found_after_days": 5}
    ),
    "right-sizing": nested(
        "pathways.P1.next.support.review",
        {"after_days": {"kind": "exponential", "mean": 6}, "finds": 0.5, "saves": 0.5},
    ),
    "onward": {
        "pathways": {
            "P2": {
                "next": {
                    "rehab": {
                        "tasks": {"assessment": {}, "home_assessment": {"share": 0.4, "after": "assessment"}},
                        "next": {"care_home": {"share": 0.3, "stay_days": 300, "permanent": True}},
                    }
                }
            }
        }
    },
    "readmission": nested(
        "cohorts.frail.readmission", {"share": 0.3, "after_days": {"kind": "exponential", "mean": 8}, "stay_days": 3}
    ),
    "service": {
        "settings": {"virtual_ward": {"title": "Virtual ward", "kind": "virtual_ward", "capacity": 2}},
        "services": {"virtual_ward": WARD},
    },
    "community": {
        "settings": {"community": {"title": "At home", "kind": "home", "capacity": "unlimited"}},
        "pathways": {"from_home": {"title": "Rehab from home", "next": {"rehab": {"stay_days": 9}}}},
        "cohorts": {
            "referred": {
                "title": "Referred",
                "setting": "community",
                "arrivals": {"per_day": 1},
                "stay_days": 0,
                "pathways": {"from_home": 1.0},
                "priority": 90,
            }
        },
    },
    "board rounds": nested("settings.acute.board_rounds", {"chance": {"saturday": 0.3, "sunday": 0.1}}),
    "escalation": nested(
        "settings.acute.escalation", {"beds": 6, "step": 2, "open_waiting": 2, "close_occupancy": 0.8}
    ),
    "move-in hours": nested("settings.care_home.move_in", {"weekdays": "10:00-15:00"}),
    "workforce": nested("teams.hub.workforce", {"posts": 4, "vacancy": 0.25, "turnover_a_year": 0.5}),
    "patience": nested("cohorts.other", {"patience_days": 0.25, "elective": True}),
    "surge": nested(
        "cohorts.frail.arrivals.surges",
        {"wave": {"title": "w", "first_day": "2024-04-05", "last_day": "2024-04-12", "ratio": 1.6}},
    ),
    "effect": nested("cohorts.frail.arrivals.effects", {"gp": {"title": "GP", "ratio": 0.8}}),
    "fewer beds": nested("settings.acute.capacity_changes", {"2024-04-08": 20}),
    "priorities": nested("pathways.P1.priority", -20),
    "longest ready first": {
        "settings": {"rehab": {"queue": "longest_ready"}, "acute": {"queue": "longest_ready"}},
        "teams": {"hub": {"queue": "longest_ready"}},
    },
    "planning ahead": nested("tasks.assessment.starts_days", -1.5),
    "start": {"start": {"acute": 0.9, "rehab": {"share": 0.8, "waiting": 4}, "support": 1.0, "care_home": 0.9}},
    "localities": {
        "localities": {"north": 0.6, "south": 0.4},
        "settings": {"rehab": {"by_locality": True, "mutual_aid_after_days": 2.0}},
    },
}


@st.composite
def worlds(draw: st.DrawFn, days: int = 20) -> Scenario:
    """A hospital with some of the mechanisms, crowded as often as not."""
    chosen = draw(st.sets(st.sampled_from(sorted(MECHANISMS)), max_size=8))
    beds = draw(st.sampled_from([60, 30, 12]))
    places = draw(st.sampled_from([30, 3]))
    seed, warm_up = draw(st.integers(0, 10**6)), draw(st.sampled_from([0, 5]))
    return world(
        nested("run", {"days": days, "seed": seed, "warm_up_days": warm_up}),
        nested("settings.acute.capacity", beds),
        nested("settings.rehab.capacity", places),
        *(MECHANISMS[name] for name in sorted(chosen)),
    )


def with_change(scenario: Scenario, change: dict[str, Any]) -> Scenario:
    """The scenario with a further change."""
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return world(data, change)
