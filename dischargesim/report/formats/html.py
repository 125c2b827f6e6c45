"""A report as one page that needs nothing but a browser: no network, no other file, the same bytes every time."""

from __future__ import annotations

from html import escape

from dischargesim.report.blocks import Block, Cell, Chart, Code, Column, Items, Paragraph, Report, Section, Table
from dischargesim.report.formats.drawing import allowed, figure_element, packaged, plotly_js, script
from dischargesim.report.formats.numbers import DASH, NOTHING, cell_text, is_missing, numeric_columns
from dischargesim.report.formats.text import one_line, plain

_NO_SCRIPT = "Charts are not drawn, as scripts are off here. The figures of each stand in the table under it."
# Words longer than this may break anywhere, and a table of more columns than this is set smaller on paper.
_LONG_WORD = 24
_MANY_COLUMNS = 8
# Tables of more rows are under a fold.
_FOLDED = 18
_EMPTY = f'<span aria-hidden="true">{DASH}</span><span class="unseen">{NOTHING}</span>'


def policy(*scripts: str) -> str:
    """A Content-Security-Policy that lets the named scripts run, drawings have a style, and nothing else happen."""
    return (
        f"default-src 'none'; script-src {' '.join(scripts)}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def head(title: str, content_policy: str) -> str:
    """The head of a page, with its style."""
    return (
        '<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(content_policy, quote=False)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>\n{packaged('page.css')}\n</style>\n</head>\n"
    )


def html_page(report: Report) -> bytes:
    """A report as a page.

    Parameters
    ----------
    report : Report

    Returns
    -------
    bytes
        UTF-8. Charts are drawn by the plotly.js that stands in the page.
    """
    drawn = any(True for _ in report.charts())
    sources = [plotly_js(), packaged("charts.js")] if drawn else []
    rules = policy(*(allowed(source) for source in sources)) if drawn else policy("'none'")
    about = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in report.about)
    parts = [
        f'<!DOCTYPE html>\n<html lang="en-GB">\n{head(report.title, rules)}<body>\n',
        '<a class="skip" href="#report-main">Skip to the report</a>\n',
        f"<header>\n<h1>{_text(report.title)}</h1>\n",
        f'<p class="subtitle">{_text(report.subtitle)}</p>\n' if report.subtitle else "",
        f'<dl class="about">{about}</dl>\n' if about else "",
        f"<noscript><p><strong>{_NO_SCRIPT}</strong></p></noscript>\n" if drawn else "",
        '</header>\n<div class="page">\n',
        _contents(report),
        '<main id="report-main" tabindex="-1">\n',
        *(_section(section) for section in report.sections),
        "</main>\n</div>\n",
        *(figure_element(chart.name, chart.figure) + "\n" for chart in report.charts()),
        *(script(source) + "\n" for source in sources),
        "</body>\n</html>\n",
    ]
    return "".join(parts).encode("utf-8")


def chart_html(chart: Chart, *, level: int = 3) -> str:
    """A chart with its finding, its summary and its data under a fold; the drawing comes from its figure element.

    Parameters
    ----------
    chart : Chart
    level : int
        Of its heading.

    Returns
    -------
    str
    """
    name = chart.name
    height = chart.figure.layout.height
    style = f' style="height:{float(height):g}px"' if height else ""
    return (
        f'<figure id="{name}" aria-labelledby="{name}-title">\n'
        f'<figcaption><h{level} id="{name}-title">{_text(chart.title)}</h{level}>'
        f'<p id="{name}-summary">{_text(chart.summary)}</p></figcaption>\n'
        f'<div class="chart" id="{name}-chart"{style} role="img" aria-label="Chart: {_text(chart.title)}" '
        f'aria-describedby="{name}-summary"></div>\n'
        f"<details><summary>Figures of this chart: {_text(chart.data.title)}</summary>\n"
        f"{_table(chart.data)}</details>\n</figure>\n"
    )


def _text(text: str) -> str:
    return escape(one_line(text), quote=True)


def _contents(report: Report) -> str:
    lines = "".join(f'<li><a href="#{section.name}">{_text(section.title)}</a></li>\n' for section in report.sections)
    return (
        f'<nav aria-labelledby="report-contents">\n<h2 id="report-contents">Contents</h2>\n<ol>\n{lines}</ol>\n</nav>\n'
    )


def _section(section: Section) -> str:
    blocks = "".join(_block(block) for block in section.blocks)
    return (
        f'<section id="{section.name}" aria-labelledby="{section.name}-title">\n'
        f'<h2 id="{section.name}-title">{_text(section.title)}</h2>\n{blocks}</section>\n'
    )


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return _paragraph(block)
    if isinstance(block, Items):
        return _items(block)
    if isinstance(block, Code):
        return f"<pre><code>{escape(plain(block.text))}</code></pre>\n"
    if isinstance(block, Table) and len(block.rows) > _FOLDED:
        told = f"{_text(block.title)}: {len(block.rows):,} rows"
        return f"<details><summary>{told}</summary>\n{_table(block)}</details>\n"
    return _table(block) if isinstance(block, Table) else chart_html(block)


def _items(block: Items) -> str:
    points = "<ul>\n" + "".join(f"<li>{_text(item)}</li>\n" for item in block.items) + "</ul>\n"
    if block.tone == "caution":
        return f'<div class="caution" role="note"><strong>Caution</strong> {_text(block.lead)}\n{points}</div>\n'
    return (f"<p>{_text(block.lead)}</p>\n" if block.lead else "") + points


def _paragraph(paragraph: Paragraph) -> str:
    text = _text(paragraph.text)
    if paragraph.tone == "caution":
        return f'<div class="caution" role="note"><strong>Caution</strong> {text}</div>\n'
    return f'<p class="answer">{text}</p>\n' if paragraph.tone == "answer" else f"<p>{text}</p>\n"


def _table(table: Table) -> str:
    name, right = table.name, numeric_columns(table)
    heads = "".join(_head(column, number) for column, number in zip(table.columns, right, strict=True))
    rows = "".join(_row(row, table.columns, right) for row in table.rows)
    note = f'<p class="note">{_text(table.note)}</p>\n' if table.note else ""
    many = ' class="many"' if len(table.columns) > _MANY_COLUMNS else ""
    return (
        f'<div class="wide" role="region" aria-labelledby="{name}-caption" tabindex="0">\n'
        f'<table id="{name}"{many}>\n<caption id="{name}-caption"><span>{_text(table.title)}</span></caption>\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n{note}"
    )


def _head(column: Column, number: bool) -> str:
    unit = f' <span class="unit">({_text(column.unit)})</span>' if column.unit else ""
    return f'<th scope="col"{_looks(number, column.title)}>{_text(column.title)}{unit}</th>'


def _row(row: tuple[Cell, ...], columns: tuple[Column, ...], right: list[bool]) -> str:
    cells = []
    for at, (cell, column) in enumerate(zip(row, columns, strict=True)):
        text = cell_text(cell, column)
        shown = _EMPTY if is_missing(cell) else escape(text)
        tag = 'th scope="row"' if at == 0 else "td"
        cells.append(f"<{tag}{_looks(right[at], text)}>{shown}</{tag[:2]}>")
    return f"<tr>{''.join(cells)}</tr>\n"


def _looks(number: bool, text: str) -> str:
    long = len(text) > _LONG_WORD and any(len(word) > _LONG_WORD for word in text.split())
    classes = " ".join(["n"] * number + ["long"] * long)
    return f' class="{classes}"' if classes else ""
