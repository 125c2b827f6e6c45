"""Writing to the terminal: any text on any console, tables, and progress."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from dischargesim.experiment.replicate import Progress

_SECONDS_BETWEEN_LINES = 10.0
_WIDTH_OF_A_LOG = 140
_LONGEST_NAME = 48


class Failure(Exception):
    """What was given cannot be used; the lines say why."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def speak_safely() -> None:
    """Write a question mark where the console, such as one of Windows with code page 1252, lacks a letter."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """One line to standard output."""
    sys.stdout.write(text + "\n")


def complain(text: str) -> None:
    """One line to standard error."""
    sys.stderr.write(" ".join(text.splitlines()) + "\n")


def console(stream: TextIO | None = None) -> Console:
    """A rich console that prints what it is given, and wide enough where nobody watches."""
    from rich.console import Console

    out = sys.stdout if stream is None else stream
    width = None if out.isatty() else _WIDTH_OF_A_LOG
    return Console(file=out, width=width, markup=False, highlight=False, emoji=False, soft_wrap=False)


def show_table(title: str, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]) -> None:
    """A table of text.

    Parameters
    ----------
    title : str
        Above the table.
    columns : sequence of (str, str)
        Heading and alignment, ``left`` or ``right``.
    rows : sequence of sequence of str
        The cells.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for at, (heading, align) in enumerate(columns):
        # What a row is stays on one line as long as that leaves room for the rest.
        whole = at == 0 and max((len(row[0]) for row in rows), default=0) <= _LONGEST_NAME
        table.add_column(heading, justify="right" if align == "right" else "left", overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


def number_text(value: float) -> str:
    """A number as people write it: about four figures, thousands apart."""
    if value == 0:
        return "0"
    if value == float("inf"):
        return "no limit"
    if value != value:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"


@contextmanager
def interruptible() -> Iterator[Callable[[], None]]:
    """Ctrl-C, or a request to end, stops the work with `KeyboardInterrupt`; so does the check that this yields.

    The check is needed because an exception that strikes while some package is being loaded may be swallowed there.
    """
    asked: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        raise KeyboardInterrupt

    def check() -> None:
        if asked:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may say what signals do.
        yield check
        return
    usual = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield check
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


@contextmanager
def progress_of(what: str) -> Iterator[Progress]:
    """Progress on standard error: a bar on a terminal, a line now and then in a log."""
    if sys.stderr.isatty():
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console(sys.stderr), transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    began = said = time.monotonic()
    at_first = -1

    def line(done: int, total: int) -> None:
        nonlocal said, at_first
        now = time.monotonic()
        # What was there before, of a sweep that goes on, took no time.
        at_first = done if at_first < 0 else at_first
        if now - said >= _SECONDS_BETWEEN_LINES and done < total:
            said = now
            left = f", about {(now - began) * (total - done) / (done - at_first):.0f} s left" if done > at_first else ""
            sys.stderr.write(f"{what}: {done} of {total} after {now - began:.0f} s{left}\n")
            sys.stderr.flush()

    yield line
