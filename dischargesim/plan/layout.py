"""Names to numbers: where each setting, team, task and pathway of a scenario stands in the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dischargesim.plan.tables import Rows
from dischargesim.scenario.places import placed_settings, placed_teams
from dischargesim.scenario.resources import Setting, Team
from dischargesim.scenario.schema import Scenario

HOME = "(home)"
"""Pool of people who are at home without support: one more than the scenario's settings, and unlimited."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Numbers of the names in a scenario.

    Attributes
    ----------
    pools : tuple of str
        Names of the pools that hold people, `HOME` the last, then of those of teams.
    held : int
        How many of them hold people.
    settings, teams : dict of str to int
        A name's pool, or the first of its pools where it is split between localities; teams count from 0.
    split : frozenset of str
        Names of settings and teams that have one pool a locality, in the order of the localities.
    tasks, pathways, cohorts : dict of str to int
    """

    pools: tuple[str, ...]
    held: int
    settings: dict[str, int]
    teams: dict[str, int]
    split: frozenset[str]
    tasks: dict[str, int]
    pathways: dict[str, int]
    cohorts: dict[str, int]

    @classmethod
    def of(cls, scenario: Scenario) -> Layout:
        """Number everything in the order in which the scenario names it."""
        held, working = (*placed_settings(scenario), HOME), tuple(placed_teams(scenario))
        parts: dict[str, Setting | Team] = {**scenario.settings, **scenario.teams}
        return cls(
            pools=(*held, *working),
            held=len(held),
            settings=_first(held),
            teams=_first(working),
            split=frozenset(name for name, part in parts.items() if part.by_locality and scenario.localities),
            tasks=_numbered(scenario.tasks),
            pathways=_numbered(scenario.pathways),
            cohorts=_numbered(scenario.cohorts),
        )

    def place(self, name: str, locality: Callable[[], Rows]) -> int | Rows:
        """Pool of a setting for people whose localities, if it is split between these, are looked up."""
        return self.settings[name] + locality() if name in self.split else self.settings[name]

    def staff(self, name: str, locality: Callable[[], Rows]) -> int | Rows:
        """Number of a team, likewise."""
        return self.teams[name] + locality() if name in self.split else self.teams[name]


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(names)}


def _first(pools: Iterable[str]) -> dict[str, int]:
    """Number of the first pool of each name."""
    found: dict[str, int] = {}
    for index, pool in enumerate(pools):
        found.setdefault(pool.partition("@")[0], index)
    return found
