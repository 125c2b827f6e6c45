"""How it goes over time: beds occupied against beds open, and people who wait to leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dischargesim.report.blocks import Chart, Column, Paragraph, Section, Table
from dischargesim.report.chart_style import (
    DARK_GREY,
    DATES,
    LOOKS,
    MOST_BANDS,
    MOST_SERIES,
    Look,
    axis,
    band,
    empty_figure,
    line,
)
from dischargesim.report.material import Material, Option
from dischargesim.report.sections.words import (
    brief,
    estimate_text,
    held,
    left_out_note,
    most_telling,
    no_interval_note,
    sentences,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Floats = NDArray[np.float64]

FEWEST_WEEKS = 8
"""Counted weeks from which on a chart shows means of weeks and not each day."""
MOST_MEANS = 160
"""Means along a line; of longer runs, several weeks are taken together."""
_CAPACITY = Look(DARK_GREY, "solid", "", "")


@dataclass(frozen=True, slots=True)
class Course:
    """A daily series, taken together so that the days of the week do not show.

    Attributes
    ----------
    days : int
        Taken together in each mean.
    left_out : int
        Days at the end that make no whole mean.
    starts : list of str
        First day of each, as year, month and day.
    mean, lower, upper : ndarray of float64
        The ends are the means of the daily ends. The interval of a mean of days is no wider than that.
    """

    days: int
    left_out: int
    starts: list[str]
    mean: Floats
    lower: Floats
    upper: Floats


def course(option: Option, measure: str, group: str = "all") -> Course | None:
    """A daily series of an option as charts show it; None where it has none.

    Parameters
    ----------
    option : Option
    measure, group : str
        As in the daily series.
    """
    table = option.daily
    here = table[(table["measure"] == measure) & (table["group"] == group)]
    ends = [here[name].to_numpy(dtype=np.float64) for name in ("mean", "lower", "upper")]
    if not here.size or not np.isfinite(ends[0]).any():
        return None
    together = _together(len(here))
    count = len(here) // together
    first = date.fromisoformat(str(here["date"].iloc[0])[:10])
    starts = [(first + timedelta(days=place * together)).isoformat() for place in range(count)]
    means = (end[: count * together].reshape(count, together).mean(axis=1) for end in ends)
    return Course(together, len(here) - count * together, starts, *means)


def _together(days: int) -> int:
    weeks = days // 7
    return 1 if weeks < FEWEST_WEEKS else 7 * (1 + (weeks - 1) // MOST_MEANS)


def over_time(material: Material) -> Section | None:
    """The section on occupancy and on people who wait to leave, day by day.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section or None
        None where there are no acute beds.
    """
    options, others = most_telling(material, MOST_SERIES)
    charts = [chart for chart in (_occupancy(material, options), _waiting(material, options)) if chart is not None]
    if not charts:
        return None
    note = left_out_note(others, len(options) - 1)
    return Section("over_time", "Over time", (*([Paragraph(note)] if note else []), *charts))


def _waiting(material: Material, options: Sequence[Option]) -> Chart | None:
    measure = "daily_nctr_remaining"
    found = [(option, one) for option in options if (one := course(option, measure)) is not None]
    mean = material.baseline.figure("nctr_remaining")
    if not found or mean is None or material.baseline.figure("beds_occupied") is None:
        return None
    figure = empty_figure(
        300,
        len(found),
        xaxis=DATES,
        yaxis=axis("People ready to leave and still in", rangemode="tozero"),
    )
    _draw(figure, found, "people")
    return Chart(
        "nctr_over_time",
        f"On an average day {estimate_text(mean, 'people')} are ready to leave and still in hospital",
        sentences(
            f"People ready to leave and still in hospital at the end of the day, {_means(found[0][1])}; "
            f"{brief(material.baseline.label)} has {estimate_text(mean, 'people')} on average.",
            *_differences(material, "nctr_remaining", found),
            _bands(found),
            no_interval_note(options),
        ),
        figure,
        _table("nctr_over_time_data", "People ready to leave and still in hospital", "people", found),
    )


def _occupancy(material: Material, options: Sequence[Option]) -> Chart | None:
    """Beds occupied against beds open; as a share of them where options differ in what is open."""
    found = [(option, one) for option in options if (one := course(option, "daily_beds_occupied")) is not None]
    share = material.baseline.figure("bed_occupancy")
    beds = material.baseline.figure("beds_occupied")
    if not found or beds is None:
        return None
    beds_open = [course(option, "daily_beds_open") for option, _ in found]
    capacity, limited = beds_open[0], [one for one in beds_open if one is not None]
    differ = len(limited) == len(found) and any(not np.array_equal(one.mean, limited[0].mean) for one in limited)
    unit = "%" if differ else "beds"
    if differ:
        found = [(option, _as_share(one, of)) for (option, one), of in zip(found, limited, strict=True)]
        capacity = replace(limited[0], mean=np.full_like(limited[0].mean, 100.0))
    figure = empty_figure(
        300,
        len(found) + (capacity is not None),
        xaxis=DATES,
        yaxis=axis("Acute beds occupied (% of those open)" if differ else "Acute beds"),
    )
    _draw(figure, found, "% of beds open" if differ else "beds occupied")
    if capacity is not None:
        hover = f"%{{x|%d %b %Y}}: %{{y:,.1f}} {unit} open"
        steps = line(_CAPACITY, capacity.starts, capacity.mean, "Beds open", hover)
        figure.add_trace(steps | {"line": {"color": _CAPACITY.colour, "width": 1.5, "shape": "hv"}})
    said = f"{estimate_text(share, 'share')} of the acute beds open" if share else estimate_text(beds, "acute beds")
    against = "as a share of the beds open, in which the options differ" if differ else "against the beds open"
    return Chart(
        "occupancy_over_time",
        f"On average {said} are occupied",
        sentences(
            f"Acute beds occupied at the end of the day, {_means(found[0][1])}, {against} (escalation and winter beds "
            f"included); {brief(material.baseline.label)}: {said}. The scale need not begin at 0.",
            *_differences(material, "bed_occupancy", found),
            _bands(found),
            no_interval_note(options),
        ),
        figure,
        _table(
            "occupancy_over_time_data",
            "Acute beds occupied, as a share of those open" if differ else "Acute beds occupied, and open",
            unit,
            found,
            [(option, one) for (option, _), one in zip(found, beds_open, strict=True) if one is not None],
        ),
    )


def _as_share(occupied: Course, beds_open: Course) -> Course:
    """Beds occupied in percent of those open."""
    share = 100 / np.where(beds_open.mean > 0, beds_open.mean, np.nan)
    return replace(occupied, mean=share * occupied.mean, lower=share * occupied.lower, upper=share * occupied.upper)


def _draw(figure: Figure, found: Sequence[tuple[Option, Course]], unit: str) -> None:
    banded = found if len(found) <= MOST_BANDS else found[:1]
    bands = [trace for look, (_, one) in zip(LOOKS, banded, strict=False) for trace in _band(look, one)]
    figure.add_traces(bands)
    for look, (option, one) in zip(LOOKS, found, strict=False):
        hover = f"%{{x|%d %b %Y}}: %{{y:,.1f}} {unit}"
        figure.add_trace(line(look, one.starts, one.mean, option.label, hover))


def _band(look: Look, one: Course) -> list[dict[str, object]]:
    return band(look, one.starts, one.lower.tolist(), one.upper.tolist())


def _means(one: Course) -> str:
    if one.days == 1:
        return "day by day"
    weeks = one.days // 7
    return "mean of each week" if weeks == 1 else f"means of {weeks} weeks each"


def _bands(found: Sequence[tuple[Option, Course]]) -> str:
    if not any(np.isfinite(one.lower).any() for _, one in found):
        return ""
    kind = "" if found[0][1].days == 1 else ", averaged over the days taken together: no narrower than theirs would be"
    whose = "Bands are" if len(found) <= MOST_BANDS else f"The band, that of {brief(found[0][0].label)}, is"
    kind = kind if len(found) <= MOST_BANDS else f"{kind}; those of the options are in the table"
    return f"{whose} the 95% interval of the mean of a day over the replications{kind}."


def _differences(material: Material, measure: str, found: Sequence[tuple[Option, Course]]) -> Iterable[str]:
    shown = {option.label for option, _ in found}
    return (f"{brief(one.option)}: {one.told}." for one in held(material, measure) if one.option in shown)


def _table(
    name: str,
    title: str,
    unit: str,
    found: Sequence[tuple[Option, Course]],
    capacity: Sequence[tuple[Option, Course]] = (),
) -> Table:
    columns = [Column("From")]
    cells: list[Sequence[str | float]] = [found[0][1].starts]
    for option, one in found:
        columns += [Column(option.label, unit, 1), Column("from", unit, 1), Column("to", unit, 1)]
        cells += [one.mean.tolist(), one.lower.tolist(), one.upper.tolist()]
    for option, one in capacity:
        columns.append(Column(f"Open, {brief(option.label)}", "beds", 1))
        cells.append(one.mean.tolist())
    one = found[0][1]
    left = f" Days at the end that make no whole row ({one.left_out}) are left out." if one.left_out else ""
    note = f"A row each {one.days} days, with their mean; every day is in the results' daily series.{left}"
    return Table(
        name,
        title,
        tuple(columns),
        tuple(zip(*cells, strict=True)),
        note if one.days > 1 else "From and to are the ends of the 95% interval.",
    )
