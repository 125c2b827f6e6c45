"""The figures of the small hospital are those of the last commit that meant to change them."""

from __future__ import annotations

from tests.regression.small_figures import TABLE, small_figures


def test_figures_of_the_small_hospital_have_not_changed() -> None:
    kept, now = TABLE.read_text(encoding="utf-8").splitlines(), small_figures().splitlines()
    changed = [f"{old}  ->  {new}" for old, new in zip(kept, now, strict=False) if old != new]
    assert kept == now, "python -m tests.regression.small_figures rewrites them:\n" + "\n".join(changed[:30])
