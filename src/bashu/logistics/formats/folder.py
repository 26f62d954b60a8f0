"""A network as a folder of CSV files, described in docs/logistics.md: read whole or refused with every wrong line."""

import hashlib
import itertools
import re
from array import array
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from bashu.kernel.parties.engine.credit_code import reason_invalid
from bashu.logistics.engine.network import (
    DAY,
    MODES,
    REEFER,
    Change,
    Hub,
    Ints,
    Service,
    dangerous_bit,
    minutes_of,
)
from bashu.logistics.formats.tables import Problem, Reader, Row, Wrong

FILES = {
    "hubs.csv": (
        "code", "name_zh", "name_en", "kind", "jurisdiction", "operator", "locode", "division", "time_zone", "lat", "lon", "coordinates",
        "port_of_entry", "customs", "road_access", "free_days", "storage_fen", "dangerous", "reefer", "status", "terms_status", "source",
        "valid_from",
    ),
    "windows.csv": ("hub", "weekdays", "opens", "closes"),
    "closures.csv": ("hub", "closed_from", "closed_until", "reason"),
    "changes.csv": ("hub", "from_mode", "to_mode", "minutes", "price_fen", "gco2e"),
    "services.csv": (
        "code", "name_zh", "name_en", "mode", "corridor", "operator", "cutoff_minutes", "cutoff_time", "dangerous", "reefer", "reefer_fen",
        "dangerous_fen", "status", "source", "valid_from",
    ),
    "calls.csv": ("service", "sequence", "hub", "arrives_after", "departs_after"),
    "timetables.csv": ("service", "weekdays", "departs", "valid_from", "valid_until", "capacity_teu"),
    "connections.csv": ("service", "trip", "from", "to", "departs", "arrives", "capacity_teu"),
    "rates.csv": ("service", "from", "to", "valid_from", "price_fen", "gco2e"),
    "road.csv": (
        "reach_km", "detour_percent", "km_per_hour", "price_fen_km", "gco2e_km", "operator", "status", "source", "valid_from",
    ),
}  # fmt: skip
OPTIONAL = {"windows.csv", "closures.csv", "calls.csv", "timetables.csv", "connections.csv"}
KINDS = ("river_port", "sea_port", "rail_port", "rail_border", "dry_port", "airport")
STATUSES = ("sourced", "unverified", "assumed")
CORRIDORS = ("land_sea", "eurasia", "yangtze", "air")
CUSTOMS = ("inspection", "bonded", "quarantine")
EVERY_HUB = "*"
LONGEST_TRIP = 60
TIMETABLED = re.compile(r"\d{8}T\d{4}Z")  # what the runs of a timetable are called
MOST_SINGLES = 2_000_000  # rows of connections.csv
REMEMBERED = 100_000  # moments that repeat


class FolderRefused(ValueError):
    """The folder is not a network: `problems` says what is wrong where, at least the first of `count`."""

    def __init__(self, problems: list[Problem], count: int) -> None:
        super().__init__(f"{count} problems")
        self.problems, self.count = problems, count


class HubRecord(NamedTuple):
    """A hub as its row says; locode, division and customs are empty where unknown; lat and lon are WGS-84.

    operator: credit code (GB 32100) of who runs it, or empty. terms_status: how far opening hours, storage terms, customs
    facilities and abilities can be trusted; status: all the rest.
    """

    code: str
    name_zh: str
    name_en: str
    kind: str
    jurisdiction: str
    operator: str
    locode: str
    division: str
    zone: str
    lat: float
    lon: float
    coordinates: str
    port_of_entry: str
    customs: tuple[str, ...]
    road_access: bool
    free_days: int
    storage: int
    abilities: int
    status: str
    terms_status: str
    source: str


class ServiceRecord(NamedTuple):
    """A service as its row says; operator: credit code of who runs it, or empty; corridor: one of CORRIDORS, or empty."""

    code: str
    name_zh: str
    name_en: str
    corridor: str
    operator: str
    status: str
    source: str
    rules: Service


class Rate(NamedTuple):
    """Fen and grams per TEU between two calls of a service, from a day on."""

    valid_from: date
    price: int
    gco2e: int


class Call(NamedTuple):
    """A stop of a service: minutes after the trip's first departure."""

    service: int
    sequence: int
    hub: int
    arrives: int
    departs: int
    line: int


class Timetable(NamedTuple):
    """Weekly departures from a service's first call, `departs` minutes into the local day."""

    service: int
    weekdays: tuple[int, ...]
    departs: int
    valid_from: date
    valid_until: date
    capacity: int
    line: int


class Singles(NamedTuple):
    """Connections given one by one, as columns in the order of service, trip and time; trip: index into names.

    sequence: position of the connection on its trip, from 1.
    """

    service: Ints
    trip: Ints
    origin: Ints
    target: Ints
    departs: Ints
    arrives: Ints
    capacity: Ints
    line: Ints
    sequence: Ints
    names: list[str]


class Road(NamedTuple):
    """Road legs at both ends: how far, how fast, fen and grams per TEU and kilometre; detour over the geodesic in percent."""

    reach_km: int
    detour: int
    speed: int
    price: int
    gco2e: int
    operator: str
    status: str


class Folder(NamedTuple):
    """A network as read. version: SHA-256 over the files' names and bytes, so that a quote can name what it was made from."""

    hubs: list[HubRecord]
    engine_hubs: list[Hub]
    services: list[ServiceRecord]
    changes: dict[tuple[int, int, int], Change]
    rates: dict[tuple[int, int, int], list[Rate]]
    calls: dict[int, list[Call]]
    timetables: list[Timetable]
    singles: Singles
    road: Road
    version: str


def read_folder(path: Path, tell: Callable[[Problem], None] | None = None) -> Folder:
    """Read a folder of the documented CSVs, telling each problem as it is found.

    Raises FolderRefused when there is one; nothing is read in part.
    """
    reader = Reader(path, tell)
    hubs = reader.table("hubs.csv", FILES["hubs.csv"], _hub)
    index = _unique(reader, "hubs.csv", [hub.code for hub in hubs])
    services = reader.table("services.csv", FILES["services.csv"], _service)
    service_index = _unique(reader, "services.csv", [service.code for service in services])
    if reader.count:  # rows that point at lost rows would only repeat them
        raise FolderRefused(reader.problems, reader.count)
    windows = reader.table("windows.csv", FILES["windows.csv"], lambda row: _window(row, index), needed=False)
    closures = reader.table("closures.csv", FILES["closures.csv"], lambda row: _closure(row, index, hubs), needed=False)
    changes = reader.table("changes.csv", FILES["changes.csv"], lambda row: _change(row, index))
    rates = reader.table("rates.csv", FILES["rates.csv"], lambda row: _rate(row, service_index, index))
    calls = reader.table("calls.csv", FILES["calls.csv"], lambda row: _call(row, service_index, index), needed=False)
    weekly = reader.table(
        "timetables.csv", FILES["timetables.csv"], lambda row: _timetable(row, service_index), needed=False
    )
    single = _singles(reader, service_index, index, hubs)
    roads = reader.table("road.csv", FILES["road.csv"], _road)
    if len(roads) != 1 and not reader.count:
        reader.fail("road.csv", 0, "must have one row")
    by_pair: dict[tuple[int, int, int], list[Rate]] = defaultdict(list)
    for pair, rate in rates:
        by_pair[pair].append(rate)
    by_service: dict[int, list[Call]] = defaultdict(list)
    for call in sorted(calls):
        by_service[call.service].append(call)
    _check_calls(reader, by_service, by_pair, hubs)
    _check_timetables(reader, weekly, by_service)
    _check_singles(reader, single, by_pair)
    if reader.count:
        raise FolderRefused(reader.problems, reader.count)
    for listed in by_pair.values():
        listed.sort()
    opening: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for at, spans in windows:
        opening[at].extend(spans)
    shut: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for at, span in closures:
        shut[at].append(span)
    made = [
        Hub(hub.code, hub.zone, tuple(opening[n]), tuple(shut[n]), hub.free_days, hub.storage, hub.abilities)
        for n, hub in enumerate(hubs)
    ]
    general = {(n, *modes): change for at, modes, change in changes if at is None for n in range(len(hubs))}
    special = {(at, *modes): change for at, modes, change in changes if at is not None}
    return Folder(
        hubs,
        made,
        services,
        general | special,
        dict(by_pair),
        dict(by_service),
        weekly,
        single,
        roads[0],
        _digest(path),
    )


def _digest(path: Path) -> str:
    whole = hashlib.sha256()
    for name in FILES:
        if (path / name).is_file():
            whole.update(f"{name}\n{hashlib.sha256((path / name).read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def _unique(reader: Reader, file: str, codes: list[str]) -> dict[str, int]:
    index: dict[str, int] = {}
    for at, code in enumerate(codes):
        if index.setdefault(code, at) != at:
            reader.fail(file, 0, f"the code {code!r} stands twice")
    return index


def _abilities(row: Row) -> int:
    mask = REEFER if row.flag("reefer") else 0
    classes = "123456789" if row.get("dangerous") == "all" else row.get("dangerous").replace(" ", "")
    if not (classes.isascii() and (not classes or classes.isdecimal())) or "0" in classes:
        raise Wrong(f"dangerous must be 'all' or classes 1 to 9 as '3 8 9', not {classes!r}")
    for division in classes:
        mask |= dangerous_bit(int(division))
    return mask


def _operator(row: Row) -> str:
    code = row.get("operator")
    if code and (reason := reason_invalid(code)):
        raise Wrong(f"operator: {code!r} is no credit code: {reason}")
    return code


def _hub(row: Row) -> HubRecord:
    zone = row.text("time_zone")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Wrong(f"time_zone: {zone!r} is no IANA time zone") from None
    row.day("valid_from")
    return HubRecord(
        row.text("code"), row.text("name_zh"), row.text("name_en"), row.choice("kind", KINDS), row.get("jurisdiction"),
        _operator(row), row.get("locode"), row.get("division"), zone, row.number("lat", -90, 90), row.number("lon", -180, 180),
        row.choice("coordinates", ("approximate", "surveyed")), row.choice("port_of_entry", ("yes", "no", "unknown")),
        row.words("customs", CUSTOMS), row.flag("road_access"), row.whole("free_days"), row.whole("storage_fen"), _abilities(row),
        row.choice("status", STATUSES), row.choice("terms_status", STATUSES), row.text("source"),
    )  # fmt: skip


def _service(row: Row) -> ServiceRecord:
    row.day("valid_from")
    timed = row.minute("cutoff_time") if row.get("cutoff_time") else None
    rules = Service(
        row.text("code"), MODES.index(row.choice("mode", MODES)), row.whole("cutoff_minutes"), timed, _abilities(row),
        row.whole("reefer_fen"), row.whole("dangerous_fen"),
    )  # fmt: skip
    names = row.text("name_zh"), row.text("name_en")
    runs = row.choice("corridor", ("", *CORRIDORS)), _operator(row)
    return ServiceRecord(rules.code, *names, *runs, row.choice("status", STATUSES), row.text("source"), rules)


def _window(row: Row, index: dict[str, int]) -> tuple[int, list[tuple[int, int, int]]]:
    opens, closes = row.minute("opens"), row.minute("closes")
    if closes <= opens:
        raise Wrong("closes must be after opens; split a window at midnight")
    return row.known("hub", index, "hub"), [(weekday, opens, closes) for weekday in row.weekdays("weekdays")]


class _Moments:
    """Moments of a file as minutes; without an offset they are read by the hub's clock. Texts that repeat are read once."""

    def __init__(self, zones: list[str]) -> None:
        self.zones = [ZoneInfo(zone) for zone in zones]
        self.read: dict[tuple[int, str], int] = {}

    def minutes(self, row: Row, column: str, hub: int) -> int:
        key = hub, row.get(column)
        if (known := self.read.get(key)) is None:
            moment = row.moment(column)
            if len(self.read) > REMEMBERED:
                self.read.clear()
            known = self.read[key] = minutes_of(moment if moment.tzinfo else moment.replace(tzinfo=self.zones[hub]))
        return known


def _closure(row: Row, index: dict[str, int], hubs: list[HubRecord]) -> tuple[int, tuple[int, int]]:
    at = row.known("hub", index, "hub")
    moments = _Moments([hub.zone for hub in hubs])
    span = moments.minutes(row, "closed_from", at), moments.minutes(row, "closed_until", at)
    if span[1] <= span[0]:
        raise Wrong("closed_until must be after closed_from")
    row.text("reason")
    return at, span


def _change(row: Row, index: dict[str, int]) -> tuple[int | None, tuple[int, int], Change]:
    at = None if row.get("hub") == EVERY_HUB else row.known("hub", index, "hub")
    modes = MODES.index(row.choice("from_mode", MODES)), MODES.index(row.choice("to_mode", MODES))
    return at, modes, Change(row.whole("minutes"), row.whole("price_fen"), row.whole("gco2e"))


def _rate(row: Row, services: dict[str, int], index: dict[str, int]) -> tuple[tuple[int, int, int], Rate]:
    pair = row.known("from", index, "hub"), row.known("to", index, "hub")
    rate = Rate(row.day("valid_from"), row.whole("price_fen"), row.whole("gco2e"))
    return (row.known("service", services, "service"), *pair), rate


def _call(row: Row, services: dict[str, int], index: dict[str, int]) -> Call:
    service, hub = row.known("service", services, "service"), row.known("hub", index, "hub")
    call = Call(service, row.whole("sequence"), hub, row.whole("arrives_after"), row.whole("departs_after"), row.line)
    if call.departs < call.arrives:
        raise Wrong("departs_after must not be before arrives_after")
    return call


def _timetable(row: Row, services: dict[str, int]) -> Timetable:
    minute, days = row.minute("departs"), (row.day("valid_from"), row.day("valid_until"))
    if minute == DAY or days[1] < days[0]:
        raise Wrong("departs must be before 24:00, and valid_until not before valid_from")
    service = row.known("service", services, "service")
    return Timetable(service, row.weekdays("weekdays"), minute, *days, row.whole("capacity_teu"), row.line)


def _single(
    row: Row, services: dict[str, int], index: dict[str, int], moments: _Moments, trips: dict[str, int]
) -> tuple[int, ...]:
    service, trip = row.known("service", services, "service"), row.text("trip")
    if len(trip) > LONGEST_TRIP or TIMETABLED.fullmatch(trip):
        raise Wrong(f"trip: a name of at most {LONGEST_TRIP} characters, unlike a timetable's 20250303T0600Z")
    origin, target = row.known("from", index, "hub"), row.known("to", index, "hub")
    departs, arrives = moments.minutes(row, "departs", origin), moments.minutes(row, "arrives", target)
    if origin == target or arrives <= departs:
        raise Wrong("a connection leads to another hub and arrives after it departs")
    number = trips.setdefault(f"{service} {trip}", len(trips))
    return service, number, origin, target, departs, arrives, row.whole("capacity_teu"), row.line


def _singles(reader: Reader, services: dict[str, int], index: dict[str, int], hubs: list[HubRecord]) -> Singles:
    """connections.csv as columns: a million rows are read in the memory of a million numbers a column."""
    moments, trips = _Moments([hub.zone for hub in hubs]), dict[str, int]()
    columns = [array("q") for _ in Singles._fields[:8]]
    rows = reader.each(
        "connections.csv", FILES["connections.csv"], lambda row: _single(row, services, index, moments, trips),
        needed=False, most=MOST_SINGLES,
    )  # fmt: skip
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    given = [np.array(column, dtype=np.int64) for column in columns]
    order = np.lexsort((given[7], given[5], given[4], given[1]))
    given = [column[order] for column in given]
    first = np.searchsorted(given[1], given[1], side="left")
    names = [name.partition(" ")[2] for name in trips]
    return Singles._make([*given, np.arange(order.size) - first + 1, names])


def _road(row: Row) -> Road:
    row.text("source"), row.day("valid_from")
    detour, speed = row.whole("detour_percent", 100), row.whole("km_per_hour", 1)
    ends = row.whole("price_fen_km"), row.whole("gco2e_km"), _operator(row), row.choice("status", STATUSES)
    return Road(row.whole("reach_km"), detour, speed, *ends)


def _check_calls(
    reader: Reader, calls: dict[int, list[Call]], rates: dict[tuple[int, int, int], list[Rate]], hubs: list[HubRecord]
) -> None:
    for listed in calls.values():
        for call, following in itertools.pairwise(listed):
            if call.sequence == following.sequence or call.hub == following.hub or following.arrives <= call.departs:
                reader.fail("calls.csv", following.line, "a call comes after the one before it, at another hub")
            elif (call.service, call.hub, following.hub) not in rates:
                pair = f"{hubs[call.hub].code} to {hubs[following.hub].code}"
                reader.fail("calls.csv", following.line, f"rates.csv has no rate of this service from {pair}")


def _check_timetables(reader: Reader, timetables: list[Timetable], calls: dict[int, list[Call]]) -> None:
    for timetable in timetables:
        if not calls.get(timetable.service, ())[1:]:
            reader.fail("timetables.csv", timetable.line, "calls.csv has no two calls of this service")
    known: dict[tuple[int, int], list[Timetable]] = defaultdict(list)
    for one in timetables:
        for other in known[one.service, one.departs]:
            together = one.valid_from <= other.valid_until and other.valid_from <= one.valid_until
            if together and set(one.weekdays) & set(other.weekdays):
                reader.fail("timetables.csv", one.line, f"repeats a departure of line {other.line}")
                break
        known[one.service, one.departs].append(one)


def _check_singles(reader: Reader, singles: Singles, rates: dict[tuple[int, int, int], list[Rate]]) -> None:
    keys = (
        np.stack([singles.service, singles.origin, singles.target]) if singles.service.size else np.zeros((3, 0), int)
    )
    unique, which = np.unique(keys, axis=1, return_inverse=True)
    unpriced = [at for at, key in enumerate(unique.T.tolist()) if tuple(key) not in rates]
    for line in np.sort(singles.line[np.isin(which.ravel(), unpriced)]).tolist():
        reader.fail("connections.csv", line, "rates.csv has no rate of this service between these hubs")
