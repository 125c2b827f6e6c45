"""Pathways: the tasks and settings that lie between the hospital bed and where the person goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import model_validator

from dischargesim.scenario.base import Name, Part, Share, Text, meta, number
from dischargesim.scenario.distributions import Constant, Distribution

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


class Review(Part):
    """A review of the support someone has: finds those who have more than they need and cuts it back (right-sizing)."""

    after_days: StayDays
    """Days from the start of the support until the review."""
    finds: Share
    """Share of the people whose support is found to be more than they need."""
    saves: Share
    """Share of their units that is freed by it."""


class Destination(Part):
    """A setting that people go on to."""

    setting: Name | None = None
    """Name of the setting; the key of this entry if left out."""
    share: Share = 1.0
    """Share of the people at this point who go here; those left over go home without further support."""
    stay_days: StayDays
    """Days from coming in until ready to leave."""
    units: Annotated[Distribution, meta("units, rounded up", (1, 100))] = Constant(kind="constant", value=1)
    """Units of the setting's capacity that one person takes, such as hours a week; rounded up to whole units."""
    visits: Taper | None = None
    """Visits a day that taper; takes the place of `units`."""
    review: Review | None = None
    """A review that may free part of the units."""
    permanent: bool = False
    """A permanent move, such as into a care home."""
    tasks: dict[Name, TaskUse] = {}
    """Tasks to be done before the person can leave this setting."""
    next: dict[Name, Destination] = {}
    """Where they go afterwards; they keep this place until the next one is free."""

    @model_validator(mode="after")
    def _one_size(self) -> Destination:
        if self.visits is not None and self.units != type(self).model_fields["units"].default:
            raise ValueError("give either units or visits")
        return self


class OverPrescribed(Part):
    """People who need this pathway but are sent to a higher one."""

    share: Share
    """Share of the people who are."""
    to: Name
    """The pathway they are sent to."""
    found: Share = 0.0
    """Share of them for whom a review in the new setting finds it; they then go where they should have gone."""
    found_after_days: StayDays | None = None
    """Days in the new setting until the review."""

    @model_validator(mode="after")
    def _found_when(self) -> OverPrescribed:
        if self.found > 0 and self.found_after_days is None:
            raise ValueError("found needs found_after_days")
        return self


class Switch(Part):
    """Another pathway is taken because the wait is too long."""

    to: Name
    """The pathway taken instead."""
    after_days: Annotated[float, number("days", 0, 1000, plausible=(0.5, 60))]
    """Days ready and waiting after which it is."""
    share: Share = 1.0
    """Share of the people for whom it is possible."""


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
    over_prescribed: OverPrescribed | None = None
    """People who need this pathway but are sent to a higher one."""
    switch: Switch | None = None
    """Another pathway after too long a wait."""
    priority: Annotated[int, number("rank, smaller first", -1000, 1000)] = 0
    """Added to the cohort's priority in every queue of people on this pathway."""


def destinations(options: Mapping[str, Destination]) -> Iterator[tuple[tuple[str, ...], Destination]]:
    """Every destination among some options and beyond, each before those that follow it.

    Parameters
    ----------
    options : mapping of str to Destination

    Yields
    ------
    tuple of str, Destination
        The keys that lead there, and itself.
    """
    for key, option in options.items():
        yield (key,), option
        for keys, further in destinations(option.next):
            yield (key, *keys), further
