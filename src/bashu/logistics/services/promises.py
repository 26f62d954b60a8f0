"""The departures a network promises, as rows: written in batches, withdrawn when they vanish, never below what is held."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.db import connection
from uuid_utils.compat import uuid7

from bashu.kernel.parties.models import Organisation
from bashu.logistics.engine.network import DAY, MODES, minutes_of
from bashu.logistics.formats.folder import Folder
from bashu.logistics.formats.tables import KEPT, Problem
from bashu.logistics.formats.timetable import Laid, lay_out, longest
from bashu.logistics.models import NetworkVersion

BATCH = 20_000
AHEAD = 500  # days of departures written; a timetable may run for ever
# Space held of a departure that the network promises otherwise; the lock keeps bookings away until the import is done.
HELD = """
    SELECT one.at, held.held_teu, held.origin, held.target
    FROM unnest(%s::int[], %s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::int[])
        AS one (at, service, trip, sequence, origin, target, capacity)
    JOIN logistics_departure held USING (service, trip, sequence)
    WHERE held.held_teu > 0 AND (held.held_teu > one.capacity OR held.origin <> one.origin OR held.target <> one.target)
    FOR NO KEY UPDATE OF held
"""
WRITE = """
    INSERT INTO logistics_departure AS known (public_id, version, network_id, service, trip, sequence, mode, corridor,
        operator_id, origin, target, departs_at, arrives_at, capacity_teu, held_teu, withdrawn)
    SELECT one.public_id, 1, %s, service, trip, sequence, mode, corridor, operator, origin, target,
        to_timestamp(departs * 60), to_timestamp(arrives * 60), capacity, 0, false
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[],
        %s::bigint[], %s::bigint[], %s::int[])
        AS one (public_id, service, trip, sequence, mode, corridor, operator, origin, target, departs, arrives, capacity)
    ON CONFLICT (service, trip, sequence) DO UPDATE SET
        network_id = excluded.network_id, mode = excluded.mode, corridor = excluded.corridor, operator_id = excluded.operator_id,
        origin = excluded.origin, target = excluded.target, departs_at = excluded.departs_at, arrives_at = excluded.arrives_at,
        capacity_teu = excluded.capacity_teu, withdrawn = false, version = known.version + ((known.mode, known.corridor,
            known.operator_id, known.origin, known.target, known.departs_at, known.arrives_at, known.capacity_teu, known.withdrawn)
            IS DISTINCT FROM (excluded.mode, excluded.corridor, excluded.operator_id, excluded.origin, excluded.target,
            excluded.departs_at, excluded.arrives_at, excluded.capacity_teu, false))::int
    WHERE known.departed_at IS NULL
"""
WITHDRAW = """
    WITH gone AS (
        UPDATE logistics_departure SET withdrawn = true, version = version + 1
        WHERE departs_at >= %s AND departed_at IS NULL AND network_id <> %s AND NOT withdrawn RETURNING held_teu
    ) SELECT count(*), count(*) FILTER (WHERE held_teu > 0) FROM gone
"""


class Promised(NamedTuple):
    """What was written: departures, how many were withdrawn, how many of these held space; `refused` counts the problems."""

    written: int
    withdrawn: int = 0
    stranded: int = 0
    problems: Sequence[Problem] = ()
    refused: int = 0


def departures_promise(version: NetworkVersion, folder: Folder, now: datetime) -> Promised:
    """Write every departure from now on, AHEAD days far; withdraw those to come that another version promised.

    What departed before now stays as it is. Where a departure holds more than it would have, or would lead elsewhere, nothing
    more is written and the problems are returned; the caller refuses, and the transaction ends.
    """
    day = now.date()
    laid = lay_out(folder, day - timedelta(days=2 + longest(folder) // DAY), day + timedelta(days=AHEAD))
    ahead = np.flatnonzero(laid.connections.departs >= minutes_of(now))
    columns = Columns(folder, laid)
    problems: list[Problem] = []
    refused = 0
    for start in range(0, ahead.size, BATCH):
        rows = ahead[start : start + BATCH]
        for at, held, origin, target in columns.held(rows):
            refused += 1
            if len(problems) < KEPT:
                problems.append(columns.problem(at, held, origin, target))
        if not refused:
            columns.write(version, rows)
    if refused:
        return Promised(0, problems=problems, refused=refused)
    with connection.cursor() as cursor:
        cursor.execute(WITHDRAW, [now, version.pk])
        withdrawn, stranded = cursor.fetchone()
    return Promised(int(ahead.size), withdrawn, stranded)


class Columns:
    """A laid-out timetable as the columns of departures."""

    def __init__(self, folder: Folder, laid: Laid) -> None:
        codes = {one.operator for one in folder.services if one.operator}
        known = Organisation.objects.filter(credit_code__in=codes).values_list("credit_code", "public_id")
        bodies = {str(code): body for code, body in known}
        self.laid, self.hubs = laid, [hub.code for hub in folder.hubs]
        self.services = [
            (one.code, MODES[one.rules.mode], one.corridor, bodies.get(one.operator)) for one in folder.services
        ]

    def names(self, rows: np.ndarray) -> tuple[list[str], list[str], list[int], list[str], list[str]]:
        """Service, trip, sequence, origin and target of some rows."""
        given = self.laid.connections
        services = [self.services[one][0] for one in given.service[rows].tolist()]
        trips = [self.laid.trips[one] for one in given.trip[rows].tolist()]
        ends = ([self.hubs[one] for one in column[rows].tolist()] for column in (given.origin, given.target))
        origins, targets = ends
        return services, trips, self.laid.sequence[rows].tolist(), origins, targets

    def held(self, rows: np.ndarray) -> list[tuple[int, int, str, str]]:
        """Rows that the bookings contradict: which, TEU held, and from where to where."""
        capacity = self.laid.connections.capacity[rows].tolist()
        with connection.cursor() as cursor:
            cursor.execute(HELD, [rows.tolist(), *self.names(rows), capacity])
            return list(cursor.fetchall())

    def problem(self, at: int, held: int, origin: str, target: str) -> Problem:
        """Such a row in words."""
        services, trips, _, _, _ = self.names(np.array([at]))
        file = "timetables.csv" if self.laid.connections.trip[at] < self.laid.runs else "connections.csv"
        text = f"{services[0]} {trips[0]} holds {held} TEU from {origin} to {target}; the row leaves less, or leads elsewhere"
        return Problem(file, int(self.laid.line[at]), text)

    def write(self, version: NetworkVersion, rows: np.ndarray) -> None:
        """Insert or renew some rows."""
        given = self.laid.connections
        services, trips, sequences, origins, targets = self.names(rows)
        kinds = [self.services[one][1:] for one in given.service[rows].tolist()]
        modes, corridors, operators = (list(column) for column in zip(*kinds, strict=True))
        numbers = (column[rows].tolist() for column in (given.departs, given.arrives, given.capacity))
        ids = [uuid7() for _ in services]
        kinds_of = (modes, corridors, operators, origins, targets)
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [version.pk, ids, services, trips, sequences, *kinds_of, *numbers])
