"""A report, from stored results to the values that every format is written from."""

from __future__ import annotations

from collections.abc import Iterator

from dischargesim.appraisal.capacity import cost_optimal
from dischargesim.appraisal.schema import Appraisal
from dischargesim.appraisal.value import Appraised, appraise
from dischargesim.report.blocks import Report, Section
from dischargesim.report.material import Material
from dischargesim.report.sections.answer import answer
from dischargesim.report.sections.assumptions import assumptions
from dischargesim.report.sections.capacity import capacity
from dischargesim.report.sections.checks import checks
from dischargesim.report.sections.differences import differences
from dischargesim.report.sections.flow import flow
from dischargesim.report.sections.headline import headline
from dischargesim.report.sections.limits import limits
from dischargesim.report.sections.money import money
from dischargesim.report.sections.over_time import over_time
from dischargesim.report.sections.preferred import preferred
from dischargesim.report.sections.reasons import reasons
from dischargesim.report.sections.removal import removal
from dischargesim.report.sections.reproduce import reproduce
from dischargesim.report.sections.sensitivity import sensitivity
from dischargesim.report.sections.stress_des import stress_des
from dischargesim.report.sections.sweep_maps import sweep_maps
from dischargesim.report.sections.utilisation import utilisation

FINDINGS = (differences, sweep_maps, over_time, reasons, removal, flow, utilisation)
"""In the order in which they are read; each gives None where the results have nothing for it."""
GROUNDS = (checks, limits, assumptions, stress_des, reproduce)
"""What the findings rest on; after them."""


def make_report(material: Material, appraisal: Appraisal | None = None) -> Report:
    """Make a report.

    Parameters
    ----------
    material : Material
    appraisal : Appraisal or None
        Unit costs; None for a report without money.

    Returns
    -------
    Report

    Raises
    ------
    ScenarioError
        If a price would count something twice.
    """
    scenario, facts = material.baseline.scenario, material.provenance[0]
    options = len(material.options) - 1
    against = f", with {options} option{'s' if options != 1 else ''} held against it" if options else ""
    return Report(
        material.title,
        f"{scenario.system.title}: {scenario.scenario.title}{against}",
        (
            ("Made by", f"dischargesim {facts.get('dischargesim', '')}"),
            ("Simulated", str(facts.get("started", ""))),
            ("Counted", f"{scenario.run.days} days from {scenario.start_date.isoformat()}"),
            ("Seed", str(scenario.run.seed)),
        ),
        tuple(_sections(material, appraisal)),
    )


def _sections(material: Material, appraisal: Appraisal | None) -> Iterator[Section]:
    appraised = None if appraisal is None else _appraised(material, appraisal)
    yield answer(material)
    yield headline(material, appraised)
    found = [section(material) for section in FINDINGS]
    if appraised is not None:
        found.append(money(material, appraised))
        if len(material.folders) == 1:
            store = material.baseline.contender.store
            found.append(capacity(material, cost_optimal(store, appraised.appraisal)))
        found.append(sensitivity(material, appraised))
    found.append(preferred(material, appraised))
    found += [section(material) for section in GROUNDS]
    yield from (section for section in found if section is not None)


def _appraised(material: Material, appraisal: Appraisal) -> Appraised:
    """What those cost that may be held against the baseline; the others are named in the notes."""
    there = {material.baseline.label} | (
        set(material.comparison["option"]) if material.comparison is not None else set()
    )
    those = [option.contender for option in material.options if option.label in there]
    return appraise(those, appraisal)
