"""Results to make reports from, run once: a run, a single replication, a grid with what was removed, and "
"hostile names."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import yaml

from dischargesim.cli import main
from dischargesim.report.material import Material, read_material
from tests.tiny import CONFIG

QUICK = ["system=small", "run.days=91", "run.warm_up_days=28"]
HOSTILE = (
    "<b>bold</b> <a href='javascript:alert(1)'>link</a>",
    "$x^2$ and %{x} &amp; &lt;i&gt;",
    "</script><script>alert(1)</script> \u2028 \u202e mixed",
    "A very long name " + "that goes on and on " * 14,
)
"""Names that are no names, and that come from somebody else's file."""


def _ran(*arguments: str) -> Path:
    out = Path(mkdtemp(prefix="report")) / "results"
    assert main([*arguments, "report=none", "--engine", "simpy", "--out", str(out)]) == 0
    (folder,) = out.iterdir()
    return folder


@cache
def run() -> Material:
    """A run of five replications."""
    return read_material([_ran("run", *QUICK, "run.replications=5")])


@cache
def single() -> Material:
    """A run of a single replication, of four weeks."""
    return read_material([_ran("run", "system=small", "run.days=28", "run.warm_up_days=28", "run.replications=1")])


@cache
def nobody() -> Material:
    """A system that nobody comes to, and one in which the same nobody has more beds."""
    nobody_comes = [f"cohorts.{name}.arrivals.per_day=0" for name in ("older", "planned")]
    arguments = ["system=tiny", *nobody_comes, "run.days=28", "run.replications=3", "settings.acute.capacity=10,12"]
    return read_material([_ran("sweep", "--config-dir", str(CONFIG), *arguments, "--workers", "1")])


@cache
def grid() -> Material:
    """Two axes, six points, with what removing reasons would save."""
    folder = _ran(
        "sweep",
        *QUICK,
        "settings.community_bed.capacity=2,4,8",
        "settings.reablement.capacity=10,40",
        "run.replications=6",
        "--workers",
        "1",
    )
    assert main(["explain", str(folder)]) == 0
    return read_material([folder])


@cache
def curve() -> Material:
    """One axis, in which nearly everything that is asked for is not there."""
    return read_material(
        [_ran("sweep", *QUICK, "settings.acute.capacity=18,24,30", "run.replications=5", "--workers", "1")]
    )


@cache
def lines() -> Material:
    """An axis and, beside it, three options that are no numbers."""
    experiment = {
        "experiment": {"title": "Lines"},
        "base": QUICK,
        "options": {
            "As it is": [],
            "More": ["settings.reablement.capacity=60"],
            "Less": ["settings.reablement.capacity=10"],
        },
        "grid": {"settings.community_bed.capacity": [2, 8]},
        "replications": 3,
        "compare_to": "As it is, capacity=8",
    }
    folder = Path(mkdtemp(prefix="report"))
    (folder / "experiments").mkdir()
    (folder / "experiments" / "lines.yaml").write_text(yaml.safe_dump(experiment), encoding="utf-8")
    return read_material([_ran("sweep", "experiment=lines", "--config-dir", str(folder), "--workers", "1")])


@cache
def places() -> Material:
    """A system with localities and without services, that is asked for more than it has."""
    return read_material([_ran("run", "system=bnssg_2023", "run.days=60", "run.warm_up_days=14", "run.replications=2")])


@cache
def hostile() -> Material:
    """Options, settings, teams, tasks, cohorts and pathways whose titles would do something if they were let."""
    folder = Path(mkdtemp(prefix="report"))
    system = yaml.safe_load((Path(__file__).parents[2] / "configs/system/small.yaml").read_text(encoding="utf-8"))
    at = 0
    for part in ("settings", "teams", "tasks", "pathways", "cohorts", "services"):
        for entry in system[part].values():
            entry["title"] = HOSTILE[at % len(HOSTILE)][:200]
            at += 1
    (folder / "system").mkdir()
    (folder / "system" / "hostile.yaml").write_text(yaml.safe_dump(system, allow_unicode=True), encoding="utf-8")
    options = {name[:60]: [f"settings.community_bed.capacity={8 - 2 * place}"] for place, name in enumerate(HOSTILE)}
    experiment = {
        "experiment": {"title": "Hostile"},
        "base": ["system=hostile", "run.days=91", "run.warm_up_days=28"],
        "options": options,
        "replications": 3,
    }
    (folder / "experiments").mkdir()
    (folder / "experiments" / "hostile.yaml").write_text(
        yaml.safe_dump(experiment, allow_unicode=True), encoding="utf-8"
    )
    return read_material([_ran("sweep", "experiment=hostile", "--config-dir", str(folder), "--workers", "1")])
