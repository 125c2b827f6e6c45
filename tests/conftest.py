"""Settings that all tests share."""

from __future__ import annotations

from hypothesis import settings

# The same examples on every run, and no limit of milliseconds: numba compiles inside the first example.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
