"""What a report speaks of: from the numbers and codes that reporters use to legs and departures."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import ROLE_NAMES, Actor, Role
from bashu.kernel.database.prepared import prepared
from bashu.kernel.errors import BashuError, Forbidden, SignInNeeded
from bashu.kernel.parties.models import Organisation
from bashu.logistics.errors import EventWrong, SubjectUnknown
from bashu.logistics.eyes import as_node
from bashu.logistics.models import Consignment, Departure, EventKind, Leg, LegState
from bashu.logistics.selectors.network import network_current

REPORTERS = (Role.OPERATOR, Role.ENTERPRISE)
AT_TARGET = (EventKind.ARRIVED, EventKind.EXPECTED_ARRIVAL)
GONE = (LegState.CANCELLED, LegState.EXPIRED)


class Told(NamedTuple):
    """One report as given.

    It speaks of a consignment's leg (its number in the booking, or the hub where it begins or ends), of the consignment's delivery,
    or of a departure (service and trip, with its place in the trip or the hub). told_at: when the reporter said so, if he says.
    """

    reference: str
    kind: str
    happened_at: datetime
    told_at: datetime | None = None
    consignment: str = ""
    leg: int | None = None
    service: str = ""
    trip: str = ""
    sequence: int | None = None
    hub: str = ""


class Subject(NamedTuple):
    """What a report speaks of. last: the consignment's last live leg. hub_operators: who runs the hubs of a departure."""

    consignment: Consignment | None = None
    leg: Leg | None = None
    departure: Departure | None = None
    last: Leg | None = None
    hub: str = ""
    hub_operators: Mapping[str, UUID] = {}

    def readers(self, reporter: UUID) -> list[UUID]:
        """Who sees the event: the reporter, and whoever sees the leg or the consignment; of a departure who runs it and its hubs."""
        if self.departure:
            known: list[UUID | None] = [self.departure.operator_id, *self.hub_operators.values()]
        elif self.leg:
            known = [*self.leg.readers]
        else:
            assert self.consignment is not None
            known = [self.consignment.shipper_id, *(self.last.readers if self.last else ())]
        return list(dict.fromkeys(one for one in (reporter, *known) if one))


def subjects_of(rows: Sequence[Told]) -> list[Subject | BashuError]:
    """What each row speaks of, as far as the reporter may see it; a refusal (SubjectUnknown, 404) where there is nothing."""
    numbers = {told.consignment for told in rows if told.consignment}
    consignments = {one.number: one for one in Consignment.objects.filter(number__in=numbers)} if numbers else {}
    legs: dict[int, list[Leg]] = defaultdict(list)
    if consignments:
        ids = [one.pk for one in consignments.values()]
        for leg in Leg.objects.filter(consignment__in=ids).order_by("sequence"):
            legs[leg.consignment_id].append(leg)
    ends = last_legs([one.pk for one in consignments.values()])
    runs = runs_of({(told.service, told.trip) for told in rows if told.service})
    operators = hub_operators({hub for run in runs.values() for row in run for hub in (row.origin, row.target)})
    found: list[Subject | BashuError] = []
    for told in rows:
        try:
            if told.service:
                found.append(of_departure(told, runs.get((told.service, told.trip), []), operators))
            else:
                one = consignments.get(told.consignment)
                if one is None:
                    raise SubjectUnknown(subject=told.consignment)
                found.append(of_consignment(told, one, legs[one.pk], ends.get(one.pk)))
        except BashuError as error:
            found.append(error)
    return found


def runs_of(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Departure]]:
    """The calls of runs of vehicles by service and trip, in order."""
    wanted = list(pairs)
    if not wanted:
        return {}
    ids = prepared(
        """
        SELECT one.id FROM unnest(%s::text[], %s::text[]) AS run (service, trip) JOIN logistics_departure one USING (service, trip)
        """,
        [[pair[n] for pair in wanted] for n in (0, 1)],
    )
    runs: dict[tuple[str, str], list[Departure]] = defaultdict(list)
    for row in Departure.objects.filter(pk__in=[row[0] for row in ids]).order_by("sequence"):
        runs[row.service, row.trip].append(row)
    return runs


def hub_operators(hubs: Iterable[str]) -> dict[str, UUID]:
    """Who runs hubs, where the current network says so and the organisation is admitted."""
    wanted = set(hubs)
    if not wanted:
        return {}
    codes = {hub.code: hub.operator for hub in network_current().hubs if hub.code in wanted and hub.operator}
    bodies = dict(
        Organisation.objects.filter(credit_code__in=codes.values(), state="active").values_list(
            "credit_code", "public_id"
        )
    )
    return {hub: bodies[code] for hub, code in codes.items() if code in bodies}


def of_departure(told: Told, run: Sequence[Departure], operators: Mapping[str, UUID]) -> Subject:
    """The call of a run that a report means: by its place in the run, or by the hub it leaves or reaches."""
    side = "target" if told.kind in AT_TARGET else "origin"
    for row in run:
        called = told.hub == getattr(row, side) if told.hub else len(run) == 1
        if told.sequence == row.sequence or (told.sequence is None and called):
            ends = {hub: operators[hub] for hub in (row.origin, row.target) if hub in operators}
            return Subject(departure=row, hub=getattr(row, side), hub_operators=ends)
    raise SubjectUnknown(subject=f"{told.service} {told.trip} {told.hub or told.sequence or ''}".strip())


def last_legs(consignments: Sequence[int]) -> dict[int, Leg]:
    """The last live leg of consignments (row ids), whether or not the reporter sees it: who carries it may report delivery."""
    if not consignments:
        return {}
    with as_node():
        live = Leg.objects.filter(consignment__in=consignments).exclude(state__in=GONE)
        return {leg.consignment_id: leg for leg in live.order_by("sequence")}


def of_consignment(told: Told, one: Consignment, legs: Sequence[Leg], last: Leg | None) -> Subject:
    """The leg of a consignment that a report means; of two at one hub the one that still counts."""
    live = [leg for leg in legs if leg.state not in GONE]
    if told.kind == EventKind.DELIVERED:
        return Subject(consignment=one, last=last, hub=told.hub or (last.target if last else ""))
    side = "target" if told.kind in AT_TARGET else "origin"
    for leg in [*live, *reversed(legs)]:
        if told.leg == leg.sequence or (told.leg is None and told.hub == getattr(leg, side)):
            return Subject(consignment=one, leg=leg, last=last, hub=getattr(leg, side))
    if told.leg is None and not told.hub:
        raise EventWrong(field="leg", problem=_("name the leg, or the hub"))
    raise SubjectUnknown(subject=f"{told.consignment} {told.leg or told.hub}")


def reporters_of(actor: Actor) -> list[tuple[UUID, str]]:
    """The organisations for which an actor may report, with their names."""
    found = {grant.organisation: grant.organisation_name for grant in actor.grants if grant.role in REPORTERS}
    return list(found.items())


def reporter_of(actor: Actor, given: UUID | None) -> UUID:
    """The organisation for which an actor reports: the one he names, else his first. Refuses nobody (401), who has none (403)."""
    if given is not None:
        return given
    if actor.id is None:
        raise SignInNeeded
    if not (mine := reporters_of(actor)):
        raise Forbidden(needed=" / ".join(str(ROLE_NAMES[role]) for role in REPORTERS))
    return mine[0][0]
