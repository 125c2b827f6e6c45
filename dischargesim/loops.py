"""Loops over rows, compiled where that is worth its start-up.

A loop is a plain Python function of arrays and numbers. Over a few thousand rows it simply runs, or a twin written in
numpy does its work; over many, or once numba has been loaded for the engine, it is compiled, which makes it a hundred
times as fast. Numba keeps the code on disk, so that compiling happens once for each installation. What comes out is the
same to the last bit: loops add and compare, and times lie on a grid on which every sum is exact.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, cast

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

WORTH_COMPILING = 20_000
"""Rows from which on a loop loads numba, which takes most of a second."""


class Loop(Generic[P, R]):
    """A function that is compiled when it has much to do.

    Parameters
    ----------
    function : callable
        Of arrays and numbers, in the part of Python that numba knows. It must call nothing from another module: numba
        looks at the file that a function stands in to tell whether the code on disk is still good.
    twin : callable, optional
        The same in numpy, for work that is not worth compiling; the function as it stands if left out.
    """

    def __init__(self, function: Callable[P, R], twin: Callable[P, R] | None = None) -> None:
        self._function = function
        self._twin = function if twin is None else twin
        self._compiled: Callable[P, R] | None = None
        update_wrapper(self, function)

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> R:
        """Run it, in whichever form is quicker."""
        if self._compiled is None:
            if not _worth_compiling(arguments):
                return self._twin(*arguments, **named)
            self._compiled = _compile(self._function)
        return self._compiled(*arguments, **named)


def loop(function: Callable[P, R]) -> Loop[P, R]:
    """Decorate a function that is itself run over few rows."""
    return Loop(function)


def instead_of(twin: Callable[P, R]) -> Callable[[Callable[P, R]], Loop[P, R]]:
    """Decorate a function that stands in for one in numpy over many rows."""
    return lambda function: Loop(function, twin)


def _worth_compiling(arguments: tuple[Any, ...]) -> bool:
    if "numba" in sys.modules:
        return True
    rows = max((one.size for one in arguments if isinstance(one, np.ndarray)), default=0)
    if rows < WORTH_COMPILING:
        return False
    try:
        import numba  # noqa: F401
    except ImportError:  # not made for this machine
        return False
    return True


def _compile(function: Callable[P, R]) -> Callable[P, R]:
    import numba

    njit: Callable[..., Any] = numba.njit
    # As numpy does, a division by zero gives inf or nan and raises nothing.
    options = {"nogil": True, "error_model": "numpy"}
    try:
        return cast("Callable[P, R]", njit(cache=True, **options)(function))
    except RuntimeError:  # neither the installation nor the user's home can be written to
        return cast("Callable[P, R]", njit(**options)(function))
