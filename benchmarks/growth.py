"""How time grows with the catchment and with the length of the run: england_average, larger and longer.

python -m benchmarks.growth        # to 16 times the catchment
python -m benchmarks.growth --all  # to 64 times, which takes 3 GB of memory
"""

from __future__ import annotations

import argparse

from benchmarks.catchment import times_catchment
from benchmarks.timing import seconds, spent
from dischargesim import draw_plan, load_scenario
from dischargesim.engine import compiled_engine, simulate
from dischargesim.measures import measure_all
from dischargesim.scenario.schema import Scenario


def row(name: str, scenario: Scenario) -> str:
    """A line of the table: sizes, and times in all and a person."""
    draw = spent(lambda: draw_plan(scenario, 0))
    plan = draw_plan(scenario, 0)
    compiled = seconds(lambda: compiled_engine.run(plan))
    events = compiled_engine.run_counted(plan)[1]
    times = simulate(plan, "compiled")
    measure = seconds(lambda: measure_all(plan, times), goes=1)
    people = plan.people.arrival.size
    whole = f"| {name} | {people:,} | {events:,} | {compiled * 1e3:,.0f} | {compiled / people * 1e9:,.0f} |"
    return f"{whole} {compiled / events * 1e9:.0f} | {draw / people * 1e6:.2f} | {measure / people * 1e6:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", action="store_true", help="up to 64 times the catchment")
    options = parser.parse_args()
    year = load_scenario(["system=england_average", "run.days=365"])
    simulate(draw_plan(year, 0), "compiled")
    print("| | people | events | compiled, ms | ns a person | ns an event | draw, µs a person | measure, µs a person |")
    print("|---|---|---|---|---|---|---|---|")
    for times in (1, 2, 4, 8, 16, 32, 64) if options.all else (1, 2, 4, 8, 16):
        print(row(f"{times} times the catchment", times_catchment(year, times)), flush=True)
    for years in (1, 2, 5, 10):
        longer = load_scenario(["system=england_average", f"run.days={365 * years}"])
        print(row(f"{years} year{'s' if years > 1 else ''}", longer), flush=True)


if __name__ == "__main__":
    main()
