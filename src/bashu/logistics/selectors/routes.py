"""Questions to a network: which ways there are, which is best for whom, when to leave at the latest."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from geographiclib.geodesic import Geodesic

from bashu.logistics.engine.journeys import Handling, Journey, Leg, journeys, latest_departure, ranked
from bashu.logistics.engine.network import (
    DAY,
    MODES,
    NEVER,
    REEFER,
    ROAD,
    Connections,
    Network,
    compile_network,
    dangerous_bit,
    minutes_of,
    moment_of,
)
from bashu.logistics.engine.scan import Demand, Ends, open_at_or_after
from bashu.logistics.errors import DemandWrong, NetworkRefused, SamePlace
from bashu.logistics.formats.folder import Folder, FolderRefused, lay_out, read_folder
from bashu.logistics.places import Where, road_ends, where_resolve
from bashu.logistics.terms import HORIZON, HOUR_FEN, MOST_TEU, REGION, TONNE_FEN

SHIPPED = Path(__file__).parent.parent / "facts" / "demonstration"


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
    connections: Connections


class Question(NamedTuple):
    """A resolved question, ready for the engine."""

    origin: Where
    destination: Where
    demand: Demand
    access: Ends
    egress: Ends
    network: Network
    connections: Connections
    folder: Folder


def network_read(folder: Path | None = None) -> Folder:
    """The network in a folder of the documented CSVs, or the shipped one, which is assumed throughout.

    Raises NetworkRefused; its `problems` names every wrong line.
    """
    try:
        return read_folder(folder or SHIPPED)
    except FolderRefused as refused:
        first = refused.problems[0]
        where = f"{first.file}:{first.line}: {first.text}" if first.line else f"{first.file}: {first.text}"
        raise NetworkRefused(
            folder=folder or SHIPPED, count=len(refused.problems), first=where, problems=refused.problems
        ) from refused


def route(
    folder: Folder,
    *,
    origin: str,
    destination: str,
    departs: date | datetime,
    cargo: Cargo,
    hour: int = HOUR_FEN,
    tonne: int = TONNE_FEN,
) -> Answer:
    """The Pareto set of ways over (arrival, price, gCO2e), cheapest first by the shipper's values.

    departs: a day (from its midnight, by the origin's clock) or a moment. hour: fen an hour; tonne: fen a tonne of CO2e.
    Raises WhereUnknown, WhereAmbiguous, OutOfReach, SamePlace, DemandWrong.
    """
    asked = _question(folder, origin, destination, departs, cargo)
    found = journeys(asked.network, asked.demand, asked.access, asked.egress)
    found = _undominated([*found, *_by_road(asked)])
    options = [Option(*pair) for pair in ranked(found, departs=asked.demand.departs, hour=hour, tonne=tonne)]
    return Answer(asked.origin, asked.destination, asked.demand.departs, options, folder, asked.connections)


def latest(
    folder: Folder, *, origin: str, destination: str, earliest: date | datetime, deadline: datetime, cargo: Cargo
) -> int | None:
    """The last minute not before `earliest` at which the consignment may leave to be there by the deadline; None if there is none.

    The deadline is read by the destination's clock when it has no offset. Raises as `route` does.
    """
    asked = _question(folder, origin, destination, earliest, cargo)
    by = minutes_of(
        deadline if deadline.tzinfo else deadline.replace(tzinfo=ZoneInfo(zone_of(folder, asked.destination)))
    )
    scheduled = latest_departure(asked.network, asked.demand, asked.access, asked.egress, by)
    driven = [
        by - (road.arrives - asked.demand.departs) for road in _by_road(asked) if road.arrives <= by and not road.last
    ]
    known = [minute for minute in (scheduled, *driven) if minute is not None]
    return max(known, default=None)


def zone_of(folder: Folder, where: Where) -> str:
    """The time zone of a place: its hub's, or the region's."""
    return folder.hubs[where.hubs[0]].zone if where.hubs else REGION


def _question(folder: Folder, origin: str, destination: str, departs: date | datetime, cargo: Cargo) -> Question:
    day = departs.date() if isinstance(departs, datetime) else departs
    start, end = (where_resolve(text, folder.hubs, as_of=day) for text in (origin, destination))
    if start.code == end.code or set(start.hubs) & set(end.hubs):
        raise SamePlace(origin=origin, destination=destination)
    zone = ZoneInfo(zone_of(folder, start))
    moment = departs if isinstance(departs, datetime) else datetime.combine(departs, time(), tzinfo=zone)
    demand = Demand(minutes_of(moment if moment.tzinfo else moment.replace(tzinfo=zone)), cargo.teu, _needs(cargo))
    connections = _connections(folder, day)
    network = compile_network(
        folder.engine_hubs, [service.rules for service in folder.services], connections, folder.changes
    )
    access, egress = (road_ends(where, folder.hubs, folder.road, cargo.teu) for where in (start, end))
    return Question(start, end, demand, access, egress, network, connections, folder)


def _needs(cargo: Cargo) -> int:
    if not 1 <= cargo.teu <= MOST_TEU:
        raise DemandWrong(field="teu", problem=_("must lie between 1 and {most}").format(most=MOST_TEU))
    if cargo.dangerous is None:
        return REEFER if cargo.reefer else 0
    try:
        return dangerous_bit(cargo.dangerous) | (REEFER if cargo.reefer else 0)
    except ValueError as error:
        raise DemandWrong(field="dangerous", problem=_("must be a class from 1 to 9")) from error


def _connections(folder: Folder, day: date) -> Connections:
    """The timetable that matters to a departure on a day: trips already under way then, and the days to come."""
    longest = max((call.departs for calls in folder.calls.values() for call in calls), default=0)
    spans = [one.arrives - one.departs for one in folder.departures]
    before = timedelta(days=2 + max(longest, *spans, 0) // DAY) if spans else timedelta(days=2 + longest // DAY)
    try:
        return lay_out(folder, day - before, day + timedelta(days=HORIZON))
    except OverflowError:
        raise DemandWrong(field="depart", problem=_("lies outside the calendar")) from None


def _by_road(asked: Question) -> list[Journey]:
    """The whole way by road, where each end is in reach of the other; a hub takes the box when it is open."""
    folder, road, net = asked.folder, asked.folder.road, asked.network
    found = []
    for start, lat, lon in _points(folder, asked.origin):
        for end, to_lat, to_lon in _points(folder, asked.destination):
            metres = int(Geodesic.WGS84.Inverse(lat, lon, to_lat, to_lon)["s12"]) * road.detour // 100
            if metres > road.reach_km * 1000:
                continue
            leaves = asked.demand.departs if start < 0 else int(open_at_or_after(net, start, asked.demand.departs))
            there = leaves + -(-metres * 60 // (road.speed * 1000))
            opens = there if end < 0 else int(open_at_or_after(net, end, there))
            if leaves >= NEVER or opens >= NEVER:
                continue
            fen, grams = (-(-metres * rate * asked.demand.teu // 1000) for rate in (road.price, road.gco2e))
            leg = Leg(ROAD, start, end, leaves, there, fen, grams, -1, -1, None)
            waits = Handling(end, there, opens, opens, 0, 0, 0, 0) if opens > there else None
            found.append(Journey(opens, fen, grams, (leg,), waits))
    return found


def _points(folder: Folder, where: Where) -> list[tuple[int, float, float]]:
    if not where.hubs:
        return [(-1, where.lat, where.lon)]
    return [(at, folder.hubs[at].lat, folder.hubs[at].lon) for at in where.hubs if folder.hubs[at].road_access]


def _undominated(found: Sequence[Journey]) -> list[Journey]:
    """Journeys that no other beats or equals; of equals the first."""
    kept: list[Journey] = []
    for one in sorted(found, key=lambda journey: journey[:3]):
        if not any(all(a <= b for a, b in zip(other[:3], one[:3], strict=True)) for other in kept):
            kept.append(one)
    return kept


def answer_out(answer: Answer) -> list[dict[str, Any]]:
    """The options as plain values for JSON: times by the clock of the place, legs that add up to the option.

    A leg's `price_fen` and `gco2e` hold its carriage and the handling and storage before it.
    """
    status = {hub.status for hub in answer.folder.hubs} | {hub.terms_status for hub in answer.folder.hubs}
    status |= {service.status for service in answer.folder.services} | {answer.folder.road.status}
    weakest = next(word for word in ("assumed", "unverified", "sourced") if word in status)
    network = {"version": answer.folder.version, "status": weakest}
    return [_option_out(answer, option) | {"network": network} for option in answer.options]


def _option_out(answer: Answer, option: Option) -> dict[str, Any]:
    journey, end = option.journey, zone_of(answer.folder, answer.destination)
    legs = [_leg_out(answer, leg) for leg in journey.legs]
    if journey.last:
        legs.append(_last_out(answer, journey.last))
    return {
        "departs_at": legs[0]["departs_at"],
        "arrives_at": moment_of(journey.arrives, end).isoformat(timespec="minutes"),
        "price_fen": journey.price,
        "gco2e": journey.gco2e,
        "cost_fen": option.cost,
        "legs": legs,
    }


def _leg_out(answer: Answer, leg: Leg) -> dict[str, Any]:
    folder, before = answer.folder, leg.before
    service = folder.services[answer.connections.service[leg.board]] if leg.board >= 0 else None
    return {
        "mode": MODES[leg.mode],
        "service": service.code if service else None,
        "service_zh": service.name_zh if service else None,
        "service_en": service.name_en if service else None,
        "from": folder.hubs[leg.origin].code if leg.origin >= 0 else answer.origin.code,
        "to": folder.hubs[leg.target].code if leg.target >= 0 else answer.destination.code,
        "departs_at": _clock(answer, leg.departs, leg.origin, answer.origin),
        "arrives_at": _clock(answer, leg.arrives, leg.target, answer.destination),
        "price_fen": leg.price + (before.price + before.storage_price if before else 0),
        "gco2e": leg.gco2e + (before.gco2e if before else 0),
        "handling": _handling_out(answer, before) if before else None,
    }


def _last_out(answer: Answer, last: Handling) -> dict[str, Any]:
    code = answer.folder.hubs[last.hub].code
    times = (_clock(answer, minute, last.hub, answer.destination) for minute in (last.arrived, last.ready))
    return {
        "mode": "handling",
        "service": None,
        "service_zh": None,
        "service_en": None,
        "from": code,
        "to": code,
        **dict(zip(("departs_at", "arrives_at"), times, strict=True)),
        "price_fen": last.price + last.storage_price,
        "gco2e": last.gco2e,
        "handling": _handling_out(answer, last),
    }


def _handling_out(answer: Answer, one: Handling) -> dict[str, Any]:
    clock = (_clock(answer, minute, one.hub, answer.origin) for minute in (one.arrived, one.begins, one.ready))
    return {
        "at": answer.folder.hubs[one.hub].code,
        **dict(zip(("arrived_at", "begins_at", "ready_at"), clock, strict=True)),
        "price_fen": one.price,
        "gco2e": one.gco2e,
        "storage_days": one.storage_days,
        "storage_fen": one.storage_price,
    }


def _clock(answer: Answer, minute: int, hub: int, place: Where) -> str:
    zone = answer.folder.hubs[hub].zone if hub >= 0 else zone_of(answer.folder, place)
    return moment_of(minute, zone).isoformat(timespec="minutes")
