"""Where people go: shares to the last bit, and the stays in which days may be one organisation's or the other's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dischargesim.plan.codes import Label
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.journeys import draw_pathways
from dischargesim.plan.onward import Onward
from dischargesim.plan.rows import task_table
from dischargesim.plan.tables import NONE
from dischargesim.plan.travellers import Leg, Travellers
from dischargesim.plan.work import Work
from tests.worlds import draft_of_one, nested, world

HIGHEST = 1 - 2**-53
"""The highest number that anybody can have: what 0.7, 0.2 and 0.1 come to in floating point."""


def test_the_highest_number_is_on_the_last_pathway_that_anybody_is_on() -> None:
    shares = {"P0": 0.7, "P1": 0.2, "P2": 0.1, "P3": 0.0, "died": 0.0}
    draft = draft_of_one(world(nested("cohorts.frail.pathways", shares)), "pathway", HIGHEST)
    assert draw_pathways(draft).tolist() == [2]


@pytest.mark.parametrize(
    ("shares", "setting"), [((0.7, 0.2, 0.1), "rehab"), ((0.7, 0.2, 0.05), None), ((0.0, 0.4, 0.6), "rehab")]
)
def test_nobody_goes_home_where_the_shares_come_to_1(shares: tuple[float, ...], setting: str | None) -> None:
    options = {
        name: {"share": share, "stay_days": 9}
        for name, share in zip(("support", "care_home", "rehab"), shares, strict=True)
    }
    scenario = world({"pathways": {"P1": {"next": options}}})
    draft = draft_of_one(scenario, "onward/P1", HIGHEST)
    one, nothing = np.zeros(1, dtype=np.intp), np.full(1, NONE, dtype=np.int32)
    on_p1 = np.ones(1, dtype=np.int32)
    travellers = Travellers(draft, [Leg("", one, on_p1, nothing, nothing)])
    rows, _, _ = Onward(draft, Work(draft, task_table()), {}).write(travellers)
    assert [draft.layout.pools[pool] for pool in draft.stays.column("setting")[rows[rows != NONE]]] == [
        name for name in [setting] if name is not None
    ]


@pytest.mark.parametrize(
    ("more", "waits"),
    [
        ({}, False),
        ({"tasks": {"decision": {}}}, True),
        ({"next": {"support": {"stay_days": 5}}}, True),
        ({"tasks": {"decision": {}}, "next": {"support": {"stay_days": 5}}}, True),
    ],
)
def test_days_are_shared_out_by_chance_wherever_people_may_wait(more: dict[str, Any], waits: bool) -> None:
    """For tasks, or for the next place; by a number of each person's own."""
    plan = draw_plan(world(nested("pathways.P2.next.rehab", more), nested("run.days", 60)))
    rehab = (plan.stays.label == Label.ONWARD) & (plan.stays.setting == plan.pools.names.index("rehab"))
    shared = plan.stays.attribution[rehab]
    assert shared.size > 1 and np.unique(shared).size == (shared.size if waits else 1)
