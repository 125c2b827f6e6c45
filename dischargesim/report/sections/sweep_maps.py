"""Sweeps over capacities and other numbers: a curve along one axis, a map over two."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dischargesim.report.blocks import Chart, Column, Paragraph, Section, Table
from dischargesim.report.chart_style import (
    BLUES,
    LOOKS,
    MOST_BANDS,
    MOST_SERIES,
    TEXT,
    axis,
    band,
    empty_figure,
    line,
    literal,
    rounded,
    series,
    shortened,
)
from dischargesim.report.material import Estimate, Material, Option
from dischargesim.report.sections.words import (
    TITLES,
    brief,
    held,
    interval_columns,
    listed,
    lower_first,
    measure_unit,
    no_interval_note,
    number,
    of_unit,
    scaled,
    sentences,
    span,
    whole,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MAPPED = ("nctr_remaining", "dtoc_beds", "bed_occupancy", "bed_wait_over_4_hours", "cancellations", "avoided_net")
"""Measures that are drawn, where they vary."""
MOST_WRITTEN = 8
"""Columns of a map up to which its values fit into the cells on a telephone."""
FEWEST_VALUES = 2
DARK = 0.66
"""Share of the scale of colours from which on white letters read better than black ones."""


def sweep_maps(material: Material) -> Section | None:
    """The section on what a sweep over numbers shows.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section or None
        None where nothing that is a number varies.
    """
    axes = {name: values for name, values in material.axes.items() if _are_numbers(values)}
    if not axes:
        return None
    # Those with the most values; of equals, those named first.
    drawn = sorted(axes, key=lambda name: -len(axes[name]))[:2]
    # Beside a single axis, what else varies can be a curve each, if it is one thing with a few values.
    others = list(_fixed(material, drawn))
    lines = others if len(drawn) == len(others) == 1 and len(material.axes[others[0]]) <= MOST_SERIES else []
    seen = [*drawn, *lines]
    options = _one_each([option for option in material.options if _held(material, option, seen)], seen)
    blocks = [Paragraph(_about(material, seen))] if _fixed(material, seen) else []
    charts = list(_maps(material, options, drawn) if len(drawn) == 2 else _curves(material, options, *seen))
    return Section("sweep_maps", "What the sweep shows", (*blocks, *charts)) if charts else None


def _are_numbers(values: Sequence[str]) -> bool:
    try:
        return all(math.isfinite(float(value)) for value in values)
    except ValueError:
        return False


def _fixed(material: Material, drawn: Sequence[str]) -> dict[str, str]:
    """What else varies, and its value in the baseline."""
    varied = material.baseline.contender.point.varied
    return {name: varied[name] for name in material.axes if name not in drawn and name in varied}


def _held(material: Material, option: Option, drawn: Sequence[str]) -> bool:
    """Whether a point has all that is drawn, and is as the baseline in what is not."""
    varied = option.contender.point.varied
    fixed = _fixed(material, drawn)
    return all(name in varied for name in drawn) and all(varied.get(name) == value for name, value in fixed.items())


def _one_each(options: Sequence[Option], drawn: Sequence[str]) -> list[Option]:
    """The first of those that are at the same point, as when two sweeps are reported together."""
    found: dict[tuple[str, ...], Option] = {}
    for option in options:
        found.setdefault(tuple(option.contender.point.varied[name] for name in drawn), option)
    return list(found.values())


def _about(material: Material, drawn: Sequence[str]) -> str:
    fixed = listed([f"{_title(material, name)} at {value}" for name, value in _fixed(material, drawn).items()], 9)
    return f"More varies than can be drawn. What is not drawn is held as in the baseline: {fixed}."


def _part(material: Material, path: str) -> tuple[str, str]:
    """An axis in words: the title of the setting or team that a path names, and its unit."""
    part, _, rest = path.partition(".")
    name, _, field = rest.partition(".")
    scenario = material.baseline.scenario
    if part == "settings" and name in scenario.settings and field == "capacity":
        setting = scenario.settings[name]
        return setting.title, setting.unit_name
    if part == "teams" and name in scenario.teams and field == "staff":
        return scenario.teams[name].title, "staff on duty"
    return path, ""


def _title(material: Material, path: str) -> str:
    return lower_first(_part(material, path)[0])


def _axis_name(material: Material, path: str) -> str:
    title, unit = _part(material, path)
    return f"{title} ({unit})" if unit else title


def _measured(material: Material, options: Sequence[Option]) -> Iterator[tuple[str, str, list[Estimate]]]:
    """Measures that all points have and that are not the same everywhere, in the unit they are shown with."""
    for measure in MAPPED:
        found = [option.figure(measure) for option in options]
        factor, unit = whole(measure_unit(material.baseline, measure))
        known = [scaled(one, factor) for one in found if one is not None]
        if len(known) == len(options) and len({rounded(one.mean) for one in known}) > 1:
            yield measure, unit, known


def _finding(material: Material, options: Sequence[Option], measure: str, unit: str, found: Sequence[Estimate]) -> str:
    """Between what the means lie, and where they are clearly others than in the baseline."""
    low, high = min(one.mean for one in found), max(one.mean for one in found)
    between = f"{TITLES[measure]}: {number(low)} to {of_unit(number(high), unit)} over the sweep"
    labels = {option.label for option in options}
    those = [one for one in held(material, measure) if one.option in labels]
    if not those or all(one.pairs < 2 for one in those):
        return f"{between}; what of it is chance is not known"
    clear = sum(1 for one in those if one.clear)
    points = f"{len(those)} other points"
    if not clear:
        return f"{between}; at none of {points} a clear difference from the baseline"
    return f"{between}; clearly different from the baseline at {clear} of {points}"


def _curves(material: Material, options: Sequence[Option], path: str, lines: str = "") -> Iterator[Chart]:
    """A curve along an axis, or one for each value of what `lines` names, that of the baseline first."""
    name, (part, part_unit) = _title(material, path), _part(material, path)
    base = material.baseline.contender.point.varied
    ordered = sorted(options, key=lambda option: (_line(option, lines) != base.get(lines, ""), _at_value(option, path)))
    if len({_at_value(option, path) for option in ordered}) < FEWEST_VALUES:
        return
    for measure, unit, found in _measured(material, ordered):
        title = TITLES[measure]
        curves: dict[str, list[tuple[float, Estimate]]] = {}
        for option, one in zip(ordered, found, strict=True):
            curves.setdefault(_line(option, lines), []).append((_at_value(option, path), one))
        banded = curves if len(curves) <= MOST_BANDS else list(curves)[:1]
        whose = "each" if len(curves) <= MOST_BANDS else f"each of {brief(next(iter(curves)))}"
        yield Chart(
            f"curve_{measure}",
            _finding(material, options, measure, unit, found),
            sentences(
                f"{title} by {name}{f', a line for each {_title(material, lines)}' if lines else ''}. The baseline has "
                f"{base.get(path, 'its own')}{f' and {brief(base[lines])}' if lines else ''}.",
                f"The band is the 95% interval at {whose}; that of a difference on the same people is mostly narrower."
                if math.isfinite(found[0].lower)
                else no_interval_note(options),
                "The scale need not begin at 0.",
            ),
            _lines(curves, banded, axis(_axis_name(material, path)), axis(f"{shortened(title, 32)} ({unit})")),
            Table(
                f"curve_{measure}_data",
                f"{title} by {name}",
                (
                    *([Column(_title(material, lines).capitalize())] if lines else []),
                    Column(part, part_unit),
                    *interval_columns(title, unit),
                ),
                tuple(
                    (*([label] if lines else []), value, *one[:3]) for label, at in curves.items() for value, one in at
                ),
            ),
        )


def _line(option: Option, lines: str) -> str:
    return option.contender.point.varied.get(lines, "")


def _at_value(option: Option, path: str) -> float:
    return float(option.contender.point.varied[path])


def _lines(
    curves: Mapping[str, Sequence[tuple[float, Estimate]]],
    banded: Iterable[str],
    x_axis: dict[str, Any],
    y_axis: dict[str, Any],
) -> Figure:
    figure = empty_figure(300, len(curves) if len(curves) > 1 else 0, xaxis=x_axis, yaxis=y_axis)
    looks = dict(zip(curves, LOOKS, strict=False))
    for label in banded:
        x, (_, lowers, uppers) = _columns(curves[label])
        figure.add_traces(band(looks[label], x, lowers, uppers))
    for label, at in curves.items():
        x, (means, _, _) = _columns(at)
        marker = {"symbol": looks[label].symbol, "size": 8}
        hover = "%{x:,}: %{y:,.4~g}"
        figure.add_trace(line(looks[label], x, means, label, hover, mode="lines+markers", marker=marker))
    return figure


def _columns(at: Sequence[tuple[float, Estimate]]) -> tuple[list[float], list[list[float]]]:
    return [value for value, _ in at], [[one[end] for _, one in at] for end in range(3)]


def _maps(material: Material, options: Sequence[Option], drawn: Sequence[str]) -> Iterator[Chart]:
    # The longer axis runs downwards, where there is room.
    down, across = drawn
    names = [_title(material, path) for path in drawn]
    heads = [Column(*_part(material, path)) for path in drawn]
    downs, acrosses = (_values(options, path) for path in drawn)
    for measure, unit, found in _measured(material, options):
        where = {
            (option.contender.point.varied[down], option.contender.point.varied[across]): one
            for option, one in zip(options, found, strict=True)
        }
        low, high = min(found, key=lambda one: one.mean), max(found, key=lambda one: one.mean)
        title = TITLES[measure]
        about = f"{title} by {names[0]} and {names[1]}"
        figure = _heatmap(where, downs, acrosses, unit)
        figure.update_xaxes(axis(_axis_name(material, across)))
        figure.update_yaxes(axis(_axis_name(material, down)))
        yield Chart(
            f"map_{measure}",
            _finding(material, options, measure, unit, found),
            sentences(
                f"{about}, darker for more. Lowest mean {_at(where, low, names, unit)}; highest "
                f"{_at(where, high, names, unit)}.",
                "" if len(acrosses) <= MOST_WRITTEN else "The values are in the table.",
                no_interval_note(options),
            ),
            figure,
            Table(
                f"map_{measure}_data",
                about,
                (*heads, *interval_columns(title, unit)),
                tuple((float(a), float(b), *where[a, b][:3]) for a in downs for b in acrosses if (a, b) in where),
            ),
        )


def _values(options: Sequence[Option], path: str) -> list[str]:
    return sorted({option.contender.point.varied[path] for option in options}, key=float)


def _at(where: Mapping[tuple[str, str], Estimate], one: Estimate, names: Sequence[str], unit: str) -> str:
    place = next(key for key, value in where.items() if value is one)
    there = " and ".join(f"{name} {value}" for name, value in zip(names, place, strict=True))
    return f"{of_unit(number(one.mean), unit)} ({span(one.lower, one.upper, one.mean)}) at {there}"


def _heatmap(
    where: Mapping[tuple[str, str], Estimate], downs: Sequence[str], acrosses: Sequence[str], unit: str
) -> Figure:
    nothing = Estimate(float("nan"), float("nan"), float("nan"), 0)
    cells = [[where.get((a, b), nothing) for b in acrosses] for a in downs]
    written = len(acrosses) <= MOST_WRITTEN
    plain = {"type": "category", "showgrid": False, "ticks": "", "nticks": 0}
    figure = empty_figure(max(260, 30 * len(downs)), xaxis=plain, yaxis=plain)
    columns, lines = ([literal(value) for value in values] for values in (acrosses, downs))
    figure.add_heatmap(
        x=columns,
        y=lines,
        z=[series(one.mean for one in row) for row in cells],
        customdata=[[literal(span(one.lower, one.upper, one.mean)) for one in row] for row in cells],
        hovertemplate="%{y} and %{x}: %{z:,.4~g} (%{customdata})<extra></extra>",
        colorscale=[list(stop) for stop in BLUES],
        xgap=1,
        ygap=1,
        colorbar={"title": {"text": literal(unit)}, "thickness": 12, "outlinewidth": 0, "nticks": 5},
        showscale=not written,
    )
    if written:
        low, high = min(one.mean for one in where.values()), max(one.mean for one in where.values())
        known = [(x, y, one) for y, row in zip(lines, cells, strict=True) for x, one in zip(columns, row, strict=True)]
        for dark, colour in ((False, TEXT), (True, "#FFFFFF")):
            those = [place for place in known if ((place[2].mean - low) > DARK * (high - low)) == dark]
            figure.add_scatter(
                x=[x for x, _, _ in those],
                y=[y for _, y, _ in those],
                text=[number(one.mean) if one.replications else "" for _, _, one in those],
                mode="text",
                textfont={"color": colour},
                hoverinfo="skip",
                showlegend=False,
            )
    return figure
