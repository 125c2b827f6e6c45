"""Which option comes out best, by what, and how surely: for those who have to prefer one."""

from __future__ import annotations

from dischargesim.appraisal.value import Appraised
from dischargesim.report.blocks import Cell, Column, Paragraph, Section, Table
from dischargesim.report.material import Material
from dischargesim.report.sections.money import THOUSAND, thousand
from dischargesim.report.sections.words import by_rank, held


def preferred(material: Material, found: Appraised | None) -> Section | None:
    """The section that lays the rankings side by side; None where nothing is compared.

    Parameters
    ----------
    material : Material
    found : Appraised or None
        What the scenarios cost and are worth; None for a report without money.
    """
    if material.ranking is None:
        return None
    columns = [Column("Option"), Column("Place by people delayed"), Column("May be the best by that")]
    columns += [Column("Bed days lost: what can be said")]
    worth = {} if found is None else {row["option"]: row for row in found.options.to_dict("records")}
    if worth:
        columns += [
            Column("Net present value, mostly opportunity value, not cash", THOUSAND, 0),
            Column("Probability of being better than the baseline", "%", 0),
            Column("Probability of being the best", "%", 0),
        ]
    ranked = {str(row["option"]): row for row in material.ranking.to_dict("records")}
    verdicts = {one.option: one.verdict for one in held(material, "nctr_bed_days_lost")}
    options = {option.label: option for option in material.options}
    rows: list[tuple[Cell, ...]] = []
    for label in (material.baseline.label, *by_rank(material)):
        place = ranked.get(label)
        best = place is not None and str(place["may_be_best"]) == "True"
        cells: list[Cell] = [label, None if place is None else int(place["place"]), "yes" if best else "no"]
        cells.append(verdicts.get(label, "the baseline" if label == material.baseline.label else None))
        if worth:
            row = worth.get(options[label].contender.label)
            keys = ("probability_better", "probability_best")
            cells += [None] * 3 if row is None else [thousand(row["npsv_mean"]), *(100 * row[key] for key in keys)]
        rows.append(tuple(cells))
    text = (
        "No single figure prefers an option: delays, money and what has no price are laid side by side. Evidence for "
        "what an option does may be weak however sure the simulation is. Which one to prefer is for those who decide."
    )
    table = Table("preferred_ranking", "The options side by side", tuple(columns), tuple(rows))
    return Section("preferred", "The options side by side", (Paragraph(text), table))
