"""Random numbers: fixed for ever, in the open interval, and as good as independent."""

from __future__ import annotations

import numpy as np
import pytest

from dischargesim.plan.streams import SMALLEST, Streams, on_grid, origin_code, own_uniforms

PEOPLE = 200_000
UNIFORMS = [0.544737254931798, 0.47439204385578626, 0.9066354099808672]
OWN = [0.19932921625308253, 0.6682217453410423, 0.5747307234246276]
ORIGIN = 56999056


def own(seed: int = 1, replication: int = 0, stream: str = "frail", attribute: str = "stay") -> np.ndarray:
    return own_uniforms(Streams(seed, replication).people(stream, np.arange(PEOPLE)), attribute)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """In standard errors: about normal if there is none."""
    return float(np.corrcoef(one, other)[0, 1] * np.sqrt(one.size))


def test_numbers_stay_what_they_are() -> None:
    """If this fails, every figure ever published with this package is another one: say so in the changelog."""
    streams = Streams(seed=20261121, replication=3)
    assert streams.uniforms("frail/arrival", 3).tolist() == UNIFORMS
    assert own_uniforms(streams.people("frail", np.array([0, 1, 7])), "stay").tolist() == OWN
    assert origin_code("frail") == ORIGIN


def test_fewer_numbers_begin_alike() -> None:
    streams = Streams(1, 0)
    assert streams.uniforms("a", 1000)[:10].tolist() == streams.uniforms("a", 10).tolist()


def test_a_number_hangs_on_the_person_alone() -> None:
    everyone = own()
    few = np.array([5, 3, 150_000])
    assert own_uniforms(Streams(1, 0).people("frail", few), "stay").tolist() == everyone[few].tolist()


def test_open_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    class Zeros:
        def random(self, size: int) -> np.ndarray:
            return np.zeros(size)

    streams = Streams(1, 0)
    monkeypatch.setattr(streams, "generator", lambda name: Zeros())
    assert streams.uniforms("a", 2).tolist() == [SMALLEST, SMALLEST]
    monkeypatch.setattr("dischargesim.plan.streams._mixed", lambda bits: bits)
    all_bits = np.array([0, 2**64 - 1], dtype=np.uint64)
    monkeypatch.setattr("dischargesim.plan.streams._key", lambda name: 0)
    low, high = own_uniforms(all_bits, "a")
    assert 0 < low < 1e-15 and 1 - 1e-15 < high < 1


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
    keys = Streams(1, 0).people("frail", np.arange(2_000))
    table = np.array([own_uniforms(keys, f"task/{number}/work") for number in range(60)])
    z = np.corrcoef(table)[np.triu_indices(60, 1)] * np.sqrt(2_000)
    assert abs(z).max() < 4.6  # the largest of 1,770
    assert z.std() == pytest.approx(1, abs=0.06)


def test_grid() -> None:
    assert on_grid(np.array([0.1, np.inf])).tolist() == [round(0.1 * 2**20) / 2**20, np.inf]
    times = on_grid(np.random.default_rng(1).random(1000) * 1e5)
    assert (times[1:] + times[:-1] - times[:-1] == times[1:]).all()
