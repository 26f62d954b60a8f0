"""The rows of a booking, written in two statements: a hold is the hot path of this system (`benchmarks/bench_booking.py`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from bashu.kernel.database.prepared import prepared
from bashu.logistics.models import Consignment, LegState
from bashu.logistics.quotes import Quote
from bashu.logistics.selectors.bookings import Operators
from bashu.logistics.services.space import Ground

LEGS = """
    INSERT INTO logistics_leg (
        id, public_id, version, consignment_id, sequence, mode, service, operator_id, origin, target, origin_operator_id,
        target_operator_id, departs_at, arrives_at, teu, price_fen, gco2e, state, readers)
    SELECT id, public_id, 1, %s, sequence, mode, service, operator, origin, target, origin_operator, target_operator, departs_at,
        arrives_at, %s, price_fen, gco2e, %s, readers::uuid[]
    FROM unnest(%s::int8[], %s::uuid[], %s::int[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::uuid[],
        %s::timestamptz[], %s::timestamptz[], %s::int8[], %s::int8[], %s::text[]) AS leg (
        id, public_id, sequence, mode, service, operator, origin, target, origin_operator, target_operator, departs_at, arrives_at,
        price_fen, gco2e, readers)
"""
# Boxes and held space follow in a statement of their own: their policies look for the rows that this one writes.
BOOK = f"""
    WITH consignment AS (
        INSERT INTO logistics_consignment (
            id, public_id, version, number, shipper_id, origin, origin_zh, origin_en, destination, destination_zh, destination_en,
            goods, hs_code, weight_kg, un_number, danger_class, reefer_celsius, teu, departs_at, arrives_at, predicted_at, missed,
            state, held_until, booked_at, readers)
        VALUES (%s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, false, 'held', %s, %s, %s)
    ), terms AS (
        INSERT INTO logistics_terms (
            consignment_id, consignee, notify_party, goods_value, currency, exchange_rate, goods_value_fen, network_id, price_fen,
            gco2e, plan, readers)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s)
    )
    {LEGS}
"""  # noqa: S608 - constants
HELD = "INSERT INTO logistics_legdeparture (leg_id, departure_id) SELECT * FROM unnest(%s::int8[], %s::int8[])"
HELD_AND_BOXES = f"""
    WITH boxes AS (
        INSERT INTO logistics_box (consignment_id, sequence, feet, number, seal)
        SELECT %s, sequence, feet, '', '' FROM unnest(%s::int[]) WITH ORDINALITY AS box (feet, sequence)
    )
    {HELD}
"""  # noqa: S608 - constants


class Stage(NamedTuple):
    """One leg to be written: its row id, the option's leg, who runs it and the hubs at its ends, the departures it holds space on."""

    id: int
    leg: Mapping[str, Any]
    operator: UUID | None
    origin_operator: UUID | None
    target_operator: UUID | None
    departures: list[int]

    def readers(self, shipper: UUID) -> list[UUID]:
        """Who sees the leg: the shipper, its operator, the operators of the hubs at its ends; each once."""
        known = (shipper, self.operator, self.origin_operator, self.target_operator)
        return list(dict.fromkeys(one for one in known if one))


def stages_of(quote: Quote, ground: Ground, operators: Operators) -> list[Stage]:
    """The legs of a quote with the organisations that carry them."""
    bodies, found = ground.organisations, []
    for row, leg in zip(ground.legs, quote.carried, strict=True):
        keys = [(leg["service"], leg["trip"], sequence) for sequence in leg["sequences"]] if leg["service"] else []
        operator = ground.taken[keys[0]].operator if keys else bodies.get(operators.road)
        origin, target = (bodies.get(operators.hubs.get(leg[end], "")) for end in ("from", "to"))
        found.append(Stage(row, leg, operator, origin, target, [ground.taken[key].id for key in keys]))
    return found


def consignment_write(
    consignment: Consignment, terms: Mapping[str, Any], stages: Sequence[Stage], boxes: Sequence[int]
) -> None:
    """Insert a consignment, whose row id is set, with its terms, its held legs and its boxes (feet)."""
    one = consignment
    prepared(
        BOOK,
        [
            one.pk, one.public_id, one.number, one.shipper_id, one.origin, one.origin_zh, one.origin_en, one.destination,
            one.destination_zh, one.destination_en, one.goods, one.hs_code, one.weight_kg, one.un_number, one.danger_class,
            one.reefer_celsius, one.teu, one.departs_at, one.arrives_at, one.predicted_at, one.held_until, one.booked_at, one.readers,
            one.pk, terms["consignee"], terms["notify_party"], terms["goods_value"], terms["currency"], terms["exchange_rate"],
            terms["goods_value_fen"], terms["network"], terms["price_fen"], terms["gco2e"], orjson.dumps(terms["plan"]).decode(),
            [one.shipper_id], *legs_values(one, stages, LegState.HELD, first=1),
        ],
    )  # fmt: skip
    prepared(HELD_AND_BOXES, [one.pk, list(boxes), *held_values(stages)])


def legs_write(consignment: Consignment, stages: Sequence[Stage], state: LegState, *, first: int) -> None:
    """Insert further legs of a consignment, numbered from `first`, and the space they hold."""
    prepared(LEGS, legs_values(consignment, stages, state, first=first))
    prepared(HELD, held_values(stages))


def held_values(stages: Sequence[Stage]) -> list[list[int]]:
    """The parameters of HELD."""
    held = [(stage.id, departure) for stage in stages for departure in stage.departures]
    return [[pair[n] for pair in held] for n in (0, 1)]


def legs_values(consignment: Consignment, stages: Sequence[Stage], state: LegState, *, first: int) -> list[Any]:
    """The parameters of LEGS."""
    legs = [stage.leg for stage in stages]
    return [
        consignment.pk,
        consignment.teu,
        state.value,
        [stage.id for stage in stages],
        [uuid7() for _ in legs],
        list(range(first, first + len(legs))),
        [leg["mode"] for leg in legs],
        [leg["service"] or "" for leg in legs],
        [stage.operator for stage in stages],
        [leg["from"] for leg in legs],
        [leg["to"] for leg in legs],
        [stage.origin_operator for stage in stages],
        [stage.target_operator for stage in stages],
        [datetime.fromisoformat(leg["departs_at"]) for leg in legs],
        [datetime.fromisoformat(leg["arrives_at"]) for leg in legs],
        [leg["price_fen"] for leg in legs],
        [leg["gco2e"] for leg in legs],
        [f"{{{','.join(map(str, stage.readers(consignment.shipper_id)))}}}" for stage in stages],
    ]
