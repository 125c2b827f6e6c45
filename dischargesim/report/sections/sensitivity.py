"""How much the value of an option hangs on each number, and at which value of it the option breaks even."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dischargesim.appraisal.value import Appraised
from dischargesim.report.blocks import Block, Column, Paragraph, Section, Table
from dischargesim.report.material import Material
from dischargesim.report.sections.money import THOUSAND, records, thousand, worth_most


def sensitivity(material: Material, found: Appraised) -> Section | None:
    """The section on sensitivity; None where there is no option.

    Parameters
    ----------
    material : Material
    found : Appraised
        Of the scenarios of the material.
    """
    if not len(found.options):
        return None
    names = {option.contender.label: option.label for option in material.options}
    first = worth_most(found, names)
    text = (
        "Each number is moved alone from the low to the high end of its range; the others stay as they are. Values are "
        "net present values, mostly opportunity value, not cash."
    )
    blocks: tuple[Block, ...] = (Paragraph(text), _switching(found, names, first), _tornado(found, names, first))
    return Section("sensitivity", "Sensitivity and switching values", blocks)


def _switching(found: Appraised, names: Mapping[str, str], first: Sequence[str]) -> Table:
    columns = (
        Column("Option"),
        Column("Number"),
        Column("Unit"),
        Column("Now"),
        Column("Breaks even at"),
        Column("Change", "%", 0, signed=True),
        Column("What can be said"),
    )
    rows = [
        (row["option"], row["path"], row["unit"], row["now"], row["switching"], 100 * row["change"], row["verdict"])
        for row in records(found.switching, names)
        if row["option"] in first and (row["item"] != "price" or row["switching"] == row["switching"])
    ]
    note = "How small the effect, or how high a price, may be before the option is worth no more than the baseline."
    return Table("money_switching", "Switching values", columns, tuple(rows), note)


def _tornado(found: Appraised, names: Mapping[str, str], first: Sequence[str]) -> Table:
    columns = (
        Column("Option"),
        Column("Number"),
        Column("Low"),
        Column("High"),
        Column("Value at low", THOUSAND, 0),
        Column("Value at high", THOUSAND, 0),
        Column("Difference", THOUSAND, 0),
    )
    rows = [
        (
            row["option"],
            "the simulation's own chance (95%)" if row["path"] == "simulation" else str(row["path"]),
            row["low"],
            row["high"],
            *(thousand(row[key]) for key in ("npsv_at_low", "npsv_at_high", "swing")),
        )
        for row in records(found.tornado, names)
        if row["option"] in first
    ]
    return Table("money_tornado", "What moves the net present value most", columns, tuple(rows))
