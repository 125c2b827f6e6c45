"""Every figure that is known without simulating is met; docs/verification.md says so, with the figures of now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.verification.check import Check, Figure, Found, Run, measured
from tests.verification.page import COMMAND, PAGE, PARTS, lines, rewritten, tables

CHECKS = {check.key: (part, check) for part, checks in PARTS.items() for check in checks}
BY_HAND = [key for key, (_, check) in CHECKS.items() if check.either_engine]
TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("key", CHECKS)
def test_figures_are_met(key: str) -> None:
    """Within 3.29 standard errors, and sharply enough; and they stand on the page as they are."""
    pytest.importorskip("numba")
    part, check = CHECKS[key]
    found = measured(check)
    assert [problem for one in found for problem in one.problems(check.sharpest)] == []
    here = [row for row in tables(PAGE.read_text(encoding="utf-8"))[part] if row.startswith(f"| `{key}` ")]
    assert here == lines(check, found), f"{COMMAND} rewrites the page"


@pytest.mark.parametrize("key", BY_HAND)
def test_simpy_gives_the_very_same_figures(key: str) -> None:
    """On a run of a month or so; it takes fifty times longer."""
    pytest.importorskip("numba")
    _, check = CHECKS[key]
    one, other = (check.replicate(Run(key, 0, engine, days=42.0)) for engine in ("simpy", "compiled"))
    assert list(one) == list(other)


def test_the_page_has_every_check_and_nothing_else() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for part, rows in tables(text).items():
        expected = [check.key for check in PARTS[part] for _ in check.figures]
        assert [row.split("`")[1] for row in rows] == expected, f"{COMMAND} rewrites the page"
    assert len(CHECKS) == sum(len(checks) for checks in PARTS.values())
    assert all(check.replications >= 30 for _, check in CHECKS.values())


def test_tests_that_the_page_names_are_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = re.findall(r"`tests/([\w/]+\.py)(?:::(\w+))?`", text)
    assert len(named) > 20
    for path, test in named:
        assert f"def {test or 'test_'}" in (TESTS / path).read_text(encoding="utf-8"), f"{path}::{test}"


def off(mean: float, standard_error: float, **figure: float | str) -> Found:
    return Found(Figure("a figure", 10.0, **figure), mean, standard_error)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("measured_figure", "problem"),
    [
        (off(10.3, 0.1), ""),
        (off(10.4, 0.1), "z 4.00"),
        (off(9.6, 0.1), "z -4.00"),
        (off(10.4, 0.1, error=0.2), ""),
        (off(10.4, 0.1, rounding=0.3), ""),
        (off(10.8, 0.1, rounding=0.3), "z 5.00"),
        (off(10.0, 0.3), "too blunt"),
        (off(10.0, 0.3, scale=100.0), ""),
        (off(float("nan"), 0.1), "no figure"),
        (off(11.0, 0.1, not_met="a reason"), ""),
        (off(10.0, 0.1, not_met="a reason"), "met, though it is said not to be: a reason"),
        (off(10.0, 0.0), ""),
        (off(10.1, 0.0), "z inf"),
    ],
)
def test_a_figure_that_is_off_is_told(measured_figure: Found, problem: str) -> None:
    problems = measured_figure.problems(sharpest=0.02)
    assert bool(problems) == bool(problem) and problem in "".join(problems)


def test_the_page_is_rewritten_in_place() -> None:
    """What stands around the tables stays; figures of a check come from its replications."""

    def replicate(run: Run) -> list[float]:
        return [run.rng().normal(10.0), 3.0]

    check = Check("key", "System", "f", "s", (Figure("one", 10.0), Figure("two", 3.0, rounding=1e-9)), replicate, 400)
    begin = f"<!-- table part: written by {COMMAND} -->"
    text = f"before\n{begin}\n\nold\n\n<!-- end of table -->\nafter\n"
    said: list[str] = []
    once = rewritten(text, said.append, {"part": (check,)})
    assert once.startswith(f"before\n{begin}\n\n| check ") and once.endswith("\n\n<!-- end of table -->\nafter\n")
    assert rewritten(once, said.append, {"part": (check,)}) == once
    assert said == ["part: key\n"] * 2
    one, two = once.splitlines()[-5:-3]
    assert one.startswith("| `key` System; 400 replications | f | s | one | 10 | ") and one.endswith(" | yes |")
    assert two == "| `key` | | | two | 3 | the same to 1e-09 | 0.0 | yes |"
