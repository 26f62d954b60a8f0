"""What this system offers the scoreboard: what was booked and carried here, a part of what the targets speak of."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from bashu.kernel.indicators.registry import Coverage, Measurement, indicator
from bashu.logistics.selectors.figures import figures


def year_before(day: date) -> date:
    """The first day of the year that ends on a day."""
    following = day + timedelta(days=1)
    return following.replace(year=following.year - 1, day=min(following.day, 28))


@indicator(
    "logistics.goods_value", subject="T08", unit="元", unit_en="yuan", coverage=Coverage.PARTIAL,
    purpose=_("Value of the goods of consignments booked here within a year, each once; a part of all social logistics."),
)  # fmt: skip
def goods_value(as_of: date) -> Measurement | None:
    """Yuan booked in the year up to a day; None where too little was booked to be told."""
    value = figures(year_before(as_of), as_of).goods_value
    return None if value is None else Measurement(value=value, period_end=as_of)


@indicator(
    "logistics.land_sea_teu", subject="T09", unit="TEU", unit_en="TEU", coverage=Coverage.PARTIAL,
    purpose=_("TEU that set out on the western land–sea corridor within a year on bookings made here; in TEU, not in tonnes."),
)  # fmt: skip
def land_sea_teu(as_of: date) -> Measurement | None:
    """TEU of the corridor in the year up to a day; None before anything moved."""
    found = figures(year_before(as_of), as_of).total("corridor_teu", "land_sea")
    return Measurement(value=Decimal(found), period_end=as_of) if found else None
