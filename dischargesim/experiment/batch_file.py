"""A batch as a parquet file: tidy, small, and sure to be noticed when it is damaged.

Columns replication, day (empty for figures of the whole run), measure, group, unit, value. The first row group holds
the figures of the whole run, the second the daily series. Each page has a checksum; what the checksums do not cover,
such as the footer, is found out by a hash of everything that was read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dischargesim import __version__
from dischargesim.experiment.batch import Batch, Floats, Ints
from dischargesim.measures import Row, daily_index, measure_index
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS = ("measure", "group", "unit")
_COMPRESSION = 3


class Damaged(ValueError):
    """A batch file that cannot be relied on.

    Parameters
    ----------
    path : Path
    why : str
    """

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(f"{path.name}: damaged ({why})")


def encode(key: str, scenario: Scenario, batch: Batch) -> bytes:
    """The file of a batch. The same batch gives the same bytes.

    Parameters
    ----------
    key : str
        Of the scenario.
    scenario : Scenario
    batch : Batch
    """
    import pyarrow.parquet as pq

    counts = {"people": batch.people, "present": batch.present, "waiting": batch.waiting}
    facts = {
        "key": key,
        "first": str(batch.first),
        "count": str(len(batch)),
        "version": __version__,
        "at_the_end": json.dumps({name: array.tolist() for name, array in counts.items()}),
    }
    index, daily = measure_index(scenario), daily_index(scenario)
    facts["sha256"] = _hash(facts, (index, batch.values), (daily, batch.daily))
    file = BytesIO()
    with pq.ParquetWriter(
        file,
        _schema(facts),
        compression="zstd",
        compression_level=_COMPRESSION,
        use_dictionary=True,
        write_statistics=["day"],
        write_page_checksum=True,
    ) as writer:
        writer.write_table(_rows(batch.first, index, batch.values, facts))
        writer.write_table(_rows(batch.first, daily, batch.daily, facts))
    return file.getvalue()


def load() -> None:
    """Load the package that writes files, which takes a moment."""
    import pyarrow.parquet  # noqa: F401


def _schema(facts: dict[str, str]) -> pa.Schema:
    import pyarrow as pa

    text = pa.dictionary(pa.int32(), pa.string())
    numbers = [("replication", pa.int32()), ("day", pa.int32())]
    columns = [*numbers, *((name, text) for name in _TEXTS), ("value", pa.float64())]
    return pa.schema(columns, metadata=facts)


def _rows(first: int, index: Sequence[Row], values: Floats, facts: dict[str, str]) -> pa.Table:
    """A row each replication, figure and, if `values` has a third axis, day."""
    import pyarrow as pa

    count, days = len(values), values.shape[2] if values.ndim == 3 else 0
    replication = np.repeat(np.arange(first, first + count, dtype=np.int32), values[0].size)
    day = np.tile(np.arange(days, dtype=np.int32), count * len(index))
    columns: list[Any] = [pa.array(replication), pa.array(day) if days else pa.nulls(replication.size, pa.int32())]
    for at in range(len(_TEXTS)):
        words = list(dict.fromkeys(row[at] for row in index))
        number = {word: position for position, word in enumerate(words)}
        codes = np.repeat(np.array([number[row[at]] for row in index], dtype=np.int32), max(days, 1))
        columns.append(pa.DictionaryArray.from_arrays(np.tile(codes, count), pa.array(words)))
    columns.append(pa.array(values.ravel()))
    return pa.table(columns, schema=_schema(facts))


def _hash(facts: dict[str, str], *parts: tuple[Sequence[Row], Floats]) -> str:
    """Of everything in a file."""
    whole = hashlib.sha256(
        json.dumps([facts[name] for name in ("key", "first", "count", "version", "at_the_end")]).encode()
    )
    for index, values in parts:
        whole.update(json.dumps([list(row) for row in index]).encode())
        whole.update(repr(values.shape).encode())
        # NaN has many patterns of bits; what was written is what was computed, so the bits are compared.
        whole.update(np.ascontiguousarray(values, dtype="<f8").data)
    return whole.hexdigest()


def read_batch(path: Path, key: str, first: int, count: int) -> Batch:
    """Read the file of a batch, and make sure of it.

    Parameters
    ----------
    path : Path
    key : str
        Of the scenario.
    first, count : int
        Replications that it holds.

    Raises
    ------
    Damaged
        If anything in it is not as it was written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True, memory_map=False) as file:
            facts = {k.decode(): v.decode() for k, v in (file.schema_arrow.metadata or {}).items()}
            tables = [file.read_row_group(group) for group in range(file.num_row_groups)]
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno is not None):
            # The file is not at fault.
            raise
        raise Damaged(path, " ".join(str(error).split())[:80] or type(error).__name__) from None
    given = (key, str(first), str(count), __version__)
    if tuple(facts.get(name) for name in ("key", "first", "count", "version")) != given or len(tables) != 2:
        raise Damaged(path, "it is not what its name says")
    try:
        (index, values), (daily_rows, daily) = (_figures(table, first, count) for table in tables)
        counts = {name: np.array(array, dtype=np.int64) for name, array in json.loads(facts["at_the_end"]).items()}
        if facts["sha256"] != _hash(facts, (index, values), (daily_rows, daily)):
            raise ValueError("what it holds is not what was written")
        return Batch(first, values, daily, _of(counts, "people"), _of(counts, "present"), _of(counts, "waiting"))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Damaged(path, " ".join(str(error).split())[:80]) from None


def _of(counts: dict[str, Ints], name: str) -> Ints:
    return counts[name]


def _figures(table: pa.Table, first: int, count: int) -> tuple[list[Row], Floats]:
    """What the rows of a row group are, and its values by replication, row and day."""
    rows = table.num_rows
    days = 0 if table.column("day").null_count == rows else int(table.column("day").combine_chunks()[-1].as_py()) + 1
    each = rows // count
    lines = each // max(days, 1)
    _expect(rows == count * each and each == lines * max(days, 1) and rows > 0, "rows are missing")
    numbers = np.repeat(np.arange(first, first + count, dtype=np.int32), each)
    _expect(np.array_equal(table.column("replication").to_numpy(), numbers), "replications are not in order")
    if days:
        _expect(np.array_equal(table.column("day").to_numpy(), np.tile(np.arange(days), count * lines)), "days")
    words = [_words(table.column(name).combine_chunks(), count, lines, max(days, 1)) for name in _TEXTS]
    index = [Row(*row) for row in zip(*words, strict=True)]
    values = np.array(table.column("value").to_numpy(), dtype=np.float64)
    return index, values.reshape((count, lines, days) if days else (count, lines))


def _words(column: Any, count: int, lines: int, days: int) -> Iterable[str]:
    codes = column.indices.to_numpy().reshape(count, lines, days)
    _expect(bool((codes == codes[:1, :, :1]).all()), "names are not in order")
    words = column.dictionary.to_pylist()
    return [words[code] for code in codes[0, :, 0].tolist()]


def _expect(true: bool, why: str) -> None:
    if not true:
        raise ValueError(why)
