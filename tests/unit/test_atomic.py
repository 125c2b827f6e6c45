"""Files are written whole or not at all, and what cannot be written is said in one line."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from dischargesim.experiment import atomic

OPEN_FILES_CAN_GO = pytest.mark.skipif(os.name != "posix", reason="nobody can take an open file away here")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_old_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "käse & more.txt"
    atomic.write(path, b"old")

    def fill(file: BinaryIO) -> None:
        file.write(b"half")
        assert path.read_bytes() == b"old"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        atomic.write_with(path, fill)
    assert path.read_bytes() == b"old" and names(tmp_path) == [path.name]
    atomic.write(path, b"new")
    assert path.read_bytes() == b"new" and names(tmp_path) == [path.name]


@OPEN_FILES_CAN_GO
def test_it_is_written_again_if_the_unfinished_file_is_taken_away(tmp_path: Path) -> None:
    path, tries = tmp_path / "result", []

    def fill(file: BinaryIO) -> None:
        file.write(b"whole")
        tries.append(file.name)
        if len(tries) == 1:
            Path(file.name).unlink()

    atomic.write_with(path, fill)
    assert len(set(tries)) == 2
    assert path.read_bytes() == b"whole" and names(tmp_path) == ["result"]


@OPEN_FILES_CAN_GO
def test_it_gives_up_when_the_unfinished_file_is_always_taken_away(tmp_path: Path) -> None:
    with pytest.raises(atomic.CannotWrite, match=f"^{re.escape(str(tmp_path))}: cannot be written to: No such file"):
        atomic.write_with(tmp_path / "result", lambda file: Path(file.name).unlink())
    assert names(tmp_path) == []


def test_a_folder_that_is_gone_is_not_tried_twice(tmp_path: Path) -> None:
    tries: list[BinaryIO] = []
    with pytest.raises(atomic.CannotWrite, match="gone: cannot be written to: No such file or directory"):
        atomic.write_with(tmp_path / "gone" / "result", tries.append)
    assert tries == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk(tmp_path: Path) -> None:
    def fill(_: BinaryIO) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(b"x")

    with pytest.raises(atomic.CannotWrite, match=r"cannot be written to: the disk is full$"):
        atomic.write_with(tmp_path / "result", fill)
    assert names(tmp_path) == []


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_larger_than_is_allowed(tmp_path: Path) -> None:
    with (
        pytest.raises(atomic.CannotWrite, match=r"a file would be larger than is allowed here$"),
        no_file_larger_than(1000),
    ):
        atomic.write(tmp_path / "result", bytes(5000))
    assert names(tmp_path) == []


def test_only_old_unfinished_files_are_cleared_away(tmp_path: Path) -> None:
    long_ago = time.time() - 2 * atomic._OLD
    for name in (f".a.1{atomic._SUFFIX}", f".b.2{atomic._SUFFIX}", f"c{atomic._SUFFIX}", ".d"):
        (tmp_path / name).write_bytes(b"")
        if name != f".b.2{atomic._SUFFIX}":
            os.utime(tmp_path / name, (long_ago, long_ago))
    folder = tmp_path / f".e{atomic._SUFFIX}"  # cannot be taken away like a file
    folder.mkdir()
    os.utime(folder, (long_ago, long_ago))
    atomic.clear_left_overs(tmp_path)
    assert names(tmp_path) == sorted([f".b.2{atomic._SUFFIX}", f"c{atomic._SUFFIX}", ".d", folder.name])


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space"), "the disk is full"),
        (OSError(errno.EACCES, "Permission denied"), "Permission denied"),
        (OSError("of its own"), "of its own"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_reasons(error: OSError, words: str) -> None:
    assert atomic.why(error) == words
