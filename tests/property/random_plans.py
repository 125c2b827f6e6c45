"""Random plans made to hurt the engines: small, crowded, and with much happening at the same moment."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from dischargesim.plan.tables import FROM_ENTERING, FROM_READY, NONE, Plan
from tests.hand_plans import INF, NAN, PlanByHand

MINUTE = 1 / 1440
STEPS = (1.0, 0.25, 0.1)
"""Times are multiples of one of these: whole days and quarters tie exactly, tenths tie but for rounding."""


class Choices:
    """Where the numbers of a random plan come from: hypothesis, which shrinks them, or a seeded generator."""

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        raise NotImplementedError

    def of(self, *options: Any) -> Any:
        """One of the options; a failing plan shrinks towards the first."""
        return options[self.whole(0, len(options) - 1)]

    def maybe(self) -> bool:
        """Yes or no, with even odds."""
        return self.whole(0, 1) == 1


class Drawn(Choices):
    """Choices of hypothesis."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def whole(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))


class Seeded(Choices):
    """Choices of a generator: quicker, for many large plans."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def whole(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans of up to eight people, for hypothesis."""
    choose = Drawn(draw)
    return choose.of(random_plan, queueing_plan)(choose, most_people=8)


def random_plan(choose: Choices, most_people: int) -> Plan:
    """A plan that nothing in the contract rules out, however odd."""
    step = choose.of(*STEPS)
    by_hand = PlanByHand(horizon=step * choose.whole(0, 40))
    settings = [by_hand.setting(choose.whole(0, 4), _hours(choose, step)) for _ in range(choose.whole(1, 3))]
    teams = [by_hand.team(choose.whole(0, 2), _hours(choose, step)) for _ in range(choose.whole(0, 3))]
    for pool in range(len(settings) + len(teams)):
        for moment in sorted({choose.whole(1, 20) for _ in range(choose.whole(0, 3))}):
            by_hand.change(pool, moment * step, choose.whole(0, 4))
    by_hand.longest_ready_first(*(pool for pool in range(len(settings) + len(teams)) if choose.maybe()))
    for arrival in sorted(choose.whole(0, 20) for _ in range(choose.whole(0, most_people))):
        by_hand.person(arrival * step)
        _add_stays(choose, by_hand, step, already_in=arrival == 0 and choose.maybe())
    for moment in sorted(choose.whole(1, 20) for _ in range(choose.whole(0, 4))):
        by_hand.review(
            moment * step,
            choose.of(*settings),
            step=choose.whole(0, 2),
            most=choose.whole(0, 3),
            open_waiting=choose.whole(0, 3),
            close_waiting=choose.whole(0, 2),
            open_share=choose.of(INF, 0.5, 1.0),
            close_share=choose.of(INF, 0.5, 0.0),
        )
    return by_hand.plan()


def queueing_plan(choose: Choices, most_people: int) -> Plan:
    """A plan in which people of few priorities wait for little else than their turn, ready for longer or less long."""
    step = choose.of(*STEPS)
    by_hand = PlanByHand(horizon=40 * step)
    ward = by_hand.setting(most_people)
    places = [by_hand.setting(choose.whole(1, 3)) for _ in range(choose.whole(1, 2))]
    teams = [by_hand.team(1, _hours(choose, step) if choose.maybe() else None) for _ in range(choose.whole(1, 2))]
    by_hand.longest_ready_first(*(pool for pool in range(len(by_hand.settings) + len(teams)) if choose.maybe()))
    for place in places:
        by_hand.change(place, step * choose.whole(1, 20), choose.whole(0, 3))
    number = choose.whole(most_people // 2, most_people)
    for arrival in sorted(choose.of(0, choose.whole(0, 20)) for _ in range(number)):
        by_hand.person(arrival * step)
        entered = -step * choose.whole(0, 6) if arrival == 0 and choose.maybe() else NAN
        priority = choose.of(0, 0, 0, 1)
        stay = by_hand.stay(ward, step * choose.whole(0, 9), next=len(by_hand.stays) + 1, entered=entered)
        for _ in range(choose.whole(1, 2)):
            work = choose.of(step, step / 2, 2 * step)
            starts = step * choose.of(0, choose.whole(-6, 6))
            by_hand.task(stay, work, choose.of(*teams, NONE), anchor=FROM_READY, starts=starts, priority=priority)
        alike = {"units": choose.of(1, 1, 2), "priority": priority}
        patience = choose.of(INF, INF, step * choose.whole(0, 9))
        instead = choose.of(NONE, stay + 2)
        by_hand.stay(choose.of(*places), step * choose.whole(1, 4), patience=patience, otherwise=instead, **alike)
        if instead != NONE:
            by_hand.stay(choose.of(ward, *places), step * choose.whole(1, 4), **alike)
    return by_hand.plan()


def _add_stays(choose: Choices, by_hand: PlanByHand, step: float, already_in: bool) -> None:
    first = len(by_hand.stays)
    number = choose.whole(1, 4)
    for stay in range(first, first + number):
        later = range(stay + 1, first + number)
        by_hand.stay(
            choose.whole(0, len(by_hand.settings) - 1),
            choose.of(0.0, step, 2 * step, step * choose.whole(0, 9), INF),
            units=choose.of(1, 1, 2, 0, 3),
            priority=choose.of(0, 0, 1, -3, 100_000 * choose.whole(-3, 3)),
            patience=choose.of(INF, INF, 0.0, step * choose.whole(0, 6)),
            next=choose.of(NONE, *later, *later[:2]),
            otherwise=choose.of(NONE, *later),
            entered=-step * choose.whole(0, 6) if already_in and stay == first else NAN,
        )
        first_task = len(by_hand.tasks)
        for task in range(first_task, first_task + choose.of(0, 1, 2, 4)):
            by_hand.task(
                stay,
                choose.of(0.0, step, step * choose.whole(0, 6), MINUTE),
                choose.of(NONE, *range(len(by_hand.teams))),
                after=choose.of(NONE, *range(first_task, task)),
                starts=choose.of(0.0, step * choose.whole(-4, 6)),
                anchor=choose.of(FROM_ENTERING, FROM_READY),
                priority=choose.of(0, 0, 1, -2),
            )


def _hours(choose: Choices, step: float) -> list[tuple[float, float]] | None:
    """Opening hours: none (always open), never open, or open for minutes or longer, now and then."""
    if choose.maybe():
        return None
    hours, moment = [], step * choose.whole(0, 2)
    for _ in range(choose.whole(0, 8)):
        length = choose.of(step, MINUTE, step / 2, 3 * step)
        hours.append((moment, moment + length))
        moment += length + step * choose.of(1, 0.5, 2)
    if hours and choose.whole(0, 3) == 3:
        hours[-1] = (hours[-1][0], INF)
    return hours
