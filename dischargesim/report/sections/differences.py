"""Differences of each option from the baseline, with their intervals: a chart a measure, a row an option."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dischargesim.experiment.compare import NO_DIFFERENCE
from dischargesim.report.blocks import Block, Chart, Column, Paragraph, Section, Table
from dischargesim.report.chart_style import (
    DARK_BLUE,
    DARK_GREY,
    DARK_PINK,
    MID_GREY,
    Look,
    Rows,
    error_bars,
    points,
)
from dischargesim.report.material import Material
from dischargesim.report.sections.words import (
    BETTER,
    HEADLINE,
    TITLES,
    Held,
    brief,
    difference_unit,
    held,
    left_out_note,
    listed,
    lower_first,
    number,
    of_unit,
    sentences,
    span,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_ROWS = 12
"""Options that a chart shows."""

_KINDS = {
    "better": ("Clearly better than the baseline", Look(DARK_BLUE, "solid", "circle", "")),
    "worse": ("Clearly worse than the baseline", Look(DARK_PINK, "solid", "diamond", "")),
    "other": ("Clearly different; neither way is better", Look(DARK_GREY, "solid", "square", "")),
    "not": ("No clear difference", Look(MID_GREY, "solid", "circle-open", "")),
}


def differences(material: Material) -> Section | None:
    """The section on what differs from the baseline.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section or None
        None where nothing is compared. Measures in which no option differs at all are named in a sentence.
    """
    found = {measure: held(material, measure) for measure in HEADLINE}
    charts = [_chart(material, rows) for rows in found.values() if _differs(rows)]
    same = [TITLES[measure] for measure, rows in found.items() if rows and not _differs(rows)]
    if not charts and not same:
        return None
    blocks: list[Block] = [
        Paragraph(
            f"Each option is held against {brief(material.baseline.label)} on the same people with the same "
            "luck. A line is the 95% interval of the difference. A difference is called clear if it is so after "
            "allowing for all options that were looked at in that measure (Holm); an interval that holds 0 is never "
            "called clear."
        )
    ]
    if same:
        text = f"No option differs at all from {brief(material.baseline.label)} in: {listed(same, len(same))}."
        blocks.append(Paragraph(text))
    return Section("differences", "Differences from the baseline", (*blocks, *charts))


def _differs(rows: Sequence[Held]) -> bool:
    return any(one.verdict != NO_DIFFERENCE for one in rows)


def _kind(one: Held) -> str:
    return "not" if not one.clear else one.verdict if one.verdict in _KINDS else "other"


def _chart(material: Material, found: Sequence[Held]) -> Chart:
    shown, measure, unit = found[:MOST_ROWS], found[0].measure, found[0].unit
    title = TITLES[measure]
    better = BETTER[measure]
    points_of = difference_unit(unit)
    note = left_out_note(len(found) - len(shown), len(shown))
    return Chart(
        f"difference_{measure}",
        _finding(material, title, found),
        sentences(
            f"Difference in {lower_first(title)} from {brief(material.baseline.label)}, for "
            f"{_count(len(shown), 'option')}.",
            f"{better.capitalize()} is better, if all else is equal." if better else "",
            *(f"{brief(one.option)}: {one.told}." for one in shown[:3]),
            _looked_often(found),
            note,
        ),
        _figure(shown, f"Difference ({points_of})"),
        Table(
            f"difference_{measure}_data",
            f"{title}: differences from {brief(material.baseline.label)}",
            (
                Column("Option"),
                Column("Baseline", unit),
                Column("Option", unit),
                Column("Difference", points_of, signed=True),
                Column("95% interval, from", points_of, signed=True),
                Column("95% interval, to", points_of, signed=True),
                Column("Pairs of replications", digits=0),
                Column("Verdict"),
            ),
            tuple(
                (one.option, one.baseline, one.mean, one.difference, one.lower, one.upper, one.pairs, one.verdict)
                for one in shown
            ),
            sentences("The verdict allows for all options in this measure.", note),
        ),
    )


def _finding(material: Material, title: str, found: Sequence[Held]) -> str:
    """What the chart shows: how many options are clearly better or worse, or the difference of the only one."""
    if len(found) == 1:
        return f"{title}: {found[0].told} with {brief(found[0].option)}"
    counts = {kind: sum(1 for one in found if _kind(one) == kind) for kind in ("better", "worse", "other")}
    words = {"better": "clearly better", "worse": "clearly worse", "other": "clearly different"}
    parts = [f"{words[kind]} in {count}" for kind, count in counts.items() if count]
    if not parts:
        return f"{title}: no clear difference from {brief(material.baseline.label)} in any of {len(found)} options"
    rest = len(found) - sum(counts.values())
    parts += [f"no clear difference in {rest}"] if rest else []
    return f"{title}: {listed(parts)} of {len(found)} options"


def _looked_often(found: Sequence[Held]) -> str:
    """Why some intervals leave out 0 and are not called clear."""
    some = sum(1 for one in found if not one.clear and (one.lower > 0 or one.upper < 0))
    if not some:
        return ""
    return (
        f"In {_count(some, 'option')} the interval leaves out 0 and the difference is not called clear, since among "
        f"{len(found)} options some intervals do so by chance."
    )


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _figure(shown: Sequence[Held], x_title: str) -> Figure:
    rows = Rows([one.option for one in shown], values=[number(one.difference) for one in shown])
    kinds = [kind for kind in _KINDS if any(_kind(one) == kind for one in shown)]
    figure = rows.figure(x_title, legend_lines=len(kinds), xaxis={"zeroline": True})
    for kind in kinds:
        name, look = _KINDS[kind]
        at = [place for place, one in enumerate(shown) if _kind(one) == kind]
        those = [shown[place] for place in at]
        means, lowers, uppers = zip(*((one.difference, one.lower, one.upper) for one in those), strict=True)
        unit = difference_unit(those[0].unit)
        said = [
            f"{one.option}: {of_unit(number(one.difference), unit)} ({span(one.lower, one.upper, one.difference)})"
            for one in those
        ]
        figure.add_trace(
            points(look, means, [rows.at()[place] for place in at], said, name=name)
            | {"error_x": error_bars(means, lowers, uppers)}
        )
    # 0 is always in sight: it is what the intervals are read against.
    figure.add_vline(x=0, line={"color": DARK_GREY, "width": 1.5})
    ends = [value for one in shown for value in (one.difference, one.lower, one.upper, 0.0) if value == value]
    low, high = min(ends), max(ends)
    room = 0.06 * ((high - low) or 1.0)
    figure.update_xaxes(range=[low - room, high + room])
    return figure
