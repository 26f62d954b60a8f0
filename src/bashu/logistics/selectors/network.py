"""The network in force, its earlier versions, and what the records know of it at this moment."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from django.db.models import QuerySet

from bashu.logistics.engine.network import NEVER
from bashu.logistics.errors import NetworkRefused
from bashu.logistics.formats.archive import unpack
from bashu.logistics.formats.folder import Folder, FolderRefused, read_folder
from bashu.logistics.formats.tables import Problem
from bashu.logistics.models import NetworkVersion
from bashu.logistics.selectors.routes import Live

SHIPPED = Path(__file__).parent.parent / "facts" / "demonstration"
REMEMBERED = 3  # networks a process keeps
# One statement sees one state of the records, whatever is imported or booked meanwhile.
STATE = """
    SELECT (SELECT digest FROM logistics_networkversion WHERE current),
        (SELECT coalesce(json_agg(json_build_array(hub, extract(epoch FROM closed_from),
                extract(epoch FROM least(until, lifted_at))) ORDER BY id), '[]')
            FROM logistics_closure WHERE least(until, lifted_at, 'infinity') > greatest(closed_from, %(first)s)),
        (SELECT coalesce(json_agg(json_build_array(service, trip, sequence, held_teu)), '[]')
            FROM logistics_departure WHERE booked AND departs_at BETWEEN %(first)s AND %(last)s)
"""
_folders: OrderedDict[str, Folder] = OrderedDict()


def network_read(folder: Path | None = None, tell: Callable[[Problem], None] | None = None) -> Folder:
    """The network in a folder of the documented CSVs, or the shipped one, which is assumed throughout.

    tell: hears each problem as it is found. Raises NetworkRefused; its `problems` names the wrong lines, its `count` counts them.
    """
    try:
        return read_folder(folder or SHIPPED, tell)
    except FolderRefused as refused:
        raise network_refused(folder.name if folder else "", refused) from refused


def network_refused(name: str, refused: FolderRefused) -> NetworkRefused:
    """The refusal that lists what is wrong with a network."""
    first = refused.problems[0]
    where = f"{first.file}:{first.line}: {first.text}" if first.line else f"{first.file}: {first.text}"
    return NetworkRefused(folder=name, count=refused.count, first=where, problems=refused.problems)


@cache
def network_shipped() -> Folder:
    """The demonstration's network, which stands in where none has been imported."""
    return network_read()


def network_current() -> Folder:
    """The network in force: the current version, or the shipped one where none was imported."""
    digest = NetworkVersion.objects.filter(current=True).values_list("digest", flat=True).first()
    return network_of(digest)


def network_of(digest: str | None) -> Folder:
    """The network of a version by its digest; the shipped one for None."""
    if digest is None:
        return network_shipped()
    if (known := _folders.get(digest)) is None:
        content = NetworkVersion.objects.values_list("content", flat=True).get(digest=digest)
        with TemporaryDirectory() as folder:
            unpack(bytes(content), Path(folder))
            known = _folders[digest] = read_folder(Path(folder))
        while len(_folders) > REMEMBERED:
            _folders.popitem(last=False)
    return known


def network_versions() -> QuerySet[NetworkVersion]:
    """Every version, the newest import first, without its content."""
    return NetworkVersion.objects.defer("content").order_by("-imported_at", "-pk")


def network_state(first: datetime, last: datetime) -> tuple[Folder, Live]:
    """The network in force, closed hubs from a moment on, and the space held on departures between two moments.

    All of one state of the records: an import meanwhile changes the next question, not this one.
    """
    with connection.cursor() as cursor:
        cursor.execute(STATE, {"first": first, "last": last})
        digest, closures, held = cursor.fetchone()
    shut = tuple(
        (hub, _minutes(start), NEVER if stop is None else max(_minutes(stop), _minutes(start)))
        for hub, start, stop in closures
    )
    return network_of(digest), Live(shut, [tuple(row) for row in held])


def _minutes(seconds: float) -> int:
    return -int(-seconds // 60)
