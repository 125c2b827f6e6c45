"""Figures of the small hospital with fixed decimals: what a change of the model, or of its numbers, does to results.

``python -m tests.regression.small_figures`` rewrites the table; the difference belongs into the commit that causes it.
"""

from __future__ import annotations

from pathlib import Path

from dischargesim.engine import simulate
from dischargesim.measures import measure_index, measure_values
from dischargesim.plan.draw import draw_plan
from dischargesim.scenario.load import load_scenario

TABLE = Path(__file__).with_name("small_figures.csv")
OVERRIDES = ["system=small", "run.days=91", "run.warm_up_days=28", "run.seed=1"]


def small_figures() -> str:
    """The table as text: measure, group, unit and value of one run, without the long lists by month and day."""
    scenario = load_scenario(OVERRIDES)
    plan = draw_plan(scenario)
    values = measure_values(plan, simulate(plan, "simpy"))
    lines = [
        f"{row.measure},{row.group},{row.unit},{value:.4f}"
        for row, value in zip(measure_index(scenario), values, strict=True)
        if "code=" not in row.group
    ]
    return "\n".join(["measure,group,unit,value", *lines]) + "\n"


if __name__ == "__main__":
    TABLE.write_text(small_figures(), encoding="utf-8", newline="\n")
