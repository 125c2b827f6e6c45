"""Lists of tasks, of a pathway or a destination, as arrays in an order in which they can be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dischargesim.plan.streams import on_grid
from dischargesim.plan.tables import FROM_ENTERING, FROM_READY, NONE, Floats, Rows
from dischargesim.scenario.journeys import TaskUse, destinations
from dischargesim.scenario.once import once
from dischargesim.scenario.resources import Task
from dischargesim.scenario.schema import Scenario

Path = tuple[str, ...]
Uses = dict[str, TaskUse]


@dataclass(frozen=True, slots=True)
class TaskList:
    """The tasks of one pathway or destination, each after those it waits for.

    Attributes
    ----------
    tasks : dict of str to Task
    kind : ndarray of int32, one a task
        Number of each among all tasks of the scenario.
    share : ndarray of float64, one a task
        Share of the people who need it.
    waits_for : ndarray of int32, one a task
        Position in this list of the one it waits for, or `NONE`.
    assessment : ndarray of bool, one a task
        Under discharge to assess it is done in the next setting.
    starts : ndarray of float64, one a task
        Earliest start, days.
    anchor : ndarray of int32, one a task
        What `starts` counts from, as in `tables.Tasks`.
    """

    tasks: dict[str, Task]
    kind: Rows
    share: Floats
    waits_for: Rows
    assessment: NDArray[np.bool_]
    starts: Floats
    anchor: Rows

    @classmethod
    def of(cls, uses: Uses, scenario: Scenario) -> TaskList:
        """A list of a scenario."""
        names = in_order(uses)
        tasks = {name: scenario.tasks[name] for name in names}
        kinds = {name: number for number, name in enumerate(scenario.tasks)}
        position: dict[str | None, int] = {name: number for number, name in enumerate(names)}
        entering = [task.starts_from == "entering" for task in tasks.values()]
        return cls(
            tasks,
            np.array([kinds[name] for name in names], dtype=np.int32),
            np.array([uses[name].share for name in names], dtype=np.float64),
            np.array([position.get(uses[name].after, NONE) for name in names], dtype=np.int32),
            np.array([task.assessment for task in tasks.values()], dtype=np.bool_),
            on_grid(np.array([task.starts_days for task in tasks.values()], dtype=np.float64)),
            np.where(entering, FROM_ENTERING, FROM_READY).astype(np.int32),
        )


def in_order(uses: Uses) -> list[str]:
    """Put tasks in an order in which each comes after those it waits for.

    Parameters
    ----------
    uses : dict of str to TaskUse
        Free of circles.

    Returns
    -------
    list of str
        Those that wait for nothing first, then by the number of tasks before each, and as they stand where that is
        the same.
    """
    before: dict[str | None, int] = {}
    for name in uses:
        chain = []
        one: str | None = name
        while one is not None and one in uses and one not in before:
            chain.append(one)
            one = uses[one].after
        for one in reversed(chain):
            before[one] = before.get(uses[one].after, -1) + 1
    return sorted(uses, key=before.__getitem__)


@once
def task_lists(scenario: Scenario) -> Mapping[Path, TaskList]:
    """Every list of tasks of a scenario.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    mapping of tuple of str to TaskList
        By pathway, and by the keys from the pathway to each destination; empty lists are left out.
    """
    lists: dict[Path, Uses] = {(name,): path.tasks for name, path in scenario.pathways.items()}
    for name, path in scenario.pathways.items():
        lists |= {(name, *keys): option.tasks for keys, option in destinations(path.next)}
    return {path: TaskList.of(uses, scenario) for path, uses in lists.items() if uses}
