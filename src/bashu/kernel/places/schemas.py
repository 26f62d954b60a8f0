"""The API's types of this room."""

from datetime import date
from uuid import UUID

from ninja import Schema


class PlaceBrief(Schema):
    """A division's code and names."""

    code: str
    name_zh: str
    name_en: str


class PlaceOut(PlaceBrief):
    """A division. `lat` and `lon` in degrees of `crs`; `valid_to` is the first day it no longer holds."""

    public_id: UUID
    kind: str
    jurisdiction: str
    parent: PlaceBrief | None
    lat: float | None
    lon: float | None
    crs: str
    valid_from: date
    valid_to: date | None
    date_basis: str
    status: str
    source: str


class MemberOut(Schema):
    """A division's part in a group."""

    place: PlaceBrief
    extent: str
    basis: str
    quote: str
    source: str


class GroupOut(Schema):
    """A group the programme names. Where `members_status` is unknown, its source names no members."""

    public_id: UUID
    slug: str
    kind: str
    name_zh: str
    name_en: str
    members_status: str
    members: list[MemberOut]
    quote: str
    status: str
    source: str
