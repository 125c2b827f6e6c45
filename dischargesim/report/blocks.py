"""What a report is made of, whatever format it is written in: sections of paragraphs, lists, tables and charts.

The sections of a report are made once, from stored results, as these plain values. A writer for each format turns
them into a page, a document or a workbook, and escapes every text as its format wants: here text is only text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")

Cell = str | int | float | None
"""What stands in a table; None and NaN are shown as nothing."""


def _named(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name of small letters, digits and underscores: {name}")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text.

    Attributes
    ----------
    text : str
    tone : {"plain", "answer", "caution"}
        ``answer`` is what the reader came for; ``caution`` is what must not be overlooked.
    """

    text: str
    tone: Literal["plain", "answer", "caution"] = "plain"


@dataclass(frozen=True, slots=True)
class Items:
    """A list of points; each a plain text.

    Attributes
    ----------
    items : tuple of str
    lead : str
        What stands before them.
    tone : {"plain", "caution"}
        As for a paragraph, of lead and points together.
    """

    items: tuple[str, ...]
    lead: str = ""
    tone: Literal["plain", "caution"] = "plain"


@dataclass(frozen=True, slots=True)
class Code:
    """Something to be typed or read as it stands, such as commands."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title : str
    unit : str
        Shown with the title; empty where the rows differ in their unit, which then is a column of its own.
    digits : int or None
        Decimals of its numbers; None: as many as the size of each number asks for.
    signed : bool
        Numbers carry their sign, such as differences.
    """

    title: str
    unit: str = ""
    digits: int | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes
    ----------
    name : str
        Unlike that of any other block of the report: small letters, digits and underscores.
    title : str
    columns : tuple of Column
    rows : tuple of tuple of Cell
        As many cells as there are columns. The first cell is the head of its row.
    note : str
        What is counted, and who.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse rows that do not fit."""
        _named(self.name)
        wrong = [row for row in self.rows if len(row) != len(self.columns)]
        if wrong:
            raise ValueError(f"table {self.name}: {len(self.columns)} columns, and a row of {len(wrong[0])}")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, its finding, what it shows in words, and its data.

    Attributes
    ----------
    name : str
        Unlike that of any other block of the report.
    title : str
        What the chart shows, as a finding where there is one.
    summary : str
        What a reader who does not see it must know.
    figure : plotly.graph_objects.Figure
        Without a title: the title stands beside it.
    data : Table
        The numbers that are drawn.
    """

    name: str
    title: str
    summary: str
    figure: Figure
    data: Table

    def __post_init__(self) -> None:
        """Refuse a name that cannot be that of a file."""
        _named(self.name)


Block = Paragraph | Items | Code | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report.

    Attributes
    ----------
    name : str
    title : str
    blocks : tuple of Block
    part : str
        Heading of the part of a document that it belongs to; sections of one part stand one after the other.
    """

    name: str
    title: str
    blocks: tuple[Block, ...]
    part: str = ""

    def __post_init__(self) -> None:
        """Refuse a name that cannot be an anchor."""
        _named(self.name)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report.

    Attributes
    ----------
    title : str
    subtitle : str
        What was simulated, in a line.
    about : tuple of (str, str)
        Name and value of what stands on the cover: version, seed, when the results were made.
    sections : tuple of Section
        The first one holds the answer.
    """

    title: str
    subtitle: str
    about: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        """Refuse names that are used twice: they are anchors, sheets and files."""
        names = [section.name for section in self.sections]
        names += [name for table in self.tables() for name in (table.name,)]
        names += [chart.name for chart in self.charts()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"names used twice in a report: {', '.join(twice)}")

    def tables(self) -> Iterator[Table]:
        """All tables in order, the data of charts among them."""
        for section in self.sections:
            yield from _tables(section.blocks)

    def charts(self) -> Iterator[Chart]:
        """All charts in order."""
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, Chart))


def _tables(blocks: Sequence[Block]) -> Iterator[Table]:
    for block in blocks:
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Chart):
            yield block.data
