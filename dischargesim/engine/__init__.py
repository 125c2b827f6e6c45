"""The engines add the waiting to a plan: plan in, times out.

Two engines keep one contract (docs/engines.md) and give the same times to the last bit. ``"simpy"`` is the model
that people read; ``"compiled"`` is the same model for large runs and sweeps.
"""

from __future__ import annotations

import sys
from importlib import import_module

from dischargesim.engine import simpy_engine
from dischargesim.plan.check import check_plan
from dischargesim.plan.tables import Plan, Times

ENGINES = ("auto", "simpy", "compiled")

WORTH_LOADING = 20_000
"""Stays and tasks from which ``"auto"`` loads the compiled engine. That takes most of a second, in which SimPy does
about 100,000; but whoever runs a plan of some size mostly goes on to run more of them."""

__all__ = ["ENGINES", "simulate"]


def simulate(plan: Plan, engine: str = "auto") -> Times:
    """Add the waiting to a plan.

    Parameters
    ----------
    plan : Plan
        What will happen to everyone, except the waiting. It is not changed.
    engine : {"auto", "simpy", "compiled"}
        Which engine. Results do not differ, only speed. ``"auto"`` takes the compiled engine where numba is
        installed and the plan is large enough, or the engine is loaded already, and SimPy otherwise.

    Returns
    -------
    Times
        When everything happened, row for row with the plan's tables.

    Raises
    ------
    ValueError
        The engine's name is not one of `ENGINES`.
    PlanError
        The tables of the plan contradict each other (`dischargesim.plan.check`).
    """
    if engine not in ENGINES:
        raise ValueError(f"engine: got {engine!r}, expected one of {', '.join(ENGINES)}")
    check_plan(plan)
    if engine == "auto":
        engine = _faster(plan)
    if engine == "simpy":
        return simpy_engine.run(plan)
    from dischargesim.engine import compiled_engine  # here, because importing numba takes most of a second

    return compiled_engine.run(plan)


def _faster(plan: Plan) -> str:
    """The engine that has this plan done first, loading included."""
    compiled = "dischargesim.engine.compiled_engine"
    if compiled not in sys.modules:
        if plan.stays.person.size + plan.tasks.stay.size < WORTH_LOADING:
            return "simpy"
        try:
            import_module(compiled)
        except ImportError:  # no numba here
            return "simpy"
    return "compiled"
