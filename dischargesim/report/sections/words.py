"""Figures in words: what the findings and summaries of the charts are written with, and no claim beyond an interval."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dischargesim.experiment.compare import NO_DIFFERENCE, NOT_CLEAR, TOO_FEW
from dischargesim.measures.catalogue import MEASURES
from dischargesim.report.blocks import Column
from dischargesim.report.chart_style import shortened
from dischargesim.report.material import Estimate, Material, Option

MINUS = "\N{MINUS SIGN}"
TITLES = {measure.name: measure.title for measure in MEASURES}
BETTER = {measure.name: measure.better for measure in MEASURES}

BRIEF = 60
"""Characters of a name in a title or a sentence."""

HEADLINE = (
    "nctr_remaining",
    "nctr_bed_days_lost",
    "nctr_mean_delay",
    "dtoc_beds",
    "bed_occupancy",
    "bed_wait_over_4_hours",
    "cancellations",
    "avoided_net",
)
"""Measures that the charts are about, in their order."""


def whole(unit: str) -> tuple[float, str]:
    """Factor and unit that a measure is shown with: shares as percent."""
    return (100.0, "%") if unit == "share" else (1.0, unit)


def decimals(size: float) -> int:
    """Decimals of a number of that size, for about three figures."""
    size = abs(size)
    if size >= 1000 or size == 0:
        return 0
    if size >= 10:
        return 1
    return 2 if size >= 0.095 else min(1 - math.floor(math.log10(size)), 6)


def number(value: float, like: float | None = None) -> str:
    """A number as people write it, with the decimals of one of the size of `like`."""
    if not math.isfinite(value):
        return "no figure"
    text = f"{value:,.{decimals(value if like is None else like)}f}"
    return (text.lstrip("-") if not text.strip("-0.,") else text).replace("-", MINUS)


def of_unit(text: str, unit: str) -> str:
    """A number in words with its unit."""
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}"


def difference_unit(unit: str) -> str:
    """Unit of the difference of two figures."""
    return "percentage points" if unit == "%" else unit


def span(lower: float, upper: float, like: float) -> str:
    """An interval in words; that there is none, where it is so."""
    if not (math.isfinite(lower) and math.isfinite(upper)):
        return "no interval"
    return f"{number(lower, like)} to {number(upper, like)}"


def scaled(estimate: Estimate, factor: float) -> Estimate:
    """A figure in another unit."""
    mean, lower, upper, count = estimate
    return Estimate(factor * mean, factor * lower, factor * upper, count)


def estimate_text(estimate: Estimate, unit: str) -> str:
    """A figure with its unit and interval, such as ``112.3 people (105.1 to 119.5)``."""
    factor, shown = whole(unit)
    mean, lower, upper, _ = scaled(estimate, factor)
    return f"{of_unit(number(mean), shown)} ({span(lower, upper, mean)})"


def measure_unit(option: Option, measure: str) -> str:
    """Unit of a measure as the results have it."""
    found = option.measures.loc[option.measures["measure"] == measure, "unit"]
    return str(found.iloc[0]) if len(found) else ""


def brief(name: str) -> str:
    """A name that somebody else typed, as it stands in a title or a sentence; tables have it whole."""
    return shortened(name, BRIEF)


def lower_first(text: str) -> str:
    """A title in the middle of a sentence."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def listed(names: Sequence[str], most: int = 4) -> str:
    """Names in a sentence, the rest counted; apart by semicolons where there is a comma in a name."""
    between = "; " if any("," in name for name in names) else ", "
    if len(names) > most:
        return f"{between.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [between.join(names[:-1]), *names[-1:]]))


@dataclass(frozen=True, slots=True)
class Held:
    """A measure of an option held against the baseline, in the unit it is shown with.

    Attributes
    ----------
    option, measure, unit, verdict : str
        `verdict` as `compare.verdicts` gives it.
    baseline, mean : float
        Of the pairs of replications.
    difference, lower, upper : float
        The option less the baseline, with its 95% interval.
    pairs : int
    variance_reduction : float
    """

    option: str
    measure: str
    unit: str
    verdict: str
    baseline: float
    mean: float
    difference: float
    lower: float
    upper: float
    pairs: int
    variance_reduction: float

    @property
    def clear(self) -> bool:
        """There is a difference that chance does not explain: the interval leaves out 0, and the verdict says so."""
        return self.verdict not in (NO_DIFFERENCE, NOT_CLEAR, TOO_FEW) and (self.lower > 0 or self.upper < 0)

    @property
    def told(self) -> str:
        """The difference in words, such as ``lower by 3.0 people (1.5 to 4.6)``; no more than the interval carries."""
        if self.verdict == NO_DIFFERENCE:
            return "no difference"
        unit = difference_unit(self.unit)
        if not self.clear:
            ends = span(self.lower, self.upper, self.difference)
            return f"{self.verdict} ({of_unit(number(self.difference), unit)}; {ends})"
        low, high = sorted((abs(self.lower), abs(self.upper)))
        way = "lower" if self.upper < 0 else "higher"
        size = abs(self.difference)
        return f"{way} by {of_unit(number(size), unit)} ({span(low, high, size)})"


def held(material: Material, measure: str, group: str = "all") -> list[Held]:
    """All options held against the baseline in a measure, in the order of their rank.

    Parameters
    ----------
    material : Material
    measure, group : str

    Returns
    -------
    list of Held
        Empty where there is no comparison, or none has the measure. Options without a rank come last.
    """
    table = material.comparison
    if table is None:
        return []
    here = table[
        (table["measure"] == measure) & (table["group"] == group) & (table["baseline"] == material.baseline.label)
    ]
    found = []
    for row in here.to_dict("records"):
        factor, unit = whole(str(row["unit"]))
        found.append(
            Held(
                str(row["option"]),
                measure,
                unit,
                str(row["verdict"]),
                baseline=factor * float(row["baseline_mean"]),
                mean=factor * float(row["option_mean"]),
                difference=factor * float(row["difference"]),
                lower=factor * float(row["lower"]),
                upper=factor * float(row["upper"]),
                pairs=int(row["pairs"]),
                variance_reduction=float(row["variance_reduction"]),
            )
        )
    place = {label: at for at, label in enumerate(by_rank(material))}
    return sorted(found, key=lambda one: place.get(one.option, len(place)))


def by_rank(material: Material) -> list[str]:
    """Labels of the options, the best by the ranking first, without the baseline."""
    labels = [option.label for option in material.options[1:]]
    if material.ranking is None:
        return labels
    place = {str(label): at for at, label in enumerate(material.ranking["option"])}
    return sorted(labels, key=lambda label: place.get(label, len(place)))


def most_telling(material: Material, most: int) -> tuple[list[Option], int]:
    """The baseline and the options that rank best, and how many others there are."""
    first = by_rank(material)[: most - 1]
    options = {option.label: option for option in material.options}
    chosen = [material.baseline, *(options[label] for label in first)]
    return chosen, len(material.options) - len(chosen)


def left_out_note(number_left_out: int, shown: int) -> str:
    """A sentence on options that a chart leaves out; empty where there are none."""
    if not number_left_out:
        return ""
    return f"Shown are the {shown} options that rank best; {number_left_out} more are in the results' comparison.csv."


def days_note(material: Material) -> str:
    """What is counted: days, replications, and whose."""
    scenario, runs = material.baseline.scenario, replications(material.baseline)
    mean = f"means over {runs} replications" if runs > 1 else "a single replication"
    return f"{scenario.run.days:,} counted days; {mean}."


def replications(option: Option) -> int:
    """How many replications of an option count."""
    return int(option.contender.point.replications)


def no_interval_note(options: Iterable[Option]) -> str:
    """A sentence that says that there are no intervals, where that is so."""
    single = any(replications(option) < 2 for option in options)
    return (
        "From a single replication there are no intervals, and chance cannot be told from a finding." if single else ""
    )


def sentences(*parts: str) -> str:
    """Those that say something, one after the other."""
    return " ".join(part for part in parts if part)


def interval_columns(title: str, unit: str, digits: int | None = None) -> tuple[Column, Column, Column]:
    """Columns of a mean and both ends of its interval."""
    return (
        Column(title, unit, digits),
        Column("95% interval, from", unit, digits),
        Column("95% interval, to", unit, digits),
    )
