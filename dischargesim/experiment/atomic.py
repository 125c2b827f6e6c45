"""Files that are whole or not there, whatever happens while they are written."""

from __future__ import annotations

import errno
import os
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_SUFFIX = ".unfinished"
_OLD = 600.0
_TRIES = 5


class CannotWrite(OSError):
    """Something that could not be written; the text says what and why, in one line."""


def write(path: Path, data: bytes) -> None:
    """Write a file whole; see `write_with`."""
    write_with(path, lambda file: file.write(data))


def write_with(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Write a file under a temporary name, see that it is on the disk, and give it its name.

    A reader sees the old file or the new one, never a part; two processes that write the same file do not meet.

    Parameters
    ----------
    path : Path
    fill : callable
        Writes what the file is to hold; called again if the unfinished file is gone.

    Raises
    ------
    CannotWrite
        If the disk is full or the folder cannot be written to.
    """
    try:
        for attempt in range(_TRIES):
            try:
                _write_once(path, fill)
                return
            except (FileNotFoundError, PermissionError):
                # Another process took the unfinished file for a left-over, or (on Windows) is reading the old one.
                if attempt == _TRIES - 1 or not path.parent.is_dir():
                    raise
                time.sleep(0.05 * attempt)
    except OSError as error:
        raise CannotWrite(f"{path.parent}: cannot be written to: {why(error)}") from None


def _write_once(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}{_SUFFIX}")
    try:
        with temporary.open("xb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """See that the new name, too, is on the disk; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        # Some file systems of clusters do not know it.
        pass
    finally:
        os.close(handle)


def clear_left_overs(folder: Path) -> None:
    """Take away unfinished files of processes that were killed; not those of the last ten minutes, to be sure."""
    for path in folder.glob(f".*{_SUFFIX}"):
        try:
            if time.time() - path.stat().st_mtime > _OLD:
                path.unlink()
        except OSError:
            continue


def why(error: OSError) -> str:
    """The reason in plain words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC):
        return "the disk is full"
    if error.errno == errno.EFBIG:
        return "a file would be larger than is allowed here"
    return error.strerror or str(error) or type(error).__name__
