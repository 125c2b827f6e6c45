"""Reading an appraisal from plain data, as the command line and the results folder hand it over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dischargesim.appraisal.discount import HEALTH, MONEY, longest, rate_sets
from dischargesim.appraisal.schema import Appraisal
from dischargesim.scenario.asked import asked_for
from dischargesim.scenario.explain import explain
from dischargesim.scenario.gather import refused, without_nothing
from dischargesim.scenario.problems import Problem, ScenarioError, suggestion


def appraisal_settings(given: Mapping[str, Any]) -> Appraisal:
    """An appraisal from plain data.

    Parameters
    ----------
    given : mapping
        As in a file of the group `appraisal`; what is nothing (null) is left out.

    Returns
    -------
    Appraisal

    Raises
    ------
    ScenarioError
        With every problem that was found.
    """
    data = without_nothing(dict(given))
    problems = list(refused(data, "appraisal"))
    if problems:
        raise ScenarioError(problems)
    try:
        appraisal = Appraisal.model_validate(data)
    except ValidationError as error:
        found = explain(error.errors(), data, Appraisal)
        raise ScenarioError(
            [Problem(f"appraisal.{p.path}".rstrip("."), p.problem, p.got, p.expected, p.unit) for p in found]
        ) from None
    problems = _of_years(appraisal)
    if problems:
        raise ScenarioError(problems)
    return appraisal


def named_appraisal(*overrides: str, config_dir: Path | None = None) -> Appraisal | None:
    """An appraisal as the command line names it.

    Parameters
    ----------
    *overrides : str
        Such as ``"appraisal=england"`` and ``"appraisal.years=5"``; the default one without any.
    config_dir : Path, optional
        The user's own folder.

    Returns
    -------
    Appraisal or None
        None for ``appraisal=none``.

    Raises
    ------
    ScenarioError
        With every problem that was found.
    """
    asked = asked_for(overrides, config_dir).appraisal
    return None if asked is None else appraisal_settings(asked)


def _of_years(appraisal: Appraisal) -> list[Problem]:
    """What is wrong with the years and the rates."""
    known = rate_sets()
    if appraisal.rates not in known:
        there = suggestion(appraisal.rates, known)
        return [Problem("appraisal.rates", "there is no set of discount rates of this name", appraisal.rates, there)]
    health = any(effect.discount == HEALTH for effect in appraisal.effects.values())
    found = []
    for kind in (MONEY, HEALTH) if health else (MONEY,):
        years = longest(appraisal.rates, kind)
        if appraisal.years > years:
            text = f"longer than the discount rates for {kind} of {appraisal.rates} go on"
            found.append(Problem("appraisal.years", text, str(appraisal.years), f"at most {years}", "years"))
    for label, option in appraisal.options.items():
        if option.starts_in >= appraisal.years:
            path = f"appraisal.options.{label}.starts_in"
            text = "after the last year of the appraisal"
            found.append(Problem(path, text, str(option.starts_in), f"0 to {appraisal.years - 1}", "years"))
    return found
