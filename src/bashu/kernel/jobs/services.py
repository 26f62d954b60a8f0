"""Submitting and cancelling jobs."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone

from bashu.kernel.commands.actor import Actor, ActorKind, Grant, Role
from bashu.kernel.commands.command import Command, command, plain
from bashu.kernel.jobs.errors import JobEnded
from bashu.kernel.jobs.models import Job, JobState
from bashu.kernel.jobs.queue import wake
from bashu.kernel.jobs.registry import work_of

# Running times measure this machine, also in the demonstration: they are real time, not the command's.


def job_submit(*, ctx: Command, kind: str, parameters: Mapping[str, Any]) -> Job:
    """Ask for long work from within a running command: the job is queued when, and only when, that command commits.

    The job belongs to the organisation under whose grant the command runs. Refuses (UnknownKind, 422) what no system does.
    """
    work_of(kind)
    grant, now = ctx.grant, timezone.now()
    assert ctx.actor.id is not None, "a command runs for somebody"
    job = Job.objects.create(
        kind=kind,
        parameters=plain(parameters),
        submitted_by=ctx.actor.label,
        submitter=ctx.actor.id,
        organisation=grant.organisation,
        organisation_name=grant.organisation_name,
        jurisdiction=grant.jurisdiction,
        actor=actor_kept(ctx.actor),
        submitted_at=now,
    )
    wake(job)
    ctx.append(subject=job, before=None, after={"job": kind, "parameters": job.parameters})
    return job


@command("jobs.job.cancel", roles=frozenset(Role), at="job")
def job_cancel(*, ctx: Command, job: Job) -> Job:
    """Cancel a job of one's own organisation, or of one's office's jurisdiction. Refuses (JobEnded, 409) what has already ended.

    Work that runs stops at its next word of progress; nothing it writes to the job afterwards counts.
    """
    job = ctx.lock(job)
    if not job.under_way:
        raise JobEnded(state=job.get_state_display())
    before = job.state
    job.revise(state=JobState.CANCELLED, finished_at=timezone.now())
    ctx.append(subject=job, before={"state": before}, after={"state": JobState.CANCELLED.value})
    return job


def actor_kept(actor: Actor) -> dict[str, Any]:
    """An actor's powers as a job keeps them."""
    grants = [
        [grant.role, str(grant.organisation), grant.organisation_name, grant.jurisdiction] for grant in actor.grants
    ]
    return {"grants": grants, "scopes": None if actor.scopes is None else sorted(actor.scopes)}


def actor_of(job: Job) -> Actor:
    """The actor as which a job works: itself, with the powers its submitter had when submitting."""
    grants = tuple(
        Grant(Role(role), UUID(organisation), name, at) for role, organisation, name, at in job.actor["grants"]
    )
    scopes = job.actor["scopes"]
    return Actor(ActorKind.JOB, job.public_id, grants, None if scopes is None else frozenset(scopes))
