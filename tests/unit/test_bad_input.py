"""Bad input: one line for each problem, all at once, with the path in the YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.problems import ScenarioError
from tests.tiny import CONFIG, lines, spoilt, tiny, tiny_data

NAN = float("nan")


def test_tiny_is_right() -> None:
    assert lines(tiny_data()) == []


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("run.dayz", 3, "run.dayz: not a known key (expected days?)"),
        ("cohorts.older.pathways.P0", 1.5, "cohorts.older.pathways.P0: too large (got 1.5, expected 0 to 1, share)"),
        (
            "cohorts.older.pathways.P0",
            0.5,
            "cohorts.older.pathways: the shares do not sum to 1; change one of them "
            "(got a sum of 0.9, expected 1, share)",
        ),
        (
            "cohorts.older.stay_days",
            {"kind": "lognromal", "mean": 3},
            "cohorts.older.stay_days: not understood (got kind: lognromal, expected a kind out of constant, "
            "exponential, lognormal, gamma, weibull, triangular, uniform, empirical, mixture)",
        ),
        ("cohorts.older.stay_days.mean", NAN, "cohorts.older.stay_days.mean: not a finite number (got nan, "),
        ("cohorts.older.stay_days.mean", -3, "cohorts.older.stay_days.mean: too small (got -3, expected above 0,"),
        ("cohorts.older.stay_days.mode", 1, "cohorts.older.stay_days.mode: not a known key of kind lognormal"),
        ("cohorts.older.arrivals.per_day", 1e9, "cohorts.older.arrivals.per_day: too large (got 1000000000, "),
        ("cohorts.older.arrivals.per_day", "many", "not the right kind of value (got many, expected a number, a day)"),
        ("cohorts.older.setting", "acuet", "cohorts.older.setting: there is no acuet in settings (expected acute?)"),
        ("tasks.decision.team", "nurse", "tasks.decision.team: there is no nurse in teams (expected nurses?)"),
        ("tasks.decision.reason", "medicine", "tasks.decision.reason: not one of the words known here (got medicine,"),
        ("pathways.P0.tasks.therapy", {}, "pathways.P0.tasks.therapy: there is no therapy in tasks"),
        ("pathways.P2.next.nowhere", {"stay_days": 3, "share": 0.1}, "there is no nowhere in settings"),
        ("pathways.P2.next.rehab.setting", "rehap", "pathways.P2.next.rehab.setting: there is no rehap in settings"),
        ("pathways.P1.recovers_to", "P9", "pathways.P1.recovers_to: there is no P9 in pathways"),
        ("services.ward_at_home.eligible.frail", 0.1, "services.ward_at_home.eligible.frail: there is no frail in"),
        ("discharge_to_assess", {"share": 1, "pathways": ["P8"]}, "discharge_to_assess.pathways[0]: there is no P8"),
        ("discharge_to_assess", {"share": 1, "pathways": ["P0"]}, "P0 leads to no setting"),
        ("settings.acute.capacity", -1, "settings.acute.capacity: too small (got -1, expected 0 to 1000000"),
        ("settings.acute.capacity", 1.5, "settings.acute.capacity: not a whole number (got 1.5, expected 0 to 1000000"),
        ("settings.acute.capacity", "lots", "got lots, expected a whole number or one of unlimited, staffed, places"),
        ("settings.rehab.waiting_reason", None, "settings.rehab.waiting_reason: missing; people go on to this"),
        ("settings.support.capacity", 2, "one person needs more of support than is ever open"),
        ("settings.rehab.capacity", 0, "one person needs more of rehab than is ever open"),
        ("teams.nurses.staff", 0, "needs the team nurses, which never has staff"),
        ("teams.nurses.hours", {"monday": "9-5"}, "teams.nurses.hours.monday: not understood (got 9-5, expected hours"),
        ("pathways.P0.tasks.decision", {"after": "medicines"}, "the tasks wait for each other (decision after"),
        ("pathways.P1.tasks.decision", {"after": "medicines"}, "there is no task medicines in this list"),
        ("pathways.P2.next.support", {"stay_days": 2, "share": 0.3}, "pathways.P2.next: the shares of the places"),
        ("pathways.died.tasks", {"medicines": {}}, "pathways.died.tasks: people on a pathway of kind death"),
        ("cohorts.older.while_delayed.decline_per_day", 0.1, "none of the cohort's pathways says declines_to"),
        ("start", {"nowhere": 0.5}, "start.nowhere: there is no nowhere in settings"),
        ("start_date", "1st of April", "start_date: not a date (got 1st of April, expected a date such as 2024-11-01)"),
        ("start_date", "0001-01-01", "start_date: not understood (got 0001-01-01, expected a date from 1990 to 2100)"),
        (
            "settings.acute.capacity_changes",
            {"tomorrow": 3},
            "settings.acute.capacity_changes.tomorrow: the key is not",
        ),
        ("cohorts.older.arrivals.hours", [1, 2], "cohorts.older.arrivals.hours: too short (got 2 entries, expected at"),
        ("cohorts.older.arrivals.weekdays", {"mon": 1}, "cohorts.older.arrivals.weekdays.mon: not a known key"),
        ("cohorts.bad name", {}, "cohorts.bad name: a name has at most 40 letters"),
        ("pathways.P1.over_prescribed", {"share": 0.1, "to": "P1"}, "P1.over_prescribed.to: leads to where people are"),
        ("pathways.P1.over_prescribed", {"share": 0.1, "to": "died"}, "P1.over_prescribed.to: leads to death"),
        ("pathways.P1.switch", {"after_days": 2, "share": 0.5, "to": "P1"}, "P1.switch.to: leads to where people are"),
        ("pathways.P1.recovers_to", "P1", "pathways.P1.recovers_to: leads to where people are"),
        (
            "pathways.P1.declines_to",
            "died",
            "pathways.P1.declines_to: leads to death; give while_delayed.death_per_day",
        ),
        (
            "pathways.P2.over_prescribed",
            {"share": 0.1, "to": "P0", "found": 1, "found_after_days": 3},
            "over_prescribed.found: nobody can be",
        ),
    ],
)
def test_one_line(path: str, value: Any, line: str) -> None:
    # A new cohort lacks all it needs, and of the lines only the one on its name matters.
    found = [one for one in lines(spoilt(path, value)) if "bad name." not in one]
    assert len(found) == 1, found
    assert line in found[0]


EVERY_DAY = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HALF_THE_POSTS = {"posts": 10, "vacancy": 0.5}
STAFFING = {"posts": 10, "hours_a_week": 30, "visit_minutes": 30, "travel_minutes": 15}


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (
            "settings.acute.board_rounds",
            {"chance": dict.fromkeys(EVERY_DAY, 0.01)},
            "settings.acute.board_rounds: on no day of the week is the chance 0.05 or more",
        ),
        ("settings.acute.capacity", "staffed", "settings.acute: capacity `staffed` and staffing go together"),
        ("settings.support.staffing", STAFFING, "settings.support: capacity `staffed` and staffing go together"),
        (
            "settings.support",
            {
                "title": "Support",
                "kind": "reablement",
                "waiting_reason": "p1_capacity",
                "capacity": "staffed",
                "staffing": STAFFING,
                "capacity_changes": {"2024-04-03": 5},
            },
            "settings.support: capacity_changes do not go with a staffed capacity",
        ),
        (
            "settings.ward_at_home",
            {"title": "Ward", "kind": "virtual_ward", "capacity": "unlimited", "workforce": HALF_THE_POSTS},
            "settings.ward_at_home: workforce needs a number for capacity, that of all posts filled",
        ),
        ("settings.acute.mutual_aid_after_days", 3, "settings.acute: mutual_aid_after_days needs by_locality"),
        (
            "teams.nurses",
            {"title": "Nurses", "staff": "unlimited", "staff_by_day": {"sunday": 1}},
            "teams.nurses: staff is unlimited: staff_by_day, staff_changes and workforce would change nothing",
        ),
        (
            "tasks.decision",
            {"title": "Decision", "reason": "medicines", "team": "nurses", "elapsed_days": 1},
            "tasks.decision: a task with a team needs work_hours (and no elapsed_days)",
        ),
        (
            "tasks.decision",
            {"title": "Decision", "reason": "medicines", "work_hours": 1},
            "tasks.decision: a task without a team needs elapsed_days (and no work_hours)",
        ),
        (
            "cohorts.older.arrivals.surges",
            {"snow": {"title": "Snow", "first_day": "2024-05-02", "last_day": "2024-05-01", "ratio": 2}},
            "cohorts.older.arrivals.surges.snow: last_day comes before first_day",
        ),
        ("cohorts.older.arrivals.hours", [0] * 24, "cohorts.older.arrivals: the weights of the hours are all 0"),
        (
            "cohorts.older.arrivals.weekdays",
            dict.fromkeys(EVERY_DAY, 0),
            "cohorts.older.arrivals: the weights are all 0",
        ),
        (
            "cohorts.older.arrivals",
            {"per_day": 1, "daily_counts": [1] * 21},
            "cohorts.older.arrivals: give either per_day or daily_counts",
        ),
        (
            "cohorts.older.arrivals",
            {"daily_counts": [1, 2, 3]},
            "daily_counts: does not cover the run with its warm-up (got 3 days, expected at least 21, days)",
        ),
        ("cohorts.older.arrivals", {"daily_counts": "counts.csv"}, "daily_counts: no such file in the data folder"),
        (
            "cohorts.older.while_delayed",
            {"setback_per_day": 0.1},
            "cohorts.older.while_delayed: setback_per_day needs setback_days",
        ),
        ("discharge_to_assess", {"share": 0.5}, "discharge_to_assess.pathways: missing; the share applies to nobody"),
        ("census", "people.csv", "census: no such file in the data folder (got people.csv)"),
        (
            "census",
            [{"cohort": "older", "setting": "acute", "days_in": 2, "tasks_done": True}],
            "census[0]: tasks_done needs ready_days",
        ),
        (
            "census",
            [{"cohort": "older", "setting": "acute", "days_in": 2, "ready_days": 3}],
            "census[0]: ready_days is more than days_in",
        ),
        (
            "census",
            [{"cohort": "planned", "setting": "rehab", "days_in": 2}],
            "census[0]: people of cohort planned are never in rehab",
        ),
        (
            "census",
            [{"cohort": "older", "setting": "rehab", "days_in": 2, "pathway": "P1"}],
            "census[0]: people of cohort older on pathway P1 are never in rehab",
        ),
        ("start", {"acute": {"share": 0.5, "people": 3}}, "start.acute: give either share or people"),
        (
            "teams.nurses.hours",
            {"monday": "09:61-10:00"},
            "teams.nurses.hours.monday: not understood (got 09:61-10:00, expected hours within the day",
        ),
        (
            "teams.nurses.hours",
            {"monday": "09:00-12:00, 11:00-13:00"},
            "teams.nurses.hours.monday: the spans of a day must follow each other with a gap between",
        ),
        (
            "teams.nurses.hours",
            dict.fromkeys(EVERY_DAY, "closed"),
            "teams.nurses.hours: never open: give hours for at least one day",
        ),
        (
            "pathways.P1.next.support",
            {"stay_days": 3, "units": 2, "visits": {"first": 3, "last": 1, "steps": 2}},
            "pathways.P1.next.support: give either units or visits",
        ),
        (
            "pathways.P2.over_prescribed",
            {"share": 0.1, "to": "P1", "found": 0.5},
            "pathways.P2.over_prescribed: found needs found_after_days",
        ),
        ("settings.acute.capacity", 0, "cohorts.older.setting: people wait for acute, which never opens"),
    ],
)
def test_what_does_not_go_together(path: str, value: Any, line: str) -> None:
    found = lines(spoilt(path, value))
    assert len(found) == 1, found
    assert line in found[0]


def test_all_at_once_whichever_check_finds_them() -> None:
    data = spoilt("run.days", -1)
    data["cohorts"]["older"]["setting"] = "hospital"
    data["pathways"]["P0"]["tasks"]["decision"] = {"after": "medicines"}
    data["cohorts"]["planned"]["pathways"] = {"P0": 0.5}
    data["teams"]["nurses"]["staff"] = "x"
    starts = [line.partition(":")[0] for line in lines(data)]
    assert sorted(starts) == [
        "cohorts.older.setting",
        "cohorts.planned.pathways",
        "pathways.P0.tasks.decision.after",
        "run.days",
        "teams.nurses.staff",
    ]


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("run.dayz=3", "run.dayz: there is no dayz here (expected days?)"),
        ("setings.acute.capacity=3", "setings.acute.capacity: there is no setings here (expected settings?)"),
        ("settings.acut.capacity=3", "settings.acut.capacity: there is no acut here (expected acute?)"),
        ("settings.acute.capacity.x=3", "settings.acute.capacity.x: there is no x here"),
        ("run.days=1,2", "run.days: gives several values; one run takes one"),
        ("run.days=range(1,3)", "run.days: gives several values; one run takes one"),
        ("run.days", "run.days: not understood (expected name=value"),
        ("run.days=${oc.env:HOME}", "run.days: not allowed; write the value itself"),
        ("settings.acute.title='${oc.env:HOME}'", "not allowed; write the value itself"),
        ("+settings.acute._target_=os.system", "settings.acute._target_: this key is not allowed"),
        ("+settings.x={_target_: os.system}", "this key is not allowed; a scenario cannot name Python code"),
        ("hydra.run.dir=x", "not allowed"),
        ("+hydra/launcher=x", "not allowed"),
        ("system@_here_=small", "not allowed"),
        ("scenario=[baseline,3]", "scenario: not the name of a file"),
        ("scenario=[baseline,baseline]", "scenario: named twice"),
        ("scenario=[]", "scenario: names no file"),
        ("system=[small,small]", "system: not the name of a file"),
        ("scenario=../baseline", "scenario: not the name of a file"),
        ("scenario=basline", "scenario: there is no scenario of this name (got basline, expected baseline?)"),
        ("~scenario", "scenario: is chosen, not added or taken away"),
        ("~teams.nobody", "there is no nobody here"),
        ("run.days=null", ""),
        ("run.days=???", "run.days: not allowed"),
        ("run.seed=" + "9" * 5000, "run.seed"),
    ],
)
def test_overrides(override: str, line: str) -> None:
    if not line:
        assert tiny(override).run.days == 365, "null takes the value of the file away"
        return
    with pytest.raises(ScenarioError) as caught:
        tiny(override)
    found = str(caught.value).splitlines()
    assert len(found) == 1, found
    assert line in found[0]
    assert "HOME" not in found[0] or "${" in found[0]
    assert len(found[0]) < 250


def test_several_overrides_are_all_reported() -> None:
    with pytest.raises(ScenarioError) as caught:
        tiny("run.dayz=3", "settings.acut.capacity=3")
    assert len(caught.value.problems) == 2


def test_a_known_key_that_no_file_gives_can_be_set() -> None:
    assert tiny("run.engine=simpy").run.engine == "simpy"
    assert tiny("discharge_to_assess.share=0.5", "discharge_to_assess.pathways=[P1]").discharge_to_assess.share == 0.5


def test_entries_can_be_taken_out() -> None:
    assert tiny("~services.ward_at_home").services == {}


def test_another_kind_of_distribution() -> None:
    scenario = tiny("pathways.P2.next.rehab.stay_days=3")
    assert scenario.pathways["P2"].next["rehab"].stay_days.mean() == 3


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def error_of(folder: Path, *overrides: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(overrides, folder)
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_own_folder(tmp_path: Path) -> None:
    tiny_text = (CONFIG / "system" / "tiny.yaml").read_text(encoding="utf-8")
    write(tmp_path, "system/tiny.yaml", tiny_text)
    write(tmp_path, "system/mine.yaml", "defaults: [tiny]\nsystem: {title: Mine}\nsettings: {acute: {capacity: 12}}")
    write(tmp_path, "scenarios/more.yaml", "scenario: {title: More}\nsettings: {rehab: {capacity: 5}}")
    write(tmp_path, "scenarios/broken.yaml", "a: !env x")
    scenario = load_scenario(["system=mine", "scenario=more"], tmp_path)
    assert scenario.short_name == "mine-more"
    assert scenario.system.title == "Mine"
    assert scenario.settings["acute"].capacity == 12
    assert scenario.settings["rehab"].capacity == 5
    assert "broken.yaml: line 1: YAML tags" in error_of(tmp_path, "system=mine", "scenario=broken")


def test_own_file_hides_a_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, "system/tiny.yaml", (CONFIG / "system" / "tiny.yaml").read_text(encoding="utf-8"))
    write(tmp_path, "scenario/baseline.yaml", "defaults: [{override /system: tiny}]\nscenario: {title: My own}")
    scenario = load_scenario([], tmp_path)
    assert (scenario.scenario.title, scenario.system.name) == ("My own", "tiny")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("defaults: [loop]", "builds on itself through its defaults (scenario/loop -> scenario/loop)"),
        ("defaults: [nobody]", "there is no scenario of this name (got nobody"),
        ("defaults: ['${x}']", "is not allowed"),
        ("defaults: [../../secret]", "expected names such as"),
        ("defaults: [{/hydra/job: x}]", "there is no group hydra/job"),
        ("defaults: loop", "expected a list of names"),
        ("scenario: {title: A}\nscenario: {title: B}", "appears twice"),
    ],
)
def test_defaults(tmp_path: Path, text: str, says: str) -> None:
    write(tmp_path, "scenarios/loop.yaml", text)
    assert says in error_of(tmp_path, "system=small", "scenario=loop")


def test_loading_leaves_hydra_as_it_was() -> None:
    from hydra.core.config_store import ConfigStore
    from hydra.core.global_hydra import GlobalHydra

    store = ConfigStore.instance()
    store.store(name="theirs", group="system", node={"x": 1})
    before = Path.cwd()
    tiny()
    assert ConfigStore.instance() is store
    assert "tiny.yaml" not in store.repo["system"]
    assert not GlobalHydra.instance().is_initialized()
    assert Path.cwd() == before
