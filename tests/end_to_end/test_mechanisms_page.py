"""Every block of docs/how_to/mechanisms.md is a scenario that loads and runs, and says nothing that changes nothing."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from dischargesim import draw_plan, load_scenario, measure, simulate
from dischargesim.plan.check import check_plan

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how_to" / "mechanisms.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
DAYS = ["run.days=12", "run.warm_up_days=3"]


def title_before(block: str) -> str:
    return re.findall(r"^#+ (.+)$", PAGE[: PAGE.index(block)], flags=re.MULTILINE)[-1]


@pytest.mark.parametrize("block", BLOCKS, ids=title_before)
def test_block_loads_and_runs(block: str, tmp_path: Path) -> None:
    named = re.match(r"# system: (\w+)\n", block)
    system = f"system={named.group(1) if named else 'small'}"
    (tmp_path / "scenarios").mkdir()
    text = f"scenario: {{title: From the page}}\n{block}"
    (tmp_path / "scenarios" / "mine.yaml").write_text(text, encoding="utf-8")
    scenario = load_scenario([system, "scenario=mine", *DAYS], tmp_path)
    plain = load_scenario([system, *DAYS], tmp_path)
    assert scenario.model_dump(exclude={"scenario"}) != plain.model_dump(exclude={"scenario"})
    plan = draw_plan(scenario)
    check_plan(plan)
    table = measure(plan, simulate(plan, "simpy"))
    assert np.isfinite(table.value[table.measure == "nctr_remaining"]).all()


def test_there_are_blocks() -> None:
    assert len(BLOCKS) > 25


def test_every_measure_on_the_page_exists() -> None:
    dictionary = (ROOT / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^### `(\w+)`", dictionary, flags=re.MULTILINE))
    moves = " ".join(re.findall(r"\*Moves\*.*?(?=\*Leaves|\*Evidence|\n\n)", PAGE, flags=re.DOTALL))
    assert set(re.findall(r"`(\w+)`", moves)) - known == set()
