"""The scoreboard under /api/v1/programme."""

from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest
from ninja import File as Part
from ninja import Form, Router, Status, UploadedFile
from ninja.pagination import paginate

from bashu.kernel.web import clock
from bashu.kernel.web.api import Paged, ReasonIn
from bashu.kernel.web.requests import command_of, seen
from bashu.programme import schemas, selectors
from bashu.programme.formats.evidence import File
from bashu.programme.models import Blocker, Milestone, Reading, Target, Task, TaskState
from bashu.programme.services import imports, readings, work

router = Router(tags=["programme"])


@router.get("/documents", response=list[schemas.DocumentOut])
def documents(request: HttpRequest):
    """The documents, each with its words."""
    return [schemas.DocumentOut(**row) for row in map(document_out, selectors.document_list())]


@router.get("/counts", response=list[schemas.CountOut])
def counts(request: HttpRequest):
    """Every number the page states about its own lists, what is held, and what stays unknown."""
    return [
        schemas.CountOut(
            **named(kept.stated_count), stated=kept.stated_count.stated, held=kept.held, unknown=kept.unknown
        )
        for kept in selectors.counts_kept()
    ]


@router.get("/targets", response=list[schemas.TargetOut])
def targets(request: HttpRequest, as_of: date | None = None):
    """Every target, judged on a day (default: today)."""
    day = as_of or clock.today()
    return [target_out(scored, day) for scored in selectors.scoreboard(as_of=day)]


@router.get("/targets/{code}", response=schemas.TargetOut)
def target(request: HttpRequest, code: str, as_of: date | None = None):
    """One target, judged on a day (default: today)."""
    day = as_of or clock.today()
    return target_out(selectors.scoreboard(as_of=day, targets=[seen(request, Target, code=code)])[0], day)


@router.get("/targets/{code}/readings", response=list[schemas.ReadingOut])
@paginate(Paged)
def target_readings(request: HttpRequest, code: str):
    """Readings of a target that the caller may see, newest period first."""
    return selectors.reading_list(target=seen(request, Target, code=code)).prefetch_related("evidence")


@router.post("/readings", response={201: schemas.ReadingOut})
def report(request: HttpRequest, figure: Form[schemas.ReadingIn], evidence: Part[list[UploadedFile]] = []):  # noqa: B006
    """Report a figure with evidence (multipart form); it counts once a second person confirms it."""
    values = figure.model_dump() | {"target": seen(request, Target, code=figure.target)}
    files = [upload(part) for part in evidence]
    return Status(201, readings.reading_report(ctx=command_of(request), **values, evidence=files))


@router.post("/readings/import", response={201: schemas.ImportOut})
def import_file(request: HttpRequest, file: Part[UploadedFile]):
    """Report every row of a CSV file, all or nothing; a refusal names each faulty line."""
    return Status(201, imports.readings_import(ctx=command_of(request), file=upload(file)))


@router.get("/readings/{public_id}", response=schemas.ReadingOut)
def reading(request: HttpRequest, public_id: UUID):
    """One reading."""
    return seen(request, Reading, public_id=public_id)


@router.post("/readings/{public_id}/confirm", response=schemas.ReadingOut)
def confirm(request: HttpRequest, public_id: UUID):
    """Confirm somebody else's figure: from now on it is public and judges its target."""
    return readings.reading_confirm(ctx=command_of(request), reading=seen(request, Reading, public_id=public_id))


@router.post("/readings/{public_id}/reject", response=schemas.ReadingOut)
def reject(request: HttpRequest, public_id: UUID, why: ReasonIn):
    """Turn somebody else's figure down, saying why."""
    return readings.reading_reject(
        ctx=command_of(request), reading=seen(request, Reading, public_id=public_id), reason=why.reason
    )


@router.post("/readings/{public_id}/withdraw", response=schemas.ReadingOut)
def withdraw(request: HttpRequest, public_id: UUID, why: ReasonIn):
    """Take a figure back."""
    return readings.reading_withdraw(
        ctx=command_of(request), reading=seen(request, Reading, public_id=public_id), reason=why.reason
    )


@router.get("/tasks", response=list[schemas.TaskOut])
@paginate(Paged)
def tasks(request: HttpRequest, kind: str | None = None, group: str | None = None, state: str | None = None):
    """Tasks and major projects, by kind (task, project), group and state."""
    return selectors.task_list(kind=kind, group=group, state=state)


@router.get("/tasks/{code}", response=schemas.TaskOut)
def task(request: HttpRequest, code: str):
    """One task or project."""
    return seen(request, selectors.task_list(), code=code)


@router.post("/tasks/{code}/state", response=schemas.TaskOut)
def task_state(request: HttpRequest, code: str, state: schemas.TaskStateIn):
    """Say where a task stands and why."""
    work.task_set_state(
        ctx=command_of(request), task=seen(request, Task, code=code), state=TaskState(state.state), note=state.note
    )
    return seen(request, selectors.task_list(), code=code)


@router.post("/tasks/{code}/milestones", response={201: schemas.MilestoneOut})
def milestone_add(request: HttpRequest, code: str, milestone: schemas.MilestoneIn):
    """Set a dated step of a task."""
    return Status(
        201,
        work.milestone_add(ctx=command_of(request), task=seen(request, Task, code=code), **milestone.model_dump()),
    )


@router.post("/milestones/{public_id}/meet", response=schemas.MilestoneOut)
def milestone_meet(request: HttpRequest, public_id: UUID, met: schemas.MetIn):
    """Say on which day a milestone was met."""
    return work.milestone_meet(
        ctx=command_of(request), milestone=seen(request, Milestone, public_id=public_id), met_on=met.met_on
    )


@router.post("/tasks/{code}/blockers", response={201: schemas.BlockerOut})
def blocker_raise(request: HttpRequest, code: str, blocker: schemas.BlockerIn):
    """Say what stands in a task's way."""
    return Status(
        201,
        work.blocker_raise(
            ctx=command_of(request), task=seen(request, Task, code=code), description=blocker.description
        ),
    )


@router.post("/blockers/{public_id}/resolve", response=schemas.BlockerOut)
def blocker_resolve(request: HttpRequest, public_id: UUID, how: schemas.ResolutionIn):
    """Say how a blocking issue was resolved."""
    return work.blocker_resolve(
        ctx=command_of(request), blocker=seen(request, Blocker, public_id=public_id), resolution=how.resolution
    )


@router.get("/changes", response=list[schemas.ChangeOut])
def changes(request: HttpRequest, month: date | None = None):
    """What happened on the scoreboard in the month of a day (default: this month), from the journal's public entries."""
    since, until = selectors.month_span(month or clock.today())
    return [
        schemas.ChangeOut(
            entry=entry.id, kind=entry.kind, subject=entry.subject, organisation=entry.organisation_name, time=entry.time,
            sequence=getattr(getattr(entry, "leaf", None), "sequence", None),
            body=orjson.loads(entry.body.content) if entry.body.content else None,
        )
        for entry in selectors.changes(since=since, until=until)
    ]  # fmt: skip


def upload(part: UploadedFile) -> File:
    """An uploaded part as a file; its size was bounded by the web server's limit."""
    return File(part.name or "", part.read())


def named(fact) -> dict[str, Any]:
    """What every fact answers with."""
    return {
        "id": fact.public_id,
        **{name: getattr(fact, name) for name in ("code", "name_zh", "name_en", "quote", "status")},
    }


def document_out(document) -> dict[str, Any]:
    """A document as the API gives it."""
    return {**named(document), "role": document.role, "targets": document.target_count, "tasks": document.task_count}


def target_out(scored: selectors.Scored, day: date) -> dict[str, object]:
    """A judged target as the API gives it."""
    found, judgement = scored.target, scored.judgement
    return {
        **named(found),
        **{name: getattr(found, name) for name in ("kind", "operator", "value", "unit", "unit_en", "deadline", "deadline_basis")},
        "document": found.document.code if found.document else None,
        "source": found.source_id,
        "judgement": {
            "status": judgement.status, "method": judgement.method, "formula": judgement.formula, "required": judgement.required,
            "latest": judgement.latest.value if judgement.latest else None, "as_of": day,
        },
    }  # fmt: skip
