"""What tracking needs of the network: how long a hub handles, when it is open, when a service closes its gates."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from bashu.logistics.engine.network import (
    AFTER,
    DAY,
    MODES,
    NEVER,
    Change,
    Hub,
    Service,
    cutoff_of,
    minutes_of,
    opening,
)
from bashu.logistics.formats.folder import Folder
from bashu.logistics.models import Closure
from bashu.logistics.selectors.network import network_current


class Ground(NamedTuple):
    """A network by codes, with the closures of the database. hub_operators: credit codes of who runs the hubs."""

    hubs: dict[str, Hub]
    numbers: dict[str, int]
    services: dict[str, Service]
    changes: Mapping[tuple[int, int, int], Change]
    hub_operators: dict[str, str]

    def handling(self, hub: str, by: str, onward: str) -> int:
        """Minutes from one mode to another at a hub; 0 where the network knows no such handling (any longer)."""
        change = self.changes.get((self.numbers.get(hub, -1), MODES.index(by), MODES.index(onward)))
        return change.minutes if change else 0

    def cutoff(self, service: str, hub: str, departs: int) -> int:
        """The minute by which goods must be ready; the departure itself for a service that the network has not (any longer)."""
        known = self.services.get(service)
        return cutoff_of(known, self.zone(hub), departs) if known else departs

    def zone(self, hub: str) -> str:
        """A hub's time zone."""
        return self.hubs[hub].zone if hub in self.hubs else "UTC"

    def opens(self, hub: str, minute: int) -> int:
        """The first open minute of a hub not before another; the same where it is no hub, or stays closed as far as is known."""
        if hub not in self.hubs:
            return minute
        spans = opening_around(self.hubs[hub], minute // DAY)
        return next((max(minute, start) for start, stop in spans if stop > minute), minute)

    def closed(self, hub: str, minute: int) -> bool:
        """Whether a vehicle finds a hub closed."""
        return hub in self.hubs and any(start <= minute < stop for start, stop in self.hubs[hub].closures)


@lru_cache(maxsize=4096)
def opening_around(hub: Hub, day: int) -> list[tuple[int, int]]:
    """A hub's opening intervals from a day (days since the epoch) on, as far as the network looks."""
    return opening(hub, (day - 1) * DAY, day * DAY + AFTER)


def ground_of(folder: Folder, closures: Iterable[Closure]) -> Ground:
    """A network as tracking needs it, with hubs closed as the database says."""
    shut: dict[str, list[tuple[int, int]]] = {}
    for one in closures:
        ends = [minutes_of(moment) for moment in (one.until, one.lifted_at) if moment is not None]
        span = minutes_of(one.closed_from), min(ends, default=NEVER)
        if span[0] < span[1]:
            shut.setdefault(one.hub, []).append(span)
    hubs = {hub.code: hub._replace(closures=(*hub.closures, *shut.get(hub.code, ()))) for hub in folder.engine_hubs}
    return Ground(
        hubs=hubs,
        numbers={hub.code: number for number, hub in enumerate(folder.hubs)},
        services={service.code: service.rules for service in folder.services},
        changes=folder.changes,
        hub_operators={hub.code: hub.operator for hub in folder.hubs if hub.operator},
    )


def ground_current(since: datetime) -> Ground:
    """The current network and the closures that reach beyond a moment."""
    return ground_of(network_current(), Closure.objects.exclude(until__lte=since))
