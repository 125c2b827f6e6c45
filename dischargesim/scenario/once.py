"""What is worked out of a scenario once, and kept for its further replications."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from dischargesim.scenario.schema import Scenario

T = TypeVar("T")


def once(work_out: Callable[[Scenario], T]) -> Callable[[Scenario], T]:
    """Keep the result of a function of a scenario for as long as the scenario lives.

    A scenario is never changed, but holds dictionaries and so cannot be the key of an ordinary cache.

    Parameters
    ----------
    work_out : callable
        Its result must not be changed by those who use it.

    Returns
    -------
    callable
        The same function, quick from the second call on.
    """
    kept: dict[int, T] = {}

    @wraps(work_out)
    def look_up(scenario: Scenario) -> T:
        key = id(scenario)
        if key not in kept:
            kept[key] = work_out(scenario)
            weakref.finalize(scenario, kept.pop, key, None)
        return kept[key]

    return look_up
