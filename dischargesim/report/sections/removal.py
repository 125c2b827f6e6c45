"""What would be saved without each reason for delay, beside the days that are attributed to it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dischargesim.experiment.explain import ALL, SUM, TOTAL
from dischargesim.report.blocks import Block, Chart, Code, Column, Paragraph, Section, Table
from dischargesim.report.chart_style import LOOKS, Rows, bars, error_bars, points
from dischargesim.report.material import Material
from dischargesim.report.sections.words import brief, lower_first, number, sentences, span

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

MOST_REASONS = 10
"""Rows of the chart."""


def removal(material: Material) -> Section | None:
    """The section on removing reasons one at a time.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section or None
        With the command that finds it out, where that has not been done; None where nobody is delayed.
    """
    total = material.baseline.figure("nctr_bed_days_lost")
    if total is None or not total.mean:
        return None
    if not material.removal:
        return Section("removal", "What removing a reason would save", tuple(_how(material)))
    known = [option.label for option in material.options if option.label in material.removal]
    blocks: list[Block] = [
        Paragraph(
            "What is attributed to a reason is not what would be saved without it: of two tasks that go on side "
            "by side to remove one saves nothing, and whoever is done sooner may wait for the next thing instead. Each "
            "reason was taken away alone, on the same people. What each would save does not add up."
        )
    ]
    blocks += [_chart(label, material.removal[label], place) for place, label in enumerate(known)]
    return Section("removal", "What removing a reason would save", tuple(blocks))


def _how(material: Material) -> list[Block]:
    folder = brief(material.baseline.contender.store.path.name)
    return [
        Paragraph(
            "Where the days of delay go is not what would be saved if a reason went away. To find that out, each "
            "reason is removed alone on the same people, which takes some minutes. FOLDER is that of the results "
            f"({folder}); make this report again afterwards:"
        ),
        Code("dischargesim explain FOLDER"),
    ]


def _chart(label: str, table: pd.DataFrame, place: int) -> Chart:
    """Attributed and saved bed days of each reason, the most attributed first."""
    found = [row for row in table.to_dict("records") if row["reason"] not in (SUM, TOTAL, ALL)]
    runs = int(table["replications"].max())
    ends = {str(row["reason"]): row for row in table.to_dict("records")}
    name = "removal" if not place else f"removal_{place + 1}"
    return Chart(
        f"{name}_of_reasons",
        _finding(label, found, place),
        sentences(
            f"Bed days a year, {brief(label)}, over {runs} replication{'' if runs == 1 else 's'}: bars are "
            "attributed to each reason, points are what removing it alone would save, with the 95% interval of each "
            "for itself.",
            _together(ends),
            f"Shown are the {MOST_REASONS} reasons with the most days; all are in the table."
            if len(found) > MOST_REASONS
            else "",
        ),
        _figure(found[:MOST_REASONS]),
        _table(name, label, found, ends),
    )


def _finding(label: str, found: list[dict[Any, Any]], place: int) -> str:
    """The largest saving whose interval leaves out 0; that there is none, where it is so."""
    sure = [row for row in found if row["lower"] > 0]
    of = f"{brief(label)}: " if place else ""
    if not sure:
        few = all(math.isnan(row["lower"]) for row in found)
        return (
            f"{of}{'Too few replications to say' if few else 'No reason'} {'what' if few else 'is clearly shown to'} "
            + ("removing a reason would save" if few else "save bed days if removed alone")
        )
    best = max(sure, key=lambda row: float(row["saved"]))
    saved = f"{number(best['saved'])} bed days a year ({span(best['lower'], best['upper'], best['saved'])})"
    return f"{of}Without {_title(best)} alone {saved} would be saved, the largest saving that is clear"


def _title(row: dict[Any, Any]) -> str:
    return f"“{lower_first(str(row['title']))}”"


def _together(ends: dict[str, dict[Any, Any]]) -> str:
    if ALL not in ends or TOTAL not in ends:
        return ""
    return (
        f"In all, {number(float(ends[TOTAL]['attributed']))} bed days a year are lost; all reasons removed at "
        f"once would save {number(float(ends[ALL]['saved']))} of them. The savings of the reasons removed alone come "
        f"to {number(float(ends[SUM]['saved']))}, which is no figure of anything."
    )


def _figure(shown: list[dict[Any, Any]]) -> Figure:
    titles = [str(row["title"]) for row in shown]
    attributed, saved, lowers, uppers = (
        [float(row[key]) for row in shown] for key in ("attributed", "saved", "lower", "upper")
    )
    rows = Rows(titles, marks=2)
    figure = rows.figure("Bed days a year", legend_lines=2, xaxis={"zeroline": True})
    said = [f"{title}: {number(value)} attributed" for title, value in zip(titles, attributed, strict=True)]
    figure.add_trace(bars(LOOKS[0], attributed, rows.at(0), said, name="Attributed to the reason"))
    said = [
        f"{title}: {number(value)} saved ({span(low, high, value)})"
        for title, value, low, high in zip(titles, saved, lowers, uppers, strict=True)
    ]
    trace = points(LOOKS[2], saved, rows.at(1), said, name="Saved if removed alone, 95% interval")
    figure.add_trace(trace | {"error_x": error_bars(saved, lowers, uppers)})
    return figure


def _table(name: str, label: str, found: list[dict[Any, Any]], ends: dict[str, dict[Any, Any]]) -> Table:
    last = [ends[key] for key in (TOTAL, ALL) if key in ends]
    unit = "bed days a year"
    return Table(
        f"{name}_data",
        f"Attributed to each reason, and saved if it were removed alone: {label}",
        (
            Column("Reason"),
            Column("Attributed", unit, 0),
            Column("Share", "%", 1),
            Column("Saved if removed alone", unit, 0),
            Column("95% interval, from", unit, 0),
            Column("95% interval, to", unit, 0),
        ),
        tuple(
            (
                str(row["title"]),
                float(row["attributed"]),
                100 * float(row["share"]),
                float(row["saved"]),
                float(row["lower"]),
                float(row["upper"]),
            )
            for row in (*found, *last)
        ),
        "Savings do not add up. Each interval is for its own reason: of twenty, one misses by chance.",
    )
