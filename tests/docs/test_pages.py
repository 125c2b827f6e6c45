"""Every block of every page is run, and prints what the page shows; what cannot be run says why, and is counted."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from dischargesim.cli import _commands
from tests.docs.pages import DOCS, KINDS, ROOT, Page, pages
from tests.docs.trying import carry_out, has_command, matches, told

PAGES = pages()
NOT_RUN = {"README.md": 2, "docs/how_to/embed_figure.md": 1, "docs/tutorial.md": 5}
"""Blocks that are not run, by page. A block more is a change of this table, which somebody has to agree to."""
DRY_RUN = {"README.md": 1, "docs/how_to/cluster.md": 3, "docs/how_to/sweeps.md": 1}
"""Blocks of sweeps that are too long to run for a test."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_does_what_it_says(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for block, printed in carry_out(page):
        if not matches(block.text, printed):
            shown, found = "\n".join(told(block.text)), "\n".join(told(printed))
            pytest.fail(f"{page.name}:{block.line}: shows\n{shown}\n\nbut what is printed is\n{found}", pytrace=False)


@pytest.mark.parametrize(("mark", "agreed"), [("not run", NOT_RUN), ("dry run", DRY_RUN)])
def test_what_is_not_run_is_counted(mark: str, agreed: dict[str, int]) -> None:
    found = {page.name: sum(block.mark == mark for block in page.blocks) for page in PAGES}
    assert {name: number for name, number in found.items() if number} == agreed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_says_what_it_is(page: Page) -> None:
    assert [f"{page.name}:{block.line}: {block.kind!r}" for block in page.blocks if block.kind not in KINDS] == []
    # A command in an indented block would look like one and never be tried; so would a fence that is never closed.
    assert re.findall(r"^(?: {4,}|\t+)dischargesim .*$", _outside_fences(page), flags=re.MULTILINE) == []
    assert len(re.findall(r"^ *```", page.text, flags=re.MULTILINE)) == 2 * len(page.blocks)
    marks = re.findall(r"<!-- (?:not run|dry run|refused|once there is): .+? -->", page.text)
    assert len(marks) == sum(bool(block.mark) and block.mark != "scenarios over" for block in page.blocks)


def _outside_fences(page: Page) -> str:
    text, last = "", 0
    for block in page.blocks:
        text += page.text[last : block.span[0]]
        last = block.span[1]
    return text + page.text[last:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_named_in_the_text_exist(page: Page) -> None:
    later = {block.why for block in page.blocks if block.mark == "once there is"}
    named = set(re.findall(r"`dischargesim ([a-z]+)\b", page.text))
    assert named - set(_commands()) - {name for name in later if not has_command(name)} == set()


def test_a_list_has_an_empty_line_before_it() -> None:
    # GitHub shows a list without one; the site would run its points together.
    wrong = []
    for page in PAGES:
        lines = _outside_fences(page).splitlines()
        for before, line in pairwise(lines):
            if (
                re.match(r"(?:[-*] |\d+\. )", line)
                and before.strip()
                and not re.match(r"\s*(?:[-*] |\d+\. )|  ", before)
            ):
                wrong.append(f"{page.name}: {line}")
    assert wrong == []


def test_every_page_says_at_the_top_whom_it_is_for() -> None:
    silent = []
    for path in sorted(DOCS.rglob("*.md")):
        if not re.match(r"\d{4}-", path.name):
            begins = path.read_text(encoding="utf-8").split("\n## ")[0]
            silent += [] if re.search(r"^\*For ", begins, flags=re.MULTILINE) else [path.relative_to(DOCS).as_posix()]
    assert silent == []


def test_every_page_can_be_reached() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    decisions = {path.name for path in (DOCS / "decisions").glob("[0-9]*.md")}
    assert Counter(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index)) == Counter(decisions)
    rest = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if path.name not in decisions}
    assert {name for name in rest if name not in nav} == set()


def test_every_measure_that_the_mechanisms_move_exists() -> None:
    page = (DOCS / "how_to" / "mechanisms.md").read_text(encoding="utf-8")
    dictionary = (DOCS / "data_dictionary.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^### `(\w+)`", dictionary, flags=re.MULTILINE))
    moves = " ".join(re.findall(r"\*Moves\*.*?(?=\*Leaves|\*Evidence|\n\n)", page, flags=re.DOTALL))
    assert len(re.findall(r"`(\w+)`", moves)) >= 20
    assert set(re.findall(r"`(\w+)`", moves)) - known == set()


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a  \nb\n\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\nd\n", "a\nb\n", False),
        ("took ... s", "took 3.2 s", True),
        ("took ... s", "took 3.2 minutes", False),
        ("a\n", "a\nb\n", False),
        ("results/small-20261121-101500", "results\\small-20261122-090807", True),
        ("1.5", "1x5", False),
    ],
)
def test_what_counts_as_the_same(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) is same
