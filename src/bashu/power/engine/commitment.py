"""Unit commitment: generators that are on or off, with start and stop costs, minimum times, and ramps that know the difference.

The three-binary formulation of status, start and stop (Knueven, Ostrowski & Watson, 2020, §3). Prices of a mixed-integer
program do not exist; callers fix the whole numbers found, solve again, and report what units lose at those prices (uplift).
"""

import numpy as np

from bashu.power.engine.components import Frame, add_ramps
from bashu.power.engine.network import Table
from bashu.power.engine.program import INF


def add_commitment(frame: Frame) -> None:
    """Commitment of the generators marked `committable`; their capacity is given, not extended."""
    table = frame.network["generators"]
    on = np.flatnonzero(table["committable"])
    if not len(on):
        return
    network, build, hours = frame.network, frame.build, frame.network.hours
    units = table.select(table["committable"])
    p = build.column_blocks["generators.p"]
    shape = (len(on), hours)
    status = build.columns(
        "generators.status",
        shape,
        upper=1.0,
        whole=True,
        cost=units.hourly("stand_by_cost", hours) * network.cost_hours,
    )
    start = build.columns("generators.start", shape, upper=1.0, whole=True, cost=units["start_up_cost"][:, None])
    stop = build.columns("generators.stop", shape, upper=1.0, whole=True, cost=units["shut_down_cost"][:, None])
    was_on = history(units, 1)[:, 0]

    size = units["p_nom"][:, None]
    high = units.hourly("p_max_pu", hours) * (1 - units.hourly("outage", hours)) * size
    low = np.minimum(units.hourly("p_min_pu", hours) * size, high)
    rows = build.rows("commitment.upper", shape, upper=0.0)
    build.terms(rows, p[on], 1.0)
    build.terms(rows, status, -high)
    rows = build.rows("commitment.lower", shape, lower=0.0)
    build.terms(rows, p[on], 1.0)
    build.terms(rows, status, -low)

    for name, switch, sign in (("start", start, 1.0), ("stop", stop, -1.0)):
        before = np.zeros(shape)
        before[:, 0] = -sign * was_on
        rows = build.rows(f"commitment.{name}", shape, lower=before)
        build.terms(rows, switch, 1.0)
        build.terms(rows, status, -sign)
        build.terms(rows[:, 1:], status[:, :-1], sign)
    add_minimum_times(frame, units, status, start, stop)
    ramp_committed(frame, table, units, p, status, was_on)


def history(units: Table, depth: int) -> np.ndarray:
    """Whether units ran 1, 2, …, depth snapshots before the horizon: (n, depth) of 0 and 1."""
    lag = np.arange(1, depth + 1)
    down, up = units["down_time_before"][:, None], units["up_time_before"][:, None]
    return np.where(down > 0, lag > down, lag <= up).astype(float)


def add_minimum_times(frame: Frame, units: Table, status: np.ndarray, start: np.ndarray, stop: np.ndarray) -> None:
    """Once started a unit stays on for `min_up_time` snapshots, once stopped off for `min_down_time`; the past counts."""
    hours = frame.network.hours
    for name, switched, sign in (("min_up_time", start, -1.0), ("min_down_time", stop, 1.0)):
        for i, least in enumerate(units[name].astype(int)):
            if least <= 0:
                continue
            past = history(units, least + 1)[i]
            changed = np.maximum(-sign * (past[:-1] - past[1:]), 0.0)  # switched 1, 2, … snapshots ago
            still = [changed[: max(least - 1 - t, 0)].sum() for t in range(hours)]
            bound = (0.0 if sign < 0 else 1.0) - np.array(still)
            rows = frame.build.rows(f"commitment.{name}.{units.names[i]}", (hours,), upper=bound)
            frame.build.terms(rows, status[i], sign)
            for k in range(min(least, hours)):
                frame.build.terms(rows[k:], switched[i][: hours - k], 1.0)


def ramp_committed(
    frame: Frame, table: Table, units: Table, p: np.ndarray, status: np.ndarray, was_on: np.ndarray
) -> None:
    """Ramps of committed units, with limits of their own at start and stop; the other generators ramp as always."""
    hours, on = frame.network.hours, table["committable"]
    size = units["p_nom"][:, None]
    output = p[np.flatnonzero(on)]
    before = np.where(was_on > 0, units["p_init"], 0.0)
    for name, switch, sign in (
        ("ramp_limit_up", "ramp_limit_start_up", 1.0),
        ("ramp_limit_down", "ramp_limit_shut_down", -1.0),
    ):
        limit, edge = units.hourly(name, hours), units[switch][:, None]
        chosen = np.flatnonzero(~(np.isnan(limit) & np.isnan(edge)).all(axis=1))
        if not len(chosen):
            continue
        steady = np.nan_to_num(limit, nan=1.0)[chosen] * size[chosen]
        switching = np.broadcast_to(np.nan_to_num(edge, nan=1.0)[chosen] * size[chosen], steady.shape)
        # up: p(t) - p(t-1) ≤ steady·on(t-1) + switching·(on(t) - on(t-1)); down: the same with t and t-1 exchanged
        now, earlier = (switching, steady - switching) if sign > 0 else (steady - switching, switching)
        room = np.zeros(steady.shape)
        known = ~np.isnan(before[chosen])
        start = sign * np.nan_to_num(before[chosen]) + earlier[:, 0] * was_on[chosen]
        room[:, 0] = np.where(known, start, INF)
        rows = frame.build.rows(f"commitment.{name}", steady.shape, upper=room)
        frame.build.terms(rows, output[chosen], sign)
        frame.build.terms(rows[:, 1:], output[chosen][:, :-1], -sign)
        frame.build.terms(rows, status[chosen], -now)
        frame.build.terms(rows[:, 1:], status[chosen][:, :-1], -earlier[:, 1:])
    others = np.flatnonzero(~on)
    if len(others):
        sizes = np.full(len(table), -1)
        extended = frame.build.column_blocks.get("generators.p_nom", np.zeros(0, int))
        sizes[np.flatnonzero(table["p_nom_extendable"])] = extended
        add_ramps(frame, table.select(~on), p[others], sizes[others])
