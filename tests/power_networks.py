"""Small networks that the tests of the power system share."""

import numpy as np

from bashu.power.engine.network import Network, Table


def network(hours=2, buses=("mountain", "city"), **tables) -> Network:
    return Network([f"h{t}" for t in range(hours)], {"buses": Table("buses", buses), **tables})


def generators(**columns) -> Table:
    names = columns.pop("names")
    return Table("generators", names, **columns)


def load(*megawatts, bus="city") -> Table:
    return Table("loads", ["load"], bus=[bus], p_set=[list(megawatts)])


COAL = {"names": ["coal"], "bus": ["city"], "p_nom": [100.0], "marginal_cost": [400.0]}


def synthetic(seed: int, hours: int = 24) -> Network:
    """Two provinces of three areas each with rivers, reservoirs, coal and ties: seeded, of no real place."""
    rng = np.random.default_rng(seed)
    names = [f"{side}{i}" for side in "AB" for i in range(3)]
    day = 1 + 0.3 * np.sin(np.arange(hours) * 2 * np.pi / 24 + rng.uniform(0, 6, (6, 1)))
    return network(
        hours,
        names,
        loads=Table("loads", names, bus=names, p_set=rng.uniform(40, 120, (6, 1)) * day),
        generators=Table(
            "generators",
            [f"{kind} {bus}" for kind in ("river", "coal", "shed") for bus in names],
            bus=names * 3,
            carrier=["ror"] * 6 + ["coal"] * 6 + ["shed"] * 6,
            p_nom=[*rng.uniform(20, 160, 6), *rng.uniform(20, 120, 6), *[1e4] * 6],
            p_max_pu=np.vstack([rng.uniform(0.3, 1, (6, hours)), np.ones((12, hours))]),
            marginal_cost=[*rng.uniform(1, 9, 6), *rng.uniform(300, 450, 6), *[20000.0] * 6],
        ),
        storage_units=Table(
            "storage_units", ["lake", "pumped"], bus=["A0", "B0"], p_nom=[40.0, 20.0], max_hours=[50.0, 6.0],
            p_min_pu=[0.0, -1.0], inflow=np.vstack([rng.uniform(0, 40, hours), np.zeros(hours)]),
            cyclic_state_of_charge=[True, True], efficiency_store=[1.0, 0.87], efficiency_dispatch=[1.0, 0.87],
        ),
        links=Table(
            "links", ["t0", "t1", "t2", "t3", "tie", "uhv"],
            bus0=["A0", "A1", "B0", "B1", "A2", "A0"], bus1=["A1", "A2", "B1", "B2", "B0", "B2"],
            p_nom=rng.uniform(20, 80, 6), p_min_pu=-1.0, efficiency=1.0, marginal_cost=0.0,
        ),
    )  # fmt: skip
