"""Reading parties: who acts, what he may see of organisations, members, tokens and sign-ins."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare

from bashu.kernel.commands.actor import ANONYMOUS, JOINT, OFFICES, Actor, ActorKind, Grant, Role, Where
from bashu.kernel.commands.command import label_of
from bashu.kernel.database.scope import scope_set
from bashu.kernel.errors import NotFound, SignInNeeded
from bashu.kernel.journal.models import Entry
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

# Who looks after the members of an organisation: offices above it, and these roles in it.
MANAGERS = OFFICES | {Role.OPERATOR}
TOKEN_START = "bashu_"  # noqa: S105 - how tokens begin, not one


@contextmanager
def seen_by(actor: Actor) -> Iterator[None]:
    """Look at the database with an actor's eyes: row-level security inside the block sees what he may see.

    Needed around reads outside a GET page, which the `Viewer` middleware covers, and outside a command. Inside an open
    transaction it sets that transaction's scope; else it opens one.
    """
    if connection.in_atomic_block:
        set_scope(actor)
        yield
    else:
        with transaction.atomic():
            set_scope(actor)
            yield


def set_scope(actor: Actor) -> None:
    """Set the open transaction's scope to an actor's: one statement."""
    with connection.cursor() as cursor:
        scope_set(cursor, person=actor.id, organisations=actor.organisations(), jurisdictions=actor.jurisdictions())


def actor_of_person(person: Person) -> Actor:
    """The person as an actor: a grant for each active membership in an active organisation. Two statements."""
    if not person.is_active:
        return ANONYMOUS
    with seen_by(Actor(ActorKind.PERSON, person.public_id)):
        memberships = list(
            Membership.objects.filter(
                person=person, state=MembershipState.ACTIVE, organisation__state=OrganisationState.ACTIVE
            )
            .select_related("organisation")
            .order_by("pk")
        )
    return Actor(ActorKind.PERSON, person.public_id, tuple(grant_of(membership) for membership in memberships))


def grant_of(membership: Membership) -> Grant:
    """What an active membership permits."""
    body = membership.organisation
    return Grant(Role(membership.role), body.public_id, body.name_zh, body.jurisdiction)


def actor_of_token(secret: str) -> Actor | None:
    """The actor behind an API token, or None when it is unknown, expired, revoked, or its membership is no longer live.

    One statement, before anybody is known: the database function `parties_token_open` gives one live token by its digest
    and notes the hour of its use (see the room's README).
    """
    if not secret.startswith(TOKEN_START):
        return None
    digest = digest_of(secret)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT token, digest, scopes, role, organisation, organisation_name, jurisdiction FROM parties_token_open(%s)",
            [digest],
        )
        row = cursor.fetchone()
    if row is None or not constant_time_compare(bytes(row[1]), digest):
        return None
    token, _, scopes, role, organisation, name, jurisdiction = row
    return Actor(ActorKind.TOKEN, token, (Grant(Role(role), organisation, name, jurisdiction),), frozenset(scopes))


def digest_of(secret: str) -> bytes:
    """What the database keeps of a secret: secrets have 256 random bits, so no salt and no slow hash is needed."""
    return sha256(secret.encode()).digest()


def person_behind(actor: Actor) -> UUID:
    """The person who acts, himself or through a token of his; the node's own id for its operator at the console.

    What the rule of the second person compares: a token of mine is not a second person. Refuses nobody (SignInNeeded, 401).
    """
    if actor.id is None:
        raise SignInNeeded
    if actor.kind is ActorKind.TOKEN:
        return ApiToken.objects.select_related("membership__person").get(public_id=actor.id).membership.person.public_id
    return actor.id


def node_organisation() -> Organisation | None:
    """The organisation that operates this node; None before the first start."""
    return Organisation.objects.filter(kind=Kind.NODE).first()


def person_by_email(email: str) -> Person:
    """The person with an address and a login; refuses (NotFound)."""
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        raise NotFound
    return person


def organisation_list(actor: Actor) -> QuerySet[Organisation]:
    """Organisations by name: those admitted are public; applications are for the applicant and the offices they go to."""
    seen = Q(applied_by=actor.id) if actor.id else Q(pk__in=[])
    if JOINT in actor.jurisdictions():
        seen |= Q(pk__isnull=False)
    else:
        seen |= Q(jurisdiction__in=actor.jurisdictions())
    return Organisation.objects.filter(~Q(state=OrganisationState.APPLIED) | seen).order_by("name_zh", "pk")


def organisation_get(actor: Actor, public_id: UUID) -> Organisation:
    """One organisation; refuses (NotFound) what the actor may not know of."""
    body = organisation_list(actor).filter(public_id=public_id).first()
    if body is None:
        raise NotFound
    return body


def manages(actor: Actor, where: Where) -> bool:
    """Whether the actor looks after the members of the organisation at a place."""
    return actor.grant_for(MANAGERS, where) is not None


def decides(actor: Actor, organisation: Organisation) -> bool:
    """Whether the actor may admit or suspend the organisation."""
    return actor.grant_for(OFFICES, Where(jurisdiction=organisation.jurisdiction)) is not None


def membership_list(actor: Actor, organisation: Organisation) -> QuerySet[Membership]:
    """Memberships of an organisation: all for who looks after it, else one's own."""
    found = Membership.objects.filter(organisation=organisation).select_related("person", "organisation", "invitation")
    if not manages(actor, organisation.where):
        found = found.filter(person__public_id=person_behind(actor)) if actor.id else found.none()
    return found.order_by("state", "role", "pk")


def membership_get(actor: Actor, public_id: UUID) -> Membership:
    """One membership; refuses (NotFound) unless it is the actor's own or he looks after the organisation."""
    found = (
        Membership.objects.select_related("person", "organisation", "invitation").filter(public_id=public_id).first()
    )
    if found is None or not (found.person_id == person_behind(actor) or manages(actor, found.organisation.where)):
        raise NotFound
    return found


def memberships_of(person: Person) -> QuerySet[Membership]:
    """A person's memberships that have not ended."""
    return person.memberships.exclude(state=MembershipState.ENDED).select_related("organisation").order_by("pk")


def invitation_list(actor: Actor, organisation: Organisation) -> QuerySet[Invitation]:
    """Open invitations of an organisation, for who looks after it."""
    if not manages(actor, organisation.where):
        return Invitation.objects.none()
    return organisation.invitations.filter(state=InvitationState.SENT).order_by("-pk")


def invitation_open(secret: str) -> Invitation:
    """The invitation whose secret the caller holds, whatever became of it; refuses (NotFound).

    Must run in a transaction: it shows the secret's digest to the policy on invitations.
    """
    digest = digest_of(secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('bashu.invitation', %s, true)", [digest.hex()])
    found = Invitation.objects.select_related("organisation").filter(digest=digest).first()
    if found is None:
        raise NotFound
    return found


def invitee_known(invitation: Invitation) -> bool:
    """Whether somebody with a login has the address that was invited."""
    return invitation.email is not None and Person.objects.filter(email=invitation.email).exists()


def token_list(person: Person) -> QuerySet[ApiToken]:
    """A person's API tokens, newest first."""
    return ApiToken.objects.filter(membership__person=person).select_related("membership__organisation").order_by("-pk")


def token_get(actor: Actor, public_id: UUID) -> ApiToken:
    """One token; refuses (NotFound) unless it is the actor's own or he looks after the organisation it acts for."""
    found = (
        ApiToken.objects.select_related("membership__organisation", "membership__person")
        .filter(public_id=public_id)
        .first()
    )
    if found is None or not (
        found.membership.person_id == person_behind(actor) or manages(actor, found.membership.organisation.where)
    ):
        raise NotFound
    return found


def sign_in_list(person: Person) -> QuerySet[SignIn]:
    """A person's sign-ins, newest first."""
    return person.sign_ins.order_by("-at")


def entries_about(person: Person) -> list[UUID]:
    """Journal entries whose subject is the person, a membership, a token or an invitation of his, bodies not yet erased."""
    memberships = list(person.memberships.all())
    records = [person, *memberships]
    records += ApiToken.objects.filter(membership__in=memberships)
    records += Invitation.objects.filter(membership__in=memberships)
    labels = [label_of(record) for record in records]
    return list(Entry.objects.filter(subject__in=labels, body__content__isnull=False).values_list("id", flat=True))


def colleague_of(actor: Actor, person: Person) -> bool:
    """Whether the actor looks after an organisation in which the person has or had a role."""
    return any(
        manages(actor, membership.organisation.where)
        for membership in person.memberships.select_related("organisation")
    )
