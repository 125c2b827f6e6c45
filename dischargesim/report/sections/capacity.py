"""Cost-optimal capacity: the curve of cost over the capacities of a sweep, its lowest point, and how flat it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dischargesim.appraisal.capacity import FLAT, CapacityCurve
from dischargesim.report.blocks import Block, Cell, Chart, Column, Items, Paragraph, Section, Table
from dischargesim.report.chart_style import LOOKS, axis, band, empty_figure, line
from dischargesim.report.material import Material
from dischargesim.report.sections.money import pounds
from dischargesim.report.sections.utilisation import title_of
from dischargesim.report.sections.words import listed, number, sentences

MOST = 6
"""Curves that are shown."""


def capacity(material: Material, curves: Sequence[CapacityCurve]) -> Section | None:
    """The section on cost-optimal capacity; None where no capacity varies.

    Parameters
    ----------
    material : Material
    curves : sequence of CapacityCurve
    """
    if not curves:
        return None
    blocks: list[Block] = []
    for at, curve in enumerate(curves[:MOST], start=1):
        blocks.append(Paragraph(_found(material, curve)))
        table = _table(material, curve, f"capacity_costs_{at}")
        blocks.append(_chart(material, curve, f"capacity_curve_{at}", table) if len(curve.settings) == 1 else table)
    if len(curves) > MOST:
        blocks.append(Paragraph(f"{len(curves) - MOST} further curves, of other values held, are left out."))
    notes = dict.fromkeys(note for curve in curves for note in curve.notes)
    blocks.append(Items(tuple(notes)))
    return Section("capacity", "Cost-optimal capacity", tuple(blocks))


def _title(material: Material, name: str) -> str:
    return title_of(material.baseline.scenario, "setting", name)


def _places(material: Material, capacities: dict[str, float]) -> str:
    return listed([f"{number(at, 1000)} of {_title(material, name)}" for name, at in capacities.items()])


def _held(curve: CapacityCurve) -> str:
    return f" (with {listed([f'{name}={value}' for name, value in curve.held.items()])})" if curve.held else ""


def _found(material: Material, curve: CapacityCurve) -> str:
    """The lowest cost, what cannot be told from it, and what delay is left."""
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in curve.table.to_dict("records")]
    best = min(rows, key=lambda row: row["total_pounds_a_year"])
    low, high = best["total_pounds_a_year_lower"], best["total_pounds_a_year_upper"]
    between = f" ({pounds(low)} to {pounds(high)})" if low == low else ""
    cheapest = f"Of the {len(rows)} capacities tried{_held(curve)}, {_places(material, curve.cheapest)} costs least"
    others = sum(1 for row in rows if row["may_be_cheapest"]) - 1
    flat = [
        f"{number(a, 1000)} to {number(b, 1000)} of {_title(material, name)}" for name, (a, b) in curve.flat.items()
    ]
    left = curve.delay_left
    return sentences(
        f"{cheapest}: {pounds(best['total_pounds_a_year'])} a year{between}, of which "
        f"{pounds(best['places_pounds_a_year'])} for places and {pounds(best['delay_pounds_a_year'])} opportunity "
        "value of delayed bed days, which is not cash.",
        f"{others} other{'s' if others != 1 else ''} cannot be told from it." if others else "No other may be cheaper.",
        f"Within {FLAT:.0%} of that cost: {listed(flat)}.",
        f"{number(100 * left)}% of today's delay is left there: no delay at all is not the optimum."
        if left == left
        else "",
        "It lies at the edge of what was tried: the optimum may lie beyond." if curve.at_edge else "",
    )


def _table(material: Material, curve: CapacityCurve, name: str) -> Table:
    columns = (
        *(Column(_title(material, setting), "places", 0) for setting in curve.settings),
        Column("Places", "£ thousand a year", 0),
        Column("Delay: opportunity value, not cash", "£ thousand a year", 0),
        Column("Total", "£ thousand a year", 0),
        Column("95% interval, from", "£ thousand a year", 0),
        Column("95% interval, to", "£ thousand a year", 0),
        Column("Dearer than the cheapest by", "£ thousand a year", 0),
        Column("May be the cheapest"),
        Column("Probability of being the cheapest", "%", 0),
        Column("People delayed at the end of the day", "", 1),
        Column("People waiting for a place", "", 1),
    )
    keys = ("places", "delay", "total")
    rows: list[tuple[Cell, ...]] = []
    for row in curve.table.to_dict("records"):
        cells: list[Cell] = [float(row[f"capacity_{setting}"]) for setting in curve.settings]
        cells += [float(row[f"{key}_pounds_a_year"]) / 1000 for key in keys]
        cells += [float(row[f"total_pounds_a_year_{end}"]) / 1000 for end in ("lower", "upper")]
        cells += [float(row["behind_pounds_a_year"]) / 1000, "yes" if row["may_be_cheapest"] else "no"]
        cells += [100 * float(row["probability_cheapest"]), float(row["delayed_beds"]), float(row["waiting"])]
        rows.append(tuple(cells))
    note = str(curve.table["label"].iloc[0])
    return Table(name, f"Cost by capacity{_held(curve)}", columns, tuple(rows), f"{note}.")


def _chart(material: Material, curve: CapacityCurve, name: str, data: Table) -> Chart:
    setting = curve.settings[0]
    table = curve.table.sort_values(f"capacity_{setting}")
    x = [float(value) for value in table[f"capacity_{setting}"]]
    figure = empty_figure(280, 3, xaxis=axis(f"{_title(material, setting)}: capacity"), yaxis=axis("£ million a year"))

    def million(key: str) -> list[float]:
        return [float(value) / 1e6 for value in table[key]]

    for trace in band(LOOKS[0], x, million("total_pounds_a_year_lower"), million("total_pounds_a_year_upper")):
        figure.add_trace(trace)
    hover = "%{x}: £%{y:.3g} million a year"
    for look, key, words in zip(
        LOOKS,
        ("total", "delay", "places"),
        ("Total", "Delayed bed days: opportunity value, not cash", "Places"),
        strict=False,
    ):
        marker = {"mode": "lines+markers", "marker": {"symbol": look.symbol, "size": 8, "color": look.colour}}
        figure.add_trace(line(look, x, million(f"{key}_pounds_a_year"), words, hover, **marker))
    figure.update_yaxes(rangemode="tozero")
    cheapest = curve.cheapest[setting]
    low, high = curve.flat[setting]
    flat = "" if low == high else f", and hardly more from {number(low, 1000)} to {number(high, 1000)}"
    title = f"{_title(material, setting)}: {number(cheapest, 1000)} costs least{flat}"
    summary = sentences(
        "Total of what the places cost, used or not, and what the delayed bed days are worth to others. The area is "
        "the 95% interval of the simulation alone.",
        "Mostly opportunity value, not cash.",
    )
    return Chart(name, title, summary, figure, data)
