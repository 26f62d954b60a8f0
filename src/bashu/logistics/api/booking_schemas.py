"""What the API of bookings and clearance takes and gives."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema

from bashu.logistics.goods import Goods, Number, Parties

Money = Annotated[Decimal, Field(max_digits=18, decimal_places=2)]
Rate = Annotated[Decimal, Field(max_digits=12, decimal_places=6)]


class HoldIn(Schema):
    """A booking of a quote: the goods, their boxes and the parties."""

    quote: str = Field(max_length=50_000, description="the token of an option, as the planner gave it")
    shipper: UUID = Field(description="the organisation that books")
    description: str = Field(max_length=200)
    hs_code: str = Field(max_length=10)
    weight_kg: int = Field(gt=0, lt=10**9)
    boxes: list[int] = Field(min_length=1, max_length=5000, description="feet of each container, 20 or 40")
    value: Money
    currency: str = Field("CNY", max_length=3)
    exchange_rate: Rate = Field(Decimal(1), description="yuan a unit of the currency")
    un_number: str = Field("", max_length=4)
    reefer_celsius: Decimal | None = Field(None, max_digits=4, decimal_places=1)
    consignee: str = Field(max_length=200)
    notify_party: str = Field("", max_length=200)

    @property
    def goods(self) -> Goods:
        """The goods as the service takes them."""
        return Goods(**self.model_dump(include=set(Goods._fields)))

    @property
    def parties(self) -> Parties:
        """The parties as the service takes them."""
        return Parties(self.consignee, self.notify_party)


class AmendIn(Schema):
    """What changes; what is left out, or null, stays."""

    description: str | None = Field(None, max_length=200)
    hs_code: str | None = Field(None, max_length=10)
    weight_kg: int | None = Field(None, gt=0, lt=10**9)
    value: Money | None = None
    currency: str | None = Field(None, max_length=3)
    exchange_rate: Rate | None = None
    un_number: str | None = Field(None, max_length=4)
    reefer_celsius: Decimal | None = Field(None, max_digits=4, decimal_places=1)
    consignee: str | None = Field(None, max_length=200)
    notify_party: str | None = Field(None, max_length=200)


class QuoteIn(Schema):
    """A quote for the rest of the way."""

    quote: str = Field(max_length=50_000)


class WhyIn(Schema):
    """Why."""

    reason: str = Field("", max_length=2000)


class NumberIn(Schema):
    """A container's number and seal, for a box by its place in the list."""

    sequence: int = Field(ge=1, le=5000)
    number: str = Field(max_length=11)
    seal: str = Field("", max_length=20)

    @property
    def value(self) -> Number:
        """The number as the service takes it."""
        return Number(self.sequence, self.number, self.seal)


class NumbersIn(Schema):
    """Numbers of some boxes."""

    boxes: list[NumberIn] = Field(min_length=1, max_length=5000)


class DocumentIn(Schema):
    """A paper by its digest; its content is not taken."""

    kind: str = Field(pattern="^(invoice|packing_list|bill_of_lading|certificate|declaration|other)$")
    name: str = Field(min_length=1, max_length=200)
    media_type: str = Field("application/octet-stream", max_length=100)
    size: int = Field(ge=0, lt=2**31)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class DeclarationIn(Schema):
    """What is declared where."""

    hub: str = Field(max_length=40)
    procedure: str = Field(pattern="^(export|import|transit)$")


class TransitIn(Schema):
    """Goods under bond to another port."""

    target: str = Field(max_length=40)
    seal: str = Field(max_length=20)
    due_at: datetime


class SealIn(Schema):
    """The seal found on the goods."""

    seal: str = Field(max_length=20)


class OfficeIn(Schema):
    """The authority that clears goods at a hub."""

    office: UUID


class BodyOut(Schema):
    """An organisation by its identifier and name."""

    id: UUID = Field(alias="public_id")
    name_zh: str
    name_en: str


class BoxOut(Schema):
    """A container."""

    sequence: int
    feet: int
    number: str
    seal: str


class LegOut(Schema):
    """One leg as far as the viewer may see it."""

    id: UUID = Field(alias="public_id")
    version: int
    sequence: int
    mode: str
    service: str
    operator: BodyOut | None
    origin: str
    target: str
    departs_at: datetime
    arrives_at: datetime
    departed_at: datetime | None
    arrived_at: datetime | None
    teu: int
    price_fen: int
    gco2e: int
    state: str


class ConsignmentDocumentOut(Schema):
    """A paper known by its digest."""

    id: UUID = Field(alias="public_id")
    kind: str
    name: str
    media_type: str
    size: int
    sha256: str
    organisation: BodyOut
    attached_at: datetime


class DeclarationOut(Schema):
    """A declaration with the times of its steps."""

    id: UUID = Field(alias="public_id")
    version: int
    consignment: UUID = Field(alias="consignment.public_id")
    number: str = Field(alias="consignment.number")
    hub: str
    office: BodyOut
    procedure: str
    state: str
    on_hold: bool
    reason: str
    lodged_at: datetime
    accepted_at: datetime | None
    ordered_at: datetime | None
    inspected_at: datetime | None
    decided_at: datetime | None


class TransitOut(Schema):
    """Goods under bond."""

    id: UUID = Field(alias="public_id")
    version: int
    consignment: UUID = Field(alias="consignment.public_id")
    number: str = Field(alias="consignment.number")
    origin: str
    target: str
    origin_office: BodyOut
    target_office: BodyOut
    seal: str
    state: str
    opened_at: datetime
    due_at: datetime
    discharged_at: datetime | None


class TermsOut(Schema):
    """The commercial side, for the shipper and the offices that clear the goods."""

    consignee: str
    notify_party: str
    goods_value: Decimal
    currency: str
    exchange_rate: Decimal
    goods_value_fen: int
    price_fen: int
    gco2e: int
    network: str = Field(alias="network.digest")


class ConsignmentOut(Schema):
    """A consignment in a list."""

    id: UUID = Field(alias="public_id")
    version: int
    number: str
    shipper: BodyOut
    origin: str
    origin_zh: str
    origin_en: str
    destination: str
    destination_zh: str
    destination_en: str
    goods: str
    hs_code: str
    weight_kg: int
    un_number: str
    danger_class: int | None
    reefer_celsius: Decimal | None
    teu: int
    departs_at: datetime
    arrives_at: datetime
    predicted_at: datetime
    missed: bool
    state: str
    held_until: datetime
    booked_at: datetime


class ConsignmentWhole(ConsignmentOut):
    """A consignment with everything of it that the viewer may see."""

    legs: list[LegOut]
    boxes: list[BoxOut]
    documents: list[ConsignmentDocumentOut]
    declarations: list[DeclarationOut]
    transits: list[TransitOut]
    terms: TermsOut | None

    @staticmethod
    def resolve_terms(consignment: Any) -> Any:
        """The terms, none for who may not see them."""
        return getattr(consignment, "terms", None)


class PortOut(Schema):
    """A port of entry and the office responsible there."""

    hub: str
    office: BodyOut
