"""Every write about parties. Journal bodies hold pseudonyms, roles and states: never a name or an address."""

import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from bashu.kernel.commands.actor import JOINT, OFFICES, Actor, ActorKind, Grant, Role, Where
from bashu.kernel.commands.command import DECLARED, Command, command
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.journal.services import body_erase
from bashu.kernel.parties import errors, selectors
from bashu.kernel.parties.engine import credit_code as credit
from bashu.kernel.parties.models import (
    ApiToken,
    Invitation,
    InvitationState,
    Kind,
    Membership,
    MembershipState,
    Organisation,
    OrganisationState,
    Person,
    SignIn,
)

SECRET_BYTES = 32
INVITATION_LIFE = timedelta(days=7)
TOKEN_LIFE = timedelta(days=365)
SIGN_IN_LIFE = timedelta(days=180)
NAME_LONGEST, PERSON_LONGEST, TOKEN_LONGEST = 200, 100, 100
# Reads that a room guards by a scope of its own, with their purpose; the room enters them when it is loaded.
READ_SCOPES: dict[str, str] = {}
ADMINISTRATOR = "admin@bashu.localhost"
NODE_NAME_ZH, NODE_NAME_EN = "节点运营方", "Node operator"


@command("parties.organisation.apply", roles=frozenset(Role))
def organisation_apply(
    *, ctx: Command, name_zh: str, jurisdiction: str, kind: str, name_en: str = "", credit_code: str | None = None
) -> Organisation:
    """Put an organisation forward for admission; an office of its jurisdiction decides.

    Refuses a credit code whose check character is wrong (CreditCodeInvalid, 422) or which another has (CreditCodeTaken, 409).
    """
    body = Organisation.objects.create(
        name_zh=text(name_zh, _("The Chinese name"), NAME_LONGEST),
        name_en=text(name_en, _("The English name"), NAME_LONGEST, needed=False),
        credit_code=verified_code(credit_code),
        jurisdiction=jurisdiction,
        kind=kind,
        applied_by=selectors.person_behind(ctx.actor),
        applied_at=ctx.now,
    )
    ctx.append(
        subject=body,
        before=None,
        after={
            "name_zh": body.name_zh,
            "name_en": body.name_en,
            "credit_code": body.credit_code,
            "jurisdiction": jurisdiction,
            "kind": kind,
            "state": body.state,
        },
        public=True,
    )
    return body


@command("parties.organisation.approve", roles=OFFICES, at="organisation.jurisdiction")
def organisation_approve(*, ctx: Command, organisation: Organisation) -> Organisation:
    """Admit an organisation that applied, or readmit a suspended one. Never by the applicant (SecondPersonNeeded, 403)."""
    body = ctx.lock(organisation)
    if body.state == OrganisationState.ACTIVE:
        raise errors.OrganisationDecided(state=body.get_state_display())
    if body.applied_by == selectors.person_behind(ctx.actor):
        raise errors.SecondPersonNeeded
    return organisation_moved(ctx, body, OrganisationState.ACTIVE)


@command("parties.organisation.suspend", roles=OFFICES, at="organisation.jurisdiction")
def organisation_suspend(*, ctx: Command, organisation: Organisation) -> Organisation:
    """Take all powers from an active organisation's members, at once. The node's own operator cannot be suspended."""
    body = ctx.lock(organisation)
    if body.state != OrganisationState.ACTIVE or body.kind == Kind.NODE:
        raise errors.OrganisationDecided(state=body.get_state_display())
    return organisation_moved(ctx, body, OrganisationState.SUSPENDED)


def organisation_moved(ctx: Command, body: Organisation, state: OrganisationState) -> Organisation:
    """Write an organisation's new state with its entry."""
    before = body.state
    body.revise(state=state)
    ctx.append(subject=body, before={"state": before}, after={"state": state}, public=True)
    return body


@command("parties.invitation.send", roles=selectors.MANAGERS, at="organisation")
def invitation_send(*, ctx: Command, organisation: Organisation, role: str, email: str) -> Invitation:
    """Invite an address to a role. The answer's `secret` goes into the letter and is kept nowhere; a repeat has none.

    An office role can only be offered by an office, and only roles that the organisation's kind has (RoleNotOffered, 409).
    An older open invitation of the same address to the same role is withdrawn.
    """
    body = ctx.lock(organisation) if ctx.expects is not None else organisation
    if body.state != OrganisationState.ACTIVE:
        raise errors.OrganisationDecided(state=body.get_state_display())
    offered(ctx, body, role)
    address = readable_email(email)
    for older in body.invitations.filter(role=role, email=address, state=InvitationState.SENT):
        ctx.lock(older).revise(state=InvitationState.WITHDRAWN, email=None)
        ctx.append(subject=older, before={"state": InvitationState.SENT}, after={"state": InvitationState.WITHDRAWN})
    secret = secrets.token_urlsafe(SECRET_BYTES)
    invitation = Invitation.objects.create(
        organisation=body,
        role=role,
        email=address,
        digest=selectors.digest_of(secret),
        invited_by=selectors.person_behind(ctx.actor),
        sent_at=ctx.now,
        expires_at=ctx.now + INVITATION_LIFE,
    )
    ctx.append(
        subject=invitation,
        before=None,
        after={"organisation": body, "role": role, "state": invitation.state, "expires_at": invitation.expires_at},
    )
    invitation.secret = secret
    return invitation


def offered(ctx: Command, organisation: Organisation, role: str) -> None:
    """Refuse a role that the organisation's kind has not, and an office role given by who holds none over it."""
    if role not in organisation.roles:
        raise errors.RoleNotOffered(role=role)
    if role in OFFICES and ctx.actor.grant_for(OFFICES, organisation.where) is None:
        raise Forbidden(needed=" / ".join(sorted(OFFICES)))


def invitee(invitation: Invitation, person: Person | None = None) -> Actor:
    """Who holds an invitation: a person known or about to be, who may do one thing, accept it."""
    body = invitation.organisation
    grant = Grant(Role(invitation.role), body.public_id, body.name_zh, body.jurisdiction)
    return Actor(
        ActorKind.PERSON, person.public_id if person else uuid7(), (grant,), frozenset({"parties.invitation.accept"})
    )


@command("parties.invitation.accept", roles=frozenset(Role), at="invitation.organisation")
def invitation_accept(
    *, ctx: Command, invitation: Invitation, secret: str, display_name: str = "", password: str = ""
) -> Membership:
    """Take an invitation up: a login for who has none, and a membership that waits for a second person's approval.

    The actor comes from `invitee`. Refuses an invitation used, withdrawn or past its seven days (InvitationSpent, 409), or
    sent to another address than the signed-in person's (InvitationForAnother, 403).
    """
    letter = ctx.lock(selectors.invitation_open(secret))
    if (
        letter.pk != invitation.pk
        or letter.state != InvitationState.SENT
        or letter.email is None
        or ctx.now >= letter.expires_at
    ):
        raise errors.InvitationSpent
    person = Person.objects.filter(public_id=selectors.person_behind(ctx.actor)).first()
    if person is None:
        person = person_create(ctx, letter.email, display_name, password)
    elif person.email != letter.email:
        raise errors.InvitationForAnother
    membership = Membership.objects.create(
        person=person, organisation=letter.organisation, role=letter.role, invitation=letter, since=ctx.now
    )
    letter.revise(state=InvitationState.ACCEPTED, email=None)
    ctx.append(
        subject=letter, before={"state": InvitationState.SENT}, after={"state": letter.state, "membership": membership}
    )
    ctx.append(subject=membership, before=None, after=described(membership))
    return membership


def person_create(ctx: Command, email: str, display_name: str, password: str) -> Person:
    """A new login whose address is proved: whoever comes here opened a letter sent to it."""
    if Person.objects.filter(email=email).exists():
        raise errors.InvitationForAnother
    person = Person(
        public_id=selectors.person_behind(ctx.actor),
        email=email,
        display_name=text(display_name, _("The name"), PERSON_LONGEST),
        joined_at=ctx.now,
    )
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise errors.PasswordWeak(reasons=" ".join(error.messages)) from error
    login_give(person, password)
    return person


def login_give(person: Person, password: str) -> None:
    """Save a person with a password and a confirmed address."""
    person.set_password(password)
    person.save()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)


def described(membership: Membership) -> dict[str, object]:
    """A membership as the journal keeps it."""
    return {
        "person": membership.person,
        "organisation": membership.organisation,
        "role": membership.role,
        "state": membership.state,
    }


@command("parties.membership.approve", roles=selectors.MANAGERS, at="membership.organisation")
def membership_approve(*, ctx: Command, membership: Membership) -> Membership:
    """Let a pending member act. A second person does it: neither the inviter nor the member (SecondPersonNeeded, 403)."""
    found = ctx.lock(membership)
    if found.state != MembershipState.PENDING:
        raise errors.MembershipDecided(state=found.get_state_display())
    inviter = found.invitation.invited_by if found.invitation else None
    if selectors.person_behind(ctx.actor) in (found.person_id, inviter):
        raise errors.SecondPersonNeeded
    offered(ctx, found.organisation, found.role)
    found.revise(state=MembershipState.ACTIVE, since=ctx.now)
    ctx.append(subject=found, before={"state": MembershipState.PENDING}, after={"state": found.state})
    return found


@command("parties.membership.end", roles=frozenset(Role), at="membership.organisation")
def membership_end(*, ctx: Command, membership: Membership) -> Membership:
    """End a membership and its tokens: by the member, or by who looks after the organisation. The person's login stays."""
    found = ctx.lock(membership)
    if selectors.person_behind(ctx.actor) != found.person_id and not selectors.manages(
        ctx.actor, found.organisation.where
    ):
        raise Forbidden(needed=" / ".join(sorted(selectors.MANAGERS)))
    if found.state == MembershipState.ENDED:
        raise errors.MembershipDecided(state=found.get_state_display())
    if found.role in OFFICES and selectors.person_behind(ctx.actor) != found.person_id:
        offered(ctx, found.organisation, found.role)
    membership_close(ctx, found)
    return found


def membership_close(ctx: Command, membership: Membership) -> None:
    """End one membership and revoke its live tokens, each with its entry."""
    for token in membership.tokens.filter(revoked_at__isnull=True):
        token_close(ctx, ctx.lock(token))
    before = membership.state
    membership.revise(state=MembershipState.ENDED, ended_at=ctx.now)
    ctx.append(subject=membership, before={"state": before}, after={"state": membership.state})


@command("parties.token.create", roles=frozenset(Role), at="membership.organisation")
def token_create(
    *, ctx: Command, membership: Membership, name: str, scopes: Collection[str], expires_at: datetime
) -> ApiToken:
    """Make an API token for one's own membership. The answer's `secret` is shown once and kept nowhere; a repeat has none.

    scopes: command names, or rooms ending in a dot ("programme."); a token without scopes may only read.
    Refuses an unknown scope (ScopeUnknown, 422) and a life of more than a year (TokenLifetime, 422). A token makes no tokens.
    """
    found = ctx.lock(membership)
    if ctx.actor.kind is not ActorKind.PERSON or found.person_id != ctx.actor.id:
        raise Forbidden(needed=_("the member himself, signed in"))
    if found.state != MembershipState.ACTIVE:
        raise errors.MembershipDecided(state=found.get_state_display())
    if not ctx.now < expires_at <= ctx.now + TOKEN_LIFE:
        raise errors.TokenLifetime(days=TOKEN_LIFE.days)
    prefix = secrets.token_hex(4)
    secret = f"{selectors.TOKEN_START}{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    token = ApiToken.objects.create(
        membership=found,
        name=text(name, _("The name"), TOKEN_LONGEST),
        prefix=prefix,
        digest=selectors.digest_of(secret),
        scopes=known_scopes(scopes),
        made_at=ctx.now,
        expires_at=expires_at,
    )
    ctx.append(
        subject=token,
        before=None,
        after={"membership": found, "prefix": prefix, "scopes": token.scopes, "expires_at": expires_at},
    )
    token.secret = secret
    return token


def known_scopes(scopes: Collection[str]) -> list[str]:
    """The scopes in order, each naming a command, a guarded read, or a room that has one."""
    names = [*DECLARED, *READ_SCOPES]
    for scope in scopes:
        if scope not in names and not (scope.endswith(".") and any(name.startswith(scope) for name in names)):
            raise errors.ScopeUnknown(scope=scope)
    return sorted(set(scopes))


@command("parties.token.revoke", roles=frozenset(Role), at="token.membership.organisation")
def token_revoke(*, ctx: Command, token: ApiToken) -> ApiToken:
    """Make a token useless at once: by its owner, or by who looks after the organisation."""
    found = ctx.lock(token)
    member = found.membership
    if selectors.person_behind(ctx.actor) != member.person_id and not selectors.manages(
        ctx.actor, member.organisation.where
    ):
        raise Forbidden(needed=" / ".join(sorted(selectors.MANAGERS)))
    if found.revoked_at is not None:
        raise errors.TokenRevoked
    token_close(ctx, found)
    return found


def token_close(ctx: Command, token: ApiToken) -> None:
    """Revoke one token, with its entry."""
    token.revise(revoked_at=ctx.now)
    ctx.append(subject=token, before={"revoked_at": None}, after={"revoked_at": ctx.now})


@command("parties.person.erase", roles=frozenset(Role))
def person_erase(*, ctx: Command, person: Person) -> Person:
    """Erase a person: name, address, second factor and every way in; memberships end; journal bodies about him are emptied.

    By himself or a coordinator of the joint office. The pseudonym stays, so every entry, header and proof stays as it is.
    """
    coordinator = ctx.actor.grant_for({Role.COORDINATOR}, Where(jurisdiction=JOINT))
    if person.public_id != selectors.person_behind(ctx.actor) and coordinator is None:
        raise Forbidden(needed=Role.COORDINATOR)
    found = ctx.lock(person)
    if found.email is None:
        raise errors.PersonErased
    for membership in found.memberships.exclude(state=MembershipState.ENDED):
        membership_close(ctx, ctx.lock(membership))
    bodies_erase(ctx, found)
    Authenticator.objects.filter(user=found).delete()
    EmailAddress.objects.filter(user=found).delete()
    found.set_unusable_password()
    found.revise(
        email=None,
        display_name="",
        is_active=False,
        password=found.password,
        session_epoch=found.session_epoch + 1,
        last_login=None,
    )
    ctx.append(subject=found, before=None, after={"state": "erased"})
    return found


def bodies_erase(ctx: Command, person: Person) -> None:
    """Empty the journal bodies about a person, whichever organisation wrote them.

    The actor may not read them all, but the right to erasure does not depend on that: for this step the transaction sees as
    the node does.
    """
    selectors.set_scope(node_actor())
    for entry in selectors.entries_about(person):
        body_erase(entry)
    selectors.set_scope(ctx.actor)


def oneself(actor: Actor) -> Actor:
    """The actor where he acts about himself alone: erasing oneself and ending one's sessions need no role.

    Who holds none (pending, ended, suspended) is recorded under the node's own organisation and may do these two things.
    """
    body = selectors.node_organisation()
    if actor.id is None or actor.grants or body is None:
        return actor
    grant = Grant(Role.RESIDENT, body.public_id, body.name_zh, body.jurisdiction)
    return Actor(actor.kind, actor.id, (grant,), frozenset({"parties.person.erase", "parties.person.leave_sessions"}))


@command("parties.person.leave_sessions", roles=frozenset(Role))
def person_leave_sessions(*, ctx: Command, person: Person) -> Person:
    """End every session of one's own, on all machines."""
    if person.public_id != ctx.actor.id:
        raise Forbidden(needed=_("the person himself"))
    found = ctx.lock(person)
    found.revise(session_epoch=found.session_epoch + 1)
    ctx.append(subject=found, before=None, after={"sessions": "ended"})
    return found


def node_actor() -> Actor:
    """The node's operator at the console, who acts for the node's organisation as its coordinator.

    Refuses (SignInNeeded, 401) before the first start made that organisation.
    """
    body = selectors.node_organisation()
    if body is None:
        raise SignInNeeded
    return node_actor_of(body.public_id, body.name_zh)


def node_actor_of(organisation: UUID, name: str) -> Actor:
    """The actor that stands for the node itself."""
    return Actor(ActorKind.NODE, organisation, (Grant(Role.COORDINATOR, organisation, name, JOINT),))


def actor_named(email: str) -> Actor:
    """Whom the command line's `--as` names; the node's operator when it names nobody. Refuses (NotFound) an unknown address."""
    return selectors.actor_of_person(selectors.person_by_email(email)) if email else node_actor()


def operator_ensure() -> str | None:
    """At a node's first start, make the organisation that operates it and its first coordinator, `ADMINISTRATOR`.

    Returns the random password, to be printed once and kept nowhere in clear; None when the node has its operator already.
    The one membership that no second person approved: somebody has to be first, and the journal says it was the node.
    """
    if selectors.node_organisation() is not None:
        return None
    password = secrets.token_urlsafe(12)
    operator_create(
        ctx=Command(actor=node_actor_of(uuid7(), NODE_NAME_ZH), now=datetime.now(UTC)),
        email=ADMINISTRATOR,
        password=password,
    )
    return password


@command("parties.operator.create", roles={Role.COORDINATOR})
def operator_create(*, ctx: Command, email: str, password: str) -> Organisation:
    """Make the node's own organisation and its first coordinator; `operator_ensure` calls it, once in a node's life."""
    if ctx.actor.kind is not ActorKind.NODE:
        raise Forbidden(needed=ActorKind.NODE)
    assert ctx.actor.id is not None
    body = Organisation.objects.create(
        public_id=ctx.actor.id,
        name_zh=NODE_NAME_ZH,
        name_en=NODE_NAME_EN,
        jurisdiction=JOINT,
        kind=Kind.NODE,
        state=OrganisationState.ACTIVE,
        applied_by=ctx.actor.id,
        applied_at=ctx.now,
    )
    person = Person(email=email, display_name=NODE_NAME_ZH, joined_at=ctx.now)
    login_give(person, password)
    membership = Membership.objects.create(
        person=person, organisation=body, role=Role.COORDINATOR, state=MembershipState.ACTIVE, since=ctx.now
    )
    ctx.append(
        subject=body, before=None, after={"name_zh": body.name_zh, "kind": body.kind, "state": body.state}, public=True
    )
    ctx.append(subject=membership, before=None, after=described(membership))
    return body


def sign_in_note(*, person: UUID | None, outcome: str, method: str, network: str, agent: str) -> None:
    """Add one attempt to the sign-in audit. Not a command: whoever fails to sign in is nobody yet, and real time counts."""
    SignIn(person_id=person, outcome=outcome, method=method, network=network, agent=agent).save()


def traces_prune(now: datetime) -> int:
    """Delete sign-ins older than 180 days and empty the addresses of dead invitations; for the system role. Returns rows deleted."""
    deleted, _kinds = SignIn.objects.filter(at__lt=now - SIGN_IN_LIFE).delete()
    Invitation.objects.filter(state=InvitationState.SENT, expires_at__lt=now).update(
        state=InvitationState.WITHDRAWN, email=None
    )
    return deleted


def text(written: str, field: str, longest: int, *, needed: bool = True) -> str:
    """A name without surrounding blanks; refuses (TextNeeded, 422) an empty one where one is needed, a longer one, and control signs."""
    stripped = " ".join(written.split())
    if len(stripped) > longest or (needed and not stripped) or not stripped.isprintable():
        raise errors.TextNeeded(field=field, longest=longest)
    return stripped


def verified_code(code: str | None) -> str | None:
    """A credit code in capitals, or None where there is none; refuses (CreditCodeInvalid, 422) one that cannot be."""
    if not code or not code.strip():
        return None
    written = code.strip().upper()
    if found := credit.reason_invalid(written):
        raise errors.CreditCodeInvalid(written=written[: credit.LENGTH], flaw=errors.FLAWS[found])
    return written


def readable_email(email: str) -> str:
    """An address in small letters; refuses (EmailMalformed, 422) what is none."""
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise errors.EmailMalformed from error
    return address
