"""The workbook, opened again: one marked table a sheet, numbers as numbers, text that is never a formula or a link."""

from __future__ import annotations

import io
import zipfile
from functools import cache

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from dischargesim.report.blocks import Column, Report, Section, Table
from dischargesim.report.formats.excel import MISSING, sheet_name, workbook
from tests.reports import HOSTILE, hostile_report, large_report, plain_report, shown

HEAD = 4


@cache
def opened(made: object) -> Workbook:
    assert callable(made)
    return openpyxl.load_workbook(io.BytesIO(workbook(made())))


def report_of(*tables: Table) -> Report:
    return Report("Report", "", (), (Section("s", "S", tables),))


def sheets(book: Workbook) -> list[Worksheet]:
    return [sheet for sheet in book.worksheets if sheet.title[0].isdigit()]


def test_cover_contents_notes_and_a_sheet_for_each_table() -> None:
    book = opened(plain_report)
    names = [f"{number}_{table.name}" for number, table in enumerate(plain_report().tables(), 1)]
    assert book.sheetnames == ["Cover", "Contents", "Notes", *names]
    cover = [cell.value for cell in book["Cover"]["A"]]
    assert cover[:3] == [
        "Discharge at Anytown: ten more beds",
        "england_average, 365 days, 20 replications",
        "Version: 0.7.0",
    ]
    contents = [row[0] for row in book["Contents"].iter_rows(min_row=4, values_only=True)]
    assert contents == ["Notes", *names]
    targets = [book["Contents"].cell(row, 1).hyperlink.location for row in range(4, 4 + len(contents))]
    assert targets == [f"'{name}'!A1" for name in contents]
    notes = [row[1] for row in book["Notes"].iter_rows(min_row=4, values_only=True)]
    assert any(MISSING in note for note in notes)
    assert "Bed days freed are opportunity value and no cash." in notes
    assert "All people who became ready in the data collection period." in notes


def test_numbers_are_numbers_with_their_unit_in_the_head() -> None:
    sheet = opened(plain_report)["1_headline"]
    rows = list(sheet.iter_rows(min_row=HEAD, values_only=True))
    assert rows[0] == ("Measure", "Baseline (people a day)", "Change (people a day)", "Cost (£ a year)", "Any size")
    assert rows[1] == ("Measure 0", 1234.56, -2.25, -1_250_000, MISSING)
    assert rows[3] == ("Measure 2", 1236.56, 2.25, 1_250_000, "no limit")
    assert sheet["B5"].number_format == "#,##0.0"
    assert sheet["C5"].number_format == "+#,##0.0;-#,##0.0;#,##0.0"
    assert sheet["D5"].number_format == "#,##0"
    assert sheet["A1"].value == "Baseline and options"
    assert sheet.freeze_panes == "B5"


@pytest.mark.parametrize("made", [plain_report, hostile_report])
def test_sheets_can_be_used_by_everybody(made: object) -> None:
    book = opened(made)
    for sheet in sheets(book):
        assert not sheet.merged_cells.ranges
        assert len(sheet.tables) == 1
        [table] = sheet.tables.values()
        assert table.ref.startswith(f"A{HEAD}:")
        assert sheet["A1"].value
        cells = [cell for row in sheet[table.ref] for cell in row]
        assert all(cell.value is not None for cell in cells)
    names = [table.name for sheet in book.worksheets for table in sheet.tables.values()]
    assert len(names) == len({name.lower() for name in names})


@pytest.mark.parametrize("made", [plain_report, hostile_report])
def test_no_cell_is_worked_out_or_followed(made: object) -> None:
    book = opened(made)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert all(cell.hyperlink.target is None for cell in cells if cell.hyperlink is not None)
    assert callable(made)
    with zipfile.ZipFile(io.BytesIO(workbook(made()))) as package:
        parts = [package.read(name).decode("utf-8") for name in package.namelist() if name.endswith((".xml", ".rels"))]
    assert not [part for part in parts if "<f>" in part or 'TargetMode="External"' in part]


def test_hostile_texts_come_out_as_text_even_when_edited() -> None:
    sheet = opened(hostile_report)["1_hostile"]
    texts = [shown(text) for text in HOSTILE]
    # What openpyxl gives of an escape is the escape: the letters that were written follow it.
    read = [str(cell.value).replace("_x005F_", "_") for cell in sheet[HEAD + 1]]
    assert read == texts
    marked = {cell.value: cell.quotePrefix for cell in sheet[HEAD + 1]}
    assert all(marked[text] for text in texts if text.startswith(("=", "+", "-", "@")))
    assert [cell.value for cell in sheet[HEAD + 3]] == [float(at) for at in range(len(HOSTILE))]


def test_names_of_sheets_are_short_and_unlike() -> None:
    tables = [Table("a" * 60 + letter, "T", (Column("A"),), (("a",),)) for letter in "bc"]
    book = openpyxl.load_workbook(io.BytesIO(workbook(report_of(*tables))))
    assert [len(name) for name in book.sheetnames[3:]] == [31, 31]
    assert book.sheetnames[3:] == [sheet_name(1, tables[0].name), sheet_name(2, tables[1].name)]


def test_heads_alike_empty_tables_and_endless_texts() -> None:
    alike = Table("alike", "T", (Column("A"), Column("a"), Column(""), Column("")), (("x", 1, 2, 3),))
    empty = Table("empty", "T", (Column("A"), Column("B", "days")), ())
    endless = Table("endless", "T", (Column("A" * 400),), (("y" * 40_000,),))
    book = openpyxl.load_workbook(io.BytesIO(workbook(report_of(alike, empty, endless))))
    assert [cell.value for cell in book["1_alike"][HEAD]] == ["A", "a (2)", "Column", "Column (2)"]
    assert [cell.value for cell in book["2_empty"][HEAD]] == ["A", "B (days)"]
    assert len(str(book["3_endless"].cell(HEAD + 1, 1).value)) == 32_000


def test_no_clock_goes_in() -> None:
    data = workbook(large_report(1, 2))
    assert openpyxl.load_workbook(io.BytesIO(data)).properties.created.year == 2000
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
