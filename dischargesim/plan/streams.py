"""Random numbers: one stream for each attribute of each kind of person, so that scenarios can be compared.

A stream is keyed by the seed, the replication and a stable hash of its name. A scenario that changes one thing
leaves every other stream as it was (common random numbers), and so does a new cohort, task or pathway.

Numbers are not drawn in sequence. Each is worked out from the person and the name of the attribute alone, so that a
number which three people need costs three numbers, and not those of everybody who came before them
(docs/decisions/0007-random-numbers-of-people.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from dischargesim.loops import instead_of
from dischargesim.plan.tables import Counts, Floats

Keys = NDArray[np.uint64]

GRID = 2.0**20
"""Steps in a day to which every drawn time is rounded (0.08 seconds)."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""2**64 over the golden ratio, odd: multiples of it lie evenly."""
_S12, _S27, _S30, _S31 = (np.uint64(shift) for shift in (12, 27, 30, 31))
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


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
    return _rounded(days.ravel(), GRID).reshape(days.shape)


def _rounded_few(days: Floats, grid: float) -> Floats:
    return np.rint(days * grid) / grid


@instead_of(_rounded_few)
def _rounded(days: Floats, grid: float) -> Floats:
    out = np.empty(days.size)
    for row in range(days.size):
        out[row] = np.rint(days[row] * grid) / grid
    return out


@lru_cache(maxsize=4096)
def _key(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little"))


def stream_code(name: str) -> int:
    """A stable number below 2**64 for the name of a stream that people come from."""
    return int(_key(name))


def origin_code(stream: Keys) -> NDArray[np.int32]:
    """The codes of streams, shortened to numbers below 2**31."""
    return (stream >> np.uint64(33)).astype(np.int32)


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
        sequence = np.random.SeedSequence(entropy=seed, spawn_key=(replication, int(_key("people"))))
        self._people: np.uint64 = sequence.generate_state(1, np.uint64)[0]

    def generator(self, name: str) -> np.random.Generator:
        """A fresh generator at the beginning of the stream of that name."""
        sequence = np.random.SeedSequence(entropy=self._seed, spawn_key=(self._replication, int(_key(name))))
        return np.random.Generator(np.random.PCG64DXSM(sequence))

    def uniforms(self, name: str, size: int, first: int = 0) -> Floats:
        """Numbers of a stream, each in the open interval (0, 1).

        Parameters
        ----------
        name : str
            Name of the stream. Fewer or more numbers of the same stream begin alike.
        size : int
            How many.
        first : int
            Number of the first of them.

        Returns
        -------
        ndarray of float64, shape (size,)
        """
        stream = np.full(size, stream_code(name), dtype=np.uint64)
        return own_uniforms(self.people(stream, np.arange(first, first + size)), "")

    def members(self, names: Sequence[str], sizes: Counts) -> Keys:
        """Keys of the first people of several streams.

        Parameters
        ----------
        names : sequence of str
            Names of the streams.
        sizes : ndarray of int64
            How many of each.

        Returns
        -------
        ndarray of uint64
            Those of the first stream, then those of the second, and so on.
        """
        stream = np.array([_key(name) for name in names], dtype=np.uint64)
        number = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.people(np.repeat(stream, sizes), number)

    def people(self, stream: Keys, number: Counts) -> Keys:
        """Keys of people, from which `own_uniforms` works out their numbers.

        Parameters
        ----------
        stream : ndarray of uint64
            Code of the stream that each comes from.
        number : ndarray of int64
            Number of each within it.

        Returns
        -------
        ndarray of uint64
            All different within a stream.
        """
        return _keys(stream, number.astype(np.int64, copy=False), self._people)


def _keys_few(stream: Keys, number: Counts, run: np.uint64) -> Keys:
    return _mixed(_mixed(stream ^ run) + number.astype(np.uint64) * _GOLDEN)


@instead_of(_keys_few)
def _keys(stream: Keys, number: Counts, run: np.uint64) -> Keys:
    keys = np.empty(stream.size, dtype=np.uint64)
    for row in range(stream.size):
        bits = stream[row] ^ run
        bits = (bits ^ (bits >> _S30)) * _M1
        bits = (bits ^ (bits >> _S27)) * _M2
        bits = (bits ^ (bits >> _S31)) + np.uint64(number[row]) * _GOLDEN
        bits = (bits ^ (bits >> _S30)) * _M1
        bits = (bits ^ (bits >> _S27)) * _M2
        keys[row] = bits ^ (bits >> _S31)
    return keys


def derived_keys(people: Keys, name: str) -> Keys:
    """Keys of the same people for a part of their journey that has numbers of its own, such as a second stay."""
    return people ^ _key(name)


def own_uniforms(people: Keys, attribute: str) -> Floats:
    """Each person's own number for an attribute, in the open interval (0, 1).

    Parameters
    ----------
    people : ndarray of uint64
        Keys from `Streams.people`.
    attribute : str
        Name of the attribute.

    Returns
    -------
    ndarray of float64, one a person
    """
    return _uniforms(people, _key(attribute))


def _uniforms_few(keys: Keys, code: np.uint64) -> Floats:
    bits = _mixed(keys ^ code)
    bits >>= _S12
    # Halfway between two of 2**52 steps, and so neither 0 nor 1.
    u: Floats = bits.astype(np.float64)
    u += 0.5
    u *= 2.0**-52
    return u


@instead_of(_uniforms_few)
def _uniforms(keys: Keys, code: np.uint64) -> Floats:
    u = np.empty(keys.size)
    for row in range(keys.size):
        bits = keys[row] ^ code
        bits = (bits ^ (bits >> _S30)) * _M1
        bits = (bits ^ (bits >> _S27)) * _M2
        bits = (bits ^ (bits >> _S31)) >> _S12
        u[row] = (np.float64(bits) + 0.5) * 2.0**-52
    return u


def own_choices(people: Keys, attributes: Sequence[str], shares: Floats) -> tuple[NDArray[np.intp], Counts]:
    """Those whose own number lies below a share, for several attributes.

    Parameters
    ----------
    people : ndarray of uint64
        Keys from `Streams.people`.
    attributes : sequence of str
    shares : ndarray of float64
        One an attribute: 1 is everyone, 0 nobody.

    Returns
    -------
    which : ndarray of int
        The people chosen for the first attribute, ascending, then those for the next, and so on. The same person is
        among them for every share that is as large or larger.
    sizes : ndarray of int64
        How many are chosen for each attribute.
    """
    return _chosen(people, np.array([_key(name) for name in attributes], dtype=np.uint64), shares)


def _chosen_few(keys: Keys, codes: Keys, shares: Floats) -> tuple[NDArray[np.intp], Counts]:
    found = [np.flatnonzero(_uniforms_few(keys, code) < share) for code, share in zip(codes, shares, strict=True)]
    return np.concatenate([np.empty(0, dtype=np.intp), *found]), np.array([one.size for one in found], dtype=np.int64)


@instead_of(_chosen_few)
def _chosen(keys: Keys, codes: Keys, shares: Floats) -> tuple[NDArray[np.intp], Counts]:
    found = np.empty(keys.size * codes.size, dtype=np.intp)
    sizes = np.empty(codes.size, dtype=np.int64)
    below = np.empty(keys.size, dtype=np.bool_)
    end = 0
    for one in range(codes.size):
        code, share = codes[one], shares[one]
        # As in `_uniforms`; numba would have to be there already for one loop to call another. Rows are listed in a
        # loop of their own, so that the machine works out several numbers at once.
        for row in range(keys.size):
            bits = keys[row] ^ code
            bits = (bits ^ (bits >> _S30)) * _M1
            bits = (bits ^ (bits >> _S27)) * _M2
            bits = (bits ^ (bits >> _S31)) >> _S12
            below[row] = (np.float64(bits) + 0.5) * 2.0**-52 < share
        start = end
        for row in range(keys.size):
            found[end] = row
            end += below[row]
        sizes[one] = end - start
    return found[:end].copy(), sizes


def own_chances(people: Keys, attribute: str, chance: Floats, kind: NDArray[np.intp]) -> NDArray[np.intp]:
    """Those whose own number for an attribute lies below the share of their kind of people.

    Parameters
    ----------
    people : ndarray of uint64
        Keys from `Streams.people`.
    attribute : str
    chance : ndarray of float64
        Share of each kind.
    kind : ndarray of int
        Of each person.

    Returns
    -------
    ndarray of int
        Which of the people, ascending.
    """
    return _below(people, _key(attribute), chance, kind)


def _below_few(keys: Keys, code: np.uint64, chance: Floats, kind: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.flatnonzero(_uniforms_few(keys, code) < chance.take(kind))


@instead_of(_below_few)
def _below(keys: Keys, code: np.uint64, chance: Floats, kind: NDArray[np.intp]) -> NDArray[np.intp]:
    u = np.empty(keys.size)
    for row in range(keys.size):
        bits = keys[row] ^ code
        bits = (bits ^ (bits >> _S30)) * _M1
        bits = (bits ^ (bits >> _S27)) * _M2
        bits = (bits ^ (bits >> _S31)) >> _S12
        u[row] = (np.float64(bits) + 0.5) * 2.0**-52
    found = np.empty(keys.size, dtype=np.intp)
    size = 0
    for row in range(keys.size):
        found[size] = row
        size += u[row] < chance[kind[row]]
    return found[:size].copy()


def _mixed(bits: Keys) -> Keys:
    """The output function of SplitMix64 (Steele, Lea and Flood, 2014), in place: each bit depends on all of them."""
    bits ^= bits >> _S30
    bits *= _M1
    bits ^= bits >> _S27
    bits *= _M2
    bits ^= bits >> _S31
    return bits
