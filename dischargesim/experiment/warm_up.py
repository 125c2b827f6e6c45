"""Whether the warm-up was long enough: Welch's curve, MSER-5, and queues that no warm-up would settle.

A run starts from a rough picture of a full system. The warm-up is there for it to settle, and is not counted. What is
kept of a run are the counted days; if those still begin with days of settling, more should have been dropped. Three
answers are told apart for each daily series:

- **settled**: the first counted days are like the rest;
- **too short**: they are not, and so many further days should have been dropped;
- **grows**: the series goes on growing to the end, and no slower than at first. Then there is no steady state to warm
  up to: somewhere more is asked for than there is.

Where demand has seasons, a winter at the beginning looks like a start that fades. A run of two years is judged by how
its days differ from year to year, in which a season does not show; of a shorter one it is said that it may be the
season.

Sources: Welch, P. (1983), The statistical analysis of simulation results, in Lavenberg (ed.), Computer Performance
Modeling Handbook (the moving average, also Law, Simulation Modeling and Analysis, 5th ed., 2015, section 9.5.1). White,
K. P. (1997), An effective truncation heuristic for bias reduction in simulation output, Simulation 69:323-334 (MSER;
over batches of five, MSER-5: White, Cobb and Spratt, 2000, Winter Simulation Conference).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from dischargesim.experiment.growth import FEWEST_RUNS, LEAST_A_WEEK, LEAST_A_YEAR
from dischargesim.experiment.moments import LEVEL, half_widths
from dischargesim.measures.daily import DAILY
from dischargesim.measures.growth import FEWEST_WEEKS, weekly_growth
from dischargesim.measures.registry import Row
from dischargesim.scenario.hours import MONTHS
from dischargesim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Answer = Literal["settled", "too_short", "grows", "too_few_days"]

BATCH = 5
"""Days that MSER-5 takes together."""
FEWEST_DAYS = 2 * 7 * FEWEST_WEEKS
"""Counted days from which on something can be told: each half has its growth."""
LEAST_SHARE = 0.01
"""Of the mean. A start that shifts it by less is of no account."""
LEAST_PEOPLE = 0.05
"""A start that shifts the mean by less is of no account."""
SURE = 0.99
"""Of the interval that tells a start which differs from chance: wide, since the days that differ most are picked out.
Of a hundred series that have settled, some four are then said not to have. Where several series of a scenario are
looked at it is wider still, by their number (Bonferroni)."""
SLOWING = 0.75
"""A series slows down if it surely grows in its second half by less than this share of its growth in the first."""
YEAR = 52 * 7
"""Days after which the season is the same again but for a day or two, and so is the day of the week."""
TWO_YEARS = 2 * YEAR
"""Days from which on years are compared: a start that fades over months must have done so within the first."""
MOST_RUNS = 200
"""Replications that are looked at: more would not change the answer, and their days would fill the memory."""
_WEEKS_A_YEAR = 365.25 / 7


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one daily series.

    Attributes
    ----------
    answer : {"settled", "too_short", "grows", "too_few_days"}
    further_days : int or None
        Counted days that should have been dropped; None where the run is too short to show how many, or no number
        would do.
    at_first, later : float
        Means over those days and over the rest, or the same days of the next year; over the two halves where there are
        no such days.
    or_season : bool
        It may be the season: demand has one, and the run is too short to tell, or arrivals are as they were counted.
    """

    answer: Answer
    further_days: int | None
    at_first: float
    later: float
    or_season: bool = False


def welch(series: Floats, window: int) -> Floats:
    """Welch's moving average, to see by eye where a series settles.

    Parameters
    ----------
    series : ndarray of float64, days
        Mean over the replications of each day.
    window : int
        Days on either side, at least 0 and at most half of the days.

    Returns
    -------
    ndarray of float64, days - window
        Entry ``i`` is the mean over the days ``i - window`` to ``i + window``; near the beginning, where there are
        fewer days before it, over as many after it as before.
    """
    total = np.concatenate([[0.0], np.cumsum(series)])
    day = np.arange(series.size - window)
    reach = np.minimum(day, window)
    averages: Floats = (total[day + reach + 1] - total[day - reach]) / (2 * reach + 1)
    return averages


def mser(series: Floats, batch: int = BATCH) -> tuple[int, Floats]:
    """MSER: where to cut a series so that the mean of the rest is surest.

    Parameters
    ----------
    series : ndarray of float64, days
        Mean over the replications of each day.
    batch : int
        Days taken together.

    Returns
    -------
    cut : int
        Days to drop: a multiple of `batch`, up to half of the series. At half of it the series has not settled.
    statistic : ndarray of float64
        For ``d`` = 0, 1, ... batches dropped of ``k``, the sum of the squared differences of the others from their
        mean, divided by ``(k - d) ** 2``; the cut is where it is least.
    """
    count = series.size // batch
    means = series[: count * batch].reshape(count, batch).mean(axis=1)
    dropped = np.arange(count // 2 + 1)
    # Sums from each batch to the last; about the mean of all, so that little is lost to rounding.
    centred = means - means.mean()
    total = np.cumsum(centred[::-1])[::-1][dropped]
    squares = np.cumsum(centred[::-1] ** 2)[::-1][dropped]
    left = count - dropped
    statistic: Floats = (squares - total**2 / left) / left**2
    # Of those that differ by rounding alone, the first.
    least = statistic <= statistic.min() + 1e-12 * statistic[0]
    return int(np.argmax(least)) * batch, statistic


def judge(series: Floats, *, seasonal: bool = False, together: int = 1) -> Judged:
    """Say whether a daily series had settled when counting began.

    Parameters
    ----------
    series : ndarray of float64, replications x days
    seasonal : bool
        It may change with the season, which comes again each year.
    together : int
        How many series are looked at, of which any may be called unsettled by chance. The first days must differ the
        more surely from the rest; what is said of growth does not hang on it.

    Returns
    -------
    Judged

    Notes
    -----
    The cut is that of MSER-5 on the mean over replications, from which the usual difference between the days of the
    week is taken out. Since MSER cuts something from most series that have settled too, a cut is reported only if the
    mean of the days before it surely differs from that of the days after, and dropping them shifts the mean by more
    than a trifle. Growth is that of `measures.growth.weekly_growth`, and is sure and more than a trifle by the rule of
    `experiment.growth`. A series that surely grows in its second half has not settled; one that surely grows over all
    days, and does not slow down, has not either.

    With seasons, and `TWO_YEARS` or more, it is how days differ from the same days of the next year that is cut, and
    growth is what that comes to a week.
    """
    days = series.shape[1]
    half = days // 2
    if days < FEWEST_DAYS:
        return Judged("too_few_days", None, float("nan"), float("nan"))
    by_year = seasonal and days >= TWO_YEARS
    unlike = series[:, :-YEAR] - series[:, YEAR:] if by_year else series
    middle = unlike.shape[1] // 2
    early, late, whole = (_growth(part, by_year) for part in (unlike[:, :middle], unlike[:, middle:], unlike))
    first, second = float(series[:, :half].mean()), float(series[:, half:].mean())
    slows = late.mean() < 0 or _surely_above(SLOWING * early - late)
    if _changes(late, second, (days - half) // 7):
        return Judged("too_short" if slows else "grows", None, first, second)
    if not slows and whole.mean() > 0 and _changes(whole, float(series.mean()), days // 7):
        return Judged("grows", None, first, second)
    cut, _ = mser(unlike.mean(axis=0) if by_year else _without_weekdays(series.mean(axis=0)))
    if cut == 0:
        return Judged("settled", 0, first, second)
    differs = unlike[:, :cut].mean(axis=1) - unlike[:, cut:].mean(axis=1)
    # By so much the mean of all counted days would be another without the first of them.
    shift = abs(differs.mean()) * cut / days
    later = series[:, YEAR : YEAR + cut] if by_year else series[:, cut:]
    surely = _surely_above(_upward(differs), 1 - (1 - SURE) / together)
    if not surely or shift <= max(LEAST_PEOPLE, LEAST_SHARE * abs(float(series[:, cut:].mean()))):
        return Judged("settled", 0, first, second)
    return Judged("too_short", cut, float(series[:, :cut].mean()), float(later.mean()))


def _growth(series: Floats, by_year: bool) -> Floats:
    """Growth a week, one a replication: of days, or of what days of one year are above those of the next."""
    if not by_year:
        return weekly_growth(series)
    growth: Floats = -series.mean(axis=1) / (YEAR / 7)
    return growth


def _upward(differences: Floats) -> Floats:
    """The differences with their signs turned so that their mean is not negative."""
    upward: Floats = differences if differences.mean() >= 0 else -differences
    return upward


def _changes(growth: Floats, level: float, weeks: int) -> bool:
    """Whether a growth a week, one figure a replication, is more than chance and more than a trifle, up or down."""
    upward = _upward(growth)
    mean = float(upward.mean())
    if growth.size < FEWEST_RUNS:
        return mean * weeks > max(abs(level), LEAST_A_WEEK * weeks)
    trifle = mean <= LEAST_A_WEEK or mean * _WEEKS_A_YEAR <= LEAST_A_YEAR * abs(level)
    return not trifle and _surely_above(upward - LEAST_A_WEEK)


def _surely_above(values: Floats, level: float = LEVEL) -> bool:
    """Whether the whole interval of the mean lies above 0; from a single replication, whether its value does."""
    mean, half, count = half_widths(values, level)
    return bool(mean > 0 if count < 2 else mean - half > 0)


def _without_weekdays(series: Floats) -> Floats:
    """Take out what is alike in every week, as the second half shows it."""
    days = series.size
    start = days // 2
    weeks = (days - start) // 7
    later = series[days - 7 * weeks :].reshape(weeks, 7).mean(axis=0)
    pattern = np.roll(later - later.mean(), (days - 7 * weeks) % 7)
    level: Floats = series - pattern[np.arange(days) % 7]
    return level


def check(scenario: Scenario, rows: Sequence[Row], daily: Iterable[Floats]) -> list[tuple[Row, Judged]]:
    """Judge the warm-up of a scenario by the series that show it.

    Parameters
    ----------
    scenario : Scenario
    rows : sequence of Row
        `measures.daily_index` of the scenario.
    daily : iterable of ndarray of float64, replications x rows x days
        Batches of replications. No more than `MOST_RUNS` are looked at.

    Returns
    -------
    list of (Row, Judged)
        For the people remaining in hospital, the acute beds occupied, and each setting of limited capacity: the people
        in it, and the people waiting for it. A setting that is split between localities is looked at as a whole. The
        people in a setting are never said to grow for ever: its capacity ends that, however slowly it fills.
    """
    watched = [column for column, row in enumerate(rows) if _shows_it(scenario, row)]
    kept: list[Floats] = []
    runs = 0
    for batch in daily:
        kept.append(batch[: MOST_RUNS - runs, watched])
        runs += len(kept[-1])
        if runs >= MOST_RUNS:
            break
    series = np.concatenate(kept)
    counted, monthly = _is_counted(scenario), _has_months(scenario)
    cannot_tell = counted or (monthly and series.shape[2] < TWO_YEARS)
    found = []
    for place, column in enumerate(watched):
        judged = judge(series[:, place], seasonal=monthly and not counted, together=len(watched))
        judged = _ends(rows[column], judged)
        found.append((rows[column], replace(judged, or_season=cannot_tell and judged.answer in ("too_short", "grows"))))
    return found


def _has_months(scenario: Scenario) -> bool:
    """Whether more people come in some months than in others, the same each year."""
    arrivals = [cohort.arrivals for cohort in scenario.cohorts.values()]
    unsaid = (len(MONTHS) - len(one.months) for one in arrivals)
    return any(len({*one.months.values(), *[1.0] * rest}) > 1 for one, rest in zip(arrivals, unsaid, strict=True))


def _is_counted(scenario: Scenario) -> bool:
    """Whether people come as they were counted: with seasons, and with what no other year has."""
    return any(cohort.arrivals.daily_counts is not None for cohort in scenario.cohorts.values())


def _ends(row: Row, judged: Judged) -> Judged:
    full = row.measure in ("daily_people", "daily_beds_occupied")
    return replace(judged, answer="too_short") if full and judged.answer == "grows" else judged


def _shows_it(scenario: Scenario, row: Row) -> bool:
    if row.group == "all":
        return row.measure in ("daily_nctr_remaining", "daily_beds_occupied")
    setting = scenario.settings.get(row.group.removeprefix("setting="))
    limited = setting is not None and setting.capacity != "unlimited"
    return limited and row.measure in ("daily_people", "daily_waiting")


def warm_up_table(checks: Iterable[tuple[str, Scenario, Sequence[tuple[Row, Judged]]]]) -> pd.DataFrame:
    """Answers for several scenarios, a row each series.

    Parameters
    ----------
    checks : iterable of (str, Scenario, sequence of (Row, Judged))
        Label and scenario, and what `check` says.

    Returns
    -------
    pandas.DataFrame
        Columns option, measure, group, unit, warm_up_days, answer, further_days, at_first, later, or_season.
    """
    import pandas as pd

    lines = [
        (label, *row, scenario.run.warm_up_days, one.answer, one.further_days, one.at_first, one.later, one.or_season)
        for label, scenario, judged in checks
        for row, one in judged
    ]
    columns = ["option", "measure", "group", "unit", "warm_up_days", "answer", "further_days", "at_first", "later"]
    return pd.DataFrame(lines, columns=[*columns, "or_season"]).astype({"further_days": "Int64"})


def warnings(scenario: Scenario, judged: Sequence[tuple[Row, Judged]]) -> list[str]:
    """What a reader should know of the warm-up of a scenario, in a line or two.

    Parameters
    ----------
    scenario : Scenario
    judged : sequence of (Row, Judged)
        What `check` says.

    Returns
    -------
    list of str
        Empty if it was long enough.
    """
    days = scenario.run.warm_up_days
    if judged and all(one.answer == "too_few_days" for _, one in judged):
        return [f"too few counted days to tell whether the warm-up was long enough (at least {FEWEST_DAYS})"]
    found = []
    short = [(row, one) for row, one in judged if one.answer == "too_short"]
    known = [one.further_days for _, one in short if one.further_days is not None]
    if short:
        names = "; ".join(_named(scenario, row) for row, _ in short)
        more = f"{max(known)} further days" if len(known) == len(short) else "more further days than this run shows"
        found.append(f"the warm-up of {days} days is too short for {names}: {more} (run.warm_up_days)")
    growing = [_named(scenario, row) for row, one in judged if one.answer == "grows"]
    if growing:
        found.append(f"no warm-up would settle {'; '.join(growing)}: it goes on growing to the end of the run")
    if any(one.or_season for _, one in judged):
        # Said of all of a scenario's series or of none.
        tells = f"a run of {scenario.run.days} days cannot tell, one of {TWO_YEARS} can (run.days)"
        if _is_counted(scenario):
            tells = "arrivals that were counted go up and down as they did"
        found = [f"{text}. Or it is the season: {tells}" for text in found]
    return found


def _named(scenario: Scenario, row: Row) -> str:
    title = next(series.title for series in DAILY if series.name == row.measure)
    title = title[0].lower() + title[1:]
    if row.group == "all":
        return title
    setting = scenario.settings[row.group.removeprefix("setting=")].title
    return f"{title.replace(' in the setting', '').replace(' for a place', '')} ({setting})"
