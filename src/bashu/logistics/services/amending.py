"""What changes in a booking without moving it: what is said of the goods, box numbers, documents."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Forbidden
from bashu.logistics.errors import AlreadyDeclared, CargoDiffers, ConsignmentMoved, NothingChanged
from bashu.logistics.goods import Goods, Number, Parties, fen_of, goods_check, numbers_check
from bashu.logistics.models import (
    Box,
    Consignment,
    ConsignmentState,
    Declaration,
    DeclarationState,
    Document,
    Terms,
)
from bashu.logistics.selectors.bookings import OPEN, SHIPPERS
from bashu.logistics.services.measures import measures_follow

GOODS = {
    "description": "goods",
    "hs_code": "hs_code",
    "weight_kg": "weight_kg",
    "un_number": "un_number",
    "reefer_celsius": "reefer_celsius",
}
TERMS = ("consignee", "notify_party", "goods_value", "currency", "exchange_rate")
KINDS = ("invoice", "packing_list", "bill_of_lading", "certificate", "declaration", "other")


@command("logistics.consignment.amend", roles=SHIPPERS, at="consignment")
def consignment_amend(*, ctx: Command, consignment: Consignment, changes: Mapping[str, Any]) -> Consignment:
    """Correct what was said of the goods and the parties, before anything is loaded; the journal keeps before and after.

    changes: some of description, hs_code, weight_kg, un_number, reefer_celsius, value, currency, exchange_rate, consignee,
    notify_party. Boxes, places and times are booked anew instead. Refuses (AlreadyDeclared, 409) goods that customs has accepted.
    """
    consignment = ctx.lock(consignment)
    if consignment.state not in (ConsignmentState.HELD, ConsignmentState.CONFIRMED):
        raise ConsignmentMoved(state=ConsignmentState(consignment.state).label)
    terms = Terms.objects.get(pk=consignment.pk)
    feet = list(consignment.boxes.order_by("sequence").values_list("feet", flat=True))
    goods, parties = amended(consignment, terms, feet, changes)
    goods_check(goods, parties, feet)
    after = {name: getattr(goods, field) for field, name in GOODS.items()} | terms_out(goods, parties)
    before = {name: getattr(consignment, name) for name in GOODS.values()} | {
        name: getattr(terms, name) for name in terms_out(goods, parties)
    }
    differing = [name for name in after if after[name] != before[name]]
    if not differing:
        raise NothingChanged
    cargo_stays(consignment, goods)
    if set(differing) - {"consignee", "notify_party"}:
        undeclared_check(consignment)
    consignment.revise(**{name: after[name] for name in GOODS.values()})
    Terms.objects.filter(pk=consignment.pk).update(**terms_out(goods, parties))
    if consignment.state == ConsignmentState.CONFIRMED:
        measures_follow(bookings=[consignment.pk])
    ctx.append(
        subject=consignment,
        before={name: before[name] for name in differing},
        after={name: after[name] for name in differing},
    )
    return consignment


def amended(
    consignment: Consignment, terms: Terms, feet: Sequence[int], changes: Mapping[str, Any]
) -> tuple[Goods, Parties]:
    """Goods and parties as they are on record, with the changes."""
    goods = Goods(
        description=consignment.goods,
        hs_code=consignment.hs_code,
        weight_kg=consignment.weight_kg,
        boxes=feet,
        value=terms.goods_value,
        currency=terms.currency,
        exchange_rate=terms.exchange_rate,
        un_number=consignment.un_number,
        reefer_celsius=consignment.reefer_celsius,
    )
    said = {name: value for name, value in changes.items() if name in Goods._fields and name != "boxes"}
    named = {name: value for name, value in changes.items() if name in Parties._fields}
    return goods._replace(**said), Parties(terms.consignee, terms.notify_party)._replace(**named)


def terms_out(goods: Goods, parties: Parties) -> dict[str, str | Decimal | int]:
    """The columns of the terms that an amendment may change."""
    return {
        "consignee": parties.consignee.strip(),
        "notify_party": parties.notify_party.strip(),
        "goods_value": goods.value,
        "currency": goods.currency,
        "exchange_rate": goods.exchange_rate,
        "goods_value_fen": fen_of(goods.value, goods.exchange_rate),
    }


def cargo_stays(consignment: Consignment, goods: Goods) -> None:
    """Refuse (CargoDiffers, 409) turning dry goods into a reefer or safe ones into dangerous ones: the way was found for these."""
    was, said = ((bool(one.un_number), one.reefer_celsius is not None) for one in (consignment, goods))
    if was != said:
        quoted, given = (cargo_words(*pair) for pair in (was, said))
        raise CargoDiffers(quoted=quoted, given=given)


def cargo_words(dangerous: bool, reefer: bool) -> str:
    """A kind of cargo in words."""
    boxes = _("a reefer") if reefer else _("dry boxes")
    return f"{boxes}, {_('dangerous goods') if dangerous else _('no dangerous goods')}"


def undeclared_check(consignment: Consignment) -> None:
    """Refuse (AlreadyDeclared, 409) while a declaration stands that customs has accepted, or on which it holds the goods."""
    free = (DeclarationState.LODGED, DeclarationState.REFUSED, DeclarationState.WITHDRAWN)
    taken = Declaration.objects.filter(consignment=consignment).exclude(state__in=free, on_hold=False).first()
    if taken:
        raise AlreadyDeclared(hub=taken.hub)


@command("logistics.consignment.number_boxes", roles={*SHIPPERS, Role.OPERATOR})
def boxes_number(*, ctx: Command, consignment: Consignment, numbers: Sequence[Number]) -> Consignment:
    """Say which containers carry the goods: ISO 6346 numbers with their check digit, and seals; by the shipper or an operator.

    An empty number takes one back. Refuses (BoxNumberWrong, 422) a wrong one.
    """
    consignment = ctx.lock(consignment)
    partner(ctx, consignment)
    if consignment.state not in OPEN:
        raise ConsignmentMoved(state=ConsignmentState(consignment.state).label)
    boxes = {box.sequence: box for box in consignment.boxes.all()}
    numbers_check(numbers, len(boxes))
    before, after = {}, {}
    for one in numbers:
        box = boxes[one.sequence]
        if (box.number, box.seal) != (one.number, one.seal):
            before[str(one.sequence)], after[str(one.sequence)] = [box.number, box.seal], [one.number, one.seal]
            Box.objects.filter(consignment=consignment, sequence=one.sequence).update(number=one.number, seal=one.seal)
    if not after:
        raise NothingChanged
    consignment.revise()
    ctx.append(subject=consignment, before={"boxes": before}, after={"boxes": after})
    return consignment


@command("logistics.document.attach", roles={*SHIPPERS, Role.AUTHORITY})
def document_attach(
    *, ctx: Command, consignment: Consignment, kind: str, name: str, media_type: str, size: int, sha256: str
) -> Document:
    """Put a paper's digest on record; what it says stays with who holds it. Refuses (DocumentKnown, 409) the same file twice."""
    consignment = ctx.lock(consignment)
    organisation = partner(ctx, consignment)
    document = Document.objects.create(
        consignment=consignment, kind=kind, name=name[:200], media_type=media_type[:100], size=size, sha256=sha256,
        organisation_id=organisation, attached_at=ctx.now,
    )  # fmt: skip
    after = {"consignment": consignment.number, "kind": kind, "name": document.name, "size": size, "sha256": sha256}
    ctx.append(subject=document, before=None, after=after)
    return document


def partner(ctx: Command, consignment: Consignment) -> UUID:
    """The actor's organisation that has a part in the consignment; Forbidden (403) for who only oversees it."""
    mine = [organisation for organisation in ctx.actor.organisations() if organisation in consignment.readers]
    if not mine:
        raise Forbidden(needed=str(consignment.number))
    return mine[0]
