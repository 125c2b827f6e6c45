"""Opening hours and bank holidays, and how they become open intervals of a run."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from dischargesim.scenario.base import Part

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Nation = Literal["England", "Wales", "Scotland", "Northern Ireland", "none"]
_SUBDIVISION = {"England": "ENG", "Wales": "WLS", "Scotland": "SCT", "Northern Ireland": "NIR"}
_SPAN = re.compile(r"^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})$")


def parse_spans(text: str) -> list[tuple[int, int]]:
    """Read ``"08:00-12:00, 13:00-17:30"`` or ``"closed"`` as minutes of the day.

    Raises
    ------
    ValueError
        If the text is neither, or the spans are not in order.
    """
    if text.strip() == "closed":
        return []
    spans: list[tuple[int, int]] = []
    for part in text.split(","):
        found = _SPAN.match(part.strip())
        if not found:
            raise ValueError('expected hours such as "08:00-18:00", or "closed"')
        h1, m1, h2, m2 = (int(group) for group in found.groups())
        start, end = h1 * 60 + m1, h2 * 60 + m2
        if m1 > 59 or m2 > 59 or end > 24 * 60 or start >= end:
            raise ValueError('expected hours within the day that end after they begin, such as "08:00-18:00"')
        if spans and start <= spans[-1][1]:
            raise ValueError("the spans of a day must follow each other with a gap between")
        spans.append((start, end))
    return spans


def _check_spans(text: str) -> str:
    parse_spans(text)
    return text


Spans = Annotated[str, AfterValidator(_check_spans)]


def _check_open(text: str) -> str:
    if not parse_spans(text):
        raise ValueError('expected hours such as "08:00-18:00", not "closed"')
    return text


OpenSpans = Annotated[str, AfterValidator(_check_open)]
"""Hours of something that must happen some time of the day."""


class Hours(Part):
    """Weekly opening hours.

    The more particular entry wins: a day before weekdays or weekend, these before every_day.
    """

    every_day: Spans | None = None
    """Hours of every day that has no entry of its own, such as ``08:00-18:00``."""
    weekdays: Spans | None = None
    """Hours of Monday to Friday."""
    weekend: Spans | None = None
    """Hours of Saturday and Sunday."""
    monday: Spans | None = None
    tuesday: Spans | None = None
    wednesday: Spans | None = None
    thursday: Spans | None = None
    friday: Spans | None = None
    saturday: Spans | None = None
    sunday: Spans | None = None
    bank_holidays: Literal["closed", "as_sunday", "as_usual"] = "closed"
    """What happens on a bank holiday."""

    def spans(self, day: int, holiday: bool) -> list[tuple[int, int]]:
        """Open minutes of a day of the week (0 is Monday)."""
        if holiday and self.bank_holidays == "closed":
            return []
        if holiday and self.bank_holidays == "as_sunday":
            day = 6
        general = self.weekend if day >= 5 else self.weekdays
        for text in (getattr(self, DAYS[day]), general, self.every_day):
            if text is not None:
                return parse_spans(text)
        return []

    @property
    def hours_a_week(self) -> float:
        """Open hours of a week without bank holidays."""
        return sum(end - start for day in range(7) for start, end in self.spans(day, False)) / 60

    @model_validator(mode="after")
    def _opens_at_all(self) -> Hours:
        if self.hours_a_week == 0:
            raise ValueError("never open: give hours for at least one day, or set the staff or capacity to 0 instead")
        return self


@cache
def bank_holidays(nation: Nation, first: int, last: int) -> frozenset[date]:
    """Bank holidays of a nation from one year to another (source: the holidays package)."""
    if nation == "none":
        return frozenset()
    import holidays

    return frozenset(holidays.country_holidays("GB", subdiv=_SUBDIVISION[nation], years=range(first, last + 1)))


@lru_cache(maxsize=512)
def open_intervals(hours: Hours, start: date, days: int, nation: Nation) -> tuple[tuple[float, float], ...]:
    """Open intervals in days since `start`, ascending; spans that touch at midnight are one interval."""
    off = bank_holidays(nation, start.year, (start + timedelta(days=days)).year)
    week = [hours.spans(day, False) for day in range(7)]
    holiday = [hours.spans(day, True) for day in range(7)]
    intervals: list[tuple[float, float]] = []
    for day in range(days):
        today = start + timedelta(days=day)
        for begin, end in (holiday if today in off else week)[today.weekday()]:
            opens, closes = day + begin / 1440, day + end / 1440
            if intervals and intervals[-1][1] == opens:
                opens = intervals.pop()[0]
            intervals.append((opens, closes))
    return tuple(intervals)


@lru_cache(maxsize=64)
def days_of_week(start: date, days: int, nation: Nation) -> tuple[int, ...]:
    """Day of the week (0 is Monday) of each day from `start`, a bank holiday counting as a Sunday."""
    off = bank_holidays(nation, start.year, (start + timedelta(days=days)).year)
    dates = (start + timedelta(days=day) for day in range(days))
    return tuple(6 if today in off else today.weekday() for today in dates)
