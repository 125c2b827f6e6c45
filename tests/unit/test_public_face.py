"""What `import dischargesim` offers."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

import dischargesim as ds
from tests.tiny import tiny


def test_every_name_is_there() -> None:
    for name in ds.__all__:
        assert getattr(ds, name) is not None
        assert name in dir(ds)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        ds.nothing  # noqa: B018


def test_example_of_the_docstring() -> None:
    assert doctest.testmod(ds).failed == 0


def test_from_scenario_to_figures() -> None:
    scenario = tiny()
    plan = ds.draw_plan(scenario, replication=1)
    table = ds.measure(plan, ds.simulate(plan, engine="simpy"))
    both = ds.replicate(scenario, replications=2, workers=1, engine="simpy").by_replication
    second = both[both["replication"] == 1]["value"].to_numpy()
    np.testing.assert_array_equal(table["value"].to_numpy(), second)
