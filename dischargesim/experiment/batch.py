"""The unit of work: a batch of replications of one scenario.

It runs the same in this process, a thread, a spawned process, or on a Dask or SLURM worker; no plan and no times leave
the worker, only figures.
"""

from __future__ import annotations

import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dischargesim import __version__
from dischargesim.engine import choose, simulate
from dischargesim.experiment.key import batch_key
from dischargesim.loops import announced
from dischargesim.measures import measure_all
from dischargesim.plan.draw import draw_plan
from dischargesim.plan.tables import Plan, Times
from dischargesim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SCENARIOS_KEPT = 8


@dataclass(frozen=True, slots=True)
class One:
    """What one replication came to.

    Attributes
    ----------
    values, daily : ndarray of float64
        As `measures.measure_all` gives them.
    people : int
        Everyone in the plan.
    present, waiting : ndarray of int64
        People in each setting at the end of the run, and people waiting for a place in it.
    """

    values: Floats
    daily: Floats
    people: int
    present: Ints
    waiting: Ints


@dataclass(frozen=True, slots=True)
class Batch:
    """What several replications, one after the other, came to.

    Attributes
    ----------
    first : int
        Number of the first replication.
    values : ndarray of float64, (replications, rows of `measures.measure_index`)
        Figures of the whole run.
    daily : ndarray of float64, (replications, rows of `measures.daily_index`, days)
        Daily series.
    people : ndarray of int64, (replications,)
        Everyone in the plan.
    present, waiting : ndarray of int64, (replications, settings)
        People in each setting at the end of the run, and people waiting for a place in it.
    engine : str
        Engine that was taken.
    seconds : float
        Processor time.
    """

    first: int
    values: Floats
    daily: Floats
    people: Ints
    present: Ints
    waiting: Ints
    engine: str = field(default="auto", compare=False)
    seconds: float = field(default=0.0, compare=False)

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[One]:
        for at in range(len(self)):
            people = int(self.people[at])
            yield One(self.values[at], self.daily[at], people, self.present[at], self.waiting[at])


def run_batch(
    scenario: Scenario, first: int, count: int, engine: str = "auto", on_compile: Callable[[], None] | None = None
) -> Batch:
    """Draw, simulate and measure replications `first` to `first + count - 1`.

    Parameters
    ----------
    scenario : Scenario
    first, count : int
    engine : str
        As for `simulate`.
    on_compile : callable, optional
        Called once if the engine, or loops of the plan and the measures, have to be compiled first.

    Returns
    -------
    Batch
    """
    began = time.thread_time()
    runs = []
    with announced(on_compile) as say:
        for replication in range(first, first + count):
            plan = draw_plan(scenario, replication)
            engine = choose(plan, engine)
            runs.append(_measured(plan, simulate(plan, engine, say)))
    return _stacked(first, runs, engine, time.thread_time() - began)


def _stacked(first: int, runs: Sequence[One], engine: str, seconds: float) -> Batch:
    return Batch(
        first,
        np.stack([run.values for run in runs]),
        np.stack([run.daily for run in runs]),
        np.array([run.people for run in runs], dtype=np.int64),
        np.stack([run.present for run in runs]),
        np.stack([run.waiting for run in runs]),
        engine,
        seconds,
    )


def _measured(plan: Plan, times: Times) -> One:
    values, daily = measure_all(plan, times)
    present, waiting = _at_the_end(plan, times)
    return One(values, daily, plan.people.arrival.size, present, waiting)


def _at_the_end(plan: Plan, times: Times) -> tuple[Ints, Ints]:
    """People in each setting at the end, and people waiting for a place in it."""
    inside = ~np.isnan(times.entered) & np.isnan(times.left)
    waiting = ~np.isnan(times.asked) & np.isnan(times.granted) & np.isnan(times.refused)
    settings = plan.pools.settings
    count = [np.bincount(plan.stays.setting[which], minlength=settings) for which in (inside, waiting)]
    return count[0].astype(np.int64), count[1].astype(np.int64)


# Handed to workers --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Work:
    """A batch to be run, as it is handed to a worker.

    Attributes
    ----------
    key : str
        As `key.batch_key`.
    first, count : int
        Its replications.
    engine : str
    scenario : bytes
        The scenario, pickled once for all its batches.
    version : str
        Of the package that asks.
    """

    key: str
    first: int
    count: int
    engine: str
    scenario: bytes = field(repr=False)
    version: str = __version__

    @property
    def name(self) -> str:
        """Of the batch: key, first replication, number of them."""
        return f"{self.key}-{self.first}-{self.count}"


def pickled(scenario: Scenario) -> bytes:
    """A scenario as `Work` carries it."""
    return pickle.dumps(scenario, protocol=5)


class WrongVersion(RuntimeError):
    """A worker has another version of this package."""


_scenarios: OrderedDict[str, Scenario] = OrderedDict()
_lock = threading.Lock()


def scenario_of(work: Work) -> Scenario:
    """The scenario of a batch; the same object for all batches of a scenario, which keep what was worked out once.

    Raises
    ------
    WrongVersion
        If the batch comes from another version of this package, whose figures would differ.
    """
    if work.version != __version__:
        raise WrongVersion(f"this worker has dischargesim {__version__}, the sweep {work.version}; install the same")
    with _lock:
        if work.key not in _scenarios:
            scenario: Scenario = pickle.loads(work.scenario)
            if batch_key(scenario) != work.key:
                raise WrongVersion(
                    "this worker reads the scenario differently; install the same versions of everything"
                )
            _scenarios[work.key] = scenario
        _scenarios.move_to_end(work.key)
        while len(_scenarios) > _SCENARIOS_KEPT:
            _scenarios.popitem(last=False)
        return _scenarios[work.key]


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker gives back.

    Attributes
    ----------
    file : bytes
        The batch as its file; empty if it failed.
    seconds : float
        Processor time.
    problem : str
        Why it failed, in one line; empty if it did not.
    """

    file: bytes = field(repr=False)
    seconds: float = 0.0
    problem: str = ""


def run_work(work: Work) -> Done:
    """Run a batch in a worker. What goes wrong inside it is part of the answer: only a lost worker raises."""
    from dischargesim.experiment.batch_file import encode

    try:
        scenario = scenario_of(work)
        batch = run_batch(scenario, work.first, work.count, work.engine)
        return Done(encode(work.key, scenario, batch), batch.seconds)
    except Exception as error:
        text = " ".join(str(error).split())
        return Done(b"", problem=f"{type(error).__name__}: {text}" if text else type(error).__name__)


def run_for_replicate(work: Work) -> Batch:
    """Run a batch in a worker, for `replicate`, which keeps the figures in memory."""
    return run_batch(scenario_of(work), work.first, work.count, work.engine)


def load_engine() -> None:
    """Load the engine and the loops of plan and measures, and compile what has not been compiled before."""
    from dischargesim.scenario.load import load_scenario

    # The least of runs: any other compiles the same code.
    scenario = load_scenario(["system=small", "run.days=1", "run.warm_up_days=0"])
    simulate(draw_plan(scenario), "compiled")
    # With numba loaded, the loops of so small a plan are compiled too.
    plan = draw_plan(scenario)
    measure_all(plan, simulate(plan, "compiled"))


def ready() -> None:
    """Load what batches need."""
    from dischargesim.experiment.batch_file import load

    load()
