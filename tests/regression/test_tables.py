"""The figures of every system are those of the last commit that meant to change them, and the changelog says so."""

from __future__ import annotations

import pytest

from dischargesim.scenario.files import sources
from tests.regression.tables import CHANGELOG, COMMAND, TABLES, digest, path, problems_of, stored, table


@pytest.mark.parametrize("name", TABLES)
def test_figures_have_not_changed(name: str) -> None:
    kept, now = path(name).read_text(encoding="utf-8").splitlines(), table(name).splitlines()
    changed = [f"{old}  ->  {new}" for old, new in zip(kept, now, strict=False) if old != new]
    assert kept == now, f"{COMMAND} rewrites them:\n" + "\n".join(changed[:30])


def test_every_system_has_a_table() -> None:
    assert set(sources("system")) <= set(TABLES)


def test_the_changelog_says_whether_numbers_change() -> None:
    """In any clone and without git: the number of the tables stands in the changelog beside the reason."""
    assert problems_of(CHANGELOG.read_text(encoding="utf-8"), digest(list(stored().values()))) == []


A, B, C = "a" * 12, "b" * 12, "c" * 12
RELEASED = f"\n## [0.1.0] - 2026-11-30\n\nNumbers change: yes (first version).\n\n- Tables {A}: first version\n"


def changelog(said: str, *tables: str, released: str = RELEASED) -> str:
    lines = "".join(f"- Tables {number}: a reason\n" for number in tables)
    return f"# Changelog\n\n## [Unreleased]\n\nNumbers change: {said}.\n\n{lines}{released}"


@pytest.mark.parametrize(
    ("text", "now"),
    [
        (changelog("yes", A, released=""), A),
        (changelog("yes", A, B, released=""), B),
        (changelog("no"), A),
        (changelog("yes (a mend)", B), B),
        (changelog("yes", B, C), C),
        (changelog("no", B, A), A),
    ],
)
def test_a_changelog_that_tells(text: str, now: str) -> None:
    assert problems_of(text, now) == []


@pytest.mark.parametrize(
    ("text", "now", "problem"),
    [
        (changelog("yes", A, released=""), B, f"say why: '- Tables {B}: ...'"),
        (changelog("yes", released=""), A, f"say why: '- Tables {A}: ...'"),
        (changelog("no"), B, f"say why: '- Tables {B}: ...'"),
        (changelog("yes", B), C, f"say why: '- Tables {C}: ...'"),
        (changelog("yes", B, C), B, f"say why: '- Tables {B}: ...'"),
        (changelog("no", B), B, "expected 'Numbers change: yes' (got no)"),
        (changelog("yes"), A, "expected 'Numbers change: no' (got yes)"),
        (changelog("perhaps", B), B, "expected one line 'Numbers change: yes' or 'no' (got 0)"),
        ("# Changelog\n" + RELEASED, A, "expected ## [Unreleased] as the first section"),
    ],
)
def test_a_changelog_that_does_not(text: str, now: str, problem: str) -> None:
    assert any(problem in line for line in problems_of(text, now))
