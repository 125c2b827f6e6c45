"""Writing a report beside its results, in every format that people hand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from dischargesim.experiment.atomic import CannotWrite, why, write
from dischargesim.report.blocks import Block, Chart, Paragraph, Report, Section, Table

Kind = Literal["full", "html", "none"]
KINDS: tuple[Kind, ...] = ("full", "html", "none")
"""All formats; the page alone, which takes a second; no report."""
FIGURES = "figures"
MOST_ROWS = 120
"""Rows of a table that a document shows."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a report.

    Attributes
    ----------
    page : Path
        report.html.
    notes : tuple of str
        What could not be made, and what helps.
    """

    page: Path
    notes: tuple[str, ...] = ()


def write_report(
    report: Report, folder: Path, kind: Kind = "full", step: Callable[[str], None] | None = None
) -> Written:
    """Write a report into a folder; what an earlier report left there is written over.

    Parameters
    ----------
    report : Report
    folder : Path
        Made if it is not there.
    kind : {"full", "html", "none"}
        ``html``: report.html alone. ``full``: also tables.xlsx, stress_des.md, figures/ and report.docx.
    step : callable, optional
        Called with the name of each file before it is made.

    Raises
    ------
    CannotWrite
        If the folder cannot be written to.
    """
    tell = step or (lambda name: None)
    page = folder / "report.html"
    if kind == "none":
        return Written(page)
    from dischargesim.report.html import html_page

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{folder}: cannot be written to: {why(error)}") from None
    tell(page.name)
    write(page, html_page(report))
    return Written(page, tuple(_others(report, folder, tell)) if kind == "full" else ())


def _others(report: Report, folder: Path, tell: Callable[[str], None]) -> Iterator[str]:
    """Write the other formats; give the lines that the reader should see."""
    from dischargesim.report.excel import workbook
    from dischargesim.report.figures import write_figures
    from dischargesim.report.markdown import markdown
    from dischargesim.report.pictures import NoPictures, Pictures, pictures
    from dischargesim.report.word import word_document

    tell("tables.xlsx")
    write(folder / "tables.xlsx", workbook(report))
    checklist = next((section for section in report.sections if section.name == "stress_des"), None)
    if checklist is not None:
        tell("stress_des.md")
        write(folder / "stress_des.md", markdown(checklist).encode())
    made: Pictures | None = None
    tell(FIGURES)
    try:
        made = pictures(report.charts())
    except NoPictures as error:
        yield str(error)
    write_figures(report, folder / FIGURES, made)
    tell("report.docx")
    write(folder / "report.docx", word_document(for_word(report), None if made is None else made.get("png", {})))


def for_word(report: Report) -> Report:
    """A report for a document: tables with hundreds of rows stay in the workbook, and a line says so."""

    def shorter(block: Block) -> Block:
        table = block.data if isinstance(block, Chart) else block
        if not isinstance(table, Table) or len(table.rows) <= MOST_ROWS:
            return block
        where = f"{len(table.rows):,} rows: see tables.xlsx."
        if isinstance(block, Chart):
            return replace(block, data=replace(table, rows=(), note=f"{table.note} {where}".strip()))
        return Paragraph(f"{table.title}: {where}")

    sections = (Section(one.name, one.title, tuple(map(shorter, one.blocks))) for one in report.sections)
    return replace(report, sections=tuple(sections))
