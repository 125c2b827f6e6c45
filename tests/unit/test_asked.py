"""What the command line of a sweep asks for, taken apart; and what is said of what it cannot mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from dischargesim.scenario.asked import asked_for
from dischargesim.scenario.problems import ScenarioError


def test_what_is_fixed_and_what_varies() -> None:
    asked = asked_for(["run.days=9", "run.seed=1,2", "settings.acute.capacity=range(800,841,20)", "evidence=low,high"])
    assert asked.fixed == ["run.days=9"]
    assert asked.axes == {
        "run.seed": ["1", "2"],
        "settings.acute.capacity": ["800", "820", "840"],
        "evidence": ["low", "high"],
    }
    assert not asked.globbed and asked.experiment == "" and asked.executor == {}


def test_scenarios_alone_and_one_upon_the_other() -> None:
    asked = asked_for(["scenario=baseline,[advance_care_plans,baseline]"])
    assert asked.axes == {"scenario": ["baseline", "[advance_care_plans,baseline]"]}


def test_whatever_files_there_are() -> None:
    asked = asked_for(["scenario=glob(advance*)"])
    assert asked.axes == {"scenario": ["advance_care_plans"]} and asked.globbed == {"scenario"}


@pytest.mark.parametrize(
    "order", [["executor=threads", "executor.workers=3"], ["executor.workers=3", "executor=threads"]]
)
def test_an_executor_and_its_settings_in_either_order(order: list[str]) -> None:
    assert asked_for(order).executor == {"kind": "threads", "workers": 3}


def test_an_experiment_by_its_name() -> None:
    assert asked_for(["experiment=winter_resilience"]).experiment == "winter_resilience"


def test_whether_anything_was_said_of_the_appraisal() -> None:
    silent, none, changed = asked_for([]), asked_for(["appraisal=none"]), asked_for(["appraisal.years=3"])
    assert silent.appraisal is not None and not silent.appraisal_named
    assert none.appraisal is None and none.appraisal_named
    assert changed.appraisal == silent.appraisal | {"years": 3} and changed.appraisal_named


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("settings.acute.capacity=interval(1,3)", "interval() has no values; give choices or range()"),
        ("settings.acute.capacity=shuffle(1,2)", "shuffle() is not allowed: results do not depend on the order"),
        ("settings.acute.capacity=glob(*)", "glob() chooses among files, of system, scenario, run"),
        ("scenario=glob(nothing_like_it*)", "number of values (got none, expected 1 to 10000)"),
        ("settings.acute.capacity=range(3,3)", "number of values (got none, expected 1 to 10000)"),
        ("settings.acute.capacity=range(1,100000)", "number of values (got more than 10000, expected 1 to 10000)"),
        ("experiment=[a,b]", "experiment: not the name of one file"),
        ("experiment=a,b", "experiment: not the name of one file"),
        ("experiment=../x", "experiment: not the name of one file"),
        (
            "executor=nowhere",
            "there is no executor of this name (got nowhere, expected one of dask, local, slurm, threads)",
        ),
        ("executor=${oc.env:HOME}", "executor: not the name of one file (got executor=${oc.env:HOME}"),
        ("executor.a.b=3", "executor.a.b: not a setting of an executor"),
        ("executor.workers=1,2", "executor.workers: takes one value"),
        ("~executor.workers", "executor.workers: takes one value"),
        ("appraisal=a,b", "appraisal: takes one value"),
        ("appraisal=engalnd", "there is no appraisal of this name (got engalnd, expected england?)"),
        ("appraisal.years.x=3", "appraisal.years.x: leads through a value"),
        ("run.days", "run.days: not understood (expected name=value"),
    ],
)
def test_what_it_cannot_mean(override: str, line: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        asked_for([override])
    found = str(caught.value).splitlines()
    assert len(found) == 1 and line in found[0]


def test_everything_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        asked_for(["executor=nowhere", "experiment=a,b", "run.days=range(1,1)", "appraisal=none", "appraisal.years=3"])
    assert sorted(problem.path for problem in caught.value.problems) == [
        "appraisal.years",
        "executor",
        "experiment",
        "run.days",
    ]


def test_a_file_of_ones_own_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "executor").mkdir()
    (tmp_path / "executor" / "mine.yaml").write_text("kind: [local\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="mine"):
        asked_for(["executor=mine"], tmp_path)
    (tmp_path / "executor" / "mine.yaml").write_text("kind: local\nworkers: 2\n", encoding="utf-8")
    assert asked_for(["executor=mine"], tmp_path).executor == {"kind": "local", "workers": 2}
