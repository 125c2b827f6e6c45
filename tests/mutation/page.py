"""Writes into docs/mutation.md what became of the mutants, by module, and which of them no test can see.

python -m tests.mutation.page
"""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
FOUND = HERE / "found.csv"
PAGE = HERE.parents[1] / "docs" / "mutation.md"
BECAME = ("killed", "timed out", "equivalent", "survived")
HEADER = "module,places,tried,killed,timed out,equivalent,survived"


def numbers() -> str:
    """What became of the mutants of each module, and of all."""
    with FOUND.open(encoding="utf-8", newline="") as file:
        rows = [(row["module"], *(int(row[name]) for name in HEADER.split(",")[1:])) for row in csv.DictReader(file)]
    lines = [
        "| module | places | tried | killed | timed out | no test can see | survived |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [f"| {' | '.join(str(one) for one in row)} |" for row in rows]
    sums = [sum(column) for column in zip(*(row[1:] for row in rows), strict=True)]  # type: ignore[arg-type]
    return "\n".join([*lines, f"| **all** | {' | '.join(map(str, sums))} |"])


def equivalent() -> list[dict[str, str]]:
    """Changes that no test can see, and why."""
    changes: list[dict[str, str]] = tomllib.loads((HERE / "equivalent.toml").read_text(encoding="utf-8"))["change"]
    return changes


def unseen() -> str:
    """The same as a table; those with one reason together."""
    by: dict[tuple[str, str, str], list[str]] = {}
    for one in equivalent():
        by.setdefault((one["line"], one["changed"], one["why"]), []).append(one["module"])
    lines = ["| module | line | becomes | why nothing comes of it |", "|---|---|---|---|"]
    for (line, changed, why), modules in sorted(by.items(), key=lambda item: (item[1], item[0])):
        lines.append(f"| {', '.join(modules)} | {_code(line)} | {_code(changed)} | {_cell(why)} |")
    return "\n".join(lines)


def _code(text: str) -> str:
    return f"<code>{_cell(text)}</code>" if text else "(nothing)"


def _cell(text: str) -> str:
    for sign, written in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("|", "&#124;"),
        ("*", "&#42;"),
        ("_", "&#95;"),
        ("`", "&#96;"),
        ("[", "&#91;"),
        ("]", "&#93;"),
    ):
        text = text.replace(sign, written)
    return text


def page(text: str) -> str:
    """The page with both tables as they should be."""
    for name, table in (("numbers", numbers()), ("unseen", unseen())):
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"\n<!-- end of {name} -->")
        if not begin or not end:
            raise ValueError(f"docs/mutation.md has no place for {name}")
        text = f"{before}{begin}{table}{end}{after}"
    return text


def main() -> None:
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
