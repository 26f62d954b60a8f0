"""What meters would read in a dispatch: net of curtailment and of pumping, and emissions that tracing only moves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bashu.power.engine.dispatch import dispatch
from bashu.power.engine.metering import areas_of, delivered, without_pumped
from bashu.power.engine.network import Network, Table
from bashu.power.engine.tracing import intensities
from bashu.power.formats import meter_files, metered
from power_hours import JULY


@pytest.fixture(scope="module")
def answer():
    """Two provinces over four hours: more sun than the west can use and send, coal in the east, a pumped reservoir, one tie."""
    tables = {
        "carriers": Table("carriers", ["coal"], co2_emissions=[0.34]),
        "buses": Table("buses", ["west", "east"]),
        "generators": Table(
            "generators", ["sun", "coal"], bus=["west", "east"], carrier=["solar", "coal"], p_nom=[100.0, 100.0],
            p_max_pu=[[1.0, 1.0, 0.0, 0.0], [1.0] * 4], marginal_cost=[0.0, 300.0], efficiency=[1.0, 0.4],
        ),
        "storage_units": Table(
            "storage_units", ["lake", "battery"], bus=["west", "east"], carrier=["hydro", "battery"],
            p_nom=[30.0, 5.0], max_hours=[6.0, 2.0],
            efficiency_store=[0.9, 0.95], efficiency_dispatch=[0.9, 0.95], inflow=[[5.0] * 4, [0.0] * 4],
        ),
        "links": Table("links", ["tie"], bus0=["west"], bus1=["east"], p_nom=[20.0], efficiency=[0.95]),
        "loads": Table("loads", ["w", "e"], bus=["west", "east"], p_set=[[40.0] * 4, [60.0, 60.0, 60.0, 60.0]]),
    }  # fmt: skip
    found = dispatch(Network(["1", "2", "3", "4"], {**tables}).with_tables(
        buses=tables["buses"].changed(unserved_cost=[10_000.0, 10_000.0])
    ))  # fmt: skip
    assert found.status == "optimal"
    return found


def test_what_is_curtailed_is_not_certified(answer):
    sun = next(unit for unit in delivered(answer) if unit.name == "sun")
    curtailed = answer.energy.curtailed_mwh
    assert curtailed > 0
    assert 0 < int(sun.wh.sum()) < 200_000_000
    assert int(sun.wh.sum()) == round(answer.point.x[answer.model.columns["generators.p"]][0].sum() * 1e6)


def test_a_reservoir_is_certified_for_its_own_water_and_a_battery_for_nothing(answer):
    found = {unit.name: int(unit.wh.sum()) for unit in delivered(answer)}
    assert "battery" not in found and "coal" not in found
    out = answer.point.x[answer.model.columns["storage_units.p_out"]][0].sum() * 1e6
    pumped = answer.point.x[answer.model.columns["storage_units.p_in"]][0].sum() * 1e6 * 0.81
    assert pumped > 0, "the case pumps"
    assert found["lake"] <= 20e6 * 0.9 + 4, "never more than the inflow gives"
    assert found["lake"] == pytest.approx(out - pumped, abs=4)


def test_what_is_borne_is_what_was_emitted(answer):
    areas = areas_of(answer, {"west": "SC", "east": "CQ"})
    found = intensities(areas.used, areas.emitted, areas.sent)
    assert areas.names == ["CQ", "SC"]
    assert areas.emitted.sum() == pytest.approx(answer.energy.co2_t, rel=1e-12)
    assert (found * areas.used).sum() == pytest.approx(answer.energy.co2_t, rel=1e-12)


def test_the_files_of_a_dispatch_can_be_read_again(answer, tmp_path):
    units, areas = delivered(answer), areas_of(answer, {"west": "SC", "east": "CQ"})
    hours, there, moved = metered.write(tmp_path, units, areas, JULY)
    for path, layout in (
        (hours, meter_files.UNIT_HOURS),
        (there, meter_files.AREA_HOURS),
        (moved, meter_files.AREA_FLOWS),
    ):
        rows, faults = meter_files.read(path.read_bytes(), layout)
        assert not faults
        assert rows
    rows, _ = meter_files.read(hours.read_bytes(), meter_files.UNIT_HOURS)
    assert sum(row.numbers[0] for row in rows) == sum(int(unit.wh.sum()) for unit in units)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12))
def test_pumped_water_flows_first_and_is_never_certified(hours):
    returned, pumped = np.array(hours, dtype=np.int64).T
    own = without_pumped(returned, pumped)
    assert ((own >= 0) & (own <= returned)).all()
    taken = np.cumsum(returned - own)
    assert (taken <= np.cumsum(pumped)).all(), "no water comes back before it was pumped"
    assert ((own == 0) | (taken == np.cumsum(pumped))).all(), "nothing of one's own flows while pumped water is left"
