"""What each record contributes to the figures: one definition in SQL, for the records a command changed and for all of them.

A figure is the sum or mean of rows that hang on single records, so it cannot depend on the order in which anything came in.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from django.utils.timezone import get_default_timezone_name

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.database.prepared import prepared
from bashu.logistics.eyes import as_node
from bashu.logistics.models import Measure, NetworkVersion
from bashu.logistics.terms import TOLERANCE


class Indicator(NamedTuple):
    """One kind of row: where it comes from, and how it is made of some records or of all.

    rows: a SELECT of subject, corridor, mode, moment, amount of the records that {only} chooses. of: the column that the ids of
    some records are compared with. subjects: the public ids of the same records, whether or not they contribute.
    """

    rows: str
    of: str
    subjects: str


CONSIGNMENTS = "SELECT public_id FROM logistics_consignment WHERE id = ANY (%(ids)s::bigint[])"
LEGS = "SELECT public_id FROM logistics_leg WHERE consignment_id = ANY (%(ids)s::bigint[])"
DEPARTURES = "SELECT public_id FROM logistics_departure WHERE id = ANY (%(ids)s::bigint[])"
DECLARATIONS = "SELECT public_id FROM logistics_declaration WHERE id = ANY (%(ids)s::bigint[])"

INDICATORS: Mapping[str, Indicator] = {
    # What the goods of a confirmed consignment are worth, in fen: each consignment once, however many legs it has. It counts to the
    # first of its month: from the sums up to two days in a row one could else tell what was booked on a single day.
    "goods_value": Indicator(
        """
        SELECT one.public_id AS subject, '' AS corridor, '' AS mode,
               date_trunc('month', one.booked_at, %(zone)s) AS moment, terms.goods_value_fen AS amount
        FROM logistics_consignment one JOIN logistics_terms terms ON terms.consignment_id = one.id
        WHERE one.state IN ('confirmed', 'under_way', 'delivered') AND {only}
        """,
        "one.id",
        CONSIGNMENTS,
    ),
    # TEU that set out on a corridor: the first leg of each consignment on each corridor, once it has departed.
    "corridor_teu": Indicator(
        """
        SELECT DISTINCT ON (leg.consignment_id, run.corridor)
               leg.public_id AS subject, run.corridor, leg.mode, coalesce(leg.departed_at, leg.departs_at) AS moment, leg.teu AS amount
        FROM logistics_leg leg JOIN logistics_legdeparture held ON held.leg_id = leg.id
        JOIN logistics_departure run ON run.id = held.departure_id
        WHERE leg.state IN ('departed', 'arrived') AND run.corridor <> ''
              AND {only}
        ORDER BY leg.consignment_id, run.corridor, leg.sequence
        """,
        "leg.consignment_id",
        LEGS,
    ),
    # A train that set out, once for all its calls.
    "train": Indicator(
        """
        SELECT run.public_id AS subject, run.corridor, run.mode, run.departed_at AS moment, 1 AS amount
        FROM logistics_departure run
        WHERE run.departed_at IS NOT NULL AND run.mode IN ('rail', 'rail1520')
              AND {only}
              AND NOT EXISTS (SELECT 1 FROM logistics_departure before WHERE before.service = run.service
                              AND before.trip = run.trip AND before.sequence < run.sequence)
        """,
        "run.id",
        DEPARTURES,
    ),
    # Whether a vehicle arrived within the tolerance of its timetable: 1 or 0.
    "adherence": Indicator(
        """
        SELECT run.public_id AS subject, run.corridor, run.mode, run.arrived_at AS moment,
               (run.arrived_at <= run.arrives_at + make_interval(mins => (%(tolerance)s::jsonb ->> run.mode)::int))::int AS amount
        FROM logistics_departure run
        WHERE run.arrived_at IS NOT NULL AND {only}
        """,
        "run.id",
        DEPARTURES,
    ),
    # Minutes from lodging a declaration to its release.
    "clearance_minutes": Indicator(
        """
        SELECT one.public_id AS subject, '' AS corridor, '' AS mode, one.decided_at AS moment,
               floor(extract(epoch FROM one.decided_at - one.lodged_at) / 60)::bigint AS amount
        FROM logistics_declaration one
        WHERE one.state = 'released' AND {only}
        """,
        "one.id",
        DECLARATIONS,
    ),
}  # fmt: skip
TOLERANCES = json.dumps(TOLERANCE)
OF: Mapping[str, tuple[str, ...]] = {
    "bookings": ("goods_value",),  # confirmed or cancelled: nothing of them has set out
    "consignments": ("goods_value", "corridor_teu"),
    "departures": ("train", "adherence"),
    "declarations": ("clearance_minutes",),
}

# Rows that no longer stand go, the others are written where they differ; how many rows changed.
PUT = """
    WITH made AS ({rows}), gone AS (
        DELETE FROM logistics_measure old WHERE old.indicator = %(indicator)s AND {those}
        AND old.subject NOT IN (SELECT subject FROM made) RETURNING 1
    ), written AS (
        INSERT INTO logistics_measure (indicator, subject, corridor, mode, day, amount)
        SELECT %(indicator)s, subject, corridor, mode, (moment AT TIME ZONE %(zone)s)::date, amount FROM made
        ON CONFLICT (indicator, subject) DO UPDATE
        SET corridor = excluded.corridor, mode = excluded.mode, day = excluded.day, amount = excluded.amount
        WHERE (logistics_measure.corridor, logistics_measure.mode, logistics_measure.day, logistics_measure.amount)
              IS DISTINCT FROM (excluded.corridor, excluded.mode, excluded.day, excluded.amount)
        RETURNING 1
    ) SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""


def measures_follow(**given: Iterable[int]) -> None:
    """Bring the figures in line with records that this command changed, in its transaction: row ids by the kinds of OF."""
    with as_node():
        measures_write(given)


def measures_write(given: Mapping[str, Iterable[int]]) -> None:
    """The same, as the node already."""
    for kind, given_ids in given.items():
        ids = list(given_ids)
        for name in OF[kind] if ids else ():
            put(name, ids)


def put(name: str, ids: list[int] | None) -> int:
    """Write one indicator's rows of these records, or of all; how many rows changed. As the node."""
    values = {"ids": ids, "indicator": name, "zone": get_default_timezone_name(), "tolerance": TOLERANCES}
    return int(prepared(statement_of(name, some=ids is not None), values)[0][0])


@cache
def statement_of(name: str, *, some: bool) -> str:
    """PUT for one indicator. Two texts, for some records and for all: one for both could not use the indexes of some."""
    indicator = INDICATORS[name]
    only, those = (
        (f"{indicator.of} = ANY (%(ids)s::bigint[])", f"old.subject = ANY (ARRAY({indicator.subjects}))")
        if some
        else ("true", "true")
    )
    return PUT.format(rows=indicator.rows.format(only=only), those=those)


@command("logistics.figures.rebuild", roles={Role.COORDINATOR})
def figures_rebuild(*, ctx: Command) -> dict[str, int]:
    """Make every figure again from the events and records; how many records and rows differed (none, unless something is wrong)."""
    from bashu.logistics.services.following import everything_follow

    with as_node():
        differed = {"records": everything_follow(ctx.now)}
        differed |= {name: put(name, None) for name in INDICATORS}
        rows = Measure.objects.count()
    current = NetworkVersion.objects.order_by("-pk").first()
    assert current is not None, "figures are made of departures, and these of a network"
    ctx.append(subject=current, before=None, after={"rows": rows, "differed": differed})
    return {"rows": rows, **differed}
