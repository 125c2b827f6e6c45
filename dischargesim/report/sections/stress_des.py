"""The STRESS-DES checklist, filled in from the scenario and from what is known of the run.

Monks, T., Currie, C.S.M., Onggo, B.S., Robinson, S., Kunc, M. and Taylor, S.J.E. (2019): Strengthening the reporting of
empirical simulation studies: Introducing the STRESS guidelines. Journal of Simulation 13(1):55-67.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dischargesim import __version__
from dischargesim.measures.catalogue import MEASURES
from dischargesim.report.blocks import Cell, Column, Paragraph, Section, Table
from dischargesim.report.material import Material
from dischargesim.report.sections.limits import OF_THE_MODEL
from dischargesim.report.sections.words import listed, lower_first, replications
from dischargesim.scenario.provenance import parameters
from dischargesim.scenario.schema import Scenario

_MOST = 12


def stress_des(material: Material) -> Section:
    """The section with the checklist.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section
    """
    parts = {
        "Objectives": _objectives(material),
        "Logic": _logic(material),
        "Data": _data(material),
        "Experimentation": _experimentation(material),
        "Implementation": _implementation(material),
        "Code access": _access(),
    }
    columns = (Column("Item"), Column("What it asks"), Column("Here"))
    rows: list[tuple[Cell, ...]] = []
    for number, (part, items) in enumerate(parts.items(), start=1):
        rows += [(f"{number}.{at}", f"{part}: {asks}", here) for at, (asks, here) in enumerate(items, start=1)]
    text = (
        "Strengthening the Reporting of Empirical Simulation Studies, for discrete-event simulation (Monks and others "
        "2019). What concerns the purpose of this study and its choice of data is for whoever uses the results to add."
    )
    table = Table("stress_des_items", "STRESS-DES checklist", columns, tuple(rows))
    return Section("stress_des", "STRESS-DES checklist", (Paragraph(text), table))


Item = tuple[str, str]


def _objectives(material: Material) -> list[Item]:
    scenario = material.baseline.scenario
    question = material.question or "Not said in the experiment; to be added by the author of the study."
    main = [lower_first(measure.title) for measure in MEASURES if measure.main]
    return [
        ("purpose of the model", f"{question} The system: {scenario.system.title}. {scenario.system.about}"),
        (
            "model outputs",
            f"{len(MEASURES)} measures, each defined with population, unit and formula in the data dictionary; the "
            f"main ones: {'; '.join(main)}.",
        ),
        ("experimentation aims", _aims(material)),
    ]


def _aims(material: Material) -> str:
    if material.comparison is None:
        return f"One scenario as it is: {material.baseline.label}."
    titles = [option.label for option in material.options[1:]]
    varied = f" What varies: {', '.join(material.axes)}." if material.axes else ""
    return f"{listed(titles, _MOST)}, each held against {material.baseline.label} on the same people.{varied}"


def _logic(material: Material) -> list[Item]:
    scenario = material.baseline.scenario
    pathways = _names(one.title for one in scenario.pathways.values())
    cohorts = _names(one.title for one in scenario.cohorts.values())
    services = _names(one.title for one in scenario.services.values()) or "none"
    return [
        (
            "base model overview",
            "People arrive, stay in settings, and need tasks done by teams before they move on; they keep the place "
            "they are in until the next one is free. Delays, lost bed days and avoided admissions follow from that.",
        ),
        (
            "base model logic",
            f"Pathways: {pathways}. Services before admission: {services}. Discharge to assess: {_d2a(scenario)}. "
            f"Trusted assessors: {_trusted(scenario)}.",
        ),
        ("scenario logic", _changes(material)),
        (
            "algorithms",
            "Events at one instant are ordered by kind and row; queues are served by priority, then first come or "
            "longest ready as the setting or team says; a delay is split over reasons along the chain of tasks that "
            "ended last, then the wait for a place, then for move-in hours, without overlap or gap.",
        ),
        ("components: entities", f"People of the cohorts: {cohorts}."),
        ("components: activities", f"Tasks: {_names(one.title for one in scenario.tasks.values())}."),
        ("components: resources", _resources(scenario)),
        ("components: queues", _queues(scenario)),
        (
            "components: entry and exit",
            "People enter by the arrivals of their cohort, or are there at the start; they leave by going home without "
            "support, at the end of their last stay, by giving up waiting, or by death.",
        ),
    ]


def _d2a(scenario: Scenario) -> str:
    share, pathways = scenario.discharge_to_assess.share, scenario.discharge_to_assess.pathways
    return f"{share:.0%} of people on {listed(pathways)}" if share and pathways else "nobody"


def _trusted(scenario: Scenario) -> str:
    trusted = scenario.trusted_assessors
    return "none" if trusted is None or not trusted.coverage else f"{trusted.coverage:.0%} of care-home places"


def _names(titles: Iterable[str]) -> str:
    return ", ".join(titles)


def _changes(material: Material) -> str:
    if len(material.options) == 1:
        return material.baseline.scenario.scenario.about or "The system as it is."
    told = [f"{option.label}: {option.scenario.scenario.about}" for option in material.options[1 : _MOST + 1]]
    more = len(material.options) - 1 - len(told)
    return " ".join(told) + (f" And {more} more." if more else "")


def _resources(scenario: Scenario) -> str:
    settings = [f"{one.title} ({one.capacity} {one.unit_name})" for one in scenario.settings.values()]
    teams = [f"{one.title} ({one.staff} on duty)" for one in scenario.teams.values()]
    return f"Settings: {', '.join(settings)}. Teams: {', '.join(teams) or 'none'}."


def _queues(scenario: Scenario) -> str:
    longest = [one.title for one in scenario.settings.values() if one.queue == "longest_ready"]
    longest += [one.title for one in scenario.teams.values() if one.queue == "longest_ready"]
    text = "One for each setting and team, by priority and then first come, first served"
    return (
        f"{text}; whoever has been ready for longest comes first in: {', '.join(longest)}." if longest else f"{text}."
    )


def _data(material: Material) -> list[Item]:
    scenario = material.baseline.scenario
    found = parameters(scenario)
    grades = Counter(one.evidence.grade if one.evidence is not None else "no source" for one in found)
    sources = list(dict.fromkeys(entry.source for entry in scenario.evidence.values()))
    told = ", ".join(f"{count} {grade}" for grade, count in grades.most_common())
    return [
        ("data sources", f"{len(sources)} sources, listed with every number under Assumptions and sources."),
        (
            "pre-processing",
            "None by the program: distributions are given by their parameters, or read from CSV as they are.",
        ),
        ("input parameters", f"{len(found)} numbers and distributions, all listed; by grade of evidence: {told}."),
        ("assumptions", " ".join(OF_THE_MODEL)),
    ]


def _experimentation(material: Material) -> list[Item]:
    scenario = material.baseline.scenario
    run = scenario.run
    start = (
        "Settings start empty."
        if not scenario.start and not scenario.census
        else ("Settings start as full as the scenario says, with people who have the right remaining stay before them.")
    )
    runs = sorted({replications(option) for option in material.options})
    return [
        ("initialisation", f"{start} The first {run.warm_up_days} days (warm-up) are simulated and not counted."),
        ("run length", f"{run.days} counted days from {scenario.start_date.isoformat()}."),
        (
            "estimation approach",
            f"{listed([str(count) for count in runs])} independent replications; means with 95% Student t intervals; "
            "options by paired differences on common random numbers, adjusted by Holm's method.",
        ),
    ]


def _implementation(material: Material) -> list[Item]:
    facts = material.provenance[0]
    packages, machine = facts.get("packages", {}), facts.get("machine", {})
    return [
        (
            "software",
            f"dischargesim {__version__} on Python {facts.get('python', '')}, with "
            f"{', '.join(f'{name} {version}' for name, version in packages.items())}.",
        ),
        (
            "random sampling",
            "Every attribute of every person has a number of its own, a hash of seed, replication, person and "
            f"attribute; seed {material.baseline.scenario.run.seed}. Numbers are inverted, so that the same person has "
            "the same luck in every scenario.",
        ),
        (
            "model execution",
            f"Next-event simulation; engine {facts.get('engine', '')}. Both engines give the same times to the bit.",
        ),
        (
            "system specification",
            f"{machine.get('system', '')}, {machine.get('cores', '')} cores; {facts.get('run_seconds', '')} seconds.",
        ),
    ]


def _access() -> list[Item]:
    return [
        (
            "computer model sharing",
            "Open source under the MIT licence. The results folder holds the whole scenario, the seed and the version: "
            "the command under How to get the same figures again makes them anew.",
        )
    ]
