"""How people flow: who comes in to hospital and how they leave it, and what becomes of them in the places after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dischargesim.measures.facts import AT_HOME_WAITING
from dischargesim.report.blocks import Chart, Column, Paragraph, Section, Table
from dischargesim.report.chart_style import (
    DARK_BLUE,
    DARK_PINK,
    MID_GREY,
    TURQUOISE,
    empty_figure,
    faint,
    literal,
    rounded,
    wrapped,
)
from dischargesim.report.material import Estimate, Material, Option
from dischargesim.report.sections.flow_links import HOSPITAL, Link, after_links, hospital_links, joined
from dischargesim.report.sections.words import (
    brief,
    days_note,
    estimate_text,
    lower_first,
    number,
    sentences,
    span,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

PLACES = {
    "acute": "Hospital",
    "community_bed": "Community beds",
    "reablement": "Reablement",
    "home_care": "Home care",
    "care_home": "Care homes",
    "virtual_ward": "Virtual ward",
    "step_up": "Step-up beds",
    AT_HOME_WAITING: "At home, waiting",
}
_SOURCES = {"in_at_start": "In at the start", "arrived": "From outside", "home": "From home, again"}
_ENDS = {
    "home": "Home",
    "died": "Died",
    "care_ended": "Care ended",
    "elsewhere": "Elsewhere",
    "still_in": "Still in at the end",
}
_STOCK = frozenset({"in_at_start", "still_in"})
_LABEL = 24


class Node(NamedTuple):
    """A node of a diagram.

    Attributes
    ----------
    label : str
    column : int
        From the left.
    colour : str
    """

    label: str
    column: int
    colour: str = DARK_BLUE


def flow(material: Material) -> Section | None:
    """The section on how people flow.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section or None
        None where the results do not say who moves.
    """
    option = material.baseline
    moves = _pairs(option, "moves", "from", "to")
    if not any(moves.values()):
        return None
    leaving = _pairs(option, "moves_from_hospital", "pathway", "to")
    charts = [chart for chart in (_hospital(material, moves, leaving), _after(material, moves, leaving)) if chart]
    about = Paragraph(
        f"Widths are people in {option.scenario.run.days:,} counted days, {brief(option.label)}. At every place as "
        "many come in as go out or are still in at the end; those who are in when counting begins are a flow of their "
        "own, in grey."
    )
    return Section("flow", "How people flow", (about, *charts)) if charts else None


def _pairs(option: Option, measure: str, first: str, second: str) -> dict[tuple[str, str], float]:
    """Means of a measure by two axes."""
    table = option.measures
    here = table[table["measure"] == measure]
    found = {}
    for group, mean in zip(here["group"], here["mean"], strict=True):
        one, _, other = str(group).partition(f" | {second}=")
        found[one.removeprefix(f"{first}="), other] = float(mean) if mean == mean else 0.0
    return found


def _hospital(
    material: Material, moves: Mapping[tuple[str, str], float], leaving: Mapping[tuple[str, str], float]
) -> Chart | None:
    option = material.baseline
    cohorts = {name: one.mean for name, one in option.by("moves_to_hospital", "cohort")}
    links = joined(hospital_links(moves, leaving, cohorts))
    if not links:
        return None
    delays = dict(option.by("nctr_mean_delay", "pathway"))
    nodes = {HOSPITAL: Node(PLACES[HOSPITAL], 1)}
    for link in links:
        if link.target == HOSPITAL:
            nodes[link.source] = _entrance(option, link.source)
        else:
            nodes[link.target] = _exit(option, link.target, delays)
    out = sum(link.people for link in links if link.target.startswith("pathway:"))
    ways = sorted((link for link in links if link.target.startswith("pathway:")), key=lambda link: -link.people)
    title = "No one leaves hospital on a pathway"
    if ways:
        share = f"{number(100 * ways[0].people / out)}% of {number(out)} people who leave hospital"
        title = f"{share} go by {_pathway(option, ways[0].target)}"
    said = [
        f"{_pathway(option, link.target)} {estimate_text(delays[key], 'days')}"
        for link in ways
        if (key := link.target.partition(":")[2]) in delays
    ]
    return Chart(
        "flow_hospital",
        title,
        sentences(
            f"People who come in to hospital, by cohort, and who leave it, by pathway, {brief(option.label)}.",
            f"Mean delay: {'; '.join(said)}." if said else "",
        ),
        _figure(nodes, links),
        _table(
            "flow_hospital_data",
            "People who come in to hospital and who leave it",
            material,
            nodes,
            links,
            {
                f"pathway:{name}": (number(one.mean), span(*one[1:3], one.mean))
                for name, one in delays.items()
                if one.mean == one.mean
            },
            (Column("Mean delay of those who leave", "days"), Column("95% interval", "days")),
        ),
    )


def _after(
    material: Material, moves: Mapping[tuple[str, str], float], leaving: Mapping[tuple[str, str], float]
) -> Chart | None:
    option = material.baseline
    kinds = dict.fromkeys(to for _, to in moves)
    places = [kind for kind in kinds if kind in PLACES and kind not in (HOSPITAL, AT_HOME_WAITING)]
    links = joined(after_links(moves, leaving, places))
    if not links:
        return None
    waits = {kind: _wait(option, kind) for kind in places}
    nodes = {kind: Node(PLACES[kind], 1, TURQUOISE) for kind in places}
    for link in links:
        if link.target in places:
            nodes[link.source] = _entrance(option, link.source)
        else:
            nodes[link.target] = _exit(option, link.target, {})
    used = {key for link in links for key in (link.source, link.target)}
    nodes = {key: node for key, node in nodes.items() if key in used}
    came = {
        kind: sum(link.people for link in links if link.target == kind and link.source != "from:in_at_start")
        for kind in places
    }
    total = sum(came.values())
    said = [f"{lower_first(PLACES[kind])} {wait} days" for kind, wait in waits.items() if wait]
    top = max(came, key=lambda kind: came[kind])
    return Chart(
        "flow_after",
        f"{number(100 * came[top] / total)}% of {number(total)} moves into places other than hospital are to "
        f"{lower_first(PLACES[top])}"
        if total
        else "Nobody comes in to the places other than hospital",
        sentences(
            f"Who comes in to the places other than hospital, and what becomes of them, {brief(option.label)}: "
            + "; ".join(f"{lower_first(PLACES[kind])} {number(people)}" for kind, people in came.items())
            + ".",
            f"Mean waits: {'; '.join(said)}." if said else "",
            "Who goes from one of these places to another leaves the one and comes in to the other.",
        ),
        _figure(nodes, links),
        _table(
            "flow_after_data",
            "People who come in to the places other than hospital and who leave them",
            material,
            nodes,
            links,
            {kind: (wait,) for kind, wait in waits.items()},
            (Column("Mean wait for a place there", "days"),),
        ),
    )


def _wait(option: Option, kind: str) -> str:
    """Mean waits for the settings of a kind in words: from the shortest to the longest."""
    scenario = option.scenario
    found = sorted(
        one.mean
        for name, one in option.by("setting_wait_mean", "setting")
        if one.mean == one.mean and name in scenario.settings and scenario.settings[name].kind == kind
    )
    if not found:
        return ""
    first, last = number(found[0]), number(found[-1])
    return first if first == last else f"{first} to {last}"


def _pathway(option: Option, key: str) -> str:
    name = key.partition(":")[2]
    pathway = option.scenario.pathways.get(name)
    return f"{name} ({brief(lower_first(pathway.title))})" if pathway is not None and pathway.title != name else name


def _entrance(option: Option, key: str) -> Node:
    kind, _, name = key.partition(":")
    if kind == "cohort":
        cohort = option.scenario.cohorts.get(name)
        return Node(cohort.title if cohort is not None else name, 0)
    if kind == "pathway":
        return Node(f"Hospital, {name}", 0)
    if name == "other":
        return Node("From one of these", 0)
    colour = MID_GREY if name in _STOCK else DARK_BLUE
    return Node(_SOURCES.get(name, PLACES.get(name, name)), 0, colour)


def _exit(option: Option, key: str, delays: Mapping[str, Estimate]) -> Node:
    kind, _, name = key.partition(":")
    if kind == "pathway":
        delay = delays.get(name)
        return Node(f"{name}, delay {number(delay.mean)} days" if delay is not None else name, 2)
    if name == "other":
        return Node("To one of these", 2)
    if name == HOSPITAL:
        return Node("To hospital", 2)
    colour = MID_GREY if name in _STOCK else DARK_PINK if name == "died" else DARK_BLUE
    return Node(_ENDS.get(name, PLACES.get(name, name)), 2, colour)


def _figure(nodes: Mapping[str, Node], links: Sequence[Link]) -> Figure:
    keys = list(nodes)
    place = {key: at for at, key in enumerate(keys)}
    most = max(sum(1 for node in nodes.values() if node.column == column) for column in range(3))
    figure = empty_figure(max(260, 46 * most))
    figure.update_layout(margin={"b": 14})
    figure.add_sankey(
        node={
            "label": ["<br>".join(map(literal, wrapped(nodes[key].label, _LABEL))) for key in keys],
            "color": [nodes[key].colour for key in keys],
            "pad": 18,
            "thickness": 12,
            "line": {"width": 0},
            "hovertemplate": "%{label}: %{value:,.0f} people<extra></extra>",
        },
        link={
            "source": [place[link.source] for link in links],
            "target": [place[link.target] for link in links],
            "value": [rounded(link.people) for link in links],
            "color": [
                faint(
                    MID_GREY if {link.source.partition(":")[2], link.target.partition(":")[2]} & _STOCK else DARK_BLUE,
                    0.28,
                )
                for link in links
            ],
            "hovertemplate": "%{source.label} to %{target.label}: %{value:,.0f} people<extra></extra>",
        },
        textfont={"size": 12, "color": "#0B0C0C"},
    )
    return figure


def _table(
    name: str,
    title: str,
    material: Material,
    nodes: Mapping[str, Node],
    links: Sequence[Link],
    more: Mapping[str, tuple[str, ...]],
    columns: tuple[Column, ...],
) -> Table:
    """The flows from the left to the right, the widest first; `more` is what is said of those to some nodes."""
    ranked = sorted(links, key=lambda link: (nodes[link.source].column, -link.people))
    plain = {key: node.label.partition(", delay")[0] for key, node in nodes.items()}
    nothing: tuple[None, ...] = (None,) * len(columns)
    rows = [(plain[link.source], plain[link.target], link.people, *more.get(link.target, nothing)) for link in ranked]
    return Table(
        name,
        title,
        (Column("From"), Column("To"), Column("People", "people", 0), *columns),
        tuple(rows),
        days_note(material),
    )
