"""The formulas of these tests against figures that others have worked out, and against each other."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from tests.theory.flows import chain_of, chain_scenario
from tests.theory.formulas import (
    State,
    Tandem,
    erlang_b,
    erlang_c,
    impatient,
    long_run,
    mean_wait,
    mean_waits_by_priority,
    mean_waits_one_server_by_priority,
    share_lost_with_fixed_patience,
    share_lost_with_room,
)


def test_erlang() -> None:
    """B(10, 5) and C(10, 5) as they stand in tables; one server is busy for the load."""
    assert erlang_b(10, 5.0) == pytest.approx(0.018385, abs=5e-7)
    assert erlang_c(10, 5.0) == pytest.approx(0.036105, abs=5e-7)
    assert erlang_c(1, 0.7) == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("name", "asked"), [("chain_a", (0.0044, 0.2796, 1.1394, 1.1344)), ("chain_b", (0.1801, 0.9462, 16.1514, 7.9460))]
)
def test_chains_that_others_have_solved(name: str, asked: tuple[float, ...]) -> None:
    assert np.round(astuple(chain_of(chain_scenario(name)).figures())[:4], 4) == pytest.approx(asked, abs=1e-9)


def test_a_line_by_hand() -> None:
    """One place and one place, equal rates, whoever finds it full is lost: five states, solved on paper."""
    figures = Tandem(1.0, 1.0, 1.0, 1.0, 1, 1).figures()
    assert astuple(figures)[:4] == pytest.approx((5 / 9, 1 / 4, 1 / 4, 1 / 9))


def test_a_line_whose_second_never_fills_is_a_queue() -> None:
    figures = Tandem(1.5, 2.0, 1.0, 1.0, 4, 60, room=120).figures()
    assert figures.mean_wait == pytest.approx(mean_wait(4, 1.5, 2.0), rel=1e-9)
    assert figures.blocked == pytest.approx(0, abs=1e-12)


def test_patience_without_end_or_beginning() -> None:
    assert impatient(4, 1.4, 2.0, 1e9).mean_wait == pytest.approx(mean_wait(4, 1.4, 2.0), rel=1e-5)
    assert impatient(4, 3.0, 2.0, 1e-9).share_lost == pytest.approx(erlang_b(4, 6.0), rel=1e-6)
    assert share_lost_with_fixed_patience(0.8, 1e-9) == pytest.approx(erlang_b(1, 0.8))


def test_patience_by_its_chain() -> None:
    def moves(state: State) -> dict[State, float]:
        (number,) = state
        return {(number + 1,): 3.2 * (number < 80), (number - 1,): min(number, 4) + max(number - 4, 0) / 0.5}

    share = long_run((0,), moves)
    queue = sum(p * max(number - 4, 0) for (number,), p in share.items())
    assert impatient(4, 3.2, 1.0, 0.5).mean_wait == pytest.approx(queue / 3.2)


def test_room_by_its_chain() -> None:
    def moves(state: State) -> dict[State, float]:
        (number,) = state
        return {(number + 1,): 3.3 * (number < 7), (number - 1,): float(min(number, 3))}

    assert share_lost_with_room(3, 4, 3.3) == pytest.approx(long_run((0,), moves)[7,])


def test_priorities_share_out_the_same_wait() -> None:
    """Kleinrock's conservation law: the waits weighted by the rates are those of a queue without priorities."""
    rates = [0.5, 0.9, 1.1]
    waits = mean_waits_by_priority(3, rates, 1.0)
    assert np.dot(rates, waits) / sum(rates) == pytest.approx(mean_wait(3, sum(rates), 1.0))
    assert mean_waits_by_priority(1, rates[:1], 0.5) == pytest.approx(
        mean_waits_one_server_by_priority(rates[:1], 0.5, 0.5)
    )
