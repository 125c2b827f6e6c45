"""Loops are compiled where that is worth it, are given what they need, and are compiled anew when constants change."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from dischargesim.loops import WORTH_COMPILING, Loop, announced, instead_of, loop

CHANGING = """
import sys
import numpy as np
from dischargesim.loops import announced, loop
import constants
from constants import Colour, LIMIT

@loop
def count(values, out):
    for row in range(len(values)):
        out[0] += values[row] == Colour.RED
        out[1] += values[row] < LIMIT

import numba
out = np.zeros(2, dtype=np.int64)
with announced(lambda: sys.stdout.write("compiling ")):
    count(np.arange(10), out)
    count(np.arange(10), out)
sys.stdout.write(str(out.tolist()))
"""


class Columns(NamedTuple):
    number: np.ndarray
    weight: np.ndarray


@loop
def total(columns: Columns, most: int, sums: np.ndarray) -> int:
    """Sum weights by number, and say how many were left out."""
    left_out = 0
    for row in range(len(columns.number)):
        if columns.number[row] > most:
            left_out += 1
        else:
            sums[columns.number[row]] += columns.weight[row]
    return left_out


def columns(rows: int) -> Columns:
    rng = np.random.default_rng(3)
    return Columns(rng.integers(0, 7, rows, dtype=np.int32), np.floor(rng.random(rows) * 2**20) / 2**20)


@pytest.mark.parametrize("form", [Loop.plain, Loop.compiled])
def test_both_forms_write_into_the_arrays_they_are_given(form: object) -> None:
    if form is Loop.compiled:
        pytest.importorskip("numba")
    given, sums = columns(500), np.zeros(7)
    left_out = form(total, given, 5, sums)  # type: ignore[operator]
    assert left_out == np.count_nonzero(given.number == 6) > 0
    assert sums.tolist() == [*np.bincount(given.number, given.weight)[:6], 0]


def test_plain_whole_numbers_do_not_overflow() -> None:
    @loop
    def product(values: np.ndarray, by: int) -> int:
        return values[0] * by

    assert product.plain(np.array([2**30], dtype=np.int32), 1000) == 2**30 * 1000


def test_a_twin_is_run_instead_over_few_rows() -> None:
    def twin(values: np.ndarray) -> str:
        return "numpy"

    @instead_of(twin)
    def counted(values: np.ndarray) -> str:
        return "loop"

    assert counted.plain(np.zeros(3)) == "numpy"


def run(folder: Path, *arguments: str) -> str:
    """What a new interpreter writes."""
    paths = os.pathsep.join([str(Path(__file__).parents[2]), str(folder)])
    variables = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run([sys.executable, *arguments], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_constant_that_changes_is_seen_though_its_module_is_not_the_loops(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    program, constants = tmp_path / "program.py", tmp_path / "constants.py"
    program.write_text(CHANGING, encoding="utf-8")
    text = "from enum import IntEnum\nclass Colour(IntEnum):\n    RED = {}\nLIMIT = {}\n"
    for red, limit, expected in ((3, 4, "[2, 8]"), (3, 4, "[2, 8]"), (11, 4, "[0, 8]"), (11, 5, "[0, 10]")):
        constants.write_text(text.format(red, limit), encoding="utf-8")
        assert run(tmp_path, "-B", str(program)).removeprefix("compiling ") == expected


def test_it_is_said_before_the_first_loop_is_compiled_and_not_for_code_on_disk(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    program, constants = tmp_path / "program.py", tmp_path / "constants.py"
    program.write_text(CHANGING, encoding="utf-8")
    constants.write_text("from enum import IntEnum\nColour = IntEnum('Colour', 'RED')\nLIMIT = 2\n", encoding="utf-8")
    assert run(tmp_path, "-B", str(program)) == "compiling [2, 4]"
    assert run(tmp_path, "-B", str(program)) == "[2, 4]"


def test_others_who_compile_say_it_no_second_time() -> None:
    said: list[str] = []
    with announced(lambda: said.append("compiling")) as say:
        assert say is not None
        say()
        say()
    assert said == ["compiling"]
    with announced(None) as say:
        assert say is None


def test_numba_is_not_loaded_for_few_rows(tmp_path: Path) -> None:
    pytest.importorskip("numba")
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nimport numpy as np\nfrom dischargesim.loops import loop\n"
        "@loop\ndef first(values):\n    return values[0]\n"
        f"first(np.zeros({WORTH_COMPILING - 1}))\nfew = 'numba' in sys.modules\n"
        f"first(np.zeros({WORTH_COMPILING}))\nsys.stdout.write(str((few, 'numba' in sys.modules)))\n",
        encoding="utf-8",
    )
    assert run(tmp_path, str(program)) == "(False, True)"
