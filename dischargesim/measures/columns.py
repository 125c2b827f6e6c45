"""The columns of a plan and its times as loops over rows take them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dischargesim.measures.facts import Bools, Floats, Indices
from dischargesim.plan.tables import NONE, Plan, Rows, Times


class StayColumns(NamedTuple):
    """Stays as loops look at them: the columns of the plan and of its times of the same name, but for these.

    Attributes
    ----------
    was_in : ndarray of float
        As the plan's `entered`: NaN but for people who are in at the start.
    into : ndarray of int
        The stay that the person left this one for; `NONE` if they are still in or left for no other.
    last_refusal : ndarray of int
        What ended a stay that was left for no other because patience ended (`codes.Refusal`), else 0.
    from_place : ndarray of bool
        Whether whoever asked for it held a place.
    """

    person: Indices
    setting: Indices
    units: Rows
    next: Rows
    otherwise: Rows
    was_in: Floats
    label: Rows
    refusal: Rows
    pathway: Rows
    spell: Indices
    attribution: Floats
    asked: Floats
    granted: Floats
    entered: Floats
    ready: Floats
    cleared: Floats
    left: Floats
    refused: Floats
    into: Rows
    last_refusal: Rows
    from_place: Bools

    @classmethod
    def of(cls, plan: Plan, times: Times) -> StayColumns:
        """The columns of one type each, whatever the plan, so that loops are compiled once; the last three empty."""
        stays, rows = plan.stays, plan.stays.person.size
        return cls(
            person=indices(stays.person),
            setting=indices(stays.setting),
            units=one_type(stays.units),
            next=one_type(stays.next),
            otherwise=one_type(stays.otherwise),
            was_in=one_type(stays.entered),
            label=one_type(stays.label),
            refusal=one_type(stays.refusal),
            pathway=one_type(stays.pathway),
            spell=indices(stays.spell),
            attribution=one_type(stays.attribution),
            asked=one_type(times.asked),
            granted=one_type(times.granted),
            entered=one_type(times.entered),
            ready=one_type(times.ready),
            cleared=one_type(times.cleared),
            left=one_type(times.left),
            refused=one_type(times.refused),
            into=np.full(rows, NONE, dtype=np.int32),
            last_refusal=np.zeros(rows, dtype=np.int32),
            from_place=np.zeros(rows, dtype=np.bool_),
        )


def indices(column: Any) -> Any:
    """A column of row numbers, none of them `NONE`, without a sign. The bytes are the same."""
    return one_type(column).view(np.uint32)


def one_type(column: Any) -> Any:
    """A column as loops take it, contiguous and writable, so that they are compiled for one type only."""
    plain = column.flags.c_contiguous and column.flags.writeable
    return column if plain else np.require(column, requirements=["C", "W"])
