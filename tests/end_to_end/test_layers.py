"""The folders of the package stand in one order, and no module imports from a folder to its right.

An import under TYPE_CHECKING counts like any other: a type from the right is a dependency too.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import dischargesim

PACKAGE = Path(dischargesim.__file__).parent
LAYERS = ("scenario", "plan", "engine", "measures", "experiment", "appraisal", "report", "app", "cli")
# The published figures and the compiling of loops stand beside the layers: any layer may use them, and they use none.
BESIDE = ("data", "loops", "memory")
HYDRA = {"hydra", "omegaconf"}
COMPOSE = Path("scenario", "compose.py")


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import, `from a import b` as ``a.b``, wherever in the source it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, "." * node.level + ".".join(filter(None, (node.module, alias.name)))


def complaints(path: Path, source: str) -> list[str]:
    """What a module at `path`, relative to the package, imports that it may not."""
    own = path.parts[0].removesuffix(".py")
    found = []
    for line, name in imports(source):
        where = f"{path.as_posix()}:{line} imports {name}"
        parts = name.split(".")
        if parts[0] in HYDRA and path != COMPOSE:
            found.append(f"{where}: only {COMPOSE.as_posix()} knows Hydra")
        if name.startswith("."):
            found.append(f"{where}: write the import from the package down")
        if parts[0] != "dischargesim" or len(parts) < 2:
            continue
        other = parts[1]
        if own in BESIDE and other in LAYERS:
            found.append(f"{where}: {own} uses no layer")
        if own in LAYERS and other in LAYERS and LAYERS.index(other) > LAYERS.index(own):
            found.append(f"{where}: {other} is to the right of {own}")
    return found


def modules() -> list[Path]:
    return sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def test_every_module_has_its_layer() -> None:
    top = {path.parts[0].removesuffix(".py") for path in modules()}
    assert top <= {*LAYERS, *BESIDE, "__init__", "__main__"}


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.as_posix())
def test_no_module_imports_to_its_right(path: Path) -> None:
    assert complaints(path, (PACKAGE / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("scenario/schema.py", "from dischargesim.plan.tables import Plan"),
        ("plan/draw.py", "def f():\n    import dischargesim.engine.calendar"),
        ("plan/draw.py", "if TYPE_CHECKING:\n    from dischargesim import measures"),
        ("plan/draw.py", "from .tables import Plan"),
        ("engine/__init__.py", "import omegaconf.listconfig"),
        ("scenario/schema.py", "from hydra import compose"),
        ("data/__init__.py", "from dischargesim.scenario.reasons import REASONS"),
        ("loops.py", "from dischargesim.plan.codes import Label"),
        ("report/html.py", "from dischargesim.cli import main"),
    ],
)
def test_the_check_sees_it(path: str, source: str) -> None:
    assert len(complaints(Path(path), source)) == 1


def test_importing_the_package_is_quick() -> None:
    """Completion and `--help` wait for this import."""
    heavy = ("pandas", "numba", "hydra", "omegaconf", "plotly", "scipy.stats", "simpy")
    code = f"import sys, dischargesim; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["dischargesim.scenario.schema", "dischargesim.data", "dischargesim.engine"])
def test_lower_layers_do_without_the_heavy_packages(name: str) -> None:
    heavy = ("pandas", "numba", "hydra", "plotly", "scipy.stats")
    code = f"import sys, {name}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"
