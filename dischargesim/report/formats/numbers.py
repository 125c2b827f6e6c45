"""Numbers as people read them: one way for all formats.

A number is shown with the decimals of its column or, where the column names none, with about four figures. Thousands
are apart by a comma; what is below nought has a true minus, which is as wide as a plus and does not break from its
number at the end of a line. What is not there is a dash, which a screen reader hears as words.
"""

from __future__ import annotations

import math
import numbers
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeGuard

from dischargesim.report.blocks import Cell, Column, Table
from dischargesim.report.formats.text import one_line

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
NOTHING = "no figure"
"""What a dash says to those who do not see it."""
_NO_LIMIT = "no limit"
_NO_LOWER_LIMIT = "no lower limit"
_SMALL = 1e-6
_VAST = 10**15


def is_number(cell: object) -> TypeGuard[int | float]:
    """Whether a cell is a number that can be written as one: neither a yes or no, nor missing, nor without limit."""
    # One that is a number of numpy counts too; a yes or no would, if it were asked later.
    return not isinstance(cell, bool) and isinstance(cell, numbers.Real) and math.isfinite(cell)


def is_missing(cell: Cell) -> bool:
    """Whether a cell holds nothing: None or NaN."""
    return cell is None or (isinstance(cell, float) and math.isnan(cell))


def decimals(value: float, column: Column) -> int:
    """How many decimals a number has.

    Parameters
    ----------
    value : float
        Finite.
    column : Column

    Returns
    -------
    int
        Those of the column; if it names none: none for whole numbers and for thousands, else as many as make about
        four figures, and two figures of what is small.
    """
    if column.digits is not None:
        return max(column.digits, 0)
    size = abs(value)
    if size >= 1000 or size == 0 or not isinstance(value, float):
        return 0
    if size >= 100:
        return 1
    if size >= 1:
        return 2
    return 3 if size >= 0.01 else min(1 - math.floor(math.log10(size)), 8)


def number_text(value: float, column: Column) -> str:
    """A finite number as people write it.

    Parameters
    ----------
    value : float
    column : Column
        Its decimals, and whether it carries its sign.

    Returns
    -------
    str
    """
    if column.digits is None and 0 < abs(value) < _SMALL:
        text = f"{float(value):.1e}"
    else:
        text = f"{_rounded(value, decimals(value, column)):,f}"
    # What rounds to nought is nought, and has no sign.
    nought = not any(digit in text for digit in "123456789")
    text = text.lstrip("-") if nought else text
    sign = "+" if column.signed and not nought and not text.startswith("-") else ""
    return (sign + text).replace("-", MINUS)


def _rounded(value: float, digits: int) -> Decimal:
    """Rounded as a spreadsheet rounds: halves away from nought, of the number as it is written."""
    exact = Decimal(repr(float(value)) if isinstance(value, float) else int(value))
    if abs(exact) >= _VAST:
        return exact.to_integral_value()
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def cell_text(cell: Cell, column: Column) -> str:
    """A cell as it is read; what is missing is `DASH`.

    Parameters
    ----------
    cell : str or float or int or None
    column : Column
        Where it stands.

    Returns
    -------
    str
    """
    if is_missing(cell):
        return DASH
    if isinstance(cell, str):
        return one_line(cell)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if cell is None or not math.isfinite(cell):
        return _NO_LIMIT if cell is None or cell > 0 else _NO_LOWER_LIMIT
    return number_text(cell, column)


def heading(column: Column) -> str:
    """Title of a column with its unit."""
    title, unit = one_line(column.title), one_line(column.unit)
    return f"{title} ({unit})" if unit else title


def numeric_columns(table: Table) -> list[bool]:
    """Which columns of a table are numbers and stand to the right: those with more numbers than texts."""
    found = []
    for at in range(len(table.columns)):
        cells = [row[at] for row in table.rows if not is_missing(row[at])]
        count = sum(1 for cell in cells if is_number(cell))
        found.append(2 * count > len(cells))
    return found
