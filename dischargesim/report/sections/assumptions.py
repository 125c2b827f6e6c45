"""Assumptions and sources: every number that the scenarios give, where it comes from, and what the options change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dischargesim.report.blocks import Block, Cell, Column, Paragraph, Section, Table
from dischargesim.report.material import Material, Option
from dischargesim.report.sections.words import by_rank, left_out_note
from dischargesim.scenario.provenance import Parameter, parameters

GRADES = {
    "A": "A: trial or official statistic",
    "B": "B: matched comparison",
    "C": "C: before and after, or local report",
    "D": "D: opinion or vendor",
    "derived": "derived by arithmetic from published figures",
    "fitted": "fitted so that results meet published figures",
    "assumption": "ASSUMPTION",
    "": "NO SOURCE GIVEN",
}
"""Grades of evidence as the reader sees them; what is not verified is in capitals."""
MOST_OPTIONS = 20
"""Options whose changes are listed."""
_COLUMNS = (
    Column("Number"),
    Column("Value"),
    Column("Unit"),
    Column("Grade"),
    Column("Low"),
    Column("High"),
    Column("Source, or reasoning"),
)


def assumptions(material: Material) -> Section:
    """The section on assumptions and sources.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section
    """
    found = parameters(material.baseline.scenario)
    blocks: list[Block] = [
        Paragraph(
            "Every number that the scenario gives, with its source. Low and high are the plausible range where the "
            "evidence gives one. What is marked ASSUMPTION or NO SOURCE GIVEN has not been verified: replace it by "
            "your own figures where you can, and run the scenario again with evidence=low and evidence=high to see "
            "what hangs on it."
        ),
        _grades(found),
    ]
    changed = _changes(material)
    if changed is not None:
        blocks.append(changed)
    title = f"{material.baseline.label}: all numbers"
    blocks.append(Table("assumptions_all", title, _COLUMNS, tuple(_row(one) for one in found)))
    return Section("assumptions", "Assumptions and sources", tuple(blocks))


def _grade(one: Parameter) -> str:
    return GRADES[one.evidence.grade if one.evidence is not None else ""]


def _row(one: Parameter) -> tuple[Cell, ...]:
    evidence = one.evidence
    low, high = (evidence.low, evidence.high) if evidence is not None else (None, None)
    return (one.path, one.value, one.unit, _grade(one), low, high, evidence.source if evidence is not None else "")


def _grades(found: Sequence[Parameter]) -> Table:
    counts = Counter(_grade(one) for one in found)
    rows = tuple((words, counts[words]) for words in GRADES.values() if counts[words])
    return Table("assumptions_grades", "How sure the numbers are", (Column("Grade"), Column("Numbers")), rows)


def _changes(material: Material) -> Table | None:
    """What each option gives otherwise than the baseline."""
    before = {one.path: one.value for one in parameters(material.baseline.scenario)}
    options = {option.label: option for option in material.options}
    labels = by_rank(material)
    rows = [row for label in labels[:MOST_OPTIONS] for row in _changed(options[label], before)]
    if not rows:
        return None
    columns = (Column("Option"), _COLUMNS[0], Column("Baseline"), Column("Option's value"), *_COLUMNS[2:])
    more = max(len(labels) - MOST_OPTIONS, 0)
    return Table(
        "assumptions_changed", "What the options change", columns, tuple(rows), left_out_note(more, MOST_OPTIONS)
    )


def _changed(option: Option, before: dict[str, str]) -> list[tuple[Cell, ...]]:
    after = {one.path: one for one in parameters(option.scenario)}
    rows: list[tuple[Cell, ...]] = []
    for path, one in after.items():
        if before.get(path) != one.value:
            number, value, *rest = _row(one)
            rows.append((option.label, number, before.get(path, "not there"), value, *rest))
    rows += [
        (option.label, path, value, "taken out", "", "", None, None, "")
        for path, value in before.items()
        if path not in after
    ]
    return rows
