"""Journeys told leg by leg, and the latest departure for a deadline."""

import numpy as np

from bashu.logistics.engine.network import ROAD, Demand, Ends, Network
from bashu.logistics.engine.options import Handling, Journey, Leg
from bashu.logistics.engine.scan import Front, Labels, charged_days, earliest_arrival, open_at_or_after, pareto_front


def journeys(network: Network, demand: Demand, access: Ends, egress: Ends) -> list[Journey]:
    """The Pareto set by arrival, each journey told leg by leg; arguments as for `pareto_front`.

    A road leg to the first hub leaves as late as the first cut-off allows, so that nothing is stored there.
    """
    front, labels = pareto_front(network, demand, access, egress)
    return [_journey(network, demand, access, egress, front, labels, at) for at in range(front.arrives.size)]


def _journey(
    net: Network, demand: Demand, access: Ends, egress: Ends, front: Front, labels: Labels, at: int
) -> Journey:
    teu = demand.teu
    chain = [int(front.label[at])]
    while labels.parent[chain[-1]] >= 0:
        chain.append(int(labels.parent[chain[-1]]))
    chain.reverse()
    legs: list[Leg] = []
    hub, by, time = int(labels.hub[chain[0]]), ROAD, int(labels.time[chain[0]])
    road = int(labels.alight[chain[0]])
    for n, label in enumerate(chain[1:]):
        board, alight = int(labels.board[label]), int(labels.alight[label])
        mode = int(net.mode[net.service[board]])
        if n == 0:
            legs, time = _first_road(net, access, road, int(net.cutoff[board]) - int(net.change_minutes[hub, by, mode]))
        before = _handling(net, teu, hub, by, mode, time, int(net.departs[board]), stored=n > 0)
        legs.append(_ride(net, demand, board, alight, before))
        hub, by, time = int(net.target[alight]), mode, int(net.arrives[alight])
    out, leg = _handling(net, teu, hub, by, ROAD, time, None, stored=True), int(front.egress[at])
    last: Handling | None = out
    if egress.minutes[leg] or egress.price[leg]:
        ends = out.ready, out.ready + int(egress.minutes[leg])
        legs.append(Leg(ROAD, hub, -1, *ends, int(egress.price[leg]), int(egress.gco2e[leg]), -1, -1, out))
        last = None
    handled = [leg.before for leg in legs if leg.before] + ([last] if last else [])
    price = sum(leg.price for leg in legs) + sum(one.price + one.storage_price for one in handled)
    gco2e = sum(leg.gco2e for leg in legs) + sum(one.gco2e for one in handled)
    told = Journey(int(front.arrives[at]), price, gco2e, tuple(legs), last)
    assert (price, gco2e) == (front.price[at], front.gco2e[at]), "the legs do not add up to the option"
    return told


def _first_road(net: Network, access: Ends, leg: int, latest: int) -> tuple[list[Leg], int]:
    """The road leg to the first hub, if there is one, and when the box is there: at the last open minute that will do."""
    hub, minutes = int(access.hub[leg]), int(access.minutes[leg])
    span = slice(net.open_first[hub], net.open_first[hub + 1])
    began = net.open_from[span] <= latest
    time = min(latest, int(net.open_until[span][began].max()) - 1)
    if not minutes and not access.price[leg]:
        return [], time
    fen, grams = int(access.price[leg]), int(access.gco2e[leg])
    return [Leg(ROAD, -1, hub, time - minutes, time, fen, grams, -1, -1, None)], time


def _handling(
    net: Network, teu: int, hub: int, by: int, mode: int, time: int, leaves: int | None, *, stored: bool
) -> Handling:
    begins = int(open_at_or_after(net, hub, time))
    ready = begins + int(net.change_minutes[hub, by, mode])
    days = int(charged_days((ready if leaves is None else leaves) - time, int(net.free[hub]))) if stored else 0
    price, gco2e = int(net.change_price[hub, by, mode]) * teu, int(net.change_gco2e[hub, by, mode]) * teu
    return Handling(hub, time, begins, ready, price, gco2e, days, days * int(net.storage[hub]) * teu)


def _ride(net: Network, demand: Demand, board: int, alight: int, before: Handling) -> Leg:
    on_trip = np.flatnonzero(net.trip[board : alight + 1] == net.trip[board]) + board
    fen = int(net.price[on_trip].sum())
    service = int(net.service[board])
    if demand.needs & 1:
        fen += int(net.reefer_surcharge[service]) * on_trip.size
    if demand.needs >> 1:
        fen += int(net.dangerous_surcharge[service]) * on_trip.size
    return Leg(
        int(net.mode[service]), int(net.origin[board]), int(net.target[alight]), int(net.departs[board]), int(net.arrives[alight]),
        fen * demand.teu, int(net.gco2e[on_trip].sum()) * demand.teu, int(net.row[board]), int(net.row[alight]), before,
        int(net.cutoff[board]),
    )  # fmt: skip


def latest_departure(network: Network, demand: Demand, access: Ends, egress: Ends, deadline: int) -> int | None:
    """The last minute, from `demand.departs` on, at which it may leave and still be there by the deadline.

    Leaving later never means arriving earlier, since a consignment may wait at its origin; so the minute is found by
    bisection over earliest arrivals. None when even `demand.departs` is too late.
    """
    good, late = demand.departs, deadline + 1
    if earliest_arrival(network, demand, access, egress) > deadline:
        return None
    while late - good > 1:
        middle = (good + late) // 2
        arrives = earliest_arrival(network, demand._replace(departs=middle), access, egress)
        good, late = (middle, late) if arrives <= deadline else (good, middle)
    return good
