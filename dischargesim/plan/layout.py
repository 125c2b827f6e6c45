"""Names to numbers: where each setting, team, task and pathway of a scenario stands in the plan."""

from __future__ import annotations

from dataclasses import dataclass

from dischargesim.scenario.schema import Scenario

HOME = "(home)"
"""Pool of people who are at home without support: one more than the scenario's settings, and unlimited."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Numbers of the names in a scenario.

    Attributes
    ----------
    settings, teams, tasks, pathways, cohorts : dict of str to int
        `settings` includes `HOME` as the last; a team's pool is ``len(settings)`` plus its number.
    """

    settings: dict[str, int]
    teams: dict[str, int]
    tasks: dict[str, int]
    pathways: dict[str, int]
    cohorts: dict[str, int]

    @classmethod
    def of(cls, scenario: Scenario) -> Layout:
        """Number everything in the order in which the scenario names it."""

        def numbered(*names: str) -> dict[str, int]:
            return {name: index for index, name in enumerate(names)}

        return cls(
            settings=numbered(*scenario.settings, HOME),
            teams=numbered(*scenario.teams),
            tasks=numbered(*scenario.tasks),
            pathways=numbered(*scenario.pathways),
            cohorts=numbered(*scenario.cohorts),
        )
