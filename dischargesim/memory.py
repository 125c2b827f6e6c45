"""Memory: kept from run to run, and seldom looked through for what can be given back."""

from __future__ import annotations

import atexit
import gc
from functools import cache

_SELDOM = 50_000
"""New objects after which Python looks for circles of them that nobody uses; otherwise it does after some hundreds."""


@cache
def keep_memory() -> None:
    """Keep memory that was freed, for the next arrays.

    glibc hands blocks of more than 128 KiB back to the system when they are freed, and takes them anew page by page,
    which costs a third of the time of drawing or measuring a year and a fifth of that of simulating it. Having freed
    one large block, it keeps smaller ones. Elsewhere this does nothing.
    """
    bytearray(30 * 2**20)


@cache
def collect_seldom() -> None:
    """Have Python look for unused objects less often, and not when the process ends.

    For a process that is all ours: a third of the time of a short command went into looking through a hundred and
    fifty thousand objects, those of the libraries, of which none is ever given back.
    """
    gc.set_threshold(_SELDOM)
    atexit.register(gc.freeze)
