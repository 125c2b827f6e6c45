"""The commands: run, validate, schema."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dischargesim.cli.console import Failure, complain, interruptible, number_text, progress_of, say, show_table
from dischargesim.cli.options import FOLDER, Parser, whole_number
from dischargesim.cli.options import parser as new_parser
from dischargesim.cli.reporting import at_the_end, taken_appraisal, taken_kind

if TYPE_CHECKING:
    from dischargesim.experiment.executor_settings import ExecutorSettings
    from dischargesim.experiment.tables import Summary
    from dischargesim.scenario.offered_load import Load
    from dischargesim.scenario.problems import Warning_
    from dischargesim.scenario.schema import Scenario

_OVERRIDES = """\
what to run (NAME=VALUE):
  system=small                     another system; `dischargesim list systems`
  scenario=discharge_to_assess     something changed in it; `dischargesim list scenarios`
  run=quick                        how long and how often: quick, default or long
  run.days=90                      any number of the scenario, by its path
  settings.acute.capacity=780
  ~services.virtual_ward           takes an entry out
  report=none                      no report at the end; report=html only the page
  appraisal=england                what things cost, for the report; appraisal=none for no money
  New settings, teams or cohorts are written in YAML: see --config-dir.

your own hospital: put its file in my_area/system/my_hospital.yaml, beginning with
  defaults: [england_average]
and then only what differs; use it with --config-dir my_area system=my_hospital.
"""


def _add_scenario(parser: Parser) -> None:
    parser.add_argument("overrides", nargs="*", metavar="NAME=VALUE", help="what to run, see below")
    parser.add_argument("--config-dir", type=Path, metavar="DIR", help=FOLDER)
    parser.add_argument("--from", dest="file", type=Path, metavar="FILE", help="a whole scenario: a resolved.yaml")
    parser.add_argument("--cfg", choices=["job"], help="only show the composed scenario (job)")
    parser.add_argument("--debug", action="store_true", help="show where the program fails, if it does")


def _load(options: argparse.Namespace) -> Scenario:
    from dischargesim.scenario.load import load_scenario, load_scenario_file
    from dischargesim.scenario.problems import ScenarioError

    if options.file is not None and (options.overrides or options.config_dir is not None or options.cfg):
        raise Failure(["--from: a whole scenario takes no other names, values or folders; edit the file instead"])
    try:
        if options.file is not None:
            return load_scenario_file(options.file)
        return load_scenario(options.overrides, options.config_dir)
    except ScenarioError as error:
        raise Failure([str(problem) for problem in error.problems]) from None


def _show_composed(options: argparse.Namespace) -> int:
    import yaml

    from dischargesim.scenario.compose import compose
    from dischargesim.scenario.problems import ScenarioError

    try:
        data = compose(options.overrides, options.config_dir).data
    except ScenarioError as error:
        raise Failure([str(problem) for problem in error.problems]) from None
    say(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120).rstrip())
    return 0


def run(arguments: list[str]) -> int:
    """Run a scenario and write its results."""
    many = [argument for argument in arguments if argument not in ("-m", "--multirun")]
    if len(many) < len(arguments) and not {"-h", "--help"} & set(arguments):
        from dischargesim.cli.sweeps import sweep

        return sweep(many)
    parser = new_parser("run", "Run a scenario and write its results into a folder of their own.", _OVERRIDES)
    _add_scenario(parser)
    parser.add_argument("--out", type=Path, default=Path("results"), metavar="DIR", help="where results go (results/)")
    parser.add_argument("--engine", choices=["auto", "simpy", "compiled"], help="how it is computed; same results")
    parser.add_argument("--workers", type=whole_number, metavar="N", help="processes; 0 for one a core")
    parser.add_argument("-m", "--multirun", action="store_true", help="several values: as `dischargesim sweep`")
    options = parser.parse_intermixed_args(arguments)
    kind, given = taken_kind(options), list(options.overrides)
    given = [str(options.file)] if options.file is not None else given
    settings, appraisal = _executor(options), taken_appraisal(options)
    if options.cfg and options.file is None:
        return _show_composed(options)
    scenario = _load(options)
    started = datetime.now()
    warnings = _warnings(scenario)

    from dischargesim.experiment.atomic import CannotWrite
    from dischargesim.experiment.executor_settings import ExecutorError
    from dischargesim.experiment.results import ResultsError, results_folder
    from dischargesim.experiment.run import run_into

    def report(done: int, total: int) -> None:
        check()
        progress(done, total)

    try:
        with interruptible() as check, results_folder(options.out, scenario, started) as folder:
            with progress_of(f"{scenario.system.title}, {scenario.scenario.title}") as progress:
                result = run_into(
                    folder.path,
                    scenario,
                    settings=settings,
                    workers=options.workers,
                    engine=options.engine,
                    progress=report,
                    on_compile=lambda: complain("compiling the engine, once: a quarter of a minute or so"),
                )
            warned = [str(warning) for warning in warnings]
            folder.write(result, started=started, warnings=warned, given=given, appraisal=appraisal)
            check()
    except (ResultsError, CannotWrite, ExecutorError) as error:
        raise Failure([str(error)]) from None
    _show_result(result, warnings)
    code = at_the_end(folder.path, kind, appraisal)
    say(str(folder.path))
    return code


def _executor(options: argparse.Namespace) -> ExecutorSettings | None:
    """What to run on, if the command line says; what it says is taken out of the overrides."""
    if not any(text.lstrip("+~").startswith("executor") for text in options.overrides):
        return None
    from dischargesim.experiment.executor_settings import executor_settings
    from dischargesim.scenario.asked import asked_for
    from dischargesim.scenario.problems import ScenarioError

    theirs = [text for text in options.overrides if text.lstrip("+~").startswith("executor")]
    options.overrides = [text for text in options.overrides if text not in theirs]
    try:
        return executor_settings(asked_for(theirs, options.config_dir).executor)
    except ScenarioError as error:
        raise Failure([str(problem) for problem in error.problems]) from None


def validate(arguments: list[str]) -> int:
    """Check a scenario without running it."""
    about = "Check a scenario without running it: all problems at once, and what is asked for against what there is."
    parser = new_parser("validate", about, _OVERRIDES)
    _add_scenario(parser)
    options = parser.parse_intermixed_args(arguments)
    if options.cfg and options.file is None:
        return _show_composed(options)
    taken_kind(options)
    taken_appraisal(options)
    scenario = _load(options)

    from dischargesim.scenario.offered_load import offered_load

    _show_loads(offered_load(scenario))
    warnings = _warnings(scenario)
    _show_warnings(warnings)
    end = f"with {len(warnings)} warning{'s' if len(warnings) != 1 else ''}" if warnings else "and nothing to warn of"
    say(f"{scenario.short_name} can be run, {end}.")
    return 0


def schema(arguments: list[str]) -> int:
    """Write the JSON Schema."""
    about = "Write the JSON Schema of a scenario, an experiment or an appraisal to a file, or show it."
    parser = new_parser("schema", about)
    parser.add_argument("file", nargs="?", type=Path, help="where to write it")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--experiment", action="store_true", help="that of an experiment")
    kind.add_argument("--appraisal", action="store_true", help="that of an appraisal")
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)

    if options.experiment:
        from dischargesim.experiment.json_schema import schema_text
    elif options.appraisal:
        from dischargesim.appraisal.json_schema import schema_text
    else:
        from dischargesim.scenario.json_schema import schema_text

    if options.file is None:
        sys.stdout.write(schema_text())
        return 0
    try:
        options.file.write_bytes(schema_text().encode())
    except OSError as error:
        raise Failure([f"{options.file}: cannot be written: {error.strerror}"]) from None
    say(str(options.file))
    return 0


def _warnings(scenario: Scenario) -> list[Warning_]:
    from dischargesim.scenario.checks import warn
    from dischargesim.scenario.offered_load import offered_load, overloads

    return [*overloads(offered_load(scenario)), *warn(scenario)]


def _show_warnings(warnings: Sequence[Warning_]) -> None:
    for warning in warnings:
        say(f"Warning: {warning}")


def _show_loads(loads: Sequence[Load]) -> None:
    rows = [
        [one.title, number_text(one.load), number_text(one.capacity), one.unit, _share(one.ratio), _worst(one)]
        for one in loads
        if one.load > 0 or one.capacity > 0
    ]
    columns = [("", "left"), ("asked for", "right"), ("there", "right"), ("", "left"), ("share", "right")]
    show_table("What is asked for and what there is, if nobody had to wait", [*columns, ("worst month", "right")], rows)


def _worst(one: Load) -> str:
    return "" if one.capacity == float("inf") else f"{_share(one.worst_ratio)} in {one.worst_month}"


def _show_result(result: Summary, warnings: Sequence[Warning_]) -> None:
    from dischargesim.experiment.growth import growing, no_steady_state
    from dischargesim.measures import MEASURES

    scenario, table = result.scenario, result.measures
    rows = []
    for measure in (m for m in MEASURES if m.main):
        found: Any = table[table["measure"] == measure.name]
        # The first breakdown is the one for all.
        row = found.iloc[0] if len(found) else None
        if row is not None and row["replications"] > 0:
            between = f"{number_text(row['lower'])} to {number_text(row['upper'])}" if row["replications"] > 1 else ""
            rows.append([measure.title, number_text(row["mean"]), between, row["unit"]])
    runs = result.replications
    days = f"{scenario.run.days} days, {runs} replication{'s' if runs > 1 else ''}"
    title = f"{scenario.system.title} - {scenario.scenario.title} ({days})"
    show_table(title, [("", "left"), ("mean", "right"), ("95% interval", "right"), ("unit", "left")], rows)
    unsteady = no_steady_state(scenario, growing(table, scenario.run.days), runs)
    if unsteady:
        say(unsteady)
    _show_warnings(warnings)
    if runs == 1:
        complain("One replication gives no interval; ask for more with run.replications=10.")


def _share(ratio: float) -> str:
    return "-" if ratio != ratio else "no capacity" if ratio == float("inf") else f"{ratio:.0%}"
