"""The store: a folder with one parquet file a batch of replications, that survives whatever happens to a sweep."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dischargesim import __version__
from dischargesim.experiment import atomic
from dischargesim.experiment.batch import Batch, Floats
from dischargesim.experiment.batch_file import Damaged, read_batch
from dischargesim.experiment.cells import from_cell, to_cell
from dischargesim.experiment.key import as_yaml, batch_key, resolved_yaml
from dischargesim.experiment.spare import packed, unpacked
from dischargesim.experiment.worker import Work
from dischargesim.scenario.load import load_scenario_file
from dischargesim.scenario.problems import ScenarioError
from dischargesim.scenario.schema import Scenario
from dischargesim.scenario.yaml_reader import YamlError, read_yaml_file

SWEEP, POINTS, INDEX, PROVENANCE = "sweep.yaml", "points.csv", "index.parquet", "provenance.json"
SCENARIOS, BATCHES = "scenarios", "batches"
SPARE = "scenarios.zip"
"""A second copy of the scenarios, as no batch can be made again without its scenario."""
UNFINISHED = "UNFINISHED.txt"
"""Stands in the folder of a sweep until all of it is there."""
_BATCH = re.compile(r"([0-9a-f]{16})-([0-9]{1,9})-([0-9]{1,9})\.parquet")
_FIRST, _LAST = ["label"], ["key", "replications", "status"]


class StoreError(ValueError):
    """A results folder that cannot be used; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Point:
    """One of the scenarios of a sweep.

    Attributes
    ----------
    label : str
        Short, and unlike that of any other point.
    varied : dict of str to str
        What makes it differ, such as ``{"settings.acute.capacity": "800"}``.
    key : str
        As `key.batch_key`; two points with the same scenario have the same.
    replications : int
        How many count: the first so many.
    status : {"done", "failed", "unfinished"}
    """

    label: str
    varied: dict[str, str]
    key: str
    replications: int = 0
    status: str = "unfinished"


@dataclass
class Store:
    """A folder of results: of a sweep, or of a single run.

    Attributes
    ----------
    path : Path
    points : list of Point
        In the order of the sweep.
    asked : dict
        What sweep.yaml says; nothing for a single run.
    mended : list of str
        Lines that name what was lost or damaged and has been made again.
    """

    path: Path
    points: list[Point]
    asked: dict[str, Any] = field(default_factory=dict)
    mended: list[str] = field(default_factory=list)
    _scenarios: dict[str, Scenario] = field(default_factory=dict, repr=False)
    _there: dict[str, set[tuple[int, int]]] = field(default_factory=dict, repr=False)

    @classmethod
    def create(
        cls,
        path: Path,
        points: Sequence[Point],
        scenarios: Mapping[str, Scenario],
        asked: Mapping[str, Any] | None = None,
    ) -> Store:
        """Lay out a new store in an empty folder.

        Parameters
        ----------
        path : Path
            The folder, which is there and empty.
        points : sequence of Point
        scenarios : mapping of str to Scenario
            By key.
        asked : mapping, optional
            What was asked for, as plain data: the sweep goes on from there after an interruption.
        """
        store = cls(path, list(points), dict(asked or {}), _scenarios=dict(scenarios))
        try:
            (path / SCENARIOS).mkdir()
            (path / BATCHES).mkdir()
        except OSError as error:
            raise atomic.CannotWrite(f"{path}: cannot be written to: {atomic.why(error)}") from None
        for key, scenario in scenarios.items():
            atomic.write(path / SCENARIOS / f"{key}.yaml", resolved_yaml(scenario).encode())
        store.write_points()
        if asked is not None:
            atomic.write(path / SPARE, packed({key: resolved_yaml(one).encode() for key, one in scenarios.items()}))
            planned = [{"label": point.label, "varied": point.varied, "key": point.key} for point in points]
            facts = {"dischargesim": __version__, **asked, "points": planned}
            # Last, so that a folder with this file has all that it takes to go on.
            atomic.write(path / SWEEP, as_yaml(facts).encode())
        return store

    @classmethod
    def open(cls, path: Path | str, *, mend: bool = False) -> Store:
        """Open the results folder of a sweep or of a single run.

        Parameters
        ----------
        path : Path or str
        mend : bool
            Make what is lost or damaged anew, as far as that can be, and name it in `mended`; batches are made again
            when the sweep goes on.

        Raises
        ------
        StoreError
            If there is none, it comes from another version, or what it says cannot be read.
        """
        path = Path(path)
        if not path.is_dir():
            raise StoreError(f"{path}: no such folder")
        asked = _read_asked(path)
        version = str(asked.get("dischargesim", "an unknown version"))
        if version != __version__:
            raise StoreError(f"{path}: made by dischargesim {version}; this is {__version__}, whose figures may differ")
        mended: list[str] = []
        try:
            points = _read_points(path / POINTS)
        except StoreError as error:
            if "points" not in asked:
                raise
            if not mend:
                again = f"make it again with: dischargesim sweep --resume {path}"
                raise StoreError(f"{path / POINTS}: lost or damaged; {again}") from None
            points = _planned_points(path, asked)
            mended.append(f"{str(error).removeprefix(f'{path}: ')}; it is made again")
        store = cls(path, points, asked, mended=mended)
        try:
            if mend:
                store._mend()
            store.look()
        except OSError as error:
            raise StoreError(f"{path / BATCHES}: cannot be read: {atomic.why(error)}") from None
        return store

    @property
    def finished(self) -> bool:
        """Whether all that was asked for is there."""
        return not (self.path / UNFINISHED).exists() and all(point.status == "done" for point in self.points)

    @property
    def compare_to(self) -> str | None:
        """Label of the point that the others are to be compared with, if the experiment names one."""
        label = self.asked.get("compare_to")
        return None if label is None else str(label)

    def point(self, label: str) -> Point:
        """The point of this label."""
        found = next((point for point in self.points if point.label == label), None)
        if found is None:
            raise StoreError(
                f"{self.path}: there is no point {label} (there are {', '.join(p.label for p in self.points)})"
            )
        return found

    def scenario(self, point: Point) -> Scenario:
        """The whole scenario of a point."""
        if point.key not in self._scenarios:
            path = self.path / SCENARIOS / f"{point.key}.yaml"
            try:
                scenario = load_scenario_file(path)
                problem = "" if batch_key(scenario) == point.key else f"{path}: damaged (it is not the scenario it was)"
            except ScenarioError as error:
                problem = str(error.problems[0])
            if problem:
                again = f"; make it again with: dischargesim sweep --resume {self.path}"
                raise StoreError(problem + (again if "points" in self.asked else ""))
            self._scenarios[point.key] = scenario
        return self._scenarios[point.key]

    # Reading --------------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """See anew what batches there are: another process may be at work in this folder."""
        self._there = {}
        for path in (self.path / BATCHES).iterdir():
            if match := _BATCH.fullmatch(path.name):
                self._there.setdefault(match[1], set()).add((int(match[2]), int(match[3])))

    def spans(self, key: str) -> list[tuple[int, int]]:
        """First replication and number of them of each batch that was seen, in order, overlapping none."""
        spans: list[tuple[int, int]] = []
        for first, count in sorted(self._there.get(key, ()), key=lambda span: (span[0], -span[1])):
            if not spans or first >= sum(spans[-1]):
                spans.append((first, count))
        return spans

    def batch_path(self, key: str, first: int, count: int) -> Path:
        """Where a batch is, or will be."""
        return self.path / BATCHES / f"{key}-{first}-{count}.parquet"

    def batches(self, point: Point) -> Iterator[Batch]:
        """The batches of a point one by one, in order; only replications that count.

        Raises
        ------
        Damaged
            If a file is not as it was written.
        StoreError
            If replications are missing.
        """
        there = 0
        for first, count in self.spans(point.key):
            if first != there or there >= point.replications:
                break
            batch = read_batch(self.batch_path(point.key, first, count), point.key, first, count)
            yield _cut(batch, point.replications - first)
            there = first + count
        if there < point.replications or not point.replications:
            wanted = f"replications from {there} on are missing" if point.replications else "nothing has been run yet"
            raise StoreError(
                f"{self.path}: {point.label}: {wanted}; go on with: dischargesim sweep --resume {self.path}"
            )

    def values(self, point: Point) -> tuple[NDArray[np.int64], Floats]:
        """Figures of the whole run.

        Returns
        -------
        replication : ndarray of int64, (n,)
        values : ndarray of float64, (n, rows of `measures.measure_index`)
        """
        parts = [batch.values for batch in self.batches(point)]
        return np.arange(point.replications, dtype=np.int64), np.concatenate(parts)

    def daily(self, point: Point) -> Iterator[tuple[NDArray[np.int64], Floats]]:
        """Daily series, batch by batch.

        Yields
        ------
        replication : ndarray of int64, (b,)
        daily : ndarray of float64, (b, rows of `measures.daily_index`, days)
        """
        for batch in self.batches(point):
            yield np.arange(batch.first, batch.first + len(batch), dtype=np.int64), batch.daily

    def damaged(self) -> list[Damaged]:
        """Batch files that cannot be relied on."""
        found = []
        for key in dict.fromkeys(point.key for point in self.points):
            for first, count in sorted(self._there.get(key, ())):
                try:
                    read_batch(self.batch_path(key, first, count), key, first, count)
                except Damaged as error:
                    found.append(error)
        return found

    def _mend(self) -> None:
        """Write what is lost or damaged from what says the same."""
        if self.mended:
            self.write_points()
        for key, text in unpacked(self.path / SPARE).items():
            path = self.path / SCENARIOS / f"{key}.yaml"
            if not path.exists() or path.read_bytes() != text:
                path.parent.mkdir(exist_ok=True)
                atomic.write(path, text)
                self.mended.append(f"{path}: lost or damaged; it is made again")
        (self.path / BATCHES).mkdir(exist_ok=True)

    # Writing --------------------------------------------------------------------------------------------------------

    def has(self, work: Work) -> bool:
        """Whether a batch is there, perhaps from another process at work in this folder."""
        there = self.batch_path(work.key, work.first, work.count).exists()
        if there:
            self._there.setdefault(work.key, set()).add((work.first, work.count))
        return there

    def put(self, work: Work, file: bytes) -> None:
        """Keep a batch."""
        atomic.write(self.batch_path(work.key, work.first, work.count), file)
        self._there.setdefault(work.key, set()).add((work.first, work.count))

    def forget(self, damaged: Damaged) -> None:
        """Take a batch away that cannot be relied on."""
        with suppress(OSError):
            damaged.path.unlink()
        if match := _BATCH.fullmatch(damaged.path.name):
            self._there.get(match[1], set()).discard((int(match[2]), int(match[3])))

    def settle(self, label: str, replications: int, status: str) -> None:
        """Say what became of a point."""
        at = next(at for at, point in enumerate(self.points) if point.label == label)
        self.points[at] = replace(self.points[at], replications=replications, status=status)

    def write_points(self) -> None:
        """Write points.csv."""
        varied = list(dict.fromkeys(name for point in self.points for name in point.varied))
        file = StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*_FIRST, *varied, *_LAST])
        for point in self.points:
            cells = [point.label, *(point.varied.get(name, "") for name in varied), point.key]
            writer.writerow([*map(to_cell, cells), point.replications, point.status])
        atomic.write(self.path / POINTS, file.getvalue().encode())

    def write_index(self) -> None:
        """Write index.parquet: a row each batch that there is."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        keys = sorted({point.key for point in self.points})
        rows = [(key, first, count) for key in keys for first, count in self.spans(key)]
        columns = {
            "key": pa.array([row[0] for row in rows], pa.string()),
            "first": pa.array([row[1] for row in rows], pa.int64()),
            "count": pa.array([row[2] for row in rows], pa.int64()),
            "file": pa.array([f"{BATCHES}/{key}-{first}-{count}.parquet" for key, first, count in rows], pa.string()),
        }
        file = BytesIO()
        pq.write_table(pa.table(columns), file, compression="zstd")
        atomic.write(self.path / INDEX, file.getvalue())


def _cut(batch: Batch, most: int) -> Batch:
    if len(batch) <= most:
        return batch
    people, present, waiting = batch.people[:most], batch.present[:most], batch.waiting[:most]
    return Batch(batch.first, batch.values[:most], batch.daily[:most], people, present, waiting)


def _planned_points(path: Path, asked: Mapping[str, Any]) -> list[Point]:
    """The points as they were before anything was run."""
    try:
        return [
            Point(str(one["label"]), {str(k): str(v) for k, v in one["varied"].items()}, str(one["key"]))
            for one in asked["points"]
        ]
    except (KeyError, TypeError, AttributeError):
        raise StoreError(f"{path / SWEEP}: cannot be read: its points are not what was written") from None


def _read_asked(path: Path) -> dict[str, Any]:
    """What sweep.yaml says; of a single run, the version from its provenance."""
    try:
        if (path / SWEEP).exists():
            return read_yaml_file(path / SWEEP)
        facts = json.loads((path / PROVENANCE).read_text(encoding="utf-8"))
        return {"dischargesim": facts["dischargesim"]}
    except FileNotFoundError:
        raise StoreError(f"{path}: not a results folder ({SWEEP} or {PROVENANCE} is not there)") from None
    except (YamlError, OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: cannot be read: {' '.join(str(error).split())[:100]}") from None


def _read_points(path: Path) -> list[Point]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
        if header[:1] != _FIRST or header[-3:] != _LAST or not rows:
            raise ValueError("its columns are not those of points")
        points = []
        for row in rows:
            cells = [from_cell(cell) for cell in row]
            label, key, replications, status = cells[0], *cells[-3:]
            varied = {name: cell for name, cell in zip(header[1:-3], cells[1:-3], strict=True) if cell}
            points.append(Point(label, varied, key, int(replications), status))
        return points
    except FileNotFoundError:
        raise StoreError(
            f"{path.parent}: not a results folder that can be read again ({POINTS} is not there)"
        ) from None
    except (OSError, ValueError, IndexError, csv.Error) as error:
        raise StoreError(f"{path}: cannot be read: {' '.join(str(error).split())[:100]}") from None
