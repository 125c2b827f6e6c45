"""How much was open, and when: places of settings with their escalation beds, staff hours of teams."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dischargesim.engine.calendar import worked_before
from dischargesim.measures.facts import Floats
from dischargesim.measures.frame import Frame
from dischargesim.plan.tables import NONE, UNLIMITED, Counts, Pools


@dataclass(frozen=True, slots=True)
class Steps:
    """A capacity over time.

    Attributes
    ----------
    times : ndarray of float
        Ascending; the first is the start of the run.
    values : ndarray of float
        Capacity from each time on; NaN for unlimited.
    """

    times: Floats
    values: Floats

    def at(self, t: Floats) -> Floats:
        """Capacity at some moments, changes at that very moment included."""
        at: Floats = self.values[np.searchsorted(self.times, t, side="right") - 1]
        return at

    def until(self, end: float) -> Floats:
        """The times of the steps, then the end."""
        return np.append(self.times, end)

    def total(self, edges: Floats) -> float:
        """Capacity times time: the edges are the steps' times, and the end, on the clock that counts."""
        return float(np.dot(self.values, np.diff(edges)))


def capacity_steps(frame: Frame) -> list[Steps]:
    """Capacity of every pool: its schedule, and the escalation beds that reviews opened."""
    pools = frame.plan.pools
    order = np.argsort(pools.change_pool, kind="stable")
    bounds = np.searchsorted(pools.change_pool[order], np.arange(len(pools.names) + 1))
    times, values = pools.change_time[order], pools.change_capacity[order].astype(np.float64)
    values[values >= UNLIMITED] = np.nan
    steps = [Steps(times[a:b], values[a:b]) for a, b in pairwise(bounds)]
    reviews = frame.plan.reviews
    happened = frame.times.extra >= 0
    for setting in np.unique(reviews.setting[happened]).tolist():
        here = happened & (reviews.setting == setting)
        steps[setting] = _added(steps[setting], reviews.time[here], frame.times.extra[here])
    return steps


def _added(schedule: Steps, times: Floats, extra: Counts) -> Steps:
    beds = Steps(np.r_[0.0, times], np.r_[0.0, extra])
    both = np.unique(np.r_[schedule.times, beds.times])
    return Steps(both, schedule.at(both) + beds.at(both))


def open_at_midnights(frame: Frame, steps: list[Steps]) -> Floats:
    """Capacity of every setting at each counted midnight; NaN for unlimited."""
    midnights = frame.window.start + 1 + np.arange(frame.window.days, dtype=np.float64)
    return np.array([one.at(midnights) for one in steps[: frame.plan.pools.settings]])


def open_places(frame: Frame, steps: list[Steps]) -> Floats:
    """Capacity times days in the window, for every setting."""
    end = frame.window.end
    return np.array([s.total(frame.window.clip(s.until(end))) for s in steps[: frame.plan.pools.settings]])


class OpenTime:
    """Open days of each pool's calendar up to a moment.

    Parameters
    ----------
    pools : Pools
    """

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._worked = worked_before(pools)

    def before(self, pool: int, t: Floats) -> Floats:
        """Open days from the start of the run up to each moment."""
        calendar = self._pools.calendar[pool]
        if calendar == NONE:
            return t
        here = slice(self._pools.calendar_start[calendar], self._pools.calendar_start[calendar + 1])
        opens, closes, worked = self._pools.opens[here], self._pools.closes[here], self._worked[here]
        row = np.searchsorted(opens, t, side="right") - 1
        open_days = worked[row] + np.minimum(t, closes[row]) - opens[row]
        return np.where(row >= 0, open_days, 0.0)


def staff_days(frame: Frame, steps: list[Steps], open_time: OpenTime) -> Floats:
    """Staff times open days in the window, for every team."""
    first, end = frame.plan.pools.settings, frame.window.end
    return np.array(
        [
            one.total(open_time.before(pool, frame.window.clip(one.until(end))))
            for pool, one in enumerate(steps[first:], start=first)
        ]
    )
