"""What an option is worth against the baseline: its net present value, as sums that are linear in every price.

Let ``d[r, i]`` be by how much line ``i`` of the option exceeds the baseline's in replication ``r``, a year; ``p[i]``
its price; ``c[i]`` 1 for a cost and -1 for something of value; ``A`` the sum of the discount factors of the years in
which the option is at work. With ``e`` the share of the benefits that is counted and the set-up and running costs
``k[j]``, each less the baseline's, with optimism bias ``b`` and their discount factors ``f[j]``:

    NPSV[r] = - A sum_i p[i] c[i] e[i] d[r, i] - sum_j (1 + b) f[j] k[j]

where ``e[i]`` is ``e`` for opportunity and 1 for the budget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dischargesim.appraisal.discount import HEALTH, MONEY, discount_factors
from dischargesim.appraisal.lines import Ledger, Line
from dischargesim.appraisal.schema import Appraisal, Factor, Option, Price

Floats = NDArray[np.float64]

BEDS_CLOSED = "beds_closed"


@dataclass(frozen=True, slots=True)
class Programme:
    """Set-up or running costs of an option.

    Attributes
    ----------
    item : {"set_up", "running"}
    name, path : str
    price : Price
    sign : int
        1 for the option's own, -1 for the baseline's.
    bias : float
        Optimism bias, a share.
    first, last : int
        Years in which it is paid, both included.
    factor : float
        Sum of their discount factors.
    """

    item: str
    name: str
    path: str
    price: Price
    sign: int
    bias: float
    first: int
    last: int
    factor: float

    @property
    def pounds(self) -> float:
        """Pounds each time that it is paid, optimism bias included, at the base price."""
        return self.sign * self.price.base * (1 + self.bias)

    @property
    def weight(self) -> float:
        """What a pound of its price changes in the net present value."""
        return -self.sign * (1 + self.bias) * self.factor


@dataclass(frozen=True, slots=True)
class Worth:
    """An option against the baseline.

    Attributes
    ----------
    label : str
    replication : ndarray of int64, (n,)
        Those that are paired.
    lines : list of Line
    differences : ndarray of float64, (n, lines)
        Option less baseline, a year.
    programme : list of Programme
    effects : mapping of str to Factor
        Shares of the benefits that are counted, by path; they are multiplied.
    starts : int
        First year in which anything differs but set-up costs.
    factors : ndarray of float64, (2, years)
        Discount factors of money and of health.
    """

    label: str
    replication: NDArray[np.int64]
    lines: list[Line]
    differences: Floats
    programme: list[Programme]
    effects: Mapping[str, Factor]
    starts: int
    factors: Floats

    @property
    def opportunity(self) -> NDArray[np.bool_]:
        """Of each line, whether it stands in the account of opportunity."""
        return np.array([line.account == "opportunity" for line in self.lines], dtype=bool)

    @property
    def signs(self) -> Floats:
        """Of each line, 1 for a cost and -1 for something of value."""
        return np.array([1.0 if line.cost else -1.0 for line in self.lines])

    @property
    def annuity(self) -> Floats:
        """Of each line, the sum of the discount factors of the years in which it differs."""
        money, health = self.factors[:, self.starts :].sum(axis=1)
        return np.array([health if line.health else money for line in self.lines])

    @property
    def prices(self) -> Floats:
        """Base prices of the lines."""
        return np.array([line.price.base for line in self.lines])

    def counted(self, effect: float | None = None) -> Floats:
        """Of each line, the share of it that is counted."""
        share = float(np.prod([one.base for one in self.effects.values()])) if effect is None else effect
        return np.where(self.opportunity, share, 1.0)

    @property
    def pounds_a_year(self) -> Floats:
        """Costs a year at base prices, replication by replication and line by line; less than 0 is of value."""
        costs: Floats = self.differences * (self.prices * self.signs * self.counted())
        return costs

    @property
    def programme_value(self) -> float:
        """Present value of set-up and running costs at base prices, counted as value: less than 0 as a rule."""
        return float(sum(one.weight * one.price.base for one in self.programme))

    @property
    def npsv(self) -> Floats:
        """Net present value at base prices, replication by replication."""
        value: Floats = -(self.pounds_a_year @ self.annuity) + self.programme_value
        return value

    def coefficients(self) -> dict[str, float]:
        """What a pound more of each price does to the net present value, by path of the price."""
        found: dict[str, float] = {}
        by_line = -self.differences.mean(axis=0) * self.signs * self.counted() * self.annuity
        for line, change in zip(self.lines, by_line.tolist(), strict=True):
            found[line.path] = found.get(line.path, 0.0) + change
        for one in self.programme:
            found[one.path] = found.get(one.path, 0.0) + one.weight
        return found

    def priced(self) -> dict[str, Price]:
        """Prices that matter, by path."""
        return {line.path: line.price for line in self.lines} | {one.path: one.price for one in self.programme}

    def npsv_of_draws(self, weights: Floats, draw: Mapping[str, Floats]) -> Floats:
        """Net present value of each draw of the means and the prices.

        Parameters
        ----------
        weights : ndarray of float64, (draws, n)
        draw : mapping of str to ndarray of float64, (draws,)
            By path.
        """
        effect = np.ones(len(weights))
        for path in self.effects:
            effect = effect * draw[path]
        weight = -self.signs * self.annuity
        costs = (weights @ self.differences) * weight
        costs *= np.stack([draw[line.path] for line in self.lines], axis=1)
        opportunity = self.opportunity
        value: Floats = costs[:, ~opportunity].sum(axis=1) + effect * costs[:, opportunity].sum(axis=1)
        for one in self.programme:
            value = value + one.weight * draw[one.path]
        return value

    def expected_npsv(self, mean: Mapping[str, float]) -> float:
        """Mean net present value, given the mean of each price: all of them vary on their own."""
        effect = float(np.prod([mean[path] for path in self.effects]))
        price = np.array([mean[line.path] for line in self.lines])
        by_line = self.differences.mean(axis=0) * price * self.signs * self.counted(effect) * self.annuity
        return float(-by_line.sum() + sum(one.weight * mean[one.path] for one in self.programme))


def worth(baseline: Ledger, option: Ledger, appraisal: Appraisal) -> Worth:
    """Hold an option's ledger against the baseline's, replication by replication.

    Parameters
    ----------
    baseline, option : Ledger
        Those replications count that both have.
    appraisal : Appraisal

    Returns
    -------
    Worth
    """
    _, here, there = np.intersect1d(baseline.replication, option.replication, assume_unique=True, return_indices=True)
    money = discount_factors(appraisal.rates, MONEY, appraisal.years)
    health = any(line.health for line in (*baseline.lines, *option.lines))
    factors = np.stack([money, discount_factors(appraisal.rates, HEALTH, appraisal.years) if health else money])
    lines = list({(line.key, line.path): line for line in (*baseline.lines, *option.lines)}.values())
    differences = np.stack([_of(option, line)[there] - _of(baseline, line)[here] for line in lines], axis=1)
    closed = _closed(lines, differences, (baseline.beds_open[here] - option.beds_open[there]))
    line = next(one for one in lines if one.item == "delayed_bed_days")
    lines.append(replace(line, item=BEDS_CLOSED, unit="freed bed days that closed beds took away"))
    differences = np.column_stack([differences, closed])
    found, base = programmes(appraisal, option), programmes(appraisal, baseline)
    found, base = ({k: v for k, v in a.items() if k not in b} for a, b in ((found, base), (base, found)))
    starts = max((one.starts_in for one in found.values()), default=0)
    costs = [
        cost
        for sign, which in ((1, found), (-1, base))
        for key, one in which.items()
        for cost in _costs(key, one, sign, appraisal, money)
    ]
    effects = {f"options.{key}.effect": one.effect for key, one in found.items() if one.effect != Factor()}
    numbers = option.replication[there]
    return Worth(option.label, numbers, lines, differences, costs, effects, starts, factors)


def _of(ledger: Ledger, line: Line) -> Floats:
    """Quantity of a line in a ledger, 0 where it has no such line at that price."""
    for at, one in enumerate(ledger.lines):
        if (one.key, one.path) == (line.key, line.path):
            found: Floats = ledger.quantities[:, at]
            return found
    return np.zeros(len(ledger.replication))


def _closed(lines: Sequence[Line], differences: Floats, closed: Floats) -> Floats:
    """Freed bed days of beds that were closed: the budget has them, and nobody else can use them."""
    freed = np.zeros(len(differences))
    for at, line in enumerate(lines):
        if line.item in ("delayed_bed_days", "avoided_bed_days"):
            freed = freed - differences[:, at] * (1 if line.cost else -1)
    return np.maximum(np.minimum(closed, freed), 0.0)


def programmes(appraisal: Appraisal, ledger: Ledger) -> dict[str, Option]:
    """Options of an appraisal that stand for a label, or for the scenario or one of those that it combines."""
    return {key: one for key, one in appraisal.options.items() if key == ledger.label or key in ledger.scenarios}


def programme_costs(appraisal: Appraisal, ledger: Ledger) -> list[Programme]:
    """All set-up and running costs of a scenario, whatever it is held against."""
    money = discount_factors(appraisal.rates, MONEY, appraisal.years)
    found = programmes(appraisal, ledger)
    return [cost for key, one in found.items() for cost in _costs(key, one, 1, appraisal, money)]


def _costs(key: str, option: Option, sign: int, appraisal: Appraisal, money: Floats) -> list[Programme]:
    bias = appraisal.optimism_bias if option.optimism_bias is None else option.optimism_bias
    first, last, starts = option.set_up_in, appraisal.years - 1, option.starts_in
    once, yearly = float(money[first]), float(money[starts:].sum())
    path = f"options.{key}"
    return [
        Programme("set_up", name, f"{path}.set_up.{name}", price, sign, bias, first, first, once)
        for name, price in option.set_up.items()
    ] + [
        Programme("running", name, f"{path}.running.{name}", price, sign, bias, starts, last, yearly)
        for name, price in option.running.items()
    ]
