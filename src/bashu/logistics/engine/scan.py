"""Multicriteria connection scan: every Pareto-optimal journey over (arrival, price, gCO2e).

Connection Scan Algorithm (Dibbelt, Pajor, Strasser, Wagner, 2018, ACM JEA 23), its Pareto variant, with three additions:

- Storage is free for some days and then charged by the started day, so an earlier, cheaper label may become the dearer one.
  Over every later departure its charge exceeds that of a label which came m minutes later by at most ceil(m / 1440) days, and
  at some departure by exactly that; it dominates when it is no dearer even then (`_outlives`). No optimum is lost, and no
  weaker test would be safe.
- What is still to come after each connection is bounded from below by a scan backwards in time (`_still_to_come`): the earliest
  arrival, the least fen and the least grams, each on its own. A label that cannot improve the front even so is dropped.
- A short-sighted scan first keeps only a few labels a hub. What it delivers are true journeys, so they bound the exact scan.
"""

from typing import NamedTuple

import numba
import numpy as np

from bashu.logistics.engine.network import DAY, FORBIDDEN, MODES, NEVER, ROAD, Demand, Ends, Ints, Network

# All compiled code is in this file: the cache of compiled code is renewed when its file changes, not when an imported one does.
compiled = numba.njit(cache=True, nogil=True, boundscheck=False)
MODE_COUNT = len(MODES)
ORIGIN = MODE_COUNT  # boxes that the shipper brings: handled as from the road, stored free until the first departure
BAGS = MODE_COUNT + 1
SHORT_SIGHT = 3  # labels a bag keeps in the first scan


class Labels(NamedTuple):
    """Where a consignment can be: columns of equal length; parent -1 has come by the shipper's own road leg.

    board, alight: connections between which it stayed aboard. hub: where it was set down.
    """

    hub: Ints
    time: Ints
    price: Ints
    gco2e: Ints
    parent: Ints
    board: Ints
    alight: Ints


class Front(NamedTuple):
    """The Pareto set, by arrival; `label` is the last label before the final road leg, `egress` the index of that leg."""

    arrives: Ints
    price: Ints
    gco2e: Ints
    label: Ints
    egress: Ints


def pareto_front(network: Network, demand: Demand, access: Ends, egress: Ends) -> tuple[Front, Labels]:
    """The exact Pareto set of journeys from the access legs' place to the egress legs' place.

    Both ends may hold any number of hubs; a hub itself is a leg of 0 minutes. Of journeys that are equal in all three
    criteria one is returned. Departures after the timetable's end are unknown, so the set is exact for the timetable given.
    """
    rest, opens = _still_to_come(network, *demand, *egress)
    empty = np.zeros((3, 0), dtype=np.int64)
    scan = (network, *demand, *access, *egress, rest, opens)
    _, rough, _ = _scan(*scan, SHORT_SIGHT, empty)
    labels, front, count = _scan(*scan, 0, rough[:3].copy())
    order = np.lexsort((front[2], front[1], front[0]))
    return Front(*(front[column][order] for column in range(5))), Labels(*(column[:count] for column in labels))


def earliest_arrival(network: Network, demand: Demand, access: Ends, egress: Ends) -> int:
    """When the consignment can be there at the earliest, whatever it costs; NEVER when it cannot."""
    return int(_earliest(network, *demand, access.hub, access.minutes, egress.hub, egress.minutes))


@compiled
def open_at_or_after(network: Network, hub: int, time: int) -> int:
    """The first minute not before `time` at which the hub is open; NEVER when none is known."""
    low, high = network.open_first[hub], network.open_first[hub + 1]
    end = high
    while low < high:
        middle = (low + high) // 2
        if network.open_until[middle] > time:
            high = middle
        else:
            low = middle + 1
    if low == end:
        return NEVER
    opens: int = network.open_from[low]
    return max(time, opens)


@compiled
def charged_days(dwell: int, free: int) -> int:
    """Started days of storage beyond the free minutes."""
    return 0 if dwell <= free else (dwell - free + DAY - 1) // DAY


@compiled
def _outlives(
    time: int, price: int, gco2e: int, other_time: int, other_price: int, other_gco2e: int, rate: int
) -> bool:
    """Whether a label at a hub is at least as good as another whenever they leave; rate: fen a day of storage."""
    if time > other_time or gco2e > other_gco2e:
        return False
    return price + rate * ((other_time - time + DAY - 1) // DAY) <= other_price


@compiled
def _settle(store: Ints, begin: int, end: int, settled: int, now: int, rate: int, free: int) -> tuple[int, int]:
    """Drop labels of a bag that a settled one beats at every departure from now on; where the bag now ends, and when the hub
    opens for the first label not yet settled.

    A label is settled when it reaches every departure still to come. Against one that came m minutes before, and so pays
    more for storage, it gains at least the days charged by now, or floor(m / 1440) when that is less.
    """
    kept, following = begin, NEVER
    for at in range(begin, end):
        beaten = False
        for by in range(begin, end):
            later = store[0, by] - store[0, at]
            if by == at or store[1, by] > settled or store[3, by] > store[3, at] or later < 0:
                continue
            if later == 0 and store[2, by] == store[2, at] and store[3, by] == store[3, at] and by > at:
                continue
            gain = charged_days(now - store[0, at], free) - charged_days(now - store[0, by], free)
            if store[2, by] <= store[2, at] + rate * min(gain, later // DAY):
                beaten = True
                break
        if beaten:
            continue
        if store[1, at] > settled:
            following = min(following, store[1, at])
        for column in range(5):
            store[column, at], store[column, kept] = store[column, kept], store[column, at]
        kept += 1
    return kept, following


@compiled
def _wider(table: Ints, least: int) -> Ints:
    """A table with at least that many columns, its content kept."""
    wide = np.empty((table.shape[0], max(2 * table.shape[1], least)), dtype=np.int64)
    wide[:, : table.shape[1]] = table
    return wide


@compiled
def _still_to_come(  # noqa: PLR0912, PLR0915 - one pass, too much state to be told apart
    network: Network, departs: int, teu: int, needs: int,
    egress_hub: Ints, egress_minutes: Ints, egress_price: Ints, egress_gco2e: Ints,
) -> tuple[Ints, Ints]:  # fmt: skip
    """For each connection from `departs` on: bounds of what follows its ride, and when the hub opens for what it sets down.

    Bounds, one row each: the earliest arrival at the destination, the least fen and the least grams still to pay, NEVER where
    the destination is out of reach. They hold for every journey, because storage is left out, a cut-off is taken for the
    departure, and each is minimised on its own. Handling is in them. Profile Connection Scan (Dibbelt et al., section 4):
    backwards in time every hub and mode of departure gathers the least of all later departures.
    """
    size, hubs = network.departs.shape[0], network.storage.shape[0]
    rest, opens = np.full((3, size), NEVER, dtype=np.int64), np.full(size, NEVER, dtype=np.int64)
    begin = np.searchsorted(network.departs, departs)
    # Profiles: rows of (departs, arrival, fen, grams), later departures first, one profile after the other.
    first = np.zeros(hubs * MODE_COUNT + 1, dtype=np.int64)
    for c in range(begin, size):
        first[network.origin[c] * MODE_COUNT + network.mode[network.service[c]] + 1] += 1
    for at in range(hubs * MODE_COUNT):
        first[at + 1] += first[at]
    last = first[:-1].copy()
    profile = np.empty((size - begin, 4), dtype=np.int64)
    trip = np.full((network.trips, 3), NEVER, dtype=np.int64)
    out = np.full((hubs, 3), NEVER, dtype=np.int64)
    for leg in range(egress_hub.shape[0]):
        hub = egress_hub[leg]
        out[hub, 0] = min(out[hub, 0], egress_minutes[leg])
        out[hub, 1] = min(out[hub, 1], egress_price[leg])
        out[hub, 2] = min(out[hub, 2], egress_gco2e[leg])
    for c in range(size - 1, begin - 1, -1):
        service, run, target = network.service[c], network.trip[c], network.target[c]
        if network.capacity[c] < teu or needs & ~network.abilities[service]:
            trip[run] = NEVER
            continue
        mode = network.mode[service]
        soonest, fen, grams = NEVER, NEVER, NEVER
        if network.follows[c]:
            soonest, fen, grams = trip[run, 0], trip[run, 1], trip[run, 2]
        if not needs & ~network.hub_abilities[target]:
            gate = open_at_or_after(network, target, network.arrives[c])
            opens[c] = gate
            for by in range(MODE_COUNT if gate < NEVER else 0):
                minutes = network.change_minutes[target, mode, by]
                if minutes == FORBIDDEN:
                    continue
                fee, soot = network.change_price[target, mode, by] * teu, network.change_gco2e[target, mode, by] * teu
                if by == ROAD and out[target, 0] < NEVER:
                    soonest = min(soonest, gate + minutes + out[target, 0])
                    fen, grams = min(fen, fee + out[target, 1]), min(grams, soot + out[target, 2])
                low, high = first[target * MODE_COUNT + by], last[target * MODE_COUNT + by]
                start = low
                while low < high:  # the earliest of its departures that is late enough
                    middle = (low + high) // 2
                    if profile[middle, 0] >= gate + minutes:
                        low = middle + 1
                    else:
                        high = middle
                if low > start:
                    soonest = min(soonest, profile[low - 1, 1])
                    fen, grams = min(fen, fee + profile[low - 1, 2]), min(grams, soot + profile[low - 1, 3])
        if soonest >= NEVER:
            trip[run] = NEVER
            continue
        rest[0, c], rest[1, c], rest[2, c] = soonest, fen, grams
        ride, soot = network.price[c], network.gco2e[c] * teu
        if needs & 1:
            ride += network.reefer_surcharge[service]
        if needs >> 1:
            ride += network.dangerous_surcharge[service]
        fen, grams = fen + ride * teu, grams + soot
        trip[run, 0], trip[run, 1], trip[run, 2] = soonest, fen, grams
        here = network.origin[c] * MODE_COUNT + mode
        at = last[here]
        if at > first[here]:
            known = profile[at - 1]
            if known[1] <= soonest and known[2] <= fen and known[3] <= grams:
                continue
            soonest, fen, grams = min(soonest, known[1]), min(fen, known[2]), min(grams, known[3])
        profile[at, 0], profile[at, 1], profile[at, 2], profile[at, 3] = network.departs[c], soonest, fen, grams
        last[here] = at + 1
    return rest, opens


@compiled
def _scan(  # noqa: PLR0912, PLR0915 - one loop over connections; its steps share too much state to be told apart
    network: Network, departs: int, teu: int, needs: int,
    access_hub: Ints, access_minutes: Ints, access_price: Ints, access_gco2e: Ints,
    egress_hub: Ints, egress_minutes: Ints, egress_price: Ints, egress_gco2e: Ints,
    rest: Ints, landing: Ints,
    narrow: int, known: Ints,
) -> tuple[Ints, Ints, int]:  # fmt: skip
    """Labels, the front at the destination (arrives, price, gco2e, label, egress), and how many labels there are.

    narrow: keep at most that many labels in a bag, 0 for all. known: vectors of journeys that exist; the front holds what is
    not worse than these. rest, landing: of `_still_to_come`.
    """
    hubs = network.storage.shape[0]
    labels, count = np.empty((7, 4096), dtype=np.int64), 0
    # Bags of labels: one for each hub and mode of arrival. Columns: time, open from, price, gco2e, label.
    bag_first = np.full(hubs * BAGS, -1, dtype=np.int64)
    bag_room = np.zeros(hubs * BAGS, dtype=np.int64)
    bag_size = np.zeros(hubs * BAGS, dtype=np.int64)
    bag_settles = np.full(hubs * BAGS, NEVER, dtype=np.int64)  # when the next of its labels is settled
    store, stored = np.empty((5, 8192), dtype=np.int64), 0
    # Aboard a trip: chained nodes. Columns: price, gco2e, parent, board, next node.
    aboard = np.full(network.trips, -1, dtype=np.int64)
    nodes, spare, used = np.empty((5, 4096), dtype=np.int64), -1, 0
    # The front at the destination, and what one connection carries.
    front, found = np.empty((5, 256), dtype=np.int64), 0
    load = np.empty((4, 256), dtype=np.int64)
    # Journeys that are known to exist; last column: 1 when only the short-sighted scan has found it.
    bound, bounds = np.ones((4, max(256, 2 * known.shape[1])), dtype=np.int64), known.shape[1]
    bound[:3, :bounds] = known

    first = NEVER
    for leg in range(access_hub.shape[0]):
        hub, time = access_hub[leg], departs + access_minutes[leg]
        if needs & ~network.hub_abilities[hub] or bag_size[hub * BAGS + ORIGIN]:
            continue
        opens = open_at_or_after(network, hub, time)
        if opens == NEVER:
            continue
        bag = hub * BAGS + ORIGIN
        bag_first[bag], bag_room[bag], bag_size[bag] = stored, 1, 1
        if stored == store.shape[1]:
            store = _wider(store, 0)
        if count == labels.shape[1]:
            labels = _wider(labels, 0)
        store[0, stored], store[1, stored], store[2, stored] = time, opens, access_price[leg]
        store[3, stored], store[4, stored] = access_gco2e[leg], count
        stored += 1
        labels[0, count], labels[1, count], labels[2, count] = hub, time, access_price[leg]
        labels[3, count], labels[4, count], labels[5, count], labels[6, count] = access_gco2e[leg], -1, -1, leg
        count += 1
        first = min(first, time)

    for c in range(np.searchsorted(network.departs, first), network.departs.shape[0]):
        service, trip, origin = network.service[c], network.trip[c], network.origin[c]
        riding = aboard[trip]
        aboard[trip] = -1
        if rest[0, c] >= NEVER:  # full, unable, or leading nowhere
            while riding >= 0:
                after = nodes[4, riding]
                nodes[4, riding], spare = spare, riding
                riding = after
            continue
        # 1. Who stays aboard: already free of dominated loads.
        carried = 0
        while riding >= 0:
            if carried == load.shape[1]:
                load = _wider(load, 0)
            for column in range(4):
                load[column, carried] = nodes[column, riding]
            carried += 1
            after = nodes[4, riding]
            nodes[4, riding], spare = spare, riding
            riding = after
        # 2. Who comes aboard: handled, in time for the cut-off, with storage paid up to this departure.
        mode, leaves = network.mode[service], network.departs[c]
        if not needs & ~network.hub_abilities[origin]:
            rate, free = network.storage[origin] * teu, network.free[origin]
            for came in range(BAGS):
                bag = origin * BAGS + came
                if bag_size[bag] == 0:
                    continue
                by = ROAD if came == ORIGIN else came
                minutes = network.change_minutes[origin, by, mode]
                if minutes == FORBIDDEN:
                    continue
                if network.settled[c] >= bag_settles[bag]:
                    begin, slowest = bag_first[bag], network.change_slowest[origin, by]
                    settled = network.settled[c] - slowest
                    kept, following = _settle(store, begin, begin + bag_size[bag], settled, leaves, rate, free)
                    bag_size[bag], bag_settles[bag] = kept - begin, following + slowest
                latest = network.cutoff[c] - minutes
                fee, grams = network.change_price[origin, by, mode] * teu, network.change_gco2e[origin, by, mode] * teu
                for at in range(bag_first[bag], bag_first[bag] + bag_size[bag]):
                    if store[1, at] > latest:
                        continue
                    price, gco2e = store[2, at] + fee, store[3, at] + grams
                    if came != ORIGIN:
                        price += rate * charged_days(leaves - store[0, at], free)
                    kept, worse = 0, False
                    for i in range(carried):
                        if load[0, i] <= price and load[1, i] <= gco2e:
                            worse = True
                            break
                    if worse:
                        continue
                    for i in range(carried):
                        if price <= load[0, i] and gco2e <= load[1, i]:
                            continue
                        if kept != i:
                            for column in range(4):
                                load[column, kept] = load[column, i]
                        kept += 1
                    if kept == load.shape[1]:
                        load = _wider(load, 0)
                    load[0, kept], load[1, kept], load[2, kept], load[3, kept] = price, gco2e, store[4, at], c
                    carried = kept + 1
        if carried == 0:
            continue
        # 3. The ride.
        target, time = network.target[c], network.arrives[c]
        ride = network.price[c]
        if needs & 1:
            ride += network.reefer_surcharge[service]
        if needs >> 1:
            ride += network.dangerous_surcharge[service]
        ride, grams = ride * teu, network.gco2e[c] * teu
        soonest, cheapest, cleanest, opens = rest[0, c], rest[1, c], rest[2, c], landing[c]
        rate, free = network.storage[target] * teu, network.free[target]
        bag = target * BAGS + mode
        for i in range(carried):
            price, gco2e, parent, board = load[0, i] + ride, load[1, i] + grams, load[2, i], load[3, i]
            hopeless = False
            for b in range(bounds):
                if bound[0, b] <= soonest and bound[1, b] <= price + cheapest and bound[2, b] <= gco2e + cleanest:
                    equal = (
                        bound[0, b] == soonest and bound[1, b] == price + cheapest and bound[2, b] == gco2e + cleanest
                    )
                    if equal and bound[3, b]:
                        continue  # this scan has yet to find it
                    hopeless = True
                    for column in range(4):  # what refuses one often refuses the next
                        bound[column, b], bound[column, 0] = bound[column, 0], bound[column, b]
                    break
            if hopeless:
                continue
            if network.follows[c]:
                if spare >= 0:
                    node = spare
                    spare = nodes[4, node]
                else:
                    if used == nodes.shape[1]:
                        nodes = _wider(nodes, 0)
                    node = used
                    used += 1
                nodes[0, node], nodes[1, node], nodes[2, node], nodes[3, node] = price, gco2e, parent, board
                nodes[4, node], aboard[trip] = aboard[trip], node
            if opens == NEVER:
                continue
            label = -1
            # 4. Set down at the destination.
            for leg in range(egress_hub.shape[0]):
                if egress_hub[leg] != target or network.change_minutes[target, mode, ROAD] == FORBIDDEN:
                    continue
                gate = opens + network.change_minutes[target, mode, ROAD]
                there = gate + egress_minutes[leg]
                cost = price + network.change_price[target, mode, ROAD] * teu + egress_price[leg]
                cost += rate * charged_days(gate - time, free)
                emitted = gco2e + network.change_gco2e[target, mode, ROAD] * teu + egress_gco2e[leg]
                worse = False
                for f in range(found):
                    if front[0, f] <= there and front[1, f] <= cost and front[2, f] <= emitted:
                        worse = True
                        break
                if worse:
                    continue
                if label < 0:
                    if count == labels.shape[1]:
                        labels = _wider(labels, 0)
                    label = count
                    count += 1
                kept = 0
                for f in range(found):
                    if there <= front[0, f] and cost <= front[1, f] and emitted <= front[2, f]:
                        continue
                    if kept != f:
                        for column in range(5):
                            front[column, kept] = front[column, f]
                    kept += 1
                if kept == front.shape[1]:
                    front = _wider(front, 0)
                front[0, kept], front[1, kept], front[2, kept] = there, cost, emitted
                front[3, kept], front[4, kept] = label, leg
                found = kept + 1
                kept = 0
                for b in range(bounds):
                    if there <= bound[0, b] and cost <= bound[1, b] and emitted <= bound[2, b]:
                        continue
                    if kept != b:
                        for column in range(4):
                            bound[column, kept] = bound[column, b]
                    kept += 1
                if kept == bound.shape[1]:
                    bound = _wider(bound, 0)
                bound[0, kept], bound[1, kept], bound[2, kept], bound[3, kept] = there, cost, emitted, 0
                bounds = kept + 1
            # 5. Set down to go on.
            worse, begin = False, bag_first[bag]
            for at in range(begin, begin + bag_size[bag]):
                if _outlives(store[0, at], store[2, at], store[3, at], time, price, gco2e, rate):
                    worse = True
                    break
            if not worse:
                kept = begin
                for at in range(begin, begin + bag_size[bag]):
                    if _outlives(time, price, gco2e, store[0, at], store[2, at], store[3, at], rate):
                        continue
                    if kept != at:
                        for column in range(5):
                            store[column, kept] = store[column, at]
                    kept += 1
                size = kept - begin
                if not narrow or size < narrow:
                    if size == bag_room[bag]:
                        room = max(8, 2 * size)
                        if stored + room > store.shape[1]:
                            store = _wider(store, stored + room)
                        for at in range(size):
                            for column in range(5):
                                store[column, stored + at] = store[column, begin + at]
                        bag_first[bag], bag_room[bag], begin = stored, room, stored
                        stored += room
                    if label < 0:
                        if count == labels.shape[1]:
                            labels = _wider(labels, 0)
                        label = count
                        count += 1
                    at = begin + size
                    store[0, at], store[1, at], store[2, at] = time, opens, price
                    store[3, at], store[4, at] = gco2e, label
                    size += 1
                    bag_settles[bag] = min(bag_settles[bag], opens + network.change_slowest[target, mode])
                bag_size[bag] = size
            if label >= 0:
                labels[0, label], labels[1, label], labels[2, label], labels[3, label] = target, time, price, gco2e
                labels[4, label], labels[5, label], labels[6, label] = parent, board, c
    return labels, front[:, :found].copy(), count


@compiled
def _earliest(
    network: Network, departs: int, teu: int, needs: int,
    access_hub: Ints, access_minutes: Ints, egress_hub: Ints, egress_minutes: Ints,
) -> int:  # fmt: skip
    """Connection scan for arrival alone: the first opening at which a box stands in each hub and mode of arrival."""
    hubs = network.storage.shape[0]
    ready = np.full(hubs * BAGS, NEVER, dtype=np.int64)
    aboard = np.zeros(network.trips, dtype=np.bool_)
    best = NEVER
    for leg in range(access_hub.shape[0]):
        hub = access_hub[leg]
        if not needs & ~network.hub_abilities[hub]:
            opens = open_at_or_after(network, hub, departs + access_minutes[leg])
            ready[hub * BAGS + ORIGIN] = min(ready[hub * BAGS + ORIGIN], opens)
    for c in range(np.searchsorted(network.departs, departs), network.departs.shape[0]):
        if network.departs[c] >= best:
            break
        service, trip, origin, target = network.service[c], network.trip[c], network.origin[c], network.target[c]
        if network.capacity[c] < teu or needs & ~network.abilities[service]:
            aboard[trip] = False
            continue
        mode = network.mode[service]
        for came in range(BAGS):
            minutes = network.change_minutes[origin, ROAD if came == ORIGIN else came, mode]
            if minutes != FORBIDDEN and ready[origin * BAGS + came] + minutes <= network.cutoff[c]:
                aboard[trip] = True
        if not aboard[trip] or needs & ~network.hub_abilities[target]:
            continue
        opens = open_at_or_after(network, target, network.arrives[c])
        if opens == NEVER:
            continue
        ready[target * BAGS + mode] = min(ready[target * BAGS + mode], opens)
        minutes = network.change_minutes[target, mode, ROAD]
        for leg in range(egress_hub.shape[0]):
            if egress_hub[leg] == target and minutes != FORBIDDEN:
                best = min(best, opens + minutes + egress_minutes[leg])
    return best
