"""Settings (places that hold people), teams (staff who do tasks), and the tasks themselves."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from dischargesim.scenario.base import Capacity, Name, Part, Share, Staff, Text, meta, number
from dischargesim.scenario.distributions import Distribution
from dischargesim.scenario.hours import Day, Hours, OpenSpans
from dischargesim.scenario.reasons import REASONS

SettingKind = Literal[
    "acute", "community_bed", "reablement", "home_care", "care_home", "virtual_ward", "step_up", "home"
]
UNITS: dict[str, str] = {
    "acute": "beds",
    "community_bed": "beds",
    "reablement": "places",
    "home_care": "hours a week",
    "care_home": "places",
    "virtual_ward": "places",
    "step_up": "beds",
    "home": "people",
}
"""What a unit of capacity is called, by kind of setting, unless the setting says otherwise."""

Queue = Literal["first_asked", "longest_ready"]
"""Who comes first among people of the same priority."""

if TYPE_CHECKING:
    Reason = str
else:
    # Type checkers cannot read a Literal that is made from data; pydantic and the JSON Schema can.
    Reason = Annotated[Literal[tuple(REASONS)], Field(description="Key of a delay reason.")]


class BoardRounds(Part):
    """When people in a hospital are found to be ready: a round each day sees part of those who have become fit.

    A person who became fit on a day is declared ready on it with that day's chance, or tries again the next day;
    the wait for it belongs to the need for the bed, not to the delay (which counts from being declared).
    """

    chance: dict[Day, Share]
    """Chance, by day of the week, that a fit person is declared ready that day; days left out have 1."""
    hours: OpenSpans = "08:00-13:00"
    """Time of the day in which people are declared ready."""

    @model_validator(mode="after")
    def _some_day(self) -> BoardRounds:
        if len(self.chance) == 7 and max(self.chance.values()) < 0.05:
            raise ValueError("on no day of the week is the chance 0.05 or more")
        return self


class Escalation(Part):
    """Beds that are opened when it gets tight and closed again, by a daily review."""

    beds: Annotated[int, number("beds", 1, 100_000)]
    """The most that may be open."""
    step: Annotated[int, number("beds", 1, 100_000)]
    """Beds opened or closed at a time."""
    review_at: OpenSpans = "08:00-08:01"
    """Time of the daily review (the first of the two times counts)."""
    open_waiting: Annotated[int, number("people waiting", 1, 1_000_000)] = 1_000_000
    """Open beds when so many wait."""
    open_occupancy: Annotated[float, number("share of beds", 0, 10, plausible=(0.8, 1.1))] = 10.0
    """Open beds when so great a share is occupied; 10 for never on this ground."""
    close_waiting: Annotated[int, number("people waiting", 0, 1_000_000)] = 0
    """Close beds when no more than so many wait ..."""
    close_occupancy: Annotated[float, number("share of beds", 0, 10, plausible=(0.5, 1))] = 0.9
    """... and no more than this share is occupied."""


class Workforce(Part):
    """Posts that are filled and vacant, month by month.

    The capacity given elsewhere is that of all posts filled and nobody ill.
    """

    posts: Annotated[int, number("whole-time equivalents", 1, 1_000_000)]
    """Posts, whole-time equivalents."""
    vacancy: Share = 0.0
    """Share of the posts that is vacant at the start."""
    turnover_a_year: Annotated[float, number("share a year", 0, 5, plausible=(0, 0.6))] = 0.0
    """Share of the staff who leave in a year."""
    recruited_a_month: Annotated[float, number("staff a month", 0, 10_000)] = 0.0
    """Mean number of people recruited a month, as long as posts are vacant."""
    sickness: Share = 0.0
    """Share of the staff away ill."""


class Staffing(Workforce):
    """Visits a day that staff can make: from their hours, the travel, and visits that need two of them."""

    hours_a_week: Annotated[float, number("hours a week", 1, 60, plausible=(15, 40))]
    """Hours of one whole-time equivalent in visits and on the road."""
    visit_minutes: Annotated[float, number("minutes", 5, 600, plausible=(15, 90))]
    """Length of a visit."""
    travel_minutes: Annotated[float, number("minutes", 0, 600, plausible=(0, 60))]
    """Travel for a visit."""
    double_handed: Share = 0.0
    """Share of the visits that need two staff."""

    @property
    def visits_a_day_each(self) -> float:
        """Visits a day that one whole-time equivalent makes, averaged over the week."""
        minutes = (self.visit_minutes + self.travel_minutes) * (1 + self.double_handed)
        return self.hours_a_week * 60 / 7 / minutes


class Setting(Part):
    """A place that holds people: beds, a caseload, a care home, a virtual ward."""

    title: Text
    """What the reader sees."""
    kind: SettingKind
    """What sort of setting it is; `acute` settings count in the acute measures."""
    unit: Text | None = None
    """What one unit of capacity is, such as `visits a day`; the usual word of its kind if left out."""
    capacity: Capacity | Literal["unlimited", "staffed"]
    """Units open from the start of the run; `staffed`: as many as the staff under `staffing` give."""
    capacity_changes: dict[date, Capacity] = {}
    """Capacity from a date on, such as winter beds: `2024-11-01: 850`."""
    by_locality: bool = False
    """Each locality has its own part of it, in proportion to its people; people only use their own."""
    mutual_aid_after_days: Annotated[float, number("days", 0, 1000, plausible=(0.5, 30))] | None = None
    """Days ready and waiting after which another locality is asked instead; never if left out."""
    staffing: Staffing | None = None
    """Staff whose visits make the capacity, where it is `staffed`."""
    workforce: Workforce | None = None
    """Vacancies and sickness that reduce the capacity, where it is a number."""
    escalation: Escalation | None = None
    """Beds opened when it gets tight."""
    board_rounds: BoardRounds | None = None
    """When people who came here first are declared ready; at any time if left out."""
    queue: Queue = "first_asked"
    """Who gets a place first among people of the same priority: `first_asked`, whoever asked first; `longest_ready`,
    whoever has been ready to leave the place they are in for longest, even if they could ask only later. People who
    come from home are taken to be ready when they ask."""
    move_in: Hours | None = None
    """Hours in which people can come in; any time if left out."""
    waiting_reason: Reason | None = None
    """Reason of a delay spent waiting for a place here."""
    move_in_reason: Reason | None = None
    """Reason of a delay spent waiting for move-in hours; the waiting reason if left out."""

    @model_validator(mode="after")
    def _staffing_fits(self) -> Setting:
        if (self.capacity == "staffed") != (self.staffing is not None):
            raise ValueError("capacity `staffed` and staffing go together")
        if self.workforce is not None and not isinstance(self.capacity, int):
            raise ValueError("workforce needs a number for capacity, that of all posts filled")
        if self.mutual_aid_after_days is not None and not self.by_locality:
            raise ValueError("mutual_aid_after_days needs by_locality")
        if self.capacity == "staffed" and self.capacity_changes:
            raise ValueError("capacity_changes do not go with a staffed capacity")
        return self

    @property
    def unit_name(self) -> str:
        """Word for a unit of capacity."""
        return self.unit or UNITS[self.kind]


class Team(Part):
    """The people who do tasks."""

    title: Text
    """What the reader sees."""
    staff: Staff | Literal["unlimited"]
    """Staff on duty at a time during the team's hours."""
    staff_by_day: dict[Day, Staff] = {}
    """Staff on duty on a day of the week on which it differs; a bank holiday is like a Sunday."""
    staff_changes: dict[date, Staff] = {}
    """Staff from a date on (in place of `staff`)."""
    by_locality: bool = False
    """Each locality has its own part of it, in proportion to its people; people only use their own."""
    workforce: Workforce | None = None
    """Vacancies and sickness that reduce the staff on duty."""
    hours: Hours | None = None
    """Working hours; day and night if left out. Work pauses out of hours."""
    queue: Queue = "first_asked"
    """Whose task is taken up first among people of the same priority: `first_asked`, in the order in which tasks come
    to the team; `longest_ready`, that of whoever has been ready for longest and then, of those who are not ready yet,
    of whoever will be soonest."""

    @model_validator(mode="after")
    def _days_need_a_number(self) -> Team:
        if self.staff == "unlimited" and (self.staff_by_day or self.staff_changes or self.workforce):
            raise ValueError("staff is unlimited: staff_by_day, staff_changes and workforce would change nothing")
        return self


class Task(Part):
    """A piece of discharge work that must be done before a person can leave a stay."""

    title: Text
    """What the reader sees."""
    reason: Reason
    """Reason that a delay for this task is counted under."""
    team: Name | None = None
    """Team that does it; without one it is a plain delay."""
    work_hours: Annotated[Distribution, meta("hours of staff time", (0.05, 40))] | None = None
    """Staff time it takes; only with a team."""
    elapsed_days: Annotated[Distribution, meta("days", (0.01, 30))] | None = None
    """Elapsed time it takes; only without a team."""
    starts_days: Annotated[float, number("days", -60, 60, plausible=(-14, 14))] = 0.0
    """Earliest start, in days from `starts_from`; negative plans ahead, before the person is ready."""
    starts_from: Literal["ready", "entering"] = "ready"
    """What `starts_days` counts from."""
    assessment: bool = False
    """Under discharge to assess this task is done in the next setting instead of the hospital."""
    before_dtoc: bool = False
    """A delayed transfer (DToC) only counts once this task is done: the clinical and team decision."""

    @model_validator(mode="after")
    def _one_duration(self) -> Task:
        if self.team is not None and (self.work_hours is None or self.elapsed_days is not None):
            raise ValueError("a task with a team needs work_hours (and no elapsed_days)")
        if self.team is None and (self.elapsed_days is None or self.work_hours is not None):
            raise ValueError("a task without a team needs elapsed_days (and no work_hours)")
        return self
