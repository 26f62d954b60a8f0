"""The rows of a booking, written in two statements: a hold is the hot path of this system (`benchmarks/bench_booking.py`)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from bashu.kernel.database.prepared import prepared
from bashu.logistics.models import Consignment, ConsignmentState, LegState
from bashu.logistics.quotes import Quote
from bashu.logistics.selectors.bookings import Operators
from bashu.logistics.services.space import Ground

# Rows go as JSON, whole: psycopg sends one text far cheaper than fifty values and arrays, and the database fits it to the columns.
LEGS = "INSERT INTO logistics_leg SELECT * FROM json_populate_recordset(NULL::logistics_leg, %s::json)"
# Boxes and held space follow in a statement of their own: their policies look for the rows that this one writes.
BOOK = f"""
    WITH consignment AS (
        INSERT INTO logistics_consignment SELECT * FROM json_populate_record(NULL::logistics_consignment, %s::json)
    ), terms AS (
        INSERT INTO logistics_terms SELECT * FROM json_populate_record(NULL::logistics_terms, %s::json)
    )
    {LEGS}
"""  # noqa: S608 - constants
HELD = (
    "INSERT INTO logistics_legdeparture SELECT * FROM json_populate_recordset(NULL::logistics_legdeparture, %s::json)"
)
HELD_AND_BOXES = f"""
    WITH boxes AS (INSERT INTO logistics_box SELECT * FROM json_populate_recordset(NULL::logistics_box, %s::json))
    {HELD}
"""  # noqa: S608 - constants
CONFIRM = """
    WITH legs AS (
        UPDATE logistics_leg SET state = 'confirmed', version = version + 1 WHERE consignment_id = %(id)s AND state = 'held'
    )
    UPDATE logistics_consignment SET state = 'confirmed', version = version + 1 WHERE id = %(id)s
"""


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
    row = {field.column: getattr(consignment, field.attname) for field in Consignment._meta.concrete_fields}
    prepared(BOOK, [text_of(row), text_of(terms), text_of(legs_rows(consignment, stages, LegState.HELD, first=1))])
    feet = [
        {"consignment_id": consignment.pk, "sequence": sequence, "feet": feet, "number": "", "seal": ""}
        for sequence, feet in enumerate(boxes, 1)
    ]
    prepared(HELD_AND_BOXES, [text_of(feet), text_of(held_rows(stages))])


def consignment_confirmed(consignment: Consignment) -> None:
    """Write that a held consignment and its held legs are confirmed; the caller holds its lock."""
    prepared(CONFIRM, {"id": consignment.pk})
    consignment.state, consignment.version = ConsignmentState.CONFIRMED, consignment.version + 1


def legs_write(consignment: Consignment, stages: Sequence[Stage], state: LegState, *, first: int) -> None:
    """Insert further legs of a consignment, numbered from `first`, and the space they hold."""
    prepared(LEGS, [text_of(legs_rows(consignment, stages, state, first=first))])
    prepared(HELD, [text_of(held_rows(stages))])


def text_of(rows: object) -> str:
    """Rows by their columns, as JSON; decimals as text, so that none becomes a float."""
    return orjson.dumps(rows, default=str).decode()


def held_rows(stages: Sequence[Stage]) -> list[dict[str, int]]:
    """The rows of HELD."""
    return [{"leg_id": stage.id, "departure_id": departure} for stage in stages for departure in stage.departures]


def legs_rows(
    consignment: Consignment, stages: Sequence[Stage], state: LegState, *, first: int
) -> list[dict[str, Any]]:
    """The rows of LEGS."""
    return [
        {
            "id": stage.id,
            "public_id": uuid7(),
            "version": 1,
            "consignment_id": consignment.pk,
            "sequence": sequence,
            "mode": stage.leg["mode"],
            "service": stage.leg["service"] or "",
            "operator_id": stage.operator,
            "origin": stage.leg["from"],
            "target": stage.leg["to"],
            "origin_operator_id": stage.origin_operator,
            "target_operator_id": stage.target_operator,
            "departs_at": stage.leg["departs_at"],
            "arrives_at": stage.leg["arrives_at"],
            "teu": consignment.teu,
            "price_fen": stage.leg["price_fen"],
            "gco2e": stage.leg["gco2e"],
            "state": state.value,
            "readers": stage.readers(consignment.shipper_id),
        }
        for sequence, stage in enumerate(stages, first)
    ]
