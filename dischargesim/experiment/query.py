"""Questions in SQL to the batches of a store: reading only, and nothing but the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dischargesim.experiment.store import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VIEWS = ("headline", "figures", "daily", "points")
_AT_A_TIME = 10_000


class QueryError(ValueError):
    """A question that cannot be answered; the text says why, in one line."""


class Answer:
    """What a question came to.

    Attributes
    ----------
    columns : list of str
    """

    def __init__(self, connection: DuckDBPyConnection, columns: Sequence[str]) -> None:
        self._connection = connection
        self.columns = list(columns)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, some at a time, so that memory does not grow with their number.

        Raises
        ------
        QueryError
            If something turns out wrong only now.
        """
        import duckdb

        try:
            while rows := self._connection.fetchmany(_AT_A_TIME):
                yield from rows
        except duckdb.Error as error:
            raise QueryError(_one_line(error)) from None


def ask(store: Store, sql: str) -> Answer:
    """Ask a store a question.

    Parameters
    ----------
    store : Store
    sql : str
        One SELECT over the views ``headline`` (point, what varied, replication, measure, unit, value: figures of
        everybody), ``figures`` (the same with a group: everybody and all parts), ``daily`` (with a day) and ``points``.
        A figure that is not defined has no value (NULL).

    Raises
    ------
    QueryError
        If it is not understood, or wants more than to read the store.
    """
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        _make_views(connection, store)
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise QueryError(
                "query: expected one SELECT, such as: select point, avg(value) from headline "
                "where measure = 'nctr_remaining' group by point"
            )
        result = connection.execute(statements[0])
        return Answer(result, [column[0] for column in result.description or ()])
    except duckdb.Error as error:
        raise QueryError(_one_line(error)) from None


def _one_line(error: Exception) -> str:
    if "Table with name" in str(error):
        return f"query: there is no such table; there are {', '.join(VIEWS)}"
    lines = [line for line in str(error).splitlines() if line.strip() and not line.startswith(("LINE ", " "))]
    return f"query: {' '.join(' '.join(lines).split())[:300]}"


def _make_views(connection: DuckDBPyConnection, store: Store) -> None:
    files = [
        (store.batch_path(key, first, count).resolve().as_posix(), key)
        for key in dict.fromkeys(point.key for point in store.points)
        for first, count in store.spans(key)
    ]
    varied = list(dict.fromkeys(name for point in store.points for name in point.varied))
    names = "".join(f", {_name(name)} VARCHAR" for name in varied)
    connection.execute(f"CREATE TABLE points (point VARCHAR{names}, key VARCHAR, replications BIGINT, status VARCHAR)")
    rows = [[p.label, *(p.varied.get(name) for name in varied), p.key, p.replications, p.status] for p in store.points]
    connection.executemany(f"INSERT INTO points VALUES ({', '.join('?' * (len(varied) + 4))})", rows)
    if not files:
        raise QueryError(f"{store.path}: there is nothing in it yet")
    connection.execute("CREATE TABLE files (filename VARCHAR, key VARCHAR)")
    columns = [[path for path, _ in files], [key for _, key in files]]
    connection.execute("INSERT INTO files SELECT unnest(?), unnest(?)", columns)
    # From here on, these files may be read, and nothing else may be reached or changed.
    for setting in (
        # Several threads would add up in another order each time, and the last digits with it.
        "threads = 1",
        "python_enable_replacements = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        f"allowed_paths = [{', '.join(_text(path) for path, _ in files)}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
    batches = f"read_parquet([{', '.join(_text(path) for path, _ in files)}], filename = true)"
    varied_columns = "".join(f"p.{_name(name)}, " for name in varied)
    for view, day, where in (("figures", "", "IS NULL"), ("daily", "b.day, ", "IS NOT NULL")):
        connection.execute(
            f"CREATE VIEW {view} AS SELECT p.point, {varied_columns}b.replication, {day}b.measure, "
            f'b."group", b.unit, if(isnan(b.value), NULL, b.value) AS value '
            f"FROM {batches} b JOIN files f ON f.filename = b.filename "
            f"JOIN points p ON p.key = f.key AND (b.replication < p.replications OR p.status = 'unfinished') "
            f"WHERE b.day {where}"
        )
    # Whoever adds up or averages over figures counts people twice: once among all, once in their group.
    connection.execute('CREATE VIEW headline AS SELECT * EXCLUDE ("group") FROM figures WHERE "group" = \'all\'')


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
