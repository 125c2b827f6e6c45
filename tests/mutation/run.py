"""Changes the code one place at a time and sees whether the tests notice (README.md in this folder).

    python -m tests.mutation.run map                        which tests reach which lines; some minutes
    python -m tests.mutation.run test --share 0.1           a tenth of the places of each module
    python -m tests.mutation.run again                      those that survived, with more of the tests that reach them
    python -m tests.mutation.run table                      what became of them; then python -m tests.mutation.page

Each mutant is tried in a process of its own, forked from one that has loaded the libraries, with the changed source in
memory: no file is touched. Needs a system with `fork`, and `pip install cosmic-ray coverage`.
"""

from __future__ import annotations

import argparse
import difflib
import importlib.abc
import importlib.machinery
import json
import os
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

os.environ.update(NUMBA_DISABLE_JIT="1", OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")

import coverage
import pytest
from hypothesis import settings

from tests import plain
from tests.mutation import page
from tests.mutation.mutants import FOLDERS, ROOT, Mutant, modules, mutants, mutated, sample, sites

WHOLE = ["tests/extreme/test_measures_extreme.py"]
"""Files that are tried first, whole, on what survived."""

EXAMPLES = 12
"""Examples of a property, the first of those that the suite tries."""

BUDGET = 2.5
"""Seconds of tests a mutant: of those that reach the place, the quickest first."""

MEMORY = 6 * 2**30
PLUGINS = ["-p", "tests.plain", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "--no-header", "--tb=no"]
PLUGINS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # what is loaded already is not ours

Map = dict[str, Any]


class Reached:
    """Plugin: which lines each test reaches, and how many seconds of the processor it takes."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.measured.switch_context(item.nodeid)
        start = time.process_time()
        yield
        self.seconds[item.nodeid] = time.process_time() - start

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)


class Few:
    """Plugin: few examples of each property, and of the tests only those that are named, in their order."""

    def __init__(self, tests: Sequence[str] | None, examples: int | None = EXAMPLES) -> None:
        self.order = None if tests is None else {test: place for place, test in enumerate(tests)}
        self.examples = examples

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.order is not None:
            order = self.order
            items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])
        for item in items:
            tried = getattr(getattr(item, "obj", None), "_hypothesis_internal_use_settings", None)
            if tried is not None and self.examples is not None:
                few = settings(tried, max_examples=min(tried.max_examples, self.examples))
                item.obj._hypothesis_internal_use_settings = few  # type: ignore[attr-defined]


class Told:
    """Plugin: tells the first test that fails to whoever reads the other end of a pipe."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe
        self.passed = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed += report.when == "call" and report.passed
        if report.failed:
            os.write(self.pipe, report.nodeid.encode())

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            os.write(self.pipe, f"collecting {report.nodeid}".encode())


class Changed(importlib.machinery.SourceFileLoader):
    """Loads a module from other source than its file's."""

    source = ""

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec", dont_inherit=True)


class Instead(importlib.abc.MetaPathFinder):
    """Finds the changed module before Python finds the file."""

    def __init__(self, module: str, source: str) -> None:
        self.name = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.source = source

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None:
            raise ImportError(fullname)
        loader = Changed(fullname, spec.origin)
        loader.source = self.source
        spec.loader = loader
        return spec


def make_map(out: Path) -> None:
    """Run the quick files once, with coverage, and note which test reaches what."""
    measured = coverage.Coverage(data_file=None, config_file=False, source=[str(ROOT / "dischargesim")])
    reached = Reached(measured)
    measured.start()
    pytest.main([*PLUGINS, *plain.FILES], plugins=[reached, Few(None)])
    measured.stop()
    data = measured.get_data()
    lines: dict[str, dict[str, list[str]]] = {}
    for module in modules():
        found = data.contexts_by_lineno(str(ROOT / module))
        lines[module] = {str(line): sorted(filter(None, tests)) for line, tests in found.items()}
    seconds = {test: took for test, took in reached.seconds.items() if test not in reached.failed}
    out.write_text(json.dumps({"made": time.time(), "seconds": seconds, "lines": lines}), encoding="utf-8")
    print(f"{len(seconds)} tests, {sum(seconds.values()):.0f} s; left out, they fail in plain Python: {reached.failed}")


def tests_for(mutant: Mutant, known: Map, budget: float) -> list[str]:
    """Those that reach the place: one of each kind first, then the others; the quickest first."""
    seconds, lines = known["seconds"], known["lines"][mutant.module]
    found = {test for line in range(mutant.start[0], mutant.end[0] + 1) for test in lines.get(str(line), [])}
    if not found and str(mutant.start[0]) in lines:  # reached when the module is imported
        found = {test for tests in lines.values() for test in tests} or set(seconds)
    # What was made once for several tests was reached by the first of them only.
    alike = {test.split("[")[0] for test in found}
    found = {test for test in seconds if test.split("[")[0] in alike}
    kinds: Counter[str] = Counter()
    turns = []
    for test in sorted(found, key=lambda test: (seconds[test], test)):
        kind = test.split("[")[0]
        turns.append((kinds[kind], seconds[test], test))
        kinds[kind] += 1
    chosen, spent = [], 0.0
    for _, took, test in sorted(turns):
        if spent + took <= budget or not chosen:
            chosen.append(test)
            spent += took
    return chosen


def load_libraries() -> None:
    """What every mutant's process needs and no mutant is in: libraries, and the folder that imports none of those."""
    for name in (
        "numpy", "pandas", "scipy.stats", "scipy.special", "pydantic", "yaml", "hydra", "omegaconf", "simpy", "numba",
        "numba.extending", "holidays", "hypothesis.strategies", "hypothesis.extra.numpy", "_pytest.assertion",
        "pyarrow", "rich", "pydantic.json_schema", "numpy.testing", "dischargesim.scenario.load",
    ):  # fmt: skip
        importlib.import_module(name)
    for folder in FOLDERS:
        if f"dischargesim.{folder}" in sys.modules:
            raise RuntimeError(f"dischargesim.{folder} is loaded before the mutant")


def attempt(mutant: Mutant, source: str, files: list[str], few: Few, seconds: float) -> dict[str, Any]:
    """Try one mutant in a process of its own."""
    reading, writing = os.pipe()
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.close(reading)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            sys.meta_path.insert(0, Instead(mutant.module, source))
            code = int(pytest.main(["-x", *PLUGINS, *files], plugins=[few, Told(writing)]))
        finally:
            os._exit(code)
    os.close(writing)
    status = None
    while status is None and time.perf_counter() - start < 12 * seconds + 60:
        pid, ended = os.waitpid(child, os.WNOHANG)
        status = ended if pid else None
        time.sleep(0.02)
    if status is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    told = os.read(reading, 2000).decode(errors="replace")
    os.close(reading)
    if status is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)):
        became = "timed out"
    else:
        became = "survived" if status == 0 else "killed"
    return {"became": became, "by": told, "took": round(time.perf_counter() - start, 1)}


def difference(mutant: Mutant, source: str) -> list[str]:
    old = (ROOT / mutant.module).read_text(encoding="utf-8").splitlines()
    lines = difflib.unified_diff(old, source.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def try_all(chosen: list[Mutant], known: Map, out: Path, until: str | None) -> None:
    """Try the mutants that have not been tried yet, in an order that mixes the modules."""
    done = {row["name"] for row in read(out)}
    chosen = sorted((one for one in chosen if one.name not in done), key=lambda one: hash_of(one.name))
    load_libraries()
    for number, mutant in enumerate(chosen):
        if until is not None and time.strftime("%H:%M", time.gmtime()) >= until:
            print(f"stopped at {until}: {len(chosen) - number} not tried")
            return
        source = mutated(mutant)
        if source is None:
            continue
        row = {"name": mutant.name, **mutant.describe(), "difference": difference(mutant, source)}
        tests = tests_for(mutant, known, BUDGET)
        if not tests:
            row |= {"became": "survived", "by": "", "took": 0.0, "tests": 0}
        else:
            files = sorted({test.split("::")[0] for test in tests})
            expected = sum(known["seconds"][test] for test in tests)
            row |= {"tests": len(tests), **attempt(mutant, source, files, Few(tests), 5 * expected + 6)}
        write(out, row)


def try_again(known: Map, out: Path, again: Path, only: str, budget: float) -> None:
    """Try those that survived with more of the tests that reach them, and with all examples."""
    done = {row["name"] for row in read(again)}
    new = [name for name in plain.FILES if (ROOT / name).stat().st_mtime > known["made"]]
    load_libraries()
    for row in read(out):
        if equivalent(row) or row["became"] != "survived" or row["name"] in done or only not in row["name"]:
            continue
        mutant, source = found_again(row)
        if mutant is None:
            print(f"not there any more: {row['name']}")
            continue
        tried = set(tests_for(mutant, known, BUDGET))
        tests = [test for test in tests_for(mutant, known, budget) if test not in tried or "/property/" in test]
        files = sorted({*new, *(test.split("::")[0] for test in tests)})
        limit = 3 * budget + 15
        tried_now = attempt(mutant, source, [*WHOLE, *files], Later(tests, known["seconds"]), limit)
        write(again, row | {"tests": len(tried | set(tests)), **tried_now})


def found_again(row: dict[str, Any]) -> tuple[Mutant | None, str]:
    """The same change to the same line, wherever that is by now, and the source with it."""
    candidates = [one for one in mutants(row["module"]) if one.operator == row["operator"]]
    for mutant in sorted(candidates, key=lambda one: one.name != row["name"]):
        source = mutated(mutant)
        if source is not None and difference(mutant, source) == row["difference"]:
            return mutant, source
    return None, ""


class Later(Few):
    """Plugin: all of the tests in the files that are tried whole and all new ones, then those that are named."""

    def __init__(self, tests: Sequence[str], known: Container[str]) -> None:
        super().__init__(None, examples=None)
        self.places = {test: place for place, test in enumerate(tests)}
        self.known = known

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        whole = [item for item in items if item.nodeid.split("::")[0] in WHOLE or item.nodeid not in self.known]
        named = [item for item in items if item.nodeid in self.places]
        items[:] = [*whole, *sorted(named, key=lambda item: self.places[item.nodeid])]


def hash_of(name: str) -> int:
    """An order that looks like chance and is always the same."""
    value = 0
    for letter in name:
        value = (value * 1000003 ^ ord(letter)) % 2**61
    return value * 0x9E3779B97F4A7C15 % 2**64


def read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, row: dict[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


@cache
def _known_equivalent() -> dict[tuple[str, str, str], str]:
    """Why no test can see a change, by module, line, and the line changed."""
    return {(one["module"], one["line"], one["changed"]): one["why"] for one in page.equivalent()}


def equivalent(row: dict[str, Any]) -> str | None:
    """Why no test can see a change, if that has been found out."""
    lines: dict[str, list[str]] = {"-": [], "+": []}
    for line in row["difference"]:
        lines[line[:1]].append(line[1:].strip())
    old, new = (" ".join(filter(None, lines[sign])) for sign in "-+")
    return _known_equivalent().get((_short(row["module"]), old, new))


def table(out: Path, again: Path) -> None:
    """Write what became of the mutants, by module, where `page` finds it; print those that no test noticed."""
    rows = {row["name"]: row for row in read(out)} | {row["name"]: row for row in read(again)}
    for row in rows.values():
        if row["became"] == "survived" and equivalent(row):
            row["became"] = "equivalent"
    by: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows.values():
        by[row["module"]][row["became"]] += 1
    lines = [page.HEADER]
    for module in modules():
        found = by[module]
        numbers = (len(sites(mutants(module))), found.total(), *(found[kind] for kind in page.BECAME))
        lines.append(",".join([_short(module), *map(str, numbers)]))
    page.FOUND.write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")
    for row in sorted((one for one in rows.values() if one["became"] == "survived"), key=lambda one: one["name"]):
        print(f"\n{row['name']} ({row['tests']} tests)", *row["difference"], sep="\n    ")


def _short(module: str) -> str:
    return module.removeprefix("dischargesim/")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["map", "test", "again", "table"])
    parser.add_argument("--folder", type=Path, default=ROOT / ".mutation", help="where results are kept")
    parser.add_argument("--share", type=float, default=0.1, help="share of the places of each module")
    parser.add_argument("--least", type=int, default=4, help="places of each module at the least")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--only", default="", help="modules whose path contains this")
    parser.add_argument("--until", help="time of day, UTC, at which to stop, as 04:10")
    parser.add_argument("--budget", type=float, default=15.0, help="seconds of tests for one that is tried again")
    given = parser.parse_args()
    os.chdir(ROOT)
    given.folder.mkdir(exist_ok=True)
    known, out, again = (given.folder / name for name in ("map.json", "mutants.jsonl", "again.jsonl"))
    if given.what == "map":
        make_map(known)
    elif given.what == "test":
        chosen = [one for one in sample(given.share, given.least, given.seed) if given.only in one.module]
        try_all(chosen, json.loads(known.read_text(encoding="utf-8")), out, given.until)
    elif given.what == "again":
        try_again(json.loads(known.read_text(encoding="utf-8")), out, again, given.only, given.budget)
    else:
        table(out, again)


if __name__ == "__main__":
    main()
