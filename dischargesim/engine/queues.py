"""Queues, for the compiled engine: a linked list for each pool and priority, threaded through the records.

People join at the end and leave at the head. Where whoever has been ready for longest comes first, they go forward
from the end, past those who have been ready for less long. That is not far, however long the queue: people mostly ask
in about the order in which they became ready.
"""

from __future__ import annotations

from dischargesim.engine.agenda import NONE, Index, Number, Records, Row, inlined
from dischargesim.engine.columns import Order, PoolColumns, State


@inlined
def join(
    pools: PoolColumns, state: State, pool: Index, records: Records, order: Order, member: Index, since: Number
) -> None:
    """`Model.join`: `member` is the row, of the stays or of the tasks, whose `records` and `order` are given."""
    rank = records[member].rank
    place = Row(pool * state.ranks + rank)
    ahead = state.tail[place]
    if state.head[place] == NONE:
        ahead = NONE
        state.lowest[pool] = min(state.lowest[pool], rank)
    if pools.longest_ready_first[pool]:
        ahead = go_forward(order, state.head[place], ahead, since)
        order.since[member] = since
        order.ahead[member] = ahead
    following = NONE
    if ahead == NONE:
        following = state.head[place]
        state.head[place] = member
    else:
        following = records[ahead].behind
        records[ahead].behind = member
    records[member].behind = following
    if following == NONE:
        state.tail[place] = member
    else:
        order.ahead[following] = member


@inlined
def go_forward(order: Order, head: Index, last: Index, since: Number) -> Index:
    """Who is the last of a queue to have been ready for as long or longer; `NONE` if nobody is."""
    at = last
    while at != NONE and since < order.since[at]:
        at = NONE if at == head else Row(order.ahead[at])
    return at


@inlined
def first_place(state: State, pool: Index) -> Index:
    """Place in `state.head` of the head of a pool's queue, or `NONE` if nobody waits."""
    rank: Index = state.lowest[pool]
    while rank < state.ranks and state.head[Row(pool * state.ranks + rank)] == NONE:
        rank = Row(rank + 1)
    state.lowest[pool] = rank
    return Row(pool * state.ranks + rank) if rank < state.ranks else NONE
