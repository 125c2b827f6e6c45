"""Pathways: the tasks and settings that lie between the hospital bed and where the person goes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from dischargesim.scenario.base import Name, Part, Share, Text, meta, number
from dischargesim.scenario.distributions import Distribution

StayDays = Annotated[Distribution, meta("days", (0.02, 1500))]


class TaskUse(Part):
    """That the people of a pathway need a task."""

    share: Share = 1.0
    """Share of the people who need it."""
    after: Name | None = None
    """Task of this list that must be done first (passed over for people who do not need that one)."""


class Taper(Part):
    """Support that becomes less: visits a day at first and at last, in equal steps of the stay."""

    first: Annotated[int, number("visits a day", 1, 100, plausible=(1, 8))]
    """Visits a day at the beginning."""
    last: Annotated[int, number("visits a day", 1, 100, plausible=(1, 8))]
    """Visits a day at the end."""
    steps: Annotated[int, number("steps", 1, 20)]
    """Number of steps of equal length."""

    @property
    def units(self) -> list[int]:
        """Visits a day in each step."""
        spread = max(self.steps - 1, 1)
        return [round(self.first + (self.last - self.first) * step / spread) for step in range(self.steps)]


class Destination(Part):
    """A setting that people go on to."""

    setting: Name | None = None
    """Name of the setting; the key of this entry if left out."""
    share: Share = 1.0
    """Share of the people at this point who go here; those left over go home without further support."""
    stay_days: StayDays
    """Days from coming in until ready to leave."""
    units: Annotated[int, number("units", 1, 1000)] = 1
    """Units of the setting's capacity that one person takes."""
    visits: Taper | None = None
    """Visits a day that taper; takes the place of `units`."""
    permanent: bool = False
    """A permanent move, such as into a care home."""
    tasks: dict[Name, TaskUse] = {}
    """Tasks to be done before the person can leave this setting."""
    next: dict[Name, Destination] = {}
    """Where they go afterwards; they keep this place until the next one is free."""

    @model_validator(mode="after")
    def _one_size(self) -> Destination:
        if self.visits is not None and self.units != 1:
            raise ValueError("give either units or visits")
        return self


class Pathway(Part):
    """What follows the hospital stay."""

    title: Text
    """What the reader sees."""
    kind: Literal["discharge", "death"] = "discharge"
    """`death`: the person dies in hospital, is never ready to leave and counts in no delay."""
    tasks: dict[Name, TaskUse] = {}
    """Tasks to be done before the person can leave the hospital."""
    next: dict[Name, Destination] = {}
    """Where they go; home without support for the share left over."""
    recovers_to: Name | None = None
    """Pathway of people who recover while they wait."""
    declines_to: Name | None = None
    """Pathway of people who decline while they wait."""
