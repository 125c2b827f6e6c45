"""How replications are cut into batches: by their number alone, so that it is the same on every machine."""

from __future__ import annotations

MOST = 20
"""Replications in a batch, where nothing else is asked for."""
_BATCHES = 8


def batch_size(replications: int) -> int:
    """Replications in a batch: enough that handing it over costs little, few enough that all workers have some."""
    return min(max(replications // _BATCHES, 1), MOST)


def spans(replications: int, size: int, first: int = 0) -> list[tuple[int, int]]:
    """First replication and number of them of each batch, from `first` up to `replications`."""
    return [(at, min(size, replications - at)) for at in range(first, replications, size)]
