"""Every command and every file of docs/how_to/sweeps.md does what the page says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from dischargesim.cli import main
from dischargesim.experiment.store import Store

PAGE = (Path(__file__).parents[2] / "docs" / "how_to" / "sweeps.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^dischargesim (.+)$", PAGE, flags=re.MULTILINE)
EXPERIMENTS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
CSV = re.findall(r"^```csv\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
SHORT = ["report=none", "run.days=7", "run.warm_up_days=0", "--engine", "simpy", "--workers", "1"]


def test_there_are_some() -> None:
    assert len(COMMANDS) > 10 and len(EXPERIMENTS) >= 5 and len(CSV) == 1


@pytest.mark.parametrize("command", [command for command in COMMANDS if not command.startswith("query")])
def test_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*shlex.split(command), "--dry-run"]) == 0
    *labels, points = capsys.readouterr().out.splitlines()
    assert len(labels) > 1 and points == f"{len(labels)} points"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own" / "experiments").mkdir(parents=True)
    (tmp_path / "own" / "experiments" / "together.csv").write_text(CSV[0], encoding="utf-8")
    return tmp_path / "own"


@pytest.mark.parametrize("text", EXPERIMENTS, ids=lambda text: re.search(r"title: (.*)", text)[1])
def test_experiment(own: Path, text: str) -> None:
    (own / "experiments" / "mine.yaml").write_text(text, encoding="utf-8")
    # The shipped system of some is large: a look at its points will do.
    more = ["--dry-run"] if "england_average" in text else ["run.replications=2"]
    assert main(["sweep", "experiment=mine", "--config-dir", str(own), *SHORT, *more]) == 0
    if more == ["--dry-run"]:
        return
    store = Store.open(next(Path("results").iterdir()))
    assert store.finished and len(store.points) > 1
    assert ("compare_to" in text) == (store.compare_to is not None)


def test_queries(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "system=small", "settings.acute.capacity=28,30", *SHORT, "run.replications=2"]) == 0
    capsys.readouterr()
    queries = [command for command in COMMANDS if command.startswith("query")]
    for command in queries:
        assert main(shlex.split(command)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == 'point,avg("value")' or lines[0].startswith("point,")
    assert {line.split(",")[0] for line in lines[1:3]} == {"capacity=28", "capacity=30"}
    waiting = Path("waiting.csv").read_text(encoding="utf-8").splitlines()
    assert waiting[0] == "point,day,waiting" and len(waiting) == 1 + 2 * 7


def test_files_that_the_page_names_are_there(own: Path) -> None:
    assert main(["sweep", "system=small", *SHORT, "settings.acute.capacity=30,31", "run.replications=2"]) == 0
    folder = next(Path("results").iterdir())
    named = re.findall(r"^\| `([\w./]+)` \|", PAGE, flags=re.MULTILINE)
    assert {name.rstrip("/") for name in named} | {"index.parquet"} == {path.name for path in folder.iterdir()}
