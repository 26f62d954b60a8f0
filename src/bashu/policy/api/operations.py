"""Operations under /api/v1/policy: profiles, offers, applications, appeals, delegations, land, tariffs."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from ninja.pagination import paginate

from bashu.kernel.errors import NotFound
from bashu.kernel.parties.models import Organisation
from bashu.kernel.web import clock
from bashu.kernel.web.api import Paged, ReasonIn
from bashu.kernel.web.requests import command_of, seen
from bashu.policy.api import operations_schemas as schemas
from bashu.policy.models import (
    Appeal,
    Application,
    ApplicationState,
    Delegation,
    Item,
    LandAccount,
    LandReservation,
    Offer,
    OfferState,
)
from bashu.policy.selectors import applications as application_selectors
from bashu.policy.selectors import delegations as delegation_selectors
from bashu.policy.selectors import land as land_selectors
from bashu.policy.selectors import profiles, support, tariffs
from bashu.policy.services import appeals, applications, catalogues, delegations, land
from bashu.policy.services.profiles import profile_record

router = Router()


def application_seen(request: HttpRequest, public_id: UUID) -> Application:
    """An application the caller may see."""
    return seen(request, Application.objects.select_related("item__catalogue", "organisation"), public_id=public_id)


def appeal_seen(request: HttpRequest, public_id: UUID) -> Appeal:
    """An appeal the caller may see."""
    return seen(request, Appeal.objects.select_related("application__item__catalogue"), public_id=public_id)


def delegation_cited(request: HttpRequest, public_id: UUID | None) -> Delegation | None:
    """The delegation a body cites."""
    return None if public_id is None else seen(request, Delegation, public_id=public_id)


@router.get("/profiles/{public_id}", response=list[schemas.ProfileFactOut])
def profile(request: HttpRequest, public_id: UUID):
    """The current facts of an enterprise, by its organisation's id."""
    return list(profiles.profile_of(seen(request, Organisation, public_id=public_id).public_id).values())


@router.post("/profiles/{public_id}", response=list[schemas.ProfileFactOut])
def profile_add(request: HttpRequest, public_id: UUID, told: schemas.ProfileIn):
    """Record facts of an enterprise: declared by itself, or stated by an office of its side."""
    firm = seen(request, Organisation, public_id=public_id)
    profile_record(ctx=command_of(request), organisation=firm, **told.model_dump())
    return list(profiles.profile_of(firm.public_id).values())


@router.get("/items", response=list[schemas.ItemOut])
def items(request: HttpRequest):
    """The support items of the catalogues that hold."""
    return support.item_list()


@router.get("/budgets", response=list[schemas.BudgetOut])
def budgets(request: HttpRequest):
    """Budgets with what is committed and paid."""
    return support.budget_list()


@router.get("/offers", response=list[schemas.OfferOut])
@paginate(Paged)
def offers(request: HttpRequest, state: OfferState | None = None):
    """Offers the caller may see, newest first."""
    return support.offer_list(state=state)


@router.post("/offers/push", response={201: schemas.PushOut})
def offers_push(request: HttpRequest, wished: schemas.PushIn):
    """Make offers to every enterprise whose profile meets an item's conditions."""
    catalogue = next(iter(support.catalogue_list()), None)
    if catalogue is None:
        raise NotFound
    return Status(201, catalogues.offers_push(ctx=command_of(request), catalogue=catalogue, year=wished.year))


@router.post("/offers/{public_id}/accept", response=schemas.ApplicationOut)
def offer_accept(request: HttpRequest, public_id: UUID):
    """Accept an offer; it goes to decision."""
    offer = seen(request, Offer.objects.select_related("item__catalogue"), public_id=public_id)
    return catalogues.offer_accept(ctx=command_of(request), offer=offer)


@router.post("/offers/{public_id}/decline", response=schemas.OfferOut)
def offer_decline(request: HttpRequest, public_id: UUID):
    """Decline an offer."""
    offer = seen(request, Offer.objects.select_related("item__catalogue"), public_id=public_id)
    return catalogues.offer_decline(ctx=command_of(request), offer=offer)


@router.get("/applications", response=list[schemas.ApplicationOut])
@paginate(Paged)
def application_list(request: HttpRequest, state: ApplicationState | None = None):
    """Applications the caller may see, newest first."""
    found = application_selectors.application_list()
    return found.filter(state=state) if state else found


@router.post("/applications", response={201: schemas.ApplicationOut})
def application_submit(request: HttpRequest, wished: schemas.ApplicationIn):
    """Apply for an item."""
    values = wished.model_dump()
    firm = seen(request, Organisation, public_id=values.pop("organisation"))
    item = seen(request, Item.objects.select_related("catalogue"), public_id=values.pop("item"))
    return Status(201, applications.application_submit(ctx=command_of(request), organisation=firm, item=item, **values))


@router.get("/applications/{public_id}", response=schemas.ApplicationOut)
def application(request: HttpRequest, public_id: UUID):
    """One application."""
    return application_seen(request, public_id)


@router.post("/applications/{public_id}/accept", response=schemas.ApplicationOut)
def application_accept(request: HttpRequest, public_id: UUID):
    """Find an application complete."""
    return applications.application_accept(ctx=command_of(request), application=application_seen(request, public_id))


@router.post("/applications/{public_id}/return", response=schemas.ApplicationOut)
def application_return(request: HttpRequest, public_id: UUID, why: ReasonIn):
    """Send an application back to be completed."""
    found = application_seen(request, public_id)
    return applications.application_return(ctx=command_of(request), application=found, reason=why.reason)


@router.post("/applications/{public_id}/supplement", response=schemas.ApplicationOut)
def application_supplement(request: HttpRequest, public_id: UUID, added: schemas.SupplementIn):
    """Complete an application that was sent back."""
    found = application_seen(request, public_id)
    return applications.application_supplement(ctx=command_of(request), application=found, **added.model_dump())


@router.post("/applications/{public_id}/review", response=schemas.ApplicationOut)
def application_review(request: HttpRequest, public_id: UUID, what: schemas.FindingIn):
    """Say what a review found."""
    found = application_seen(request, public_id)
    return applications.application_review(ctx=command_of(request), application=found, finding=what.finding)


@router.post("/applications/{public_id}/approve", response=schemas.ApplicationOut)
def application_approve(request: HttpRequest, public_id: UUID):
    """Grant what is computed, within limits and budgets."""
    return applications.application_approve(ctx=command_of(request), application=application_seen(request, public_id))


@router.post("/applications/{public_id}/refuse", response=schemas.ApplicationOut)
def application_refuse(request: HttpRequest, public_id: UUID, why: ReasonIn):
    """Refuse an application, saying why."""
    found = application_seen(request, public_id)
    return applications.application_refuse(ctx=command_of(request), application=found, reason=why.reason)


@router.post("/applications/{public_id}/pay", response=schemas.ApplicationOut)
def application_pay(request: HttpRequest, public_id: UUID, by: schemas.PaymentIn):
    """Record the payment order that moved the money."""
    found = application_seen(request, public_id)
    return applications.application_pay(ctx=command_of(request), application=found, order=by.order)


@router.post("/applications/{public_id}/withdraw", response=schemas.ApplicationOut)
def application_withdraw(request: HttpRequest, public_id: UUID):
    """Take an application back before it is decided."""
    return applications.application_withdraw(ctx=command_of(request), application=application_seen(request, public_id))


@router.post("/applications/{public_id}/appeal", response={201: schemas.AppealOut})
def appeal_file(request: HttpRequest, public_id: UUID, why: schemas.GroundsIn):
    """Appeal against a refusal."""
    found = application_seen(request, public_id)
    return Status(201, appeals.appeal_file(ctx=command_of(request), application=found, grounds=why.grounds))


@router.post("/appeals/{public_id}/uphold", response=schemas.AppealOut)
def appeal_uphold(request: HttpRequest, public_id: UUID, why: ReasonIn):
    """Uphold the refusal."""
    return appeals.appeal_uphold(ctx=command_of(request), appeal=appeal_seen(request, public_id), reason=why.reason)


@router.post("/appeals/{public_id}/change", response=schemas.AppealOut)
def appeal_change(request: HttpRequest, public_id: UUID, why: ReasonIn):
    """Grant what was refused."""
    return appeals.appeal_change(ctx=command_of(request), appeal=appeal_seen(request, public_id), reason=why.reason)


@router.get("/delegations", response=list[schemas.DelegationOut])
def delegation_list(request: HttpRequest):
    """Every power lent, newest first."""
    return delegation_selectors.delegation_list()


@router.post("/delegations", response={201: schemas.DelegationOut})
def delegation_grant(request: HttpRequest, wished: schemas.DelegationIn):
    """Lend a power."""
    values = wished.model_dump()
    delegator = seen(request, Organisation, public_id=values.pop("delegator"))
    delegate = seen(request, Organisation, public_id=values.pop("delegate"))
    made = delegations.delegation_grant(ctx=command_of(request), delegator=delegator, delegate=delegate, **values)
    return Status(201, made)


@router.post("/delegations/{public_id}/revoke", response=schemas.DelegationOut)
def delegation_revoke(request: HttpRequest, public_id: UUID, why: ReasonIn):
    """Take a power back."""
    found = seen(request, Delegation, public_id=public_id)
    return delegations.delegation_revoke(ctx=command_of(request), delegation=found, reason=why.reason)


@router.get("/delegations/{public_id}/acts", response=list[schemas.ActOut])
def act_list(request: HttpRequest, public_id: UUID):
    """What was done under a delegation."""
    return delegation_selectors.act_list(seen(request, Delegation, public_id=public_id))


@router.post("/delegations/{public_id}/acts", response={201: schemas.ActOut})
def delegated_act(request: HttpRequest, public_id: UUID, what: schemas.ActIn):
    """Do an act under a delegation in force."""
    found = seen(request, Delegation, public_id=public_id)
    return Status(201, delegations.delegated_act(ctx=command_of(request), delegation=found, **what.model_dump()))


@router.get("/land/accounts", response=list[schemas.LandAccountOut])
def land_accounts(request: HttpRequest):
    """The quota of every area, year and side."""
    return land_selectors.account_list()


@router.get("/land/entries", response=list[schemas.LandEntryOut])
@paginate(Paged)
def land_entries(request: HttpRequest):
    """The ledger, newest first."""
    return land_selectors.entry_list()


@router.get("/land/reservations", response=list[schemas.ReservationOut])
@paginate(Paged)
def land_reservations(request: HttpRequest):
    """What is held for projects, newest first."""
    return land_selectors.reservation_list()


@router.post("/land/plan", response=schemas.LandAccountOut)
def land_plan(request: HttpRequest, wished: schemas.PlanIn):
    """Plan a side's quota of a year."""
    return land.land_plan(ctx=command_of(request), **wished.model_dump())


@router.post("/land/accounts/{public_id}/allocate", response=schemas.LandAccountOut)
def land_allocate(request: HttpRequest, public_id: UUID, wished: schemas.LandIn):
    """Release planned quota to be claimed."""
    account = seen(request, LandAccount, public_id=public_id)
    return land.land_allocate(ctx=command_of(request), account=account, **wished.model_dump())


@router.post("/land/accounts/{public_id}/reserve", response={201: schemas.ReservationOut})
def land_reserve(request: HttpRequest, public_id: UUID, wished: schemas.LandClaimIn):
    """Hold quota for a project."""
    values = wished.model_dump() | {"delegation": delegation_cited(request, wished.delegation)}
    account = seen(request, LandAccount, public_id=public_id)
    return Status(201, land.land_reserve(ctx=command_of(request), account=account, **values))


@router.post("/land/reservations/{public_id}/use", response=schemas.ReservationOut)
def land_use(request: HttpRequest, public_id: UUID, wished: schemas.MoveIn):
    """Use what is held."""
    values = wished.model_dump() | {"delegation": delegation_cited(request, wished.delegation)}
    found = seen(request, LandReservation.objects.select_related("account"), public_id=public_id)
    return land.land_use(ctx=command_of(request), reservation=found, **values)


@router.post("/land/reservations/{public_id}/release", response=schemas.ReservationOut)
def land_release(request: HttpRequest, public_id: UUID, wished: schemas.MoveIn):
    """Give back what is held."""
    values = wished.model_dump() | {"delegation": delegation_cited(request, wished.delegation)}
    found = seen(request, LandReservation.objects.select_related("account"), public_id=public_id)
    return land.land_release(ctx=command_of(request), reservation=found, **values)


@router.get("/tariffs", response=list[schemas.ComparedOut])
def tariff_list(request: HttpRequest, on: date | None = None):
    """Prices and standards in force on a day (default: today), compared."""
    return [{**row._asdict(), "lower": list(row.lower)} for row in tariffs.tariffs_compared(on or clock.today())]
