"""The flows of people between the nodes of a diagram, from the measures of who moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

HOSPITAL = "acute"
FEWEST = 0.5
"""A flow of fewer people is not drawn."""


class Link(NamedTuple):
    """A flow between two nodes of a diagram.

    Attributes
    ----------
    source, target : str
        Keys of the nodes.
    people : float
        Mean over the replications.
    """

    source: str
    target: str
    people: float


def hospital_links(
    moves: Mapping[tuple[str, str], float],
    leaving: Mapping[tuple[str, str], float],
    cohorts: Mapping[str, float],
) -> list[Link]:
    """Flows into hospital and out of it.

    Parameters
    ----------
    moves, leaving : mapping of (str, str) to float
        As the measures ``moves`` and ``moves_from_hospital``.
    cohorts : mapping of str to float
        As the measure ``moves_to_hospital``.

    Returns
    -------
    list of Link
        To and from the node ``acute``; what people die of or do on no pathway goes straight to what becomes of them.
    """
    links = [Link(f"cohort:{name}", HOSPITAL, people) for name, people in cohorts.items()]
    # Arrivals are those of the cohorts.
    links += [
        Link(f"from:{source}", HOSPITAL, people)
        for (source, to), people in moves.items()
        if to == HOSPITAL and source not in ("arrived", HOSPITAL)
    ]
    pathways = dict.fromkeys(name for name, _ in leaving)
    for name in pathways:
        links.append(Link(HOSPITAL, f"pathway:{name}", sum(p for (one, _), p in leaving.items() if one == name)))
    for (source, to), people in moves.items():
        if source == HOSPITAL:
            by_pathway = sum(p for (_, end), p in leaving.items() if end == to)
            links.append(Link(HOSPITAL, f"to:{to}", people - by_pathway))
    return links


def after_links(
    moves: Mapping[tuple[str, str], float], leaving: Mapping[tuple[str, str], float], places: Sequence[str]
) -> list[Link]:
    """Flows into the places other than hospital, and out of them.

    Parameters
    ----------
    moves, leaving : mapping of (str, str) to float
        As for `hospital_links`.
    places : sequence of str
        Kinds of places in the middle of the diagram.

    Returns
    -------
    list of Link
        From hospital by pathway. People who go from one place to another are in the flows of both.
    """
    links = [Link(f"pathway:{name}", to, people) for (name, to), people in leaving.items() if to in places]
    for (source, to), people in moves.items():
        if to in places:
            if source == HOSPITAL:
                by_pathway = sum(p for (_, end), p in leaving.items() if end == to)
                links.append(Link("from:acute", to, people - by_pathway))
            else:
                links.append(Link("from:other" if source in places else f"from:{source}", to, people))
        if source in places:
            links.append(Link(source, "to:other" if to in places else f"to:{to}", people))
    return links


def joined(links: Iterable[Link]) -> list[Link]:
    """One link between two nodes; those with hardly anybody are left out."""
    found: dict[tuple[str, str], float] = {}
    for link in links:
        found[link[:2]] = found.get(link[:2], 0.0) + link.people
    return [Link(*ends, people) for ends, people in found.items() if people >= FEWEST]
