"""Rolling horizon: the dispatch of an operator who sees only some hours ahead.

Windows of `step + ahead` hours are solved one after another; the first `step` hours of each are kept, and storage levels,
outputs, commitment and water under way are handed to the next. The kept hours are then put together and checked as one
dispatch of the whole horizon: the cost is that of the full program at this point, so it is never below its optimum.

A cyclic reservoir starts at its initial level and need not return to it. Beyond its window the operator knows only the value
of water (`water_value`): without one, every window ends with empty reservoirs.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from bashu.power.engine import results
from bashu.power.engine.check import Finding
from bashu.power.engine.dispatch import FEASIBLE, reasons
from bashu.power.engine.model import Model, Point
from bashu.power.engine.network import Network, Table, active_only

LEVELS = (
    ("storage_units", "state_of_charge_initial", "cyclic_state_of_charge"),
    ("stores", "e_initial", "e_cyclic"),
)
OUTPUTS = (("generators", "generators.p"), ("links", "links.p"))


class Rolled(NamedTuple):
    """A rolled dispatch. Without optimality in every window only status and explanation mean anything.

    model: the full horizon's program. point: the kept hours put together in it, with no duals. prices: (buses, hours), each of the
    window that kept the hour. violation: largest relative violation of any bound or row of the full program.
    """

    status: str
    model: Model
    point: Point
    prices: np.ndarray
    energy: results.Energy
    violation: float
    windows: int
    explanation: list[Finding]

    @property
    def objective(self) -> float:
        """Money over the horizon."""
        return self.point.objective


def roll(
    network: Network,
    *,
    step: int,
    ahead: int = 0,
    carbon_price: float = 0.0,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Rolled:
    """Dispatch in windows. step: hours kept of each; ahead: hours seen beyond them.

    progress: called with windows done and in all. cancelled: asked during each solve. Raises ValueError for what one window cannot
    decide: capacities that may be extended, limits and energy totals over the horizon, demand windows that straddle steps.
    """
    whole = uncycled(active_only(network))
    refuse(whole, step, ahead)
    full = Model(whole, carbon_price=carbon_price)
    x, prices = np.zeros(len(full.program.cost)), np.zeros((len(whole["buses"]), whole.hours))
    state = whole
    starts = range(0, whole.hours, step)
    for number, start in enumerate(starts):
        kept = min(step, whole.hours - start)
        model = Model(state.window(start, min(start + step + ahead, whole.hours)), carbon_price=carbon_price)
        point = model.solve(cancelled=cancelled)
        if point.status == "optimal" and model.whole:
            point = model.fix_whole_numbers(point)
        if point.status != "optimal":
            return broken(full, point.status, number, reasons(model, point.status))
        for name, block in model.columns.items():
            x[full.columns[name][:, start : start + kept]] = point.x[block[:, :kept]]
        prices[:, start : start + kept] = results.prices(model, point)[:, :kept]
        state = handed_on(whole, full, x, start + kept)
        if progress is not None:
            progress(number + 1, len(starts))
    point = Point("optimal", x, np.zeros(0), full.program.value(x))
    violation = results.violation(full.program, x, full.lower, full.upper)
    if violation > FEASIBLE:
        return broken(full, "inaccurate", len(starts), [Finding("windows", f"violation {violation:.1e}")])
    energy = results.energy(full, point)
    return Rolled("optimal", full, point, prices, energy, violation, len(starts), [])


def uncycled(network: Network) -> Network:
    """The network whose reservoirs start at their initial level and end where they will."""
    return network.with_tables(
        **{kind: network[kind].changed(**{cyclic: False}) for kind, _, cyclic in LEVELS if len(network[kind])}
    )


def refuse(network: Network, step: int, ahead: int) -> None:
    """Raise ValueError for what a rolling horizon cannot hold."""
    if step < 1 or ahead < 0:
        raise ValueError("a window keeps at least one hour and looks no hours back")
    for kind, nominal in (
        ("generators", "p_nom"),
        ("storage_units", "p_nom"),
        ("stores", "e_nom"),
        ("links", "p_nom"),
        ("lines", "s_nom"),
    ):
        if network[kind][f"{nominal}_extendable"].any():
            raise ValueError(f"{kind}: capacities that may be extended are decided for the whole horizon at once")
    generators = network["generators"]
    if len(network["limits"]) or np.isfinite([generators["e_sum_min"], generators["e_sum_max"]]).any():
        raise ValueError("limits over the whole horizon cannot be kept window by window")
    clock = np.concatenate([[0.0], np.cumsum(network.storage_hours)])
    starts = clock[: network.hours : step]
    for name, window in zip(network["flexible_loads"].names, network["flexible_loads"]["window"], strict=True):
        if window > 0 and (starts % window > 1e-9).any():
            raise ValueError(f"flexible_loads.{name}: its window straddles two steps")


def handed_on(whole: Network, full: Model, x: np.ndarray, upto: int) -> Network:
    """The network as the window that begins at hour `upto` finds it: levels, outputs, commitment and water under way."""
    tables = {}
    for kind, initial, _ in LEVELS:
        if len(whole[kind]):
            tables[kind] = whole[kind].changed(**{initial: x[full.columns[f"{kind}.level"][:, upto - 1]]})
    for kind, block in OUTPUTS:
        if len(whole[kind]):
            tables[kind] = whole[kind].changed(p_init=x[full.columns[block][:, upto - 1]])
    if "generators.status" in full.columns:
        tables["generators"] = with_history(tables["generators"], x[full.columns["generators.status"][:, :upto]] > 0.5)
    if len(whole["storage_units"]):
        tables["storage_units"] = with_water(tables["storage_units"], full, x, upto)
    return whole.with_tables(**tables)


def with_history(generators: Table, on: np.ndarray) -> Table:
    """Committed generators with the snapshots they have been on or off; on: (committed, hours so far)."""
    before = {name: generators[name].copy() for name in ("up_time_before", "down_time_before")}
    for row, i in enumerate(np.flatnonzero(generators["committable"])):
        changes = np.flatnonzero(on[row, 1:] != on[row, :-1])
        running = bool(on[row, -1])
        lasting = on.shape[1] - 1 - changes[-1] if len(changes) else on.shape[1]
        now, past = ("up_time_before", "down_time_before") if running else ("down_time_before", "up_time_before")
        if not len(changes) and before[now][i] > 0:
            lasting += before[now][i]
        before[now][i], before[past][i] = lasting, 0.0
    return generators.changed(**before)


def with_water(storage: Table, full: Model, x: np.ndarray, upto: int) -> Table:
    """Reservoirs to which water released before hour `upto` is still on its way, as inflow in the hour it arrives."""
    hours = full.network.hours
    inflow = storage.hourly("inflow", hours).copy()
    out, spill = (x[full.columns[f"storage_units.{what}"]] for what in ("p_out", "spill"))
    efficiency = storage.hourly("efficiency_dispatch", hours)
    for i in np.flatnonzero(storage["downstream"] != ""):
        delay = round(storage["travel_time"][i] / full.network.storage_hours[0])
        released = np.arange(max(upto - delay, 0), min(upto, hours - delay))
        water = storage["head_ratio"][i] * (out[i] / efficiency[i] + spill[i])
        inflow[storage.position(storage["downstream"][i]), released + delay] += water[released]
    return storage.changed(inflow=inflow)


def broken(full: Model, status: str, windows: int, explanation: list[Finding]) -> Rolled:
    """A rolled dispatch that ended in a window without an optimum."""
    nan, empty = float("nan"), np.zeros(0)
    point = Point(status, empty, empty, nan)
    lost = results.Energy(nan, nan, nan, nan)
    return Rolled(status, full, point, np.zeros((0, 0)), lost, nan, windows, explanation)
