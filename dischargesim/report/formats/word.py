"""A report as a Word document: real headings, real tables, charts as pictures with words for those who do not see them.

The same report and the same pictures give the same bytes: no clock and no name of a machine goes into the file.
"""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dischargesim.report.blocks import Block, Chart, Code, Items, Paragraph, Report, Table
from dischargesim.report.formats.text import one_line, plain
from dischargesim.report.formats.word_parts import (
    PAGE_HEIGHT,
    PAGE_WIDTH,
    bookmark,
    caption,
    contents_entry,
    end_contents,
    page_number,
    start_contents,
    styles,
    table_xml,
    turn,
)

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph as WordParagraph

NO_PICTURES = (
    "Charts are given as tables here: pictures need Chrome, Chromium or Edge on the machine that makes the report."
)
"""What a document without pictures says."""
_LONGEST_DATA = 60
"""Rows of a chart's data beyond which a document without pictures names the workbook instead."""
_MANY_COLUMNS = 9
"""Columns beyond which a table stands on a page that is turned."""
_MADE = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)


def word_document(report: Report, pictures: Mapping[str, bytes] | None) -> bytes:
    """A report as a Word document.

    Parameters
    ----------
    report : Report
    pictures : mapping of str to bytes, or None
        PNG of each chart by its name, as `pictures.pictures` makes them. A chart without one, and all of them if
        None, is given as a table.

    Returns
    -------
    bytes
    """
    import docx

    document = docx.Document()
    _Writer(document, pictures or {}).write(report, said=pictures is None and any(True for _ in report.charts()))
    file = io.BytesIO()
    document.save(file)
    return _without_clock(file.getvalue())


@dataclass
class _Writer:
    """The document that is being written, and what has been counted in it."""

    document: Document
    pictures: Mapping[str, bytes]
    tables: int = 0
    figures: int = 0
    marks: int = 0
    on_its_side: bool = False
    level: int = 1

    def write(self, report: Report, said: bool) -> None:
        """The whole document; `said`: that there are no pictures has to be said."""
        styles(self.document)
        self._properties(report)
        self._line(report.title, "Title")
        if report.subtitle:
            self._line(report.subtitle, "Subtitle")
        for name, value in report.about:
            self._begun(f"{name}:", value, "About")
        if said:
            self._line(NO_PICTURES, "Caution")
        self._contents(report)
        page_number(self.document.sections[0])
        part = ""
        for section in report.sections:
            self._lie(False)
            if section.part != part:
                part = section.part
                self._heading(part, 1, f"{section.name}_part")
            self.level = 2 if part else 1
            # A part of one section needs no second heading that says the same.
            if section.title != part:
                self._heading(section.title, self.level, section.name)
            for block in section.blocks:
                self._block(block)

    def _properties(self, report: Report) -> None:
        known = self.document.core_properties
        known.title = one_line(report.title)[:255]
        known.subject = one_line(report.subtitle)[:255]
        known.language = "en-GB"
        known.author = known.last_modified_by = known.comments = known.keywords = ""
        known.created = known.modified = _MADE

    def _contents(self, report: Report) -> None:
        if not report.sections:
            return
        # The first section of each part, or every one where there are no parts.
        parts = {section.part or section.name: section for section in reversed(report.sections)}
        listed = [section for section in report.sections if parts[section.part or section.name] is section]
        self._line("Contents", "Contents Heading")
        entries = [self._line("", "Contents Entry") for _ in listed]
        start_contents(entries[0])
        for paragraph, section in zip(entries, listed, strict=True):
            anchor = f"{section.name}_part" if section.part else section.name
            contents_entry(paragraph, one_line(section.part or section.title), anchor)
        end_contents(entries[-1])

    def _heading(self, text: str, level: int, name: str) -> None:
        paragraph = self._line(text, f"Heading {level}")
        self.marks += 1
        bookmark(paragraph, self.marks, name)

    def _line(self, text: str, style: str) -> WordParagraph:
        return self.document.add_paragraph(one_line(text), style=style)

    def _begun(self, head: str, text: str, style: str) -> None:
        paragraph = self._line(head, style)
        paragraph.runs[0].bold = True
        paragraph.add_run(f" {one_line(text)}")

    def _lie(self, on_its_side: bool) -> None:
        """Turn the page if what comes next wants it the other way."""
        if on_its_side != self.on_its_side:
            turn(self.document, on_its_side)
            self.on_its_side = on_its_side

    def _block(self, block: Block) -> None:
        self._lie(isinstance(block, Table) and len(block.columns) > _MANY_COLUMNS)
        if isinstance(block, Paragraph):
            self._paragraph(block)
        elif isinstance(block, Items):
            if block.lead:
                self._paragraph(Paragraph(block.lead, block.tone))
            for item in block.items:
                self._line(item, "List Bullet")
        elif isinstance(block, Code):
            paragraph = self.document.add_paragraph(style="Code")
            # A run turns each line feed into a line break.
            paragraph.add_run(plain(block.text))
        elif isinstance(block, Table):
            self._table(block)
        else:
            self._chart(block)

    def _paragraph(self, block: Paragraph) -> None:
        if block.tone == "caution":
            self._begun("Caution:", block.text, "Caution")
        else:
            self._line(block.text, "Answer" if block.tone == "answer" else "Normal")

    def _chart(self, chart: Chart) -> None:
        picture = self.pictures.get(chart.name)
        self._heading(chart.title, self.level + 1, chart.name)
        self._line(chart.summary, "Normal").paragraph_format.keep_with_next = True
        if picture is None:
            if len(chart.data.rows) <= _LONGEST_DATA:
                self._block(chart.data)
            else:
                self._line(
                    f"Its {len(chart.data.rows)} rows of figures are in tables.xlsx, as {chart.data.name}.", "Note"
                )
            return
        from docx.shared import Emu

        self.figures += 1
        holder = self.document.add_paragraph(style="Picture")
        drawn = holder.add_run().add_picture(io.BytesIO(picture), width=Emu(PAGE_WIDTH))
        known = drawn._inline.docPr
        known.set("name", f"Figure {self.figures}")
        known.set("descr", f"Chart: {one_line(chart.title)}. {one_line(chart.summary)}")

    def _table(self, table: Table) -> None:
        from docx.oxml import parse_xml

        self.tables += 1
        caption(self.document.add_paragraph(style="Caption"), self.tables, one_line(table.title))
        width = PAGE_HEIGHT if self.on_its_side else PAGE_WIDTH
        self.document.element.body._insert_tbl(parse_xml(table_xml(table, width)))
        # Two tables without a paragraph between them would become one.
        self._line(table.note, "Note")


def _without_clock(data: bytes) -> bytes:
    """The same package with the first date a package can have on each of its parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            part = zipfile.ZipInfo(entry.filename, _FIRST_DATE)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.create_system = 0
            after.writestr(part, before.read(entry))
    return file.getvalue()
