"""Daily numbers of people from a CSV file, taken into the scenario so that it stands alone."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath

LARGEST_FILE = 5_000_000
"""Bytes."""
LARGEST = 100_000
"""People a day."""
_FORMATS = ("%Y-%m-%d", "%d/%m/%Y")


class CsvError(ValueError):
    """A CSV file that cannot be used; the text says why, with the line."""


def find_csv(name: str, folders: Sequence[Path]) -> Path:
    """The file of this name in the first of the folders that has it; nothing outside the folders is reached.

    Raises
    ------
    CsvError
        If the name leads elsewhere, or no folder has such a file.
    """
    for kind in (PurePosixPath(name), PureWindowsPath(name)):
        if kind.is_absolute() or kind.drive or kind.root or ".." in kind.parts or not kind.parts or "\0" in name:
            raise CsvError("expected the name of a file in the data folder, not a path that leads elsewhere")
    for folder in folders:
        path = folder / name
        if path.is_file():
            if not path.resolve().is_relative_to(folder.resolve()):
                raise CsvError("the file is a link to somewhere else; put the file itself into the data folder")
            return path
    raise CsvError("no such file in the data folder")


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
    try:
        raw = path.read_bytes() if path.stat().st_size <= LARGEST_FILE else None
    except OSError as error:
        raise CsvError(f"cannot be read: {error.strerror or 'unknown reason'}") from None
    if raw is None:
        raise CsvError(f"is larger than {LARGEST_FILE // 1_000_000} MB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CsvError("is not UTF-8 text; save it as CSV UTF-8") from None
    head = text.partition("\n")[0]
    rows = csv.reader(text.splitlines(), delimiter=";" if ";" in head else ",")
    try:
        return _days(rows, path.name)
    except csv.Error as error:
        raise CsvError(f"is not CSV: {error}") from None


def _days(rows: csv._reader, name: str) -> dict[date, int]:  # type: ignore[name-defined]
    header = [cell.strip().lower() for cell in next(rows, [])]
    if "date" not in header or "count" not in header:
        raise CsvError("line 1: expected a header with the columns date and count")
    at_date, at_count = header.index("date"), header.index("count")
    counts: dict[date, int] = {}
    previous: date | None = None
    for row in rows:
        line = rows.line_num
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(at_date, at_count):
            raise CsvError(f"line {line}: expected {len(header)} columns, got {len(row)}")
        day, count = _date(row[at_date].strip(), line), _count(row[at_count].strip(), line)
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
