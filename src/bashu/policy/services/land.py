"""Moving the area's land quota: plan, allocate, reserve, use, release. Whole m², one account row at a time under lock."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import OFFICES, Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Forbidden, Malformed
from bashu.policy.errors import DelegationNeeded, LandBeyondArea, LandShort, OtherSide, ReasonMissing
from bashu.policy.formats.operations import extent_on, sources
from bashu.policy.models import Delegation, LandAccount, LandEntry, LandMove, LandReservation
from bashu.policy.services.delegations import cite

KM2 = 1_000_000
MOST = 10**12  # m² in one movement
BODIES = OFFICES | {Role.OPERATOR}


@command("policy.land.plan", roles=OFFICES, at="side", elsewhere=OtherSide)
def land_plan(*, ctx: Command, area: str, side: str, year: int, m2: int, reason: str) -> LandAccount:
    """Add to a side's planned quota of a year, or take from it (negative), citing the plan. It fits into that side of the area."""
    extent = extent_on(area, timezone.localdate(ctx.now))
    if extent is None:
        raise Malformed(place="area", problem=_("no such area is known"))
    if side not in ("CQ", "SC"):
        raise Malformed(place="side", problem=_("CQ or SC is needed"))
    number_check(m2, signed=True)
    LandAccount.objects.get_or_create(area=area, side=side, year=year)
    account = LandAccount.objects.select_for_update(no_key=True).get(area=area, side=side, year=year)
    planned, limit = account.planned + m2, (extent.cq_km2 if side == "CQ" else extent.sc_km2) * KM2
    if planned > limit:
        raise LandBeyondArea(planned=planned, extent=limit, source=sources()[extent.source].title)
    if planned < account.allocated:
        raise LandShort(left=account.planned - account.allocated, asked=-m2)
    return entry(ctx, account, LandMove.PLAN, m2, reason, planned=planned).account


@command("policy.land.allocate", roles=OFFICES, at="account", elsewhere=OtherSide)
def land_allocate(*, ctx: Command, account: LandAccount, m2: int, reason: str) -> LandAccount:
    """Release planned quota to be claimed."""
    number_check(m2)
    account = ctx.lock(account)
    short(account.planned - account.allocated, m2)
    return entry(ctx, account, LandMove.ALLOCATE, m2, reason, allocated=account.allocated + m2).account


@command("policy.land.reserve", roles=BODIES)
def land_reserve(
    *, ctx: Command, account: LandAccount, project: str, m2: int, reason: str, delegation: Delegation | None = None
) -> LandReservation:
    """Hold quota for a project. An office of the side does it by its own power, the area's body under a delegation it cites.

    Two claims on the last hectare: the account's row is locked, the second finds nothing left (LandShort, 409).
    """
    number_check(m2)
    lent = power(ctx, account, "land.reserve", delegation)
    account = ctx.lock(account)
    short(account.free, m2)
    if not project.strip():
        raise ReasonMissing
    reservation = LandReservation.objects.create(account=account, project=project, claimed=m2, made_at=ctx.now)
    entry(
        ctx, account, LandMove.RESERVE, m2, reason, reserved=account.reserved + m2, reservation=reservation, delegation=lent
    )  # fmt: skip
    return reservation


@command("policy.land.use", roles=BODIES)
def land_use(
    *, ctx: Command, reservation: LandReservation, m2: int, reason: str, delegation: Delegation | None = None
) -> LandReservation:
    """Use up reserved quota: the land is supplied to the project for good."""
    return settled(ctx, reservation, LandMove.USE, m2, reason, delegation)


@command("policy.land.release", roles=BODIES)
def land_release(
    *, ctx: Command, reservation: LandReservation, m2: int, reason: str, delegation: Delegation | None = None
) -> LandReservation:
    """Give reserved quota back: it can be claimed again."""
    return settled(ctx, reservation, LandMove.RELEASE, m2, reason, delegation)


def settled(
    ctx: Command, reservation: LandReservation, move: LandMove, m2: int, reason: str, delegation: Delegation | None
) -> LandReservation:
    """Take from what a reservation holds; the account is locked first, as every movement does."""
    number_check(m2)
    lent = power(ctx, reservation.account, f"land.{move}", delegation)
    account = LandAccount.objects.select_for_update(no_key=True).get(pk=reservation.account_id)
    reservation = ctx.lock(reservation)
    short(reservation.held, m2)
    if move is LandMove.USE:
        reservation.revise(used=reservation.used + m2)
        changes = {"reserved": account.reserved - m2, "used": account.used + m2}
    else:
        reservation.revise(released=reservation.released + m2)
        changes = {"reserved": account.reserved - m2}
    entry(ctx, account, move, m2, reason, reservation=reservation, delegation=lent, **changes)
    return reservation


def power(ctx: Command, account: LandAccount, kind: str, delegation: Delegation | None) -> Delegation | None:
    """By which power the actor moves land: None for an office of the side, else the delegation, checked to be in force."""
    if delegation is None:
        if ctx.actor.grant_for(OFFICES, account.where) is None:
            raise DelegationNeeded
        return None
    if delegation.delegate_id not in ctx.actor.organisations():
        raise Forbidden(needed=_("the body to which the power was lent"))
    lent = cite(ctx, delegation, kind, account.side)
    if lent.area != account.area:
        raise DelegationNeeded
    return lent


def number_check(m2: int, *, signed: bool = False) -> None:
    """Refuse (Malformed, 422) what is no area to move."""
    if m2 == 0 or abs(m2) > MOST or (m2 < 0 and not signed):
        raise Malformed(place="m2", problem=_("a whole number of m² above 0"))


def short(left: int, m2: int) -> None:
    """Refuse (LandShort, 409) more than there is."""
    if m2 > left:
        raise LandShort(left=left, asked=m2)


def entry(ctx: Command, account: LandAccount, move: LandMove, m2: int, reason: str, **changes: Any) -> LandEntry:
    """Write the new balances and the ledger's line; the caller holds the account's lock."""
    if not reason.strip():
        raise ReasonMissing
    cited = {name: changes.pop(name, None) for name in ("reservation", "delegation")}
    before = {name: getattr(account, name) for name in changes}
    account.revise(**changes)
    balances = {name: getattr(account, name) for name in ("planned", "allocated", "reserved", "used")}
    line = LandEntry.objects.create(
        account=account, move=move, m2=m2, reason=reason, organisation_id=ctx.grant.organisation, at=ctx.now, **balances, **cited
    )  # fmt: skip
    ctx.append(
        subject=line, before=before,
        after={"account": account, "move": str(move), "m2": m2, "reason": reason, **balances, **cited}, public=True,
    )  # fmt: skip
    return line
