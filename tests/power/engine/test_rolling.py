"""Rolling horizon: hands on what it must, and is never cheaper than foresight."""

import numpy as np
import pytest

from bashu.power.engine.dispatch import dispatch
from bashu.power.engine.network import Table
from bashu.power.engine.results import values
from bashu.power.engine.rolling import roll, uncycled
from power_networks import COAL, generators, load, network, synthetic


def test_one_window_over_everything_is_the_plain_optimum():
    given = uncycled(synthetic(2, 24))
    assert roll(given, step=24).objective == pytest.approx(dispatch(given).objective, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_foresight_of_more_hours_is_never_dearer_than_none_at_all_and_never_below_the_optimum(seed):
    given = uncycled(synthetic(seed, 48))
    best = dispatch(given).objective
    for step, ahead in ((6, 0), (6, 12), (12, 36)):
        rolled = roll(given, step=step, ahead=ahead)
        assert rolled.status == "optimal"
        assert rolled.objective >= best * (1 - 1e-9)
        assert rolled.violation < 1e-8


def test_water_under_way_reaches_the_next_window():
    cascade = Table(
        "storage_units", ["upper", "lower"], bus=["mountain", "city"], p_nom=[10.0, 10.0], p_min_pu=0.0, max_hours=10.0,
        state_of_charge_initial=[10.0, 0.0], downstream=["lower", ""], travel_time=[2.0, 0.0], head_ratio=[0.5, 1.0],
    )  # fmt: skip
    tie = Table("links", ["tie"], bus0=["mountain"], bus1=["city"], p_nom=[100.0])
    given = network(4, generators=generators(**COAL), storage_units=cascade, links=tie, loads=load(20, 20, 20, 20))
    rolled = roll(given, step=1)
    assert values(rolled.model, rolled.point, "storage_units.p_out")[1, 2] == pytest.approx(5)
    assert rolled.objective == pytest.approx(400 * (80 - 15))


def test_a_unit_that_was_stopped_stays_off_across_windows():
    plants = generators(
        names=["big", "peaker"], bus=["city", "city"], p_nom=[100.0, 100.0], p_min_pu=[0.6, 0.0], marginal_cost=[100.0, 300.0],
        committable=[True, False], min_down_time=[3.0, 0.0], up_time_before=[5.0, 1.0],
    )  # fmt: skip
    given = network(5, generators=plants, loads=load(70, 20, 70, 70, 70))
    rolled = roll(given, step=1)
    np.testing.assert_allclose(values(rolled.model, rolled.point, "generators.p")[0], [70, 0, 0, 0, 70], atol=1e-9)


def test_ramps_count_from_the_last_hour_of_the_window_before():
    slow = generators(
        names=["coal", "gas"], bus=["city", "city"], p_nom=[100.0, 100.0], marginal_cost=[10.0, 50.0],
        ramp_limit_up=[0.1, np.nan], p_init=[20.0, np.nan],
    )  # fmt: skip
    rolled = roll(network(3, generators=slow, loads=load(60, 60, 60)), step=1)
    np.testing.assert_allclose(values(rolled.model, rolled.point, "generators.p")[0], [30, 40, 50])


def test_kept_prices_are_those_of_their_windows():
    plants = generators(names=["coal"], bus=["city"], p_nom=[100.0], marginal_cost=[[100.0, 900.0]])
    rolled = roll(network(2, generators=plants, loads=load(40, 40)), step=1)
    assert rolled.prices[1].tolist() == pytest.approx([100, 900])


def test_a_window_without_an_optimum_ends_the_roll_and_says_why():
    seen = []
    given = network(3, generators=generators(**COAL), loads=load(60, 130, 60))
    rolled = roll(given, step=1, progress=lambda done, total: seen.append((done, total)))
    assert rolled.status == "infeasible"
    assert "h1" in rolled.explanation[0].where
    assert np.isnan(rolled.objective)
    assert seen == [(1, 3)]


def test_cancelling_ends_between_or_within_windows():
    assert roll(synthetic(1, 48), step=24, cancelled=lambda: True).status == "cancelled"


@pytest.mark.parametrize(
    ("tables", "word"),
    [
        ({"limits": Table("limits", ["cap"], sense=["<="], constant=[5.0])}, "limits"),
        ({"generators": generators(**COAL, p_nom_extendable=True)}, "extended"),
        ({"generators": generators(**COAL, e_sum_max=[500.0])}, "limits"),
        ({"flexible_loads": Table("flexible_loads", ["f"], bus=["city"], p_nom=[5.0], window=[4.0])}, "straddles"),
    ],
)
def test_what_one_window_cannot_decide_is_refused(tables, word):
    given = network(6, **{"generators": generators(**COAL), "loads": load(*[50] * 6)} | tables)
    with pytest.raises(ValueError, match=word):
        roll(given, step=3)


def test_the_lake_of_the_guide():
    plants = generators(names=["coal"], bus=["city"], p_nom=[100.0], marginal_cost=[[100.0, 900.0]])
    lake = Table(
        "storage_units",
        ["lake"],
        bus=["city"],
        p_nom=[50.0],
        p_min_pu=0.0,
        max_hours=4.0,
        state_of_charge_initial=[30.0],
    )
    given = network(2, generators=plants, storage_units=lake, loads=load(40, 40))
    assert dispatch(given).objective == pytest.approx(13_000)
    assert roll(given, step=1).objective == pytest.approx(37_000)
    kept = given.with_tables(storage_units=lake.changed(water_value=[500.0]))
    assert roll(kept, step=1).objective == pytest.approx(13_000)
