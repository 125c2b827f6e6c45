"""A report, or a section of it, as Markdown in which every text is only text.

What has a meaning in Markdown, as GitHub and MkDocs read it, is escaped; characters that only one of the two lets a
backslash escape become entities, which both know.
"""

from __future__ import annotations

import re

from dischargesim.report.blocks import Block, Code, Items, Paragraph, Report, Section, Table
from dischargesim.report.formats.numbers import cell_text, heading, numeric_columns
from dischargesim.report.formats.text import one_line, plain

_BACKSLASH = re.compile(r"[\\`*_{}\[\]]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;", "$": "&#36;", "^": "&#94;"}
# What makes a heading, a list, a quotation or a definition of a line that it begins.
_START = re.compile(r"^(\d*)([#+\-.=:!)])")


def markdown(part: Report | Section) -> str:
    """A report, or one section, as Markdown.

    Parameters
    ----------
    part : Report or Section

    Returns
    -------
    str
        Ends with a line feed. Of a chart stand its finding, its summary and its data.
    """
    if isinstance(part, Section):
        return "\n\n".join(_section(part)) + "\n"
    parts = [f"# {escaped(part.title)}"]
    parts += [escaped(part.subtitle)] if part.subtitle else []
    parts += ["\n".join(f"- {escaped(name)}: {escaped(value)}" for name, value in part.about)] if part.about else []
    for section in part.sections:
        parts += _section(section)
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """A text on one line, without a character that Markdown would take for its own."""
    line = _BACKSLASH.sub(lambda found: "\\" + found[0], one_line(text))
    # The ampersand comes first, or it would undo the others.
    for character, entity in _ENTITIES.items():
        line = line.replace(character, entity)
    return _START.sub(lambda found: f"{found[1]}&#{ord(found[2])};", line)


def _section(section: Section) -> list[str]:
    parts = [f"## {escaped(section.title)}"]
    for block in section.blocks:
        parts += _block(block)
    return parts


def _block(block: Block) -> list[str]:
    if isinstance(block, Paragraph):
        return [_paragraph(block)]
    if isinstance(block, Items):
        points = "\n".join(f"- {escaped(item)}" for item in block.items)
        return [_paragraph(Paragraph(block.lead, block.tone)), points] if block.lead else [points]
    if isinstance(block, Code):
        return [_code(block.text)]
    if isinstance(block, Table):
        return _table(block)
    return [f"### {escaped(block.title)}", escaped(block.summary), *_table(block.data)]


def _paragraph(paragraph: Paragraph) -> str:
    text = escaped(paragraph.text)
    return {"plain": text, "answer": f"**Answer:** {text}", "caution": f"**Caution:** {text}"}[paragraph.tone]


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{plain(text)}\n{fence}"


def _table(table: Table) -> list[str]:
    lines = [
        [heading(column) for column in table.columns],
        *([cell_text(cell, column) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows),
    ]
    rows = [f"| {' | '.join(escaped(text) for text in line)} |" for line in lines]
    rule = "|".join("---:" if number else "---" for number in numeric_columns(table))
    rows.insert(1, f"|{rule}|")
    return [f"**{escaped(table.title)}**", "\n".join(rows), *([escaped(table.note)] if table.note else [])]
