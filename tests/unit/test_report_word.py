"""The Word document, opened again: real headings and tables, pictures with words, text that is only text."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import docx
import pytest
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from lxml import etree

from dischargesim.report.blocks import Column, Paragraph, Report, Section, Table
from dischargesim.report.formats.word import NO_PICTURES, word_document
from tests.reports import HOSTILE, hostile_report, large_report, plain_report, shown, wide_table


def png(width: int = 1360, height: int = 840) -> bytes:
    """A white picture."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xff" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def opened(data: bytes) -> Document:
    return docx.Document(io.BytesIO(data))


def pictured() -> bytes:
    report = plain_report()
    return word_document(report, {chart.name: png() for chart in report.charts()})


def cells(document: Document, number: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[number].rows]


def test_headings_are_headings() -> None:
    document = opened(pictured())
    found = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith(("Title", "Heading"))]
    assert found[:4] == [
        ("Title", "Discharge at Anytown: ten more beds"),
        ("Heading 1", "The answer"),
        ("Heading 1", "The options"),
        ("Heading 2", "Both together help most"),
    ]


def test_properties_name_the_report_and_no_clock() -> None:
    known = opened(pictured()).core_properties
    assert known.title == "Discharge at Anytown: ten more beds"
    assert known.language == "en-GB"
    assert known.author == ""
    assert known.created.year == known.modified.year == 2000
    with zipfile.ZipFile(io.BytesIO(pictured())) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert package.testzip() is None


def test_tables_are_tables_with_a_head_that_comes_again() -> None:
    document = opened(pictured())
    rows = cells(document, 0)
    assert rows[0] == ["Measure", "Baseline (people a day)", "Change (people a day)", "Cost (£ a year)", "Any size"]
    assert rows[1] == ["Measure 0", "1,234.6", "\u22122.3", "\u22121,250,000", "\u2013"]
    assert rows[3] == ["Measure 2", "1,236.6", "+2.3", "1,250,000", "no limit"]
    table = document.tables[0]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    sides = [cell.paragraphs[0].paragraph_format.alignment for cell in table.rows[1].cells]
    assert [side is not None for side in sides] == [False, True, True, True, False]
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    assert captions == ["Table 1: Baseline and options", "Table 2: A wide table of teams and settings, by month"]
    notes = [p.text for p in document.paragraphs if p.style.name == "Note"]
    assert notes[0] == "All people who became ready in the data collection period."


def test_every_table_fits_between_the_margins() -> None:
    document = opened(word_document(plain_report(), None))
    upright, on_its_side = document.sections[0], document.sections[1]
    widths = [sum(int(column.width) for column in table.columns) for table in document.tables]
    room = [int(s.page_width) - int(s.left_margin) - int(s.right_margin) for s in (upright, on_its_side)]
    assert [max(room) if width > room[0] else room[0] for width in widths].count(room[1]) == 1
    assert all(abs(width - room[0]) < 1000 or abs(width - room[1]) < 1000 for width in widths)


def test_numbers_beside_long_texts_keep_room_for_their_words() -> None:
    texts = ("words " * 40, "many " * 60)
    columns = (Column("What"), *(Column(f"Organisation {at}", "£ a year") for at in range(5)), Column("Source"))
    table = Table("t", "T", columns, ((texts[0], *(1_234_567.0 for _ in range(5)), texts[1]),))
    document = opened(word_document(Report("R", "", (), (Section("s", "S", (table,)),)), None))
    # Letters of eight points, bold, are some 4.7 points wide: "Organisation" takes 20 mm with what is beside it.
    assert all(column.width.mm > 20 for column in list(document.tables[0].columns)[1:6])


def test_wide_tables_turn_the_page_once_for_those_that_follow_each_other() -> None:
    blocks = (wide_table("a"), wide_table("b"), Paragraph("Upright again."))
    document = opened(word_document(Report("Wide", "", (), (Section("s", "S", blocks),)), None))
    assert [section.orientation for section in document.sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]
    assert all("PAGE" in section.footer._element.xml for section in document.sections)


def test_pictures_have_words_and_the_width_of_the_text() -> None:
    document = opened(pictured())
    report = plain_report()
    assert len(document.inline_shapes) == sum(1 for _ in report.charts())
    for shape, chart in zip(document.inline_shapes, report.charts(), strict=True):
        assert shape._inline.docPr.get("descr") == f"Chart: {chart.title}. {chart.summary}"
        first = document.sections[0]
        room = int(first.page_width) - int(first.left_margin) - int(first.right_margin)
        # A page is measured in twentieths of a point, which rounds.
        assert abs(int(shape.width) - room) < 635
    assert NO_PICTURES not in [p.text for p in document.paragraphs]


def test_without_pictures_stand_tables_and_a_line_that_says_so() -> None:
    report = plain_report()
    document = opened(word_document(report, None))
    assert [p.text for p in document.paragraphs].count(NO_PICTURES) == 1
    assert len(document.inline_shapes) == 0
    assert len(document.tables) == sum(1 for _ in report.tables())
    assert cells(document, 1)[1] == ["0", "100.0", "90.00", "110"]


def test_a_long_table_of_a_chart_without_picture_is_left_to_the_workbook() -> None:
    document = opened(word_document(large_report(2, 4), None))
    assert len(document.tables) == 2
    assert "Its 365 rows of figures are in tables.xlsx, as chart_0_data." in [p.text for p in document.paragraphs]


def test_contents_lead_to_the_headings() -> None:
    document = opened(pictured())
    leads = [link.get(qn("w:anchor")) for link in document.element.iter(qn("w:hyperlink"))]
    marks = [mark.get(qn("w:name")) for mark in document.element.iter(qn("w:bookmarkStart"))]
    assert len(leads) == 4
    assert set(leads) <= set(marks)
    assert len(marks) == len(set(marks))
    fields = [field.get(qn("w:fldCharType")) for field in document.element.iter(qn("w:fldChar"))]
    assert fields.count("begin") == fields.count("separate") == fields.count("end")


def test_long_names_that_differ_at_their_end_lead_to_their_own_headings() -> None:
    sections = tuple(Section("a" * 60 + letter, letter, ()) for letter in "bc")
    document = opened(word_document(Report("Long", "", (), sections), None))
    leads = [link.get(qn("w:anchor")) for link in document.element.iter(qn("w:hyperlink"))]
    assert len(set(leads)) == 2
    assert max(len(lead) for lead in leads) <= 40


@pytest.mark.parametrize("has_pictures", [True, False])
def test_hostile_texts_come_out_as_text(has_pictures: bool) -> None:
    report = hostile_report()
    data = word_document(report, {chart.name: png(8, 8) for chart in report.charts()} if has_pictures else None)
    document = opened(data)
    texts = [shown(text) for text in HOSTILE]
    assert [p.text for p in document.paragraphs if p.style.name == "List Bullet"][: len(texts)] == texts
    assert cells(document, 0)[1] == texts
    assert [p.text for p in document.paragraphs if p.style.name == "Code"][:2] == list(HOSTILE[:2])
    assert document.core_properties.title == shown(HOSTILE[0] + HOSTILE[3] + HOSTILE[12])
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                root = etree.fromstring(package.read(name))
                assert "External" not in {node.get("TargetMode") for node in root.iter()}
