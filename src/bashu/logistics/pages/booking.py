"""Bookings: the form after the planner, the list, one consignment with everything of it, and what its shipper does with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bashu.kernel.commands.command import Command, label_of
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.journal.models import Entry
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, must, sent
from bashu.kernel.web.pages import SEE_OTHER, submit
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.table import Column, Kind, Table
from bashu.kernel.web.templatetags.bashu import Event, Line, Stop
from bashu.logistics import wording
from bashu.logistics.models import (
    Consignment,
    ConsignmentState,
    DeclarationState,
    EventKind,
    LegState,
    TransitState,
)
from bashu.logistics.pages.booking_forms import (
    BookForm,
    BoxesForm,
    CancelForm,
    DeclareForm,
    DocumentForm,
    FileForm,
    GoodsForm,
    NothingAsked,
)
from bashu.logistics.quotes import Quote, quote_open
from bashu.logistics.selectors import bookings, clearance
from bashu.logistics.selectors.network import network_current
from bashu.logistics.services import amending, booking
from bashu.logistics.services import clearance as clearing
from bashu.logistics.services.following import onward
from bashu.logistics.terms import HOLD_MINUTES

TONES = {"road": 5, "rail": 1, "rail1520": 6, "river": 3, "sea": 2, "air": 4}  # as on the planner's map
SHOWN_ENTRIES = 50
CHOSEN = "logistics.quote"  # in the session
COLUMNS = [
    Column("number", gettext_lazy("Number"), search=True, link="address"),
    Column("goods", gettext_lazy("Goods"), search=True),
    Column(
        "shipper",
        gettext_lazy("Shipper"),
        lookup="shipper__name_zh",
        search=True,
        value=lambda one: wording.name_of(one.shipper),
    ),
    Column(
        "origin",
        pgettext_lazy("place", "From"),
        lookup="origin_zh",
        search=True,
        value=lambda one: end_of(one, "origin"),
    ),
    Column(
        "destination",
        gettext_lazy("To"),
        lookup="destination_zh",
        search=True,
        value=lambda one: end_of(one, "destination"),
    ),
    Column("teu", "TEU", Kind.NUMBER),
    Column("departs_at", gettext_lazy("Departs"), Kind.DATE),
    Column("predicted_at", gettext_lazy("Arrival foreseen"), Kind.DATE),
    Column("state", gettext_lazy("State"), value=lambda one: str(one.get_state_display())),
]


class Chip(NamedTuple):
    """One state to which the list can be narrowed."""

    code: str
    name: str
    current: bool


class Change(NamedTuple):
    """One entry of the history, with what was and what is where the viewer may read it."""

    entry: Any
    rows: list[tuple[str, str, str]]


def end_of(consignment: Consignment, end: str) -> str:
    """The name of an end of the way in the reader's language."""
    return wording.name_of({f"name_{tongue}": getattr(consignment, f"{end}_{tongue}") for tongue in ("zh", "en")})


def hub_names() -> dict[str, str]:
    """Names of the hubs in force by code."""
    return network_names()[0]


def network_names() -> tuple[dict[str, str], dict[str, str]]:
    """Names of the hubs and of the services in force, each by code; what the network has no longer stands by its code."""
    folder = network_current()
    hubs, services = ({one.code: wording.name_of(one) for one in records} for records in (folder.hubs, folder.services))
    return hubs, services


def signed_in(request: HttpRequest) -> None:
    """Refuse (SignInNeeded, 401) nobody."""
    if actor_of(request).id is None:
        raise SignInNeeded


def book(request: HttpRequest) -> HttpResponse:
    """Take a quote from the planner, ask for the goods and the parties, and hold the space.

    Who chose a quote before he signed in finds it here afterwards.
    """
    token = request.POST.get("quote") or request.session.get(CHOSEN, "")
    if token and request.method == "POST" and actor_of(request).id is None:
        return sign_in_first(request, token)
    signed_in(request)
    shippers = bookings.shippers_of(actor_of(request))
    if not shippers:
        raise Forbidden(needed=" / ".join(sorted(bookings.SHIPPERS)))
    if request.method != "POST" and not token:
        return redirect("logistics:planner")
    request.session.pop(CHOSEN, None)  # a quote that is no longer good is told of once
    offered = quote_open(token, clock.now())
    context = {
        "quote": offered,
        "legs": quoted_legs(offered),
        "minutes": HOLD_MINUTES,
        "others": continued(request, offered),
    }
    if "description" not in request.POST:  # as the planner sends it
        request.session[CHOSEN] = token  # so that the form can be reloaded, in another language too
        form = BookForm(quote=offered, shippers=shippers, initial={"quote": token})
        return render(request, "logistics/book.html", {**context, "form": form})
    form = BookForm(request.POST, quote=offered, shippers=shippers)

    def run(ctx: Command, data: dict[str, Any]) -> Consignment:
        return booking.consignment_hold(
            ctx=ctx, shipper=UUID(data["shipper"]), quote=data["quote"], goods=form.goods(), parties=form.parties()
        )

    done = _("The space is held. Confirm before the hold runs out.")
    return submit(request, form, "logistics/book.html", context, act=run, to=address_of, done=done)


def sign_in_first(request: HttpRequest, token: str) -> HttpResponse:
    """Keep a visitor's quote in his session and lead him to the sign-in, which leads back. Raises QuoteWrong, QuoteExpired."""
    offered = quote_open(token, clock.now())
    request.session[CHOSEN] = token
    until = shown(offered.valid_until)
    messages.info(
        request, _("Sign in to book. The quote is kept for you; it is good until {until}.").format(until=until)
    )
    response = redirect_to_login(reverse("logistics:book"))
    response.status_code = SEE_OTHER
    return response


def continued(request: HttpRequest, offered: Quote) -> list[Consignment]:
    """The viewer's consignments that lost their connection and that this quote could carry on."""
    with seen_by(actor_of(request)):
        found = list(Consignment.objects.filter(missed=True, destination=offered.destination.code, teu=offered.teu))
    return [one for one in found if bookings.is_shipper(actor_of(request), one)]


def quoted_legs(offered: Quote) -> list[dict[str, Any]]:
    """A quote's legs as the page shows them."""
    hubs, services = network_names()
    names = hubs | {end.code: wording.name_of(end) for end in (offered.origin, offered.destination)}
    return [
        {
            "mode": wording.MODES[leg["mode"]],
            "service": services.get(leg["service"], leg["service"] or ""),
            "from": names.get(leg["from"], leg["from"]),
            "to": names.get(leg["to"], leg["to"]),
            "departs": datetime.fromisoformat(leg["departs_at"]),
            "arrives": datetime.fromisoformat(leg["arrives_at"]),
            "price": leg["price_fen"],
            "handled": leg["mode"] == "handling",
        }
        for leg in offered.legs
    ]


def address_of(consignment: Consignment) -> str:
    """The address of a consignment's page."""
    return reverse("logistics:consignment", args=[consignment.public_id])


def consignments(request: HttpRequest) -> HttpResponseBase:
    """Consignments the viewer has a part in, by state, with search and export."""
    signed_in(request)
    asked = request.GET.get("state", "")
    state = asked if asked in ConsignmentState.values else ""
    table = Table(COLUMNS, bookings.consignment_list(state=state or None), request, name="bookings")
    if file := table.export():
        return file
    chips = [Chip(code, str(name), code == state) for code, name in ConsignmentState.choices]
    return render(request, "logistics/consignments.html", {"table": table, "chips": chips, "state": state})


def detail(request: HttpRequest, public_id: UUID) -> Consignment:
    """A consignment with everything of it that the viewer may see."""
    return seen(request, bookings.consignment_detail(), public_id=public_id)


def consignment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One consignment: where it stands, its way, price, documents, declarations and history."""
    found = detail(request, public_id)
    hubs, services = network_names()
    names = hubs | {found.origin: end_of(found, "origin"), found.destination: end_of(found, "destination")}
    legs = list(found.legs.all())
    shown = [leg for leg in legs if leg.state not in (LegState.CANCELLED, LegState.EXPIRED)]
    terms = getattr(found, "terms", None)
    is_shipper = bookings.is_shipper(actor_of(request), found)
    state = ConsignmentState(found.state)
    context = {
        "one": found,
        "terms": terms,
        "is_shipper": is_shipper,
        "names": names,
        "title": f"{end_of(found, 'origin')} → {end_of(found, 'destination')}",
        "legs": [
            (
                leg,
                wording.MODES[leg.mode],
                names.get(leg.origin, leg.origin),
                names.get(leg.target, leg.target),
                services.get(leg.service, leg.service),
            )
            for leg in legs
        ],
        "price": price_rows(terms, names),
        "timeline": timeline_of(found, legs, names),
        "history": history_of(found),
        "ports": [(port.hub, names.get(port.hub, port.hub)) for port in clearance.undeclared(found, legs)],
        "subject": label_of(found),
        "declarations": [(one, names.get(one.hub, one.hub)) for one in found.declarations.all()],
        "transits": [
            (one, names.get(one.origin, one.origin), names.get(one.target, one.target)) for one in found.transits.all()
        ],
        "may_confirm": is_shipper and state == ConsignmentState.HELD and clock.now() < found.held_until,
        "over": state == ConsignmentState.HELD and clock.now() >= found.held_until,
        "may_change": is_shipper and state in (ConsignmentState.HELD, ConsignmentState.CONFIRMED),
        "may_declare": is_shipper and state in bookings.OPEN,
        "may_attach": state in bookings.OPEN,
        "replan": replan(found) if is_shipper and found.missed else "",
        "boundaries": reverse("programme:boundaries"),
        **drawn(shown, names),
    }
    return render(request, "logistics/consignment.html", context)


def replan(found: Consignment) -> str:
    """The planner's address for the rest of a way that lost its connection."""
    start, depart = onward(found, clock.now())
    boxes = [box.feet for box in found.boxes.all()]
    asked = {
        "origin": start,
        "destination": found.destination,
        "depart": f"{localtime(depart):%Y-%m-%d}",
        "ft20": boxes.count(20),
        "ft40": boxes.count(40),
        "dangerous": found.danger_class or "",
        "reefer": "on" if found.reefer_celsius is not None else "",
    }
    return f"{reverse('logistics:planner')}?{urlencode({key: value for key, value in asked.items() if value != ''})}"


def price_rows(terms: Any, names: dict[str, str]) -> list[tuple[str, int, int]]:
    """The price as it adds up: carriage, handling and storage of each leg, with emissions in grams."""
    rows = []
    for leg in terms.plan if terms else ():
        before = leg.get("handling")
        if before:
            at = names.get(before["at"], before["at"])
            rows.append((_("Handling at {hub}").format(hub=at), before["price_fen"], before["gco2e"]))
            if before["storage_fen"]:
                days = _("Storage at {hub}, {days} days").format(hub=at, days=before["storage_days"])
                rows.append((days, before["storage_fen"], 0))
        if leg["mode"] != "handling":
            handled = before["price_fen"] + before["storage_fen"] if before else 0
            way = f"{wording.MODES[leg['mode']]} · {names.get(leg['from'], leg['from'])} → {names.get(leg['to'], leg['to'])}"
            rows.append((way, leg["price_fen"] - handled, leg["gco2e"] - (before["gco2e"] if before else 0)))
    return rows


def timeline_of(found: Consignment, legs: Sequence[Any], names: dict[str, str]) -> list[Event]:
    """What happened and what is to come, in the order of time: booking, clearance, legs."""
    events: list[tuple[datetime, Event]] = [(found.booked_at, Event(found.booked_at, _("Booked"), state="done"))]
    words = {kind.value: str(kind.label) for kind in EventKind}
    reported = {(event.leg_id, event.kind) for event in found.events.all() if event.leg_id}
    for event in found.events.all():
        if event.kind in (EventKind.EXPECTED_ARRIVAL, EventKind.EXPECTED_DEPARTURE):
            continue
        events.append(
            (
                event.happened_at,
                Event(event.happened_at, f"{words[event.kind]} · {names.get(event.hub, event.hub)}", state="done"),
            )
        )
    for one in found.declarations.all():
        hub = names.get(one.hub, one.hub)
        events.append((one.lodged_at, Event(one.lodged_at, _("Declared at {hub}").format(hub=hub), state="done")))
        if one.decided_at:
            events.append(
                (one.decided_at, Event(one.decided_at, f"{one.get_state_display()} · {hub}", one.reason, "done"))
            )
    for leg in legs:
        if leg.state in (LegState.CANCELLED, LegState.EXPIRED):
            continue
        way = f"{wording.MODES[leg.mode]} · {names.get(leg.origin, leg.origin)} → {names.get(leg.target, leg.target)}"
        if (leg.pk, "departed") not in reported:
            at = leg.departed_at or leg.departs_at
            under_way = leg.state in (LegState.LOADED, LegState.DEPARTED)
            state = "now" if under_way else "done" if leg.departed_at else ""
            events.append((at, Event(at, way, _("arrives {moment}").format(moment=shown(leg.arrives_at)), state)))
    if found.state != ConsignmentState.DELIVERED:
        events.append((found.predicted_at, Event(found.predicted_at, _("Arrival foreseen"))))
    events.sort(key=lambda pair: pair[0])
    return [event._replace(at=shown(at)) for at, event in events]


def shown(moment: datetime) -> str:
    """A moment by the page's clock."""
    return localtime(moment).strftime("%Y-%m-%d %H:%M")


def history_of(found: Consignment) -> list[Change]:
    """The journal's entries about the consignment and what belongs to it, newest first; bodies only where the viewer may read."""
    records = [found, *found.declarations.all(), *found.transits.all(), *found.documents.all(), *found.legs.all()]
    entries = (
        Entry.objects.filter(subject__in=[label_of(one) for one in records])
        .select_related("body")
        .order_by("-time", "-id")
    )
    return [Change(entry, differences(entry)) for entry in entries[:SHOWN_ENTRIES]]


def differences(entry: Any) -> list[tuple[str, str, str]]:
    """Field, what it was, what it is; empty where the body is not the viewer's to read."""
    body = getattr(entry, "body", None)
    if body is None or not body.content:
        return []
    said = orjson.loads(body.content)
    before, after = said.get("before") or {}, said.get("after") or {}
    if not before:
        return []
    return [
        (name, told(name, before.get(name)), told(name, value))
        for name, value in after.items()
        if value not in ("", None)
    ]


STATES = {
    str(state): state.label
    for states in (ConsignmentState, LegState, DeclarationState, TransitState)
    for state in states
}


def told(name: str, value: Any) -> str:
    """A field of the journal in the reader's words: states by their names, other values as they are kept."""
    return str(STATES.get(value, value)) if name == "state" and value else text_of(value)


def text_of(value: Any) -> str:
    """A value of the journal in a cell; numbers and seals of boxes each with its place, as `1: CSQU3054383`."""
    if value in (None, ""):
        return "—"
    if isinstance(value, dict) and all(isinstance(one, list) for one in value.values()):
        return " · ".join(f"{place}: {' '.join(filter(None, map(str, one))) or '—'}" for place, one in value.items())
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def drawn(legs: Sequence[Any], names: dict[str, str]) -> dict[str, Any]:
    """The way on the map, as far as its hubs are known."""
    where = {hub.code: (hub.lon, hub.lat) for hub in network_current().hubs}
    known = [leg for leg in legs if leg.origin in where and leg.target in where]
    codes = dict.fromkeys(code for leg in known for code in (leg.origin, leg.target))
    stops = [Stop(names.get(code, code), *where[code]) for code in codes]
    lines = [
        Line(
            str(wording.MODES[leg.mode]),
            where[leg.origin],
            where[leg.target],
            f"{names[leg.origin]} → {names[leg.target]}",
            tone=TONES[leg.mode],
            share=0.5,
            faded=leg.state == LegState.ARRIVED,
        )
        for leg in known
    ]
    return {"stops": stops, "lines": lines, "modes": {TONES[leg.mode]: wording.MODES[leg.mode] for leg in known}}


def act_of(found: Consignment, title: str, button: str, **more: Any) -> Act:
    """An act about a consignment."""
    about = f"{found.number} · {end_of(found, 'origin')} → {end_of(found, 'destination')}"
    return Act(title=title, button=button, about=about, back=address_of(found), version=found.version, **more)


def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Turn a hold into a booking."""
    found = detail(request, public_id)
    must(request, "logistics.consignment.confirm", consignment=found)
    act = act_of(
        found,
        _("Confirm the booking"),
        _("Confirm"),
        explain=_("Every leg is booked at its operator; the price is as quoted."),
    )
    return acted(
        request,
        NothingAsked(*sent(request)),
        act,
        run=lambda ctx, _data: booking.consignment_confirm(ctx=ctx, consignment=found),
        done=_("Booked on every leg."),
    )


def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Cancel a consignment that has not been loaded."""
    found = detail(request, public_id)
    must(request, "logistics.consignment.cancel", consignment=found)
    legs, teu = found.legs.count(), found.teu
    act = act_of(
        found,
        _("Cancel the consignment"),
        _("Cancel the consignment"),
        danger=True,
        explain=_(
            "All {legs} legs give back {teu} TEU, and open declarations are withdrawn. This cannot be undone."
        ).format(legs=legs, teu=teu),
        confirm=_("Cancel {number}? {teu} TEU go back on {legs} legs; this cannot be undone.").format(
            number=found.number, teu=teu, legs=legs
        ),
    )
    return acted(
        request,
        CancelForm(*sent(request)),
        act,
        run=lambda ctx, data: booking.consignment_cancel(ctx=ctx, consignment=found, **data),
        done=_("Cancelled; the space went back."),
    )


def amend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Correct what was said of the goods and the parties."""
    found = detail(request, public_id)
    must(request, "logistics.consignment.amend", consignment=found)
    terms = found.terms
    initial = {
        "description": found.goods,
        "hs_code": found.hs_code,
        "weight_kg": found.weight_kg,
        "un_number": found.un_number,
        "reefer_celsius": found.reefer_celsius,
        "value": terms.goods_value,
        "currency": terms.currency,
        "exchange_rate": terms.exchange_rate,
        "consignee": terms.consignee,
        "notify_party": terms.notify_party,
    }
    form = GoodsForm(
        *sent(request), initial=initial, dangerous=bool(found.un_number), reefer=found.reefer_celsius is not None
    )
    explain = _("The journal keeps what was and what is. Boxes, places and times are booked anew instead.")
    act = act_of(found, _("Amend goods and parties"), _("Amend"), explain=explain)
    return acted(
        request,
        form,
        act,
        run=lambda ctx, data: amending.consignment_amend(ctx=ctx, consignment=found, changes=data),
        done=_("Amended."),
    )


def boxes(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say which containers carry the goods."""
    found = detail(request, public_id)
    must(request, "logistics.consignment.number_boxes", consignment=found)
    form = BoxesForm(*sent(request), boxes=sorted(found.boxes.all(), key=lambda box: box.sequence))
    explain = _(
        "Four letters, six digits and a check digit (ISO 6346), as on the door. An empty number takes one back."
    )
    act = act_of(found, _("Box numbers"), _("Keep"), explain=explain)
    return acted(
        request,
        form,
        act,
        run=lambda ctx, _data: amending.boxes_number(ctx=ctx, consignment=found, numbers=form.numbers()),
        done=_("Kept."),
    )


def attach(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Put a paper's digest on record."""
    found = detail(request, public_id)
    must(request, "logistics.document.attach", consignment=found)
    form = DocumentForm(*sent(request))
    explain = _(
        "The file's digest goes on record for everybody who has a part in the consignment. What it says stays with you."
    )
    act = act_of(found, _("Attach a document"), _("Attach"), explain=explain)._replace(version=None)

    def run(ctx: Command, data: dict[str, Any]) -> Any:
        part = data["file"]
        kept = {
            "name": part.name or "",
            "media_type": part.content_type or "application/octet-stream",
            "size": part.size,
        }
        return amending.document_attach(ctx=ctx, consignment=found, kind=data["kind"], sha256=form.digest(), **kept)

    return acted(request, form, act, run=run, done=_("Attached by its digest."))


def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Tell whether a file is one of the consignment's documents; nothing is written or kept."""
    found = detail(request, public_id)
    form = FileForm(*sent(request))
    act = act_of(
        found, _("Check a file"), _("Check"), explain=_("The file is compared by its SHA-256 and not kept.")
    )._replace(version=None)
    context: dict[str, Any] = {"act": act, "form": form}
    status = 200
    if request.method == "POST":
        if form.is_valid():
            digest = form.digest()
            match = next((one for one in found.documents.all() if one.sha256 == digest), None)
            context |= {"checked": True, "digest": digest, "match": match}
        else:
            status = 422
    return render(request, "logistics/check.html", context, status=status)


def declare(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Declare the consignment at a port of entry on its way."""
    found = detail(request, public_id)
    must(request, "logistics.declaration.lodge", consignment=found)
    names = hub_names()
    with seen_by(actor_of(request)):
        ports = clearance.ports_of(found.legs.all())
    choices = [(port.hub, f"{names.get(port.hub, port.hub)} · {wording.name_of(port.office)}") for port in ports]
    form = DeclareForm(*sent(request), ports=choices, initial={"hub": request.GET.get("hub", "")})
    explain = _(
        "The responsible office then sees the consignment with its terms. Nothing loads at that port before it is released."
    )
    act = act_of(found, _("Declare to customs"), _("Lodge"), explain=explain)
    return acted(
        request,
        form,
        act,
        run=lambda ctx, data: clearing.declaration_lodge(ctx=ctx, consignment=found, **data),
        done=_("Lodged."),
    )


def rebook(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send the rest another way, with the quote that the booking form hands on; without one, lead to the planner."""
    found = detail(request, public_id)
    must(request, "logistics.consignment.rebook", consignment=found)
    if request.method != "POST":
        with seen_by(actor_of(request)):
            return redirect(replan(found))
    token = request.POST.get("quote", "")
    act = act_of(found, _("Rebook the rest"), _("Rebook"))
    form = NothingAsked(request.POST)
    return acted(
        request,
        form,
        act,
        run=lambda ctx, _data: booking.consignment_rebook(ctx=ctx, consignment=found, quote=token),
        done=_("The rest goes another way."),
    )
