"""How full settings are and how busy teams are, who waits for them, and which queues grow for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dischargesim.experiment.growth import FEWEST_RUNS, growing, no_steady_state
from dischargesim.report.blocks import Block, Cell, Chart, Column, Paragraph, Section, Table
from dischargesim.report.chart_style import DARK_PINK, LOOKS, Look, Rows, bars, error_bars
from dischargesim.report.material import Estimate, Material, Option
from dischargesim.report.sections.words import (
    brief,
    days_note,
    estimate_text,
    listed,
    number,
    replications,
    sentences,
    span,
)
from dischargesim.scenario.schema import Scenario

MOST_ROWS = 14
"""Settings or teams that a chart shows, the fullest first."""
FULL = 0.95
"""Share of its capacity from which on a setting or a team is called full or nearly so."""
_GROWS = Look(DARK_PINK, "solid", "diamond", "/")
_NOTHING = Estimate(float("nan"), float("nan"), float("nan"), 0)


@dataclass(frozen=True, slots=True)
class Place:
    """A setting or a team, and how much of it is used.

    Attributes
    ----------
    name, title : str
        As in the results, and as the reader sees it.
    used : Estimate
        Share of its capacity.
    queue, wait : Estimate
        People or tasks waiting, and their mean wait in days.
    grows : bool
        Its queue grows for as long as the run lasts.
    """

    name: str
    title: str
    used: Estimate
    queue: Estimate
    wait: Estimate
    grows: bool


def utilisation(material: Material) -> Section | None:
    """The section on settings and teams.

    Parameters
    ----------
    material : Material

    Returns
    -------
    Section or None
        None where nothing has a limit.
    """
    option = material.baseline
    settings, teams = places(option, "setting"), places(option, "team")
    blocks: list[Block] = [*_overloaded(material)]
    if settings:
        blocks.append(_chart(material, settings, "setting"))
    if teams:
        blocks.append(_chart(material, teams, "team"))
    waits = [one for one in (*settings, *teams) if one.wait.mean > 0]
    if waits:
        blocks.append(_waits(material, waits))
    charts = any(isinstance(block, Chart) for block in blocks)
    return Section("utilisation", "Settings and teams", tuple(blocks)) if charts else None


def places(option: Option, kind: str) -> list[Place]:
    """Settings or teams of limited capacity, the fullest first; those split between localities as a whole.

    Parameters
    ----------
    option : Option
    kind : {"setting", "team"}
    """
    share = {"setting": "setting_occupancy", "team": "team_utilisation"}[kind]
    queues, waits = dict(option.by(f"{kind}_queue", kind)), dict(option.by(f"{kind}_wait_mean", kind))
    # A part whose queue grows shows in the whole.
    grow = {
        one.name.partition("@")[0] for one in growing(option.measures, option.scenario.run.days) if one.kind == kind
    }
    found = [
        Place(
            name,
            title_of(option.scenario, kind, name),
            used,
            queues.get(name, _NOTHING),
            waits.get(name, _NOTHING),
            name.partition("@")[0] in grow,
        )
        for name, used in option.by(share, kind)
        if used.mean == used.mean and "@" not in name
    ]
    return sorted(found, key=lambda one: -one.used.mean)


def title_of(scenario: Scenario, kind: str, name: str) -> str:
    """Title of a setting or a team, with its locality where it is the part of one."""
    whole, _, locality = name.partition("@")
    part = (scenario.settings if kind == "setting" else scenario.teams).get(whole)
    title = part.title if part is not None else whole
    return f"{title} ({locality})" if locality else title


def _overloaded(material: Material) -> list[Paragraph]:
    """What has no steady state, option by option; those that say the same are named together."""
    said: dict[str, list[str]] = {}
    for option in material.options:
        queues = growing(option.measures, option.scenario.run.days)
        text = no_steady_state(option.scenario, queues, replications(option))
        if text:
            said.setdefault(text, []).append(option.label)
    if len(said) > 3:
        labels = [label for those in said.values() for label in those]
        text = f"No steady state in {len(labels)} of {len(material.options)} options: {listed(labels, 6)}."
        first = next(iter(said))
        return [Paragraph(f"{text} In {said[first][0]}: {first}", "caution")]
    alone = len(material.options) == 1
    return [Paragraph(text if alone else f"{listed(labels, 6)}: {text}", "caution") for text, labels in said.items()]


def _chart(material: Material, found: Sequence[Place], kind: str) -> Chart:
    shown, option = found[:MOST_ROWS], material.baseline
    rows = Rows([one.title for one in shown], values=[f"{number(100 * one.used.mean)}%" for one in shown])
    grows = any(one.grows for one in shown)
    figure = rows.figure(
        "Share of the capacity in use (%)" if kind == "setting" else "Share of open hours spent on tasks (%)",
        legend_lines=2 if grows else 0,
        xaxis={"range": [0, max(105.0, 104 * max(one.used.mean for one in shown))]},
    )
    for look, growing_ones, name in (
        (LOOKS[0], False, "Holds its queue"),
        (_GROWS, True, "Its queue grows to the end"),
    ):
        at = [place for place, one in enumerate(shown) if one.grows == growing_ones]
        those = [shown[place] for place in at]
        if those:
            means, lowers, uppers = ([100 * one.used[end] for one in those] for end in range(3))
            said = [f"{one.title}: {estimate_text(one.used, 'share')}" for one in those]
            trace = bars(look, means, [rows.at()[place] for place in at], said, name=name)
            figure.add_trace(trace | {"error_x": error_bars(means, lowers, uppers)})
    figure.add_vline(x=100, line={"color": "#3D3D3D", "width": 1.5, "dash": "dash"})
    return Chart(
        f"{kind}_utilisation",
        _finding(option, found, kind),
        sentences(
            f"{'Capacity in use of settings' if kind == 'setting' else 'Working time of teams'} in "
            f"{brief(option.label)}, the fullest first, with 95% intervals; {brief(shown[0].title)} "
            f"{estimate_text(shown[0].used, 'share')}. "
            "A share near 100% is a queue in the making; one above it cannot last.",
            f"{len(found) - len(shown)} more are in the table." if len(found) > len(shown) else "",
        ),
        figure,
        _settings_table(material) if kind == "setting" else _teams_table(material),
    )


def _finding(option: Option, found: Sequence[Place], kind: str) -> str:
    what = "settings" if kind == "setting" else "teams"
    grow = [brief(one.title) for one in found if one.grows]
    if grow:
        sure = "No steady state" if replications(option) >= FEWEST_RUNS else "Perhaps no steady state"
        return f"{sure}: the queue for {listed(grow)} grows for as long as the run lasts"
    full = [one for one in found if one.used.mean >= FULL]
    if full:
        names = listed([brief(one.title) for one in full])
        return f"{len(full)} of {len(found)} {what} are full or nearly so (a mean of 95% or more): {names}"
    first = f"{brief(found[0].title)} {number(100 * found[0].used.mean)}%"
    return f"None of {len(found)} {what} is used to 95% on average: {first}"


def _settings_table(material: Material) -> Table:
    option = material.baseline
    table = {name: dict(option.by(name, "setting")) for name in _SETTING_COLUMNS}
    units = {
        str(group).partition("=")[2]: str(unit)
        for measure, group, unit in zip(
            option.measures["measure"], option.measures["group"], option.measures["unit"], strict=True
        )
        if measure == "setting_capacity"
    }
    rows: list[tuple[Cell, ...]] = []
    for name in table["setting_people"]:
        cells: list[float | None] = []
        for measure, factor in _SETTING_COLUMNS.items():
            one = table[measure].get(name, _NOTHING)
            cells += [factor * one.mean]
            cells += [one.lower, one.upper] if measure == "setting_queue_growth" else []
        rows.append((title_of(option.scenario, "setting", name), units.get(name, ""), *cells))
    return Table(
        "setting_utilisation_data",
        f"Settings: {brief(option.label)}",
        (
            Column("Setting"),
            Column("Unit of capacity"),
            Column("People in it", "people", 1),
            Column("Open", "units", 1),
            Column("In use", "units", 1),
            Column("In use", "%", 1),
            Column("Waiting", "people", 1),
            Column("Mean wait", "days", 2),
            Column("Median wait", "days", 2),
            Column("Ready to leave and cannot", "% of days", 1),
            Column("Growth of the queue", "people a week", 2, signed=True),
            Column("95% interval, from", "people a week", 2, signed=True),
            Column("95% interval, to", "people a week", 2, signed=True),
        ),
        tuple(rows),
        days_note(material),
    )


_SETTING_COLUMNS = {
    "setting_people": 1.0,
    "setting_capacity": 1.0,
    "setting_in_use": 1.0,
    "setting_occupancy": 100.0,
    "setting_queue": 1.0,
    "setting_wait_mean": 1.0,
    "setting_wait_median": 1.0,
    "setting_blocked_share": 100.0,
    "setting_queue_growth": 1.0,
}
_TEAM_COLUMNS = {
    "team_utilisation": 100.0,
    "team_hours": 1.0,
    "team_tasks": 1.0,
    "team_queue": 1.0,
    "team_wait_mean": 1.0,
    "team_queue_growth": 1.0,
}


def _teams_table(material: Material) -> Table:
    option = material.baseline
    table = {name: dict(option.by(name, "team")) for name in _TEAM_COLUMNS}
    rows: list[tuple[Cell, ...]] = []
    for name in table["team_tasks"]:
        growth = table["team_queue_growth"].get(name, _NOTHING)
        cells = [factor * table[measure].get(name, _NOTHING).mean for measure, factor in _TEAM_COLUMNS.items()]
        rows.append((title_of(option.scenario, "team", name), *cells, growth.lower, growth.upper))
    return Table(
        "team_utilisation_data",
        f"Teams: {brief(option.label)}",
        (
            Column("Team"),
            Column("Working on tasks", "% of open hours", 1),
            Column("On duty", "hours a week", 0),
            Column("Tasks done", "a week", 1),
            Column("Waiting", "tasks", 1),
            Column("Mean wait", "days", 2),
            Column("Growth of the queue", "tasks a week", 2, signed=True),
            Column("95% interval, from", "tasks a week", 2, signed=True),
            Column("95% interval, to", "tasks a week", 2, signed=True),
        ),
        tuple(rows),
        days_note(material),
    )


def _waits(material: Material, found: Sequence[Place]) -> Chart:
    """Mean waits for places and for teams, the longest first."""
    ranked = sorted(found, key=lambda one: -one.wait.mean)
    shown = ranked[:MOST_ROWS]
    rows = Rows([one.title for one in shown], values=[number(one.wait.mean) for one in shown])
    figure = rows.figure("Mean wait (days)", xaxis={"rangemode": "tozero"})
    means, lowers, uppers = zip(*(one.wait[:3] for one in shown), strict=True)
    said = [f"{one.title}: {number(one.wait.mean)} days ({span(*one.wait[1:3], one.wait.mean)})" for one in shown]
    figure.add_trace(bars(LOOKS[0], means, rows.at(), said) | {"error_x": error_bars(means, lowers, uppers)})
    first = shown[0]
    # Those that chance may have put behind it.
    near = [one for one in ranked if not first.wait.lower > one.wait.upper]
    names = listed([brief(one.title) for one in near])
    title = f"The longest mean wait is for {names}: {estimate_text(first.wait, 'days')}"
    if len(near) > 1:
        low = number(min(one.wait.mean for one in near), first.wait.mean)
        title = f"Mean waits of {low} to {number(first.wait.mean)} days for {names}; no clear longest"
    return Chart(
        "waits",
        title,
        sentences(
            f"Mean waits for a place in a setting and for a team to take up a task, {brief(material.baseline.label)}, "
            "of all who asked, those who did not wait included.",
            f"{brief(first.title)} {estimate_text(first.wait, 'days')}; "
            f"in {len(near) - 1} more the interval reaches as far as its own: which is longest cannot be told."
            if len(near) > 1
            else "",
        ),
        figure,
        Table(
            "waits_data",
            f"Mean waits for settings and teams: {brief(material.baseline.label)}",
            (
                Column("Setting or team"),
                Column("Mean wait", "days", 2),
                Column("95% interval, from", "days", 2),
                Column("95% interval, to", "days", 2),
                Column("Waiting on average", "people or tasks", 1),
            ),
            tuple((one.title, *one.wait[:3], one.queue.mean) for one in ranked),
            days_note(material),
        ),
    )
