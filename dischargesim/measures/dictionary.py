"""The data dictionary: every measure and daily series as its definition says, for people to read.

``python -m dischargesim.measures.dictionary`` writes docs/data_dictionary.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from dischargesim.measures.catalogue import MEASURES
from dischargesim.measures.daily import DAILY
from dischargesim.measures.registry import Measure

_HEAD = """# Data dictionary

*For whoever reads a figure and asks whom it counts, and how.*

Every figure in `measures.csv` and `daily.csv`. This page is written by
`python -m dischargesim.measures.dictionary` from the definitions in `dischargesim/measures/`: change them there.

A **day** is counted from midnight to midnight. A person counts **at midnight** if they came in at or before it and
left after it; the midnights are those that end the counted days. What has not ended at the end of the run counts as
long as it has lasted, unless a definition says otherwise. A figure with nothing to count, such as the mean of no
waits, is left empty. The column `group` names the part of the population, such as `pathway=P1` or
`month=2024-04 | care=acute`; every possible group is there, with 0 where nothing was counted. A delay is split over
what is waited for without gap or overlap (`dischargesim/measures/delays.py` has the rule). Figures are those of one
run; results give their mean over runs.

Groups by `cohort`, `age_band`, `deprivation` and `locality` are those of the person; people who have no age band, or
no group of deprivation, are in the total alone, and what a scenario does not give has no groups. A setting or team
that is split between localities is counted in its parts, such as `setting=reablement@north`, and as a whole.

What needs a time to follow people for (readmission, being at home) leaves out those for whom the run does not go on
long enough, and says how many they are.

"""
_SECTIONS: tuple[tuple[str, str | tuple[str, ...]], ...] = (
    ("No longer meeting the criteria to reside", "nctr_"),
    ("Delayed transfers of care", "dtoc_"),
    ("Admissions avoided", ("avoided_", "rate_")),
    ("Settings", "setting_"),
    ("Teams", ("team_", "task_")),
    ("After hospital", ("readmitted_", "at_home_", "permanent_", "care_home_", "home_care_", "over_prescribed")),
)


def _entry(measure: Measure) -> str:
    groups = "; ".join(f"`{by}`" for by in measure.by)
    star = " \\*" if measure.main else ""
    unit = measure.unit.replace("{unit}", "the setting's unit, such as beds or visits a day")
    return (
        f"### `{measure.name}`{star}\n\n"
        f"{measure.title}. Unit: {unit}. Groups: {groups}.\n\n"
        f"- **Counts**: {measure.population}\n"
        f"- **Computed as**: {measure.formula}.\n"
        f"- **When**: {measure.window}\n"
        + (f"- **Better**: {measure.better}, if all else is equal\n" if measure.better else "")
    )


def _section(title: str, measures: Iterable[Measure]) -> str:
    return f"## {title}\n\n" + "\n".join(_entry(measure) for measure in measures)


def data_dictionary() -> str:
    """The page as Markdown."""
    sections = [_section(title, [m for m in MEASURES if m.name.startswith(prefix)]) for title, prefix in _SECTIONS]
    rest = [m for m in MEASURES if not any(m.name.startswith(prefix) for _, prefix in _SECTIONS)]
    sections.insert(2, _section("Beds, outcomes and people", rest))
    sections.append(_section("Daily series", DAILY))
    star = "An asterisk marks what the command line's short table shows.\n\n"
    return _HEAD + star + "\n".join(sections)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description="Write the data dictionary.")
    parser.add_argument("--out", type=Path, default=Path("docs/data_dictionary.md"))
    parser.parse_args().out.write_text(data_dictionary(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
