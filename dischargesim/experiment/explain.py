"""What would happen without a reason for delay: each removed alone, on the same people.

The days of a delay are shared out over what the person waited for, moment by moment, so that they add up. What would be
saved if a reason went away is another question, and has another answer:

- Two tasks go on side by side, and take as long: to remove either saves nothing, to remove both saves all.
- Who is done sooner with one thing may wait for the next, or take the place somebody else would have had.
- A bed that is free sooner is filled sooner.

So a reason is taken out of the *plan*, in which the same people have the same needs, and the plan is simulated again:

- tasks of that reason take no time and no staff, and may begin when the person comes in;
- settings for which people wait with that reason always have room;
- move-in hours of that reason are open day and night.

To take out a reason need not save a day, and can even lose some: those who now come sooner to the next queue stand
before somebody else, who may wait there in a hospital bed while they would have waited elsewhere. The sum of what each
would save alone is no measure of anything; the table says so, and gives what removing all of them at once saves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dischargesim.engine import simulate
from dischargesim.experiment.compare import paired
from dischargesim.experiment.executor_settings import ExecutorSettings
from dischargesim.experiment.executors import cores, depth, interrupt, open_executor
from dischargesim.experiment.moments import half_widths
from dischargesim.experiment.replicate import WORTH_PROCESSES, Progress
from dischargesim.loops import announced
from dischargesim.measures import measure_index, measure_values
from dischargesim.measures.frame import Frame
from dischargesim.measures.nctr import nctr_days
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import FROM_ENTERING, NONE, UNLIMITED, Plan, Pools, Tasks, Times
from dischargesim.scenario.places import placed_settings
from dischargesim.scenario.reasons import REASONS
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

MEASURE = "nctr_bed_days_lost"
DAYS_A_YEAR = 365.25
SUM, TOTAL, ALL = "sum", "total", "all_at_once"
"""Rows that are no reasons: the sum over the reasons; bed days lost in all; all reasons removed at once."""


def reasons_of(scenario: Scenario) -> dict[str, frozenset[str]]:
    """Reasons that delays of a scenario can have.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    dict of str to frozenset of str
        By national reason, the keys that count as it: a nursing home is waited for as a care home. In the order of
        the national list.
    """
    used = {task.reason for task in scenario.tasks.values()}
    for setting in scenario.settings.values():
        used |= {reason for reason in (setting.waiting_reason, setting.move_in_reason) if reason}
    found: dict[str, set[str]] = {}
    for key in REASONS:
        if key in used:
            found.setdefault(REASONS[key].part_of or key, set()).add(key)
    return {key: frozenset(found[key]) for key in REASONS if key in found}


def without(plan: Plan, reasons: Iterable[str]) -> Plan:
    """A plan from which some reasons for delay are removed, with the same people.

    Parameters
    ----------
    plan : Plan
        Drawn from a scenario.
    reasons : iterable of str
        Keys as in `scenario.reasons`.

    Returns
    -------
    Plan
        Same rows; see the module for what differs.

    Raises
    ------
    ValueError
        If the plan does not say which scenario it came from.
    """
    scenario = plan.scenario
    if scenario is None:
        raise ValueError("only a plan that was drawn from a scenario has reasons to remove")
    gone = frozenset(reasons)
    return replace(plan, tasks=_tasks(plan.tasks, scenario, gone), pools=_pools(plan.pools, scenario, gone))


def _tasks(tasks: Tasks, scenario: Scenario, gone: frozenset[str]) -> Tasks:
    of_kind = np.array([task.reason in gone for task in scenario.tasks.values()], dtype=np.bool_)
    if not of_kind.any():
        return tasks
    here = of_kind[tasks.kind]
    return replace(
        tasks,
        work=np.where(here, 0.0, tasks.work),
        team=np.where(here, NONE, tasks.team).astype(np.int32),
        starts=np.where(here, 0.0, tasks.starts),
        anchor=np.where(here, FROM_ENTERING, tasks.anchor).astype(np.int32),
    )


def _pools(pools: Pools, scenario: Scenario, gone: frozenset[str]) -> Pools:
    roomy = np.zeros(len(pools.names), dtype=np.bool_)
    calendar = pools.calendar.copy()
    for number, setting in enumerate(placed_settings(scenario).values()):
        roomy[number] = setting.waiting_reason in gone
        if (setting.move_in_reason or setting.waiting_reason) in gone:
            calendar[number] = NONE
    capacity = np.where(roomy[pools.change_pool], UNLIMITED, pools.change_capacity)
    return replace(pools, calendar=calendar, change_capacity=capacity)


@dataclass(frozen=True, slots=True)
class Explained:
    """Bed days lost to delays in one replication, over its counted days.

    Attributes
    ----------
    attributed : ndarray of float64
        To each reason, in the order of `reasons_of`.
    lost : float
        In all.
    lost_without : ndarray of float64
        With each reason removed alone, then with all of them removed.
    """

    attributed: Floats
    lost: float
    lost_without: Floats


def explain_one(
    scenario: Scenario, replication: int, engine: str = "auto", on_compile: Callable[[], None] | None = None
) -> Explained:
    """Remove each reason of a scenario in one replication.

    Parameters
    ----------
    scenario : Scenario
    replication : int
    engine, on_compile
        As for `simulate`.
    """
    with announced(on_compile) as say:
        plan = draw_plan(scenario, replication)
        values = measure_values(plan, simulate(plan, engine, say)).tolist()
    rows = zip(measure_index(scenario), values, strict=True)
    by_group = {row.group: value for row, value in rows if row.measure == MEASURE}
    reasons = reasons_of(scenario)
    removed = [*reasons.values(), frozenset().union(*reasons.values())]
    plans = (without(plan, keys) for keys in removed)
    return Explained(
        np.array([by_group[f"sub_reason={name}"] for name in reasons]),
        by_group["all"],
        np.array([_lost(other, simulate(other, engine)) for other in plans]),
    )


def _lost(plan: Plan, times: Times) -> float:
    """`MEASURE` for all, without the other measures."""
    return float(nctr_days(Frame.of(plan, times)).remaining.sum())


def explain(
    scenario: Scenario,
    replications: Sequence[int],
    *,
    settings: ExecutorSettings | None = None,
    workers: int = 0,
    engine: str | None = None,
    progress: Progress | None = None,
    on_compile: Callable[[], None] | None = None,
) -> pd.DataFrame:
    """What would happen without each reason, over several replications.

    Parameters
    ----------
    scenario : Scenario
    replications : sequence of int
        Their numbers, at least one.
    settings : ExecutorSettings, optional
        What the replications run on, the first of them left out; processes of this machine, if the work is worth
        starting them, if left out. The result does not depend on it.
    workers : int
        Processes where `settings` is left out; 0 for one a core where that is worth it.
    engine : str, optional
        Engine; what the scenario says if left out.
    progress : callable, optional
        Called with the number of replications done and their total.
    on_compile : callable, optional
        Called if the compiled engine has to be compiled first.

    Returns
    -------
    pandas.DataFrame
        As `table_of`.
    """
    report = progress or (lambda done, of: None)
    engine = scenario.run.engine if engine is None else engine
    first, *others = replications
    began = time.perf_counter()
    # The first is run here: the engine is compiled once, and it tells how much work there is.
    done = {first: explain_one(scenario, first, engine, on_compile)}
    report(1, len(replications))
    if settings is None:
        worth = workers > 0 or (time.perf_counter() - began) * len(others) > WORTH_PROCESSES
        settings = ExecutorSettings(workers=min(workers or cores(), len(others)) if worth and others else 1)
    with open_executor(settings) as executor:
        waiting, running = iter(others), dict[Future[Explained], int]()
        try:
            while len(done) < len(replications):
                for number in islice(waiting, depth(executor) - len(running)):
                    running[executor.submit(explain_one, scenario, number, engine)] = number
                # Now and then this process looks up, as Windows lets nobody interrupt a wait.
                for future in wait(running, timeout=1, return_when=FIRST_COMPLETED).done:
                    done[running.pop(future)] = future.result()
                report(len(done), len(replications))
        except BaseException:
            interrupt(executor)
            raise
    return table_of(scenario, [done[number] for number in replications])


def table_of(scenario: Scenario, runs: Sequence[Explained]) -> pd.DataFrame:
    """Days attributed to each reason, beside those that removing it alone would save.

    Parameters
    ----------
    scenario : Scenario
    runs : sequence of Explained
        One a replication, at least one.

    Returns
    -------
    pandas.DataFrame
        Columns reason, title, attributed, share, saved, lower, upper, replications. Attributed and saved are means over
        the replications, in bed days a year; lower and upper are the 95% interval of saved, from the paired
        differences, empty from fewer than two replications (each is for its own reason: of twenty, one misses by
        chance). One row a reason, the most attributed first; then `sum` over the reasons; `total`, the bed days lost;
        `all_at_once`. The sum of attributed is the total. The sum of saved is no figure of anything.
    """
    import pandas as pd

    reasons = list(reasons_of(scenario))
    a_year = DAYS_A_YEAR / scenario.run.days
    attributed = np.array([one.attributed for one in runs]) * a_year
    lost = np.array([one.lost for one in runs])[:, None] * a_year
    left = np.array([one.lost_without for one in runs]) * a_year
    saved = paired(left, np.broadcast_to(lost, left.shape))
    total, each = float(lost.mean()), half_widths(attributed)[0]
    table = pd.DataFrame(
        {
            "reason": [*reasons, ALL],
            "title": [*(REASONS[key].title for key in reasons), "All reasons removed at once"],
            "attributed": [*each, np.nan],
            "saved": saved.difference,
            "lower": saved.lower,
            "upper": saved.upper,
        }
    )
    parts, ends = table.iloc[:-1], table.iloc[-1:]
    parts = parts.sort_values("attributed", ascending=False, kind="stable")
    lines = [
        {"reason": SUM, "title": "Sum of the lines above", "attributed": each.sum(), "saved": parts["saved"].sum()},
        {"reason": TOTAL, "title": "Bed days lost in all", "attributed": total},
    ]
    table = pd.concat([parts, pd.DataFrame(lines), ends], ignore_index=True)
    table.insert(3, "share", table["attributed"] / total if total else np.nan)
    return table.assign(replications=len(runs))
