"""Pages of jobs: the list, one job with its progress, and cancelling."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from bashu.kernel.commands.actor import Actor
from bashu.kernel.errors import SignInNeeded
from bashu.kernel.jobs import selectors, services
from bashu.kernel.jobs.errors import JobEnded
from bashu.kernel.jobs.models import Job, JobState
from bashu.kernel.jobs.registry import title_of
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web.requests import actor_of, command_of
from bashu.kernel.web.table import Column, Kind, Table

JOBS = [
    Column("kind", gettext_lazy("Job"), value=lambda job: title_of(job.kind), link="address"),
    Column("state", gettext_lazy("State"), value=lambda job: job.get_state_display()),
    Column("percent", gettext_lazy("Done, %"), kind=Kind.NUMBER, sort=False),
    Column("organisation_name", gettext_lazy("Organisation"), search=True),
    Column("submitted_at", gettext_lazy("Submitted"), kind=Kind.DATE),
    Column("finished_at", gettext_lazy("Ended"), kind=Kind.DATE),
]


def viewer(request: HttpRequest) -> Actor:
    """Who looks; refuses (SignInNeeded) nobody."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    return actor


@require_GET
def job_list(request: HttpRequest) -> HttpResponseBase:
    """The jobs the viewer may see, newest first."""
    table = Table(JOBS, selectors.job_list(actor=viewer(request)), request, name="jobs", sort="-submitted_at")
    return table.export() or render(request, "jobs/list.html", {"table": table})


@require_GET
def job_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One job: progress while it goes on, then its result or error."""
    return render(request, "jobs/detail.html", shown(selectors.job_get(public_id, actor=viewer(request))))


@require_GET
def job_progress(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The progress alone, which the page asks for each second; when the job ends, the page loads itself anew."""
    job = selectors.job_get(public_id, actor=viewer(request))
    response = render(request, "jobs/progress.html", shown(job))
    if not job.under_way:
        response["HX-Refresh"] = "true"
    return response


@require_POST
def job_cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Cancel and say so; a job that has just ended is shown as it is."""
    with seen_by(actor_of(request)):
        job = selectors.job_get(public_id, actor=viewer(request))
    try:
        services.job_cancel(ctx=command_of(request), job=job)
        messages.success(request, _("The job was cancelled."))
    except JobEnded as error:
        messages.warning(request, str(error))
    return redirect(job.address)


def shown(job: Job) -> dict[str, object]:
    """What the templates need of a job."""
    return {
        "job": job,
        "title": title_of(job.kind),
        "outcome": "met" if job.state == JobState.DONE else "missed",
        "message": job.message or job.get_state_display(),
        "parameters": readable(job.parameters),
        "result": readable(job.result),
    }


def readable(value: object) -> str:
    """JSON as people read it; empty for nothing."""
    return "" if value in (None, {}) else json.dumps(value, ensure_ascii=False, indent=2)
