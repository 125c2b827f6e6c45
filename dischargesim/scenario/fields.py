"""What the schema says about a path of a scenario: which keys may stand there, and unit and bounds of its number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

_IN_UNIT_OF_PARENT = ("mean", "median", "value", "values", "low", "mode", "high", "parts", "distribution")
"""Keys of a distribution that are times, in the unit of the field that holds it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a value: the types it may have, its unit, bounds and plausible range."""

    types: tuple[Any, ...]
    unit: str = ""
    low: float | None = None
    high: float | None = None
    above: bool = False
    plausible: tuple[float, float] | None = None

    @property
    def bounds(self) -> str:
        """Bounds in words, or nothing."""
        if self.low is None and self.high is None:
            return ""
        if self.low is None:
            return f"at most {self.high:.10g}"
        if self.above:
            return f"above {self.low:.10g}" + ("" if self.high is None else f", at most {self.high:.10g}")
        return f"at least {self.low:.10g}" if self.high is None else f"{self.low:.10g} to {self.high:.10g}"

    @property
    def words(self) -> list[str]:
        """Words that may be written, of all `Literal` types."""
        return [str(word) for kind in self.types if get_origin(kind) is Literal for word in get_args(kind)]


def field_facts(info: FieldInfo, unit: str = "") -> Facts:
    """Facts of a field of a model; `unit` is that of what it stands in."""
    return _collect(info.annotation, _with_marks(Facts((), unit), (info,)))


def _with_marks(facts: Facts, marks: Sequence[Any]) -> Facts:
    """Add what the marks of an `Annotated` type or a field say."""
    for mark in marks:
        if isinstance(mark, FieldInfo):
            facts = _with_marks(facts, mark.metadata)
            extra = mark.json_schema_extra
            if isinstance(extra, dict):
                low_high = extra.get("plausible")
                facts = replace(
                    facts,
                    unit=str(extra.get("unit", facts.unit)),
                    plausible=(float(low_high[0]), float(low_high[1]))  # type: ignore[arg-type]
                    if isinstance(low_high, list)
                    else facts.plausible,
                )
        for name in ("ge", "gt"):
            if getattr(mark, name, None) is not None:
                facts = replace(facts, low=float(getattr(mark, name)), above=name == "gt")
        if getattr(mark, "le", None) is not None:
            facts = replace(facts, high=float(mark.le))
    return facts


def _collect(annotation: Any, facts: Facts) -> Facts:
    """Take `Annotated` and unions apart; the bounds of the first number are kept."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return _collect(inner, _with_marks(facts, marks))
    if get_origin(annotation) in (Union, UnionType):
        for option in get_args(annotation):
            if option is not NoneType:
                facts = _collect(option, facts)
        return facts
    return replace(facts, types=(*facts.types, annotation))


def step(facts: Facts, key: Any, kind: Any = None) -> Facts | None:
    """Facts of what stands under `key`; None if the schema knows no such key.

    Parameters
    ----------
    facts : Facts
        Of the value that `key` is looked up in.
    key : str or int
        Key of a mapping or place in a list.
    kind : str, optional
        The `kind` of a distribution, to choose among the models.
    """
    for option in facts.types:
        origin = get_origin(option)
        if origin is dict and isinstance(key, str):
            return _collect(get_args(option)[1], Facts((), facts.unit))
        if origin in (list, tuple) and isinstance(key, int):
            return _collect(get_args(option)[0], Facts((), facts.unit))
    for model in sorted(_models(facts), key=lambda m: not _is_kind(m, kind)):
        for name, info in model.model_fields.items():
            if key == (info.alias or name):
                return field_facts(info, facts.unit if key in _IN_UNIT_OF_PARENT else "")
    return None


def keys(facts: Facts, kind: Any = None) -> list[str]:
    """Keys that the schema knows under a value; of a distribution those of its `kind`, or of all kinds."""
    models = [model for model in _models(facts) if _is_kind(model, kind)] or list(_models(facts))
    return list(dict.fromkeys(info.alias or name for model in models for name, info in model.model_fields.items()))


def facts_at(root: type[BaseModel], path: Sequence[Any], data: Any = None) -> Facts | None:
    """Facts at the end of a path from a model, or None; `data` tells the kinds of distributions on the way."""
    facts: Facts | None = Facts((root,))
    for key in path:
        if facts is None:
            return None
        kind = data.get("kind") if isinstance(data, Mapping) else None
        facts = step(facts, key, kind)
        data = inside(data, key)
    return facts


def inside(data: Any, key: Any) -> Any:
    """What stands under a key of plain data, or None."""
    if isinstance(data, Mapping):
        return data.get(key)
    if isinstance(data, list | tuple) and isinstance(key, int) and 0 <= key < len(data):
        return data[key]
    return None


def walk(value: Any, facts: Facts, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any, Facts]]:
    """Every value of a model with its path and facts, from the top down; distributions are not entered."""
    yield path, value, facts
    if hasattr(value, "length_biased_quantile"):
        return
    if isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from walk(getattr(value, name), field_facts(info), (*path, info.alias or name))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            below = step(facts, str(key))
            if below is not None:
                yield from walk(inner, below, (*path, str(key)))


def _models(facts: Facts) -> Iterator[type[BaseModel]]:
    for option in facts.types:
        if isinstance(option, type) and issubclass(option, BaseModel):
            yield option


def _is_kind(model: type[BaseModel], kind: Any) -> bool:
    info = model.model_fields.get("kind")
    return info is not None and kind is not None and info.default == kind
