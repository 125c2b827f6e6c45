"""Each chart as files of its own: PNG and SVG for slides and documents, and a page to embed into another."""

from __future__ import annotations

from pathlib import Path

from dischargesim.experiment.atomic import CannotWrite, why, write
from dischargesim.report.blocks import Chart, Report
from dischargesim.report.formats.drawing import allowed, figure_element, packaged, plotly_js, script
from dischargesim.report.formats.html import chart_html, head, policy
from dischargesim.report.formats.pictures import Pictures

PLOTLY = "plotly.min.js"
"""What the pages load from beside them: no network, and 5 MB once instead of in every piece."""


def write_figures(report: Report, folder: Path, made: Pictures | None) -> list[str]:
    """Write the charts of a report as files.

    Parameters
    ----------
    report : Report
    folder : Path
        Made if it is not there.
    made : dict or None
        What `pictures.pictures` gave; None where there is no browser: then only the pages are written.

    Returns
    -------
    list of str
        What was written, in a line; nothing if there are no charts.

    Raises
    ------
    CannotWrite
        If the folder cannot be written to.
    """
    charts = list(report.charts())
    if not charts:
        return []
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{folder}: cannot be made: {why(error)}") from None
    write(folder / PLOTLY, plotly_js().encode("utf-8"))
    for chart in charts:
        write(folder / f"{chart.name}.html", piece(chart))
        for kind, files in (made or {}).items():
            if chart.name in files:
                write(folder / f"{chart.name}.{kind}", files[chart.name])
    kinds = [*(kind.upper() for kind, files in (made or {}).items() if files), "HTML"]
    each = " and ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
    return [f"{folder}: {len(charts)} chart{'s' if len(charts) > 1 else ''} as {each}"]


def piece(chart: Chart) -> bytes:
    """A chart as a small page to embed, such as in an ``iframe``; it loads plotly.min.js from its own folder.

    Parameters
    ----------
    chart : Chart

    Returns
    -------
    bytes
        UTF-8.
    """
    lines = packaged("charts.js")
    # A page from a disk has no origin of its own to allow: the scheme stands for it.
    rules = policy("'self'", "file:", allowed(lines))
    text = (
        f'<!DOCTYPE html>\n<html lang="en-GB">\n{head(chart.title, rules)}<body class="piece">\n<main>\n'
        f"{chart_html(chart, level=1)}</main>\n{figure_element(chart.name, chart.figure)}\n"
        f'<script src="{PLOTLY}" charset="utf-8"></script>\n{script(lines)}\n</body>\n</html>\n'
    )
    return text.encode("utf-8")
