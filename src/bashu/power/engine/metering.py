"""What meters would read in a dispatch: watt-hours of renewable units, and energy used, sent and emitted by area."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from bashu.power.engine.certificates import WH
from bashu.power.engine.components import efficiency_of, emission_rate
from bashu.power.engine.dispatch import Answer
from bashu.power.engine.results import is_shed, values

# Carriers as files name them, and what certificates call the technology.
TECHNOLOGY = {
    "wind": "wind", "onwind": "wind", "offwind": "wind", "offwind-ac": "wind", "offwind-dc": "wind", "solar": "solar", "pv": "solar",
    "hydro": "hydro", "ror": "hydro", "run of river": "hydro", "run-of-river": "hydro", "biomass": "biomass",
}  # fmt: skip


class Delivered(NamedTuple):
    """Renewable energy that a unit delivered, watt-hours a snapshot, int64 (hours,)."""

    name: str
    technology: str
    wh: np.ndarray


def delivered(answer: Answer) -> list[Delivered]:
    """What every renewable generator and every reservoir with inflow delivered; storage without inflow delivers nothing of its own.

    Output is rounded half to even to the watt-hour, a snapshot at a time: the one rounding there is. Of a pumped reservoir what was
    pumped up, less its losses, is taken to flow first, and is not certified again.
    """
    model, network = answer.model, answer.model.network
    scale = WH * network.sum_hours
    found = []
    generators = network["generators"]
    p = values(model, answer.point, "generators.p")
    for i, (name, carrier) in enumerate(zip(generators.names, generators["carrier"], strict=True)):
        technology = TECHNOLOGY.get(carrier.strip().lower())
        if technology:
            found.append(Delivered(name, technology, whole(p[i] * scale)))
    storage = network["storage_units"]
    inflow = storage.hourly("inflow", network.hours)
    back = storage.hourly("efficiency_store", network.hours) * storage.hourly("efficiency_dispatch", network.hours)
    p_out, p_in = (values(model, answer.point, f"storage_units.{way}") for way in ("p_out", "p_in"))
    fed = set(storage["downstream"])
    for i, name in enumerate(storage.names):
        if inflow[i].any() or name in fed:
            own = without_pumped(whole(p_out[i] * scale), whole(p_in[i] * back[i] * scale))
            found.append(Delivered(name, "hydro", own))
    return found


def whole(wh: np.ndarray) -> np.ndarray:
    """Whole watt-hours, none below zero."""
    return np.maximum(np.rint(wh), 0).astype(np.int64)


def without_pumped(returned: np.ndarray, pumped: np.ndarray) -> np.ndarray:
    """Output that is not pumped water coming back, when pumped water flows first.

    >>> without_pumped(np.array([5, 5, 9]), np.array([0, 7, 0]))
    array([5, 0, 7])
    """
    held, own = 0, returned.copy()
    for hour in np.flatnonzero(pumped.cumsum() > 0):
        held += int(pumped[hour])
        drawn = min(held, int(returned[hour]))
        held -= drawn
        own[hour] -= drawn
    return own


class Areas(NamedTuple):
    """Energy of areas: used and emitted (hours, areas), MWh and t; sent (hours, areas, areas), MWh at the sending end."""

    names: list[str]
    used: np.ndarray
    emitted: np.ndarray
    sent: np.ndarray


def areas_of(answer: Answer, area_of: Mapping[str, str]) -> Areas:
    """What each area used, emitted and sent. area_of: area by bus; raises KeyError for a bus without one.

    Used is what was generated and taken from storage, plus what came, less what went: load, charging, and losses inside. Storage
    emits nothing when it gives back: what it took in stays with it, as with any consumer.
    Raises ValueError for a link that takes from one of its further ports.
    """
    model, network, hours = answer.model, answer.model.network, answer.model.network.hours
    names = sorted({area_of[bus] for bus in network["buses"].names})
    number = {bus: names.index(area_of[bus]) for bus in network["buses"].names}
    made, emitted = np.zeros((len(names), hours)), np.zeros((len(names), hours))
    sent = np.zeros((len(names), len(names), hours))
    weight = network.sum_hours

    def add(total: np.ndarray, kind: str, amounts: np.ndarray) -> None:
        for bus, amount in zip(network[kind]["bus"], amounts, strict=True):
            total[number[bus]] += amount * weight

    generators = network["generators"]
    shed = np.array([is_shed(c, n) for c, n in zip(generators["carrier"], generators.names, strict=True)], dtype=bool)
    p = values(model, answer.point, "generators.p") * ~shed[:, None]
    add(made, "generators", p)
    add(
        emitted,
        "generators",
        p * emission_rate(network, generators["carrier"])[:, None] / generators.hourly("efficiency", hours),
    )
    add(made, "storage_units", values(model, answer.point, "storage_units.p_out"))
    add(made, "stores", np.maximum(values(model, answer.point, "stores.p"), 0.0))
    for start, end, gone, came in flows(answer):
        a, b = number[start], number[end]
        if a == b:
            continue
        sent[a, b] += gone * weight
        made[a] -= gone * weight
        made[b] += came * weight
    return Areas(names, np.maximum(made, 0.0).T, np.maximum(emitted, 0.0).T, np.moveaxis(sent, 2, 0))


def flows(answer: Answer) -> list[tuple[str, str, np.ndarray, np.ndarray]]:
    """Every flow in each direction: from, to, MW at the sending end, MW received, (hours,) each."""
    model, network, hours = answer.model, answer.model.network, answer.model.network.hours
    found = []
    lines, s = network["lines"], values(model, answer.point, "lines.s")
    for i in range(len(lines)):
        ahead, back = np.maximum(s[i], 0.0), np.maximum(-s[i], 0.0)
        found += [(lines["bus0"][i], lines["bus1"][i], ahead, ahead), (lines["bus1"][i], lines["bus0"][i], back, back)]
    links, p = network["links"], values(model, answer.point, "links.p")
    ports = [1, *links.ports()]
    for i in range(len(links)):
        ends = [n for n in ports if links[f"bus{n}"][i]]
        rates = {n: links.hourly(efficiency_of(n), hours)[i] for n in ends}
        if any((rate < 0).any() for rate in rates.values()):
            raise ValueError(f"link {links.names[i]} takes from one of its further ports")
        whole_rate = np.maximum(sum(rates.values()), 1e-12)
        for n in ends:
            ahead, back = np.maximum(p[i], 0.0), np.maximum(-p[i], 0.0)
            share = rates[n] / whole_rate
            here, there = links["bus0"][i], links[f"bus{n}"][i]
            found += [(here, there, ahead * share, ahead * rates[n]), (there, here, back * rates[n], back * share)]
    return found
