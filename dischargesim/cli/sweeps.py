"""The commands sweep and query."""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from dischargesim.cli.console import (
    Failure,
    complain,
    interruptible,
    number_text,
    progress_of,
    say,
    show_table,
)
from dischargesim.cli.options import FOLDER, parser, whole_number
from dischargesim.cli.reporting import at_the_end, taken_kind

if TYPE_CHECKING:
    from argparse import Namespace

    from dischargesim.experiment.executor_settings import ExecutorSettings
    from dischargesim.experiment.query import Answer
    from dischargesim.experiment.store import Store
    from dischargesim.experiment.sweep import Sweep
    from dischargesim.experiment.sweep_folder import Line
    from dischargesim.report.write import Kind

SOME_FAILED = 3
"""Exit code where points of a sweep failed and the others are done."""
_SHOWN = {
    "nctr_remaining": "ready, and still in",
    "nctr_bed_days_lost": "bed days lost",
    "nctr_mean_delay": "mean delay, days",
    "bed_occupancy": "occupancy",
}
"""Measures of the short table, and what they are called there."""
_MOST_SHOWN, _MOST_ROWS, _MOST_UNSTEADY = 60, 500, 4
_SWEEPS = """\
what to run (NAME=VALUE, several values with commas between them):
  scenario=baseline,trusted_assessors,[trusted_assessors,more_reablement]
                                   scenarios; in brackets, one upon the other
  settings.reablement.capacity=280,308,340
  settings.acute.capacity=range(800,841,10)
  scenario=glob(*)                 all that go with the system
  experiment=beds_plus             a file of experiments/; `dischargesim list experiments`
  run.replications=50              anything else, as for `dischargesim run`
  Each value is tried with each of the others. Pairs of values go into a CSV file that an experiment names.

where to run it:
  executor=local executor.workers=8      processes of this machine (all cores but one); 1 runs in this process
  executor=threads                       threads of this process
  executor=dask executor.address=tcp://10.0.0.5:8786     a Dask cluster; without an address, one on this machine
  executor=slurm executor.partition=short                jobs of SLURM
  The numbers do not depend on it.
"""


def sweep(arguments: list[str]) -> int:
    """Run many scenarios side by side."""
    reader = parser("sweep", "Run many scenarios, or a whole experiment, side by side into one folder.", _SWEEPS)
    reader.add_argument("overrides", nargs="*", metavar="NAME=VALUE", help="what to run, see below")
    reader.add_argument("--resume", type=Path, metavar="DIR", help="go on with a sweep that was interrupted")
    reader.add_argument("--config-dir", type=Path, metavar="DIR", help=FOLDER)
    reader.add_argument("--out", type=Path, default=Path("results"), metavar="DIR", help="where results go (results/)")
    reader.add_argument("--engine", choices=["auto", "simpy", "compiled"], help="how it is computed; same results")
    reader.add_argument("--workers", type=whole_number, metavar="N", help="the same as executor.workers=N")
    reader.add_argument("--batch", type=whole_number, metavar="N", help="replications handed to a worker at a time")
    reader.add_argument("--dry-run", action="store_true", help="only show the points")
    reader.add_argument("--debug", action="store_true", help="show where the program fails, if it does")
    options = reader.parse_intermixed_args(arguments)
    started = datetime.now()
    if options.resume is not None:
        store, settings = _resumed(options)
    else:
        begun = _begun(options, started, taken_kind(options))
        if begun is None:
            return 0
        store, settings = begun
    return _carry_on(store, settings, started, resumed=options.resume is not None)


def _begun(options: Namespace, now: datetime, kind: Kind) -> tuple[Store, ExecutorSettings] | None:
    """A new sweep's folder; None if it was only to be shown."""
    from dischargesim.appraisal.settings import appraisal_settings
    from dischargesim.experiment.atomic import CannotWrite
    from dischargesim.experiment.definition import read_experiment
    from dischargesim.experiment.design import plan_points
    from dischargesim.experiment.executor_settings import executor_settings
    from dischargesim.experiment.sweep_folder import begin, how_often
    from dischargesim.scenario.asked import asked_for
    from dischargesim.scenario.files import data_folders
    from dischargesim.scenario.problems import ScenarioError

    if options.config_dir is not None and not options.config_dir.is_dir():
        raise Failure([f"--config-dir: no such folder (got {options.config_dir})"])
    try:
        asked = asked_for(options.overrides, options.config_dir)
        if options.workers is not None:
            asked.executor["workers"] = options.workers
        settings = executor_settings(asked.executor)
        if asked.appraisal is not None:
            appraisal_settings(asked.appraisal)
        experiment, folders = None, data_folders(options.config_dir)
        if asked.experiment:
            experiment, source = read_experiment(asked.experiment, options.config_dir)
            folders = (source.path.parent, source.path.parent / "data", *folders)
        points = plan_points(experiment, asked, folders, options.config_dir)
        for line in points.left_out:
            complain(line)
        often = any(text.lstrip("+~").startswith("run.replications=") for text in options.overrides)
        if options.dry_run:
            how_often(points, experiment, often=often)
            _show_points([plan.label or "(one point)" for plan in points.planned])
            return None
        wanted = points.scenarios[0].run.workers
        if wanted and "workers" not in asked.executor:
            settings = settings.model_copy(update={"workers": wanted})
        store = begin(
            options.out,
            asked.experiment or "sweep",
            points,
            experiment=experiment,
            overrides=options.overrides,
            executor=settings.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
            engine=options.engine,
            batch=options.batch or None,
            often=often,
            now=now,
            report=kind,
            appraisal=asked.appraisal,
        )
    except ScenarioError as error:
        raise Failure([str(problem) for problem in error.problems]) from None
    except CannotWrite as error:
        raise Failure([str(error)]) from None
    return store, settings


def _resumed(options: Namespace) -> tuple[Store, ExecutorSettings]:
    """An earlier sweep's folder."""
    from dischargesim.experiment.executor_settings import executor_settings
    from dischargesim.experiment.store import SWEEP, Store, StoreError
    from dischargesim.experiment.sweep_folder import executor_of
    from dischargesim.scenario.asked import asked_for
    from dischargesim.scenario.problems import ScenarioError

    if options.dry_run or options.batch or options.engine or options.config_dir is not None:
        raise Failure(["--resume: a sweep goes on as it was begun; only the executor may be another"])
    try:
        asked = asked_for(options.overrides)
        if asked.axes or asked.fixed or asked.experiment:
            raise Failure(["--resume: a sweep goes on as it was begun; only the executor may be another"])
        store = Store.open(options.resume, mend=True)
        for line in store.mended:
            complain(line)
        if not (store.path / SWEEP).exists():
            raise Failure([f"{store.path}: the results of a single run, which are whole"])
        changed = {**asked.executor, **({} if options.workers is None else {"workers": options.workers})}
        kept = executor_of(store)
        # Another kind of executor has nothing to do with the settings of the first.
        if "kind" in changed and changed["kind"] != kept.kind:
            return store, executor_settings(changed)
        return store, executor_settings({**kept.model_dump(exclude_none=True), **changed})
    except ScenarioError as error:
        raise Failure([str(problem) for problem in error.problems]) from None
    except StoreError as error:
        raise Failure([str(error)]) from None


def _carry_on(store: Store, settings: ExecutorSettings, started: datetime, *, resumed: bool) -> int:
    """Run what is missing, make the tables, show them."""
    from dischargesim.experiment.atomic import CannotWrite
    from dischargesim.experiment.batch_file import Damaged
    from dischargesim.experiment.executor_settings import ExecutorError
    from dischargesim.experiment.store import StoreError
    from dischargesim.experiment.sweep import Sweep, finish, how_to_go_on, mark_finished, mark_unfinished, quoted
    from dischargesim.experiment.sweep_folder import write_tables

    began = time.perf_counter()
    on = f"go on with: {how_to_go_on(store.path)}"
    lines: list[Line] = []
    notes: list[str] = []
    try:
        with interruptible() as check, progress_of(_what(store)) as progress:

            def report(done: int, total: int) -> None:
                check()
                progress(done, total)

            def tables() -> None:
                check()
                facts = {
                    "engine": store.asked.get("engine", "auto"),
                    "executor": settings.kind,
                    "workers": work.workers,
                    "started": started.astimezone().isoformat(timespec="seconds"),
                    "resumed": resumed,
                    "run_seconds": round(time.perf_counter() - began, 3),
                }
                lines[:], notes[:] = write_tables(work, facts)

            mark_unfinished(store.path)
            work = Sweep(store, str(store.asked.get("engine", "auto")), report, complain)
            if resumed:
                work.redo(store.damaged())
            compiling = "compiling the engine, once: a quarter of a minute or so"
            finish(work, lambda: work.go_on(settings, on_compile=lambda: complain(compiling)), tables)
            if not work.failed:
                mark_finished(store.path)
    except KeyboardInterrupt:
        complain(f"interrupted; what was done is kept, {on}")
        return 130
    except (CannotWrite, ExecutorError) as error:
        raise Failure([f"{error}; what was done is kept, {on}"]) from None
    except MemoryError:
        raise Failure([f"there is not enough memory; what was done is kept, {on}"]) from None
    except (StoreError, Damaged) as error:
        raise Failure([str(error)]) from None
    _show(store, work, lines)
    if resumed and not work.worked:
        say("There was nothing left to do.")
    for note in notes:
        say(f"Note: {note}")
    if (store.path / "comparison.csv").exists():
        say(f"Held against each other on the same people: dischargesim compare {quoted(store.path)}")
    done = any(point.status == "done" for point in store.points)
    code = at_the_end(store.path, str(store.asked.get("report", "full")), store.asked.get("appraisal")) if done else 0
    say(str(store.path))
    return code or (SOME_FAILED if work.failed else 0)


def _what(store: Store) -> str:
    title = store.asked.get("title")
    return str(title) if title else f"{len(store.points)} point{'s' if len(store.points) != 1 else ''}"


def _show_points(labels: Sequence[str]) -> None:
    for label in labels:
        say(label)
    say(f"{len(labels)} point{'s' if len(labels) != 1 else ''}")


def _show(store: Store, sweep: Sweep, lines: Sequence[Line]) -> None:
    """The short table of a sweep, and what the reader should know."""
    names = [name for name in _SHOWN if any(name in line.figures for line in lines)]
    columns = [("", "left"), *((_SHOWN[name], "right") for name in names)]
    columns.append(("replications", "right"))
    times = {point.label: point.replications for point in store.points}
    rows = [
        [line.label, *(_between(line.figures.get(name)) for name in names), str(times[line.label])]
        for line in lines[:_MOST_SHOWN]
    ]
    if rows:
        show_table(str(store.asked.get("title") or store.path.name), columns, rows)
    if len(lines) > _MOST_SHOWN:
        say(f"... and {len(lines) - _MOST_SHOWN} more points, in measures.csv")
    unsteady = [line for line in lines if line.unsteady]
    for line in unsteady[:_MOST_UNSTEADY]:
        say(f"{line.label}: {line.unsteady}")
    if len(unsteady) > _MOST_UNSTEADY:
        say(f"... and so of {len(unsteady) - _MOST_UNSTEADY} more points, in provenance.json")
    for label, rules in sweep.not_precise.items():
        for rule in rules:
            say(f"{label}: not precise enough after {times[label]} replications: {rule}")
    if any(runs == 1 for runs in times.values()):
        complain("One replication gives no interval; ask for more with run.replications=10.")
    for label, problem in sweep.failed.items():
        complain(f"{label}: failed: {problem}")


def _between(figure: tuple[float, float, float] | None) -> str:
    if figure is None:
        return "-"
    mean, lower, upper = figure
    return (
        number_text(mean) if lower != lower else f"{number_text(mean)} ({number_text(lower)} to {number_text(upper)})"
    )


_QUERIES = """\
what can be asked (one SELECT, in DuckDB's SQL):
  headline  point, a column for each thing that varied, replication, measure, unit, value
  figures   the same with "group": the figures of everybody ("group" = 'all') and of each part, side by side
  daily     the same with the day (0 is the first counted day)
  points    point, what varied, key, replications, status

  dischargesim query "select point, avg(value) from headline where measure = 'nctr_remaining' group by point"
  Without DIR, the newest folder in results/ is asked. "group" needs its quotation marks.
"""


def query(arguments: list[str]) -> int:
    """Ask results a question in SQL."""
    reader = parser("query", "Ask the results of a sweep or a run a question in SQL.", _QUERIES)
    reader.add_argument("sql", help="the question")
    reader.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="results of a sweep or a run")
    reader.add_argument("--format", choices=["table", "csv"], help="table (as a rule on a terminal) or csv")
    reader.add_argument("--csv", type=Path, metavar="FILE", help="write the answer to a CSV file")
    reader.add_argument("--debug", action="store_true", help="show where the program fails, if it does")
    options = reader.parse_intermixed_args(arguments)

    from dischargesim.experiment import atomic
    from dischargesim.experiment.query import QueryError, ask
    from dischargesim.experiment.store import Store, StoreError

    try:
        answer = ask(Store.open(options.folder or _newest()), options.sql)
        if options.csv is not None:
            atomic.write_with(options.csv, lambda file: _write_rows(TextIOWrapper(file, "utf-8", newline=""), answer))
            say(str(options.csv))
        elif options.format == "csv" or (options.format is None and not sys.stdout.isatty()):
            _write_rows(sys.stdout, answer)
        else:
            _show_answer(answer)
    except (StoreError, QueryError, atomic.CannotWrite) as error:
        raise Failure([str(error)]) from None
    return 0


def _newest() -> Path:
    from dischargesim.experiment.store import POINTS

    found = sorted(Path("results").glob(f"*/{POINTS}"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise Failure(["query: there are no results in results/; name their folder"])
    return found[-1].parent


def _write_rows(file: TextIO, answer: Answer) -> None:
    from dischargesim.experiment.cells import to_cell

    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(answer.columns)
    for row in answer.rows():
        writer.writerow(["" if cell is None else to_cell(cell) if isinstance(cell, str) else cell for cell in row])
    file.flush()
    if isinstance(file, TextIOWrapper) and file is not sys.stdout:
        file.detach()


def _show_answer(answer: Answer) -> None:
    rows = list(islice(answer.rows(), _MOST_ROWS + 1))
    numbers = [any(isinstance(row[at], int | float) for row in rows) for at in range(len(answer.columns))]
    columns = [(name, "right" if number else "left") for name, number in zip(answer.columns, numbers, strict=True)]
    show_table("", columns, [[_cell(cell) for cell in row] for row in rows[:_MOST_ROWS]])
    if len(rows) > _MOST_ROWS:
        say(f"... the first {_MOST_ROWS} rows; all of them with --csv FILE")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return number_text(value) if isinstance(value, float) else str(value)
