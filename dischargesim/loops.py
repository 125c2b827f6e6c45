"""Loops over rows, compiled where that is worth its start-up.

A loop is a plain Python function of arrays of one dimension, named tuples of them, and numbers. Over a few thousand
rows it simply runs, or a twin written in numpy does its work; over many, or once numba has been loaded for the engine,
it is compiled, which makes it some hundred times as fast. Numba keeps the code on disk, so that compiling happens once
for each installation. What comes out is the same to the last bit: loops add and compare, and times lie on a grid on
which every sum is exact.

A loop that runs as it stands is given views of its arrays that hand out Python's own numbers: they are read in half
the time of numpy's, and whole numbers are as wide as in compiled code. So all that such a loop may do with its arrays
is to index and slice them, go through them and take their `len`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import EnumMeta
from functools import update_wrapper
from types import CellType, FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, cast

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

WORTH_COMPILING = 20_000
"""Rows from which on a loop loads numba, which takes most of a second."""


_on_compile: ContextVar[Callable[[], None] | None] = ContextVar("on_compile", default=None)


@contextmanager
def announced(on_compile: Callable[[], None] | None) -> Iterator[Callable[[], None] | None]:
    """Have it said before loops are compiled.

    Parameters
    ----------
    on_compile : callable, optional
        Called before the first loop is compiled meanwhile, and for none that is found on disk.

    Yields
    ------
    callable, optional
        The same, for others who compile something to call: it does nothing from the second time on.
    """
    waiting = [] if on_compile is None else [on_compile]

    def say() -> None:
        if waiting:
            waiting.pop()()

    token = _on_compile.set(say)
    try:
        yield None if on_compile is None else say
    finally:
        _on_compile.reset(token)


class Loop(Generic[P, R]):
    """A function that is compiled when it has much to do.

    Parameters
    ----------
    function : callable
        Of arrays, named tuples of arrays and numbers, in the part of Python that numba knows. It must call nothing from
        another module: numba looks at the file that a function stands in to tell whether the code on disk is still
        good. Constants and enumerations it may read from any module. What it goes over comes first: that says how much
        it has to do.
    twin : callable, optional
        The same in numpy, for work that is not worth compiling; the function as it stands if left out. A function
        without a twin makes no arrays: it is given those that it writes.
    """

    def __init__(self, function: Callable[P, R], twin: Callable[P, R] | None = None) -> None:
        self._function = function
        self._twin = function if twin is None else twin
        self._compiled: Callable[P, R] | None = None
        update_wrapper(self, function)

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> R:
        """Run it, in whichever form is quicker."""
        if self._compiled is not None:
            return self._compiled(*arguments, **named)
        if not _worth_compiling(arguments):
            return self.plain(*arguments, **named)
        return self.compiled(*arguments, **named)

    def plain(self, *arguments: P.args, **named: P.kwargs) -> R:
        """Run the twin, or the function as it stands."""
        if self._twin is not self._function:
            return self._twin(*arguments, **named)
        function: Callable[..., R] = self._function
        return function(*map(_view, arguments), **{name: _view(one) for name, one in named.items()})

    def compiled(self, *arguments: P.args, **named: P.kwargs) -> R:
        """Run it compiled, from disk or first of all."""
        if self._compiled is None:
            compiled = _compile(self._function, counted=self._twin is not self._function)
            say = _on_compile.get()
            if say is not None and not _is_cached(compiled):
                say()
            self._compiled = compiled
        return self._compiled(*arguments, **named)


def loop(function: Callable[P, R]) -> Loop[P, R]:
    """Decorate a function that is itself run over few rows."""
    return Loop(function)


def instead_of(twin: Callable[P, R]) -> Callable[[Callable[P, R]], Loop[P, R]]:
    """Decorate a function that stands in for one in numpy over many rows."""
    return lambda function: Loop(function, twin)


def _view(argument: Any) -> Any:
    """An array as a view that gives Python's numbers; so too in a named tuple."""
    if isinstance(argument, np.ndarray):
        return memoryview(cast("Any", argument))
    return type(argument)(*map(_view, argument)) if isinstance(argument, tuple) else argument


def _rows(argument: Any) -> int:
    if isinstance(argument, tuple):
        return max(map(_rows, argument), default=0)
    return argument.size if isinstance(argument, np.ndarray) else 0


def _worth_compiling(arguments: tuple[Any, ...]) -> bool:
    if "numba" in sys.modules:
        return True
    if not arguments or _rows(arguments[0]) < WORTH_COMPILING:
        return False
    try:
        import numba  # noqa: F401
    except ImportError:  # not made for this machine
        return False
    return True


def _with_constants(function: Any) -> Any:
    """The function with a free variable that holds the constants it reads.

    They are frozen into the compiled code. Numba does not see that the module of a constant has changed, but does
    compare free variables before it takes code from disk.
    """
    code, known = function.__code__, function.__globals__
    read = {name: known[name] for name in code.co_names if name in known}
    values: dict[str, Any] = {name: value for name, value in read.items() if isinstance(value, (int, float, tuple))}
    values |= {name: list(one.__members__.items()) for name, one in read.items() if isinstance(one, EnumMeta)}
    if not values:
        return function
    named = code.replace(co_freevars=(*code.co_freevars, "_constants"))
    cells = (*(function.__closure__ or ()), CellType(repr(values)))
    return update_wrapper(FunctionType(named, known, function.__name__, function.__defaults__, cells), function)


def _compile(function: Callable[P, R], counted: bool) -> Callable[P, R]:
    from numba import njit
    from numba.core.options import DefaultOptions

    function = _with_constants(function)
    # As numpy does, a division by zero gives inf or nan and raises nothing.
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    # Where no array is made, references to arrays need not be counted, which spares a fifth of the compiling. The
    # option has no public name.
    if not counted and hasattr(DefaultOptions, "_nrt"):
        options["_nrt"] = False
    compiler: Any = njit
    try:
        return cast("Callable[P, R]", compiler(cache=True, **options)(function))
    except RuntimeError:  # neither the installation nor the user's home can be written to
        return cast("Callable[P, R]", compiler(**options)(function))


def _is_cached(compiled: Any) -> bool:
    """Whether there is code for a function on disk. If numba does not say: no."""
    try:
        return bool(compiled._cache._cache_file._load_index())
    except Exception:  # all of this is numba's own affair and may change
        return False
