"""Dispatch beside PyPSA: a hundred random networks of all component kinds, and the way back through our export."""

import logging
from pathlib import Path

import numpy as np
import pytest

from bashu.power.engine.dispatch import dispatch
from bashu.power.formats import files
from bashu.power.formats import pypsa as ours
from bashu.power.peer import compared, solved_by_pypsa

pypsa = pytest.importorskip("pypsa", reason="the peer is in requirements/bench.in")
pytestmark = pytest.mark.slow
HOURS = 6
DATA = Path(__file__).parents[1] / "power" / "data" / "pypsa"
PATIENCE = 10  # seconds for the peer's solver


@pytest.fixture(autouse=True)
def quiet_peer():
    """The peer explains itself at length."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


def weather(rng, hours=HOURS):
    return np.round(rng.uniform(0.1, 1.0, hours), 3)


def random_network(seed: int):
    """A small network with most of what both tools know; every fifth one has unit commitment."""
    rng = np.random.default_rng(seed)
    n = pypsa.Network()
    n.set_snapshots(range(HOURS))
    if rng.random() < 0.5:
        n.snapshot_weightings.loc[:, :] = rng.choice([1.0, 2.0, 3.0], (HOURS, 1))
    n.add("Carrier", ["coal", "gas", "wind", "AC", "DC"], co2_emissions=[0.34, 0.2, 0, 0, 0])
    buses = [f"b{i}" for i in range(int(rng.integers(3, 6)))]
    n.add("Bus", buses, v_nom=380.0)
    n.add("Bus", ["d0", "d1"], v_nom=200.0, carrier="DC")
    commit = seed % 5 == 0
    for i, bus in enumerate(buses):
        n.add("Load", f"load {bus}", bus=bus, p_set=rng.uniform(20, 90, HOURS))
        n.add("Generator", f"shed {bus}", bus=bus, p_nom=500, marginal_cost=3000, carrier="shed")
        n.add(
            "Generator",
            f"wind {bus}",
            bus=bus,
            p_nom=rng.uniform(0, 80),
            p_max_pu=weather(rng),
            carrier="wind",
            marginal_cost=rng.uniform(0, 2),
        )
        coal = {
            "bus": bus,
            "carrier": "coal",
            "efficiency": rng.uniform(0.3, 0.5),
            "p_nom": rng.uniform(40, 120),
            "marginal_cost": rng.uniform(20, 60, HOURS),
        }
        if rng.random() < 0.5:
            coal |= {"ramp_limit_up": rng.uniform(0.1, 0.6), "ramp_limit_down": rng.uniform(0.1, 0.6)}
            if rng.random() < 0.5:
                coal |= {"p_init": coal["p_nom"] * rng.uniform(0, 0.5)}
        if commit and i < 2:
            coal |= {
                "committable": True,
                "p_min_pu": 0.4,
                "start_up_cost": rng.uniform(0, 900),
                "shut_down_cost": rng.uniform(0, 300),
                "stand_by_cost": rng.uniform(0, 60),
                "min_up_time": int(rng.integers(0, 4)),
                "min_down_time": int(rng.integers(0, 4)),
                "ramp_limit_start_up": 0.7,
                "ramp_limit_shut_down": 0.6,
                "up_time_before": int(rng.integers(0, 3)),
            }
            if coal["up_time_before"] == 0:
                coal["down_time_before"] = int(rng.integers(1, 3))
            coal.pop("p_init", None)
        n.add("Generator", f"coal {bus}", **coal)
    n.add(
        "Generator",
        "gas",
        bus=buses[0],
        carrier="gas",
        p_nom_extendable=True,
        p_nom=10,
        p_nom_min=5,
        p_nom_max=300,
        capital_cost=rng.uniform(10, 200),
        marginal_cost=70,
        efficiency=0.5,
        e_sum_max=rng.uniform(50, 900),
    )
    for i, bus in enumerate(buses[1:], 1):
        n.add(
            "Line",
            f"line {i}",
            bus0=buses[i - 1],
            bus1=bus,
            x=rng.uniform(0.5, 3),
            r=0.1,
            s_nom=rng.uniform(10, 60),
            s_max_pu=0.9,
        )
    n.add(
        "Line",
        "ring",
        bus0=buses[-1],
        bus1=buses[0],
        x=rng.uniform(0.5, 3),
        s_nom=30,
        s_nom_extendable=bool(rng.random() < 0.5),
        s_nom_min=5,
        s_nom_max=80,
        capital_cost=20,
        v_ang_max=rng.choice([0.2, 5, 50]),
    )
    n.add(
        "Transformer",
        "tx",
        bus0=buses[0],
        bus1=buses[2],
        x=0.1,
        s_nom=rng.uniform(50, 90),
        tap_ratio=1.05,
        phase_shift=rng.uniform(-0.5, 0.5),
    )
    n.add("Line", "dc line", bus0="d0", bus1="d1", r=rng.uniform(0.1, 1), x=0.0, s_nom=50, carrier="DC")
    n.add("Link", "in", bus0=buses[0], bus1="d0", p_nom=40, efficiency=0.97, marginal_cost=0.3, p_max_pu=weather(rng))
    n.add(
        "Link",
        "out",
        bus0="d1",
        bus1=buses[1],
        p_nom=40,
        p_min_pu=-0.5,
        p_nom_extendable=bool(rng.random() < 0.4),
        p_nom_max=60,
        capital_cost=5,
        ramp_limit_up=0.8,
    )
    n.add("Bus", "heat", carrier="heat")
    n.add(
        "Link",
        "chp",
        bus0=buses[1],
        bus1="heat",
        bus2=buses[0],
        efficiency=0.4,
        efficiency2=-0.1,
        p_nom=60,
        marginal_cost=1,
    )
    n.add("Load", "heat load", bus="heat", p_set=rng.uniform(0, 8, HOURS))
    n.add("Generator", "boiler", bus="heat", p_nom=50, marginal_cost=45, marginal_cost_quadratic=0.0 if commit else 0.3)
    n.add(
        "StorageUnit",
        "lake",
        bus=buses[1],
        p_nom=50,
        max_hours=8,
        inflow=rng.uniform(0, 30, HOURS),
        cyclic_state_of_charge=bool(rng.random() < 0.5),
        state_of_charge_initial=60,
        p_min_pu=0,
        efficiency_dispatch=0.9,
        spill_cost=0.1,
        marginal_cost=1,
    )
    n.add(
        "StorageUnit",
        "battery",
        bus=buses[0],
        p_nom=10,
        p_nom_extendable=bool(rng.random() < 0.5),
        p_nom_max=50,
        capital_cost=3,
        max_hours=3,
        efficiency_store=0.93,
        efficiency_dispatch=0.95,
        standing_loss=0.01,
        state_of_charge_initial=5,
    )
    n.add(
        "Store",
        "tank",
        bus="heat",
        e_nom=30,
        e_cyclic=bool(rng.random() < 0.5),
        e_initial=10,
        standing_loss=0.02,
        e_nom_extendable=bool(rng.random() < 0.5),
        e_nom_max=100,
        capital_cost=1,
    )
    if rng.random() < 0.5:
        n.add(
            "GlobalConstraint",
            "co2",
            type="primary_energy",
            carrier_attribute="co2_emissions",
            sense="<=",
            constant=rng.uniform(600, 2000),
        )
    if rng.random() < 0.3:
        n.add(
            "GlobalConstraint",
            "wind share",
            type="operational_limit",
            carrier_attribute="wind",
            sense="<=",
            constant=rng.uniform(100, 900),
        )
    return n


def peer_objective(n) -> float:
    """What the peer says; NaN where its solver of quadratic programs ends without an optimum (it goes round in circles on some)."""
    status, condition = n.optimize(
        solver_name="highs",
        log_to_console=False,
        mip_rel_gap=0.0,
        include_objective_constant=True,
        threads=1,
        time_limit=PATIENCE,
    )
    return float(n.objective) if (status, condition) == ("ok", "optimal") else float("nan")


@pytest.mark.parametrize("seed", range(100))
def test_random_network_costs_the_same(seed, tmp_path: Path):
    n = random_network(seed)
    theirs = peer_objective(n)
    if np.isnan(theirs) and n.generators.marginal_cost_quadratic.any():
        n.generators.marginal_cost_quadratic = 0.0  # the same network without its curve is a linear program
        theirs = peer_objective(n)
    n.export_to_netcdf(tmp_path / "n.nc")
    answer = dispatch(files.read(tmp_path / "n.nc").network)
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(theirs, rel=1e-8)


def test_the_peer_answers_most_quadratic_programs_itself():
    """Otherwise the comparison above would be one of linear programs alone."""
    seeds = [seed for seed in range(20) if seed % 5]
    answered = [peer_objective(random_network(seed)) for seed in seeds]
    assert np.isfinite(answered).mean() > 0.6


@pytest.mark.parametrize(("seed", "target"), [(1, "n.nc"), (2, "folder"), (3, "n.nc"), (5, "folder")])
def test_peer_solves_our_export_to_the_same_cost(seed, target, tmp_path: Path):
    n = random_network(seed)
    n.remove("Transformer", "tx")
    n.export_to_csv_folder(tmp_path / "given")
    network = files.read(tmp_path / "given").network
    ours.write(network, tmp_path / target)
    m = pypsa.Network(str(tmp_path / target))
    assert peer_objective(m) == pytest.approx(dispatch(network).objective, rel=1e-8)


@pytest.mark.parametrize("name", ["ac-dc-meshed.nc", "storage-hvdc", "../pglib/pglib_opf_case30_ieee.m"])
def test_compare_finds_both_tools_agreed_on_cost_and_unique_prices(name):
    path = DATA / name
    network = files.read(path).network
    said = compared(dispatch(network), 0.0, solved_by_pypsa(path, network))
    assert said["same"]
    assert said["unique_prices"] > 0
    assert said["largest_price_difference"] < 1e-6
