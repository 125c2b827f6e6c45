"""The JSON Schema of an appraisal: what editors use to complete and check YAML.

``python -m dischargesim.appraisal.json_schema`` writes docs/appraisal.schema.json in a checkout.
"""

from __future__ import annotations

import json

from dischargesim.appraisal.schema import Appraisal
from dischargesim.scenario.json_schema import PATH as SCENARIO
from dischargesim.scenario.json_schema import for_editors

PATH = SCENARIO.with_name("appraisal.schema.json")
"""Where the schema is kept in a checkout."""


def schema_text() -> str:
    """The schema as it is written to the file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Appraisal.model_json_schema(by_alias=True)}
    return json.dumps(for_editors(schema), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema."""
    PATH.write_bytes(schema_text().encode())


if __name__ == "__main__":
    main()
