"""Results folders taken together: labels, baselines, what is left out, and new folders for tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dischargesim.experiment.atomic import CannotWrite
from dischargesim.experiment.batch import run_batch
from dischargesim.experiment.batch_file import encode
from dischargesim.experiment.beside import MadeFrom, check_free, write_tables
from dischargesim.experiment.compared import (
    CannotCompare,
    Contender,
    chosen,
    compared,
    contenders,
    of_a_sweep,
    warm_ups,
)
from dischargesim.experiment.key import batch_key
from dischargesim.experiment.store import Point, Store
from dischargesim.experiment.worker import Work, pickled
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.schema import Scenario

TABLE = pd.DataFrame({"a": [1.0, 2.5], "b": ["x", "=y"]})


def small(*overrides: str) -> Scenario:
    return load_scenario(["system=small", "run.days=50", "run.warm_up_days=10", "run.engine=simpy", *overrides])


def stored(folder: Path, scenarios: dict[str, Scenario], replications: int = 3, **asked: str) -> Path:
    """A results folder with some scenarios in it."""
    folder.mkdir(parents=True)
    points = [Point(label, {}, batch_key(s), replications, "done") for label, s in scenarios.items()]
    version = {"experiment": "test", **asked}
    store = Store.create(folder, points, {batch_key(s): s for s in scenarios.values()}, version)
    for scenario in scenarios.values():
        key = batch_key(scenario)
        batch = run_batch(scenario, 0, replications)
        store.put(Work(key, 0, replications, "simpy", pickled(scenario)), encode(key, scenario, batch))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("results") / "staff"
    return stored(path, {"one": small(), "two": small("teams.hub.staff=2"), "three": small("teams.ward.staff=3")})


@pytest.fixture(scope="module")
def found(folder: Path) -> list[Contender]:
    return contenders([folder])[0]


def labels(those: list[Contender]) -> list[str]:
    return [one.label for one in those]


def test_all_points_in_their_order(folder: Path, found: list[Contender]) -> None:
    assert labels(found) == ["one", "two", "three"]
    # The same folder twice is one folder.
    assert labels(contenders([folder, folder])[0]) == labels(found)


def test_the_first_is_the_baseline_unless_another_is_named(found: list[Contender]) -> None:
    assert labels(chosen(found, None, [])) == ["one", "two", "three"]
    assert labels(chosen(found, "three", [])) == ["three", "one", "two"]
    assert labels(chosen(found, "three", ["two"])) == ["three", "two"]


def test_the_experiment_names_the_baseline(tmp_path: Path) -> None:
    path = stored(tmp_path / "r", {"one": small(), "two": small("teams.hub.staff=2")}, compare_to="two")
    assert labels(chosen(contenders([path])[0], None, [])) == ["two", "one"]


def test_names_that_two_folders_share(tmp_path: Path) -> None:
    paths = [
        stored(tmp_path / "a", {"same": small(), "only": small("teams.hub.staff=2")}),
        stored(tmp_path / "b", {"same": small("teams.ward.staff=3")}),
    ]
    assert labels(contenders(paths)[0]) == ["a/same", "only", "b/same"]


def test_what_is_not_finished_is_left_out_and_named(tmp_path: Path) -> None:
    path = stored(tmp_path / "r", {"one": small(), "two": small("teams.hub.staff=2")})
    store = Store.open(path)
    store.settle("two", 0, "failed")
    store.write_points()
    there, left_out = contenders([path])
    assert labels(there) == ["one"]
    assert left_out == ["two: left out, since it is failed"]
    with pytest.raises(CannotCompare, match="there is nothing to compare"):
        chosen(there, None, [])


def test_names_that_are_not_there(found: list[Contender]) -> None:
    with pytest.raises(CannotCompare) as error:
        chosen(found, "ones", ["tow"])
    assert error.value.lines == (
        "ones: there is no such point (expected one?)",
        "tow: there is no such point (expected two?)",
    )


def test_the_tables(found: list[Contender]) -> None:
    result = compared(found)
    assert set(result.table["option"]) == {"two", "three"}
    assert list(result.pairs.columns[:3]) == ["option", "baseline", "replications"]
    assert list(result.pairs["replications"]) == [3, 3]
    assert (result.pairs["people_in_both"] > 100).all()
    assert (result.pairs[["only_in_baseline", "only_in_option"]] == 0).all(axis=None)
    assert sorted(result.ranked["option"]) == ["one", "three", "two"]
    assert result.notes == []
    row = result.table[(result.table["measure"] == "nctr_remaining") & (result.table["group"] == "all")].iloc[0]
    figures = [one.figures() for one in found[:2]]
    column = [(name.measure, name.group) for name in figures[0].rows].index(("nctr_remaining", "all"))
    means = [one.values[:, column].mean() for one in figures]
    assert row["difference"] == pytest.approx(means[1] - means[0])


def test_numbers_do_not_depend_on_the_order_of_the_options(found: list[Contender]) -> None:
    one, two, three = found
    first, second = compared([one, two, three]).table, compared([one, three, two]).table
    keys = ["measure", "group", "option"]
    pd.testing.assert_frame_equal(
        first.sort_values(keys, ignore_index=True), second.sort_values(keys, ignore_index=True)
    )


def test_other_people_are_refused_with_every_reason(tmp_path: Path, found: list[Contender]) -> None:
    path = stored(tmp_path / "r", {"odd": small("run.seed=5", "cohorts.frail.arrivals.per_day=1")})
    (odd,) = contenders([path])[0]
    with pytest.raises(CannotCompare) as error:
        compared([found[0], found[1], odd])
    assert [line.split(": ")[:2] for line in error.value.lines] == [
        ["odd", "run.seed"],
        ["odd", "cohorts.frail.arrivals.per_day"],
    ]


def test_fewer_replications_are_paired_and_noted(tmp_path: Path, found: list[Contender]) -> None:
    path = stored(tmp_path / "r", {"few": small("teams.hub.staff=3")}, replications=2)
    result = compared([found[0], *contenders([path])[0]])
    assert result.notes == ["few: replications: 2 replications are paired; it has 2 and one 3"]
    assert list(result.pairs["replications"]) == [2]
    assert result.table["pairs"].max() == 2


def test_what_cannot_be_ranked_by(found: list[Contender]) -> None:
    with pytest.raises(CannotCompare, match=r"cannot be ranked by this \(got people_arrived"):
        compared(found, measure="people_arrived")
    with pytest.raises(CannotCompare, match="has no such group of nctr_remaining"):
        compared(found, group="pathway=P77")


def test_the_warm_up_of_all_of_them(found: list[Contender]) -> None:
    table, lines = warm_ups(found)
    assert set(table["option"]) == {"one", "two", "three"}
    # Two series of the whole hospital, and two of each of its settings.
    assert len(table) == 3 * (2 + 2 * len(found[0].scenario.settings))
    for line in lines:
        assert line.split(": ")[0].split("; ")[0] in ("one", "two", "three")


def test_the_same_warning_is_said_once(tmp_path: Path) -> None:
    names = {f"p{k}": small("run.days=14", f"teams.hub.staff={k}") for k in range(1, 6)}
    _, lines = warm_ups(contenders([stored(tmp_path / "r", names, 5)])[0])
    (line,) = lines
    assert line.startswith("p1; p2; p3 and 2 more: too few counted days to tell")


def test_few_replications_tell_nothing_of_the_warm_up(tmp_path: Path) -> None:
    _, lines = warm_ups(contenders([stored(tmp_path / "r", {"p1": small("run.days=60")}, 4)])[0])
    assert lines == ["p1: too few replications to tell whether the warm-up was long enough (at least 5)"]


def test_a_sweep_is_held_together(tmp_path: Path) -> None:
    names = {"base": small(), "more": small("settings.acute.capacity=34"), "other": small("run.seed=2")}
    tables, notes = of_a_sweep(Store.open(stored(tmp_path / "r", names, 5)))
    assert set(tables) == {"warm_up", "comparison", "ranking"}
    assert set(tables["comparison"]["option"]) == {"more"}
    assert any(note.startswith("other: not compared with base: ") and "seed" in note for note in notes)
    alone, _ = of_a_sweep(Store.open(stored(tmp_path / "s", {"base": small()}, 5)))
    assert set(alone) == {"warm_up"}


def test_tables_get_a_folder_of_their_own(tmp_path: Path) -> None:
    first = write_tables({"t": TABLE}, "comparison", MadeFrom([tmp_path], "a", ["b"]), None)
    second = write_tables({"t": TABLE}, "comparison", MadeFrom([tmp_path], "a", ["b"]), None)
    named = write_tables({"t": TABLE}, "comparison", MadeFrom([tmp_path], "a", ["b"]), tmp_path / "deep" / "down")
    assert [path.relative_to(tmp_path).as_posix() for path in (first, second, named)] == [
        "comparison",
        "comparison-2",
        "deep/down",
    ]
    assert (first / "t.csv").read_text(encoding="utf-8") == "a,b\n1,x\n2.5,'=y\n"
    assert not list(tmp_path.glob(".unfinished*"))


def test_nothing_is_overwritten_and_nothing_is_left_half_done(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="is there already"):
        write_tables({"t": TABLE}, "x", MadeFrom([tmp_path], "a"), tmp_path)
    with pytest.raises(CannotWrite, match="is there already"):
        check_free(tmp_path)
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(CannotWrite, match="cannot be written to"):
        write_tables({"t": TABLE}, "x", MadeFrom([tmp_path / "file"], "a"), None)
    with pytest.raises(KeyError):
        write_tables({"t": TABLE, "bad": _Bad()}, "x", MadeFrom([tmp_path], "a"), None)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


class _Bad:
    """A table that fails while it is written."""

    columns = ("c",)

    def __getitem__(self, name: str) -> None:
        raise KeyError(name)


def test_a_store_of_one_point_has_its_numbers_from_zero(found: list[Contender]) -> None:
    assert np.array_equal(found[0].run.replications, [0, 1, 2])
    assert found[0].run.scenario == replace(found[0]).scenario
