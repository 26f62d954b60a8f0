"""The network: imported whole, version after version, and hubs closed at short notice."""

from collections import Counter, defaultdict
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bashu.kernel.commands.actor import Role, Where
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Forbidden
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import person_behind
from bashu.logistics.errors import ClosureOver, ClosureWrong, HubUnknown, NetworkInForce, NetworkKnown
from bashu.logistics.formats.archive import ArchiveRefused, pack, unpack
from bashu.logistics.formats.difference import Changed, difference
from bashu.logistics.formats.folder import Folder, FolderRefused, read_folder
from bashu.logistics.formats.tables import Problem, Reader
from bashu.logistics.models import Closure, NetworkVersion
from bashu.logistics.selectors.answers import status_of
from bashu.logistics.selectors.network import SHIPPED, network_current, network_refused
from bashu.logistics.services.following import hub_follow
from bashu.logistics.services.promises import Promised, departures_promise

OWN_HUB = {"windows.csv", "closures.csv", "changes.csv"}  # files whose rows belong to the operator of their hub
OWN_SERVICE = {"calls.csv", "timetables.csv", "connections.csv", "rates.csv"}
COORDINATOR = frozenset({Role.COORDINATOR})


@command("logistics.network.import", roles={Role.COORDINATOR, Role.OPERATOR})
def network_import(*, ctx: Command, folder_bytes: bytes) -> NetworkVersion:
    """Bring a network, a ZIP of the documented CSVs, into force: all of it, or nothing and a list of what is wrong.

    Its departures from now on are written; those it no longer promises are withdrawn. An operator may change rows of its own
    hubs and services alone. Refuses (NetworkRefused, 422) wrong rows, rows of others, and departures with less space than is
    held on them; (NetworkKnown, 409) a network imported before.
    """
    with TemporaryDirectory() as new, TemporaryDirectory() as old:
        folder = folder_read(folder_bytes, Path(new))
        if same := NetworkVersion.objects.filter(digest=folder.version).first():
            raise NetworkKnown(version=same.digest[:12])
        current = current_lock(ctx)
        if current is None and ctx.actor.grant_for(COORDINATOR, Where()) is None:
            raise Forbidden(needed="coordinator")
        before = read_folder(before_unpack(current, Path(old)))
        changes = Reader(Path(new))
        counted = compared(ctx, changes, (Path(old) if current else SHIPPED, before), (Path(new), folder))
        content = pack(Path(new))
        if changes.count:
            raise network_refused("", FolderRefused(changes.problems, changes.count))
    if current:
        current.revise(current=False)
    version = NetworkVersion(
        digest=folder.version, content=content, status=status_of(folder), hubs=len(folder.hubs),
        services=len(folder.services), departures=0, before=current, difference=counted, current=True,
        organisation_id=ctx.grant.organisation, imported_by=person_behind(ctx.actor), imported_at=ctx.now,
    )  # fmt: skip
    version.save()
    promised = in_force(ctx, version, folder)
    version.departures = promised.written
    version.save(update_fields=["departures"])
    ctx.append(
        subject=version, before={"digest": current.digest} if current else None,
        after={**told(version, promised), "difference": counted}, public=True,
    )  # fmt: skip
    return version


@command("logistics.network.restore", roles=COORDINATOR)
def network_restore(*, ctx: Command, version: NetworkVersion) -> NetworkVersion:
    """Bring an earlier version back into force, with the departures it promises from now on.

    Refuses (NetworkInForce, 409) the current one; (NetworkRefused, 422) a version with less space than is held by now.
    """
    version = ctx.lock(version)
    if version.current:
        raise NetworkInForce
    current = current_lock(ctx)
    with TemporaryDirectory() as old:
        folder = folder_read(bytes(version.content), Path(old))
    if current:
        current.revise(current=False)
    version.revise(current=True)
    promised = in_force(ctx, version, folder)
    ctx.append(
        subject=version, before={"digest": current.digest} if current else None, after=told(version, promised), public=True
    )  # fmt: skip
    return version


@command("logistics.closure.declare", roles={Role.COORDINATOR, Role.AUTHORITY, Role.OPERATOR})
def closure_declare(
    *, ctx: Command, hub: str, closed_from: datetime, until: datetime | None, reason: str
) -> Closure:  # fmt: skip
    """Close a hub for a time, `until` None while nobody knows. By the hub's operator, its side's authority or the joint office.

    Refuses (HubUnknown, 404), (ClosureWrong, 409).
    """
    hub_permit(ctx, hub)
    if until is not None and (until <= closed_from or until <= ctx.now):
        raise ClosureWrong
    closure = Closure.objects.create(
        hub=hub, closed_from=closed_from, until=until, reason=reason, organisation_id=ctx.grant.organisation
    )
    after = {"hub": hub, "from": closed_from, "until": until, "reason": reason}
    ctx.append(subject=closure, before=None, after=after, public=True)
    hub_follow(hub, ctx.now)
    return closure


@command("logistics.closure.lift", roles={Role.COORDINATOR, Role.AUTHORITY, Role.OPERATOR})
def closure_lift(*, ctx: Command, closure: Closure) -> Closure:
    """Open a hub again from now on. By those who may close it. Refuses (ClosureOver, 409)."""
    hub_permit(ctx, closure.hub)
    closure = ctx.lock(closure)
    if closure.lifted_at is not None or (closure.until is not None and closure.until <= ctx.now):
        raise ClosureOver
    closure.revise(lifted_at=ctx.now)
    ctx.append(subject=closure, before={"lifted": None}, after={"hub": closure.hub, "lifted": ctx.now}, public=True)
    hub_follow(closure.hub, ctx.now)
    return closure


def hub_permit(ctx: Command, code: str) -> None:
    """Refuse who neither runs the hub nor answers for it: HubUnknown (404), Forbidden (403)."""
    hub = next((one for one in network_current().hubs if one.code == code), None)
    if hub is None:
        raise HubUnknown(hub=code)
    operator = Organisation.objects.filter(credit_code=hub.operator).first() if hub.operator else None
    if ctx.actor.grant_for(COORDINATOR, Where()):
        return
    if any(ctx.actor.grant_for({Role.AUTHORITY}, Where(jurisdiction=side)) for side in hub.jurisdiction.split("+")):
        return
    if operator is None or ctx.actor.grant_for({Role.OPERATOR}, Where(organisation=operator.public_id)) is None:
        raise Forbidden(needed=f"{Role.OPERATOR} {code}")


def folder_read(content: bytes, into: Path) -> Folder:
    """The network in a ZIP, unpacked into a folder; NetworkRefused (422) with what is wrong."""
    try:
        unpack(content, into)
        return read_folder(into)
    except ArchiveRefused as refused:
        problem = Problem("ZIP", 0, str(refused))
        raise network_refused("", FolderRefused([problem], 1)) from refused
    except FolderRefused as refused:
        raise network_refused("", refused) from refused


def current_lock(ctx: Command) -> NetworkVersion | None:
    """The version in force, locked, so that imports follow one another."""
    current = NetworkVersion.objects.filter(current=True).first()
    return ctx.lock(current) if current else None


def before_unpack(current: NetworkVersion | None, into: Path) -> Path:
    """The folder that was in force: the current version's, or the shipped one."""
    if current is None:
        return SHIPPED
    unpack(bytes(current.content), into)
    return into


def compared(
    ctx: Command, problems: Reader, old: tuple[Path, Folder], new: tuple[Path, Folder]
) -> dict[str, dict[str, int]]:
    """Rows that came and went, by file; rows an operator may not touch become problems."""
    counted: Counter[tuple[str, bool]] = Counter()
    whole = ctx.actor.grant_for(COORDINATOR, Where()) is not None
    own = set() if whole else own_codes(ctx)
    owners = {added: owners_of(folder) for added, (_, folder) in ((False, old), (True, new))}
    for change in difference(old[0], new[0]):
        counted[change.file, change.added] += 1
        if not whole and owner_of(change, owners[change.added]) not in own:
            text = "is a row of another's hub or service" if change.added else f"lacks another's row: {shown(change)}"
            problems.fail(change.file, change.line if change.added else 0, text)
    files: dict[str, dict[str, int]] = defaultdict(dict)
    for (file, added), count in counted.items():
        files[file]["added" if added else "removed"] = count
    return dict(files)


def own_codes(ctx: Command) -> set[str]:
    """The credit codes of the organisations for which the actor operates."""
    bodies = [grant.organisation for grant in ctx.actor.grants if grant.role == Role.OPERATOR]
    return {one.credit_code for one in Organisation.objects.filter(public_id__in=bodies) if one.credit_code}


def owners_of(folder: Folder) -> tuple[dict[str, str], dict[str, str]]:
    """Credit codes by hub and by service."""
    return {hub.code: hub.operator for hub in folder.hubs}, {one.code: one.operator for one in folder.services}


def owner_of(change: Changed, owners: tuple[dict[str, str], dict[str, str]]) -> str:
    """The credit code of whose row it is; empty where it is nobody's, or everybody's."""
    if change.file in OWN_HUB:
        return owners[0].get(change.row["hub"], "")
    if change.file in OWN_SERVICE:
        return owners[1].get(change.row["service"], "")
    return change.row["operator"]


def shown(change: Changed) -> str:
    """A row in a few words."""
    return ",".join(change.row.values())[:80]


def in_force(ctx: Command, version: NetworkVersion, folder: Folder) -> Promised:
    """Write what the version promises; NetworkRefused (422) where more is held than it promises."""
    promised = departures_promise(version, folder, ctx.now)
    if promised.problems:
        raise network_refused("", FolderRefused(list(promised.problems), promised.refused))
    return promised


def told(version: NetworkVersion, promised: Promised) -> dict[str, object]:
    """What the journal says of a version that came into force."""
    return {
        "digest": version.digest, "status": version.status, "hubs": version.hubs, "services": version.services,
        "departures": promised.written, "withdrawn": promised.withdrawn, "withdrawn_held": promised.stranded,
    }  # fmt: skip
