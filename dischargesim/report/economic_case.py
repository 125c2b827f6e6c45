"""A report under the headings of the economic case of a five-case business case, for the document that goes into one.

HM Treasury (2018): Guide to developing the project business case: the economic case tells what there is and why it has
to change, which options are appraised, their benefits, costs, risks and net present value, and which is preferred.
"""

from __future__ import annotations

from dataclasses import replace

from dischargesim.report.blocks import Block, Chart, Paragraph, Report, Section, Table

PARTS = {
    "Summary": ("answer",),
    "Existing arrangements and the need for change": ("headline", "over_time", "reasons", "flow", "utilisation"),
    "Options appraised and their benefits": ("differences", "sweep_maps", "removal"),
    "Costs and net present value": ("money", "capacity"),
    "Risks, sensitivity and switching values": ("sensitivity", "checks"),
    "The preferred option": ("preferred",),
    "Annex: grounds": ("limits", "assumptions", "stress_des", "reproduce"),
}
"""Headings, and the sections that stand under each."""
MOST_ROWS = 120
"""Rows of a table that a document shows."""


def economic_case(report: Report) -> Report:
    """The same report in the order and under the headings of an economic case.

    Parameters
    ----------
    report : Report

    Returns
    -------
    Report
        Tables with hundreds of rows stay in the workbook, and a line says so.
    """
    by_name = {section.name: section for section in report.sections}
    ordered = [
        replace(_shorter(by_name.pop(name)), part=part)
        for part, names in PARTS.items()
        for name in names
        if name in by_name
    ]
    others = [replace(_shorter(section), part=list(PARTS)[-1]) for section in by_name.values()]
    return replace(report, sections=(*ordered, *others))


def _shorter(section: Section) -> Section:
    return replace(section, blocks=tuple(map(_block, section.blocks)))


def _block(block: Block) -> Block:
    table = block.data if isinstance(block, Chart) else block
    if not isinstance(table, Table) or len(table.rows) <= MOST_ROWS:
        return block
    where = f"{len(table.rows):,} rows: see tables.xlsx."
    if isinstance(block, Chart):
        return replace(block, data=replace(table, rows=(), note=f"{table.note} {where}".strip()))
    return Paragraph(f"{table.title}: {where}")
