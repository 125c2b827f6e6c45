"""A system without a steady state says so, by the name of each queue that grows."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from dischargesim.cli import main
from dischargesim.experiment.growth import growing
from dischargesim.experiment.replicate import replicate
from dischargesim.experiment.results import provenance, results_folder
from dischargesim.scenario.load import build_scenario, load_scenario
from tests.tiny import tiny, tiny_data

NODES = [f"P{pathway}_{area}" for pathway in (1, 2, 3) for area in ("B", "NS", "SG")]
OVERLOADED = [
    "run.days=42",
    "run.warm_up_days=0",
    "cohorts.older.stay_days.mean=40",
    "cohorts.older.stay_days.median=30",
]


def test_all_nine_nodes_of_bnssg_grow() -> None:
    result = replicate(load_scenario(["system=bnssg_2023"]), 20, workers=1)
    found = growing(result.measures, result.scenario.run.days)
    assert [queue.name for queue in found] == NODES
    assert all(0.05 < queue.lower < queue.a_week < queue.upper for queue in found)


def test_the_result_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    config = Path(__file__).parents[1] / "config"
    arguments = ["system=tiny", "--config-dir", str(config), "--engine", "simpy", "run.replications=5", *OVERLOADED]
    assert main(["run", "report=none", *arguments]) == 0
    lines = capsys.readouterr().out.splitlines()
    said = [line for line in lines if line.startswith("No steady state.")]
    assert len(said) == 1 and "Beds, by " in said[0] and "these 42 days alone" in said[0]
    facts = json.loads((tmp_path / lines[-1] / "provenance.json").read_text(encoding="utf-8"))
    assert [queue["setting"] for queue in facts["growing_queues"]] == ["acute"]
    assert 0.05 < facts["growing_queues"][0]["lower"] < facts["growing_queues"][0]["a_week"]
    assert said[0] in facts["warnings"]


@pytest.mark.parametrize(("days", "expected"), [(20, None), (21, [])])
def test_a_short_run_cannot_tell_and_a_steady_one_names_nobody(
    tmp_path: Path, days: int, expected: list[object] | None
) -> None:

    result = replicate(tiny(f"run.days={days}", "settings.acute.capacity=500"), 1, workers=1, engine="simpy")
    with results_folder(tmp_path, result.scenario, datetime(2026, 11, 21)) as folder:
        folder.write(result.summary, started=datetime(2026, 11, 21), warnings=[], given=[])
    facts = json.loads((folder.path / "provenance.json").read_text(encoding="utf-8"))
    assert facts["growing_queues"] == expected
    assert facts["warnings"] == []


def test_who_is_still_in_is_said_for_each_part_of_what_is_split() -> None:
    data = tiny_data()
    data["localities"] = {"north": 0.5, "south": 0.5}
    data["settings"]["rehab"]["by_locality"] = True
    result = replicate(build_scenario(data), 1, workers=1, engine="simpy")
    facts = provenance(result.summary, started=datetime(2026, 11, 21))
    assert list(facts["still_in_at_the_end"])[:4] == ["acute", "rehab@north", "rehab@south", "support"]
