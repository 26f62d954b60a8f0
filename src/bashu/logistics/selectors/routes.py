"""Questions to a network: which ways there are, which is best for whom, when to leave at the latest.

What is compiled is loaded by the questions that need it, so that other rooms can import this one at no cost.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from geographiclib.geodesic import Geodesic

from bashu.logistics.engine.network import (
    DAY,
    NEVER,
    REEFER,
    ROAD,
    Demand,
    Ends,
    Network,
    between,
    compile_network,
    dangerous_bit,
    minutes_of,
)
from bashu.logistics.engine.options import Handling, Journey, Leg, ranked
from bashu.logistics.errors import DemandWrong, SamePlace
from bashu.logistics.formats.folder import Folder
from bashu.logistics.formats.timetable import Laid, lay_out, longest
from bashu.logistics.places import Where, road_ends, where_resolve
from bashu.logistics.terms import HORIZON, HOUR_FEN, MOST_TEU, REGION, TONNE_FEN

SPAN = 32  # days of departure that one laid-out timetable serves
REMEMBERED = 6  # timetables a process keeps


class Live(NamedTuple):
    """What the records know beyond the network: closed hubs (code, from, until in minutes), and TEU held of departures.

    held: TEU by service, trip and sequence. The closures are a tuple because a timetable is remembered under them.
    """

    closures: tuple[tuple[str, int, int], ...] = ()
    held: Sequence[tuple[str, str, int, int]] = ()


class Timetable(NamedTuple):
    """A network ready for every question of some days; position: row of `network` by service, trip and sequence."""

    laid: Laid
    network: Network
    position: dict[tuple[str, str, int], int]


NOTHING = Live()
_timetables: OrderedDict[tuple[str, date, tuple[tuple[str, int, int], ...]], Timetable] = OrderedDict()


class Cargo(NamedTuple):
    """What is carried: TEU (a 40-foot box is two and is never split), UN dangerous-goods class or none, reefer or not."""

    teu: int
    dangerous: int | None = None
    reefer: bool = False


class Option(NamedTuple):
    """One Pareto-optimal way; cost: fen by the shipper's own values of time and carbon."""

    cost: int
    journey: Journey


class Answer(NamedTuple):
    """The options by cost, and what they were computed from."""

    origin: Where
    destination: Where
    departs: int
    options: list[Option]
    folder: Folder
    laid: Laid


class Question(NamedTuple):
    """A resolved question, ready for the engine."""

    origin: Where
    destination: Where
    demand: Demand
    access: Ends
    egress: Ends
    network: Network
    laid: Laid
    folder: Folder


def route(
    folder: Folder,
    *,
    origin: str,
    destination: str,
    departs: date | datetime,
    cargo: Cargo,
    hour: int = HOUR_FEN,
    tonne: int = TONNE_FEN,
    live: Live = NOTHING,
) -> Answer:
    """The Pareto set of ways over (arrival, price, gCO2e), cheapest first by the shipper's values.

    departs: a day (from its midnight, by the origin's clock) or a moment. hour: fen an hour; tonne: fen a tonne of CO2e.
    Raises WhereUnknown, WhereAmbiguous, OutOfReach, SamePlace, DemandWrong.
    """
    from bashu.logistics.engine.journeys import journeys

    asked = _question(folder, origin, destination, departs, cargo, live)
    found = journeys(asked.network, asked.demand, asked.access, asked.egress)
    found = _undominated([*found, *_by_road(asked)])
    options = [Option(*pair) for pair in ranked(found, departs=asked.demand.departs, hour=hour, tonne=tonne)]
    return Answer(asked.origin, asked.destination, asked.demand.departs, options, folder, asked.laid)


def latest(
    folder: Folder,
    *,
    origin: str,
    destination: str,
    earliest: date | datetime,
    deadline: datetime,
    cargo: Cargo,
    live: Live = NOTHING,
) -> int | None:
    """The last minute not before `earliest` at which the consignment may leave to be there by the deadline; None if there is none.

    The deadline is read by the destination's clock when it has no offset. Raises as `route` does.
    """
    from bashu.logistics.engine.journeys import latest_departure

    asked = _question(folder, origin, destination, earliest, cargo, live)
    by = minutes_of(
        deadline if deadline.tzinfo else deadline.replace(tzinfo=ZoneInfo(zone_of(folder, asked.destination)))
    )
    scheduled = latest_departure(asked.network, asked.demand, asked.access, asked.egress, by)
    driven = (drive.latest(asked.network, asked.demand.departs, by) for drive in _drives(asked))
    known = [minute for minute in (scheduled, *driven) if minute is not None]
    return max(known, default=None)


def zone_of(folder: Folder, where: Where) -> str:
    """The time zone of a place: its hub's, or the region's."""
    return folder.hubs[where.hubs[0]].zone if where.hubs else REGION


def _question(
    folder: Folder, origin: str, destination: str, departs: date | datetime, cargo: Cargo, live: Live
) -> Question:
    day = departs.date() if isinstance(departs, datetime) else departs
    start, end = (where_resolve(text, folder.hubs, as_of=day) for text in (origin, destination))
    if start.code == end.code or set(start.hubs) & set(end.hubs):
        raise SamePlace(origin=origin, destination=destination)
    zone = ZoneInfo(zone_of(folder, start))
    moment = departs if isinstance(departs, datetime) else datetime.combine(departs, time(), tzinfo=zone)
    demand = Demand(minutes_of(moment if moment.tzinfo else moment.replace(tzinfo=zone)), cargo.teu, _needs(cargo))
    access, egress = (road_ends(where, folder.hubs, folder.road, cargo.teu) for where in (start, end))
    timetable = timetable_of(folder, day, live.closures)
    network = between(free_of(timetable, live), demand.departs, demand.departs + HORIZON * DAY)
    return Question(start, end, demand, access, egress, network, timetable.laid, folder)


def timetable_of(folder: Folder, day: date, closures: tuple[tuple[str, int, int], ...] = ()) -> Timetable:
    """The timetable for departures on a day, laid out once for each version of the network and set of closures.

    It begins with the trips under way on the first of its SPAN days, and reaches HORIZON days beyond the last.
    """
    try:
        first = date.fromordinal(day.toordinal() - day.toordinal() % SPAN)
        days = first - timedelta(days=2 + longest(folder) // DAY), first + timedelta(days=SPAN + HORIZON)
    except (OverflowError, ValueError):
        raise DemandWrong(field="depart", problem=_("lies outside the calendar")) from None
    key = folder.version, first, closures
    known = _timetables.get(key)
    if known is None:
        known = _timetables[key] = _timetable(folder, days, closures)
        while len(_timetables) > REMEMBERED:
            _timetables.popitem(last=False)
    return known


def _timetable(folder: Folder, days: tuple[date, date], closures: tuple[tuple[str, int, int], ...]) -> Timetable:
    laid = lay_out(folder, *days)
    shut = {hub.code: [(start, stop) for code, start, stop in closures if code == hub.code] for hub in folder.hubs}
    hubs = [hub._replace(closures=(*hub.closures, *shut[hub.code])) for hub in folder.engine_hubs]
    services = [service.rules for service in folder.services]
    first, last = (day.toordinal() - date(1970, 1, 1).toordinal() for day in days)
    # Road legs need opening hours on days without a connection too.
    network = compile_network(hubs, services, laid.connections, folder.changes, span=(first * DAY, last * DAY))
    rows = network.row
    columns = (laid.connections.service[rows], laid.connections.trip[rows], laid.sequence[rows])
    called = zip(*(column.tolist() for column in columns), strict=True)
    codes = [service.code for service in services]
    position = {(codes[service], laid.trips[trip], at): row for row, (service, trip, at) in enumerate(called)}
    return Timetable(laid, network, position)


def free_of(timetable: Timetable, live: Live) -> Network:
    """The network with the space that is still free."""
    if not live.held:
        return timetable.network
    capacity, position = timetable.network.capacity.copy(), timetable.position
    for service, trip, sequence, held in live.held:
        if (at := position.get((service, trip, sequence))) is not None:
            capacity[at] -= held
    return timetable.network._replace(capacity=capacity)


def _needs(cargo: Cargo) -> int:
    if not 1 <= cargo.teu <= MOST_TEU:
        raise DemandWrong(field="teu", problem=_("must lie between 1 and {most}").format(most=MOST_TEU))
    if cargo.dangerous is None:
        return REEFER if cargo.reefer else 0
    try:
        return dangerous_bit(cargo.dangerous) | (REEFER if cargo.reefer else 0)
    except ValueError as error:
        raise DemandWrong(field="dangerous", problem=_("must be a class from 1 to 9")) from error


class Drive(NamedTuple):
    """The whole way by road between two ends, each a hub's index or -1; it begins and ends when the hub is open."""

    start: int
    end: int
    metres: int
    minutes: int

    def times(self, net: Network, departs: int) -> tuple[int, int, int]:
        """When it sets out from `departs` on, is there, and is taken in; NEVER where a hub stays closed."""
        from bashu.logistics.engine.scan import open_at_or_after

        leaves = departs if self.start < 0 else int(open_at_or_after(net, self.start, departs))
        there = leaves + self.minutes
        return leaves, there, there if self.end < 0 else int(open_at_or_after(net, self.end, there))

    def latest(self, net: Network, departs: int, by: int) -> int | None:
        """The last minute from `departs` on at which it may set out and be taken in by `by`; None if there is none.

        Whoever sets out later is never there earlier, so the minutes that will do come first.
        """
        good = bisect_right(range(departs, by + 1), by, key=lambda minute: self.times(net, minute)[2])
        return departs + good - 1 if good else None


def _drives(asked: Question) -> list[Drive]:
    """Where each end is in reach of the other, and hubs may handle the goods."""
    road, found = asked.folder.road, []
    for start, lat, lon in _points(asked, asked.origin):
        for end, to_lat, to_lon in _points(asked, asked.destination):
            metres = int(Geodesic.WGS84.Inverse(lat, lon, to_lat, to_lon)["s12"]) * road.detour // 100
            if metres <= road.reach_km * 1000:
                found.append(Drive(start, end, metres, -(-metres * 60 // (road.speed * 1000))))
    return found


def _by_road(asked: Question) -> list[Journey]:
    """The journeys of these drives."""
    road, teu, found = asked.folder.road, asked.demand.teu, []
    for drive in _drives(asked):
        leaves, there, opens = drive.times(asked.network, asked.demand.departs)
        if leaves >= NEVER or opens >= NEVER:
            continue
        fen, grams = (-(-drive.metres * rate * teu // 1000) for rate in (road.price, road.gco2e))
        leg = Leg(ROAD, drive.start, drive.end, leaves, there, fen, grams, -1, -1, None)
        waits = Handling(drive.end, there, opens, opens, 0, 0, 0, 0) if opens > there else None
        found.append(Journey(opens, fen, grams, (leg,), waits))
    return found


def _points(asked: Question, where: Where) -> list[tuple[int, float, float]]:
    hubs, needs = asked.folder.hubs, asked.demand.needs
    if not where.hubs:
        return [(-1, where.lat, where.lon)]
    usable = [at for at in where.hubs if hubs[at].road_access and not needs & ~hubs[at].abilities]
    return [(at, hubs[at].lat, hubs[at].lon) for at in usable]


def _undominated(found: Sequence[Journey]) -> list[Journey]:
    """Journeys that no other beats or equals; of equals the first."""
    kept: list[Journey] = []
    for one in sorted(found, key=lambda journey: journey[:3]):
        if not any(all(a <= b for a, b in zip(other[:3], one[:3], strict=True)) for other in kept):
            kept.append(one)
    return kept
