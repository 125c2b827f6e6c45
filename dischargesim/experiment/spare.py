"""A second copy of the scenarios of a sweep in one file, as no batch can be made again without its scenario."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

_SCENARIO = re.compile(r"([0-9a-f]{16})\.yaml")


def packed(scenarios: Mapping[str, bytes]) -> bytes:
    """The scenarios as one file; the same scenarios give the same bytes.

    Parameters
    ----------
    scenarios : mapping of str to bytes
        Their YAML by key.
    """
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for key, text in scenarios.items():
            # Its date is that of no day: the time of writing would make the bytes differ.
            archive.writestr(ZipInfo(f"{key}.yaml"), text, ZIP_DEFLATED)
    return file.getvalue()


def unpacked(path: Path) -> dict[str, bytes]:
    """What is in a file of `packed`, by key; nothing where the file is lost or damaged itself."""
    try:
        with ZipFile(path) as archive:
            return {match[1]: archive.read(name) for name in archive.namelist() if (match := _SCENARIO.fullmatch(name))}
    except (OSError, BadZipFile, EOFError, NotImplementedError, zlib.error):
        return {}
