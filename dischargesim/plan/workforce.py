"""Workforce: posts filled and vacant, people leaving and recruited month by month, and sickness."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from dischargesim.plan.streams import Streams
from dischargesim.scenario.resources import Workforce

Schedule = list[tuple[float, int]]


def staff_present(
    workforce: Workforce, streams: Streams, name: str, first: date, horizon: int
) -> list[tuple[float, float]]:
    """Whole-time equivalents in post and not ill, from each month on.

    Each month a binomial number of the staff leaves and a Poisson number is recruited, no more than there are
    vacant posts. Each month has a stream of its own, so that a changed rate changes no other month's luck.

    Parameters
    ----------
    workforce : Workforce
    streams : Streams
    name : str
        Of whom, for the streams.
    first : date
        Date of day 0.
    horizon : int
        Days.

    Returns
    -------
    list of (float, float)
        Day from which it holds, and whole-time equivalents.
    """
    filled = round(workforce.posts * (1 - workforce.vacancy))
    leaving = 1 - max(1 - workforce.turnover_a_year, 0.001) ** (1 / 12)
    present = [(0.0, filled * (1 - workforce.sickness))]
    day = first
    for month in count(1):
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        offset = (day - first).days
        if offset > horizon:
            break
        generator = streams.generator(f"workforce/{name}/{month}")
        # Drawn first, so that the same people apply however many posts are filled.
        applying = int(generator.poisson(workforce.recruited_a_month))
        filled -= int(generator.binomial(filled, leaving))
        filled += min(applying, workforce.posts - filled)
        present.append((float(offset), filled * (1 - workforce.sickness)))
    return present


def reduce_by_workforce(
    schedule: Schedule, workforce: Workforce, streams: Streams, name: str, first: date, horizon: int
) -> Schedule:
    """The capacity that is left of a schedule when posts are vacant and staff ill, rounded down.

    Parameters
    ----------
    schedule : list of (float, int)
        Capacity from each day on, with all posts filled and nobody ill.
    workforce, streams, name, first, horizon
        As in `staff_present`.

    Returns
    -------
    list of (float, int)
    """
    present = staff_present(workforce, streams, name, first, horizon)
    out: Schedule = []
    capacity_from, staff_from = dict(schedule), dict(present)
    full, staff = schedule[0][1], present[0][1]
    for day in sorted(capacity_from | staff_from):
        full, staff = capacity_from.get(day, full), staff_from.get(day, staff)
        # A hair above: 10 posts of 10 must give all of the capacity in spite of rounding.
        capacity = int(full * staff / workforce.posts + 1e-9)
        if not out or out[-1][1] != capacity:
            out.append((day, capacity))
    return out
