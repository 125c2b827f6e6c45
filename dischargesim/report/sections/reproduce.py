"""How to get the same figures again: commands, seed, versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dischargesim import __version__
from dischargesim.report.blocks import Block, Cell, Code, Column, Paragraph, Section, Table
from dischargesim.report.material import Material

_PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./\\:=+~-")
_MOST = 200


def reproduce(material: Material) -> Section:
    """The section on getting the same figures again.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section
    """
    blocks: list[Block] = [
        Paragraph(
            "The same scenario, seed and version give the same figures, on any machine and with any number of workers. "
            "The results folder holds the whole scenario of each point; dischargesim run --from FILE runs it as it is. "
            "A sweep of files of your own needs --config-dir with their folder as well."
        ),
        Code("\n".join(_commands(material))),
        _facts(material),
        _points(material),
    ]
    return Section("reproduce", "How to get the same figures again", tuple(blocks))


def _commands(material: Material) -> Iterator[str]:
    yield f"pip install dischargesim=={__version__}"
    for folder, facts in zip(material.folders, material.provenance, strict=True):
        if "experiment" in facts:
            yield " ".join(["dischargesim sweep", *(_word(str(text)) for text in facts.get("overrides", ()))])
        else:
            # Whatever files it was composed of, here or elsewhere: the whole of it stands in its folder.
            yield f"dischargesim run --from {_word(f'{folder.name}/resolved.yaml')}"
        if len(material.folders) == 1:
            yield f"dischargesim report {_word(folder.name)}"
    if len(material.folders) > 1:
        names = " ".join(_word(folder.name) for folder in material.folders)
        yield f"dischargesim report {names}"


def _word(text: str) -> str:
    """A word of a command as both PowerShell and a Unix shell read it."""
    if text and set(text) <= _PLAIN:
        return text
    return '"' + text.replace('"', "'") + '"'


def _facts(material: Material) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for folder, facts in zip(material.folders, material.provenance, strict=True):
        rows.append(("Results", folder.name))
        rows += _of(facts)
    columns = (Column(""), Column("Value"))
    return Table("reproduce_facts", "Version, engine and machine", columns, tuple(rows))


def _of(facts: Mapping[str, Any]) -> Iterator[tuple[Cell, ...]]:
    machine = facts.get("machine", {})
    packages = facts.get("packages", {})
    yield "dischargesim", str(facts.get("dischargesim", ""))
    yield "Engine (figures do not depend on it)", str(facts.get("engine", ""))
    yield "Started", str(facts.get("started", ""))
    yield "Seconds it took", float(facts.get("run_seconds", float("nan")))
    yield "Machine", f"{machine.get('system', '')}, {machine.get('cores', '')} cores"
    yield "Python", str(facts.get("python", ""))
    yield "Packages", ", ".join(f"{name} {version}" for name, version in packages.items())


def _points(material: Material) -> Table:
    columns = (
        Column("Scenario"),
        Column("Seed"),
        Column("Replications"),
        Column("First counted day"),
        Column("Counted", "days"),
        Column("Warm-up", "days"),
        Column("People in a replication", "mean"),
        Column("Key of scenario and seed"),
    )
    rows: list[tuple[Cell, ...]] = []
    for option in material.options[:_MOST]:
        run, point = option.scenario.run, option.contender.point
        people = option.facts.get("people_a_replication")
        # A seed is a name, not a quantity: it is written without thousands.
        first_day = option.scenario.start_date.isoformat()
        rows.append(
            (
                option.label,
                str(run.seed),
                point.replications,
                first_day,
                run.days,
                run.warm_up_days,
                None if people is None else float(people),
                point.key,
            )
        )
    return Table("reproduce_points", "Scenarios as they were run", columns, tuple(rows))
