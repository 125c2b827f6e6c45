"""Daily numbers of people from a CSV file, taken into the scenario so that it stands alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from dischargesim.scenario.csv_files import CsvError, read_rows

LARGEST = 100_000
"""People a day."""
_FORMATS = ("%Y-%m-%d", "%d/%m/%Y")


def read_daily_counts(path: Path, first: date, days: int) -> list[int]:
    """People on each day of a run, from a file with columns date and count.

    Parameters
    ----------
    path : Path
        CSV with a header, dates as 2024-11-01 or 01/11/2024, separated by commas or semicolons.
    first : date
        First day of the run, warm-up included.
    days : int
        Days of the run, warm-up included.

    Raises
    ------
    CsvError
        If a line cannot be understood, a day is missing, or the file does not cover the run.
    """
    counts = _read(path)
    last = first + timedelta(days=days - 1)
    begins, ends = min(counts), max(counts)
    if begins > first or ends < last:
        raise CsvError(f"has days from {begins} to {ends}, but the run with its warm-up is from {first} to {last}")
    return [counts[first + timedelta(days=day)] for day in range(days)]


def _read(path: Path) -> dict[date, int]:
    counts: dict[date, int] = {}
    previous: date | None = None
    for line, row in read_rows(path, ("date", "count")):
        day, count = _date(row["date"], line), _count(row["count"], line)
        if previous is not None and day != previous + timedelta(days=1):
            problem = "the same day twice" if day == previous else "not the day after the line before"
            raise CsvError(f"line {line}: {day} is {problem} ({previous}); every day must be there, in order")
        counts[day] = count
        previous = day
    if not counts:
        raise CsvError("has no days in it")
    return counts


def _date(text: str, line: int) -> date:
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise CsvError(f"line {line}: {text[:30]!r} is not a date such as 2024-11-01")


def _count(text: str, line: int) -> int:
    try:
        number = float(text)
    except ValueError:
        raise CsvError(f"line {line}: {text[:30]!r} is not a number of people") from None
    if not (0 <= number <= LARGEST) or number != int(number):
        raise CsvError(f"line {line}: got {text[:30]}, expected a whole number of people, 0 to {LARGEST}")
    return int(number)
