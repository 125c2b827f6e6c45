"""Who moves from where to where, worked out on paper."""

from __future__ import annotations

from typing import Any

import pytest

from dischargesim.plan.codes import Label, Refusal
from tests.unit.mini import CARE_HOME, CONTENT, DIED, HOME, P0, P2, P3, REHAB, VIRTUAL_WARD, WARD, Mini

Found = dict[tuple[str, str], float]


def moves(found: Found) -> dict[str, float]:
    """The moves that there are."""
    return {group: value for (measure, group), value in found.items() if measure == "moves" and value}


def balanced(found: Found) -> bool:
    """As many come in to every place as go out of it."""
    into: dict[str, float] = {}
    out: dict[str, float] = {}
    for (measure, group), value in found.items():
        if measure == "moves":
            source, to = (part.partition("=")[2] for part in group.split(" | "))
            out[source] = out.get(source, 0) + value
            into[to] = into.get(to, 0) + value
    return all(into[place] == out[place] for place in into if place in out and place != "home")


def test_ways_through_hospital() -> None:
    mini = Mini()
    # In from before the counted days, home on day 3 without a further stay.
    mini.person(0)
    mini.stay(WARD, 0, 0, 0, 3, 3, 3)
    # Comes on day 2.5, dies there on day 4.
    mini.person(2.5)
    mini.stay(WARD, 2.5, 2.5, 2.5, 4, 4, 4, pathway=DIED)
    # Comes on day 3, to rehabilitation on day 4, home on day 5.
    mini.person(3)
    mini.stay(WARD, 3, 3, 3, 3.5, 3.5, 4, pathway=P2, next=1 + len(mini.by_hand.stays))
    mini.stay(REHAB, 3.5, 4, 4, 5, 5, 5, pathway=P2, label=Label.ONWARD)
    # Comes on day 4 and is still in.
    mini.person(4)
    mini.stay(WARD, 4, 4, 4)
    # To a care home on day 5, where they still are.
    mini.person(2.25)
    mini.stay(WARD, 2.25, 2.25, 2.25, 4.5, 4.5, 5, pathway=P3, next=1 + len(mini.by_hand.stays))
    mini.stay(CARE_HOME, 4.5, 5, 5, pathway=P3, label=Label.ONWARD)
    # Left before the counted days: nowhere in here.
    mini.person(0.5)
    mini.stay(WARD, 0.5, 0.5, 0.5, 1, 1, 1)
    found = mini.figures()
    assert moves(found) == {
        "from=in_at_start | to=acute": 1,
        "from=arrived | to=acute": 4,
        "from=acute | to=home": 1,
        "from=acute | to=died": 1,
        "from=acute | to=community_bed": 1,
        "from=acute | to=care_home": 1,
        "from=acute | to=still_in": 1,
        "from=community_bed | to=home": 1,
        "from=care_home | to=still_in": 1,
    }
    assert balanced(found)
    assert found["moves_to_hospital", "cohort=frail"] == 4
    assert found["moves_from_hospital", "pathway=P2 | to=community_bed"] == 1
    assert found["moves_from_hospital", "pathway=P3 | to=care_home"] == 1
    # Who dies on a pathway that ends in death is on none of these.
    assert sum(value for (measure, _), value in found.items() if measure == "moves_from_hospital") == 3


THREE_KINDS = {"settings": {**CONTENT["settings"], "rehab": {"title": "Rehab", "kind": "acute", "capacity": 1}}}


@pytest.mark.parametrize("content", [{}, THREE_KINDS], ids=["four kinds of place", "three"])
def test_ends_that_are_not_home(content: dict[str, Any]) -> None:
    mini = Mini(content=content)
    # Dies while waiting for rehabilitation.
    mini.person(2)
    mini.stay(WARD, 2, 2, 2, 3, 3, 4, pathway=P2, next=1 + len(mini.by_hand.stays))
    mini.stay(REHAB, 3, pathway=P2, label=Label.ONWARD, refused=4, refusal=Refusal.DIED)
    # Makes other arrangements while waiting.
    mini.person(2)
    mini.stay(WARD, 2, 2, 2, 3, 3, 5, pathway=P3, next=1 + len(mini.by_hand.stays))
    mini.stay(CARE_HOME, 3, pathway=P3, label=Label.ONWARD, refused=5, refusal=Refusal.GAVE_UP)
    # Long-term care that ends.
    mini.person(-1)
    mini.stay(CARE_HOME, -1, -1, -1, 3, 3, 3, pathway=P3, census=True)
    found = mini.figures()
    assert moves(found) == {
        "from=arrived | to=acute": 2,
        "from=acute | to=died": 1,
        "from=acute | to=elsewhere": 1,
        "from=in_at_start | to=care_home": 1,
        "from=care_home | to=care_ended": 1,
    }
    assert balanced(found)
    assert found["moves_from_hospital", "pathway=P2 | to=died"] == 1
    assert found["moves_from_hospital", "pathway=P3 | to=elsewhere"] == 1


def test_home_and_back_and_a_service_that_fails() -> None:
    mini = Mini()
    # Home on day 3, readmitted on day 4.
    mini.person(2)
    first = len(mini.by_hand.stays)
    mini.stay(WARD, 2, 2, 2, 3, 3, 3, pathway=P0, next=first + 1)
    mini.stay(HOME, 3, 3, 3, 4, 4, 4, pathway=P0, label=Label.HOME, next=first + 2)
    mini.stay(WARD, 4, 4, 4, pathway=P0, label=Label.READMISSION)
    # A virtual ward on day 2, the ward on day 3.
    mini.person(2)
    mini.stay(VIRTUAL_WARD, 2, 2, 2, 3, 3, 3, label=Label.SERVICE, service=0, next=1 + len(mini.by_hand.stays))
    mini.stay(WARD, 3, 3, 3, 5, 5, 5, pathway=P0)
    # A setback: in the same bed, which is no move.
    mini.person(2)
    mini.stay(WARD, 2, 2, 2, 3, 3, 4, pathway=P0, next=1 + len(mini.by_hand.stays))
    mini.stay(WARD, 3, 4, 4, 5, 5, 5, pathway=P0, label=Label.SETBACK, spell=len(mini.by_hand.stays) - 1)
    found = mini.figures()
    assert moves(found) == {
        "from=arrived | to=acute": 2,
        "from=arrived | to=virtual_ward": 1,
        "from=virtual_ward | to=acute": 1,
        "from=home | to=acute": 1,
        "from=acute | to=home": 3,
        "from=acute | to=still_in": 1,
    }
    assert balanced(found)


def test_whoever_has_a_place_and_waits_for_its_hours_has_not_moved_yet() -> None:
    mini = Mini()
    # The place is theirs on day 5.5; they come in tomorrow.
    mini.person(2)
    mini.stay(WARD, 2, 2, 2, 5, 5, pathway=P3, next=1)
    mini.stay(CARE_HOME, 5, 5.5, pathway=P3, label=Label.ONWARD)
    mini.person(3)
    mini.stay(WARD, 3, 3, 3, 4, 4, 4)
    found = mini.figures()
    assert moves(found) == {
        "from=arrived | to=acute": 2,
        "from=acute | to=home": 1,
        "from=acute | to=still_in": 1,
    }
    assert balanced(found)


def test_the_end_of_being_at_home_is_no_move() -> None:
    mini = Mini()
    mini.person(2)
    mini.stay(WARD, 2, 2, 2, 3, 3, 3, next=1)
    mini.stay(HOME, 3, 3, 3, 4, 4, 4, label=Label.HOME)
    mini.person(5)
    mini.stay(WARD, 5, 5, 5)
    assert moves(mini.figures()) == {
        "from=arrived | to=acute": 2,
        "from=acute | to=home": 1,
        "from=acute | to=still_in": 1,
    }


def test_without_warm_up_whoever_is_in_at_the_first_moment_was_in() -> None:
    mini = Mini(content={"run": {"warm_up_days": 0, "days": 6}})
    for _ in range(2):
        mini.person(0)
        mini.stay(WARD, 0, 0, 0, census=True)
    mini.person(0)
    mini.stay(WARD, 0, 0, 0)
    found = mini.figures()
    assert moves(found) == {
        "from=in_at_start | to=acute": 2,
        "from=arrived | to=acute": 1,
        "from=acute | to=still_in": 3,
    }
    assert found["moves_to_hospital", "cohort=frail"] == 1
