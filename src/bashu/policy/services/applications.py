"""An application's way: submitted, found complete, reviewed by one person, decided by another, paid once."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import OFFICES, Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Malformed
from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import person_behind
from bashu.policy.engine.explain import yuan
from bashu.policy.engine.granting import Verdict
from bashu.policy.errors import (
    ApplicationTwice,
    BudgetExhausted,
    FactsMissing,
    GrantRefused,
    ItemSuperseded,
    NotEligible,
    OrderUsed,
    ReasonMissing,
    SecondPersonNeeded,
    StepWrong,
    TopicTaken,
)
from bashu.policy.models import (
    Application,
    ApplicationState,
    Award,
    Budget,
    Item,
    Offer,
    Payment,
    Step,
    SupportAccount,
)
from bashu.policy.models.applications import GRANTED, OPEN
from bashu.policy.selectors import applications as selectors
from bashu.policy.selectors.profiles import FROM_RECORDS, profile_of, quoted
from bashu.policy.selectors.support import UNKNOWN, budget_label, values, worth
from bashu.policy.services.profiles import profile_record, profile_refresh
from bashu.policy.wording import LIMITS, label

YEARS = range(2021, 2101)  # of support
DUE = {  # what is due in a state, and how long it may take
    ApplicationState.SUBMITTED: "check",
    ApplicationState.RETURNED: "supplement",
    ApplicationState.COMPLETE: "review",
    ApplicationState.REVIEWED: "decision",
    ApplicationState.APPROVED: "payment",
}


@command("policy.application.submit", roles={Role.ENTERPRISE}, at="organisation")
def application_submit(
    *, ctx: Command, organisation: Organisation, item: Item, year: int, declared: Mapping[str, Any] | None = None,
    as_of: date | None = None, evidence: Mapping[str, str] | None = None,
) -> Application:  # fmt: skip
    """Apply for an item. What the enterprise declares, and what other systems' records tell, joins its profile; the application
    keeps the facts it rests on.

    evidence: SHA-256 of the paper behind a fact, by fact. Refuses an item of a catalogue that was replaced, facts that are missing
    (FactsMissing names them), and an enterprise that has no claim as its facts stand.
    """
    year_check(year)
    if item.catalogue.superseded_at is not None:
        raise ItemSuperseded
    today = timezone.localdate(ctx.now)
    if declared:
        profile_record(
            ctx=ctx, organisation=organisation, facts=declared, as_of=as_of or today, evidence=evidence or {}
        )
    if {*FROM_RECORDS} & {*item.facts}:
        profile_refresh(ctx=ctx, organisation=organisation)
    facts = facts_for(organisation.public_id, item)
    fen = amount_of(item, facts, today)
    return application_open(ctx, organisation.public_id, item, year, facts, fen=fen, state=ApplicationState.SUBMITTED)


def year_check(year: int) -> None:
    """Refuse (Malformed, 422) a year in which nothing can be granted: the area exists since the end of 2020."""
    if year not in YEARS:
        raise Malformed(place="year", problem=_("a year from {first} to {last}").format(first=YEARS[0], last=YEARS[-1]))


def facts_for(organisation: UUID, item: Item) -> dict[str, Any]:
    """The profile's facts that an item reads, quoted."""
    return quoted(row for name, row in profile_of(organisation).items() if name in (*item.facts, "investment"))


def amount_of(item: Item, facts: Mapping[str, Any], on: date) -> int:
    """What an item comes to, in fen; refuses (FactsMissing, NotEligible) when that is nothing."""
    found = worth(item.catalogue, [values(facts)], on)[0][item.code]
    if found.fen == UNKNOWN:
        raise FactsMissing(facts=", ".join(found.missing))
    if found.fen <= 0:
        raise NotEligible
    return found.fen


def application_open(
    ctx: Command, organisation: UUID, item: Item, year: int, facts: Mapping[str, Any], *, fen: int, state: ApplicationState,
    offer: Offer | None = None,
) -> Application:  # fmt: skip
    """Write an application and its first step. Also called for accepted offers, which the engine has reviewed."""
    if Application.objects.filter(
        organisation__public_id=organisation, item=item, year=year, state__in=[*OPEN, *GRANTED]
    ).exists():
        raise ApplicationTwice
    SupportAccount.objects.bulk_create(
        [SupportAccount(organisation_id=organisation, year=year)], ignore_conflicts=True
    )  # fmt: skip
    application = Application.objects.create(
        organisation_id=organisation, item=item, province=item.province, year=year, offer=offer, facts=dict(facts), computed_fen=fen,
        state=state, due_on=selectors.deadline(DUE[state], timezone.localdate(ctx.now)), submitted_by=person_behind(ctx.actor),
        submitted_at=ctx.now,
    )  # fmt: skip
    step(ctx, application, "accepted" if offer else "submitted")
    ctx.append(
        subject=application, before=None,
        after={"item": item.code, "year": year, "computed_fen": fen, "facts": facts, "state": str(state), "offer": offer},
    )  # fmt: skip
    return application


def step(ctx: Command, application: Application, kind: str, note: str = "") -> None:
    """Add a step to the application's way."""
    Step.objects.create(
        application=application, kind=kind, at=ctx.now, organisation_id=ctx.grant.organisation, note=note
    )


def locked(ctx: Command, application: Application, *states: ApplicationState) -> Application:
    """The application under lock, if it stands at one of these states; refuses (StepWrong, 409)."""
    application = ctx.lock(application)
    if application.state not in states:
        raise StepWrong(state=ApplicationState(application.state).label)
    return application


def move(ctx: Command, application: Application, state: ApplicationState, kind: str, note: str, **changes: Any) -> None:
    """Take an application one step further and journal it; a new deadline runs where somebody must act."""
    before = {"state": application.state}
    today = timezone.localdate(ctx.now)
    due = selectors.deadline(DUE[state], today) if state in DUE else None
    application.revise(state=state, due_on=due, **changes)
    step(ctx, application, kind, note)
    said = {name: value for name, value in changes.items() if name in ("amount_fen", "reason")}
    ctx.append(subject=application, before=before, after={"state": str(state), "note": note, **said})


@command("policy.application.accept", roles=OFFICES, at="application")
def application_accept(*, ctx: Command, application: Application, note: str = "") -> Application:
    """Find an application complete: its review begins."""
    application = locked(ctx, application, ApplicationState.SUBMITTED)
    move(ctx, application, ApplicationState.COMPLETE, "complete", note)
    return application


@command("policy.application.return", roles=OFFICES, at="application")
def application_return(*, ctx: Command, application: Application, reason: str) -> Application:
    """Send an application back, saying once what is missing."""
    application = locked(ctx, application, ApplicationState.SUBMITTED)
    if not reason.strip():
        raise ReasonMissing
    move(ctx, application, ApplicationState.RETURNED, "returned", reason)
    return application


@command("policy.application.supplement", roles={Role.ENTERPRISE}, at="application.organisation_id")
def application_supplement(
    *, ctx: Command, application: Application, note: str, declared: Mapping[str, Any] | None = None, as_of: date | None = None,
    evidence: Mapping[str, str] | None = None,
) -> Application:  # fmt: skip
    """Complete an application that was sent back; its facts and amount are taken anew from the profile."""
    application = locked(ctx, application, ApplicationState.RETURNED)
    today = timezone.localdate(ctx.now)
    if declared:
        own = Organisation.objects.get(public_id=application.organisation_id)
        profile_record(ctx=ctx, organisation=own, facts=declared, as_of=as_of or today, evidence=evidence or {})
    facts = facts_for(application.organisation_id, application.item)
    fen = amount_of(application.item, facts, application.submitted_on)
    move(ctx, application, ApplicationState.SUBMITTED, "supplemented", note, facts=facts, computed_fen=fen)
    return application


@command("policy.application.review", roles=OFFICES, at="application")
def application_review(*, ctx: Command, application: Application, finding: str) -> Application:
    """Review a complete application and say what was found; somebody else decides."""
    application = locked(ctx, application, ApplicationState.COMPLETE)
    if not finding.strip():
        raise ReasonMissing
    who = {"reviewed_by": person_behind(ctx.actor), "reviewed_at": ctx.now}
    move(ctx, application, ApplicationState.REVIEWED, "reviewed", finding, **who)
    return application


@command("policy.application.approve", roles=OFFICES, at="application")
def application_approve(*, ctx: Command, application: Application) -> Application:
    """Grant what the engine computes, within the catalogue's limits and budgets.

    The enterprise's account is locked first, so that the two provinces never both support one topic; then the budgets, so that
    none is overdrawn. Refuses whoever reviewed it.
    """
    application = decidable(ctx, application)
    return granted(ctx, application, "approved", note="")


@command("policy.application.refuse", roles=OFFICES, at="application")
def application_refuse(*, ctx: Command, application: Application, reason: str) -> Application:
    """Refuse an application, saying why; the enterprise may appeal to another office."""
    application = decidable(ctx, application)
    if not reason.strip():
        raise ReasonMissing
    move(ctx, application, ApplicationState.REFUSED, "refused", reason, reason=reason, **decider(ctx))
    return application


def decidable(ctx: Command, application: Application) -> Application:
    """The application under lock, reviewed, by somebody other than who decides now."""
    application = locked(ctx, application, ApplicationState.REVIEWED)
    if application.reviewed_by == person_behind(ctx.actor):
        raise SecondPersonNeeded
    return application


def decider(ctx: Command) -> dict[str, Any]:
    """Who decides, for which office, when."""
    return {
        "decided_by": person_behind(ctx.actor), "decided_organisation_id": ctx.grant.organisation, "decided_at": ctx.now,
    }  # fmt: skip


def granted(ctx: Command, application: Application, kind: str, note: str) -> Application:
    """Write the award under the locks that keep both promises; the caller holds the application's."""
    account = SupportAccount.objects.select_for_update(no_key=True).get(
        organisation__public_id=application.organisation_id, year=application.year
    )
    found = selectors.verdict(application, selectors.awards_of(application.organisation_id, application.year))
    limits_check(found)
    budgets = budgets_locked(application.item)
    for budget in budgets:
        if budget.left_fen < found.fen:
            called = label(budget_label(budget, [application.item.catalogue]))
            raise BudgetExhausted(budget=called, left_yuan=yuan(budget.left_fen), needed_yuan=yuan(found.fen))
        budget.revise(committed_fen=budget.committed_fen + found.fen)
    side = f"{application.province.lower()}_fen"
    account.revise(**{side: getattr(account, side) + found.fen})
    Award.objects.create(
        application=application, organisation_id=application.organisation_id, year=application.year, province=application.province,
        topic=application.item.topic, item_code=application.item.code, amount_fen=found.fen, granted_at=ctx.now,
    )  # fmt: skip
    move(ctx, application, ApplicationState.APPROVED, kind, note, amount_fen=found.fen, reason="", **decider(ctx))
    return application


def limits_check(found: Verdict) -> None:
    """Refuse what the catalogue's limits do not allow."""
    if found.refusal == "topic":
        raise TopicTaken
    if found.refusal == "facts_missing":
        raise FactsMissing(facts=", ".join(found.because))
    if found.refusal == "not_eligible":
        raise NotEligible
    if found.refusal:
        raise GrantRefused(why=str(LIMITS[found.refusal]).format(because=", ".join(found.because)))


def budgets_locked(item: Item) -> list[Budget]:
    """The budgets that pay an item, locked in one order."""
    return list(Budget.objects.select_for_update(no_key=True).filter(items=item).order_by("pk"))


@command("policy.application.pay", roles=OFFICES, at="application")
def application_pay(*, ctx: Command, application: Application, order: str) -> Application:
    """Record that a payment order moved the money: once for an application, one order for one application."""
    application = locked(ctx, application, ApplicationState.APPROVED)
    if not order.strip():
        raise ReasonMissing
    if Payment.objects.filter(order=order).exists():
        raise OrderUsed
    amount = application.amount_fen
    assert amount is not None, "the database keeps approved applications with an amount"
    for budget in budgets_locked(application.item):
        budget.revise(paid_fen=budget.paid_fen + amount)
    Payment.objects.create(
        application=application, order=order, amount_fen=amount, paid_on=timezone.localdate(ctx.now),
        organisation_id=ctx.grant.organisation,
    )  # fmt: skip
    move(ctx, application, ApplicationState.PAID, "paid", order)
    return application


@command("policy.application.withdraw", roles={Role.ENTERPRISE}, at="application.organisation_id")
def application_withdraw(*, ctx: Command, application: Application, reason: str = "") -> Application:
    """Take an application back before it is decided."""
    application = locked(ctx, application, *OPEN)
    move(ctx, application, ApplicationState.WITHDRAWN, "withdrawn", reason)
    return application
