"""Everyone in order of arrival, each with numbers of their own."""

from __future__ import annotations

import numpy as np

from dischargesim.plan.arrivals import Source
from dischargesim.plan.population import Population
from dischargesim.plan.streams import Streams, origin_code, stream_code
from tests.worlds import world


def population(*sources: Source) -> Population:
    return Population(world(), Streams(1, 0), list(sources))


def source(stream: str, *arrival: float, cohort: str = "frail", number: tuple[int, ...] = ()) -> Source:
    return Source(cohort, stream, np.array(number or range(len(arrival))), np.array(arrival))


def test_in_order_of_arrival() -> None:
    people = population(source("a", 3.0, 5.0), source("b", 1.0, 3.0, 9.0, cohort="other"))
    assert people.size == 5
    assert people.arrival.tolist() == [1, 3, 3, 5, 9]
    assert people.cohort.tolist() == [1, 0, 1, 0, 1]
    assert people.number.tolist() == [0, 0, 1, 1, 2]
    a, b = origin_code(np.array([stream_code("a"), stream_code("b")], dtype=np.uint64))
    assert people.origin.tolist() == [b, a, b, a, b]


def test_numbers_follow_the_person() -> None:
    """Whoever else comes, and whenever: the same person has the same numbers."""
    alone = population(source("a", 3.0, 5.0, 6.0))
    late = population(source("b", 1.0), source("a", 4.0, 8.0, number=(0, 2)))
    expected = alone.uniform("x")[[0, 2]]
    assert late.uniform("x")[[1, 2]].tolist() == expected.tolist()
    assert late.uniform("x", np.array([2])).tolist() == expected[1:].tolist()


def test_streams_and_attributes_differ() -> None:
    people = population(source("a", 1.0), source("b", 2.0))
    first, second = people.uniform("x")
    assert first != second
    assert people.uniform("y")[0] != first


def test_nobody() -> None:
    people = population()
    assert people.size == 0 and people.uniform("x").size == 0
