"""The commands sweep and run -m as a planner meets them."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from dischargesim import replicate
from dischargesim.cli import main
from dischargesim.experiment.cells import csv_bytes
from dischargesim.experiment.store import Store
from dischargesim.measures import daily_index, measure_index
from tests.sweeps import OWN, batches, command, environment, sweep_folder
from tests.tiny import tiny

TINY = ["system=tiny", "report=none", *OWN, "--engine", "simpy", "--workers", "1"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in a folder of its own: exit code, output, complaints."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def folder_of(out: str) -> Path:
    return Path(out.splitlines()[-1])


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def experiment(tmp_path: Path, text: str, name: str = "mine") -> list[str]:
    """Options that find an experiment (and the tiny system) in a folder of one's own."""
    own = tmp_path / "own"
    (own / "experiments").mkdir(parents=True, exist_ok=True)
    (own / "system").mkdir(exist_ok=True)
    (own / "system" / "tiny.yaml").write_bytes((Path(OWN[1]) / "system" / "tiny.yaml").read_bytes())
    (own / "experiments" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [f"experiment={name}", "--config-dir", str(own), "--engine", "simpy", "--workers", "1"]


def test_a_grid(run: Run) -> None:
    code, out, err = run("sweep", *TINY, "settings.acute.capacity=9,10", "settings.rehab.capacity=2,3")
    assert (code, err) == (0, "")
    folder = folder_of(out)
    names = sorted(path.name for path in folder.iterdir())
    tables = ["daily.parquet", "index.parquet", "measures.csv", "points.csv", "provenance.json", "ranking.csv"]
    assert names == ["batches", "comparison.csv", *tables, "scenarios", "scenarios.zip", "sweep.yaml", "warm_up.csv"]
    labels = [f"acute.capacity={a}, rehab.capacity={b}" for a in (9, 10) for b in (2, 3)]
    assert [row["label"] for row in rows(folder / "points.csv")] == labels
    first = rows(folder / "points.csv")[0]
    assert (first["settings.acute.capacity"], first["status"], first["replications"]) == ("9", "done", "2")
    measures = rows(folder / "measures.csv")
    assert list(dict.fromkeys(row["label"] for row in measures)) == labels
    assert all(label in out for label in labels) and "ready, and still in" in out
    facts = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert [point["label"] for point in facts["points"]] == labels and facts["failed"] == {}


def test_figures_are_those_of_single_runs(run: Run) -> None:
    """To the last digit of the table."""
    _, out, _ = run("sweep", *TINY, "settings.acute.capacity=9,10")
    table = rows(folder_of(out) / "measures.csv")
    daily = pq.read_table(folder_of(out) / "daily.parquet").to_pandas()
    for capacity in (9, 10):
        label = f"capacity={capacity}"
        alone = replicate(tiny(f"settings.acute.capacity={capacity}"), workers=1, engine="simpy")
        mine = [{**row} for row in table if row["label"] == label]
        lines = csv_bytes(alone.measures).decode().splitlines()[1:]
        ours = [
            ",".join([r["measure"], r["group"], r["unit"], r["mean"], r["lower"], r["upper"], r["replications"]])
            for r in mine
        ]
        assert [line.replace('"', "") for line in lines] == ours
        series = daily[daily["label"] == label].reset_index(drop=True)
        assert series["mean"].to_numpy().tobytes() == alone.daily["mean"].to_numpy().tobytes()
        assert series["date"].tolist() == alone.daily["date"].tolist()


def test_store_gives_what_was_run(run: Run) -> None:
    for arguments in (["run", *TINY], ["sweep", *TINY]):
        _, out, _ = run(*arguments)
        store = Store.open(folder_of(out))
        assert store.finished and [point.label for point in store.points] == ["baseline"]
        point = store.points[0]
        assert store.scenario(point) == tiny()
        alone = replicate(tiny(), workers=1, engine="simpy")
        numbers, values = store.values(point)
        assert numbers.tolist() == [0, 1] and np.array_equal(values, alone.values, equal_nan=True)
        daily = list(store.daily(point))
        assert np.concatenate([n for n, _ in daily]).tolist() == [0, 1]
        whole = np.concatenate([values for _, values in daily])
        assert whole.shape == (2, len(daily_index(tiny())), 14) and values.shape == (2, len(measure_index(tiny())))
        assert np.array_equal(whole, np.stack([one.daily for one in alone.runs]))


def test_run_m_is_a_sweep(run: Run) -> None:
    _, out, _ = run("run", "-m", *TINY, "settings.acute.capacity=9,10")
    assert [point.label for point in Store.open(folder_of(out)).points] == ["capacity=9", "capacity=10"]
    code, _, err = run("run", *TINY, "settings.acute.capacity=9,10")
    assert code == 2 and "`dischargesim sweep` takes them all" in err


def test_scenarios_by_choice_list_and_glob(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "scenarios").mkdir(parents=True)
    (own / "system").mkdir()
    (own / "system" / "tiny.yaml").write_bytes((Path(OWN[1]) / "system" / "tiny.yaml").read_bytes())
    (own / "scenarios" / "more_beds.yaml").write_text("scenario: {title: More}\nsettings: {acute: {capacity: 12}}\n")
    (own / "scenarios" / "more_rehab.yaml").write_text("scenario: {title: Rehab}\nsettings: {rehab: {capacity: 5}}\n")
    (own / "scenarios" / "elsewhere.yaml").write_text("scenario: {title: E}\nsettings: {annexe: {capacity: 5}}\n")
    tiny_here = ["system=tiny", "--config-dir", str(own), "--engine", "simpy", "--workers", "1"]
    code, out, err = run("sweep", "report=none", *tiny_here, "scenario=baseline,more_beds,[more_beds,more_rehab]")
    assert (code, err) == (0, "")
    store = Store.open(folder_of(out))
    assert [point.label for point in store.points] == ["baseline", "more_beds", "more_beds+more_rehab"]
    both = store.scenario(store.points[2])
    assert (both.settings["acute"].capacity, both.settings["rehab"].capacity) == (12, 5)
    assert (both.scenario.name, both.scenario.title) == ("more_beds_and_more_rehab", "More + Rehab")
    code, out, err = run("sweep", "report=none", *tiny_here, "scenario=glob(*)", "--dry-run")
    assert code == 0 and {"baseline", "more_beds", "more_rehab"} <= set(out.splitlines())
    assert "scenario elsewhere is left out: it does not go with the system (settings.annexe" in err
    assert not any(line == "elsewhere" for line in out.splitlines())


def test_identical_points_are_run_once(run: Run) -> None:
    """The tiny system has ten beds anyway."""
    _, out, _ = run("sweep", *TINY, "settings.acute.capacity=10,11", "settings.acute.title=Beds,'Beds'")
    store = Store.open(folder_of(out))
    assert len(store.points) == 4 and len({point.key for point in store.points}) == 2
    assert len(batches(store.path)) == 4
    assert len({point.label for point in store.points}) == 4


BAD = [
    (
        ["settings.acute.capacity=-1,5", "settings.rehab.capacity=-2,3"],
        [
            "acute.capacity=-1, rehab.capacity=-2 and 1 more: settings.acute.capacity: too small (got -1, "
            "expected 0 to 1000000 or one of unlimited, staffed, places)",
            "acute.capacity=-1, rehab.capacity=-2 and 1 more: settings.rehab.capacity: too small (got -2, "
            "expected 0 to 1000000 or one of unlimited, staffed, places)",
        ],
    ),
    (["run.dayz=3", "settings.acute.capacity=9,10"], ["run.dayz: there is no dayz here (expected days?)"]),
    (
        ["settings.acute.capacity=range(9,9)"],
        ["settings.acute.capacity: `settings.acute.capacity=range(9,9)`: number of"],
    ),
    (["settings.acute.capacity=range(0,1e9)"], ["(got more than 10000, expected 1 to 10000)"]),
    (
        ["settings.acute.capacity=range(1,200)", "settings.rehab.capacity=range(1,200)"],
        ["sweep: too many points (got 39,601"],
    ),
    (["scenario=glob(nothing*)"], ["scenario: `scenario=glob(nothing*)`: number of values (got none"]),
    (["settings.acute.capacity=interval(1,2)"], ["interval() has no values"]),
    (["settings.acute.capacity=9,10", "settings.acute.capacity=${oc.env:HOME}"], ["settings.acute.capacity"]),
    (["experiment=nothing"], ["experiment: there is no experiment of this name (got nothing"]),
    (["--resume", "x", "run.days=3"], ["--resume: a sweep goes on as it was begun"]),
    (["--config-dir", "none"], ["--config-dir: no such folder"]),
]


@pytest.mark.parametrize(("arguments", "lines"), BAD, ids=lambda part: str(part)[:40])
def test_bad_input(run: Run, tmp_path: Path, arguments: list[str], lines: list[str]) -> None:
    """Every problem at once, a line each, before anything runs, and nothing written."""
    own = OWN if "--config-dir" not in arguments else []
    code, out, err = run("sweep", "system=tiny", "report=none", *own, *arguments)
    assert (code, out) == (2, "")
    found = err.splitlines()
    assert len(found) == len(lines), found
    for line, expected in zip(found, lines, strict=True):
        assert expected in line
    assert list(tmp_path.iterdir()) == []


def test_an_experiment(run: Run, tmp_path: Path) -> None:
    own = experiment(
        tmp_path,
        """
experiment: {title: Beds or rehabilitation, question: Which of the two?}
base: [system=tiny, run.days=7]
options:
  As it is: []
  More beds: [settings.acute.capacity=12]
grid:
  settings.rehab.capacity: [3, 5]
replications: 3
compare_to: As it is, capacity=3
""",
    )
    code, out, err = run("sweep", "report=none", *own)
    assert (code, err) == (0, "")
    store = Store.open(folder_of(out))
    assert folder_of(out).name.startswith("mine-")
    labels = ["As it is, capacity=3", "As it is, capacity=5", "More beds, capacity=3", "More beds, capacity=5"]
    assert [point.label for point in store.points] == labels
    assert {point.replications for point in store.points} == {3}
    assert store.compare_to == labels[0] and store.asked["question"] == "Which of the two?"
    assert store.scenario(store.points[3]).settings["acute"].capacity == 12
    assert store.points[3].varied == {"option": "More beds", "settings.rehab.capacity": "5"}
    assert "Beds or rehabilitation" in out


def test_the_command_line_goes_before_the_experiment(run: Run, tmp_path: Path) -> None:
    text = (
        "experiment: {title: T}\nbase: [system=tiny]\ngrid: {settings.rehab.capacity: 'range(3,6)'}\nreplications: 3\n"
    )
    own = experiment(tmp_path, text)
    _, out, _ = run("sweep", "report=none", *own, "run.replications=1", "settings.rehab.capacity=7,8", "run.days=7")
    store = Store.open(folder_of(out))
    assert [(point.label, point.replications) for point in store.points] == [("capacity=7", 1), ("capacity=8", 1)]
    assert store.scenario(store.points[0]).run.days == 7


def test_a_design_matrix(run: Run, tmp_path: Path) -> None:
    """Values that belong together, a row each; what does not differ from row to row may be left empty."""
    own = experiment(tmp_path, "experiment: {title: T}\nbase: [system=tiny, run.days=7]\ndesign: mine.csv\n")
    path = tmp_path / "own" / "experiments" / "mine.csv"
    path.write_text("label;settings.acute.capacity;settings.rehab.capacity\nfew;9;2\nmany;12;\n", encoding="utf-8")
    _, out, _ = run("sweep", "report=none", *own)
    store = Store.open(folder_of(out))
    found = [
        (p.label, *(store.scenario(p).settings[name].capacity for name in ("acute", "rehab"))) for p in store.points
    ]
    assert found == [("few", 9, 2), ("many", 12, 3)]
    for text, says in (
        (
            "settings.acute.capacity,settings.annexe.capacity\n9,3\n",
            "settings.annexe.capacity: there is no annexe here",
        ),
        ("settings.acute.capacity\n", "design: there are no points in it (got mine.csv"),
        ("settings.acute.capacity,run.days\n9\n", "design: line 2: expected 2 columns, got 1"),
        ("settings.acute.capacity\n9,10\n", "design: line 2: expected 1 columns, got 2"),
    ):
        path.write_text(text, encoding="utf-8")
        code, _, err = run("sweep", "report=none", *own)
        assert code == 2 and says in err, err
    path.unlink()
    code, _, err = run("sweep", "report=none", *own)
    assert (code, err) == (2, "design: no such file in the data folder (got mine.csv)\n")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "experiment: {title: T}\ngrid: {}\nreplications: 0\nrounds: 3\n",
            ["rounds: not a known key", "replications: "],
        ),
        ("experiment: {title: T}\ngrid: {run.seed: []}\n", ["grid.run.seed: too short"]),
        ("experiment: {title: T}\nscenarios: []\n", ["scenarios: too short"]),
        ("title: T\n", ["experiment: missing", "title: not a known key"]),
        ("experiment: {title: !!python/name:os.system x}\n", ["YAML tags"]),
        ("experiment: {title: T}\nbase: [run.days=x, 'run.seed=${oc.env:HOME}']\n", ["${...} is not allowed"]),
        (
            "experiment: {title: T}\nbase: [system=tiny]\ncompare_to: nobody\n",
            ["compare_to: there is no point of this"],
        ),
        ("experiment: {title: T}\noptions: {a: []}\nscenarios: [baseline]\n", ["give options or scenarios, not both"]),
        (
            "experiment: {title: T}\nreplications: {least: 5, most: 3, precision: [{measure: x, relative: 0.1}]}\n",
            ["least is more than most"],
        ),
        (
            "experiment: {title: T}\nbase: [system=tiny]\n"
            "replications: {precision: [{measure: nctr_remainign, relative: 0.1}]}\n",
            [
                "replications.precision.0.measure: there is no such measure "
                "(got nctr_remainign, expected nctr_remaining?)"
            ],
        ),
    ],
)
def test_bad_experiments(run: Run, tmp_path: Path, text: str, lines: list[str]) -> None:
    code, out, err = run("sweep", "report=none", *experiment(tmp_path, text))
    assert (code, out) == (2, "")
    assert "Traceback" not in err and "_target_" not in err
    for expected in lines:
        assert any(expected in line for line in err.splitlines()), err
    assert not (tmp_path / "results").exists()


def test_until_precise(run: Run, tmp_path: Path) -> None:
    """Batches are added until the interval is narrow enough; the number does not depend on how it was run."""
    text = """
experiment: {title: T}
base: [system=tiny, run.days=30]
grid: {cohorts.older.arrivals.per_day: [0.4, 1.2]}
replications: {least: 6, most: 40, batch: 5, precision: [{measure: beds_occupied, relative: 0.08}]}
"""
    code, out, _ = run("sweep", "report=none", *experiment(tmp_path, text))
    store = Store.open(folder_of(out))
    assert code == 0
    many = [point.replications for point in store.points]
    assert all((n - 6) % 5 == 0 and 6 <= n < 40 for n in many) and many[0] != many[1], many
    table = {(row["label"], row["measure"], row["group"]): row for row in rows(folder_of(out) / "measures.csv")}
    for point in store.points:
        row = table[point.label, "beds_occupied", "all"]
        assert float(row["upper"]) - float(row["mean"]) <= 0.08 * float(row["mean"])
        values = store.values(point)[1]
        before = replicate(store.scenario(point), point.replications - 5, workers=1, engine="simpy")
        assert np.array_equal(before.values, values[:-5], equal_nan=True)
    out = run("sweep", "report=none", *experiment(tmp_path, text), "executor=threads", "executor.workers=3")[1]
    assert [point.replications for point in Store.open(folder_of(out)).points] == many


def test_a_measure_that_is_not_precise_in_the_end(run: Run, tmp_path: Path) -> None:
    text = """
experiment: {title: T}
base: [system=tiny]
replications: {least: 5, most: 7, batch: 5, precision: [{measure: nctr_remaining, absolute: 0.0001}]}
"""
    code, out, _ = run("sweep", "report=none", *experiment(tmp_path, text))
    assert code == 0
    assert "baseline: not precise enough after 7 replications: nctr_remaining: half-width" in out
    facts = json.loads((folder_of(out) / "provenance.json").read_text(encoding="utf-8"))
    assert facts["not_precise_enough"]["baseline"][0].startswith("nctr_remaining")
    assert Store.open(folder_of(out)).points[0].replications == 7


def test_overloaded_points_are_named(run: Run) -> None:
    more = [
        "run.days=42",
        "run.warm_up_days=0",
        "run.replications=5",
        "cohorts.older.stay_days.mean=40",
        "cohorts.older.stay_days.median=30",
    ]
    code, out, _ = run("sweep", *TINY, "settings.acute.capacity=10,500", *more)
    assert code == 0
    said = [line for line in out.splitlines() if "No steady state" in line]
    assert said[0].startswith("capacity=10: No steady state.") and "Beds, by" in said[0]
    assert not any(line.startswith("capacity=500") and "Beds, by" in line for line in said)


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv.pop(1))))
from dischargesim.cli import program
sys.exit(program())
"""


def limited(limit: int, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command line with so much memory and no more."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "ARROW_IO_THREADS"), "1")
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(limit), *arguments],
        capture_output=True,
        text=True,
        env=environment(**threads),
        cwd=cwd,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")
def test_a_failing_point_does_not_stop_the_others(tmp_path: Path) -> None:
    """One point has more people than there is memory for."""
    more = [
        "cohorts.older.arrivals.per_day=1,20000",
        "settings.acute.capacity=500",
        "run.days=3000",
        "run.replications=2",
    ]
    done = limited(2_500_000_000, "sweep", *TINY, *more, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    folder = sweep_folder(tmp_path / "results")
    lines = done.stderr.splitlines()
    assert "per_day=20000: failed: " in lines[-1] and "Memory" in lines[-1]
    store = Store.open(folder)
    assert [point.status for point in store.points] == ["done", "failed"] and not store.finished
    assert {row["label"] for row in rows(folder / "measures.csv")} == {"per_day=1"}
    assert json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["failed"].keys() == {"per_day=20000"}


@pytest.mark.skipif(sys.platform != "linux", reason="looks at the memory of a process")
def test_memory_is_flat_in_the_number_of_replications(tmp_path: Path) -> None:
    """2,000 replications take hardly more memory than 200."""
    code = (
        "import sys\nfrom dischargesim.cli import program\ncode = program()\n"
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1]\n"
        "sys.stderr.write(f'peak {peak}\\n')\nsys.exit(code)\n"
    )
    peaks = []
    for replications in (200, 2000):
        more = [
            "system=small",
            "run.days=14",
            "run.warm_up_days=0",
            f"run.replications={replications}",
            "--workers",
            "1",
        ]
        done = subprocess.run(
            [sys.executable, "-c", code, "sweep", "report=none", *more, "--engine", "compiled"],
            capture_output=True,
            text=True,
            env=environment(),
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stderr.splitlines()[-1].split()[1]) / 1024)
    # The figures alone of 1,800 further replications are 20 MB.
    assert peaks[1] - peaks[0] < 15, peaks
    assert peaks[1] < 400, peaks


def test_versions_are_not_mixed(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("sweep", *TINY)
    folder = folder_of(out)
    text = (folder / "sweep.yaml").read_text(encoding="utf-8")
    assert "dischargesim: 0" in text
    (folder / "sweep.yaml").write_text(text.replace("dischargesim: 0", "dischargesim: 99"), encoding="utf-8")
    for arguments in (["sweep", "--resume", str(folder)], ["query", "select 1", str(folder)]):
        code, _, err = run(*arguments)
        assert code == 2 and len(err.splitlines()) == 1
        assert "made by dischargesim 99" in err and "whose figures may differ" in err


def test_folders_that_are_no_sweeps(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, says in (("none", "no such folder"), ("empty", "not a results folder")):
        code, _, err = run("sweep", "--resume", folder)
        assert code == 2 and len(err.splitlines()) == 1 and says in err
    _, out, _ = run("run", *TINY)
    code, _, err = run("sweep", "--resume", out.splitlines()[-1])
    assert code == 2 and "the results of a single run, which are whole" in err


def test_a_finished_sweep_stays_as_it_is(run: Run) -> None:
    _, out, _ = run("sweep", *TINY)
    before = {path: path.read_bytes() for path in folder_of(out).rglob("*.*") if path.name != "provenance.json"}
    code, again, _ = run("sweep", "--resume", str(folder_of(out)))
    assert code == 0 and folder_of(again) == folder_of(out)
    assert {path: path.read_bytes() for path in before} == before


def test_two_sweeps_in_the_same_second(run: Run) -> None:
    folders = [folder_of(run("sweep", *TINY)[1]) for _ in range(3)]
    assert len(set(folders)) == 3


def test_lists(run: Run) -> None:
    for what in ("experiments", "executors"):
        code, out, _ = run("list", what)
        assert code == 0 and len(out.splitlines()) >= 4
    assert "beds_plus - More beds" in run("list", "experiments")[1].splitlines()


def test_output_without_unicode(tmp_path: Path) -> None:
    own = experiment(tmp_path, "experiment: {title: '更多 → Ł'}\nbase: [system=tiny]\noptions: {Übung: []}\n")
    done = subprocess.run(
        command("sweep", "report=none", *own, "--out", str(tmp_path / "Été 1")),
        capture_output=True,
        env=environment(PYTHONIOENCODING="cp1252", PYTHONUTF8="0"),
        cwd=tmp_path,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    done.stdout.decode("cp1252")
    assert [point.label for point in Store.open(sweep_folder(tmp_path / "Été 1")).points] == ["Übung"]


def test_an_option_and_the_command_line_cannot_both_say_it(run: Run, tmp_path: Path) -> None:
    text = "experiment: {title: Beds}\nbase: [system=tiny]\noptions: {few: [], many: [settings.acute.capacity=12]}\n"
    code, out, err = run("sweep", "report=none", *experiment(tmp_path, text), "settings.acute.capacity=9")
    assert (code, out) == (2, "")
    assert "settings.acute.capacity: varies in this sweep, and cannot have one value too" in err


@pytest.mark.parametrize(
    ("text", "csv", "said"),
    [
        ("grid: {}", "", "grid: nothing varies in it"),
        ("design: d.csv", "label\na\nb\n", "design: nothing varies in it"),
        ("design: d.csv", "run.days,run.days\n5,6\n", "there are two columns run.days"),
    ],
)
def test_nothing_or_the_same_twice_varies(run: Run, tmp_path: Path, text: str, csv: str, said: str) -> None:
    options = experiment(tmp_path, f"experiment: {{title: Empty}}\nbase: [system=tiny]\n{text}\n")
    (tmp_path / "own" / "experiments" / "d.csv").write_text(csv, encoding="utf-8")
    code, out, err = run("sweep", "report=none", *options)
    assert (code, out) == (2, "") and said in err


def test_a_dry_run_finds_what_the_real_one_would(run: Run, tmp_path: Path) -> None:
    text = "experiment: {title: Beds}\nbase: [system=tiny]\n"
    text += "grid: {settings.acute.capacity: [9, 10]}\ncompare_to: capacity=8\n"
    code, out, err = run("sweep", "report=none", *experiment(tmp_path, text), "--dry-run")
    assert (code, out) == (2, "") and "compare_to: there is no point of this label" in err


def test_nothing_left_to_do_is_said(run: Run) -> None:
    folder = folder_of(run("sweep", *TINY, "settings.acute.capacity=9,10")[1])
    code, out, _ = run("sweep", "--resume", str(folder))
    assert code == 0 and "There was nothing left to do." in out
