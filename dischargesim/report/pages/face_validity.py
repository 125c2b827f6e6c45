"""The page on face validity: the reasons for delay that `england_average` gives beside the national ones.

``python -m dischargesim.report.pages.face_validity`` runs the system as for docs/calibration.md and writes
docs/face_validity.md. The national figures come from the tables of `dischargesim.data`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dischargesim import data
from dischargesim.experiment.replicate import Replications, replicate
from dischargesim.report.pages.calibration import calibrated
from dischargesim.scenario.reasons import DTOC_CODES, REASONS
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

TRUSTS = 117
"""Acute trusts that england_average is the mean of."""
YEARS = ("2016/17", "2018/19")
"""Financial years of the older measure that are shown: the year with most delays and the last full one."""

_ORGANISATIONS = {"nhs": "NHS", "social_care": "social care", "both": "both"}
_FAMILIES = {
    "hospital_process": "Hospital process",
    "wellbeing": "Wellbeing concerns",
    "care_transfer_hub": "Care transfer hub process",
    "interface_process": "Interface process",
    "capacity": "Capacity",
}

Interval = tuple[float, float, float]
"""Mean, and lower and upper end of its 95% interval."""


def national_dtoc(year: str) -> pd.DataFrame:
    """Acute delayed days of a financial year, England, by code and attribution.

    Parameters
    ----------
    year : str
        Such as ``2018/19``.

    Returns
    -------
    pandas.DataFrame
        Delayed days: a row for each code, columns nhs, social_care and both.
    """
    table = data.dtoc_by_reason()
    first = int(year[:4])
    here = table["month"].between(f"{first}-04-01", f"{first + 1}-03-31") & (table["care_type"] == "Acute")
    days = table[here].groupby("reason")[list(_ORGANISATIONS)].sum()
    return days.reindex(list(DTOC_CODES), fill_value=0)


def national_nctr() -> dict[str, float]:
    """Share of each of the 37 national reasons among people in hospital 7 days or more, June 2024 to May 2025."""
    return {key: one.share / 100 for key, one in REASONS.items() if one.share is not None}


def moved(national: Mapping[str, float], here: Mapping[str, float]) -> float:
    """Least share of the delays that would need another reason for two lists of shares to agree, 0 to 1.

    Parameters
    ----------
    national, here : mapping of str to float
        Shares by the same keys, each summing to 1; a key that `here` lacks counts as 0.
    """
    return sum(abs(share - here.get(key, 0.0)) for key, share in national.items()) / 2


def _found(measures: pd.DataFrame, measure: str, by: str) -> dict[str, Interval]:
    rows = measures[(measures["measure"] == measure) & measures["group"].str.match(by)]
    keys = rows["group"].str.extract(by)[0]
    return dict(zip(keys, rows[["mean", "lower", "upper"]].itertuples(index=False, name=None), strict=True))


def _line(title: str, national: Sequence[float], here: Interval) -> str:
    shares = " | ".join(f"{100 * share:.1f}" for share in national)
    mean, lower, upper = (100 * value for value in here)
    # Of two national years the later one.
    inside = "yes" if lower <= 100 * national[-1] <= upper else f"{mean - 100 * national[-1]:+.1f}"
    return f"| {title} | {shares} | {mean:.1f} | {max(lower, 0):.1f} to {upper:.1f} | {inside} |"


def _nctr(measures: pd.DataFrame) -> list[str]:
    national = national_nctr()
    reasons = _found(measures, "nctr_long_stay_share", r"sub_reason=(\w+)$")
    families = _found(measures, "nctr_long_stay_share", r"family=(\w+)$")
    head = ["England 2024/25, %", "here, %", "95% interval", "England inside it"]
    lines = [f"| reason | {' | '.join(head)} |", "|---|---:|---:|---|---|"]
    for family, title in _FAMILIES.items():
        keys = [key for key, one in REASONS.items() if one.family == family and key in national]
        lines.append(_line(f"**{title}**", [sum(national[key] for key in keys)], families[family]))
        lines += [_line(REASONS[key].title, [national[key]], reasons[key]) for key in keys if key in reasons]
    here = {key: value[0] for key, value in reasons.items()}
    inside = sum(lower <= national[key] <= upper for key, (_, lower, upper) in reasons.items())
    return [
        *lines,
        "",
        f"{inside} of {len(national)} reasons have the national share inside the interval; "
        f"{100 * moved(national, here):.0f}% of the delays would need another reason for all shares to agree.",
    ]


def _dtoc(measures: pd.DataFrame) -> list[str]:
    beds = _found(measures, "dtoc_beds", r"code=(\w+) \| care=acute$")
    whole = sum(mean for mean, _, _ in beds.values())
    # An interval of a share of the total: the total varies too, which makes these a little too wide or too narrow.
    here = {key: (mean / whole, lower / whole, upper / whole) for key, (mean, lower, upper) in beds.items()}
    days = [national_dtoc(year) for year in YEARS]
    shares = [table.sum(axis=1) / table.to_numpy().sum() for table in days]
    head = [*(f"England {year}, %" for year in YEARS), "here, %", "95% interval", f"England {YEARS[-1]} inside it"]
    lines = [f"| code | {' | '.join(head)} |", "|---|---:|---:|---:|---|---|"]
    for key, code in DTOC_CODES.items():
        lines.append(_line(f"{key}: {code.title}", [one[key] for one in shares], here.get(key, (0.0, 0.0, 0.0))))
    named = {key: share for key, share in shares[-1].items() if key != "O"}
    without = {key: value[0] for key, value in here.items() if key != "O"}
    scaled = {key: value / sum(without.values()) for key, value in without.items()}
    who = _found(measures, "dtoc_beds", r"organisation=(\w+) \| care=acute$")
    parts = [
        "| attributed to | " + " | ".join(head) + " |",
        "|---|---:|---:|---:|---|---|",
        *(
            _line(
                title,
                [table[name].sum() / table.to_numpy().sum() for table in days],
                (who[name][0] / whole, who[name][1] / whole, who[name][2] / whole),
            )
            for name, title in _ORGANISATIONS.items()
        ),
    ]
    calendar = data.dtoc().set_index("month")["calendar_days"]
    level = days[-1].to_numpy().sum() / calendar["2018-04":"2019-03"].sum() / TRUSTS
    return [
        *lines,
        "",
        f"Between the shares of {YEARS[-1]} and those here without code O, {100 * moved(named, scaled):.0f}% of the "
        "delayed days would need another code; between the two national years it is "
        f"{100 * moved(dict(shares[0]), dict(shares[1])):.0f}%.",
        "",
        *parts,
        "",
        f"**The level does not compare.** England had {level:.0f} acute beds a trust with a delayed transfer in "
        f"{YEARS[-1]}; counted by the same rule there are {whole:.0f} here. The national count rested on what "
        "hospitals and councils agreed to report; a review of 14 troubled systems in 2018 found 27% of beds with "
        "people fit to leave where 8% were reported (Newton 2018). england_average is fitted to the newer measure, "
        "in years with more delay. Read changes of the older measure in percent, and not its level.",
    ]


def page(scenario: Scenario, results: Replications) -> str:
    """The page as Markdown.

    Parameters
    ----------
    scenario : Scenario
    results : Replications

    Returns
    -------
    str
    """
    parts = [
        "# Face validity: why people wait, here and in England",
        "",
        "*For people who know discharge and ask whether the model waits for the right things.*",
        "",
        "Made by `python -m dischargesim.report.pages.face_validity`; do not edit. "
        f"{scenario.run.replications} replications of {scenario.run.days} days after {scenario.run.warm_up_days} days "
        f"of warm-up, seed {scenario.run.seed}. Contains NHS England data, OGL v3.",
        "",
        "Shares of reasons for delay in the system england_average, beside the two national classifications. NHS "
        "England says that the two do not compare with each other. The last column says `yes` where the national "
        "share lies in the 95% interval of the mean here, and otherwise how many percentage points this system is "
        "off.",
        "",
        "## People who no longer meet the criteria to reside, in hospital 7 days or more",
        "",
        "The five families were fitted, with bounds of three percentage points ([calibration](calibration.md)); the "
        "durations and shares of single tasks were set with these reasons in mind. So this table shows how well the "
        "fit reaches into detail; it is no test of prediction.",
        "",
        *_nctr(results.measures),
        "",
        "## Delayed transfers of care, the older measure",
        "",
        "Acute delayed days. Nothing here was fitted. Which of the newer reasons belongs to which of the older codes "
        "is an assumption of this project (`dischargesim/scenario/reasons.py` argues each).",
        "",
        *_dtoc(results.measures),
        "",
        "Why they differ: the newer national list counts the hub's work and further assessments, which fall under A; "
        "transport, medicines and destinations that are not ready have no code and fall under O here, where the "
        "acute returns had no such code; choice (G) was a large heading that the newer list breaks up; the "
        "arrangements for any care home count as a nursing home's (Dii), which leaves residential homes (Di) with "
        "their lack of places alone; and disputes (H) have no newer counterpart, so no code H can come out.",
        "",
    ]
    return "\n".join(parts)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the system and write the page; the first argument is the file, docs/face_validity.md if left out."""
    args = list(sys.argv[1:] if argv is None else argv)
    scenario = calibrated()
    text = page(scenario, replicate(scenario))
    Path(args[0] if args else "docs/face_validity.md").write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
