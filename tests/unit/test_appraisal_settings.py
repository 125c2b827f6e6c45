"""Reading an appraisal: files, the command line, and one line for each thing that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from dischargesim.appraisal import sources
from dischargesim.appraisal.prices import prices
from dischargesim.appraisal.schema import Appraisal, Price, Range
from dischargesim.appraisal.settings import appraisal_settings, named_appraisal
from dischargesim.cli import main
from dischargesim.scenario.asked import asked_for
from dischargesim.scenario.files import sources as files_of
from dischargesim.scenario.problems import ScenarioError
from tests.appraisals import plain, price


def england(*overrides: str) -> Appraisal:
    found = named_appraisal(*overrides)
    assert found is not None
    return found


def wrong(data: dict[str, Any]) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        appraisal_settings(data)
    return str(error.value).splitlines()


def ranges(part: Any) -> Iterator[Range]:
    """Every price within a model."""
    if isinstance(part, Range):
        yield part
    values = [getattr(part, name) for name in type(part).model_fields] if isinstance(part, BaseModel) else []
    for value in values + (list(part.values()) if isinstance(part, dict) else []):
        yield from ranges(value)


# Files and the command line ----------------------------------------------------------------------------------------


def test_the_default_is_england_and_none_is_none() -> None:
    assert england() == england("appraisal=england")
    assert named_appraisal("appraisal=none") is None
    default, asked = asked_for(["scenario=baseline"]), asked_for(["appraisal=england"])
    assert default.appraisal == asked.appraisal
    assert (default.appraisal_named, asked.appraisal_named) == (False, True)


def test_every_shipped_appraisal_can_be_read() -> None:
    assert list(files_of("appraisal")) == ["england"]
    for name in files_of("appraisal"):
        assert england(f"appraisal={name}").appraisal.title


def test_numbers_can_be_changed_as_deep_as_they_lie() -> None:
    hub = "{per: hour_worked, base: 1, low: 1, high: 2, price_year: now, source: ours, grade: C}"
    found = england("appraisal.delayed_bed_day.base=400", f"appraisal.teams.names.hub={hub}", "appraisal.years=3")
    assert (found.delayed_bed_day.base, found.delayed_bed_day.high, found.years) == (400, 562, 3)
    assert found.teams.names["hub"].per == "hour_worked"
    # Order makes no difference: what is changed is changed in the file that is named.
    assert england("appraisal.years=3", "appraisal=england").years == 3
    assert england("appraisal.teams.others=null").teams.others is None


def test_the_rest_of_the_command_line_is_left_alone() -> None:
    asked = asked_for(["appraisal.years=3", "settings.acute.capacity=28,30", "executor=threads", "run.days=30"])
    assert asked.fixed == ["run.days=30"] and list(asked.axes) == ["settings.acute.capacity"]
    assert asked.executor["kind"] == "threads" and asked.appraisal is not None and asked.appraisal["years"] == 3


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "appraisal").mkdir()
    (tmp_path / "appraisal" / "ours.yaml").write_text(
        "appraisal: {title: Ours}\ndelayed_bed_day: {base: 1, low: 1, high: 2, price_year: now, source: us, grade: C, "
        "benefit: non_cash_releasing}\navoided_admission: {base: 1, low: 1, high: 2, price_year: now, source: us, "
        "grade: C, benefit: societal}\n",
        encoding="utf-8",
    )
    found = named_appraisal("appraisal=ours", config_dir=tmp_path)
    assert found is not None and found.appraisal.title == "Ours" and found.settings.kinds == {}


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        (["appraisal=englund"], "appraisal: there is no appraisal of this name (got englund, expected england?)"),
        (["appraisal=../x"], "appraisal: not the name of one file"),
        (["appraisal=none", "appraisal.years=3"], "appraisal.years: there is no appraisal to change"),
        (["appraisal.years=3,4"], "appraisal.years: takes one value"),
        (["~appraisal.years"], "appraisal.years: takes one value"),
        (["appraisal.years.x=3"], "appraisal.years.x: leads through a value"),
        (["appraisal._target_=3"], "appraisal._target_: this key is not allowed"),
        (["appraisal.rates='${x}'"], "appraisal.rates: not allowed; write the value itself"),
    ],
)
def test_what_is_not_understood_on_the_command_line(overrides: list[str], line: str) -> None:
    with pytest.raises(ScenarioError) as error:
        named_appraisal(*overrides)
    assert str(error.value).startswith(line) and len(str(error.value).splitlines()) == 1


def test_a_file_that_is_no_yaml_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "appraisals").mkdir()
    (tmp_path / "appraisals" / "ours.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"ours\.yaml: line \d: not valid YAML"):
        named_appraisal("appraisal=ours", config_dir=tmp_path)


def test_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "appraisals"]) == 0
    assert capsys.readouterr().out == "england - England, published figures and assumptions\n"


# What may stand there ----------------------------------------------------------------------------------------------


def test_the_plain_one_is_right() -> None:
    assert appraisal_settings(plain()).years == 5


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"years": 61}, "appraisal.years: too large (got 61, expected 1 to 60, years)"),
        ({"yeers": 3}, "appraisal.yeers: not a known key (expected years?)"),
        (
            {"rates": "green_bock"},
            "appraisal.rates: there is no set of discount rates of this name (got green_bock, expected green_book?)",
        ),
        (
            {"delayed_bed_day": price(395, benefit="cash_releasing")},
            "appraisal.delayed_bed_day: benefit: not cash_releasing: the bed is used by the next person",
        ),
        (
            {"tasks": {"x": price(5, 6, 7)}},
            "appraisal.tasks.x: not understood (got 6, 5, 7, expected low <= base <= high)",
        ),
        ({"tasks": {"x": price(1, -1)}}, "appraisal.tasks.x.low: too small (got -1, expected 0 to 1000000000, pounds)"),
        (
            {"tasks": {"x": price(1, pays={"nhs": 0.5})}},
            "appraisal.tasks.x.pays: not understood (got 0.5, expected shares that sum to 1)",
        ),
        ({"tasks": {"x": price(1, source="")}}, "appraisal.tasks.x.source: too short"),
        (
            {"tasks": {"x": price(1, grade="C")}},
            "appraisal.tasks.x: grade `assumption` and a source that begins with `assumption` go together",
        ),
        ({"tasks": {"x": price(1, source="a study")}}, "appraisal.tasks.x: grade `assumption` and a source"),
        ({"tasks": {"x": price(1, benefit="unmonetised")}}, "appraisal.tasks.x: what has a price is not unmonetised"),
        (
            {"settings": {"kinds": {"acute": price(1, per="used_day")}}},
            "appraisal.settings: kinds.acute: a hospital bed is paid for whether it is used or not",
        ),
        (
            {"settings": {"kinds": {"hotel": price(1, per="used_day")}}},
            "appraisal.settings.kinds.hotel: not a known key",
        ),
        ({"settings": {"names": {"a": price(1)}}}, "appraisal.settings.names.a.per: missing"),
        (
            {"options": {"a": {"starts_in": 5}}},
            "appraisal.options.a.starts_in: after the last year of the appraisal (got 5, expected 0 to 4, years)",
        ),
        ({"options": {"a": {"set_up_in": 2}}}, "appraisal.options.a: set_up_in comes after starts_in"),
        (
            {"options": {"a": {"effect": {"base": 2}}}},
            "appraisal.options.a.effect: not understood (got 1, 2, 1, expected low <= base <= high)",
        ),
        (
            {"years": 40, "effects": {"x": price(1, measure="deaths_in_hospital", discount="health")}},
            "appraisal.years: longer than the discount rates for health of green_book go on (got 40",
        ),
    ],
)
def test_what_is_wrong_is_told_in_a_line(changed: dict[str, Any], line: str) -> None:
    lines = wrong(plain(**changed))
    assert len(lines) == 1 and lines[0].startswith(line)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    lines = wrong(plain(years=0, tasks={"x": price(1, -1), "y": price(1, benefit="cash")}))
    assert len(lines) == 3 and all(line.startswith("appraisal.") for line in lines)


# Where the numbers come from ---------------------------------------------------------------------------------------


def test_every_price_is_in_the_table_of_sources() -> None:
    for found in (england(), appraisal_settings(plain(tasks={"medicines": price(3)}))):
        listed = [one.price for one in prices(found)]
        assert {id(one) for one in listed} == {id(one) for one in ranges(found) if isinstance(one, Price)}
        paths = [one.path for one in prices(found)]
        table = sources(found)
        assert len(set(paths)) == len(paths) and set(paths) < set(table["path"])
        assert (table["low"] <= table["base"]).all() and (table["base"] <= table["high"]).all()
        assert (table["unit"] != "").all() and (table["source"] != "").all()


def test_england_shows_no_assumption_as_a_fact() -> None:
    table = sources(england()).set_index("path")
    assert not table.loc["delayed_bed_day", "assumption"]
    assert table.loc["delayed_bed_day", ["low", "base", "high"]].tolist() == [346, 395, 562]
    not_found = ["settings.kinds.care_home", "avoided_admission", "options.trusted_assessors.running.posts"]
    for path in not_found:
        assert table.loc[path, "assumption"] and table.loc[path, "source"].startswith("assumption")
        # What nobody has found a figure for has a wide range.
        assert table.loc[path, "high"] / table.loc[path, "low"] > 2
    assert (table["assumption"] == (table["grade"] == "assumption")).all()
    prices_ = table[table["price_year"] != ""]
    payers = prices_[["nhs", "local_authority", "individual"]].dropna().sum(axis=1)
    assert payers.tolist() == pytest.approx([1] * len(payers))


def test_a_price_of_visits_is_not_one_of_places() -> None:
    found = england().settings
    assert found.price_of("reablement", "reablement", "visits a day") == (
        "settings.names.reablement",
        found.names["reablement"],
    )
    assert found.price_of("reablement", "reablement", "places") == (
        "settings.kinds.reablement",
        found.kinds["reablement"],
    )
    # An hour of care is no price for people.
    assert found.price_of("nursing", "home_care", "people") is None
