"""Numbers and texts as people read them, the same in every format."""

from __future__ import annotations

import numpy as np
import pytest

from dischargesim.report.blocks import Cell, Column, Table
from dischargesim.report.chart_style import literal
from dischargesim.report.formats.excel import number_format
from dischargesim.report.formats.numbers import cell_text, is_number, numeric_columns
from dischargesim.report.formats.text import one_line, plain

ANY = Column("Any")
ONE = Column("One", "days", digits=1)
SIGNED = Column("Change", "days", digits=1, signed=True)
MINUS = "\u2212"


@pytest.mark.parametrize(
    ("cell", "column", "text"),
    [
        (0, ANY, "0"),
        (0.0, ANY, "0"),
        (12_345, ANY, "12,345"),
        (5, ANY, "5"),
        (5.0, ANY, "5.00"),
        (12345.678, ANY, "12,346"),
        (123.456, ANY, "123.5"),
        (-5.4321, ANY, f"{MINUS}5.43"),
        (0.5, ANY, "0.500"),
        (0.00012, ANY, "0.00012"),
        (1e-9, ANY, f"1.0e{MINUS}09"),
        (1234.56, ONE, "1,234.6"),
        (-0.04, ONE, "0.0"),
        (-0.0, SIGNED, "0.0"),
        (0.04, SIGNED, "0.0"),
        (2.25, SIGNED, "+2.3"),
        (-2.25, SIGNED, f"{MINUS}2.3"),
        (1e20, ONE, "100,000,000,000,000,000,000"),
        (np.float64(1.25), ONE, "1.3"),
        (np.int64(7), ANY, "7"),
        (True, ANY, "yes"),
        (float("inf"), ONE, "no limit"),
        (float("-inf"), ONE, "no lower limit"),
        (None, ONE, "\u2013"),
        (float("nan"), SIGNED, "\u2013"),
        ("two\n words ", ONE, "two words"),
    ],
)
def test_cells_are_shown_as_people_write_them(cell: Cell, column: Column, text: str) -> None:
    assert cell_text(cell, column) == text


@pytest.mark.parametrize(
    ("value", "column", "form"),
    [
        (1234.5, ONE, "#,##0.0"),
        (1234.5, ANY, "#,##0"),
        (1.5, ANY, "#,##0.00"),
        (1, SIGNED, "+#,##0.0;-#,##0.0;#,##0.0"),
        (1e-9, ANY, "0.0E+00"),
    ],
)
def test_a_spreadsheet_shows_the_same_decimals(value: float, column: Column, form: str) -> None:
    assert number_format(value, column) == form


def test_what_counts_as_a_number() -> None:
    assert [is_number(cell) for cell in (1, 1.5, np.float32(2), np.int32(3))] == [True] * 4
    assert [is_number(cell) for cell in (True, None, float("nan"), float("inf"), "1")] == [False] * 5


def test_columns_of_numbers_are_those_with_more_numbers_than_texts() -> None:
    rows = (("a", 1.0, None, "no"), ("b", "no limit", None, 2), ("c", 3, None, "yes"))
    table = Table("t", "T", (ANY, ANY, ANY, ANY), rows)
    assert numeric_columns(table) == [False, True, False, False]


def test_text_loses_only_what_no_format_can_hold() -> None:
    assert plain("a\x00b\x0bc\x1fd\ud800e\ufffff\x7f") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\ufffd"
    assert plain("tab\t line\r\n two\r three") == "tab\t line\n two\n three"
    assert plain("\N{HOSPITAL} \u202e \u05d0 \xa0") == "\N{HOSPITAL} \u202e \u05d0 \xa0"
    assert one_line(" a\u2028b\u2029c\x85d\r\n\te  f\xa0g ") == "a b c d e f\xa0g"


def test_a_name_in_a_chart_is_no_markup() -> None:
    assert literal('<a href="x">&amp;\n</a>') == '&lt;a href="x"&gt;&amp;amp; &lt;/a&gt;'
