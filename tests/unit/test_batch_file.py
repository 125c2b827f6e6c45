"""The file of a batch gives back what was put in, or says that it is damaged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dischargesim.experiment.batch import Batch, run_batch
from dischargesim.experiment.batch_file import Damaged, encode, read_batch
from tests.tiny import tiny

KEY, FIRST, COUNT = "0123456789abcdef", 3, 2
Tables = list[pa.Table]


@pytest.fixture(scope="module")
def batch() -> Batch:
    return run_batch(tiny("run.days=3"), FIRST, COUNT, "simpy")


@pytest.fixture
def path(tmp_path: Path, batch: Batch) -> Path:
    path = tmp_path / "batch.parquet"
    path.write_bytes(encode(KEY, tiny("run.days=3"), batch))
    return path


def test_it_gives_back_what_was_put_in(path: Path, batch: Batch) -> None:
    found = read_batch(path, KEY, FIRST, COUNT)
    for name in ("values", "daily", "people", "present", "waiting"):
        assert getattr(found, name).tobytes() == getattr(batch, name).tobytes()
    assert found.first == FIRST and len(found) == COUNT


@pytest.mark.parametrize(("key", "first", "count"), [("f" * 16, 3, 2), (KEY, 2, 2), (KEY, 3, 3)])
def test_another_batch_under_its_name(path: Path, key: str, first: int, count: int) -> None:
    with pytest.raises(Damaged, match=r"batch\.parquet: damaged \(it is not what its name says\)"):
        read_batch(path, key, first, count)


def another_value(tables: Tables) -> Tables:
    first, daily = tables
    values = first.column("value").to_numpy().copy()
    values[np.flatnonzero(np.isfinite(values))[0]] += 1
    return [first.set_column(first.schema.get_field_index("value"), "value", pa.array(values)), daily]


def without_days(tables: Tables) -> Tables:
    return tables[:1]


def without_the_last_row(tables: Tables) -> Tables:
    return [tables[0].slice(0, tables[0].num_rows - 1), tables[1]]


def without_the_last_figures(tables: Tables) -> Tables:
    return [tables[0].slice(0, tables[0].num_rows - COUNT), tables[1]]


def backwards(tables: Tables) -> Tables:
    return [tables[0].take(pa.array(np.arange(tables[0].num_rows)[::-1])), tables[1]]


def of_other_days(tables: Tables) -> Tables:
    daily = tables[1]
    days = daily.column("day").to_numpy().copy()
    days[:2] = days[1::-1]
    return [tables[0], daily.set_column(1, daily.schema.field("day"), pa.array(days, pa.int32()))]


def of_other_figures(tables: Tables) -> Tables:
    """The second replication's figures under the first one's names, and so out of order."""
    table = tables[0]
    order = np.arange(table.num_rows)
    order[[-2, -1]] = order[[-1, -2]]
    for name in ("measure", "group", "breakdown"):
        if name in table.column_names:
            at = table.schema.get_field_index(name)
            table = table.set_column(at, table.schema.field(name), table.column(name).take(pa.array(order)))
    return [table, tables[1]]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (another_value, "what it holds is not what was written"),
        (without_days, "it is not what its name says"),
        (without_the_last_row, "rows are missing"),
        (without_the_last_figures, "replications are not in order"),
        (backwards, "replications are not in order"),
        (of_other_days, "days"),
        (of_other_figures, "names are not in order"),
    ],
)
def test_a_well_formed_file_that_says_something_else(path: Path, spoil: Callable[[Tables], Tables], why: str) -> None:
    with pq.ParquetFile(path) as file:
        tables, schema = [file.read_row_group(group) for group in range(file.num_row_groups)], file.schema_arrow
    with pq.ParquetWriter(path, schema, write_page_checksum=True) as writer:
        for table in spoil(tables):
            writer.write_table(table)
    with pytest.raises(Damaged) as caught:
        read_batch(path, KEY, FIRST, COUNT)
    assert why in caught.value.why


def test_counts_at_the_end_that_are_not_there(path: Path) -> None:
    table = pq.read_table(path)
    facts = {name: value for name, value in table.schema.metadata.items() if name != b"at_the_end"}
    with pq.ParquetFile(path) as file:
        tables = [file.read_row_group(group) for group in range(file.num_row_groups)]
    with pq.ParquetWriter(path, table.schema.with_metadata(facts), write_page_checksum=True) as writer:
        for one in tables:
            writer.write_table(one)
    with pytest.raises(Damaged, match="at_the_end"):
        read_batch(path, KEY, FIRST, COUNT)


def test_what_is_no_such_file(path: Path) -> None:
    path.write_bytes(b"not parquet")
    with pytest.raises(Damaged, match=r"^batch\.parquet: damaged"):
        read_batch(path, KEY, FIRST, COUNT)
    path.unlink()
    with pytest.raises(FileNotFoundError):  # nothing of the file's own
        read_batch(path, KEY, FIRST, COUNT)
