"""Pydantic's errors in the words of a planner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from dischargesim.scenario.fields import Facts, facts_at, inside, keys
from dischargesim.scenario.problems import Problem, shown, suggestion

_WANTED = {
    "float": "a number",
    "int": "a whole number",
    "string": "text",
    "bool": "true or false",
    "date": "a date such as 2024-11-01",
    "dict": "keys and values",
    "model": "keys and values",
    "mapping": "keys and values",
    "list": "a list",
    "tuple": "a list",
}
_BOUND_ERRORS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")


def path_text(path: Sequence[Any]) -> str:
    """A path as it is written on the command line, ``cohorts.frail.arrivals.hours[3]``."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text if len(text) <= 160 else text[:159] + "…"


def explain(errors: Sequence[ErrorDetails], data: Any, root: type[BaseModel]) -> list[Problem]:
    """Problems from the errors that pydantic found in `data`, one a path.

    Pydantic puts the names of the alternatives of a union into its paths and reports each alternative; the reader
    knows only the keys of the YAML and wants one line.
    """
    paths = [_real_path(error, data) for error in errors]
    merged: dict[tuple[Any, ...], Problem] = {}
    for error, path in zip(errors, paths, strict=True):
        # A list with a bad value in it is also "no text" where text would do: the deeper error is the one to tell.
        of_whole = error["type"] == "too_short" or error["loc"][-1:] not in (path[-1:], ("[key]",))
        if of_whole and any(len(other) > len(path) and other[: len(path)] == path for other in paths):
            continue
        problem = _explain(error, path, data, root)
        if path in merged:
            merged[path] = _better(merged[path], problem)
        else:
            merged[path] = problem
    return list(merged.values())


def _better(first: Problem, second: Problem) -> Problem:
    """Two alternatives that both failed at one path, as one problem."""
    if second.expected and second.expected not in first.expected:
        expected = f"{first.expected} or {second.expected}" if first.expected else second.expected
        return Problem(first.path, first.problem, first.got, expected, first.unit or second.unit)
    return first


def _real_path(error: ErrorDetails, data: Any) -> tuple[Any, ...]:
    """The keys of `loc` that are in the data, or, at its end, are missing there or too much."""
    path: list[Any] = []
    for at, key in enumerate(error["loc"]):
        last = at == len(error["loc"]) - 1
        present = key in data if isinstance(data, Mapping) else isinstance(key, int) and isinstance(data, list | tuple)
        if present or (last and error["type"] == "missing"):
            path.append(key)
            data = inside(data, key)
    return tuple(path)


def _explain(error: ErrorDetails, path: tuple[Any, ...], data: Any, root: type[BaseModel]) -> Problem:
    kind, got, where = error["type"], shown(error["input"]), path_text(path)
    facts = facts_at(root, path, data) or Facts(())
    if error["loc"][-1:] == ("[key]",):
        return _bad_key(error, path, data, root)
    if kind == "extra_forbidden":
        return _unknown_key(path, data, root)
    if kind == "missing":
        return Problem(where, "missing", expected=_expected(facts), unit=facts.unit)
    if kind in ("value_error", "assertion_error"):
        return Problem(where, *_own_words(str(error["ctx"]["error"]), got))
    if kind in _BOUND_ERRORS:
        below = kind.startswith("greater")
        return Problem(where, "too small" if below else "too large", got, facts.bounds, facts.unit)
    if isinstance(error["input"], int) and kind in ("float_type", "float_parsing", "int_parsing_size"):
        return Problem(where, "too large" if error["input"] > 0 else "too small", got, facts.bounds, facts.unit)
    if kind == "finite_number":
        return Problem(where, "not a finite number", got, facts.bounds or "a number", facts.unit)
    if kind == "literal_error":
        words = facts.words
        return Problem(where, "not one of the words known here", got, _one_of(error["input"], words))
    if kind in ("too_short", "too_long", "string_too_long", "string_too_short"):
        return _length(error, where, got)
    if kind == "int_from_float":
        return Problem(where, "not a whole number", got, facts.bounds or "a whole number", facts.unit)
    if kind.startswith("date"):
        return Problem(where, "not a date", got, _WANTED["date"])
    wanted = _WANTED.get(kind.split("_")[0], "another kind of value")
    return Problem(where, "not the right kind of value", got, wanted, facts.unit)


def _own_words(text: str, got: str) -> tuple[str, str, str]:
    """Problem, got and expected from the text of a check in the schema."""
    if text.startswith("expected "):
        wanted, _, found = text.removeprefix("expected ").partition("; got ")
        return "not understood", found or got, wanted.split(", got ")[0]
    return text, "", ""


def _one_of(wrong: Any, words: list[str]) -> str:
    return suggestion(wrong, words) or f"one of {', '.join(words[:4])} … ({len(words)} words, see the documentation)"


def _expected(facts: Facts) -> str:
    if facts.bounds:
        return facts.bounds
    if facts.words:
        return _one_of("", facts.words)
    wanted = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    return next((wanted[kind] for kind in facts.types if kind in wanted), "")


def _unknown_key(path: tuple[Any, ...], data: Any, root: type[BaseModel]) -> Problem:
    parent = data
    for key in path[:-1]:
        parent = inside(parent, key)
    kind = parent.get("kind") if isinstance(parent, Mapping) else None
    facts = facts_at(root, path[:-1], data) or Facts(())
    known = keys(facts, kind)
    # A distribution that a scenario changes keeps the keys that it had in the system.
    hint = f" of kind {kind}; `{path[-1]}: null` takes an inherited one away" if kind is not None else ""
    return Problem(path_text(path), f"not a known key{hint}", expected=suggestion(path[-1], known))


def _bad_key(error: ErrorDetails, path: tuple[Any, ...], data: Any, root: type[BaseModel]) -> Problem:
    where = path_text(path)
    if error["type"] == "literal_error":
        facts = facts_at(root, path[:-1], data) or Facts(())
        words = [w for option in facts.types for w in _literal_keys(option)]
        return Problem(where, "not a known key", expected=suggestion(path[-1], words))
    if error["type"].startswith("date"):
        return Problem(where, "the key is not a date", expected=_WANTED["date"])
    return Problem(where, str(error["msg"]).removeprefix("Value error, "))


def _literal_keys(option: Any) -> list[str]:
    arguments = get_args(option)
    return [str(word) for word in get_args(arguments[0])] if get_origin(option) is dict else []


def _length(error: ErrorDetails, where: str, got: str) -> Problem:
    context = error.get("ctx", {})
    text = error["type"].startswith("string")
    what = "characters" if text else "entries"
    found = f"{len(error['input'])} {what}" if hasattr(error["input"], "__len__") else got
    if "short" in error["type"]:
        return Problem(where, "too short", found, f"at least {context.get('min_length')} {what}")
    return Problem(where, "too long", found, f"at most {context.get('max_length')} {what}")
