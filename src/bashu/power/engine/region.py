"""The region's model: two provinces in nine zones, their ties, the ultra-high-voltage line, and what lies beyond.

From facts to a network in the engine's words, for any part of a year and any season. The same facts and seed give the same
network, so its digest says which one a result was computed on. Everything in it can be written as a PyPSA network: unserved load is
a generator of carrier `load shedding`, each line two links, one a direction.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from bashu.power.engine import weather
from bashu.power.engine.network import Network, Table

SEED = 20211214
SIDES = ("SC", "CQ")
PLAYERS = {"SC": "Sichuan", "CQ": "Chongqing", "NW": "Northwest", "uhv": "UHV"}
THERE, BACK = ">", "<"  # the two directions of a line, at the end of its links' names
CONSTANT = ("coal", "gas", "demand response", "purchase", "replacement")
CLOSED: dict[str, tuple[str, ...]] = {"separate": ("tie", "uhv"), "joint": ("uhv",), "uhv": ()}


class Zone(NamedTuple):
    """A bus: its side (SC, CQ, NW), its share of the side's load; `outside` for a place beyond the two grids."""

    id: str
    side: str
    outside: bool
    load_share: float


class Plant(NamedTuple):
    """All of one technology in one zone, MW."""

    zone: str
    technology: str
    mw: float


class Line(NamedTuple):
    """A line between two zones, MW either way. kind: tie (between the provinces), uhv, link (beyond), inner."""

    id: str
    zone0: str
    zone1: str
    kind: str
    mw: float
    loss: float


class Cost(NamedTuple):
    """What a technology costs a MWh, the carbon in its fuel (t/MWh of fuel), its efficiency, its availability."""

    money: float
    carbon: float
    efficiency: float
    availability: float


class Region(NamedTuple):
    """All facts of the model as numbers; totals by their ids."""

    zones: tuple[Zone, ...]
    plants: tuple[Plant, ...]
    lines: tuple[Line, ...]
    costs: Mapping[str, Cost]
    totals: Mapping[str, float]


class Horizon(NamedTuple):
    """A part of a year: its first hour in local time, its length in hours, hours a snapshot, the season, the seed."""

    start: datetime
    hours: int
    step: int = 1
    season: str = "normal"
    seed: int = SEED


FORTNIGHT = 14 * weather.HOURS_A_DAY
START = {"wet": (7, 7), "normal": (4, 7), "drought": (8, 11)}


def horizon_of(season: str, *, year: int = 2025, hours: int = FORTNIGHT) -> Horizon:
    """The usual horizon of a season: a fortnight in July, in April, or in August.

    >>> horizon_of("drought").start.isoformat()
    '2025-08-11T00:00:00'
    """
    return Horizon(datetime(year, *START[season]), hours, season=season)  # noqa: DTZ001 - local by definition


def inflow_factor(region: Region, season: str) -> float:
    """What the rivers bring in a season, of the usual."""
    return 1.0 if season == "normal" else region.totals[f"{season}-inflow"] / 100


def network_of(region: Region, horizon: Horizon, *, voll: float | None = None) -> Network:
    """The network of a horizon. voll: money a MWh of unserved load, that of the facts when left out.

    Raises ValueError for a horizon that leaves its year, or that its step does not divide.
    """
    new_year = horizon.start.replace(month=1, day=1, hour=0)
    first = int((horizon.start - new_year).total_seconds() // 3600)
    if horizon.start.minute or horizon.start.second:
        raise ValueError("the horizon begins within an hour")
    if horizon.hours < 1 or first + horizon.hours > weather.YEAR:
        raise ValueError("the horizon leaves its year")
    if horizon.step < 1 or horizon.hours % horizon.step:
        raise ValueError("the step does not divide the horizon")
    labels = [(horizon.start + timedelta(hours=h)).isoformat(sep=" ") for h in range(0, horizon.hours, horizon.step)]
    weights = np.full(len(labels), float(horizon.step))

    def part(year: np.ndarray) -> np.ndarray:
        """The horizon of a year's hours, averaged over each step."""
        return np.asarray(year[first : first + horizon.hours].reshape(-1, horizon.step).mean(axis=1))

    loads = loads_of(region, horizon, part)
    factor = inflow_factor(region, horizon.season)
    flows = {
        zone: part(weather.rivers(source(horizon, zone, "hydro"), full_hours=region.totals[f"{zone[:2]}-hydro-hours"]))
        for zone in {plant.zone for plant in region.plants if plant.technology == "hydro"}
    }
    price = region.totals["voll"] if voll is None else voll
    costs = region.costs
    tables = {
        "buses": Table("buses", [zone.id for zone in region.zones]),
        "carriers": Table(
            "carriers",
            [*costs, "ror", "load shedding"],
            co2_emissions=[*(cost.carbon for cost in costs.values()), 0.0, 0.0],
        ),
        "loads": loads,
        "generators": generators_of(region, horizon, loads, flows, part, factor, price),
        "storage_units": reservoirs_of(region, flows, factor),
        "links": links_of(region),
    }
    return Network(labels, tables, f"region {horizon.season}", weights, weights, weights)


def source(horizon: Horizon, zone: str, what: str) -> np.random.Generator:
    """The randomness of one series: the same whatever else the model holds."""
    return np.random.default_rng([horizon.seed, *f"{zone}/{what}".encode()])


Part = Callable[[np.ndarray], np.ndarray]


def loads_of(region: Region, horizon: Horizon, part: Part) -> Table:
    """Each province's load by the shares of its zones, and the contracts out of Sichuan at the bus beyond."""
    first = horizon.start.replace(month=1, day=1).weekday()
    names: list[str] = []
    at: list[str] = []
    series: list[np.ndarray] = []
    for side in SIDES:
        energy, peak = region.totals[f"{side}-load"], region.totals[f"{side}-peak"]
        whole = part(weather.load(source(horizon, side, "load"), energy=energy, peak=peak, first_weekday=first))
        for zone in region.zones:
            if zone.side == side and not zone.outside:
                names.append(f"{zone.id}:load")
                at.append(zone.id)
                series.append(zone.load_share * whole)
    outbound = next(line for line in region.lines if line.zone1 == "OUT")
    sent = weather.contracts(energy=region.totals["OUT-load"], most=outbound.mw * (1 - outbound.loss))
    return Table("loads", [*names, "OUT:contracts"], bus=[*at, "OUT"], p_set=[*series, part(sent)])


def generators_of(
    region: Region,
    horizon: Horizon,
    loads: Table,
    flows: Mapping[str, np.ndarray],
    part: Part,
    factor: float,
    voll: float,
) -> Table:
    """Plants by zone and technology, and at each bus with load the shedding of it."""
    count = len(part(np.zeros(weather.YEAR)))
    rows: list[tuple[str, str, str, float, np.ndarray, float, float]] = []
    for plant in region.plants:
        cost, mw = region.costs[plant.technology], plant.mw
        carrier = plant.technology
        if plant.technology in CONSTANT:
            available = np.full(count, cost.availability)
        elif plant.technology == "hydro":
            available = np.minimum(flows[plant.zone] * factor, 1.0)
            carrier, mw = "ror", plant.mw * (1 - region.totals["reservoir-share"] / 100)
        else:
            curve = weather.wind if plant.technology == "wind" else weather.sun
            full = region.totals[f"{plant.technology}-hours"]
            available = part(curve(source(horizon, plant.zone, plant.technology), full_hours=full))
        rows.append((f"{plant.zone}:{carrier}", plant.zone, carrier, mw, available, cost.money, cost.efficiency))
    for bus, drawn in zip(loads["bus"], loads["p_set"], strict=True):
        rows.append((f"{bus}:load shedding", bus, "load shedding", float(drawn.max()), np.ones(count), voll, 1.0))
    names, buses, carriers, sizes, available, money, efficiency = zip(*rows, strict=True)
    return Table(
        "generators",
        names,
        bus=buses,
        carrier=carriers,
        p_nom=sizes,
        p_max_pu=np.stack(available),
        marginal_cost=money,
        efficiency=efficiency,
    )


def reservoirs_of(region: Region, flows: Mapping[str, np.ndarray], factor: float) -> Table:
    """Hydro power behind reservoirs: a level that ends as it began, so that no water is borrowed from beyond the horizon."""
    plants = [plant for plant in region.plants if plant.technology == "hydro"]
    sizes = np.array([plant.mw for plant in plants]) * region.totals["reservoir-share"] / 100
    return Table(
        "storage_units",
        [f"{plant.zone}:hydro" for plant in plants],
        bus=[plant.zone for plant in plants],
        carrier="hydro",
        p_nom=sizes,
        p_min_pu=0.0,
        max_hours=region.totals["reservoir-hours"],
        inflow=np.stack([flows[plant.zone] * factor * size for plant, size in zip(plants, sizes, strict=True)]),
        marginal_cost=region.costs["hydro"].money,
        cyclic_state_of_charge=True,
    )


def ways_of(line: Line) -> tuple[str, ...]:
    """The directions in which a line carries: both, but only one for what is sent out and what is bought from beyond."""
    return (THERE,) if line.kind == "link" else (THERE, BACK)


def links_of(region: Region) -> Table:
    """A link for each direction of each line."""
    rows = []
    for line in region.lines:
        for way in ways_of(line):
            ends = (line.zone0, line.zone1) if way == THERE else (line.zone1, line.zone0)
            rows.append((line.id + way, *ends, line.kind, line.mw, 1 - line.loss))
    names, bus0, bus1, carriers, sizes, kept = zip(*rows, strict=True)
    return Table("links", names, bus0=bus0, bus1=bus1, carrier=carriers, p_nom=sizes, efficiency=kept)


def links_named(region: Region, *kinds: str) -> list[str]:
    """The names of the links of all lines of these kinds."""
    return [line.id + way for line in region.lines if line.kind in kinds for way in ways_of(line)]


def closed_in(region: Region, configuration: str) -> list[str]:
    """The links that are closed when the grids act so: `separate`, `joint` (existing ties open), `uhv` (all open)."""
    return links_named(region, *CLOSED[configuration])


def without(network: Network, closed: Sequence[str]) -> Network:
    """The network with these links at no capacity; they keep their places in every series."""
    links = network["links"]
    return network.with_tables(links=links.changed(p_nom=np.where(np.isin(links.names, closed), 0.0, links["p_nom"])))


def players_of(region: Region) -> dict[str, list[str]]:
    """The players of the region's game: both grids and the Northwest with their buses, the owner of the line with its links."""
    players = {PLAYERS[side]: [zone.id for zone in region.zones if zone.side == side] for side in ("SC", "CQ", "NW")}
    return {**players, PLAYERS["uhv"]: links_named(region, "uhv")}


def digest_of(network: Network) -> str:
    """SHA-256 over every name and number of a network: two networks with one digest give one answer."""
    seen = sha256(repr((list(network.snapshots), network.cost_hours.tolist())).encode())
    for kind, table in sorted(network.tables.items()):
        seen.update(repr((kind, table.names)).encode())
        for name, values in sorted(table.values.items()):
            seen.update(name.encode())
            seen.update(
                repr(values.tolist()).encode() if values.dtype == object else np.ascontiguousarray(values).tobytes()
            )
    return seen.hexdigest()
