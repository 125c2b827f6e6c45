"""The folder of a sweep: how it begins, and the tables that stand in it at the end."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from dischargesim import __version__
from dischargesim.experiment import atomic
from dischargesim.experiment.cells import csv_bytes
from dischargesim.experiment.compared import of_a_sweep
from dischargesim.experiment.definition import Experiment, UntilPrecise
from dischargesim.experiment.design import Points
from dischargesim.experiment.executor_settings import ExecutorSettings
from dischargesim.experiment.growth import growing, no_steady_state, too_short_to_tell
from dischargesim.experiment.key import batch_key
from dischargesim.experiment.precision import problems
from dischargesim.experiment.results import queue_facts, surroundings, under_its_name
from dischargesim.experiment.store import PROVENANCE, Point, Store
from dischargesim.experiment.sweep import Sweep, mark_unfinished
from dischargesim.experiment.tables import Summary, summarise
from dischargesim.measures import MEASURES, measure_index
from dischargesim.scenario.checks import warn
from dischargesim.scenario.offered_load import offered_load, overloads
from dischargesim.scenario.problems import Problem, ScenarioError, suggestion
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Line:
    """A point in the short table at the end of a sweep.

    Attributes
    ----------
    label : str
    figures : dict of str to (float, float, float)
        Mean and interval of each main measure, by its name.
    unsteady : str
        Which queues grow, in a line; empty if none does.
    """

    label: str
    figures: dict[str, tuple[float, float, float]]
    unsteady: str


def how_often(points: Points, experiment: Experiment | None, *, often: bool) -> tuple[UntilPrecise | None, list[int]]:
    """The rule by which the points are run, or the replications of each; and whether the experiment fits its points.

    Parameters
    ----------
    points : Points
    experiment : Experiment or None
    often : bool
        Whether the command line says how many replications; otherwise the experiment does.

    Raises
    ------
    ScenarioError
        If the experiment compares with a point, or is to be precise in a measure, that there is not.
    """
    asked_for = experiment.replications if experiment is not None and not often else None
    until = asked_for if isinstance(asked_for, UntilPrecise) else None
    numbers = [asked_for if isinstance(asked_for, int) else scenario.run.replications for scenario in points.scenarios]
    labels = [point.label for point in _planned(points)]
    compare_to = experiment.compare_to if experiment is not None else None
    wrong: list[Problem] = []
    if compare_to is not None and compare_to not in labels:
        text = "there is no point of this label"
        wrong.append(Problem("compare_to", text, compare_to, suggestion(compare_to, labels)))
    for scenario in points.scenarios if until is not None else ():
        found = problems(until.precision if until is not None else (), measure_index(scenario))
        wrong += [replace(one, path=f"replications.{one.path}") for one in found]
    if wrong:
        raise ScenarioError(list(dict.fromkeys(wrong)))
    return until, numbers


def _planned(points: Points) -> list[Point]:
    return [
        Point(plan.label or scenario.scenario.name, plan.varied, batch_key(scenario))
        for plan, scenario in zip(points.planned, points.scenarios, strict=True)
    ]


def begin(
    root: Path,
    name: str,
    points: Points,
    *,
    experiment: Experiment | None,
    overrides: Sequence[str],
    executor: Mapping[str, Any],
    engine: str | None,
    batch: int | None,
    often: bool,
    now: datetime,
    report: str = "none",
    appraisal: Mapping[str, Any] | None = None,
) -> Store:
    """Lay out the folder of a new sweep.

    Parameters
    ----------
    root : Path
        Folder that holds the results; made if need be.
    name : str
        What the folder's name begins with.
    points : Points
    experiment : Experiment or None
    overrides : sequence of str
        What was asked for on the command line.
    executor : mapping
        Settings of the executor.
    engine : str or None
        As for `simulate`; what the scenarios say if None.
    batch : int or None
        Replications in a batch.
    often : bool
        Whether the command line says how many replications; otherwise the experiment does.
    now : datetime
        Gives the rest of the name.
    report : str
        Kind of report that is made at the end.
    appraisal : mapping or None
        Settings of the appraisal that it takes.

    Raises
    ------
    ScenarioError
        If the experiment compares with a point that there is not.
    CannotWrite
        If nothing can be written there; nothing is left there then.
    """
    planned = _planned(points)
    labels = [point.label for point in planned]
    until, numbers = how_often(points, experiment, often=often)
    compare_to = experiment.compare_to if experiment is not None else None
    asked: dict[str, Any] = {
        "experiment": name,
        "title": experiment.experiment.title if experiment is not None else "",
        "question": experiment.experiment.question if experiment is not None else "",
        "compare_to": compare_to,
        "overrides": list(overrides),
        "engine": engine or points.scenarios[0].run.engine,
        "executor": dict(executor),
        "batch": batch,
        "until": None if until is None else until.model_dump(mode="json", exclude_none=True),
        "replications": dict(zip(labels, numbers, strict=True)) if until is None else {},
        "left_out": list(points.left_out),
        "report": report,
        "appraisal": None if appraisal is None else dict(appraisal),
    }
    scenarios = {point.key: scenario for point, scenario in zip(planned, points.scenarios, strict=True)}
    wanted = f"{name}-{now:%Y%m%d-%H%M%S}"
    unfinished = root / f".unfinished-{wanted}-{os.getpid()}"
    try:
        root.mkdir(parents=True, exist_ok=True)
        unfinished.mkdir()
    except OSError as error:
        raise atomic.CannotWrite(f"{root}: cannot be written to: {atomic.why(error)}") from None
    try:
        mark_unfinished(unfinished)
        store = Store.create(unfinished, planned, scenarios, {k: v for k, v in asked.items() if v is not None})
        # It has its name only when it has all that it takes to go on after an interruption.
        store.path = under_its_name(unfinished, root, wanted)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return store


def write_tables(sweep: Sweep, facts: Mapping[str, Any]) -> tuple[list[Line], list[str]]:
    """Make the tables of a sweep from its store, point by point.

    Parameters
    ----------
    sweep : Sweep
    facts : mapping
        What else is to stand in provenance.json.

    Returns
    -------
    lines : list of Line
        One for each point that did not fail.
    notes : list of str
        What the reader should know of all of them together.

    Raises
    ------
    Damaged
        If a batch cannot be relied on.
    """
    store = sweep.store
    store.look()
    done = [point for point in store.points if point.status == "done"]
    varied = list(dict.fromkeys(name for point in store.points for name in point.varied))
    lines: list[Line] = []
    each: list[dict[str, Any]] = []

    def fill(measures: BinaryIO, daily: BinaryIO) -> None:
        lines.clear()
        each.clear()
        with _DailyFile(daily) as series:
            for point in done:
                summary = summarise(store.scenario(point), store.batches(point))
                series.write(point.label, summary.daily)
                measures.write(csv_bytes(_of_point(point, varied, summary.measures), header=not lines))
                line, facts_of_it = _line(point.label, summary)
                lines.append(line)
                each.append(facts_of_it)

    def with_daily(measures: BinaryIO) -> None:
        atomic.write_with(store.path / "daily.parquet", lambda daily: fill(measures, daily))

    if done:
        # Both in one go: reading the batches takes longest.
        atomic.write_with(store.path / "measures.csv", with_daily)
    tables, notes = of_a_sweep(store)
    for name, table in tables.items():
        atomic.write(store.path / f"{name}.csv", csv_bytes(table, header=True))
    store.write_index()
    atomic.write(store.path / PROVENANCE, _json({**_provenance(sweep, facts, each), "notes": notes}))
    return lines, notes


class _DailyFile:
    """Daily series of all points, a row group each, so that memory does not grow with their number."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._writer: Any = None

    def __enter__(self) -> _DailyFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, label: str, table: pd.DataFrame) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        text = pa.dictionary(pa.int32(), pa.string())
        names = ("label", "date", "measure", "group", "unit")
        numbers = [(name, pa.float64()) for name in ("mean", "lower", "upper")]
        schema = pa.schema([("day", pa.int32()), *((name, text) for name in names), *numbers])
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._file, schema, compression="zstd", write_page_checksum=True)
        table = table.assign(label=label)
        columns = [pa.array(table[name].astype("category") if name in names else table[name]) for name in schema.names]
        arrays = [column.cast(schema.field(at).type) for at, column in enumerate(columns)]
        self._writer.write_table(pa.table(arrays, schema=schema))


def _of_point(point: Point, varied: Sequence[str], table: pd.DataFrame) -> pd.DataFrame:
    """The measures of a point, with its label and what varied before them."""
    table = table.copy()
    for at, name in enumerate(varied):
        table.insert(at, name, point.varied.get(name, ""))
    table.insert(0, "label", point.label)
    return table


def _line(label: str, summary: Summary) -> tuple[Line, dict[str, Any]]:
    scenario, table = summary.scenario, summary.measures
    figures: dict[str, tuple[float, float, float]] = {}
    for measure in (m for m in MEASURES if m.main):
        found: Any = table[table["measure"] == measure.name]
        # The first breakdown is the one for all.
        if len(found) and found.iloc[0]["replications"] > 0:
            row = found.iloc[0]
            figures[measure.name] = (float(row["mean"]), float(row["lower"]), float(row["upper"]))
    queues = growing(table, scenario.run.days)
    unsteady = no_steady_state(scenario, queues, summary.replications)
    facts = {
        "label": label,
        "system": scenario.system.name,
        "scenario": scenario.scenario.name,
        "seed": scenario.run.seed,
        "replications": summary.replications,
        "first_counted_day": scenario.start_date.isoformat(),
        "counted_days": scenario.run.days,
        "warm_up_days": scenario.run.warm_up_days,
        "people_a_replication": summary.people,
        "growing_queues": None if too_short_to_tell(scenario) else [queue_facts(queue) for queue in queues],
        "warnings": [*_warnings(scenario), *([unsteady] if unsteady else [])],
    }
    return Line(label, figures, unsteady), facts


def _warnings(scenario: Scenario) -> list[str]:
    return [str(warning) for warning in (*overloads(offered_load(scenario)), *warn(scenario))]


def _provenance(sweep: Sweep, facts: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    asked = sweep.store.asked
    return {
        "dischargesim": __version__,
        "experiment": asked.get("experiment", ""),
        "title": asked.get("title", ""),
        "overrides": asked.get("overrides", []),
        "appraisal": asked.get("appraisal"),
        "points": list(points),
        "failed": sweep.failed,
        "not_precise_enough": {label: [str(rule) for rule in rules] for label, rules in sweep.not_precise.items()},
        "left_out": asked.get("left_out", []),
        **facts,
        **surroundings(),
    }


def _json(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def executor_of(store: Store) -> ExecutorSettings:
    """Settings of the executor that a sweep was started with."""
    return ExecutorSettings.model_validate(store.asked.get("executor", {}))
