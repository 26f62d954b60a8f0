"""Places, ways and the network under /api/v1/logistics."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Query, Router, Status, UploadedFile
from ninja.pagination import paginate

from bashu.kernel.errors import NotFound, TooLarge
from bashu.kernel.web import clock
from bashu.kernel.web.api import Paged
from bashu.kernel.web.requests import command_of, seen
from bashu.logistics import readiness
from bashu.logistics.api import network_schemas as schemas
from bashu.logistics.engine.network import moment_of
from bashu.logistics.models import Closure, NetworkVersion
from bashu.logistics.places import Suggestion, places_suggest
from bashu.logistics.quotes import quoted
from bashu.logistics.selectors import board
from bashu.logistics.selectors import planner as asking
from bashu.logistics.selectors.answers import answer_out
from bashu.logistics.selectors.network import network_current, network_versions
from bashu.logistics.selectors.routes import Cargo
from bashu.logistics.services import network as services
from bashu.logistics.terms import REGION, ZIP_BYTES

router = Router(tags=["logistics"])


@router.get("/places", response=list[schemas.PlaceFoundOut])
def places(request: HttpRequest, text: str = Query(max_length=100)) -> list[Suggestion]:
    """Hubs and divisions whose code or name begins with a text, or else contains it; eight at most."""
    return places_suggest(text, network_current().hubs, as_of=clock.today())


@router.post("/route", response=list[schemas.OptionOut], by_alias=True)
def route(request: HttpRequest, asked: schemas.AskIn):
    """Every way that no other beats in arrival, price and CO2e together, best first by the given values, each with a quote."""
    readiness.need()
    cargo = Cargo(asked.teu, asked.dangerous, asked.reefer)
    answer = asking.options(
        origin=asked.origin, destination=asked.destination, departs=moment(asked.depart), cargo=cargo,
        hour=asked.hour, tonne=asked.tonne,
    )  # fmt: skip
    now = clock.now()
    return [quoted(option, cargo, now) for option in answer_out(answer)]


@router.post("/latest", response=schemas.LatestOut)
def latest(request: HttpRequest, asked: schemas.LatestIn):
    """The last moment at which a consignment may leave and still be there by a deadline."""
    readiness.need()
    minute, version = asking.last_departure(
        origin=asked.origin, destination=asked.destination, earliest=moment(asked.earliest), deadline=asked.deadline,
        cargo=Cargo(asked.teu, asked.dangerous, asked.reefer),
    )  # fmt: skip
    return {"leave_by": None if minute is None else moment_of(minute, REGION), "network": version}


@router.get("/hubs", response=list[schemas.HubOut])
def hubs(request: HttpRequest):
    """The hubs of the network in force."""
    now = clock.now()
    shut = {one.hub for one in board.closures_standing(now) if one.stands_at(now)}
    return [{**hub._asdict(), "open": hub.code not in shut} for hub in network_current().hubs]


@router.get("/hubs/{code}/departures", response=list[schemas.DepartureOut])
@paginate(Paged)
def hub_departures(request: HttpRequest, code: str):
    """What leaves a hub from now on, the next first."""
    if code not in {hub.code for hub in network_current().hubs}:
        raise NotFound
    return board.departures_of(code, clock.now())


@router.post("/hubs/{code}/closures", response={201: schemas.ClosureOut})
def hub_close(request: HttpRequest, code: str, asked: schemas.ClosureIn):
    """Declare a hub closed; times without an offset are the region's. By its operator, its side's authority or the joint office."""
    begins, ends = aware(asked.closed_from), asked.until and aware(asked.until)
    made = services.closure_declare(
        ctx=command_of(request), hub=code, closed_from=begins, until=ends, reason=asked.reason
    )
    return Status(201, made)


@router.get("/closures", response=list[schemas.ClosureOut])
def closures(request: HttpRequest):
    """Closures that are declared and not over."""
    return board.closures_standing(clock.now())


@router.post("/closures/{public_id}/lift", response=schemas.ClosureOut)
def closure_lift(request: HttpRequest, public_id: UUID):
    """Open a hub again from now on."""
    return services.closure_lift(ctx=command_of(request), closure=seen(request, Closure, public_id=public_id))


@router.get("/networks", response=list[schemas.VersionOut])
@paginate(Paged)
def networks(request: HttpRequest):
    """Versions of the network, the newest import first."""
    return network_versions()


@router.post("/networks", response={201: schemas.VersionOut})
def network_import(request: HttpRequest, file: File[UploadedFile]):
    """Bring a network, a ZIP of the documented CSV files, into force: all of it, or nothing and a list of what is wrong."""
    if (file.size or 0) > ZIP_BYTES:
        raise TooLarge
    return Status(201, services.network_import(ctx=command_of(request), folder_bytes=file.read()))


@router.get("/networks/{public_id}/network.zip")
def network_export(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A version as the ZIP of its CSV files."""
    version = seen(request, NetworkVersion, public_id=public_id)
    return HttpResponse(bytes(version.content), content_type="application/zip")


@router.post("/networks/{public_id}/restore", response=schemas.VersionOut)
def network_restore(request: HttpRequest, public_id: UUID):
    """Bring an earlier version back into force."""
    return services.network_restore(ctx=command_of(request), version=seen(request, NetworkVersion, public_id=public_id))


def moment(given: date | datetime) -> date | datetime:
    """A day, or a moment; midnight without an offset is a day."""
    if isinstance(given, datetime) and given.tzinfo is None and given.time() == datetime.min.time():
        return given.date()
    return given


def aware(given: datetime) -> datetime:
    """A moment; without an offset it is the region's."""
    return timezone.make_aware(given) if timezone.is_naive(given) else given
