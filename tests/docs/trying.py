"""Doing what a page says, in a folder of its own, and comparing what comes out with what it shows."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dischargesim import draw_plan, load_scenario, measure, simulate
from dischargesim.cli import _commands, main
from dischargesim.plan.check import check_plan
from tests.docs.pages import Block, Page

_STAMPED = re.compile(r"results/(?P<name>[\w.-]+?)-\d{8}-\d{6}\b")
_STAMP = re.compile(r"-\d{8}-\d{6}(-\d+)?\b")
_DAYS = ["run.days=12", "run.warm_up_days=3"]
"""Of a scenario that is only tried for whether it runs."""


class PageIsWrong(AssertionError):
    """What a page says does not hold."""


def has_command(name: str) -> bool:
    return name in _commands()


def carry_out(page: Page) -> Iterator[tuple[Block, str]]:
    """Do what the page says in the current folder; each `text` block with what was printed in fact."""
    # Dataclasses and pickles look for the module in which a name was made.
    module = types.ModuleType("page")
    sys.modules["page"] = module
    folders: dict[str, str] = {}
    printed: str | None = None
    for block in page.blocks:
        where = f"{page.name}:{block.line}"
        if block.mark == "not run" or (block.mark == "once there is" and not has_command(block.why)):
            printed = None
            continue
        if block.kind == "text":
            if printed is None:
                raise PageIsWrong(f"{where}: shows the output of nothing that is run")
            yield block, printed
            continue
        with _at(where):
            printed = _try(page, block, module, folders)


@contextlib.contextmanager
def _at(where: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise PageIsWrong(f"{where}: {type(error).__name__}: {error}") from error


def _try(page: Page, block: Block, module: types.ModuleType, folders: dict[str, str]) -> str | None:
    if block.kind in ("console", "powershell"):
        return "".join(_run(line, block, folders) for line in block.text.splitlines() if line.strip())
    if block.kind == "python":
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(block.text, f"{page.name}:{block.line}", "exec"), module.__dict__)
        return out.getvalue()
    if block.title:
        path = Path(block.title)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8", newline="\n")
    elif block.kind == "yaml" and page.over:
        _load_and_run(block, page.over)
    else:
        raise PageIsWrong("a file with no title, so it cannot be tried")
    return None


def _run(line: str, block: Block, folders: dict[str, str]) -> str:
    program, *arguments = shlex.split(line)
    if program != "dischargesim":
        raise PageIsWrong(f"only dischargesim can be run here (got {line})")
    arguments = [_STAMPED.sub(lambda found: _folder(found, folders), argument) for argument in arguments]
    if block.mark == "dry run":
        arguments.append("--dry-run")
    elif has_command("report") and arguments[0] in ("run", "sweep") and not {"--dry-run", "--resume"} & set(arguments):
        # The report, with its pictures, takes longer than all else; `dischargesim report` is tried on its own.
        arguments.append("report=none")
    out, complaints = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaints):
        code = main(arguments)
    wanted = 2 if block.mark == "refused" else 0
    if code != wanted:
        raise PageIsWrong(f"exit code {code} of: {line}\n{complaints.getvalue()}")
    # What a mistake is told goes to the other stream, and is what the page shows.
    return complaints.getvalue() if block.mark == "refused" else out.getvalue()


def _folder(found: re.Match[str], folders: dict[str, str]) -> str:
    """The folder that was made in place of one whose date and time stand on the page.

    The second name of a kind on a page is the second folder of that kind.
    """
    if found.group() not in folders:
        before = sum(_STAMP.sub("", name) == _STAMP.sub("", found.group()) for name in folders)
        there = sorted(
            path
            for path in Path("results").iterdir()
            if _STAMP.sub("", path.name) == found["name"] and _STAMP.search(path.name)
        )
        if before >= len(there):
            raise PageIsWrong(f"no such results were made (got {found.group()}, there are {[p.name for p in there]})")
        folders[found.group()] = there[before].as_posix()
    return folders[found.group()]


def _load_and_run(block: Block, over: str) -> None:
    """A piece of a scenario loads, changes something, and runs to sensible figures."""
    named = re.match(r"# system: (\w+)\n", block.text)
    system = f"system={named.group(1) if named else over}"
    folder = Path(f"block-{block.line}")
    (folder / "scenarios").mkdir(parents=True)
    text = f"scenario: {{title: From the page}}\n{block.text}"
    (folder / "scenarios" / "mine.yaml").write_text(text, encoding="utf-8", newline="\n")
    scenario = load_scenario([system, "scenario=mine", *_DAYS], folder)
    plain = load_scenario([system, *_DAYS], folder)
    if scenario.model_dump(exclude={"scenario"}) == plain.model_dump(exclude={"scenario"}):
        raise PageIsWrong("a scenario that changes nothing")
    plan = draw_plan(scenario)
    check_plan(plan)
    table = measure(plan, simulate(plan, "simpy"))
    if not np.isfinite(table.value[table.measure == "nctr_remaining"]).all():
        raise PageIsWrong("people remaining is not a number")


def told(text: str) -> list[str]:
    """Output as it is compared: no blanks at the ends, one kind of slash, no dates of folders."""
    lines = [_STAMP.sub("-DATE-TIME", line.rstrip()).replace("\\", "/") for line in text.strip("\n").splitlines()]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def matches(shown: str, printed: str) -> bool:
    """Whether what a page shows is what was printed, with `...` for what it leaves out."""
    pattern = ""
    for line in told(shown):
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.split("...")) + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in told(printed))) is not None
