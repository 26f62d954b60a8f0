"""Appeals against refusals: filed in time, decided by another office and other persons."""

from datetime import timedelta

from django.utils import timezone

from bashu.kernel.commands.actor import OFFICES, Role
from bashu.kernel.commands.command import Command, command
from bashu.kernel.parties.selectors import person_behind
from bashu.policy.errors import (
    AppealDecided,
    AppealLate,
    AppealToSameOffice,
    AppealTwice,
    ReasonMissing,
    SecondPersonNeeded,
)
from bashu.policy.formats.operations import periods
from bashu.policy.models import Appeal, AppealState, Application, ApplicationState
from bashu.policy.selectors.applications import deadline
from bashu.policy.services.applications import granted, locked, step


@command("policy.appeal.file", roles={Role.ENTERPRISE}, at="application.organisation_id")
def appeal_file(*, ctx: Command, application: Application, grounds: str) -> Appeal:
    """Appeal against a refusal, saying why it is wrong. Refuses (AppealLate) after the period and a second appeal."""
    application = locked(ctx, application, ApplicationState.REFUSED)
    if not grounds.strip():
        raise ReasonMissing
    if Appeal.objects.filter(application=application).exists():
        raise AppealTwice
    today = timezone.localdate(ctx.now)
    against, decided = application.decided_organisation_id, application.decided_at
    assert against is not None and decided is not None, "a refusal has its office and its time"
    until = timezone.localdate(decided) + timedelta(days=periods()["appeal"].days)
    if today > until:
        raise AppealLate(until=until)
    appeal = Appeal.objects.create(
        application=application, against_id=against, grounds=grounds, filed_at=ctx.now,
        due_on=deadline("appeal_decision", today),
    )  # fmt: skip
    step(ctx, application, "appealed", grounds)
    ctx.append(subject=appeal, before=None, after={"application": application, "grounds": grounds})
    return appeal


@command("policy.appeal.uphold", roles=OFFICES, at="appeal.application")
def appeal_uphold(*, ctx: Command, appeal: Appeal, reason: str) -> Appeal:
    """Uphold the refusal, saying why."""
    appeal, application = undecided(ctx, appeal, reason)
    close(ctx, appeal, AppealState.UPHELD, reason)
    step(ctx, application, "upheld", reason)
    return appeal


@command("policy.appeal.change", roles=OFFICES, at="appeal.application")
def appeal_change(*, ctx: Command, appeal: Appeal, reason: str) -> Appeal:
    """Change the refusal into a grant of what the engine computes, within limits and budgets as they stand now."""
    appeal, application = undecided(ctx, appeal, reason)
    granted(ctx, application, "changed", reason)
    close(ctx, appeal, AppealState.CHANGED, reason)
    return appeal


def undecided(ctx: Command, appeal: Appeal, reason: str) -> tuple[Appeal, Application]:
    """The appeal and its application under lock, before another office and another person than the refusal's."""
    appeal = ctx.lock(appeal)
    application = locked(ctx, appeal.application, ApplicationState.REFUSED)
    if appeal.state != AppealState.FILED:
        raise AppealDecided
    if ctx.grant.organisation == appeal.against_id:
        raise AppealToSameOffice
    if person_behind(ctx.actor) in (application.reviewed_by, application.decided_by):
        raise SecondPersonNeeded
    if not reason.strip():
        raise ReasonMissing
    return appeal, application


def close(ctx: Command, appeal: Appeal, state: AppealState, reason: str) -> None:
    """Write how the appeal ended."""
    appeal.revise(
        state=state, reason=reason, decided_by=person_behind(ctx.actor), decided_organisation_id=ctx.grant.organisation,
        decided_at=ctx.now,
    )  # fmt: skip
    ctx.append(subject=appeal, before={"state": AppealState.FILED}, after={"state": str(state), "reason": reason})
