"""Figures by who people are: their cohort, age band, deprivation and locality, as far as a scenario gives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dischargesim.measures.facts import Facts, Floats, Indices, Ints
from dischargesim.plan.tables import People

SPLITS = ("cohort", "age_band", "deprivation", "locality")
"""Axes of groups of people; one that a scenario does not give has no groups."""

ByGroup = tuple[Floats, ...]
"""An array for each axis of `SPLITS`."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """People by kind: all of one kind are in the same group on every axis, so that they need to be counted once only.

    Attributes
    ----------
    of : ndarray of int
        Kind of each person.
    number : int
        How many kinds there are.
    groups : tuple of ndarray of int or None
        For each axis of `SPLITS` the group of each kind, one past the last for people who are in none; None where the
        axis has no groups.
    sizes : tuple of int
        Groups of each axis.
    """

    of: Indices
    number: int
    groups: tuple[Ints | None, ...]
    sizes: tuple[int, ...]

    def by_group(self, by_kind: Floats) -> ByGroup:
        """What was counted by kind of person, for each group of each axis: the last axis of each array."""

        def grouped(group: Ints | None, size: int) -> Floats:
            if group is None:
                return np.zeros((*by_kind.shape[:-1], 0))
            rows = [np.bincount(group, row, size)[:size] for row in by_kind.reshape(-1, self.number)]
            return np.array(rows, dtype=np.float64).reshape(*by_kind.shape[:-1], size)

        return tuple(grouped(group, size) for group, size in zip(self.groups, self.sizes, strict=True))


def people_by_kind(facts: Facts, people: People) -> Kinds:
    """The kinds of all people of a plan."""
    kind = people.cohort
    for axis, column in (("age_band", people.age_band), ("deprivation", people.deprivation)):
        # Bands are numbered within a cohort, and `NONE` is -1. A plan written by hand may leave them out.
        if facts.labels[axis]:
            kind = kind * facts.band_of[axis].shape[1]
            if column.size:
                kind += column + 1
    if facts.labels["locality"]:
        kind = kind * len(facts.labels["locality"]) + people.locality
    sizes = tuple(len(facts.labels[axis]) for axis in SPLITS)
    groups = tuple(facts.kind_groups[axis] if size else None for axis, size in zip(SPLITS, sizes, strict=True))
    return Kinds(
        np.require(kind, np.int32, ["C", "W"]).view(np.uint32), facts.kind_groups["cohort"].size, groups, sizes
    )
