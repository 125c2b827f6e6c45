"""Cells of CSV files: what a spreadsheet would take for a formula gets an apostrophe before it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_cell(value: Any) -> str:
    """Text as it is written."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def from_cell(cell: str) -> str:
    """Text as it was before `to_cell`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as UTF-8 CSV, numbers to 10 significant digits; text as `to_cell` has it."""
    path.write_bytes(csv_bytes(table))


def csv_bytes(table: pd.DataFrame, *, header: bool = True) -> bytes:
    """A table as UTF-8 CSV, numbers to 10 significant digits; text as `to_cell` has it."""
    texts = {column: table[column].map(to_cell) for column in table.columns if table[column].dtype.kind not in "iuf"}
    text: str = table.assign(**texts).to_csv(index=False, header=header, float_format="%.10g", lineterminator="\n")
    return text.encode()
