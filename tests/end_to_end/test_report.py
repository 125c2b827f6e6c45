"""The report of real results, from the command line, read back with what people open such files with."""

from __future__ import annotations

import csv
import json
import re
import time
from pathlib import Path

import pytest
from docx import Document
from lxml import html
from openpyxl import load_workbook

from dischargesim.cli import main
from dischargesim.report.economic_case import PARTS
from tests.browsers import open_browser
from tests.sweeps import OWN

QUICK = ["system=small", "run.days=91", "run.warm_up_days=28", "run.replications=6", "--engine", "simpy"]
FILES = {"report.html", "report.docx", "tables.xlsx", "stress_des.md", "figures"}


def made(out: Path, *arguments: str) -> Path:
    """Folder of a run or a sweep."""
    assert main([*arguments, "--out", str(out), "--workers", "1"]) == 0
    (folder,) = (path for path in out.iterdir() if path.is_dir())
    return folder


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A capacity sweep without a report, in a folder whose name is no plain one."""
    out = tmp_path_factory.mktemp("r") / "Ergebnisse für Ärzte (1)"
    return made(out, "sweep", *QUICK, "settings.community_bed.capacity=2,3,8", "report=none")


def stored(folder: Path, label: str) -> dict[str, tuple[float, float, float]]:
    """Mean and interval of the measures for everybody."""
    with (folder / "measures.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["label"] == label and row["group"] == "all"]
    return {row["measure"]: tuple(float(row[key] or "nan") for key in ("mean", "lower", "upper")) for row in rows}  # type: ignore[misc]


@pytest.fixture(scope="module")
def full(sweep: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole report of it, elsewhere."""
    out = tmp_path_factory.mktemp("full") / "report"
    assert main(["report", str(sweep), "--out", str(out)]) == 0
    return out


def read(text: str) -> float:
    return float(text.replace(",", "").replace("\N{MINUS SIGN}", "-").replace("+", ""))


def test_all_formats_are_there(full: Path) -> None:
    assert {path.name for path in full.iterdir()} == FILES


def test_the_page_says_what_is_stored(sweep: Path, full: Path) -> None:
    page = html.fromstring((full / "report.html").read_bytes())
    figures = stored(sweep, "capacity=2")
    table = page.get_element_by_id("headline_baseline")
    rows = {row.xpath("string(./th)").strip(): row.xpath("./td") for row in table.xpath(".//tbody/tr")}
    cells = [cell.text_content().strip() for cell in rows["Bed days lost to delays"]]
    assert [read(cell) for cell in cells[:3]] == pytest.approx(figures["nctr_bed_days_lost"], rel=2e-3)
    assert not page.xpath("//@src[starts-with(., 'http') or starts-with(., '//')]")
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    names = [section.get("id") for section in page.xpath("//section")]
    assert names[0] == "answer"
    for name in ("headline", "differences", "over_time", "reasons", "flow", "money", "capacity", "assumptions"):
        assert name in names, name


def test_the_answer_claims_no_more_than_the_intervals_carry(sweep: Path, full: Path) -> None:
    page = html.fromstring((full / "report.html").read_bytes())
    answer = page.get_element_by_id("answer").text_content()
    with (sweep / "comparison.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["measure"], row["group"]) == ("nctr_bed_days_lost", "all")]
    clear = [row for row in rows if row["verdict"] in ("better", "worse")]
    for row in rows:
        surely = row in clear and (float(row["lower"]) > 0 or float(row["upper"]) < 0)
        said = re.search(rf"{row['option']} by ([\d,]+)", answer) is not None
        assert said == surely, row["option"]
    assert clear and "95% interval" in answer
    assert "opportunity value and not cash" in answer


def test_the_document_says_what_is_stored(sweep: Path, full: Path) -> None:
    document = Document(str(full / "report.docx"))
    texts = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    row = next(cells for cells in texts if cells[0] == "Bed days lost to delays" and len(cells) == 5)
    assert [read(text) for text in row[1:4]] == pytest.approx(
        stored(sweep, "capacity=2")["nctr_bed_days_lost"], rel=2e-3
    )
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings == list(PARTS)


def test_the_workbook_says_what_is_stored(sweep: Path, full: Path) -> None:
    book = load_workbook(full / "tables.xlsx")
    found = [
        [cell.value for cell in row]
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        if row[0].value == "Bed days lost to delays"
    ]
    figures = stored(sweep, "capacity=2")["nctr_bed_days_lost"]
    assert any(row[1:4] == pytest.approx(list(figures), rel=1e-9) for row in found)
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("width", [1200, 375])
def test_the_page_in_a_browser(full: Path, tmp_path: Path, width: int) -> None:
    told: list[str] = []
    with open_browser() as browser:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: told.append(request.url) if not request.url.startswith("file:") else None)
        page.goto((full / "report.html").as_uri())
        charts = page.locator("figure .chart")
        assert charts.count() >= 15
        for at in range(charts.count()):
            charts.nth(at).scroll_into_view_if_needed()
            charts.nth(at).locator("svg.main-svg").first.wait_for(timeout=20_000)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=tmp_path / f"report-{width}.png", full_page=True)
    assert told == []


def test_the_same_bytes_twice(sweep: Path, full: Path, tmp_path: Path) -> None:
    assert main(["report", str(sweep), "--out", str(tmp_path / "again")]) == 0
    for path in sorted(full.rglob("*")):
        # A browser writes pictures as it likes.
        if path.is_file() and path.suffix not in (".png", ".svg", ".docx"):
            assert (tmp_path / "again" / path.relative_to(full)).read_bytes() == path.read_bytes(), path.name


def test_results_stay_as_they_were(sweep: Path) -> None:
    before = {path: path.read_bytes() for path in sweep.rglob("*") if path.is_file()}
    assert main(["report", str(sweep), "--kind", "html"]) == 0
    after = {path: path.read_bytes() for path in sweep.rglob("*") if path.is_file() and path.name != "report.html"}
    assert after == before
    (sweep / "report.html").unlink()


def test_at_the_end_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made(tmp_path, "run", *QUICK, "report=html", "appraisal.delayed_bed_day.base=400")
    assert f"Report: {folder / 'report.html'}" in capsys.readouterr().out.splitlines()
    facts = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert facts["appraisal"]["delayed_bed_day"]["base"] == 400
    page = html.fromstring((folder / "report.html").read_bytes())
    # The report takes the prices that the run was given.
    prices = page.get_element_by_id("money_sources").text_content()
    assert re.search(r"delayed_bed_day.*400", prices, flags=re.DOTALL)
    # The command that makes it again works for whoever has the folder, whatever files it was composed of.
    commands = page.get_element_by_id("reproduce").xpath(".//pre")[0].text_content().splitlines()
    assert f"dischargesim run --from {folder.name}/resolved.yaml" in commands
    # Nothing is compared, and nothing may be claimed to be better.
    assert not page.xpath("//section[@id='differences']")


def test_a_comparison_and_several_runs(sweep: Path, tmp_path: Path) -> None:
    first = made(tmp_path / "a", "run", *QUICK, "report=none")
    second = made(tmp_path / "b", "run", *QUICK, "report=none", "settings.community_bed.capacity=8")
    assert main(["report", str(first), str(second), "--kind", "html"]) == 0
    page = html.fromstring((first / "report" / "report.html").read_bytes())
    assert second.name in page.get_element_by_id("reproduce").text_content()
    assert main(["compare", str(sweep), "--only", "capacity=8", "--out", str(tmp_path / "c")]) == 0
    assert main(["report", str(tmp_path / "c"), "--kind", "html", "appraisal=none"]) == 0
    page = html.fromstring((tmp_path / "c" / "report.html").read_bytes())
    text = page.get_element_by_id("headline").text_content()
    assert "capacity=8" in text and "capacity=3" not in text
    assert not page.xpath("//section[@id='money']")


def test_what_explain_found_stands_in_the_report(sweep: Path, tmp_path: Path) -> None:
    assert main(["explain", str(sweep), "--replications", "2", "--workers", "1", "--out", str(sweep / "explain")]) == 0
    assert main(["report", str(sweep), "--kind", "html", "--out", str(tmp_path)]) == 0
    page = html.fromstring((tmp_path / "report.html").read_bytes())
    assert "do not add up" in page.get_element_by_id("removal").text_content() or page.xpath(
        "//section[@id='removal']//table"
    )


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["report=pdf"], "report: there is no such report (got pdf, expected one of full, html, none)"),
        (["appraisal=scotland"], "appraisal: there is no appraisal of this name (got scotland"),
        (["appraisal.years=-1"], "appraisal.years: too small (got -1"),
        (["appraisal.delayed_bed_day.basis=3"], "appraisal.delayed_bed_day.basis: not a known key"),
    ],
)
@pytest.mark.parametrize("command", ["run", "sweep", "validate"])
def test_bad_wishes_are_told_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, more: list[str], says: str
) -> None:
    out = [] if command == "validate" else ["--out", str(tmp_path / "r")]
    assert main([command, "system=tiny", *OWN, *more, *out]) == 2
    assert capsys.readouterr().err.splitlines()[0].startswith(says)
    assert not (tmp_path / "r").exists()


def test_folders_that_cannot_be_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["report", str(tmp_path / "empty")]) == 2
    assert main(["report", str(tmp_path / "none")]) == 2
    assert main(["report", "appraisal=none"]) == 2
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 3
    assert "not a results folder" in err[0] and "no such folder" in err[1] and "name the folder" in err[2]


def test_two_hundred_points(tmp_path: Path) -> None:
    """Under 12 MB, and made in under 20 s of one core."""
    axes = ["settings.acute.capacity=range(20,40)", "settings.community_bed.capacity=range(2,12)"]
    short = ["system=small", "run.days=28", "run.warm_up_days=7", "run.replications=3", "--engine", "simpy"]
    folder = made(tmp_path, "sweep", *short, *axes, "report=none")
    began = time.process_time()
    assert main(["report", str(folder)]) == 0
    assert time.process_time() - began < 20
    assert (folder / "report.html").stat().st_size < 12e6
