"""The operator's desk: what leaves soon and how full it is, and the legs to carry or to handle."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from bashu.kernel.commands.actor import JOINT, Role, Where
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, must, sent
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.table import Column, Kind, Table
from bashu.logistics import wording
from bashu.logistics.models import Leg, LegState
from bashu.logistics.pages.booking import address_of, end_of, hub_names, network_names
from bashu.logistics.pages.booking_forms import ReasonForm
from bashu.logistics.selectors import bookings, clearance
from bashu.logistics.services import booking

DAYS = 14
DEPARTURES, LEGS = 12, 200
HOURS = 6
OPEN = (LegState.HELD, LegState.CONFIRMED, LegState.LOADED, LegState.DEPARTED)  # what has left has still to arrive


def operator_desk(request: HttpRequest) -> HttpResponseBase:
    """Coming departures with their load, and the legs that the viewer's organisations carry or handle."""
    actor, now = actor_of(request), clock.now()
    if actor.id is None:
        raise SignInNeeded
    if actor.grant_for({Role.OPERATOR, Role.COORDINATOR}, Where()) is None:
        raise Forbidden(needed=Role.OPERATOR)
    names, services = network_names()
    coming = bookings.departure_list(actor, since=now - timedelta(hours=HOURS), until=now + timedelta(days=DAYS))
    legs = list(bookings.leg_list(actor, states=OPEN).prefetch_related("consignment__boxes")[:LEGS])
    stopped = clearance.blocked(legs) if legs else set()
    mine = set(actor.organisations())
    rows = [leg_row(leg, names, services, leg.pk in stopped, leg.operator_id in mine) for leg in legs]
    table = Table(COLUMNS, rows, request, name="legs")
    if file := table.export():
        return file
    departures = [
        (
            one,
            names.get(one.origin, one.origin),
            names.get(one.target, one.target),
            services.get(one.service, one.service),
        )
        for one in coming.filter(withdrawn=False)[:DEPARTURES]
    ]
    context = {
        "departures": departures,
        "table": table,
        "rows": rows,
        "days": DAYS,
        "joint": JOINT in actor.jurisdictions(),
    }
    return render(request, "logistics/operator_desk.html", context)


COLUMNS = [
    Column("departs_at", gettext_lazy("Departs"), Kind.DATE),
    Column("number", gettext_lazy("Consignment"), search=True, link="address"),
    Column("way", gettext_lazy("Leg"), search=True),
    Column("part", gettext_lazy("Your part")),
    Column("teu", "TEU", Kind.NUMBER),
    Column("boxes", gettext_lazy("Boxes"), search=True, link="boxes_address"),
    Column("state", gettext_lazy("State")),
    Column("customs", gettext_lazy("Customs")),
    Column("report", gettext_lazy("What happened"), sort=False, link="report_address"),
    Column("reject", gettext_lazy("Act"), sort=False, link="reject_address"),
]


def leg_row(leg: Leg, names: dict[str, str], services: dict[str, str], stopped: bool, mine: bool) -> dict[str, Any]:
    """One leg as the desk shows it."""
    names = names | {getattr(leg.consignment, end): end_of(leg.consignment, end) for end in ("origin", "destination")}
    numbers = [
        box.number or f"{box.feet}′" for box in sorted(leg.consignment.boxes.all(), key=lambda box: box.sequence)
    ]
    may_reject = mine and leg.state in (LegState.HELD, LegState.CONFIRMED)
    mode = f"{wording.MODES[leg.mode]} {services.get(leg.service, leg.service)}".strip()
    return {
        "departs_at": leg.departs_at,
        "number": leg.consignment.number,
        "address": address_of(leg.consignment),
        "way": f"{names.get(leg.origin, leg.origin)} → {names.get(leg.target, leg.target)} · {mode}",
        "part": str(_("Carry") if mine else _("Handle")),
        "teu": leg.teu,
        "boxes": " ".join(numbers),
        "boxes_address": reverse("logistics:boxes", args=[leg.consignment.public_id]),
        "state": str(leg.get_state_display()),
        "customs": str(_("Not released: do not load")) if stopped else None,
        "reject": str(pgettext("leg", "Reject")) if may_reject else None,
        "report": None if leg.state == LegState.HELD else str(_("Report")),
        "report_address": reverse("logistics:event_report", args=[leg.public_id]),
        "reject_address": reverse("logistics:leg_reject", args=[leg.public_id]),
    }


EXPLAIN = gettext_lazy(
    "A consignment that is only held is cancelled whole. A confirmed one gives up this leg and all after it; its shipper must "
    "rebook or cancel."
)


def leg_reject(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Refuse to carry a leg."""
    leg = seen(request, Leg.objects.select_related("consignment"), public_id=public_id)
    must(request, "logistics.leg.reject", leg=leg)
    names = hub_names()
    way = f"{names.get(leg.origin, leg.origin)} → {names.get(leg.target, leg.target)}"
    act = Act(
        title=_("Reject the leg"),
        button=pgettext("leg", "Reject"),
        about=f"{leg.consignment.number} · {way}",
        back=reverse("logistics:operator_desk"),
        explain=EXPLAIN,
        confirm=_("Reject this leg? Its space and that of all later legs goes back. This cannot be undone."),
        danger=True,
        version=leg.version,
    )
    return acted(
        request,
        ReasonForm(*sent(request)),
        act,
        run=lambda ctx, data: booking.leg_reject(ctx=ctx, leg=leg, **data),
        done=_("Rejected."),
    )
