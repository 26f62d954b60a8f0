"""What is wrong with a network before it is solved, and why one that was solved has no answer.

Each finding names the unit, so that whoever keeps the file can mend it.
"""

from itertools import pairwise
from typing import NamedTuple

import highspy
import numpy as np

from bashu.power.engine.model import Model
from bashu.power.engine.network import Network
from bashu.power.engine.results import is_shed
from bashu.power.engine.vocabulary import attribute

SMALL = 1000  # rows up to which an irreducible subset is looked for
IRREDUCIBLE = 2  # the solver's option: from the rows, down to where nothing can be left out
KILO = 300.0  # a system whose load exceeds its capacity so many times over has mixed kilowatts with megawatts
DISTANT = 1e9  # megawatts or megawatt-hours that nothing reaches
ENDS = {"loads": 1, "generators": 1, "storage_units": 1, "stores": 1, "flexible_loads": 1, "links": 2, "lines": 2}
LIMITS = ("primary_energy", "operational_limit")
SENSES = ("<=", ">=", "==")
SHARES = {
    "generators": ("efficiency",),
    "storage_units": ("efficiency_store", "efficiency_dispatch"),
}


class Finding(NamedTuple):
    """One thing wrong: where, and what."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


def findings(network: Network) -> list[Finding]:
    """Everything wrong with a network; empty means that it may be solved."""
    return [
        *clock(network),
        *missing_buses(network),
        *numbers(network),
        *shares(network),
        *cascades(network),
        *limits(network),
        *scale(network),
    ]


def clock(network: Network) -> list[Finding]:
    """Snapshots in order and none twice; weights that are numbers of hours."""
    found = []
    labels = list(network.snapshots)
    if not labels:
        found.append(Finding("snapshots", "there are none"))
    for earlier, later in pairwise(labels):
        if earlier == later or ("-" in earlier and later < earlier):
            found.append(Finding(f"snapshots.{later}", "out of order or twice"))
            break
    found += missing_hours(labels)
    for name in ("cost_hours", "storage_hours", "sum_hours"):
        weight = getattr(network, name)
        if weight.shape != (len(labels),) or not np.isfinite(weight).all() or (weight < 0).any():
            found.append(Finding(f"snapshots.{name}", "not one weight of zero or more for each snapshot"))
    return found


def missing_hours(labels: list[str]) -> list[Finding]:
    """Gaps in a series of times whose steps are otherwise all alike."""
    try:
        moments = np.array(labels, dtype="datetime64[s]").astype(int)
    except ValueError:
        return []
    steps = np.diff(moments)
    if len(steps) < 2 or (steps <= 0).any():
        return []
    usual = int(np.median(steps))
    gaps = np.flatnonzero(steps != usual)
    regular = len(gaps) <= len(steps) // 4  # a typical-days horizon jumps on purpose, and says so by its weights
    holes = [i for i in gaps if steps[i] % usual == 0 and 1 < steps[i] // usual <= 4]
    return [Finding(f"snapshots.{labels[i]}", "hours are missing after this one") for i in holes[:3]] if regular else []


def missing_buses(network: Network) -> list[Finding]:
    """Units that stand at no bus; loads that nothing can reach are found by the solve, not here."""
    found, buses = [], network["buses"]
    if not len(buses):
        found.append(Finding("buses", "there are none"))
    for kind, ends in ENDS.items():
        table = network[kind]
        columns = ["bus"] if ends == 1 else ["bus0", "bus1"]
        columns += [f"bus{n}" for n in table.ports()] if kind == "links" else []
        for column in columns:
            for name, bus in zip(table.names, table[column], strict=True):
                if bus not in buses and (bus or column in ("bus", "bus0", "bus1")):
                    found.append(Finding(f"{kind}.{name}.{column}", f"no such bus: {bus or '(empty)'}"))
    for i, name in enumerate(network["sections"].names):
        for member in network["sections"]["links"][i].split(";"):
            if member.strip().removeprefix("-") not in network["links"]:
                found.append(Finding(f"sections.{name}", f"no such link: {member.strip()}"))
    return found


def numbers(network: Network) -> list[Finding]:
    """Values that are no numbers, or a lower limit above its upper one."""
    found = []
    for kind, table in network.tables.items():
        for name, values in table.values.items():
            known = attribute(kind, name)
            if values.dtype != float or known is None:
                continue
            missing = np.isnan(values) & ~np.isnan(float(known.default))
            infinite = np.isinf(values) & ~name.endswith(("_max", "_min", "_nom")) & ~np.isinf(float(known.default))
            for bad, word in ((missing, "not a number"), (infinite, "infinite")):
                if bad.any():
                    place = np.argwhere(bad)[0]
                    hour = f" in {network.snapshots[place[1]]}" if len(place) == 2 else ""
                    found.append(Finding(f"{kind}.{table.names[place[0]]}.{name}", f"{word}{hour}"))
    for kind, low, high in (
        ("generators", "p_min_pu", "p_max_pu"),
        ("links", "p_min_pu", "p_max_pu"),
        ("stores", "e_min_pu", "e_max_pu"),
        ("lines", "angle_min", "angle_max"),
    ):
        table = network[kind]
        shape = [table[name] if table[name].ndim == 2 else table[name][:, None] for name in (low, high)]
        crossed = np.asarray(shape[0] > shape[1] + 1e-12)
        if crossed.any():
            found.append(Finding(f"{kind}.{table.names[np.argwhere(crossed)[0][0]]}", f"{low} is above {high}"))
    for kind, nominal in (
        ("generators", "p_nom"),
        ("storage_units", "p_nom"),
        ("stores", "e_nom"),
        ("links", "p_nom"),
        ("lines", "s_nom"),
    ):
        table = network[kind]
        for i in np.flatnonzero(table[nominal] < 0)[:3]:
            found.append(Finding(f"{kind}.{table.names[i]}.{nominal}", "below zero"))
    return found


def shares(network: Network) -> list[Finding]:
    """Efficiencies above zero; standing losses, outages between zero and one; curved costs convex."""
    found = []

    def expect(kind: str, name: str, good: np.ndarray, word: str) -> None:
        if not good.all():
            unit = network[kind].names[int(np.argwhere(~good)[0][0])]
            found.append(Finding(f"{kind}.{unit}.{name}", word))

    for kind, names in SHARES.items():
        for name in names:
            expect(kind, name, network[kind][name] > 0, "an efficiency must be above zero")
    links = network["links"]
    for name in ("efficiency", *(f"efficiency{n}" for n in links.ports())):
        # Links that turn one thing into others may draw from a further port; a plain link may not lose more than it has.
        if name == "efficiency" and not links.ports():
            expect("links", name, links[name] >= 0, "an efficiency must not be negative")
    for kind in ("storage_units", "stores"):
        loss = network[kind]["standing_loss"]
        expect(kind, "standing_loss", (loss >= 0) & (loss <= 1), "must lie between 0 and 1")
    expect("storage_units", "p_min_pu", network["storage_units"]["p_min_pu"] <= 0, "must not be above zero")
    outage = network["generators"]["outage"]
    expect("generators", "outage", (outage >= 0) & (outage <= 1), "must lie between 0 and 1")
    for kind in ("generators", "links", "storage_units", "stores"):
        curve = network[kind]["marginal_cost_quadratic"]
        expect(kind, "marginal_cost_quadratic", curve >= 0, "a falling marginal cost has no dual prices")
        if curve.any() and network["generators"]["committable"].any():
            found.append(
                Finding(f"{kind}.marginal_cost_quadratic", "curved costs and unit commitment do not go together")
            )
    both = network["generators"]["committable"] & network["generators"]["p_nom_extendable"]
    expect("generators", "committable", ~both, "a committed unit has a given capacity")
    return found


def cascades(network: Network) -> list[Finding]:
    """Reservoirs below exist, no water flows in a circle, travel times are whole snapshots."""
    found, table = [], network["storage_units"]
    below = {name: down for name, down in zip(table.names, table["downstream"], strict=True) if down}
    for name, down in below.items():
        if down not in table:
            found.append(Finding(f"storage_units.{name}.downstream", f"no such reservoir: {down}"))
        seen, here = {name}, down
        while here in below and here not in seen:
            seen.add(here)
            here = below[here]
        if here == name:
            found.append(Finding(f"storage_units.{name}.downstream", "the cascade runs in a circle"))
        steps = table["travel_time"][table.position(name)] / network.storage_hours
        if (np.ptp(network.storage_hours) > 0 and steps[0]) or abs(steps[0] - round(steps[0])) > 1e-9 or steps[0] < 0:
            found.append(Finding(f"storage_units.{name}.travel_time", "not a whole number of equal snapshots"))
    return found


def limits(network: Network) -> list[Finding]:
    """Limits over the horizon of a kind, a sense and a carrier's attribute that the engine computes with."""
    table, found = network["limits"], []
    for i, name in enumerate(table.names):
        kind, sense, what = (table[word][i] for word in ("type", "sense", "carrier_attribute"))
        if kind not in LIMITS:
            found.append(Finding(f"limits.{name}.type", f"{kind} is none of {', '.join(LIMITS)}"))
        elif kind == "primary_energy" and attribute("carriers", what) is None:
            found.append(Finding(f"limits.{name}.carrier_attribute", f"carriers have no {what}"))
        if sense not in SENSES:
            found.append(Finding(f"limits.{name}.sense", f"{sense} is none of {' '.join(SENSES)}"))
    return found


def scale(network: Network) -> list[Finding]:
    """Load and capacity that differ a thousandfold are in different units."""
    hours = network.hours
    loads, generators = network["loads"], network["generators"]
    if not len(loads) or not len(generators):
        return []
    peak = float((-loads["sign"][:, None] * loads.hourly("p_set", hours)).sum(axis=0).max())
    real = np.array(
        [not is_shed(c, n) for c, n in zip(generators["carrier"], generators.names, strict=True)], dtype=bool
    )
    built = float(generators["p_nom"][real].sum())
    supply = float(built + network["storage_units"]["p_nom"].sum() + network["stores"]["e_nom"].sum())
    extended = any(
        network[k][f"{n}_extendable"].any()
        for k, n in (("generators", "p_nom"), ("storage_units", "p_nom"), ("stores", "e_nom"))
    )
    if not extended and supply > 0 and peak > KILO * supply:
        return [
            Finding(
                "loads.p_set",
                f"the peak of {peak:,.0f} MW is {peak / supply:,.0f} times all capacity: kW in a column of MW?",
            )
        ]
    if np.isfinite(built) and peak > 0 and built > KILO * peak:
        return [
            Finding(
                "generators.p_nom",
                f"{built:,.0f} MW are {built / peak:,.0f} times the peak load: kW in a column of MW?",
            )
        ]
    return []


def explain(model: Model) -> list[Finding]:
    """Why a model has no feasible dispatch: rows and bounds by unit and hour.

    Small models get an irreducible subset: take any one member away and the rest can be met. Larger ones are relaxed: the
    least total violation of the balances says at which buses and hours power is missing or cannot be got rid of.
    """
    solver = model.solver
    if len(model.program.row_lower) <= SMALL:
        solver.setOptionValue("iis_strategy", IRREDUCIBLE)
        status, iis = solver.getIis()
        if status == highspy.HighsStatus.kOk and len(iis.row_index_):
            rows = [named(model, int(row)) for row in iis.row_index_]
            return (rows + [limited(model, int(column)) for column in iis.col_index_ if column < len(model.lower)])[:20]
    return relaxed(model)


def relaxed(model: Model) -> list[Finding]:
    """The balances that cannot be met, by the least total violation, largest first."""
    balance = model.rows["balance"]
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(model.solver.getLp())
    count = solver.getNumCol()
    solver.changeColsCost(count, np.arange(count, dtype=np.int32), np.zeros(count))
    rows = balance.ravel().astype(np.int32)
    for sign in (1.0, -1.0):
        solver.addCols(
            len(rows),
            np.ones(len(rows)),
            np.zeros(len(rows)),
            np.full(len(rows), highspy.kHighsInf),
            len(rows),
            np.arange(len(rows), dtype=np.int32),
            rows,
            np.full(len(rows), sign),
        )
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return [
            Finding("limits", "storage levels, ramps or horizon limits contradict each other; no balance is to blame")
        ]
    slack = np.array(solver.getSolution().col_value)[count:].reshape(2, *balance.shape)
    missing = slack[0] - slack[1]
    worst = np.argsort(-np.abs(missing).ravel())[:10]
    found = []
    for place in worst:
        bus, hour = divmod(int(place), model.network.hours)
        if abs(amount := missing[bus, hour]) > 1e-6:
            word = "MW are missing" if amount > 0 else "MW cannot be taken away"
            found.append(
                Finding(
                    f"{model.network['buses'].names[bus]} in {model.network.snapshots[hour]}",
                    f"{abs(amount):,.1f} {word}",
                )
            )
    return found


def endless(model: Model) -> list[Finding]:
    """Why a model has no least cost: what grows without end when everything that has no limit is given a distant one."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(model.solver.getLp())
    free = ~np.isfinite(model.lower) | ~np.isfinite(model.upper)
    columns = np.flatnonzero(free).astype(np.int32)
    low, high = np.maximum(model.lower[columns], -DISTANT), np.minimum(model.upper[columns], DISTANT)
    solver.changeColsBounds(len(columns), columns, low, high)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return explain(model)
    x = np.array(solver.getSolution().col_value)[: len(model.lower)]
    gain = -model.program.cost * x
    grown = columns[np.abs(x[columns]) > 0.99 * DISTANT]
    paid = grown[np.argsort(-gain[grown], kind="stable")][:5]
    return [
        place_of(model, int(column), "grows without end and lowers the cost") for column in paid if gain[column] > 0
    ]


def limited(model: Model, column: int) -> Finding:
    """A column whose bounds take part in a contradiction."""
    return place_of(model, column, f"held between {model.lower[column]:,.6g} and {model.upper[column]:,.6g}")


def place_of(model: Model, column: int, what: str) -> Finding:
    """A column by its block, unit and hour."""
    for block, index in model.columns.items():
        if not len(place := np.argwhere(index == column)):
            continue
        hour = f"in {model.network.snapshots[place[0][-1]]}" if index.ndim == 2 else ""
        names = unit_names(model, block, len(index))
        return Finding(" ".join(part for part in (block, names[place[0][0]], hour) if part), what)
    raise IndexError(column)


def unit_names(model: Model, block: str, count: int) -> tuple[str, ...]:
    """Names of the units of a block of columns; a block of some units only has those that its name says."""
    kind, what = block.split(".", 1)
    table = model.network[kind]
    if f"{what}_extendable" in table.values:
        return table.select(table[f"{what}_extendable"]).names
    if what in ("status", "start", "stop"):
        return table.select(table["committable"]).names
    if what == "unserved":
        return table.select(~np.isnan(table["unserved_cost"])).names
    return table.names if len(table) == count else ("",) * count


def named(model: Model, row: int) -> Finding:
    """A row by its block, unit and hour."""
    for block, index in model.rows.items():
        place = np.argwhere(index == row)
        if not len(place):
            continue
        hour = model.network.snapshots[place[0][-1]] if index.shape[-1] == model.network.hours else ""
        kind = "buses" if block == "balance" else block.split(".")[0]
        unit = ""
        if index.ndim == 2 and kind in model.network.tables and len(model.network[kind]) == index.shape[0]:
            unit = model.network[kind].names[place[0][0]]
        return Finding(
            " ".join(part for part in (block, unit, hour and f"in {hour}") if part),
            "part of an irreducible contradiction",
        )
    raise IndexError(row)
