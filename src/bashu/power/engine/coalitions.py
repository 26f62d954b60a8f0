"""The game of a power pool: what each coalition of players saves by dispatching its own assets together.

A coalition S has the buses of its players and what stands there; a link or line exists for S when the players at all its ends
and its owner, if it has one, are in S. Its value is the cost of not cooperating less its cost together. Not cooperating means
one of two things, and the caller says which:
`isolated`  every player alone: v(S) = Σ cost({i}) - cost(S);
`ties`      the ties named as existing work as they do today: v(S) = cost(S with existing ties only) - cost(S).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from bashu.methods import games
from bashu.power.engine import results
from bashu.power.engine.dispatch import Answer
from bashu.power.engine.network import Network, Table, active_only
from bashu.power.engine.stitched import dispatch_long

BASELINES = ("isolated", "ties")
AT_BUS = ("loads", "generators", "storage_units", "stores", "flexible_loads")
BRANCHES = ("links", "lines")


class Unsolvable(Exception):
    """A coalition has no optimal dispatch of its own: its players, the status, the explanation."""


class Ownership(NamedTuple):
    """Who has what: the player of each bus, and of each component named for itself, by (kind, name)."""

    players: tuple[str, ...]
    bus: dict[str, int]
    component: dict[tuple[str, str], int]


def ownership(network: Network, players: Mapping[str, Sequence[str]]) -> Ownership:
    """Read the players' lists of buses and components. A name that is a bus means the bus.

    Raises ValueError for a name that is nothing, two players for one thing, or a bus without a player.
    """
    bus: dict[str, int] = {}
    component: dict[tuple[str, str], int] = {}
    for i, (player, names) in enumerate(players.items()):
        for name in names:
            if name in network["buses"]:
                if bus.setdefault(name, i) != i:
                    raise ValueError(f"{name} belongs to two players")
                continue
            kinds = [kind for kind in (*BRANCHES, *AT_BUS) if name in network[kind]]
            if not kinds:
                raise ValueError(f"{player}: {name} is neither a bus nor a component")
            for kind in kinds:
                if component.setdefault((kind, name), i) != i:
                    raise ValueError(f"{name} belongs to two players")
    if missing := [name for name in network["buses"].names if name not in bus]:
        raise ValueError(f"{missing[0]} belongs to no player")
    return Ownership(tuple(players), bus, component)


def ends_of(table: Table) -> list[list[str]]:
    """The buses at the ends of each link or line."""
    columns = ["bus0", "bus1", *(f"bus{n}" for n in table.ports())]
    return [[bus for bus in row if bus] for row in zip(*(table[column] for column in columns), strict=True)]


def part(network: Network, own: Ownership, coalition: frozenset[int], closed: frozenset[str] = frozenset()) -> Network:
    """The network that a coalition has; `closed` links and lines do not exist for it."""
    there = {bus for bus, player in own.bus.items() if player in coalition}

    def owned(kind: str, name: str) -> bool:
        return own.component.get((kind, name), next(iter(coalition))) in coalition

    tables = dict(network.tables)
    tables["buses"] = network["buses"].select(np.array([name in there for name in network["buses"].names], dtype=bool))
    for kind in AT_BUS:
        table = network[kind]
        keep = [bus in there and owned(kind, name) for name, bus in zip(table.names, table["bus"], strict=True)]
        tables[kind] = table.select(np.array(keep, dtype=bool))
    for kind in BRANCHES:
        table = network[kind]
        keep = [
            there.issuperset(ends) and owned(kind, name) and name not in closed
            for name, ends in zip(table.names, ends_of(table), strict=True)
        ]
        tables[kind] = table.select(np.array(keep, dtype=bool))
    reservoirs = tables["storage_units"]
    if "downstream" in reservoirs.values:
        below = [name if name in reservoirs else "" for name in reservoirs["downstream"]]
        tables["storage_units"] = reservoirs.changed(downstream=below)
    tables["sections"] = sections_left(network["sections"], tables["links"])
    return replace(network, tables=tables)


def sections_left(sections: Table, links: Table) -> Table:
    """The sections, each over the links that are left; one without any is gone."""
    kept = [
        ";".join(m.strip() for m in members.split(";") if m.strip().removeprefix("-") in links)
        for members in sections["links"]
    ]
    if not len(sections):
        return sections
    return sections.changed(links=kept).select(np.array([bool(members) for members in kept], dtype=bool))


def islands(network: Network) -> list[Network]:
    """The parts of a network between which nothing flows: neither power, nor water, nor a shared section."""
    buses = network["buses"]
    pairs = [(ends[0], other) for kind in BRANCHES for ends in ends_of(network[kind]) for other in ends[1:]]
    links, reservoirs = network["links"], network["storage_units"]
    for members in network["sections"]["links"]:
        at = [links["bus0"][links.position(m.strip().removeprefix("-"))] for m in members.split(";")]
        pairs += [(at[0], other) for other in at[1:]]
    for bus, below in zip(reservoirs["bus"], reservoirs["downstream"], strict=True):
        if below:
            pairs.append((bus, reservoirs["bus"][reservoirs.position(below)]))
    index = np.array([(buses.position(a), buses.position(b)) for a, b in pairs], dtype=int).reshape(-1, 2)
    graph = coo_matrix((np.ones(len(index)), (index[:, 0], index[:, 1])), shape=(len(buses), len(buses)))
    count, label = connected_components(graph, directed=False)
    own = Ownership((), {name: int(label[i]) for i, name in enumerate(buses.names)}, {})
    return [network] if count == 1 else [part(network, own, frozenset({i})) for i in range(count)]


class Cost(NamedTuple):
    """What a coalition's dispatch costs, and its energy."""

    money: float
    energy: results.Energy


class Pool:
    """The dispatches behind a game, each island solved once however many coalitions contain it."""

    def __init__(
        self,
        network: Network,
        own: Ownership,
        *,
        carbon_price: float = 0.0,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        """Raises ValueError for limits over the whole horizon: nothing says how players would share a carbon cap."""
        if len(network["limits"]):
            raise ValueError(
                f"limits.{network['limits'].names[0]}: players cannot share a cap; set a carbon price instead"
            )
        self.network, self.own, self.carbon_price = replace(active_only(network), fixed_cost=0.0), own, carbon_price
        self.cancelled = cancelled
        self.solved: dict[tuple[tuple[str, ...], ...], Cost] = {}

    def cost(self, coalition: frozenset[int], closed: frozenset[str] = frozenset()) -> Cost:
        """The least cost of a coalition. Raises Unsolvable when it cannot serve its load."""
        money, totals = 0.0, np.zeros(4)
        for island in islands(part(self.network, self.own, coalition, closed)):
            key = key_of(island)
            if key not in self.solved:
                self.solved[key] = self.solve(island, coalition)
            money += self.solved[key].money
            totals += self.solved[key].energy
        return Cost(money, results.Energy(*totals.tolist()))

    def solve(self, island: Network, coalition: frozenset[int]) -> Cost:
        """One island's dispatch."""
        if not any(len(island[kind]) for kind in AT_BUS):
            return Cost(0.0, results.Energy(0.0, 0.0, 0.0, 0.0))
        answer, _way = dispatch_long(island, carbon_price=self.carbon_price, cancelled=self.cancelled)
        if answer.status != "optimal":
            names = " + ".join(self.own.players[i] for i in sorted(coalition))
            raise Unsolvable(names, answer.status, "; ".join(map(str, answer.explanation[:3])))
        return Cost(answer.objective, answer.energy)


def key_of(island: Network) -> tuple[tuple[str, ...], ...]:
    """What tells one island from another: the names of all that it holds."""
    return tuple(island[kind].names for kind in ("buses", *AT_BUS, *BRANCHES))


class Division(NamedTuple):
    """A power pool's game and the ways to divide it, each payoff in the order of the players, money over the horizon.

    settlement: what each player gains by paying and being paid at the prices of the joint dispatch, before any transfer.
    """

    values: np.ndarray
    costs: list[Cost]
    shapley: np.ndarray
    nucleolus: games.Nucleolus
    nash: np.ndarray
    least_core: games.LeastCore
    settlement: np.ndarray
    joint: Answer


def divide(
    network: Network,
    own: Ownership,
    *,
    baseline: str = "isolated",
    existing: Sequence[str] = (),
    weights: Sequence[float] | None = None,
    carbon_price: float = 0.0,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Division:
    """Solve every coalition, then divide what they save together.

    existing: links and lines that work without cooperation, for the baseline `ties`. weights: of the Nash solution.
    progress: called with coalitions done and in all. cancelled: asked during each solve. Raises ValueError, or Unsolvable (also with
    the status `cancelled`).
    """
    if baseline not in BASELINES:
        raise ValueError(f"baseline {baseline}: one of {', '.join(BASELINES)}")
    if existing and baseline != "ties":
        raise ValueError(f"existing lines count with the baseline ties only, not with {baseline}")
    pool = Pool(network, own, carbon_price=carbon_price, cancelled=cancelled)
    players = len(own.players)
    new = frozenset(new_ties(pool.network, own, existing)) if baseline == "ties" else frozenset[str]()
    joint, _way = dispatch_long(pool.network, carbon_price=carbon_price, cancelled=cancelled)
    if joint.status == "optimal":
        pool.solved[key_of(pool.network)] = Cost(joint.objective, joint.energy)
    alone = [pool.cost(frozenset({i})).money for i in range(players)]
    costs = [Cost(0.0, results.Energy(0.0, 0.0, 0.0, 0.0))]
    values = np.zeros(1 << players)
    for mask in range(1, 1 << players):
        coalition = games.members(mask)
        costs.append(pool.cost(coalition))
        apart = pool.cost(coalition, new).money if baseline == "ties" else sum(alone[i] for i in coalition)
        values[mask] = 0.0 if len(coalition) == 1 else max(apart - costs[mask].money, 0.0)
        if progress is not None:
            progress(mask, len(values) - 1)
    before = np.array(alone)
    if baseline == "ties":
        closed = part(pool.network, own, frozenset(range(players)), new)
        before = burdens(dispatch_long(closed, carbon_price=carbon_price, cancelled=cancelled)[0], own)
    return Division(
        values,
        costs,
        games.shapley(values),
        games.nucleolus(values),
        games.nash(values, weights),
        games.least_core(values),
        before - burdens(joint, own),
        joint,
    )


def at_lost_load(network: Network, factor: float) -> Network:
    """The network in which every price of lost load is `factor` times as high: of buses, and of generators that stand for it.

    A division that changes much between factors rests on a price nobody has observed.
    """
    buses, generators = network["buses"], network["generators"]
    shed = [results.is_shed(c, n) for c, n in zip(generators["carrier"], generators.names, strict=True)]
    scale = np.where(np.array(shed, dtype=bool), factor, 1.0)
    cost = generators["marginal_cost"]
    return network.with_tables(
        buses=buses.changed(unserved_cost=factor * buses["unserved_cost"]),
        generators=generators.changed(marginal_cost=cost * (scale if cost.ndim == 1 else scale[:, None])),
    )


def new_ties(network: Network, own: Ownership, existing: Sequence[str]) -> list[str]:
    """Links and lines that need more than one player, at their ends or as owner, less the existing ones.

    Raises ValueError for a name that is neither link nor line.
    """
    if unknown := [name for name in existing if name not in network["links"] and name not in network["lines"]]:
        raise ValueError(f"{unknown[0]} is neither a link nor a line")
    return [
        name
        for kind in BRANCHES
        for name, ends in zip(network[kind].names, ends_of(network[kind]), strict=True)
        if name not in existing
        and len({own.component.get((kind, name), own.bus[ends[0]]), *(own.bus[bus] for bus in ends)}) > 1
    ]


def burdens(answer: Answer, own: Ownership) -> np.ndarray:
    """What each player pays in all at the prices of a dispatch: its units' costs less what they receive.

    Congestion rent and cost of a link or line without an owner are halved between the players at its ends.
    """
    if answer.status != "optimal":
        raise Unsolvable("everybody", answer.status, "; ".join(map(str, answer.explanation[:3])))
    model, point = answer.model, answer.point
    spent = model.program.cost * point.x + 0.5 * model.program.quadratic * point.x**2
    received = results.receipts(model, point)
    burden = np.zeros(len(own.players))
    for kind in (*AT_BUS, *BRANCHES):
        table = model.network[kind]
        net = -received[kind]
        for block, index in model.columns.items():
            if block.startswith(f"{kind}."):
                net = net + by_unit(table, block, spent[index])
        ends = ends_of(table) if kind in BRANCHES else [[bus] for bus in table["bus"]]
        for name, amount, buses in zip(table.names, net, ends, strict=True):
            holders = (
                [own.component[kind, name]] if (kind, name) in own.component else sorted({own.bus[b] for b in buses})
            )
            burden[holders] += amount / len(holders)
    unserved = np.zeros(len(model.network["buses"]))
    if "buses.unserved" in model.columns:
        priced = ~np.isnan(model.network["buses"]["unserved_cost"])
        unserved[priced] = spent[model.columns["buses.unserved"]].sum(axis=1)
    for bus, amount in zip(model.network["buses"].names, unserved - received["unserved"], strict=True):
        burden[own.bus[bus]] += amount
    return burden


def by_unit(table: Table, block: str, spent: np.ndarray) -> np.ndarray:
    """A block's costs by unit of its table; blocks that hold only some units say so by their name."""
    what = block.split(".", 1)[1]
    if what == "theta":
        return np.zeros(len(table))
    total = spent.reshape(len(spent), -1).sum(axis=1)
    if len(total) == len(table) and what not in ("status", "start", "stop", "p_nom", "s_nom", "e_nom"):
        return total
    chosen = table["committable"] if what in ("status", "start", "stop") else table[f"{what}_extendable"]
    whole = np.zeros(len(table))
    whole[chosen] = total
    if what not in ("status", "start", "stop"):
        whole[chosen] -= (table["capital_cost"] * table[what])[chosen]
    return whole


def in_fen(amounts: np.ndarray) -> tuple[np.ndarray, int]:
    """Transfers as whole fen that sum to zero exactly, and how many fen rounding had to move (largest remainder first).

    >>> fen, moved = in_fen(np.array([10.006, -5.003, -5.003]))
    >>> fen.tolist(), int(fen.sum()), moved
    ([1000, -500, -500], 0, 1)
    """
    exact = amounts * 100
    fen = np.floor(exact + 0.5).astype(np.int64)
    moved = int(fen.sum())
    order = np.argsort((exact - fen) * np.sign(moved), kind="stable")
    for i in range(abs(moved)):
        fen[order[i % len(order)]] -= np.sign(moved)
    return fen, abs(moved)
