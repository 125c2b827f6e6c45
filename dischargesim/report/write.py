"""Writing a report beside its results, in every format that people hand on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dischargesim.experiment.atomic import CannotWrite, why, write
from dischargesim.report.blocks import Report

Kind = Literal["full", "html", "none"]
KINDS: tuple[Kind, ...] = ("full", "html", "none")
"""All formats; the page alone, which takes a second; no report."""
FIGURES = "figures"


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
    from dischargesim.report.formats.html import html_page

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{folder}: cannot be written to: {why(error)}") from None
    tell(page.name)
    write(page, html_page(report))
    return Written(page, tuple(_others(report, folder, tell)) if kind == "full" else ())


def _others(report: Report, folder: Path, tell: Callable[[str], None]) -> Iterator[str]:
    """Write the other formats; give the lines that the reader should see."""
    from dischargesim.report.economic_case import economic_case
    from dischargesim.report.formats.excel import workbook
    from dischargesim.report.formats.figures import write_figures
    from dischargesim.report.formats.markdown import markdown
    from dischargesim.report.formats.pictures import NoPictures, Pictures, pictures
    from dischargesim.report.formats.word import word_document

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
    write(folder / "report.docx", word_document(economic_case(report), None if made is None else made.get("png", {})))
