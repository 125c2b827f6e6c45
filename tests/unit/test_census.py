"""A census from a CSV file, taken into the scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.problems import ScenarioError
from tests.tiny import CONFIG, lines, spoilt

GOOD = "cohort,setting,days_in,pathway,ready_days,tasks_done\nolder,acute,5,P1,2,true\n\nolder,rehab,3,,,\n"


def own_folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "system").mkdir()
    (tmp_path / "data").mkdir()
    system = (CONFIG / "system" / "tiny.yaml").read_text(encoding="utf-8")
    (tmp_path / "system" / "mine.yaml").write_text(f"{system}\ncensus: people.csv\n", encoding="utf-8")
    (tmp_path / "data" / "people.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_people_are_taken_in(tmp_path: Path) -> None:
    first, second = load_scenario(["system=mine"], own_folder(tmp_path, GOOD)).census
    assert not isinstance(first, str) and not isinstance(second, str)
    assert (first.days_in, first.ready_days, first.tasks_done, first.pathway) == (5, 2, True, "P1")
    assert (second.ready_days, second.tasks_done, second.pathway) == (None, False, None)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD.replace("days_in", "days"), "census: line 1: expected a header with the columns cohort and setting and"),
        (GOOD.replace("tasks_done", "done"), "census: line 1: there is no column done, expected some of cohort"),
        (GOOD.replace(",5,", ",-5,"), "census, line 2.days_in: too small (got -5, expected 0 to 36500, days)"),
        (GOOD.replace(",3,", ",long,"), "census, line 4.days_in: not the right kind of value (got long, expected"),
        (GOOD.replace("older,rehab", "olden,rehab"), "census, line 4.cohort: there is no olden in cohorts"),
        (GOOD.replace("older,rehab", "planned,rehab"), "census, line 4: people of cohort planned are never in rehab"),
        (GOOD.replace("P1,2", "P1,9"), "census, line 2: ready_days is more than days_in"),
    ],
)
def test_problems_name_the_line(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(["system=mine"], own_folder(tmp_path, text))
    (problem,) = caught.value.problems
    assert line in str(problem)


def test_start() -> None:
    assert lines(spoilt("start", {"rehab": 0.5, "acute": {"people": 9}})) == []
    data = spoilt("start", {"acute": 0.5})
    data["settings"]["acute"]["capacity"] = "unlimited"
    assert lines(data) == ["start.acute: an unlimited setting has no share that is full; give people instead"]
    assert "start.nowhere: there is no nowhere in settings" in lines(spoilt("start", {"nowhere": {"people": 1}}))[0]
