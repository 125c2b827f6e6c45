"""A scenario run several times over in memory, and what its figures come to with 95% intervals."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dischargesim.experiment.batch import Batch, Floats, One, run_batch
from dischargesim.experiment.executors import cores, depth
from dischargesim.experiment.key import batch_key
from dischargesim.experiment.local_executors import Processes
from dischargesim.experiment.moments import interval
from dischargesim.experiment.tables import Summary, summarise
from dischargesim.experiment.worker import Work, pickled, run_for_replicate
from dischargesim.measures import Row, measure_index
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Progress", "Replications", "interval", "replicate"]

Progress = Callable[[int, int], None]

WORTH_PROCESSES = 5.0
"""Seconds of work from which further processes, which first have to load everything, save time."""


@dataclass(frozen=True)
class Replications:
    """All replications of one scenario.

    Attributes
    ----------
    scenario : Scenario
        What was run.
    batches : tuple of Batch
        In the order of their replications.
    engine : str
        Engine that was asked for.
    workers : int
        Processes that took part.
    seconds : float
        How long it took.
    """

    scenario: Scenario
    batches: tuple[Batch, ...]
    engine: str = "auto"
    workers: int = 1
    seconds: float = field(default=0.0, compare=False)

    @cached_property
    def runs(self) -> tuple[One, ...]:
        """One a replication, in their order."""
        return tuple(one for batch in self.batches for one in batch)

    @cached_property
    def values(self) -> Floats:
        """Figures of all replications, one row a replication, columns as in `measures.measure_index`."""
        return np.concatenate([batch.values for batch in self.batches])

    @cached_property
    def summary(self) -> Summary:
        """Means and intervals, and how it was run."""
        summary = summarise(self.scenario, self.batches)
        return replace(summary, engine=self.engine, workers=self.workers, seconds=self.seconds)

    @property
    def measures(self) -> pd.DataFrame:
        """A row each figure and group; see `tables.measures_table`."""
        return self.summary.measures

    @property
    def daily(self) -> pd.DataFrame:
        """A row each counted day, figure and group; see `tables.daily_table`."""
        return self.summary.daily

    @cached_property
    def by_replication(self) -> pd.DataFrame:
        """A row each replication, figure and group: replication, measure, group, unit, value."""
        import pandas as pd

        index = pd.DataFrame(measure_index(self.scenario), columns=list(Row._fields))
        table = index.loc[np.tile(np.arange(len(index)), len(self.runs))].reset_index(drop=True)
        table.insert(0, "replication", np.repeat(np.arange(len(self.runs)), len(index)))
        return table.assign(value=self.values.ravel())


def replicate(
    scenario: Scenario,
    replications: int | None = None,
    *,
    workers: int | None = None,
    engine: str | None = None,
    progress: Progress | None = None,
    on_compile: Callable[[], None] | None = None,
) -> Replications:
    """Run a scenario several times over, with other people each time.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    replications : int, optional
        How often; what the scenario says if left out.
    workers : int, optional
        Processes; what the scenario says if left out, 0 for one a core where that is worth it. Results do not
        depend on it.
    engine : str, optional
        Engine; what the scenario says if left out.
    progress : callable, optional
        Called with the number of replications done and their total.
    on_compile : callable, optional
        Called if the compiled engine has to be compiled first, which takes some ten seconds: a chance to say so. That
        happens in this process before there are others, which then find the code on disk.

    Returns
    -------
    Replications
    """
    total = scenario.run.replications if replications is None else replications
    if total < 1:
        raise ValueError(f"replications: got {total}, expected at least 1")
    wanted = scenario.run.workers if workers is None else workers
    if wanted < 0:
        raise ValueError(f"workers: got {wanted}, expected 0 or more")
    engine = scenario.run.engine if engine is None else engine
    report = progress or (lambda done, of: None)
    began = time.perf_counter()
    # The first replication is run here: the engine is compiled once, and the others take the one that it took.
    batches = [run_batch(scenario, 0, 1, engine, on_compile)]
    engine = batches[0].engine
    report(1, total)
    left = total - 1
    processes = min(wanted or cores(), total)
    # It also tells how much work there is; compiling and loading made it slower than the rest.
    if left and processes > 1 and (wanted > 0 or (time.perf_counter() - began) * left > WORTH_PROCESSES):
        try:
            batches += _in_processes(scenario, total, engine, processes, report)
        except BrokenProcessPool:
            # A script without `if __name__ == "__main__":` cannot be loaded again by a spawned process.
            batches, processes = batches[:1], 1
    else:
        processes = 1
    for number in range(sum(map(len, batches)), total):
        batches.append(run_batch(scenario, number, 1, engine))
        report(number + 1, total)
    return Replications(scenario, tuple(batches), engine, processes, time.perf_counter() - began)


def _in_processes(scenario: Scenario, total: int, engine: str, workers: int, report: Progress) -> list[Batch]:
    """All replications but the first, in processes of their own; in their order."""
    key, data = batch_key(scenario), pickled(scenario)
    works = (Work(key, number, 1, engine, data) for number in range(1, total))
    done: dict[int, Batch] = {}
    running: dict[Future[Batch], int] = {}
    executor = Processes(workers)
    try:
        for work in works:
            running[executor.submit(run_for_replicate, work)] = work.first
            while len(running) >= depth(executor) or (work.first == total - 1 and running):
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    done[running.pop(future)] = future.result()
                    report(1 + len(done), total)
    except BrokenProcessPool:
        raise
    except BaseException:
        executor.interrupt()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
    return [done[number] for number in sorted(done)]
