"""Random numbers: fixed for ever, in the open interval, and as good as independent."""

from __future__ import annotations

import numpy as np
import pytest

from dischargesim.loops import WORTH_COMPILING
from dischargesim.plan.streams import Streams, _uniforms_few, on_grid, origin_code, own_uniforms, stream_code

PEOPLE = 200_000
UNIFORMS = [0.13051068721282, 0.8386947590243682, 0.3067952609850394]
OWN = [0.7808015085724799, 0.6088050415173293, 0.7496716575633123]
ORIGIN = 56999056


def own(seed: int = 1, replication: int = 0, stream: str = "frail", attribute: str = "stay") -> np.ndarray:
    return own_uniforms(people_of(stream, np.arange(PEOPLE), Streams(seed, replication)), attribute)


def people_of(stream: str, number: np.ndarray, streams: Streams | None = None) -> np.ndarray:
    """Keys of people who come from one stream."""
    code = np.full(number.size, stream_code(stream), dtype=np.uint64)
    return (Streams(1, 0) if streams is None else streams).people(code, number)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """In standard errors: about normal if there is none."""
    return float(np.corrcoef(one, other)[0, 1] * np.sqrt(one.size))


def test_numbers_stay_what_they_are() -> None:
    """If this fails, every figure ever published with this package is another one: say so in the changelog."""
    streams = Streams(seed=20261121, replication=3)
    assert streams.uniforms("frail/arrival", 3).tolist() == UNIFORMS
    assert own_uniforms(people_of("frail", np.array([0, 1, 7]), streams), "stay").tolist() == OWN
    assert origin_code(np.array([stream_code("frail")], dtype=np.uint64)).tolist() == [ORIGIN]


def test_fewer_numbers_begin_alike() -> None:
    streams = Streams(1, 0)
    assert streams.uniforms("a", 1000)[:10].tolist() == streams.uniforms("a", 10).tolist()
    assert streams.uniforms("a", 1000)[7:10].tolist() == streams.uniforms("a", 3, first=7).tolist()


def test_members_of_several_streams_come_one_stream_after_the_other() -> None:
    streams = Streams(1, 0)
    members = streams.members(["a", "nobody", "b"], np.array([3, 0, 2]))
    apart = [people_of(name, np.arange(size), streams) for name, size in (("a", 3), ("b", 2))]
    assert members.tolist() == np.concatenate(apart).tolist()
    assert own_uniforms(members[:3], "").tolist() == streams.uniforms("a", 3).tolist()


def test_a_number_hangs_on_the_person_alone() -> None:
    everyone = own()
    few = np.array([5, 3, 150_000])
    assert own_uniforms(people_of("frail", few), "stay").tolist() == everyone[few].tolist()


@pytest.mark.parametrize("rows", [2, WORTH_COMPILING])
def test_open_interval(rows: int) -> None:
    """Whatever the bits: the two ends are those of no bit and of every bit set."""
    ends = np.resize(np.array([unmixed(0), unmixed(2**64 - 1)], dtype=np.uint64), rows) ^ np.uint64(stream_code("a"))
    low, high = own_uniforms(ends, "a")[:2]
    assert 0 < low < 1e-15 and 1 - 1e-15 < high < 1


def unmixed(bits: int) -> int:
    """What SplitMix64's output function makes these bits of."""
    for shift, factor in ((31, 0x94D049BB133111EB), (27, 0xBF58476D1CE4E5B9), (30, 1)):
        whole = bits
        for _ in range(64 // shift):
            whole = bits ^ (whole >> shift)
        bits = whole * pow(factor, -1, 2**64) % 2**64
    return bits


def test_compiled_numbers_are_the_same() -> None:
    keys = people_of("frail", np.arange(WORTH_COMPILING))
    few = np.concatenate([_uniforms_few(part, np.uint64(stream_code("stay"))) for part in np.split(keys, 4)])
    assert own_uniforms(keys, "stay").tolist() == few.tolist()


@pytest.mark.parametrize("attribute", ["stay", "pathway", "task/medicines/work", "harm/when"])
def test_evenly_spread(attribute: str) -> None:
    u = own(attribute=attribute)
    for bins in (u * 256, u * 2**20 % 256):  # the leading and some later bits
        count = np.bincount(bins.astype(np.int64), minlength=256)
        chi_square = ((count - PEOPLE / 256) ** 2 / (PEOPLE / 256)).sum()
        assert abs(chi_square - 255) / np.sqrt(2 * 255) < 4


def test_neighbours_are_independent() -> None:
    u = own()
    for step in (1, 2, 7):
        assert abs(correlation(u[step:], u[:-step])) < 4
    # Pairs fill the square evenly, so there is no other bond than a linear one either.
    cell = (u[1:] * 16).astype(np.int64) * 16 + (u[:-1] * 16).astype(np.int64)
    count = np.bincount(cell, minlength=256)
    assert abs(((count - cell.size / 256) ** 2 / (cell.size / 256)).sum() - 255) / np.sqrt(2 * 255) < 4


@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"replication": 1}, {"stream": "other"}, {"attribute": "stays"}, {"attribute": "pathway"}],
    ids=str,
)
def test_anything_else_is_independent(other: dict[str, str | int]) -> None:
    one, another = own(), own(**other)  # type: ignore[arg-type]
    assert not np.intersect1d(one, another).size
    assert abs(correlation(one, another)) < 4
    cell = (one * 16).astype(np.int64) * 16 + (another * 16).astype(np.int64)
    count = np.bincount(cell, minlength=256)
    assert abs(((count - PEOPLE / 256) ** 2 / (PEOPLE / 256)).sum() - 255) / np.sqrt(2 * 255) < 4


def test_attributes_of_few_people_are_independent() -> None:
    """Many attributes of the same people, a bit apart or far apart in name: none goes with another."""
    keys = people_of("frail", np.arange(2_000))
    table = np.array([own_uniforms(keys, f"task/{number}/work") for number in range(60)])
    z = np.corrcoef(table)[np.triu_indices(60, 1)] * np.sqrt(2_000)
    assert abs(z).max() < 4.6  # the largest of 1,770
    assert z.std() == pytest.approx(1, abs=0.06)


def test_grid() -> None:
    assert on_grid(np.array([0.1, np.inf])).tolist() == [round(0.1 * 2**20) / 2**20, np.inf]
    times = on_grid(np.random.default_rng(1).random(1000) * 1e5)
    assert (times[1:] + times[:-1] - times[:-1] == times[1:]).all()
