"""Costs and value: what options cost, who pays, what they are worth, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dischargesim.appraisal import sources
from dischargesim.appraisal.value import Appraised
from dischargesim.report.blocks import Block, Cell, Chart, Column, Items, Paragraph, Section, Table
from dischargesim.report.chart_style import DARK_BLUE, MID_GREY, Look, Rows, error_bars, points
from dischargesim.report.material import Material
from dischargesim.report.sections.utilisation import title_of
from dischargesim.report.sections.words import listed, number, sentences

if TYPE_CHECKING:
    import pandas as pd

MOST = 12
"""Options that a chart, or a table with several rows for each, shows."""
_TOLD = 3
_PAYERS = {"nhs": "NHS", "local_authority": "Local authority", "individual": "Individuals"}
_CLASSES = {
    "cash_releasing": "Cash-releasing",
    "non_cash_releasing": "Non-cash-releasing",
    "societal": "Societal",
    "unmonetised": "Without a price",
}
_ITEMS = {
    "delayed_bed_days": "Bed days lost to delays",
    "avoided_bed_days": "Bed days avoided by services",
    "avoided_admissions": "Admissions avoided by services",
    "set_up": "Set-up",
    "running": "Running",
}
THOUSAND = "£ thousand"
"""Unit of sums of money in tables."""
_ENDS = ("pounds_a_year_lower", "pounds_a_year_upper")
_CLEAR, _UNCLEAR = Look(DARK_BLUE, "solid", "circle", ""), Look(MID_GREY, "solid", "circle-open", "")


def money(material: Material, found: Appraised) -> Section:
    """The section on costs and value.

    Parameters
    ----------
    material : Material
    found : Appraised
        Of the scenarios of the material.

    Returns
    -------
    Section
    """
    names = {option.contender.label: option.label for option in material.options}
    blocks: list[Block] = [Paragraph(_in_words(found, names))]
    blocks.append(Items(tuple(found.notes), "Wherever money is shown:", "caution"))
    if len(found.options):
        value = records(found.options, names)
        first = worth_most(found, names)
        blocks += [_value_chart(found, value), _value(found, value), _ratios(value)]
        blocks += [_groups(found, names, first, "payer"), _groups(found, names, first, "benefit_class")]
        blocks += [_lines(material, found, names, first), _years(found, names, first)]
        blocks.append(_unmonetised(found, names, first))
    blocks += [_costs(material, found), _sources(found)]
    kept = tuple(block for block in blocks if not (isinstance(block, Table) and not block.rows))
    return Section("money", "Costs and value", kept)


def worth_most(found: Appraised, names: Mapping[str, str]) -> list[str]:
    """What the reader calls the options that are worth most, the best first; no more than `MOST`."""
    rows = sorted(records(found.options, names), key=lambda row: -row["npsv_mean"])
    return [str(row["option"]) for row in rows[:MOST]]


def records(table: pd.DataFrame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of a table of the appraisal, with what the reader calls the options."""
    return [{str(k): v for k, v in row.items()} | {"option": names[row["option"]]} for row in table.to_dict("records")]


def pounds(value: float) -> str:
    """Money in words, such as ``£2.2 million``; a loss has a minus."""
    size = abs(value)
    text = f"£{number(size / 1e6)} million" if size >= 1e6 else f"£{number(round(size, -3 if size >= 1e4 else 0))}"
    return f"\N{MINUS SIGN}{text}" if value < 0 else text


def _in_words(found: Appraised, names: Mapping[str, str]) -> str:
    """The value of the options that come first, and no claim that the interval does not carry."""
    title, years = found.appraisal.appraisal.title, found.appraisal.years
    if not len(found.options):
        total = float(found.costs.loc[found.costs["account"] == "budget", "pounds_a_year"].sum())
        return f"By the unit costs of {title}, the system costs {pounds(total)} a year; there is no option to value."
    rows = sorted(records(found.options, names), key=lambda row: -row["npsv_mean"])
    told = [_option_in_words(row) for row in rows[:_TOLD]]
    more = f" The other {len(rows) - _TOLD} are in the table." if len(rows) > _TOLD else ""
    start = f"Held against {names[found.baseline]} over {years} years, by the unit costs of {title}:"
    return sentences(start, "; ".join(told) + f".{more}")


def _option_in_words(row: Mapping[str, Any]) -> str:
    between = f"95% interval {pounds(row['npsv_lower'])} to {pounds(row['npsv_upper'])}"
    if row["npsv_lower"] > 0:
        said = f"worth {pounds(row['npsv_mean'])} more than it costs ({between})"
    elif row["npsv_upper"] < 0:
        said = f"costs {pounds(-row['npsv_mean'])} more than it is worth ({between})"
    else:
        said = f"no clear value ({pounds(row['npsv_mean'])}; {between})"
    budget, value = pounds(row["npsv_budget"]), pounds(row["npsv_opportunity"])
    return f"{row['option']}: {said}; {budget} of budgets and {value} of opportunity value, which is not cash"


def thousand(value: Any) -> float:
    """Pounds in thousands."""
    return float(value) / 1000


def _value_chart(found: Appraised, value: list[dict[str, Any]]) -> Chart:
    rows = sorted(value, key=lambda row: -row["npsv_mean"])[:MOST]
    clear = [row for row in rows if row["npsv_lower"] > 0]
    labels = [str(row["option"]) for row in rows]
    layout = Rows(labels, values=[pounds(row["npsv_mean"]) for row in rows])
    figure = layout.figure("Net present value (£ million)")
    for look, chosen in ((_CLEAR, clear), (_UNCLEAR, [row for row in rows if row not in clear])):
        if not chosen:
            continue
        at = [layout.at()[rows.index(row)] for row in chosen]
        means, lowers, uppers = (
            [row[key] / 1e6 for row in chosen] for key in ("npsv_mean", "npsv_lower", "npsv_upper")
        )
        each = [f"{row['option']}: {pounds(row['npsv_mean'])}" for row in chosen]
        figure.add_trace(points(look, means, at, each) | {"error_x": error_bars(means, lowers, uppers)})
    figure.add_vline(x=0, line_width=1.5, line_color="#0B0C0C")
    said = f"{len(clear)} of {len(rows)} options are clearly worth more than they cost"
    title = f"Net present value over {found.appraisal.years} years: {said}"
    best = max(rows, key=lambda row: row["probability_best"])
    summary = sentences(
        "Mean and 95% interval over the simulation and the ranges of the unit costs together; a filled point is "
        "clearly above nothing. Mostly opportunity value, not cash.",
        f"{best['option']} is the best of all, the baseline included, in {number(100 * best['probability_best'])}% of "
        f"the {found.appraisal.draws:,} draws.",
        f"{len(value) - len(rows)} options that are worth less are left out." if len(value) > len(rows) else "",
    )
    columns = (Column("Option"), Column("Mean", THOUSAND, 0), *_interval(THOUSAND, 0))
    data = [(row["option"], *(thousand(row[key]) for key in ("npsv_mean", "npsv_lower", "npsv_upper"))) for row in rows]
    return Chart(
        "npsv", title, summary, figure, Table("npsv_data", "Net present value", columns, tuple(data), found_label(rows))
    )


def found_label(rows: Sequence[Mapping[str, Any]]) -> str:
    """What kind of value a table shows, as the appraisal labels it."""
    return f"{listed(list(dict.fromkeys(str(row['label']) for row in rows)))}."


def _interval(unit: str, digits: int | None = None) -> tuple[Column, Column]:
    return Column("95% interval, from", unit, digits), Column("95% interval, to", unit, digits)


def _value(found: Appraised, value: list[dict[str, Any]]) -> Table:
    columns = (
        Column("Option"),
        Column("Net present value, mean", THOUSAND, 0),
        *_interval(THOUSAND, 0),
        Column("Of it budgets, at base prices", THOUSAND, 0),
        Column("Of it opportunity value, not cash, at base prices", THOUSAND, 0),
        Column("Probability of being better than the baseline", "%", 0),
        Column("Probability of being the best", "%", 0),
        Column("Years to pay back, all value"),
        Column("Years to pay back, cash alone"),
    )
    keys = ("npsv_mean", "npsv_lower", "npsv_upper", "npsv_budget", "npsv_opportunity")
    rows = [
        (
            row["option"],
            *(thousand(row[key]) for key in keys),
            100 * row["probability_better"],
            100 * row["probability_best"],
            _never(row["payback_years"]),
            _never(row["payback_cash_years"]),
        )
        for row in value
    ]
    note = f"{found_label(value)} Over {found.appraisal.years} years, discounted; more than nothing is of value."
    return Table("npsv_table", "Net present value of the options", columns, tuple(rows), note)


def _never(value: float) -> Cell:
    return "never" if value != value else value


def _ratios(value: list[dict[str, Any]]) -> Table:
    columns = (
        Column("Option"),
        Column("Budgets", "£ thousand a year", 0, signed=True),
        *_interval("£ thousand a year", 0),
        Column("Set-up", THOUSAND, 0),
        Column("Delayed days saved", "a year"),
        Column("Cost of each", "£", 0),
        *_interval("£", 0),
        Column("What can be said"),
        Column("Admissions avoided", "a year"),
        Column("Cost of each", "£", 0),
        *_interval("£", 0),
        Column("What can be said"),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in value:
        cells: list[Cell] = [row["option"]]
        cells += [thousand(row[f"budget_pounds_a_year{end}"]) for end in ("", "_lower", "_upper")]
        cells.append(thousand(row["set_up_pounds"]))
        for effect, ratio in (
            ("delayed_days_saved_a_year", "pounds_per_delayed_day_saved"),
            ("admissions_avoided_a_year", "pounds_per_admission_avoided"),
        ):
            cells += [row[effect], row[ratio], row[f"{ratio}_lower"], row[f"{ratio}_upper"], row[f"{ratio}_verdict"]]
        rows.append(tuple(cells))
    note = (
        "Budget cost, without opportunity value. Each ratio lays all of the cost on the one effect; it is not defined "
        "where the effect may be none."
    )
    return Table(
        "cost_of_effects", "What a delayed day saved and an admission avoided cost", columns, tuple(rows), note
    )


def _groups(found: Appraised, names: Mapping[str, str], first: Sequence[str], by: str) -> Table:
    table, words = (found.by_payer, _PAYERS) if by == "payer" else (found.by_class, _CLASSES)
    columns = (
        Column("Option"),
        Column("Who pays" if by == "payer" else "Class of benefit"),
        Column("Kind of money"),
        Column("Change", "£ thousand a year", 0, signed=True),
        *_interval("£ thousand a year", 0),
        Column("Once", THOUSAND, 0),
        Column("Present value", THOUSAND, 0, signed=True),
    )
    rows = [
        (
            row["option"],
            words.get(row[by], str(row[by])),
            str(row["label"]),
            *(thousand(row[key]) for key in ("pounds_a_year", *_ENDS, "pounds_once", "present_value_pounds")),
        )
        for row in records(table, names)
        if row["option"] in first
    ]
    title = "Who pays" if by == "payer" else "Classes of benefit"
    note = "Yearly changes less than nothing are savings, or value; present values more than nothing are."
    return Table(f"money_by_{by}", title, columns, tuple(rows), note)


def _titled(material: Material, item: str, name: str) -> str:
    if item in ("setting", "team"):
        return next(
            (
                title_of(option.scenario, item, name)
                for option in material.options
                if name in (option.scenario.settings if item == "setting" else option.scenario.teams)
            ),
            name,
        )
    return f"{_ITEMS.get(item, item)}: {name}" if name else _ITEMS.get(item, item)


def _lines(material: Material, found: Appraised, names: Mapping[str, str], first: Sequence[str]) -> Table:
    columns = (
        Column("Option"),
        Column("Item"),
        Column("Kind of money"),
        Column("Quantity", "a year", signed=True),
        Column("Unit"),
        Column("Change", "£ thousand a year", 1, signed=True),
        *_interval("£ thousand a year", 1),
        Column("Present value", THOUSAND, 0, signed=True),
    )
    rows = [
        (
            row["option"],
            _titled(material, str(row["item"]), str(row["name"])),
            str(row["label"]),
            row["quantity_a_year"],
            str(row["unit"]),
            *(thousand(row[key]) for key in ("pounds_a_year", *_ENDS, "present_value_pounds")),
        )
        for row in records(found.changes, names)
        if row["option"] in first and (row["pounds_a_year"] or row["pounds_once"])
    ]
    return Table("money_lines", "Where the money goes: changes by item", columns, tuple(rows))


def _years(found: Appraised, names: Mapping[str, str], first: Sequence[str]) -> Table:
    keys = (
        "set_up_pounds",
        "running_pounds",
        "budget_pounds",
        "opportunity_pounds",
        "net_pounds",
        "present_value_pounds",
    )
    titles = ("Set-up", "Running", "Other budgets", "Opportunity value, not cash (costs)", "Net value", "Present value")
    columns = (
        Column("Option"),
        Column("Year", digits=0),
        Column("Discount factor", digits=4),
        *(Column(title, THOUSAND, 0) for title in titles),
    )
    rows = [
        (row["option"], row["year"], row["discount_factor"], *(thousand(row[key]) for key in keys))
        for row in records(found.years, names)
        if row["option"] in first
    ]
    return Table("money_years", "Year by year, at base prices", columns, tuple(rows))


def _unmonetised(found: Appraised, names: Mapping[str, str], first: Sequence[str]) -> Table:
    from dischargesim.report.sections.words import TITLES, whole

    columns = (
        Column("Option"),
        Column("What has no price here"),
        Column("Baseline"),
        Column("Option's"),
        Column("Difference", signed=True),
        Column("95% interval, from", signed=True),
        Column("95% interval, to", signed=True),
        Column("Unit"),
    )
    rows: list[tuple[Cell, ...]] = []
    for row in records(found.unmonetised, names):
        if row["option"] not in first:
            continue
        factor, unit = whole(str(row["unit"]))
        numbers = (factor * row[key] for key in ("baseline_mean", "option_mean", "difference", "lower", "upper"))
        rows.append((row["option"], TITLES.get(row["measure"], row["measure"]), *numbers, unit))
    return Table("money_unmonetised", "Effects without a price", columns, tuple(rows))


def _costs(material: Material, found: Appraised) -> Table:
    """What the baseline costs, item by item, over all who pay."""
    paid: dict[tuple[Any, ...], dict[str, float]] = {}
    for row in found.costs[found.costs["option"] == found.baseline].to_dict("records"):
        title = _titled(material, str(row["item"]), str(row["name"]))
        item = (title, str(row["label"]), row["quantity_a_year"], str(row["unit"]), row["pounds_each"])
        payers = paid.setdefault(item, {})
        payers[row["payer"]] = payers.get(row["payer"], 0.0) + row["pounds_a_year"] / 1000
    columns = (
        Column("Item"),
        Column("Kind of money"),
        Column("Quantity", "a year"),
        Column("Unit"),
        Column("Each", "£", 2),
        Column("All", "£ thousand a year", 0),
        *(Column(words, "£ thousand a year", 0) for words in _PAYERS.values()),
    )
    rows = [
        (*item, sum(payers.values()), *(payers.get(payer, 0.0) for payer in _PAYERS)) for item, payers in paid.items()
    ]
    note = (
        "Opportunity values are those of delays and of avoided admissions as they are; they are no part of any budget."
    )
    return Table("money_costs", f"{material.baseline.label}: costs a year", columns, tuple(rows), note)


def _sources(found: Appraised) -> Table:
    columns = (
        Column("Number"),
        Column("What"),
        Column("Low"),
        Column("Base"),
        Column("High"),
        Column("Unit"),
        Column("Price year"),
        Column("NHS", "%", 0),
        Column("Local authority", "%", 0),
        Column("Individuals", "%", 0),
        Column("Grade"),
        Column("Source, or reasoning"),
    )
    rows = [
        (
            str(row["path"]),
            str(row["what"]),
            row["low"],
            row["base"],
            row["high"],
            str(row["unit"]),
            str(row["price_year"]),
            *(100 * row[payer] for payer in _PAYERS),
            "ASSUMPTION" if row["assumption"] else str(row["grade"]),
            str(row["source"]),
        )
        for row in sources(found.appraisal).to_dict("records")
    ]
    return Table("money_sources", "Unit costs, and where they come from", columns, tuple(rows))
