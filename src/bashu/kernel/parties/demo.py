"""The demonstration's organisations and logins: one for each role in each province, and a coordinator. Never on a real node."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from bashu.kernel.commands.actor import Actor, Role
from bashu.kernel.commands.command import Command
from bashu.kernel.parties import selectors, services
from bashu.kernel.parties.models import Kind, Organisation, OrganisationState, Person
from bashu.kernel.secrets import write_private

FILE = "demo-logins.json"
PROVINCES = {"CQ": ("重庆", "Chongqing"), "SC": ("四川", "Sichuan")}
BODIES = [
    (Role.AUTHORITY, Kind.AUTHORITY, "主管部门", "authority"),
    (Role.OPERATOR, Kind.OPERATOR, "服务运营方", "service operator"),
    (Role.ENTERPRISE, Kind.ENTERPRISE, "企业", "enterprise"),
    (Role.VERIFIER, Kind.VERIFIER, "核查机构", "verifying body"),
    (Role.RESIDENT, Kind.COMMUNITY, "居民社区", "residents' community"),
]


class DemoLogin(NamedTuple):
    """One login of the demonstration, as its sign-in page shows it."""

    role: str
    organisation: str
    email: str
    password: str


class Wanted(NamedTuple):
    """One organisation of the demonstration and its member's role. mailbox: of the member, where it is not called by the role."""

    role: Role
    kind: Kind
    jurisdiction: str
    name_zh: str
    name_en: str
    credit_code: str | None = None
    mailbox: str = ""

    @property
    def email(self) -> str:
        """The member's address; the domain is reserved for examples (RFC 2606)."""
        return f"{self.mailbox or f'{self.role}.{self.jurisdiction.lower()}'}@demo.example"


def wanted() -> list[Wanted]:
    """The organisations of the demonstration: the joint office first."""
    joint = Wanted(
        Role.COORDINATOR, Kind.JOINT_OFFICE, "joint", "川渝联合办公室（演示）", "Joint office (demonstration)"
    )
    area = Wanted(
        Role.OPERATOR, Kind.JOINT_OFFICE, "joint", "川渝高竹新区管理机构（演示）", "Gaozhu New Area's body (demonstration)",
        mailbox="area.joint",
    )  # fmt: skip
    single = [
        Wanted(role, kind, code, f"{zh}{body_zh}（演示）", f"{en} {body_en} (demonstration)")
        for code, (zh, en) in PROVINCES.items()
        for role, kind, body_zh, body_en in BODIES
    ]
    # What one official reviewed another decides.
    colleagues = [
        body._replace(mailbox=f"colleague.{body.jurisdiction.lower()}")
        for body in single
        if body.role is Role.AUTHORITY
    ]
    return [joint, area, *single, *colleagues]


def logins() -> list[DemoLogin]:
    """The logins made for this machine; none where there is no demonstration."""
    file = path()
    return [DemoLogin(**row) for row in json.loads(file.read_text())] if settings.BASHU_DEMO and file.exists() else []


def path() -> Path:
    """Where the demonstration's passwords lie, readable by the node's user alone."""
    return Path(settings.BASHU_HOME) / "keys" / FILE


def logins_ensure(more: Sequence[Wanted] = ()) -> list[DemoLogin]:
    """Make the demonstration's organisations and logins through the services, once; the same passwords for every rebuild.

    more: what a system needs besides. Raises RuntimeError on a real node.
    """
    if not settings.BASHU_DEMO:
        raise RuntimeError("logins for each role exist in the demonstration only")
    bodies, rows = [*wanted(), *more], logins()
    known = {row.email for row in rows}
    if new := [body for body in bodies if body.email not in known]:
        rows += [DemoLogin(w.role.value, w.name_zh, w.email, secrets.token_urlsafe(12)) for w in new]
        whole = path().with_suffix(".new")
        whole.unlink(missing_ok=True)
        write_private(whole, json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=1).encode())
        whole.replace(path())
    passwords = {row.email: row.password for row in rows}
    for body in bodies:
        if not Person.objects.filter(email=body.email).exists():
            play(body, passwords[body.email], settings.DEMO_INSTANT)
    return rows


def play(wished: Wanted, password: str, now: datetime) -> None:
    """One organisation and its member: the node applies and approves the member, its administrator admits and invites."""
    node = services.node_actor()
    administrator = services.actor_named(services.ADMINISTRATOR)
    organisation = organisation_found(wished, node, now)
    if organisation.state == OrganisationState.APPLIED:
        organisation = services.organisation_approve(
            ctx=Command(actor=administrator, now=now), organisation=organisation
        )
    invitation = services.invitation_send(
        ctx=Command(actor=administrator, now=now), organisation=organisation, role=wished.role.value, email=wished.email
    )
    assert invitation.secret is not None
    membership = services.invitation_accept(
        ctx=Command(actor=services.invitee(invitation), now=now), invitation=invitation, secret=invitation.secret,
        display_name=wished.name_zh, password=password,
    )  # fmt: skip
    services.membership_approve(ctx=Command(actor=node, now=now), membership=membership)


def organisation_found(wished: Wanted, node: Actor, now: datetime) -> Organisation:
    """The organisation, put forward by the node unless it is there: from an interrupted start, or for a colleague."""
    with selectors.seen_by(node):
        left = Organisation.objects.filter(name_zh=wished.name_zh).first()
    return left or services.organisation_apply(
        ctx=Command(actor=node, now=now), name_zh=wished.name_zh, name_en=wished.name_en,
        jurisdiction=wished.jurisdiction, kind=wished.kind.value, credit_code=wished.credit_code,
    )  # fmt: skip
