"""Plans written by hand, a row at a time, for tests and benchmarks that want to see every number."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dischargesim.plan.tables import NONE, UNLIMITED, People, Plan, Pools, Reviews, Stays, Tasks

INF = float("inf")
NAN = float("nan")


DTYPES = {"Floats": np.float64, "Rows": np.int32, "Counts": np.int64, "Flags": np.bool_}
USUAL = {"units": 1, "patience": INF, "next": NONE, "otherwise": NONE, "entered": NAN, "after": NONE, "team": NONE}
"""What a column holds unless it is given; 0 if it is not named here."""


def table(cls: type, size: int, **columns: Any) -> Any:
    """A table of a plan from some of its columns, or a value for all rows of one.

    The columns and their types are read from the table's annotations.
    """
    types = {name: DTYPES[kind] for name, kind in cls.__annotations__.items()}
    filled = {name: np.broadcast_to(columns.pop(name, USUAL.get(name, 0)), size) for name in types}
    if columns:
        raise TypeError(f"{cls.__name__} has no {', '.join(columns)}")
    return cls(**{name: filled[name].astype(dtype) for name, dtype in types.items()})


def _from_rows(cls: type, rows: list[dict[str, Any]]) -> Any:
    names = {name for row in rows for name in row}
    columns = {name: [row.get(name, USUAL.get(name, 0)) for row in rows] for name in names}
    return table(cls, len(rows), **columns)


@dataclass
class PlanByHand:
    """Collects rows; `plan` makes the tables. Methods that add a row return its number."""

    horizon: float = 100.0
    people: list[dict[str, Any]] = field(default_factory=list)
    stays: list[dict[str, Any]] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    settings: list[dict[str, Any]] = field(default_factory=list)
    teams: list[dict[str, Any]] = field(default_factory=list)

    def setting(self, capacity: int = UNLIMITED, hours: list[tuple[float, float]] | None = None, **later: int) -> int:
        """A setting with its capacity at time 0, its move-in hours, and later changes as ``t5=3``: 3 from day 5."""
        self.settings.append({"capacity": capacity, "hours": hours, "later": _moments(later)})
        return len(self.settings) - 1

    def team(self, capacity: int = UNLIMITED, hours: list[tuple[float, float]] | None = None, **later: int) -> int:
        """A team, as `setting`; returns its number among the teams."""
        self.teams.append({"capacity": capacity, "hours": hours, "later": _moments(later)})
        return len(self.teams) - 1

    def longest_ready_first(self, *pools: int) -> None:
        """Whoever has been ready for longest comes first in these pools; teams come after all settings."""
        for pool in pools:
            (self.settings + self.teams)[pool]["longest_ready_first"] = True

    def change(self, pool: int, moment: float, capacity: int) -> None:
        """A change of a pool's capacity; teams come after all settings."""
        pools = self.settings + self.teams
        pools[pool]["later"].append((moment, capacity))

    def person(self, arrival: float = 0.0) -> int:
        """Somebody who arrives; the next stay that is added is their first."""
        self.people.append({"arrival": arrival, "first": len(self.stays), "number": len(self.people)})
        return len(self.people) - 1

    def stay(self, setting: int, need: float, **columns: Any) -> int:
        """A stay of the last person; what is not given is as in `USUAL`."""
        self.stays.append({"person": len(self.people) - 1, "setting": setting, "need": need, **columns})
        return len(self.stays) - 1

    def task(self, stay: int, work: float, team: int = NONE, **columns: Any) -> int:
        """A task of a stay; tasks must be added in order of their stays."""
        self.tasks.append({"stay": stay, "work": work, "team": team, **columns})
        return len(self.tasks) - 1

    def review(self, time: float, setting: int, **columns: Any) -> int:
        """A review of escalation beds, opened and closed one at a time unless said otherwise."""
        usual = {"step": 1, "most": 1, "open_waiting": 1, "open_share": INF, "close_share": INF}
        self.reviews.append({**usual, "time": time, "setting": setting, **columns})
        return len(self.reviews) - 1

    def plan(self) -> Plan:
        """The tables."""
        return Plan(
            horizon=self.horizon,
            people=_from_rows(People, self.people),
            stays=_from_rows(Stays, self.stays),
            tasks=_from_rows(Tasks, self.tasks),
            pools=self._pools(),
            reviews=_from_rows(Reviews, self.reviews),
        )

    def _pools(self) -> Pools:
        pools = self.settings + self.teams
        changes = [(0.0, pool, row["capacity"]) for pool, row in enumerate(pools)]
        changes += [(moment, pool, to) for pool, row in enumerate(pools) for moment, to in row["later"]]
        changes.sort()
        calendars = [row["hours"] for row in pools if row["hours"] is not None]
        numbers = iter(range(len(calendars)))
        intervals = [interval for hours in calendars for interval in hours]
        return Pools(
            settings=len(self.settings),
            names=tuple(f"pool {pool}" for pool in range(len(pools))),
            calendar=np.array([NONE if row["hours"] is None else next(numbers) for row in pools], dtype=np.int32),
            longest_ready_first=np.array(["longest_ready_first" in row for row in pools], dtype=np.bool_),
            change_time=np.array([change[0] for change in changes], dtype=np.float64),
            change_pool=np.array([change[1] for change in changes], dtype=np.int32),
            change_capacity=np.array([change[2] for change in changes], dtype=np.int64),
            calendar_start=np.cumsum([0, *(len(hours) for hours in calendars)]).astype(np.int32),
            opens=np.array([opens for opens, _ in intervals], dtype=np.float64),
            closes=np.array([closes for _, closes in intervals], dtype=np.float64),
        )


def _moments(later: dict[str, int]) -> list[tuple[float, int]]:
    return [(float(moment.removeprefix("t")), capacity) for moment, capacity in later.items()]
