"""Whether the run is long enough and repeated often enough: warm-up, precision, and what pairing is worth."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from dischargesim.experiment.compare import Figures
from dischargesim.experiment.growth import FEWEST_RUNS
from dischargesim.experiment.moments import LEVEL, half_widths
from dischargesim.experiment.precision import FEWEST, replications_needed
from dischargesim.experiment.warm_up import FEWEST_DAYS, welch
from dischargesim.measures.daily import DAILY
from dischargesim.report.blocks import Block, Chart, Column, Section, Table
from dischargesim.report.chart_style import (
    DARK_GREY,
    DARK_PINK,
    DATES,
    LOOKS,
    MID_GREY,
    Rows,
    axis,
    bars,
    empty_figure,
    line,
    rounded,
    series,
)
from dischargesim.report.material import Material
from dischargesim.report.sections.utilisation import title_of
from dischargesim.report.sections.words import (
    HEADLINE,
    TITLES,
    brief,
    estimate_text,
    held,
    listed,
    lower_first,
    measure_unit,
    most_telling,
    number,
    replications,
    sentences,
    whole,
)

Floats = NDArray[np.float64]

WELCH_DAYS = 14
"""Days on either side of Welch's moving average: whole weeks, so that the days of the week do not show."""
MOST_DAYS = 1100
"""Days that Welch's plot shows, from the first: settling is at the beginning."""
PRECISE = 0.05
"""Half-width as a share of the mean up to which a measure is called precise. A custom, and no law."""
_SERIES = {one.name: one.title for one in DAILY}
_ANSWERS = {
    "settled": "settled",
    "too_short": "warm-up too short",
    "grows": "goes on growing",
    "too_few_days": "too little to tell",
}


def checks(material: Material) -> Section | None:
    """The section on warm-up, precision and pairing.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section or None
        None where nothing can be checked.
    """
    blocks: list[Block] = [block for block in (_welch(material), _answers(material)) if block is not None]
    # Read once: it may be hundreds of batches.
    figures = material.baseline.contender.figures()
    more = (_precision(material, figures), _narrowing(material, figures), _pairing(material))
    blocks += [block for block in more if block is not None]
    return Section("checks", "Warm-up and precision", tuple(blocks)) if blocks else None


def _welch(material: Material) -> Chart | None:
    """Welch's plot of the people who wait to leave, or of the beds in use where there are none."""
    option = material.baseline
    for measure in ("daily_nctr_remaining", "daily_beds_occupied"):
        table = option.daily
        here = table[(table["measure"] == measure) & (table["group"] == "all")]
        mean = here["mean"].to_numpy(dtype=np.float64)
        if mean.size and np.isfinite(mean).all() and mean.any():
            break
    else:
        return None
    window = min(WELCH_DAYS, (mean.size - 1) // 4)
    smooth = welch(mean, window)[:MOST_DAYS]
    shown = mean[:MOST_DAYS]
    first = date.fromisoformat(str(here["date"].iloc[0])[:10])
    days = [(first + timedelta(days=day)).isoformat() for day in range(shown.size)]
    further, said = _further(material, measure)
    title, warm_up = lower_first(_SERIES[measure]), option.scenario.run.warm_up_days
    figure = empty_figure(280, 2, xaxis=dict(DATES), yaxis=axis(f"People{'' if 'nctr' in measure else ' in beds'}"))
    figure.add_scatter(
        x=days,
        y=series(shown),
        mode="lines",
        name="Mean of each day over the replications",
        line={"color": MID_GREY, "width": 1, "dash": "dot"},
        hovertemplate="%{x|%-d %b %Y}: %{y:,.1f}<extra></extra>",
    )
    name = f"Moving average over {2 * window + 1} days"
    figure.add_trace(line(LOOKS[0], days[: smooth.size], smooth, name, "%{x|%-d %b %Y}: %{y:,.1f}"))
    if further:
        figure.add_vline(x=days[min(further, shown.size) - 1], line={"color": DARK_PINK, "width": 2, "dash": "dash"})
    return Chart(
        "warm_up",
        f"Warm-up of {warm_up} days: {said}",
        sentences(
            f"Welch's plot of {title}, {brief(option.label)}. The {warm_up} days of warm-up were dropped as they were "
            "run and are not stored: the curve begins with the first counted day, and a warm-up that was cut too short "
            "shows as a trend at its beginning.",
            f"The dashed line marks the {further} further days that should have been dropped." if further else "",
            f"Shown are the first {MOST_DAYS:,} days." if mean.size > MOST_DAYS else "",
        ),
        figure,
        Table(
            "warm_up_data",
            f"Mean and moving average, first day of each week: {title}",
            (Column("Day"), Column("Mean of the day", "people", 1), Column(name, "people", 1)),
            tuple(
                (days[day], float(shown[day]), float(smooth[day]) if day < smooth.size else None)
                for day in range(0, shown.size, 7)
            ),
            "A row a week; every day is in the results' daily series. The average ends where there are no more days "
            "after it to average over.",
        ),
    )


def _further(material: Material, measure: str) -> tuple[int, str]:
    """Further days that should have been dropped for a series, and what is to be said of it."""
    table = material.warm_up
    here = table[
        (table["option"] == material.baseline.label) & (table["measure"] == measure) & (table["group"] == "all")
    ]
    if here.empty:
        return 0, "not judged"
    row = here.iloc[0]
    if replications(material.baseline) < FEWEST_RUNS:
        return 0, f"too few replications to tell (at least {FEWEST_RUNS})"
    days = row["further_days"]
    known = days == days and days is not None and str(days) not in ("", "<NA>")
    season = ", or it is the season" if _or_season(row.get("or_season")) else ""
    if row["answer"] == "too_short":
        return (
            (int(days), f"too short by {int(days)} days{season}") if known and int(days) else (0, f"too short{season}")
        )
    said = {
        "settled": "the first counted days are like the rest",
        "grows": f"no warm-up would do, the numbers go on growing{season}",
        "too_few_days": f"too few days to tell (at least {FEWEST_DAYS})",
    }
    return 0, said.get(str(row["answer"]), "not judged")


def _or_season(said: object) -> bool:
    """Whether it may be the season, as a table says; that of an earlier version does not."""
    return str(said) == "True"


def _answers(material: Material) -> Table | None:
    """What MSER-5 and the growth of each series say, for the baseline and whatever is not settled elsewhere."""
    table = material.warm_up
    if table.empty:
        return None
    keep = (table["option"] == material.baseline.label) | table["answer"].isin(["too_short", "grows"])
    rows = []
    for row in table[keep].to_dict("records")[:300]:
        kind, _, name = str(row["group"]).partition("=")
        where = title_of(material.baseline.scenario, kind, name) if kind == "setting" else "All"
        days = row["further_days"]
        further = int(days) if days == days and str(days) not in ("", "<NA>", "None") else None
        rows.append(
            (
                _SERIES.get(str(row["measure"]), str(row["measure"])),
                where,
                str(row["option"]),
                _ANSWERS.get(str(row["answer"]), str(row["answer"]))
                + ", or the season" * _or_season(row.get("or_season")),
                further,
                float(row["at_first"]),
                float(row["later"]),
            )
        )
    return Table(
        "warm_up_answers",
        "Whether each series had settled (MSER-5 and growth)",
        (
            Column("Series"),
            Column("Where"),
            Column("Option"),
            Column("Answer"),
            Column("Further days to drop", "days", 0),
            Column("At first", "people", 1),
            Column("Later", "people", 1),
        ),
        tuple(rows),
        f"The series of {brief(material.baseline.label)}, and those of options that have not settled.",
    )


def _precision(material: Material, figures: Figures) -> Chart | None:
    """Half-widths of the main measures beside their means."""
    option = material.baseline
    runs = replications(option)
    if runs < 2:
        return None
    found = []
    for measure in HEADLINE:
        one = option.figure(measure)
        if one is None or not one.mean or not math.isfinite(one.upper):
            continue
        half, spread = _half(figures, measure)
        target = PRECISE * abs(one.mean)
        needed = max(FEWEST, replications_needed(spread, target)) if spread else runs
        found.append((measure, half / abs(one.mean), half, needed, one))
    if not found:
        return None
    found.sort(key=lambda row: -row[1])
    labels = [TITLES[measure] for measure, *_ in found]
    rows = Rows(labels, values=[f"{number(100 * share)}%" for _, share, *_ in found])
    figure = rows.figure("Half-width of the 95% interval (% of the mean)", xaxis={"rangemode": "tozero"})
    said = [
        f"{label}: half-width {number(100 * share)}% of the mean"
        for label, (_, share, *_) in zip(labels, found, strict=True)
    ]
    figure.add_trace(bars(LOOKS[0], [100 * share for _, share, *_ in found], rows.at(), said))
    figure.add_vline(x=100 * PRECISE, line={"color": DARK_GREY, "width": 1.5, "dash": "dash"})
    wide = [TITLES[measure] for measure, share, *_ in found if share > PRECISE]
    per_cent = f"{100 * PRECISE:g}%"
    return Chart(
        "precision",
        f"{len(wide)} of {len(found)} main measures are less precise than {per_cent} of their mean after {runs} "
        f"replications"
        if wide
        else f"All {len(found)} main measures are known to {per_cent} of their mean or better after {runs} "
        f"replications",
        sentences(
            f"Half of the width of each 95% interval as a share of the mean, {brief(option.label)}; the dashed line is "
            f"{per_cent}, a custom and no law.",
            f"Wider: {listed([lower_first(name) for name in wide], 9)}." if wide else "",
            "Differences between options on the same people are mostly more precise than this.",
        ),
        figure,
        Table(
            "precision_data",
            f"Precision of the main measures: {brief(option.label)}",
            (
                Column("Measure"),
                Column("Unit"),
                Column("Mean"),
                Column("Half-width"),
                Column("Half-width", "% of the mean", 1),
                Column(f"Replications for {per_cent} of the mean", digits=0),
            ),
            tuple(
                (TITLES[measure], *_as_shown(measure_unit(option, measure), one.mean, half), 100 * share, needed)
                for measure, share, half, needed, one in found
            ),
            f"Replications by the spread of the {runs} there are, as information: at least {FEWEST}.",
        ),
    )


def _as_shown(unit: str, mean: float, half: float) -> tuple[str, float, float]:
    factor, shown = whole(unit)
    return shown, factor * mean, factor * half


def _values(figures: Figures, measure: str) -> Floats:
    """A measure in each replication of the baseline, where it is defined, in their order."""
    column = next(at for at, row in enumerate(figures.rows) if row.measure == measure and row.group == "all")
    values: Floats = figures.values[np.argsort(figures.replication, kind="stable"), column]
    return values[np.isfinite(values)]


def _half(figures: Figures, measure: str) -> tuple[float, float]:
    """Half of the interval's width, not ended where figures end, and the spread between replications."""
    values = _values(figures, measure)
    half = float(half_widths(values[:, None], LEVEL)[1][0])
    return half, float(values.std(ddof=1))


def _narrowing(material: Material, figures: Figures) -> Chart | None:
    """How the interval of the first main measure narrows as replications come in."""
    option = material.baseline
    measure = next((name for name in HEADLINE if (one := option.figure(name)) is not None and one.mean), None)
    if measure is None or replications(option) < 3:
        return None
    values = _values(figures, measure)
    counts = list(range(2, values.size + 1))
    if len(counts) < 2:
        return None
    half = [float(half_widths(values[:count, None], LEVEL)[1][0]) for count in counts]
    means = [float(values[:count].mean()) for count in counts]
    factor, unit = whole(measure_unit(option, measure))
    figure = empty_figure(
        280, xaxis=axis("Replications", nticks=8, tickformat=",d"), yaxis=axis(f"Mean, with its interval ({unit})")
    )
    figure.add_scatter(
        x=counts,
        y=series(factor * mean for mean in means),
        mode="lines+markers",
        line={"color": LOOKS[0].colour, "width": 2},
        marker={"size": 6},
        error_y={
            "type": "data",
            "array": series(factor * one for one in half),
            "color": MID_GREY,
            "thickness": 1.2,
            "width": 0 if len(counts) > 40 else 3,
        },
        hovertemplate="%{x} replications: %{y:,.4~g} ± %{error_y.array:,.3~g}<extra></extra>",
    )
    # The interval from two replications is as wide as it likes, and would press all others together.
    third = half[1]
    low, high = (
        min(m - min(h, third) for m, h in zip(means, half, strict=True)),
        max(m + min(h, third) for m, h in zip(means, half, strict=True)),
    )
    figure.update_yaxes(
        range=[rounded(factor * (low - 0.05 * (high - low))), rounded(factor * (high + 0.05 * (high - low)))]
    )
    final = option.figure(measure)
    said = estimate_text(final, measure_unit(option, measure)) if final else ""
    return Chart(
        "narrowing",
        f"After {values.size} replications {lower_first(TITLES[measure])}: {said}",
        f"Mean of {lower_first(TITLES[measure])} and its 95% interval over the first so many replications, "
        f"{brief(option.label)}: "
        f"half-width {number(factor * half[1])} after three, {number(factor * half[-1])} after {values.size}. "
        "It falls with the square root of their number.",
        figure,
        Table(
            "narrowing_data",
            f"Mean and half-width by number of replications: {lower_first(TITLES[measure])}",
            (Column("Replications", digits=0), Column("Mean", unit), Column("Half-width", unit)),
            tuple((count, factor * mean, factor * one) for count, mean, one in zip(counts, means, half, strict=True)),
        ),
    )


def _pairing(material: Material) -> Table | None:
    """How many times as many replications the same certainty would take without the same people."""
    options, _ = most_telling(material, 9)
    labels = [option.label for option in options[1:]]
    rows = []
    for measure in HEADLINE:
        found = {one.option: one for one in held(material, measure)}
        cells = [_times(found[label].variance_reduction) if label in found else None for label in labels]
        if any(cell is not None for cell in cells):
            rows.append((TITLES[measure], *cells))
    if not labels or not rows:
        return None
    return Table(
        "pairing",
        "What comparing on the same people is worth: times as many replications without it",
        (Column("Measure"), *(Column(label, "times", 1) for label in labels)),
        tuple(rows),
        "Variance of the difference without pairing over that with it; below 1 pairing does harm. Empty where nothing "
        "differs between replications.",
    )


def _times(reduction: float) -> float | None:
    return reduction if math.isfinite(reduction) else None
