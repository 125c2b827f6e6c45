"""Discharge-flow simulation for health and social care.

>>> import dischargesim as ds
>>> scenario = ds.load_scenario(["system=small", "run=quick"])
>>> plan = ds.draw_plan(scenario, replication=0)
>>> times = ds.simulate(plan, engine="simpy")
>>> sorted(ds.measure(plan, times).columns)
['group', 'measure', 'unit', 'value']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dischargesim import data
    from dischargesim.engine import simulate
    from dischargesim.experiment.replicate import replicate
    from dischargesim.measures import measure
    from dischargesim.plan.draw import draw_plan
    from dischargesim.scenario.load import load_scenario, load_scenario_file
    from dischargesim.scenario.problems import ScenarioError

__all__ = [
    "ScenarioError",
    "__version__",
    "data",
    "draw_plan",
    "load_scenario",
    "load_scenario_file",
    "measure",
    "replicate",
    "simulate",
]

__version__ = "0.1.0"

# Imported when they are first asked for, so that `dischargesim --help` answers at once.
_HOME = {
    "ScenarioError": "dischargesim.scenario.problems",
    "draw_plan": "dischargesim.plan.draw",
    "load_scenario": "dischargesim.scenario.load",
    "load_scenario_file": "dischargesim.scenario.load",
    "measure": "dischargesim.measures",
    "replicate": "dischargesim.experiment.replicate",
    "simulate": "dischargesim.engine",
}


def __getattr__(name: str) -> Any:
    if name == "data":  # a module of its own: `ds.data.dtoc()`
        return import_module("dischargesim.data")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
