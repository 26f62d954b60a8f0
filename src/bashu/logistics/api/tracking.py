"""Events, notices and figures under /api/v1/logistics."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from bashu.kernel.errors import SignInNeeded
from bashu.kernel.parties.selectors import seen_by
from bashu.kernel.web import clock
from bashu.kernel.web.api import Paged
from bashu.kernel.web.requests import actor_of, command_of, seen
from bashu.logistics.models import Consignment, EventKind
from bashu.logistics.selectors.figures import figures, figures_out
from bashu.logistics.selectors.notices import notice_list, said
from bashu.logistics.selectors.reporting import Told, reporter_of
from bashu.logistics.selectors.tracking import reported
from bashu.logistics.services import tracking
from bashu.logistics.services.notices import notifications_read
from bashu.logistics.terms import MOST_EVENTS

router = Router(tags=["logistics"])


class EventIn(Schema):
    """One report: of a consignment's leg (by its number in the booking or by the hub), of its delivery, or of a departure."""

    reference: str = Field(max_length=100, description="the reporter's own name for it; sent again it changes nothing")
    kind: str = Field(pattern=f"^({'|'.join(EventKind.values)})$")
    happened_at: datetime = Field(description="with its offset; of a forecast: when it is expected")
    told_at: datetime | None = Field(None, description="when the reporter's system said so; default: now")
    consignment: str = Field("", max_length=24)
    leg: int | None = Field(None, ge=1, le=999)
    service: str = Field("", max_length=40)
    trip: str = Field("", max_length=60)
    sequence: int | None = Field(None, ge=0, le=999)
    hub: str = Field("", max_length=40)

    def told(self) -> Told:
        """As the service takes it."""
        return Told(**self.model_dump(include=set(Told._fields)))


class ReportIn(EventIn):
    """One report, and for which of the caller's organisations."""

    reporter: UUID | None = None


class BatchIn(Schema):
    """Many reports of one organisation."""

    reporter: UUID | None = None
    rows: list[EventIn] = Field(min_length=1, max_length=MOST_EVENTS)


class EventsTakenOut(Schema):
    """How many were new, how many known."""

    recorded: int
    repeated: int


class EventOut(Schema):
    """One report as it was recorded."""

    id: UUID = Field(alias="public_id")
    reporter: UUID = Field(alias="reporter_id")
    reference: str
    kind: str
    leg: int | None
    hub: str
    happened_at: datetime
    told_at: datetime
    received_at: datetime

    @staticmethod
    def resolve_leg(event: Any) -> int | None:
        """The leg's number in the booking."""
        return event.leg.sequence if event.leg else None


class TrackOut(Schema):
    """A consignment as its reports tell it. corrected: ids of reports that one told later replaced."""

    number: str
    state: str
    missed: bool
    arrives_at: datetime
    predicted_at: datetime
    delivered_at: datetime | None
    events: list[EventOut]
    corrected: list[str]
    contradictions: list[list[str]]


class NoticeOut(Schema):
    """One notice in the caller's language."""

    id: UUID = Field(alias="public_id")
    organisation: UUID = Field(alias="organisation_id")
    consignment: str = Field(alias="consignment.number")
    kind: str
    title: str
    text: str
    made_at: datetime
    read_at: datetime | None

    @staticmethod
    def resolve_title(notice: Any) -> str:
        """In a few words."""
        return said(notice).title

    @staticmethod
    def resolve_text(notice: Any) -> str:
        """In a sentence."""
        return said(notice).text


class ReadIn(Schema):
    """Whose notices were read, up to when."""

    organisation: UUID
    upto: datetime


@router.post("/events", response={201: EventOut})
def report(request: HttpRequest, told: ReportIn):
    """Report one event. Sent again it answers the first one; other content under its reference is refused (409)."""
    by = reporter_of(actor_of(request), told.reporter)
    return Status(201, tracking.event_report(ctx=command_of(request), reporter=by, told=told.told()))


@router.post("/events/batch", response={201: EventsTakenOut})
def report_batch(request: HttpRequest, batch: BatchIn):
    """Report up to 1,000 events: all of them, or none and a list of the faulty rows."""
    by = reporter_of(actor_of(request), batch.reporter)
    rows = [row.told() for row in batch.rows]
    return Status(201, tracking.events_report(ctx=command_of(request), reporter=by, rows=rows))


@router.get("/consignments/{public_id}/events", response=TrackOut)
def track(request: HttpRequest, public_id: UUID):
    """What was reported of a consignment, what counts of it, and when it is expected."""
    one = seen(request, Consignment, public_id=public_id)
    with seen_by(actor_of(request)):
        told = reported(one)
    return {
        "number": one.number, "state": one.state, "missed": one.missed, "arrives_at": one.arrives_at, "predicted_at": one.predicted_at,
        "delivered_at": one.delivered_at, "events": told.events, "corrected": sorted(told.corrected),
        "contradictions": [[first, after] for first, _, after, _ in told.doubtful],
    }  # fmt: skip


@router.get("/notifications", response=list[NoticeOut])
@paginate(Paged)
def notifications(request: HttpRequest, unread: bool = False):
    """What the caller's organisations were told, newest first."""
    if actor_of(request).id is None:
        raise SignInNeeded
    found = notice_list(actor_of(request))
    return found.filter(read_at__isnull=True) if unread else found


@router.post("/notifications/read", response=int)
def read(request: HttpRequest, done: ReadIn):
    """Mark an organisation's notices made until a moment as read; how many were not."""
    return notifications_read(ctx=command_of(request), organisation=done.organisation, upto=done.upto)


@router.get("/figures", response=dict[str, Any])
def measured(request: HttpRequest, since: date | None = None, until: date | None = None):
    """Corridor volume, trains, clearance time, adherence and value of goods, by month; default: the last twelve months."""
    last = until or clock.today()
    return figures_out(figures(since or last - timedelta(days=364), last))
