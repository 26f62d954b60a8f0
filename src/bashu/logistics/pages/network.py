"""The network: its map, its hubs with their departures, closures, and the versions that were imported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.actor import Role, Where
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import NotFound
from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, may, must, sent
from bashu.kernel.web.pages import submit
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.table import Column, Kind, Table
from bashu.kernel.web.templatetags.bashu import Line, Stop
from bashu.logistics import wording
from bashu.logistics.errors import NetworkRefused
from bashu.logistics.formats.folder import Folder, HubRecord
from bashu.logistics.models import Closure, Departure, NetworkVersion
from bashu.logistics.selectors import board
from bashu.logistics.selectors.answers import status_of
from bashu.logistics.selectors.network import network_current, network_versions
from bashu.logistics.services import network as services
from bashu.logistics.terms import ZIP_BYTES

SHOWN = 100  # wrong lines that a page lists; the rest are counted
WEEKDAYS = gettext_lazy("Mon Tue Wed Thu Fri Sat Sun")
FEN = 100
BOARD = 200  # departures that a hub's board holds


class ImportForm(forms.Form):
    """One ZIP of the documented files."""

    file = forms.FileField(
        label=gettext_lazy("Network, a ZIP of CSV files"), widget=forms.ClearableFileInput(attrs={"accept": ".zip"})
    )

    def clean_file(self) -> bytes:
        """Its bytes, refused before they are read when there are too many."""
        file = self.cleaned_data["file"]
        if file.size > ZIP_BYTES:
            raise forms.ValidationError(_("The file is larger than 32 MB; import it on the command line."))
        return bytes(file.read())


class CloseForm(forms.Form):
    """From when to when a hub is closed, and why; times by the hub's clock."""

    closed_from = forms.DateTimeField(
        label=gettext_lazy("Closed from"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )  # fmt: skip
    until = forms.DateTimeField(
        label=gettext_lazy("Until"), required=False, help_text=gettext_lazy("Empty while nobody knows."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)

    def __init__(self, *arguments: Any, zone: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.zone = ZoneInfo(zone)

    def clean(self) -> dict[str, Any]:
        """Times read by the hub's clock."""
        data = super().clean() or {}
        for name in ("closed_from", "until"):
            if data.get(name):
                data[name] = data[name].replace(tzinfo=self.zone)
        return data


def overview(request: HttpRequest) -> HttpResponseBase:
    """Hubs, corridors and how full the coming days are; public."""
    now, folder = clock.now(), network_current()
    declared = board.closures_standing(now)
    closed = {closure.hub: closure for closure in declared if closure.stands_at(now)}
    loads = board.loads(folder, now)
    table = Table(LOADS, [load_row(one) for one in loads], request, name="services")
    if file := table.export():
        return file
    context = {
        "folder": folder, "status": status_of(folder), "stops": [stop_of(hub, closed) for hub in folder.hubs],
        "lines": [line_of(one, closed) for one in loads if one.origin.code < one.target.code or one.capacity],
        "legend": {tone: wording.CORRIDORS[name] for name, tone in wording.TONES.items()}, "table": table,
        "boundaries": reverse("programme:boundaries"), "closures": [(one, hub_named(folder, one.hub)) for one in declared],
        "kinds": hubs_by_kind(folder), "days": board.LOAD_DAYS,
        "may_import": may(request, "logistics.network.import"), "current": network_versions().filter(current=True).first(),
    }  # fmt: skip
    return render(request, "logistics/network.html", context)


LOADS = [
    Column("service", gettext_lazy("Service"), search=True),
    Column("corridor", gettext_lazy("Corridor"), search=True),
    Column("origin", gettext_lazy("Origin"), search=True, link="origin_url"),
    Column("target", gettext_lazy("Destination"), search=True, link="target_url"),
    Column("departures", gettext_lazy("Departures"), kind=Kind.NUMBER),
    Column("held", gettext_lazy("TEU held"), kind=Kind.NUMBER),
    Column("capacity", gettext_lazy("TEU offered"), kind=Kind.NUMBER),
    Column("percent", gettext_lazy("Load, %"), kind=Kind.NUMBER),
]


def load_row(one: board.Load) -> dict[str, Any]:
    """A stretch of a service as a row of the table."""
    return {
        "service": wording.name_of(one.service), "corridor": str(wording.CORRIDORS[one.service.corridor]),
        "origin": wording.name_of(one.origin), "origin_url": hub_url(one.origin.code), "target": wording.name_of(one.target),
        "target_url": hub_url(one.target.code), "departures": one.departures, "held": one.held, "capacity": one.capacity,
        "percent": round(100 * one.share, 1) if one.capacity else None,
    }  # fmt: skip


def stop_of(hub: HubRecord, closed: dict[str, Closure]) -> Stop:
    """A hub on the map."""
    kind = str(wording.KINDS[hub.kind])
    note = f"{kind} · {_('closed')}: {closed[hub.code].reason}" if hub.code in closed else kind
    return Stop(wording.name_of(hub), hub.lon, hub.lat, note, hub_url(hub.code), hub.code in closed)


def line_of(one: board.Load, closed: dict[str, Closure]) -> Line:
    """A stretch of a service on the map: as wide as it is full."""
    note = f"{wording.name_of(one.origin)} → {wording.name_of(one.target)} · {one.held} / {one.capacity} TEU"
    shut = bool({one.origin.code, one.target.code} & set(closed))
    tone = wording.TONES[one.service.corridor]
    ends = (one.origin.lon, one.origin.lat), (one.target.lon, one.target.lat)
    return Line(wording.name_of(one.service), *ends, note, hub_url(one.origin.code), tone, one.share, shut)


def hubs_by_kind(folder: Folder) -> list[tuple[Any, list[tuple[HubRecord, str, Any]]]]:
    """Hubs under their kinds, with their names and port-of-entry status."""
    return [
        (
            word,
            [
                (hub, wording.name_of(hub), wording.PORT_OF_ENTRY[hub.port_of_entry])
                for hub in folder.hubs if hub.kind == kind
            ],
        )
        for kind, word in wording.KINDS.items()
    ]  # fmt: skip


DEPARTURES = [
    Column("leaves", gettext_lazy("Departs"), sort=False),
    Column("service_name", gettext_lazy("Service"), sort=False),
    Column("to", gettext_lazy("Destination"), link="to_url", sort=False),
    Column("comes", gettext_lazy("Arrives"), sort=False),
    Column("free", gettext_lazy("TEU free"), kind=Kind.NUMBER, sort=False),
    Column("capacity", gettext_lazy("TEU offered"), kind=Kind.NUMBER, sort=False),
]


def hub(request: HttpRequest, code: str) -> HttpResponseBase:
    """One hub: what leaves it, when it is open, what it can do; public."""
    now, folder = clock.now(), network_current()
    one = hub_of(folder, code)
    services_named = {service.code: wording.name_of(service) for service in folder.services}
    zones = {hub.code: hub for hub in folder.hubs}
    shut = board.closures_standing(now)
    rows = [departure_row(row, services_named, zones, shut) for row in board.departures_of(code, now)[:BOARD]]
    table = Table(DEPARTURES, rows, request, name="departures")
    if file := table.export():
        return file
    rules = folder.engine_hubs[folder.hubs.index(one)]
    context = {
        "hub": one, "source": wording.SOURCES.get(one.source, one.source),
        "name": wording.name_of(one), "kind": wording.KINDS[one.kind], "table": table,
        "entry": wording.PORT_OF_ENTRY[one.port_of_entry], "customs": [wording.CUSTOMS[word] for word in one.customs],
        "windows": windows_of(rules.windows),
        "closures": [closure for closure in shut if closure.hub == code], "storage": f"{one.storage / FEN:,.2f}",
        "dangerous": [n for n in range(1, 10) if one.abilities >> n & 1], "cooled": bool(one.abilities & 1),
        "may_close": may_close(request, one), "planned": closed_of(rules.closures, one),
    }  # fmt: skip
    return render(request, "logistics/hub.html", context)


def departure_row(
    row: Departure, services_named: dict[str, str], hubs: dict[str, HubRecord], shut: Sequence[Closure]
) -> dict[str, Any]:
    """A departure as the board shows it, by the clocks of both ends; one that finds a hub closed has no space to offer."""
    target = hubs.get(row.target)
    calls = {row.origin: row.departs_at, row.target: row.arrives_at}
    closed = any(one.hub in calls and one.stands_at(calls[one.hub]) for one in shut)
    service = services_named.get(row.service, row.service)
    return {
        "leaves": shown_at(row.expected_departs_at or row.departs_at, hubs.get(row.origin)),
        "comes": shown_at(row.expected_arrives_at or row.arrives_at, target),
        "service_name": f"{service} · {_('closed')}" if closed else service,
        "to": wording.name_of(target) if target else row.target, "to_url": hub_url(row.target) if target else "",
        "free": None if closed else row.capacity_teu - row.held_teu, "capacity": row.capacity_teu,
    }  # fmt: skip


def shown_at(moment: datetime, hub: HubRecord | None) -> str:
    """A moment as the hub's clock shows it."""
    return moment.astimezone(ZoneInfo(hub.zone) if hub else None).strftime("%Y-%m-%d %H:%M")


def windows_of(windows: tuple[tuple[int, int, int], ...]) -> list[tuple[str, str]]:
    """Opening hours: days in a row with equal hours are told together."""
    names = str(WEEKDAYS).split()
    by_day = {
        day: ", ".join(f"{minute(a)}–{minute(b)}" for at, a, b in sorted(windows) if at == day) for day in range(1, 8)
    }
    found: list[tuple[int, int, str]] = []
    for day, hours in by_day.items() if windows else ():
        if found and found[-1][2] == hours:
            found[-1] = (found[-1][0], day, hours)
        else:
            found.append((day, day, hours))
    return [
        (names[a - 1] if a == b else f"{names[a - 1]}–{names[b - 1]}", hours or _("closed")) for a, b, hours in found
    ]


def minute(value: int) -> str:
    """A minute of the day as a clock."""
    return f"{value // 60:02d}:{value % 60:02d}"


def closed_of(spans: tuple[tuple[int, int], ...], hub: HubRecord) -> list[tuple[datetime, datetime]]:
    """Closures planned in the network, by the hub's clock."""
    zone = ZoneInfo(hub.zone)
    return [(datetime.fromtimestamp(60 * a, zone), datetime.fromtimestamp(60 * b, zone)) for a, b in spans]


def close(request: HttpRequest, code: str) -> HttpResponse:
    """Declare a hub closed."""
    one = hub_of(network_current(), code)
    must(request, "logistics.closure.declare")
    start = clock.now().astimezone(ZoneInfo(one.zone)).replace(tzinfo=None)
    form = CloseForm(request.POST if request.method == "POST" else None, zone=one.zone, initial={"closed_from": start})
    act = Act(
        _("Declare a closure"), _("Close the hub"), wording.name_of(one), hub_url(code), danger=True,
        explain=_(
            "From then on the planner leads around the hub. Who has booked through it is told when a connection can no longer be reached."
        ),
    )  # fmt: skip
    return acted(
        request, form, act, run=lambda ctx, data: services.closure_declare(ctx=ctx, hub=code, **data),
        done=_("The hub is closed. The planner leads around it."),
    )  # fmt: skip


def lift(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Open a closed hub again."""
    closure = seen(request, Closure, public_id=public_id)
    must(request, "logistics.closure.lift")
    act = Act(
        _("Lift the closure"), _("Open the hub again"), hub_named(network_current(), closure.hub), hub_url(closure.hub),
        explain=closure.reason, version=closure.version,
    )  # fmt: skip
    return acted(
        request, forms.Form(*sent(request)), act, run=lambda ctx, _data: services.closure_lift(ctx=ctx, closure=closure),
        done=_("The hub is open again."),
    )  # fmt: skip


def versions(request: HttpRequest) -> HttpResponse:
    """Every version of the network with its difference to the one before, and the form that imports the next."""
    must(request, "logistics.network.import")
    faults: list[Any] = []  # filled while the act runs, shown when it is refused
    form = ImportForm(*sent(request))
    current = network_versions().filter(current=True).first()
    context = {
        "versions": list(network_versions().select_related("organisation")), "faults": faults, "current": current,
        "may_restore": may(request, "logistics.network.restore"), "count": SHOWN,
    }  # fmt: skip

    def act(ctx: Command, data: dict[str, Any]) -> NetworkVersion:
        try:
            return services.network_import(ctx=ctx, folder_bytes=data["file"])
        except NetworkRefused as refused:
            faults.extend(refused.context["problems"][:SHOWN])
            raise

    done = _("The network is in force.")
    to = reverse("logistics:imports")
    return submit(request, form, "logistics/versions.html", context, act=act, to=lambda _: to, done=done)


def restore(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Go back to an earlier version."""
    version = seen(request, network_versions(), public_id=public_id)
    must(request, "logistics.network.restore")
    imported = timezone.localtime(version.imported_at).strftime("%Y-%m-%d %H:%M")
    act = Act(
        _("Go back to this version"), _("Bring it back into force"), f"{version.digest[:12]} · {imported}", reverse("logistics:imports"),
        over=_("Versions of the network"), version=version.version, danger=True,
        explain=_(
            "Its departures from now on are offered again; departures that only the present network promises are withdrawn. "
            "What is booked on them stays booked and must be rebooked."
        ),
    )  # fmt: skip
    return acted(
        request, forms.Form(*sent(request)), act, run=lambda ctx, _data: services.network_restore(ctx=ctx, version=version),
        done=_("The version is in force again."),
    )  # fmt: skip


def export(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A version as the ZIP of its CSV files; public, as the network is."""
    version = seen(request, NetworkVersion, public_id=public_id)
    response = HttpResponse(bytes(version.content), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="network-{version.digest[:12]}.zip"'
    return response


def hub_of(folder: Folder, code: str) -> HubRecord:
    """A hub by its code; NotFound (404)."""
    found = next((hub for hub in folder.hubs if hub.code == code), None)
    if found is None:
        raise NotFound
    return found


def hub_named(folder: Folder, code: str) -> str:
    """A hub's name, or its code where the network has it no longer."""
    return next((wording.name_of(hub) for hub in folder.hubs if hub.code == code), code)


def hub_url(code: str) -> str:
    """The address of a hub's page."""
    return reverse("logistics:hub", args=[code])


def may_close(request: HttpRequest, hub: HubRecord) -> bool:
    """Whether the page offers to close a hub: its side's authority, the joint office, an operator; the service looks closer."""
    actor = actor_of(request)
    sides = [Where(jurisdiction=side) for side in hub.jurisdiction.split("+")]
    return bool(
        actor.grant_for({Role.COORDINATOR}, Where())
        or any(actor.grant_for({Role.AUTHORITY, Role.OPERATOR}, side) for side in sides)
    )
