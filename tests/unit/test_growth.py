"""Growth of queues, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dischargesim.experiment.growth import Growing, growing, no_steady_state
from dischargesim.measures.growth import weekly_growth
from tests.hand_plans import PlanByHand
from tests.unit.mini import CONTENT, DECISION, P2, REHAB, WARD, Mini, scenario

NAN = float("nan")


def test_growth_of_a_straight_line_and_of_none() -> None:
    days = np.arange(28.0)
    weekly = np.tile([5.0, 0, 0, 0, 0, 0, 9], 4)
    found = weekly_growth(np.array([days, 3 - 2 * days, np.full(28, 4.0), weekly, days + weekly]))
    assert found == pytest.approx([7, -14, 0, 0, 7])


def test_odd_days_at_the_beginning_do_not_count() -> None:
    assert weekly_growth(np.r_[1000.0, -500, np.arange(21.0)][None]) == pytest.approx([7])


def test_growth_is_the_slope_of_the_weekly_means() -> None:
    means = np.array([1.0, 1, 4, 2])
    # Deviations -1.5, -0.5, 0.5, 1.5: (-1.5 - 0.5 + 2 + 3) / 5.
    assert weekly_growth(np.repeat(means, 7)[None]) == pytest.approx([3 / 5])


def test_too_few_weeks() -> None:
    assert np.isnan(weekly_growth(np.zeros((2, 20)))).all()


def test_growth_of_settings_and_teams() -> None:
    content = {"run": {"warm_up_days": 2, "days": 22}}
    mini = Mini(content=content, by_hand=PlanByHand(horizon=24.0))
    # From the eleventh and from the eighteenth of the days 3 to 23 on, one person more waits for rehab.
    for asked in (10.5, 17.5):
        mini.person(asked)
        stay = mini.stay(WARD, 1, 1, 1, asked, asked, pathway=P2)
        mini.by_hand.stays[stay]["next"] = stay + 1
        mini.stay(REHAB, asked, pathway=P2)
    # A task is queued throughout the last week; another is waited for at one midnight of the first.
    mini.person(1)
    stay = mini.stay(WARD, 1, 1, 1)
    mini.task(stay, DECISION, 17.5)
    mini.task(stay, DECISION, 4.75, 5.25, 5.5)
    mini.task(stay, DECISION, 4.25, 4.5, 4.75)
    found = mini.figures()
    assert found["setting_queue_growth", "setting=rehab"] == pytest.approx((2 - 0) / 2)
    assert found["setting_queue_growth", "setting=virtual_ward"] == 0
    assert np.isnan(found["setting_queue_growth", "setting=care_home"]), "without limit"
    assert found["team_queue_growth", "team=hub"] == pytest.approx((1 - 1 / 7) / 2)


def table(**queues: Any) -> pd.DataFrame:
    """Measures of queues: name = (growth, lower, upper, mean length), of teams if the name begins so."""
    rows = []
    for name, (mean, lower, upper, queue, *runs) in queues.items():
        kind = "team" if name.startswith("team") else "setting"
        group = f"{kind}={name.replace('_at_', '@')}"
        count = runs[0] if runs else 10
        rows.append((f"{kind}_queue_growth", group, "", mean, lower, upper, 0 if np.isnan(mean) else count))
        rows.append((f"{kind}_queue", group, "", queue, NAN, NAN, count))
    return pd.DataFrame(rows, columns=["measure", "group", "unit", "mean", "lower", "upper", "replications"])


def names(days: int = 365, **queues: Any) -> list[str]:
    return [queue.name for queue in growing(table(**queues), days)]


@pytest.mark.parametrize(
    ("queue", "named"),
    [
        ((2.0, 1.5, 2.5, 50), True),
        ((2.0, -0.1, 4.1, 50), False),  # may be chance
        ((0.2, 0.04, 0.36, 5), False),  # surely more than nothing, not surely more than a trifle
        ((0.2, 0.06, 0.34, 5), True),
        ((2.0, 1.5, 2.5, 1100), False),  # a tenth of the queue in a year is 110, and 2 a week are 104
        ((2.0, 1.5, 2.5, 1000), True),
        ((-2.0, -2.5, -1.5, 50), False),
        ((NAN, NAN, NAN, 50), False),
        ((0.0, 0.0, 0.0, 0), False),
    ],
)
def test_what_counts_as_growing(queue: tuple[float, ...], named: bool) -> None:
    assert names(rehab=queue) == (["rehab"] if named else [])


@pytest.mark.parametrize(
    ("runs", "queue", "named"),
    [(4, 50, True), (4, 110, False), (5, 110, True), (1, 104.1, False), (1, 103.9, True)],
)
def test_few_replications_are_judged_by_size(runs: int, queue: float, named: bool) -> None:
    """2 a week in 52 weeks are 104."""
    assert names(rehab=(2.0, 1.5, 2.5, queue, runs)) == (["rehab"] if named else [])
    assert names(rehab=(2.0, NAN, NAN, queue, 1)) == (["rehab"] if queue < 104 else [])
    assert names(rehab=(0.04, 0.03, 0.05, 1, runs)) == []


def test_settings_come_first_and_parts_stand_for_the_whole() -> None:
    grows = (2.0, 1.5, 2.5, 50)
    found = names(team_hub=grows, rehab_at_north=grows, rehab_at_south=(0.0, -1, 1, 3), rehab=grows)
    assert found == ["rehab@north", "team_hub"]


def test_what_is_said() -> None:
    settings = {**CONTENT["settings"], "rehab": {**CONTENT["settings"]["rehab"], "by_locality": True}}
    system = scenario(settings=settings, localities={"north": 0.5, "south": 0.5})
    queues = [Growing("setting", "rehab@north", 20.58, 18.8, 22.4, 800), Growing("team", "hub", 0.4, 0.2, 0.6, 9)]
    said = no_steady_state(system, queues, 10)
    assert "No steady state" in said
    assert "Rehab (north), by 21 (19 to 22) people a week; Hub, by 0.4 (0.2 to 0.6) tasks a week." in said
    said = no_steady_state(system, queues, 1)
    assert said.startswith("Perhaps no") and "Rehab (north), by 21 people a week;" in said
    assert no_steady_state(system, [], 10) == ""
