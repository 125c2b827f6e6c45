"""The tables of docs/verification.md: a row for each figure of each check, as it was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.published import bnssg, stroke
from tests.theory import flows, queues
from tests.verification.check import Check, Found, measured

PAGE = Path(__file__).parents[2] / "docs" / "verification.md"
PARTS: dict[str, tuple[Check, ...]] = {
    "queues": queues.CHECKS,
    "flows": flows.CHECKS,
    "stroke": stroke.CHECKS,
    "bnssg": bnssg.CHECKS,
}
"""Tables by name: the page says where each stands."""
COMMAND = "python -m tests.verification"

_HEAD = (
    "| check | formula | source | figure | expected | found (standard error) | z | met |",
    "|---|---|---|---|---:|---:|---:|---|",
)
_SAME = 1e-6
"""What was published is rounded more roughly than this; below it, two computations are the same but for rounding."""


def begin(part: str) -> str:
    """The line after which a table stands."""
    return f"<!-- table {part}: written by {COMMAND} -->"


END = "<!-- end of table -->"


def lines(check: Check, found: Iterable[Found]) -> list[str]:
    """The rows of one check."""
    rows = []
    about = f"`{check.key}` {check.system}; {check.replications} replications | {check.formula} | {check.source}"
    for number, of in enumerate(found):
        said = about if number == 0 else f"`{check.key}` | |"
        rows.append(f"| {said} | {of.figure.what} | {_figures(of)} | {_status(of)} |")
    return rows


def _figures(of: Found) -> str:
    figure = of.figure
    error = f" (± {1.959964 * figure.error:.2g})" if figure.error else ""
    expected = f"{figure.expected:.4g}{error}"
    if 0 < figure.rounding < _SAME:
        return f"{expected} | the same to {figure.rounding:g} | {of.z:.1f}"
    return f"{expected} | {of.mean:.4g} ({of.error:.2g}) | {of.z + 0.0:.1f}"


def _status(of: Found) -> str:
    return f"**no** {of.figure.not_met}" if of.figure.not_met else "yes"


def tables(text: str) -> dict[str, list[str]]:
    """The rows of each table that stands in a page, by the table's name."""
    found = {}
    for part in PARTS:
        inside = text.split(begin(part) + "\n", 1)[1].split(END, 1)[0]
        found[part] = inside.strip("\n").splitlines()[len(_HEAD) :]
    return found


def rewritten(
    text: str, say: Callable[[str], object], parts: Mapping[str, tuple[Check, ...]] = MappingProxyType(PARTS)
) -> str:
    """The page with its tables made anew; each check is named when it begins."""
    for part, checks in parts.items():
        rows = list(_HEAD)
        for check in checks:
            say(f"{part}: {check.key}\n")
            rows += lines(check, measured(check))
        before, rest = text.split(begin(part) + "\n", 1)
        text = "\n".join([before + begin(part), "", *rows, "", END]) + rest.split(END, 1)[1]
    return text
