"""The pages of the documentation as what can be tried: fenced blocks, in order, with what is said about them.

A fence opens with what it is:

- ``console`` and ``powershell``: commands, a line each. Those of dischargesim are run in this process.
- ``python``: run, with the names of the blocks before it.
- ``yaml`` and ``csv``: a file, written where ``title="folder/name.yaml"`` says.
- ``text``: what the block before it prints. A line ``...`` stands for any lines, ``...`` in a line for any text.

A comment before a block says what is done with it, and a test counts these comments:

- ``<!-- not run: why -->``;
- ``<!-- dry run: why -->``: a sweep whose points are worked out, and not run;
- ``<!-- refused: why -->``: a mistake on purpose, which the tool tells and does not run;
- ``<!-- once there is: report -->``: run as soon as dischargesim has the command;
- ``<!-- scenarios over: small -->``, once on a page: a ``yaml`` block without a title is a scenario over this system,
  or over that which its first line names (``# system: england_average``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
KINDS = {"console", "powershell", "python", "yaml", "csv", "html", "text"}
GENERATED = {
    "calibration.md",
    "data_dictionary.md",
    "face_validity.md",
    "reference/command_line.md",
    "reference/configuration.md",
    "scenarios.md",
    "verification.md",
}
"""Pages that a command writes from figures; their own tests hold them to it."""

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
_MARK = re.compile(r"<!-- (not run|dry run|refused|once there is|scenarios over): (.+?) -->\s*\Z")
_OVER = re.compile(r"^<!-- scenarios over: (\w+) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its kind, its text without the indent, and what the comment before it says."""

    kind: str
    text: str
    line: int
    title: str = ""
    mark: str = ""
    why: str = ""
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Page:
    path: Path
    text: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def over(self) -> str:
        """The system that untitled YAML of this page changes; empty if it is none."""
        found = _OVER.search(self.text)
        return found.group(1) if found else ""


def read(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    return Page(path, text, list(_blocks(text)))


def _blocks(text: str) -> Iterator[Block]:
    for found in _FENCE.finditer(text):
        kind, _, options = found["info"].strip().partition(" ")
        title = re.search(r'title="([^"]+)"', options)
        mark = _MARK.search(text[: found.start()])
        indent = len(found["indent"])
        body = "".join(line[indent:] if line.strip() else line for line in found["text"].splitlines(keepends=True))
        yield Block(
            kind=kind,
            text=body,
            line=text.count("\n", 0, found.start()) + 1,
            title=title.group(1) if title else "",
            mark=mark.group(1) if mark else "",
            why=mark.group(2) if mark else "",
            span=(found.start("text"), found.end("text")),
        )


def pages() -> list[Page]:
    """README and every page that people write."""
    found = [path for path in sorted(DOCS.rglob("*.md")) if path.relative_to(DOCS).as_posix() not in GENERATED]
    return [read(path) for path in (ROOT / "README.md", *found)]
