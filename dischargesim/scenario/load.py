"""Loading a scenario: compose it, read the CSV files it names, and check everything at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dischargesim.scenario.checks import check
from dischargesim.scenario.csv_files import CsvError, find_csv, read_rows
from dischargesim.scenario.daily_counts import read_daily_counts
from dischargesim.scenario.explain import explain
from dischargesim.scenario.files import data_folders
from dischargesim.scenario.names import entries, shares_and_order, unknown_names
from dischargesim.scenario.problems import Problem, ScenarioError, shown
from dischargesim.scenario.schema import Run, Scenario
from dischargesim.scenario.start import CensusPerson
from dischargesim.scenario.yaml_reader import YamlError, read_yaml_file

_CENSUS_PATH = re.compile(r"census\[(\d+)\]")

__all__ = ["build_scenario", "load_scenario", "load_scenario_file"]


def load_scenario(overrides: Sequence[str] = (), config_dir: Path | str | None = None) -> Scenario:
    """Load a scenario by names and overrides, as on the command line.

    Parameters
    ----------
    overrides : sequence of str
        Such as ``["system=small", "run.days=30"]``.
    config_dir : Path or str, optional
        Folder of your own with folders system, scenarios, run and data; its files hide shipped ones of the same name.

    Returns
    -------
    Scenario
        Checked as a whole, and independent of any file.

    Raises
    ------
    ScenarioError
        With every problem that was found, a line each.
    """
    from dischargesim.scenario.compose import compose

    folder = None if config_dir is None else Path(config_dir)
    return build_scenario(compose(overrides, folder).data, data_folders(folder))


def load_scenario_file(path: Path | str) -> Scenario:
    """Load a whole scenario from one YAML file, such as the resolved.yaml of an earlier run.

    Raises
    ------
    ScenarioError
        With every problem that was found, a line each.
    """
    path = Path(path)
    try:
        data = read_yaml_file(path)
    except YamlError as error:
        raise ScenarioError([Problem(str(path), str(error))]) from None
    return build_scenario(data, (path.parent, path.parent / "data"))


def build_scenario(data: Mapping[str, Any], folders: Sequence[Path] = ()) -> Scenario:
    """Check plain data and make a scenario of it.

    Parameters
    ----------
    data : mapping
        As in YAML.
    folders : sequence of Path
        Where CSV files named in it are looked for.

    Raises
    ------
    ScenarioError
        With every problem that was found, a line each.
    """
    data, problems = _with_counts(data, folders)
    data, census_lines = _with_census(data, folders, problems)
    scenario = None
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        # A file that could not be read has been taken out: that nothing stands there now is not a further problem.
        missing = {problem.path.removesuffix(".daily_counts") for problem in problems}
        problems += [p for p in explain(error.errors(), data, Scenario) if p.path not in missing]
    unknown = list(unknown_names(data))
    problems += [p for p in [*unknown, *shares_and_order(data)] if p.path not in {known.path for known in problems}]
    if scenario is not None and not unknown:
        problems += check(scenario)
    if problems:
        raise ScenarioError([_on_its_line(problem, census_lines) for problem in problems])
    assert scenario is not None  # noqa: S101 - said for mypy: no problem means that it was made
    return scenario


def _with_counts(data: Mapping[str, Any], folders: Sequence[Path]) -> tuple[dict[str, Any], list[Problem]]:
    """The data with the daily counts of CSV files in place of the names of the files, and what was wrong with them."""
    result, problems = dict(data), []
    for name, cohort, given in _csv_names(data):
        arrivals = {key: value for key, value in cohort["arrivals"].items() if key != "daily_counts"}
        where = f"cohorts.{name}.arrivals.daily_counts"
        period = _period(data)
        try:
            path = find_csv(given, folders)
            if period is not None:
                arrivals["daily_counts"] = read_daily_counts(path, *period)
        except CsvError as error:
            problems.append(Problem(where, str(error), shown(given)))
        result["cohorts"] = {**result["cohorts"], name: {**cohort, "arrivals": arrivals}}
    return result, problems


def _with_census(
    data: dict[str, Any], folders: Sequence[Path], problems: list[Problem]
) -> tuple[dict[str, Any], list[int]]:
    """The data with the people of a census file in place of its name, and the lines that they stand on."""
    given = data.get("census")
    if not isinstance(given, str):
        return data, []
    columns = list(CensusPerson.model_fields)
    needed = [name for name, field in CensusPerson.model_fields.items() if field.is_required()]
    try:
        rows = list(read_rows(find_csv(given, folders), needed, columns))
    except CsvError as error:
        problems.append(Problem("census", str(error), shown(given)))
        rows = []
    # An empty cell says nothing; the schema then takes its default.
    people = [{column: cell for column, cell in row.items() if cell} for _, row in rows]
    return {**data, "census": people}, [line for line, _ in rows]


def _on_its_line(problem: Problem, census_lines: Sequence[int]) -> Problem:
    """A problem with a person of a census file, by the line of the file."""
    found = _CENSUS_PATH.match(problem.path)
    if found is None or not census_lines:
        return problem
    return replace(problem, path=f"census, line {census_lines[int(found[1])]}{problem.path[found.end() :]}")


def _csv_names(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    for name, cohort in entries(data, "cohorts").items():
        arrivals = cohort.get("arrivals")
        if isinstance(arrivals, Mapping) and isinstance(arrivals.get("daily_counts"), str):
            yield name, cohort, arrivals["daily_counts"]


def _period(data: Mapping[str, Any]) -> tuple[date, int] | None:
    """First day of the run with its warm-up, and its days; None if the data do not say, which is reported elsewhere."""
    run = data.get("run", {})
    try:
        checked = Run.model_validate({key: run[key] for key in ("days", "warm_up_days") if key in run})
        start = date.fromisoformat(str(data.get("start_date")))
        return start - timedelta(days=checked.warm_up_days), checked.days + checked.warm_up_days
    except (ValidationError, ValueError, TypeError, OverflowError):
        return None
