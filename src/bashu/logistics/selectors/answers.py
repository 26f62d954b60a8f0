"""Answers of the planner as plain values, for JSON, pages and quotes."""

from typing import Any

from bashu.logistics.engine.network import MODES, moment_of
from bashu.logistics.engine.options import Handling, Leg
from bashu.logistics.formats.folder import Folder
from bashu.logistics.places import Where
from bashu.logistics.selectors.routes import Answer, Option, zone_of


def answer_out(answer: Answer) -> list[dict[str, Any]]:
    """The options as plain values for JSON: times by the clock of the place, legs that add up to the option.

    A leg's `price_fen` and `gco2e` hold its carriage and the handling and storage before it. `trip` and `sequences` name the
    departures it travels on.
    """
    network = {"version": answer.folder.version, "status": status_of(answer.folder)}
    ends = {"origin": _place_out(answer.origin), "destination": _place_out(answer.destination)}
    return [_option_out(answer, option) | {"network": network} | ends for option in answer.options]


def status_of(folder: Folder) -> str:
    """The weakest status of a network's rows."""
    status = {hub.status for hub in folder.hubs} | {hub.terms_status for hub in folder.hubs}
    status |= {service.status for service in folder.services} | {folder.road.status}
    return next(word for word in ("assumed", "unverified", "sourced") if word in status)


def _place_out(where: Where) -> dict[str, str]:
    return {"code": where.code, "name_zh": where.name_zh, "name_en": where.name_en}


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
    ridden = answer.laid.connections
    service = folder.services[ridden.service[leg.board]] if leg.board >= 0 else None
    calls = answer.laid.sequence[[leg.board, leg.alight]].tolist() if service else [1, 0]
    return {
        "mode": MODES[leg.mode],
        "service": service.code if service else None,
        "service_zh": service.name_zh if service else None,
        "service_en": service.name_en if service else None,
        "trip": answer.laid.trips[ridden.trip[leg.board]] if service else None,
        "sequences": list(range(calls[0], calls[1] + 1)),
        "from": folder.hubs[leg.origin].code if leg.origin >= 0 else answer.origin.code,
        "to": folder.hubs[leg.target].code if leg.target >= 0 else answer.destination.code,
        "departs_at": _clock(answer, leg.departs, leg.origin, answer.origin),
        "arrives_at": _clock(answer, leg.arrives, leg.target, answer.destination),
        "price_fen": leg.price + (before.price + before.storage_price if before else 0),
        "gco2e": leg.gco2e + (before.gco2e if before else 0),
        "cutoff_at": None if leg.cutoff is None else _clock(answer, leg.cutoff, leg.origin, answer.origin),
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
        "trip": None,
        "sequences": [],
        "from": code,
        "to": code,
        **dict(zip(("departs_at", "arrives_at"), times, strict=True)),
        "price_fen": last.price + last.storage_price,
        "gco2e": last.gco2e,
        "cutoff_at": None,
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
