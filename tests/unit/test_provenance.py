"""Every number of a shipped system has its evidence, and the most particular entry wins."""

from __future__ import annotations

import pytest

from dischargesim.scenario.checks import warn
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.provenance import parameters
from tests.tiny import tiny


@pytest.mark.parametrize("system", ["england_average", "bnssg_2023", "small"])
def test_every_number_has_evidence(system: str) -> None:
    found = parameters(load_scenario([f"system={system}"]))
    assert len(found) > 30
    assert [one.path for one in found if one.evidence is None] == []


@pytest.mark.parametrize("system", ["england_average", "bnssg_2023", "small"])
def test_what_has_no_source_says_assumption(system: str) -> None:
    for one in parameters(load_scenario([f"system={system}"])):
        assert one.evidence is not None
        if one.evidence.grade == "assumption":
            assert "assumption" in one.evidence.source, one.path
        low, high = one.evidence.low, one.evidence.high
        assert low is None or high is None or low <= high, one.path


def test_the_most_particular_entry_wins() -> None:
    scenario = tiny()
    general, particular = ({"source": source, "grade": "C"} for source in ("all settings", "the hospital's own count"))
    data = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    data["evidence"] = {"settings.*": general, "settings.acute.capacity": particular}
    found = {one.path: one.evidence for one in parameters(type(scenario).model_validate(data))}
    assert found["settings.acute.capacity"].source == "the hospital's own count"  # type: ignore[union-attr]
    others = [e for path, e in found.items() if path.startswith("settings.") and path != "settings.acute.capacity"]
    assert others and all(e is not None and e.source == "all settings" for e in others)
    assert all(e is None for path, e in found.items() if not path.startswith("settings."))


def test_numbers_come_with_value_and_unit() -> None:
    found = {one.path: one for one in parameters(load_scenario([]))}
    stay = found["pathways.P3.next.nursing_home.stay_days"]
    assert (stay.value, stay.unit) == ("lognormal, mean 801, median 462", "days")
    assert found["settings.acute.capacity"].value == "819"
    assert found["cohorts.frail_older.while_delayed.death_per_day"].unit == "probability a day"


def test_a_number_outside_its_evidence_is_named() -> None:
    def named(*overrides: str) -> list[str]:
        return [w.path for w in warn(load_scenario(list(overrides))) if "range of its evidence" in w.text]

    assert named() == []
    assert named("settings.acute.capacity=700") == ["settings.acute.capacity"]
    assert named("settings.acute.capacity=815") == []
