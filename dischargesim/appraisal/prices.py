"""All prices of an appraisal: what they are of, where they come from, and how they may vary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dischargesim.appraisal.discount import HEALTH, MONEY, rates
from dischargesim.appraisal.schema import Appraisal, Factor, Price, Range
from dischargesim.plan.streams import Streams

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

_PER_SETTING = {
    "open_day": "pounds for a {unit} open a day",
    "used_day": "pounds for a {unit} in use a day",
    "person_day": "pounds a person a day",
    "care_hour": "pounds an hour of care",
}
_PER_TEAM = {"hour_on_duty": "pounds an hour on duty", "hour_worked": "pounds an hour worked"}
_UNITS = {"visits a day": "visit", "hours a week": "weekly hour", "people": "person"}


class Priced(NamedTuple):
    """A price: where it stands, what it is of, and in what unit."""

    path: str
    what: str
    price: Price
    unit: str


def prices(appraisal: Appraisal) -> Iterator[Priced]:
    """Every price of an appraisal, in its order."""
    for group, named in (("kinds", appraisal.settings.kinds), ("names", appraisal.settings.names)):
        for name, price in named.items():
            unit = "unit" if price.unit is None else _UNITS.get(price.unit, price.unit.rstrip("s"))
            what = f"Setting {name}" if group == "names" else f"Settings of kind {name}"
            yield Priced(f"settings.{group}.{name}", what, price, _PER_SETTING[price.per].format(unit=unit))
    if appraisal.teams.others is not None:
        yield Priced("teams.others", "Teams", appraisal.teams.others, _PER_TEAM[appraisal.teams.others.per])
    for name, team in appraisal.teams.names.items():
        yield Priced(f"teams.names.{name}", f"Team {name}", team, _PER_TEAM[team.per])
    for name, task in appraisal.tasks.items():
        yield Priced(f"tasks.{name}", f"Task {name}", task, "pounds a task done")
    yield Priced("delayed_bed_day", "Bed day that others can use", appraisal.delayed_bed_day, "pounds a bed day")
    what = "Admission avoided, apart from bed days"
    yield Priced("avoided_admission", what, appraisal.avoided_admission, "pounds an admission")
    for name, effect in appraisal.effects.items():
        yield Priced(f"effects.{name}", f"Effect {name}", effect, f"pounds each, {effect.measure}")
    for label, option in appraisal.options.items():
        for item, unit in (("set_up", "pounds once"), ("running", "pounds a year")):
            for name, line in getattr(option, item).items():
                yield Priced(f"options.{label}.{item}.{name}", f"{label}: {name}", line, unit)


def sources(appraisal: Appraisal) -> pd.DataFrame:
    """Every number of an appraisal with where it comes from, for a table of assumptions.

    Parameters
    ----------
    appraisal : Appraisal

    Returns
    -------
    pandas.DataFrame
        Columns path, what, unit, low, base, high, price_year, nhs, local_authority, individual (shares), benefit_class,
        grade, source, assumption (bool: nothing was found to rest it on).
    """
    import pandas as pd

    rows: list[tuple[Any, ...]] = []
    for path, what, price, unit in prices(appraisal):
        payers = (price.pays.nhs, price.pays.local_authority, price.pays.individual)
        numbers = (price.low, price.base, price.high)
        assumed = price.grade == "assumption"
        rows.append(
            (path, what, unit, *numbers, price.price_year, *payers, price.benefit, price.grade, price.source, assumed)
        )
    none = (np.nan, np.nan, np.nan, "")
    assumption = ("assumption", "assumption: chosen for this appraisal", True)
    for label, option in appraisal.options.items():
        effect, path = option.effect, f"options.{label}.effect"
        if effect != Factor():
            numbers = (effect.low, effect.base, effect.high)
            what = f"{label}: share of the benefits that is counted"
            rows.append((path, what, "share", *numbers, "", *none, *assumption))
        if option.optimism_bias is not None:
            rows.append(_one(f"options.{label}.optimism_bias", f"{label}: added to its costs", option.optimism_bias))
    rows.append(_one("optimism_bias", "Added to set-up and running costs of options", appraisal.optimism_bias))
    rows.append(_one("years", "Years of the appraisal, each like the one simulated", appraisal.years, "years"))
    for kind in (MONEY, HEALTH):
        for rate in rates(appraisal.rates, kind):
            what = f"Discount rate, {kind}, years {rate.first} to {rate.last}"
            source = (f"{rate.source} ({rate.dated})", False)
            numbers = (rate.rate, rate.rate, rate.rate)
            rows.append((f"rates.{kind}.{rate.first}", what, "share a year", *numbers, "real", *none, "A", *source))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _one(path: str, what: str, number: float, unit: str = "share") -> tuple[Any, ...]:
    assumed = ("assumption", "assumption: chosen for this appraisal", True)
    return (path, what, unit, number, number, number, "", np.nan, np.nan, np.nan, "", *assumed)


_COLUMNS = [
    "path",
    "what",
    "unit",
    "low",
    "base",
    "high",
    "price_year",
    "nhs",
    "local_authority",
    "individual",
    "benefit_class",
    "grade",
    "source",
    "assumption",
]
"""Of `sources`."""


def drawn(number: Range | Factor, streams: Streams, path: str, draws: int) -> Floats:
    """Draws of a number from the triangular distribution of its range.

    Each number has a stream of its own, keyed by its path, so that every option sees the same draws, and another price
    more changes none of them.

    Parameters
    ----------
    number : Range or Factor
        The base is the mode.
    streams : Streams
    path : str
        Where it stands.
    draws : int

    Returns
    -------
    ndarray of float64, (draws,)
    """
    low, mode, high = number.low, number.base, number.high
    if low == high:
        return np.full(draws, mode)
    u = streams.uniforms(f"appraisal/{path}", draws)
    width = high - low
    left = np.sqrt(u * width * (mode - low))
    right = np.sqrt((1 - u) * width * (high - mode))
    return np.where(u * width < mode - low, low + left, high - right)


def expected(number: Range | Factor) -> float:
    """Mean of that distribution."""
    return (number.low + number.base + number.high) / 3


def weights_of_means(replications: NDArray[np.int64], streams: Streams, draws: int) -> Floats:
    """Draws of how sure the means over the replications are, as weights of the replications.

    The mean of ``n`` replications with these weights is distributed as Student's t with ``n - 1`` degrees of freedom
    about the plain mean, with the scale ``s / sqrt(n)``: as the intervals of all results are. With ``z`` standard
    normal, one number a replication, and ``c`` chi-squared, a draw is
    ``1 / n + (z - mean(z)) sqrt((n - 1) / c) / sqrt(n (n - 1))``. The same weights serve all lines and options, which
    therefore stay as closely tied together as their replications are.

    Parameters
    ----------
    replications : ndarray of int64, (n,)
        Their numbers, by which the draws are keyed.
    streams : Streams
    draws : int

    Returns
    -------
    ndarray of float64, (draws, n)
        Each row sums to 1; all the same from a single replication.
    """
    from scipy.special import chdtri, ndtri

    n = replications.size
    if n < 2:
        return np.ones((draws, n))
    z = ndtri(np.stack([streams.uniforms(f"appraisal/replication/{r}", draws) for r in replications.tolist()], axis=1))
    chi_squared = chdtri(n - 1, streams.uniforms("appraisal/spread", draws))
    off = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(n * chi_squared)[:, None]
    weights: Floats = 1 / n + off
    return weights
