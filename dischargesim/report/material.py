"""What a report is made from: the stored results of runs and sweeps, read once and never simulated again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dischargesim.experiment.atomic import why
from dischargesim.experiment.beside import SOURCES
from dischargesim.experiment.cells import from_cell
from dischargesim.experiment.compared import Contender, chosen, compared, contenders, warm_ups
from dischargesim.experiment.explain import SUM
from dischargesim.experiment.pairing import why_not
from dischargesim.experiment.store import PROVENANCE, SWEEP, StoreError
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


class Estimate(NamedTuple):
    """A figure with its uncertainty.

    Attributes
    ----------
    mean, lower, upper : float
        Lower and upper end of the 95% interval, NaN from fewer than two replications.
    replications : int
        In how many of them the figure is defined.
    """

    mean: float
    lower: float
    upper: float
    replications: int


@dataclass(frozen=True)
class Option:
    """A scenario with its results: the baseline, or one of those that are held against it.

    Attributes
    ----------
    label : str
        What the reader calls it: the scenario's title where the results only know its name.
    contender : Contender
        Where its batches are, and what the results call it.
    measures : pandas.DataFrame
        measure, group, unit, mean, lower, upper, replications.
    facts : dict
        What provenance.json says of it: seed, days, warnings, queues that grow.
    """

    label: str
    contender: Contender
    measures: pd.DataFrame
    facts: Mapping[str, Any]

    @property
    def scenario(self) -> Scenario:
        """The whole scenario."""
        return self.contender.scenario

    @cached_property
    def _figures(self) -> dict[tuple[str, str], Estimate]:
        table = self.measures
        columns = (table[name].tolist() for name in ("measure", "group", "mean", "lower", "upper", "replications"))
        return {(measure, group): Estimate(*numbers) for measure, group, *numbers in zip(*columns, strict=True)}

    def figure(self, measure: str, group: str = "all") -> Estimate | None:
        """A figure of the whole run, or None where no replication has it."""
        found = self._figures.get((measure, group))
        return found if found is not None and found.replications > 0 else None

    def by(self, measure: str, axis: str) -> Iterator[tuple[str, Estimate]]:
        """A figure by group of an axis, such as ``pathway`` or ``family``: the group's key and the figure."""
        for (name, group), estimate in self._figures.items():
            key, _, value = group.partition("=")
            if name == measure and key == axis and " | " not in group and estimate.replications > 0:
                yield value, estimate

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Daily series: day, date, measure, group, unit, mean, lower, upper."""
        folder = self.contender.store.path
        try:
            if (folder / "daily.csv").exists():
                return _csv(folder / "daily.csv")
            import pyarrow.parquet as pq

            filters = [("label", "=", self.contender.point.label)]
            table: pd.DataFrame = pq.read_table(folder / "daily.parquet", filters=filters).drop(["label"]).to_pandas()
            return table
        except (OSError, ValueError) as error:
            raise StoreError(f"{folder}: its daily figures cannot be read: {_reason(error)}") from None


@dataclass(frozen=True)
class Material:
    """What a report is made from.

    Attributes
    ----------
    folders : tuple of Path
        The results.
    title : str
        Of the experiment; what was run where there is none.
    question : str
        That the experiment asks.
    options : tuple of Option
        The baseline first.
    left_out : tuple of str
        Points that failed or are not finished, a line each.
    comparison : pandas.DataFrame or None
        As `compare.compare`; None where there is nothing to compare.
    ranking : pandas.DataFrame or None
        As `ranking.ranking`.
    warm_up : pandas.DataFrame
        As `warm_up.warm_up_table`.
    removal : dict of str to pandas.DataFrame
        As `explain.explain`, by label of the scenario, where that has been asked for.
    notes : tuple of str
        What the reader should know of all of them together.
    provenance : tuple of dict
        Of each folder.
    """

    folders: tuple[Path, ...]
    title: str
    question: str
    options: tuple[Option, ...]
    left_out: tuple[str, ...]
    comparison: pd.DataFrame | None
    ranking: pd.DataFrame | None
    warm_up: pd.DataFrame
    removal: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    provenance: tuple[Mapping[str, Any], ...] = ()

    @property
    def baseline(self) -> Option:
        """What the others are held against."""
        return self.options[0]

    @property
    def axes(self) -> dict[str, list[str]]:
        """What varies over the points of a sweep, such as ``settings.acute.capacity``, and its values in order."""
        found: dict[str, dict[str, None]] = {}
        for option in self.options:
            for name, value in option.contender.point.varied.items():
                found.setdefault(name, {})[value] = None
        return {name: list(values) for name, values in found.items() if len(values) > 1}


def read_material(folders: Sequence[Path]) -> Material:
    """Read what a report is made from.

    Parameters
    ----------
    folders : sequence of Path
        Results of runs and sweeps, or of a comparison of such.

    Raises
    ------
    StoreError
        If a folder does not hold results that can be read.
    Damaged
        If a batch is not as it was written.
    """
    folders, baseline, only = _compared_folders([Path(folder) for folder in folders])
    found, left_out = contenders(folders)
    if not found:
        raise StoreError(f"{folders[0]}: nothing in it is finished; there is nothing to report")
    those = chosen(found, baseline, only) if len(found) > 1 else found
    provenance = tuple(_json(folder / PROVENANCE) for folder in folders)
    sweep = len(folders) == 1 and (folders[0] / SWEEP).exists() and baseline is None
    comparison, ranked, settling, notes = _tables_of_sweep(folders[0]) if sweep else _held_against(those)
    asked = found[0].store.asked
    title = str(asked.get("title") or "") if len(folders) == 1 else ""
    names = _names(those)
    return Material(
        tuple(folders),
        title or _title(those),
        str(asked.get("question") or "") if len(folders) == 1 else "",
        tuple(_options(those, names, provenance, folders)),
        (*left_out, *(f"{label}: {why}" for facts in provenance for label, why in facts.get("failed", {}).items())),
        _renamed(comparison, names),
        _renamed(ranked, names),
        _renamed(settling, names),
        {names[label]: table for label, table in _removal(those).items()},
        tuple(dict.fromkeys((*notes, *(note for facts in provenance for note in facts.get("notes", ()))))),
        provenance,
    )


def _compared_folders(folders: list[Path]) -> tuple[list[Path], str | None, tuple[str, ...]]:
    """The results that a comparison was made of, in place of the folder with its tables."""
    if len(folders) != 1 or not (folders[0] / SOURCES).exists():
        return folders, None, ()
    facts = _json(folders[0] / SOURCES)
    try:
        results = [(folders[0] / str(path)).resolve() for path in facts["results"]]
        return results, str(facts["baseline"]), tuple(map(str, facts["options"]))
    except (KeyError, TypeError):
        raise StoreError(f"{folders[0] / SOURCES}: cannot be read") from None


def _title(those: Sequence[Contender]) -> str:
    system, scenario = those[0].scenario.system.title, those[0].scenario.scenario.title
    options = len(those) - 1
    if not options:
        return f"{system}: {scenario}"
    return f"{system}: {options} option{'s' if options > 1 else ''} against {scenario}"


def _names(those: Sequence[Contender]) -> dict[str, str]:
    """What the reader calls each scenario, by its label: its title where the label is no more than its name."""
    titles = {one.label: one.scenario.scenario.title for one in those if one.label == one.scenario.scenario.name}
    names = [titles.get(one.label, one.label) for one in those]
    return {one.label: name if names.count(name) == 1 else one.label for one, name in zip(those, names, strict=True)}


Frame = TypeVar("Frame", "pd.DataFrame", "pd.DataFrame | None")


def _renamed(table: Frame, names: Mapping[str, str]) -> Frame:
    if table is None:
        return table
    return table.assign(**{key: table[key].map(names) for key in ("option", "baseline") if key in table})


def _options(
    those: Sequence[Contender],
    names: Mapping[str, str],
    provenance: Sequence[Mapping[str, Any]],
    folders: Sequence[Path],
) -> Iterator[Option]:
    facts_of = dict(zip(folders, provenance, strict=True))
    tables = {folder: dict(_measures(folder)) for folder in folders}
    for one in those:
        label, folder = one.point.label, one.store.path
        measures = tables[folder].get(label, tables[folder].get(""))
        if measures is None:
            raise StoreError(f"{folder / 'measures.csv'}: says nothing of {label}; finish the sweep first")
        here = facts_of[folder]
        facts = next((point for point in here.get("points", ()) if point.get("label") == label), here)
        yield Option(names[one.label], one, measures, facts)


def _measures(folder: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    table = _csv(folder / "measures.csv")
    columns = ["measure", "group", "unit", "mean", "lower", "upper", "replications"]
    try:
        if "label" not in table:
            yield "", table[columns]
        else:
            for label, part in table.groupby("label", sort=False):
                yield str(label), part[columns]
    except KeyError:
        raise StoreError(f"{folder / 'measures.csv'}: its columns are not those of measures") from None


def _tables_of_sweep(folder: Path) -> tuple[pd.DataFrame | None, pd.DataFrame | None, pd.DataFrame, list[str]]:
    there = (folder / "comparison.csv").exists()
    comparison = _csv(folder / "comparison.csv") if there else None
    ranked = _csv(folder / "ranking.csv") if there else None
    return comparison, ranked, _csv(folder / "warm_up.csv"), []


def _held_against(
    those: Sequence[Contender],
) -> tuple[pd.DataFrame | None, pd.DataFrame | None, pd.DataFrame, list[str]]:
    settling, notes = warm_ups(those)
    baseline, *options = those
    problems = {option.label: why_not(baseline.run, option.run) for option in options}
    notes += [
        f"{label}: not compared with {baseline.label}: {'; '.join(map(str, lines))}"
        for label, lines in problems.items()
        if lines
    ]
    paired = [option for option in options if not problems[option.label]]
    if not paired:
        return None, None, settling, notes
    result = compared([baseline, *paired])
    return result.table, result.ranked, settling, [*notes, *result.notes]


def _removal(those: Sequence[Contender]) -> dict[str, pd.DataFrame]:
    """What `dischargesim explain` found, in the newest folder of each scenario."""
    found: dict[str, pd.DataFrame] = {}
    for folder in dict.fromkeys(one.store.path for one in those):
        for path in sorted(folder.glob("explain*/explain.csv"), key=lambda path: path.stat().st_mtime):
            facts = _json(path.parent / SOURCES) if (path.parent / SOURCES).exists() else {}
            label = str(facts.get("baseline", those[0].point.label))
            known = {one.point.label: one.label for one in those if one.store.path == folder}
            table = _csv(path)
            if label in known and SUM in set(table.get("reason", ())):
                found[known[label]] = table
    return found


def _csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    # Only an empty cell is nothing: a scenario may be called "NA" or "null".
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""], encoding="utf-8")
    except FileNotFoundError:
        raise StoreError(f"{path}: is not there; finish the sweep with: dischargesim sweep --resume") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read: {_reason(error)}") from None
    texts = {str(name): table[name].fillna("").map(from_cell) for name in table if table[name].dtype.kind not in "iufb"}
    return table.assign(**texts)


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(f"{path}: cannot be read: {_reason(error)}") from None
    if not isinstance(data, dict):
        raise StoreError(f"{path}: cannot be read: it is not what was written")
    return data


def _reason(error: Exception) -> str:
    return why(error) if isinstance(error, OSError) else " ".join(str(error).split())[:100]
