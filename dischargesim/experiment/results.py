"""The results folder: whole or not there, never overwritten, the same bytes for the same run."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from dischargesim import __version__
from dischargesim.experiment.cells import write_csv
from dischargesim.experiment.growth import Growing, growing, no_steady_state, too_short_to_tell
from dischargesim.experiment.key import resolved_yaml, scenario_hash
from dischargesim.experiment.tables import Summary
from dischargesim.scenario.places import placed_settings
from dischargesim.scenario.schema import Scenario

PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "pydantic", "simpy", "numba", "hydra-core", "omegaconf", "holidays")
"""Packages whose versions could change a figure."""
_LONGEST_NAME = 60


class ResultsError(OSError):
    """A results folder that cannot be written; the text says why."""


@contextmanager
def results_folder(root: Path, scenario: Scenario, now: datetime) -> Iterator[ResultsFolder]:
    """A folder that appears under its name when the block ends well, and not at all when it does not.

    Parameters
    ----------
    root : Path
        Folder that holds the results of all runs; made if need be.
    scenario : Scenario
        Gives the name.
    now : datetime
        Gives the rest of the name.

    Raises
    ------
    ResultsError
        If nothing can be written there.
    """
    made = [folder for folder in (root, *root.parents) if not folder.exists()]
    name = f"{scenario.short_name[:_LONGEST_NAME]}-{now:%Y%m%d-%H%M%S}"
    unfinished = root / f".unfinished-{name}-{os.getpid()}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
    except OSError as error:
        _take_away(made)
        raise ResultsError(f"{root}: cannot be written to: {error.strerror or error}") from None
    folder = ResultsFolder(unfinished)
    try:
        yield folder
        folder.path = under_its_name(unfinished, root, name)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        _take_away(made)
        raise


class ResultsFolder:
    """Where the files of a run go. Its `path` is final once the block of `results_folder` has ended."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(
        self,
        result: Summary,
        *,
        started: datetime,
        warnings: Sequence[str],
        given: Sequence[str],
        appraisal: Mapping[str, Any] | None = None,
    ) -> None:
        """Write all files of a run.

        Parameters
        ----------
        result : Summary
            What was run.
        started : datetime
            When.
        warnings : sequence of str
            What the reader should know.
        given : sequence of str
            What was asked for on the command line.
        appraisal : mapping, optional
            Settings of the appraisal that a report of it takes; none if left out.
        """
        write_csv(result.measures, self.path / "measures.csv")
        write_csv(result.daily, self.path / "daily.csv")
        _write_text(self.path / "resolved.yaml", resolved_yaml(result.scenario))
        facts = provenance(result, started=started, warnings=warnings, given=given) | {"appraisal": appraisal}
        _write_text(self.path / "provenance.json", json.dumps(facts, indent=2, ensure_ascii=False) + "\n")


def provenance(
    result: Summary, *, started: datetime, warnings: Sequence[str] = (), given: Sequence[str] = ()
) -> dict[str, Any]:
    """Where results come from: version, scenario, seed, machine, time, warnings, and who is still in at the end.

    The queues that grow are named here and among the warnings; None stands for a run too short to tell.
    """
    scenario = result.scenario
    settings = zip(placed_settings(scenario), result.present.tolist(), result.waiting.tolist(), strict=False)
    queues = growing(result.measures, scenario.run.days)
    unsteady = no_steady_state(scenario, queues, result.replications)
    return {
        "dischargesim": __version__,
        "system": scenario.system.name,
        "scenario": scenario.scenario.name,
        "scenario_sha256": scenario_hash(scenario),
        "overrides": list(given),
        "seed": scenario.run.seed,
        "replications": result.replications,
        "first_counted_day": scenario.start_date.isoformat(),
        "counted_days": scenario.run.days,
        "warm_up_days": scenario.run.warm_up_days,
        "engine": result.engine,
        "workers": result.workers,
        "started": started.astimezone().isoformat(timespec="seconds"),
        "run_seconds": round(result.seconds, 3),
        "people_a_replication": result.people,
        "still_in_at_the_end": {name: {"present": p, "waiting_for_a_place": w} for name, p, w in settings},
        "growing_queues": None if too_short_to_tell(scenario) else [queue_facts(queue) for queue in queues],
        "warnings": [*warnings, *([unsteady] if unsteady else [])],
        **surroundings(),
    }


def surroundings() -> dict[str, Any]:
    """Machine, Python and packages."""
    return {
        "machine": {"system": platform.platform(), "processor": platform.machine(), "cores": os.cpu_count()},
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
    }


def queue_facts(queue: Growing) -> dict[str, Any]:
    """A growing queue for JSON, which has no NaN."""
    known = not np.isnan(queue.lower)
    between = {"lower": queue.lower, "upper": queue.upper} if known else {"lower": None, "upper": None}
    return {queue.kind: queue.name, "a_week": queue.a_week, **between, "mean_queue": queue.queue}


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8"))


def under_its_name(unfinished: Path, root: Path, name: str) -> Path:
    """Rename a folder to the first free name, and give its path: a second run within a second gets -2."""
    for number in range(1, 10_000):
        path = root / (name if number == 1 else f"{name}-{number}")
        if path.exists():
            continue
        try:
            return unfinished.rename(path)
        except OSError:
            # Somebody else took the name in between, or the folder is gone.
            if not path.exists():
                raise
    raise ResultsError(f"{root}: too many folders {name}")


def _take_away(made: Sequence[Path]) -> None:
    """Remove folders that were made for this run and are empty, the deepest first."""
    for folder in made:
        try:
            folder.rmdir()
        except OSError:
            return


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
