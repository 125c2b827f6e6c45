"""Reading YAML as plain data."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from dischargesim.scenario import yaml_reader
from dischargesim.scenario.yaml_reader import YamlError, read_yaml, read_yaml_file


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1", {"a": 1}),
        ("a: [1, -2.5, 1e3, .5, '7']", {"a": [1, -2.5, 1000.0, 0.5, "7"]}),
        ("a: {b: true, c: FALSE, d: null, e: ~, f: }", {"a": {"b": True, "c": False, "d": None, "e": None, "f": None}}),
        ("a: no\nb: 12:30\nc: 0x10\nd: 1_000", {"a": "no", "b": "12:30", "c": "0x10", "d": "1_000"}),
        ("2024-11-01: 2024-11-02", {"2024-11-01": "2024-11-02"}),
        ("1: a\ntrue: b", {"1": "a", "true": "b"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: >-\n  two\n  lines", {"a": "two lines"}),
        ("", None),
    ],
)
def test_plain_data(text: str, data: object) -> None:
    assert read_yaml(text) == data


def test_not_a_number_is_read_and_left_to_the_schema() -> None:
    assert math.isnan(read_yaml("a: .nan")["a"])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: !!python/object/apply:os.system [ls]", "line 1: YAML tags"),
        ("a: 1\nb: !env HOME", "line 2: YAML tags"),
        ("a: !!str 1", "YAML tags"),
        ("a:\n  b:\n    _target_: os.system", "line 3: the key _target_ is not allowed"),
        ("a: 1\nb: ${oc.env:HOME}", "line 2: ${...} is not allowed"),
        ("${a}: 1", "is not allowed"),
        ("hydra: {run: {dir: x}}", "the key hydra is not allowed"),
        ("a: {b: 1}\na: 2", "line 2: the key a appears twice"),
        ("a: &x {b: 1}\nc: {<<: *x}", "merge keys"),
        ("a: *x", "refers to nothing"),
        ("a: &x [*x]", "refers to nothing"),
        ("? [1, 2]\n: 3", "a key must be plain text"),
        ("a: &x 1\n*x : 2", "a key must be plain text"),
        ("a: [1", "not valid YAML"),
        ("a: 1\n---\nb: 2", "a second document"),
        ("a: \x00", "not valid YAML"),
    ],
)
def test_refused(text: str, says: str) -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file(tmp_path: Path) -> None:
    path = tmp_path / "Système 1.yaml"
    path.write_bytes("\ufeffa: Übergang".encode())
    assert read_yaml_file(path) == {"a": "Übergang"}


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"a: 1\nb: \xff", "line 2: not UTF-8"), (b"- 1", "keys and values"), (b"a: " + b"x" * 2_000_001, "larger than")],
)
def test_file_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "a.yaml").write_bytes(content)
    with pytest.raises(YamlError, match=says):
        read_yaml_file(tmp_path / "a.yaml")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(YamlError, match="cannot be read"):
        read_yaml_file(tmp_path / "none.yaml")


def test_parser_without_the_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml_reader.yaml, "CSafeLoader", raising=False)
    assert read_yaml("a: [1, {b: c}]") == {"a": [1, {"b": "c"}]}
