"""compare and explain, from the command line, and the page that describes them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dischargesim.cli import main
from dischargesim.cli.comparing import _signed
from dischargesim.experiment.explain import explain
from dischargesim.experiment.store import Store
from dischargesim.measures import measure_index

QUICK = ["system=small", "report=none", "run.days=60", "run.warm_up_days=20"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line: exit code, output, complaints."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def ran(root: Path, *arguments: str) -> Path:
    """The results folder of a sweep or a run."""
    before = set(root.iterdir()) if root.exists() else set()
    assert main([*arguments, "--engine", "simpy", "--out", str(root)]) == 0
    (folder,) = set(root.iterdir()) - before
    return folder


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three numbers of community beds, eight replications each."""
    return ran(
        tmp_path_factory.mktemp("sweep"),
        *("sweep", *QUICK, "settings.community_bed.capacity=2,8,9", "run.replications=8", "--workers", "1"),
    )


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""])


def test_compare(run: Run, sweep: Path, tmp_path: Path) -> None:
    code, out, err = run("compare", sweep, "--out", tmp_path / "new")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == str(tmp_path / "new")
    assert "capacity=8 against capacity=2, on the same people" in out
    assert "95% sure that it" in out and "better" in out and "no clear difference" in out
    assert "8 replications paired, all 512 people come in both" in re.sub(r"all \d+ people", "all 512 people", out)
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["comparison.csv", "made_from.json", "pairs.csv", "ranking.csv", "warm_up.csv"]
    made_from = json.loads((tmp_path / "new" / "made_from.json").read_text(encoding="utf-8"))
    assert (tmp_path / "new" / made_from["results"][0]).resolve() == sweep.resolve()
    assert (made_from["baseline"], made_from["options"]) == ("capacity=2", ["capacity=8", "capacity=9"])
    found = table(tmp_path / "new", "comparison").set_index(["option", "measure", "group"])
    row = found.loc[("capacity=8", "nctr_remaining", "all")]
    store = Store.open(sweep)
    means = {}
    for label in ("capacity=2", "capacity=8"):
        point = store.point(label)
        measures = table(sweep, "measures")
        here = measures[(measures["measure"] == "nctr_remaining") & (measures["group"] == "all")]
        means[label] = here[here.iloc[:, 0] == label]["mean"].iloc[0]
        assert point.replications == 8
    assert row["baseline_mean"] == pytest.approx(means["capacity=2"])
    assert row["option_mean"] == pytest.approx(means["capacity=8"])
    assert row["difference"] == pytest.approx(means["capacity=8"] - means["capacity=2"])
    assert row["lower"] < row["difference"] < row["upper"] < 0
    ranked = table(tmp_path / "new", "ranking")
    assert list(ranked["option"])[-1] == "capacity=2"
    assert list(ranked["may_be_best"])[-1] in (False, "False")


def test_the_same_tables_again(run: Run, sweep: Path) -> None:
    """Byte for byte, beside each other, and none overwritten."""
    first = Path(run("compare", sweep)[1].splitlines()[-1])
    second = Path(run("compare", sweep)[1].splitlines()[-1])
    assert first != second
    assert first.parent == second.parent == sweep
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


def test_the_results_are_left_as_they_were(run: Run, sweep: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in sweep.rglob("*") if path.is_file()}
    run("compare", sweep, "--out", tmp_path / "a")
    run("explain", sweep, "--replications", "1", "--out", tmp_path / "b")
    assert {path: path.read_bytes() for path in sweep.rglob("*") if path.is_file()} == before


def test_another_baseline_and_only_one_option(run: Run, sweep: Path, tmp_path: Path) -> None:
    options = ["--baseline", "capacity=8", "--only", "capacity=9", "--out", tmp_path / "new"]
    code, out, _ = run("compare", sweep, *options, "--by", "bed_wait_mean", "--by-person", "1")
    assert code == 0
    found = table(tmp_path / "new", "comparison")
    assert set(found["baseline"]) == {"capacity=8"}
    assert set(found["option"]) == {"capacity=9"}
    assert "In order of: Mean wait for an acute bed" in out
    assert "people wait in hospital at least an hour less" in out
    people = table(tmp_path / "new", "people")
    assert list(people["figure"]) == ["delay", "admissions"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-1234.4, "-1,234"),
        (2.0, "+2.00"),
        (-0.0123, "-0.012"),
        (0.000061, "+0.000061"),
        (-0.00099999, "-0.00100"),
        (3e-12, "+3.0e-12"),
        (float("nan"), "-"),
    ],
)
def test_differences_have_a_sign_and_at_least_two_figures(value: float, text: str) -> None:
    assert _signed(value) == text


def test_all_pairs(run: Run, sweep: Path, tmp_path: Path) -> None:
    run("compare", sweep, "--all-pairs", "--out", tmp_path / "new")
    found = table(tmp_path / "new", "comparison")
    pairs = set(zip(found["baseline"], found["option"], strict=True))
    assert pairs == {("capacity=2", "capacity=8"), ("capacity=2", "capacity=9"), ("capacity=8", "capacity=9")}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Single runs that do and do not go together."""
    root = tmp_path_factory.mktemp("runs")
    return {
        name: ran(root, "run", *QUICK, "run.replications=2", "--workers", "1", *changed)
        for name, changed in {
            "base": (),
            "staff": ("teams.hub.staff=2",),
            "seed": ("run.seed=1", "run.days=61"),
        }.items()
    }


def test_single_runs(run: Run, runs: dict[str, Path], tmp_path: Path) -> None:
    code, out, _ = run("compare", runs["base"], runs["staff"], "--out", tmp_path / "new")
    assert code == 0
    # Both are called baseline, so that the folder stands before it.
    assert f"{runs['staff'].name}/baseline against" in re.sub(r"\s+", " ", out)


def test_runs_of_other_people_are_refused(run: Run, runs: dict[str, Path], tmp_path: Path) -> None:
    code, out, err = run("compare", runs["base"], runs["seed"], "--out", tmp_path / "new")
    assert (code, out) == (2, "")
    first, second = err.splitlines()
    assert "run.seed: other people, drawn from another seed" in first
    assert "run.days: another number of counted days" in second and "(got 61, expected 60)" in second
    assert not (tmp_path / "new").exists()


def test_one_replication_claims_nothing(run: Run, tmp_path: Path) -> None:
    folder = ran(tmp_path / "r", "sweep", *QUICK, "teams.hub.staff=1,3", "run.replications=1", "--workers", "1")
    code, out, err = run("compare", folder, "--out", tmp_path / "new")
    assert code == 0
    assert "One replication gives no interval" in err
    assert not re.search(r"\b(better|worse|no clear difference)\b", out)
    assert set(table(tmp_path / "new", "comparison")["verdict"]) == {"too few replications"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--baseline", "capacity=3"], "capacity=3: there is no such point"),
        (["--only", "x"], "x: there is no such point"),
        (["--only", "capacity=2"], "capacity=2: there is nothing to compare it with"),
        (["--by", "team_hours"], "--by: scenarios cannot be ranked by this"),
        (
            ["--by", "nctr_remaining", "--group", "pathway=P9"],
            "--group: capacity=2 has no such group of nctr_remaining",
        ),
        (["--by-person", "0"], "expected a whole number of replications"),
    ],
)
def test_what_cannot_be_compared_is_one_line(run: Run, sweep: Path, arguments: list[str], line: str) -> None:
    code, out, err = run("compare", sweep, *arguments)
    assert (code, out) == (2, "")
    assert line in err
    assert len(err.splitlines()) == 1


def test_nothing_is_overwritten(run: Run, sweep: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for command in ("compare", "explain"):
        code, _, err = run(command, sweep, "--out", tmp_path / "there")
        assert code == 2
        assert "is there already; nothing is overwritten" in err
    assert list((tmp_path / "there").iterdir()) == []


@pytest.mark.parametrize("command", ["compare", "explain"])
def test_a_folder_without_results(run: Run, tmp_path: Path, command: str) -> None:
    assert run(command, tmp_path / "nowhere")[0] == 2
    code, out, err = run(command, tmp_path)
    assert (code, out) == (2, "")
    assert "not a results folder" in err and len(err.splitlines()) == 1


def test_explain(run: Run, sweep: Path, tmp_path: Path) -> None:
    code, out, err = run("explain", sweep, "--point", "capacity=2", "--replications", "3", "--out", tmp_path / "new")
    assert (code, err) == (0, "")
    assert "The parts do not add up" in out
    found = table(tmp_path / "new", "explain").set_index("reason")
    # What is attributed is what the results say, over the same replications.
    store = Store.open(sweep)
    scenario = store.scenario(store.point("capacity=2"))
    again = explain(scenario, range(3)).set_index("reason")
    assert found["saved"].to_numpy() == pytest.approx(again["saved"].to_numpy(), nan_ok=True)
    _, values = store.values(store.point("capacity=2"))
    column = [(row.measure, row.group) for row in measure_index(scenario)].index(("nctr_bed_days_lost", "all"))
    lost = np.mean(values[:3, column]) * 365.25 / 60
    assert found.loc["total", "attributed"] == pytest.approx(lost)
    assert found.loc["sum", "attributed"] == pytest.approx(lost)
    assert found.loc["sum", "saved"] != pytest.approx(lost, rel=0.02)


def test_explain_on_two_processes_is_the_same(run: Run, sweep: Path, tmp_path: Path) -> None:
    for workers in ("1", "2"):
        code, _, _ = run("explain", sweep, "--replications", "4", "--workers", workers, "--out", tmp_path / workers)
        assert code == 0
    assert (tmp_path / "1" / "explain.csv").read_bytes() == (tmp_path / "2" / "explain.csv").read_bytes()
