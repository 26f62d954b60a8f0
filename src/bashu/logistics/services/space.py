"""Space on departures: taken for all legs of a consignment or for none, given back, never oversold.

Every statement locks its departures in the order of their ids, so that bookings wait for each other and never in a circle.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from bashu.kernel.database.prepared import prepared
from bashu.logistics.errors import HubClosed, QuoteOutdated, SpaceGone
from bashu.logistics.quotes import Quote

TAKE = """
    locked AS (
        SELECT departure.id
        FROM logistics_departure departure
        JOIN unnest(%s::text[], %s::text[], %s::int[]) AS wanted (service, trip, sequence) USING (service, trip, sequence)
        ORDER BY departure.id FOR NO KEY UPDATE OF departure
    ), taken AS (
        UPDATE logistics_departure departure SET held_teu = held_teu + %s FROM locked
        WHERE departure.id = locked.id AND held_teu + %s <= capacity_teu AND NOT withdrawn AND departed_at IS NULL AND departs_at > %s
        RETURNING departure.id, service, trip, sequence, operator_id
    )
"""
TAKEN = "(SELECT json_agg(json_build_array(service, trip, sequence, id, operator_id)) FROM taken)"
# Everything a booking asks and takes, in one trip: space; the version the quote names, if it is still the current one; who stands
# behind credit codes; a hub closed when the goods call; row ids for the consignment and its legs.
ASK_AND_TAKE = f"""
    WITH {TAKE}
    SELECT {TAKEN},
           (SELECT id FROM logistics_networkversion WHERE digest = %s AND current),
           (SELECT json_object_agg(credit_code, public_id) FROM parties_organisation
            WHERE credit_code IN (SELECT json_array_elements_text(%s::json)) AND state = 'active'),
           (SELECT closed.hub FROM logistics_closure closed
            JOIN json_to_recordset(%s::json) AS call (hub text, at timestamptz) USING (hub)
            WHERE closed.closed_from <= call.at AND call.at < least(closed.until, closed.lifted_at, 'infinity') LIMIT 1),
           nextval('logistics_consignment_id_seq'),
           (SELECT array_agg(nextval('logistics_leg_id_seq')) FROM generate_series(1, %s))
"""  # noqa: S608 - constants
TAKE_MORE = f"WITH {TAKE} SELECT {TAKEN}"
GIVE = """
    WITH given AS (
        SELECT departure_id AS id, sum(leg.teu) AS teu
        FROM logistics_legdeparture held JOIN logistics_leg leg ON leg.id = held.leg_id WHERE leg.id = ANY (%s) GROUP BY 1
    ), locked AS (
        SELECT id FROM logistics_departure WHERE id IN (SELECT id FROM given) ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE logistics_departure departure SET held_teu = held_teu - given.teu
    FROM given JOIN locked USING (id) WHERE departure.id = given.id
"""

Key = tuple[str, str, int]  # service, trip, sequence


class Ground(NamedTuple):
    """What a booking stands on: row ids of the network version, of the consignment to be and of its legs; organisations by credit
    code; the departures on which space is held now.
    """

    network: int
    consignment: int
    legs: list[int]
    organisations: dict[str, UUID]
    taken: dict[Key, "Taken"]


class Taken(NamedTuple):
    """A departure on which space is held now, and who runs it."""

    id: int
    operator: UUID | None


def wanted(quote: Quote) -> list[Key]:
    """The departures that a quote's legs need space on."""
    return [
        (leg["service"], leg["trip"], sequence)
        for leg in quote.carried
        if leg["service"]
        for sequence in leg["sequences"]
    ]


def ground_take(quote: Quote, credit_codes: Iterable[str], now: datetime) -> Ground:
    """Hold what a quote needs where there is so much left; the caller sees on which departures there was not.

    Refuses a quote whose ground has moved: another timetable is in force (QuoteOutdated), a hub on the way is closed (HubClosed).
    """
    carried = quote.carried
    calls = [
        {"hub": leg[hub], "at": leg[at]}
        for leg in carried
        for hub, at in (("from", "departs_at"), ("to", "arrives_at"))
    ]
    asked = [quote.network, json_text(list(credit_codes)), json_text(calls), len(carried)]
    taken, network, organisations, closed, consignment, legs = prepared(
        ASK_AND_TAKE, [*take_values(wanted(quote), quote.teu, now), *asked]
    )[0]
    if network is None:
        raise QuoteOutdated
    if closed:
        raise HubClosed(hub=closed)
    known = {code: UUID(public_id) for code, public_id in (organisations or {}).items()}
    return Ground(network, consignment, legs, known, taken_of(taken))


def json_text(value: object) -> str:
    """A list as the text of one parameter: psycopg takes far longer over arrays."""
    return orjson.dumps(value).decode()


def space_take(keys: Sequence[Key], teu: int, now: datetime) -> dict[Key, Taken]:
    """Hold `teu` on those of the departures that still have so much and have not left."""
    return taken_of(prepared(TAKE_MORE, take_values(keys, teu, now))[0][0])


def take_values(keys: Sequence[Key], teu: int, now: datetime) -> list[Any]:
    """The parameters of TAKE."""
    return [*([key[n] for key in keys] for n in range(3)), teu, teu, now]


def taken_of(rows: list[list[Any]] | None) -> dict[Key, Taken]:
    """What TAKE returned."""
    return {
        (service, trip, sequence): Taken(row, UUID(operator) if operator else None)
        for service, trip, sequence, row, operator in rows or []
    }


def space_give(legs: Sequence[int]) -> None:
    """Give back what these legs hold, by their row ids; the caller sets their state in the same transaction."""
    prepared(GIVE, [list(legs)])


def space_refusal(quote: Quote, missing: Key) -> SpaceGone:
    """The refusal that names the leg without space."""
    leg: dict[str, Any] = next(
        leg
        for leg in quote.carried
        if (leg["service"], leg.get("trip")) == missing[:2] and missing[2] in leg["sequences"]
    )
    return SpaceGone(service=leg["service"], origin=leg["from"], departs_at=leg["departs_at"], teu=quote.teu)
