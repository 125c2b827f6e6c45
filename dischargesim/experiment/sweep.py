"""A sweep: every point run as often as asked for, in a folder from which it goes on whatever stopped it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from dischargesim.experiment import atomic
from dischargesim.experiment.batch_file import Damaged
from dischargesim.experiment.carry_out import carry_out
from dischargesim.experiment.definition import UntilPrecise, until_precise
from dischargesim.experiment.executor_settings import ExecutorSettings
from dischargesim.experiment.executors import open_executor, slots
from dischargesim.experiment.local_executors import InProcess, Processes, Threads
from dischargesim.experiment.precision import Unmet, unmet
from dischargesim.experiment.replicate import Progress
from dischargesim.experiment.spans import batch_size, spans
from dischargesim.experiment.store import BATCHES, UNFINISHED, Point, Store
from dischargesim.experiment.worker import Done, Work, load_engine, pickled
from dischargesim.measures import measure_index

WORTH_COMPILED = 40
"""Replications from which loading the compiled engine in each process pays even for the smallest system."""
_MENDED_AT_MOST = 3
_LOOK_UP = 0.5
_COMPILING = 3.0
"""Seconds after which loading the engine must be compiling it."""


@dataclass(slots=True)
class Course:
    """How far the replications of one scenario are.

    Attributes
    ----------
    point : Point
        The first with this scenario.
    until : int or UntilPrecise
        How many, or the rule.
    size : int
        Replications in a batch.
    target : int
        Replications that are wanted by now.
    left : set of int
        First replications of the batches that are still missing.
    problem : str
        Why it failed; empty if it did not.
    unmet : list of Unmet
        What was not precise enough in the end.
    """

    point: Point
    until: int | UntilPrecise
    size: int
    target: int = 0
    left: set[int] = field(default_factory=set)
    problem: str = ""
    unmet: list[Unmet] = field(default_factory=list)

    def further(self) -> list[tuple[int, int]]:
        """Batches of the next round: all of them, or as many as are added at a time."""
        if isinstance(self.until, int):
            most = self.until
        else:
            step = self.until.batch if self.target else self.until.least
            most = min(self.target + step, self.until.most)
        first, self.target = self.target, most
        return spans(most, self.size, first)


class Sweep:
    """What is left of a sweep, and doing it.

    Parameters
    ----------
    store : Store
        Of the sweep; its `asked` says how often each point is to be run.
    engine : str
        As for `simulate`.
    progress : callable, optional
        Called with the replications done and those wanted by now.
    say : callable, optional
        Called with a line that the reader should see at once.

    Attributes
    ----------
    courses : dict of str to Course
        By the key of their scenario.
    workers : int
        How many take part.
    worked : bool
        Something was missing and has been run.
    """

    def __init__(
        self,
        store: Store,
        engine: str = "auto",
        progress: Progress | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.store = store
        self._engine = engine
        self._progress = progress or (lambda done, total: None)
        self._say = say or (lambda line: None)
        self._works: deque[Work] = deque()
        self._pickled: dict[str, bytes] = {}
        self.workers = 1
        self.worked = False
        self.courses = {course.point.key: course for course in _courses(store)}

    # The work ---------------------------------------------------------------------------------------------------

    def go_on(
        self,
        settings: ExecutorSettings,
        *,
        on_compile: Callable[[], None] | None = None,
    ) -> None:
        """Run what is missing. Afterwards every point is done, or its course says why it failed.

        Raises
        ------
        CannotWrite
            If the disk is full; nothing that was done is lost.
        ExecutorError
            If there is nothing to run on.
        """
        atomic.clear_left_overs(self.store.path / BATCHES)
        self.store.look()
        for course in self.courses.values():
            self._advance(course)
        if self._works:
            self.worked = True
            self._engine = self._settled_engine()
            with open_executor(settings, self.store.path) as executor:
                self.workers = 1 if isinstance(executor, InProcess) else slots(executor)
                if isinstance(executor, InProcess | Threads | Processes) and self._engine == "compiled":
                    self._load_engine(executor, on_compile)
                carry_out(executor, self._works, self._wanted, self._arrived, self._report)
        with suppress(OSError):
            (self.store.path / "jobs").rmdir()

    def redo(self, damaged: Iterable[Damaged]) -> None:
        """Name batch files that cannot be relied on, and take them away: they are done again."""
        for error in damaged:
            self._say(f"{error.path}: damaged ({error.why}); it is done again")
            self.store.forget(error)
            course = self.courses.get(error.path.name.partition("-")[0])
            if course is not None:
                course.target = 0

    def _advance(self, course: Course) -> None:
        """Ask for the next batches of a course, and go on while these are there already."""
        while not course.left and not course.problem and self._more_wanted(course):
            for first, count in course.further():
                work = self._work(course, first, count)
                if not self.store.has(work):
                    course.left.add(first)
                    self._works.append(work)

    def _more_wanted(self, course: Course) -> bool:
        if isinstance(course.until, int):
            return course.target < course.until
        if course.target < course.until.least:
            return True
        point = Point(course.point.label, {}, course.point.key, course.target)
        scenario = self.store.scenario(course.point)
        try:
            values = self.store.values(point)[1]
        except Damaged as error:
            self.redo([error])
            return True
        course.unmet = unmet(course.until.precision, measure_index(scenario), values)
        return bool(course.unmet) and course.target < course.until.most

    def _work(self, course: Course, first: int, count: int) -> Work:
        key = course.point.key
        if key not in self._pickled:
            self._pickled[key] = pickled(self.store.scenario(course.point))
        return Work(key, first, count, self._engine, self._pickled[key])

    def _wanted(self, work: Work) -> bool:
        course = self.courses[work.key]
        if course.problem:
            return False
        if self.store.has(work):
            # Another process at work in this folder has done it.
            self._ended(course, work)
            return False
        return True

    def _arrived(self, work: Work, done: Done) -> None:
        course = self.courses[work.key]
        if done.problem:
            course.problem = course.problem or done.problem
            course.left.clear()
            self._say(f"{course.point.label}: failed ({done.problem}); the other points go on")
            return
        self.store.put(work, done.file)
        self._ended(course, work)
        self._report()

    def _ended(self, course: Course, work: Work) -> None:
        course.left.discard(work.first)
        self._advance(course)

    def _report(self) -> None:
        total = sum(course.target for course in self.courses.values() if not course.problem)
        missing = sum(
            min(course.size, course.target - first)
            for course in self.courses.values()
            if not course.problem
            for first in course.left
        )
        self._progress(total - missing, total)

    def _settled_engine(self) -> str:
        total = sum(course.target for course in self.courses.values())
        # Looked up and not loaded: this process computes nothing, and loading numba takes a second.
        if self._engine != "auto" or total < WORTH_COMPILED or find_spec("numba") is None:
            return self._engine
        self._works = deque(Work(w.key, w.first, w.count, "compiled", w.scenario) for w in self._works)
        return "compiled"

    def _load_engine(self, executor: Executor, on_compile: Callable[[], None] | None) -> None:
        """Have one worker compile the engine, if it is not on disk yet, before there are many that all do it."""
        began, told = time.monotonic(), False
        loading = executor.submit(load_engine)
        while not loading.done():
            wait([loading], timeout=_LOOK_UP)
            if on_compile is not None and not told and time.monotonic() - began > _COMPILING:
                told = True
                on_compile()
            self._report()

    # What became of it --------------------------------------------------------------------------------------------

    @property
    def failed(self) -> dict[str, str]:
        """Why points failed, by their label."""
        problems = {point.label: self.courses[point.key].problem for point in self.store.points}
        return {label: problem for label, problem in problems.items() if problem}

    @property
    def not_precise(self) -> dict[str, list[Unmet]]:
        """What was not precise enough with the most replications, by label of the point."""
        found = {point.label: self.courses[point.key].unmet for point in self.store.points}
        return {label: rules for label, rules in found.items() if rules}

    def settle(self) -> None:
        """Write down what became of each point."""
        for point in list(self.store.points):
            course = self.courses[point.key]
            if course.problem:
                self.store.settle(point.label, 0, "failed")
            else:
                self.store.settle(point.label, min(_asked(self.store, point.label, course), course.target), "done")
        self.store.write_points()


def _courses(store: Store) -> list[Course]:
    """One for each scenario, in the order of the points."""
    rule = store.asked.get("until")
    until = None if rule is None else until_precise(rule)
    courses: dict[str, Course] = {}
    for point in store.points:
        course = courses.get(point.key)
        if until is not None:
            courses.setdefault(point.key, Course(point, until, _size(store, min(until.least, until.batch))))
            continue
        wanted = _replications(store, point.label)
        if course is not None and isinstance(course.until, int):
            wanted = max(wanted, course.until)
        courses[point.key] = Course(course.point if course else point, wanted, _size(store, wanted))
    return list(courses.values())


def _size(store: Store, replications: int) -> int:
    given = store.asked.get("batch")
    return int(given) if given else batch_size(replications)


def _replications(store: Store, label: str) -> int:
    return int(store.asked["replications"][label])


def _asked(store: Store, label: str, course: Course) -> int:
    return course.target if isinstance(course.until, UntilPrecise) else _replications(store, label)


def finish(sweep: Sweep, go_on: Callable[[], None], tables: Callable[[], None]) -> None:
    """Do what is missing and make the tables; batches that turn out damaged meanwhile are done again.

    Parameters
    ----------
    sweep : Sweep
    go_on : callable
        Runs what is missing.
    tables : callable
        Reads all batches.
    """
    for attempt in range(_MENDED_AT_MOST):
        go_on()
        sweep.settle()
        try:
            tables()
            return
        except Damaged as error:
            if attempt == _MENDED_AT_MOST - 1:
                raise
            sweep.redo([error])


def mark_unfinished(folder: Path) -> None:
    """Say in the folder that it is not whole, and how to go on."""
    text = f"This sweep is not finished. To go on with it: {how_to_go_on(folder)}\n"
    atomic.write(folder / UNFINISHED, text.encode())


def mark_finished(folder: Path) -> None:
    """Take the mark away."""
    (folder / UNFINISHED).unlink(missing_ok=True)


def how_to_go_on(folder: Path) -> str:
    """The command that goes on with a sweep."""
    return f"dischargesim sweep --resume {quoted(folder)}"


def quoted(folder: Path) -> str:
    """A path as this system's shell wants it."""
    path = str(folder)
    return f'"{path}"' if any(not (c.isalnum() or c in "/\\._-:") for c in path) else path
