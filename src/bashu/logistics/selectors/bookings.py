"""Reading consignments: lists, one with everything of it, what operators have to handle, what holds have run out."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet, Sum

from bashu.kernel.commands.actor import Actor, Role, Where
from bashu.logistics.errors import QuoteOutdated
from bashu.logistics.models import Consignment, ConsignmentState, Departure, Leg, LegState, NetworkVersion
from bashu.logistics.selectors.network import network_of

SHIPPERS = (Role.ENTERPRISE, Role.OPERATOR)  # who may send goods, for its own organisation
OPEN = (ConsignmentState.HELD, ConsignmentState.CONFIRMED, ConsignmentState.UNDER_WAY)
AHEAD = (LegState.HELD, LegState.CONFIRMED)  # legs on which nothing has been loaded yet
SWEPT = 500  # holds expired at once


class Operators(NamedTuple):
    """Credit codes of who runs each hub of a network version, and its road legs; only those that are known."""

    hubs: dict[str, str]
    road: str

    def behind(self, hubs: Iterable[str]) -> list[str]:
        """The codes of those behind some hubs and the road, each once."""
        return sorted({*(self.hubs.get(hub, "") for hub in hubs), self.road} - {""})


@lru_cache(maxsize=4)
def operators_of(version: str) -> Operators:
    """Who runs the hubs and the road legs of a network version, by its digest. Raises QuoteOutdated for one not kept."""
    try:
        folder = network_of(version)
    except NetworkVersion.DoesNotExist:
        raise QuoteOutdated from None
    return Operators({hub.code: hub.operator for hub in folder.hubs if hub.operator}, folder.road.operator)


def shippers_of(actor: Actor) -> list[tuple[UUID, str]]:
    """The organisations for which an actor may book, with their names."""
    found = {grant.organisation: grant.organisation_name for grant in actor.grants if grant.role in SHIPPERS}
    return list(found.items())


def is_shipper(actor: Actor, consignment: Consignment) -> bool:
    """Whether the actor acts for the consignment's shipper."""
    return actor.grant_for(SHIPPERS, Where(organisation=consignment.shipper_id)) is not None


def consignment_list(
    *,
    state: str | None = None,
    shipper: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    text: str = "",
) -> QuerySet[Consignment]:
    """Consignments the viewer may see, last booked first. since, until: of departure. text: part of a number or of the goods."""
    found = Consignment.objects.select_related("shipper").order_by("-booked_at", "-pk")
    if state:
        found = found.filter(state=state)
    if shipper:
        found = found.filter(shipper__public_id=shipper)
    if since:
        found = found.filter(departs_at__gte=since)
    if until:
        found = found.filter(departs_at__lt=until)
    if text:
        found = found.filter(number__icontains=text) | found.filter(goods__icontains=text)
    return found


class Carried(NamedTuple):
    """What was delivered for a shipper: consignments, the numbers of the first and the last, TEU, and the freight agreed in fen."""

    consignments: int
    first: str
    last: str
    teu: int
    freight_fen: int


def carried(since: datetime, until: datetime, *, shippers: Iterable[UUID] | None = None) -> dict[UUID, Carried]:
    """By shipper, what was delivered in [since, until), as far as the viewer sees it: whole for the shipper and the joint office."""
    found = Consignment.objects.filter(
        state=ConsignmentState.DELIVERED, delivered_at__gte=since, delivered_at__lt=until
    ).order_by()
    if shippers is not None:
        found = found.filter(shipper__public_id__in=list(shippers))
    sums = found.values("shipper__public_id").annotate(
        some=Count("pk"),
        first=Min("number"),
        last=Max("number"),
        space=Sum("teu"),
        fen=Sum("terms__price_fen", default=0),
    )
    return {
        row["shipper__public_id"]: Carried(row["some"], row["first"], row["last"], int(row["space"]), int(row["fen"]))
        for row in sums
    }


def consignment_detail() -> QuerySet[Consignment]:
    """Consignments with everything of theirs that the viewer may see."""
    legs = Leg.objects.select_related("operator", "origin_operator", "target_operator").order_by("sequence")
    return Consignment.objects.select_related("shipper", "terms").prefetch_related(
        Prefetch("legs", legs), "boxes", "documents__organisation", "declarations__office", "transits__origin_office",
        "transits__target_office",
    )  # fmt: skip


def departure_list(actor: Actor, *, since: datetime, until: datetime) -> QuerySet[Departure]:
    """Departures of the actor's own services in a span of time, by departure; all of them for the joint office."""
    found = Departure.objects.filter(departs_at__gte=since, departs_at__lt=until).select_related("operator")
    if "joint" not in actor.jurisdictions():
        found = found.filter(operator__public_id__in=actor.organisations())
    return found.order_by("departs_at", "service", "sequence")


def leg_list(
    actor: Actor, *, states: Sequence[str] = (LegState.HELD, LegState.CONFIRMED, LegState.LOADED)
) -> QuerySet[Leg]:
    """Legs that the actor's organisations carry or handle at a hub, by departure."""
    mine = actor.organisations()
    found = Leg.objects.filter(state__in=states).select_related("consignment__shipper", "operator")
    if "joint" not in actor.jurisdictions():
        roles = ("operator", "origin_operator", "target_operator")
        found = found.filter(reduce(or_, (Q(**{f"{role}__public_id__in": mine}) for role in roles)))
    return found.order_by("departs_at", "pk")


def holds_over(now: datetime) -> bool:
    """Whether some hold, of those the viewer sees, has run out."""
    return Consignment.objects.filter(state=ConsignmentState.HELD, held_until__lte=now).exists()
