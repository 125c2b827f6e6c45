"""What docs/how_to/appraise.md says of tables, columns and prices is so; its commands run with those of all pages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema

from dischargesim.appraisal.json_schema import schema_text
from dischargesim.scenario.yaml_reader import read_yaml
from tests.docs.pages import DOCS, read

PATH = DOCS / "how_to" / "appraise.md"
PAGE = PATH.read_text(encoding="utf-8")


def test_prices_on_the_page_fit_the_schema() -> None:
    (prices,) = (block.text for block in read(PATH).blocks if block.title == "our_area/appraisal/ours.yaml")
    jsonschema.validate(read_yaml(prices), json.loads(schema_text()))


def test_tables_that_the_page_names_are_there() -> None:
    from dischargesim.appraisal.value import Appraised

    rows = re.findall(r"^\| (`.+`) \|", PAGE, flags=re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(Appraised.__dataclass_fields__) - {"baseline", "appraisal", "draws", "notes"}


def test_columns_that_the_page_names_are_there() -> None:
    from dischargesim.appraisal import tables

    source = Path(tables.__file__).read_text(encoding="utf-8")
    for name in re.findall(r"`((?:npsv|pounds_per)_\w+)`", PAGE):
        assert name in source or name.removesuffix("_verdict") in source, name
