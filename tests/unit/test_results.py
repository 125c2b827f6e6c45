"""Intervals, the results folder, and YAML that reads back."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dischargesim.experiment.cells import write_csv
from dischargesim.experiment.key import resolved_yaml, scenario_hash
from dischargesim.experiment.moments import Moments, interval
from dischargesim.experiment.replicate import Replications, replicate
from dischargesim.experiment.results import ResultsError, results_folder
from dischargesim.measures import Row
from dischargesim.scenario.load import build_scenario, load_scenario_file
from tests.tiny import spoilt, tiny

NOW = datetime(2026, 11, 21, 9, 5, 7)


def test_interval_is_students() -> None:
    """Five values with mean 3 and standard deviation sqrt(2.5): t(4, .975) = 2.776445."""
    mean, lower, upper, count = interval(np.array([[1.0], [2.0], [3.0], [4.0], [5.0]]))
    assert (mean[0], count[0]) == (3.0, 5)
    assert upper[0] - mean[0] == pytest.approx(2.776445 * (2.5 / 5) ** 0.5, rel=1e-6)
    assert mean[0] - lower[0] == pytest.approx(upper[0] - mean[0])


def test_intervals_end_where_the_figures_end() -> None:
    rows = [Row("few", "all", "people"), Row("most", "all", "share"), Row("full", "all", "share")]
    rows.append(Row("setting_queue_growth", "all", "people a week"))
    values = np.array([[0.0, 0.9, 1.1, 0.0], [3.0, 1.0, 0.9, 3.0]])
    _, lower, upper, _ = interval(values)
    assert lower[0] < 0 and upper[1] > 1 and upper[2] > 1.1
    moments = Moments()
    moments.add(values)
    clipped = moments.possible_interval(rows)[1:3]
    assert list(clipped[0]) == [0.0, max(lower[1], 0.0), max(lower[2], 0.0), lower[3]]
    assert list(clipped[1]) == [upper[0], 1.0, upper[2], upper[3]]


def test_interval_leaves_out_what_is_not_defined() -> None:
    nan = np.nan
    mean, lower, upper, count = interval(np.array([[1.0, nan, nan], [nan, nan, 2.0], [3.0, nan, nan]]))
    assert count.tolist() == [2, 0, 1]
    assert mean[0] == 2 and np.isnan(mean[1]) and mean[2] == 2
    assert lower[0] < 2 < upper[0]
    assert np.isnan(lower[1:]).all() and np.isnan(upper[1:]).all()


@pytest.fixture(scope="module")
def result() -> Replications:
    return replicate(tiny(), workers=1, engine="simpy")


def test_tables(result: Replications) -> None:
    assert list(result.measures.columns) == ["measure", "group", "unit", "mean", "lower", "upper", "replications"]
    assert list(result.daily.columns)[:5] == ["day", "date", "measure", "group", "unit"]
    assert result.daily["date"].iloc[0] == "2024-04-01"
    assert result.daily["day"].max() == 13
    assert len(result.by_replication) == 2 * len(result.measures)
    arrived = result.daily[result.daily["measure"] == "daily_arrived"]
    assert len(arrived) == 14
    assert 0 < arrived["mean"].mean() < 4


def test_daily_rows_belong_to_their_day(result: Replications) -> None:
    """Each row holds the mean of its own day and series."""
    rows, days = result.runs[0].daily.shape
    stacked = np.stack([run.daily for run in result.runs]).mean(axis=0)
    at = result.daily.iloc[rows + 1]
    assert at["day"] == 1
    assert at["mean"] == pytest.approx(stacked[1, 1])
    assert len(result.daily) == rows * days


def test_processes_give_the_same(result: Replications) -> None:
    again = replicate(tiny(), workers=2, engine="simpy")
    assert again.workers == 2
    assert np.array_equal(again.values, result.values, equal_nan=True)


def test_replications_differ_and_one_has_no_interval(result: Replications) -> None:
    assert not np.array_equal(result.values[0], result.values[1], equal_nan=True)
    one = replicate(tiny(), replications=1, workers=1, engine="simpy")
    assert one.measures["lower"].isna().all()
    assert np.array_equal(one.values[0], result.values[0], equal_nan=True)


@pytest.mark.parametrize(("asked", "says"), [({"replications": 0}, "replications"), ({"workers": -1}, "workers")])
def test_replicate_refuses(asked: dict[str, int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        replicate(tiny(), **asked)  # type: ignore[arg-type]


def test_everyone_is_accounted_for(result: Replications) -> None:
    """People present at the end hold no more than capacity, and somebody is there."""
    present = np.array([run.present for run in result.runs])
    assert present[:, 0].max() <= 10
    assert present.sum() > 0


def folder_names(root: Path) -> list[str]:
    return sorted(path.name for path in root.iterdir())


def test_never_overwritten(tmp_path: Path) -> None:
    scenario = tiny()
    (tmp_path / "tiny-baseline-20261121-090507-2").mkdir()
    for _ in range(2):
        with results_folder(tmp_path, scenario, NOW) as folder:
            (folder.path / "x").write_text("x")
        assert (folder.path / "x").exists()
    name = "tiny-baseline-20261121-090507"
    assert folder_names(tmp_path) == [name, f"{name}-2", f"{name}-3"]
    assert folder_names(tmp_path / f"{name}-2") == [], "somebody else's"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_interrupted_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), results_folder(tmp_path / "a" / "b", tiny(), NOW) as folder:
        (folder.path / "measures.csv").write_text("half")
        assert not folder.path.name.startswith("tiny")
        raise error
    assert folder_names(tmp_path) == []


def test_interrupted_leaves_earlier_results(tmp_path: Path) -> None:
    (tmp_path / "earlier").mkdir()
    with pytest.raises(KeyboardInterrupt), results_folder(tmp_path, tiny(), NOW):
        raise KeyboardInterrupt
    assert folder_names(tmp_path) == ["earlier"]


def test_nowhere_to_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ResultsError, match="cannot be written to"), results_folder(tmp_path / "file", tiny(), NOW):
        pass


def test_files(tmp_path: Path, result: Replications) -> None:
    with results_folder(tmp_path / "Ergebnisse ü", result.scenario, NOW) as folder:
        folder.write(result.summary, started=NOW, warnings=["mind the gap"], given=["system=tiny"])
    assert folder_names(folder.path) == ["daily.csv", "measures.csv", "provenance.json", "resolved.yaml"]
    assert b"\r" not in (folder.path / "measures.csv").read_bytes()
    facts = json.loads((folder.path / "provenance.json").read_text(encoding="utf-8"))
    assert facts["warnings"] == ["mind the gap"]
    assert facts["seed"] == 1 and facts["replications"] == 2
    assert facts["scenario_sha256"] == scenario_hash(result.scenario)
    assert set(facts["still_in_at_the_end"]) == set(result.scenario.settings)
    assert load_scenario_file(folder.path / "resolved.yaml") == result.scenario


def test_hash_says_what_matters() -> None:
    assert scenario_hash(tiny()) == scenario_hash(tiny("run.workers=2", "run.engine=simpy"))
    assert scenario_hash(tiny()) != scenario_hash(tiny("run.seed=2"))
    assert scenario_hash(tiny()) != scenario_hash(tiny("cohorts.older.stay_days.mean=5.0001"))


@pytest.mark.parametrize(
    "title", ["1e3", "no", "null", "12:30", "- a", "ü: 'x'\n\"y\"", "2024-01-01", "#x", "=1+1", " "]
)
def test_resolved_yaml_reads_back(tmp_path: Path, title: str) -> None:
    scenario = build_scenario(spoilt("settings.acute.title", title))
    path = tmp_path / "resolved.yaml"
    path.write_bytes(resolved_yaml(scenario).encode())
    assert load_scenario_file(path) == scenario


def test_no_formulas(tmp_path: Path) -> None:
    cells = ["=1+1", "+x", "-x", "@x", "x", "\tx", ""]
    write_csv(pd.DataFrame({"group": cells, "mean": [-1.5] * 7, "n": [-1] * 7}), tmp_path / "t.csv")
    first = [line.partition(",")[0] for line in (tmp_path / "t.csv").read_text().splitlines()[1:]]
    assert first == ["'=1+1", "'+x", "'-x", "'@x", "x", "'\tx", '""' if first[-1] else ""]
    assert ",-1.5,-1" in (tmp_path / "t.csv").read_text()
