"""Loops are given columns of one type, whatever those of the plan are, so that one compiled version serves all."""

from __future__ import annotations

import numpy as np
import pytest

from dischargesim.measures.columns import indices, one_type


def test_a_column_that_will_do_is_not_copied() -> None:
    column = np.arange(5.0)
    assert one_type(column) is column


@pytest.mark.parametrize("form", ["read only", "every other"])
def test_others_are(form: str) -> None:
    column = np.arange(10.0)[::2] if form == "every other" else np.arange(5.0)
    column.flags.writeable = form == "every other"
    made = one_type(column)
    assert made.flags.c_contiguous and made.flags.writeable
    assert made.dtype == column.dtype and made.tolist() == column.tolist()


def test_row_numbers_lose_their_sign_and_nothing_else() -> None:
    rows = indices(np.array([0, 7, 2**31 - 1], dtype=np.int32))
    assert rows.dtype == np.uint32 and rows.tolist() == [0, 7, 2**31 - 1]
