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

_TOLD = 3
"""Options of which the answer tells one by one; the others are counted."""
_FEW = 10
_MEASURES = ("nctr_bed_days_lost", "nctr_remaining", "avoided_net")
_PHRASES = {
    "nctr_bed_days_lost": "bed days lost to delays",
    "nctr_remaining": "people ready to leave and still in hospital",
    "avoided_net": "admissions avoided",
}
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
        blocks += [Paragraph("Before these figures are used:", "caution"), Items(tuple(cautions))]
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
    """What the options do, and no more than their intervals carry."""
    by_measure = {measure: held(material, measure) for measure in _MEASURES}
    rows = by_measure["nctr_bed_days_lost"]
    told = [_option(material, one, by_measure) for one in rows[:_TOLD]]
    rest = rows[_TOLD:]
    days = material.baseline.scenario.run.days
    text = f"Held against {material.baseline.title} on the same people, over {days:,} days: {'; '.join(told)}."
    return sentences(text, _counted(rest), _best(material))


def _option(material: Material, row: Held, by_measure: dict[str, list[Held]]) -> str:
    name = next(option.title for option in material.options if option.label == row.option)
    found = {measure: one for measure, rows in by_measure.items() for one in rows if one.option == row.option}
    clear = {measure: one for measure, one in found.items() if one.clear}
    said = [_said(measure, one) for measure, one in clear.items()]
    if row.verdict == TOO_FEW:
        return f"{name}: one replication cannot tell a difference from chance"
    if all(one.verdict == NO_DIFFERENCE for one in found.values()):
        return f"{name} changes none of them"
    unclear = [_PHRASES[measure] for measure, one in found.items() if not one.clear and one.verdict != NO_DIFFERENCE]
    if unclear:
        said.append(f"no clear difference in {listed(unclear)}")
    return f"{name}: {', '.join(said)}"


def _said(measure: str, one: Held) -> str:
    low, high = sorted((abs(one.lower), abs(one.upper)))
    way = "fewer" if one.upper < 0 else "more"
    size = abs(one.difference)
    return f"{number(size)} {way} {_PHRASES[measure]} (95% interval {number(low, size)} to {number(high, size)})"


def _counted(rows: list[Held]) -> str:
    if not rows:
        return ""
    counts = {"clearly fewer": 0, "clearly more": 0, "no clear difference": 0}
    for row in rows:
        counts["no clear difference" if not row.clear else "clearly fewer" if row.upper < 0 else "clearly more"] += 1
    text = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"Of the {len(rows)} other options, by bed days lost: {text}."


def _best(material: Material) -> str:
    """The first of the ranking, and what cannot be told from it."""
    ranked = material.ranking
    if ranked is None or not len(ranked):
        return ""
    titles = {option.label: option.title for option in material.options}
    places = [
        (titles.get(str(row["option"]), str(row["option"])), _true(row["may_be_best"]))
        for row in ranked.to_dict("records")
    ]
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
    for option in material.options:
        for line in option.facts.get("warnings", ()):
            if "no steady state" in str(line).lower():
                name = "" if len(material.options) == 1 else f"{option.title}: "
                yield f"{name}{line}"
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
        f"{assumed:,} of the {len(found):,} numbers of {option.title} are assumptions or have no source; "
        "they are marked so under Assumptions and sources."
    )
