"""What the API of certificates and settlements takes and gives. Energy in watt-hours, certificates in megawatt-hours, money in fen."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime

Number = Annotated[int, Field(ge=1, le=10**15)]


class UnitIn(Schema):
    """A renewable unit to put on record."""

    jurisdiction: str = Field(pattern="^(CQ|SC)$")
    code: str = Field(pattern=r"^[A-Za-z0-9._-]{1,40}$")
    owner: UUID
    technology: str = Field(pattern="^(wind|solar|hydro|biomass|storage)$")
    commissioned_on: date
    name_zh: str = Field(min_length=1, max_length=100)
    name_en: str = Field("", max_length=100)
    storage_ppm: int = Field(0, ge=0, le=1_000_000)


class UnitOut(Schema):
    """A renewable unit."""

    id: UUID = Field(alias="public_id")
    version: int
    code: str
    name_zh: str
    name_en: str
    technology: str
    commissioned_on: date
    jurisdiction: str
    owner: UUID = Field(alias="owner_id")
    registry: UUID = Field(alias="registry_id")
    certified_wh: int


class TakenOut(Schema):
    """How many rows of a file were new, and how many stood on record with the same figures."""

    taken: int
    known: int


class MonthIn(Schema):
    """A month, by any of its days."""

    month: date


class BatchOut(Schema):
    """What was issued for a unit and a month: certificates first to last, none when last is before first."""

    id: UUID = Field(alias="public_id")
    unit: str = Field(alias="unit.code")
    month: date
    first: int
    last: int
    count: int
    certified_wh: int
    remainder_wh: int
    tradable: bool
    rule: str
    expires_on: date


class IssuedOut(Schema):
    """What a run issued: nothing for what was issued before."""

    issued: int
    batches: list[BatchOut]


class NumberedOut(Schema):
    """Certificates first to last of a unit."""

    id: UUID = Field(alias="public_id")
    version: int
    unit: str = Field(alias="unit.code")
    first: int
    last: int
    count: int


class HoldingOut(NumberedOut):
    """Certificates in one hand."""

    month: date = Field(alias="batch.month")
    expires_on: date = Field(alias="batch.expires_on")
    tradable: bool = Field(alias="batch.tradable")
    owner: UUID = Field(alias="owner_id")
    offered_to: UUID | None = Field(alias="offered_to_id")
    state: str


class OfferIn(Schema):
    """Certificates to offer: how many, from which number on (the lowest when left out), to whom."""

    receiver: UUID
    quantity: Number
    first: Number | None = None


class TransferOut(NumberedOut):
    """An offer."""

    giver: UUID = Field(alias="giver_id")
    receiver: UUID = Field(alias="receiver_id")
    state: str
    offered_at: datetime
    answered_at: datetime | None


class RetireIn(Schema):
    """Certificates to use up: how many, what for, and for whom when not for the owner."""

    quantity: Number
    purpose: str = Field(min_length=1, max_length=200)
    beneficiary: UUID | None = None
    first: Number | None = None


class RetirementOut(NumberedOut):
    """Certificates used up, and who took them into its ledger."""

    month: date = Field(alias="batch.month")
    owner: UUID = Field(alias="owner_id")
    beneficiary: UUID = Field(alias="beneficiary_id")
    purpose: str
    retired_at: datetime
    claimed_by: str | None = Field(description="the system that took it, null while it waits in the outbox")

    @staticmethod
    def resolve_claimed_by(retirement: Any) -> str | None:
        """The claimant."""
        claim = getattr(retirement, "claim", None)
        return claim.claimant if claim else None


class ClaimIn(Schema):
    """Which system takes it, and its record."""

    claimant: str = Field(pattern="^[a-z]{1,40}$")
    reference: str = Field(min_length=1, max_length=200)


class ClaimOut(Schema):
    """A claim of a retirement."""

    id: UUID = Field(alias="public_id")
    retirement: UUID = Field(alias="retirement.public_id")
    claimant: str
    reference: str
    claimed_at: datetime


class CreditIn(ClaimIn):
    """The hours whose energy another system credits, [start, stop)."""

    start: AwareDatetime
    stop: AwareDatetime


class CreditOut(Schema):
    """Hours of a unit that get no certificates."""

    id: UUID = Field(alias="public_id")
    unit: str = Field(alias="unit.code")
    claimant: str
    reference: str


class MatchOut(Schema):
    """A consumption beside its retired certificates: the share matched hour by hour, and over the whole span."""

    organisation: UUID
    start: datetime
    stop: datetime
    used_wh: int
    certified_wh: int
    matched_wh: int
    hourly: float | None
    annual: float | None


class IntensityOut(Schema):
    """Consumption-based carbon intensity of an hour."""

    hour: datetime
    g_per_kwh: float
    source: str


class SettlementIn(Schema):
    """Transfers to propose: yuan by player, as `bashu power share --json` gives them."""

    counterparty: UUID
    period_start: date
    period_end: date
    division: str = Field(pattern="^(shapley|nucleolus|nash)$")
    baseline: str = Field(pattern="^(isolated|ties)$")
    target: dict[str, Decimal] = Field(min_length=1, max_length=20)
    settled: dict[str, Decimal] = Field(min_length=1, max_length=20)
    note: str = Field("", max_length=200)


class LineOut(Schema):
    """One player's part."""

    player: str
    target_fen: int
    settled_fen: int
    transfer_fen: int


class SignatureOut(Schema):
    """One side's signature."""

    jurisdiction: str
    organisation: UUID = Field(alias="organisation_id")
    signed_at: datetime
    digest: str


class SettlementOut(Schema):
    """The transfers of a period; they and the rounding account sum to zero."""

    id: UUID = Field(alias="public_id")
    version: int
    period_start: date
    period_end: date
    division: str
    baseline: str
    digest: str
    rounding_fen: int
    proposer: UUID = Field(alias="proposer_id")
    counterparty: UUID = Field(alias="counterparty_id")
    state: str
    reason: str
    lines: list[LineOut]
    signatures: list[SignatureOut]
