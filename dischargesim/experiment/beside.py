"""Tables that are made of results later on: in a folder of their own beside them, whole or not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dischargesim.experiment.atomic import CannotWrite, why
from dischargesim.experiment.cells import write_csv
from dischargesim.experiment.results import ResultsError, under_its_name

if TYPE_CHECKING:
    import pandas as pd


def write_tables(tables: Mapping[str, pd.DataFrame], name: str, results: Path, out: Path | None) -> Path:
    """Write tables into a new folder.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        By the name of their file, without its ending.
    name : str
        Of the folder, within the results; the first free one of ``name``, ``name-2``, ``name-3``, ...
    results : Path
        The results that the tables are made of.
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
    parent = results if out is None else out.parent
    unfinished = parent / f".unfinished-{name}-{os.getpid()}"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
        for file, table in tables.items():
            write_csv(table, unfinished / f"{file}.csv")
        return unfinished.rename(out) if out is not None else under_its_name(unfinished, parent, name)
    except OSError as error:
        raise CannotWrite(f"{parent}: cannot be written to: {why(error)}") from None
    except ResultsError as error:
        raise CannotWrite(str(error)) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def check_free(out: Path | None) -> None:
    """See that a folder is not there yet, before work is done for it.

    Raises
    ------
    CannotWrite
        If it is.
    """
    if out is not None and out.exists():
        raise CannotWrite(f"{out}: is there already; nothing is overwritten, so name another folder")
