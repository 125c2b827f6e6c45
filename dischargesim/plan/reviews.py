"""Escalation beds: the daily reviews of every setting that has some."""

from __future__ import annotations

import numpy as np

from dischargesim.plan.layout import Layout
from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import Reviews
from dischargesim.scenario.hours import parse_spans
from dischargesim.scenario.places import split_capacity
from dischargesim.scenario.schema import Scenario

NEVER = 10.0
"""Occupancy that stands for "not on this ground" in a scenario."""


def write_reviews(scenario: Scenario, layout: Layout) -> Reviews:
    """Lay out one review a day for each setting with escalation beds.

    Parameters
    ----------
    scenario : Scenario
    layout : Layout

    Returns
    -------
    Reviews
        Empty where no setting has any.
    """
    days = np.arange(scenario.run.warm_up_days + scenario.run.days)
    rows = []
    for name, setting in scenario.settings.items():
        beds = setting.escalation
        if beds is not None:
            shares = scenario.localities.values() if name in layout.split else [1.0]
            at = max(parse_spans(beds.review_at)[0][0], 1) / 1440
            rule = (
                beds.open_waiting, beds.close_waiting,
                # An infinite share is reached by no ward, not even one of no beds.
                np.inf if beds.open_occupancy >= NEVER else beds.open_occupancy, beds.close_occupancy,
            )  # fmt: skip
            for number, most in enumerate(split_capacity(beds.beds, shares)):
                # Each locality has its part of the beds, and opens them by its own waits.
                pool, step = layout.settings[name] + number, min(beds.step, most)
                rows += [(day + at, pool, step, most, *rule) for day in days.tolist()]
    rows.sort()
    columns = np.array(rows, dtype=np.float64).reshape(-1, 8).T
    return Reviews(
        time=on_grid(columns[0]),
        setting=columns[1].astype(np.int32),
        step=columns[2].astype(np.int64),
        most=columns[3].astype(np.int64),
        open_waiting=columns[4].astype(np.int64),
        close_waiting=columns[5].astype(np.int64),
        open_share=columns[6].copy(),
        close_share=columns[7].copy(),
    )
