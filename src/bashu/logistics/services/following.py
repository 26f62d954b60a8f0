"""What follows from reports: states of departures, legs and consignments, foreseen arrivals, missed connections.

Everything here is computed from the whole set of events of what is looked at, never from what just came in: so the order in which
events come in cannot matter, and doing it again changes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, Sum

from bashu.kernel.database.prepared import prepared
from bashu.logistics.engine.network import minutes_of, moment_of
from bashu.logistics.engine.tracking import (
    ARRIVED,
    DELIVERED,
    DEPARTED,
    EXPECTED_ARRIVAL,
    EXPECTED_DEPARTURE,
    GATE_IN,
    LOADED,
    Call,
    Course,
    Outlook,
    Report,
    Ride,
    Times,
    aboard,
    fold,
    foreseen,
    outlook,
)
from bashu.logistics.eyes import as_node
from bashu.logistics.models import (
    Consignment,
    ConsignmentState,
    Departure,
    Event,
    Leg,
    LegDeparture,
    LegState,
    Notification,
)
from bashu.logistics.selectors.ground import Ground, ground_current
from bashu.logistics.services.measures import measures_write
from bashu.logistics.services.notices import Notice, notices_write
from bashu.logistics.terms import DELAY_MINUTES

LIVE = (LegState.HELD, LegState.CONFIRMED, LegState.LOADED, LegState.DEPARTED, LegState.ARRIVED)
BOOKED = (ConsignmentState.CONFIRMED, ConsignmentState.UNDER_WAY, ConsignmentState.DELIVERED)
STAGES = {LOADED: LegState.LOADED, DEPARTED: LegState.DEPARTED, ARRIVED: LegState.ARRIVED}
AHEAD = (LegState.CONFIRMED, LegState.LOADED, LegState.DEPARTED)
CHUNK = 500  # consignments looked at together

SET_DEPARTURES = """
    UPDATE logistics_departure one SET version = version + 1, departed_at = new.departed_at, arrived_at = new.arrived_at,
        expected_departs_at = new.expected_departs_at, expected_arrives_at = new.expected_arrives_at
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
        AS new (id, departed_at, arrived_at, expected_departs_at, expected_arrives_at) WHERE one.id = new.id
"""
SET_LEGS = """
    UPDATE logistics_leg one SET version = version + 1, state = new.state, departed_at = new.departed_at, arrived_at = new.arrived_at
    FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[]) AS new (id, state, departed_at, arrived_at)
    WHERE one.id = new.id
"""
SET_CONSIGNMENTS = """
    UPDATE logistics_consignment one SET version = version + 1, state = new.state, predicted_at = new.predicted_at,
        missed = new.missed, delivered_at = new.delivered_at
    FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::boolean[], %s::timestamptz[])
        AS new (id, state, predicted_at, missed, delivered_at) WHERE one.id = new.id
"""


class Journey(NamedTuple):
    """One consignment as its events tell it: its legs in order with what is known of each, and of its delivery."""

    consignment: Consignment
    legs: list[Leg]
    courses: list[Course]
    rides: list[Ride]
    delivered: Course
    outlook: Outlook
    broken: bool  # legs were cancelled and nothing yet leads on from the last that is left


def report_of(event: Event) -> Report:
    """An event as the fold takes it."""
    return Report(event.kind, event.happened_at, event.told_at, str(event.public_id))


def departures_follow(ids: Collection[int]) -> set[int]:
    """Fold the events of departures into them; the consignments (row ids) that their runs carry. As the node."""
    told: dict[int, list[Report]] = {pk: [] for pk in ids}
    for event in Event.objects.filter(departure__in=ids):
        told[event.departure_id].append(report_of(event))  # type: ignore[index]
    rows = list(Departure.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    changed: list[tuple[Any, ...]] = []
    for row in rows:
        course = fold(told[row.pk])
        new = tuple(course.at(kind) for kind in (DEPARTED, ARRIVED, EXPECTED_DEPARTURE, EXPECTED_ARRIVAL))
        if new != (row.departed_at, row.arrived_at, row.expected_departs_at, row.expected_arrives_at):
            changed.append((row.pk, *new))
    write(SET_DEPARTURES, changed)
    measures_write({"departures": [row[0] for row in changed]})
    runs = {(row.service, row.trip) for row in rows if any(row.pk == one[0] for one in changed)}
    return carried_by(runs)


def carried_by(runs: Iterable[tuple[str, str]]) -> set[int]:
    """Consignments with a leg on any call of these runs of vehicles, by row id."""
    pairs = list(runs)
    if not pairs:
        return set()
    rows = prepared(
        """
        SELECT DISTINCT leg.consignment_id FROM unnest(%s::text[], %s::text[]) AS run (service, trip)
        JOIN logistics_departure one USING (service, trip) JOIN logistics_legdeparture held ON held.departure_id = one.id
        JOIN logistics_leg leg ON leg.id = held.leg_id AND leg.state NOT IN ('cancelled', 'expired')
        """,
        [[pair[n] for pair in pairs] for n in (0, 1)],
    )
    return {row[0] for row in rows}


def hub_follow(hub: str, now: datetime) -> None:
    """What follows for consignments still to come to a hub, or to leave it, when it closes or opens."""
    with as_node():
        legs = Leg.objects.filter(Q(origin=hub) | Q(target=hub), state__in=AHEAD)
        consignments_follow(set(legs.values_list("consignment_id", flat=True)), now)


def everything_follow(now: datetime) -> int:
    """Fold every event there is again, telling nobody; how many records were not as their events say. As the node."""
    before = versions()
    departures_follow(list(Event.objects.filter(departure__isnull=False).values_list("departure_id", flat=True)))
    ids = list(Consignment.objects.filter(state__in=BOOKED).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        consignments_follow(ids[start : start + CHUNK], now, tell=False)
    return versions() - before


def versions() -> int:
    """The sum of the versions of all that follows from events: it grows by one for each record changed."""
    return int(sum(model.objects.aggregate(sum=Sum("version"))["sum"] or 0 for model in (Departure, Leg, Consignment)))


def consignments_follow(ids: Iterable[int], now: datetime, *, tell: bool = True) -> None:
    """Bring consignments (row ids) and their legs in line with all that was reported, within a command. As the node.

    Locks them in the order of their ids. States, foreseen arrival and missed connections follow from the set of events;
    what changed goes into the figures and, unless `tell` is off, to those whom it concerns.
    """
    found = Consignment.objects.select_for_update(no_key=True).filter(pk__in=list(ids), state__in=BOOKED)
    consignments = list(found.order_by("pk"))
    if not consignments:
        return
    told = journeys_of(consignments, ground_current(now - timedelta(days=60)))
    legs = [row for journey in told for row in leg_changes(journey)]
    moved = [(journey, new) for journey in told if (new := after(journey)) != state_of(journey.consignment)]
    write(SET_LEGS, legs)
    write(SET_CONSIGNMENTS, [(journey.consignment.pk, *new) for journey, new in moved])
    if legs or moved:
        measures_write({"consignments": [one.pk for one in consignments]})
    if tell:
        notices_write(notices_of(moved), now)


def write(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement over rows given as columns."""
    if rows:
        prepared(statement, [list(column) for column in zip(*rows, strict=True)])


def state_of(one: Consignment) -> tuple[Any, ...]:
    """What following may change of a consignment."""
    return str(one.state), one.predicted_at, one.missed, one.delivered_at


def after(journey: Journey) -> tuple[Any, ...]:
    """What the events make of it: state, foreseen arrival, whether a connection is missed, when it was delivered."""
    one, delivered = journey.consignment, journey.delivered.at(DELIVERED)
    if delivered:
        return str(ConsignmentState.DELIVERED), delivered, False, delivered
    begun = any(course.stage for course in journey.courses)
    state = ConsignmentState.UNDER_WAY if begun else ConsignmentState.CONFIRMED
    predicted = one.arrives_at if journey.broken else moment_of(journey.outlook.arrives)
    return str(state), predicted, journey.broken or journey.outlook.missed is not None, None


def leg_changes(journey: Journey) -> Iterator[tuple[Any, ...]]:
    """Rows of the legs whose state or times differ from what their events say."""
    for leg, course in zip(journey.legs, journey.courses, strict=True):
        stage = next((STAGES[kind] for kind in (ARRIVED, DEPARTED, LOADED) if kind in course.known), LegState.CONFIRMED)
        new = (str(stage), course.at(DEPARTED), course.at(ARRIVED))
        if new != (str(leg.state), leg.departed_at, leg.arrived_at):
            yield (leg.pk, *new)


def notices_of(moved: Sequence[tuple[Journey, tuple[Any, ...]]]) -> list[Notice]:
    """Whom to tell what of consignments that changed."""
    told = last_told([journey.consignment.pk for journey, _ in moved])
    notices = []
    for journey, (_, predicted, missed, delivered) in moved:
        one = journey.consignment
        if delivered and not one.delivered_at:
            notices.append(Notice(one.shipper_id, one.pk, "delivered", {"at": delivered}))
        elif missed and not one.missed:
            notices += missed_notices(journey, predicted)
        elif one.missed and not missed:
            notices.append(Notice(one.shipper_id, one.pk, "recovered", {"arrives_at": predicted}))
        elif not missed and abs(predicted - told.get(one.pk, one.arrives_at)) >= timedelta(minutes=DELAY_MINUTES):
            facts = {"booked": one.arrives_at, "arrives_at": predicted}
            notices.append(
                Notice(one.shipper_id, one.pk, "delayed" if predicted > one.arrives_at else "earlier", facts)
            )
    return notices


def missed_notices(journey: Journey, predicted: datetime) -> Iterator[Notice]:
    """Tell the shipper, who must find another way, and the operator whose leg will stay empty."""
    one, at = journey.consignment, journey.outlook.missed
    leg = journey.legs[-1 if at is None else at]
    facts = {
        "hub": leg.origin, "service": leg.service, "departs_at": leg.departs_at, "arrives_at": predicted, "to": leg.target,
    }  # fmt: skip
    for organisation in dict.fromkeys(body for body in (one.shipper_id, leg.operator_id) if body):
        yield Notice(organisation, one.pk, "missed", facts)


def last_told(ids: Sequence[int]) -> dict[int, datetime]:
    """The arrival that each shipper was last told, where he was told one other than the booked."""
    rows = Notification.objects.filter(consignment__in=ids, kind__in=("delayed", "earlier", "recovered")).order_by("pk")
    return {one.consignment_id: datetime.fromisoformat(one.facts["arrives_at"]) for one in rows}


# Reading what the events are folded over


def journeys_of(consignments: Sequence[Consignment], ground: Ground) -> list[Journey]:
    """Consignments with everything that was reported of them and of their vehicles. As the node."""
    ids = [one.pk for one in consignments]
    legs: dict[int, list[Leg]] = defaultdict(list)
    for leg in Leg.objects.filter(consignment__in=ids).order_by("consignment", "sequence"):
        legs[leg.consignment_id].append(leg)
    told: dict[tuple[int, int | None], list[Report]] = defaultdict(list)
    for event in Event.objects.filter(consignment__in=ids):
        told[event.consignment_id, event.leg_id].append(report_of(event))  # type: ignore[index]
    vehicles = vehicles_of([leg.pk for found in legs.values() for leg in found])
    return [journey_of(one, legs[one.pk], told, vehicles, ground) for one in consignments]


class Onward(NamedTuple):
    """Where and from when goods can go another way."""

    hub: str
    at: datetime


def onward(consignment: Consignment, now: datetime) -> Onward:
    """From the end of the leg that the goods are on, when they are foreseen there; from the origin, now, before anything moved."""
    journey = journey_now(consignment, now)
    begun = [number for number, course in enumerate(journey.courses) if course.stage not in ("", GATE_IN)]
    if not begun:
        return Onward(consignment.origin, now)
    last = begun[-1]
    return Onward(journey.legs[last].target, max(now, moment_of(journey.rides[last].times.arrives)))


def journey_now(consignment: Consignment, now: datetime) -> Journey:
    """A consignment as its events tell it now, in an open transaction."""
    with as_node():
        (journey,) = journeys_of([consignment], ground_current(now - timedelta(days=60)))
    return journey


class Vehicle(NamedTuple):
    """What carries a leg: the departures it holds space on, in order, each with its foreseen times."""

    calls: list[tuple[Departure, Times]]

    @property
    def times(self) -> Times:
        """When the goods' ride begins and ends."""
        return Times(self.calls[0][1].departs, self.calls[-1][1].arrives)

    @property
    def course(self) -> Course:
        """What was reported of it where the goods go aboard and where they come off."""
        first, last = self.calls[0][0], self.calls[-1][0]
        moments = {
            DEPARTED: first.departed_at,
            EXPECTED_DEPARTURE: first.expected_departs_at,
            ARRIVED: last.arrived_at,
            EXPECTED_ARRIVAL: last.expected_arrives_at,
        }
        return Course({kind: Report(kind, at, at, "") for kind, at in moments.items() if at}, ())

    def runs(self, ground: Ground) -> bool:
        """Whether every call of the ride is promised and finds its hubs open."""
        return not any(
            row.withdrawn or ground.closed(row.origin, times.departs) or ground.closed(row.target, times.arrives)
            for row, times in self.calls
        )


def vehicles_of(legs: Sequence[int]) -> dict[int, Vehicle]:
    """The vehicles of legs (row ids); none for a leg by road without a timetable."""
    held: dict[int, set[int]] = defaultdict(set)
    for leg, departure in LegDeparture.objects.filter(leg__in=legs).values_list("leg_id", "departure_id"):
        held[leg].add(departure)
    runs = prepared(
        "SELECT DISTINCT service, trip FROM logistics_departure WHERE id = ANY (%s)",
        [list({pk for pks in held.values() for pk in pks})],
    )
    calls: dict[tuple[str, str], list[Departure]] = defaultdict(list)
    services, trips = ({run[n] for run in runs} for n in (0, 1))
    for row in Departure.objects.filter(service__in=services, trip__in=trips).order_by("sequence"):
        calls[row.service, row.trip].append(row)
    timed = {
        row.pk: (row, times)
        for run in calls.values()
        for row, times in zip(run, foreseen([call_of(row) for row in run]), strict=True)
    }
    return {
        leg: Vehicle(sorted((timed[pk] for pk in pks), key=lambda call: call[0].sequence)) for leg, pks in held.items()
    }


def call_of(row: Departure) -> Call:
    """A departure in minutes."""
    moments = (
        row.departs_at, row.arrives_at, row.expected_departs_at, row.expected_arrives_at, row.departed_at, row.arrived_at,
    )  # fmt: skip
    departs, arrives, *known = (None if moment is None else minutes_of(moment) for moment in moments)
    assert departs is not None
    assert arrives is not None
    return Call(departs, arrives, *known)


def journey_of(
    one: Consignment,
    everything: Sequence[Leg],
    told: dict[tuple[int, int | None], list[Report]],
    vehicles: dict[int, Vehicle],
    ground: Ground,
) -> Journey:
    """One consignment: its live legs with their courses, and the walk over what is left of them."""
    legs = [leg for leg in everything if leg.state in LIVE]
    ended = max((leg.sequence for leg in everything if leg.state not in LIVE), default=0)
    courses, rides, by = [], [], "road"
    for leg in legs:
        vehicle, own = vehicles.get(leg.pk), fold(told[one.pk, leg.pk])
        course = aboard(own, vehicle.course) if vehicle else own
        courses.append(course)
        rides.append(ride_of(leg, course, vehicle, by, ground))
        by = leg.mode
    delivered = fold(told[one.pk, None])
    broken = not legs or ended > legs[-1].sequence
    if not rides:
        return Journey(one, legs, courses, rides, delivered, Outlook(minutes_of(one.arrives_at), None), broken)
    hub = legs[-1].target
    last = 0 if by == "road" else ground.handling(hub, by, "road")
    seen = outlook(rides, last_handling=last, last_opens=lambda minute: ground.opens(hub, minute))
    return Journey(one, legs, courses, rides, delivered, seen, broken)


def ride_of(leg: Leg, course: Course, vehicle: Vehicle | None, by: str, ground: Ground) -> Ride:
    """A leg as the walk takes it; what is said of the goods themselves counts before what is foreseen of their vehicle."""
    planned = vehicle.times if vehicle else Times(minutes_of(leg.departs_at), minutes_of(leg.arrives_at))
    departs = minute_at(course, (DEPARTED, EXPECTED_DEPARTURE), planned.departs)
    later = planned.arrives if vehicle else departs + planned.arrives - planned.departs
    times = Times(departs, minute_at(course, (ARRIVED, EXPECTED_ARRIVAL), later))
    gate = course.at(GATE_IN)
    return Ride(
        times=times,
        cutoff=ground.cutoff(leg.service, leg.origin, times.departs) if vehicle else None,
        handling=ground.handling(leg.origin, by, leg.mode) if leg.origin in ground.hubs else 0,
        opens=lambda minute: ground.opens(leg.origin, minute),
        gate_in=None if gate is None else minutes_of(gate),
        loaded=LOADED in course.known,
        departed=DEPARTED in course.known or ARRIVED in course.known,
        gone=vehicle is not None and vehicle.calls[0][0].departed_at is not None,
        runs=vehicle is None or vehicle.runs(ground),
    )


def minute_at(course: Course, kinds: Sequence[str], otherwise: int) -> int:
    """The first of these that is known, in minutes, else what was planned."""
    moment = next((course.known[kind].at for kind in kinds if kind in course.known), None)
    return otherwise if moment is None else minutes_of(moment)
