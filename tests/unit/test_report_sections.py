"""The sections with charts, from real runs: what is drawn is what is stored, and nothing is claimed beyond it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dischargesim.experiment.compare import verdicts
from dischargesim.report.blocks import Chart, Report, Section
from dischargesim.report.chart_style import LABEL, MOST_SERIES, Rows, literal, shortened, wrapped
from dischargesim.report.material import Material
from dischargesim.report.sections.checks import checks
from dischargesim.report.sections.differences import MOST_ROWS, differences
from dischargesim.report.sections.flow import flow
from dischargesim.report.sections.over_time import course, over_time
from dischargesim.report.sections.reasons import reasons
from dischargesim.report.sections.removal import removal
from dischargesim.report.sections.sweep_maps import MAPPED, sweep_maps
from dischargesim.report.sections.utilisation import places, utilisation
from dischargesim.report.sections.words import MINUS, Held, held, listed, number, span
from tests.unit import report_results as results

SECTIONS: tuple[Callable[[Material], Section | None], ...] = (
    differences,
    over_time,
    reasons,
    flow,
    sweep_maps,
    removal,
    utilisation,
    checks,
)
MATERIALS = (results.run, results.single, results.grid, results.curve, results.lines, results.places, results.hostile)


def report(material: Material) -> Report:
    """All sections; a report refuses names that are used twice."""
    found = [section for make in SECTIONS if (section := make(material)) is not None]
    return Report("Title", "", (), tuple(found))


def charts(section: Section | None) -> dict[str, Chart]:
    assert section is not None
    return {block.name: block for block in section.blocks if isinstance(block, Chart)}


def figure(chart: Chart) -> dict[str, Any]:
    """The figure as a page gets it."""
    found: dict[str, Any] = json.loads(chart.figure.to_json())
    return found


def traces(chart: Chart, kind: str) -> list[dict[str, Any]]:
    return [trace for trace in figure(chart)["data"] if trace["type"] == kind]


def close(found: Any, expected: Any) -> bool:
    """The same numbers to six significant figures."""
    one, other = (np.array(values, dtype=np.float64) for values in (found, expected))
    return bool(np.allclose(one, other, rtol=1e-5, atol=1e-9, equal_nan=True))


@pytest.mark.parametrize("make", MATERIALS, ids=lambda make: make.__name__)
def test_every_section_of_every_kind_of_results(make: Callable[[], Material]) -> None:
    found = report(make())
    assert {section.name for section in found.sections} >= {"over_time", "reasons", "flow", "utilisation", "checks"}
    for chart in found.charts():
        assert chart.title and chart.summary and chart.data.rows
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)", f"{chart.title} {chart.summary}"), (
            chart.title,
            chart.summary,
        )
        drawn = chart.figure.to_json()
        # Neither numbers that old browsers cannot read, nor names that differ from one making to the next.
        assert '"bdata"' not in drawn and '"uid"' not in drawn
        assert "NaN" not in drawn and "Infinity" not in drawn
        assert chart.figure.layout.title.text is None
        assert sum(1 for trace in figure(chart)["data"] if trace.get("showlegend") is not False) <= MOST_SERIES + 1


def test_where_nobody_comes_nothing_is_made_up() -> None:
    material = results.nobody()
    assert reasons(material) is None and flow(material) is None
    found = report(material)
    assert {section.name for section in found.sections} >= {"utilisation", "checks"}
    for chart in found.charts():
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! of)", f"{chart.title} {chart.summary}"), chart.title
        assert "NaN" not in chart.figure.to_json()


def test_results_without_options_or_axes_have_no_such_sections() -> None:
    assert differences(results.run()) is None
    assert sweep_maps(results.run()) is None
    assert charts(differences(results.grid())) and charts(sweep_maps(results.grid()))


def test_differences_are_those_of_the_comparison() -> None:
    material = results.grid()
    table = material.comparison
    assert table is not None
    chart = charts(differences(material))["difference_nctr_remaining"]
    here = table[(table["measure"] == "nctr_remaining") & (table["group"] == "all")].set_index("option")
    drawn: dict[float, tuple[float, float, float]] = {}
    for trace in traces(chart, "scatter"):
        ends = trace["error_x"]
        for x, y, up, down in zip(trace["x"], trace["y"], ends["array"], ends["arrayminus"], strict=True):
            drawn[y] = (x, x - down, x + up)
    labels = [row[0] for row in chart.data.rows]
    assert len(labels) == 5
    for label, values in zip(labels, (drawn[y] for y in sorted(drawn)), strict=True):
        assert close(values, here.loc[label, ["difference", "lower", "upper"]].tolist())
    ranked = material.ranking
    assert ranked is not None
    assert labels == [label for label in ranked["option"] if label != material.baseline.label]


@pytest.mark.parametrize("make", [results.grid, results.curve, results.hostile], ids=lambda make: make.__name__)
def test_findings_say_clear_only_where_the_interval_leaves_out_0(make: Callable[[], Material]) -> None:
    material = make()
    for name, chart in charts(differences(material)).items():
        found = held(material, name.removeprefix("difference_"))
        sure = {
            kind: [one for one in found if one.verdict == kind and (one.lower > 0 or one.upper < 0)]
            for kind in ("better", "worse")
        }
        for kind, those in sure.items():
            told = re.search(rf"clearly {kind} in (\d+)", chart.title)
            assert (int(told[1]) if told else 0) == (len(those) if len(found) > 1 else 0), chart.title
        if not any(sure.values()):
            assert "no clear difference" in chart.title, chart.title


def test_the_grid_has_differences_of_both_kinds() -> None:
    # Otherwise the tests of wording would have nothing to test.
    found = [one for measure in MAPPED for one in held(results.grid(), measure)]
    assert {one.clear for one in found} == {True, False}


numbers = st.floats(-100, 100).map(lambda value: round(value, 3))


@given(numbers, st.floats(0, 50), st.floats(0, 1), st.sampled_from(["lower", "higher", ""]))
def test_a_difference_in_words_claims_no_more_than_its_interval(
    middle: float, half: float, p: float, better: str
) -> None:
    import pandas as pd

    lower, upper = middle - half, middle + half
    # As from a t test: p is below 5% just where the interval leaves out 0.
    p = p * 0.05 if lower > 0 or upper < 0 else 0.05 + p * 0.95
    table = pd.DataFrame({"better": [better], "lower": [lower], "upper": [upper], "p": [p], "p_holm": [min(1, 3 * p)]})
    one = Held("x", "m", "people", verdicts(table)[0], 1, 2, middle, lower, upper, 5, 2.0)
    claims = re.search(r"(lower|higher) by", one.told)
    assert bool(claims) == one.clear
    if claims:
        assert lower > 0 or upper < 0
        assert (claims[1] == "lower") == (middle < 0)
    else:
        assert "no clear difference" in one.told or one.told == "no difference"


def test_a_verdict_without_an_interval_is_never_called_clear() -> None:
    wrong = Held("x", "m", "people", "better", 1, 2, -1.0, -3.0, 1.0, 5, 2.0)
    none = Held("x", "m", "people", "better", 1, 2, -1.0, math.nan, math.nan, 1, math.nan)
    assert not wrong.clear and not none.clear


def test_lines_over_time_are_means_of_the_daily_series() -> None:
    material = results.run()
    daily = material.baseline.daily
    here = daily[(daily["measure"] == "daily_nctr_remaining") & (daily["group"] == "all")]
    expected = here["mean"].to_numpy()[:91].reshape(13, 7).mean(axis=1)
    chart = charts(over_time(material))["nctr_over_time"]
    (line,) = [trace for trace in traces(chart, "scatter") if trace.get("name") == material.baseline.label]
    assert close(line["y"], expected)
    assert line["x"][:2] == ["2024-04-01", "2024-04-08"]
    assert close([row[1] for row in chart.data.rows], expected)
    beds = charts(over_time(material))["occupancy_over_time"]
    (open_,) = [trace for trace in traces(beds, "scatter") if trace.get("name") == "Beds open"]
    assert open_["y"] == [30.0] * 13 and open_["line"]["shape"] == "hv"


def test_options_with_other_beds_are_drawn_as_shares_of_them() -> None:
    material = results.curve()
    chart = charts(over_time(material))["occupancy_over_time"]
    named = {trace["name"]: trace["y"] for trace in traces(chart, "scatter") if trace.get("name")}
    assert set(named) == {*(option.label for option in material.options), "Beds open"}
    assert named["Beds open"] == [100.0] * 13
    for option in material.options:
        share = option.figure("bed_occupancy")
        assert share is not None and close(np.mean(named[option.label]), 100 * share.mean)
    assert {row[-3] for row in chart.data.rows} | {row[-1] for row in chart.data.rows} <= {18.0, 24.0, 30.0}


def test_a_short_run_is_drawn_day_by_day_and_a_single_one_without_bands() -> None:
    material = results.single()
    one = course(material.baseline, "daily_nctr_remaining")
    assert one is not None and one.days == 1 and len(one.starts) == 28
    chart = charts(over_time(material))["nctr_over_time"]
    assert not [trace for trace in traces(chart, "scatter") if trace.get("fill")]
    assert "single replication" in chart.summary


def test_bars_of_reasons_add_up_to_what_is_stored() -> None:
    material = results.run()
    found = charts(reasons(material))
    total = material.baseline.figure("nctr_bed_days_lost")
    days = material.baseline.figure("dtoc_days")
    assert total is not None and days is not None
    (families,) = traces(found["delay_by_family"], "bar")
    assert math.isclose(sum(families["x"]), total.mean, rel_tol=1e-4)
    (drawn,) = traces(found["delay_by_reason"], "bar")
    assert drawn["x"] == sorted(drawn["x"], reverse=True)
    assert math.isclose(sum(row[3] for row in found["delay_by_reason"].data.rows), total.mean, rel_tol=1e-6)
    by_code = traces(found["delay_by_code"], "bar")
    assert [trace["name"] for trace in by_code] == ["NHS", "Social care", "Both"]
    assert math.isclose(sum(sum(trace["x"]) for trace in by_code), days.mean, rel_tol=1e-4)
    (stages,) = traces(found["delay_by_stage"], "bar")
    assert math.isclose(sum(stages["x"]), 100, rel_tol=1e-4)


def test_both_classifications_stand_in_one_table() -> None:
    table = charts(reasons(results.run()))["delay_by_reason"].data
    assert [column.title for column in table.columns[:3]] == [
        "Reason (NCTR)",
        "Family (NCTR)",
        "DToC code (assumption)",
    ]
    assert {row[2] for row in table.rows} <= {"A", "B", "C", "Di", "Dii", "E", "F", "G", "H", "I", "O"}


@pytest.mark.parametrize("make", MATERIALS, ids=lambda make: make.__name__)
def test_as_many_go_out_of_every_place_as_come_in(make: Callable[[], Material]) -> None:
    found = charts(flow(make()))
    assert found
    for chart in found.values():
        (sankey,) = traces(chart, "sankey")
        link, nodes = sankey["link"], len(sankey["node"]["label"])
        into, out = ([0.0] * nodes for _ in range(2))
        for source, target, people in zip(link["source"], link["target"], link["value"], strict=True):
            out[source] += people
            into[target] += people
        middle = [node for node in range(nodes) if into[node] and out[node]]
        assert middle
        for node in middle:
            # Flows of hardly anybody are left out, a half each at most.
            assert abs(into[node] - out[node]) <= 1e-4 * into[node] + 0.5 * nodes, sankey["node"]["label"][node]
        assert {row[2] for row in chart.data.rows} >= {max(row[2] for row in chart.data.rows)}
        assert close(sorted(row[2] for row in chart.data.rows), sorted(link["value"]))


def test_a_map_holds_the_means_of_its_points() -> None:
    material = results.grid()
    found = charts(sweep_maps(material))
    assert set(found) <= {f"map_{measure}" for measure in MAPPED}
    drawn = traces(found["map_nctr_remaining"], "heatmap")[0]
    assert sorted(map(len, (drawn["x"], drawn["y"]))) == [2, 3]
    for option in material.options:
        varied = option.contender.point.varied
        beds, visits = varied["settings.community_bed.capacity"], varied["settings.reablement.capacity"]
        figure_ = option.figure("nctr_remaining")
        assert figure_ is not None
        assert close(drawn["z"][drawn["y"].index(beds)][drawn["x"].index(visits)], figure_.mean)


def test_of_two_sweeps_over_the_same_points_the_first_is_drawn() -> None:
    material = results.grid()
    twice = dataclasses.replace(material, options=(*material.options, *material.options))
    once, again = (charts(sweep_maps(one)) for one in (material, twice))
    assert {name: figure(chart) for name, chart in once.items()} == {
        name: figure(chart) for name, chart in again.items()
    }


def test_a_curve_goes_through_its_points_in_order() -> None:
    material = results.curve()
    chart = charts(sweep_maps(material))["curve_bed_occupancy"]
    (line,) = [trace for trace in traces(chart, "scatter") if trace["mode"] == "lines+markers"]
    assert line["x"] == [18.0, 24.0, 30.0]
    expected = [option.figure("bed_occupancy") for option in material.options]
    assert close(line["y"], [100 * one.mean for one in expected if one is not None])
    assert re.search(r"different from the baseline at \d of 2", chart.title)


def test_what_is_no_number_has_a_curve_each() -> None:
    material = results.lines()
    chart = charts(sweep_maps(material))["curve_nctr_remaining"]
    named = {trace["name"]: trace for trace in traces(chart, "scatter") if trace.get("name")}
    assert next(iter(named)) == "As it is" and set(named) == {"As it is", "More", "Less"}
    assert len([trace for trace in traces(chart, "scatter") if trace.get("fill")]) == 1
    for option in material.options:
        varied = option.contender.point.varied
        label = next(value for name, value in varied.items() if name != "settings.community_bed.capacity")
        one = option.figure("nctr_remaining")
        trace = named[label]
        assert one is not None and trace["x"] == [2.0, 8.0]
        assert close(trace["y"][trace["x"].index(float(varied["settings.community_bed.capacity"]))], one.mean)
    assert {row[0] for row in chart.data.rows} == set(named) and len(chart.data.rows) == 6


def test_what_removing_would_save_stands_beside_what_is_attributed() -> None:
    material = results.grid()
    (chart,) = charts(removal(material)).values()
    stored = next(iter(material.removal.values()))
    first = stored.iloc[0]
    (attributed,), (saved,) = traces(chart, "bar"), traces(chart, "scatter")
    assert close([attributed["x"][0], saved["x"][0]], [first["attributed"], first["saved"]])
    assert close(saved["x"][0] + saved["error_x"]["array"][0], first["upper"])
    section = removal(material)
    assert section is not None and "does not add up" in str(section.blocks[0])
    best = re.match(r"Without .* alone ([\d,.]+) bed days a year", chart.title)
    sure = stored[(stored["lower"] > 0) & ~stored["reason"].isin(["sum", "total", "all_at_once"])]
    assert bool(best) == bool(len(sure))


def test_removal_says_how_where_it_has_not_been_done() -> None:
    section = removal(results.run())
    assert section is not None and not charts(section)
    assert "dischargesim explain" in str(section.blocks)


def test_settings_and_teams_as_stored_and_overloaded_ones_by_name() -> None:
    material = results.places()
    option = material.baseline
    found = charts(utilisation(material))["setting_utilisation"]
    drawn = [x for trace in traces(found, "bar") for x in trace["x"]]
    whole = [one.used.mean for one in places(option, "setting")]
    assert close(sorted(drawn), sorted(100 * share for share in whole)[-len(drawn) :])
    section = utilisation(material)
    assert section is not None
    growing = material.provenance[0]["growing_queues"]
    text = str(section.blocks[0])
    assert ("steady state" in text) == bool(growing)


def test_precision_is_that_of_the_replications() -> None:
    material = results.run()
    found = charts(checks(material))
    chart = found["precision"]
    for title, unit, mean, half, share, needed in chart.data.rows:
        assert isinstance(mean, float) and isinstance(half, float) and isinstance(share, float)
        assert math.isclose(share, 100 * half / mean, rel_tol=1e-9), (title, unit)
        assert isinstance(needed, int) and needed >= 5
        # Whatever is narrower than asked for needs no more replications than there are, or five.
        assert (share <= 5) == (needed <= 5)
    last = found["narrowing"].data.rows[-1]
    stored = material.baseline.figure("nctr_remaining")
    assert stored is not None and close(last[1:], [stored.mean, stored.upper - stored.mean])


def test_welch_begins_with_the_counted_days_and_says_so() -> None:
    chart = charts(checks(results.run()))["warm_up"]
    assert "not stored" in chart.summary and "first counted day" in chart.summary
    assert traces(chart, "scatter")[0]["x"][0] == "2024-04-01"
    assert "too few replications" in charts(checks(results.single()))["warm_up"].title


@pytest.mark.parametrize("answer", ["too_short", "grows"])
@pytest.mark.parametrize("season", [True, False, None])
def test_it_may_be_the_season_wherever_the_warm_up_is_judged(answer: str, season: bool | None) -> None:
    """None is a table of results that an earlier version has stored."""
    material = results.run()
    table = material.warm_up.assign(answer=answer, or_season=season)
    if season is None:
        table = table.drop(columns="or_season")
    section = checks(dataclasses.replace(material, warm_up=table))
    assert section is not None
    title = charts(section)["warm_up"].title
    assert title.endswith(", or it is the season") == bool(season)
    (answers,) = [block for block in section.blocks if getattr(block, "name", "") == "warm_up_answers"]
    assert {str(row[3]).endswith(", or the season") for row in answers.rows} == {bool(season)}


def texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a figure with the name of its property."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, key)
    elif isinstance(value, str):
        yield key, value


def test_names_from_elsewhere_are_text_in_every_figure() -> None:
    seen = ""
    for chart in report(results.hostile()).charts():
        for key, text in texts(figure(chart)):
            seen += text
            bare = text.replace("<br>", "").replace("<extra></extra>", "")
            assert "<" not in bare and "$" not in bare, (chart.name, key, text)
            if key not in ("hovertemplate", "texttemplate", "customdata", "text", "label", "name"):
                assert "%{" not in bare, (chart.name, key, text)
    assert "&lt;b&gt;bold" in seen and "&#36;x^2&#36;" in seen and "&amp;amp;" in seen


@given(st.text(max_size=80))
def test_literal_text_holds_nothing_that_plotly_reads(text: str) -> None:
    found = literal(text)
    assert not set(found) & set("<>$\n\r\t\u2028\u2029\u202e\x00")
    for entity in re.findall(r"&[^;]*;?", found):
        assert entity in ("&amp;", "&lt;", "&gt;", "&#36;")


@given(st.text(max_size=200), st.integers(8, 60))
def test_long_names_are_wrapped_and_shortened(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert len(lines) <= 2 and all(len(one) <= width for one in lines)
    whole = " ".join(text.split())
    joined = " ".join(lines)
    assert joined.replace(" ", "").rstrip("…") in whole.replace(" ", "") + "…"
    assert len(shortened(text)) <= LABEL


def test_rows_do_not_overlap() -> None:
    rows = Rows(["a", "b " * 60, "c"], marks=2)
    first, second = rows.at(0), rows.at(1)
    assert all(later - earlier == 18 for earlier, later in zip(first, second, strict=True))
    assert all(below - above > 18 for above, below in zip(second, first[1:], strict=False))


def test_words() -> None:
    assert [number(value) for value in (0, 1234.6, 12.34, 1.234, 0.0123, -0.5, -0.0001, math.nan)] == [
        "0",
        "1,235",
        "12.3",
        "1.23",
        "0.012",
        f"{MINUS}0.50",
        f"{MINUS}0.00010",
        "no figure",
    ]
    assert span(1, 2, 1.5) == "1.00 to 2.00" and span(math.nan, 2, 1) == "no interval"
    assert (
        listed(["a"]) == "a"
        and listed(["a", "b", "c"]) == "a, b and c"
        and listed(["a"] * 6) == "a, a, a, a and 2 more"
    )


def digest(material: Material) -> str:
    drawn = [(chart.name, chart.title, chart.summary, chart.figure.to_json()) for chart in report(material).charts()]
    return hashlib.sha256(json.dumps(drawn).encode()).hexdigest()


def test_the_same_results_make_the_same_bytes_in_another_process() -> None:
    material = results.run()
    code = (
        "import sys; from pathlib import Path; from tests.unit.test_report_sections import digest; "
        "from dischargesim.report.material import read_material; print(digest(read_material([Path(sys.argv[1])])))"
    )
    root = Path(__file__).parents[2]
    other = subprocess.run(
        [sys.executable, "-c", code, str(material.folders[0])],
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONHASHSEED": "7"},
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == digest(material)


def test_many_options_are_counted_where_they_are_not_shown() -> None:
    material = results.grid()
    # The same five options over and over: as many as a large sweep has.
    table = material.comparison
    assert table is not None
    import pandas as pd

    more = [table.assign(option=table["option"] + f" again {times}") for times in range(30)]
    large = dataclasses.replace(material, comparison=pd.concat([table, *more]))
    chart = charts(differences(large))["difference_nctr_remaining"]
    assert len(chart.data.rows) == MOST_ROWS
    assert f"{31 * 5 - MOST_ROWS} more are in" in chart.summary
