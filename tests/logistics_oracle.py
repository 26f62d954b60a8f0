"""Every journey of a small network, one after the other, from the words of the documentation: slow and plain.

Shares no code with the engine but the records that hand the network over; knows no dominance, no bounds, no arrays.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROAD = 0


class Oracle:
    def __init__(self, hubs, services, connections, changes, *, departs, teu, needs, access, egress):
        self.hubs, self.services, self.changes = hubs, services, changes
        self.rows = list(zip(*(column.tolist() for column in connections), strict=True))
        self.departs, self.teu, self.needs, self.access, self.egress = departs, teu, needs, access, egress
        self.trips = {}
        for row in sorted(self.rows, key=lambda row: (row[4], row[5])):
            self.trips.setdefault(row[1], []).append(row)
        self.opens = cache(self.opens)
        self.found = set()

    def front(self):
        for hub, minutes, price, gco2e in self.access:
            if self.can_handle(hub):
                self.wait(hub, ROAD, self.departs + minutes, price, gco2e, from_door=True)
        return sorted(
            v
            for v in self.found
            if not any(w != v and all(a <= b for a, b in zip(w, v, strict=False)) for w in self.found)
        )

    def can_handle(self, hub):
        return self.needs & self.hubs[hub].abilities == self.needs

    def local(self, minute, zone):
        return (EPOCH + timedelta(minutes=minute)).astimezone(ZoneInfo(zone))

    def is_open(self, hub, minute):
        if any(start <= minute < stop for start, stop in hub.closures):
            return False
        clock = self.local(minute, hub.zone)
        now = clock.hour * 60 + clock.minute
        return not hub.windows or any(
            day == clock.isoweekday() and opens <= now < closes for day, opens, closes in hub.windows
        )

    def opens(self, index, minute):
        """The first open minute: now, or when a closure ends, or when a window opens, whichever of these is open first."""
        hub = self.hubs[index]
        moments = {minute} | {stop for _, stop in hub.closures}
        for ahead in range(20):
            day = (self.local(minute, hub.zone) + timedelta(days=ahead)).date()
            for _, opens, _ in hub.windows:
                wall = datetime(day.year, day.month, day.day, opens // 60, opens % 60, tzinfo=ZoneInfo(hub.zone))
                moments.add(int((wall.astimezone(UTC) - EPOCH).total_seconds() // 60))
        return min((m for m in moments if m >= minute and self.is_open(hub, m)), default=None)

    def cutoff(self, row):
        service, zone = self.services[row[0]], self.hubs[row[2]].zone
        latest = row[4] - service.cutoff
        if service.cutoff_at is None:
            return latest
        clock = self.local(latest, zone)
        for back in range(3):
            day = (clock - timedelta(days=back)).date()
            wall = datetime(
                day.year, day.month, day.day, service.cutoff_at // 60, service.cutoff_at % 60, tzinfo=ZoneInfo(zone)
            )
            minute = int((wall.astimezone(UTC) - EPOCH).total_seconds() // 60)
            if minute <= latest:
                return minute
        raise AssertionError

    def runs(self, row):
        _service, _, origin, target, departs, arrives, *_ = row
        if any(a <= departs < b for a, b in self.hubs[origin].closures):
            return False
        return not any(a <= arrives < b for a, b in self.hubs[target].closures)

    def takes(self, row):
        return row[8] >= self.teu and self.needs & self.services[row[0]].abilities == self.needs

    def storage(self, hub, minutes):
        """Fen for a stay: whole days free, then every day that has begun."""
        over = minutes - self.hubs[hub].free_days * 1440
        days = 0
        while over > 0:
            days, over = days + 1, over - 1440
        return days * self.hubs[hub].storage * self.teu

    def wait(self, hub, by, time, price, gco2e, *, from_door):
        opens = self.opens(hub, time)
        if opens is None:
            return
        if not from_door and (hub, by, ROAD) in self.changes:
            change = self.changes[hub, by, ROAD]
            gate = opens + change.minutes
            paid = price + change.price * self.teu + self.storage(hub, gate - time)
            for at, minutes, fen, grams in self.egress:
                if at == hub:
                    self.found.add((gate + minutes, paid + fen, gco2e + change.gco2e * self.teu + grams))
        for trip in self.trips.values():
            for position, row in enumerate(trip):
                mode = self.services[row[0]].mode
                change = self.changes.get((hub, by, mode))
                if row[2] != hub or row[4] < time or change is None or opens + change.minutes > self.cutoff(row):
                    continue
                stored = 0 if from_door else self.storage(hub, row[4] - time)
                self.ride(trip[position:], price + change.price * self.teu + stored, gco2e + change.gco2e * self.teu)

    def ride(self, trip, price, gco2e):
        for before, row in zip([None, *trip], trip, strict=False):
            if not self.runs(row) or not self.takes(row) or (before and (before[3] != row[2] or before[5] > row[4])):
                return
            service = self.services[row[0]]
            fen = (
                row[6]
                + (service.reefer_surcharge if self.needs & 1 else 0)
                + (service.dangerous_surcharge if self.needs > 1 else 0)
            )
            price, gco2e = price + fen * self.teu, gco2e + row[7] * self.teu
            if self.can_handle(row[3]):
                self.wait(row[3], service.mode, row[5], price, gco2e, from_door=False)
