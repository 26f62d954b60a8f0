"""What a dispatch of the region says hour by hour, and its totals by side.

A series has a kind, a place and a subject: `generation SC-W hydro` (MW), `load`, `unserved`, `curtailed` (MW), `price` (money/MWh),
`level` (MWh) by zone, and `flow` by line (MW at the sending end, positive from its first zone to its second). A value holds for its
whole snapshot.
"""

from typing import NamedTuple

import numpy as np

from bashu.power.engine import results
from bashu.power.engine.dispatch import Answer
from bashu.power.engine.region import BACK, SIDES, THERE, Region

Hours = dict[tuple[str, str, str], np.ndarray]
WEATHER = ("hydro", "wind", "solar")
SHED = "load shedding"
SUMMED = ("load", "unserved", "curtailed")


class Side(NamedTuple):
    """A province's part: MWh made by technology, MWh drawn, unserved, curtailed, sent to and received from the other; tonnes."""

    generation: dict[str, float]
    load: float
    unserved: float
    curtailed: float
    co2_t: float
    sent: float
    received: float


class Totals(NamedTuple):
    """A dispatch in figures: money, MWh and tonnes over the horizon.

    exchanged_mwh: what left either province for the other, at the sending end.
    """

    objective: float
    unserved_mwh: float
    curtailed_mwh: float
    exchanged_mwh: float
    co2_t: float
    sides: dict[str, Side]


def hours_of(answer: Answer, region: Region) -> Hours:
    """Every series of an optimal answer on the region's network, as (hours,) arrays."""
    model, point = answer.model, answer.point
    network, count = model.network, model.network.hours
    found: Hours = {}

    def add(kind: str, place: str, what: str, values: np.ndarray) -> None:
        known = found.get((kind, place, what))
        found[kind, place, what] = values if known is None else known + values

    for name, bus, drawn in zip(
        network["loads"].names, network["loads"]["bus"], network["loads"]["p_set"], strict=True
    ):
        add("load", bus, name.split(":")[1], drawn)
    generators = network["generators"]
    p = results.values(model, point, "generators.p")
    room = generators.hourly("p_max_pu", count) * generators["p_nom"][:, None] - p
    for i, (bus, carrier) in enumerate(zip(generators["bus"], generators["carrier"], strict=True)):
        technology = "hydro" if carrier == "ror" else carrier
        if carrier == SHED:
            add("unserved", bus, "", p[i])
            continue
        add("generation", bus, technology, p[i])
        if technology in WEATHER:
            add("curtailed", bus, technology, np.maximum(room[i], 0.0))
    reservoirs = network["storage_units"]
    blocks = {what: results.values(model, point, f"storage_units.{what}") for what in ("p_out", "spill", "level")}
    for i, bus in enumerate(reservoirs["bus"]):
        add("generation", bus, "hydro", blocks["p_out"][i])
        add("curtailed", bus, "hydro", blocks["spill"][i])
        add("level", bus, "hydro", blocks["level"][i])
    flows = dict(zip(network["links"].names, results.values(model, point, "links.p"), strict=True))
    for line in region.lines:
        add("flow", line.id, line.kind, flows[line.id + THERE] - flows.get(line.id + BACK, 0.0))
    for bus, series in zip(network["buses"].names, answer.prices, strict=True):
        add("price", bus, "", series)
    return found


def totals_of(answer: Answer, region: Region, hours: Hours) -> Totals:
    """The figures of an answer."""
    weight = answer.model.network.cost_hours
    side_of = {zone.id: zone.side for zone in region.zones if not zone.outside}
    made: dict[str, dict[str, float]] = {side: {} for side in SIDES}
    sums = {side: dict.fromkeys((*SUMMED, "co2_t", "sent", "received"), 0.0) for side in SIDES}
    for (kind, place, what), series in hours.items():
        side = side_of.get(place)
        if side is None:
            continue
        amount = energy(series, weight)
        if kind == "generation":
            made[side][what] = made[side].get(what, 0.0) + amount
            sums[side]["co2_t"] += amount * rate_of(region, what)
        elif kind in SUMMED:
            sums[side][kind] += amount
    for line in region.lines:
        sender, receiver = side_of.get(line.zone0, ""), side_of.get(line.zone1, "")
        if {sender, receiver} == set(SIDES):
            net = hours["flow", line.id, line.kind]
            for there, giver, taker in ((net, sender, receiver), (-net, receiver, sender)):
                amount = energy(np.maximum(there, 0.0), weight)
                sums[giver]["sent"] += amount
                sums[taker]["received"] += amount * (1 - line.loss)
    return Totals(
        answer.objective,
        answer.energy.unserved_mwh,
        answer.energy.curtailed_mwh,
        sum(figures["sent"] for figures in sums.values()),
        answer.energy.co2_t,
        {side: Side(made[side], **sums[side]) for side in SIDES},
    )


def energy(series: np.ndarray, weight: np.ndarray) -> float:
    """MWh of a series in MW."""
    return float(series @ weight)


def rate_of(region: Region, technology: str) -> float:
    """Tonnes a MWh of electricity."""
    cost = region.costs[technology]
    return cost.carbon / cost.efficiency
