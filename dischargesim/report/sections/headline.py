"""The headline figures: those of the baseline, and each option held against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dischargesim.appraisal.value import Appraised
from dischargesim.experiment.compare import NO_DIFFERENCE, NOT_CLEAR, short_table
from dischargesim.measures.catalogue import MEASURES
from dischargesim.report.blocks import Block, Cell, Column, Paragraph, Section, Table
from dischargesim.report.material import Material, Option
from dischargesim.report.sections.words import by_rank, days_note, whole

MOST_TABLES = 5
"""Options that get a table of their own; the others stand in the one of all options."""
_IN_ALL = (
    "nctr_remaining",
    "nctr_bed_days_lost",
    "nctr_mean_delay",
    "dtoc_beds",
    "bed_occupancy",
    "bed_wait_over_4_hours",
    "avoided_net",
)
_COST, _COST_UNIT = "Budget cost, without opportunity value", "£ thousand a year"


def headline(material: Material, appraised: Appraised | None) -> Section:
    """The section of headline figures.

    Parameters
    ----------
    material : Material
    appraised : Appraised or None
        What the scenarios cost; None where that is not asked for.

    Returns
    -------
    Section
    """
    blocks: list[Block] = [_figures(material, material.baseline, appraised)]
    if material.comparison is not None:
        short: Any = short_table(material.comparison)
        short = short[short["baseline"] == material.baseline.label]
        labels = by_rank(material)
        if len(labels) > 1:
            blocks.append(_all(material, appraised))
        blocks += [
            _against(number, short[short["option"] == label], label, material, appraised)
            for number, label in enumerate(labels[:MOST_TABLES], start=1)
        ]
        blocks.append(Paragraph(_what_is_said(len(labels))))
        if len(labels) > MOST_TABLES:
            text = (
                f"The {MOST_TABLES} options that rank best have a table of their own; comparison.csv has all figures."
            )
            blocks.append(Paragraph(text))
    return Section("headline", "Headline figures", tuple(blocks))


def _what_is_said(options: int) -> str:
    allowance = f", with allowance for the {options} options that are compared in it (Holm)" if options > 1 else ""
    return (
        "Better, worse, higher and lower are only said where chance alone would rarely bring about such a difference: "
        f"in at most one of twenty such studies, for each measure{allowance}. Everything else is no clear difference, "
        "however large it looks. Of twenty measures in which nothing differs, one looks clear by chance."
    )


def _figures(material: Material, option: Option, appraised: Appraised | None) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for measure in (one for one in MEASURES if one.main):
        found = option.figure(measure.name)
        if found is None:
            continue
        unit = str(option.measures.loc[option.measures["measure"] == measure.name, "unit"].iloc[0])
        factor, shown = whole(unit)
        rows.append((measure.title, *(factor * value for value in found[:3]), shown))
    if appraised is not None:
        cost = _cost(appraised, option)
        rows.append((_COST, cost, None, None, _COST_UNIT))
    columns = (Column(""), Column("Mean"), Column("95% interval, from"), Column("95% interval, to"), Column("Unit"))
    return Table("headline_baseline", f"{option.label}: headline figures", columns, tuple(rows), days_note(material))


def _against(number: int, table: Any, option: str, material: Material, appraised: Appraised | None) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for row in table.to_dict("records"):
        if row["pairs"] < 1:
            continue
        factor, unit = whole(str(row["unit"]))
        names = ("baseline_mean", "option_mean", "difference", "lower", "upper")
        rows.append((str(row["title"]), *(factor * float(row[name]) for name in names), unit, str(row["verdict"])))
    rows += _cost_against(material, option, appraised)
    columns = (
        Column(""),
        Column(material.baseline.label),
        Column(option),
        Column("Difference", signed=True),
        Column("95% interval, from", signed=True),
        Column("95% interval, to", signed=True),
        Column("Unit"),
        Column("What can be said"),
    )
    note = "Differences of the same people with the same luck; those of shares are in percentage points."
    if appraised is not None:
        note += " Cost is at base prices: its interval is the simulation's, without allowance for several options."
    return Table(f"headline_option_{number}", f"{option} against {material.baseline.label}", columns, tuple(rows), note)


def _cost(appraised: Appraised, option: Option) -> float | None:
    """Budget cost of a scenario, in thousands of pounds a year; None where it was not costed."""
    costs = appraised.costs
    here = costs[(costs["option"] == option.contender.label) & (costs["account"] == "budget")]
    return float(here["pounds_a_year"].sum()) / 1000 if len(here) else None


def _cost_against(material: Material, label: str, appraised: Appraised | None) -> Iterator[tuple[Cell, ...]]:
    """A row on what an option costs more or less than the baseline."""
    if appraised is None:
        return
    option = next(option for option in material.options if option.label == label)
    for row in appraised.options.to_dict("records"):
        if row["option"] == option.contender.label:
            change, lower, upper = (row[f"budget_pounds_a_year{end}"] / 1000 for end in ("", "_lower", "_upper"))
            said = "higher" if lower > 0 else "lower" if upper < 0 else NO_DIFFERENCE if change == 0 else NOT_CLEAR
            before = _cost(appraised, material.baseline)
            after = None if before is None else before + change
            yield _COST, before, after, change, lower, upper, _COST_UNIT, said


def _all(material: Material, appraised: Appraised | None) -> Table:
    """A row each scenario, in the order of the ranking."""
    options = {option.label: option for option in material.options}
    measures = [one for one in MEASURES if one.name in _IN_ALL]
    ordered = [material.baseline, *(options[label] for label in by_rank(material))]
    units: dict[str, str] = {}
    for option in ordered:
        here = option.measures.drop_duplicates("measure")
        units |= dict(zip(here["measure"], here["unit"], strict=True))
    columns = [Column("Scenario")]
    columns += [Column(one.title, whole(units[one.name])[1]) for one in measures if one.name in units]
    if appraised is not None:
        columns.append(Column(_COST, _COST_UNIT, 0))
    rows: list[tuple[Cell, ...]] = []
    for option in ordered:
        cells: list[Cell] = [option.label]
        for one in measures:
            if one.name in units:
                found = option.figure(one.name)
                cells.append(None if found is None else whole(units[one.name])[0] * found.mean)
        if appraised is not None:
            changes = list(_cost_against(material, option.label, appraised))
            cost = changes[0][2] if changes else _cost(appraised, option)
            cells.append(cost if changes or option is material.baseline else None)
        rows.append(tuple(cells))
    note = "Means; the baseline first, then the options in order of the people ready to leave and still in hospital."
    return Table("headline_all", "All scenarios", tuple(columns), tuple(rows), note)
