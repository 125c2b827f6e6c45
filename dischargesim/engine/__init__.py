"""The engines add the waiting to a plan: plan in, times out.

Two engines keep one contract (docs/engines.md) and give the same times to the last bit. ``"simpy"`` is the model
that people read; ``"compiled"`` is the same model for large runs and sweeps.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module

from dischargesim.engine import simpy_engine
from dischargesim.plan.check import check_plan
from dischargesim.plan.tables import Plan, Times

ENGINES = ("auto", "simpy", "compiled")

WORTH_LOADING = 20_000
"""Stays and tasks from which ``"auto"`` loads the compiled engine. That takes most of a second, in which SimPy does
about 100,000; but whoever runs a plan of some size mostly goes on to run more of them."""

__all__ = ["ENGINES", "choose", "simulate"]


def simulate(plan: Plan, engine: str = "auto", on_compile: Callable[[], None] | None = None) -> Times:
    """Add the waiting to a plan.

    Parameters
    ----------
    plan : Plan
        What will happen to everyone, except the waiting. It is not changed.
    engine : {"auto", "simpy", "compiled"}
        Which engine. Results do not differ, only speed. ``"auto"`` takes the compiled engine where numba is
        installed and the plan is large enough, or the engine is loaded already, and SimPy otherwise.
    on_compile : callable, optional
        Called if the compiled engine has to be compiled first, which takes some ten seconds: a chance to say so.

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
    check_plan(plan)
    if choose(plan, engine) == "simpy":
        return simpy_engine.run(plan)
    from dischargesim.engine import compiled_engine  # here, because importing numba takes most of a second

    return compiled_engine.run(plan, on_compile)


def choose(plan: Plan, engine: str = "auto") -> str:
    """The engine that `simulate` takes for a plan: for ``"auto"``, the one that has it done first, loading included."""
    if engine not in ENGINES:
        raise ValueError(f"engine: got {engine!r}, expected one of {', '.join(ENGINES)}")
    if engine != "auto":
        return engine
    compiled = "dischargesim.engine.compiled_engine"
    if compiled not in sys.modules:
        if plan.stays.person.size + plan.tasks.stay.size < WORTH_LOADING:
            return "simpy"
        try:
            import_module(compiled)
        except ImportError:  # no numba here
            return "simpy"
    return "compiled"
