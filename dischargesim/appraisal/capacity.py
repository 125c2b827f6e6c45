"""Cost-optimal capacity: what places cost against what delays cost, over the capacities of a stored sweep.

For each capacity ``c`` of a setting, and each replication, the cost a year is

    places provided x price of a place a day x 365  +  bed days lost to delays a year x value of such a day.

A place costs what it costs whether somebody is in it or not. The value of a delayed bed day is what the day is worth to
others, and not cash: the optimum is where a further place costs more than the delay that it takes away, seen for the
whole system and not for the budget of whoever pays for the places. Everything that does not depend on the capacity is
left out, such as the cost of the hospital's beds; so the totals here are no budget, and differ by a constant from one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dischargesim.appraisal.lines import DAYS_A_YEAR, WEEKS_A_YEAR
from dischargesim.appraisal.prices import drawn, weights_of_means
from dischargesim.appraisal.schema import Appraisal, SettingPrice
from dischargesim.experiment.compare import paired
from dischargesim.experiment.moments import half_widths
from dischargesim.experiment.ranking import may_be_best
from dischargesim.experiment.store import Point, Store
from dischargesim.measures import measure_index
from dischargesim.plan.streams import Streams

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

FLAT = 0.01
"""Capacities whose cost is within this share of the lowest count as no dearer to speak of."""


@dataclass(frozen=True)
class CapacityCurve:
    """Cost by capacity.

    Attributes
    ----------
    settings : tuple of str
        Whose capacity varies: one setting, or several together.
    held : dict of str to str
        What else varies in the sweep, and its value here.
    table : pandas.DataFrame
        A row each point, by capacity: option (its label); ``capacity_NAME`` for each setting; places_pounds_a_year;
        delay_pounds_a_year, with _lower and _upper; total_pounds_a_year, with _lower and _upper (95%, of the simulation
        alone); behind_pounds_a_year, with _lower and _upper (more than the cheapest, paired); may_be_cheapest;
        probability_cheapest (over prices and simulation); delayed_beds (people delayed at the end of the day); waiting
        (people waiting for a place in these settings); share_of_delay_today (NaN without a point for today); today;
        label (what kind of pounds).
    cheapest : dict of str to float
        Capacity of each setting with the lowest mean cost.
    flat : dict of str to (float, float)
        Lowest and highest capacity within `FLAT` of the lowest cost.
    delay_left : float
        Delayed beds at the cheapest capacity as a share of those today; NaN without a point for today.
    removable_left : float
        The same of those delayed beds that capacity can take away: over the fewest of the sweep. NaN if there are none.
    at_edge : bool
        The cheapest capacity is the lowest or highest that was tried of some setting: the optimum may lie beyond.
    notes : list of str
        What must be shown with it.
    """

    settings: tuple[str, ...]
    held: dict[str, str]
    table: pd.DataFrame
    cheapest: dict[str, float]
    flat: dict[str, tuple[float, float]]
    delay_left: float
    removable_left: float
    at_edge: bool
    notes: list[str]


@dataclass(frozen=True, slots=True)
class _Read:
    """Figures of a point: its settings' capacity and queue, replication by replication."""

    point: Point
    capacity: dict[str, float]
    open: Floats
    waiting: Floats
    delayed: Floats
    lost: Floats


def cost_optimal(store: Store, appraisal: Appraisal) -> list[CapacityCurve]:
    """Curves of cost by capacity, for the axes ``settings.NAME.capacity`` of a sweep.

    Parameters
    ----------
    store : Store
        Of a sweep; only points that are done count.
    appraisal : Appraisal

    Returns
    -------
    list of CapacityCurve
        With one such axis, a curve for each combination of what else varies. With several, one of all of them together
        for each combination, and then one for each of them with the others at the cheapest. None for a sweep without
        such an axis, or of settings without a price.
    """
    points = [point for point in store.points if point.status == "done"]
    axes = [axis for axis in _axes(points) if _price(axis, points, store, appraisal) is not None]
    if not axes:
        return []
    today = _today(store, points)
    found = []
    for held, group in _groups(points, [f"settings.{name}.capacity" for name in axes]):
        read = [_read(store, point, axes) for point in group]
        if len({tuple(one.capacity.values()) for one in read}) < 2:
            continue
        now = next((one for one in read if one.point.label == today), None)
        whole = _curve(read, tuple(axes), held, now, store, appraisal)
        found.append(whole)
        for name in axes if len(axes) > 1 else ():
            others = {other: whole.cheapest[other] for other in axes if other != name}
            line = [one for one in read if all(one.capacity[other] == at for other, at in others.items())]
            if len(line) > 1:
                fixed = {f"settings.{other}.capacity": f"{at:g}" for other, at in others.items()}
                found.append(_curve(line, (name,), {**held, **fixed}, now, store, appraisal))
    return found


def _axes(points: Sequence[Point]) -> list[str]:
    """Settings whose capacity varies."""
    paths = dict.fromkeys(path for point in points for path in point.varied)
    parts = [path.split(".") for path in paths]
    return [part[1] for part in parts if len(part) == 3 and part[0] == "settings" and part[2] == "capacity"]


def _groups(points: Sequence[Point], axes: Sequence[str]) -> list[tuple[dict[str, str], list[Point]]]:
    """Points by what else varies, those without one of the axes left out."""
    groups: dict[tuple[tuple[str, str], ...], list[Point]] = {}
    for point in points:
        if all(axis in point.varied for axis in axes):
            held = tuple((path, value) for path, value in point.varied.items() if path not in axes)
            groups.setdefault(held, []).append(point)
    return [(dict(held), group) for held, group in groups.items()]


def _today(store: Store, points: Sequence[Point]) -> str:
    """Label of the point that stands for today: the one to compare to, or the first."""
    labels = [point.label for point in points]
    return store.compare_to if store.compare_to in labels else labels[0]


def _price(name: str, points: Sequence[Point], store: Store, appraisal: Appraisal) -> tuple[str, SettingPrice] | None:
    """Path and price of a place in a setting that has the same kind and unit in all points."""
    setting = store.scenario(points[0]).settings.get(name)
    return None if setting is None else appraisal.settings.price_of(name, setting.kind, setting.unit_name)


def _read(store: Store, point: Point, axes: Sequence[str]) -> _Read:
    scenario = store.scenario(point)
    at = {(row.measure, row.group): column for column, row in enumerate(measure_index(scenario))}
    _, values = store.values(point)

    def of(measure: str, group: str = "all") -> Floats:
        found: Floats = values[:, at[measure, group]]
        return found

    open_ = np.stack([of("setting_capacity", f"setting={name}") for name in axes], axis=1)
    capacity = {name: float(point.varied[f"settings.{name}.capacity"]) for name in axes}
    waiting = sum((of("setting_queue", f"setting={name}") for name in axes), np.zeros(len(values)))
    lost = of("nctr_bed_days_lost") * (DAYS_A_YEAR / scenario.run.days)
    return _Read(point, capacity, open_, waiting, of("nctr_remaining"), lost)


def _curve(
    read: Sequence[_Read],
    settings: tuple[str, ...],
    held: Mapping[str, str],
    today: _Read | None,
    store: Store,
    appraisal: Appraisal,
) -> CapacityCurve:
    read = sorted(read, key=lambda one: tuple(one.capacity[name] for name in settings))
    prices = [_price(name, [read[0].point], store, appraisal) for name in settings]
    found = [one for one in prices if one is not None]
    table = _table(read, settings, found, today, appraisal)
    mean, delayed = table["total_pounds_a_year"].to_numpy(), table["delayed_beds"].to_numpy()
    best = int(np.argmin(mean))
    near = table[mean <= mean[best] * (1 + FLAT)]
    cheapest = {name: read[best].capacity[name] for name in settings}
    flat = {name: (float(near[f"capacity_{name}"].min()), float(near[f"capacity_{name}"].max())) for name in settings}
    tried = {name: sorted({one.capacity[name] for one in read}) for name in settings}
    edge = [name for name, all_ in tried.items() if len(all_) > 1 and cheapest[name] in (all_[0], all_[-1])]
    now, least = _delayed_today(today, read), float(delayed.min())
    removable = float((delayed[best] - least) / (now - least)) if now > least else np.nan
    notes = _notes(settings, found, edge, today, store, read)
    left = float(delayed[best] / now)
    return CapacityCurve(settings, dict(held), table, cheapest, flat, left, removable, bool(edge), notes)


def _runs(read: Sequence[_Read]) -> int:
    """Replications that all points have."""
    return min(len(one.lost) for one in read)


def _delayed_today(today: _Read | None, read: Sequence[_Read]) -> float:
    return np.nan if today is None else float(today.delayed[: _runs(read)].mean())


def _table(
    read: Sequence[_Read],
    settings: Sequence[str],
    prices: Sequence[tuple[str, SettingPrice]],
    today: _Read | None,
    appraisal: Appraisal,
) -> pd.DataFrame:
    """The points with their costs; see `CapacityCurve.table`."""
    import pandas as pd

    runs = _runs(read)
    columns = [list(read[0].capacity).index(name) for name in settings]
    factor = [WEEKS_A_YEAR if price.per == "care_hour" else DAYS_A_YEAR for _, price in prices]
    # Axes: replications, points, settings.
    places = np.stack([one.open[:runs][:, columns] for one in read], axis=1) * factor
    lost = np.stack([one.lost[:runs] for one in read], axis=1)
    provided = places @ np.array([price.base for _, price in prices])
    delay = lost * appraisal.delayed_bed_day.base
    total = provided + delay
    mean, half, _ = half_widths(total)
    of_delay, delay_half, _ = half_widths(delay)
    best = int(np.argmin(mean))
    behind = paired(np.repeat(total[:, [best]], len(read), axis=1), total)
    delayed = np.array([one.delayed[:runs].mean() for one in read])
    return pd.DataFrame(
        {
            "option": [one.point.label for one in read],
            **{f"capacity_{name}": [one.capacity[name] for one in read] for name in settings},
            "places_pounds_a_year": provided.mean(axis=0),
            "delay_pounds_a_year": of_delay,
            "delay_pounds_a_year_lower": of_delay - delay_half,
            "delay_pounds_a_year_upper": of_delay + delay_half,
            "total_pounds_a_year": mean,
            "total_pounds_a_year_lower": mean - half,
            "total_pounds_a_year_upper": mean + half,
            "behind_pounds_a_year": mean - mean[best],
            "behind_pounds_a_year_lower": behind.lower,
            "behind_pounds_a_year_upper": behind.upper,
            "may_be_cheapest": may_be_best(total),
            "probability_cheapest": _probabilities(places, lost, prices, appraisal),
            "delayed_beds": delayed,
            "waiting": [one.waiting[:runs].mean() for one in read],
            "share_of_delay_today": delayed / _delayed_today(today, read),
            "today": [one is today for one in read],
            "label": "Cost of places provided, and opportunity value of delayed bed days: not cash",
        }
    )


def _probabilities(
    places: Floats, lost: Floats, prices: Sequence[tuple[str, SettingPrice]], appraisal: Appraisal
) -> Floats:
    """Share of the draws of prices and means in which each point is the cheapest; ties are divided."""
    streams, draws = Streams(appraisal.seed, 0), appraisal.draws
    weights = weights_of_means(np.arange(len(lost)), streams, draws)
    total = (weights @ lost) * drawn(appraisal.delayed_bed_day, streams, "delayed_bed_day", draws)[:, None]
    for at, (path, price) in enumerate(prices):
        total += (weights @ places[:, :, at]) * drawn(price, streams, path, draws)[:, None]
    cheapest = total == total.min(axis=1, keepdims=True)
    share: Floats = (cheapest / cheapest.sum(axis=1, keepdims=True)).mean(axis=0)
    return share


def _notes(
    settings: Sequence[str],
    prices: Sequence[tuple[str, SettingPrice]],
    edge: Sequence[str],
    today: _Read | None,
    store: Store,
    read: Sequence[_Read],
) -> list[str]:
    lines = ["A delayed bed day counts at what it is worth to others, which is no cash; places are paid for in pounds."]
    for name, (path, price) in zip(settings, prices, strict=True):
        if price.per != "open_day":
            text = f"{path} is a price for use; here it is taken as that of a unit of capacity provided, used or not."
            lines.append(text)
        if store.scenario(read[0].point).settings[name].kind == "acute":
            text = "what more hospital beds are for, shorter waits and fewer cancellations, has no price here"
            lines.append(f"{name}: {text}.")
    if edge:
        text = "the cheapest is the lowest or highest capacity tried; the optimum may lie beyond"
        lines.append(f"{', '.join(edge)}: {text}.")
    if today is None:
        lines.append("None of these points stands for today, so that no share of today's delay can be given.")
    else:
        lines.append(f"Today is the point {today.point.label}.")
    if len(read[0].lost) < 2:
        lines.append("One replication gives no interval.")
    return lines
