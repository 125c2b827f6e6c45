"""All measures together: the registry, the rows of a result, and their values."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from dischargesim.measures import afterwards, avoided, beds, dtoc, moves, nctr, outcomes, settings, teams
from dischargesim.measures.capacity import capacity_steps, open_at_midnights
from dischargesim.measures.daily import DAILY, daily_table
from dischargesim.measures.delays import split_delays
from dischargesim.measures.facts import Facts, Floats
from dischargesim.measures.frame import Frame
from dischargesim.measures.registry import Figures, Measure, Row
from dischargesim.memory import keep_memory
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.once import once
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

MEASURES: tuple[Measure, ...] = (
    *nctr.MEASURES,
    *dtoc.MEASURES,
    *beds.MEASURES,
    *avoided.MEASURES,
    *settings.MEASURES,
    *teams.MEASURES,
    *outcomes.MEASURES,
    *afterwards.MEASURES,
    *moves.MEASURES,
)
"""Every figure that results give, in their order."""


def measure_index(scenario: Scenario) -> list[Row]:
    """What the values of a scenario's runs are: every possible group of every measure, in order."""
    return Facts.of(scenario).rows(MEASURES)


def daily_index(scenario: Scenario) -> list[Row]:
    """What the rows of `daily_values` are."""
    return Facts.of(scenario).rows(DAILY)


def measure_all(plan: Plan, times: Times) -> tuple[Floats, Floats]:
    """Measure a run, once for everything.

    Parameters
    ----------
    plan : Plan
        Drawn from a scenario.
    times : Times
        What an engine made of it.

    Returns
    -------
    values : ndarray of float
        In the order of `measure_index`; NaN where a figure is not defined, such as the mean of nothing.
    daily : ndarray of float, rows x days
        In the order of `daily_index`.
    """
    keep_memory()
    frame = Frame.of(plan, times)
    parts = split_delays(frame)
    steps = capacity_steps(frame)
    nctr_days = nctr.nctr_days(frame)
    delayed = dtoc.dtoc_days(frame, parts)
    setting_days = settings.setting_days(frame)
    bed_days = beds.bed_days(frame, open_at_midnights(frame, steps))
    figures: Figures = {
        **nctr.nctr_figures(frame, nctr_days, parts),
        **dtoc.dtoc_figures(frame, delayed, dtoc.occupied_beds(frame, setting_days.people)),
        **beds.bed_figures(frame, bed_days),
        **avoided.avoided_figures(frame),
        **settings.setting_figures(frame, setting_days, steps),
        **teams.team_figures(frame, steps),
        **outcomes.outcome_figures(frame, nctr_days),
        **afterwards.afterwards_figures(frame, nctr_days),
        **moves.move_figures(frame),
    }
    return _in_order(frame.scenario, figures), daily_table(frame, nctr_days, delayed, bed_days, setting_days)


def measure_values(plan: Plan, times: Times) -> Floats:
    """Values of a run in the order of `measure_index`; see `measure_all`."""
    return measure_all(plan, times)[0]


def daily_values(plan: Plan, times: Times) -> Floats:
    """Daily series of a run, rows in the order of `daily_index`; see `measure_all`."""
    return measure_all(plan, times)[1]


def measure(plan: Plan, times: Times) -> pd.DataFrame:
    """Figures of a run as a tidy table.

    Returns
    -------
    pandas.DataFrame
        Columns measure, group, unit, value: one row each figure and group.
    """
    import pandas as pd

    if plan.scenario is None:
        raise ValueError("only a plan that was drawn from a scenario can be measured")
    values = measure_values(plan, times)
    table = pd.DataFrame(measure_index(plan.scenario), columns=list(Row._fields))
    return table.assign(value=values)


@once
def _sizes(scenario: Scenario) -> dict[str, list[int]]:
    """How many groups each breakdown of every measure has."""
    facts = Facts.of(scenario)
    return {one.name: [prod(facts.sizes(by)) for by in one.by] for one in MEASURES}


def _in_order(scenario: Scenario, figures: Figures) -> Floats:
    """All values in the order of the registry, their numbers checked against its breakdowns."""
    values: list[ArrayLike] = []
    for name, sizes in _sizes(scenario).items():
        found = figures[name]
        if [np.size(value) for value in found] != sizes:
            raise ValueError(f"{name}: {[np.size(value) for value in found]} values for groups of {sizes}")
        values += found
    return np.concatenate(values, axis=None, dtype=np.float64)
