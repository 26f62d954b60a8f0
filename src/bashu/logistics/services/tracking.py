"""Reports of what happens on the way: taken once, whoever sends them how often and in whatever order; what follows, follows at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from bashu.kernel.commands.command import Command, command, plain
from bashu.kernel.errors import BashuError, Forbidden
from bashu.kernel.journal.engine.canonical import canonical
from bashu.kernel.parties.models import Organisation
from bashu.logistics.errors import EventDiffers, EventsRefused, EventWrong, LegMoved, NotReleased
from bashu.logistics.eyes import as_node
from bashu.logistics.formats import events_csv
from bashu.logistics.models import (
    Event,
    EventKind,
    LegState,
)
from bashu.logistics.selectors.clearance import blocked
from bashu.logistics.selectors.reporting import REPORTERS, Subject, Told, subjects_of
from bashu.logistics.services.following import consignments_follow, departures_follow

FACTS = (EventKind.GATE_IN, EventKind.LOADED, EventKind.DEPARTED, EventKind.ARRIVED, EventKind.DELIVERED)
AT_ORIGIN = (EventKind.GATE_IN, EventKind.LOADED, EventKind.DEPARTED, EventKind.EXPECTED_DEPARTURE)
CLOCKS_DIFFER = timedelta(minutes=10)  # a reporter's clock may be ahead of ours by so much
REFERENCE_LONGEST = 100
FARTHEST = timedelta(days=731)  # what happened, or will, lies within two years of now
SHOWN = 100  # faulty rows that a refusal lists


class Fault(NamedTuple):
    """What is wrong with one row, counted from 1."""

    row: int
    problem: str


@command("logistics.event.report", roles=REPORTERS, at="reporter")
def event_report(*, ctx: Command, reporter: UUID, told: Told) -> Event:
    """Report one event. The same report again changes nothing and answers the first; other content under its reference is refused.

    Refuses what the reporter may not say (403), does not see (404), or what cannot be read (EventWrong, 422); loading what customs
    has not released (NotReleased, 409); a leg that is only held (LegMoved, 409).
    """
    kept = standing(reporter, [told])
    if first := kept.get(told.reference):
        same(first, reporter, told)
        ctx.append(subject=first, before=None, after={"repeated": told.reference})
        return first
    subject = checked(ctx, reporter, told, subjects_of([told])[0])
    if subject.leg and told.kind == EventKind.LOADED and blocked([subject.leg]):
        raise NotReleased(hub=subject.leg.origin)
    event = recorded(ctx, reporter, [(told, subject)])[0]
    ctx.append(subject=event, before=None, after=journalled(event))
    return event


@command("logistics.event.report_batch", roles=REPORTERS, at="reporter")
def events_report(*, ctx: Command, reporter: UUID, rows: Sequence[Told]) -> dict[str, int]:
    """Report many events: all of them, or none with every faulty row (EventsRefused, 422). One entry holds the rows' digests.

    Rows reported before, or twice in the batch, are counted and change nothing.
    """
    faults: list[Fault] = []
    fresh: list[tuple[Told, Subject]] = []
    kept, seen = standing(reporter, rows), dict[str, Told]()
    subjects = subjects_of(rows)
    for number, (told, found) in enumerate(zip(rows, subjects, strict=True), start=1):
        try:
            if first := kept.get(told.reference):
                same(first, reporter, told)
            elif earlier := seen.get(told.reference):
                if earlier != told:
                    raise EventDiffers(reference=told.reference, first=_("an earlier row"))
            else:
                subject = checked(ctx, reporter, told, found)
                seen[told.reference] = told
                fresh.append((told, subject))
        except BashuError as error:
            faults.append(Fault(number, str(error)))
    faults += blocked_rows(rows, fresh)
    if faults or not rows:
        raise refusal(faults or [Fault(1, _("there are no rows"))])
    events = recorded(ctx, reporter, fresh)
    body = Organisation.objects.get(public_id=reporter)
    done = {"recorded": len(events), "repeated": len(rows) - len(events)}
    ctx.append(subject=body, before=None, after={**done, "events": [journalled(event) for event in events]})
    return done


def refusal(faults: Sequence[Fault]) -> EventsRefused:
    """The refusal that lists faulty rows, in their order."""
    ordered = sorted(faults)
    return EventsRefused(
        count=len(ordered),
        first=_("row {row}: {problem}").format(**ordered[0]._asdict()),
        rows=[{"row": fault.row, "problem": fault.problem} for fault in ordered[:SHOWN]],
    )


def standing(reporter: UUID, rows: Sequence[Told]) -> dict[str, Event]:
    """Events that the reporter reported before under these references."""
    found = Event.objects.filter(reporter__public_id=reporter, reference__in={told.reference for told in rows})
    return {event.reference: event for event in found}


def same(first: Event, reporter: UUID, told: Told) -> None:
    """Refuse (EventDiffers, 409) other content under a reference that is taken."""
    if bytes(first.digest) != digest_of(reporter, told):
        raise EventDiffers(reference=told.reference, first=str(first.public_id))


def digest_of(reporter: UUID, told: Told) -> bytes:
    """What the journal keeps of everything the reporter said."""
    return sha256(canonical(plain({"reporter": reporter, **told._asdict()}))).digest()


def checked(ctx: Command, reporter: UUID, told: Told, found: Subject | BashuError) -> Subject:
    """The row's subject if this reporter may say this of it; every refusal but that of customs."""
    form_check(told, ctx.now)
    if isinstance(found, BashuError):
        raise found
    if not may_report(reporter, told, found):
        raise Forbidden(needed=_("the operator of the leg, of the departure or of the hub; the shipper for delivery"))
    if found.leg and found.leg.state == LegState.HELD:
        raise LegMoved(state=LegState(found.leg.state).label)
    return found


def form_check(told: Told, now: datetime) -> None:
    """Refuse (EventWrong, 422) a row that cannot be read, or facts of the future."""
    checks = (
        ("reference", 0 < len(told.reference) <= REFERENCE_LONGEST, _("1 to 100 characters are needed")),
        ("kind", told.kind in EventKind.values, _("must be one of {words}").format(words=", ".join(EventKind.values))),
        ("happened_at", told.happened_at.tzinfo is not None, _("the offset from UTC is missing")),
        ("told_at", told.told_at is None or told.told_at.tzinfo is not None, _("the offset from UTC is missing")),
        (
            "consignment",
            bool(told.consignment) != bool(told.service),
            _("name a consignment, or a service and its trip"),
        ),
    )
    for field, good, problem in checks:
        if not good:
            raise EventWrong(field=field, problem=problem)
    if any(at and abs(at - now) > FARTHEST for at in (told.happened_at, told.told_at)):
        raise EventWrong(field="happened_at", problem=_("must lie within two years of now"))
    if told.kind in FACTS and told.happened_at > now + CLOCKS_DIFFER:
        raise EventWrong(field="happened_at", problem=_("what has happened cannot lie in the future"))
    if told.told_at is not None and told.told_at > now + CLOCKS_DIFFER:
        raise EventWrong(field="told_at", problem=_("cannot lie in the future"))
    if told.service and told.kind not in ("departed", "arrived", "expected_departure", "expected_arrival"):
        raise EventWrong(field="kind", problem=_("of a departure one says that it departed or arrived, or will"))


def may_report(reporter: UUID, told: Told, found: Subject) -> bool:
    """Whether an organisation may say this: the carrier all of it, a hub's operator what happens there, the shipper delivery.

    A leg that nobody is known to carry is the shipper's own.
    """
    at_origin = told.kind in AT_ORIGIN
    if found.departure:
        hub = found.departure.origin if at_origin else found.departure.target
        return reporter == found.departure.operator_id or reporter == found.hub_operators.get(hub)
    leg, consignment = found.leg, found.consignment
    assert consignment is not None, "a report speaks of a departure or of a consignment"
    if leg is None or told.kind == EventKind.DELIVERED:
        last = found.last
        return reporter == consignment.shipper_id or (
            last is not None and reporter in (last.operator_id, last.target_operator_id)
        )
    carrier = leg.operator_id or consignment.shipper_id
    return reporter in (carrier, leg.origin_operator_id if at_origin else leg.target_operator_id)


def blocked_rows(rows: Sequence[Told], fresh: Sequence[tuple[Told, Subject]]) -> list[Fault]:
    """Rows that load what customs has not let go."""
    held = blocked([subject.leg for told, subject in fresh if told.kind == EventKind.LOADED and subject.leg])
    numbers = {told.reference: number for number, told in reversed(list(enumerate(rows, start=1)))}
    return [
        Fault(numbers[told.reference], str(NotReleased(hub=subject.leg.origin)))
        for told, subject in fresh
        if told.kind == EventKind.LOADED and subject.leg and subject.leg.pk in held
    ]


def recorded(ctx: Command, reporter: UUID, rows: Sequence[tuple[Told, Subject]]) -> list[Event]:
    """Write events and let what follows from them follow."""
    events = Event.objects.bulk_create(
        Event(
            reporter_id=reporter, reference=told.reference, kind=told.kind, consignment=subject.consignment, leg=subject.leg,
            departure=subject.departure, hub=subject.hub, happened_at=told.happened_at, told_at=told.told_at or ctx.now,
            received_at=ctx.now, digest=digest_of(reporter, told), readers=subject.readers(reporter),
        )
        for told, subject in rows
    )  # fmt: skip
    with as_node():
        touched = {event.consignment_id for event in events if event.consignment_id}
        if runs := {event.departure_id for event in events if event.departure_id}:
            touched |= departures_follow(runs)
        consignments_follow(touched, ctx.now)
    return events


def journalled(event: Event) -> Mapping[str, Any]:
    """What the journal keeps of one event: who said it and under which reference, and the digest of what was said."""
    return {"id": event.public_id, "reference": event.reference, "digest": bytes(event.digest).hex()}


def events_import(*, ctx: Command, reporter: UUID, content: bytes) -> dict[str, int]:
    """Report every row of a CSV file (`formats/events_csv.py`): all, or none with every faulty line (EventsRefused, 422)."""
    lines, errors = events_csv.read(content)
    if errors:
        raise lines_refused(errors)
    try:
        return events_report(ctx=ctx, reporter=reporter, rows=[Told(**line.values) for line in lines])
    except EventsRefused as refused:
        faulty = refused.context["rows"]
        raise lines_refused(
            [events_csv.LineError(lines[one["row"] - 1].number, one["problem"]) for one in faulty],
            refused.context["count"],
        ) from refused


def lines_refused(errors: Sequence[events_csv.LineError], count: int | None = None) -> EventsRefused:
    """The refusal that lists faulty lines."""
    first = _("line {number}: {problem}").format(**errors[0]._asdict())
    rows = [{"line": one.number, "problem": one.problem} for one in errors[:SHOWN]]
    return EventsRefused(count=count or len(errors), first=first, rows=rows)
