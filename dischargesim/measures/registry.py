"""How a figure is defined: once, with its name, unit, population and formula.

The data dictionary, the tables and the reports read these definitions; the modules beside this one hold them next to
the code that computes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from numpy.typing import ArrayLike

COUNTED = "What happens from the first counted day up to the end of the run."
MIDNIGHTS = "The midnights that end the counted days."

Better = Literal["lower", "higher"]

Figures = dict[str, tuple[ArrayLike, ...]]
"""Values by name of the measure: one array for each entry of its `by`, with one axis for each axis named there."""


class Row(NamedTuple):
    """What one number of a result is."""

    measure: str
    group: str
    unit: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that results give.

    Attributes
    ----------
    name : str
        As in the results' files.
    title : str
        In plain words, with a capital letter.
    unit : str
        ``{unit}`` stands for the unit of the setting's capacity.
    population : str
        Which people, stays, tasks or days are counted.
    formula : str
        How it is computed.
    by : tuple of str
        Its breakdowns: ``all``, or names of axes joined by `` | `` such as ``month | care`` (see `facts.Facts`).
    window : str
        When what is counted happens, and what becomes of what has not ended.
    main : bool
        Shown in the short table of the command line, in its first breakdown.
    better : {"lower", "higher"} or None
        Which way is better where all else is equal; None where neither is, such as for the number of people who came.
    """

    name: str
    title: str
    unit: str
    population: str
    formula: str
    by: tuple[str, ...] = ("all",)
    window: str = COUNTED
    main: bool = False
    better: Better | None = None
