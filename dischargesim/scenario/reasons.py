"""Why people wait to leave: one list of reasons, with its place in both of England's national measures.

The keys follow the 37 sub-reasons of the acute daily discharge return (people who no longer meet the criteria to
reside, NCTR), in its five families. Every reason also carries the code, A to O, under which the retired monthly return
of delayed transfers of care (DToC) would most likely have counted it, and with the code the share of days that fell to
the NHS, to social care or to both.

**The step from NCTR reason to DToC code is an assumption of this project.** NHS England says that the two measures are
not comparable and publishes no such table. The choices are argued in `Reason.note` where they are not plain.

Sources
-------
NCTR shares: NHS England, Acute daily discharge situation report, June 2024 to May 2025, people in hospital 7 days or
more (see data/README.md). DToC shares and attribution: NHS England, Monthly delayed transfers of care, 2016/17 and
2018/19, percent of delayed days in England. Contains NHS England data, OGL v3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

Family = Literal["hospital_process", "wellbeing", "care_transfer_hub", "interface_process", "capacity"]
DtocCode = Literal["A", "B", "C", "Di", "Dii", "E", "F", "G", "H", "I", "O"]

FAMILIES: tuple[Family, ...] = get_args(Family)
"""Families of NCTR reasons, in the order in which a discharge meets them."""

NHS_ONLY: frozenset[DtocCode] = frozenset({"C", "I"})
"""Codes that the return attributed to the NHS alone."""
NEVER_BOTH: frozenset[DtocCode] = NHS_ONLY | {"Di", "G", "H"}
"""Codes that the return attributed to the NHS or to social care, never to both."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """To whom the delayed days of a reason fall, in percent of the days.

    Attributes
    ----------
    nhs, social_care, both
        Percent of days; they sum to 100.
    """

    nhs: float
    social_care: float
    both: float


@dataclass(frozen=True, slots=True)
class Code:
    """A reason code of the retired DToC return.

    Attributes
    ----------
    code
        As the return printed it.
    title
        In plain words.
    share_2016_17, share_2018_19
        Percent of all delayed days in England in the financial year; None where the code did not exist.
    attribution_2016_17, attribution_2018_19
        Of the days of this code.
    """

    code: DtocCode
    title: str
    share_2016_17: float | None
    share_2018_19: float
    attribution_2016_17: Attribution | None
    attribution_2018_19: Attribution


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for delay.

    Attributes
    ----------
    key
        The short name that scenarios and results use.
    title
        In plain words.
    family
        NCTR family.
    share
        Percent of all people waiting with a recorded reason, June 2024 to May 2025; None for a finer reason of ours
        that the national list does not tell apart (see `part_of`).
    dtoc
        DToC code (assumption, see the module).
    before_decision
        The wait comes before the multidisciplinary team's decision. DToC starts its clock at that decision, so it does
        not count such a wait as a delay at all; the code is only where a return would have put it afterwards.
    part_of
        Key of the national reason that this one is a part of.
    note
        Why this code, where others could be argued.
    """

    key: str
    title: str
    family: Family
    share: float | None
    dtoc: DtocCode
    before_decision: bool = False
    part_of: str | None = None
    note: str = ""

    @property
    def attribution(self) -> Attribution:
        """Default attribution: that of the DToC code in England, 2018/19."""
        return DTOC_CODES[self.dtoc].attribution_2018_19


def _code(
    code: DtocCode,
    title: str,
    shares: tuple[float | None, float],
    before: tuple[float, float, float] | None,
    after: tuple[float, float, float],
) -> Code:
    return Code(code, title, *shares, Attribution(*before) if before else None, Attribution(*after))


DTOC_CODES: Mapping[DtocCode, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            _code("A", "An assessment to be completed", (16.9, 11.3), (49, 36, 15), (50, 39, 11)),
            _code("B", "Public funding to be agreed", (3.6, 3.0), (53, 31, 16), (54, 27, 19)),
            _code("C", "Further NHS care outside an acute bed", (17.1, 17.2), (100, 0, 0), (100, 0, 0)),
            _code("Di", "A place in a residential home", (10.3, 12.3), (36, 64, 0), (39, 61, 0)),
            _code("Dii", "A place in a nursing home", (15.2, 13.9), (47, 42, 11), (50, 35, 15)),
            _code("E", "A care package at home", (20.2, 20.8), (25, 61, 14), (33, 50, 17)),
            _code("F", "Community equipment and adaptations", (2.3, 2.9), (76, 15, 9), (78, 13, 9)),
            _code("G", "Choice of the person or their family", (10.9, 12.4), (87, 13, 0), (91, 9, 0)),
            _code("H", "A dispute between agencies or with the family", (1.1, 0.8), (71, 29, 0), (70, 30, 0)),
            _code("I", "Housing that the Care Act does not cover", (2.3, 4.2), (100, 0, 0), (100, 0, 0)),
            _code("O", "Another reason", (None, 1.2), None, (69, 21, 10)),
        )
    }
)
"""The DToC reason codes, in the order of the return."""

_HOSPITAL = (
    Reason("therapy_review", "Therapy review of the support needed", "hospital_process", 5.35, "A", True),
    Reason("hub_referral", "Referral to the care transfer hub", "hospital_process", 3.75, "A", True),
    Reason("medical_review", "Medical review of the support needed", "hospital_process", 3.56, "A", True),
    Reason("formal_decision", "Formal decision to discharge, with test results", "hospital_process", 3.21, "A", True),
    Reason(
        "medicines",
        "Medicines to take home, letter and papers",
        "hospital_process",
        1.80,
        "O",
        note="No code of its own: hours after the decision, which the return saw only where they passed midnight.",
    ),
    Reason(
        "transport",
        "Patient transport",
        "hospital_process",
        1.33,
        "O",
        note="No code of its own, as for medicines.",
    ),
    Reason(
        "infection_control",
        "Infection prevention and control",
        "hospital_process",
        0.37,
        "O",
        note="No code of its own; someone who may not be moved would often not have counted as safe to transfer.",
    ),
)
_WELLBEING = (
    Reason(
        "destination_readiness",
        "The home or other destination is not ready",
        "wellbeing",
        1.52,
        "O",
        note="Heating, cleaning, keys and the like; adaptations and equipment have reasons of their own (F).",
    ),
    Reason("mental_capacity", "Mental capacity to be determined", "wellbeing", 1.32, "A"),
    Reason(
        "safeguarding",
        "A safeguarding concern",
        "wellbeing",
        1.30,
        "A",
        note="Counted with assessments: leaving is not safe before the enquiry is done.",
    ),
    Reason("family_concerns", "Concerns of the person or family about leaving", "wellbeing", 1.07, "G"),
)
_HUB = (
    Reason("hub_needs_and_pathway", "The hub's decision on needs and pathway", "care_transfer_hub", 8.24, "A"),
    Reason("hub_referrals", "The hub's referrals to services", "care_transfer_hub", 3.55, "A"),
    Reason("hub_funding", "Who pays for the care", "care_transfer_hub", 0.87, "B"),
)
_INTERFACE = (
    Reason(
        "p3_arrangements",
        "Arranging a care home (pathway 3)",
        "interface_process",
        7.07,
        "Dii",
        note="Residential homes would be Di; nursing homes had more days in 2016/17 and 2018/19.",
    ),
    Reason("p2_arrangements", "Arranging a rehabilitation bed (pathway 2)", "interface_process", 5.97, "C"),
    Reason("home_care_arrangements", "Arranging social care at home (pathway 1)", "interface_process", 4.80, "E"),
    Reason(
        "p1_arrangements",
        "Arranging rehabilitation or reablement at home (pathway 1)",
        "interface_process",
        3.84,
        "E",
        note="Reablement was mostly a council service; where the NHS runs it, C is as fair.",
    ),
    Reason(
        "out_of_area",
        "Arranging care in another area",
        "interface_process",
        2.00,
        "O",
        note="The service that is waited for is not recorded, so no other code can be chosen.",
    ),
    Reason(
        "end_of_life_arrangements",
        "Arranging end-of-life care or fast-track CHC",
        "interface_process",
        1.29,
        "E",
        note="Mostly care at home; in a care home it would be Dii.",
    ),
    Reason(
        "self_funder",
        "Arranging care that the person pays for",
        "interface_process",
        0.87,
        "G",
        note="No council duty to place; such waits turn on the search by the person or the family.",
    ),
    Reason("choice", "Talks with the person or family about choice", "interface_process", 0.83, "G"),
    Reason("homelessness", "Arranging housing for someone homeless", "interface_process", 0.82, "I"),
    Reason(
        "provider_request",
        "Something more that the provider asked for",
        "interface_process",
        0.62,
        "A",
        note="Usually an assessment or a document that the provider still wants to see.",
    ),
    Reason(
        "community_health_arrangements",
        "Arranging community health care at home",
        "interface_process",
        0.40,
        "C",
        note="NHS care outside an acute bed, which C covers wherever it is given.",
    ),
    Reason("no_recourse", "Homeless without recourse to public funds", "interface_process", 0.31, "I"),
)
_CAPACITY = (
    Reason("p2_capacity", "A rehabilitation bed (pathway 2)", "capacity", 9.99, "C"),
    Reason(
        "care_home_capacity",
        "A place in a care home (pathway 3)",
        "capacity",
        8.54,
        "Dii",
        note="Where residential and nursing homes are told apart, use the two finer reasons.",
    ),
    Reason(
        "residential_home_capacity",
        "A place in a residential home",
        "capacity",
        None,
        "Di",
        False,
        "care_home_capacity",
    ),
    Reason("nursing_home_capacity", "A place in a nursing home", "capacity", None, "Dii", False, "care_home_capacity"),
    Reason(
        "p1_capacity",
        "Rehabilitation or reablement at home (pathway 1)",
        "capacity",
        4.99,
        "E",
        note="As for arranging it: C where the NHS runs the service.",
    ),
    Reason("home_care_capacity", "Social care at home (pathway 1)", "capacity", 2.70, "E"),
    Reason("equipment", "Equipment, and training to use it", "capacity", 1.91, "F"),
    Reason(
        "community_health_capacity",
        "Community health care at home",
        "capacity",
        1.57,
        "C",
        note="As for arranging it.",
    ),
    Reason(
        "end_of_life_capacity",
        "End-of-life care or fast-track CHC",
        "capacity",
        1.52,
        "E",
        note="As for arranging it.",
    ),
    Reason("housing_adaptations", "Adaptations to the home", "capacity", 0.81, "F"),
    Reason("restart_package", "Restart of the care package from before", "capacity", 0.74, "E"),
    Reason("housing_capacity", "Housing", "capacity", 0.61, "I"),
    Reason("mental_health_capacity", "A mental health bed", "capacity", 0.58, "C"),
)

REASONS: Mapping[str, Reason] = MappingProxyType(
    {reason.key: reason for reason in (*_HOSPITAL, *_WELLBEING, *_HUB, *_INTERFACE, *_CAPACITY)}
)
"""All reasons by key: the 37 national ones, and two that tell residential from nursing homes."""


def check_attribution(code: DtocCode, attribution: Attribution) -> None:
    """Hold an attribution against the rules of the return.

    Parameters
    ----------
    code
        DToC code.
    attribution
        Percent of days to the NHS, social care and both.

    Raises
    ------
    ValueError
        Where the parts are negative or do not sum to 100, or a part is given that the code never has.
    """
    parts = (attribution.nhs, attribution.social_care, attribution.both)
    if min(parts) < 0 or abs(sum(parts) - 100) > 1e-6:
        raise ValueError(f"attribution of {code}: expected three shares of 0 or more that sum to 100, got {parts}")
    if code in NHS_ONLY and attribution.nhs != 100:
        raise ValueError(f"attribution of {code}: expected 100 percent to the NHS, got {attribution.nhs:g}")
    if code in NEVER_BOTH and attribution.both != 0:
        raise ValueError(f"attribution of {code}: expected nothing to both, got {attribution.both:g}")


def _check_table() -> None:
    for code in DTOC_CODES.values():
        for attribution in (code.attribution_2016_17, code.attribution_2018_19):
            if attribution is not None:
                check_attribution(code.code, attribution)
    for reason in REASONS.values():
        if (reason.share is None) != (reason.part_of in REASONS):
            raise ValueError(f"{reason.key}: expected a national share, or the national reason it is a part of")


_check_table()
