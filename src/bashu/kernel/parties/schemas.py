"""What the API says of parties. People appear by pseudonym; names and addresses of people never leave through the API."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

JurisdictionCode = Literal["CQ", "SC", "joint"]
KindCode = Literal["joint_office", "authority", "operator", "enterprise", "verifier", "community"]
RoleCode = Literal["coordinator", "authority", "operator", "enterprise", "verifier", "resident"]


class OrganisationOut(Schema):
    """An organisation."""

    public_id: UUID
    version: int
    name_zh: str
    name_en: str
    credit_code: str | None
    jurisdiction: str
    kind: str
    state: str


class OrganisationIn(Schema):
    """An organisation put forward. `credit_code`: GB 32100-2015, its check character is verified."""

    name_zh: str = Field(min_length=1, max_length=200)
    name_en: str = Field("", max_length=200)
    credit_code: str | None = Field(None, max_length=18)
    jurisdiction: JurisdictionCode
    kind: KindCode


class MembershipOut(Schema):
    """A person's role for an organisation; the person by pseudonym."""

    public_id: UUID
    version: int
    person: UUID = Field(alias="person_id")
    organisation: UUID = Field(alias="organisation_id")
    role: str
    state: str
    since: datetime
    ended_at: datetime | None


class InvitationIn(Schema):
    """An address invited to a role."""

    email: str = Field(min_length=3, max_length=254)
    role: RoleCode


class InvitationOut(Schema):
    """An invitation; its secret goes by letter only."""

    public_id: UUID
    version: int
    organisation: UUID = Field(alias="organisation_id")
    role: str
    state: str
    expires_at: datetime


class TokenIn(Schema):
    """A new API token. `scopes`: command names, or rooms ending in a dot; none: it may only read."""

    membership: UUID
    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(default_factory=list, max_length=100)
    expires_at: datetime


class TokenOut(Schema):
    """An API token. `secret` is there once, in the answer that made it."""

    public_id: UUID
    version: int
    name: str
    prefix: str
    scopes: list[str]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    secret: str | None = None


class GrantOut(Schema):
    """One role for one organisation."""

    role: str
    organisation: UUID
    organisation_name: str
    jurisdiction: str


class MeOut(Schema):
    """Who the caller is: `kind` anonymous, person or token; `scopes` null when nothing limits him."""

    kind: str
    id: UUID | None
    grants: list[GrantOut]
    scopes: list[str] | None
