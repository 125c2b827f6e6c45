"""Reports made by hand: one with every kind of block, one whose every text is hostile, one as large as they get."""

from __future__ import annotations

import re

import numpy as np
import plotly.graph_objects as go

from dischargesim.report.blocks import Chart, Code, Column, Items, Paragraph, Report, Section, Table
from dischargesim.report.chart_style import literal

COLOURS = ("#12436D", "#28A197", "#801650", "#F46A25")

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    "<!-- <b>bold</b> &amp; &lt;",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+1",
    "@SUM(1)",
    "https://example.org/a",
    "[a](javascript:alert(1)) ![i](https://example.org/i.png) `code` *b* _i_ {: onclick='x'} $x$ ~~s~~",
    '<a href="https://example.org">click</a>',
    "quotes \" ' ` and ]]> and --> and | pipe || \\ back",
    "line\u2028separator, emoji \N{HOSPITAL}, right \u202eto\u202c left, \u05d0\u05d1",
    "control \x0b and \x00 and lone \ud800 half",
    "_x000B_ stays",
    "two\nlines\r\nand\ttab",
    "1. one # two\n# three",
    "x" * 300,
    r"\*a\* and \_b\_ and \[c\](d) {: onclick='x' #name}",
)


def shown(text: str) -> str:
    """What is read of a text on one line, worked out apart from the package: by the letters that XML allows."""
    allowed = [
        letter if letter in "\t\n\r" or 0x20 <= ord(letter) <= 0xD7FF or ord(letter) >= 0xE000 else "\ufffd"
        for letter in text
    ]
    return re.sub("[ \t\r\n\u2028]+", " ", "".join(allowed)).strip()


def line_chart(title: str = "Days", points: int = 60, series: int = 2) -> go.Figure:
    """Lines with a band, of numpy arrays."""
    days = np.arange(points)
    figure = go.Figure(layout={"height": 420, "legend": {"orientation": "h", "y": 1.1}, "template": "plotly_white"})
    for at in range(series):
        wave = 100 + 10 * np.sin(days / 7 + at)
        figure.add_scatter(
            x=days, y=wave, name=f"{title} {at}", line={"color": COLOURS[at], "dash": ("solid", "dot")[at % 2]}
        )
    figure.update_xaxes(title="Day of the run")
    figure.update_yaxes(title="People", rangemode="tozero")
    return figure


def forest_chart(names: tuple[str, ...] = ("Ten more beds", "Trusted assessors", "Both of them together")) -> go.Figure:
    """Differences with intervals."""
    figure = go.Figure(layout={"template": "plotly_white", "showlegend": False})
    figure.add_scatter(
        x=[-12.0, -3.0, -14.5][: len(names)],
        y=[literal(name) for name in names],
        mode="markers",
        error_x={"type": "data", "array": [2.0, 4.0, 2.5][: len(names)]},
        marker={"color": COLOURS[0], "size": 10},
    )
    figure.add_vline(x=0, line={"color": "#3D3D3D", "dash": "dash"})
    figure.update_yaxes(automargin=True)
    figure.update_xaxes(title="Difference, people a day")
    return figure


def sankey_chart() -> go.Figure:
    """Flows."""
    return go.Figure(
        go.Sankey(
            node={"label": ["Acute", "P0", "P1", "P2", "P3"], "color": [*COLOURS, "#3D3D3D"]},
            link={"source": [0, 0, 0, 0], "target": [1, 2, 3, 4], "value": [50, 20, 8, 3]},
        ),
        layout={"height": 380},
    )


def heat_chart() -> go.Figure:
    """A grid."""
    grid = np.add.outer(np.arange(6), np.arange(8)) * 1.5
    return go.Figure(go.Heatmap(z=grid, x=[f"{n} beds" for n in range(8)], colorscale="Blues"))


def small_table(name: str = "headline", rows: int = 3) -> Table:
    """A table with each kind of column."""
    return Table(
        name,
        "Baseline and options",
        (
            Column("Measure"),
            Column("Baseline", "people a day", digits=1),
            Column("Change", "people a day", digits=1, signed=True),
            Column("Cost", "£ a year", digits=0),
            Column("Any size"),
        ),
        tuple(
            (
                f"Measure {at}",
                1234.56 + at,
                -2.25 + 2.25 * at,
                1_250_000 * (at - 1),
                (None, 0.01234, float("inf"))[at % 3],
            )
            for at in range(rows)
        ),
        "All people who became ready in the data collection period.",
    )


def data_of(name: str, rows: int = 20) -> Table:
    """The data of a chart."""
    return Table(
        f"{name}_data",
        f"Data of {name}",
        (Column("Day"), Column("Mean", "people", digits=1), Column("Lower", "people"), Column("Upper", "people")),
        tuple((at, 100 + at / 7, 90 + at / 3, float("nan") if at == 2 else 110 + at) for at in range(rows)),
    )


def wide_table(name: str = "wide", columns: int = 12) -> Table:
    """A table that is wider than a page that stands upright."""
    return Table(
        name,
        "A wide table of teams and settings, by month",
        (
            Column("Team or setting"),
            *(Column(f"Month number {at}", "% of hours", digits=1) for at in range(1, columns)),
        ),
        tuple((f"Community team {row}", *(50.0 + row + at for at in range(1, columns))) for row in range(5)),
    )


def plain_report() -> Report:
    """Every kind of block."""
    forest = Chart(
        "forest",
        "Both together help most",
        "Both: 14.5 fewer people a day (12.0 to 17.0).",
        forest_chart(),
        data_of("forest"),
    )
    daily = Chart("daily", "No clear trend over the year", "The mean stays near 100.", line_chart(), data_of("daily"))
    flow = Chart("flow", "Most go home", "50 of 81 go home.", sankey_chart(), data_of("flow"))
    heat = Chart("heat", "More beds, fewer waits", "Falls along both axes.", heat_chart(), data_of("heat"))
    return Report(
        "Discharge at Anytown: ten more beds",
        "england_average, 365 days, 20 replications",
        (("Version", "0.7.0"), ("Seed", "1"), ("Made", "2026-01-02")),
        (
            Section(
                "answer",
                "The answer",
                (
                    Paragraph("Ten more beds free 14.5 bed days a day (95% interval 12.0 to 17.0).", "answer"),
                    Paragraph("Bed days freed are opportunity value and no cash.", "caution"),
                    Paragraph("What follows is from stored results."),
                    small_table(),
                ),
            ),
            Section("options", "The options", (forest, Items(("First point", "Second point")), wide_table())),
            Section("days", "Day by day", (daily, flow, heat)),
            Section("again", "How to make this again", (Code("dischargesim run system=small\n  run.days=90"),)),
        ),
    )


def table_only() -> Report:
    """A report without charts."""
    return Report("Tables", "", (), (Section("only", "Only", (small_table(), wide_table())),))


def hostile_report() -> Report:
    """Every text is one that would like to be more than text."""
    texts = HOSTILE
    table = Table(
        "hostile",
        texts[0] + texts[3],
        tuple(Column(text, texts[9], digits=1) for text in texts),
        (tuple(texts), tuple(reversed(texts)), tuple(float(at) for at in range(len(texts)))),
        texts[8],
    )
    chart = Chart(
        "drawn",
        texts[1],
        texts[11],
        forest_chart(texts[:2] + texts[9:10]),
        Table("drawn_data", texts[12], (Column(texts[3]),), ((texts[4],),)),
    )
    # One who forgot to treat names before they came into a figure.
    raw = go.Figure(go.Bar(x=[texts[9], texts[0], texts[12]], y=[1, 2, 3]))
    careless = Chart(
        "careless", texts[9], texts[0], raw, Table("careless_data", texts[3], (Column(texts[6]),), ((texts[5],),))
    )
    blocks = (*(Paragraph(text) for text in texts), Paragraph(texts[0], "answer"), Paragraph(texts[3], "caution"))
    code = tuple(Code(text) for text in texts)
    return Report(
        texts[0] + texts[3] + texts[12],
        texts[1],
        tuple((text, text) for text in texts),
        (
            Section("first", texts[0], (*blocks, Items(texts), Items(texts, texts[1], "caution"))),
            Section("second", texts[16], (table, chart, careless)),
            Section("third", texts[8], (*code, Items(texts), Code("after a list"))),
        ),
    )


def large_report(charts: int = 14, tables: int = 60) -> Report:
    """As many charts and tables as a report gets, charts of a year of days."""
    drawn = tuple(
        Chart(
            f"chart_{at}",
            f"Finding {at}",
            f"Summary {at}.",
            line_chart(f"Series {at}", 365),
            data_of(f"chart_{at}", 365),
        )
        for at in range(charts)
    )
    plain = tuple(small_table(f"table_{at}", 30) for at in range(tables - charts))
    return Report("Large", "A large one", (), (Section("charts", "Charts", drawn), Section("tables", "Tables", plain)))
