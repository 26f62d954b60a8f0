"""What each kind of component adds to the program: its variables, its limits, its term in the balance of its bus.

Every function takes the frame it builds into, and writes blocks named `kind.quantity`. Capacities that are fixed stand as
bounds of columns, so that switching a line or a side of the border off is a change of bounds on a living model; only a
capacity that may be extended needs rows. Signs: into a bus is positive.
"""

from typing import NamedTuple

import numpy as np

from bashu.power.engine.network import Network, Table
from bashu.power.engine.program import INF, Assembly

MILD = 1e-12  # below this an angle per megawatt is no reactance at all


class Frame(NamedTuple):
    """What the builders share: the network, the program under construction, the balance rows (buses, hours)."""

    network: Network
    build: Assembly
    balance: np.ndarray
    carbon_price: float

    def at(self, table: Table, column: str = "bus") -> np.ndarray:
        """The bus numbers in a column of a table."""
        return np.array([self.network["buses"].position(bus) for bus in table[column]], dtype=int)


def emission_rate(network: Network, carriers: np.ndarray, what: str = "co2_emissions") -> np.ndarray:
    """Tonnes for each MWh of fuel of these carriers."""
    table = network["carriers"]
    rates = dict(zip(table.names, table[what], strict=True))
    return np.array([rates.get(carrier, 0.0) for carrier in carriers])


def capacity(frame: Frame, table: Table, nominal: str) -> np.ndarray:
    """Columns for the capacities that may be extended; a column number for each unit, -1 where the capacity is given."""
    free = np.flatnonzero(table[f"{nominal}_extendable"])
    numbers = np.full(len(table), -1)
    if len(free):
        settled = table[f"{nominal}_set"][free]
        lower = np.where(np.isnan(settled), table[f"{nominal}_min"][free], settled)
        upper = np.where(np.isnan(settled), table[f"{nominal}_max"][free], settled)
        cost = table["capital_cost"][free]
        name = f"{table.kind}.{nominal}"
        numbers[free] = frame.build.columns(name, (len(free),), lower=lower, upper=upper, cost=cost)
        frame.build.offset -= float(cost @ table[nominal][free])  # what stands already is no new cost
    return numbers


def operating(
    frame: Frame,
    table: Table,
    nominal: str,
    what: str,
    low: np.ndarray,
    high: np.ndarray,
    *,
    sizes: np.ndarray,
    cost: np.ndarray | float = 0.0,
    quadratic: np.ndarray | float = 0.0,
    settled: np.ndarray | None = None,
    relaxed: np.ndarray | None = None,
) -> np.ndarray:
    """Columns (n, hours) held between low and high times capacity; `settled` fixes values where it is not NaN.

    relaxed: units whose limits other rows state (unit commitment): their lower bound is at most zero.
    """
    build, free = frame.build, table[f"{nominal}_extendable"]
    scale = table[nominal][:, None]
    with np.errstate(invalid="ignore"):  # nothing of an endless capacity is nothing
        lower, upper = (np.where(share == 0, 0.0, share * scale) for share in (low, high))
    if relaxed is not None:
        lower = np.where(relaxed[:, None], np.minimum(lower, 0.0), lower)
        upper = np.where(relaxed[:, None], np.maximum(upper, 0.0), upper)
    if free.any():
        lower = np.where(free[:, None], np.where(low == 0, 0.0, -INF), lower)
        upper = np.where(free[:, None], np.where(high == 0, 0.0, INF), upper)
    if settled is not None:
        fixed = ~np.isnan(settled)
        lower = np.where(fixed, np.maximum(lower, settled), lower)
        upper = np.where(fixed, np.minimum(upper, settled), upper)
    shape = (len(table), frame.network.hours)
    name = f"{table.kind}.{what}"
    columns = build.columns(name, shape, lower=lower, upper=upper, cost=cost, quadratic=quadratic)
    for side, bound in (("upper", high), ("lower", low)):
        chosen = np.flatnonzero(free & (bound != 0).any(axis=1))
        if len(chosen):
            limit = {"upper": {"upper": 0.0}, "lower": {"lower": 0.0}}[side]
            rows = build.rows(f"{name}.{side}", (len(chosen), shape[1]), **limit)
            build.terms(rows, columns[chosen], 1.0)
            build.terms(rows, sizes[chosen][:, None], -bound[chosen])
    return columns


def add_loads(frame: Frame) -> np.ndarray:
    """Demand a bus and hour (buses, hours), MW, positive when drawn; set as the right-hand side of the balance."""
    table, hours = frame.network["loads"], frame.network.hours
    demand = np.zeros(frame.balance.shape)
    np.add.at(demand, frame.at(table), -table["sign"][:, None] * table.hourly("p_set", hours))
    return demand


def add_unserved(frame: Frame, demand: np.ndarray) -> None:
    """Load left without power where the bus prices it, at most the load itself."""
    buses = frame.network["buses"]
    priced = np.flatnonzero(~np.isnan(buses["unserved_cost"]))
    if len(priced):
        cost = buses["unserved_cost"][priced][:, None] * frame.network.cost_hours
        upper = np.maximum(demand[priced], 0.0)
        columns = frame.build.columns("buses.unserved", upper.shape, upper=upper, cost=cost)
        frame.build.terms(frame.balance[priced], columns, 1.0)


def add_generators(frame: Frame) -> None:
    """Generators: availability less outages, minimum output, ramps, energy totals, linear and quadratic cost, carbon price."""
    network, build, table = frame.network, frame.build, frame.network["generators"]
    if not len(table):
        return
    hours = network.hours
    high = table.hourly("p_max_pu", hours) * (1 - table.hourly("outage", hours))
    low = (
        np.minimum(table.hourly("p_min_pu", hours), high)
        if "outage" in table.values
        else table.hourly("p_min_pu", hours)
    )
    fuel = emission_rate(network, table["carrier"])[:, None] / table.hourly("efficiency", hours)
    cost = (table.hourly("marginal_cost", hours) + frame.carbon_price * fuel) * network.cost_hours
    quadratic = table.hourly("marginal_cost_quadratic", hours) * network.cost_hours
    sizes = capacity(frame, table, "p_nom")
    p = operating(
        frame,
        table,
        "p_nom",
        "p",
        low,
        high,
        sizes=sizes,
        cost=cost,
        quadratic=quadratic,
        settled=table.hourly("p_set", hours),
        relaxed=table["committable"],
    )
    build.terms(frame.balance[frame.at(table)], p, table["sign"][:, None])
    bounded = np.flatnonzero(np.isfinite(table["e_sum_min"]) | np.isfinite(table["e_sum_max"]))
    if len(bounded):
        rows = build.rows(
            "generators.energy", (len(bounded),), lower=table["e_sum_min"][bounded], upper=table["e_sum_max"][bounded]
        )
        build.terms(rows[:, None], p[bounded], network.sum_hours)
    if not table["committable"].any():
        add_ramps(frame, table, p, sizes)


def add_ramps(frame: Frame, table: Table, p: np.ndarray, sizes: np.ndarray) -> None:
    """The change of output from one snapshot to the next, per unit of capacity; the first one counts from `p_init` if known."""
    hours = frame.network.hours
    before = table["p_init"]
    for name, sign in (("ramp_limit_up", 1.0), ("ramp_limit_down", -1.0)):
        limit = table.hourly(name, hours)
        chosen = np.flatnonzero(~np.isnan(limit).all(axis=1))
        if not len(chosen):
            continue
        share = np.nan_to_num(limit[chosen])
        fixed = ~table["p_nom_extendable"][chosen][:, None]
        room = np.where(fixed, share * table["p_nom"][chosen][:, None], 0.0)
        room = np.where(np.isnan(limit[chosen]), INF, room)
        room[:, 0] = np.where(np.isnan(before[chosen]), INF, room[:, 0] + sign * np.nan_to_num(before[chosen]))
        rows = frame.build.rows(f"{table.kind}.{name}", p[chosen].shape, upper=room)
        frame.build.terms(rows, p[chosen], sign)
        frame.build.terms(rows[:, 1:], p[chosen][:, :-1], -sign)
        free = ~fixed[:, 0]
        frame.build.terms(rows[free], sizes[chosen][free][:, None], -share[free])


def add_links(frame: Frame) -> None:
    """Controlled flows from `bus0` to one or more other buses, with an efficiency at each; sections limit sums of them."""
    network, build, table = frame.network, frame.build, frame.network["links"]
    if not len(table):
        return
    hours = network.hours
    sizes = capacity(frame, table, "p_nom")
    p = operating(
        frame,
        table,
        "p_nom",
        "p",
        table.hourly("p_min_pu", hours),
        table.hourly("p_max_pu", hours),
        sizes=sizes,
        cost=table.hourly("marginal_cost", hours) * network.cost_hours,
        quadratic=table.hourly("marginal_cost_quadratic", hours) * network.cost_hours,
        settled=table.hourly("p_set", hours),
    )
    for number in (0, 1, *table.ports()):
        column = f"bus{number}"
        there = table[column] != ""
        share = -np.ones((len(table), 1)) if number == 0 else table.hourly(efficiency_of(number), hours)
        build.terms(frame.balance[frame.at(table.select(there), column)], p[there], share[there])
    add_ramps(frame, table, p, sizes)
    sections = network["sections"]
    for i, name in enumerate(sections.names):
        members = [member.strip() for member in sections["links"][i].split(";")]
        rows = build.rows(
            f"sections.{name}",
            (hours,),
            lower=sections.hourly("p_min", hours)[i],
            upper=sections.hourly("p_max", hours)[i],
        )
        for member in members:
            sign = -1.0 if member.startswith("-") else 1.0
            build.terms(rows, p[table.position(member.removeprefix("-"))], sign)


def efficiency_of(number: int) -> str:
    """The attribute that holds the efficiency at a port: efficiency, efficiency2, efficiency3, …"""
    return "efficiency" if number == 1 else f"efficiency{number}"


def add_lines(frame: Frame) -> None:
    """Alternating-current lines and transformers: flow follows angles (linearised Kirchhoff voltage law).

    angle·s = θ0 - θ1 - shift, with θ measured in the median angle that a megawatt needs, which keeps coefficients near one.
    """
    network, build, table = frame.network, frame.build, frame.network["lines"]
    if not len(table):
        return
    hours = network.hours
    angle, shift = table["angle"], np.deg2rad(table["phase_shift"])
    real = np.abs(angle) > MILD
    unit = float(np.median(np.abs(angle[real]))) if real.any() else 1.0
    limit = table.hourly("s_max_pu", hours)
    sizes = capacity(frame, table, "s_nom")
    s = operating(frame, table, "s_nom", "s", -limit, limit, sizes=sizes)
    limit_angles(frame, table, s, real)
    ends = frame.at(table, "bus0"), frame.at(table, "bus1")
    touched = np.unique(np.concatenate(ends))
    number = np.full(len(network["buses"]), -1)
    number[touched] = np.arange(len(touched))
    theta = build.columns("lines.theta", (len(touched), hours), lower=-INF)
    rows = build.rows(
        "lines.kirchhoff", (len(table), hours), lower=-shift[:, None] / unit, upper=-shift[:, None] / unit
    )
    build.terms(rows, s, angle[:, None] / unit)
    build.terms(rows, theta[number[ends[0]]], -1.0)
    build.terms(rows, theta[number[ends[1]]], 1.0)
    build.terms(frame.balance[ends[0]], s, -1.0)
    build.terms(frame.balance[ends[1]], s, 1.0)


def limit_angles(frame: Frame, table: Table, s: np.ndarray, real: np.ndarray) -> None:
    """Angle difference limits, written as rows on the flow they bound."""
    finite = np.flatnonzero(real & (np.isfinite(table["angle_min"]) | np.isfinite(table["angle_max"])))
    if not len(finite):
        return
    shift = np.deg2rad(table["phase_shift"][finite])
    bounds = [(np.deg2rad(table[name][finite]) - shift) / table["angle"][finite] for name in ("angle_min", "angle_max")]
    lower, upper = np.minimum(*bounds), np.maximum(*bounds)
    rows = frame.build.rows("lines.angle", s[finite].shape, lower=lower[:, None], upper=upper[:, None])
    frame.build.terms(rows, s[finite], 1.0)


def add_flexible_loads(frame: Frame) -> None:
    """Demand response: load reduced at a price and, where the unit has a window, made good within each block of that length."""
    network, build, table = frame.network, frame.build, frame.network["flexible_loads"]
    if not len(table):
        return
    hours = network.hours
    upper = table["p_nom"][:, None] * table.hourly("p_max_pu", hours)
    down = build.columns(
        "flexible_loads.down", upper.shape, upper=upper, cost=table.hourly("marginal_cost", hours) * network.cost_hours
    )
    up = build.columns("flexible_loads.up", upper.shape, upper=np.where(table["window"][:, None] > 0, upper, 0.0))
    buses = frame.balance[frame.at(table)]
    build.terms(buses, down, 1.0)
    build.terms(buses, up, -1.0)
    clock = np.concatenate([[0.0], np.cumsum(network.storage_hours)[:-1]])
    for i in np.flatnonzero(table["window"] > 0):
        block = (clock // table["window"][i]).astype(int)
        rows = build.rows(f"flexible_loads.made_good.{table.names[i]}", (int(block[-1]) + 1,), lower=0.0, upper=0.0)
        build.terms(rows[block], down[i], network.storage_hours)
        build.terms(rows[block], up[i], -network.storage_hours)


def add_limits(frame: Frame) -> None:
    """Limits on sums over the whole horizon: carbon (`primary_energy`) or the net output of a carrier (`operational_limit`)."""
    build, table = frame.build, frame.network["limits"]
    for i, name in enumerate(table.names):
        columns, values, constant = total_of(frame, table["type"][i], table["carrier_attribute"][i])
        bound = table["constant"][i] - constant
        sense = table["sense"][i]
        row = build.rows(
            f"limits.{name}", (1,), lower=-INF if sense == "<=" else bound, upper=INF if sense == ">=" else bound
        )
        build.terms(row, columns, values)


def total_of(frame: Frame, kind: str, what: str) -> tuple[np.ndarray, np.ndarray, float]:
    """Columns, coefficients and constant of a horizon total: fuel emissions of `what`, or net output of carrier `what`.

    A store of fuel counts what it lost between start and end; one that ends as it began counts nothing.
    """
    network, build = frame.network, frame.build
    columns, values, constant = [np.zeros(0, int)], [np.zeros(0)], 0.0
    parts = (
        ("generators", "p", ""),
        ("storage_units", "level", "cyclic_state_of_charge"),
        ("stores", "level", "e_cyclic"),
    )
    for name, block, cyclic in parts:
        table = network[name]
        if not len(table):
            continue
        carriers = table["carrier"]
        rate = emission_rate(network, carriers, what) if kind == "primary_energy" else (carriers == what).astype(float)
        index = build.column_blocks[f"{name}.{block}"]
        if name == "generators":
            fuel = table.hourly("efficiency", network.hours) if kind == "primary_energy" else 1.0
            chosen = rate != 0
            columns.append(index[chosen].ravel())
            values.append((rate[:, None] * network.sum_hours / fuel)[chosen].ravel())
        else:
            chosen = (rate != 0) & ~table[cyclic]
            columns.append(index[chosen, -1])
            values.append(-rate[chosen])
            start = table["state_of_charge_initial" if name == "storage_units" else "e_initial"]
            constant += float(rate[chosen] @ start[chosen])
    return np.concatenate(columns), np.concatenate(values), constant
