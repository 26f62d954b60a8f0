"""The system under /api/v1/power."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from ninja.pagination import paginate

from bashu.kernel.web.api import Paged
from bashu.kernel.web.requests import command_of, seen
from bashu.power import models, schemas
from bashu.power.api_certificates import router as certificates
from bashu.power.api_settlement import router as settlements
from bashu.power.selectors import dispatch as selectors
from bashu.power.selectors import trees
from bashu.power.services import dispatch as services

router = Router(tags=["power"])
router.add_router("", certificates)
router.add_router("", settlements)


@router.get("/cases", response=list[schemas.CaseOut])
@paginate(Paged)
def cases(request: HttpRequest):
    """Cases that are public or one's own, newest first."""
    return selectors.case_list()


@router.get("/cases/{uuid:public_id}", response=schemas.CaseDetailOut)
def case(request: HttpRequest, public_id: UUID):
    """One case with its runs, its divisions, its scenario trees and the facts it rests on."""
    return seen(request, selectors.case_list(), public_id=public_id)


@router.post("/cases", response={201: schemas.CaseOut})
def case_start(request: HttpRequest, asked: schemas.CaseIn):
    """Make a case and ask for its three dispatches and the division; each is a job."""
    return Status(201, services.case_start(ctx=command_of(request), case=asked.model_dump()))


@router.post("/cases/{uuid:public_id}/publish", response=schemas.CaseOut)
def case_publish(request: HttpRequest, public_id: UUID):
    """Let everybody read the case. It cannot be taken back."""
    return services.case_publish(ctx=command_of(request), case=seen(request, models.Case, public_id=public_id))


@router.post("/cases/{uuid:public_id}/runs", response={201: schemas.RunOut})
def run_start(request: HttpRequest, public_id: UUID, asked: schemas.RunIn):
    """Ask for one more dispatch of a case."""
    found = seen(request, models.Case, public_id=public_id)
    return Status(201, services.run_start(ctx=command_of(request), case=found, configuration=asked.configuration))


@router.post("/cases/{uuid:public_id}/tree", response={201: schemas.TreeOut})
def tree_start(request: HttpRequest, public_id: UUID, asked: schemas.TreeIn):
    """Ask for the scenario tree of a case: every season, with the ultra-high-voltage line open and out."""
    found = seen(request, models.Case, public_id=public_id)
    return Status(201, services.tree_start(ctx=command_of(request), case=found, **asked.model_dump()))


@router.post("/cases/{uuid:public_id}/games", response={201: schemas.GameOut})
def game_start(request: HttpRequest, public_id: UUID, asked: schemas.GameIn):
    """Ask for one more division of a case, at another baseline or value of lost load."""
    found = seen(request, models.Case, public_id=public_id)
    return Status(201, services.game_start(ctx=command_of(request), case=found, **asked.model_dump()))


@router.get("/runs/{uuid:public_id}", response=schemas.RunOut)
def run(request: HttpRequest, public_id: UUID):
    """One dispatch."""
    return seen(request, selectors.run_list(), public_id=public_id)


@router.get("/runs/{uuid:public_id}/hours", response=schemas.HoursOut)
def run_hours(request: HttpRequest, public_id: UUID):
    """Every hour of a dispatch that has an optimum."""
    found = seen(request, selectors.run_list().filter(status=models.Status.OPTIMAL), public_id=public_id)
    labels, hours = selectors.hours_of(found)
    series = [
        schemas.SeriesOut(kind=kind, place=place, subject=what, values=values.tolist())
        for (kind, place, what), values in hours.items()
    ]
    return schemas.HoursOut(snapshots=labels, step=found.case.step, digest=found.hourly_digest, series=series)


@router.get("/games/{uuid:public_id}", response=schemas.GameOut)
def game(request: HttpRequest, public_id: UUID):
    """One division."""
    return seen(request, selectors.game_list(), public_id=public_id)


@router.get("/trees/{uuid:public_id}", response=schemas.TreeOut)
def tree(request: HttpRequest, public_id: UUID):
    """One scenario tree."""
    return seen(request, trees.tree_list(), public_id=public_id)
