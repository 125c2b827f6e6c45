"""What every part of a scenario has in common: strictness, and numbers that carry a unit and a plausible range."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class Part(BaseModel):
    """A piece of a scenario: frozen, and any key it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


def number(
    unit: str, low: float, high: float, *, plausible: tuple[float, float] | None = None, above: bool = False
) -> FieldInfo:
    """Bounds, unit and plausible range of a number in a scenario.

    Parameters
    ----------
    unit : str
        As shown to the reader, such as ``days``.
    low, high : float
        Hard bounds: outside them the scenario is refused.
    plausible : (float, float), optional
        Outside this range (of the value, or of the mean of a distribution) the reader is warned.
    above : bool
        The value must be greater than `low`, not equal to it.

    Returns
    -------
    FieldInfo
        To stand in an ``Annotated`` type.
    """
    extra: dict[str, Any] = {"unit": unit}
    if plausible is not None:
        extra["plausible"] = list(plausible)
    bounds: dict[str, Any] = {"gt": low} if above else {"ge": low}
    info: FieldInfo = Field(**bounds, le=high, json_schema_extra=extra)
    return info


def meta(unit: str, plausible: tuple[float, float]) -> FieldInfo:
    """Unit and plausible range of the mean of a distribution."""
    info: FieldInfo = Field(json_schema_extra={"unit": unit, "plausible": list(plausible)})
    return info


_NAME = re.compile(r"^[^\W\d]\w{0,39}$")


def _is_name(value: str) -> str:
    if not _NAME.match(value):
        raise ValueError("a name has at most 40 letters, digits and _ and begins with a letter")
    return value


Name = Annotated[str, AfterValidator(_is_name)]
Text = Annotated[str, Field(max_length=4000)]
Share = Annotated[float, number("share, 0 to 1", 0, 1)]
Ratio = Annotated[float, number("ratio", 0, 20, plausible=(0.3, 3))]
PerDay = Annotated[float, number("a day", 0, 20000)]
HazardPerDay = Annotated[float, number("probability a day", 0, 10, plausible=(0, 0.2))]
Capacity = Annotated[int, number("places", 0, 1_000_000)]
Staff = Annotated[int, number("staff on duty", 0, 100_000)]
Weight = Annotated[float, number("relative weight", 0, 1_000_000)]
