"""Random numbers: one stream for each attribute of each kind of person, so that scenarios can be compared.

A stream is keyed by the seed, the replication and a stable hash of its name. A scenario that changes one thing
leaves every other stream as it was (common random numbers), and so does a new cohort, task or pathway.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

import numpy as np

from dischargesim.plan.tables import Floats

GRID = 2.0**20
"""Steps in a day to which every drawn time is rounded (0.08 seconds)."""

SMALLEST = 2.0**-54
"""What stands for 0 among uniform numbers, so that each lies in the open interval (0, 1)."""


def on_grid(days: Floats) -> Floats:
    """Round times to the grid of 2**-20 day.

    On the grid every sum and difference of times below 2**33 days is exact in floating point: parts sum to the
    whole without rounding, and the last bit in which one platform's logarithm differs from another's is gone.

    Parameters
    ----------
    days : ndarray of float64
        Days; inf stays inf.

    Returns
    -------
    ndarray of float64
        Same shape.
    """
    return np.rint(days * GRID) / GRID


@lru_cache(maxsize=4096)
def _key(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")


class Streams:
    """The streams of one replication.

    Parameters
    ----------
    seed : int
        The run's seed, 0 or more.
    replication : int
        Number of the replication, 0 or more.
    """

    def __init__(self, seed: int, replication: int) -> None:
        self._seed = seed
        self._replication = replication

    def generator(self, name: str) -> np.random.Generator:
        """A fresh generator at the beginning of the stream of that name."""
        sequence = np.random.SeedSequence(entropy=self._seed, spawn_key=(self._replication, _key(name)))
        return np.random.Generator(np.random.PCG64DXSM(sequence))

    def uniforms(self, name: str, size: int) -> Floats:
        """The first `size` numbers of a stream, each in the open interval (0, 1).

        Parameters
        ----------
        name : str
            Name of the stream. Fewer or more numbers of the same stream begin alike.
        size : int
            How many.

        Returns
        -------
        ndarray of float64, shape (size,)
        """
        return np.maximum(self.generator(name).random(size), SMALLEST)

    def fill(self, name: str, out: Floats) -> None:
        """Put the first numbers of a stream, each in [0, 1), into an array."""
        self.generator(name).random(out=out)
