"""What policy can measure from its own records of the new area's measures (tasks GZ1 to GZ7).

No target of the documents counts support paid, delegated acts or days: these readings belong to tasks, are partial, and judge nothing.
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bashu.kernel.commands.command import label_of
from bashu.kernel.indicators.registry import MOST_SOURCES, Coverage, Measurement, day_end, indicator
from bashu.policy.formats.operations import holidays
from bashu.policy.models import DelegatedAct, LandEntry, Payment


@indicator(
    "policy.support_paid", subject="GZ1", unit="元", unit_en="yuan", coverage=Coverage.PARTIAL,
    purpose=_("Support paid through this platform, in yuan."),
)  # fmt: skip
def support_paid(as_of: date) -> Measurement | None:
    """Yuan paid up to a day; None before the first payment."""
    payments = list(Payment.objects.filter(paid_on__lte=as_of).order_by("pk"))
    if not payments:
        return None
    yuan = Decimal(sum(payment.amount_fen for payment in payments)) / 100
    return Measurement(value=yuan, period_end=as_of, sources=tuple(map(label_of, payments[:MOST_SOURCES])))


@indicator(
    "policy.days_to_payment", subject="GZ1", unit="工作日", unit_en="working days", coverage=Coverage.PARTIAL,
    purpose=_("Working days from application to payment, middle value of the payments of the last twelve months."),
)  # fmt: skip
def days_to_payment(as_of: date) -> Measurement | None:
    """The median over the last twelve months; of an even number, the mean of the middle two, half-up to one decimal."""
    recent = Payment.objects.filter(paid_on__lte=as_of, paid_on__gt=as_of - timedelta(days=365))
    payments = list(recent.select_related("application").order_by("pk"))
    if not payments:
        return None
    days = sorted(
        holidays().between(timezone.localdate(payment.application.submitted_at), payment.paid_on)
        for payment in payments
    )
    middle = days[(len(days) - 1) // 2 : len(days) // 2 + 1]
    value = (Decimal(sum(middle)) / len(middle)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Measurement(value=value, period_end=as_of, sources=tuple(map(label_of, payments[:MOST_SOURCES])))


@indicator(
    "policy.delegated_acts", subject="GZ7", unit="件", unit_en="acts", coverage=Coverage.PARTIAL,
    purpose=_("Acts done under delegated powers."),
)  # fmt: skip
def delegated_acts(as_of: date) -> Measurement | None:
    """How many acts were done up to a day; None before the first."""
    done = list(DelegatedAct.objects.filter(done_at__lt=day_end(as_of)).order_by("pk"))
    if not done:
        return None
    return Measurement(value=Decimal(len(done)), period_end=as_of, sources=tuple(map(label_of, done[:MOST_SOURCES])))


@indicator(
    "policy.land_used", subject="GZ4", unit="平方米", unit_en="m²", coverage=Coverage.PARTIAL,
    purpose=_("Land quota used, over both sides."),
)  # fmt: skip
def land_used(as_of: date) -> Measurement | None:
    """m² used up to a day over both sides; None before the first."""
    used = LandEntry.objects.filter(move="use", at__lt=day_end(as_of))
    total = used.aggregate(m2=Sum("m2"))["m2"]
    if total is None:
        return None
    return Measurement(
        value=Decimal(total), period_end=as_of, sources=tuple(map(label_of, used.order_by("pk")[:MOST_SOURCES]))
    )
