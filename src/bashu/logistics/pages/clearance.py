"""The customs desk: what waits to be decided, one declaration with its steps, goods under bond."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.actor import OFFICES, Where
from bashu.kernel.commands.command import label_of
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, may, must, sent
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.templatetags.bashu import Event
from bashu.logistics import wording
from bashu.logistics.eyes import as_node
from bashu.logistics.models import Consignment, Declaration, DeclarationState, Leg, PortOffice, Transit
from bashu.logistics.pages.booking import end_of, hub_names
from bashu.logistics.pages.booking_forms import NothingAsked, ReasonForm, SealForm, TransitForm
from bashu.logistics.selectors import clearance as reading
from bashu.logistics.services import clearance

Words = str | Promise
STATE = DeclarationState


class Step(NamedTuple):
    """One step of an office: what it is called, what it does, after which states it is offered, whether it needs a reason."""

    title: Words
    explain: Words
    after: tuple[DeclarationState, ...]
    reason: bool = True
    danger: bool = False


STEPS: dict[str, Step] = {
    "accept": Step(
        gettext_lazy("Accept"),
        gettext_lazy("The declaration is complete; its goods can no longer be amended."),
        (STATE.LODGED,),
        reason=False,
    ),
    "release": Step(
        gettext_lazy("Release"),
        gettext_lazy("The goods may be loaded here."),
        (STATE.ACCEPTED, STATE.INSPECTED),
        reason=False,
    ),
    "inspect": Step(
        gettext_lazy("Order an inspection"),
        gettext_lazy("Say what is to be looked at."),
        (STATE.ACCEPTED, STATE.INSPECTED),
    ),
    "inspected": Step(gettext_lazy("Report the inspection"), gettext_lazy("Say what was found."), (STATE.INSPECTING,)),
    "hold": Step(
        gettext_lazy("Put on hold"),
        gettext_lazy("The consignment loads nowhere until the hold is lifted."),
        reading.CLEARING,
    ),
    "unhold": Step(
        gettext_lazy("Lift the hold"), gettext_lazy("The declaration goes on from where it stood."), reading.CLEARING
    ),
    "refuse": Step(
        gettext_lazy("Refuse"),
        gettext_lazy("The goods may not pass here. This cannot be undone."),
        reading.CLEARING,
        danger=True,
    ),
}


def customs_desk(request: HttpRequest) -> HttpResponse:
    """Declarations by the time they have waited, and goods under bond by the time they are due."""
    actor, now = actor_of(request), clock.now()
    if actor.id is None:
        raise SignInNeeded
    if actor.grant_for(OFFICES, Where()) is None:
        raise Forbidden(needed=" / ".join(sorted(OFFICES)))
    names = hub_names()
    declarations = [
        (one, names.get(one.hub, one.hub), reading.minutes_between(one.lodged_at, now) // 60)
        for one in reading.declaration_list(actor)
    ]
    unsent = [(one, names.get(one.hub, one.hub)) for one in reading.unsent_list(actor)]
    transits = [
        (
            one,
            names.get(one.origin, one.origin),
            names.get(one.target, one.target),
            may(request, "logistics.transit.discharge", transit=one),
        )
        for one in reading.transit_list(actor)
    ]
    ports = [(names.get(one.hub, one.hub), one) for one in PortOffice.objects.select_related("office").order_by("hub")]
    context = {"declarations": declarations, "unsent": unsent, "transits": transits, "ports": ports, "now": now}
    return render(request, "logistics/customs_desk.html", context)


def found_of(request: HttpRequest, public_id: UUID) -> Declaration:
    """A declaration that the viewer may see."""
    return seen(request, Declaration.objects.select_related("consignment__shipper", "office"), public_id=public_id)


def declaration(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One declaration: its times, its goods, and the steps that may follow."""
    found = found_of(request, public_id)
    names = hub_names()
    terms = getattr(Consignment.objects.select_related("terms").get(pk=found.consignment_id), "terms", None)
    offered = (
        [(name, step) for name, step in STEPS.items() if follows(found, name, step)] if decides(request, found) else []
    )
    times = (
        (found.lodged_at, _("Lodged")),
        (found.accepted_at, _("Accepted")),
        (found.ordered_at, _("Inspection ordered")),
        (found.inspected_at, _("Inspected")),
        (found.decided_at, found.get_state_display()),
    )
    timeline = [Event(at, title, state="done") for at, title in times if at]
    bonded = Transit.objects.filter(declaration=found).select_related("target_office").first()
    may_send = (
        decides(request, found) and found.procedure == "transit" and found.state == STATE.RELEASED and bonded is None
    )
    context = {
        "found": found,
        "one": found.consignment,
        "terms": terms,
        "hub": names.get(found.hub, found.hub),
        "timeline": timeline,
        "steps": offered,
        "subject": label_of(found),
        "bonded": bonded,
        "may_send": may_send,
        "back": back_of(request, found),
        "way": f"{end_of(found.consignment, 'origin')} → {end_of(found.consignment, 'destination')}",
        "may_withdraw": found.state in reading.CLEARING
        and may(request, "logistics.declaration.withdraw", declaration=found),
    }
    return render(request, "logistics/declaration.html", context)


def decides(request: HttpRequest, found: Declaration) -> bool:
    """Whether the viewer acts for the responsible office."""
    return may(request, "logistics.declaration.accept", declaration=found)


def follows(found: Declaration, name: str, step: Step) -> bool:
    """Whether a step may follow now."""
    held = {"hold": not found.on_hold, "unhold": found.on_hold, "release": not found.on_hold}
    return STATE(found.state) in step.after and held.get(name, True)


def back_of(request: HttpRequest, found: Declaration) -> str:
    """Where the declaration belongs for the viewer: the desk of who decides, else the consignment."""
    if decides(request, found):
        return reverse("logistics:customs_desk")
    return reverse("logistics:consignment", args=[found.consignment.public_id])


def step(request: HttpRequest, public_id: UUID, name: str) -> HttpResponse:
    """One step of the office, or the shipper's withdrawal."""
    found = found_of(request, public_id)
    back = reverse("logistics:declaration", args=[found.public_id])
    about = f"{found.consignment.number} · {hub_names().get(found.hub, found.hub)}"
    if name == "withdraw":
        must(request, "logistics.declaration.withdraw", declaration=found)
        act = Act(_("Withdraw the declaration"), _("Withdraw"), about, back, danger=True, version=found.version)
        return run_step(request, found, NothingAsked(*sent(request)), act, clearance.declaration_withdraw)
    if name not in STEPS:
        raise Http404
    must(request, f"logistics.declaration.{name}", declaration=found)
    one = STEPS[name]
    ask = _("Refuse these goods? This cannot be undone.") if one.danger else ""
    act = Act(one.title, one.title, about, back, one.explain, confirm=ask, danger=one.danger, version=found.version)
    form: Form = ReasonForm(*sent(request)) if one.reason else NothingAsked(*sent(request))
    return run_step(request, found, form, act, getattr(clearance, f"declaration_{name}"))


def run_step(
    request: HttpRequest, found: Declaration, form: Form, act: Act, service: Callable[..., Any]
) -> HttpResponse:
    """Answer the page of one step."""
    return acted(request, form, act, run=lambda ctx, data: service(ctx=ctx, declaration=found, **data), done=_("Done."))


def transit_open(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send released goods under bond to a port of the other province."""
    found = found_of(request, public_id)
    must(request, "logistics.transit.open", declaration=found)
    names = hub_names()
    with seen_by(actor_of(request)), as_node():  # the way ahead is not the first office's to see, its ports are
        legs = list(Leg.objects.filter(consignment=found.consignment_id).order_by("sequence"))
        ports = [port for port in reading.ports_of(legs) if port.hub != found.hub]
    choices = [(port.hub, f"{names.get(port.hub, port.hub)} · {wording.name_of(port.office)}") for port in ports]
    form = TransitForm(*sent(request), ports=choices)
    act = Act(
        _("Send under bond"),
        _("Send"),
        found.consignment.number,
        reverse("logistics:declaration", args=[found.public_id]),
        _("The office of the other port discharges the goods by their seal; nothing is loaded there before."),
        version=found.version,
    )
    return acted(
        request,
        form,
        act,
        run=lambda ctx, data: clearance.transit_open(ctx=ctx, declaration=found, **data),
        done=_("Under way under bond."),
    )


def transit_discharge(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Discharge goods that came under bond."""
    found = seen(request, Transit.objects.select_related("consignment"), public_id=public_id)
    must(request, "logistics.transit.discharge", transit=found)
    act = Act(
        _("Discharge the transit"),
        _("Discharge"),
        found.consignment.number,
        reverse("logistics:customs_desk"),
        _("The seal on the goods must be the one that was put on."),
        version=found.version,
    )
    return acted(
        request,
        SealForm(*sent(request)),
        act,
        run=lambda ctx, data: clearance.transit_discharge(ctx=ctx, transit=found, **data),
        done=_("Discharged."),
    )
