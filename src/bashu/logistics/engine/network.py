"""A timetable network as compact arrays, ready for the compiled scan.

Times are minutes since 1970-01-01T00:00Z. Prices are fen and emissions grams of CO2 equivalent, both per TEU.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

MODES = ("road", "rail", "rail1520", "river", "sea", "air")  # rail is 1,435 mm gauge, rail1520 is 1,520 mm
ROAD = 0
REEFER = 1 << 0
DAY = 1440
NEVER = 1 << 60
FORBIDDEN = -1
BY_CONNECTION = (  # columns of a Network with one value for each connection
    "origin", "target", "trip", "service", "departs", "arrives", "cutoff", "settled", "price", "gco2e", "capacity", "follows", "row",
)  # fmt: skip
BEFORE, AFTER = 14 * DAY, 30 * DAY  # opening windows are laid out this far around the timetable


def dangerous_bit(division: int) -> int:
    """The bit of a dangerous-goods class 1 to 9 (UN Model Regulations, chapter 2.0) in a mask of abilities."""
    if division not in range(1, 10):
        raise ValueError(f"dangerous goods have classes 1 to 9, not {division}")
    return 1 << division


class Hub(NamedTuple):
    """A place where boxes change from one service to another.

    zone: IANA time zone. windows: (ISO weekday, opens, closes) in minutes of the local day; none: open day and night.
    closures: [from, until) in minutes; nothing calls or is handled then. free_days: storage days free of charge after
    arrival; storage: fen per TEU and started day thereafter. abilities: mask of REEFER and dangerous classes it may handle.
    """

    code: str
    zone: str = "UTC"
    windows: tuple[tuple[int, int, int], ...] = ()
    closures: tuple[tuple[int, int], ...] = ()
    free_days: int = 0
    storage: int = 0
    abilities: int = 0


class Service(NamedTuple):
    """What an operator runs: its mode, what it takes aboard, and how early a box must be ready.

    cutoff: minutes before departure. cutoff_at: minute of the local day; when given, the cut-off is the last such time that
    is at least `cutoff` minutes before departure. Surcharges are fen per TEU and connection.
    """

    code: str
    mode: int
    cutoff: int = 0
    cutoff_at: int | None = None
    abilities: int = 0
    reefer_surcharge: int = 0
    dangerous_surcharge: int = 0


class Change(NamedTuple):
    """Handling from one mode to another at a hub: minutes, fen and grams per TEU."""

    minutes: int
    price: int = 0
    gco2e: int = 0


class Connections(NamedTuple):
    """Columns of equal length: one departure of one vehicle to its next call.

    service, origin, target: indices. trip: vehicle run; its connections follow each other in time and need no handling between.
    capacity: TEU still free.
    """

    service: Ints
    trip: Ints
    origin: Ints
    target: Ints
    departs: Ints
    arrives: Ints
    price: Ints
    gco2e: Ints
    capacity: Ints


class Network(NamedTuple):
    """Everything the scan reads, connections in the order of departure; see `compile_network`."""

    origin: Ints
    target: Ints
    trip: Ints
    service: Ints
    departs: Ints
    arrives: Ints
    cutoff: Ints
    settled: Ints  # the earliest cut-off of this and every later departure from the same hub
    price: Ints
    gco2e: Ints
    capacity: Ints
    follows: npt.NDArray[np.bool_]  # the trip has a further connection
    row: Ints  # position of the connection in what was given
    mode: Ints  # of services, as the next three
    abilities: Ints
    reefer_surcharge: Ints
    dangerous_surcharge: Ints
    hub_abilities: Ints
    free: Ints  # minutes of free storage
    storage: Ints
    open_from: Ints  # opening intervals of all hubs, one hub after the other
    open_until: Ints
    open_first: Ints  # where a hub's intervals begin; shape (hubs + 1,)
    change_minutes: Ints  # (hubs, modes, modes), FORBIDDEN where there is no such handling
    change_price: Ints
    change_gco2e: Ints
    change_slowest: Ints  # (hubs, modes): minutes of the slowest handling of what came by a mode
    trips: int


class Ends(NamedTuple):
    """Road legs between a place and hubs: hub indices, minutes, fen and grams for the whole consignment."""

    hub: Ints
    minutes: Ints
    price: Ints
    gco2e: Ints


class Demand(NamedTuple):
    """What is to be carried: ready at `departs` (minutes), TEU, and the abilities it needs of hubs and services."""

    departs: int
    teu: int
    needs: int = 0


def compile_network(
    hubs: Sequence[Hub],
    services: Sequence[Service],
    connections: Connections,
    changes: Mapping[tuple[int, int, int], Change],
    span: tuple[int, int] | None = None,
) -> Network:
    """Lay a network out for the scan.

    span: minutes for which opening hours are laid out at the least; they always reach around the connections.

    changes: handling by (hub, mode in, mode out); a pair that is missing is impossible there, which is how a break of gauge
    without a transfer yard looks. Connections that call at a closed hub are left out.
    Raises ValueError when a connection does not arrive after it departs.
    """
    given = Connections(*(np.asarray(column, dtype=np.int64) for column in connections))
    if (late := np.flatnonzero(given.arrives <= given.departs)).size:
        raise ValueError(f"connection {late[0]} does not arrive after it departs")
    runs = ~(_closed(hubs, given.origin, given.departs) | _closed(hubs, given.target, given.arrives))
    given = given._replace(trip=_chains(given, runs))
    row = np.flatnonzero(runs)
    row = row[np.lexsort((given.trip[row], given.arrives[row], given.departs[row]))]
    kept = Connections(*(np.ascontiguousarray(column[row]) for column in given))
    spans = [span] if span else []
    if row.size:
        spans.append((int(kept.departs.min()), int(kept.arrives.max())))
    begin = min((first for first, _ in spans), default=0) - BEFORE
    end = max((last for _, last in spans), default=0) + AFTER
    intervals = [opening(hub, begin, end) for hub in hubs]
    cutoff = _cutoffs(hubs, services, kept)
    minutes, price, gco2e = _change_tables(len(hubs), changes)
    return Network(
        origin=kept.origin,
        target=kept.target,
        trip=kept.trip,
        service=kept.service,
        departs=kept.departs,
        arrives=kept.arrives,
        cutoff=cutoff,
        settled=_settled(len(hubs), kept.origin, cutoff),
        price=kept.price,
        gco2e=kept.gco2e,
        capacity=kept.capacity,
        follows=_follows(kept),
        row=row,
        mode=_column(service.mode for service in services),
        abilities=_column(service.abilities for service in services),
        reefer_surcharge=_column(service.reefer_surcharge for service in services),
        dangerous_surcharge=_column(service.dangerous_surcharge for service in services),
        hub_abilities=_column(hub.abilities for hub in hubs),
        free=_column(hub.free_days * DAY for hub in hubs),
        storage=_column(hub.storage for hub in hubs),
        open_from=_column(start for spans in intervals for start, _ in spans),
        open_until=_column(stop for spans in intervals for _, stop in spans),
        open_first=np.cumsum([0, *map(len, intervals)], dtype=np.int64),
        change_minutes=minutes,
        change_price=price,
        change_gco2e=gco2e,
        change_slowest=minutes.max(axis=2),
        trips=int(kept.trip.max()) + 1 if row.size else 0,
    )


def between(network: Network, first: int, last: int) -> Network:
    """The network without the departures before one minute and after another; views, nothing is copied."""
    rows = slice(*np.searchsorted(network.departs, [first, last + 1]))
    return network._replace(**{name: getattr(network, name)[rows] for name in BY_CONNECTION})


def minutes_of(moment: datetime) -> int:
    """Minutes since the epoch of an aware moment, rounded up.

    >>> minutes_of(datetime(1970, 1, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai")))
    60
    """
    return -int(-moment.timestamp() // 60)


def moment_of(minutes: int, zone: str = "UTC") -> datetime:
    """The moment as a clock in the zone shows it."""
    return datetime.fromtimestamp(minutes * 60, ZoneInfo(zone))


def _column(values: object) -> Ints:
    return np.array(list(values), dtype=np.int64)  # type: ignore[call-overload]


def _closed(hubs: Sequence[Hub], where: Ints, when: Ints) -> npt.NDArray[np.bool_]:
    closed = np.zeros(where.shape, dtype=np.bool_)
    for index, hub in enumerate(hubs):
        for start, stop in hub.closures:
            closed |= (where == index) & (start <= when) & (when < stop)
    return closed


def opening(hub: Hub, begin: int, end: int) -> list[tuple[int, int]]:
    """A hub's opening intervals around a span of minutes, merged, closures taken out, in order."""
    spans = [(-NEVER, NEVER)] if not hub.windows else _weekly(hub, begin, end)
    for start, stop in hub.closures:
        spans = [part for span in spans for part in ((span[0], min(span[1], start)), (max(span[0], stop), span[1]))]
        spans = [(a, b) for a, b in spans if a < b]
    return sorted(spans)


def _weekly(hub: Hub, begin: int, end: int) -> list[tuple[int, int]]:
    zone = ZoneInfo(hub.zone)
    day, last = moment_of(begin, hub.zone).date(), moment_of(end, hub.zone).date()
    spans: list[tuple[int, int]] = []
    while day <= last:
        for weekday, opens, closes in sorted(hub.windows):
            if weekday != day.isoweekday():
                continue
            start, stop = _wall(day, opens, zone), _wall(day, closes, zone)
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(stop, spans[-1][1]))
            elif start < stop:
                spans.append((start, stop))
        day += timedelta(days=1)
    return spans


def _wall(day: date, minute: int, zone: ZoneInfo) -> int:
    """Minutes since the epoch at which the zone's clocks show a minute of a day; 1440 is the next midnight."""
    days, minute = divmod(minute, DAY)
    clock = time(minute // 60, minute % 60)
    return minutes_of(datetime.combine(day + timedelta(days=days), clock, tzinfo=zone))


def _cutoffs(hubs: Sequence[Hub], services: Sequence[Service], kept: Connections) -> Ints:
    cutoff = kept.departs - _column(service.cutoff for service in services)[kept.service] if services else kept.departs
    timed = np.array([service.cutoff_at is not None for service in services], dtype=np.bool_)
    for index in np.flatnonzero(timed[kept.service]) if services else ():
        at = services[kept.service[index]].cutoff_at
        zone = hubs[kept.origin[index]].zone
        cutoff[index] = last_wall(int(cutoff[index]), at or 0, zone)
    return cutoff


def cutoff_of(service: Service, zone: str, departs: int) -> int:
    """The minute by which goods must be ready for a departure from a hub in a time zone.

    >>> train = Service("T", MODES.index("rail"), cutoff=360, cutoff_at=20 * 60)
    >>> leaves = minutes_of(datetime(2025, 3, 4, 14, tzinfo=ZoneInfo("Asia/Shanghai")))
    >>> moment_of(cutoff_of(train, "Asia/Shanghai", leaves), "Asia/Shanghai").isoformat()
    '2025-03-03T20:00:00+08:00'
    """
    latest = departs - service.cutoff
    return latest if service.cutoff_at is None else last_wall(latest, service.cutoff_at, zone)


def last_wall(latest: int, minute: int, zone: str) -> int:
    """The last moment not after `latest` at which the zone's clocks show that minute of the day.

    >>> noon = minutes_of(datetime(2025, 3, 3, 12, tzinfo=ZoneInfo("UTC")))
    >>> moment_of(last_wall(noon, 18 * 60, "Asia/Shanghai")).isoformat()
    '2025-03-03T10:00:00+00:00'
    """
    day = moment_of(latest, zone).date()
    found = _wall(day, minute, ZoneInfo(zone))
    return found if found <= latest else _wall(day - timedelta(days=1), minute, ZoneInfo(zone))


def _settled(size: int, origin: Ints, cutoff: Ints) -> Ints:
    settled = cutoff.copy()
    for hub in range(size):
        here = np.flatnonzero(origin == hub)
        settled[here] = np.minimum.accumulate(cutoff[here][::-1])[::-1]
    return settled


def _chains(given: Connections, runs: npt.NDArray[np.bool_]) -> Ints:
    """Trips numbered anew, split where a connection is left out or does not go on from where the last one arrived."""
    order = np.lexsort((given.arrives, given.departs, given.trip))
    last, this = order[:-1], order[1:]
    goes_on = (given.trip[last] == given.trip[this]) & (given.target[last] == given.origin[this])
    goes_on &= (given.arrives[last] <= given.departs[this]) & runs[last] & runs[this]
    chain = np.zeros(given.trip.shape, dtype=np.int64)
    chain[this] = np.cumsum(~goes_on)
    return chain


def _follows(kept: Connections) -> npt.NDArray[np.bool_]:
    """Whether the same trip goes on from where a connection arrives."""
    follows = np.zeros(kept.trip.shape, dtype=np.bool_)
    order = np.argsort(kept.trip, kind="stable")
    follows[order[:-1]] = kept.trip[order[:-1]] == kept.trip[order[1:]]
    return follows


def _change_tables(size: int, changes: Mapping[tuple[int, int, int], Change]) -> tuple[Ints, Ints, Ints]:
    shape = (size, len(MODES), len(MODES))
    minutes, price, gco2e = np.full(shape, FORBIDDEN, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for key, change in changes.items():
        minutes[key], price[key], gco2e[key] = change
    return minutes, price, gco2e
