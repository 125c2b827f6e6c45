"""Figures by who people are: their cohort, age band, deprivation and locality, as far as a scenario gives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dischargesim.measures.facts import Bools, Facts, Floats, Ints
from dischargesim.plan.tables import People

SPLITS = ("cohort", "age_band", "deprivation", "locality")
"""Axes of groups of people; one that a scenario does not give has no groups."""

ByGroup = tuple[Floats, ...]
"""An array for each axis of `SPLITS`."""


@dataclass(frozen=True, slots=True)
class Split:
    """Rows that each belong to a person, to be counted by the groups of people.

    Attributes
    ----------
    codes : tuple of ndarray of int or None
        For each axis of `SPLITS` the group of each row, one past the last for a person who is in none; None where the
        axis has no groups.
    sizes : tuple of int
        Groups of each axis.
    """

    codes: tuple[Ints | None, ...]
    sizes: tuple[int, ...]

    def tally(self, weight: Floats | None = None) -> ByGroup:
        """Number of rows, or sum of their weights, in each group of each axis."""
        return tuple(
            np.zeros(0) if code is None else np.bincount(code, weight, size + 1)[:size].astype(np.float64, copy=False)
            for code, size in zip(self.codes, self.sizes, strict=True)
        )

    def those(self, chosen: Bools) -> Split:
        """Some of the rows."""
        return Split(tuple(None if code is None else code.compress(chosen) for code in self.codes), self.sizes)

    def by(self, kind: Ints, kinds: int) -> ByGroup:
        """Number of rows of each kind in each group of each axis: one array kinds x groups for each axis."""
        return tuple(
            np.zeros((kinds, 0))
            if code is None
            else np.bincount(kind * (size + 1) + code, minlength=kinds * (size + 1))
            .reshape(kinds, size + 1)[:, :size]
            .astype(np.float64)
            for code, size in zip(self.codes, self.sizes, strict=True)
        )


def people_by_group(facts: Facts, people: People) -> Split:
    """The groups of all people of a plan, one row a person."""
    sizes = tuple(len(facts.labels[axis]) for axis in SPLITS)

    def code(axis: str, size: int) -> Ints | None:
        if size == 0:
            return None
        if axis == "cohort":
            return people.cohort
        if axis == "locality":
            return people.locality
        band = people.age_band if axis == "age_band" else people.deprivation
        # A plan written by hand may leave the bands out: nobody has one.
        return facts.band_of[axis][people.cohort, band] if band.size else np.full(people.cohort.size, size)

    return Split(tuple(code(axis, size) for axis, size in zip(SPLITS, sizes, strict=True)), sizes)


def split(everyone: Split, person: Ints) -> Split:
    """Groups of the people to whom some rows belong.

    Parameters
    ----------
    everyone : Split
        One row a person.
    person : ndarray of int
        Row of the person, for each row.
    """
    return Split(tuple(None if code is None else code.take(person) for code in everyone.codes), everyone.sizes)
