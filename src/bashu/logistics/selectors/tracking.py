"""One consignment as its reports tell it: what counts, what was corrected, what cannot be right."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from bashu.logistics.engine.tracking import Contradiction, Course, Report, contradictions, fold
from bashu.logistics.models import Consignment, Event


class Reported(NamedTuple):
    """The events of a consignment that the viewer sees, by when they happened; names are the events' public ids."""

    events: list[Event]
    corrected: frozenset[str]
    contradictions: list[Contradiction]

    @property
    def doubtful(self) -> list[tuple[str, datetime, str, datetime]]:
        """Pairs of stages in the wrong order of time: the one that comes first, and the one after it, each with its time."""
        return [(one.earlier.kind, one.earlier.at, one.later.kind, one.later.at) for one in self.contradictions]


def reported(consignment: Consignment) -> Reported:
    """What was reported of a consignment, as far as the viewer sees it; reports on legs given up stay in the list."""
    events = list(
        Event.objects.filter(consignment=consignment).select_related("leg", "reporter").order_by("happened_at", "pk")
    )
    told: dict[int, list[Report]] = defaultdict(list)
    for event in events:
        order = event.leg.sequence if event.leg else 1 << 30
        told[order].append(Report(event.kind, event.happened_at, event.told_at, str(event.public_id)))
    courses: list[Course] = [fold(told[order]) for order in sorted(told)]
    corrected = frozenset(name for course in courses for name in course.corrected)
    return Reported(events, corrected, contradictions(courses))
