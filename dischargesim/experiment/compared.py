"""Results in folders, held against each other: which are there, whether they may be paired, and the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dischargesim import __version__
from dischargesim.experiment.compare import Figures, compare
from dischargesim.experiment.growth import FEWEST_RUNS
from dischargesim.experiment.pairing import InCommon, Run, notes, people_in_common, why_not
from dischargesim.experiment.ranking import ranking
from dischargesim.experiment.store import Point, Store
from dischargesim.experiment.warm_up import check, warm_up_table, warnings
from dischargesim.measures import MEASURES, daily_index, measure_index
from dischargesim.scenario.problems import Problem, suggestion
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


_MOST_NAMED = 3


class CannotCompare(ValueError):
    """Results that cannot be compared.

    Parameters
    ----------
    lines : sequence of str
        Why, a line each.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


@dataclass(frozen=True)
class Contender:
    """A scenario with its results.

    Attributes
    ----------
    label : str
        Unlike that of any other; the folder stands before it where two folders use the same.
    store : Store
    point : Point
    """

    label: str
    store: Store
    point: Point

    @cached_property
    def scenario(self) -> Scenario:
        """The whole scenario."""
        return self.store.scenario(self.point)

    def figures(self) -> Figures:
        """What its replications came to, read each time: those of all scenarios may not fit in memory."""
        replication, values = self.store.values(self.point)
        return Figures(self.label, measure_index(self.scenario), replication, values)

    @property
    def run(self) -> Run:
        """What is known of it before its figures are looked at."""
        # A store of another version is not opened in the first place.
        return Run(self.label, self.scenario, np.arange(self.point.replications), __version__)


def contenders(folders: Iterable[Path]) -> tuple[list[Contender], list[str]]:
    """All finished points of some results folders.

    Parameters
    ----------
    folders : iterable of Path
        Of sweeps and single runs.

    Returns
    -------
    found : list of Contender
    left_out : list of str
        A line for each point that failed or is not finished.

    Raises
    ------
    StoreError
        If a folder does not hold results that can be read.
    """
    stores = [Store.open(folder) for folder in dict.fromkeys(folders)]
    count = Counter(point.label for store in stores for point in store.points)
    found, left_out = [], []
    seen: Counter[str] = Counter()
    for store in stores:
        seen[store.path.name] += 1
        # Folders in different places may have the same name.
        again = f" ({seen[store.path.name]})" if seen[store.path.name] > 1 else ""
        for point in store.points:
            name = point.label if count[point.label] == 1 else f"{store.path.name}{again}/{point.label}"
            if point.status == "done":
                found.append(Contender(name, store, point))
            else:
                left_out.append(f"{name}: left out, since it is {point.status}")
    return found, left_out


def chosen(found: Sequence[Contender], baseline: str | None, only: Sequence[str]) -> list[Contender]:
    """The baseline, then the options.

    Parameters
    ----------
    found : sequence of Contender
    baseline : str or None
        Its label; if left out, what the experiment says, or else the first.
    only : sequence of str
        Labels of the options; all others if there are none.

    Raises
    ------
    CannotCompare
        If there is no such label, or nothing to compare.
    """
    by_label = {one.label: one for one in found}
    unknown = [label for label in (*([baseline] if baseline else []), *only) if label not in by_label]
    if unknown:
        lines = [Problem(label, "there is no such point", "", suggestion(label, by_label)) for label in unknown]
        raise CannotCompare([str(line) for line in lines])
    if len(found) < 2:
        there = found[0].label if found else "nothing that is finished"
        raise CannotCompare([f"there is nothing to compare (got {there}, expected two scenarios or more)"])
    if baseline is None:
        named = (one for one in found if one.point.label == one.store.compare_to)
        baseline = next(named, found[0]).label
    options = [one for one in found if one.label != baseline and (not only or one.label in only)]
    if not options:
        raise CannotCompare([f"{baseline}: there is nothing to compare it with"])
    return [by_label[baseline], *options]


@dataclass(frozen=True)
class Comparison:
    """Options held against a baseline.

    Attributes
    ----------
    contenders : sequence of Contender
        The baseline first.
    table : pandas.DataFrame
        As `compare.compare`.
    ranked : pandas.DataFrame
        As `ranking.ranking`.
    in_common : list of InCommon
        Of each option with the baseline, in the first replication.
    notes : list of str
        What the reader should know.
    """

    contenders: Sequence[Contender]
    table: pd.DataFrame
    ranked: pd.DataFrame
    in_common: list[InCommon]
    notes: list[str]

    @property
    def pairs(self) -> pd.DataFrame:
        """A row each option: option, baseline, replications paired, people in both and in one alone."""
        import pandas as pd

        baseline, *options = self.contenders
        rows = []
        for option, common in zip(options, self.in_common, strict=True):
            paired = np.intersect1d(baseline.run.replications, option.run.replications).size
            rows.append((option.label, baseline.label, paired, common.both, common.only_first, common.only_second))
        columns = ["option", "baseline", "replications", "people_in_both", "only_in_baseline", "only_in_option"]
        return pd.DataFrame(rows, columns=columns)


def compared(
    contenders: Sequence[Contender],
    *,
    all_pairs: bool = False,
    measure: str = "nctr_remaining",
    group: str = "all",
) -> Comparison:
    """Hold options against a baseline.

    Parameters
    ----------
    contenders : sequence of Contender
        The baseline first.
    all_pairs : bool
        As for `compare.compare`.
    measure, group : str
        What the scenarios are ranked by.

    Raises
    ------
    CannotCompare
        If they may not be paired, or cannot be ranked by that.
    """
    baseline, *options = contenders
    lines = [str(problem) for option in options for problem in why_not(baseline.run, option.run)]
    if lines:
        raise CannotCompare(lines)
    better = next((one.better for one in MEASURES if one.name == measure), None)
    if better is None:
        ranked_by = [one.name for one in MEASURES if one.better]
        expected = suggestion(measure, ranked_by) or "a measure of which less or more is better"
        raise CannotCompare([str(Problem("--by", "scenarios cannot be ranked by this", measure, expected))])
    for one in contenders:
        groups = [row.group for row in measure_index(one.scenario) if row.measure == measure]
        if group not in groups:
            problem = Problem(
                "--group", f"{one.label} has no such group of {measure}", group, suggestion(group, groups)
            )
            raise CannotCompare([str(problem)])
    ranked: list[Figures] = []

    def read(one: Contender) -> Figures:
        figures = one.figures()
        here = [row for row, name in enumerate(figures.rows) if (name.measure, name.group) == (measure, group)]
        column = figures.values[:, here].copy()
        ranked.append(Figures(one.label, [figures.rows[here[0]]], figures.replication, column))
        return figures

    first = int(baseline.run.replications[0])
    table = compare(read(baseline), (read(option) for option in options), all_pairs=all_pairs)
    return Comparison(
        contenders,
        table,
        ranking(ranked, measure, group, better),
        [people_in_common(baseline.scenario, option.scenario, first) for option in options],
        [str(note) for option in options for note in notes(baseline.run, option.run)],
    )


def warm_ups(contenders: Iterable[Contender]) -> tuple[pd.DataFrame, list[str]]:
    """Whether the warm-up of each scenario was long enough.

    Parameters
    ----------
    contenders : iterable of Contender

    Returns
    -------
    table : pandas.DataFrame
        As `warm_up.warm_up_table`.
    lines : list of str
        What the reader should know, what is the same for several scenarios in one line; empty if all were long enough.
    """
    checks = []
    told: dict[str, list[str]] = {}
    for one in contenders:
        daily = (batch for _, batch in one.store.daily(one.point))
        judged = check(one.scenario, daily_index(one.scenario), daily)
        checks.append((one.label, one.scenario, judged))
        if one.point.replications < FEWEST_RUNS:
            text = f"too few replications to tell whether the warm-up was long enough (at least {FEWEST_RUNS})"
            told.setdefault(text, []).append(one.label)
            continue
        for text in warnings(one.scenario, judged):
            told.setdefault(text, []).append(one.label)
    return warm_up_table(checks), [f"{_several(labels)}: {text}" for text, labels in told.items()]


def of_a_sweep(store: Store) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """What the points of a finished sweep come to when they are held against each other.

    Parameters
    ----------
    store : Store

    Returns
    -------
    tables : dict of str to pandas.DataFrame
        ``warm_up``; and where there are options that may be paired with the baseline, ``comparison`` and ``ranking``.
    notes : list of str
        What the reader should know: warm-ups that are too short, and points that are not compared, and why.
    """
    found = [Contender(point.label, store, point) for point in store.points if point.status == "done"]
    settling, notes = warm_ups(found)
    tables = {"warm_up": settling}
    if len(found) > 1:
        baseline, *options = chosen(found, None, ())
        problems = {option.label: why_not(baseline.run, option.run) for option in options}
        paired = [option for option in options if not problems[option.label]]
        notes += [
            f"{label}: not compared with {baseline.label}: {'; '.join(map(str, why))}"
            for label, why in problems.items()
            if why
        ]
        if paired:
            result = compared([baseline, *paired])
            tables |= {"comparison": result.table, "ranking": result.ranked}
            notes += result.notes
    return tables, notes


def _several(labels: Sequence[str]) -> str:
    shown = "; ".join(labels[:_MOST_NAMED])
    return shown if len(labels) <= _MOST_NAMED else f"{shown} and {len(labels) - _MOST_NAMED} more"
