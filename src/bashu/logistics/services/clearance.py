"""Clearance at a port of entry: what the shipper declares, what the responsible office does, and transit under bond."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Malformed
from bashu.kernel.parties.models import Kind, Organisation, OrganisationState
from bashu.logistics.errors import (
    ConsignmentMoved,
    CustomsHold,
    DeclarationMoved,
    HubUnknown,
    NoOffice,
    OfficeWrong,
    TransitRefused,
    WhyMissing,
)
from bashu.logistics.eyes import as_node
from bashu.logistics.models import (
    Consignment,
    ConsignmentState,
    Declaration,
    DeclarationState,
    Leg,
    LegState,
    PortOffice,
    Terms,
    Transit,
    TransitState,
)
from bashu.logistics.selectors.bookings import OPEN, SHIPPERS
from bashu.logistics.selectors.clearance import CLEARING
from bashu.logistics.selectors.network import network_current
from bashu.logistics.services.measures import measures_follow

# Which step may follow which state.
STEPS = {
    DeclarationState.ACCEPTED: (DeclarationState.LODGED,),
    DeclarationState.INSPECTING: (DeclarationState.ACCEPTED, DeclarationState.INSPECTED),
    DeclarationState.INSPECTED: (DeclarationState.INSPECTING,),
    DeclarationState.RELEASED: (DeclarationState.ACCEPTED, DeclarationState.INSPECTED),
    DeclarationState.REFUSED: CLEARING,
    DeclarationState.WITHDRAWN: CLEARING,
}
PROCEDURES = ("export", "import", "transit")
GONE = (LegState.CANCELLED, LegState.EXPIRED)


@command("logistics.port.set_office", roles={Role.COORDINATOR})
def port_office_set(*, ctx: Command, hub: str, office: UUID) -> PortOffice:
    """Say which authority clears goods at a hub, from now on.

    Refuses (HubUnknown, 404) what is no hub of the network, (OfficeWrong, 422) what is not an active authority.
    """
    if hub not in {one.code for one in network_current().hubs}:
        raise HubUnknown(hub=hub)
    body = Organisation.objects.filter(public_id=office).first()
    if body is None or body.kind != Kind.AUTHORITY or body.state != OrganisationState.ACTIVE:
        raise OfficeWrong(name=body.name_zh if body else office)
    port, made = PortOffice.objects.get_or_create(hub=hub, defaults={"office": body})
    before = None if made else {"office": port.office_id}
    if not made:
        ctx.lock(port).revise(office=body)
        port.refresh_from_db()
    ctx.append(subject=port, before=before, after={"hub": hub, "office": body.public_id}, public=True)
    return port


@command("logistics.declaration.lodge", roles=SHIPPERS, at="consignment")
def declaration_lodge(*, ctx: Command, consignment: Consignment, hub: str, procedure: str) -> Declaration:
    """Declare a consignment at a port of entry on its way; from now on nothing loads there before it is released.

    procedure: export, import or transit. The responsible office sees from now on the consignment with its terms, and the legs
    to and from the port. Refuses a port without an office or off the way (NoOffice), one declared already (409).
    """
    if procedure not in PROCEDURES:
        raise Malformed(place="procedure", problem=_("must be one of {words}").format(words=", ".join(PROCEDURES)))
    consignment = ctx.lock(consignment)
    if consignment.state not in OPEN:
        raise ConsignmentMoved(state=ConsignmentState(consignment.state).label)
    office = office_at(consignment, hub)
    office_join(consignment, hub, office)
    declaration = Declaration.objects.create(
        consignment=consignment, hub=hub, office_id=office, procedure=procedure, state=DeclarationState.LODGED,
        lodged_at=ctx.now, readers=list(dict.fromkeys([consignment.shipper_id, office])),
    )  # fmt: skip
    after = {"consignment": consignment.number, "hub": hub, "office": office, "procedure": procedure, "state": "lodged"}
    ctx.append(subject=declaration, before=None, after=after)
    return declaration


def office_at(consignment: Consignment, hub: str) -> UUID:
    """The office responsible at a hub that the consignment calls at; NoOffice (409) when there is none."""
    legs = Leg.objects.filter(consignment=consignment).exclude(state__in=GONE)
    calls = {place for leg in legs for place in (leg.origin, leg.target)}
    port = PortOffice.objects.filter(hub=hub).first()
    if port is None or hub not in calls:
        raise NoOffice(hub=hub)
    return port.office_id


def office_join(consignment: Consignment, hub: str, office: UUID) -> None:
    """Let an office see the consignment, its terms, and the legs that begin or end at its hub."""
    rows: list[Any] = [consignment, Terms.objects.get(pk=consignment.pk)]
    rows += [leg for leg in Leg.objects.filter(consignment=consignment) if hub in (leg.origin, leg.target)]
    for row in rows:
        if office not in row.readers:
            row.readers = [*row.readers, office]
            row.save(update_fields=["readers"])


@command("logistics.declaration.withdraw", roles=SHIPPERS, at="declaration.consignment")
def declaration_withdraw(*, ctx: Command, declaration: Declaration) -> Declaration:
    """Take a declaration back before it is decided, unless customs holds the goods."""
    declaration = ctx.lock(declaration)
    free(declaration)
    return step(ctx, declaration, DeclarationState.WITHDRAWN, decided_at=ctx.now)


@command("logistics.declaration.accept", roles={Role.AUTHORITY}, at="declaration")
def declaration_accept(*, ctx: Command, declaration: Declaration) -> Declaration:
    """Take a lodged declaration up: it is complete, and its goods can no longer be amended."""
    return step(ctx, ctx.lock(declaration), DeclarationState.ACCEPTED, accepted_at=ctx.now)


@command("logistics.declaration.inspect", roles={Role.AUTHORITY}, at="declaration")
def declaration_inspect(*, ctx: Command, declaration: Declaration, reason: str) -> Declaration:
    """Order an inspection, saying why."""
    return step(ctx, ctx.lock(declaration), DeclarationState.INSPECTING, ordered_at=ctx.now, reason=said(reason))


@command("logistics.declaration.inspected", roles={Role.AUTHORITY}, at="declaration")
def declaration_inspected(*, ctx: Command, declaration: Declaration, reason: str) -> Declaration:
    """Say what the inspection found."""
    return step(ctx, ctx.lock(declaration), DeclarationState.INSPECTED, inspected_at=ctx.now, reason=said(reason))


@command("logistics.declaration.release", roles={Role.AUTHORITY}, at="declaration")
def declaration_release(*, ctx: Command, declaration: Declaration) -> Declaration:
    """Let the goods go. Refuses (CustomsHold, 409) while a hold stands."""
    declaration = ctx.lock(declaration)
    free(declaration)
    return step(ctx, declaration, DeclarationState.RELEASED, decided_at=ctx.now)


@command("logistics.declaration.refuse", roles={Role.AUTHORITY}, at="declaration")
def declaration_refuse(*, ctx: Command, declaration: Declaration, reason: str) -> Declaration:
    """Refuse the goods passage here, saying why; a hold ends with it."""
    return step(
        ctx, ctx.lock(declaration), DeclarationState.REFUSED, decided_at=ctx.now, on_hold=False, reason=said(reason)
    )


@command("logistics.declaration.hold", roles={Role.AUTHORITY}, at="declaration")
def declaration_hold(*, ctx: Command, declaration: Declaration, reason: str) -> Declaration:
    """Hold the goods, saying why: until it is lifted the consignment loads nowhere and nothing is released."""
    declaration = ctx.lock(declaration)
    if declaration.on_hold:
        raise CustomsHold
    return held(ctx, declaration, on_hold=True, reason=reason)


@command("logistics.declaration.unhold", roles={Role.AUTHORITY}, at="declaration")
def declaration_unhold(*, ctx: Command, declaration: Declaration, reason: str) -> Declaration:
    """Lift a hold, saying why."""
    declaration = ctx.lock(declaration)
    if not declaration.on_hold:
        raise DeclarationMoved(state=_("not on hold"))
    return held(ctx, declaration, on_hold=False, reason=reason)


@command("logistics.transit.open", roles={Role.AUTHORITY}, at="declaration")
def transit_open(*, ctx: Command, declaration: Declaration, target: str, seal: str, due_at: datetime) -> Transit:
    """Send goods under bond from this port to one of the other province, which discharges them there.

    Needs a released declaration for transit. The second office sees the consignment from now on. Refuses (TransitRefused,
    409) a port that does not lie ahead on the way, one under the same government, a time that is past; (ConsignmentMoved, 409)
    goods that have been delivered.
    """
    declaration = ctx.lock(declaration)
    if declaration.procedure != "transit" or declaration.state != DeclarationState.RELEASED:
        raise TransitRefused(problem=_("Only a released declaration for transit opens one."))
    if due_at <= ctx.now:
        raise TransitRefused(problem=_("The time by which the goods are due lies in the past."))
    if not seal.strip():
        raise TransitRefused(problem=_("Goods under bond carry a seal: give its number."))
    if Transit.objects.filter(declaration=declaration).exists():
        raise TransitRefused(problem=_("This declaration has opened a transit already."))
    with as_node():
        consignment = Consignment.objects.select_for_update(no_key=True).get(pk=declaration.consignment_id)
        if consignment.state not in OPEN:
            raise ConsignmentMoved(state=ConsignmentState(consignment.state).label)
        office = office_at(consignment, target)
        ahead_check(consignment, declaration, target, office)
        office_join(consignment, target, office)
        offices = [declaration.office_id, office]
        transit = Transit.objects.create(
            consignment=consignment, declaration=declaration, origin=declaration.hub, target=target, origin_office_id=offices[0],
            target_office_id=offices[1], seal=seal.strip(), state=TransitState.OPEN, opened_at=ctx.now, due_at=due_at,
            readers=[consignment.shipper_id, *offices],
        )  # fmt: skip
    after = {
        "consignment": consignment.number,
        "from": declaration.hub,
        "to": target,
        "seal": transit.seal,
        "due_at": due_at,
    }
    ctx.append(subject=transit, before=None, after=after)
    return transit


def ahead_check(consignment: Consignment, declaration: Declaration, target: str, office: UUID) -> None:
    """Refuse a target that does not follow on the way, or whose office serves the same government."""
    calls = [
        hub
        for leg in Leg.objects.filter(consignment=consignment).exclude(state__in=GONE).order_by("sequence")
        for hub in (leg.origin, leg.target)
    ]
    if (
        declaration.hub not in calls
        or target not in calls[calls.index(declaration.hub) + 1 :]
        or target == declaration.hub
    ):
        raise TransitRefused(
            problem=_("The goods do not go on from {origin} to {target}.").format(origin=declaration.hub, target=target)
        )
    sides = dict(
        Organisation.objects.filter(public_id__in=[declaration.office_id, office]).values_list(
            "public_id", "jurisdiction"
        )
    )
    if sides[declaration.office_id] == sides[office]:
        raise TransitRefused(problem=_("Transit under bond leads from a port of one side to a port of the other."))


@command("logistics.transit.discharge", roles={Role.AUTHORITY}, at="transit")
def transit_discharge(*, ctx: Command, transit: Transit, seal: str) -> Transit:
    """Discharge goods that came under bond, by the seal found on them. Late ones are discharged too, and said to be late.

    Refuses (TransitRefused, 409) another seal than the one put on.
    """
    transit = ctx.lock(transit)
    if transit.state != TransitState.OPEN:
        raise TransitRefused(problem=_("It is discharged already."))
    if seal.strip() != transit.seal:
        raise TransitRefused(problem=_("The seal is not the one that was put on: hold the goods and inspect them."))
    transit.revise(state=TransitState.DISCHARGED, discharged_at=ctx.now)
    late = ctx.now > transit.due_at
    ctx.append(
        subject=transit, before={"state": "open"}, after={"state": "discharged", "seal": transit.seal, "late": late}
    )
    return transit


def step(ctx: Command, declaration: Declaration, state: DeclarationState, **changes: Any) -> Declaration:
    """Move a locked declaration to its next state and journal both; DeclarationMoved (409) when it does not follow."""
    if declaration.state not in STEPS[state]:
        raise DeclarationMoved(state=DeclarationState(declaration.state).label)
    before = {"state": declaration.state}
    declaration.revise(state=state, **changes)
    if state == DeclarationState.RELEASED:
        measures_follow(declarations=[declaration.pk])
    ctx.append(subject=declaration, before=before, after={"state": str(state), "reason": changes.get("reason", "")})
    return declaration


def held(ctx: Command, declaration: Declaration, *, on_hold: bool, reason: str) -> Declaration:
    """Put a locked declaration on hold or take it off."""
    if declaration.state not in CLEARING:
        raise DeclarationMoved(state=DeclarationState(declaration.state).label)
    before = {"on_hold": declaration.on_hold}
    declaration.revise(on_hold=on_hold, reason=said(reason))
    ctx.append(subject=declaration, before=before, after={"on_hold": on_hold, "reason": declaration.reason})
    return declaration


def free(declaration: Declaration) -> None:
    """Refuse (CustomsHold, 409) while the declaration is on hold."""
    if declaration.on_hold:
        raise CustomsHold


def said(reason: str) -> str:
    """A reason that says something; WhyMissing (422) else."""
    if not reason.strip():
        raise WhyMissing
    return reason.strip()
