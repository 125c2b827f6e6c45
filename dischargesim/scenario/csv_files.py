"""CSV files that a scenario names: found beside its YAML only, and read line by line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

LARGEST_FILE = 5_000_000
"""Bytes."""


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


def read_rows(
    path: Path, needed: Sequence[str], known: Sequence[str] | None = None, *, as_written: bool = False
) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines of a CSV file: their number, and their cells by column, without spaces around them.

    Parameters
    ----------
    path : Path
        UTF-8, with a header, separated by commas or semicolons. Empty lines are passed over.
    needed : sequence of str
        Columns that must be there, in lower case.
    known : sequence of str, optional
        All columns that may be there; any others too if left out.
    as_written : bool
        Whether capitals in the header matter.

    Raises
    ------
    CsvError
        If the file cannot be read, lacks a column or has a line that does not fit.
    """
    rows = _rows(path)
    try:
        header = [cell.strip() if as_written else cell.strip().lower() for cell in next(rows, (1, []))[1]]
        if any(column not in header for column in needed):
            raise CsvError(f"line 1: expected a header with the columns {' and '.join(needed)}")
        for column in header if known is not None else ():
            if column not in (known or ()):
                raise CsvError(f"line 1: there is no column {column[:30]}, expected some of {', '.join(known or ())}")
        twice = next((column for at, column in enumerate(header) if column and column in header[:at]), None)
        if twice is not None:
            raise CsvError(f"line 1: there are two columns {twice[:30]}")
        for line, row in rows:
            if any(cell.strip() for cell in row):
                if len(row) != len(header):
                    raise CsvError(f"line {line}: expected {len(header)} columns, got {len(row)}")
                yield line, {column: cell.strip() for column, cell in zip(header, row, strict=True)}
    except csv.Error as error:
        raise CsvError(f"is not CSV: {error}") from None


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
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
    reader = csv.reader(text.splitlines(), delimiter=";" if ";" in text.partition("\n")[0] else ",")
    for row in reader:
        yield reader.line_num, row
