"""Where the days of delay go: by reason, in both national classifications, by organisation and by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dischargesim.measures.facts import STAGES, UNSTATED
from dischargesim.report.blocks import Chart, Column, Paragraph, Section, Table
from dischargesim.report.chart_style import LOOKS, MOST_SERIES, Rows, bars, error_bars, literal, shortened
from dischargesim.report.material import Estimate, Material, Option
from dischargesim.report.sections.words import (
    brief,
    days_note,
    estimate_text,
    interval_columns,
    left_out_note,
    lower_first,
    most_telling,
    no_interval_note,
    number,
    scaled,
    sentences,
    span,
)
from dischargesim.scenario.reasons import DTOC_CODES, REASONS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_REASONS = 12
"""Rows of the chart of reasons; the others are in its table."""

FAMILIES = {
    "hospital_process": "Hospital process",
    "wellbeing": "Wellbeing concerns",
    "care_transfer_hub": "Care transfer hub process",
    "interface_process": "Interface process",
    "capacity": "Capacity",
    UNSTATED: "No reason given",
}
STAGE_TITLES = {
    "waiting_for_team": "Waiting for a team",
    "being_done": "Being worked on",
    "waiting_for_place": "Waiting for a place",
    "moving_in": "Waiting for move-in hours",
}
ORGANISATIONS = {"nhs": "NHS", "social_care": "Social care", "both": "Both"}


def reasons(material: Material) -> Section | None:
    """The section on where the days of delay go.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section or None
        None where nobody is delayed.
    """
    options, others = most_telling(material, MOST_SERIES)
    charts = [
        _by_family(options, material, others),
        _by_reason(material),
        _by_code(material),
        _by_organisation(options, material),
        _by_stage(options, material),
    ]
    found = [chart for chart in charts if chart is not None]
    if not found:
        return None
    about = Paragraph(
        "The days of a delay are shared out over what the person waited for, moment by moment, so that they add up. "
        "That is not what would be saved if a reason went away. A bed day lost is opportunity value, not cash. "
        "The step from a reason for not leaving (NCTR) to a code of delayed transfers (DToC) is an assumption of this "
        "project; NHS England publishes none."
    )
    return Section("reasons", "Where the days of delay go", (about, *found))


def _title(key: str) -> str:
    return REASONS[key].title if key in REASONS else "No reason given"


def _whole(option: Option) -> float:
    total = option.figure("nctr_bed_days_lost")
    return total.mean if total else 0.0


def _by_family(options: Sequence[Option], material: Material, others: int) -> Chart | None:
    first = dict(options[0].by("nctr_bed_days_lost", "family"))
    total = _whole(options[0])
    if not first or not total:
        return None
    order = sorted(first, key=lambda key: -first[key].mean)
    found = {option.label: dict(option.by("nctr_bed_days_lost", "family")) for option in options}
    top = order[0]
    return Chart(
        "delay_by_family",
        f"{FAMILIES[top]}: {number(100 * first[top].mean / total)}% of the bed days lost to delays",
        sentences(
            f"Bed days lost to delays by family of reasons. {brief(options[0].label)}: "
            + "; ".join(f"{lower_first(FAMILIES[key])} {number(first[key].mean)}" for key in order)
            + ".",
            _close(order, first),
            left_out_note(others, len(options) - 1),
            no_interval_note(options),
        ),
        _grouped([FAMILIES[key] for key in order], order, found, "Bed days lost"),
        _long_table(
            "delay_by_family_data",
            "Bed days lost to delays, by family of reasons",
            "Family",
            order,
            found,
            FAMILIES,
            material,
        ),
    )


def _close(order: Sequence[str], found: Mapping[str, Estimate]) -> str:
    """That the first cannot be told from the second, where their intervals say no more."""
    if len(order) < 2:
        return ""
    first, second = found[order[0]], found[order[1]]
    if first.lower > second.upper:
        return ""
    return "The intervals of the first two overlap: which of them is larger cannot be told from these alone."


def _by_reason(material: Material) -> Chart | None:
    option = material.baseline
    found = {key: one for key, one in option.by("nctr_bed_days_lost", "sub_reason") if one.mean > 0}
    total = _whole(option)
    if not found or not total:
        return None
    order = sorted(found, key=lambda key: -found[key].mean)
    shown, rest = order[:MOST_REASONS], order[MOST_REASONS:]
    labels = [_title(key) for key in shown]
    means, lowers, uppers = zip(*(found[key][:3] for key in shown), strict=True)
    rows = Rows(labels, values=[number(mean) for mean in means])
    figure = rows.figure("Bed days lost", xaxis={"rangemode": "tozero"})
    said = [
        f"{label}: {number(mean)} bed days ({span(low, high, mean)})"
        for label, mean, low, high in zip(labels, means, lowers, uppers, strict=True)
    ]
    figure.add_trace(bars(LOOKS[0], means, rows.at(), said) | {"error_x": error_bars(means, lowers, uppers)})
    others = sum(found[key].mean for key in rest)
    share = 100 * sum(means[:3]) / total
    return Chart(
        "delay_by_reason",
        f"{min(3, len(shown))} reasons make up {number(share)}% of the bed days lost: "
        f"{', '.join(map(_short, labels[:3]))}",
        sentences(
            f"Bed days lost to delays by reason, {brief(option.label)}, largest first."
            + (f" {len(rest)} more come to {number(others)} bed days together; the table has them." if rest else ""),
            _close(order, found),
            no_interval_note([option]),
        ),
        figure,
        Table(
            "delay_by_reason_data",
            f"Bed days lost to delays by reason, in both classifications: {brief(option.label)}",
            (
                Column("Reason (NCTR)"),
                Column("Family (NCTR)"),
                Column("DToC code (assumption)"),
                *interval_columns("Bed days lost", "bed days", 0),
                Column("Share", "%", 1),
            ),
            tuple(
                (_title(key), FAMILIES[_family(key)], _code(key), *found[key][:3], 100 * found[key].mean / total)
                for key in order
            ),
            days_note(material),
        ),
    )


def _short(label: str) -> str:
    return lower_first(shortened(label, 48))


def _family(key: str) -> str:
    return REASONS[key].family if key in REASONS else UNSTATED


def _code(key: str) -> str:
    return REASONS[key].dtoc if key in REASONS else "O"


def _by_code(material: Material) -> Chart | None:
    """Days by DToC code and organisation: what is stored by month, added up."""
    option = material.baseline
    days: dict[str, dict[str, float]] = {}
    table = option.measures
    here = table[(table["measure"] == "dtoc_days") & table["group"].str.startswith("month=")]
    for group, mean in zip(here["group"], here["mean"], strict=True):
        parts = dict(part.split("=", 1) for part in str(group).split(" | "))
        if "organisation" in parts and mean == mean:
            by = days.setdefault(parts["code"], dict.fromkeys(ORGANISATIONS, 0.0))
            by[parts["organisation"]] += float(mean)
    totals = {code: sum(by.values()) for code, by in days.items()}
    total = sum(totals.values())
    if not total:
        return None
    order = sorted((code for code in totals if totals[code] > 0), key=lambda code: -totals[code])
    labels = [f"{code}: {_code_title(code)}" for code in order]
    rows = Rows(labels, values=[number(totals[code]) for code in order])
    figure = rows.figure("Delayed days (DToC)", legend_lines=len(ORGANISATIONS))
    figure.update_layout(barmode="stack")
    for look, (key, name) in zip(LOOKS, ORGANISATIONS.items(), strict=False):
        values = [days[code][key] for code in order]
        said = [f"{label}, {name}: {number(value)} days" for label, value in zip(labels, values, strict=True)]
        figure.add_trace(bars(look, values, rows.at(), said, name=name))
    first = f"Code {order[0]} ({lower_first(_code_title(order[0]))})"
    by_organisation = {key: sum(days[code][key] for code in order) for key in ORGANISATIONS}
    return Chart(
        "delay_by_code",
        f"{first}: {number(100 * totals[order[0]] / total)}% of the DToC days",
        sentences(
            f"Delayed days by the code and organisation of the retired DToC return, {brief(option.label)}, acute and "
            "non-acute beds together: "
            + ", ".join(f"{name} {number(by_organisation[key])}" for key, name in ORGANISATIONS.items())
            + ".",
            "Added up from the months, so that these bars have no interval.",
        ),
        figure,
        Table(
            "delay_by_code_data",
            f"Delayed days (DToC) by code and organisation: {brief(option.label)}",
            (
                Column("DToC code"),
                Column("Reason"),
                *(Column(name, "days", 0) for name in ORGANISATIONS.values()),
                Column("All", "days", 0),
                Column("Share", "%", 1),
            ),
            tuple(
                (
                    code,
                    _code_title(code),
                    *(days[code][key] for key in ORGANISATIONS),
                    totals[code],
                    100 * totals[code] / total,
                )
                for code in order
            ),
            f"{days_note(material)} Organisations by the shares of each code in England in 2018/19.",
        ),
    )


def _code_title(code: str) -> str:
    return next((one.title for key, one in DTOC_CODES.items() if key == code), code)


def _by_organisation(options: Sequence[Option], material: Material) -> Chart | None:
    found = {
        option.label: {
            key: one
            for key in ORGANISATIONS
            if (one := option.figure("dtoc_days", f"organisation={key} | care=acute")) is not None
        }
        for option in options
    }
    first = found[options[0].label]
    total = sum(one.mean for one in first.values())
    if not total:
        return None
    order = sorted(first, key=lambda key: -first[key].mean)
    share = number(100 * first[order[0]].mean / total)
    return Chart(
        "delay_by_organisation",
        f"{ORGANISATIONS[order[0]]}: {share}% of the delayed days in acute beds (DToC)",
        sentences(
            f"Delayed days in acute beds by the organisation they fall to, {brief(options[0].label)}: "
            + "; ".join(f"{ORGANISATIONS[key]} {estimate_text(first[key], 'days')}" for key in order)
            + ".",
            _close(order, first),
        ),
        _grouped([ORGANISATIONS[key] for key in order], order, found, "Delayed days in acute beds (DToC)"),
        _long_table(
            "delay_by_organisation_data",
            "Delayed days in acute beds (DToC), by organisation",
            "Organisation",
            order,
            found,
            ORGANISATIONS,
            material,
            "days",
        ),
    )


def _by_stage(options: Sequence[Option], material: Material) -> Chart | None:
    found = {
        option.label: {key: scaled(one, 100) for key, one in option.by("nctr_stage_share", "stage")}
        for option in options
    }
    first = found[options[0].label]
    if not first:
        return None
    order = [key for key in STAGES if key in first]
    top = max(order, key=lambda key: first[key].mean)
    return Chart(
        "delay_by_stage",
        f"{STAGE_TITLES[top]}: {number(first[top].mean)}% of the time that people are delayed",
        sentences(
            f"What delayed time consists of, {brief(options[0].label)}: "
            + "; ".join(f"{lower_first(STAGE_TITLES[key])} {estimate_text(first[key], '%')}" for key in order)
            + ".",
            _close(sorted(order, key=lambda key: -first[key].mean), first),
        ),
        _grouped([STAGE_TITLES[key] for key in order], order, found, "Share of delayed time (%)"),
        _long_table(
            "delay_by_stage_data",
            "What delayed time consists of",
            "Stage",
            order,
            found,
            STAGE_TITLES,
            material,
            "%",
        ),
    )


def _grouped(
    labels: Sequence[str], order: Sequence[str], found: Mapping[str, Mapping[str, Estimate]], x_title: str
) -> Figure:
    """A bar for each option in each row."""
    nothing = Estimate(float("nan"), float("nan"), float("nan"), 0)
    single = len(found) == 1
    first = next(iter(found.values()))
    rows = Rows(labels, len(found), [number(first[key].mean) for key in order] if single else ())
    figure = rows.figure(x_title, 0 if single else len(found), xaxis={"rangemode": "tozero"})
    for place, (look, (label, by)) in enumerate(zip(LOOKS, found.items(), strict=False)):
        those = [by.get(key, nothing) for key in order]
        means, lowers, uppers = zip(*(one[:3] for one in those), strict=True)
        said = [
            f"{label}, {row}: {number(one.mean)} ({span(one.lower, one.upper, one.mean)})"
            for row, one in zip(labels, those, strict=True)
        ]
        trace = bars(look, means, rows.at(place), said, name=literal(shortened(label)))
        figure.add_trace(trace | {"error_x": error_bars(means, lowers, uppers)})
    return figure


def _long_table(
    name: str,
    title: str,
    head: str,
    order: Sequence[str],
    found: Mapping[str, Mapping[str, Estimate]],
    titles: Mapping[str, str],
    material: Material,
    unit: str = "bed days",
) -> Table:
    digits = 1 if unit == "%" else 0
    return Table(
        name,
        title,
        (Column(head), Column("Option"), *interval_columns("Mean", unit, digits)),
        tuple((titles[key], label, *by[key][:3]) for key in order for label, by in found.items() if key in by),
        days_note(material),
    )
