"""What docs/mutation.md says became of the mutants is what was kept of it."""

from __future__ import annotations

from tests.mutation import page


def test_its_tables_are_up_to_date() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.page(text) == text, "run: python -m tests.mutation.page"


def test_every_change_is_listed_once_with_a_reason() -> None:
    changes = page.equivalent()
    keys = [(one["module"], one["line"], one["changed"]) for one in changes]
    assert len(keys) == len(set(keys))
    assert all(one["why"].endswith(".") and one["line"] != one["changed"] for one in changes)
