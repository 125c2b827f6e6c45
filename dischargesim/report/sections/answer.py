"""The answer: what was found in plain English, with how sure it is, and what must not be overlooked."""

from __future__ import annotations

from collections.abc import Iterator

from dischargesim.experiment.compare import NO_DIFFERENCE, TOO_FEW
from dischargesim.report.blocks import Block, Items, Paragraph, Section
from dischargesim.report.material import Material, Option
from dischargesim.report.sections.words import (
    Held,
    estimate_text,
    held,
    listed,
    number,
    replications,
    sentences,
)

_TOLD = 4
"""Options of which the answer tells one by one; the others are counted."""
_FEW = 10
OPPORTUNITY = (
    "Bed days freed are opportunity value and not cash: the beds would be filled by others, unless a ward is closed."
)


def answer(material: Material) -> Section:
    """The first section of a report.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section
    """
    blocks: list[Block] = []
    if material.question:
        blocks.append(Paragraph(f"The question: {material.question}"))
    if material.comparison is None:
        blocks.append(Paragraph(_as_it_is(material.baseline), "answer"))
    else:
        blocks.append(Paragraph(_held_against_it(material), "answer"))
        blocks.append(Paragraph(_as_it_is(material.baseline)))
    blocks.append(Paragraph(sentences(_how_sure(material), OPPORTUNITY)))
    cautions = list(dict.fromkeys(_cautions(material)))
    if cautions:
        blocks.append(Items(tuple(cautions), "Before these figures are used:", "caution"))
    return Section("answer", "The answer", tuple(blocks))


def _as_it_is(option: Option) -> str:
    """What the system does, in figures."""
    scenario = option.scenario
    parts = [f"{scenario.system.title}, {scenario.scenario.title}, over {scenario.run.days:,} days:"]
    remaining = option.figure("nctr_remaining")
    if remaining is not None:
        told = estimate_text(remaining, "people")
        parts.append(f"on average {told} are in hospital at the end of the day though they are ready to leave")
        lost = option.figure("nctr_bed_days_lost")
        parts.append("" if lost is None else f"which costs {estimate_text(lost, 'bed days')}")
        delay = option.figure("nctr_mean_delay")
        parts.append("" if delay is None else f"or {estimate_text(delay, 'days')} for each of all who are discharged")
    text = f"{parts[0]} {', '.join(part for part in parts[1:] if part)}."
    occupied, avoided = option.figure("bed_occupancy"), option.figure("avoided_net")
    return sentences(
        text,
        "" if occupied is None else f"Acute beds are {estimate_text(occupied, 'share')} occupied.",
        ""
        if avoided is None or not avoided.mean
        else f"{estimate_text(avoided, 'admissions')} are avoided by services.",
        _largest(option),
    )


def _largest(option: Option) -> str:
    """The family of reasons that most days go to."""
    shares = sorted(option.by("nctr_bed_days_share", "family"), key=lambda pair: -pair[1].mean)
    if len(shares) < 2 or not shares[0][1].mean:
        return ""
    (first, most), (second, next_most) = shares[:2]
    # The larger of two that overlap is not the largest for sure.
    if most.lower > next_most.upper:
        return f"Most of these days go to {_words(first)}: {estimate_text(most, 'share')}."
    names = f"{_words(first)} ({number(100 * most.mean)}%) and {_words(second)}"
    return f"The largest parts of these days go to {names} ({number(100 * next_most.mean)}%)."


def _words(key: str) -> str:
    return key.replace("_", " ")


def _held_against_it(material: Material) -> str:
    """What the options do to the bed days lost, and no more than their intervals carry."""
    rows = held(material, "nctr_bed_days_lost")
    days, baseline = material.baseline.scenario.run.days, material.baseline.label
    if any(row.verdict == TOO_FEW for row in rows):
        return (
            f"{_options(len(rows))} held against {baseline} over {days:,} days, in a single replication: that cannot "
            "tell a difference from chance. Ask for ten or more (run.replications=10)."
        )
    fewer, more = ([row for row in rows if row.clear and (row.upper < 0) == down] for down in (True, False))
    unclear = [row.option for row in rows if not row.clear]
    parts = [_so_many(fewer, len(rows), "cut"), _so_many(more, len(rows), "add to")]
    if unclear:
        all_of_many = len(unclear) == len(rows) > _TOLD
        whom = f"any of the {len(rows)} options" if all_of_many else listed(unclear, _TOLD)
        parts.append(f"no clear difference in the bed days lost to delays for {whom}")
    text = "; ".join(part for part in parts if part)
    text = f"Held against {baseline} on the same people, over {days:,} days: {text}."
    return sentences(text, _avoided(material), _best(material))


def _options(count: int) -> str:
    return "One option is" if count == 1 else f"{count} options are"


def _so_many(rows: list[Held], of: int, verb: str) -> str:
    """How many options do so, and by how much, those that rank best first."""
    if not rows:
        return ""
    by = [f"by {number(abs(row.difference))} (95% interval {_span(row)})" for row in rows[:_TOLD]]
    if of == 1:
        verb = {"cut": "cuts", "add to": "adds to"}[verb]
        return f"{rows[0].option} clearly {verb} the bed days lost to delays, {by[0]}"
    who = f"{len(rows)} of {of} options"
    if len(rows) == of:
        who = "both options" if of == 2 else f"all {of} options"
    each = [f"{row.option} {text}" for row, text in zip(rows, by, strict=False)]
    more = f" and {len(rows) - _TOLD} more" if len(rows) > _TOLD else ""
    return f"{who} clearly {verb} the bed days lost to delays: {', '.join(each)}{more}"


def _span(row: Held) -> str:
    low, high = sorted((abs(row.lower), abs(row.upper)))
    size = abs(row.difference)
    return f"{number(low, size)} to {number(high, size)}"


def _avoided(material: Material) -> str:
    """Admissions avoided, where an option changes them."""
    rows = [row for row in held(material, "avoided_net") if row.verdict != NO_DIFFERENCE]
    if not rows:
        return ""
    clear = [row for row in rows if row.clear]
    if not clear:
        return "There is no clear difference in admissions avoided."
    each = [
        f"{row.option} {number(abs(row.difference))} {'more' if row.lower > 0 else 'fewer'} (95% interval {_span(row)})"
        for row in clear[:_TOLD]
    ]
    more = f" and {len(clear) - _TOLD} more options that differ clearly" if len(clear) > _TOLD else ""
    return f"Admissions avoided: {', '.join(each)}{more}."


def _best(material: Material) -> str:
    """The first of the ranking, and what cannot be told from it."""
    ranked = material.ranking
    if ranked is None or not len(ranked):
        return ""
    places = [(str(row["option"]), _true(row["may_be_best"])) for row in ranked.to_dict("records")]
    first, *others = places
    same = [name for name, may_be_best in others if may_be_best]
    what = "people ready to leave and still in hospital"
    if int(ranked["pairs"].iloc[0]) < 2:
        return ""
    if not same:
        return f"By the number of {what}, {first[0]} is best."
    return f"By the number of {what}, {first[0]} comes first; {listed(same)} cannot be told from it."


def _true(cell: object) -> bool:
    return str(cell) == "True"


def _how_sure(material: Material) -> str:
    runs = min(replications(option) for option in material.options)
    if runs < 2:
        return "From a single replication nothing can be said of how sure this is."
    return (
        f"The ranges are 95% intervals over {runs} replications: they hold what chance does from one year to another, "
        "and not whether the assumptions are right."
    )


def _cautions(material: Material) -> Iterator[str]:
    runs = min(replications(option) for option in material.options)
    if runs < _FEW:
        yield f"There are only {runs} replication{'s' if runs != 1 else ''}: ask for {_FEW} or more (run.replications)."
    unsteady = [
        line if len(material.options) == 1 else f"{option.label}: {line}"
        for option in material.options
        for line in map(str, option.facts.get("warnings", ()))
        if "no steady state" in line.lower()
    ]
    yield from unsteady[:_TOLD]
    if len(unsteady) > _TOLD:
        yield f"And so of {len(unsteady) - _TOLD} more scenarios: see provenance.json."
    yield from material.notes
    yield from (f"Left out: {line}" for line in material.left_out)
    unsure = _unverified(material.baseline)
    if unsure:
        yield unsure


def _unverified(option: Option) -> str:
    """How much of the scenario rests on assumptions."""
    from dischargesim.scenario.provenance import parameters

    found = parameters(option.scenario)
    assumed = sum(1 for one in found if one.evidence is None or one.evidence.grade == "assumption")
    if not assumed:
        return ""
    return (
        f"{assumed:,} of the {len(found):,} numbers of {option.label} are assumptions or have no source; "
        "they are marked so under Assumptions and sources."
    )
