"""Loops that have a twin in numpy: both say the same, of inputs that reach every line and every edge."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dischargesim import plan
from dischargesim.loops import Loop
from dischargesim.plan import streams
from dischargesim.plan.rows import NONE
from dischargesim.plan.streams import GRID

pytest.importorskip("numba")

RNG = np.random.default_rng(20_240_401)
KEYS = np.concatenate(
    [RNG.integers(0, 2**64, 60, dtype=np.uint64), np.array([0, 1, 2**63, 2**64 - 1], dtype=np.uint64)]
)
CODE, RUN = np.uint64(0xF0E1D2C3B4A59687), np.uint64(0x0123456789ABCDEF)
NUMBER = np.concatenate([np.arange(60), np.array([0, 2**31, 2**40, 2**62])])
KIND = RNG.integers(0, 3, KEYS.size)
SHARES = (0.0, 1e-9, 0.25, 0.5, 1.0)
VERY_NUMBER = streams._uniforms_few(KEYS, CODE)[7:8]
AT_AND_ABOVE = (VERY_NUMBER, np.nextafter(VERY_NUMBER, 1))
"""Somebody's own number, which does not lie below itself, and the next above."""
DAYS = np.array([0.0, 2**-21, 3 * 2**-21, 1 / 3, 7.2, -0.4, 1e9 + 0.3, np.inf])

FLAT = np.arange(25) / 24
NIGHT_AND_NOON = np.cumsum([0, 0, 0, 0, 0, 0, 0, 1, 4, 9, 9, 20, 8, 8, 5, 5, 3, 3, 2, 1, 1, 0, 0, 0, 0]) / 79
MORE_EACH_HOUR = np.cumsum(np.arange(25)) / 300
MORE_EACH_HOUR[-1] = 1 - 2**-53  # as rounding leaves the sum of some weights
EDGES_OF_PROFILES = np.unique(np.concatenate([FLAT, NIGHT_AND_NOON]))
PART_OF_DAY = np.concatenate([RNG.random(400), EDGES_OF_PROFILES[EDGES_OF_PROFILES < 1], [1 - 2**-53]])

THREE_ROWS = np.array([[0.2, 0.5, 1.0], [0.0, np.inf, np.inf], [0.5, 0.5, np.inf]])
AT_EDGES = np.concatenate([RNG.random(40), [0.2, 0.5, 0.5 - 2**-53, 1 - 2**-53]])

CHANCE = np.array([0.5, 0.3, 0.45, 0.5, 0.5, 0.01, 0.0])
LATER = (np.arange(7)[:, None] + np.arange(70)) % 7
WEEK = ((1 - np.cumprod(1 - CHANCE[LATER], axis=1)[:, :-1]) + np.arange(7)[:, None]).ravel()
FIT = np.concatenate([RNG.random(300) * 30, np.arange(20.0), np.arange(14) + 0.375, np.arange(14) + 0.5])
BY_DAY = np.concatenate([RNG.random(FIT.size - 8), [0.0, 0.3, 0.5, 0.9, 0.99, 0.9999, 1 - 2**-30, 1 - 2**-53]])
BY_HOUR = RNG.random(FIT.size)

STAY = np.array([3, 0, 0, 5, 3, 3, 1, 0], dtype=np.int32)
AFTER = np.array([NONE, NONE, 1, NONE, 0, 4, NONE, 2], dtype=np.int32)
NOBODY = np.empty(0, dtype=np.int32)

INPUTS: dict[str, list[tuple[Any, ...]]] = {
    "streams._rounded": [(DAYS, GRID), (DAYS, 24.0), (DAYS[:0], GRID)],
    "streams._keys": [(KEYS, NUMBER, RUN), (KEYS[:0], NUMBER[:0], RUN)],
    "streams._uniforms": [(KEYS, CODE), (KEYS[:0], CODE)],
    "streams._chosen": [
        (KEYS, np.full(len(SHARES), CODE), np.array(SHARES)),
        (KEYS, np.array([CODE, RUN, CODE]), np.array([0.5, 0.4, 0.0])),
        *((KEYS, np.array([CODE]), share) for share in AT_AND_ABOVE),
        (KEYS, np.array([CODE])[:0], np.empty(0)),
        (KEYS[:0], np.array([CODE, RUN]), np.ones(2)),
    ],
    "streams._below": [
        (KEYS, CODE, np.array([0.1, 0.9, 0.5]), KIND),
        *((KEYS, CODE, np.resize(share, 3), KIND) for share in AT_AND_ABOVE),
        (KEYS[:0], CODE, np.ones(3), KIND[:0]),
    ],
    "arrivals._looked_up": [
        *((PART_OF_DAY, profile) for profile in (FLAT, NIGHT_AND_NOON, MORE_EACH_HOUR)),
        (PART_OF_DAY[:0], FLAT),
    ],
    "grouping._sorted": [(KIND.astype(np.int32), 3), (KIND.astype(np.int32), 5), (NOBODY, 0), (NOBODY, 2)],
    "grouping._dealt": [
        (AT_EDGES, np.resize(np.arange(3, dtype=np.int32), AT_EDGES.size), THREE_ROWS),
        (AT_EDGES, np.zeros(AT_EDGES.size, dtype=np.int32), np.array([[0.2, 0.5, 0.6]])),  # beyond the last edge
    ],
    "rounds._waits": [(FIT, BY_DAY, BY_HOUR, WEEK, 0.375, 0.5, first) for first in (0, 6)],
    "rows._gathered": [
        (DAYS, np.array([3, 3, 0, 7, 1, 2, 6, 0], dtype=np.uint32)),
        (STAY, np.arange(8, dtype=np.uint32)),
    ],
    "rows._in_order_of": [(STAY, AFTER, 6), (STAY, AFTER, 9), (NOBODY, NOBODY, 3), (NOBODY, NOBODY, 0)],
}


def with_twins() -> dict[str, Loop[..., Any]]:
    """Loops of the plan, by module and name."""
    found = {}
    for module in iter_modules(plan.__path__):
        here = import_module(f"{plan.__name__}.{module.name}")
        for name, one in vars(here).items():
            if isinstance(one, Loop) and one.__module__ == here.__name__ and one._twin is not one._function:
                found[f"{module.name}.{name}"] = one
    return found


def test_each_is_tried() -> None:
    assert set(with_twins()) == set(INPUTS)


@pytest.mark.parametrize(("name", "number"), [(name, n) for name, inputs in INPUTS.items() for n in range(len(inputs))])
def test_it_says_what_its_twin_says(name: str, number: int) -> None:
    one, arguments = with_twins()[name], INPUTS[name][number]
    with np.errstate(over="ignore"):  # of plain Python's single numbers
        results: list[Any] = [form(*map(copied, arguments)) for form in (one.plain, one.compiled, one._function)]
    for result in results[1:]:
        for mine, twins in zip(columns_of(result), columns_of(results[0]), strict=True):
            assert_array_equal(mine, twins)
            assert mine.dtype == twins.dtype


def copied(argument: Any) -> Any:
    return argument.copy() if isinstance(argument, np.ndarray) else argument


def columns_of(result: Any) -> tuple[np.ndarray, ...]:
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("form", ["plain", "compiled"])
def test_keys_are_those_of_splitmix64(form: str) -> None:
    """The first five numbers of the generator from seed 1234567, as its authors' code gives them."""
    known = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    # The generator mixes multiples of its constant, on from the seed; here on from what a stream mixes to.
    mixed: Callable[..., Any] = streams._mixed
    golden = np.uint64(0x9E3779B97F4A7C15)
    steps = np.arange(1, 6, dtype=np.uint64) * golden + np.uint64(1234567)
    assert mixed(steps).tolist() == known
    stream = np.array([77, 78], dtype=np.uint64)
    number = np.array([0, 5])
    on_from = mixed(stream ^ RUN)
    expected = mixed(on_from + number.astype(np.uint64) * golden)
    assert getattr(streams._keys, form)(stream, number, RUN).tolist() == expected.tolist()


def test_numbers_lie_between_0_and_1_and_shares_are_those_below() -> None:
    everyone = np.arange(20_000, dtype=np.uint64)
    u = streams.own_uniforms(everyone, "any")
    assert u.min() > 0 and u.max() < 1 and abs(u.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 0.02
    which, sizes = streams.own_choices(everyone, ["any"] * len(SHARES), np.array(SHARES))
    below = [np.flatnonzero(u < share) for share in SHARES]
    assert_array_equal(which, np.concatenate(below))
    assert sizes.tolist() == [one.size for one in below]
    assert below[-1].size == everyone.size  # a share of 1
    assert np.all((u * 2**53) % 2 == 1)  # halfway between two of 2**52 steps


def test_names_lead_to_other_keys() -> None:
    people = np.arange(50, dtype=np.uint64)
    changed = [streams.derived_keys(people, name) for name in ("a", "b")]
    assert len({key for keys in (people, *changed) for key in keys.tolist()}) == 150
    assert_array_equal(streams.derived_keys(changed[0], "a"), people)
