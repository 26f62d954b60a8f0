"""Reading certificates: what waits to be issued, who holds what, which hours a certificate stands for, how a consumption is matched."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Count, DateField, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from bashu.kernel.commands.actor import JOINT, Actor
from bashu.power.engine.matching import Match, match
from bashu.power.engine.tracing import intensities
from bashu.power.models import (
    AreaFlow,
    AreaHour,
    Batch,
    ConsumedHour,
    CreditClaim,
    Holding,
    MeteredHour,
    Retirement,
    Transfer,
    TransferState,
    Unit,
)

ZONE = ZoneInfo(settings.TIME_ZONE)

# The certified hours of an organisation's retirements: each hour's part of [(first - 1)·10⁶, last·10⁶), see engine/certificates.
RETIRED_HOURS = """
    SELECT c.hour, sum(least(c.before_wh + c.wh, r.last * 1000000) - greatest(c.before_wh, (r.first - 1) * 1000000))::bigint
    FROM power_retirement r JOIN power_certifiedhour c
      ON c.unit_id = r.unit_id AND c.before_wh < r.last * 1000000 AND c.before_wh + c.wh > (r.first - 1) * 1000000
    WHERE r.beneficiary_id = %s AND c.hour >= %s AND c.hour < %s
    GROUP BY c.hour ORDER BY c.hour
"""


def month_span(month: date) -> tuple[datetime, datetime]:
    """The first hour of a month in the region, and of the next."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return datetime(month.year, month.month, 1, tzinfo=ZONE), datetime(following.year, following.month, 1, tzinfo=ZONE)


def closed_until(units: Iterable[Unit]) -> dict[int, datetime]:
    """By unit, the end of the last month that is issued: no hour before it changes."""
    last = Batch.objects.filter(unit__in=units).values("unit").annotate(month=Max("month"))
    return {row["unit"]: month_span(row["month"])[1] for row in last}


def first_waiting(unit: Unit, *, before: datetime) -> datetime | None:
    """The first metered hour before a time whose month is not issued."""
    hours = unit.metered.filter(hour__lt=before)
    if closed := closed_until([unit]).get(unit.pk):
        hours = hours.filter(hour__gte=closed)
    first = hours.order_by("hour").values_list("hour", flat=True).first()
    return first.astimezone(ZONE) if first else None


def units_waiting(month: date) -> list[Unit]:
    """Units with metered hours in a month that is not issued for them, as far as the viewer sees meters."""
    start, stop = month_span(month)
    metered = MeteredHour.objects.filter(unit=OuterRef("pk"), hour__gte=start, hour__lt=stop)
    issued = Batch.objects.filter(unit=OuterRef("pk"), month=month.replace(day=1))
    return list(Unit.objects.filter(Exists(metered), ~Exists(issued)).order_by("code"))


def withheld(unit: Unit, hours: Sequence[datetime]) -> np.ndarray:
    """Which hours of a unit are credited elsewhere, boolean (n,)."""
    found = np.zeros(len(hours), dtype=bool)
    for span in CreditClaim.objects.filter(unit=unit).values_list("hours", flat=True):
        found |= np.array([span.lower <= hour < span.upper for hour in hours], dtype=bool)
    return found


def unit_list() -> QuerySet[Unit]:
    """Every unit on record, by code."""
    return Unit.objects.select_related("owner", "registry").order_by("code")


def batch_list() -> QuerySet[Batch]:
    """Every batch, newest month first, with how many of it were retired."""
    return (
        Batch.objects.select_related("unit__owner")
        .annotate(retired=Sum(F("retirements__last") - F("retirements__first") + 1, default=0))
        .order_by("-month", "unit__code")
    )


def holding_list(actor: Actor) -> QuerySet[Holding]:
    """What the actor's organisations hold or have on offer, oldest first, as it should be used."""
    return (
        Holding.objects.filter(owner__public_id__in=actor.organisations())
        .exclude(state="retired")
        .select_related("unit", "batch", "owner", "offered_to")
        .order_by("batch__month", "unit__code", "first")
    )


def offer_list(actor: Actor) -> QuerySet[Transfer]:
    """Open offers to and from the actor's organisations."""
    mine = actor.organisations()
    return (
        Transfer.objects.filter(
            Q(giver__public_id__in=mine) | Q(receiver__public_id__in=mine), state=TransferState.OFFERED
        )
        .select_related("unit", "giver", "receiver")
        .order_by("-offered_at")
    )


def retirement_list() -> QuerySet[Retirement]:
    """Every retirement, newest first, with its claim."""
    return Retirement.objects.select_related("unit", "batch", "owner", "beneficiary", "claim").order_by(
        "-retired_at", "-pk"
    )


class Used(NamedTuple):
    """What was retired for a beneficiary: how many retirements, the days of the first and the last, and megawatt-hours."""

    retirements: int
    first: datetime
    last: datetime
    mwh: int


def used_up(since: datetime, until: datetime, *, beneficiaries: Iterable[UUID] | None = None) -> dict[UUID, Used]:
    """By beneficiary, the certificates retired in [since, until), one a megawatt-hour."""
    found = Retirement.objects.filter(retired_at__gte=since, retired_at__lt=until).order_by()
    if beneficiaries is not None:
        found = found.filter(beneficiary__public_id__in=list(beneficiaries))
    sums = found.values("beneficiary__public_id").annotate(
        number=Count("pk"), earliest=Min("retired_at"), latest=Max("retired_at"), mwh=Sum(F("last") - F("first") + 1)
    )
    return {
        row["beneficiary__public_id"]: Used(row["number"], row["earliest"], row["latest"], int(row["mwh"]))
        for row in sums
    }


def unclaimed(actor: Actor) -> QuerySet[Retirement]:
    """The outbox: retirements on behalf of the actor's organisations, or of those it oversees, that no record rests on yet."""
    found = retirement_list().filter(claim__isnull=True)
    if JOINT not in actor.jurisdictions():
        mine = Q(beneficiary__public_id__in=actor.organisations()) | Q(
            beneficiary__jurisdiction__in=actor.jurisdictions()
        )
        found = found.filter(mine)
    return found


class Totals(NamedTuple):
    """Certificates of the whole register, one a megawatt-hour."""

    issued: int
    tradable: int
    retired: int
    units: int


def totals() -> Totals:
    """What the register holds."""
    size = F("last") - F("first") + 1
    issued = Batch.objects.aggregate(
        issued=Sum(size, default=0), tradable=Sum(size, filter=Q(tradable=True), default=0), units=Count("unit", distinct=True)
    )  # fmt: skip
    return Totals(retired=Retirement.objects.aggregate(n=Sum(size, default=0))["n"], **issued)


def retired_hours(organisation: UUID, start: datetime, stop: datetime) -> dict[datetime, int]:
    """Watt-hours by hour that an organisation's retired certificates stand for, in [start, stop)."""
    with connection.cursor() as cursor:
        cursor.execute(RETIRED_HOURS, [organisation, start, stop])
        return dict(cursor.fetchall())


class Matched(NamedTuple):
    """A consumption beside its certificates, hour by hour: times (n,), watt-hours used and certified, and the scores."""

    hours: list[datetime]
    load: np.ndarray
    certified: np.ndarray
    match: Match


def matching(organisation: UUID, start: datetime, stop: datetime) -> Matched:
    """An organisation's consumption in [start, stop) beside the certificates retired for it, whose energy was made in that time."""
    used = dict(
        ConsumedHour.objects.filter(organisation__public_id=organisation, hour__gte=start, hour__lt=stop).values_list(
            "hour", "wh"
        )
    )
    retired = retired_hours(organisation, start, stop)
    hours = sorted({*used, *retired})
    load, certified = (np.array([values.get(hour, 0) for hour in hours], dtype=np.int64) for values in (used, retired))
    return Matched(hours, load, certified, match(load, certified))


def months_consumed(organisation: UUID) -> list[date]:
    """The months for which an organisation's consumption is on record, latest first."""
    found = ConsumedHour.objects.filter(organisation__public_id=organisation)
    return list(
        found.annotate(month=TruncMonth("hour", output_field=DateField(), tzinfo=ZONE))
        .values_list("month", flat=True)
        .distinct()
        .order_by("-month")
    )


class Intensity(NamedTuple):
    """Grams of carbon dioxide in a kilowatt-hour used in an area in an hour, and where that is from."""

    g_per_kwh: float
    source: str


def carbon_intensity(area: str, hours: Sequence[datetime]) -> dict[datetime, Intensity]:
    """Consumption-based intensity of an area at given hours, by flow tracing (engine/tracing); hours without records are left out.

    Raises ValueError when what is on record cannot be traced.
    """
    if not hours:
        return {}
    wanted = set(hours)
    span = {"hour__gte": min(wanted), "hour__lte": max(wanted)}
    rows = [row for row in AreaHour.objects.filter(**span) if row.hour in wanted]
    here = {row.hour: row.source for row in rows if row.area == area}
    times, areas = sorted(here), sorted({row.area for row in rows})
    at = {hour: i for i, hour in enumerate(times)}
    number = {name: i for i, name in enumerate(areas)}
    used, emitted = np.zeros((2, len(times), len(areas)))
    sent = np.zeros((len(times), len(areas), len(areas)))
    for row in rows:
        if row.hour in at:
            used[at[row.hour], number[row.area]] = row.used_wh
            emitted[at[row.hour], number[row.area]] = row.emitted_g
    for flow in AreaFlow.objects.filter(**span):
        if flow.hour in at:
            sent[at[flow.hour], number[flow.area], number[flow.neighbour]] = flow.sent_wh
    if not times:
        return {}
    found = intensities(used, emitted, sent)[:, number[area]] * 1000
    return {hour: Intensity(float(found[i]), here[hour]) for hour, i in at.items() if not np.isnan(found[i])}


def area_hours(area: str, start: datetime, stop: datetime) -> list[datetime]:
    """The hours of an area on record in [start, stop), at most a leap year's."""
    found = AreaHour.objects.filter(area=area, hour__gte=start, hour__lt=stop).order_by("hour")
    return list(found.values_list("hour", flat=True)[:8784])


def area_names() -> list[str]:
    """Areas that have hours on record."""
    return list(AreaHour.objects.order_by("area").values_list("area", flat=True).distinct())
