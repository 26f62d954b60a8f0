"""Reading clearance: what keeps a box from being loaded, what an office has to decide, where something should be declared."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet

from bashu.kernel.commands.actor import Actor
from bashu.logistics.eyes import as_node
from bashu.logistics.models import (
    Consignment,
    Declaration,
    DeclarationState,
    Leg,
    PortOffice,
    Transit,
    TransitState,
)
from bashu.logistics.selectors.bookings import OPEN

CLEARING = (
    DeclarationState.LODGED,
    DeclarationState.ACCEPTED,
    DeclarationState.INSPECTING,
    DeclarationState.INSPECTED,
)
DECIDED = (DeclarationState.RELEASED, DeclarationState.REFUSED, DeclarationState.WITHDRAWN)


def blocks(leg: Leg) -> Declaration | Transit | None:
    """What keeps a leg's boxes from being loaded where it begins, or nothing.

    A customs hold keeps the whole consignment; a declaration at this hub that is not released, or was refused with none in its
    place; goods that came under bond and are not discharged here. Runs in a transaction, with the node's eyes.
    """
    with as_node():
        declarations = Declaration.objects.filter(consignment_id=leg.consignment_id)
        held = declarations.filter(on_hold=True).order_by("pk").first()
        here = list(declarations.filter(hub=leg.origin).exclude(state=DeclarationState.WITHDRAWN).order_by("pk"))
        bound = Transit.objects.filter(
            consignment_id=leg.consignment_id, target=leg.origin, state=TransitState.OPEN
        ).first()
    standing = {one.procedure: one for one in here}  # the last of each kind is the one that counts
    waiting = next((one for one in standing.values() if one.state != DeclarationState.RELEASED), None)
    return held or waiting or bound


def blocked(legs: Collection[Leg]) -> set[int]:
    """Row ids of those legs that `blocks` would keep: three statements for all. Says nothing of why: that is the shipper's."""
    consignments = {leg.consignment_id for leg in legs}
    with as_node():
        declarations = list(
            Declaration.objects.filter(consignment__in=consignments)
            .exclude(state=DeclarationState.WITHDRAWN)
            .order_by("pk")
            .values_list("consignment_id", "hub", "procedure", "state", "on_hold")
        )
        bound = set(
            Transit.objects.filter(consignment__in=consignments, state=TransitState.OPEN).values_list(
                "consignment_id", "target"
            )
        )
    held = {row[0] for row in declarations if row[4]}
    standing = {row[:3]: row[3] for row in declarations}
    waiting = {key[:2] for key, state in standing.items() if state != DeclarationState.RELEASED}
    return {leg.pk for leg in legs if leg.consignment_id in held or (leg.consignment_id, leg.origin) in waiting | bound}


def ports_of(legs: Iterable[Leg]) -> list[PortOffice]:
    """The ports of entry on the way of these legs, in its order, each with the office that clears goods there."""
    hubs = list(dict.fromkeys(hub for leg in legs for hub in (leg.origin, leg.target)))
    offices = {one.hub: one for one in PortOffice.objects.filter(hub__in=hubs).select_related("office")}
    return [offices[hub] for hub in hubs if hub in offices]


def declaration_list(actor: Actor, *, state: str | None = None) -> QuerySet[Declaration]:
    """Declarations the actor's office decides, longest waiting first; all of them for the joint office."""
    found = Declaration.objects.select_related("consignment__shipper", "office")
    if "joint" not in actor.jurisdictions():
        found = found.filter(office__public_id__in=actor.organisations())
    found = found.filter(state=state) if state else found.filter(state__in=CLEARING)
    return found.order_by("lodged_at", "pk")


def unsent_list(actor: Actor) -> QuerySet[Declaration]:
    """Declarations for transit that the actor's office released and has not sent under bond, longest released first."""
    found = declaration_list(actor, state=DeclarationState.RELEASED)
    found = found.filter(procedure="transit", transit=None, consignment__state__in=OPEN)
    return found.order_by("decided_at", "pk")


def transit_list(actor: Actor) -> QuerySet[Transit]:
    """Bonded transits under way to or from the actor's office, the one due first first."""
    found = Transit.objects.filter(state=TransitState.OPEN).select_related(
        "consignment__shipper", "origin_office", "target_office"
    )
    if "joint" not in actor.jurisdictions():
        mine = actor.organisations()
        found = found.filter(target_office__public_id__in=mine) | found.filter(origin_office__public_id__in=mine)
    return found.order_by("due_at", "pk")


def minutes_to_release(declaration: Declaration) -> int | None:
    """Minutes from lodging to release, None when it was not released."""
    if declaration.state != DeclarationState.RELEASED or declaration.decided_at is None:
        return None
    return minutes_between(declaration.lodged_at, declaration.decided_at)


def minutes_between(first: datetime, last: datetime) -> int:
    """Whole minutes between two moments, rounded down."""
    return int((last - first).total_seconds() // 60)


def undeclared(consignment: Consignment, legs: Iterable[Leg]) -> list[PortOffice]:
    """Ports of entry on the way where nothing has been declared yet."""
    declared = {one.hub for one in consignment.declarations.all() if one.state != DeclarationState.WITHDRAWN}
    return [port for port in ports_of(legs) if port.hub not in declared]
