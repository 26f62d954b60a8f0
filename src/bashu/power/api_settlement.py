"""Settlements under /api/v1/power/settlements: proposed by one grid, binding with the other's signature."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from ninja.pagination import paginate

from bashu.kernel.parties.models import Organisation
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web.api import Paged, ReasonIn
from bashu.kernel.web.requests import actor_of, command_of, seen
from bashu.power import schemas_certificates as schemas
from bashu.power.models import Settlement
from bashu.power.selectors.settlement import settlement_list
from bashu.power.services import settlement as services

router = Router(tags=["power"])


@router.get("/settlements", response=list[schemas.SettlementOut])
@paginate(Paged)
def settlements(request: HttpRequest) -> Any:
    """Binding settlements, and the proposals that the caller may see."""
    return settlement_list()


@router.post("/settlements", response={201: schemas.SettlementOut})
def propose(request: HttpRequest, body: schemas.SettlementIn) -> Any:
    """Propose the transfers of a period to the other grid, signed by one's own."""
    values = body.model_dump() | {"counterparty": seen(request, Organisation, public_id=body.counterparty)}
    return Status(201, shown(request, services.settlement_propose(ctx=command_of(request), **values)))


@router.get("/settlements/{uuid:public_id}", response=schemas.SettlementOut)
def settlement(request: HttpRequest, public_id: UUID) -> Any:
    """One settlement."""
    return seen(request, settlement_list(), public_id=public_id)


@router.post("/settlements/{uuid:public_id}/sign", response=schemas.SettlementOut)
def sign(request: HttpRequest, public_id: UUID) -> Any:
    """Sign for the other side: the transfers bind."""
    found = seen(request, Settlement, public_id=public_id)
    return shown(request, services.settlement_sign(ctx=command_of(request), settlement=found))


@router.post("/settlements/{uuid:public_id}/decline", response=schemas.SettlementOut)
def decline(request: HttpRequest, public_id: UUID, why: ReasonIn) -> Any:
    """Turn the other grid's proposal down."""
    found = seen(request, Settlement, public_id=public_id)
    return shown(request, services.settlement_decline(ctx=command_of(request), settlement=found, reason=why.reason))


@router.post("/settlements/{uuid:public_id}/withdraw", response=schemas.SettlementOut)
def withdraw(request: HttpRequest, public_id: UUID, why: ReasonIn) -> Any:
    """Take one's own proposal back."""
    found = seen(request, Settlement, public_id=public_id)
    return shown(request, services.settlement_withdraw(ctx=command_of(request), settlement=found, reason=why.reason))


def shown(request: HttpRequest, found: Settlement) -> schemas.SettlementOut:
    """A settlement as it now is, read with the caller's eyes: an answer is written outside the command's transaction."""
    with seen_by(actor_of(request)):
        return schemas.SettlementOut.from_orm(settlement_list().get(pk=found.pk))
