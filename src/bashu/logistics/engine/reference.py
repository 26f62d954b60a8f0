"""The same search in plain Python, to be read beside the compiled scan and to be measured against it.

Multicriteria label setting (Martins, 1984): labels leave a queue in the order of time; each boards every later departure
and is set down at every call of its trip.
"""

import heapq
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from bashu.logistics.engine.network import DAY, FORBIDDEN, NEVER, ROAD, Demand, Ends, Network
from bashu.logistics.engine.scan import charged_days, open_at_or_after

Vector = tuple[int, int, int]


class Label(NamedTuple):
    """A consignment set down at a hub: when, when the hub opens for it, what it has cost, how it came."""

    time: int
    price: int
    gco2e: int
    opens: int
    hub: int
    by: int
    stored: bool


class Search:
    """One query on one network."""

    def __init__(self, network: Network, demand: Demand, access: Ends, egress: Ends) -> None:
        lists = [column.tolist() if isinstance(column, np.ndarray) else column for column in network]
        self.net: Any = Network._make(lists)
        self.demand = demand
        self.departures: dict[int, list[int]] = defaultdict(list)
        self.trips: dict[int, list[int]] = defaultdict(list)
        for row, (hub, trip) in enumerate(zip(self.net.origin, self.net.trip, strict=True)):
            self.departures[hub].append(row)
            self.trips[trip].append(row)
        self.access = list(zip(*(column.tolist() for column in access), strict=True))
        self.egress = list(zip(*(column.tolist() for column in egress), strict=True))
        self.bags: dict[tuple[int, int, bool], list[Label]] = defaultdict(list)
        self.front: list[Vector] = []

    def run(self) -> list[Vector]:
        """The Pareto set of (arrival, price, gCO2e), sorted."""
        queue: list[Label] = []
        for hub, minutes, price, gco2e in self.access:
            if not self.demand.needs & ~self.net.hub_abilities[hub]:
                queue.extend(self.set_down(hub, ROAD, self.demand.departs + minutes, price, gco2e, stored=False))
        heapq.heapify(queue)
        while queue:
            label = heapq.heappop(queue)
            if label not in self.bags[label.hub, label.by, label.stored] or self.beaten(label[:3]):
                continue
            for price, gco2e, row in self.boardings(label):
                for landed in self.ride(row, price, gco2e):
                    heapq.heappush(queue, landed)
        return sorted(self.front)

    def boardings(self, label: Label) -> Iterator[tuple[int, int, int]]:
        """Price and grams after handling and storage, for every departure the label is ready for."""
        net, teu = self.net, self.demand.teu
        rate, free = net.storage[label.hub] * teu, net.free[label.hub]
        rows = self.departures[label.hub]
        start = bisect_left(rows, label.time, key=net.departs.__getitem__)
        for row in rows[start:]:
            mode = net.mode[net.service[row]]
            minutes = net.change_minutes[label.hub][label.by][mode]
            if minutes == FORBIDDEN or label.opens + minutes > net.cutoff[row]:
                continue
            price = label.price + net.change_price[label.hub][label.by][mode] * teu
            if label.stored:
                price += rate * charged_days.py_func(net.departs[row] - label.time, free)
            yield price, label.gco2e + net.change_gco2e[label.hub][label.by][mode] * teu, row

    def ride(self, row: int, price: int, gco2e: int) -> Iterator[Label]:
        """The labels that arise where the trip calls from this connection on."""
        net, teu, needs = self.net, self.demand.teu, self.demand.needs
        trip = self.trips[net.trip[row]]
        for at in trip[trip.index(row) :]:
            service = net.service[at]
            if net.capacity[at] < teu or needs & ~net.abilities[service]:
                return
            fen = net.price[at] + (net.reefer_surcharge[service] if needs & 1 else 0)
            fen += net.dangerous_surcharge[service] if needs >> 1 else 0
            price, gco2e, hub = price + fen * teu, gco2e + net.gco2e[at] * teu, net.target[at]
            if not needs & ~net.hub_abilities[hub]:
                yield from self.set_down(hub, net.mode[service], net.arrives[at], price, gco2e, stored=True)

    def set_down(self, hub: int, by: int, time: int, price: int, gco2e: int, *, stored: bool) -> Iterator[Label]:
        """Deliver from the hub where the last road leg starts there, and keep the label if no other is as good."""
        opens = int(open_at_or_after.py_func(self.net, hub, time))
        if opens == NEVER or self.beaten((time, price, gco2e)):
            return
        if stored:
            self.deliver(hub, by, time, opens, price, gco2e)
        rate = self.net.storage[hub] * self.demand.teu if stored else 0
        new, bag = Label(time, price, gco2e, opens, hub, by, stored), self.bags[hub, by, stored]
        if any(outlives(old, new, rate) for old in bag):
            return
        bag[:] = [old for old in bag if not outlives(new, old, rate)]
        bag.append(new)
        yield new

    def deliver(self, hub: int, by: int, time: int, opens: int, price: int, gco2e: int) -> None:
        """Add to the front what no journey beats."""
        net, teu = self.net, self.demand.teu
        minutes = net.change_minutes[hub][by][ROAD]
        for at, lasts, fen, grams in self.egress:
            if at != hub or minutes == FORBIDDEN:
                continue
            days = charged_days.py_func(opens + minutes - time, net.free[hub])
            cost = price + (net.change_price[hub][by][ROAD] + net.storage[hub] * days) * teu + fen
            vector = (opens + minutes + lasts, cost, gco2e + net.change_gco2e[hub][by][ROAD] * teu + grams)
            if not self.beaten(vector):
                self.front = [old for old in self.front if not all(a <= b for a, b in zip(vector, old, strict=True))]
                self.front.append(vector)

    def beaten(self, vector: Vector) -> bool:
        """Whether a journey already known is as good in everything."""
        time, price, gco2e = vector
        return any(t <= time and p <= price and g <= gco2e for t, p, g in self.front)


def outlives(label: Label, other: Label, rate: int) -> bool:
    """Whether a label is at least as good as another whenever they leave; rate: fen a day of storage."""
    if label.time > other.time or label.gco2e > other.gco2e:
        return False
    return label.price + rate * -((label.time - other.time) // DAY) <= other.price
