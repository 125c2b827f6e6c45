"""The list of reasons against the published figures it comes from."""

from __future__ import annotations

from typing import Any, cast

import pytest

from dischargesim import data
from dischargesim.scenario import reasons
from dischargesim.scenario.reasons import DTOC_CODES, FAMILIES, REASONS, Attribution, DtocCode, check_attribution

# A stretch of each published label that no other label in the same family has.
LABELS = {
    "therapy_review": "therapy review",
    "hub_referral": "referral to care transfer hub",
    "medical_review": "medical review",
    "formal_decision": "formal decision",
    "medicines": "medicines to take home",
    "transport": "patient transport",
    "infection_control": "infection prevention",
    "destination_readiness": "destination readiness",
    "mental_capacity": "mental capacity",
    "safeguarding": "safeguarding",
    "family_concerns": "concerns over discharge",
    "hub_needs_and_pathway": "immediate care needs",
    "hub_referrals": "necessary referrals",
    "hub_funding": "funding eligibility",
    "p3_arrangements": "(Pathway 3)",
    "p2_arrangements": "(Pathway 2)",
    "p1_arrangements": "Home based rehabilitation",
    "home_care_arrangements": "home-based social care",
    "out_of_area": "Out of area",
    "end_of_life_arrangements": "End of life",
    "self_funder": "Self-funded",
    "choice": "choice discussions",
    "homelessness": "for homelessness",
    "provider_request": "agreed provider",
    "community_health_arrangements": "community health",
    "no_recourse": "no recourse",
    "p2_capacity": "Bed-based rehabilitation",
    "care_home_capacity": "(Pathway 3)",
    "p1_capacity": "Home-based rehabilitation",
    "home_care_capacity": "home-based social care",
    "equipment": "Equipment",
    "community_health_capacity": "community health",
    "end_of_life_capacity": "End of life",
    "housing_adaptations": "adaptations",
    "restart_package": "restart of existing",
    "housing_capacity": "Housing provision",
    "mental_health_capacity": "Mental health",
}


def _family(category: str) -> str:
    return category.removesuffix(" concerns").removesuffix(" process").lower()


def test_shares_agree_with_the_published_table() -> None:
    table = data.nctr_reasons()
    national = {key: reason for key, reason in REASONS.items() if reason.part_of is None}
    assert set(national) == set(LABELS)
    used = set()
    for key, reason in national.items():
        family = reason.family.removesuffix("_process").replace("_", " ")
        rows = table[
            (table["category"].map(_family) == family) & table["delay_reason"].str.contains(LABELS[key], regex=False)
        ]
        assert len(rows) == 1, key
        assert reason.share == pytest.approx(rows["share"].item(), abs=1e-9), key
        used.add(rows.index.item())
    assert used == set(table.index)


def test_families_sum_to_the_national_picture() -> None:
    sums = [sum(r.share or 0 for r in REASONS.values() if r.family == family) for family in FAMILIES]
    assert dict(zip(FAMILIES, [round(x) for x in sums], strict=True)) == {
        "capacity": 34,
        "interface_process": 29,
        "hospital_process": 19,
        "care_transfer_hub": 13,
        "wellbeing": 5,
    }


def test_finer_reasons_belong_to_a_national_one() -> None:
    finer = {reason.key: reason for reason in REASONS.values() if reason.part_of is not None}
    assert {key: (r.part_of, r.dtoc) for key, r in finer.items()} == {
        "residential_home_capacity": ("care_home_capacity", "Di"),
        "nursing_home_capacity": ("care_home_capacity", "Dii"),
    }
    for reason in finer.values():
        assert reason.share is None
        assert reason.family == REASONS[cast(str, reason.part_of)].family


@pytest.mark.parametrize("year", [2016, 2018])
def test_codes_agree_with_the_published_table(year: int) -> None:
    table = data.dtoc_by_reason()
    table = table[table["month"].between(f"{year}-04-01", f"{year + 1}-03-31") & (table["reason"] != "TOTAL")]
    days = table.groupby("reason")[["nhs", "social_care", "both"]].sum()
    of_all = 100 * days.sum(axis=1) / days.to_numpy().sum()
    split = days.div(days.sum(axis=1), axis=0) * 100
    for code in DTOC_CODES.values():
        share = code.share_2016_17 if year == 2016 else code.share_2018_19
        attribution = code.attribution_2016_17 if year == 2016 else code.attribution_2018_19
        if share is None or attribution is None:
            assert code.code == "O" and code.code not in days.index
            continue
        assert share == pytest.approx(of_all[code.code], abs=0.051)
        found = [attribution.nhs, attribution.social_care, attribution.both]
        # Whole percents, rounded so that they sum to 100.
        assert found == pytest.approx(list(split.loc[code.code]), abs=0.8)


def test_every_reason_has_a_lawful_default_attribution() -> None:
    for reason in REASONS.values():
        check_attribution(reason.dtoc, reason.attribution)
        assert reason.title


@pytest.mark.parametrize(
    ("code", "parts", "message"),
    [
        ("C", (90, 10, 0), "attribution of C: expected 100 percent to the NHS, got 90"),
        ("I", (0, 100, 0), "attribution of I: expected 100 percent to the NHS, got 0"),
        ("Di", (40, 50, 10), "attribution of Di: expected nothing to both, got 10"),
        ("G", (90, 0, 10), "expected nothing to both"),
        ("H", (90, 0, 10), "expected nothing to both"),
        ("A", (50, 40, 11), "sum to 100"),
        ("A", (110, -10, 0), "0 or more"),
    ],
)
def test_unlawful_attribution_is_refused(code: DtocCode, parts: tuple[float, float, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_attribution(code, Attribution(*parts))


def test_the_check_at_import_would_catch_a_bad_table(monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    bad = dataclasses.replace(DTOC_CODES["Di"], attribution_2018_19=Attribution(40, 50, 10))
    monkeypatch.setattr(reasons, "DTOC_CODES", {"Di": bad})
    with pytest.raises(ValueError, match="attribution of Di"):
        reasons._check_table()


def test_the_tables_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        cast(Any, REASONS)["new"] = REASONS["choice"]
    with pytest.raises(AttributeError):
        cast(Any, REASONS["choice"]).dtoc = "C"
