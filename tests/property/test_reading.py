"""Whatever is thrown at the front door, it answers in its own words, and what it wrote it can read."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from dischargesim.experiment.key import resolved_yaml
from dischargesim.scenario.load import build_scenario
from dischargesim.scenario.problems import ScenarioError
from dischargesim.scenario.yaml_reader import YamlError, forbidden, read_yaml
from tests.tiny import tiny_data

NAMES = st.text(max_size=12).filter(lambda text: forbidden(text) is None and text != "<<")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False)
    | st.text(max_size=20).filter(lambda text: "${" not in text)
)
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)
FRAGMENTS = st.sampled_from(
    [
        "a: ", "- ", "[", "]", "{", "}", "&x ", "*x", "!!str ", "!x ", "${", "}", "<<: ", "|\n", ">-\n", "\n", "  ",
        "'", '"', "1e3", ".nan", "_target_: ", "hydra: ", "?", ": ", "%YAML 1.1\n", "---\n", "\ufeff", "\x00", "é", "#",
    ]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=30).map("".join))
@example("a: &x [*x]")
@example("%")
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_yaml(text)
    except YamlError as error:
        assert "\n" not in str(error)


PATHS = st.sampled_from(
    [
        "start_date", "nation", "settings", "settings.acute", "settings.acute.capacity", "settings.acute.move_in",
        "settings.acute.capacity_changes", "settings.acute.escalation", "teams.nurses", "teams.nurses.hours",
        "teams.nurses.staff", "tasks.decision", "tasks.decision.work_hours", "tasks.decision.team", "pathways",
        "pathways.P1.next", "pathways.P1.next.support", "pathways.P1.next.support.visits", "pathways.P0.tasks",
        "pathways.P0.tasks.medicines", "cohorts", "cohorts.older", "cohorts.older.arrivals",
        "cohorts.older.arrivals.daily_counts", "cohorts.older.arrivals.hours", "cohorts.older.pathways",
        "cohorts.older.stay_days", "services", "services.ward_at_home.eligible", "discharge_to_assess",
        "trusted_assessors", "start", "census", "evidence", "run", "run.days", "system", "scenario",
    ]
)  # fmt: skip


@given(PATHS, DATA)
@example("census", [{"cohort": "older", "setting": "nowhere", "days_in": 1}])
@example("cohorts.older.stay_days", {"kind": "mixture", "parts": [{"weight": 1, "distribution": {"kind": []}}]})
@example("run", {"days": 10**30})
@example("settings.acute.capacity", float("inf"))
def test_any_value_anywhere_is_taken_or_explained(path: str, value: Any) -> None:
    """Never a traceback: a scenario, or problems of one line each."""
    data = tiny_data()
    *way, last = path.split(".")
    here = data
    for key in way:
        here = here[key]
    here[last] = value
    try:
        scenario = build_scenario(data)
    except ScenarioError as error:
        assert error.problems
        for problem in error.problems:
            assert len(str(problem).splitlines()) == 1
            assert len(str(problem)) < 600
    else:
        assert build_scenario(read_yaml(resolved_yaml(scenario))) == scenario


@given(st.text(max_size=30).filter(lambda text: "${" not in text))
@example("1e3")
@example("٣")
@example("-.5E+3")
@example("\x7f")
@example("\x85")
@example("a\u2028b")
def test_any_title_comes_back(title: str) -> None:
    data = tiny_data()
    data["settings"]["acute"]["title"] = title
    scenario = build_scenario(data)
    assert build_scenario(read_yaml(resolved_yaml(scenario))) == scenario
