"""The compiled engine: the same model as `simpy_engine`, for large runs and sweeps.

The model is in `kernel`, and what it works on in `columns` and `agenda`. This module minds the compiled code, which
takes some ten seconds to make; numba keeps it on disk, so that is once for each installation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import getsource
from typing import Any
from zlib import crc32

from dischargesim.engine import agenda, calendar, columns, kernel, queues
from dischargesim.engine.columns import kernel_arguments
from dischargesim.memory import keep_memory
from dischargesim.plan.tables import Plan, Times


def run(plan: Plan, on_compile: Callable[[], None] | None = None) -> Times:
    """Add the waiting to a plan, in compiled code.

    Parameters
    ----------
    plan : Plan
        What will happen to everyone, except the waiting. It is not changed.
    on_compile : callable, optional
        Called before the model is compiled, which takes some ten seconds: a chance to say so. Not called where
        compiled code is at hand.

    Returns
    -------
    Times
        When everything happened, row for row: the same as in SimPy, to the last bit.
    """
    return run_counted(plan, on_compile)[0]


def run_counted(plan: Plan, on_compile: Callable[[], None] | None = None) -> tuple[Times, int]:
    """As `run`, with the number of events that happened."""
    keep_memory()
    times = Times.empty(plan)
    times.entered[:] = plan.stays.entered
    arguments = kernel_arguments(plan, times)
    if on_compile is not None and not is_cached(arguments):
        on_compile()
    try:
        return times, int(_compiled(*arguments))
    except AttributeError:
        # The cache was written by a version of this package that had other classes, which numba then looks for.
        return times, int(_uncached()(*arguments))


def is_cached(arguments: tuple[Any, ...]) -> bool:
    """Whether code for `kernel_arguments` is in memory or on disk. If numba does not say: no."""
    if _compiled.signatures:
        return True
    try:
        signature = tuple(_compiled.typeof_pyval(argument) for argument in arguments)
        kept = _compiled._cache
        key = kept._index_key(signature, _compiled.targetctx.codegen())
        return bool(key in kept._cache_file._load_index())
    except Exception:  # all of this is numba's own affair and may change
        return False


def _function(source: int) -> Callable[..., int]:
    """The kernel, as a function of this file.

    Numba compares a cached function with the file it stands in, and with the values of free variables; it does not
    see that other files have changed. So a checksum of those is made a free variable.
    """

    def run_kernel(arrival, first, stays, tasks, pools, reviews, state, events):  # type: ignore[no-untyped-def]
        _ = source
        return kernel.add_waiting(arrival, first, stays, tasks, pools, reviews, state, events)

    return run_kernel


def _compile(source: int) -> Any:
    """The kernel as numba's dispatcher, with its cache on disk if there is a place for one."""
    try:
        return agenda.compiled(_function(source), cache=True)
    except RuntimeError:  # neither the installation nor the user's home can be written to
        return agenda.compiled(_function(source), cache=False)


@cache
def _uncached() -> Any:
    return agenda.compiled(_function(_checksum()), cache=False)


def _checksum() -> int:
    return crc32("".join(getsource(module) for module in (agenda, calendar, columns, kernel, queues)).encode())


_compiled = _compile(_checksum())
