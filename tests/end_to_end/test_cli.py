"""The command line as a planner meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dischargesim import __version__
from dischargesim.cli import main
from dischargesim.scenario.files import sources
from tests.tiny import CONFIG

ROOT = CONFIG.parent.parent
OWN = ["--config-dir", str(CONFIG)]
TINY = ["system=tiny", "report=none", *OWN, "--engine", "simpy"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in a folder of its own: exit code, output, complaints."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        # Where another test has loaded numba, loops may have to be compiled here, and that is said.
        lines = captured.err.splitlines(keepends=True)
        return code, captured.out, "".join(line for line in lines if not line.startswith("compiling"))

    return call


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def process(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-m", "dischargesim", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def test_run(run: Run, tmp_path: Path) -> None:
    code, out, err = run("run", *TINY)
    assert (code, err) == (0, "")
    folder = tmp_path / out.splitlines()[-1]
    assert folder.parent == tmp_path / "results"
    assert folder.name.startswith("tiny-baseline-") and ":" not in folder.name
    names = [name for name in written(folder) if "/" not in name]
    tables = ["daily.csv", "measures.csv", "points.csv", "provenance.json", "resolved.yaml"]
    assert names == sorted(["batches", "scenarios", *tables])
    assert "95% interval" in out and "bed days" in out
    header = (folder / "measures.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "measure,group,unit,mean,lower,upper,replications"
    assert "x" not in json.loads((folder / "provenance.json").read_text(encoding="utf-8"))["warnings"]


def test_same_bytes_again_from_the_resolved_file_and_with_two_processes(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("run", *TINY)
    first = Path(out.splitlines()[-1])
    for more in (["--workers", "1"], ["--workers", "2"]):
        code, out, _ = run("run", "report=none", "--from", str(first / "resolved.yaml"), *more)
        again = Path(out.splitlines()[-1])
        assert code == 0 and again != first
        for name in ("measures.csv", "daily.csv", "resolved.yaml"):
            assert (again / name).read_bytes() == (first / name).read_bytes(), name


def test_another_seed_gives_other_bytes(run: Run) -> None:
    folders = [Path(run("run", *TINY, f"run.seed={seed}")[1].splitlines()[-1]) for seed in (1, 2)]
    assert (folders[0] / "measures.csv").read_bytes() != (folders[1] / "measures.csv").read_bytes()


def test_options_stand_anywhere_and_paths_have_spaces(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("run", "system=tiny", "--out", "Été 2024/mes résultats", *OWN, "run.days=7", "--engine", "simpy")
    assert code == 0
    assert out.splitlines()[-1].replace("\\", "/").startswith("Été 2024/mes résultats/tiny-baseline-")
    assert (tmp_path / out.splitlines()[-1] / "measures.csv").exists()


def test_overload_is_said_in_the_result(run: Run) -> None:
    code, out, _ = run("run", *TINY, "cohorts.older.stay_days.mean=40", "cohorts.older.stay_days.median=30")
    assert code == 0
    assert "Warning: settings.acute: Beds: overloaded" in out
    facts = json.loads((Path(out.splitlines()[-1]) / "provenance.json").read_text(encoding="utf-8"))
    assert any("Beds: overloaded" in warning for warning in facts["warnings"])


def test_hours_for_days(run: Run) -> None:
    code, out, _ = run("validate", "system=tiny", *OWN, "pathways.P2.next.rehab.stay_days=12000")
    assert code == 0
    assert "is this right? the mean is 12000, plausible is 0.02 to 1500 days (hours given for days?)" in out
    code, out, _ = run("validate", "system=tiny", *OWN, "cohorts.older.stay_days.mean=168")
    assert code == 0
    assert "is this right? the mean is 168, plausible is 0.02 to 60 days (hours given for days?)" in out


@pytest.mark.parametrize("command", ["run", "validate"])
@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (["run.dayz=3"], ["run.dayz: there is no dayz here (expected days?)"]),
        (
            ["cohorts.older.pathways.P0=1.5", "cohorts.older.setting=x", "run.days=0"],
            [
                "cohorts.older.pathways.P0: too large (got 1.5, expected 0 to 1, share)",
                "run.days: too small (got 0, expected 1 to 36500, days)",
                "cohorts.older.setting: there is no x in settings "
                "(expected one of acute, rehab, support, ward_at_home)",
            ],
        ),
        (["run.days=${oc.env:PATH}"], ["run.days: not allowed; write the value itself (got ${oc.env:PATH})"]),
        (["scenario=nothing"], ["scenario: there is no scenario of this name (got nothing, expected one of those"]),
        (["--from", "none.yaml"], ["--from: a whole scenario takes no other names"]),
        (["--bad"], ["unrecognized arguments: --bad"]),
        (["run.seed=\u202eabc\x1b[31m"], ["run.seed"]),
    ],
)
def test_bad_input(run: Run, tmp_path: Path, command: str, arguments: list[str], lines: list[str]) -> None:
    code, out, err = run(command, "system=tiny", *OWN, *arguments)
    assert code == 2
    assert out == ""
    assert "Traceback" not in err and "\x1b" not in err
    found = err.splitlines()
    assert len(found) == len(lines), found
    for line, expected in zip(found, lines, strict=True):
        assert expected in line
    assert written(tmp_path) == []


def test_bad_files(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "mine" / "system"
    own.mkdir(parents=True)
    for name, text in {
        "tag": "a: !!python/object/apply:os.system [touch x]",
        "target": "settings: {_target_: os.system}",
        "env": "system: {title: '${oc.env:PATH}'}",
        "bomb": "a: &a [1,2,3,4,5,6,7,8,9]\n"
        + "\n".join(f"b{n}: &b{n} [{','.join(['*a' if n == 0 else f'*b{n - 1}'] * 9)}]" for n in range(8)),
    }.items():
        (own / f"{name}.yaml").write_text(text, encoding="utf-8")
        before = written(tmp_path)
        code, out, err = run("run", f"system={name}", "report=none", "--config-dir", "mine")
        assert (code, out) == (2, "")
        assert len(err.splitlines()) == 1 and f"{name}.yaml: line" in err
        assert written(tmp_path) == before


def test_whole_scenario_that_is_missing_or_broken(run: Run, tmp_path: Path) -> None:
    code, _, err = run("run", "--from", "none.yaml")
    assert (code, err) == (2, "none.yaml: cannot be read: No such file or directory\n")
    (tmp_path / "half.yaml").write_text("system: {name: a\n")
    code, _, err = run("validate", "--from", "half.yaml")
    assert code == 2 and "half.yaml: line 2: not valid YAML" in err


def test_results_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    code, out, err = run("run", *TINY, "--out", "file")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and "cannot be written to" in err


def test_validate(run: Run, tmp_path: Path) -> None:
    code, out, err = run("validate", "system=tiny", *OWN)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "tiny-baseline can be run, and nothing to warn of."
    assert "Rehabilitation beds" in out and "Nurses" in out
    assert written(tmp_path) == []


@pytest.mark.parametrize("command", ["run", "validate"])
def test_composed(run: Run, tmp_path: Path, command: str) -> None:
    code, out, _ = run(command, "system=tiny", *OWN, "run.days=5", "--cfg", "job")
    assert code == 0
    assert "days: 5" in out and "name: tiny" in out
    assert written(tmp_path) == []


def test_lists(run: Run) -> None:
    code, out, _ = run("list", "systems", *OWN)
    assert code == 0
    assert "tiny - Tiny" in out.splitlines()
    assert all(" - " in line for line in out.splitlines())
    _, out, _ = run("list", "scenarios")
    assert any(line.startswith("baseline - ") for line in out.splitlines())
    assert out.splitlines()[0].endswith(":") and out.index("Mechanisms") < out.index("\nOthers:\nbaseline")
    code, out, err = run("list", "experiments", *OWN)
    assert (code, err) == (0, "") and all(" - " in line for line in out.splitlines())
    assert run("list", "things")[0] == 2


def test_list_says_which_files_cannot_be_chosen(run: Run, tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "mein Plan.yaml").write_text("scenario: {title: Mine}\n", encoding="utf-8")
    code, out, err = run("list", "scenarios", "--config-dir", str(tmp_path))
    assert code == 0 and "Mine" not in out
    assert "mein Plan.yaml: cannot be chosen by this name" in err


def test_list_groups_scenarios_by_mechanism_and_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    for name, place in (("b_there", "Ayton"), ("a_here", "Beeton"), ("c_there", "Ayton")):
        text = f"scenario: {{title: What {name} did, kind: place, place: {place}}}\n"
        (tmp_path / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "scenarios" / "odd.yaml").write_text("scenario: {title: Odd, kind: [3]}\n", encoding="utf-8")
    lines = run("list", "scenarios", "--config-dir", str(tmp_path))[1].splitlines()
    mechanisms, places, others = (
        next(i for i, x in enumerate(lines) if x.startswith(k)) for k in ("Mech", "Plac", "Oth")
    )
    assert mechanisms < lines.index("trusted_assessors - Trusted assessors for care homes") < places
    theirs = [line for line in lines[places:others] if line.endswith(("here did",))]
    assert theirs == [
        "b_there - Ayton: What b_there did",
        "c_there - Ayton: What c_there did",
        "a_here - Beeton: What a_here did",
    ]
    assert {"odd - Odd", "baseline - The system as it is"} <= set(lines[others:])


def test_new_scenario_is_a_copy_with_comments(run: Run, tmp_path: Path) -> None:
    own = ["--config-dir", str(tmp_path / "area")]
    code, out, _ = run("new", "scenario", "ours", "--from", "trusted_assessors", *own)
    path = tmp_path / "area" / "scenarios" / "ours.yaml"
    assert (code, out.strip()) == (0, str(path))
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    shipped = next(source for name, source in sources("scenario").items() if name == "trusted_assessors")
    assert first.startswith("# Copied from trusted_assessors.") and rest == shipped.path.read_text(encoding="utf-8")
    code, out, _ = run("validate", "scenario=ours", "evidence=high", *own)
    assert code == 0 and "england_average-ours_high can be run" in out
    assert run("new", "scenario", "again", "--from", "ours", *own)[0] == 0
    assert (tmp_path / "area" / "scenarios" / "again.yaml").read_text(encoding="utf-8").count("# Copied from") == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["ours", "--from", "trusted_asessors"], "--from: there is no scenario of this name (got trusted_asessors"),
        (["baseline", "--from", "winter"], "new scenario: there is one of this name already (got baseline"),
        (["../ours", "--from", "winter"], "new scenario: not a name for a file (got ../ours"),
        (["ours"], "dischargesim new: the following arguments are required: --from"),
    ],
)
def test_new_scenario_that_cannot_be_made(run: Run, tmp_path: Path, given: list[str], expected: str) -> None:
    code, _, err = run("new", "scenario", *given, "--config-dir", str(tmp_path))
    assert code == 2 and err.startswith(expected) and len(err.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_help_and_version(run: Run) -> None:
    assert run("--version")[1] == f"dischargesim {__version__}\n"
    for arguments in ([], ["--help"]):
        code, out, _ = run(*arguments)
        assert code == 0 and "examples:" in out
    code, _, err = run("rum")
    assert code == 2 and err == "dischargesim: there is no command rum (expected run?)\n"


def test_examples_of_the_help_can_be_checked(run: Run) -> None:
    _, out, _ = run("--help")
    examples = [line.split("   ")[0].split()[1:] for line in out.splitlines() if line.startswith("  dischargesim ")]
    assert len(examples) == 10
    for command, *rest in examples:
        code, _, err = run("validate" if command == "run" else command, *rest, *["--dry-run"] * (command == "sweep"))
        assert (code, err) == (0, ""), rest


@pytest.mark.parametrize("arguments", [["run", "--help"], ["validate", "--help"], ["list", "-h"], ["schema", "-h"]])
def test_help_of_commands(run: Run, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 0


def test_a_fault_of_the_program_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dischargesim.scenario.load.load_scenario", lambda *_: 1 / 0)
    code, _, err = run("validate", "system=tiny")
    assert code == 1
    assert "ZeroDivisionError" in err and "--debug" in err and "Traceback" not in err
    with pytest.raises(ZeroDivisionError):
        run("validate", "system=tiny", "--debug")


def test_help_is_quick() -> None:
    took = []
    for _ in range(3):
        began = time.perf_counter()
        out, _ = process("--help").communicate(timeout=10)
        took.append(time.perf_counter() - began)
    assert b"examples:" in out
    assert min(took) < 0.3


def test_console_without_unicode(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "more.yaml").write_text("scenario: {title: '更多 → Ł'}", encoding="utf-8")
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "tiny.yaml").write_bytes((CONFIG / "system" / "tiny.yaml").read_bytes())
    own = ["system=tiny", "scenario=more", "run.days=3", "--config-dir", str(tmp_path)]
    for command in (
        ["run", *own, "report=none", "--out", str(tmp_path / "out"), "--engine", "simpy"],
        ["validate", *own],
    ):
        child = process(*command, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
        out, err = child.communicate(timeout=60)
        assert (child.returncode, err) == (0, b"")
        out.decode("cp1252")


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal of POSIX")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_interrupted(tmp_path: Path, workers: str) -> None:
    out = tmp_path / "results"
    long = ["run.replications=5000", "run.days=365", "--workers", workers, "--out", str(out)]
    child = process("run", *TINY, *long)
    try:
        deadline = time.monotonic() + 60
        while not out.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(2)
        assert child.poll() is None
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=60)
    finally:
        child.kill()
    # Python itself may end by the signal, which a shell shows as 130 as well.
    assert child.returncode in (130, -signal.SIGINT)
    assert err.decode().splitlines()[-1] == "interrupted; no results were written"
    assert b"Traceback" not in err
    assert written(tmp_path) == []
