"""What delay is worth having: the capacity with the lowest cost leaves some.

Wood and others (2023, doi 10.1007/s40258-022-00777-2) found about 12% of the delay of the day at the cheapest capacity
of three discharge pathways. Nobody waits if there is so much capacity that it hardly ever is full, and then much of it
stands empty.
"""

from __future__ import annotations

import pytest

from dischargesim.appraisal.capacity import CapacityCurve, cost_optimal
from dischargesim.appraisal.settings import named_appraisal
from dischargesim.experiment.batch import run_batch
from dischargesim.experiment.batch_file import encode
from dischargesim.experiment.key import batch_key
from dischargesim.experiment.store import Point, Store
from dischargesim.experiment.worker import Work, pickled
from dischargesim.scenario.load import load_scenario

BEDS = (86, 94, 102, 110, 134)
"""Community beds; the first is how many there are in england_average."""
RUNS = 6


@pytest.fixture(scope="module")
def curve(tmp_path_factory: pytest.TempPathFactory) -> CapacityCurve:
    folder = tmp_path_factory.mktemp("results") / "beds"
    folder.mkdir()
    scenarios = {beds: load_scenario([f"settings.community_bed.capacity={beds}"]) for beds in BEDS}
    points = [
        Point(f"capacity={beds}", {"settings.community_bed.capacity": str(beds)}, batch_key(one), RUNS, "done")
        for beds, one in scenarios.items()
    ]
    by_key = {batch_key(one): one for one in scenarios.values()}
    store = Store.create(folder, points, by_key, {"experiment": "test"})
    for key, scenario in by_key.items():
        batch = run_batch(scenario, 0, RUNS)
        store.put(Work(key, 0, RUNS, "auto", pickled(scenario)), encode(key, scenario, batch))
    appraisal = named_appraisal()
    assert appraisal is not None
    (found,) = cost_optimal(store, appraisal)
    return found


def test_cost_optimal_delay_is_not_zero(curve: CapacityCurve) -> None:
    table = curve.table.set_index("capacity_community_bed")
    cheapest = curve.cheapest["community_bed"]
    assert not curve.at_edge and 86 < cheapest < 134
    # With the most beds nobody waits for one; that is dearer, and no accident of these replications.
    assert table.loc[134, "waiting"] < 0.01
    assert table.loc[134, "behind_pounds_a_year_lower"] > 0 and not table.loc[134, "may_be_cheapest"]
    assert table.loc[134, "probability_cheapest"] == 0
    # Where it is cheapest somebody does wait, and so it is wherever it may be cheapest.
    assert table.loc[cheapest, "waiting"] > 0.1
    assert (table[table["may_be_cheapest"]]["waiting"] > 0.05).all()


def test_what_share_of_the_delay_is_left(curve: CapacityCurve) -> None:
    """Most of today's delay has other causes. Of what beds can take away, a share like Wood's is worth keeping."""
    assert 0.8 < curve.delay_left < 0.95
    assert 0.02 < curve.removable_left < 0.4
    assert curve.flat["community_bed"][0] >= 94 and curve.flat["community_bed"][1] <= 110
