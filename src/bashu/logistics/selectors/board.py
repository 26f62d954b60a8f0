"""What the network does these days: departures of a hub, how full services are, which hubs are closed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from django.db.models import Count, Q, QuerySet, Sum

from bashu.logistics.formats.folder import Folder, HubRecord, ServiceRecord
from bashu.logistics.models import Closure, Departure

LOAD_DAYS = 14


class Load(NamedTuple):
    """A service between two hubs over the coming LOAD_DAYS: departures, TEU held and offered."""

    service: ServiceRecord
    origin: HubRecord
    target: HubRecord
    departures: int
    held: int
    capacity: int

    @property
    def share(self) -> float:
        """Held of offered, 0 where nothing is offered."""
        return self.held / self.capacity if self.capacity else 0.0


def closures_standing(now: datetime) -> list[Closure]:
    """Closures declared and not over, by hub."""
    found = Closure.objects.filter(Q(until__isnull=True) | Q(until__gt=now), lifted_at__isnull=True)
    return list(found.select_related("organisation").order_by("hub", "closed_from"))


def loads(folder: Folder, now: datetime) -> list[Load]:
    """How full each stretch of each service is in the coming days; without departures in the records it has none."""
    stretches = set(rides(folder))
    sums = (
        Departure.objects.filter(departs_at__gte=now, departs_at__lt=now + timedelta(days=LOAD_DAYS), withdrawn=False)
        .values("service", "origin", "target")
        .annotate(held=Sum("held_teu"), capacity=Sum("capacity_teu"), departures=Count("pk"))
    )
    known = {(row["service"], row["origin"], row["target"]): row for row in sums}
    found = []
    for service, origin, target in sorted(stretches):
        one, start, end = folder.services[service], folder.hubs[origin], folder.hubs[target]
        row = known.get((one.code, start.code, end.code), {"departures": 0, "held": 0, "capacity": 0})
        found.append(Load(one, start, end, row["departures"], row["held"], row["capacity"]))
    return found


def rides(folder: Folder) -> Iterator[tuple[int, int, int]]:
    """Service, origin and target of every stretch that is travelled, as indices."""
    for service, calls in folder.calls.items():
        yield from ((service, one.hub, after.hub) for one, after in pairwise(calls))
    singles = folder.singles
    stretches = np.unique(np.stack([singles.service, singles.origin, singles.target]), axis=1)
    yield from ((service, origin, target) for service, origin, target in stretches.T.tolist())


def departures_of(hub: str, now: datetime) -> QuerySet[Departure]:
    """What leaves a hub from now on, the next first; withdrawn departures are left out."""
    return (
        Departure.objects.filter(origin=hub, departs_at__gte=now, withdrawn=False)
        .select_related("operator")
        .order_by("departs_at", "pk")
    )
