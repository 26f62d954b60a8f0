"""Reading jobs: one's own, one's organisation's, and those of the jurisdiction whose office one is."""

from uuid import UUID

from django.db.models import Q, QuerySet

from bashu.kernel.commands.actor import JOINT, Actor
from bashu.kernel.errors import NotFound
from bashu.kernel.jobs.models import Job


def job_list(*, actor: Actor, state: str | None = None) -> QuerySet[Job]:
    """The jobs an actor may see, newest first; those in one state when it is named."""
    if actor.id is None:
        return Job.objects.none()
    own = Q(submitter=actor.id) | Q(organisation__in=actor.organisations())
    offices = actor.jurisdictions()
    visible = Q() if JOINT in offices else own | Q(jurisdiction__in=offices)
    jobs = Job.objects.filter(visible).order_by("-id")
    return jobs.filter(state=state) if state else jobs


def job_get(public_id: UUID, *, actor: Actor) -> Job:
    """One job; NotFound (404) when there is none or the actor may not see it."""
    job = job_list(actor=actor).filter(public_id=public_id).first()
    if job is None:
        raise NotFound
    return job
