"""Tables of an appraisal. Pounds are costs where they are called so (less than 0 is of value), and values in an NPSV.

Every table with money in it has a column `account` or `label`, so that no report of it can leave out what is
opportunity value and not cash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from dischargesim.appraisal.lines import Ledger, Line
from dischargesim.appraisal.ratio import cost_for_each
from dischargesim.appraisal.schema import CLASSES, PAYERS, Appraisal, BenefitClass, Price
from dischargesim.appraisal.worth import Programme, Worth, programme_costs
from dischargesim.experiment.compare import paired
from dischargesim.experiment.moments import half_widths

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

BUDGET = "Budget cost"
OPPORTUNITY = "Opportunity value, not cash"
"""Said wherever money is shown."""
NPSV_LABEL = "Budget and opportunity value together; opportunity value is not cash"
_ENDS = ["pounds_a_year_lower", "pounds_a_year_upper"]
QUANTILES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)


def _label(account: str) -> str:
    return OPPORTUNITY if account == "opportunity" else BUDGET


def _class(price: Price, payer: str) -> BenefitClass:
    """What individuals pay is no public money."""
    return "societal" if payer == "individual" else price.benefit


def _shares(price: Price) -> Iterator[tuple[str, BenefitClass, float]]:
    """Who pays, the class of their part, and its share."""
    for payer in PAYERS:
        share = getattr(price.pays, payer)
        if share > 0:
            yield payer, _class(price, payer), share


def costs(ledgers: Sequence[Ledger], appraisal: Appraisal) -> pd.DataFrame:
    """What each scenario costs a year, and what its delayed bed days are worth to others.

    The rows of the budget sum to what the scenario costs. The rows of opportunity value the bed days that are lost
    (and, less than 0, what services avoid); these days are part of beds that stand in the budget, so the two are not
    to be added.

    Returns
    -------
    pandas.DataFrame
        A row each scenario, line and payer: option, account, item, name, payer, benefit_class, quantity_a_year, unit,
        pounds_each (of the base price), pounds_a_year with _lower and _upper (95%, of the simulation alone),
        pounds_once (set-up costs), label.
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for ledger in ledgers:
        mean, half, _ = half_widths(ledger.quantities)
        for line, quantity, off in zip(ledger.lines, mean.tolist(), half.tolist(), strict=True):
            for payer, benefit, share in _shares(line.price):
                each = share * line.price.base * (1 if line.cost else -1)
                pounds = [each * quantity, *sorted((each * (quantity - off), each * (quantity + off)))]
                what = (ledger.label, line.account, line.item, line.name, payer, benefit)
                rows.append((*what, quantity, line.unit, line.price.base, *pounds, 0.0, _label(line.account)))
        for one in programme_costs(appraisal, ledger):
            for payer, benefit, share in _shares(one.price):
                part = share * one.pounds
                a_year, once = (0.0, part) if one.item == "set_up" else (part, 0.0)
                what = (ledger.label, "budget", one.item, one.name, payer, benefit)
                unit = "pounds once" if once else "pounds a year"
                rows.append((*what, 1.0, unit, one.pounds, a_year, a_year, a_year, once, BUDGET))
    return pd.DataFrame(rows, columns=_COSTS)


_COSTS = [
    "option",
    "account",
    "item",
    "name",
    "payer",
    "benefit_class",
    "quantity_a_year",
    "unit",
    "pounds_each",
    "pounds_a_year",
    "pounds_a_year_lower",
    "pounds_a_year_upper",
    "pounds_once",
    "label",
]
"""Of `costs`."""


def changes(worths: Sequence[Worth]) -> pd.DataFrame:
    """By how much the lines of each option differ from those of the baseline, on the same people.

    Returns
    -------
    pandas.DataFrame
        A row each option and line: option, account, item, name, quantity_a_year (the difference), unit, pounds_a_year
        with _lower and _upper (less than 0: costs less, or is of value), pounds_once, present_value_pounds (counted as
        the NPSV counts it: costs less than 0), label. The present values of an option sum to its `npsv_base`.
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for one in worths:
        mean, half, _ = half_widths(one.pounds_a_year)
        quantity = one.differences.mean(axis=0)
        value = -mean * one.annuity
        for at, line in enumerate(one.lines):
            what = (one.label, line.account, line.item, line.name, quantity[at], line.unit)
            pounds = (mean[at], mean[at] - half[at], mean[at] + half[at], 0.0, value[at])
            rows.append((*what, *pounds, _label(line.account)))
        for cost in one.programme:
            a_year, once = (0.0, cost.pounds) if cost.item == "set_up" else (cost.pounds, 0.0)
            what = (one.label, "budget", cost.item, cost.name, float(cost.sign), "times paid")
            rows.append((*what, a_year, a_year, a_year, once, cost.weight * cost.price.base, BUDGET))
    columns = ["option", "account", "item", "name", "quantity_a_year", "unit", "pounds_a_year", *_ENDS]
    return pd.DataFrame(rows, columns=[*columns, "pounds_once", "present_value_pounds", "label"])


def grouped(worths: Sequence[Worth], by: Literal["payer", "benefit_class"]) -> pd.DataFrame:
    """Changes of each option by who pays, or by what becomes of the money.

    Returns
    -------
    pandas.DataFrame
        A row each option, account and payer or class: option, account, payer or benefit_class, pounds_a_year with
        _lower and _upper, pounds_once, present_value_pounds, label; as `changes` has them. The present values of an
        option sum to its `npsv_base`. What is not monetised has no row: it stands in `unmonetised`.
    """
    import pandas as pd

    groups = PAYERS if by == "payer" else tuple(one for one in CLASSES if one != "unmonetised")
    rows: list[tuple[Any, ...]] = []
    for one in worths:
        costs, annuity = one.pounds_a_year, one.annuity
        for account in ("budget", "opportunity"):
            here = [line.account == account for line in one.lines]
            for group in groups:
                share = np.array(here) * [_part(line, by, group) for line in one.lines]
                paid = [(cost, _part(cost, by, group)) for cost in one.programme if account == "budget"]
                if not share.any() and not any(part for _, part in paid):
                    continue
                yearly = sum(cost.pounds * part for cost, part in paid if cost.item == "running")
                once = sum(cost.pounds * part for cost, part in paid if cost.item == "set_up")
                mean, half, _ = half_widths((costs @ share)[:, None])
                value = -float(costs.mean(axis=0) @ (share * annuity))
                value += sum(cost.weight * cost.price.base * part for cost, part in paid)
                ends = (mean[0] - half[0] + yearly, mean[0] + half[0] + yearly)
                rows.append((one.label, account, group, mean[0] + yearly, *ends, once, value, _label(account)))
    columns = ["option", "account", by, "pounds_a_year", *_ENDS, "pounds_once", "present_value_pounds", "label"]
    return pd.DataFrame(rows, columns=columns)


def _part(line: Line | Programme, by: str, group: str) -> float:
    """Share of a line that falls to a payer or class."""
    return sum(share for payer, benefit, share in _shares(line.price) if group == (payer if by == "payer" else benefit))


def options(worths: Sequence[Worth], draws: Floats, means: Sequence[float]) -> pd.DataFrame:
    """What each option comes to.

    Parameters
    ----------
    worths : sequence of Worth
    draws : ndarray of float64, (draws, options)
        Net present values.
    means : sequence of float
        Their exact means.

    Returns
    -------
    pandas.DataFrame
        A row each option.

        - npsv_base, npsv_simulation_lower, npsv_simulation_upper: net present value at base prices, with the 95%
          interval of the simulation alone; npsv_budget and npsv_opportunity are its two parts.
        - npsv_mean, npsv_lower, npsv_upper, and npsv_q05 ...: mean, 95% interval and quantiles over the ranges of the
          prices and the simulation together. The mean differs from npsv_base where ranges are lopsided.
        - probability_better, probability_best: share of the draws in which it is worth more than the baseline, and more
          than all other options and the baseline.
        - budget_pounds_a_year, opportunity_pounds_a_year, each with _lower and _upper: yearly costs less the
          baseline's; less than 0 is of value. set_up_pounds once.
        - delayed_days_saved_a_year, admissions_avoided_a_year with _lower and _upper.
        - pounds_per_delayed_day_saved, pounds_per_admission_avoided with _lower, _upper and _verdict: present value of
          the budget over that of the effect, all of the cost laid on the one effect (see `ratio.cost_for_each`).
        - payback_years: years after which the sum of all value is no less than 0 (not discounted); empty if never.
          payback_cash_years: the same for what is cash-releasing.
        - pairs: replications. label: what kind of value it is.
    """
    import pandas as pd

    best = _shares_of_best(np.column_stack([np.zeros(len(draws)), draws]))[1:]
    rows = []
    for at, one in enumerate(worths):
        npsv, values = one.npsv, draws[:, at]
        mean, half, pairs = (float(part[0]) for part in half_widths(npsv[:, None]))
        costs, opportunity = one.pounds_a_year, one.opportunity
        running = sum(cost.pounds for cost in one.programme if cost.item == "running")
        budget = costs[:, ~opportunity].sum(axis=1) + running
        budget_value = float(-(costs[:, ~opportunity].mean(axis=0) @ one.annuity[~opportunity]) + one.programme_value)
        low, *quantiles, high = np.quantile(values, QUANTILES).tolist()
        names = [f"npsv_q{round(q * 100):02d}" for q in QUANTILES[1:-1]]
        rows.append(
            {
                "option": one.label,
                "npsv_base": mean,
                "npsv_simulation_lower": mean - half,
                "npsv_simulation_upper": mean + half,
                "npsv_budget": budget_value,
                "npsv_opportunity": mean - budget_value,
                "npsv_mean": means[at],
                "npsv_lower": low,
                "npsv_upper": high,
                **dict(zip(names, quantiles, strict=True)),
                "probability_better": float((values > 0).mean() + (values == 0).mean() / 2),
                "probability_best": float(best[at]),
                **_interval("budget_pounds_a_year", budget),
                **_interval("opportunity_pounds_a_year", costs[:, opportunity].sum(axis=1)),
                "set_up_pounds": sum(cost.pounds for cost in one.programme if cost.item == "set_up"),
                **_effects(one),
                **_payback(one),
                "pairs": int(pairs),
                "label": NPSV_LABEL,
            }
        )
    return pd.DataFrame(rows)


def _shares_of_best(values: Floats) -> Floats:
    """Share of the draws in which each column is the greatest; ties are divided."""
    first = values == values.max(axis=1, keepdims=True)
    share: Floats = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    return share


def _interval(name: str, values: Floats) -> dict[str, float]:
    mean, half, _ = (float(part[0]) for part in half_widths(values[:, None]))
    return {name: mean, f"{name}_lower": mean - half, f"{name}_upper": mean + half}


def _effects(one: Worth) -> dict[str, Any]:
    """Delayed days saved and admissions avoided, and what each of them costs."""
    budget, factor = ~one.opportunity, float(one.factors[0, one.starts :].sum())
    cost = one.pounds_a_year[:, budget] @ one.annuity[budget] - one.programme_value
    found: dict[str, Any] = {}
    for item, effect, ratio in (
        ("delayed_bed_days", "delayed_days_saved_a_year", "pounds_per_delayed_day_saved"),
        ("avoided_admissions", "admissions_avoided_a_year", "pounds_per_admission_avoided"),
    ):
        at = next(at for at, line in enumerate(one.lines) if line.item == item)
        saved = -one.differences[:, at] * one.signs[at]
        each = cost_for_each(cost, saved * factor)
        found |= _interval(effect, saved)
        found |= {ratio: each.value, f"{ratio}_lower": each.lower, f"{ratio}_upper": each.upper}
        found[f"{ratio}_verdict"] = each.verdict
    return found


def _by_year(one: Worth, keep: NDArray[np.bool_], parts: Sequence[float]) -> tuple[Floats, Floats]:
    """Pounds of each year of some lines, and of the set-up and running costs with their shares, as costs."""
    number = one.factors.shape[1]
    running = np.where(np.arange(number) >= one.starts, one.pounds_a_year.mean(axis=0)[keep].sum(), 0.0)
    programme = np.zeros(number)
    for cost, part in zip(one.programme, parts, strict=True):
        programme[cost.first : cost.last + 1] += cost.pounds * part
    return running, programme


def _payback(one: Worth) -> dict[str, float]:
    everything = np.ones(len(one.lines), dtype=bool)
    costs, programme = _by_year(one, everything, [1.0] * len(one.programme))
    cash_parts = [_part(line, "benefit_class", "cash_releasing") for line in one.lines]
    yearly = float(one.pounds_a_year.mean(axis=0) @ cash_parts)
    paid = [_part(cost, "benefit_class", "cash_releasing") for cost in one.programme]
    _, cash_programme = _by_year(one, everything, paid)
    cash = np.where(np.arange(costs.size) >= one.starts, yearly, 0.0)
    found = {"payback_years": -(costs + programme), "payback_cash_years": -(cash + cash_programme)}
    return {name: years_to_pay_back(net) for name, net in found.items()}


def years_to_pay_back(net: Floats) -> float:
    """Years after which the sum of net values is no less than 0 and stays so; NaN if it never is, 0 if it always is."""
    total = np.cumsum(net)
    short = np.flatnonzero(total < -1e-9 * np.abs(net).max(initial=0.0))
    if not short.size:
        return 0.0
    last = int(short[-1])
    return float("nan") if last == net.size - 1 else float(last + 2)


def years(worths: Sequence[Worth]) -> pd.DataFrame:
    """Each option year by year, at base prices.

    Returns
    -------
    pandas.DataFrame
        A row each option and year: option, year (from 0), discount_factor (of money), budget_pounds, set_up_pounds,
        running_pounds, opportunity_pounds (costs: less than 0 is of value), net_pounds (value), cumulative_pounds,
        present_value_pounds, label. The present values of an option sum to its `npsv_base`.
    """
    import pandas as pd

    parts = []
    for one in worths:
        opportunity, number = one.opportunity, one.factors.shape[1]
        budget, _ = _by_year(one, ~opportunity, [0.0] * len(one.programme))
        value, _ = _by_year(one, opportunity, [0.0] * len(one.programme))
        set_up, running = (
            _by_year(one, opportunity, [float(cost.item == item) for cost in one.programme])[1]
            for item in ("set_up", "running")
        )
        net = -(budget + value + set_up + running)
        health = np.array([line.health for line in one.lines])
        of_health = _by_year(one, health, [0.0] * len(one.programme))[0]
        present = (net + of_health) * one.factors[0] - of_health * one.factors[1]
        parts.append(
            pd.DataFrame(
                {
                    "option": one.label,
                    "year": np.arange(number),
                    "discount_factor": one.factors[0],
                    "budget_pounds": budget,
                    "set_up_pounds": set_up,
                    "running_pounds": running,
                    "opportunity_pounds": value,
                    "net_pounds": net,
                    "cumulative_pounds": np.cumsum(net),
                    "present_value_pounds": present,
                    "label": NPSV_LABEL,
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_YEARS)


_YEARS = ["option", "year", "discount_factor", "budget_pounds", "set_up_pounds", "running_pounds"]
_YEARS += ["opportunity_pounds", "net_pounds", "cumulative_pounds", "present_value_pounds", "label"]


def unmonetised(ledgers: Sequence[Ledger]) -> pd.DataFrame:
    """Differences in what has no price.

    Returns
    -------
    pandas.DataFrame
        A row each option and measure: option, measure, unit, baseline_mean, option_mean, difference, lower, upper,
        benefit_class (always unmonetised).
    """
    import pandas as pd

    baseline, *others = ledgers
    rows: list[tuple[Any, ...]] = []
    for option in others:
        first, second = baseline.unmonetised, option.unmonetised
        there = {row: at for at, row in enumerate(second.rows)}
        both = [(at, there[row]) for at, row in enumerate(first.rows) if row in there]
        if not both:
            continue
        _, here, then = np.intersect1d(first.replication, second.replication, assume_unique=True, return_indices=True)
        one, other = np.array(both).T
        found = paired(first.values[np.ix_(here, one)], second.values[np.ix_(then, other)])
        for at, column in enumerate(one.tolist()):
            row = first.rows[column]
            numbers = (found.first[at], found.second[at], found.difference[at], found.lower[at], found.upper[at])
            rows.append((option.label, row.measure, row.unit, *numbers, "unmonetised"))
    columns = ["option", "measure", "unit", "baseline_mean", "option_mean", "difference", "lower", "upper"]
    return pd.DataFrame(rows, columns=[*columns, "benefit_class"])
