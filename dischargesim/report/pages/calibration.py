"""The calibration page: how near `england_average` comes to the national figures, and where its numbers come from.

``python -m dischargesim.report.pages.calibration`` runs the system and writes docs/calibration.md. Anyone can run it
again; the figures come from the run, the targets from the sources named here.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dischargesim.experiment.replicate import Replications, replicate
from dischargesim.scenario.load import load_scenario
from dischargesim.scenario.provenance import parameters
from dischargesim.scenario.schema import Scenario

_SITREP = "NHS England discharge SitRep 2024/25, a trust's share (1/117)"
_REASONS = "NHS England delay reasons, June 2024 to May 2025"
_FLOWS = "derived from Health Foundation 2024 and NHS England 2023"
_STOCK = "derived, rough: coded pathways applied to the national stock, 2023 to 2025"
_PROFILE = "NHS England discharge SitRep, September 2023 to August 2025"


@dataclass(frozen=True, slots=True)
class Target:
    """A national figure that the system is held against.

    Attributes
    ----------
    title : str
        In plain words.
    measure, group : str
        Which of the measures.
    value : float
        The national figure, in the unit of the measure.
    within : float
        How near is near enough, in the same unit.
    source : str
        Where the figure comes from.
    scale : float
        Factor for showing: 100 for shares shown as percent.
    part_of : str
        Measure whose total for all makes this a share of it; empty for the figure itself.
    """

    title: str
    measure: str
    group: str
    value: float
    within: float
    source: str
    scale: float = 1.0
    part_of: str = ""


def _families() -> list[Target]:
    shares = {
        "capacity": (34.0, "Capacity"),
        "interface_process": (29.0, "Interface process"),
        "hospital_process": (19.0, "Hospital process"),
        "care_transfer_hub": (13.0, "Care transfer hub process"),
        "wellbeing": (5.0, "Wellbeing concerns"),
    }
    return [
        Target(
            f"{title}, % of people in for 7+ days",
            "nctr_long_stay_share",
            f"family={name}",
            value / 100,
            0.03,
            _REASONS,
            100,
        )
        for name, (value, title) in shares.items()
    ]


def _pathways() -> list[Target]:
    shares = {"P0": 0.84, "P1": 0.096, "P2": 0.033, "P3": 0.032}
    delays = {"P1": 4.0, "P2": 10.5, "P3": 10.0}
    found = [
        Target(f"{name}, mean delay (days)", "nctr_mean_delay", f"pathway={name}", days, 0.15 * days, _STOCK)
        for name, days in delays.items()
    ]
    return found + [
        Target(
            f"{name}, % of discharges",
            "nctr_discharged",
            f"pathway={name}",
            share,
            0.1 * share,
            _FLOWS,
            100,
            "nctr_discharged",
        )
        for name, share in shares.items()
    ]


def _weekdays() -> list[Target]:
    profile = {
        "monday": 0.88,
        "tuesday": 1.11,
        "wednesday": 1.15,
        "thursday": 1.16,
        "friday": 1.25,
        "saturday": 0.85,
        "sunday": 0.60,
    }
    return [
        Target(
            f"Discharges on a {day.capitalize()} (mean day = 1)",
            "nctr_weekday_profile",
            f"weekday={day}",
            value,
            0.08,
            _PROFILE,
        )
        for day, value in profile.items()
    ]


TARGETS = (
    Target("Ready and still in at the end of the day (people)", "nctr_remaining", "all", 108.2, 0.05 * 108.2, _SITREP),
    Target("Discharged after being ready (people a day)", "nctr_discharged", "all", 86.0, 0.05 * 86, _SITREP),
    Target("Mean delay of all who became ready (days)", "nctr_mean_delay", "all", 1.26, 0.05 * 1.26, _SITREP),
    Target(
        "Occupancy of acute beds, %",
        "bed_occupancy",
        "all",
        0.946,
        0.01,
        "NHS England general and acute beds 2024/25",
        100,
    ),
    *_pathways(),
    *_families(),
    *_weekdays(),
)
"""Figures that the system was fitted to."""

CHECKS = (
    Target(
        "Delayed 7 days or more, % of those who became ready",
        "nctr_share_7_days",
        "all",
        0.037,
        0.01,
        "NHS England, September 2023, by way of the HSJ",
        100,
    ),
)
"""Figures that it was not fitted to."""

_DTOC_ACUTE_2018 = {
    "C": 22.5,
    "E": 21.3,
    "Dii": 13.3,
    "A": 12.9,
    "G": 12.4,
    "Di": 10.0,
    "F": 3.2,
    "I": 2.1,
    "B": 1.9,
    "H": 0.5,
}
"""Acute delayed days by DToC code, 2018/19, percent (NHS England)."""


def achieved(measures: pd.DataFrame, target: Target) -> tuple[float, float, float]:
    """Mean and 95% interval of a target's measure over the replications.

    Parameters
    ----------
    measures : DataFrame
        As in `Replications.measures`.
    target : Target

    Returns
    -------
    (float, float, float)
    """
    here = measures[(measures["measure"] == target.measure) & (measures["group"] == target.group)]
    if here.empty:
        raise KeyError(f"{target.measure}, {target.group}")
    mean, lower, upper = (float(here[column].iloc[0]) for column in ("mean", "lower", "upper"))
    if target.part_of:
        whole = measures[(measures["measure"] == target.part_of) & (measures["group"] == "all")]["mean"].iloc[0]
        return mean / whole, lower / whole, upper / whole
    return mean, lower, upper


def _table(measures: pd.DataFrame, targets: Sequence[Target]) -> list[str]:
    lines = [
        "| figure | target | within | achieved | 95% interval | met | source of the target |",
        "|---|---:|---:|---:|---|---|---|",
    ]
    for target in targets:
        mean, lower, upper = achieved(measures, target)
        k = target.scale
        digits = 1 if k == 100 or target.value > 20 else 2
        met = "yes" if abs(mean - target.value) <= target.within else "**no**"
        wanted, within, found, low, high = (
            f"{k * value:.{digits}f}" for value in (target.value, target.within, mean, lower, upper)
        )
        lines.append(f"| {target.title} | {wanted} | ±{within} | {found} | {low} to {high} | {met} | {target.source} |")
    return lines


def _codes(measures: pd.DataFrame) -> list[str]:
    days = measures[measures["measure"] == "dtoc_days"]
    # Acute and non-acute days lie in one table; only the acute ones are comparable.
    rows = days[days["group"].str.contains("month=") & days["group"].str.contains("care=acute")]
    code = rows["group"].str.extract(r"code=(\w+)")[0]
    total = rows["mean"].groupby(code).sum()
    lines = ["| DToC code | England 2018/19, acute, % | here, % |", "|---|---:|---:|"]
    for name, share in _DTOC_ACUTE_2018.items():
        lines.append(f"| {name} | {share:.1f} | {100 * total.get(name, 0.0) / total.sum():.1f} |")
    others = 100 * total[[name for name in total.index if name not in _DTOC_ACUTE_2018]].sum() / total.sum()
    lines.append(f"| others | - | {others:.1f} |")
    return lines


def _little(measures: pd.DataFrame) -> str:
    def mean(name: str) -> float:
        return float(measures[(measures["measure"] == name) & (measures["group"] == "all")]["mean"].iloc[0])

    by_person, by_flow = mean("nctr_delay_mean"), mean("nctr_remaining") / mean("nctr_ready")
    return (
        f"Little's law: {mean('nctr_remaining'):.1f} people remaining at midnight / {mean('nctr_ready'):.1f} becoming "
        f"ready a day = {by_flow:.2f} days; the mean delay of the same people, one by one and by the clock, is "
        f"{by_person:.2f} days. (Most become ready in the morning and leave in the afternoon: a midnight count misses "
        "part of a delay that does not last a night.)"
    )


def _parameters(scenario: Scenario) -> list[str]:
    lines = ["| parameter | value | unit | low to high | grade | source |", "|---|---|---|---|---|---|"]
    for one in parameters(scenario):
        evidence, unit = one.evidence, one.unit
        parent, _, key = one.path.rpartition(".")
        if key == "capacity" and parent.startswith("settings."):
            # The schema says "places"; what a place is, such as a visit a day, is the setting's own word.
            unit = scenario.settings[parent.removeprefix("settings.")].unit_name
        if evidence is None:
            lines.append(f"| `{one.path}` | {one.value} | {unit} | | | none given |")
            continue
        span = "" if evidence.low is None or evidence.high is None else f"{evidence.low:g} to {evidence.high:g}"
        source = evidence.source.replace("|", "/")
        lines.append(f"| `{one.path}` | {one.value} | {unit} | {span} | {evidence.grade} | {source} |")
    return lines


def page(scenario: Scenario, results: Replications) -> str:
    """The calibration page as Markdown.

    Parameters
    ----------
    scenario : Scenario
    results : Replications

    Returns
    -------
    str
    """
    measures = results.measures
    missed = [t.title for t in TARGETS if not math.isclose(achieved(measures, t)[0], t.value, abs_tol=t.within)]
    verdict = "The means of all targets are within their bounds." if not missed else f"Not met: {'; '.join(missed)}."
    parts = [
        "# Calibration of england_average",
        "",
        "*For whoever asks whether the average system is like England.*",
        "",
        "Made by `python -m dischargesim.report.pages.calibration`; do not edit. "
        f"{scenario.run.replications} replications of {scenario.run.days} days after {scenario.run.warm_up_days} days "
        f"of warm-up, seed {scenario.run.seed}.",
        "",
        "A fitted system agrees with the figures that it was fitted to; that alone says little about what it predicts. "
        "Figures marked `fitted` below were moved until the targets came out; where several could have been moved, "
        "the choice is ours.",
        "",
        "## Target and achieved",
        "",
        f"{verdict} (`met` looks at the mean alone: where the interval reaches past the bound, others might "
        "not meet it. The bounds of P0 to P3 as % of discharges, a tenth of each, are our own; that of P0 is loose.)",
        "",
        *_table(measures, TARGETS),
        "",
        "## Not fitted",
        "",
        *_table(measures, CHECKS),
        "",
        _little(measures),
        "",
        "The older measure, delayed transfers of care, by code. NHS England says that the two measures are not "
        "comparable, and which of today's reasons belongs to which of the older codes is our assumption.",
        "",
        *_codes(measures),
        "",
        "These shares were not fitted and fit only in part: assessments (A) weigh more here, care homes and choice "
        "(Di, G) less. `others` is code O, to which we count delays such as transport and medicines; the acute figures "
        "of 2018/19 have none.",
        "",
        "## Every parameter and its source",
        "",
        "Grade A: trial or official statistic. B: matched comparison. C: before and after, or local report. D: opinion "
        "or vendor. Derived: arithmetic on figures of grade A to C. Fitted: moved to meet the targets above. "
        "Assumption: our own.",
        "",
        *_parameters(scenario),
        "",
    ]
    return "\n".join(parts)


def calibrated() -> Scenario:
    """The system as it is calibrated: a year, ten times over."""
    return load_scenario(["system=england_average", "run.days=365", "run.replications=10"])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the system and write the page; the first argument is the file, docs/calibration.md if left out."""
    args = list(sys.argv[1:] if argv is None else argv)
    scenario = calibrated()
    results = replicate(scenario)
    Path(args[0] if args else "docs/calibration.md").write_text(page(scenario, results), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
