"""Settings and teams as the plan has them: split between localities where the scenario says so."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dischargesim.scenario.resources import Setting, Team
from dischargesim.scenario.schema import Scenario


def placed_settings(scenario: Scenario) -> dict[str, Setting]:
    """Every place that holds people, by the name of its pool.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    dict of str to Setting
        In the scenario's order; a setting that is split stands as ``name@locality``, once for each locality in their
        order, each with the scenario's description of the whole.
    """
    return {pool: scenario.settings[name] for name, pool in _pools(scenario, scenario.settings.items())}


def placed_teams(scenario: Scenario) -> dict[str, Team]:
    """Every team, by the name of its pool; as `placed_settings`."""
    return {pool: scenario.teams[name] for name, pool in _pools(scenario, scenario.teams.items())}


def _pools(scenario: Scenario, parts: Iterable[tuple[str, Setting | Team]]) -> Iterable[tuple[str, str]]:
    for name, part in parts:
        if part.by_locality and scenario.localities:
            yield from ((name, f"{name}@{locality}") for locality in scenario.localities)
        else:
            yield name, name


def locality_of_pool(pool: str) -> str | None:
    """The locality in the name of a pool, None for a pool that is not split."""
    return pool.partition("@")[2] or None


def split_capacity(capacity: int, shares: Iterable[float]) -> list[int]:
    """Whole units of each locality in proportion to its people, by the largest remainders.

    Parameters
    ----------
    capacity : int
    shares : iterable of float
        Sum to 1.

    Returns
    -------
    list of int
        Sums to `capacity`.
    """
    exact = np.array(list(shares)) * capacity
    whole = np.floor(exact + 1e-9).astype(np.int64)
    # Ties go to the locality that is named first.
    most_left = np.argsort(-(exact - whole), kind="stable")[: capacity - int(whole.sum())]
    whole[most_left] += 1
    return [int(units) for units in whole]
