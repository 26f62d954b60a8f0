"""Jobs over the API: what one submitted through other operations can be watched and cancelled here."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.pagination import paginate

from bashu.kernel.errors import SignInNeeded
from bashu.kernel.jobs import selectors, services
from bashu.kernel.jobs.schemas import JobDetailOut, JobOut, State
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web.api import Paged
from bashu.kernel.web.requests import actor_of, command_of

router = Router(tags=["jobs"])


@router.get("", response=list[JobOut], summary="Jobs of one's own, one's organisation and one's jurisdiction")
@paginate(Paged)
def jobs(request: HttpRequest, state: State | None = None) -> Any:
    """Newest first."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    return selectors.job_list(actor=actor, state=state)


@router.get("/{uuid:public_id}", response=JobDetailOut, summary="One job")
def job(request: HttpRequest, public_id: UUID) -> Any:
    """Ask again, about once a second, until `state` is done, failed or cancelled."""
    return selectors.job_get(public_id, actor=actor_of(request))


@router.post("/{uuid:public_id}/cancel", response=JobDetailOut, summary="Cancel a job")
def cancel(request: HttpRequest, public_id: UUID) -> Any:
    """Work under way stops at its next word of progress. Refuses (409) what has ended."""
    actor = actor_of(request)
    with seen_by(actor):
        found = selectors.job_get(public_id, actor=actor)
    return services.job_cancel(ctx=command_of(request), job=found)
