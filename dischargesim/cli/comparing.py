"""The commands compare and explain."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dischargesim.cli.console import Failure, complain, interruptible, number_text, progress_of, say, show_table
from dischargesim.cli.options import parser, whole_number

if TYPE_CHECKING:
    import pandas as pd

    from dischargesim.experiment.compared import Comparison, Contender

_MOST_SHOWN = 5
"""Options that get a table of their own on the terminal."""
_MOST_EXPLAINED = 20
_COMPARE = """\
The scenarios must be of the same people: same seed, days, warm-up, start date, nation and demand. Then the same person
has the same needs and the same luck in each of them, and the difference shows what was changed and not chance.

  dischargesim sweep scenario=baseline,trusted_assessors,more_reablement
  dischargesim compare results/sweep-20261121-101500
  dischargesim compare results/a results/b --baseline small-baseline
"""
_EXPLAIN = """\
Each reason for delay is removed from the plan alone (its tasks take no time and no staff, its places always have room,
its move-in hours are open day and night), and the same people are simulated again. What that saves is not what is
attributed to the reason, and does not add up.
"""


def compare(arguments: list[str]) -> int:
    """Hold scenarios against a baseline on the same people."""
    reader = parser("compare", "Hold scenarios that were run against a baseline, on the same people.", _COMPARE)
    reader.add_argument("folders", nargs="+", type=Path, metavar="DIR", help="results of a sweep, or of runs")
    reader.add_argument("--baseline", metavar="LABEL", help="what the others are held against (the first)")
    reader.add_argument(
        "--only", action="append", default=[], metavar="LABEL", help="only this option; may be repeated"
    )
    reader.add_argument("--all-pairs", action="store_true", help="also hold the options against each other")
    reader.add_argument("--by", default="nctr_remaining", metavar="MEASURE", help="rank by this (nctr_remaining)")
    reader.add_argument("--group", default="all", metavar="GROUP", help="... of these people (all)")
    reader.add_argument(
        "--by-person",
        nargs="?",
        type=_count,
        const=3,
        default=0,
        metavar="N",
        help="also count people who wait less or more, by simulating N replications again (3)",
    )
    reader.add_argument("--out", type=Path, metavar="DIR", help="a new folder for the tables (beside the results)")
    reader.add_argument("--debug", action="store_true", help="show where the program fails, if it does")
    options = reader.parse_args(arguments)

    from dischargesim.experiment.atomic import CannotWrite
    from dischargesim.experiment.batch_file import Damaged
    from dischargesim.experiment.beside import MadeFrom, check_free, write_tables
    from dischargesim.experiment.compared import CannotCompare, chosen, compared, contenders, warm_ups
    from dischargesim.experiment.store import StoreError

    try:
        check_free(options.out)
        found, left_out = contenders(options.folders)
        those = chosen(found, options.baseline, options.only)
        result = compared(those, all_pairs=options.all_pairs, measure=options.by, group=options.group)
        settling, too_short = warm_ups(those)
        tables = {
            "comparison": result.table,
            "ranking": result.ranked,
            "pairs": result.pairs,
            "warm_up": settling,
        }
        if options.by_person:
            tables["people"] = _by_person(those, options.by_person)
        baseline, *others = (one.label for one in those)
        made_from = MadeFrom(list(dict.fromkeys(options.folders)), baseline, others)
        folder = write_tables(tables, "comparison", made_from, options.out)
    except CannotCompare as error:
        raise Failure(error.lines) from None
    except (StoreError, Damaged, CannotWrite) as error:
        raise Failure([str(error)]) from None
    _show_comparison(result, options.by, options.group)
    if options.by_person:
        _show_people(tables["people"])
    for line in (*left_out, *result.notes, *too_short):
        say(f"Note: {line}")
    say(str(folder))
    return 0


def _show_comparison(result: Comparison, by: str, group: str) -> None:
    from dischargesim.experiment.compare import short_table

    short = short_table(result.table)
    pairs = list(dict.fromkeys(zip(short["baseline"], short["option"], strict=True)))
    for baseline, option in pairs[:_MOST_SHOWN]:
        # A figure that is never defined, such as readmissions where there are none, has nothing to show.
        here: Any = short[(short["baseline"] == baseline) & (short["option"] == option) & (short["pairs"] > 0)]
        rows = [_line(row) for row in here.to_dict("records")]
        columns = [("", "left"), ("unit", "left"), (baseline, "right"), (option, "right"), ("difference", "right")]
        columns += [("95% sure that it lies between", "right"), ("", "left")]
        show_table(f"{option} against {baseline}, on the same people", columns, rows)
    if len(pairs) > _MOST_SHOWN:
        say(f"... and {len(pairs) - _MOST_SHOWN} more, in comparison.csv")
    _show_ranking(result, by, group)
    _show_pairing(result, by, group)
    runs = int(result.pairs["replications"].min())
    if runs < 2:
        complain("One replication gives no interval, so no difference can be called clear; ask for ten or more.")
    else:
        say(
            "better, worse, higher, lower: surely, at 95%, in that measure"
            f"{f', with allowance for the {len(pairs)} comparisons made in it (Holm)' if len(pairs) > 1 else ''}. "
            "No clear difference: it may be chance. Of twenty measures in which nothing differs, one looks clear by "
            "chance."
        )


def _line(row: dict[Any, Any]) -> list[str]:
    from dischargesim.experiment.compare import TOO_FEW

    between = "" if row["verdict"] == TOO_FEW else f"{_signed(row['lower'])} and {_signed(row['upper'])}"
    means = [number_text(row[name]) for name in ("baseline_mean", "option_mean")]
    return [str(row["title"]), str(row["unit"]), *means, _signed(row["difference"]), between, str(row["verdict"])]


def _signed(value: float) -> str:
    """A difference with its sign; small ones to two figures, as they would all be 0.000."""
    size = abs(value)
    if size >= 0.001 or not size or size != size:
        text = number_text(size)
    else:
        text = f"{size:.1e}" if size < 1e-9 else f"{size:.{1 - math.floor(math.log10(size))}f}"
    return text if value == 0 or value != value else f"{'-' if value < 0 else '+'}{text}"


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 1_000_000:
        raise ArgumentTypeError(f"got {text}, expected a whole number of replications, 1 or more")
    return int(text[:9])


def _show_ranking(result: Comparison, by: str, group: str) -> None:
    from dischargesim.measures import MEASURES

    title = next(one.title for one in MEASURES if one.name == by)
    where = "" if group == "all" else f" ({group})"
    ranked = result.ranked
    many = int(ranked["pairs"].iloc[0]) >= 2
    rows = []
    for row in ranked.to_dict("records"):
        mark = ("cannot be told from the best" if row["place"] > 1 else "") if row["may_be_best"] else "worse"
        rows.append(
            [
                str(row["place"]),
                str(row["option"]),
                number_text(row["mean"]),
                number_text(row["behind"]) if row["place"] > 1 else "",
                mark if many else "",
            ]
        )
    columns = [("", "right"), ("", "left"), ("mean", "right"), ("behind the first by", "right"), ("", "left")]
    show_table(f"In order of: {title}{where}, {ranked['unit'].iloc[0]}", columns, rows)


def _show_pairing(result: Comparison, by: str, group: str) -> None:
    table: Any = result.table
    baseline = result.contenders[0].label
    here = table[(table["measure"] == by) & (table["group"] == group) & (table["baseline"] == baseline)]
    reduction = dict(zip(here["option"], here["variance_reduction"], strict=True))
    for row, common in zip(result.pairs.to_dict("records"), result.in_common, strict=True):
        everybody = common.both + common.only_first + common.only_second
        people = (
            f"all {common.both:,} people come in both"
            if common.both == everybody
            else f"{common.both:,} of {everybody:,} people come in both"
        )
        gain = reduction.get(row["option"], float("nan"))
        worth = ""
        if gain == gain and gain != float("inf"):
            worth = f"; pairing was worth {number_text(gain)} times the replications"
        runs = row["replications"]
        say(f"{row['option']}: {runs} replication{'s' if runs != 1 else ''} paired, {people} (in the first){worth}")


def _by_person(those: Sequence[Contender], replications: int) -> pd.DataFrame:
    from dischargesim.experiment.people import by_person

    baseline, *options = those
    common = min(one.point.replications for one in those)
    numbers = range(min(replications, common))
    return by_person(baseline.scenario, [(one.label, one.scenario) for one in options], numbers)


def _show_people(table: pd.DataFrame) -> None:
    words = {
        "delay": ("{less:,.0f} people wait in hospital at least an hour less, {more:,.0f} more, {same:,.0f} as long"),
        "admissions": "{less:,.0f} people are admitted less often, {more:,.0f} more often, {same:,.0f} as often",
    }
    means: Any = table.groupby(["option", "figure"], sort=False)[["less", "more", "same"]].mean()
    runs = table["replication"].nunique()
    for (option, figure), row in means.iterrows():
        told = words[figure].format(**row.to_dict())
        say(f"{option}: {told} (mean of {runs} replication{'s' if runs != 1 else ''})")


def explain(arguments: list[str]) -> int:
    """Remove each reason for delay alone."""
    reader = parser("explain", "What would happen without each reason for delay, on the same people.", _EXPLAIN)
    reader.add_argument("folder", type=Path, metavar="DIR", help="results of a run or a sweep")
    reader.add_argument("--point", metavar="LABEL", help="which scenario of a sweep (the first)")
    reader.add_argument("--replications", type=_count, metavar="N", help=f"the first N (all, up to {_MOST_EXPLAINED})")
    reader.add_argument(
        "--workers", type=whole_number, default=0, metavar="N", help="processes; 0 for one a core, if worth it"
    )
    reader.add_argument("--out", type=Path, metavar="DIR", help="a new folder for the table (beside the results)")
    reader.add_argument("--debug", action="store_true", help="show where the program fails, if it does")
    options = reader.parse_args(arguments)

    from dischargesim.experiment.atomic import CannotWrite
    from dischargesim.experiment.beside import MadeFrom, check_free, write_tables
    from dischargesim.experiment.explain import explain as explained
    from dischargesim.experiment.store import Store, StoreError

    try:
        check_free(options.out)
        store = Store.open(options.folder)
        point = store.point(options.point) if options.point else store.points[0]
        scenario = store.scenario(point)
        there = max(point.replications, 1)
        count = min(options.replications or min(there, _MOST_EXPLAINED), there)
        with interruptible() as check, progress_of(f"{point.label}, without each reason") as progress:

            def report(done: int, total: int) -> None:
                check()
                progress(done, total)

            table = explained(
                scenario,
                range(count),
                workers=options.workers,
                progress=report,
                on_compile=lambda: complain("compiling the engine, once: a quarter of a minute or so"),
            )
        made_from = MadeFrom([options.folder], point.label)
        folder = write_tables({"explain": table}, "explain", made_from, options.out)
    except (StoreError, CannotWrite) as error:
        raise Failure([str(error)]) from None
    _show_explained(table, point.label)
    say(str(folder))
    return 0


def _show_explained(table: pd.DataFrame, label: str) -> None:
    from dischargesim.experiment.explain import SUM

    runs = int(table["replications"].iloc[0])
    rows = []
    for row in table.to_dict("records"):
        between = "" if row["lower"] != row["lower"] else f"{_signed(row['lower'])} and {_signed(row['upper'])}"
        share = "" if row["share"] != row["share"] else f"{row['share']:.0%}"
        figures = ["" if row[name] != row[name] else number_text(row[name]) for name in ("attributed", "saved")]
        rows.append([str(row["title"]), figures[0], share, figures[1], between])
    columns = [("", "left"), ("attributed", "right"), ("share", "right"), ("saved if removed alone", "right")]
    columns.append(("95% sure that it lies between", "right"))
    title = f"{label}: bed days lost to delays, a year ({runs} replication{'s' if runs != 1 else ''})"
    show_table(title, columns, rows)
    total: Any = table[table["reason"] == SUM].iloc[0]
    say(
        f"The parts do not add up: {number_text(total['attributed'])} bed days a year are attributed to the reasons, "
        f"and what removing each alone would save sums to {number_text(total['saved'])}, which nobody can have."
    )
    if runs < 2:
        complain("One replication gives no interval; run more with run.replications=10.")
