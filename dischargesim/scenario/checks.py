"""Checks on a scenario as a whole: that people can get through it, and that its numbers look like what they mean.

Each check is a small function with a name that says what it looks for, and each problem says how to mend it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from dischargesim.scenario.explain import path_text
from dischargesim.scenario.fields import Facts, walk
from dischargesim.scenario.flows import capacity_at_start, flows
from dischargesim.scenario.journeys import Destination, Pathway, destinations
from dischargesim.scenario.problems import Problem, Warning_, shown
from dischargesim.scenario.provenance import parameters
from dischargesim.scenario.resources import Setting
from dischargesim.scenario.schema import Scenario


def check(scenario: Scenario) -> Iterator[Problem]:
    """All problems of a scenario whose parts are right one by one and whose names are known."""
    for look in (
        too_little_room,
        nobody_on_duty,
        no_waiting_reason,
        deaths_that_go_on,
        routes_that_lead_elsewhere,
        discharge_to_assess_leads_somewhere,
        recovery_leads_somewhere,
        split_between_whom,
        start_needs_a_limit,
        census_can_be_there,
        counts_cover_the_run,
    ):
        yield from look(scenario)


def warn(scenario: Scenario) -> Iterator[Warning_]:
    """What runs but should be looked at (offered load is in `offered_load`)."""
    for look in (
        implausible_numbers,
        dates_outside_the_run,
        start_without_anybody,
        evidence_for_nothing,
        outside_the_evidence,
    ):
        yield from look(scenario)


def _destinations(scenario: Scenario) -> Iterator[tuple[str, str, Destination]]:
    """Every destination of the scenario: its path, the name of its setting, itself."""
    for name, pathway in scenario.pathways.items():
        for keys, destination in destinations(pathway.next):
            yield ".next.".join((f"pathways.{name}", *keys)), destination.setting or keys[-1], destination


def most_ever_open(setting: Setting) -> float:
    """Greatest capacity that a setting ever has, escalation beds included."""
    most = max([capacity_at_start(setting), *map(float, setting.capacity_changes.values())])
    return most + (0 if setting.escalation is None else setting.escalation.beds)


def most_ever_needed(destination: Destination) -> float:
    """Units that a person takes at most; where units vary, that only one in a thousand exceeds."""
    if destination.visits is not None:
        return max(destination.visits.units)
    if destination.units.kind == "constant":
        return math.ceil(destination.units.mean())
    return math.ceil(float(destination.units.quantile(0.999)))


def too_little_room(scenario: Scenario) -> Iterator[Problem]:
    """A setting that people wait for without end must at some time be large enough for one of them."""
    for where, name, destination in _destinations(scenario):
        most = most_ever_open(scenario.settings[name])
        wanted = most_ever_needed(destination)
        if destination.share > 0 and wanted > most:
            text = f"one person needs more of {name} than is ever open; raise settings.{name}.capacity or need less"
            unit = scenario.settings[name].unit_name
            yield Problem(where, text, f"{wanted:g} needed", f"at most {most:g}", unit)
    for name, cohort in scenario.cohorts.items():
        if cohort.patience_days is None and most_ever_open(scenario.settings[cohort.setting]) == 0:
            text = f"people wait for {cohort.setting}, which never opens; give it capacity, or give patience_days"
            yield Problem(f"cohorts.{name}.setting", text)


def nobody_on_duty(scenario: Scenario) -> Iterator[Problem]:
    """A team whose tasks somebody needs has staff at some time."""
    used = {key: f"pathways.{name}.tasks.{key}" for name, p in scenario.pathways.items() for key in p.tasks}
    used |= {key: f"{where}.tasks.{key}" for where, _, d in _destinations(scenario) for key in d.tasks}
    for key, where in used.items():
        team = scenario.tasks[key].team
        if team is None or scenario.teams[team].staff == "unlimited":
            continue
        if max([scenario.teams[team].staff, *scenario.teams[team].staff_changes.values()]) == 0:
            text = f"needs the team {team}, which never has staff; raise teams.{team}.staff or take the task out"
            yield Problem(where, text)


def no_waiting_reason(scenario: Scenario) -> Iterator[Problem]:
    """A delay for a place has a reason."""
    asked: set[str] = set()
    for where, name, _ in _destinations(scenario):
        setting = scenario.settings[name]
        limited = setting.capacity != "unlimited" or setting.move_in is not None
        if limited and setting.waiting_reason is None and name not in asked:
            asked.add(name)
            text = f"missing; people go on to this setting ({where}), so a wait for it needs a reason"
            yield Problem(f"settings.{name}.waiting_reason", text, expected="a reason such as p2_capacity")


def deaths_that_go_on(scenario: Scenario) -> Iterator[Problem]:
    """After a death there is nothing to do and nowhere to go."""
    for name, pathway in scenario.pathways.items():
        for part in ("tasks", "next", "recovers_to", "declines_to", "over_prescribed", "switch"):
            if pathway.kind == "death" and getattr(pathway, part):
                yield Problem(
                    f"pathways.{name}.{part}", "people on a pathway of kind death need nothing more; take it out"
                )


def routes_that_lead_elsewhere(scenario: Scenario) -> Iterator[Problem]:
    """Who is sent to more than they need, or takes another pathway, goes to another one, and to one for the living."""
    for name, pathway in scenario.pathways.items():
        for where, to in _routes(pathway):
            where = f"pathways.{name}.{where}"
            if to == name:
                yield Problem(where, "leads to where people are already; name another pathway", shown(to))
            elif scenario.pathways[to].kind == "death":
                yield Problem(where, "leads to death; give while_delayed.death_per_day for that", shown(to))
        wrong = pathway.over_prescribed
        if wrong is not None and wrong.found > 0 and not scenario.pathways[wrong.to].next:
            text = f"nobody can be found there: pathway {wrong.to} has no setting in which a review could find them"
            yield Problem(f"pathways.{name}.over_prescribed.found", text)


def _routes(pathway: Pathway) -> Iterator[tuple[str, str]]:
    """Pathways that people on one may come to instead, and where it says so."""
    for part in ("recovers_to", "declines_to"):
        if getattr(pathway, part) is not None:
            yield part, getattr(pathway, part)
    for part in ("over_prescribed", "switch"):
        if getattr(pathway, part) is not None:
            yield f"{part}.to", getattr(pathway, part).to


def discharge_to_assess_leads_somewhere(scenario: Scenario) -> Iterator[Problem]:
    """Assessment can only move to a next setting if there is one."""
    for at, name in enumerate(scenario.discharge_to_assess.pathways):
        pathway = scenario.pathways[name]
        if pathway.kind == "death" or not pathway.next:
            text = f"{name} leads to no setting in which people could be assessed; take it out, or give it `next`"
            yield Problem(f"discharge_to_assess.pathways[{at}]", text)
    if scenario.discharge_to_assess.share > 0 and not scenario.discharge_to_assess.pathways:
        yield Problem(
            "discharge_to_assess.pathways", "missing; the share applies to nobody", expected="a list of pathways"
        )


def recovery_leads_somewhere(scenario: Scenario) -> Iterator[Problem]:
    """People who recover or decline while waiting have a pathway to change to."""
    for name, cohort in scenario.cohorts.items():
        for rate, target in (("recovery_per_day", "recovers_to"), ("decline_per_day", "declines_to")):
            if cohort.while_delayed is None or getattr(cohort.while_delayed, rate) == 0:
                continue
            if not any(getattr(scenario.pathways[key], target) for key, share in cohort.pathways.items() if share > 0):
                text = f"none of the cohort's pathways says {target}; add it to one, or set the rate to 0"
                yield Problem(f"cohorts.{name}.while_delayed.{rate}", text)


def split_between_whom(scenario: Scenario) -> Iterator[Problem]:
    """What is split between localities needs localities."""
    for where, parts in (("settings", scenario.settings), ("teams", scenario.teams)):
        for name, part in parts.items():
            if part.by_locality and not scenario.localities:
                text = "there are no localities to split it between; give localities, such as {north: 0.6, south: 0.4}"
                yield Problem(f"{where}.{name}.by_locality", text)


def start_needs_a_limit(scenario: Scenario) -> Iterator[Problem]:
    """A share of an unlimited capacity is no number of people."""
    for name, occupied in scenario.start.items():
        if scenario.settings[name].capacity == "unlimited" and occupied.share:
            yield Problem(f"start.{name}", "an unlimited setting has no share that is full; give people instead")


def census_can_be_there(scenario: Scenario) -> Iterator[Problem]:
    """People of a census are where people of their cohort and pathway can be."""
    if isinstance(scenario.census, str):
        yield Problem("census", "the file has not been read; load the scenario with load_scenario", scenario.census)
        return
    known = {(flow.cohort, flow.setting, flow.pathway) for flow in flows(scenario) if flow.pathway is not None}
    somewhere = {(cohort, setting, None) for cohort, setting, _ in known}
    for at, person in enumerate(scenario.census):
        if (person.cohort, person.setting, person.pathway) not in known | somewhere:
            on = "" if person.pathway is None else f" on pathway {person.pathway}"
            yield Problem(f"census[{at}]", f"people of cohort {person.cohort}{on} are never in {person.setting}")


def counts_cover_the_run(scenario: Scenario) -> Iterator[Problem]:
    """Daily counts are a list with one number for each day of the run."""
    days = scenario.run.warm_up_days + scenario.run.days
    for name, cohort in scenario.cohorts.items():
        counts, where = cohort.arrivals.daily_counts, f"cohorts.{name}.arrivals.daily_counts"
        if isinstance(counts, str):
            yield Problem(where, "the file has not been read; load the scenario with load_scenario", counts)
        elif counts is not None and len(counts) < days:
            text = "does not cover the run with its warm-up"
            yield Problem(where, text, f"{len(counts)} days", f"at least {days}", "days")


def start_without_anybody(scenario: Scenario) -> Iterator[Warning_]:
    """A start is filled with people on the way through a setting: there are none where no pathway leads."""
    on_the_way = [flow for flow in flows(scenario) if flow.pathway is not None and flow.people_a_day > 0]
    through = {flow.setting for flow in on_the_way}
    next_after_hospital = {flow.setting for flow in on_the_way if len(flow.path) == 1}
    for name, occupied in scenario.start.items():
        if (occupied.people or occupied.share) and name not in through:
            yield Warning_(f"start.{name}", "starts empty: nobody comes to it by way of a pathway")
        if occupied.waiting and name not in next_after_hospital:
            yield Warning_(
                f"start.{name}.waiting", "nobody waits for it: no pathway leads there straight from hospital"
            )


def implausible_numbers(scenario: Scenario) -> Iterator[Warning_]:
    """Numbers, or means of distributions, outside what their unit makes plausible."""
    for path, value, facts in walk(scenario, Facts((Scenario,))):
        if facts.plausible is None or isinstance(value, bool):
            continue
        number = value.mean() if hasattr(value, "mean") else value
        # No time at all is said on purpose: people who are ready as they come.
        if not isinstance(number, int | float) or number == 0:
            continue
        low, high = facts.plausible
        if not low <= number <= high:
            what = "mean" if hasattr(value, "mean") else "value"
            text = f"is this right? the {what} is {shown(float(number))}, plausible is {low:g} to {high:g} {facts.unit}"
            yield Warning_(path_text(path), text + _other_unit(float(number), facts))


def _other_unit(number: float, facts: Facts) -> str:
    """Which other unit would make the number plausible."""
    low, high = facts.plausible or (0.0, 0.0)
    for unit, given, factor in (("days", "hours", 24.0), ("days", "minutes", 1440.0), ("hours", "minutes", 60.0)):
        if facts.unit.startswith(unit) and number > high and low <= number / factor <= high:
            return f" ({given} given for {unit}?)"
    return ""


def dates_outside_the_run(scenario: Scenario) -> Iterator[Warning_]:
    """Changes of capacity that the run never sees."""
    first = scenario.start_date - timedelta(days=scenario.run.warm_up_days)
    last = scenario.start_date + timedelta(days=scenario.run.days - 1)
    changes: list[tuple[str, dict[date, int]]] = [
        *((f"settings.{name}.capacity_changes", s.capacity_changes) for name, s in scenario.settings.items()),
        *((f"teams.{name}.staff_changes", t.staff_changes) for name, t in scenario.teams.items()),
    ]
    for path, dates in changes:
        for day in dates:
            if not first <= day <= last:
                yield Warning_(
                    f"{path}.{day}", f"lies outside the run with its warm-up, which is from {first} to {last}"
                )


def evidence_for_nothing(scenario: Scenario) -> Iterator[Warning_]:
    """Evidence names a path that the scenario has; `*` stands for any one key, or at the end for all that follows."""
    paths = set(_paths(scenario.model_dump(mode="json", by_alias=True, exclude={"evidence"}, exclude_none=True)))
    for pattern in scenario.evidence:
        parts = [r"[^.]+" if part == "*" else re.escape(part) for part in pattern.split(".")]
        wanted = re.compile(r"\.".join(parts))
        if not any(wanted.fullmatch(path) for path in paths):
            yield Warning_(f"evidence.{pattern}", "stands for nothing in this scenario; is the path right?")


def outside_the_evidence(scenario: Scenario) -> Iterator[Warning_]:
    """A number that lies outside the range its evidence gives, such as one that was changed on the command line."""
    for one in parameters(scenario):
        evidence = one.evidence
        if evidence is None or evidence.low is None or evidence.high is None:
            continue
        try:
            value = float(one.value)
        except ValueError:  # a distribution or a list
            continue
        if not evidence.low <= value <= evidence.high:
            text = f"{one.value} lies outside the range of its evidence, {evidence.low:g} to {evidence.high:g}"
            yield Warning_(one.path, f"{text} ({evidence.source})")


def _paths(data: Any, path: str = "") -> Iterator[str]:
    if path:
        yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _paths(value, f"{path}.{key}" if path else str(key))
