"""Certificates from issue to retirement, and the outbox from which another system takes a retirement once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

import numpy as np
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import Actor, Role, Where
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import seen_by
from bashu.power.certificate_rules import rules
from bashu.power.engine.certificates import Meter, Stored, certify, expiry, roll, rule_for
from bashu.power.errors import (
    AlreadyIssued,
    EnergyCertified,
    Expired,
    MonthEmpty,
    MonthOpen,
    NotHeld,
    NotTradable,
    OfferAnswered,
    OutOfOrder,
    PartyWrong,
    TooMany,
)
from bashu.power.models import (
    Batch,
    CertifiedHour,
    CreditClaim,
    Holding,
    HoldingState,
    Retirement,
    RetirementClaim,
    Transfer,
    TransferState,
    Unit,
)
from bashu.power.selectors import certificates as selectors
from bashu.power.services.metering import HOLDERS, REGISTRY, party_check
from bashu.power.services.rows import rows_insert

CLAIMERS = HOLDERS | {Role.COORDINATOR}


@command("power.batch.issue", roles=REGISTRY, at="unit")
def batch_issue(*, ctx: Command, unit: Unit, month: date) -> Batch:
    """Issue a unit's certificates of a month (its first day) to its owner.

    Refuses a month that is not over, has no metered hour, is issued (so that nothing is issued twice), or follows one that
    still waits: what a unit carries goes forward in time.
    """
    unit = ctx.lock(unit)
    month = month.replace(day=1)
    start, stop = selectors.month_span(month)
    if ctx.now < stop:
        raise MonthOpen(month=f"{month:%Y-%m}")
    if unit.batches.filter(month=month).exists():
        raise AlreadyIssued
    if waiting := selectors.first_waiting(unit, before=start):
        raise OutOfOrder(unit=unit.code, month=f"{waiting:%Y-%m}")
    hours = list(
        unit.metered.filter(hour__gte=start, hour__lt=stop)
        .order_by("hour")
        .values_list("hour", "generated_wh", "charged_wh", "charged_other_wh", "returned_wh")
    )
    if not hours:
        raise MonthEmpty(month=f"{month:%Y-%m}", unit=unit.code)
    when = [row[0] for row in hours]
    figures = np.array([row[1:] for row in hours], dtype=np.int64).T
    found = certify(
        Meter(*figures),
        stored=Stored(unit.stored_own_wh, unit.stored_other_wh),
        storage_ppm=unit.storage_ppm,
        withheld=selectors.withheld(unit, when),
    )
    return batch_write(ctx, unit, month, when, found.wh, found.stored)


def batch_write(ctx: Command, unit: Unit, month: date, when: list[datetime], wh: np.ndarray, stored: Stored) -> Batch:
    """Write a month's batch, its certified hours, the owner's holding, and what the unit carries on."""
    rule, total = rule_for(rules(), unit.technology, unit.commissioned_on), int(wh.sum())
    numbers = roll(unit.certified_wh, total)
    batch = Batch.objects.create(
        unit=unit,
        month=month,
        first=numbers.first,
        last=numbers.last,
        certified_wh=total,
        remainder_wh=numbers.remainder,
        tradable=rule.tradable,
        expires_on=expiry(month, rule.life_months),
        rule=rule.id,
        issued_at=ctx.now,
    )
    made = np.flatnonzero(wh)
    before = unit.certified_wh + np.concatenate([[0], np.cumsum(wh)[:-1]])
    if len(made):
        rows_insert(CertifiedHour, {
            "unit_id": [unit.pk] * len(made), "hour": [when[i] for i in made], "wh": wh[made].tolist(), "before_wh": before[made].tolist(),
        })  # fmt: skip
    if batch.count:
        Holding.objects.create(unit=unit, batch=batch, owner_id=unit.owner_id, first=batch.first, last=batch.last)
    unit.revise(certified_wh=unit.certified_wh + total, stored_own_wh=stored.own, stored_other_wh=stored.other)
    told = {
        "unit": unit.code, "month": month, "first": batch.first, "last": batch.last, "certified_wh": total,
        "remainder_wh": batch.remainder_wh, "tradable": batch.tradable, "rule": batch.rule, "expires_on": batch.expires_on,
    }  # fmt: skip
    ctx.append(subject=batch, before=None, after=told, public=True)
    return batch


def month_issue(*, actor: Actor, now: datetime, month: date, key: str = "") -> list[Batch]:
    """Issue a month for every unit that the actor keeps and that waits for it; what is issued already issues nothing.

    Each unit is a command of its own (key: `<key>:<unit>`), so a run that was killed is taken up by the next.
    """
    if actor.id is None:
        raise SignInNeeded
    if actor.grant_for(REGISTRY, Where()) is None:
        raise Forbidden(needed=" / ".join(sorted(REGISTRY)))
    with seen_by(actor):
        waiting = [unit for unit in selectors.units_waiting(month) if actor.grant_for(REGISTRY, unit.where)]
    return [batch_issue(ctx=commanded(actor, now, key, unit), unit=unit, month=month) for unit in waiting]


def commanded(actor: Actor, now: datetime, key: str, unit: Unit) -> Command:
    """The command for one unit of a run."""
    return Command(actor=actor, now=now, key=f"{key}:{unit.code}") if key else Command(actor=actor, now=now)


def take(ctx: Command, holding: Holding, quantity: int, first: int | None) -> Holding:
    """A holding of exactly the certificates asked for, cut out of one that is locked; nothing of it moved yet.

    first: the number to begin at; None takes the lowest. What is left of the old one keeps its row, so that whoever waits for
    the lock finds it there.
    Refuses certificates that are offered or retired, that outlived their time, or that the holding has not.
    """
    holding = ctx.lock(holding)
    if holding.state != HoldingState.HELD:
        raise NotHeld(state=HoldingState(holding.state).label)
    batch = holding.batch
    if timezone.localdate(ctx.now) > batch.expires_on:
        raise Expired(expires_on=batch.expires_on)
    start = holding.first if first is None else first
    stop = start + quantity - 1
    if quantity < 1 or start < holding.first or stop > holding.last:
        raise TooMany(first=holding.first, last=holding.last, asked=f"{start}-{stop}")
    if (start, stop) == (holding.first, holding.last):
        return holding
    old_last = holding.last
    if start > holding.first:
        holding.revise(last=start - 1)
    else:
        holding.revise(first=stop + 1)
    rest = {"unit_id": holding.unit_id, "batch": batch, "owner_id": holding.owner_id}
    if holding.last < stop < old_last:
        Holding.objects.create(first=stop + 1, last=old_last, **rest)
    return Holding.objects.create(first=start, last=stop, **rest)


def numbers(row: Holding | Transfer | Retirement) -> dict[str, object]:
    """Which certificates, as the journal keeps them."""
    return {"unit": row.unit.code, "first": row.first, "last": row.last}


@command("power.transfer.offer", roles=HOLDERS, at="holding")
def transfer_offer(
    *, ctx: Command, holding: Holding, receiver: Organisation, quantity: int, first: int | None = None
) -> Transfer:
    """Offer certificates to another organisation; they stay the giver's, and fixed, until it answers."""
    party_check(receiver)
    if receiver.public_id == holding.owner_id:
        raise PartyWrong(organisation=receiver.name_zh, problem=_("it holds these certificates"))
    piece = take(ctx, holding, quantity, first)
    if not piece.batch.tradable:
        raise NotTradable(rule=piece.batch.rule)
    piece.revise(state=HoldingState.OFFERED, offered_to_id=receiver.public_id)
    transfer = Transfer.objects.create(
        unit_id=piece.unit_id, first=piece.first, last=piece.last, giver_id=piece.owner_id, receiver=receiver, offered_at=ctx.now
    )  # fmt: skip
    ctx.append(subject=transfer, before=None, after={**numbers(transfer), "receiver": receiver.public_id})
    return transfer


@command("power.transfer.accept", roles=HOLDERS, at="transfer.receiver_id")
def transfer_accept(*, ctx: Command, transfer: Transfer) -> Transfer:
    """Take offered certificates over."""
    return answer(ctx, transfer, TransferState.ACCEPTED)


@command("power.transfer.decline", roles=HOLDERS, at="transfer.receiver_id")
def transfer_decline(*, ctx: Command, transfer: Transfer) -> Transfer:
    """Turn an offer down: the giver may move the certificates again."""
    return answer(ctx, transfer, TransferState.DECLINED)


@command("power.transfer.withdraw", roles=HOLDERS, at="transfer.giver_id")
def transfer_withdraw(*, ctx: Command, transfer: Transfer) -> Transfer:
    """Take an offer back before it is answered."""
    return answer(ctx, transfer, TransferState.WITHDRAWN)


def answer(ctx: Command, transfer: Transfer, state: TransferState) -> Transfer:
    """Close an open offer and set its certificates free, with their new owner when it is accepted."""
    transfer = ctx.lock(transfer)
    if transfer.state != TransferState.OFFERED:
        raise OfferAnswered(state=TransferState(transfer.state).label)
    piece = (
        Holding.objects.select_for_update(no_key=True, of=("self",))
        .select_related("batch")
        .get(unit_id=transfer.unit_id, first=transfer.first, state=HoldingState.OFFERED)
    )
    accepted = state == TransferState.ACCEPTED
    if accepted and timezone.localdate(ctx.now) > piece.batch.expires_on:
        raise Expired(expires_on=piece.batch.expires_on)
    owner = transfer.receiver_id if accepted else transfer.giver_id
    transfer.revise(state=state, answered_at=ctx.now)
    with handing_back(piece):
        piece.revise(state=HoldingState.HELD, offered_to_id=None, owner_id=owner)
    ctx.append(subject=transfer, before={"state": "offered"}, after={**numbers(transfer), "state": state})
    return transfer


@contextmanager
def handing_back(piece: Holding) -> Iterator[None]:
    """Let the transaction write a holding that is not its actor's afterwards; the policy asks for the offer too."""
    name = "SELECT set_config('bashu.handed_back', %s, true)"
    with connection.cursor() as cursor:
        cursor.execute(name, [str(piece.public_id)])
        yield
        cursor.execute(name, [""])


@command("power.certificates.retire", roles=HOLDERS, at="holding")
def certificates_retire(
    *,
    ctx: Command,
    holding: Holding,
    quantity: int,
    purpose: str,
    beneficiary: Organisation | None = None,
    first: int | None = None,
) -> Retirement:
    """Use certificates up, once and for good, for the owner or for another it names; a public act.

    Certificates that may not change hands serve their owner alone.
    """
    piece = take(ctx, holding, quantity, first)
    served = piece.owner_id if beneficiary is None else beneficiary.public_id
    if served != piece.owner_id and not piece.batch.tradable:
        raise NotTradable(rule=piece.batch.rule)
    if beneficiary is not None:
        party_check(beneficiary)
    piece.revise(state=HoldingState.RETIRED)
    retirement = Retirement.objects.create(
        unit_id=piece.unit_id, batch_id=piece.batch_id, first=piece.first, last=piece.last, owner_id=piece.owner_id,
        beneficiary_id=served, purpose=purpose, retired_at=ctx.now,
    )  # fmt: skip
    told = {**numbers(retirement), "owner": piece.owner_id, "beneficiary": served, "purpose": purpose}
    ctx.append(subject=retirement, before=None, after=told, public=True)
    return retirement


@command("power.retirement.claim", roles=CLAIMERS, at="retirement")
def retirement_claim(*, ctx: Command, retirement: Retirement, claimant: str, reference: str) -> RetirementClaim:
    """Take a retirement out of the outbox for a record of another system; a second claim is refused (RetirementClaimed, 409).

    Called by that system's own command, it joins its transaction: the claim and the record stand or fall together.
    """
    claim = RetirementClaim.objects.create(
        retirement=retirement, claimant=claimant, reference=reference, claimed_at=ctx.now
    )
    ctx.append(
        subject=claim,
        before=None,
        after={"retirement": retirement, "claimant": claimant, "reference": reference},
        public=True,
    )
    return claim


@command("power.energy.credit", roles=CLAIMERS, at="unit.owner")
def energy_credit(
    *, ctx: Command, unit: Unit, start: datetime, stop: datetime, claimant: str, reference: str
) -> CreditClaim:
    """Say that the energy of a unit's hours is credited by another system: no certificate is issued for it.

    Refuses (EnergyCertified) hours of a month that is issued, and (EnergyCredited) hours that are credited.
    """
    unit = ctx.lock(unit)
    closed = selectors.closed_until([unit]).get(unit.pk)
    if closed is not None and start < closed:
        raise EnergyCertified(month=f"{timezone.localtime(closed):%Y-%m-%d}", unit=unit.code)
    claim = CreditClaim.objects.create(
        unit=unit, hours=DateTimeTZRange(start, stop), claimant=claimant, reference=reference, claimed_at=ctx.now
    )
    told = {"unit": unit.code, "start": start, "stop": stop, "claimant": claimant, "reference": reference}
    ctx.append(subject=claim, before=None, after=told, public=True)
    return claim
