"""A report, from stored results to the values that every format is written from."""

from __future__ import annotations

from dischargesim.report.blocks import Report
from dischargesim.report.material import Material
from dischargesim.report.sections.answer import answer
from dischargesim.report.sections.assumptions import assumptions
from dischargesim.report.sections.differences import differences
from dischargesim.report.sections.headline import headline
from dischargesim.report.sections.limits import limits
from dischargesim.report.sections.over_time import over_time
from dischargesim.report.sections.reasons import reasons
from dischargesim.report.sections.removal import removal
from dischargesim.report.sections.reproduce import reproduce
from dischargesim.report.sections.stress_des import stress_des

SECTIONS = (
    answer,
    headline,
    differences,
    over_time,
    reasons,
    removal,
    limits,
    assumptions,
    stress_des,
    reproduce,
)
"""In the order in which they are read; each gives None where the results have nothing for it."""


def make_report(material: Material) -> Report:
    """Make a report.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Report
    """
    scenario, facts = material.baseline.scenario, material.provenance[0]
    made = (section(material) for section in SECTIONS)
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
        tuple(section for section in made if section is not None),
    )
