"""The contract between the plan, the engines and the measures.

A `Plan` is everything that will happen to everyone, except the waiting: flat tables of numpy columns,
every random number already drawn. An engine reads it and returns `Times`, the same rows with the waiting
added. The rules that both engines keep are written out in docs/engines.md; this module says what the
columns mean.

All times are days since the start of the run. `NONE` (-1) in a column of row numbers means "no such row";
NaN in a column of times means "has not happened by the horizon".
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dischargesim.scenario.schema import Scenario

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

NONE = -1
"""No such row: the last stay of a journey, a task with no task before it, a delay with no team."""

FROM_ENTERING = 0
"""Anchor of a task whose `starts` counts from entering the stay."""
FROM_READY = 1
"""Anchor of a task whose `starts` counts from the moment the person is ready to leave the stay."""

UNLIMITED = 2**62
"""Capacity of a pool that never fills."""


class PlanError(ValueError):
    """The tables of a plan contradict each other."""


def _no_rows() -> Rows:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class People:
    """One row a person, in order of arrival.

    Attributes
    ----------
    arrival : float64
        Days since the start, ascending. People who are in the system when the run starts (a census) have 0.
    first : int32
        Row of the stay the person asks for on arrival.
    cohort : int32
        Index into ``scenario.cohorts`` (measures only).
    locality : int32
        Index into the scenario's localities, 0 where it has none (measures only).
    origin : int32
        Which stream the person comes from (a code of its name): with `number`, the same person in another scenario.
    number : int64
        Number of the person within that stream.
    needed : int32
        Index of the pathway the person needs, which may be lower than the one they are sent to.
    age_band, deprivation : int32
        Index into the bands that the person's cohort names; `NONE` where it names none.
        `needed`, `age_band` and `deprivation` are empty in a plan that was not drawn from a scenario.
    """

    arrival: Floats
    first: Rows
    cohort: Rows
    locality: Rows
    origin: Rows
    number: Counts
    needed: Rows = field(default_factory=_no_rows)
    age_band: Rows = field(default_factory=_no_rows)
    deprivation: Rows = field(default_factory=_no_rows)


@dataclass(frozen=True, slots=True)
class Stays:
    """One row for each time a person would spend in one setting.

    Attributes
    ----------
    person : int32
        Row of the person.
    setting : int32
        Pool that holds the person, ``0 <= setting < pools.settings``.
    units : int32
        Units of that pool that the stay occupies (1 bed, 4 visits a day), at least 0.
    need : float64
        Days from entering until clinically ready to leave; inf: never leaves.
    priority : int32
        Smaller is let in first; equal priorities in order of asking, or of being ready (`Pools`).
    patience : float64
        Days the person will wait to be let in, counted from the moment they are ready to come: arrival for a
        first stay, the `ready` of the stay before for a later one, the refusal for an `otherwise`. inf: for
        ever. 0: at once or not at all. It may end before the place is asked for, while tasks are open; not,
        though, if `otherwise` is in another setting than the stay before: then it ends when they are done.
    next : int32
        Stay that follows this one; `NONE` leaves the system.
    otherwise : int32
        Stay that is tried when patience ends; `NONE` gives up (and leaves the stay before, if any).
    entered : float64
        NaN, or for the first stay of people already in at the start: when they entered (0 or earlier).
    label, refusal, pathway, spell, service, permanent, attribution
        For the measures only. `label` says what the stay is (`codes.Label`), `refusal` what the end of its
        patience means (`codes.Refusal`), `pathway` is the index of the discharge pathway the person is on or
        `NONE`, `spell` the row of the stay with which an unbroken run of stays in one setting begins (its own
        row unless the stay is a swap), `service` the index of the admission-avoidance service or `NONE`,
        `permanent` 1 for a permanent move, `attribution` a uniform number in (0, 1) that assigns its delayed
        days to NHS, social care or both.
    """

    person: Rows
    setting: Rows
    units: Rows
    need: Floats
    priority: Rows
    patience: Floats
    next: Rows
    otherwise: Rows
    entered: Floats
    label: Rows
    refusal: Rows
    pathway: Rows
    spell: Rows
    service: Rows
    permanent: Rows
    attribution: Floats


@dataclass(frozen=True, slots=True)
class Tasks:
    """One row for each piece of discharge work that a stay needs before the person can leave it.

    Attributes
    ----------
    stay : int32
        Row of the stay; the rows of `tasks` are sorted by it.
    kind : int32
        Index into the scenario's tasks (measures only).
    team : int32
        Number of the team (its pool is ``pools.settings + team``), or `NONE` for a plain delay.
    work : float64
        Days of the team's working time, or elapsed days where `team` is `NONE`.
    after : int32
        Row of the task of the same stay that must be done before this one is queued, or `NONE`. Always a
        smaller row number than its own.
    starts : float64
        Earliest moment the task may be queued, in days from the anchor; may be negative for an anchor of
        `FROM_READY` (planning ahead). Never before entering.
    anchor : int32
        `FROM_ENTERING` or `FROM_READY`.
    priority : int32
        Smaller is taken up first; equal priorities in order of queueing, or of being ready (`Pools`).
    """

    stay: Rows
    kind: Rows
    team: Rows
    work: Floats
    after: Rows
    starts: Floats
    anchor: Rows
    priority: Rows


@dataclass(frozen=True, slots=True)
class Pools:
    """What is limited: settings (places) first, then teams (staff), and the hours they keep.

    Attributes
    ----------
    settings : int
        How many of the pools are settings; the rest are teams.
    names : tuple of str
        One a pool.
    calendar : int32
        One a pool: index of its calendar, or `NONE` for always open. A setting's calendar holds its move-in
        hours, a team's its working hours.
    longest_ready_first : bool
        One a pool: people of equal priority wait for it in order of the moment at which they became, or will become,
        ready (docs/engines.md); otherwise in order of asking.
    change_time, change_pool, change_capacity : float64, int32, int64
        The capacity schedule, sorted by time, then pool. Every pool has exactly one row at time 0 that gives
        the capacity it starts with. Capacity may fall below what is in use: nobody is thrown out.
    calendar_start : int32
        Calendar ``c`` is intervals ``calendar_start[c]`` up to ``calendar_start[c + 1]``.
    opens, closes : float64
        The open intervals ``[opens, closes)`` of all calendars, ascending and not touching within each, each
        longer than nothing. The last one of a calendar may close at inf; past the last nothing opens.
    """

    settings: int
    names: tuple[str, ...]
    calendar: Rows
    longest_ready_first: Flags
    change_time: Floats
    change_pool: Rows
    change_capacity: Counts
    calendar_start: Rows
    opens: Floats
    closes: Floats


@dataclass(frozen=True, slots=True)
class Reviews:
    """Escalation beds: moments at which a setting's waits and occupancy are looked at. One row a review.

    At a review of a setting with ``extra`` escalation beds open (0 at the start), capacity ``c`` (schedule
    plus extra), ``w`` people waiting and ``u`` units in use: if ``w >= open_waiting`` or
    ``u >= open_share * c``, extra becomes ``min(extra + step, most)``; otherwise, if ``w <= close_waiting``
    and ``u <= close_share * c``, it becomes ``max(extra - step, 0)``.

    Attributes
    ----------
    time : float64
        Ascending, greater than 0.
    setting : int32
    step, most : int64
        Beds opened or closed at a time; the most that may be open.
    open_waiting, close_waiting : int64
        People waiting.
    open_share, close_share : float64
        Units in use as a share of the capacity now; inf for "never on this ground".
    """

    time: Floats
    setting: Rows
    step: Counts
    most: Counts
    open_waiting: Counts
    close_waiting: Counts
    open_share: Floats
    close_share: Floats


@dataclass(frozen=True, slots=True)
class RateEffects:
    """People whom a rate ratio from evidence keeps away or adds: they are counted, and take no part otherwise.

    Attributes
    ----------
    names : tuple of (str, str)
        Cohort and effect.
    effect : int32
        Index into `names`, one a person.
    time : float64
        When the person would have come, or comes.
    change : int32
        -1: kept away; 1: added (and then also one of the plan's people).
    """

    names: tuple[tuple[str, str], ...]
    effect: Rows
    time: Floats
    change: Rows


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that will happen to everyone in one replication, except the waiting.

    Attributes
    ----------
    horizon : float
        Days; what happens at the horizon itself still counts, what happens later does not.
    people, stays, tasks, pools, reviews
        The tables.
    scenario : Scenario or None
        Where the plan came from; the engines do not look at it, the measures do.
    replication : int
        Number of the replication.
    rate_effects : RateEffects or None
        For the measures only.
    """

    horizon: float
    people: People
    stays: Stays
    tasks: Tasks
    pools: Pools
    reviews: Reviews
    scenario: Scenario | None = field(default=None, repr=False)
    replication: int = 0
    rate_effects: RateEffects | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """What an engine adds to a plan: when everything happened. Same rows as the plan's tables.

    Attributes
    ----------
    asked, granted, entered, ready, cleared, left, refused : float64, one a stay
        Asked for a place; was given one (it is held from now on); came in (later than granted only where the
        setting has move-in hours); became clinically ready; had all tasks done and was ready; left (for the
        next stay or the system); gave up waiting to be let in.
    queued, started, done : float64, one a task
        Put in the team's queue (or begun, for a plain delay); taken up; finished.
    extra : int64, one a review
        Escalation beds open after the review; -1 if the horizon came first.
    """

    asked: Floats
    granted: Floats
    entered: Floats
    ready: Floats
    cleared: Floats
    left: Floats
    refused: Floats
    queued: Floats
    started: Floats
    done: Floats
    extra: Counts

    @classmethod
    def empty(cls, plan: Plan) -> Times:
        """Times in which nothing has happened yet, for an engine to fill."""
        stays, tasks = plan.stays.person.size, plan.tasks.stay.size
        sizes = {"queued": tasks, "started": tasks, "done": tasks}
        columns = {f.name: np.full(sizes.get(f.name, stays), np.nan) for f in fields(cls) if f.name != "extra"}
        return cls(**columns, extra=np.full(plan.reviews.time.size, -1, dtype=np.int64))
