"""Memory that is kept, and garbage that is seldom looked for: each in a process of its own, as both hold for good."""

from __future__ import annotations

import gc
import platform
import subprocess
import sys

import pytest

from dischargesim.experiment.local_executors import Processes

FAULTS = """
import resource
import numpy as np
from dischargesim.memory import keep_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        blocks = [np.ones(2**20, dtype=np.uint8) for _ in range(20)]
        del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

print(faults(), end=" ")
keep_memory()
faults()
print(faults())
"""

COLLECTS = """
import atexit, gc, sys
from dischargesim import cli
sys.argv = ["dischargesim", "--version"]
before = gc.get_threshold()[0]
assert cli.program() == 0
atexit._run_exitfuncs()
print(gc.get_threshold()[0] > before, gc.get_freeze_count() > 1000)
"""


def told(code: str) -> list[str]:
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return out.splitlines()[-1].split()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives such blocks back each time")
def test_blocks_that_were_freed_are_not_taken_anew_page_by_page() -> None:
    before, after = map(int, told(FAULTS))
    assert before > 10 * 20 * 100  # of 256 pages each
    assert after < 100


def test_a_worker_of_our_own_seldom_looks_for_garbage() -> None:
    pool = Processes(1)
    try:
        assert pool.submit(gc.get_threshold).result() > gc.get_threshold()
    finally:
        pool.shutdown()


def test_a_program_of_our_own_seldom_looks_for_garbage_and_not_at_its_end() -> None:
    assert told(COLLECTS) == ["True", "True"]
