"""The command report, and the report that run and sweep make at their end."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dischargesim.cli.console import Failure, complain, interruptible, progress_of, say
from dischargesim.cli.options import FOLDER, parser

if TYPE_CHECKING:
    from dischargesim.report.write import Kind

_REPORT = """\
what may be said besides (NAME=VALUE):
  appraisal=england                        unit costs; `dischargesim list appraisals`, docs/how_to/appraise.md
  appraisal=none                           no money
  appraisal.delayed_bed_day.base=395       any number of the appraisal, by its path

  dischargesim report results/sweep-20261121-101500
  dischargesim report results/a results/b                    runs held against each other, the first being the baseline
  dischargesim report results/sweep-20261121-101500/comparison

It is made from what is stored; nothing is simulated again. Pictures need a browser; without one all else is made.
"""
_STEPS = 5


def report(arguments: list[str]) -> int:
    """Make a report of results."""
    from dischargesim.report.write import KINDS

    reader = parser("report", "Make what goes into a business case: a page, a document, tables and figures.", _REPORT)
    reader.add_argument("folders", nargs="+", metavar="DIR", help="results of runs, of a sweep, or of a comparison")
    reader.add_argument("--kind", choices=KINDS[:2], default="full", help="full, or only the page (html)")
    reader.add_argument("--config-dir", type=Path, metavar="DIR", help=FOLDER)
    reader.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write it (into the results, or report/ in the first of them)"
    )
    reader.add_argument("--debug", action="store_true", help="show where the program fails, if it does")
    options = reader.parse_intermixed_args(arguments)
    overrides = [text for text in options.folders if _is_appraisal(text)]
    folders = [Path(text) for text in options.folders if not _is_appraisal(text)]
    if not folders:
        raise Failure(["report: name the folder of the results"])
    given = settled_appraisal(overrides, options.config_dir) if overrides else _STORED
    page = _make(folders, options.kind, given, options.out)
    say(str(page))
    return 0


_STORED: Mapping[str, Any] = {"as": "stored"}
"""Stands for the appraisal that the results were made with."""


def _is_appraisal(text: str) -> bool:
    return "=" in text and text.lstrip("+~").split("=")[0].split(".")[0] == "appraisal"


def taken_kind(options: Namespace) -> Kind:
    """What kind of report the command line asks for; taken out of its overrides."""
    from dischargesim.report.write import KINDS
    from dischargesim.scenario.problems import Problem, suggestion

    theirs = [text for text in options.overrides if text.startswith("report=")]
    options.overrides = [text for text in options.overrides if text not in theirs]
    named = theirs[-1].partition("=")[2] if theirs else "full"
    kind = next((kind for kind in KINDS if kind == named), None)
    if kind is None:
        expected = suggestion(named, KINDS) or ", ".join(KINDS)
        raise Failure([str(Problem("report", "there is no such report", named, expected))])
    return kind


def taken_appraisal(options: Namespace) -> dict[str, Any] | None:
    """What things cost, by the command line; taken out of its overrides."""
    theirs = [text for text in options.overrides if _is_appraisal(text)]
    options.overrides = [text for text in options.overrides if text not in theirs]
    return settled_appraisal(theirs, options.config_dir)


def settled_appraisal(overrides: Sequence[str], config_dir: Path | None) -> dict[str, Any] | None:
    """Settings of an appraisal, which are right; None for none."""
    from dischargesim.appraisal.settings import appraisal_settings
    from dischargesim.scenario.asked import asked_for
    from dischargesim.scenario.problems import ScenarioError

    try:
        given = asked_for(overrides, config_dir).appraisal
        if given is not None:
            appraisal_settings(given)
    except ScenarioError as error:
        raise Failure([str(problem) for problem in error.problems]) from None
    return given


def at_the_end(folder: Path, kind: str, appraisal: Mapping[str, Any] | None) -> int:
    """Make the report of a run or a sweep that has just ended; its results stay whatever becomes of the report."""
    from dischargesim.report.write import KINDS

    wanted = next((one for one in KINDS if one == kind), KINDS[0])
    if wanted == "none":
        return 0
    again = f"the results are whole; make the report with: dischargesim report {folder}"
    try:
        say(f"Report: {_make([folder], wanted, appraisal, None)}")
    except Failure as failure:
        raise Failure([*failure.lines, again]) from None
    except KeyboardInterrupt:
        complain(f"interrupted; {again}")
        return 130
    return 0


def _make(folders: Sequence[Path], kind: Kind, given: Mapping[str, Any] | None, out: Path | None) -> Path:
    """Make a report; give its page."""
    from dischargesim.appraisal.settings import appraisal_settings
    from dischargesim.experiment.atomic import CannotWrite
    from dischargesim.experiment.batch_file import Damaged
    from dischargesim.experiment.compared import CannotCompare
    from dischargesim.experiment.store import StoreError
    from dischargesim.report.make import make_report
    from dischargesim.report.material import read_material
    from dischargesim.report.write import write_report
    from dischargesim.scenario.problems import ScenarioError

    try:
        with interruptible() as check, progress_of("the report") as progress:
            done = 0

            def step(name: str) -> None:
                nonlocal done
                check()
                progress(done, _STEPS)
                done += 1

            material = read_material(folders)
            if given is _STORED:
                given = _stored(material.provenance)
            check()
            made = make_report(material, None if given is None else appraisal_settings(given))
            # Of several results it would stand in the place of the report of the first.
            folder = folders[0] if len(folders) == 1 else folders[0] / "report"
            written = write_report(made, out or folder, kind, step)
    except CannotCompare as error:
        raise Failure(error.lines) from None
    except ScenarioError as error:
        raise Failure([str(problem) for problem in error.problems]) from None
    except (StoreError, Damaged, CannotWrite) as error:
        raise Failure([str(error)]) from None
    for line in written.notes:
        complain(line)
    return written.page


def _stored(provenance: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The appraisal that the first of the results was made with; the usual one where they do not say."""
    facts = provenance[0]
    if "appraisal" in facts:
        found: Mapping[str, Any] | None = facts["appraisal"]
        return found
    return settled_appraisal([], None)
