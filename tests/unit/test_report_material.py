"""What a report is made from: read from stored results, or one line on why it cannot be."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dischargesim.experiment.beside import SOURCES
from dischargesim.experiment.store import StoreError
from dischargesim.report.material import read_material
from tests.sweeps import swept

TINY = ["system=tiny", "report=none", "settings.acute.capacity=9,10", "run.days=28", "run.replications=3"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sweep."""
    return swept(tmp_path_factory.mktemp("m"), *TINY, "executor.workers=1")


@pytest.fixture
def folder(results: Path, tmp_path: Path) -> Path:
    """A copy of it to be spoilt."""
    return Path(shutil.copytree(results, tmp_path / "r"))


def test_what_is_read(results: Path) -> None:
    material = read_material([results])
    assert [option.label for option in material.options] == ["capacity=9", "capacity=10"]
    assert material.axes == {"settings.acute.capacity": ["9", "10"]}
    assert material.comparison is not None and set(material.comparison["option"]) == {"capacity=10"}
    figure = material.baseline.figure("nctr_remaining")
    assert figure is not None and figure.replications == 3 and figure.lower <= figure.mean <= figure.upper
    assert material.baseline.figure("nctr_remaining", "pathway=P9") is None
    assert dict(material.baseline.by("nctr_remaining", "pathway"))
    days = material.baseline.daily
    assert set(days["measure"]) >= {"daily_nctr_remaining"} and days["day"].max() == 27
    assert len(days) == len(material.options[1].daily)


def cut(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def filled(name: str, text: str) -> Callable[[Path], None]:
    def fill(folder: Path) -> None:
        (folder / name).write_text(text, encoding="utf-8")

    return fill


def nothing_done(folder: Path) -> None:
    path = folder / "points.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("done", "unfinished"), encoding="utf-8")


def of_others(folder: Path) -> None:
    path = folder / "measures.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("capacity=10", "capacity=11"), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (cut("measures.csv"), "measures.csv: is not there"),
        (cut("provenance.json"), "provenance.json: cannot be read"),
        (filled("provenance.json", "[]"), "provenance.json: cannot be read: it is not what was written"),
        (filled("provenance.json", "{"), "provenance.json: cannot be read"),
        (filled("measures.csv", "a,b\n1,2\n"), "measures.csv: its columns are not those of measures"),
        (filled("measures.csv", ""), "measures.csv: cannot be read"),
        (filled(SOURCES, '{"results": 3}'), f"{SOURCES}: cannot be read"),
        (nothing_done, "nothing in it is finished"),
        (of_others, "says nothing of capacity=10"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(folder: Path, spoil: Callable[[Path], None], says: str) -> None:
    spoil(folder)
    with pytest.raises(StoreError) as caught:
        read_material([folder])
    assert says in str(caught.value) and "\n" not in str(caught.value)


def test_daily_figures_that_are_lost(folder: Path) -> None:
    (folder / "daily.parquet").write_bytes(b"no parquet")
    with pytest.raises(StoreError, match="its daily figures cannot be read"):
        _ = read_material([folder]).baseline.daily


def test_options_that_cannot_be_paired_are_named(results: Path, tmp_path: Path) -> None:
    other = swept(tmp_path, *TINY, "run.seed=5", "executor.workers=1")
    material = read_material([results, other])
    assert len(material.options) == 4
    assert len({option.label for option in material.options}) == 4
    assert material.comparison is not None and set(material.comparison["option"]) == {f"{results.name}/capacity=10"}
    assert sum("not compared with" in note and "seed" in note for note in material.notes) == 2


def test_folders_of_the_same_name(results: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(results, tmp_path / results.name))
    material = read_material([results, other])
    labels = [f"{results.name}{again}/capacity={size}" for again in ("", " (2)") for size in (9, 10)]
    assert [option.label for option in material.options] == labels
    assert material.comparison is not None and set(material.comparison["option"]) == set(labels[1:])


def test_a_comparison_stands_for_what_it_was_made_of(results: Path, tmp_path: Path) -> None:
    made_from = {"results": [str(results)], "baseline": "capacity=10", "options": ["capacity=9"]}
    (tmp_path / SOURCES).write_text(json.dumps(made_from), encoding="utf-8")
    material = read_material([tmp_path])
    assert [option.label for option in material.options] == ["capacity=10", "capacity=9"]
    assert material.folders == (results.resolve(),)
