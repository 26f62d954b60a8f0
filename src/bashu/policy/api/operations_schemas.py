"""What the API of policy's operations takes and gives."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from ninja import Field, Schema

Value = str | int | bool  # as entity files write it: money a decimal string in yuan
Rows = list[dict[str, Value]]


class ProfileFactOut(Schema):
    """One fact of an enterprise with where it comes from."""

    fact: str
    value: Any
    origin: str
    source: str
    as_of: date
    evidence: str = Field(description="SHA-256 of the paper, empty where there is none")


class ProfileIn(Schema):
    """Facts of an enterprise as of a day, and under a table's name the list of all its rows; evidence: SHA-256 by fact."""

    facts: dict[str, Value | Rows]
    as_of: date
    evidence: dict[str, str] = {}


class ItemOut(Schema):
    """A support item one can apply for."""

    id: UUID = Field(alias="public_id")
    code: str
    province: str
    topic: str
    name_zh: str
    name_en: str
    status: str = Field(description="sourced, unverified, derived or assumed")
    source: str
    facts: list[str] = Field(description="facts it reads")


class OfferOut(Schema):
    """An offer made from a profile."""

    id: UUID = Field(alias="public_id")
    version: int
    organisation: UUID = Field(alias="organisation_id")
    item: str = Field(alias="item.code")
    province: str
    year: int
    amount_fen: int
    expires_on: date
    state: str
    digest: str


class PushIn(Schema):
    """For which year offers are made."""

    year: int = Field(ge=2021, le=2100)


class PushOut(Schema):
    """One run over all profiles."""

    id: UUID = Field(alias="public_id")
    year: int
    profiles: int
    offers: int
    digest: str


class ApplicationOut(Schema):
    """An application as it stands."""

    id: UUID = Field(alias="public_id")
    version: int
    organisation: UUID = Field(alias="organisation_id")
    item: str = Field(alias="item.code")
    province: str
    year: int
    state: str
    computed_fen: int
    amount_fen: int | None
    due_on: date | None
    submitted_at: datetime
    reason: str
    facts: dict[str, Any]


class ApplicationIn(Schema):
    """An application: the item by its id, and what the profile does not know yet."""

    organisation: UUID
    item: UUID
    year: int = Field(ge=2021, le=2100)
    declared: dict[str, Value] = {}
    as_of: date | None = None
    evidence: dict[str, str] = {}


class SupplementIn(Schema):
    """What was missing."""

    note: str = Field(min_length=1, max_length=2000)
    declared: dict[str, Value] = {}
    as_of: date | None = None
    evidence: dict[str, str] = {}


class FindingIn(Schema):
    """What a review found."""

    finding: str = Field(min_length=1, max_length=2000)


class PaymentIn(Schema):
    """The order that moved the money."""

    order: str = Field(min_length=1, max_length=60)


class GroundsIn(Schema):
    """Why a refusal is wrong."""

    grounds: str = Field(min_length=1, max_length=2000)


class AppealOut(Schema):
    """An appeal as it stands."""

    id: UUID = Field(alias="public_id")
    version: int
    application: UUID = Field(alias="application.public_id")
    state: str
    grounds: str
    due_on: date
    reason: str


class DelegationOut(Schema):
    """A power lent."""

    id: UUID = Field(alias="public_id")
    version: int
    delegator: UUID = Field(alias="delegator_id")
    delegate: UUID = Field(alias="delegate_id")
    province: str
    acts: list[str]
    area: str
    basis: str
    source: str
    status: str
    valid_from: date
    valid_to: date | None
    revoked_on: date | None


class DelegationIn(Schema):
    """A power to be lent."""

    delegator: UUID
    delegate: UUID
    acts: list[str] = Field(max_length=50)
    area: str = Field(max_length=40)
    basis: str = Field(min_length=1, max_length=2000)
    source: str = Field(min_length=1, max_length=300)
    valid_from: date
    valid_to: date | None = None
    status: str = "sourced"


class ActIn(Schema):
    """An act under a delegation; place: a town of the area."""

    kind: str = Field(max_length=40)
    place: str = Field(max_length=40)
    matter: str = Field(min_length=1, max_length=300)


class ActOut(Schema):
    """An act done under a delegation."""

    id: UUID = Field(alias="public_id")
    delegation: UUID = Field(alias="delegation.public_id")
    kind: str
    place: str
    matter: str
    done_at: datetime


class LandAccountOut(Schema):
    """A side's quota in m²."""

    id: UUID = Field(alias="public_id")
    version: int
    area: str
    side: str
    year: int
    planned: int
    allocated: int
    reserved: int
    used: int
    free: int


class LandEntryOut(Schema):
    """One movement with the balances after it, m²."""

    id: UUID = Field(alias="public_id")
    account: UUID = Field(alias="account.public_id")
    move: str
    m2: int
    planned: int
    allocated: int
    reserved: int
    used: int
    reason: str
    delegation: UUID | None
    at: datetime

    @staticmethod
    def resolve_delegation(entry: Any) -> UUID | None:
        """The delegation it cites, none under an office's own power."""
        return entry.delegation.public_id if entry.delegation else None


class PlanIn(Schema):
    """m² added to a side's plan, or taken from it."""

    area: str = Field(max_length=40)
    side: str = Field(pattern="^(CQ|SC)$")
    year: int = Field(ge=2021, le=2100)
    m2: int
    reason: str = Field(min_length=1, max_length=2000)


class LandIn(Schema):
    """So many m², and why."""

    m2: int = Field(gt=0)
    reason: str = Field(min_length=1, max_length=2000)


class MoveIn(LandIn):
    """A movement of what is held; a body that is no office cites its delegation."""

    delegation: UUID | None = None


class LandClaimIn(MoveIn):
    """m² to be held for a project."""

    project: str = Field(min_length=1, max_length=200)


class ReservationOut(Schema):
    """m² held for a project."""

    id: UUID = Field(alias="public_id")
    version: int
    account: UUID = Field(alias="account.public_id")
    project: str
    claimed: int
    used: int
    released: int
    held: int


class TariffOut(Schema):
    """A price or standard in one territory; `value` null where it is not known."""

    value: Decimal | None
    unit: str
    valid_from: date
    status: str
    source: str


class ComparedOut(Schema):
    """One price or standard in both provinces and the area; `lower` names where it is lowest."""

    utility: str
    customers: str
    measure: str
    cq: TariffOut | None
    sc: TariffOut | None
    area: TariffOut | None
    lower: list[str]


class BudgetOut(Schema):
    """A budget over items, fen."""

    catalogue: str
    name: str
    most_fen: int
    committed_fen: int
    paid_fen: int
