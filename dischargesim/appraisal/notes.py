"""What must be shown wherever the figures of an appraisal are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dischargesim.appraisal.lines import Ledger
from dischargesim.appraisal.prices import prices
from dischargesim.appraisal.schema import Appraisal
from dischargesim.appraisal.worth import Worth, programme_costs

OPPORTUNITY_NOTE = (
    "Bed days freed are opportunity value, not cash: the next person uses the bed. Cash is released only where a "
    "scenario has fewer beds open, and a bed that is closed is not counted as freed as well."
)
_MOST = 6


def notes_of(ledgers: Sequence[Ledger], worths: Sequence[Worth], appraisal: Appraisal) -> list[str]:
    """Lines for the reader.

    Parameters
    ----------
    ledgers : sequence of Ledger
        The baseline's first.
    worths : sequence of Worth
    appraisal : Appraisal

    Returns
    -------
    list of str
        Opportunity value, price years, assumptions, years, what is not costed, and options without costs of their own.
    """
    used = {line.path for ledger in ledgers for line in ledger.lines}
    used |= {cost.path for ledger in ledgers for cost in programme_costs(appraisal, ledger)}
    priced = [one for one in prices(appraisal) if one.path in used]
    assumed = [one for one in priced if one.price.grade == "assumption"]
    years = list(dict.fromkeys(one.price.price_year for one in priced))
    lines = [
        OPPORTUNITY_NOTE,
        f"Prices stand in the years of their sources and are not uplifted ({'; '.join(years)}).",
        f"{len(assumed)} of {len(priced)} unit costs are assumptions: put your own in their place.",
        f"Each of the {appraisal.years} years is taken to be like the one simulated; year 0 is not discounted.",
        "Unit costs vary within their ranges, each on its own (triangular, the base being the mode), and so do the "
        "simulated means.",
    ]
    lines += _several(note for ledger in ledgers for note in ledger.notes)
    lines += _unmatched(ledgers, worths, appraisal)
    if any(len(one.replication) < 2 for one in worths):
        lines.append(
            "One replication does not tell how sure the simulated differences are: no interval has that in it."
        )
    return lines


def _several(notes: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(notes))
    more = [f"... and {len(found) - _MOST} more like that."] if len(found) > _MOST else []
    return found[:_MOST] + more


def _unmatched(ledgers: Sequence[Ledger], worths: Sequence[Worth], appraisal: Appraisal) -> list[str]:
    """Options whose budget does not differ from the baseline's, and names in the appraisal that nothing here has."""
    free = [
        one.label
        for one in worths
        if not one.programme and not one.differences[:, ~one.opportunity][:, _paid_for(one)].any()
    ]
    lines = []
    if free:
        named = ", ".join(free[:_MOST]) + (f" and {len(free) - _MOST} more" if len(free) > _MOST else "")
        lines.append(
            f"Nothing is paid for in {named} beyond what care then costs: give set-up and running costs under "
            "appraisal.options, or what looks like value is a change for nothing."
        )
    there = {line.key for ledger in ledgers for line in ledger.lines}
    priced = {"setting": [*appraisal.settings.names], "team": [*appraisal.teams.names], "task": [*appraisal.tasks]}
    for item, names in priced.items():
        missing = [name for name in names if (item, name) not in there]
        if missing:
            lines.append(f"Prices of {item}s that no scenario here has, or not in that unit: {', '.join(missing)}.")
    return lines


def _paid_for(one: Worth) -> list[bool]:
    """Of each budget line, whether it is provided (open, on duty) and not merely used."""
    return [line.unit.endswith(("open", "on duty")) for line in one.lines if line.account == "budget"]
