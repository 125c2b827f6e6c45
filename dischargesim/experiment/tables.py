"""Tables of results: what figures come to over the replications, whole and by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dischargesim.experiment.batch import Batch, Ints
from dischargesim.experiment.moments import Moments
from dischargesim.measures import Row, daily_index, measure_index
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Summary:
    """What all replications of a scenario come to.

    Attributes
    ----------
    scenario : Scenario
    replications : int
    measures : pandas.DataFrame
        See `measures_table`.
    daily : pandas.DataFrame
        See `daily_table`.
    people : float
        Mean number of people in a replication.
    present, waiting : ndarray of float64
        Mean number of people in each setting at the end, and of people waiting for a place in it.
    engine : str
        Engine that was asked for, or taken.
    workers : int
        How many batches were run at a time.
    seconds : float
        How long it took.
    """

    scenario: Scenario
    replications: int
    measures: pd.DataFrame
    daily: pd.DataFrame
    people: float
    present: NDArray[np.float64]
    waiting: NDArray[np.float64]
    engine: str = "auto"
    workers: int = 1
    seconds: float = 0.0


def summarise(scenario: Scenario, batches: Iterable[Batch]) -> Summary:
    """Means and intervals over batches of replications, which are taken in one by one and in their order.

    Parameters
    ----------
    scenario : Scenario
    batches : iterable of Batch
        At least one.
    """
    figures, series = Moments(), Moments()
    count = 0
    sums: list[Ints] = []
    for batch in batches:
        figures.add(batch.values)
        series.add(batch.daily)
        part = [array.sum(axis=0) for array in (batch.people, batch.present, batch.waiting)]
        sums = [a + b for a, b in zip(sums, part, strict=True)] if sums else part
        count += len(batch)
    if not count:
        raise ValueError("there are no replications")
    people, present, waiting = (total / count for total in sums)
    tables = measures_table(scenario, figures), daily_table(scenario, series)
    return Summary(scenario, count, *tables, float(people), present, waiting)


def measures_table(scenario: Scenario, figures: Moments) -> pd.DataFrame:
    """A row each figure and group: measure, group, unit, mean, lower, upper, replications.

    Lower and upper are a 95% interval, empty from fewer than two replications; replications says in how many of them
    the figure is defined, since the mean delay of nobody is not.
    """
    import pandas as pd

    index = measure_index(scenario)
    mean, lower, upper, count = figures.possible_interval(index)
    table = pd.DataFrame(index, columns=list(Row._fields))
    return table.assign(mean=mean, lower=lower, upper=upper, replications=count)


def daily_table(scenario: Scenario, series: Moments) -> pd.DataFrame:
    """A row each counted day, figure and group: day, date, measure, group, unit, mean, lower, upper."""
    import pandas as pd

    mean, lower, upper, _ = series.possible_interval(daily_index(scenario))
    rows, days = mean.shape
    index = pd.DataFrame(daily_index(scenario), columns=list(Row._fields))
    table = index.loc[np.tile(np.arange(rows), days)].reset_index(drop=True)
    dates = [(scenario.start_date + timedelta(days=day)).isoformat() for day in range(days)]
    table.insert(0, "date", np.repeat(np.array(dates, dtype=object), rows))
    table.insert(0, "day", np.repeat(np.arange(days), rows))
    return table.assign(mean=mean.T.ravel(), lower=lower.T.ravel(), upper=upper.T.ravel())
