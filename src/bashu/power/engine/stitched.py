"""A long horizon from its parts: the dual simplex started where pieces of a few days, solved apart, leave off.

1. A coarse program of whole days gives the storage levels at the seams between pieces.
2. Each piece is solved between its two levels, hot-started from the basis of the piece before it, which differs in bounds only.
3. The optimal bases of the pieces, put side by side, are a basis of the whole horizon: the same columns and rows, hour by hour.
   The dual simplex finishes from there, at the optimum of the whole program and of nothing else.

A seam's level may be wrong and a piece may even be infeasible between its levels: any basis is a start, and a bad one costs
iterations, not exactness. Where the start does not pay (more iterations than the program has rows), it is thrown away and the
plain solve takes over; `Way` says which happened.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np

from bashu.power.engine.dispatch import Answer, answer_of, checked
from bashu.power.engine.model import Model
from bashu.power.engine.network import Network, Table, active_only

DAY = 24.0  # hours of a block of the coarse program
PIECE = 3  # blocks of a piece: short pieces need fewest iterations in all, as measured between 1 and 14 days
SHORTEST = 56  # blocks below which the plain solve is fast enough
RUNS = 4  # series of pieces that may be solved at once: each begins cold, so no more than processes need to finish together
LEVELS = (
    ("storage_units", "state_of_charge_initial", "cyclic_state_of_charge"),
    ("stores", "e_initial", "e_cyclic"),
)


class Way(NamedTuple):
    """How an answer was reached. taken: `stitched` or `plain`; why: the reason where it was plain.

    unmet: pieces without an optimum between their levels. Iterations of the simplex in each of the three steps.
    """

    taken: str
    why: str = ""
    pieces: int = 0
    unmet: int = 0
    coarse_iterations: int = 0
    piece_iterations: int = 0
    finish_iterations: int = 0


class Run(NamedTuple):
    """Consecutive pieces for one process. levels: by kind, MWh at every seam of the run, (units, pieces + 1), NaN where free."""

    network: Network
    edges: list[int]  # of the pieces, within the run
    levels: dict[str, np.ndarray]
    carbon_price: float


class Start(NamedTuple):
    """A run's bases joined: status of each block's columns and rows by hour, as the solver's numbers, (units, hours) int8."""

    columns: dict[str, np.ndarray]
    rows: dict[str, np.ndarray]
    iterations: int
    unmet: int


class Mapper(Protocol):
    """Calls a function on each item, in order, on as many processes as it likes: `map` on one."""

    def __call__(self, function: Callable[[Run], Start], items: Iterable[Run], /) -> Iterable[Start]: ...


def dispatch_long(
    network: Network,
    *,
    carbon_price: float = 0.0,
    time_limit: float = 0.0,
    cancelled: Callable[[], bool] | None = None,
    mapper: Mapper = map,
) -> tuple[Answer, Way]:
    """The same answer as `dispatch`, by way of pieces where the network allows it.

    mapper: how runs of pieces are spread over processes; `bashu.kernel.jobs.mapping.map_jobs` fits. time_limit, seconds, holds
    for each solve of the whole program. Raises what the mapper raises.
    """
    whole = active_only(network)
    if why := unfit(whole):
        return answer_of(Model(whole, carbon_price=carbon_price), time_limit=time_limit, cancelled=cancelled), Way(
            "plain", why
        )
    edges = block_edges(whole)
    coarse = Model(by_blocks(whole, edges), carbon_price=carbon_price)
    point = coarse.solve(cancelled=cancelled)
    if point.status != "optimal":
        reason = f"the coarse program is {point.status}"
        model = Model(whole, carbon_price=carbon_price)
        return answer_of(model, time_limit=time_limit, cancelled=cancelled), Way("plain", reason)
    levels = {kind: point.x[coarse.columns[f"{kind}.level"]] for kind, *_ in LEVELS if len(whole[kind])}
    del coarse
    starts = list(mapper(solve_run, runs(whole, edges, levels, carbon_price)))
    way = Way(
        "stitched",
        pieces=-(-(len(edges) - 1) // PIECE),
        unmet=sum(start.unmet for start in starts),
        coarse_iterations=point.iterations,
        piece_iterations=sum(start.iterations for start in starts),
    )
    model = Model(whole, carbon_price=carbon_price)
    model.start(
        scattered(model.columns, [start.columns for start in starts]),
        scattered(model.rows, [start.rows for start in starts]),
    )
    del starts
    found = model.solve(time_limit=time_limit, cancelled=cancelled, iteration_limit=len(model.program.row_lower))
    if found.status != "iteration_limit":
        return checked(model, found), way._replace(finish_iterations=found.iterations)
    model.solver.clearSolver()
    answer = answer_of(model, time_limit=time_limit, cancelled=cancelled)
    return answer, way._replace(taken="plain", why="the stitched start did not help")


def unfit(network: Network) -> str:
    """Why a network is not solved by pieces; empty when it may be."""
    if not network.storage_hours.all() or network.storage_hours.sum() < SHORTEST * DAY:
        return "the horizon is short"
    generators = network["generators"]
    totals = np.isfinite([generators["e_sum_min"], generators["e_sum_max"]]).any()
    obstacles = {
        "unit commitment": generators["committable"].any(),
        "limits over the whole horizon": len(network["limits"]) or totals,
        "demand that is made good later": (network["flexible_loads"]["window"] > 0).any(),
        "limits that stand in some hours only": in_some_hours(network),
        "water under way between reservoirs": (network["storage_units"]["downstream"] != "").any(),
        "capacities that may be extended": any_of(network, "_extendable"),
        "curved costs": any_of(network, "_quadratic"),
    }
    return next((why for why, there in obstacles.items() if there), "")


def in_some_hours(network: Network) -> bool:
    """Whether rows would stand in one piece and be missing in another: hourly ramps or set output with gaps between them."""
    rows = [
        ("storage_units", "p_set"),
        *((kind, f"ramp_limit_{way}") for kind in ("generators", "links") for way in ("up", "down")),
    ]
    hourly = (network[kind][name] for kind, name in rows)
    return any(values.ndim == 2 and np.isnan(values).any() for values in hourly)


def any_of(network: Network, ending: str) -> bool:
    """Whether any unit has an attribute of this ending that is not zero."""
    tables = network.tables.values()
    return any(table[name].any() for table in tables for name in table.values if name.endswith(ending))


def block_edges(network: Network) -> np.ndarray:
    """First snapshots of the blocks of about a day, and the end of the horizon."""
    clock = np.concatenate([[0.0], np.cumsum(network.storage_hours)[:-1]])
    first = np.flatnonzero(np.diff(clock // DAY, prepend=-1.0) > 0)
    return np.append(first, network.hours)


def by_blocks(network: Network, edges: np.ndarray) -> Network:
    """The network with one snapshot a block: hourly attributes at their means, weights at their sums.

    >>> two = Network(["0", "1", "2"], {"buses": Table("buses", ["b"]), "loads": Table("loads", ["l"], bus=["b"], p_set=[[1., 3., 8.]])})
    >>> blocks = by_blocks(two, np.array([0, 2, 3]))
    >>> blocks["loads"]["p_set"].tolist(), blocks.cost_hours.tolist()
    ([[2.0, 8.0]], [2.0, 1.0])
    """
    first, elapsed = edges[:-1], network.storage_hours
    length = np.add.reduceat(elapsed, first)
    tables = {}
    for kind, table in network.tables.items():
        tables[kind] = Table(kind, table.names)
        tables[kind].values = {
            name: np.add.reduceat(values * elapsed, first, axis=1) / length if values.ndim == 2 else values
            for name, values in table.values.items()
        }
    return replace(
        network,
        snapshots=[network.snapshots[i] for i in first],
        tables=tables,
        cost_hours=np.add.reduceat(network.cost_hours, first),
        storage_hours=length,
        sum_hours=np.add.reduceat(network.sum_hours, first),
    )


def runs(network: Network, edges: np.ndarray, levels: dict[str, np.ndarray], carbon_price: float) -> list[Run]:
    """The pieces in up to RUNS series of like length, each with the levels at its seams; the last level is the horizon's own.

    levels: MWh at the end of every block, by kind (units, blocks).
    """
    seams = np.append(np.arange(0, len(edges) - 1, PIECE), len(edges) - 1)
    at = {}
    for kind, initial, cyclic in LEVELS:
        if kind in levels:
            before = np.where(network[kind][cyclic], levels[kind][:, -1], network[kind][initial])
            at[kind] = np.column_stack([before, levels[kind][:, seams[1:] - 1]])
            at[kind][:, -1] = np.where(network[kind][cyclic], at[kind][:, -1], np.nan)
    cut = np.unique(np.linspace(0, len(seams) - 1, RUNS + 1).round().astype(int))
    found = []
    for first, last in pairwise(cut):
        inside = edges[seams[first : last + 1]]
        part = network.window(int(inside[0]), int(inside[-1]))
        here = {kind: values[:, first : last + 1] for kind, values in at.items()}
        found.append(Run(part, (inside - inside[0]).tolist(), here, carbon_price))
    return found


def solve_run(run: Run) -> Start:
    """Solve a run's pieces one after another, each from the basis of the one before."""
    columns: dict[str, list[np.ndarray]] = {}
    rows: dict[str, list[np.ndarray]] = {}
    iterations = unmet = 0
    basis = None
    for piece in range(len(run.edges) - 1):
        model = between(run, piece)
        if basis is not None and len(basis.row_status) == len(model.program.row_lower):
            model.solver.setBasis(basis)
        point = model.solve()
        if point.status != "optimal":
            unmet += 1
            for kind in run.levels:
                end = model.columns[f"{kind}.level"][:, -1]
                model.bound(end, model.program.lower[end], model.program.upper[end])
            point = model.solve()
        iterations += point.iterations
        basis = model.solver.getBasis()
        status = [np.array([int(value) for value in side], np.int8) for side in (basis.col_status, basis.row_status)]
        for blocks, places, values in ((columns, model.columns, status[0]), (rows, model.rows, status[1])):
            for name, index in places.items():
                blocks.setdefault(name, []).append(values[index])
    return Start(joined(columns), joined(rows), iterations, unmet)


def between(run: Run, piece: int) -> Model:
    """The model of one piece, from the level at its first seam to the level at its second."""
    part = run.network.window(run.edges[piece], run.edges[piece + 1])
    for kind, initial, cyclic in LEVELS:
        if kind in run.levels:
            given = {cyclic: False, initial: run.levels[kind][:, piece]}
            part = part.with_tables(**{kind: part[kind].changed(**given)})
    model = Model(part, carbon_price=run.carbon_price)
    for kind, seam in run.levels.items():
        end, level = model.columns[f"{kind}.level"][:, -1], seam[:, piece + 1]
        low, high = model.lower[end], model.upper[end]
        held = ~np.isnan(level) & (low < high)
        level = np.clip(np.nan_to_num(level), low, high)
        model.bound(end, np.where(held, level, low), np.where(held, level, high))
    return model


def joined(parts: dict[str, list[np.ndarray]]) -> dict[str, np.ndarray]:
    """Blocks of consecutive hours, side by side."""
    return {name: np.hstack(blocks) for name, blocks in parts.items()}


def scattered(places: dict[str, np.ndarray], starts: list[dict[str, np.ndarray]]) -> np.ndarray:
    """The status of every column (or row) of the whole program, from the blocks of consecutive runs."""
    status = np.zeros(sum(index.size for index in places.values()), np.int8)
    for name, index in places.items():
        status[index] = np.hstack([start[name] for start in starts])
    return status
