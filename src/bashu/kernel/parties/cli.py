"""`bashu parties`: organisations, invitations, tokens, erasure. `bashu --as EMAIL parties …` acts as a person."""

import os
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from bashu.kernel.commands.actor import Actor
from bashu.kernel.commands.command import Command
from bashu.kernel.database.supervisor import ensure
from bashu.kernel.errors import NotFound
from bashu.kernel.parties import selectors, services
from bashu.kernel.parties.models import ApiToken, MembershipState

app = typer.Typer(no_args_is_help=True)
organisations = typer.Typer(no_args_is_help=True, help="Organisations: list, put forward, admit, suspend.")
tokens = typer.Typer(no_args_is_help=True, help="API tokens: make one's own, revoke.")
people = typer.Typer(no_args_is_help=True, help="People: erase.")
app.add_typer(organisations, name="organisation")
app.add_typer(tokens, name="token")
app.add_typer(people, name="person")
console = Console(highlight=False, soft_wrap=True, markup=False)


@app.callback()
def server() -> None:
    """Start the database server when none runs."""
    from django.conf import settings

    ensure(settings.BASHU_HOME)


def acting() -> Actor:
    """Whom `--as` names, else the node's operator."""
    return services.actor_named(os.environ.get("BASHU_AS", ""))


def declare_all() -> None:
    """Have every system declare its commands, as the web does by its addresses: a scope names any of them."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns


def fresh(actor: Actor) -> Command:
    """A command of this moment."""
    return Command(actor=actor, now=datetime.now(UTC))


@organisations.command("list")
def organisation_list() -> None:
    """List organisations: identifier, jurisdiction, kind, state, name."""
    actor = acting()
    with selectors.seen_by(actor):
        for body in selectors.organisation_list(actor):
            console.print(f"{body.public_id}  {body.jurisdiction:5}  {body.kind:12}  {body.state:9}  {body.name_zh}")


@organisations.command("add")
def organisation_add(
    name_zh: Annotated[str, typer.Argument(help="Chinese name")],
    jurisdiction: Annotated[str, typer.Option(help="CQ, SC or joint")],
    kind: Annotated[str, typer.Option(help="joint_office, authority, operator, enterprise, verifier, community")],
    name_en: Annotated[str, typer.Option(help="English name")] = "",
    credit_code: Annotated[str, typer.Option(help="unified social credit code")] = "",
) -> None:
    """Put an organisation forward; somebody else admits it."""
    body = services.organisation_apply(
        ctx=fresh(acting()),
        name_zh=name_zh,
        name_en=name_en,
        credit_code=credit_code,
        jurisdiction=jurisdiction,
        kind=kind,
    )
    console.print(f"Applied: {body.public_id}")


@organisations.command("approve")
def organisation_approve(organisation: Annotated[UUID, typer.Argument(help="identifier")]) -> None:
    """Admit an organisation, as somebody other than the applicant."""
    actor = acting()
    with selectors.seen_by(actor):
        body = selectors.organisation_get(actor, organisation)
    services.organisation_approve(ctx=fresh(actor), organisation=body)
    console.print(f"{body.name_zh} is active.")


@organisations.command("suspend")
def organisation_suspend(organisation: Annotated[UUID, typer.Argument(help="identifier")]) -> None:
    """Take all powers from an organisation's members."""
    actor = acting()
    with selectors.seen_by(actor):
        body = selectors.organisation_get(actor, organisation)
    services.organisation_suspend(ctx=fresh(actor), organisation=body)
    console.print(f"{body.name_zh} is suspended.")


@app.command()
def invite(
    organisation: Annotated[UUID, typer.Argument(help="identifier")],
    role: Annotated[str, typer.Argument(help="coordinator, authority, operator, enterprise, verifier or resident")],
    email: Annotated[str, typer.Argument(help="address of the person")],
) -> None:
    """Invite a person; prints the link once, for you to hand over (no letter is sent)."""
    actor = acting()
    with selectors.seen_by(actor):
        body = selectors.organisation_get(actor, organisation)
    invitation = services.invitation_send(ctx=fresh(actor), organisation=body, role=role, email=email)
    console.print(f"Hand over, shown once, good for seven days: /invitation/?secret={invitation.secret}")


@app.command()
def approve(membership: Annotated[UUID, typer.Argument(help="identifier of the membership")]) -> None:
    """Approve a pending member, as somebody other than the inviter."""
    actor = acting()
    with selectors.seen_by(actor):
        found = selectors.membership_get(actor, membership)
    services.membership_approve(ctx=fresh(actor), membership=found)
    console.print("The member is active.")


@app.command()
def members(organisation: Annotated[UUID, typer.Argument(help="identifier")]) -> None:
    """List an organisation's memberships: identifier, role, state, and the person by pseudonym."""
    actor = acting()
    with selectors.seen_by(actor):
        for member in selectors.membership_list(actor, selectors.organisation_get(actor, organisation)):
            console.print(f"{member.public_id}  {member.role:11}  {member.state:7}  person:{member.person_id}")


@tokens.command("create")
def token_create(
    name: Annotated[str, typer.Argument(help="what will use it")],
    scope: Annotated[
        list[str] | None, typer.Option(help="command, or room ending in a dot; repeatable; none: read only")
    ] = None,
    days: Annotated[int, typer.Option(help="days until it expires", min=1, max=365)] = 90,
    organisation: Annotated[UUID | None, typer.Option(help="organisation to act for; default: the first")] = None,
) -> None:
    """Make an API token for the person named by --as; prints it once."""
    declare_all()
    actor, now = acting(), datetime.now(UTC)
    person = selectors.person_by_email(os.environ.get("BASHU_AS", ""))
    with selectors.seen_by(actor):
        mine = [
            member for member in selectors.memberships_of(person)
            if member.state == MembershipState.ACTIVE and organisation in (None, member.organisation_id)
        ]  # fmt: skip
    if not mine:
        raise NotFound
    token = services.token_create(
        ctx=Command(actor=actor, now=now),
        membership=mine[0],
        name=name,
        scopes=scope or [],
        expires_at=now + timedelta(days=days),
    )
    console.print(token.secret)


@tokens.command("revoke")
def token_revoke(prefix: Annotated[str, typer.Argument(help="the eight characters after bashu_")]) -> None:
    """Make a token useless at once."""
    actor = acting()
    with selectors.seen_by(actor):
        found = ApiToken.objects.filter(prefix=prefix).first()
        if found is None:
            raise NotFound
        token = selectors.token_get(actor, found.public_id)
    services.token_revoke(ctx=fresh(actor), token=token)
    console.print("Revoked.")


@people.command("erase")
def person_erase(
    email: Annotated[str, typer.Argument(help="address of the person")],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Erase a person's name, address and login; what he did for organisations stays, under a pseudonym."""
    person = selectors.person_by_email(email)
    if not yes:
        typer.confirm(f"Erase {email}? This cannot be undone.", abort=True)
    services.person_erase(ctx=fresh(services.oneself(acting())), person=person)
    console.print(f"Erased; the pseudonym {person.public_id} stays.")
