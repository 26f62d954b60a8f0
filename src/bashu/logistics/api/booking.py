"""Bookings and clearance under /api/v1/logistics. Quotes come from the planner."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from ninja.pagination import paginate

from bashu.kernel.web.api import Paged
from bashu.kernel.web.requests import actor_of, command_of, seen
from bashu.logistics.api import booking_schemas as schemas
from bashu.logistics.api.network import aware
from bashu.logistics.models import Consignment, Declaration, Leg, PortOffice, Transit
from bashu.logistics.selectors import bookings
from bashu.logistics.selectors import clearance as clearing
from bashu.logistics.services import amending, booking, clearance

router = Router(tags=["logistics"])


def whole(request: HttpRequest, public_id: UUID) -> Consignment:
    """A consignment with everything of it that the caller may see."""
    return seen(request, bookings.consignment_detail(), public_id=public_id)


def acted(request: HttpRequest, public_id: UUID, service: Callable[..., Any], **given: Any) -> Consignment:
    """Run a service on a consignment the caller sees, and give it as it is now."""
    service(ctx=command_of(request), consignment=seen(request, Consignment, public_id=public_id), **given)
    return whole(request, public_id)


@router.get("/consignments", response=list[schemas.ConsignmentOut])
@paginate(Paged)
def consignments(
    request: HttpRequest,
    state: str | None = None,
    shipper: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str = "",
):
    """Consignments the caller may see, last booked first; by state, shipper, departure, and part of their number or goods."""
    return bookings.consignment_list(state=state, shipper=shipper, since=since, until=until, text=text[:100])


@router.post("/consignments", response={201: schemas.ConsignmentWhole})
def hold(request: HttpRequest, asked: schemas.HoldIn):
    """Hold space on every leg of a quote, or on none, until the hold runs out."""
    made = booking.consignment_hold(
        ctx=command_of(request), shipper=asked.shipper, quote=asked.quote, goods=asked.goods, parties=asked.parties
    )
    return Status(201, whole(request, made.public_id))


@router.get("/consignments/{public_id}", response=schemas.ConsignmentWhole)
def consignment(request: HttpRequest, public_id: UUID):
    """One consignment: its legs, boxes, documents, declarations, transits and terms, as far as the caller may see them."""
    return whole(request, public_id)


@router.post("/consignments/{public_id}/confirm", response=schemas.ConsignmentWhole)
def confirm(request: HttpRequest, public_id: UUID):
    """Turn a hold into a booking on all its legs."""
    return acted(request, public_id, booking.consignment_confirm)


@router.post("/consignments/{public_id}/cancel", response=schemas.ConsignmentWhole)
def cancel(request: HttpRequest, public_id: UUID, why: schemas.WhyIn):
    """Cancel before anything is loaded: every leg gives its space back, open declarations are withdrawn."""
    return acted(request, public_id, booking.consignment_cancel, reason=why.reason)


@router.post("/consignments/{public_id}/amend", response=schemas.ConsignmentWhole)
def amend(request: HttpRequest, public_id: UUID, changed: schemas.AmendIn):
    """Correct what was said of the goods and the parties; the journal keeps before and after."""
    changes = changed.model_dump(exclude_none=True)
    return acted(request, public_id, amending.consignment_amend, changes=changes)


@router.post("/consignments/{public_id}/rebook", response=schemas.ConsignmentWhole)
def rebook(request: HttpRequest, public_id: UUID, asked: schemas.QuoteIn):
    """Send the rest of a consignment another way."""
    return acted(request, public_id, booking.consignment_rebook, quote=asked.quote)


@router.post("/consignments/{public_id}/boxes", response=schemas.ConsignmentWhole)
def number(request: HttpRequest, public_id: UUID, numbers: schemas.NumbersIn):
    """Say which containers carry the goods: ISO 6346 numbers with their check digit, and seals."""
    return acted(request, public_id, amending.boxes_number, numbers=[one.value for one in numbers.boxes])


@router.get("/consignments/{public_id}/documents", response=list[schemas.ConsignmentDocumentOut])
def documents(request: HttpRequest, public_id: UUID, sha256: str | None = None):
    """Documents of a consignment; with `sha256` those a file of that digest is: none means that it is not one of them."""
    found = whole(request, public_id).documents.all()
    return [one for one in found if sha256 in (None, one.sha256)]


@router.post("/consignments/{public_id}/documents", response={201: schemas.ConsignmentDocumentOut})
def attach(request: HttpRequest, public_id: UUID, paper: schemas.DocumentIn):
    """Put a paper's digest on record; what it says stays with who holds it."""
    found = seen(request, Consignment, public_id=public_id)
    return Status(201, amending.document_attach(ctx=command_of(request), consignment=found, **paper.model_dump()))


@router.post("/consignments/{public_id}/declarations", response={201: schemas.DeclarationOut})
def lodge(request: HttpRequest, public_id: UUID, declared: schemas.DeclarationIn):
    """Declare a consignment at a port of entry on its way."""
    found = seen(request, Consignment, public_id=public_id)
    made = clearance.declaration_lodge(ctx=command_of(request), consignment=found, **declared.model_dump())
    return Status(201, made)


@router.get("/legs", response=list[schemas.LegOut])
@paginate(Paged)
def legs(request: HttpRequest):
    """Legs that the caller's organisations carry or handle and that have not left yet, by departure."""
    return bookings.leg_list(actor_of(request))


@router.post("/legs/{public_id}/reject", response=schemas.LegOut)
def reject(request: HttpRequest, public_id: UUID, why: schemas.WhyIn):
    """Refuse to carry a leg that is not loaded yet, saying why."""
    found = seen(request, Leg.objects.select_related("operator"), public_id=public_id)
    return booking.leg_reject(ctx=command_of(request), leg=found, reason=why.reason)


@router.get("/declarations", response=list[schemas.DeclarationOut])
@paginate(Paged)
def declarations(request: HttpRequest, state: str | None = None):
    """Declarations that the caller's office decides, longest waiting first: the open ones, or those in a state."""
    return clearing.declaration_list(actor_of(request), state=state)


@router.get("/declarations/{public_id}", response=schemas.DeclarationOut)
def declaration(request: HttpRequest, public_id: UUID):
    """One declaration."""
    return declared_of(request, public_id)


def declared_of(request: HttpRequest, public_id: UUID) -> Declaration:
    """A declaration that the caller may see."""
    return seen(request, Declaration.objects.select_related("consignment", "office"), public_id=public_id)


def decided(request: HttpRequest, public_id: UUID, service: Callable[..., Any], **given: Any) -> Declaration:
    """Run a step of clearance on a declaration the caller sees, and give it as it is now."""
    service(ctx=command_of(request), declaration=declared_of(request, public_id), **given)
    return declared_of(request, public_id)


@router.post("/declarations/{public_id}/withdraw", response=schemas.DeclarationOut)
def withdraw(request: HttpRequest, public_id: UUID):
    """Take a declaration back before it is decided, as the shipper."""
    return decided(request, public_id, clearance.declaration_withdraw)


@router.post("/declarations/{public_id}/accept", response=schemas.DeclarationOut)
def accept(request: HttpRequest, public_id: UUID):
    """Take a lodged declaration up."""
    return decided(request, public_id, clearance.declaration_accept)


@router.post("/declarations/{public_id}/inspect", response=schemas.DeclarationOut)
def inspect(request: HttpRequest, public_id: UUID, why: schemas.WhyIn):
    """Order an inspection, saying why."""
    return decided(request, public_id, clearance.declaration_inspect, reason=why.reason)


@router.post("/declarations/{public_id}/inspected", response=schemas.DeclarationOut)
def inspected(request: HttpRequest, public_id: UUID, found: schemas.WhyIn):
    """Say what the inspection found."""
    return decided(request, public_id, clearance.declaration_inspected, reason=found.reason)


@router.post("/declarations/{public_id}/release", response=schemas.DeclarationOut)
def release(request: HttpRequest, public_id: UUID):
    """Let the goods go."""
    return decided(request, public_id, clearance.declaration_release)


@router.post("/declarations/{public_id}/refuse", response=schemas.DeclarationOut)
def refuse(request: HttpRequest, public_id: UUID, why: schemas.WhyIn):
    """Refuse the goods passage here, saying why."""
    return decided(request, public_id, clearance.declaration_refuse, reason=why.reason)


@router.post("/declarations/{public_id}/hold", response=schemas.DeclarationOut)
def customs_hold(request: HttpRequest, public_id: UUID, why: schemas.WhyIn):
    """Hold the goods, saying why: the consignment loads nowhere until the hold is lifted."""
    return decided(request, public_id, clearance.declaration_hold, reason=why.reason)


@router.post("/declarations/{public_id}/unhold", response=schemas.DeclarationOut)
def customs_unhold(request: HttpRequest, public_id: UUID, why: schemas.WhyIn):
    """Lift a hold, saying why."""
    return decided(request, public_id, clearance.declaration_unhold, reason=why.reason)


@router.post("/declarations/{public_id}/transit", response={201: schemas.TransitOut})
def transit_open(request: HttpRequest, public_id: UUID, asked: schemas.TransitIn):
    """Send goods under bond from this port to one of the other province; a time without an offset is the region's."""
    given = {**asked.model_dump(), "due_at": aware(asked.due_at)}
    made = clearance.transit_open(ctx=command_of(request), declaration=declared_of(request, public_id), **given)
    return Status(201, transit_of(request, made.public_id))


@router.get("/transits", response=list[schemas.TransitOut])
@paginate(Paged)
def transits(request: HttpRequest):
    """Bonded transits under way to or from the caller's office, the one due first first."""
    return clearing.transit_list(actor_of(request))


def transit_of(request: HttpRequest, public_id: UUID) -> Transit:
    """A transit that the caller may see."""
    rows = Transit.objects.select_related("consignment", "origin_office", "target_office")
    return seen(request, rows, public_id=public_id)


@router.post("/transits/{public_id}/discharge", response=schemas.TransitOut)
def discharge(request: HttpRequest, public_id: UUID, found: schemas.SealIn):
    """Discharge goods that came under bond, by the seal found on them."""
    clearance.transit_discharge(ctx=command_of(request), transit=transit_of(request, public_id), seal=found.seal)
    return transit_of(request, public_id)


@router.get("/ports", response=list[schemas.PortOut])
def ports(request: HttpRequest):
    """Ports of entry and the office responsible at each."""
    return PortOffice.objects.select_related("office").order_by("hub")


@router.post("/ports/{hub}", response=schemas.PortOut)
def port_set(request: HttpRequest, hub: str, asked: schemas.OfficeIn):
    """Say which authority clears goods at a hub."""
    return clearance.port_office_set(ctx=command_of(request), hub=hub, office=asked.office)
