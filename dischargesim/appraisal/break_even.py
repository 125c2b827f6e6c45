"""What would have to be true for an option to break even, and which unit cost moves its value most.

The net present value is linear in each price, in the share of the benefits that is counted, and in the set-up and
running costs. So a value at which it is 0 is exact, all else at base, and can be put back in to see it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dischargesim.appraisal.discount import MONEY, discount_factors
from dischargesim.appraisal.schema import Appraisal
from dischargesim.appraisal.tables import NPSV_LABEL
from dischargesim.appraisal.worth import Worth
from dischargesim.experiment.moments import half_widths

if TYPE_CHECKING:
    import pandas as pd

POSSIBLE, NEVER = "breaks even", "no value breaks even"
SIMULATION = "simulation"


def switching(worths: Sequence[Worth], appraisal: Appraisal) -> pd.DataFrame:
    """Values at which each option is worth no more and no less than the baseline.

    Parameters
    ----------
    worths : sequence of Worth
    appraisal : Appraisal

    Returns
    -------
    pandas.DataFrame
        A row each option and number: option, item, path, unit, now, switching, change (a share of what it is now; NaN
        from 0), verdict, label.

        - effect: share of the benefits found that is enough, 1 being all of them.
        - set_up, running: pounds, before optimism bias, that may be spent in all, once or a year.
        - price: each price that matters.

        `verdict` is ``breaks even``, or ``no value breaks even`` where `switching` is empty: it would have to be less
        than 0, or the number makes no difference.
    """
    import pandas as pd

    rows = []
    for one in worths:
        npsv = float(one.npsv.mean())
        for item, path, unit, now, slope in _levers(one, appraisal):
            # A lever that is all rounding error moves nothing.
            at = now - npsv / slope if abs(slope) > 1e-9 else np.nan
            if -1e-9 * max(now, 1) < at < 0:
                at = 0.0
            found = at if at >= 0 else np.nan
            change = found / now - 1 if now else np.nan
            verdict = POSSIBLE if found == found else NEVER
            rows.append((one.label, item, path, unit, now, found, change, verdict, NPSV_LABEL))
    columns = ["option", "item", "path", "unit", "now", "switching", "change", "verdict", "label"]
    return pd.DataFrame(rows, columns=columns)


def _levers(one: Worth, appraisal: Appraisal) -> Iterator[tuple[str, str, str, float, float]]:
    """Item, path, unit, value now, and what one more of it does to the net present value."""
    effect = float(np.prod([factor.base for factor in one.effects.values()]))
    opportunity = one.opportunity
    all_of_it = -(one.differences.mean(axis=0) * one.prices * one.signs * one.annuity)[opportunity].sum()
    path = next(iter(one.effects), f"options.{one.label}.effect")
    yield "effect", path, "share", effect, float(all_of_it)
    money = discount_factors(appraisal.rates, MONEY, appraisal.years)
    own = appraisal.options.get(one.label)
    bias = appraisal.optimism_bias if own is None or own.optimism_bias is None else own.optimism_bias
    yearly = money[one.starts :].sum()
    for item, factor, unit in (("set_up", money[0], "pounds once"), ("running", yearly, "pounds a year")):
        costs = [cost for cost in one.programme if cost.item == item and cost.sign > 0]
        if costs:
            # Several lines grow in proportion; as a rule all are paid in the same years.
            now = sum(cost.price.base for cost in costs)
            slope = sum(cost.weight * cost.price.base for cost in costs) / now if now else costs[0].weight
        else:
            now, slope = 0.0, -(1 + bias) * float(factor)
        yield item, f"options.{one.label}.{item}", unit, now, slope
    prices = one.priced()
    for path, slope in one.coefficients().items():
        if not path.startswith("options."):
            yield "price", path, "pounds", prices[path].base, slope


def tornado(worths: Sequence[Worth]) -> pd.DataFrame:
    """How far each number alone moves the net present value of an option, from the low to the high end of its range.

    Returns
    -------
    pandas.DataFrame
        A row each option and number, the widest first: option, path, low, base, high, npsv_at_low, npsv_at_base,
        npsv_at_high, swing, label. The row `simulation` has the 95% interval of the simulated means, which has no low
        and high of its own.
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for one in worths:
        mean, half, _ = (float(part[0]) for part in half_widths(one.npsv[:, None]))
        found: list[tuple[Any, ...]] = [(SIMULATION, np.nan, np.nan, np.nan, mean - half, mean, mean + half)]
        prices, coefficients = one.priced(), one.coefficients()
        for path, price in prices.items():
            slope = coefficients[path]
            ends = (mean + slope * (price.low - price.base), mean, mean + slope * (price.high - price.base))
            if slope and price.low < price.high:
                found.append((path, price.low, price.base, price.high, *ends))
        benefits = -(one.pounds_a_year.mean(axis=0) * one.annuity)[one.opportunity].sum()
        for path, factor in one.effects.items():
            if factor.base > 0 and factor.low < factor.high:
                low, high = (mean + benefits * (end / factor.base - 1) for end in (factor.low, factor.high))
                ends = (low, mean, high)
                found.append((path, factor.low, factor.base, factor.high, *ends))
        swings = [(one.label, *row, abs(row[-1] - row[-3]), NPSV_LABEL) for row in found]
        rows += sorted(swings, key=lambda row: (-row[-2] if row[-2] == row[-2] else np.inf, row[1]))
    columns = ["option", "path", "low", "base", "high", "npsv_at_low", "npsv_at_base", "npsv_at_high", "swing", "label"]
    return pd.DataFrame(rows, columns=columns)
