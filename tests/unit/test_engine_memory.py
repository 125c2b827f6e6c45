"""The room for the compiled engine's state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

from dischargesim.engine import memory


def apart(*arrays: np.ndarray) -> bool:
    return not any(np.shares_memory(a, b) for i, a in enumerate(arrays) for b in arrays[:i])


def test_arrays_lie_apart_and_begin_lines_of_the_cache() -> None:
    room = memory.Room()
    for _ in range(3):  # made apart at first, out of one block from the second time on
        room.clear()
        odd, floats, nothing = room.empty(3, np.uint8), room.full(5, 2.5, np.float64), room.empty(0, np.int64)
        last = room.full(70_000, -1, np.int32)
        assert [array.size for array in (odd, floats, nothing, last)] == [3, 5, 0, 70_000]
        assert all(array.ctypes.data % memory.LINE == 0 for array in (odd, floats, last))
        odd[:] = 7
        assert apart(odd, floats, last) and np.all(floats == 2.5) and np.all(last == -1)
    assert last.base is floats.base


def test_the_same_memory_is_used_again() -> None:
    room = memory.Room()
    addresses = []
    for _ in range(3):
        room.clear()
        addresses.append(room.empty(1000, np.float64).ctypes.data)
    assert addresses[1] == addresses[2]


def test_what_grows_is_made_apart_and_fits_next_time() -> None:
    room = memory.Room()
    for size in (10, 10, 1000):
        room.clear()
        room.full(size, 1, np.int64)
    later = room.full(1000, 2, np.int64)
    room.clear()
    first, second = room.full(1000, 3, np.int64), room.full(1000, 4, np.int64)
    assert np.all(later == 2) and np.all(first == 3) and first.base is second.base


def test_very_much_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT_AT_MOST", 1000)
    room = memory.Room()
    for _ in range(2):
        room.clear()
        assert room.empty(1001, np.uint8).base is not room.empty(1001, np.uint8).base


def test_nobody_else_has_it_meanwhile() -> None:
    both = Barrier(2)

    def use() -> int:
        with memory.room() as one:
            both.wait(10)
            return id(one)

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(lambda _: use(), range(2)))) == 2
    with memory.room() as one, memory.room() as other:
        assert one is not other
    with memory.room() as again:
        assert again in (one, other)


def test_it_comes_back_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), memory.room() as one:
        raise ZeroDivisionError
    with memory.room() as again:
        assert again is one
