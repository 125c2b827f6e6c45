"""A figure that is known without simulating, and the simulation that has to meet it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot, isnan, sqrt
from zlib import crc32

import numpy as np

LIMIT = 3.29
"""Standard errors within which a figure must lie: the 99.9% point of the normal distribution, on both sides."""
SHARPEST = 0.02
"""A check whose standard error is a larger part of what is expected could not tell a wrong figure from a right one."""


@dataclass(frozen=True, slots=True)
class Run:
    """One replication of a check.

    Attributes
    ----------
    check : str
        Key of the check, so that no two of them share their random numbers.
    number : int
        Which replication.
    engine : str
        Name of the engine.
    days : float or None
        Length of a shorter run than usual, of which only the sameness of the engines is asked.
    """

    check: str
    number: int
    engine: str = "compiled"
    days: float | None = None

    def rng(self) -> np.random.Generator:
        """The random numbers of the replication; always the same."""
        return np.random.default_rng([crc32(self.check.encode()), self.number])


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a check.

    Attributes
    ----------
    what : str
        Which figure, with its unit.
    expected : float
        From the formula or the publication.
    error : float
        Standard error of what is expected, where it was itself simulated; 0 for a formula.
    rounding : float
        Half of the last digit that was published; 0 for a formula.
    scale : float or None
        What the standard error is to be small against; None for the figure expected.
    not_met : str
        Why the figure is not met: then the check fails as soon as it is.
    """

    what: str
    expected: float
    error: float = 0.0
    rounding: float = 0.0
    scale: float | None = None
    not_met: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A system, the figures it must have, and how to simulate it.

    Attributes
    ----------
    key : str
        Short name.
    system : str
        What is simulated, in words.
    formula, source : str
        Where the figures come from: as it may be looked up, and who wrote it.
    figures : tuple of Figure
    replicate : callable
        The figures of one replication, in the same order.
    replications : int
        How many, at least 30.
    sharpest : float
        The largest standard error that is allowed, as a part of the figure.
    either_engine : bool
        The plan is written by hand, and `replicate` runs it for as long and with the engine that it is told.
    """

    key: str
    system: str
    formula: str
    source: str
    figures: tuple[Figure, ...]
    replicate: Callable[[Run], Sequence[float]]
    replications: int = 40
    sharpest: float = SHARPEST
    either_engine: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a check measured of one figure.

    Attributes
    ----------
    figure : Figure
    mean, error : float
        Over the replications: the mean and its standard error.
    """

    figure: Figure
    mean: float
    error: float

    @property
    def z(self) -> float:
        """How many standard errors the mean lies from what is expected, rounding apart."""
        off = self.mean - self.figure.expected
        beyond = max(abs(off) - self.figure.rounding, 0.0)
        if beyond == 0:
            return 0.0
        error = hypot(self.error, self.figure.error)
        return float(np.copysign(beyond / error if error else np.inf, off))

    @property
    def met(self) -> bool:
        """Whether the mean lies as near as chance allows."""
        return abs(self.z) < LIMIT

    def problems(self, sharpest: float) -> list[str]:
        """What is wrong, in words; nothing if all is as it should be."""
        said = f"{self.figure.what}: found {self.mean:.5g} (standard error {self.error:.2g}), expected "
        said += f"{self.figure.expected:.5g}, z {self.z:.2f}"
        if isnan(self.mean):
            return [f"{said}: no figure"]
        if self.met and self.figure.not_met:
            return [f"{said}: met, though it is said not to be: {self.figure.not_met}"]
        if not self.met and not self.figure.not_met:
            return [said]
        scale = abs(self.figure.expected if self.figure.scale is None else self.figure.scale)
        return [f"{said}: too blunt to tell"] if self.error > sharpest * scale else []


def measured(check: Check) -> list[Found]:
    """Run all replications of a check."""
    every = np.array([check.replicate(Run(check.key, number)) for number in range(check.replications)])
    error = every.std(axis=0, ddof=1) / sqrt(check.replications)
    return [
        Found(figure, float(mean), float(of_mean))
        for figure, mean, of_mean in zip(check.figures, every.mean(axis=0), error, strict=True)
    ]
