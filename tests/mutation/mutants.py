"""Which changes can be made to a module: those of Cosmic Ray's operators, and a statement left out."""

from __future__ import annotations

import ast
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cosmic_ray.plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

ROOT = Path(__file__).parents[2]
FOLDERS = ("engine", "measures", "plan")

LEFT_OUT = "statement left out"
ONLY_SPEED = re.compile(r"@(loop|inlined|compiled|cache|lru_cache|once|instead_of)\b")
"""Decorators that change how long something takes and not what comes out; a test could only measure time."""
GUARDS = re.compile(r"@dataclass\(|\bstrict=True|\bcopy=False")
"""Lines where `True` guards against mistakes of ours, of which there are none, or `False` saves a copy."""

Position = tuple[int, int]


@dataclass(frozen=True)
class Mutant:
    """One change to one module."""

    module: str
    operator: str
    occurrence: int
    start: Position
    end: Position
    site: str

    @property
    def name(self) -> str:
        return f"{self.module}:{self.start[0]}:{self.start[1]} {self.operator.split('/')[-1]} {self.occurrence}"

    def describe(self) -> dict[str, object]:
        return asdict(self)


def modules() -> list[str]:
    """The modules that are mutated, as paths from the top of the repository."""
    found = [path for folder in FOLDERS for path in (ROOT / "dischargesim" / folder).glob("*.py")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def mutants(module: str) -> list[Mutant]:
    """All the changes to a module, in a fixed order."""
    source = (ROOT / module).read_text(encoding="utf-8")
    annotated = list(_annotations(ast.parse(source)))
    found = []
    nodes = list(ast_nodes(get_ast(source)))
    for name in sorted(cosmic_ray.plugins.operator_names()):
        kind = cosmic_ray.plugins.get_operator(name)
        if kind.arguments() or name.endswith("NoOp"):
            continue
        operator = kind()
        family = name.split("/")[-1].split("_")[0]
        positions = (pair for node in nodes for pair in operator.mutation_positions(node))
        for occurrence, (start, end) in enumerate(positions):
            decorator = family == "RemoveDecorator" and ONLY_SPEED.search(source.splitlines()[start[0] - 1])
            guard = family.startswith(("ReplaceTrue", "ReplaceFalse")) and GUARDS.search(
                source.splitlines()[start[0] - 1]
            )
            if not decorator and not guard and not any(first <= start <= last for first, last in annotated):
                found.append(Mutant(module, name, occurrence, start, end, f"{start} {family}"))
    for occurrence, (start, end) in enumerate(_statements(ast.parse(source))):
        found.append(Mutant(module, LEFT_OUT, occurrence, start, end, f"{start} {LEFT_OUT}"))
    return found


def sites(found: list[Mutant]) -> dict[str, list[Mutant]]:
    """Changes of one kind at one place, such as `<` to each of the other comparisons, by that place."""
    together: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in found:
        together[mutant.site].append(mutant)
    return dict(together)


def sample(share: float, least: int, seed: int) -> list[Mutant]:
    """Some of the places of every module, and one change at each.

    Parameters
    ----------
    share : float
        Share of the places of a module.
    least : int
        Places of a module at the least, or all that it has.
    seed : int
        The same gives the same mutants, as long as a module does not change.
    """
    chosen = []
    for module in modules():
        places = sites(mutants(module))
        draw = random.Random(f"{seed} {module}")
        order = draw.sample(sorted(places), len(places))
        for site in order[: max(round(share * len(places)), least)]:
            chosen.append(draw.choice(places[site]))
    return chosen


def mutated(mutant: Mutant) -> str | None:
    """The source of the module with the change, None if the operator makes none there."""
    source = (ROOT / mutant.module).read_text(encoding="utf-8")
    if mutant.operator == LEFT_OUT:
        lines = source.splitlines(keepends=True)
        before = lines[mutant.start[0] - 1][: mutant.start[1]]
        after = lines[mutant.end[0] - 1][mutant.end[1] :]
        return "".join([*lines[: mutant.start[0] - 1], f"{before}pass{after}", *lines[mutant.end[0] :]])
    operator = cosmic_ray.plugins.get_operator(mutant.operator)()
    text = mutate_code(source, operator, mutant.occurrence)
    return None if text is None or text == source else str(text)


def _annotations(tree: ast.Module) -> Iterator[tuple[Position, Position]]:
    """Where types are given: nothing evaluates them."""
    for node in ast.walk(tree):
        given = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        for one in given:
            if isinstance(one, ast.expr):
                yield (one.lineno, one.col_offset), (one.end_lineno or 0, one.end_col_offset or 0)


def _statements(tree: ast.Module) -> Iterator[tuple[Position, Position]]:
    """Calls for their effect, and assignments to something that is there already."""
    for node in ast.walk(tree):
        effect = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        written = isinstance(node, ast.Assign) and any(not isinstance(one, ast.Name) for one in node.targets)
        if effect or written or isinstance(node, ast.AugAssign | ast.Raise):
            yield (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
