"""Checks on names and shares: that what is referred to is there, and that shares come to a whole.

They read plain data, so that they can speak even where the schema already found something else wrong; whatever is
not of the right kind is passed over here, as the schema reports it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dischargesim.scenario.problems import Problem, suggestion

Data = Mapping[str, Any]
_CLOSE = 1e-6


def entries(data: Any, *path: str) -> dict[str, Data]:
    """Mappings under a path, by key; nothing where there is something else."""
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    found = data.items() if isinstance(data, Mapping) else ()
    return {str(key): value for key, value in found if isinstance(value, Mapping)}


def shares(data: Any) -> dict[str, float]:
    """Numbers of a mapping, by key."""
    found = data.items() if isinstance(data, Mapping) else ()
    return {str(k): float(v) for k, v in found if isinstance(v, int | float) and not isinstance(v, bool)}


def destinations(data: Data, path: str) -> Iterator[tuple[str, str, Data]]:
    """Every destination below a pathway or destination: its path, its key, itself."""
    for key, destination in entries(data, "next").items():
        where = f"{path}.next.{key}"
        yield where, key, destination
        yield from destinations(destination, where)


def unknown_names(data: Data) -> Iterator[Problem]:
    """Every name in a scenario, given as plain data, that refers to nothing."""
    for look in (unknown_settings, unknown_teams, unknown_tasks, unknown_pathways, unknown_cohorts, unknown_in_census):
        yield from look(data)


def shares_and_order(data: Data) -> Iterator[Problem]:
    """Shares that do not come to a whole, and tasks that wait for each other."""
    for look in (cohort_shares, destination_shares, tasks_in_order):
        yield from look(data)


def unknown_settings(data: Data) -> Iterator[Problem]:
    """Settings that cohorts, destinations, services and the start refer to."""
    for key, cohort in entries(data, "cohorts").items():
        yield from _known(f"cohorts.{key}.setting", cohort.get("setting", "acute"), data, "settings")
    for name, pathway in entries(data, "pathways").items():
        for where, key, destination in destinations(pathway, f"pathways.{name}"):
            given = destination.get("setting")
            at = where if given is None else f"{where}.setting"
            yield from _known(at, key if given is None else given, data, "settings")
    for key, service in entries(data, "services").items():
        yield from _known(f"services.{key}.setting", service.get("setting"), data, "settings")
    start = data.get("start")
    for key in start if isinstance(start, Mapping) else ():
        yield from _known(f"start.{key}", key, data, "settings")


def unknown_teams(data: Data) -> Iterator[Problem]:
    """Teams that tasks refer to."""
    for key, task in entries(data, "tasks").items():
        yield from _known(f"tasks.{key}.team", task.get("team"), data, "teams")
    assessors = data.get("trusted_assessors")
    if isinstance(assessors, Mapping):
        yield from _known("trusted_assessors.team", assessors.get("team"), data, "teams")


def unknown_tasks(data: Data) -> Iterator[Problem]:
    """Tasks that pathways and destinations refer to."""
    for where, _, uses in task_lists(data):
        for key in uses:
            yield from _known(f"{where}.{key}", key, data, "tasks")
    assessors = data.get("trusted_assessors")
    if isinstance(assessors, Mapping):
        yield from _known("trusted_assessors.task", assessors.get("task"), data, "tasks")


def unknown_pathways(data: Data) -> Iterator[Problem]:
    """Pathways that cohorts, other pathways and discharge to assess refer to."""
    for key, cohort in entries(data, "cohorts").items():
        for part in ("pathways", "stay_days_by_pathway"):
            inner = cohort.get(part)
            for name in inner if isinstance(inner, Mapping) else ():
                yield from _known(f"cohorts.{key}.{part}.{name}", name, data, "pathways")
        risks = cohort.get("while_delayed")
        concerned = risks.get("pathways") if isinstance(risks, Mapping) else None
        for at, name in enumerate(concerned if isinstance(concerned, list | tuple) else ()):
            yield from _known(f"cohorts.{key}.while_delayed.pathways[{at}]", name, data, "pathways")
    for key, pathway in entries(data, "pathways").items():
        for part in ("recovers_to", "declines_to"):
            yield from _known(f"pathways.{key}.{part}", pathway.get(part), data, "pathways")
        for part in ("over_prescribed", "switch"):
            inner = pathway.get(part)
            if isinstance(inner, Mapping):
                yield from _known(f"pathways.{key}.{part}.to", inner.get("to"), data, "pathways")
    first = data.get("discharge_to_assess")
    names = first.get("pathways") if isinstance(first, Mapping) else None
    for at, name in enumerate(names if isinstance(names, list | tuple) else ()):
        yield from _known(f"discharge_to_assess.pathways[{at}]", name, data, "pathways")


def unknown_cohorts(data: Data) -> Iterator[Problem]:
    """Cohorts that services refer to."""
    for key, service in entries(data, "services").items():
        for name in shares(service.get("eligible")):
            yield from _known(f"services.{key}.eligible.{name}", name, data, "cohorts")


def unknown_in_census(data: Data) -> Iterator[Problem]:
    """Cohorts, settings and pathways of the people of a census."""
    people = data.get("census")
    for at, person in enumerate(people if isinstance(people, list | tuple) else ()):
        if isinstance(person, Mapping):
            for key, part in (("cohort", "cohorts"), ("setting", "settings"), ("pathway", "pathways")):
                yield from _known(f"census[{at}].{key}", person.get(key), data, part)


def cohort_shares(data: Data) -> Iterator[Problem]:
    """The shares that split a cohort, or everybody between localities, come to 1."""
    split = ("pathways", "age_bands", "deprivation")
    wholes = [
        (f"cohorts.{key}.{part}", cohort[part])
        for key, cohort in entries(data, "cohorts").items()
        for part in split
        if cohort.get(part)
    ]
    if data.get("localities"):
        wholes.append(("localities", data["localities"]))
    for path, given in wholes:
        parts = shares(given)
        # A share that is no share is reported by the schema, and then the sum says nothing new.
        if isinstance(given, Mapping) and len(parts) == len(given) and all(0 <= part <= 1 for part in parts.values()):
            total = sum(parts.values())
            if not abs(total - 1) <= _CLOSE:
                text = "the shares do not sum to 1; change one of them"
                yield Problem(path, text, f"a sum of {total:.6g}", "1", "share")


def destination_shares(data: Data) -> Iterator[Problem]:
    """The shares of the places people go on to come to at most 1; what is left goes home."""
    for name, pathway in entries(data, "pathways").items():
        path = f"pathways.{name}"
        for where, here in [(path, pathway), *((at, d) for at, _, d in destinations(pathway, path))]:
            parts = [shares({"share": d.get("share", 1.0)}) for d in entries(here, "next").values()]
            total = sum(part.get("share", 0.0) for part in parts)
            if total > 1 + _CLOSE:
                text = "the shares of the places people go on to sum to more than 1; those left over go home"
                yield Problem(f"{where}.next", text, f"a sum of {total:.6g}", "at most 1", "share")


def task_lists(data: Data) -> Iterator[tuple[str, Data, dict[str, Any]]]:
    """Every list of tasks: its path, what it belongs to, and its entries."""
    for name, pathway in entries(data, "pathways").items():
        path = f"pathways.{name}"
        for where, here in [(path, pathway), *((at, d) for at, _, d in destinations(pathway, path))]:
            uses = here.get("tasks")
            if isinstance(uses, Mapping):
                yield f"{where}.tasks", here, {str(key): use for key, use in uses.items()}


def tasks_in_order(data: Data) -> Iterator[Problem]:
    """`after` names a task of the same list, and following it never comes back."""
    for where, _, uses in task_lists(data):
        after = {key: use.get("after") for key, use in uses.items() if isinstance(use, Mapping)}
        for key, before in after.items():
            if before is not None and before not in uses:
                text = f"there is no task {before} in this list"
                yield Problem(f"{where}.{key}.after", text, expected=suggestion(before, [k for k in uses if k != key]))
        for circle in _circles(after):
            text = f"the tasks wait for each other ({' after '.join([*circle, circle[0]])}); take one `after` away"
            yield Problem(f"{where}.{circle[0]}.after", text)


def _circles(after: Mapping[str, Any]) -> Iterator[list[str]]:
    seen: set[str] = set()
    for first in after:
        trail: list[str] = []
        here: Any = first
        while isinstance(here, str) and here in after and here not in seen:
            seen.add(here)
            trail.append(here)
            here = after[here]
        if here in trail:
            yield trail[trail.index(here) :]


def _known(where: str, name: Any, data: Data, part: str) -> Iterator[Problem]:
    known = data.get(part, {})
    if name is None or not isinstance(name, str) or not isinstance(known, Mapping) or name in known:
        return
    yield Problem(where, f"there is no {name} in {part}", expected=suggestion(name, known) if known else "")
