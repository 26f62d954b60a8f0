"""A folder's timetables and single departures laid out as connections between two days."""

import itertools
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from bashu.logistics.engine.network import DAY, Connections, Ints, minutes_of, moment_of
from bashu.logistics.formats.folder import Folder, Rate, Timetable

EPOCH = date(1970, 1, 1)


class Laid(NamedTuple):
    """Connections with what they are called: the trip by its number, and the position on it, from 1.

    line: where the row stands, in timetables.csv for the first `runs` trips, in connections.csv for the rest.
    """

    connections: Connections
    trips: list[str]
    sequence: Ints
    line: Ints
    runs: int


def lay_out(folder: Folder, first: date, last: date) -> Laid:
    """The connections whose trips set out between two days, both included; single departures count by their own.

    A connection before the first day its rate is valid is left out. The run of a timetable is called by its first departure
    in UTC, as 20250303T0600Z.
    """
    runs: dict[tuple[int, int], int] = {}
    rows = [row for timetable in folder.timetables for row in _weekly(folder, timetable, first, last, runs)]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 11).T
    singles = _singles(folder, first, last)
    trips = [moment_of(leaves).strftime("%Y%m%dT%H%MZ") for _, leaves in runs]
    singles[1] += len(trips)
    whole = np.concatenate([columns, singles], axis=1)
    return Laid(Connections(*whole[:9]), [*trips, *folder.singles.names], whole[9], whole[10], len(runs))


def longest(folder: Folder) -> int:
    """Minutes of the longest run, of timetables and of single connections."""
    calls = max((call.arrives for calls in folder.calls.values() for call in calls), default=0)
    spans = folder.singles.arrives - folder.singles.departs
    return max(calls, int(spans.max(initial=0)))


def rate_on(folder: Folder, service: int, origin: int, target: int, departs: int) -> Rate | None:
    """The rate in force on the UTC day of a departure, None before the first."""
    listed = folder.rates[service, origin, target]
    at = bisect_right(listed, EPOCH + timedelta(days=departs // DAY), key=lambda rate: rate.valid_from)
    return listed[at - 1] if at else None


def _weekly(
    folder: Folder, timetable: Timetable, first: date, last: date, runs: dict[tuple[int, int], int]
) -> Iterator[tuple[int, ...]]:
    calls = folder.calls[timetable.service]
    zone = ZoneInfo(folder.hubs[calls[0].hub].zone)
    day = max(first, timetable.valid_from)
    until = min(last, timetable.valid_until)
    while day <= until:
        if day.isoweekday() in timetable.weekdays:
            wall = datetime(day.year, day.month, day.day, timetable.departs // 60, timetable.departs % 60, tzinfo=zone)
            leaves = minutes_of(wall)
            trip = len(runs)
            if runs.setdefault((timetable.service, leaves), trip) == trip:  # two clock times can be one in spring
                for at, (call, following) in enumerate(itertools.pairwise(calls), start=1):
                    departs = leaves + call.departs
                    if rate := rate_on(folder, timetable.service, call.hub, following.hub, departs):
                        ends = (call.hub, following.hub, departs, leaves + following.arrives)
                        yield (
                            timetable.service,
                            trip,
                            *ends,
                            rate.price,
                            rate.gco2e,
                            timetable.capacity,
                            at,
                            timetable.line,
                        )
        day += timedelta(days=1)


def _singles(folder: Folder, first: date, last: date) -> Ints:
    """Single departures between two days (UTC), as eleven columns."""
    begin, end = (
        minutes_of(datetime(day.year, day.month, day.day, tzinfo=UTC)) for day in (first, last + timedelta(days=1))
    )
    given = folder.singles
    chosen = np.flatnonzero((given.departs >= begin) & (given.departs < end))
    service, origin, target, departs = (
        column[chosen] for column in (given.service, given.origin, given.target, given.departs)
    )
    price, gco2e = np.full(chosen.size, -1, np.int64), np.zeros(chosen.size, np.int64)
    pairs, which = np.unique(np.stack([service, origin, target]), axis=1, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(which.ravel(), minlength=pairs.shape[1]))[:-1]
    for key, rows in zip(pairs.T.tolist(), np.split(order, ends), strict=False):
        listed = folder.rates[tuple(key)]
        begins = np.array([(rate.valid_from - EPOCH).days for rate in listed])
        at = np.searchsorted(begins, departs[rows] // DAY, side="right") - 1
        here, at = rows[at >= 0], at[at >= 0]
        price[here] = np.array([rate.price for rate in listed])[at]
        gco2e[here] = np.array([rate.gco2e for rate in listed])[at]
    rest = (given.arrives[chosen], price, gco2e, given.capacity[chosen], given.sequence[chosen], given.line[chosen])
    return np.stack([service, given.trip[chosen], origin, target, departs, *rest])[:, price >= 0]
