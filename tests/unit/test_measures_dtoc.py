"""Delayed transfers of care, each figure worked out on paper."""

from __future__ import annotations

import pytest

from tests.unit.mini import ASSESSMENT, DECISION, MEDICINES, NAN, P2, REHAB, WARD, Mini


def delayed(attribution: float, census_pathway: int = P2) -> Mini:
    """Ready on day 2.25, decision done on 3.5, assessed until 5, then waiting for rehab until the end."""
    mini = Mini()
    mini.person(1)
    stay = mini.stay(WARD, 1, 1, 1, 2.25, 5, pathway=census_pathway, next=1, attribution=attribution)
    mini.stay(REHAB, 5, pathway=P2)
    decision = mini.task(stay, DECISION, 2.25, 3.25, 3.5)
    mini.task(stay, ASSESSMENT, 3.5, 4, 5, after=decision)
    return mini


def test_the_clock_starts_with_the_decision() -> None:
    found = delayed(0.2).figures()
    # Midnight 3 is before the decision. 4 (the 30th of April) is assessment; 5 and 6 (1 and 2 May) are rehab.
    assert found["nctr_bed_days_lost", "all"] == 4
    assert found["dtoc_days", "all"] == 3
    assert found["dtoc_days", "code=A | care=acute"] == 1
    assert found["dtoc_days", "code=C | care=acute"] == 2
    assert found["dtoc_days", "month=2024-04 | code=A | organisation=nhs | care=acute"] == 1
    assert found["dtoc_days", "month=2024-05 | code=C | organisation=nhs | care=acute"] == 2
    assert found["dtoc_days", "month=2024-05 | code=A | organisation=nhs | care=acute"] == 0
    # Months that are counted in part: two days each.
    assert found["dtoc_beds", "month=2024-04 | care=acute"] == 1 / 2
    assert found["dtoc_beds", "month=2024-05 | care=acute"] == 2 / 2
    assert found["dtoc_beds", "all"] == found["dtoc_beds", "care=acute"] == 3 / 4
    assert found["dtoc_beds", "code=A | care=acute"] == 1 / 4
    assert found["dtoc_beds", "code=C | care=acute"] == 2 / 4
    assert found["dtoc_beds", "organisation=nhs | care=acute"] == 3 / 4
    assert found["dtoc_beds", "organisation=both | care=acute"] == found["dtoc_beds", "care=non_acute"] == 0
    # One person in an acute bed throughout, and nobody in another.
    assert found["dtoc_rate", "care=acute"] == 3 / 4
    assert found["dtoc_rate", "care=non_acute"] != found["dtoc_rate", "care=non_acute"]


@pytest.mark.parametrize(
    ("attribution", "organisation"),
    [(0.499, "nhs"), (0.5, "social_care"), (0.889, "social_care"), (0.89, "both"), (0.999, "both")],
)
def test_code_a_is_split_as_in_england_in_2018_19(attribution: float, organisation: str) -> None:
    found = delayed(attribution).figures()
    assert found["dtoc_days", f"month=2024-04 | code=A | organisation={organisation} | care=acute"] == 1
    # Code C is the NHS's alone.
    assert found["dtoc_days", "month=2024-05 | code=C | organisation=nhs | care=acute"] == 2


def test_only_organisations_that_a_code_can_fall_to_are_listed() -> None:
    groups = {group for measure, group in delayed(0.5).figures() if measure == "dtoc_days"}
    assert "month=2024-04 | code=A | organisation=both | care=acute" in groups
    assert not any("code=C | organisation=social_care" in group for group in groups)


def test_no_decision_no_delayed_transfer() -> None:
    mini = Mini()
    mini.person(1)
    stay = mini.stay(WARD, 1, 1, 1, 2.25)
    mini.task(stay, DECISION, 2.25, 2.5, NAN)
    found = mini.figures()
    assert found["nctr_bed_days_lost", "all"] == 4
    assert found["dtoc_days", "all"] == 0


def test_the_latest_of_several_decisions_counts() -> None:
    mini = Mini()
    mini.person(1)
    stay = mini.stay(WARD, 1, 1, 1, 2.25, 5.5, 5.5)
    mini.task(stay, DECISION, 2.25, 2.25, 4.5)
    mini.task(stay, DECISION, 2.25, 2.25, 3.5)
    mini.task(stay, MEDICINES, 2.25, 2.25, 5.5, team=-1)
    assert mini.figures()["dtoc_days", "all"] == 1


def test_rehabilitation_beds_are_not_acute() -> None:
    mini = Mini()
    mini.person(1)
    stay = mini.stay(REHAB, 1, 1, 1, 2.5, 4.5, 4.5)
    mini.task(stay, MEDICINES, 2.5, 2.5, 4.5, team=-1)
    found = mini.figures()
    assert found["dtoc_days", "care=non_acute"] == 2
    assert found["dtoc_days", "care=acute"] == 0
    assert found["nctr_bed_days_lost", "all"] == 0
    assert found["dtoc_rate", "care=non_acute"] == 1
    assert mini.daily()["daily_dtoc_delayed", "care=non_acute"] == [1, 1, 0, 0]
