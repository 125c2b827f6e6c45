"""Which queues grow for as long as a system runs: it then has no steady state, and its results must say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from dischargesim.measures.growth import FEWEST_WEEKS
from dischargesim.scenario.places import locality_of_pool, placed_settings, placed_teams
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

LEAST_A_WEEK = 0.05
"""People or tasks a week: about three in a year. Slower growth is of no account."""
LEAST_A_YEAR = 0.1
"""Growth in a year as a share of the mean queue. Slower growth is of no account."""
FEWEST_RUNS = 5
"""Replications from which on the spread between them tells growth from chance."""
_WEEKS_A_YEAR = 365.25 / 7


@dataclass(frozen=True, slots=True)
class Growing:
    """A queue that grows.

    Attributes
    ----------
    kind : {"setting", "team"}
        What it is a queue for.
    name : str
        The setting or team as the results name it, such as ``reablement@north``.
    a_week : float
        Mean growth: people, or tasks for a team, a week.
    lower, upper : float
        95% interval of the mean; NaN from one replication.
    queue : float
        People or tasks waiting on average.
    """

    kind: Literal["setting", "team"]
    name: str
    a_week: float
    lower: float
    upper: float
    queue: float


def growing(measures: pd.DataFrame, days: int) -> list[Growing]:
    """Queues that grow, by more than chance and by more than a trifle.

    Parameters
    ----------
    measures : pandas.DataFrame
        As `Replications.measures`.
    days : int
        Counted days.

    Returns
    -------
    list of Growing
        Settings first. A queue is named if the whole 95% interval of its growth lies above `LEAST_A_WEEK`, and the mean
        comes in a year to more than `LEAST_A_YEAR` of the queue's mean length. From fewer than `FEWEST_RUNS`
        replications, whose spread tells little, it is named if the mean comes within the counted days to more than
        that length, as with a queue that began near nothing and never stopped. Of a setting or team that is split
        between localities, the parts are named.

    Notes
    -----
    A queue that is still filling up, because the warm-up was too short for it, is named too: that is no steady state
    either. Of forty queues that do not grow, one is named by chance at most.
    """
    found: list[Growing] = []
    kinds: tuple[Literal["setting", "team"], ...] = ("setting", "team")
    for kind in kinds:
        table = _queues(measures, kind)
        named = table[_grows(table, days)]
        columns = (named[column].tolist() for column in ("name", "mean", "lower", "upper", "queue"))
        found += [Growing(kind, *row) for row in zip(*columns, strict=True)]
    return found


def _queues(measures: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Growth and mean length of the queues that there are, without those that stand for several."""
    growth = measures[measures["measure"] == f"{kind}_queue_growth"]
    length = measures[measures["measure"] == f"{kind}_queue"].set_index("group")["mean"]
    names = [group.partition("=")[2] for group in growth["group"]]
    parted = {name.partition("@")[0] for name in names if "@" in name}
    table = growth.assign(name=names, queue=length.reindex(growth["group"]).to_numpy())
    return table[~table["name"].isin(parted)]


def _grows(table: pd.DataFrame, days: int) -> NDArray[np.bool_]:
    columns = ("mean", "lower", "queue", "replications")
    mean, lower, queue, runs = (table[column].to_numpy(dtype=np.float64) for column in columns)
    surely = np.where(runs < FEWEST_RUNS, mean * (days // 7) > queue, lower > LEAST_A_WEEK)
    grows: NDArray[np.bool_] = surely & (mean > LEAST_A_WEEK) & (mean * _WEEKS_A_YEAR > LEAST_A_YEAR * queue)
    return grows


def no_steady_state(scenario: Scenario, queues: Sequence[Growing], replications: int) -> str:
    """One line that names queues that grow; empty if there are none.

    Parameters
    ----------
    scenario : Scenario
    queues : sequence of Growing
    replications : int
        How many the growth was found in.
    """
    if not queues:
        return ""
    titles = {
        "setting": {name: setting.title for name, setting in placed_settings(scenario).items()},
        "team": {name: team.title for name, team in placed_teams(scenario).items()},
    }
    named = []
    for queue in queues:
        locality = locality_of_pool(queue.name)
        where = f" ({locality})" if locality else ""
        between = "" if replications < FEWEST_RUNS else f" ({queue.lower:.2g} to {queue.upper:.2g})"
        who = "people" if queue.kind == "setting" else "tasks"
        named.append(f"{titles[queue.kind][queue.name]}{where}, by {queue.a_week:.2g}{between} {who} a week")
    sure = (
        "No steady state"
        if replications >= FEWEST_RUNS
        else "Perhaps no steady state (too few replications to be sure)"
    )
    return (
        f"{sure}. Queues that grow as long as the run lasts: {'; '.join(named)}. "
        f"Figures that depend on them hold for these {scenario.run.days} days alone."
    )


def too_short_to_tell(scenario: Scenario) -> bool:
    """Whether the counted days are too few to tell whether queues grow."""
    return scenario.run.days < 7 * FEWEST_WEEKS
