"""A sweep that is killed, interrupted, starved of disk or damaged goes on, and ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dischargesim.cli import main
from dischargesim.experiment.store import Store
from tests.sweeps import GRID, OWN, batches, complaints, process, same_tables, sweep_folder, swept, wait_for

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="sends signals of POSIX")
BATCHES = 24


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sweep as it is when nobody disturbs it."""
    folder = swept(tmp_path_factory.mktemp("whole"), *GRID, "executor.workers=1")
    assert len(batches(folder)) == BATCHES
    assert Store.open(folder).finished
    return folder


def begun(tmp_path: Path, *more: str, enough: int = 4) -> tuple[object, Path]:
    """A sweep in a process of its own that has done some batches."""
    out = tmp_path / "results"
    child = process("sweep", *GRID, *OWN, "--engine", "simpy", "--out", str(out), *more, cwd=tmp_path)
    try:
        wait_for(lambda: child.poll() is not None or len(list(out.glob("[!.]*/batches/*.parquet"))) >= enough)
        wait_for(lambda: child.poll() is not None or list(out.glob("[!.]*")))
        assert child.poll() is None, child.stderr.read().decode()  # type: ignore[union-attr]
    except BaseException:
        os.killpg(child.pid, signal.SIGKILL)
        raise
    return child, sweep_folder(out)


def resumed(folder: Path, *more: str, code: int = 0) -> None:
    assert main(["sweep", "--resume", str(folder), *more]) == code


@POSIX
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("enough", [0, 3, 11])
def test_killed(tmp_path: Path, whole: Path, workers: str, enough: int) -> None:
    """SIGKILL to the sweep and all its workers: nothing is lost, nothing done twice, the same bytes at the end."""
    child, folder = begun(tmp_path, "--workers", workers, enough=enough)
    os.killpg(child.pid, signal.SIGKILL)  # type: ignore[attr-defined]
    child.communicate(timeout=30)  # type: ignore[attr-defined]
    assert (folder / "UNFINISHED.txt").exists() and not (folder / "measures.csv").exists()
    before = {path: path.stat().st_mtime_ns for path in batches(folder)}
    resumed(folder, "--workers", "1")
    assert {path: path.stat().st_mtime_ns for path in before} == before, "finished work was done again"
    same_tables(whole, folder)
    assert not (folder / "UNFINISHED.txt").exists() and Store.open(folder).finished


@POSIX
def test_killed_again_and_again(tmp_path: Path, whole: Path) -> None:
    """At any moment, as often as it likes."""
    chance = random.Random(5)
    child, folder = begun(tmp_path, "--workers", "2", enough=1)
    for _ in range(5):
        os.killpg(child.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        child.communicate(timeout=30)  # type: ignore[attr-defined]
        child = process("sweep", "--resume", str(folder), cwd=tmp_path)
        try:
            child.wait(timeout=0.2 + chance.random())
            break  # it was done before anybody killed it
        except subprocess.TimeoutExpired:
            continue
    child.communicate(timeout=120)  # type: ignore[attr-defined]
    resumed(folder)
    same_tables(whole, folder)
    assert not list(folder.rglob("*.unfinished")) or all(p.name.startswith(".") for p in folder.rglob("*.unfinished"))


@POSIX
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(tmp_path: Path, whole: Path, workers: str, number: signal.Signals) -> None:
    """Ctrl-C (which reaches all processes at a terminal) stops it, and it says how to go on."""
    child, folder = begun(tmp_path, "--workers", workers)
    if number == signal.SIGINT:
        os.killpg(child.pid, number)  # type: ignore[attr-defined]
    else:
        child.send_signal(number)  # type: ignore[attr-defined]
    out, err = child.communicate(timeout=60)  # type: ignore[attr-defined]
    assert child.returncode in (130, -signal.SIGINT)  # type: ignore[attr-defined]
    last = err.decode().splitlines()[-1]
    assert last == f"interrupted; what was done is kept, go on with: dischargesim sweep --resume {folder}"
    assert b"Traceback" not in err and out == b""
    assert not (folder / "measures.csv").exists()
    resumed(folder)
    same_tables(whole, folder)


@POSIX
def test_a_worker_is_killed(tmp_path: Path, whole: Path) -> None:
    """The batch it was at is done by another, while the sweep goes on."""
    child, folder = begun(tmp_path, "--workers", "2", enough=2)
    workers = [int(line) for line in _children(child.pid)]  # type: ignore[attr-defined]
    assert workers
    os.kill(workers[-1], signal.SIGKILL)
    _, err = child.communicate(timeout=120)  # type: ignore[attr-defined]
    assert child.returncode == 0, err.decode()  # type: ignore[attr-defined]
    same_tables(whole, folder)


def _children(parent: int) -> list[int]:
    """Processes that work for a process; not the one that only watches over shared things."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            line = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == parent and b"spawn_main" in line:
            found.append(int(path.parent.name))
    return sorted(found)


def spoil(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "cut off":
        path.write_bytes(data[: len(data) // 2])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "another batch":
        path.write_bytes(next(other for other in batches(path.parents[1]) if other != path).read_bytes())
    else:
        at = {"first bytes": 5, "middle": len(data) // 2, "footer": len(data) - 200, "last byte": len(data) - 1}[how]
        data[at] ^= 0x10
        path.write_bytes(bytes(data))


@pytest.mark.parametrize("how", ["cut off", "empty", "another batch", "first bytes", "middle", "footer", "last byte"])
def test_damaged_batches_are_named_and_redone(
    tmp_path: Path, whole: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    folder = _copy(whole, tmp_path)
    victims = batches(folder)[3:5]
    for path in victims:
        spoil(path, how)
    capsys.readouterr()
    resumed(folder)
    err = capsys.readouterr().err.splitlines()
    assert [path.name in line and "damaged" in line for path, line in zip(victims, sorted(err), strict=True)] == [
        True,
        True,
    ]
    same_tables(whole, folder)


def lose_points(folder: Path) -> str:
    (folder / "points.csv").unlink()
    return "points.csv"


def spoil_points(folder: Path) -> str:
    spoil(folder / "points.csv", "cut off")
    return "points.csv"


def lose_a_scenario(folder: Path) -> str:
    victim = sorted((folder / "scenarios").iterdir())[1]
    victim.unlink()
    return victim.name


def change_a_scenario(folder: Path) -> str:
    victim = sorted((folder / "scenarios").iterdir())[0]
    victim.write_text(victim.read_text(encoding="utf-8").replace("seed: ", "seed: 1"), encoding="utf-8")
    return victim.name


@pytest.mark.parametrize("damage", [lose_points, spoil_points, lose_a_scenario, change_a_scenario])
def test_whatever_else_is_lost_is_named_and_made_again(
    tmp_path: Path, whole: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], str]
) -> None:
    """Also where batches of that very scenario have to be run again."""
    folder = _copy(whole, tmp_path)
    name = damage(folder)
    for path in [*batches(folder)[::5], folder / "measures.csv"]:
        path.unlink()
    assert main(["compare", str(folder)]) == 2
    said = capsys.readouterr().err
    assert name in said and f"dischargesim sweep --resume {folder}" in said
    resumed(folder)
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 1 and name in err[0] and "made again" in err[0]
    same_tables(whole, folder)


def test_damage_that_happens_during_the_sweep(tmp_path: Path, whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is whole when the sweep goes on, and spoilt before its tables are made."""
    folder = _copy(whole, tmp_path)
    spoil(batches(folder)[0], "middle")
    from dischargesim.experiment.executor_settings import ExecutorSettings
    from dischargesim.experiment.sweep import Sweep, finish
    from dischargesim.experiment.sweep_folder import write_tables

    said: list[str] = []
    sweep = Sweep(Store.open(folder), "simpy", say=said.append)
    finish(sweep, lambda: sweep.go_on(ExecutorSettings(workers=1)), lambda: write_tables(sweep, {}) and None)
    assert len(said) == 1 and batches(folder)[0].name in said[0]
    same_tables(whole, folder)


def test_every_bit_matters(whole: Path, tmp_path: Path) -> None:
    """A flipped bit anywhere in a file is noticed, or changes nothing that is read from it."""
    from dischargesim.experiment.batch_file import Damaged, read_batch

    original = batches(whole)[0]
    key, first, count = original.stem.split("-")
    good = read_batch(original, key, int(first), int(count))
    data = original.read_bytes()
    chance = random.Random(7)
    path = tmp_path / original.name
    unseen = 0
    for at in [*range(0, 16), *range(len(data) - 600, len(data)), *(chance.randrange(len(data)) for _ in range(600))]:
        spoilt = bytearray(data)
        spoilt[at] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(spoilt))
        try:
            found = read_batch(path, key, int(first), int(count))
        except Damaged:
            continue
        unseen += 1
        assert found.values.tobytes() == good.values.tobytes() and found.daily.tobytes() == good.daily.tobytes()
        assert (found.people == good.people).all() and (found.present == good.present).all()
    assert unseen < 400


def _copy(folder: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(folder, tmp_path / folder.name))


def test_two_processes_in_one_folder(tmp_path: Path, whole: Path) -> None:
    folder = _copy(whole, tmp_path)
    for path in [*batches(folder)[2:], folder / "measures.csv", folder / "daily.parquet", folder / "index.parquet"]:
        path.unlink()
    children = [process("sweep", "--resume", str(folder), "--workers", "1", cwd=tmp_path) for _ in range(2)]
    for child in children:
        _, err = child.communicate(timeout=180)
        assert child.returncode == 0, err.decode()
    same_tables(whole, folder)
    assert not (folder / "UNFINISHED.txt").exists()


def test_a_folder_that_cannot_be_written_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    assert main(["sweep", *GRID, *OWN, "--out", str(tmp_path / "file")]) == 2
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 1 and "cannot be written to" in err[0]


@POSIX
def test_no_space_left(tmp_path: Path, whole: Path) -> None:
    """Files may not grow beyond a few kilobytes, as where the disk is full: one line, nothing lost, and on it goes."""
    import resource

    child, folder = begun(tmp_path, "--workers", "1", enough=3)
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (2000, 2000))  # type: ignore[attr-defined]
    _, err = child.communicate(timeout=60)  # type: ignore[attr-defined]
    lines = complaints(err)
    assert child.returncode == 2, lines  # type: ignore[attr-defined]
    assert len(lines) == 1 and "go on with: dischargesim sweep --resume" in lines[0] and "larger than" in lines[0]
    assert not list((folder / "batches").glob(".*"))
    resumed(folder)
    same_tables(whole, folder)


def test_interrupted_in_a_thread_pool(tmp_path: Path, whole: Path) -> None:
    """Whoever sweeps from a thread of their own is not in the main thread, which alone hears signals."""
    found: list[Path] = []
    thread = threading.Thread(
        target=lambda: found.append(swept(tmp_path / "r", *GRID, "executor=threads", "--workers", "2"))
    )
    thread.start()
    thread.join(120)
    same_tables(whole, found[0])
