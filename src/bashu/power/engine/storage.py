"""Energy that waits: reservoirs, cascades, pumped storage, batteries, and stores of anything.

level(t) = keep·level(t-1) + h·(η_in·p_in - p_out/η_out + inflow - spill + water from upstream), h hours a snapshot stands for,
keep = (1 - standing loss)^h. A cyclic unit ends as it began; another begins at its given level. Run-of-river plants are
generators whose availability follows the river.
"""

import numpy as np

from bashu.power.engine.components import Frame, capacity, operating
from bashu.power.engine.network import Table
from bashu.power.engine.program import INF


def add_levels(
    frame: Frame, table: Table, level: np.ndarray, cyclic: np.ndarray, initial: np.ndarray, gained: np.ndarray | float
) -> np.ndarray:
    """Rows of the level equation with its terms in `level`; `gained` MWh arrive from outside. Returns the rows (n, hours)."""
    hours = frame.network.hours
    keep = (1 - table.hourly("standing_loss", hours)) ** frame.network.storage_hours
    given = np.broadcast_to(gained, level.shape).copy()
    given[:, 0] += np.where(cyclic, 0.0, initial)
    rows = frame.build.rows(f"{table.kind}.balance", level.shape, lower=given, upper=given)
    frame.build.terms(rows, level, 1.0)
    frame.build.terms(rows[:, 1:], level[:, :-1], -keep[:, 1:])
    frame.build.terms(rows[cyclic, 0], level[cyclic, -1], -keep[cyclic, 0])
    return rows


def add_storage_units(frame: Frame) -> None:
    """Storage tied to a power rating: charging, output and spill, a level of `max_hours` at full output."""
    network, build, table = frame.network, frame.build, frame.network["storage_units"]
    if not len(table):
        return
    hours, elapsed = network.hours, network.storage_hours
    sizes = capacity(frame, table, "p_nom")
    zero = np.zeros((len(table), hours))
    rated = {"sizes": sizes}
    p_out = operating(
        frame,
        table,
        "p_nom",
        "p_out",
        zero,
        table.hourly("p_max_pu", hours),
        cost=table.hourly("marginal_cost", hours) * network.cost_hours,
        quadratic=table.hourly("marginal_cost_quadratic", hours) * network.cost_hours,
        **rated,
    )
    p_in = operating(frame, table, "p_nom", "p_in", zero, -table.hourly("p_min_pu", hours), **rated)
    level_cost = table.hourly("marginal_cost_storage", hours) * network.cost_hours
    # what ends as it began keeps nothing for later: its water is worth something in a rolling horizon only
    kept = np.where(table["cyclic_state_of_charge"], 0.0, table["water_value"])
    level_cost = level_cost - np.where(np.arange(hours) == hours - 1, kept[:, None], 0.0)
    level = operating(
        frame,
        table,
        "p_nom",
        "level",
        zero,
        np.broadcast_to(table["max_hours"][:, None], zero.shape),
        cost=level_cost,
        settled=table.hourly("state_of_charge_set", hours),
        **rated,
    )
    inflow = table.hourly("inflow", hours)
    in_cascade = (table["downstream"] != "") | np.isin(table.names, table["downstream"])
    upper = np.where(in_cascade[:, None], INF, np.maximum(inflow, 0.0))
    spill_cost = table.hourly("spill_cost", hours) * network.cost_hours
    spill = build.columns("storage_units.spill", zero.shape, upper=upper, cost=spill_cost)
    rows = add_levels(
        frame, table, level, table["cyclic_state_of_charge"], table["state_of_charge_initial"], inflow * elapsed
    )
    build.terms(rows, p_in, -table.hourly("efficiency_store", hours) * elapsed)
    build.terms(rows, p_out, elapsed / table.hourly("efficiency_dispatch", hours))
    build.terms(rows, spill, elapsed)
    add_cascade(frame, rows, p_out, spill)
    buses = frame.balance[frame.at(table)]
    build.terms(buses, p_out, table["sign"][:, None])
    build.terms(buses, p_in, -table["sign"][:, None])
    settled = table.hourly("p_set", hours)
    if (fixed := ~np.isnan(settled)).any():
        rows = build.rows("storage_units.p_set", (int(fixed.sum()),), lower=settled[fixed], upper=settled[fixed])
        build.terms(rows, p_out[fixed], 1.0)
        build.terms(rows, p_in[fixed], -1.0)


def add_cascade(frame: Frame, rows: np.ndarray, p_out: np.ndarray, spill: np.ndarray) -> None:
    """What a reservoir releases or spills reaches the next one after its travel time.

    `head_ratio` turns a MWh of water here into MWh at the head below. Water under way at the end of the horizon comes round
    to its start where the lower reservoir is cyclic, and is lost to the model otherwise.
    """
    table, elapsed = frame.network["storage_units"], frame.network.storage_hours
    hours = frame.network.hours
    for i in np.flatnonzero(table["downstream"] != ""):
        below = table.position(table["downstream"][i])
        delay = round(table["travel_time"][i] / elapsed[0])
        arrives = np.arange(hours) + delay
        kept = np.full(hours, True) if table["cyclic_state_of_charge"][below] else arrives < hours
        there = rows[below][arrives[kept] % hours]
        share = -table["head_ratio"][i] * elapsed
        water = share / table.hourly("efficiency_dispatch", hours)[i]
        frame.build.terms(there, p_out[i][kept], water[kept])
        frame.build.terms(there, spill[i][kept], share[kept])


def add_stores(frame: Frame) -> None:
    """Stores of energy without a power rating: `p` into the bus, a level between its limits."""
    network, build, table = frame.network, frame.build, frame.network["stores"]
    if not len(table):
        return
    hours = network.hours
    sizes = capacity(frame, table, "e_nom")
    level = operating(
        frame,
        table,
        "e_nom",
        "level",
        table.hourly("e_min_pu", hours),
        table.hourly("e_max_pu", hours),
        sizes=sizes,
        cost=table.hourly("marginal_cost_storage", hours) * network.cost_hours,
        settled=table.hourly("e_set", hours),
    )
    settled = table.hourly("p_set", hours)
    p = build.columns(
        "stores.p",
        level.shape,
        lower=np.where(np.isnan(settled), -INF, settled),
        upper=np.where(np.isnan(settled), INF, settled),
        cost=table.hourly("marginal_cost", hours) * network.cost_hours,
        quadratic=table.hourly("marginal_cost_quadratic", hours) * network.cost_hours,
    )
    rows = add_levels(frame, table, level, table["e_cyclic"], table["e_initial"], 0.0)
    build.terms(rows, p, network.storage_hours)
    build.terms(frame.balance[frame.at(table)], p, table["sign"][:, None])
