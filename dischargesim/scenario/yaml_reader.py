"""Reading YAML as plain data: text, numbers, lists and mappings, and nothing that could do anything.

The events of the parser are turned into data directly, so that there is no constructor that a tag could reach, and
so that depth and size (with aliases written out) are known before memory is used for them.

>>> read_yaml("a: {b: [1, 2.5, 1e3, 2024-11-01, no]}")
{'a': {'b': [1, 2.5, 1000.0, '2024-11-01', 'no']}}
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LARGEST_FILE = 2_000_000
"""Bytes."""
DEEPEST = 40
"""Levels of lists and mappings within each other."""
LARGEST_COUNT = 300_000
"""Values in a file, aliases written out."""

_INT = re.compile(r"[-+]?[0-9]{1,400}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = {".inf": float("inf"), "+.inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}
_NAMES_CODE = ("_target_", "_partial_", "_recursive_", "_convert_", "_args_")


class YamlError(ValueError):
    """A file that is refused; the text says why, with the line."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun."""

    value: Any
    line: int
    anchor: str | None
    key: str | None = None
    size: int = 1
    depth: int = 1


@dataclass(slots=True)
class _Builder:
    open_: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int, int]] = field(default_factory=dict)
    root: Any = None
    count: int = 0

    def begin(self, value: Any, event: Any) -> None:
        if len(self.open_) >= DEEPEST:
            raise YamlError(f"line {_line(event)}: more than {DEEPEST} levels within each other")
        if self.open_ and isinstance(self.open_[-1].value, dict) and self.open_[-1].key is None:
            raise YamlError(f"line {_line(event)}: a key must be plain text")
        self.open_.append(_Open(value, _line(event), event.anchor))

    def end(self) -> None:
        done = self.open_.pop()
        if done.anchor is not None:
            self.anchors[done.anchor] = (done.value, done.size, done.depth)
        self.add(done.value, done.size, done.depth, done.line)

    def scalar(self, event: Any) -> None:
        parent = self.open_[-1] if self.open_ else None
        if "${" in event.value:
            raise YamlError(f"line {_line(event)}: ${{...}} is not allowed in a scenario; write the value itself")
        if parent is not None and isinstance(parent.value, dict) and parent.key is None:
            parent.key = _key(event, parent.value)
            return
        value = _plain(event.value) if event.implicit[0] else event.value
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, 1, 0)
        self.add(value, 1, 0, _line(event))

    def alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            raise YamlError(f"line {_line(event)}: *{event.anchor} refers to nothing that is complete before it")
        value, size, depth = self.anchors[event.anchor]
        if self.open_ and isinstance(self.open_[-1].value, dict) and self.open_[-1].key is None:
            raise YamlError(f"line {_line(event)}: a key must be plain text, not an alias")
        if len(self.open_) + depth > DEEPEST:
            raise YamlError(f"line {_line(event)}: more than {DEEPEST} levels within each other")
        self.add(value, size, depth, _line(event))

    def add(self, value: Any, size: int, depth: int, line: int) -> None:
        if not self.open_:
            self.root = value
            return
        parent = self.open_[-1]
        parent.size += size
        parent.depth = max(parent.depth, depth + 1)
        if parent.size > LARGEST_COUNT:
            raise YamlError(f"line {line}: more than {LARGEST_COUNT} values, with aliases written out")
        if isinstance(parent.value, list):
            parent.value.append(value)
        else:
            parent.value[parent.key] = value
            parent.key = None


def forbidden(key: str) -> str | None:
    """Why a key is refused wherever it stands, or None."""
    if key in _NAMES_CODE:
        return "a scenario cannot name Python code"
    if key == "hydra":
        return "a scenario cannot change how the tool itself works"
    return "write the value itself" if "${" in key else None


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _key(event: Any, mapping: dict[str, Any]) -> str:
    key: str = event.value
    if key == "<<" and event.implicit[0]:
        raise YamlError(f"line {_line(event)}: merge keys (<<) are not allowed; write the values out")
    if (reason := forbidden(key)) is not None:
        raise YamlError(f"line {_line(event)}: the key {key} is not allowed; {reason}")
    if key in mapping:
        raise YamlError(f"line {_line(event)}: the key {key} appears twice")
    return key


def _plain(text: str) -> Any:
    """Value of an unquoted scalar, by the core schema of YAML 1.2 (so `no` is a word and `1e3` a number)."""
    lower = text.lower()
    if lower in ("", "~", "null"):
        return None
    if lower in ("true", "false"):
        return lower == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return _SPECIAL.get(lower, text)


def _handle(builder: _Builder, event: Any, documents: int) -> int:
    if getattr(event, "tag", None) is not None:
        raise YamlError(f"line {_line(event)}: YAML tags such as {event.tag[:40]} are not allowed")
    if isinstance(event, yaml.DocumentStartEvent):
        if documents:
            raise YamlError(f"line {_line(event)}: a second document begins; one is allowed")
        return documents + 1
    if isinstance(event, yaml.MappingStartEvent):
        builder.begin({}, event)
    elif isinstance(event, yaml.SequenceStartEvent):
        builder.begin([], event)
    elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
        builder.end()
    elif isinstance(event, yaml.ScalarEvent):
        builder.scalar(event)
    elif isinstance(event, yaml.AliasEvent):
        builder.alias(event)
    return documents


def read_yaml(text: str) -> Any:
    """Plain data from YAML text.

    Raises
    ------
    YamlError
        If the text is not YAML, or holds anything that a scenario may not hold: tags, ``_target_``, ``${...}``,
        settings of Hydra, a key twice, too much or too deep.
    """
    builder, documents = _Builder(), 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            documents = _handle(builder, event, documents)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise YamlError(f"{where}not valid YAML: {getattr(error, 'problem', None) or 'unreadable text'}") from None
    except UnicodeError:
        raise YamlError("not valid YAML: unreadable text") from None
    return builder.root


def read_yaml_file(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; an empty file is an empty mapping.

    Raises
    ------
    YamlError
        If the file cannot be read, is refused (see `read_yaml`), or is no mapping at its top.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise YamlError(f"cannot be read: {error.strerror or 'unknown reason'}") from None
    if len(raw) > LARGEST_FILE:
        raise YamlError(f"larger than {LARGEST_FILE // 1_000_000} MB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise YamlError(f"line {line}: not UTF-8 text; save the file as UTF-8") from None
    data = read_yaml(text)
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise YamlError("expected keys and values at the top, such as `run:`")
    return data
