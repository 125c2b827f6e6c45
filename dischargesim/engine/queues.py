"""Queues, for the compiled engine: a linked list for each pool and priority, threaded through the records.

In most pools people join at the end. In one that takes whoever has been ready for longest first, they join behind the
last who has been ready for as long or longer: nearly always near the end, if not the head of a queue of some hundred
is soon found from the other.
"""

from __future__ import annotations

from dischargesim.engine.agenda import NONE, Index, Number, Records, Row, inlined
from dischargesim.engine.columns import PoolColumns, State
from dischargesim.plan.tables import Floats


@inlined
def join(
    pools: PoolColumns, state: State, pool: Index, records: Records, ready: Floats, member: Index, since: Number
) -> None:
    """`Model.join`: a pool's queue, of which `member` is one of the `records`, and `ready` what they are ordered by."""
    rank = records[member].rank
    place = Row(pool * state.ranks + rank)
    records[member].behind = NONE
    if state.head[place] == NONE:
        state.head[place] = member
        state.tail[place] = member
        state.lowest[pool] = min(state.lowest[pool], rank)
        if pools.longest_ready_first[pool]:
            ready[member] = since
        return
    if pools.longest_ready_first[pool]:
        ready[member] = since
        if since < ready[state.tail[place]]:
            overtake(state, place, records, ready, member)
            return
    records[state.tail[place]].behind = member
    state.tail[place] = member


@inlined
def overtake(state: State, place: Index, records: Records, ready: Floats, member: Index) -> None:
    """Join before the first who has been ready for less long; the last of the queue is one."""
    since = ready[member]
    following = state.head[place]
    if since < ready[following]:
        state.head[place] = member
    else:
        before = following
        following = records[before].behind
        while not since < ready[following]:
            before = following
            following = records[before].behind
        records[before].behind = member
    records[member].behind = following


@inlined
def first_place(state: State, pool: Index) -> Index:
    """Place in `state.head` of the head of a pool's queue, or `NONE` if nobody waits."""
    rank: Index = state.lowest[pool]
    while rank < state.ranks and state.head[Row(pool * state.ranks + rank)] == NONE:
        rank = Row(rank + 1)
    state.lowest[pool] = rank
    return Row(pool * state.ranks + rank) if rank < state.ranks else NONE
