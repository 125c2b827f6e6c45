"""Memory that is kept from run to run."""

from __future__ import annotations

from functools import cache

import numpy as np


@cache
def keep_memory() -> None:
    """Keep memory that was freed, for the next arrays.

    glibc hands blocks of more than 128 KiB back to the system when they are freed, and takes them anew page by page,
    which costs a third of the time of drawing or measuring a year and a fifth of that of simulating it. Having freed
    one large block, it keeps smaller ones. Elsewhere this does nothing.
    """
    np.empty(30 * 2**20, dtype=np.uint8)
