"""Who is in the system when a run starts."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from dischargesim.scenario.base import Name, Part, Share, number
from dischargesim.scenario.journeys import StayDays

People = Annotated[int, number("people", 0, 1_000_000)]
Days = Annotated[float, number("days", 0, 36_500)]


class Occupied(Part):
    """People who are in a setting, or waiting for it in hospital, when the run starts."""

    share: Share | None = None
    """Share of the setting's capacity that is occupied."""
    people: People | None = None
    """Instead of a share: how many people are in; may be more than the capacity."""
    remaining: Literal["survival_weighted", "uniform"] = "survival_weighted"
    """How much of their stay is left: `survival_weighted` as in a count on a random day (long stays are found more
    often); `uniform`: on (1, X), X an ordinary stay, as some older models have it."""
    waiting: People = 0
    """People in hospital who are ready and wait for a place here."""
    waited_days: StayDays | None = None
    """How long they have waited; if left out, spread evenly over the time in which so many are referred."""

    @model_validator(mode="after")
    def _one_number(self) -> Occupied:
        if self.share is not None and self.people is not None:
            raise ValueError("give either share or people")
        return self


def _share_alone(value: Any) -> Any:
    return {"share": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


OccupiedAtStart = Annotated[Occupied, BeforeValidator(_share_alone, json_schema_input_type=Occupied | float)]


class CensusPerson(Part):
    """One person of a census taken on the first day of the run (with its warm-up)."""

    cohort: Name
    """Cohort of the person."""
    setting: Name
    """Setting the person is in."""
    days_in: Days
    """Days since coming in."""
    pathway: Name | None = None
    """Pathway the person is on; drawn by the cohort's shares if left out."""
    ready_days: Days | None = None
    """Days since the person became ready to leave; left out if not ready yet."""
    tasks_done: bool = False
    """Nothing is left to be done: the person only waits for a place."""

    @model_validator(mode="after")
    def _in_before_ready(self) -> CensusPerson:
        if self.ready_days is not None and self.ready_days > self.days_in:
            raise ValueError("ready_days is more than days_in")
        if self.tasks_done and self.ready_days is None:
            raise ValueError("tasks_done needs ready_days")
        return self


Census = Annotated[str, Field(max_length=300)] | list[CensusPerson]
