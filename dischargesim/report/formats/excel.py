"""A report's tables as a workbook: a cover, contents, notes, and one table a sheet.

Sheets follow the advice of the Government Analysis Function on spreadsheets that everybody can use: a title in the
first cell, one marked table a sheet, no merged cells, no empty rows inside, units in the heads, a mark where there is
no figure. Text is only ever text: nothing in a cell is worked out or followed, but for links between sheets.
"""

from __future__ import annotations

import datetime
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dischargesim.report.blocks import Cell, Column, Items, Paragraph, Report, Table
from dischargesim.report.formats.numbers import cell_text, decimals, heading, is_missing, is_number, numeric_columns
from dischargesim.report.formats.text import one_line

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MISSING = "[x]"
"""What stands in a cell without a figure; the notes say so."""
_MADE = datetime.datetime(2000, 1, 1)
"""A workbook says nothing of when it was written, so that the same report gives the same bytes."""
_LONGEST_SHEET_NAME = 31
_LONGEST_TEXT = 32_000
_LONGEST_HEAD = 250
_WIDTHS = (9, 60)
_HEAD_ROW = 3
# What a spreadsheet takes for the beginning of a formula when somebody edits the cell, or saves the sheet as CSV.
_FORMULA = re.compile(r"^[=+\-@\t]")


def workbook(report: Report) -> bytes:
    """The tables of a report, those behind its charts among them, as an Excel workbook.

    Parameters
    ----------
    report : Report

    Returns
    -------
    bytes
    """
    import xlsxwriter

    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"title": one_line(report.title)[:250], "created": _MADE})
        _Sheets(book, report).write()
    return file.getvalue()


@dataclass
class _Sheets:
    """The workbook that is being written, and the formats it uses."""

    book: Workbook
    report: Report
    formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)

    def write(self) -> None:
        """All sheets in order."""
        tables = list(self.report.tables())
        titles = {chart.data.name: chart.title for chart in self.report.charts()}
        names = [sheet_name(number, table.name) for number, table in enumerate(tables, 1)]
        entries = [(name, _titled(table, titles.get(table.name))) for name, table in zip(names, tables, strict=True)]
        self._cover()
        self._contents(entries)
        self._notes(list(zip(names, tables, strict=True)))
        for (name, title), table in zip(entries, tables, strict=True):
            self._table(name, title, table)

    def format(self, **properties: Any) -> Format:
        """A cell format; each is made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(
                {"font_name": "Arial", "font_size": 11, "valign": "top", **properties}
            )
        return self.formats[key]

    def text(self, sheet: Worksheet, row: int, column: int, text: str, **properties: Any) -> None:
        """A cell of text, whatever it looks like."""
        words = one_line(text)
        words = words if len(words) <= _LONGEST_TEXT else words[: _LONGEST_TEXT - 1] + "\N{HORIZONTAL ELLIPSIS}"
        if _FORMULA.match(words):
            properties["quote_prefix"] = True
        sheet.write_string(row, column, words, self.format(**properties))

    def _sheet(self, name: str, title: str, widths: tuple[float, ...]) -> Worksheet:
        sheet = self.book.add_worksheet(name)
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        self.text(sheet, 0, 0, title, bold=True, font_size=15)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _cover(self) -> None:
        sheet = self._sheet("Cover", self.report.title, (90,))
        lines = [self.report.subtitle] if self.report.subtitle else []
        lines += [f"{name}: {value}" for name, value in self.report.about]
        for at, line in enumerate(lines, 1):
            self.text(sheet, at, 0, line, text_wrap=True)
        sheet.activate()

    def _contents(self, entries: list[tuple[str, str]]) -> None:
        sheet = self._sheet("Contents", "Contents", (36, 90))
        self.text(sheet, 1, 0, "This sheet contains one table. Each line leads to the sheet of that name.")
        rows = [("Notes", "Notes on the tables"), *entries]
        self._heads(sheet, "contents", 2, ["Sheet", "Title"], len(rows))
        for at, (name, title) in enumerate(rows, 3):
            self._link(sheet, at, name, name)
            self.text(sheet, at, 1, title, text_wrap=True)

    def _notes(self, tables: list[tuple[str, Table]]) -> None:
        sheet = self._sheet("Notes", "Notes", (36, 110))
        self.text(sheet, 1, 0, "This sheet contains one table.")
        rows = [
            ("All sheets", f"{MISSING} stands where there is no figure: it is not known, or does not apply."),
            ("All sheets", "Units stand with the head of a column; where rows differ, in a column of their own."),
            ("All sheets", "Cells hold more decimals than they show."),
        ]
        blocks = [block for section in self.report.sections for block in section.blocks]
        for block in blocks:
            if isinstance(block, Paragraph | Items) and block.tone == "caution":
                rows += [
                    ("All sheets", text) for text in ((block.text,) if isinstance(block, Paragraph) else block.items)
                ]
        rows += [(name, table.note) for name, table in tables if table.note]
        self._heads(sheet, "notes", 2, ["Sheet", "Note"], len(rows))
        for at, (name, note) in enumerate(rows, 3):
            self.text(sheet, at, 0, name)
            self.text(sheet, at, 1, note, text_wrap=True)

    def _table(self, name: str, title: str, table: Table) -> None:
        right = numeric_columns(table)
        heads = [heading(column) for column in table.columns]
        sheet = self._sheet(name, title, tuple(_width(at, head, table) for at, head in enumerate(heads)))
        about = "This sheet contains one table." + (f" {one_line(table.note)}" if table.note else "")
        self.text(sheet, 1, 0, about)
        self._link(sheet, 2, "Contents", "Back to the contents")
        self._heads(sheet, f"table_{name.split('_', 1)[0]}", _HEAD_ROW, heads, len(table.rows), right)
        sheet.freeze_panes(_HEAD_ROW + 1, 1)
        for row, cells in enumerate(table.rows, _HEAD_ROW + 1):
            for at, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
                self._cell(sheet, row, at, cell, column, right[at])

    def _cell(self, sheet: Worksheet, row: int, at: int, cell: Cell, column: Column, right: bool) -> None:
        if is_number(cell):
            side = "right" if right else "left"
            sheet.write_number(row, at, float(cell), self.format(num_format=number_format(cell, column), align=side))
            return
        text = MISSING if is_missing(cell) else cell_text(cell, column)
        self.text(sheet, row, at, text, **({"align": "right"} if right else {"text_wrap": True}))

    def _link(self, sheet: Worksheet, row: int, name: str, text: str) -> None:
        looks = self.format(font_color="#144E81", underline=1)
        sheet.write_url(row, 0, f"internal:'{name}'!A1", looks, text)

    def _heads(
        self, sheet: Worksheet, name: str, row: int, heads: list[str], rows: int, right: list[bool] | None = None
    ) -> None:
        """The heads, and the mark that makes a table of them and of the rows that follow."""
        heads = _unlike([head[:_LONGEST_HEAD] or "Column" for head in heads])
        looks = [
            self.format(
                bold=True, text_wrap=True, bottom=2, align="right" if right and right[at] else "left", valign="bottom"
            )
            for at in range(len(heads))
        ]
        if rows and heads:
            columns = [{"header": head, "header_format": look} for head, look in zip(heads, looks, strict=True)]
            sheet.add_table(
                row,
                0,
                row + rows,
                len(heads) - 1,
                {"name": name, "columns": columns, "style": None, "autofilter": False},
            )
        else:
            for at, (head, look) in enumerate(zip(heads, looks, strict=True)):
                sheet.write_string(row, at, head, look)
        sheet.repeat_rows(row)


def sheet_name(number: int, name: str) -> str:
    """The name of the sheet of a table: its number, unlike all others, and as much as fits of its name."""
    return f"{number}_{name}"[:_LONGEST_SHEET_NAME]


def number_format(value: float, column: Column) -> str:
    """How a spreadsheet shows a number, as `numbers.number_text` writes it."""
    if column.digits is None and 0 < abs(value) < 1e-6:
        return "0.0E+00"
    digits = decimals(value, column)
    form = "#,##0" + ("." + "0" * digits if digits else "")
    return f"+{form};-{form};{form}" if column.signed else form


def _titled(table: Table, finding: str | None) -> str:
    """Title of a table; of a chart's data with what the chart shows."""
    return table.title if finding is None else f"{table.title}. Chart: {finding}"


def _unlike(heads: list[str]) -> list[str]:
    """Heads of which no two are the same, whatever their capitals: a table of a workbook refuses those."""
    seen: set[str] = set()
    found = []
    for head in heads:
        name, count = head, 1
        while name.lower() in seen:
            count += 1
            name = f"{head} ({count})"
        seen.add(name.lower())
        found.append(name)
    return found


def _width(at: int, head: str, table: Table) -> float:
    """Width of a column, in letters: its cells on one line, its head on two or three."""
    column = table.columns[at]
    longest = max((len(cell_text(row[at], column)) for row in table.rows), default=0)
    words = max((len(word) for word in head.split()), default=0)
    return min(max(longest, words, len(head) / 2, _WIDTHS[0]) + 3, _WIDTHS[1])
