"""Runs compiled code as plain Python, where coverage sees it and a changed line needs no compiling.

A plugin for pytest: `-p tests.plain`. It switches numba's compiler off and makes up for what plain Python
does otherwise: records hand out their fields as attributes, and whole numbers of numpy are as wide as compiled ones.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

os.environ["NUMBA_DISABLE_JIT"] = "1"  # read when numba is imported

import numpy as np
import pytest

SCALAR = ".* encountered in scalar"
"""What numpy says of a single number that wraps around, as the random numbers of people are meant to, or of infinity
times nothing. It says neither of arrays' whole numbers, and compiled code says neither."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", f"ignore:{SCALAR}:RuntimeWarning")
    warnings.filterwarnings("ignore", SCALAR, RuntimeWarning)

    from dischargesim import loops
    from dischargesim.engine import columns

    records = columns._records

    def readable(size: int, dtype: np.dtype[Any]) -> Any:
        return records(size, dtype).view(np.recarray)

    def compile_nothing(function: Callable[..., Any], counted: bool) -> Callable[..., Any]:
        # A loop with a twin makes arrays and is given arrays; others read views that hand out Python's numbers.
        return function if counted else loops.Loop(function).plain

    columns._records = readable
    loops._compile = compile_nothing
    loops._worth_compiling = lambda arguments: False
