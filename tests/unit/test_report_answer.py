"""The answer of a report: no claim that the interval does not carry, whatever the figures."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from dischargesim.experiment.compare import NO_DIFFERENCE, NOT_CLEAR, TOO_FEW
from dischargesim.report.blocks import Items, Paragraph
from dischargesim.report.material import Material
from dischargesim.report.sections.answer import answer
from tests.unit import report_results as results

LOST = "nctr_bed_days_lost"


def with_differences(material: Material, found: list[tuple[float, float, str]]) -> Material:
    """The material with other differences in the bed days lost: mean, half-width and verdict of each option."""
    table = material.comparison
    assert table is not None
    table = table.copy()
    here = (table["measure"] == LOST) & (table["group"] == "all")
    rows = table.index[here][: len(found)]
    for row, (mean, half, verdict) in zip(rows, found, strict=True):
        table.loc[row, ["difference", "lower", "upper"]] = [mean, mean - half, mean + half]
        table.loc[row, "verdict"] = verdict
    keep = table["option"].isin(table.loc[rows, "option"])
    labels = {material.baseline.label, *table.loc[rows, "option"]}
    ranked = material.ranking
    assert ranked is not None
    return replace(
        material,
        comparison=table[keep],
        ranking=ranked[ranked["option"].isin(labels)],
        options=tuple(option for option in material.options if option.label in labels),
    )


def told(material: Material) -> str:
    (text,) = [
        block.text for block in answer(material).blocks if isinstance(block, Paragraph) and block.tone == "answer"
    ]
    return text


SIZES = st.floats(0.5, 5000, allow_nan=False)
VERDICTS = st.sampled_from(["better", "worse", NOT_CLEAR])


@given(
    st.lists(st.tuples(st.floats(-5000, 5000).filter(lambda x: abs(x) > 1), SIZES, VERDICTS), min_size=1, max_size=5)
)
def test_only_what_is_clear_is_claimed(found: list[tuple[float, float, str]]) -> None:
    material = with_differences(results.grid(), found)
    text = told(material)
    labels = [option.label for option in material.options[1:]]
    table = material.comparison
    assert table is not None
    here = table[(table["measure"] == LOST) & (table["group"] == "all")].set_index("option")
    clear = {
        label: here.loc[label, "verdict"] != NOT_CLEAR
        and (here.loc[label, "lower"] > 0 or here.loc[label, "upper"] < 0)
        for label in labels
    }
    said = text.split("There is no clear difference in admissions")[0].split("Admissions avoided:")[0]
    claims, _, rest = said.partition("no clear difference in the bed days lost")
    if not any(clear.values()):
        assert "clearly" not in claims
    for label, sure in clear.items():
        named = f"{label} by " in claims or f"{label} clearly" in claims
        assert not named or sure, (label, text)
    fewer = sum(sure and here.loc[label, "upper"] < 0 for label, sure in clear.items())
    more = sum(sure and here.loc[label, "lower"] > 0 for label, sure in clear.items())
    assert ("cut" in claims) == bool(fewer) and ("add" in claims) == bool(more)
    assert bool(rest) == (fewer + more < len(labels))


def test_one_replication_tells_nothing() -> None:
    material = with_differences(results.grid(), [(-100.0, float("nan"), TOO_FEW)])
    assert "a single replication: that cannot tell a difference from chance" in told(material)


def test_no_difference_at_all_is_no_claim() -> None:
    text = told(with_differences(results.grid(), [(0.0, 0.0, NO_DIFFERENCE)]))
    assert "clearly" not in text


def test_a_run_alone_claims_no_difference() -> None:
    text = told(results.run())
    assert "bed days" in text and "95% interval" not in text and "clearly" not in text


def test_where_nobody_comes_no_difference_is_claimed() -> None:
    text = told(results.nobody())
    assert "no clear difference" in text and "clearly" not in text and "cannot be told from it" in text
    assert not re.search(r"\bnan\b|\binf\b", text)


def test_cautions_are_in_one_box() -> None:
    boxes = [block for block in answer(results.single()).blocks if isinstance(block, Items)]
    assert len(boxes) == 1 and boxes[0].tone == "caution"
    assert any("only 1 replication:" in item for item in boxes[0].items)
    assert any("are assumptions or have no source" in item for item in boxes[0].items)


def test_what_never_settles_is_said_first() -> None:
    material = results.single()
    line = "No steady state. Queues that grow as long as the run lasts: Beds."
    facts = {**material.baseline.facts, "warnings": [line]}
    spoilt = replace(material, options=(replace(material.baseline, facts=facts),), left_out=("x: left out",))
    (box,) = [block for block in answer(spoilt).blocks if isinstance(block, Items)]
    assert line in box.items and "Left out: x: left out" in box.items
    assert isinstance(spoilt.baseline.measures, pd.DataFrame)
