"""The long horizon by pieces: always the plain optimum, and it says which way was taken."""

from dataclasses import replace

import numpy as np
import pytest

from bashu.kernel.jobs.mapping import map_jobs
from bashu.power.engine.dispatch import dispatch
from bashu.power.engine.network import Table
from bashu.power.engine.scenarios import Weather, under
from bashu.power.engine.stitched import RUNS, dispatch_long, unfit
from power_networks import COAL, generators, load, network, synthetic

HOURS = 60 * 24
SEASONS = [
    Weather("wet", inflow=1.6, river=1.3, load=0.95),
    Weather("normal"),
    Weather("drought", inflow=0.4, river=0.5, load=1.25),
]


@pytest.mark.parametrize("weather", SEASONS, ids=lambda weather: weather.name)
@pytest.mark.parametrize("seed", [1])
def test_every_season_costs_what_the_plain_solve_says(weather, seed):
    given = under(synthetic(seed, HOURS), weather)
    answer, way = dispatch_long(given)
    assert way.taken == "stitched"
    assert way.pieces == 20
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(dispatch(given).objective, rel=1e-9)
    assert answer.residuals.gap < 1e-9


def test_reservoirs_that_begin_at_a_level_and_stores_count_as_well():
    given = synthetic(5, HOURS)
    lake = given["storage_units"].changed(
        cyclic_state_of_charge=[False, True],
        state_of_charge_initial=[900.0, 0.0],
        standing_loss=0.0005,
        water_value=90.0,
    )
    tank = Table("stores", ["tank"], bus=["B1"], e_nom=400.0, e_initial=100.0, standing_loss=0.001)
    given = given.with_tables(storage_units=lake, stores=tank)
    answer, way = dispatch_long(given)
    assert way.taken == "stitched"
    assert answer.objective == pytest.approx(dispatch(given).objective, rel=1e-9)


def test_snapshots_of_several_hours_and_ramps():
    given = synthetic(6, HOURS // 2)
    slow = given["generators"].changed(ramp_limit_up=0.2, ramp_limit_down=0.3)
    double = np.full(HOURS // 2, 2.0)
    given = replace(given.with_tables(generators=slow), cost_hours=double, storage_hours=double, sum_hours=double)
    answer, way = dispatch_long(given)
    assert way.taken == "stitched"
    assert answer.objective == pytest.approx(dispatch(given).objective, rel=1e-9)


def test_pieces_that_cannot_hold_their_levels_cost_iterations_not_exactness():
    # by day averages the tie suffices; hour by hour it does not, and the lake must do other than the coarse levels say
    given = synthetic(7, HOURS)
    without_shed = given["generators"].select(np.array(["shed" not in name for name in given["generators"].names]))
    big = without_shed.changed(p_nom=1.6 * without_shed["p_nom"] + 40)
    given = given.with_tables(generators=big)
    plain = dispatch(given)
    answer, way = dispatch_long(given)
    assert way.taken == "stitched"
    assert answer.status == plain.status
    if plain.status == "optimal":
        assert answer.objective == pytest.approx(plain.objective, rel=1e-9)


def test_a_start_that_does_not_help_is_thrown_away_and_said_so():
    def spoiled(function, items):
        for start in map(function, items):
            worst = {name: np.full_like(values, 1) for name, values in start.rows.items()}
            yield start._replace(columns={n: np.zeros_like(v) for n, v in start.columns.items()}, rows=worst)

    given = synthetic(1, HOURS)
    answer, way = dispatch_long(given, mapper=spoiled)
    assert way.taken == "plain"
    assert "did not help" in way.why
    assert answer.objective == pytest.approx(dispatch(given).objective, rel=1e-9)


def test_two_processes_give_the_same_answer():
    given = synthetic(1, HOURS)
    calls = []

    def two(function, items):
        items = list(items)
        calls.append(len(items))
        return map_jobs(function, items, workers=2)

    assert dispatch_long(given, mapper=two)[0].objective == pytest.approx(dispatch_long(given)[0].objective, rel=1e-12)
    assert calls == [RUNS]


@pytest.mark.parametrize(
    ("tables", "word"),
    [
        ({"generators": generators(**COAL, committable=True)}, "commitment"),
        ({"generators": generators(**COAL, p_nom_extendable=True)}, "extended"),
        ({"generators": generators(**COAL, e_sum_max=[1e9])}, "limits"),
        ({"generators": generators(**COAL, marginal_cost_quadratic=[0.1])}, "curved"),
        ({"flexible_loads": Table("flexible_loads", ["f"], bus=["city"], p_nom=[5.0], window=[4.0])}, "made good"),
        ({"storage_units": Table("storage_units", ["a", "b"], bus=["city"] * 2, downstream=["b", ""])}, "under way"),
    ],
)
def test_what_pieces_cannot_hold_takes_the_plain_way_and_says_why(tables, word):
    given = network(HOURS, **{"generators": generators(**COAL), "loads": load(*[50] * HOURS)} | tables)
    assert word in unfit(given)
    assert "short" in unfit(network(24, generators=generators(**COAL), loads=load(*[50] * 24)))


def test_an_infeasible_year_is_explained_as_the_plain_one_is():
    demand = np.full(HOURS, 60.0)
    demand[417] = 130.0
    answer, _ = dispatch_long(network(HOURS, generators=generators(**COAL), loads=load(*demand)))
    assert [str(finding) for finding in answer.explanation] == ["city in h417: 30.0 MW are missing"]


def test_cancelling_leaves_no_values():
    answer, _ = dispatch_long(synthetic(1, HOURS), cancelled=lambda: True)
    assert answer.status == "cancelled"
    assert not len(answer.point.x)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("generators", {"ramp_limit_up": np.where(np.arange(HOURS) < HOURS // 2, 0.5, np.nan) * np.ones((18, 1))}),
        ("storage_units", {"p_set": np.where(np.arange(HOURS) < 5, 0.0, np.nan) * np.ones((2, 1))}),
    ],
)
def test_limits_that_stand_in_some_hours_only_are_solved_whole(kind, changes):
    given = synthetic(1, HOURS)
    answer, way = dispatch_long(given.with_tables(**{kind: given[kind].changed(**changes)}))
    assert (answer.status, way.taken) == ("optimal", "plain")
    assert way.why
