"""Options held against a baseline in pounds: what they cost, what they are worth, who pays, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dischargesim.appraisal import break_even, tables
from dischargesim.appraisal.lines import Ledger, ledger
from dischargesim.appraisal.notes import notes_of
from dischargesim.appraisal.prices import drawn, expected, weights_of_means
from dischargesim.appraisal.schema import Appraisal, Factor, Range
from dischargesim.appraisal.worth import Worth, worth
from dischargesim.experiment.compared import CannotCompare, Contender
from dischargesim.experiment.pairing import why_not
from dischargesim.plan.streams import Streams

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Appraised:
    """What options cost and are worth. All differences are option less baseline, on the same people.

    Wherever there is money, the column `account` or `label` says what is opportunity value and not cash.

    Attributes
    ----------
    baseline : str
        Its label.
    appraisal : Appraisal
    costs : pandas.DataFrame
        What each scenario, the baseline included, costs a year; see `tables.costs`.
    changes : pandas.DataFrame
        By how much each option's lines differ from the baseline's; see `tables.changes`.
    options : pandas.DataFrame
        A row each option: net present value, its uncertainty, ratios, payback; see `tables.options`.
    by_payer, by_class : pandas.DataFrame
        Changes by who pays, and by what becomes of the money; see `tables.grouped`.
    years : pandas.DataFrame
        Each option year by year; see `tables.years`.
    switching : pandas.DataFrame
        Values at which an option breaks even; see `break_even.switching`.
    tornado : pandas.DataFrame
        What moves the net present value most; see `break_even.tornado`.
    unmonetised : pandas.DataFrame
        What has no price; see `tables.unmonetised`.
    draws : ndarray of float64, (draws, options)
        Net present values of the draws of means and prices, for a picture of their distribution.
    notes : list of str
        What must be shown with the figures.
    """

    baseline: str
    appraisal: Appraisal
    costs: pd.DataFrame
    changes: pd.DataFrame
    options: pd.DataFrame
    by_payer: pd.DataFrame
    by_class: pd.DataFrame
    years: pd.DataFrame
    switching: pd.DataFrame
    tornado: pd.DataFrame
    unmonetised: pd.DataFrame
    draws: Floats
    notes: list[str]


def appraise(contenders: Sequence[Contender], appraisal: Appraisal) -> Appraised:
    """Cost scenarios from their stored figures, and hold the options against the baseline.

    Parameters
    ----------
    contenders : sequence of Contender
        The baseline first; from the baseline alone only `costs` has rows.
    appraisal : Appraisal

    Returns
    -------
    Appraised

    Raises
    ------
    CannotCompare
        If they may not be paired.
    ScenarioError
        If a price would count something twice.
    """
    first, *others = contenders
    lines = [str(problem) for option in others for problem in why_not(first.run, option.run)]
    if lines:
        raise CannotCompare(lines)
    return appraised([ledger(one.scenario, one.figures(), appraisal) for one in contenders], appraisal)


def appraised(ledgers: Sequence[Ledger], appraisal: Appraisal) -> Appraised:
    """As `appraise`, from ledgers; the baseline's first."""
    baseline, *others = ledgers
    worths = [worth(baseline, option, appraisal) for option in others]
    draws, means = _uncertain(worths, appraisal)
    payer, group = tables.grouped(worths, "payer"), tables.grouped(worths, "benefit_class")
    return Appraised(
        baseline=baseline.label,
        appraisal=appraisal,
        costs=tables.costs(ledgers, appraisal),
        changes=tables.changes(worths),
        options=tables.options(worths, draws, means),
        by_payer=payer,
        by_class=group,
        years=tables.years(worths),
        switching=break_even.switching(worths, appraisal),
        tornado=break_even.tornado(worths),
        unmonetised=tables.unmonetised(ledgers),
        draws=draws,
        notes=notes_of(ledgers, worths, appraisal),
    )


def _uncertain(worths: Sequence[Worth], appraisal: Appraisal) -> tuple[Floats, list[float]]:
    """Draws of the net present value of each option, and its exact mean."""
    streams, count = Streams(appraisal.seed, 0), appraisal.draws
    draw: dict[str, Floats] = {}
    mean: dict[str, float] = {}
    weights: dict[bytes, Floats] = {}
    values, means = np.empty((count, len(worths))), []
    for at, one in enumerate(worths):
        numbers: dict[str, Range | Factor] = {**one.priced(), **one.effects}
        for path, number in numbers.items():
            if path not in draw:
                draw[path] = drawn(number, streams, path, count)
                mean[path] = expected(number)
        key = one.replication.tobytes()
        if key not in weights:
            weights[key] = weights_of_means(one.replication, streams, count)
        values[:, at] = one.npsv_of_draws(weights[key], draw)
        means.append(one.expected_npsv(mean))
    return values, means
