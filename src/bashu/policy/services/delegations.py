"""Lending powers, revoking them, and acts done under them, each citing a delegation in force."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.cited import FactStatus
from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.parties.models import Kind, Organisation
from bashu.kernel.parties.selectors import person_behind
from bashu.policy.errors import (
    ActNotDelegated,
    DelegationNotInForce,
    DelegationRevoked,
    DelegationWrong,
    NotBorrower,
    NotLender,
    OutOfArea,
    ReasonMissing,
)
from bashu.policy.formats.operations import acts as act_kinds
from bashu.policy.formats.operations import towns
from bashu.policy.models import DelegatedAct, Delegation
from bashu.policy.wording import AREAS, SIDES, STANDINGS


@command("policy.delegation.grant", roles={Role.AUTHORITY}, at="delegator.public_id", elsewhere=NotLender)
def delegation_grant(
    *, ctx: Command, delegator: Organisation, delegate: Organisation, acts: Sequence[str], area: str, basis: str, source: str,
    valid_from: date, valid_to: date | None = None, status: str = FactStatus.SOURCED,
) -> Delegation:  # fmt: skip
    """Lend kinds of acts to a body for an area, on a legal basis. An authority lends only its own province's power.

    basis: the words it rests on; source: where they stand. Refuses (DelegationWrong, 422) unknown kinds and areas, a delegate that
    is no body of the area, and dates that run backwards.
    """
    faults = [
        (not acts or set(acts) - act_kinds().keys(), _("name kinds of acts that can be lent")),
        (area not in {town.area for town in towns().values()}, _("no such area is known")),
        (delegate.kind not in (Kind.JOINT_OFFICE, Kind.AUTHORITY), _("powers are lent to public bodies")),
        (delegate.public_id == delegator.public_id, _("powers are lent to another body")),
        (not basis.strip() or not source.strip(), _("name the legal basis and where it stands")),
        (valid_to is not None and valid_to < valid_from, _("the last day lies before the first")),
        (status not in FactStatus.values, _("say how sure the basis is")),
    ]
    for wrong, problem in faults:
        if wrong:
            raise DelegationWrong(problem=problem)
    delegation = Delegation.objects.create(
        delegator=delegator, delegate=delegate, province=delegator.jurisdiction, acts=sorted(set(acts)), area=area, basis=basis,
        source=source, status=status, valid_from=valid_from, valid_to=valid_to,
    )  # fmt: skip
    ctx.append(
        subject=delegation, before=None,
        after={
            "delegator": delegator, "delegate": delegate, "acts": delegation.acts, "area": area, "basis": basis, "source": source,
            "status": status, "valid": [valid_from, valid_to],
        },
        public=True,
    )  # fmt: skip
    return delegation


@command("policy.delegation.revoke", roles={Role.AUTHORITY}, at="delegation.delegator_id", elsewhere=NotLender)
def delegation_revoke(*, ctx: Command, delegation: Delegation, reason: str) -> Delegation:
    """Take a power back from today on, saying why; what was done before stays."""
    delegation = ctx.lock(delegation)
    if delegation.revoked_on is not None:
        raise DelegationRevoked(day=delegation.revoked_on)
    if not reason.strip():
        raise ReasonMissing
    today = timezone.localdate(ctx.now)
    delegation.revise(revoked_on=today, revoked_why=reason)
    ctx.append(
        subject=delegation, before={"revoked_on": None}, after={"revoked_on": today, "reason": reason}, public=True
    )
    return delegation


@command(
    "policy.delegation.act",
    roles={Role.OPERATOR, Role.AUTHORITY, Role.COORDINATOR},
    at="delegation",
    elsewhere=NotBorrower,
)
def delegated_act(*, ctx: Command, delegation: Delegation, kind: str, place: str, matter: str) -> DelegatedAct:
    """Do an act under a delegation, which it cites. Refuses a delegation not in force, another kind, a place outside."""
    cite(ctx, delegation, kind, place)
    if not matter.strip():
        raise ReasonMissing
    act = DelegatedAct.objects.create(
        delegation=delegation, kind=kind, place=place, matter=matter, organisation_id=delegation.delegate_id,
        done_by=person_behind(ctx.actor), done_at=ctx.now,
    )  # fmt: skip
    ctx.append(
        subject=act, before=None, after={"delegation": delegation, "kind": kind, "place": place, "matter": matter}, public=True
    )  # fmt: skip
    return act


def cite(ctx: Command, delegation: Delegation, kind: str, place: str) -> Delegation:
    """The delegation under lock, in force today for this kind of act at this place; a revocation waits for the act.

    place: a town of the area, or one of its sides (CQ, SC). Refuses DelegationNotInForce, ActNotDelegated, OutOfArea (409).
    """
    delegation = Delegation.objects.select_for_update(no_key=True).get(pk=delegation.pk)
    today = timezone.localdate(ctx.now)
    standing = delegation.standing(today)
    if standing != "in_force":
        raise DelegationNotInForce(day=today, standing=STANDINGS[standing])
    if kind not in delegation.acts:
        raise ActNotDelegated(kind=act_kinds()[kind].label if kind in act_kinds() else kind)
    town = towns().get(place)
    inside = (
        place == delegation.province
        if town is None
        else (town.area, town.province) == (delegation.area, delegation.province)
    )
    if not inside:
        raise OutOfArea(
            place=town.label if town else SIDES.get(place, place), area=AREAS.get(delegation.area, delegation.area)
        )
    return delegation
