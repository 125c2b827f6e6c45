"""Tables that are made of results later on: in a folder of their own beside them, whole or not there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dischargesim import __version__
from dischargesim.experiment.atomic import CannotWrite, why
from dischargesim.experiment.cells import write_csv
from dischargesim.experiment.results import ResultsError, under_its_name

if TYPE_CHECKING:
    import pandas as pd


SOURCES = "made_from.json"


@dataclass(frozen=True, slots=True)
class MadeFrom:
    """What tables are made of, so that a report can be made of them later on.

    Attributes
    ----------
    results : sequence of Path
        Folders.
    baseline : str
        Label of the scenario that the others are held against, or of the only one.
    options : sequence of str
        Labels of the others.
    """

    results: Sequence[Path]
    baseline: str
    options: Sequence[str] = ()


def write_tables(tables: Mapping[str, pd.DataFrame], name: str, made_from: MadeFrom, out: Path | None) -> Path:
    """Write tables into a new folder.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        By the name of their file, without its ending.
    name : str
        Of the folder, within the first results; the first free one of ``name``, ``name-2``, ``name-3``, ...
    made_from : MadeFrom
    out : Path or None
        Another folder to write, which is not there yet.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    CannotWrite
        If it is there already, or cannot be written. Nothing is overwritten.
    """
    check_free(out)
    parent = made_from.results[0] if out is None else out.parent
    unfinished = parent / f".unfinished-{name}-{os.getpid()}"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
        for file, table in tables.items():
            write_csv(table, unfinished / f"{file}.csv")
        (unfinished / SOURCES).write_bytes(_facts(made_from, unfinished))
        return unfinished.rename(out) if out is not None else under_its_name(unfinished, parent, name)
    except OSError as error:
        raise CannotWrite(f"{parent}: cannot be written to: {why(error)}") from None
    except ResultsError as error:
        raise CannotWrite(str(error)) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _facts(made_from: MadeFrom, folder: Path) -> bytes:
    facts = {
        "dischargesim": __version__,
        "results": [_from(folder, path) for path in made_from.results],
        "baseline": made_from.baseline,
        "options": list(made_from.options),
    }
    return (json.dumps(facts, indent=2, ensure_ascii=False) + "\n").encode()


def _from(folder: Path, path: Path) -> str:
    """A path as seen from a folder, so that both can be moved together."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        # On another drive of a Windows computer.
        return path.resolve().as_posix()


def check_free(out: Path | None) -> None:
    """See that a folder is not there yet, before work is done for it.

    Raises
    ------
    CannotWrite
        If it is.
    """
    if out is not None and out.exists():
        raise CannotWrite(f"{out}: is there already; nothing is overwritten, so name another folder")
