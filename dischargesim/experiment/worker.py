"""What is handed to a worker and what comes back: a batch to be run, and its file."""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from dischargesim import __version__
from dischargesim.engine import simulate
from dischargesim.experiment.batch import Batch, run_batch
from dischargesim.experiment.batch_file import encode, load
from dischargesim.experiment.key import batch_key
from dischargesim.measures import measure_all
from dischargesim.plan.draw import draw_plan
from dischargesim.scenario.schema import Scenario

_SCENARIOS_KEPT = 8


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
    load()
