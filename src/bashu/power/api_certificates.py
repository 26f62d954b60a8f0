"""Certificates under /api/v1/power: units and hours, issue, holdings, offers, retirements, the outbox, scores, carbon intensity."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File as Part
from ninja import Form, Router, Status, UploadedFile
from ninja.pagination import paginate
from pydantic import AfterValidator, AwareDatetime

from bashu.kernel.commands.actor import OFFICES
from bashu.kernel.errors import NotFound
from bashu.kernel.parties.models import Organisation
from bashu.kernel.web.api import Paged
from bashu.kernel.web.requests import actor_of, command_of, seen
from bashu.power import schemas_certificates as schemas
from bashu.power.models import Holding, Retirement, Transfer, Unit
from bashu.power.selectors import certificates as selectors
from bashu.power.services import certificates, metering

router = Router(tags=["power"])


def within_calendar(moment: datetime) -> datetime:
    """The moment in UTC, whatever offset it came with. Refuses one that no clock of the region can show."""
    if not 1900 <= moment.year <= 2999:
        raise ValueError("lies outside the years 1900 to 2999")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(within_calendar)]


@router.get("/units", response=list[schemas.UnitOut])
@paginate(Paged)
def units(request: HttpRequest) -> Any:
    """Renewable units on record, by code."""
    return selectors.unit_list()


@router.post("/units", response={201: schemas.UnitOut})
def unit_register(request: HttpRequest, unit: schemas.UnitIn) -> Any:
    """Put a renewable unit on record."""
    values = unit.model_dump() | {"owner": seen(request, Organisation, public_id=unit.owner)}
    return Status(201, metering.unit_register(ctx=command_of(request), **values))


@router.post("/hours", response={201: schemas.TakenOut})
def hours_meter(request: HttpRequest, file: Part[UploadedFile]) -> Any:
    """Take a file of unit-hours, CSV or Parquet, all or nothing."""
    return Status(201, metering.hours_meter(ctx=command_of(request), content=file.read()))


@router.post("/units/{uuid:public_id}/issue", response={201: schemas.BatchOut})
def batch_issue(request: HttpRequest, public_id: UUID, body: schemas.MonthIn) -> Any:
    """Issue a unit's certificates of a month."""
    unit = seen(request, Unit, public_id=public_id)
    return Status(201, certificates.batch_issue(ctx=command_of(request), unit=unit, month=body.month.replace(day=1)))


@router.post("/issue", response=schemas.IssuedOut)
def month_issue(request: HttpRequest, body: schemas.MonthIn) -> Any:
    """Issue a month for every unit of the caller's that waits for it; asked again, it issues nothing."""
    ctx = command_of(request)
    found = certificates.month_issue(actor=ctx.actor, now=ctx.now, month=body.month.replace(day=1), key=ctx.key)
    return {"issued": sum(batch.count for batch in found), "batches": found}


@router.get("/batches", response=list[schemas.BatchOut])
@paginate(Paged)
def batches(request: HttpRequest) -> Any:
    """The register: what was issued, newest month first."""
    return selectors.batch_list()


@router.get("/holdings", response=list[schemas.HoldingOut])
@paginate(Paged)
def holdings(request: HttpRequest) -> Any:
    """What the caller's organisations hold."""
    return selectors.holding_list(actor_of(request))


@router.post("/holdings/{uuid:public_id}/offer", response={201: schemas.TransferOut})
def offer(request: HttpRequest, public_id: UUID, body: schemas.OfferIn) -> Any:
    """Offer certificates to another organisation."""
    holding = seen(request, Holding, public_id=public_id)
    receiver = seen(request, Organisation, public_id=body.receiver)
    done = certificates.transfer_offer(
        ctx=command_of(request), holding=holding, receiver=receiver, quantity=body.quantity, first=body.first
    )
    return Status(201, done)


@router.post("/holdings/{uuid:public_id}/retire", response={201: schemas.RetirementOut})
def retire(request: HttpRequest, public_id: UUID, body: schemas.RetireIn) -> Any:
    """Use certificates up, once and for good."""
    holding = seen(request, Holding, public_id=public_id)
    served = seen(request, Organisation, public_id=body.beneficiary) if body.beneficiary else None
    values = body.model_dump(exclude={"beneficiary"})
    return Status(
        201, certificates.certificates_retire(ctx=command_of(request), holding=holding, beneficiary=served, **values)
    )


@router.get("/transfers", response=list[schemas.TransferOut])
@paginate(Paged)
def transfers(request: HttpRequest) -> Any:
    """Open offers to and from the caller's organisations."""
    return selectors.offer_list(actor_of(request))


@router.post("/transfers/{uuid:public_id}/accept", response=schemas.TransferOut)
def accept(request: HttpRequest, public_id: UUID) -> Any:
    """Take offered certificates over."""
    return certificates.transfer_accept(ctx=command_of(request), transfer=seen(request, Transfer, public_id=public_id))


@router.post("/transfers/{uuid:public_id}/decline", response=schemas.TransferOut)
def decline(request: HttpRequest, public_id: UUID) -> Any:
    """Turn an offer down."""
    return certificates.transfer_decline(ctx=command_of(request), transfer=seen(request, Transfer, public_id=public_id))


@router.post("/transfers/{uuid:public_id}/withdraw", response=schemas.TransferOut)
def withdraw(request: HttpRequest, public_id: UUID) -> Any:
    """Take an offer back."""
    return certificates.transfer_withdraw(
        ctx=command_of(request), transfer=seen(request, Transfer, public_id=public_id)
    )


@router.get("/retirements", response=list[schemas.RetirementOut])
@paginate(Paged)
def retirements(request: HttpRequest) -> Any:
    """What was used up, by whom and for whom, newest first."""
    return selectors.retirement_list()


@router.get("/retirements/unclaimed", response=list[schemas.RetirementOut])
@paginate(Paged)
def unclaimed(request: HttpRequest) -> Any:
    """The outbox: retirements that no record of another system rests on, for whom they concern."""
    return selectors.unclaimed(actor_of(request))


@router.post("/retirements/{uuid:public_id}/claim", response={201: schemas.ClaimOut})
def claim(request: HttpRequest, public_id: UUID, body: schemas.ClaimIn) -> Any:
    """Take a retirement out of the outbox, once. Send the same Idempotency-Key to ask again."""
    retirement = seen(request, Retirement.objects.select_related("beneficiary"), public_id=public_id)
    done = certificates.retirement_claim(ctx=command_of(request), retirement=retirement, **body.model_dump())
    return Status(201, done)


@router.post("/units/{uuid:public_id}/credit", response={201: schemas.CreditOut})
def credit(request: HttpRequest, public_id: UUID, body: schemas.CreditIn) -> Any:
    """Say that another system credits the energy of hours: they get no certificates."""
    unit = seen(request, Unit.objects.select_related("owner"), public_id=public_id)
    return Status(201, certificates.energy_credit(ctx=command_of(request), unit=unit, **body.model_dump()))


@router.post("/organisations/{uuid:public_id}/consumption", response={201: schemas.TakenOut})
def consumption(request: HttpRequest, public_id: UUID, file: Part[UploadedFile]) -> Any:
    """Take a file of an organisation's hourly consumption, all or nothing."""
    organisation = seen(request, Organisation, public_id=public_id)
    done = metering.consumption_record(ctx=command_of(request), organisation=organisation, content=file.read())
    return Status(201, done)


@router.get("/organisations/{uuid:public_id}/matching", response=schemas.MatchOut)
def matching(request: HttpRequest, public_id: UUID, start: Moment, stop: Moment) -> Any:
    """How an organisation's consumption in [start, stop) is matched by certificates, hour by hour and in all."""
    organisation = consumer(request, public_id)
    found = selectors.matching(organisation.public_id, start, stop).match
    return {
        "organisation": organisation.public_id,
        "start": start,
        "stop": stop,
        "used_wh": found.load,
        "certified_wh": found.certified,
        "matched_wh": int(found.matched.sum()),
        "hourly": None if found.hourly is None else float(found.hourly),
        "annual": None if found.annual is None else float(found.annual),
    }


@router.post("/areas", response={201: schemas.TakenOut})
def areas(request: HttpRequest, source: Form[str], hours: Part[UploadedFile], flows: Part[UploadedFile]) -> Any:
    """Take what areas used, emitted and sent, hour by hour."""
    done = metering.areas_record(ctx=command_of(request), hours=hours.read(), flows=flows.read(), source=source[:200])
    return Status(201, done)


@router.get("/intensity", response=list[schemas.IntensityOut])
@paginate(Paged)
def intensity(request: HttpRequest, area: str, start: Moment, stop: Moment) -> Any:
    """Consumption-based carbon intensity of an area's hours in [start, stop)."""
    found = selectors.carbon_intensity(area, selectors.area_hours(area, start, stop))
    return [{"hour": hour, **one._asdict()} for hour, one in found.items()]


def consumer(request: HttpRequest, public_id: UUID) -> Organisation:
    """An organisation whose consumption the caller may see: his own, or one that his office oversees; else NotFound (404)."""
    organisation = seen(request, Organisation, public_id=public_id)
    actor = actor_of(request)
    if public_id not in actor.organisations() and actor.grant_for(OFFICES, organisation.where) is None:
        raise NotFound
    return organisation
