"""Random networks of most of what both PyPSA and this engine know, described once for both; every fifth has unit commitment."""

import json
from hashlib import sha256

import numpy as np

from bashu.power.formats.raw import RawNetwork, RawTable, Series

HOURS = 6
TABLE_OF = {
    "Bus": "buses", "Carrier": "carriers", "Load": "loads", "Generator": "generators", "StorageUnit": "storage_units",
    "Store": "stores", "Link": "links", "Line": "lines", "Transformer": "transformers", "GlobalConstraint": "global_constraints",
}  # fmt: skip


class Described:
    """A network as a list of additions in PyPSA's words: a list has a value a unit, an array a value an hour."""

    def __init__(self) -> None:
        self.weights = np.ones(HOURS)
        self.added: list[tuple[str, list[str], dict[str, object]]] = []

    def add(self, component: str, names: str | list[str], **values: object) -> None:
        self.added.append((component, [names] if isinstance(names, str) else list(names), values))

    def without(self, name: str) -> "Described":
        """The same without one unit."""
        copy = Described()
        copy.weights = self.weights
        copy.added = [row for row in self.added if row[1] != [name]]
        return copy

    def digest(self) -> str:
        """Tells whether the draws are still those that an answer was kept for."""
        text = json.dumps([self.weights.tolist(), self.added], default=lambda value: value.tolist())
        return sha256(text.encode()).hexdigest()[:16]

    def for_pypsa(self):
        """The network that PyPSA solves."""
        import pypsa

        n = pypsa.Network()
        n.set_snapshots(range(HOURS))
        n.snapshot_weightings.loc[:, :] = self.weights[:, None]
        for component, names, values in self.added:
            n.add(component, names if len(names) > 1 else names[0], **values)
        return n

    def tables(self) -> RawNetwork:
        """What a file of the network holds; an attribute nobody gave is an empty cell."""
        raw = RawNetwork(
            [str(hour) for hour in range(HOURS)],
            dict.fromkeys(("objective", "stores", "generators"), self.weights),
            {},
            {"network__multi_invest": 0},
        )
        for component, names, values in self.added:
            table = raw.tables.setdefault(TABLE_OF[component], RawTable())
            before = len(table.names)
            table.names += names
            for column in {**table.columns, **values}:
                old = table.columns.get(column, np.full(before, "", dtype=object))
                given = values.get(column, "")
                if isinstance(given, np.ndarray):
                    series = table.series.setdefault(column, Series([], np.zeros((HOURS, 0))))
                    series.names += names
                    series.values = np.column_stack([series.values, given])
                    given = ""
                new = np.array(given if isinstance(given, list) else [given] * len(names), dtype=object)
                table.columns[column] = np.concatenate([old, new])
        return raw


def weather(rng, hours=HOURS):
    return np.round(rng.uniform(0.1, 1.0, hours), 3)


def random_network(seed: int):
    """A small network with most of what both tools know; every fifth one has unit commitment."""
    rng = np.random.default_rng(seed)
    n = Described()
    if rng.random() < 0.5:
        n.weights = rng.choice([1.0, 2.0, 3.0], HOURS)
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
