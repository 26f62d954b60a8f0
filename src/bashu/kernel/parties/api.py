"""The API of parties: organisations, memberships, invitations, tokens, and who the caller is."""

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.pagination import paginate

from bashu.kernel.commands.actor import ActorKind
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.parties import schemas, selectors, services
from bashu.kernel.parties.pages import in_real_time, letter_send
from bashu.kernel.web.api import Paged
from bashu.kernel.web.requests import actor_of, command_of

router = Router(tags=["parties"])


@router.get("/me", response=schemas.MeOut)
def me(request: HttpRequest) -> dict[str, Any]:
    """Who the caller is and what he may be for whom."""
    actor = actor_of(request)
    scopes = None if actor.scopes is None else sorted(actor.scopes)
    return {"kind": actor.kind, "id": actor.id, "grants": list(actor.grants), "scopes": scopes}


@router.get("/organisations", response=list[schemas.OrganisationOut])
@paginate(Paged)
def organisation_list(request: HttpRequest):
    """Organisations by name. Applications are seen by the applicant and the offices they go to."""
    return selectors.organisation_list(actor_of(request))


@router.post("/organisations", response={201: schemas.OrganisationOut})
def organisation_apply(request: HttpRequest, body: schemas.OrganisationIn):
    """Put an organisation forward for admission."""
    return Status(201, services.organisation_apply(ctx=command_of(request), **body.dict()))


@router.get("/organisations/{uuid:public_id}", response=schemas.OrganisationOut)
def organisation_get(request: HttpRequest, public_id: UUID):
    """One organisation."""
    return selectors.organisation_get(actor_of(request), public_id)


@router.post("/organisations/{uuid:public_id}/approve", response=schemas.OrganisationOut)
def organisation_approve(request: HttpRequest, public_id: UUID):
    """Admit an organisation: an office of its jurisdiction, never the applicant."""
    return services.organisation_approve(ctx=command_of(request), organisation=organisation_of(request, public_id))


@router.post("/organisations/{uuid:public_id}/suspend", response=schemas.OrganisationOut)
def organisation_suspend(request: HttpRequest, public_id: UUID):
    """Take all powers from an organisation's members."""
    return services.organisation_suspend(ctx=command_of(request), organisation=organisation_of(request, public_id))


@router.get("/organisations/{uuid:public_id}/memberships", response=list[schemas.MembershipOut])
@paginate(Paged)
def membership_list(request: HttpRequest, public_id: UUID):
    """Memberships of an organisation: all for who looks after it, else the caller's own."""
    return selectors.membership_list(actor_of(request), selectors.organisation_get(actor_of(request), public_id))


@router.post("/organisations/{uuid:public_id}/invitations", response={201: schemas.InvitationOut})
def invitation_send(request: HttpRequest, public_id: UUID, body: schemas.InvitationIn):
    """Invite an address to a role; the secret goes there by letter and nowhere else."""
    invitation = services.invitation_send(
        ctx=in_real_time(command_of(request)),
        organisation=organisation_of(request, public_id),
        role=body.role,
        email=body.email,
    )
    letter_send(request, invitation)
    return Status(201, invitation)


@router.post("/memberships/{uuid:public_id}/approve", response=schemas.MembershipOut)
def membership_approve(request: HttpRequest, public_id: UUID):
    """Approve a pending member: neither the inviter nor the member."""
    return services.membership_approve(ctx=command_of(request), membership=membership_of(request, public_id))


@router.post("/memberships/{uuid:public_id}/end", response=schemas.MembershipOut)
def membership_end(request: HttpRequest, public_id: UUID):
    """End a membership and its tokens."""
    return services.membership_end(ctx=command_of(request), membership=membership_of(request, public_id))


@router.get("/tokens", response=list[schemas.TokenOut])
@paginate(Paged)
def token_list(request: HttpRequest):
    """The API tokens of the signed-in person."""
    return selectors.token_list(person_of(request))


@router.post("/tokens", response={201: schemas.TokenOut})
def token_create(request: HttpRequest, body: schemas.TokenIn):
    """Make an API token for one's own membership: needs a session whose password was entered in the last minutes."""
    person_of(request)
    if not did_recently_reauthenticate(request):
        raise Forbidden(needed=_("your password again: sign in anew"))
    token = services.token_create(
        ctx=in_real_time(command_of(request)), membership=membership_of(request, body.membership),
        name=body.name, scopes=body.scopes, expires_at=body.expires_at,
    )  # fmt: skip
    return Status(201, token)


@router.post("/tokens/{uuid:public_id}/revoke", response=schemas.TokenOut)
def token_revoke(request: HttpRequest, public_id: UUID):
    """Make a token useless at once."""
    with selectors.seen_by(actor_of(request)):
        token = selectors.token_get(actor_of(request), public_id)
    return services.token_revoke(ctx=in_real_time(command_of(request)), token=token)


def organisation_of(request: HttpRequest, public_id: UUID):
    """The organisation an act is about, as the caller sees it."""
    with selectors.seen_by(actor_of(request)):
        return selectors.organisation_get(actor_of(request), public_id)


def membership_of(request: HttpRequest, public_id: UUID):
    """The membership an act is about, as the caller sees it; refuses (SignInNeeded) nobody."""
    if actor_of(request).id is None:
        raise SignInNeeded
    with selectors.seen_by(actor_of(request)):
        return selectors.membership_get(actor_of(request), public_id)


def person_of(request: HttpRequest):
    """The person signed in with a session; refuses nobody (SignInNeeded) and tokens (Forbidden)."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    if actor.kind is not ActorKind.PERSON:
        raise Forbidden(needed=_("a person's session"))
    return get_user(request)
