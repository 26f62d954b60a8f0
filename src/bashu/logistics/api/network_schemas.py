"""What the API takes and gives of places, ways and the network. Times are ISO 8601 by the clock of the place."""

from datetime import date, datetime
from uuid import UUID

from ninja import Field, Schema

from bashu.logistics.terms import HOUR_FEN, MOST_TEU, TONNE_FEN


class PlaceFoundOut(Schema):
    """A place to start from or to go to; `within` is the division above it."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    within: str


class AskIn(Schema):
    """A question. depart: a day, from its midnight, or a moment; without an offset by the origin's clock.

    teu: a 40-foot box is two. hour: fen an hour sooner is worth; tonne: fen a tonne of CO2e is worth.
    """

    origin: str = Field(max_length=100)
    destination: str = Field(max_length=100)
    depart: date | datetime
    teu: int = Field(1, ge=1, le=MOST_TEU)
    dangerous: int | None = Field(None, ge=1, le=9)
    reefer: bool = False
    hour: int = Field(HOUR_FEN, ge=0, le=10**9)
    tonne: int = Field(TONNE_FEN, ge=0, le=10**9)


class LatestIn(Schema):
    """A question for the latest departure; deadline: by the destination's clock where it has no offset."""

    origin: str = Field(max_length=100)
    destination: str = Field(max_length=100)
    earliest: date | datetime
    deadline: datetime
    teu: int = Field(1, ge=1, le=MOST_TEU)
    dangerous: int | None = Field(None, ge=1, le=9)
    reefer: bool = False


class LatestOut(Schema):
    """The last moment at which the consignment may leave, null when there is none; network: the version asked."""

    leave_by: datetime | None
    network: str


class NamedOut(Schema):
    """A place of an answer."""

    code: str
    name_zh: str
    name_en: str


class HandlingOut(Schema):
    """What a hub does before a leg; storage_days: charged days."""

    at: str
    arrived_at: datetime
    begins_at: datetime
    ready_at: datetime
    price_fen: int
    gco2e: int
    storage_days: int
    storage_fen: int


class RouteLegOut(Schema):
    """A leg; its price and emissions hold the handling and storage before it. trip and sequences name its departures."""

    mode: str
    service: str | None
    service_zh: str | None
    service_en: str | None
    trip: str | None
    sequences: list[int]
    origin: str = Field(alias="from", serialization_alias="from")
    target: str = Field(alias="to", serialization_alias="to")
    departs_at: datetime
    arrives_at: datetime
    price_fen: int
    gco2e: int
    cutoff_at: datetime | None
    handling: HandlingOut | None


class NetworkOut(Schema):
    """The network an option was made from: SHA-256 of its files, and its weakest status."""

    version: str
    status: str


class OptionOut(Schema):
    """One way that no other beats; `quote` books it until `valid_until`, null once it has departed."""

    departs_at: datetime
    arrives_at: datetime
    price_fen: int
    gco2e: int
    cost_fen: int
    origin: NamedOut
    destination: NamedOut
    network: NetworkOut
    legs: list[RouteLegOut]
    quote: str | None
    valid_until: datetime | None


class VersionOut(Schema):
    """A version of the network; difference: rows that came and went, by file."""

    public_id: UUID
    version: int
    digest: str
    status: str
    hubs: int
    services: int
    departures: int
    difference: dict[str, dict[str, int]]
    current: bool
    imported_at: datetime


class HubOut(Schema):
    """A hub; terms_status: for opening hours, storage, customs facilities and abilities. open: no closure stands."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    jurisdiction: str
    locode: str
    division: str
    zone: str
    lat: float
    lon: float
    coordinates: str
    port_of_entry: str
    customs: list[str]
    status: str
    terms_status: str
    open: bool


class DepartureOut(Schema):
    """One vehicle's run to its next call; held_teu of capacity_teu is taken."""

    public_id: UUID
    service: str
    trip: str
    sequence: int
    mode: str
    corridor: str
    origin: str
    target: str
    departs_at: datetime
    arrives_at: datetime
    expected_departs_at: datetime | None
    expected_arrives_at: datetime | None
    capacity_teu: int
    held_teu: int


class ClosureIn(Schema):
    """A hub closed; until null while nobody knows."""

    closed_from: datetime
    until: datetime | None = None
    reason: str = Field(min_length=1, max_length=200)


class ClosureOut(Schema):
    """A closure."""

    public_id: UUID
    version: int
    hub: str
    closed_from: datetime
    until: datetime | None
    lifted_at: datetime | None
    reason: str
