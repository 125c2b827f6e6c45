"""The pages of the reference say what there is, neither more nor less."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

import dischargesim as ds
from dischargesim.cli import main
from dischargesim.cli.reference import FOLDER, command_line, configuration
from dischargesim.experiment.store import POINTS
from dischargesim.measures.facts import OUTCOMES, STAGES
from dischargesim.report.sections.limits import OF_THE_MODEL
from tests.docs import pictures
from tests.docs.pages import DOCS, ROOT

RESULTS = (DOCS / "reference" / "results_folder.md").read_text(encoding="utf-8")


def words(text: str) -> list[str]:
    """Versions of Python wrap the help of a command in different places."""
    return text.replace("[", " [ ").replace("]", " ] ").split()


def test_configuration_is_up_to_date() -> None:
    text = (FOLDER / "configuration.md").read_text(encoding="utf-8")
    assert text == configuration(), "python -m dischargesim.cli.reference"


def test_command_line_is_up_to_date() -> None:
    text = (FOLDER / "command_line.md").read_text(encoding="utf-8")
    assert words(text) == words(command_line()), "python -m dischargesim.cli.reference"


def test_links_of_the_configuration_lead_somewhere() -> None:
    text = configuration()
    titles = [title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)]
    there = set(titles)
    assert len(titles) == len(there)
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) - there == set()


def test_every_public_name_is_on_the_page_of_python() -> None:
    page = (FOLDER / "python.md").read_text(encoding="utf-8")
    named = {name.rpartition(".")[2] for name in re.findall(r"^::: ([\w.]+)$", page, flags=re.MULTILINE)}
    assert set(ds.__all__) - {"__version__"} - named == set()


def described(file: str) -> set[str]:
    """Columns that the page says a file has; `what varied` stands for columns that have the names of what varied."""
    part = re.search(rf"^### `{re.escape(file)}`\n(.*?)(?=^##|\Z)", RESULTS, flags=re.DOTALL | re.MULTILINE)
    assert part is not None, file
    return set(re.findall(r"^\| [`*]([\w ]+)[`*] \|", part.group(1), flags=re.MULTILINE))


def columns(path: Path, varied: Sequence[str]) -> set[str]:
    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    return {"what varied" if name in varied else name for name in table.columns}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Results of a run and of a sweep, with a comparison and an explanation of the sweep."""
    top = tmp_path_factory.mktemp("results")
    short = ["system=small", "run=quick", "--out", str(top), "--workers", "1"]
    # Without a browser the report is made without pictures, and at once.
    with pytest.MonkeyPatch.context() as without:
        without.setenv("BROWSER_PATH", str(top / "none"))
        return _made(top, short)


def _made(top: Path, short: list[str]) -> dict[str, Path]:
    assert main(["run", *short]) == 0
    (run,) = top.iterdir()
    assert main(["sweep", *short, "settings.acute.capacity=28,30"]) == 0
    (sweep,) = set(top.iterdir()) - {run}
    assert main(["compare", str(sweep), "--by-person", "1", "--out", str(top / "comparison")]) == 0
    assert main(["explain", str(sweep), "--workers", "1", "--out", str(top / "explain")]) == 0
    return {"run": run, "sweep": sweep, "comparison": top / "comparison", "explain": top / "explain"}


def test_every_file_of_results_is_named(made: dict[str, Path]) -> None:
    rows = re.findall(r"^\| `([\w./]+)` \| (yes)? ?\| (yes)? ?\|", RESULTS, flags=re.MULTILINE)
    for at, kind in ((1, "run"), (2, "sweep")):
        named = {row[0].rstrip("/") for row in rows if row[at]} - {"UNFINISHED.txt"}
        assert named == {path.name for path in made[kind].iterdir()}, kind


def test_every_column_of_results_is_named(made: dict[str, Path]) -> None:
    varied = ["settings.acute.capacity"]
    plain = {"label", "what varied"}
    assert columns(made["run"] / "measures.csv", ()) == described("measures.csv") - plain
    assert columns(made["run"] / "daily.csv", ()) == described("daily.csv")
    assert columns(made["sweep"] / "daily.parquet", varied) == described("daily.csv") | described("daily.parquet")
    for name in ("measures.csv", POINTS, "comparison.csv", "ranking.csv", "warm_up.csv", "index.parquet"):
        assert columns(made["sweep"] / name, varied) == described(name), name
    for path in (made["sweep"] / "batches").iterdir():
        assert columns(path, varied) == described("batches/*.parquet")
    for name in ("comparison", "explain"):
        for path in made[name].glob("*.csv"):
            assert columns(path, varied) == described(path.name), path.name


def test_figures_that_pages_name_are_there(made: dict[str, Path]) -> None:
    page = (DOCS / "how_to" / "embed_figure.md").read_text(encoding="utf-8")
    named = set(re.findall(r"figures/([\w.]+)", page)) | {"plotly.min.js"}
    assert len(named) > 1
    assert named - {path.name for path in (made["sweep"] / "figures").iterdir()} == set()


def test_every_other_file_of_a_comparison_is_named(made: dict[str, Path]) -> None:
    others = {path.name for name in ("comparison", "explain") for path in made[name].iterdir() if path.suffix != ".csv"}
    assert {name for name in others if f"`{name}`" not in RESULTS} == set()


def test_no_file_is_named_that_there_is_not(made: dict[str, Path]) -> None:
    there = {path.name for folder in made.values() for path in folder.iterdir()} | {"batches/*.parquet"}
    assert set(re.findall(r"^### `([^`]+)`$", RESULTS, flags=re.MULTILINE)) - there == set()


@pytest.mark.parametrize("source", sorted(pictures.FOLDER.glob("*.mmd")), ids=lambda path: path.stem)
def test_picture_is_up_to_date(source: Path) -> None:
    drawn = source.with_suffix(".svg").read_text(encoding="utf-8")
    assert pictures.checksum(source) in drawn.splitlines()[0], "python -m tests.docs.pictures"
    pages = "".join(path.read_text(encoding="utf-8") for path in (DOCS / "background").glob("*.md"))
    assert f"(pictures/{source.stem}.svg)" in pages


def test_pictures_show_what_the_code_knows() -> None:
    delay = (pictures.FOLDER / "delay.mmd").read_text(encoding="utf-8").replace(" a ", " ")
    found = [delay.find(f'["{stage.replace("_", " ")}') for stage in STAGES]
    assert min(found) > 0 and found == sorted(found)
    journey = (pictures.FOLDER / "journey.mmd").read_text(encoding="utf-8")
    words = {"setback": "setback", "death": "die", "recovery": "recover", "decline": "decline", "switch": "switch"}
    # Mutual aid between localities is on the page of the mechanisms.
    assert set(words) == set(OUTCOMES) - {"mutual_aid"}
    assert [word for word in words.values() if word not in journey] == []
    settings = (pictures.FOLDER / "settings.mmd").read_text(encoding="utf-8")
    shown = {"community_bed": "Community<br/>beds", "end_of_life_care": "End-of-life", "home_care": "Home care"}
    shown |= {"acute": "Acute beds", "virtual_ward": "Virtual ward", "reablement": "Reablement"}
    shown |= {"community_health": "Community nursing", "community": "People at home"}
    homes = {"residential_home", "residential_dementia", "nursing_home", "nursing_dementia"}
    assert set(ds.load_scenario(["system=england_average"]).settings) == set(shown) | homes
    assert [text for text in (*shown.values(), "Care homes") if text not in settings] == []


def test_what_is_left_out_is_what_reports_say() -> None:
    page = " ".join((DOCS / "background" / "left_out.md").read_text(encoding="utf-8").split())
    assert [text for text in OF_THE_MODEL if text not in page] == []


def test_figures_of_the_quality_log_are_those_of_the_pages_they_come_from() -> None:
    log = (DOCS / "background" / "quality_assurance.md").read_text(encoding="utf-8")
    target = re.search(r"\| Delayed 7 days or more[^|]*\| ([\d.]+) \|[^|]*\| ([\d.]+) \|", _page("calibration.md"))
    shares = re.search(r"(\d+ of \d+) reasons have the national share", _page("face_validity.md"))
    assert target is not None and f"{target.group(2)}% against {target.group(1)}%" in log
    assert shares is not None and f"{shares.group(1)} national shares inside the interval" in log


def test_tests_that_the_quality_log_names_are_there() -> None:
    log = (DOCS / "background" / "quality_assurance.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/.]+)`", log)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")
