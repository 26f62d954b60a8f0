"""Settling a period between the two grids: one proposes and signs, the other's signature binds."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256

from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import Role
from bashu.kernel.commands.command import Command, command, plain
from bashu.kernel.journal.engine.canonical import canonical
from bashu.kernel.parties.models import Kind, Organisation, OrganisationState
from bashu.kernel.parties.selectors import person_behind
from bashu.power.engine.settling import transfers
from bashu.power.errors import PartyWrong, SettlementDecided, SettlementRefused, SignedAlready, SignedByOnePerson
from bashu.power.models import Settlement, SettlementLine, SettlementSignature, SettlementState

GRIDS = {Role.OPERATOR, Role.AUTHORITY}
GRID_KINDS = (Kind.OPERATOR, Kind.AUTHORITY)


def other_grid_check(own: str, counterparty: Organisation) -> None:
    """Refuse (PartyWrong) a counterparty that is not an active operator or authority of the other side."""
    if counterparty.kind not in GRID_KINDS or counterparty.state != OrganisationState.ACTIVE:
        raise PartyWrong(organisation=counterparty.name_zh, problem=_("it is no active operator or authority"))
    if {own, counterparty.jurisdiction} != {"CQ", "SC"}:
        raise PartyWrong(organisation=counterparty.name_zh, problem=_("a settlement is between Chongqing and Sichuan"))


@command("power.settlement.propose", roles=GRIDS)
def settlement_propose(
    *,
    ctx: Command,
    counterparty: Organisation,
    period_start: date,
    period_end: date,
    division: str,
    baseline: str,
    target: Mapping[str, Decimal],
    settled: Mapping[str, Decimal],
    note: str = "",
) -> Settlement:
    """Propose, and sign for one's own side, the transfers of a period: target share less price settlement, for each player.

    target, settled: yuan by player, from a division of the period's gain (`bashu power share`). Each is rounded to fen once; what
    rounding leaves is booked to the rounding account, so that everything sums to zero.
    Refuses a counterparty of the same side and a division and settlement that are not of the same gain.
    """
    other_grid_check(ctx.grant.jurisdiction, counterparty)
    if period_start > period_end:
        raise SettlementRefused(place="period_start", problem=_("the period ends before it begins"))
    try:
        found = transfers(target, settled)
    except ValueError as error:
        raise SettlementRefused(place="target", problem=str(error)) from error
    rows = [list(line) for line in found.lines]
    terms = [period_start, period_end, division, baseline, rows, found.rounding]
    settlement = Settlement.objects.create(
        period_start=period_start,
        period_end=period_end,
        division=division,
        baseline=baseline,
        note=note,
        digest=sha256(canonical(plain(terms))).hexdigest(),
        rounding_fen=found.rounding,
        proposer_id=ctx.grant.organisation,
        counterparty=counterparty,
        proposed_at=ctx.now,
    )
    SettlementLine.objects.bulk_create(
        SettlementLine(
            settlement=settlement, player=line.player, position=i, target_fen=line.target, settled_fen=line.settled,
            transfer_fen=line.transfer,
        )
        for i, line in enumerate(found.lines)
    )  # fmt: skip
    sign(ctx, settlement)
    ctx.append(subject=settlement, before=None, after={**told(settlement), "lines": rows})
    return settlement


@command("power.settlement.sign", roles=GRIDS, at="settlement.counterparty_id")
def settlement_sign(*, ctx: Command, settlement: Settlement) -> Settlement:
    """Sign for the other side: from now on the transfers bind both, and everybody sees them."""
    settlement = undecided(ctx, settlement)
    sign(ctx, settlement)
    settlement.revise(state=SettlementState.BINDING, decided_at=ctx.now)
    lines = [[line.player, line.target_fen, line.settled_fen, line.transfer_fen] for line in settlement.lines.all()]
    ctx.append(
        subject=settlement, before={"state": "proposed"}, after={**told(settlement), "lines": lines}, public=True
    )
    return settlement


def sign(ctx: Command, settlement: Settlement) -> None:
    """One side's signature under the terms' digest. Refuses a side, and a person, that signed."""
    person = person_behind(ctx.actor)
    for signature in settlement.signatures.all():
        if signature.jurisdiction == ctx.grant.jurisdiction:
            raise SignedAlready
        if signature.signed_by == person:
            raise SignedByOnePerson
    SettlementSignature.objects.create(
        settlement=settlement, jurisdiction=ctx.grant.jurisdiction, organisation_id=ctx.grant.organisation, signed_by=person,
        signed_at=ctx.now, digest=settlement.digest,
    )  # fmt: skip


@command("power.settlement.decline", roles=GRIDS, at="settlement.counterparty_id")
def settlement_decline(*, ctx: Command, settlement: Settlement, reason: str) -> Settlement:
    """Turn the other grid's proposal down, saying why."""
    return close(ctx, settlement, SettlementState.DECLINED, reason)


@command("power.settlement.withdraw", roles=GRIDS, at="settlement.proposer_id")
def settlement_withdraw(*, ctx: Command, settlement: Settlement, reason: str) -> Settlement:
    """Take one's own proposal back before it binds, saying why."""
    return close(ctx, settlement, SettlementState.WITHDRAWN, reason)


def close(ctx: Command, settlement: Settlement, state: SettlementState, reason: str) -> Settlement:
    """End a proposal that does not bind."""
    settlement = undecided(ctx, settlement)
    if not reason.strip():
        raise SettlementRefused(place="reason", problem=_("say why"))
    settlement.revise(state=state, decided_at=ctx.now, reason=reason)
    ctx.append(subject=settlement, before={"state": "proposed"}, after={**told(settlement), "reason": reason})
    return settlement


def undecided(ctx: Command, settlement: Settlement) -> Settlement:
    """The settlement under lock, while it is a proposal."""
    settlement = ctx.lock(settlement)
    if settlement.state != SettlementState.PROPOSED:
        raise SettlementDecided(state=SettlementState(settlement.state).label)
    return settlement


def told(settlement: Settlement) -> dict[str, object]:
    """What the journal keeps of a settlement."""
    return {
        "period": [settlement.period_start, settlement.period_end],
        "division": settlement.division,
        "baseline": settlement.baseline,
        "digest": settlement.digest,
        "rounding_fen": settlement.rounding_fen,
        "proposer": settlement.proposer_id,
        "counterparty": settlement.counterparty_id,
        "state": str(settlement.state),
    }
