"""Daily counts from CSV files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from dischargesim.scenario.csv_files import CsvError, find_csv
from dischargesim.scenario.daily_counts import read_daily_counts
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.problems import ScenarioError
from tests.tiny import CONFIG

FIRST = date(2024, 3, 25)


def table(days: int = 30, first: date = FIRST, separator: str = ",") -> str:
    rows = [f"{first + timedelta(days=day)}{separator}{day % 7}" for day in range(days)]
    return "\n".join([f"date{separator}count", *rows]) + "\n"


@pytest.mark.parametrize(
    "content",
    [
        table().encode(),
        table().encode("utf-8-sig"),
        table(separator=";").encode(),
        table().replace("\n", "\r\n").encode(),
        table(days=40, first=FIRST - timedelta(days=7)).encode(),
        table().replace(",", " , ").encode() + b"\n\n",
        table().replace("date,count", "Count,Ward,Date", 1).encode(),
    ],
    ids=["plain", "byte-order mark", "semicolons", "Windows", "longer", "spaces", "columns"],
)
def test_reads(tmp_path: Path, content: bytes) -> None:
    if b"Ward" in content:
        rows = [row.split(",") for row in table().splitlines()[1:]]
        content = "\n".join(["Count,Ward,Date", *(f"{n},x,{day}" for day, n in rows)]).encode()
    path = tmp_path / "counts.csv"
    path.write_bytes(content)
    assert read_daily_counts(path, FIRST, 21) == [day % 7 for day in range(21)]


def test_british_dates(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("date,count\n25/03/2024,4\n26/03/2024,5\n")
    assert read_daily_counts(path, FIRST, 2) == [4, 5]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: expected a header with the columns date and count"),
        ("day,n\n2024-03-25,1", "line 1: expected a header"),
        ("date,count\n", "has no days in it"),
        ("date,count\n2024-03-25,1\n2024-02-30,1", "line 3: '2024-02-30' is not a date such as 2024-11-01"),
        ("date,count\n2024-03-25,few", "line 2: 'few' is not a number of people"),
        ("date,count\n2024-03-25,-1", "line 2: got -1, expected a whole number of people, 0 to 100000"),
        ("date,count\n2024-03-25,1.5", "line 2: got 1.5, expected a whole number"),
        ("date,count\n2024-03-25,nan", "line 2: got nan, expected a whole number"),
        ("date,count\n2024-03-25,inf", "line 2: got inf, expected a whole number"),
        ("date,count\n2024-03-25", "line 2: expected 2 columns, got 1"),
        ("date,count\n2024-03-25,1\n2024-03-27,1", "line 3: 2024-03-27 is not the day after the line before"),
        ("date,count\n2024-03-25,1\n2024-03-25,1", "line 3: 2024-03-25 is the same day twice"),
        ("date,count\n2024-03-25,1", "has days from 2024-03-25 to 2024-03-25, but the run with its warm-up is from"),
    ],
)
def test_refuses(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(text)
    with pytest.raises(CsvError) as caught:
        read_daily_counts(path, FIRST, 21)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "name", ["../counts.csv", "/etc/passwd", "C:\\counts.csv", "\\\\host\\x.csv", "a/../../x", "", "x\0", "..\\x"]
)
def test_no_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "counts.csv").write_text(table())
    with pytest.raises(CsvError, match="leads elsewhere"):
        find_csv(name, [tmp_path / "data"])


def test_no_link_out(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "secret.csv").write_text(table())
    try:
        (tmp_path / "data" / "counts.csv").symlink_to(tmp_path / "secret.csv")
    except OSError:
        pytest.skip("this system makes no links")
    with pytest.raises(CsvError, match="link to somewhere else"):
        find_csv("counts.csv", [tmp_path / "data"])


def own_folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / "system").mkdir()
    (tmp_path / "data").mkdir()
    text = (CONFIG / "system" / "tiny.yaml").read_text(encoding="utf-8")
    text = text.replace("arrivals: {per_day: 1}", f"arrivals: {{daily_counts: {name}}}")
    (tmp_path / "system" / "mine.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_taken_into_the_scenario(tmp_path: Path) -> None:
    folder = own_folder(tmp_path, "daily counts.csv")
    (folder / "data" / "daily counts.csv").write_text(table())
    scenario = load_scenario(["system=mine"], folder)
    assert scenario.cohorts["older"].arrivals.daily_counts == [day % 7 for day in range(21)]


def test_one_line_names_file_and_path(tmp_path: Path) -> None:
    folder = own_folder(tmp_path, "counts.csv")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(["system=mine"], folder)
    expected = "cohorts.older.arrivals.daily_counts: no such file in the data folder (got counts.csv)"
    assert str(caught.value) == expected
    (folder / "data" / "counts.csv").write_text(table(days=10))
    with pytest.raises(ScenarioError, match="has days from 2024-03-25 to 2024-04-03, but the run") as caught:
        load_scenario(["system=mine"], folder)
    assert len(caught.value.problems) == 1
