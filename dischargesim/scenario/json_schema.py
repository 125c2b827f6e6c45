"""The JSON Schema of a scenario: what editors use to complete and check YAML.

``python -m dischargesim.scenario.json_schema`` writes docs/scenario.schema.json in a checkout.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dischargesim.scenario.schema import Scenario

PATH = Path(__file__).resolve().parents[2] / "docs" / "scenario.schema.json"
"""Where the schema is kept in a checkout."""


def schema_text() -> str:
    """The schema as it is written to the file."""
    schema = Scenario.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    schema["properties"] = {"defaults": _DEFAULTS, **schema["properties"]}
    return json.dumps(for_editors(schema), indent=2, ensure_ascii=False) + "\n"


_DEFAULTS: dict[str, Any] = {
    "description": "Files that this one builds on, such as `england_average`; what stands here covers them.",
    "type": "array",
    "items": {"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]},
}


def for_editors(part: Any) -> Any:
    """The schema with the unit in each description, where an editor shows it, and with nothing that must be there.

    A file gives only what it changes; what it leaves out may stand in the files that it builds on. So part of a
    distribution may fit several kinds, and `oneOf` becomes `anyOf`.
    """
    if isinstance(part, list):
        return [for_editors(item) for item in part]
    if not isinstance(part, dict):
        return part
    renamed = {"anyOf" if key == "oneOf" else key: value for key, value in part.items() if key != "discriminator"}
    required = isinstance(renamed.get("required"), list)
    part = {key: for_editors(value) for key, value in renamed.items() if key != "required" or not required}
    unit, text = part.get("unit"), part.get("description", "")
    if isinstance(unit, str):
        plausible = part.get("plausible")
        if isinstance(plausible, list):
            unit += f"; plausible {plausible[0]:g} to {plausible[1]:g}"
        part["description"] = f"{text} [{unit}]".strip()
    return part


def main() -> None:
    """Write the schema."""
    PATH.write_bytes(schema_text().encode())


if __name__ == "__main__":
    main()
