"""Runs compiled code as plain Python, where coverage sees it and a changed line needs no compiling.

A plugin for pytest: `-p tests.plain`. It switches numba's compiler off and makes up for what plain Python does
otherwise: records hand out their fields as attributes, and loops are given views that hand out Python's numbers.
``python -m tests.plain`` writes the files whose tests drive the loops and the engines and are quick enough for it.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from typing import Any

os.environ["NUMBA_DISABLE_JIT"] = "1"  # read when numba is imported

import numpy as np
import pytest

UNIT = """
    arrivals calendar capacity census check_plan compiled_engine daily_counts engine_rules grouping growth journeys
    localities longest_ready_first measures_afterwards measures_catalogue measures_columns measures_delays
    measures_dtoc measures_moves measures_nctr measures_places measures_splits onward people population public_face
    reasons start streams twins work
"""
PROPERTY = "engines_agree loops measures measures_afterwards plan"
FILES = [
    *(f"tests/unit/test_{name}.py" for name in UNIT.split()),
    *(f"tests/property/test_{name}.py" for name in PROPERTY.split()),
]
"""What to run like this."""

ABOUT_COMPILING = {
    "test_it_is_compiled_once_and_kept",
    "test_nothing_is_said_of_code_that_is_in_memory",
    "test_a_cache_of_an_older_version_does_no_harm",
    "test_one_version_serves_all_columns",
}
"""Tests that have nothing to look at where nothing is compiled."""

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if item.name.split("[")[0] not in ABOUT_COMPILING]


def main() -> None:
    sys.stdout.write(" ".join(FILES) + "\n")


if __name__ == "__main__":
    main()
