"""What power can tell of the tasks that speak of it: one development of the grids (C25), shared clean electricity (C26).

No target of the documents counts either: these readings belong to tasks, are partial, and judge nothing. They come from
certificates and signed settlements alone; what a dispatch only modelled is no reading.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.command import label_of
from bashu.kernel.indicators.registry import MOST_SOURCES, Coverage, Measurement, day_end, indicator
from bashu.power.models import Batch, Retirement, Settlement, SettlementState


@indicator(
    "power.green_certified", subject="C26", unit="MWh", unit_en="MWh", coverage=Coverage.PARTIAL,
    purpose=_("Clean electricity that was certified here: certificates issued, each for one metered megawatt-hour."),
)  # fmt: skip
def green_certified(as_of: date) -> Measurement | None:
    """MWh certified by certificates issued up to a day; None before the first."""
    return counted(Batch.objects.filter(issued_at__lt=day_end(as_of), last__gte=F("first")), as_of)


@indicator(
    "power.green_shared", subject="C26", unit="MWh", unit_en="MWh", coverage=Coverage.PARTIAL,
    purpose=_("Clean electricity of one side used up on the other: certificates retired there, each one megawatt-hour."),
)  # fmt: skip
def green_shared(as_of: date) -> Measurement | None:
    """MWh of one side's units that were retired up to a day on behalf of the other side's organisations; None before the first."""
    across = Q(unit__jurisdiction="SC", beneficiary__jurisdiction="CQ") | Q(
        unit__jurisdiction="CQ", beneficiary__jurisdiction="SC"
    )
    return counted(Retirement.objects.filter(across, retired_at__lt=day_end(as_of)), as_of)


def counted(rows: QuerySet[Any], as_of: date) -> Measurement | None:
    """The certificates of some ranges, one a megawatt-hour; None where there is no range."""
    ranges = list(rows.order_by("pk"))
    if not ranges:
        return None
    number = sum(one.count for one in ranges)
    return Measurement(value=Decimal(number), period_end=as_of, sources=tuple(map(label_of, ranges[:MOST_SOURCES])))


@indicator(
    "power.gain_settled", subject="C25", unit="元", unit_en="yuan", coverage=Coverage.PARTIAL,
    purpose=_("Gain of dispatching both grids together that both have divided and signed, in yuan."),
)  # fmt: skip
def gain_settled(as_of: date) -> Measurement | None:
    """Yuan of all players' shares in the settlements that bound by a day; None before the first."""
    binding = Settlement.objects.filter(state=SettlementState.BINDING, decided_at__lt=day_end(as_of))
    settled = list(binding.prefetch_related("lines").order_by("pk"))
    if not settled:
        return None
    yuan = Decimal(sum(line.target_fen for one in settled for line in one.lines.all())) / 100
    return Measurement(value=yuan, period_end=as_of, sources=tuple(map(label_of, settled[:MOST_SOURCES])))
