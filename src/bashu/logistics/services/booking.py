"""A booking from hold to confirmation, and what compensates it: cancel, reject, expire, rebook."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from uuid_utils.compat import uuid7

from bashu.kernel.commands.actor import ActorKind, Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Forbidden
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.services import node_actor
from bashu.logistics.errors import (
    ConnectionOutOfReach,
    ConsignmentMoved,
    CustomsHold,
    HoldExpired,
    LegMoved,
    RouteDiffers,
    WhyMissing,
)
from bashu.logistics.eyes import as_node
from bashu.logistics.goods import Goods, Parties, cargo_check, fen_of, goods_check
from bashu.logistics.models import (
    Consignment,
    ConsignmentState,
    Declaration,
    DeclarationState,
    Leg,
    LegState,
    Terms,
)
from bashu.logistics.quotes import Quote, quote_open
from bashu.logistics.selectors.bookings import AHEAD, SHIPPERS, SWEPT, holds_over, operators_of
from bashu.logistics.selectors.clearance import CLEARING
from bashu.logistics.services.booking_rows import Stage, consignment_confirmed, consignment_write, legs_write, stages_of
from bashu.logistics.services.following import journey_now
from bashu.logistics.services.measures import measures_follow
from bashu.logistics.services.notices import Notice, notices_write
from bashu.logistics.services.space import Ground, ground_take, space_give, space_refusal, space_take, wanted
from bashu.logistics.terms import HOLD_MINUTES


@command("logistics.consignment.hold", roles=SHIPPERS, at="shipper")
def consignment_hold(*, ctx: Command, shipper: UUID, quote: str, goods: Goods, parties: Parties) -> Consignment:
    """Hold space on every leg of a quote, or on none, until the hold runs out.

    Refuses a quote that is not this node's (422), is over, was made from another timetable or leads through a closed hub (409);
    goods that cannot be or for which it was not made; a departure without space (SpaceGone, 409).
    """
    offered = quote_open(quote, ctx.now)
    goods_check(goods, parties, goods.boxes)
    cargo_check(goods, offered)
    ground, stages = stages_take(ctx, offered)
    consignment = consignment_of(ctx, shipper, offered, goods, stages)
    consignment.pk, consignment.number = ground.consignment, f"B{ground.consignment:08d}"
    terms = terms_of(offered, goods, parties)
    of_row = {
        "consignment_id": consignment.pk,
        "network_id": ground.network,
        "plan": offered.legs,
        "readers": [shipper],
    }
    consignment_write(consignment, {**terms, **of_row}, stages, goods.boxes)
    plan = [[leg["mode"], leg["service"], leg.get("trip"), leg["from"], leg["to"]] for leg in offered.carried]
    ctx.append(
        subject=consignment,
        before=None,
        after={**told(consignment), **terms, "plan": plan, "boxes": list(goods.boxes), "network": offered.network},
    )
    return consignment


def stages_take(ctx: Command, offered: Quote) -> tuple[Ground, list[Stage]]:
    """Take the space of a quote's legs, sweeping away holds that ran out where it is short; refuses (SpaceGone) what is not there."""
    operators = operators_of(offered.network)
    ground = ground_take(offered, operators.behind(offered.hubs), ctx.now)
    missing = [key for key in wanted(offered) if key not in ground.taken]
    if missing:
        holds_sweep(ctx)
        ground.taken.update(space_take(missing, offered.teu, ctx.now))
    for key in missing:
        if key not in ground.taken:
            raise space_refusal(offered, key)
    return ground, stages_of(offered, ground, operators)


def consignment_of(ctx: Command, shipper: UUID, offered: Quote, goods: Goods, stages: Sequence[Stage]) -> Consignment:
    """The consignment that a quote becomes, not yet written."""
    readers = dict.fromkeys(reader for stage in stages for reader in stage.readers(shipper))
    return Consignment(
        public_id=uuid7(),
        shipper_id=shipper,
        origin=offered.origin.code,
        origin_zh=offered.origin.name_zh[:100],
        origin_en=offered.origin.name_en[:100],
        destination=offered.destination.code,
        destination_zh=offered.destination.name_zh[:100],
        destination_en=offered.destination.name_en[:100],
        goods=goods.description.strip(),
        hs_code=goods.hs_code,
        weight_kg=goods.weight_kg,
        un_number=goods.un_number,
        danger_class=offered.dangerous,
        reefer_celsius=goods.reefer_celsius,
        teu=offered.teu,
        departs_at=offered.departs_at,
        arrives_at=offered.arrives_at,
        predicted_at=offered.arrives_at,
        state=ConsignmentState.HELD,
        held_until=min(ctx.now + timedelta(minutes=HOLD_MINUTES), offered.departs_at),
        booked_at=ctx.now,
        readers=list(readers) or [shipper],
    )


def terms_of(offered: Quote, goods: Goods, parties: Parties) -> dict[str, Any]:
    """The commercial side of a booking, as its row and the journal keep it."""
    return {
        "consignee": parties.consignee.strip(),
        "notify_party": parties.notify_party.strip(),
        "goods_value": goods.value,
        "currency": goods.currency,
        "exchange_rate": goods.exchange_rate,
        "goods_value_fen": fen_of(goods.value, goods.exchange_rate),
        "price_fen": offered.price_fen,
        "gco2e": offered.gco2e,
    }


@command("logistics.consignment.confirm", roles=SHIPPERS, at="consignment")
def consignment_confirm(*, ctx: Command, consignment: Consignment) -> Consignment:
    """Turn a hold into a booking on all its legs. Refuses (HoldExpired, 409) when its time is over."""
    consignment = ctx.lock(consignment)
    if consignment.state != ConsignmentState.HELD:
        raise moved(consignment)
    if ctx.now >= consignment.held_until:
        raise HoldExpired(until=consignment.held_until)
    consignment_confirmed(consignment)
    return advanced(ctx, consignment, ConsignmentState.HELD)


@command("logistics.consignment.cancel", roles=SHIPPERS, at="consignment")
def consignment_cancel(*, ctx: Command, consignment: Consignment, reason: str = "") -> Consignment:
    """Cancel before anything is loaded: every leg gives its space back, open declarations are withdrawn.

    Refuses (CustomsHold, 409) goods that customs holds: who cancels them would be rid of the hold.
    """
    consignment = ctx.lock(consignment)
    if consignment.state not in (ConsignmentState.HELD, ConsignmentState.CONFIRMED):
        raise moved(consignment)
    if Declaration.objects.filter(consignment=consignment, on_hold=True).exists():
        raise CustomsHold
    return compensate(ctx, consignment, ConsignmentState.CANCELLED, reason=reason)


@command("logistics.leg.reject", roles={Role.OPERATOR}, at="leg")
def leg_reject(*, ctx: Command, leg: Leg, reason: str) -> Leg:
    """Refuse to carry a leg that is not loaded yet, saying why.

    A consignment that was only held is cancelled whole. One that was confirmed keeps what is behind it; this leg and all
    after it give their space back. Its shipper is told either way, and rebooks the rest or cancels.
    """
    if not reason.strip():
        raise WhyMissing
    with as_node():
        consignment = Consignment.objects.select_for_update(no_key=True).get(pk=leg.consignment_id)
        leg = ctx.lock(leg)
        if leg.state not in AHEAD:
            raise LegMoved(state=LegState(leg.state).label)
        before, missed = {"state": leg.state}, consignment.missed
        if consignment.state == ConsignmentState.HELD:
            compensate(ctx, consignment, ConsignmentState.CANCELLED, reason=reason)
        else:
            legs_release(consignment.legs.filter(sequence__gte=leg.sequence, state__in=AHEAD), LegState.CANCELLED)
            consignment.revise(missed=True)
        leg.refresh_from_db()
        facts = {
            "hub": leg.origin,
            "to": leg.target,
            "service": leg.service,
            "departs_at": leg.departs_at,
            "reason": reason,
        }
        notices_write([Notice(consignment.shipper_id, consignment.pk, "rejected", facts)], ctx.now)
    ctx.append(subject=leg, before=before, after={"state": leg.state, "reason": reason})
    if consignment.missed:
        rejected = {"missed": True, "rejected": leg.sequence, "reason": reason}
        ctx.append(subject=consignment, before={"missed": missed}, after=rejected)
    return leg


@command("logistics.consignment.rebook", roles=SHIPPERS, at="consignment")
def consignment_rebook(*, ctx: Command, consignment: Consignment, quote: str) -> Consignment:
    """Send the rest of a consignment another way: the legs ahead give their space back, those of the quote are held and confirmed.

    The quote must lead from where the goods are (or will be, when they are on a leg now) to the same destination, for the
    same cargo. Refuses (RouteDiffers, 409) any other, and (ConnectionOutOfReach, 409) one that boards what leaves before
    the goods are foreseen there: it would be missed again.
    """
    consignment = ctx.lock(consignment)
    if consignment.state not in (ConsignmentState.CONFIRMED, ConsignmentState.UNDER_WAY):
        raise moved(consignment)
    offered = quote_open(quote, ctx.now)
    legs = list(consignment.legs.order_by("sequence"))
    behind = [leg for leg in legs if leg.state in (LegState.LOADED, LegState.DEPARTED, LegState.ARRIVED)]
    route_check(consignment, behind[-1].target if behind else consignment.origin, offered)
    ground, stages = stages_take(ctx, offered)
    legs_release(consignment.legs.filter(state__in=AHEAD), LegState.CANCELLED)
    legs_write(consignment, stages, LegState.CONFIRMED, first=legs[-1].sequence + 1)
    reach_check(consignment, ctx.now)
    readers = dict.fromkeys(
        [*consignment.readers, *(one for stage in stages for one in stage.readers(consignment.shipper_id))]
    )
    before = {
        "arrives_at": consignment.arrives_at,
        "missed": consignment.missed,
        **terms_renew(consignment, offered, ground.network, behind),
    }
    consignment.revise(
        arrives_at=offered.arrives_at, predicted_at=offered.arrives_at, missed=False, readers=list(readers)
    )
    way = [[leg["mode"], leg["service"], leg.get("trip"), leg["from"], leg["to"]] for leg in offered.carried]
    after = {"arrives_at": offered.arrives_at, "missed": False, "price_fen": consignment.terms.price_fen, "way": way}
    ctx.append(subject=consignment, before=before, after=after)
    return consignment


def route_check(consignment: Consignment, start: str, offered: Quote) -> None:
    """Refuse a quote that does not carry on from `start` to the destination with the same cargo."""
    ends = offered.carried[0]["from"], offered.origin.code
    cargo = consignment.teu, consignment.danger_class, consignment.reefer_celsius is not None
    if (
        start not in ends
        or offered.destination.code != consignment.destination
        or cargo != (offered.teu, offered.dangerous, offered.reefer)
    ):
        raise RouteDiffers(origin=start, destination=consignment.destination)


def reach_check(consignment: Consignment, now: datetime) -> None:
    """Refuse a way whose connections the goods cannot reach, as far as is foreseen now."""
    journey = journey_now(consignment, now)
    if journey.outlook.missed is not None:
        leg = journey.legs[journey.outlook.missed]
        raise ConnectionOutOfReach(hub=leg.origin, service=leg.service)


def terms_renew(consignment: Consignment, offered: Quote, network: int, behind: Sequence[Leg]) -> dict[str, Any]:
    """Price and plan of what is behind and of the new rest; returns what they were."""
    terms = Terms.objects.get(pk=consignment.pk)
    before = {"price_fen": terms.price_fen, "gco2e": terms.gco2e}
    terms.plan = [*[leg for leg in terms.plan if leg["mode"] != "handling"][: len(behind)], *offered.legs]
    terms.price_fen = sum(leg.price_fen for leg in behind) + offered.price_fen
    terms.gco2e = sum(leg.gco2e for leg in behind) + offered.gco2e
    terms.network_id = network
    terms.save(update_fields=["plan", "price_fen", "gco2e", "network"])
    consignment.terms = terms
    return before


@command("logistics.consignment.expire", roles={Role.OPERATOR, Role.COORDINATOR})
def consignments_expire(*, ctx: Command) -> int:
    """Give back the space of holds that ran out, at most 500 at once; returns how many. Only the node itself and its jobs may.

    Call it when `selectors.bookings.holds_over` says there are some: a command that changes nothing has nothing to say.
    """
    if ctx.actor.kind not in (ActorKind.NODE, ActorKind.JOB):
        raise Forbidden(needed=ActorKind.NODE)
    over = Consignment.objects.select_for_update(no_key=True, skip_locked=True).filter(
        state=ConsignmentState.HELD, held_until__lte=ctx.now
    )
    found = list(over.order_by("pk")[:SWEPT])
    legs_release(Leg.objects.filter(consignment__in=found, state=LegState.HELD), LegState.EXPIRED)
    declarations_close(found, ctx.now)
    for consignment in found:
        advance(ctx, consignment, ConsignmentState.EXPIRED)
    if not found:  # another sweep was quicker
        ctx.append(
            subject=Organisation.objects.get(public_id=ctx.grant.organisation), before=None, after={"expired": 0}
        )
    return len(found)


def holds_sweep(ctx: Command) -> None:
    """Expire holds within a command that needs their space, under the node's own name."""
    with as_node():
        if holds_over(ctx.now):
            consignments_expire(ctx=Command(actor=node_actor(), now=ctx.now))


def compensate(ctx: Command, consignment: Consignment, state: ConsignmentState, *, reason: str) -> Consignment:
    """End a consignment before it moves: space back, legs and open declarations closed."""
    legs_release(consignment.legs.filter(state__in=AHEAD), LegState.CANCELLED)
    declarations_close([consignment], ctx.now)
    return advance(ctx, consignment, state, reason=reason)


def declarations_close(consignments: Sequence[Consignment], now: datetime) -> None:
    """Withdraw the open declarations of consignments that have ended; those on hold stay with their office, which holds the goods."""
    open_ones = Declaration.objects.select_for_update(no_key=True).filter(
        consignment__in=consignments, state__in=CLEARING, on_hold=False
    )
    for declaration in open_ones.order_by("pk"):
        declaration.revise(state=DeclarationState.WITHDRAWN, decided_at=now)


def legs_release(legs: Any, state: LegState) -> None:
    """Give these legs' space back and close them."""
    ids = list(legs.values_list("pk", flat=True))
    if ids:
        space_give(ids)
        legs_move(Leg.objects.filter(pk__in=ids), state)


def legs_move(legs: Any, state: LegState) -> None:
    """Set legs' state and count their versions up."""
    legs.update(state=state, version=F("version") + 1)


def advance(ctx: Command, consignment: Consignment, state: ConsignmentState, **said: Any) -> Consignment:
    """Move a consignment that is locked and journal both states."""
    before = ConsignmentState(consignment.state)
    consignment.revise(state=state)
    return advanced(ctx, consignment, before, **said)


def advanced(ctx: Command, consignment: Consignment, before: ConsignmentState, **said: Any) -> Consignment:
    """Let the figures follow a consignment that has moved, and journal both states."""
    state = consignment.state
    if ConsignmentState.CONFIRMED in (state, before):
        measures_follow(bookings=[consignment.pk])
    ctx.append(
        subject=consignment,
        before={"state": str(before)},
        after={"state": str(state), **{key: value for key, value in said.items() if value}},
    )
    return consignment


def moved(consignment: Consignment) -> ConsignmentMoved:
    """The refusal that names the state it is in."""
    return ConsignmentMoved(state=ConsignmentState(consignment.state).label)


def told(consignment: Consignment) -> Mapping[str, Any]:
    """What the journal keeps of a new consignment."""
    names: Iterable[str] = (
        "number", "shipper_id", "origin", "destination", "goods", "hs_code", "weight_kg", "un_number", "danger_class",
        "reefer_celsius", "teu", "departs_at", "arrives_at", "state", "held_until",
    )  # fmt: skip
    return {name.removesuffix("_id"): plain_of(getattr(consignment, name)) for name in names}


def plain_of(value: Any) -> Any:
    """A member of an enumeration by its value, everything else as it is."""
    return str(value) if isinstance(value, ConsignmentState) else value
