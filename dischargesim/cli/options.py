"""What the commands have in common: how they read their arguments."""

from __future__ import annotations

import argparse
from typing import NoReturn

from dischargesim.cli.console import Failure

FOLDER = "your own folder with system/, scenarios/, experiments/, data/"


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, as all others are."""

    def error(self, message: str) -> NoReturn:
        """Complain."""
        raise Failure([f"{self.prog}: {message} (`{self.prog} --help` says what there is)"])


def parser(name: str, about: str, after: str = "") -> Parser:
    """A parser for a command."""
    return Parser(
        prog=f"dischargesim {name}",
        description=about,
        epilog=after,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def whole_number(text: str) -> int:
    """A number of processes."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {text}, expected a whole number of processes, 0 to 1024") from None
    if not 0 <= number <= 1024:
        raise argparse.ArgumentTypeError(f"got {number}, expected 0 to 1024 processes")
    return number
