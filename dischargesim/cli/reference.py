"""Pages of the documentation that say what can be written: the keys of a scenario, and the commands.

``python -m dischargesim.cli.reference`` writes docs/reference/configuration.md and docs/reference/command_line.md, from
the models of the configuration and from the parsers of the commands.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
"""Where the pages are kept in a checkout."""

_CONFIGURATION = """# Configuration

*For whoever writes scenarios. This page is written by `python -m dischargesim.cli.reference` from the models that check
what you write.*

Every key of a system, a scenario, an experiment, an executor and an appraisal, with its unit, its bounds and what holds
if it is left out. A scenario file gives only what it changes. Where a key takes a name, it is a name that you give:
letters without accents, digits and `_`. *Plausible* is the range outside which the tool asks you to look again; the
bounds are what it refuses. Lengths of time take a number, which is the same for everybody, or a
[distribution](#distributions).

Editors that know JSON Schema complete and check YAML with these: {schemas}.

"""
_COMMANDS = """# Command line

*For everybody. This page is written by `python -m dischargesim.cli.reference` from what the commands say of
themselves.*

Exit codes: 0 all went well; 1 the program is at fault; 2 what it was given is, with a line for each mistake; 3 some
points of a sweep failed; 130 interrupted.

"""
_DISTRIBUTIONS = (
    "Constant",
    "Exponential",
    "Lognormal",
    "Gamma",
    "Weibull",
    "Triangular",
    "Uniform",
    "Empirical",
    "Mixture",
)


def configuration() -> str:
    """The page of the configuration as Markdown."""
    from dischargesim.appraisal.schema import Appraisal
    from dischargesim.experiment.definition import Experiment
    from dischargesim.experiment.executor_settings import ExecutorSettings
    from dischargesim.scenario.schema import Scenario

    scenario = Scenario.model_json_schema(by_alias=True)
    experiment = Experiment.model_json_schema(by_alias=True)
    executor = ExecutorSettings.model_json_schema(by_alias=True)
    appraisal = _told_apart(Appraisal.model_json_schema(by_alias=True), "Appraisal", scenario["$defs"])
    parts: dict[str, Any] = scenario["$defs"]
    schemas = (path.name for path in sorted(FOLDER.parent.glob("*.schema.json")))
    head = _CONFIGURATION.replace("{schemas}", ", ".join(f"[{name}](../{name})" for name in schemas))
    text = [head, "## A system or a scenario\n\n", _keys(scenario)]
    for name in _in_order(scenario, parts):
        if name not in (*_DISTRIBUTIONS, "MixturePart"):
            text.append(_part(name, parts[name], "###"))
    text.append("## Distributions\n\nOf times, in the unit of the key that holds them. `kind` says which.\n\n")
    text += [_part(name, parts[name], "###") for name in (*_DISTRIBUTIONS, "MixturePart")]
    text += ["## Reasons for delay\n\n", _reasons()]
    text += ["## An experiment\n\n", _keys(experiment)]
    text += [_part(name, experiment["$defs"][name], "###") for name in _in_order(experiment, experiment["$defs"])]
    text += ["## An executor\n\nOn the command line `executor=KIND` and `executor.KEY=VALUE`.\n\n", _keys(executor)]
    text += [
        "## An appraisal\n\n",
        "On the command line `appraisal=NAME` and `appraisal.KEY=VALUE`.\n\n",
        _keys(appraisal),
    ]
    text += [_part(name, appraisal["$defs"][name], "###") for name in _in_order(appraisal, appraisal["$defs"])]
    return "".join(text).rstrip() + "\n"


def _told_apart(schema: dict[str, Any], prefix: str, others: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with a prefix to the names of parts that others have too: each part has a heading of its own."""
    text = json.dumps(schema)
    for name in schema["$defs"].keys() & others.keys():
        text = text.replace(f'"#/$defs/{name}"', f'"#/$defs/{prefix}{name}"').replace(
            f'"{name}": {{', f'"{prefix}{name}": {{'
        )
    told: dict[str, Any] = json.loads(text)
    return told


def _in_order(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> list[str]:
    """Parts in the order in which a reader meets them: each with what it holds before the next."""
    found: list[str] = []

    def visit(node: Any) -> None:
        for name in re.findall(r"'#/\$defs/(\w+)'", str(node)):
            if name not in found:
                found.append(name)
                visit(parts[name].get("properties", {}))

    visit(schema.get("properties", {}))
    return found


def _part(name: str, schema: Mapping[str, Any], level: str) -> str:
    return f"{level} {name}\n\n{_text(schema.get('description', ''))}\n\n{_keys(schema)}"


def _keys(schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", ()))
    rows = ["| key | takes | if left out | what it is |\n|---|---|---|---|\n"]
    for key, node in schema.get("properties", {}).items():
        if "const" in node:
            default, takes = "", f"`{node['const']}`"
        else:
            default, takes = "**must be given**" if key in required else _default(node), _takes(node)
        said = node.get("description") or next(
            (one["description"] for one in node.get("anyOf", ()) if one.get("description")), ""
        )
        rows.append(f"| `{key}` | {takes} | {default} | {_cell(said)} |\n")
    return "".join(rows) + "\n"


def _takes(node: Mapping[str, Any]) -> str:
    """What may be written, with unit and bounds."""
    words = _kind(node)
    plausible, unit = node.get("plausible"), node.get("unit")
    if unit == "share, 0 to 1":
        words = "a share, 0 to 1"
    elif unit:
        words += f"; {_cell(unit)}"
    if plausible:
        words += f"; plausible {plausible[0]:g} to {plausible[1]:g}"
    return words


def _kind(node: Mapping[str, Any]) -> str:
    options = [one for one in (*node.get("anyOf", ()), *node.get("oneOf", ())) if one.get("type") != "null"]
    if {one.get("$ref", "").rpartition("/")[2] for one in options} >= {"Lognormal", "Gamma"}:
        return "[distribution](#distributions)"
    if options:
        return " or ".join(dict.fromkeys(_takes(one) for one in options))
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in node:
        if "therapy_review" in node["enum"]:
            return "a [reason](#reasons-for-delay)"
        return ", ".join(f"`{_cell(str(word))}`" for word in node["enum"])
    if "const" in node:
        return f"`{node['const']}`"
    kind = node.get("type")
    if kind == "object":
        return f"for each {_names(node)}: {_takes(node.get('additionalProperties') or {})}"
    if kind == "array":
        return f"a list of {_takes(node.get('items') or {})}"
    if kind in ("number", "integer"):
        return ("a whole number" if kind == "integer" else "a number") + _bounds(node)
    if node.get("format") == "date":
        return "a date, such as 2024-04-01"
    return {"boolean": "`true` or `false`", "string": "text"}.get(str(kind), "anything")


def _names(node: Mapping[str, Any]) -> str:
    keys = node.get("propertyNames", {})
    if keys.get("format") == "date":
        return "date"
    enum = keys.get("enum", ())
    return {"monday": "day of the week", "january": "month"}.get(enum[0], "name") if enum else "name"


def _bounds(node: Mapping[str, Any]) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    if "exclusiveMinimum" in node:
        return f" above {node['exclusiveMinimum']:g}" + ("" if high is None else f", at most {high:,.10g}")
    if low is not None and high is not None:
        return f", {low:g} to {high:,.10g}"
    return "" if low is None else f", at least {low:g}"


def _default(node: Mapping[str, Any]) -> str:
    default = node.get("default")
    if default is None or default in ("", [], {}):
        return "none"
    if isinstance(default, dict):
        return f"`{default['value']}`" if default.get("kind") == "constant" else "as its own keys say"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _cell(text: str) -> str:
    return " ".join(text.replace("``", "`").replace("|", "\\|").split())


def _text(text: str) -> str:
    """A docstring as paragraphs."""
    return "\n\n".join(_cell(paragraph) for paragraph in text.split("\n\n"))


def _reasons() -> str:
    from dischargesim.scenario.reasons import DTOC_CODES, REASONS

    rows = [
        "What `reason:` of a task, `waiting_reason:` and `move_in_reason:` of a setting may name. The step from a "
        "reason to a code of the older measure (DToC) is an assumption of this project. A reason *before the decision* "
        "is no delay by the older measure. *Part of* names the national reason that a finer one is returned under.\n\n",
        "| reason | in plain words | family | DToC code | before the decision | part of |\n|---|---|---|---|---|---|\n",
    ]
    for reason in REASONS.values():
        code = f"{reason.dtoc}: {DTOC_CODES[reason.dtoc].title}"
        part = f"`{reason.part_of}`" if reason.part_of else ""
        family = reason.family.replace("_", " ")
        before = "yes" if reason.before_decision else ""
        rows.append(f"| `{reason.key}` | {_cell(reason.title)} | {family} | {_cell(code)} | {before} | {part} |\n")
    return "".join(rows) + "\n"


def command_line() -> str:
    """The page of the commands as Markdown."""
    from dischargesim.cli import _commands

    with _as_wide_as(100):
        text = [_COMMANDS, "## dischargesim\n\n", _help([])]
        for name in _commands():
            text += [f"## dischargesim {name}\n\n", _help([name, "--help"])]
    return "".join(text).rstrip() + "\n"


def _help(arguments: list[str]) -> str:
    from dischargesim.cli import main as run

    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        run(arguments)
    return f"```text\n{out.getvalue().rstrip()}\n```\n\n"


@contextlib.contextmanager
def _as_wide_as(columns: int) -> Iterator[None]:
    """Help is wrapped at the width of the terminal, which for a page is always the same."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(columns)
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


def main() -> None:
    """Write the pages."""
    for name, text in (("configuration", configuration()), ("command_line", command_line())):
        (FOLDER / f"{name}.md").write_bytes(text.encode())


if __name__ == "__main__":
    main()
