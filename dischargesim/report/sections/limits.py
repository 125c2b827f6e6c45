"""What the model leaves out, and what its figures are not."""

from __future__ import annotations

from dischargesim.report.blocks import Items, Paragraph, Section
from dischargesim.report.material import Material
from dischargesim.report.sections.answer import OPPORTUNITY

OF_THE_MODEL = (
    "Children, maternity and mental-health beds are outside it, unless a system file brings them in.",
    "Nobody dies at home or in a care home within the run, so that the share at home after 91 days is too high.",
    "One change of pathway while a person is delayed and one readmission are followed, not a chain of them.",
    "Staff do not tire, leave because of pressure, or work faster when it is busy.",
    "Care homes, home-care providers and wards do not choose whom they take, other than by queue, locality and trusted "
    "assessment; closures by outbreak are not modelled unless capacity says so.",
    "Harm of delay (setback, death, decline) is associated with waiting in the studies it comes from; these people are "
    "frail, so it is not a count of lives that shorter waits would save.",
    "The reasons for delay of England's two national returns are matched by this project; NHS England publishes no "
    "such match and calls the two returns not comparable.",
)
"""What holds for every scenario."""


def limits(material: Material) -> Section:
    """The section on what is left out.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section
    """
    scenario = material.baseline.scenario
    about = [f"{scenario.system.title}: {scenario.system.about}"] if scenario.system.about else []
    about += [
        f"{option.label}: {option.scenario.scenario.about}"
        for option in material.options[:_MOST]
        if option.scenario.scenario.about
    ]
    blocks = (
        Items(tuple(dict.fromkeys(about))),
        Paragraph("In every scenario:"),
        Items((*OF_THE_MODEL, OPPORTUNITY)),
    )
    return Section("limits", "What the model leaves out", tuple(one for one in blocks if one != Items(())))


_MOST = 10
