"""Rows in order of time and in groups, as numpy's own stable sort has them."""

from __future__ import annotations

import numpy as np
import pytest

from dischargesim.plan.grouping import by_group, in_order


@pytest.mark.parametrize("groups", [1, 7, 300, 70_000])
def test_groups(groups: int) -> None:
    group = np.random.default_rng(groups).integers(0, groups, 1000)
    found = by_group(group, groups)
    assert len(found) == groups
    for number, rows in enumerate(found):
        assert rows.tolist() == np.flatnonzero(group == number).tolist()


def test_nobody() -> None:
    assert [rows.size for rows in by_group(np.empty(0, dtype=np.int32), 3)] == [0, 0, 0]
    assert in_order(np.empty(0)).size == 0


@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e5, 1e12])
def test_order_of_times(scale: float) -> None:
    """Ties keep their order; times too large to be counted in steps are sorted all the same."""
    times = np.round(np.random.default_rng(1).normal(size=2000) * 50) / 2**10 * scale
    assert np.unique(times).size < times.size
    assert in_order(times).tolist() == np.argsort(np.rint(times * 2**20), kind="stable").tolist()
