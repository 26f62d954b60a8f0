"""People and organisations for the tests of parties, made through the services as the application role."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from django.test import Client

from bashu.kernel.commands.actor import Actor, Role
from bashu.kernel.commands.command import Command
from bashu.kernel.parties import selectors, services
from bashu.kernel.parties.models import Invitation, Kind, Membership, Organisation, Person

KIND_OF = {
    Role.COORDINATOR: Kind.JOINT_OFFICE,
    Role.AUTHORITY: Kind.AUTHORITY,
    Role.OPERATOR: Kind.OPERATOR,
    Role.ENTERPRISE: Kind.ENTERPRISE,
    Role.VERIFIER: Kind.VERIFIER,
    Role.RESIDENT: Kind.COMMUNITY,
}
PASSWORD = "a sentence nobody guesses"
NUMBERS = count(1)


@dataclass
class Member:
    """A person with a role, ready to act."""

    person: Person
    organisation: Organisation
    membership: Membership

    @property
    def actor(self) -> Actor:
        """The person as an actor, with the grants of this moment."""
        return selectors.actor_of_person(Person.objects.get(pk=self.person.pk))

    def browser(self) -> Client:
        """A browser in which the person is signed in."""
        client = Client()
        client.force_login(self.person, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client


def command(actor: Actor, *, later: timedelta = timedelta(0), **options: object) -> Command:
    """A command of this moment, or of a later one."""
    return Command(actor=actor, now=datetime.now(UTC) + later, **options)


def node() -> Actor:
    """The node's operator at the console."""
    return services.node_actor()


def administrator() -> Actor:
    """The node's first coordinator."""
    return services.actor_named(services.ADMINISTRATOR)


def organisation(role: Role, jurisdiction: str) -> Organisation:
    """A new active organisation whose members can have the role."""
    where = "joint" if role is Role.COORDINATOR else jurisdiction
    applied = services.organisation_apply(
        ctx=command(node()), name_zh=f"测试机构{next(NUMBERS)}", jurisdiction=where, kind=KIND_OF[role]
    )
    return services.organisation_approve(ctx=command(administrator()), organisation=applied)


def invited(body: Organisation, role: Role, email: str | None = None) -> Invitation:
    """An open invitation by the administrator."""
    address = email or f"person{next(NUMBERS)}@example.org"
    return services.invitation_send(ctx=command(administrator()), organisation=body, role=role, email=address)


def accepted(invitation: Invitation, name: str = "测试人员") -> Membership:
    """The invitation taken up by a new person."""
    assert invitation.secret
    return services.invitation_accept(
        ctx=command(services.invitee(invitation)),
        invitation=invitation,
        secret=invitation.secret,
        display_name=name,
        password=PASSWORD,
    )


def member(role: Role, jurisdiction: str = "CQ", body: Organisation | None = None) -> Member:
    """A new person with an active role in a province; `body` puts him into an existing organisation."""
    home = body or organisation(role, jurisdiction)
    membership = services.membership_approve(ctx=command(node()), membership=accepted(invited(home, role)))
    return Member(membership.person, home, membership)


def token_of(owner: Member, scopes: list[str], days: int = 30):
    """A token of a member."""
    return services.token_create(
        ctx=command(owner.actor), membership=owner.membership, name="脚本", scopes=scopes,
        expires_at=datetime.now(UTC) + timedelta(days=days),
    )  # fmt: skip


def with_password(found: Member) -> Client:
    """A browser whose password was entered a moment ago."""
    client = Client()
    client.post("/accounts/login/", {"login": found.person.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client
