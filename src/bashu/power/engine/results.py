"""What a solved dispatch says: energy, prices, who receives what, and whether the solver's answer holds outside the solver.

Price of a bus and hour = dual of its balance ÷ hours of the snapshot. With prices π and the balance satisfied, what generators,
storage, demand response and unserved load receive plus the congestion rent of links and lines equals what load pays: every
megawatt is bought at one bus and sold at another, so the two sums are the same terms in another order.
"""

from typing import NamedTuple

import numpy as np

from bashu.power.engine.components import efficiency_of, total_of
from bashu.power.engine.model import Model, Point
from bashu.power.engine.program import Program

WEATHER = {"wind", "solar", "pv", "ror", "hydro", "onwind", "offwind", "run of river", "run-of-river"}
SHED = {"shed", "shedding", "load shedding", "load_shedding", "load-shedding", "lost load", "unserved", "voll"}
INF = float("inf")


class Residuals(NamedTuple):
    """How far the point is from optimal, recomputed from the program's own arrays."""

    primal: float  # largest violation of a bound or row, relative to 1 + that bound
    dual: float  # largest reduced cost of the wrong sign on an unbounded side, relative to 1 + largest cost
    gap: float  # |primal - dual objective| / (1 + |primal objective|)


def residuals(program: Program, point: Point, lower: np.ndarray, upper: np.ndarray) -> Residuals:
    """Feasibility and duality gap of a point (Boyd & Vandenberghe, 2004, §5.5), without asking the solver.

    Reduced costs are z = c - Aᵀ·y; the dual objective takes each bound at the price of its side, and a column with a curved
    cost at the minimum of z·x + ½·Q·x² between its bounds.

    >>> from scipy import sparse
    >>> one = np.ones(1)
    >>> small = Program(3 * one, 0 * one, 0 * one, 9 * one, one == 0, sparse.csc_matrix([[1.0]]), 2 * one, INF * one, 0.0)
    >>> residuals(small, Point("optimal", 2 * one, 3 * one, 6.0), small.lower, small.upper)
    Residuals(primal=0.0, dual=0.0, gap=0.0)
    """
    x, y = point.x, point.dual
    worst = violation(program, x, lower, upper)
    z = program.cost - program.matrix.T @ y
    scale = 1 + float(np.abs(program.cost).max(initial=0.0))
    curve = program.quadratic > 0
    best = np.clip(np.divide(-z, program.quadratic, out=np.zeros_like(z), where=curve), lower, upper)
    dual = program.offset + float((z * best + 0.5 * program.quadratic * best**2)[curve].sum())
    wrong = 0.0
    sides = ((z[~curve], lower[~curve], upper[~curve]), (y, program.row_lower, program.row_upper))
    for price, low, high in sides:
        bound = np.where(price > 0, low, high)
        open_side = ~np.isfinite(bound)
        wrong = max(wrong, float(np.abs(price[open_side]).max(initial=0.0)) / scale)
        dual += float((price * np.where(open_side, 0.0, bound)).sum())
    primal = program.value(x)
    return Residuals(worst, wrong, abs(primal - dual) / (1 + abs(primal)))


def violation(program: Program, x: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Largest violation of a bound or row at x, relative to 1 + that bound."""
    worst = 0.0
    for value, low, high in ((x, lower, upper), (program.matrix @ x, program.row_lower, program.row_upper)):
        for slack, bound in ((low - value, low), (value - high, high)):
            finite = np.isfinite(bound)
            worst = max(worst, float((slack[finite] / (1 + np.abs(bound[finite]))).max(initial=0.0)))
    return worst


def prices(model: Model, point: Point) -> np.ndarray:
    """Money a MWh at each bus and hour (buses, hours); zero where a snapshot has no weight in costs."""
    hours = model.network.cost_hours
    dual = point.dual[model.rows["balance"]]
    return np.divide(dual, hours, out=np.zeros_like(dual), where=hours > 0)


def degenerate_prices(model: Model, point: Point, *, tolerance: float = 1e-7) -> np.ndarray:
    """Buses and hours (buses, hours) whose price may be one of several: no source there is strictly between its limits.

    A sufficient sign, not a necessary one: the price is pinned where some column with a term in the balance is off both
    bounds, or its flow connects to a bus that is pinned.
    """
    x = point.x
    room = tolerance * (1 + np.abs(x))
    interior = (x > model.lower + room) & (x < model.upper - room)
    balance = model.rows["balance"]
    number = np.full(len(model.program.row_lower), -1)
    number[balance.ravel()] = np.arange(balance.size)
    entries = model.program.matrix.tocoo()
    inside = interior[entries.col] & (number[entries.row] >= 0)
    rows, columns = number[entries.row[inside]], entries.col[inside]
    per_column = np.bincount(columns, minlength=len(x))
    pinned = np.zeros(balance.size, dtype=bool)
    pinned[rows[per_column[columns] == 1]] = True
    joined = per_column[columns] > 1
    rows, columns = rows[joined], columns[joined]
    while True:
        reached = np.zeros(len(x), dtype=bool)
        reached[columns[pinned[rows]]] = True
        new = rows[reached[columns]]
        if pinned[new].all():
            return (~pinned).reshape(balance.shape)
        pinned[new] = True


def values(model: Model, point: Point, block: str) -> np.ndarray:
    """The values of a block of columns in its own shape, or an empty array where the network has no such thing."""
    return point.x[model.columns[block]] if block in model.columns else np.zeros((0, model.network.hours))


def is_shed(carrier: str, name: str) -> bool:
    """Whether a generator stands for load left without power: by its carrier, or by a name that ends in “load shedding”.

    >>> is_shed("load shedding", "g1"), is_shed("load", "North load shedding"), is_shed("coal", "g2")
    (True, True, False)
    """
    return carrier.strip().lower() in SHED or name.lower().endswith("load shedding")


class Energy(NamedTuple):
    """Totals of a horizon, MWh and tonnes."""

    unserved_mwh: float
    curtailed_mwh: float
    spilled_mwh: float
    co2_t: float


def energy(model: Model, point: Point) -> Energy:
    """Unserved load, curtailed weather-driven output (spilled water included, at its output), spilled water, carbon.

    Weather-driven: carriers named in WEATHER, and every generator whose `p_max_pu` differs between hours; outages are no weather.
    """
    network, hours = model.network, model.network.hours
    weight = network.sum_hours
    generators, storage = network["generators"], network["storage_units"]
    p = values(model, point, "generators.p")
    shed = np.array([is_shed(c, n) for c, n in zip(generators["carrier"], generators.names, strict=True)], dtype=bool)
    unserved = float(values(model, point, "buses.unserved").sum(axis=0) @ weight) + float(p[shed].sum(axis=0) @ weight)
    offered = generators.hourly("p_max_pu", hours)
    available = offered * (1 - generators.hourly("outage", hours))
    weather = np.array([c.strip().lower() in WEATHER for c in generators["carrier"]], dtype=bool) | (
        np.ptp(offered, axis=1) > 0
    )
    size = capacities(model, point, "generators", "p_nom")[:, None]
    left = np.maximum(available * size - p, 0.0)[weather & ~shed]
    spill = values(model, point, "storage_units.spill")
    spilled = float((spill * storage.hourly("efficiency_dispatch", hours)).sum(axis=0) @ weight) if len(spill) else 0.0
    columns, rates, constant = total_of(model.frame, "primary_energy", "co2_emissions")
    return Energy(
        unserved, float(left.sum(axis=0) @ weight) + spilled, spilled, float(rates @ point.x[columns]) + constant
    )


def capacities(model: Model, point: Point, kind: str, nominal: str) -> np.ndarray:
    """Capacity of each unit: given, or as the solve extended it."""
    table = model.network[kind]
    size = table[nominal].copy()
    if f"{kind}.{nominal}" in model.columns:
        size[table[f"{nominal}_extendable"]] = point.x[model.columns[f"{kind}.{nominal}"]]
    return size


def receipts(model: Model, point: Point) -> dict[str, np.ndarray]:
    """Money each unit receives from the market over the horizon at the prices of its buses, by kind.

    Loads receive less than nothing. Links and lines receive the congestion rent: what they sell less what they buy.
    The sum over everything is zero up to the residual of the balance.
    """
    network, hours = model.network, model.network.hours
    worth = point.dual[model.rows["balance"]]  # price times hours
    number = {bus: i for i, bus in enumerate(network["buses"].names)}
    got: dict[str, np.ndarray] = {}

    def sold(kind: str, flow: np.ndarray, column: str = "bus") -> np.ndarray:
        buses = [number[bus] for bus in network[kind][column]]
        return np.einsum("ij,ij->i", worth[buses], flow) if buses else np.zeros(0)

    loads = network["loads"]
    got["loads"] = sold("loads", loads["sign"][:, None] * loads.hourly("p_set", hours))
    got["unserved"] = np.zeros(len(number))
    if "buses.unserved" in model.columns:
        priced = np.flatnonzero(~np.isnan(network["buses"]["unserved_cost"]))
        got["unserved"][priced] = (worth[priced] * values(model, point, "buses.unserved")).sum(axis=1)
    got["generators"] = sold(
        "generators", network["generators"]["sign"][:, None] * values(model, point, "generators.p")
    )
    net = values(model, point, "storage_units.p_out") - values(model, point, "storage_units.p_in")
    got["storage_units"] = sold("storage_units", network["storage_units"]["sign"][:, None] * net)
    got["stores"] = sold("stores", network["stores"]["sign"][:, None] * values(model, point, "stores.p"))
    net = values(model, point, "flexible_loads.down") - values(model, point, "flexible_loads.up")
    got["flexible_loads"] = sold("flexible_loads", net)
    links, p = network["links"], values(model, point, "links.p")
    got["links"] = np.zeros(len(links))
    for n in (0, 1, *links.ports()):
        there = np.flatnonzero(links[f"bus{n}"] != "")
        share = -p if n == 0 else p * links.hourly(efficiency_of(n), hours)
        for i in there:
            got["links"][i] += worth[number[links[f"bus{n}"][i]]] @ share[i]
    s = values(model, point, "lines.s")
    got["lines"] = sold("lines", s, "bus1") - sold("lines", s, "bus0")
    return got


class Accounts(NamedTuple):
    """Money over the horizon in hundredths (fen): what each kind receives, loads less than nothing, and `rounding`; all sum to zero."""

    received: dict[str, int]
    rounding: int


def accounts(model: Model, point: Point) -> Accounts:
    """The market's books: every unit's receipts rounded to the fen, half away from zero; what that leaves is booked to `rounding`.

    Before rounding the sum is zero up to the residual of the balance (see `receipts`), so `rounding` is at most half a fen a unit.
    """
    exact = receipts(model, point)
    received = {
        kind: int((np.sign(amount) * np.floor(np.abs(amount) * 100 + 0.5)).sum()) for kind, amount in exact.items()
    }
    return Accounts(received, -sum(received.values()))


def uplift(model: Model, point: Point) -> np.ndarray:
    """What each generator loses at the prices of the fixed commitment, money over the horizon, zero for who gains."""
    spent = np.zeros(len(model.network["generators"]))
    cost = model.program.cost * point.x + 0.5 * model.program.quadratic * point.x**2
    spent += cost[model.columns["generators.p"]].sum(axis=1)
    on = np.flatnonzero(model.network["generators"]["committable"])
    for block in ("status", "start", "stop"):
        spent[on] += cost[model.columns[f"generators.{block}"]].sum(axis=1)
    return np.maximum(spent - receipts(model, point)["generators"], 0.0)
