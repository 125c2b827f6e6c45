"""Questions in SQL: over the store, reading only."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from dischargesim.cli import main
from dischargesim.experiment.query import QueryError, ask
from dischargesim.experiment.store import Store
from dischargesim.measures import daily_index, measure_index
from tests.sweeps import OWN, swept


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    out = tmp_path_factory.mktemp("it's a folder")
    return Store.open(swept(out, "system=tiny", "settings.acute.capacity=9,10", "--workers", "1", *OWN[:0]))


def answers(store: Store, sql: str) -> list[tuple[object, ...]]:
    return list(ask(store, sql).rows())


def test_every_figure_is_there_once(store: Store) -> None:
    point = store.points[1]
    values = store.values(point)[1]
    index = measure_index(store.scenario(point))
    sql = "select replication, measure, \"group\", unit, value from figures where point = 'capacity=10' "
    rows = answers(store, f"{sql} order by replication")
    found = {(r, m, g, u): np.nan if v is None else v for r, m, g, u, v in rows}
    assert len(rows) == len(found) == values.size
    for at, row in enumerate(index):
        np.testing.assert_array_equal([found[(r, *row)] for r in range(2)], values[:, at])


def test_the_headline_is_that_of_measures_csv(store: Store) -> None:
    """A mean over `figures` would count everybody twice: once among all, and once in their group."""
    sql = "select point, avg(value) from headline where measure = 'nctr_remaining' group by point"
    found = dict(answers(store, sql))
    with (store.path / "measures.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["measure"], row["group"]) == ("nctr_remaining", "all")]
    assert len(rows) == 2
    assert found == {row["label"]: pytest.approx(float(row["mean"])) for row in rows}


def test_daily(store: Store) -> None:
    point = store.points[0]
    rows = len(daily_index(store.scenario(point)))
    assert answers(store, "select point, count(*), max(day) from daily group by point order by point") == [
        ("capacity=10", rows * 14 * 2, 13),
        ("capacity=9", rows * 14 * 2, 13),
    ]
    series = next(store.daily(point))[1]
    at = [row.measure for row in daily_index(store.scenario(point))].index("daily_beds_occupied")
    wanted = series[0, at].tolist()
    sql = "select value from daily where point = 'capacity=9' and replication = 0 and measure = 'daily_beds_occupied'"
    assert [row[0] for row in answers(store, f"{sql} and \"group\" = 'all' order by day")] == wanted


def test_what_varied_has_a_column(store: Store) -> None:
    sql = 'select point, "settings.acute.capacity", replications, status from points order by 2'
    assert answers(store, sql) == [("capacity=10", "10", 2, "done"), ("capacity=9", "9", 2, "done")]
    assert len(answers(store, 'select distinct "settings.acute.capacity" from figures')) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_text('{}')",
        "select * from read_csv('{}')",
        "select * from sniff_csv('{}')",
        "select * from '{}'",
        "select * from glob('{}')",
        "copy (select 1) to '{}.new'",
        "copy points to '{}'",
        "attach '{}.new'",
        "export database '{}.new'",
        "create table x as select 1",
        "drop view figures",
        "delete from points",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "reset lock_configuration",
        "select 1; copy (select 1) to '{}.new'",
        "",
        "no sql at all",
    ],
)
def test_nothing_else_can_be_reached_or_changed(store: Store, tmp_path: Path, sql: str) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a\nsecret\n")
    before = {one: one.read_bytes() for one in store.path.rglob("*") if one.is_file()}
    with pytest.raises(QueryError) as caught:
        answers(store, sql.format(path.as_posix()))
    assert "\n" not in str(caught.value) and str(caught.value).startswith("query: ")
    assert [one.name for one in tmp_path.iterdir()] == ["secret.csv"] and path.read_text() == "a\nsecret\n"
    assert {one: one.read_bytes() for one in store.path.rglob("*") if one.is_file()} == before


def test_variables_of_the_program_are_not_tables(store: Store) -> None:
    with pytest.raises(QueryError):
        answers(store, "select * from rows")


def test_on_the_command_line(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sql = "select point, avg(value) as mean, '=1+1' as formula, null as nothing from figures group by all order by all"
    assert main(["query", sql, str(store.path)]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == ["point", "mean", "formula", "nothing"]
    assert rows[1][0] == "capacity=10" and float(rows[1][1]) > 0 and rows[1][2:] == ["'=1+1", ""]
    assert main(["query", sql, str(store.path), "--csv", str(tmp_path / "new ü.csv")]) == 0
    capsys.readouterr()
    assert list(csv.reader((tmp_path / "new ü.csv").read_text(encoding="utf-8").splitlines())) == rows
    assert main(["query", sql, str(store.path), "--format", "table"]) == 0
    assert "capacity=10" in capsys.readouterr().out
    assert main(["query", "select", str(store.path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_newest_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["query", "select 1"]) == 2
    assert capsys.readouterr().err == "query: there are no results in results/; name their folder\n"
    assert main(["run", "system=tiny", *OWN, "--engine", "simpy", "--workers", "1"]) == 0
    capsys.readouterr()
    assert main(["query", "select distinct point, replication from figures order by 2"]) == 0
    assert capsys.readouterr().out.splitlines() == ["point,replication", "baseline,0", "baseline,1"]


def test_a_table_that_is_not_there(store: Store) -> None:
    with pytest.raises(QueryError, match="there is no such table; there are headline, figures, daily, points"):
        ask(store, "select * from figurs")
