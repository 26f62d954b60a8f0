"""Publishing prices and service standards. No invented price passes as real."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from bashu.kernel.cited import FactStatus
from bashu.kernel.commands.actor import JOINT, OFFICES
from bashu.kernel.commands.command import Command, command
from bashu.kernel.errors import Malformed
from bashu.policy.errors import OtherSide, TariffAssumed, TariffWrong
from bashu.policy.models import Measure, Tariff, Territory, Utility

DECIMALS = 6  # of a price; more would be cut off in silence

TERRITORIES = {"CQ": Territory.CQ, "SC": Territory.SC, JOINT: Territory.AREA}


class Row(NamedTuple):
    """One price or standard as published; `value` None where the document promises it and gives no number."""

    utility: str
    customers: str
    measure: str
    value: Decimal | None
    unit: str
    valid_from: date
    status: str
    source: str
    note: str = ""


@command("policy.tariff.publish", roles=OFFICES, at="jurisdiction", elsewhere=OtherSide)
def tariffs_publish(*, ctx: Command, jurisdiction: str, rows: Sequence[Row]) -> int:
    """Publish rows for a province (CQ, SC) or for the area (joint); each ends the row that stood for the same thing.

    Refuses (TariffAssumed, 422) assumed rows outside of the demonstration. Answers how many were published.
    """
    if jurisdiction not in TERRITORIES:
        raise Malformed(place="jurisdiction", problem=_("CQ, SC or joint is needed"))
    territory = TERRITORIES[jurisdiction]
    if not rows:
        raise TariffWrong(problem=_("there are no rows"))
    made = []
    for number, row in enumerate(rows, start=1):
        row_check(row, number)
        same = {"utility": row.utility, "customers": row.customers, "measure": row.measure, "territory": territory}
        end_standing(same, row, number)
        made.append(
            Tariff(
                **same, value=row.value, unit=row.unit, valid_from=row.valid_from, status=row.status, source=row.source, note=row.note,
                organisation_id=ctx.grant.organisation, published_at=ctx.now,
            )
        )  # fmt: skip
        made[-1].save()
    ctx.append(
        subject=made[0], before=None, after={"territory": str(territory), "rows": [list(row) for row in rows]}, public=True
    )  # fmt: skip
    return len(made)


def row_check(row: Row, number: int) -> None:
    """Refuse a row that says nothing certain."""
    if row.status == FactStatus.ASSUMED and not settings.BASHU_DEMO:
        raise TariffAssumed
    known = row.utility in Utility.values and row.measure in Measure.values and row.status in FactStatus.values
    exact = row.value is None or (
        row.value.is_finite() and 0 <= row.value < 10**6 and row.value == round(row.value, DECIMALS)
    )
    if not known or not exact or not row.source.strip() or not row.unit.strip():
        raise TariffWrong(
            problem=_(
                "row {number}: an unknown thing, a number with more than six decimals, no unit or no source"
            ).format(number=number)
        )


def end_standing(same: dict[str, str], row: Row, number: int) -> None:
    """Let the row that stands for the same thing end on the day before."""
    standing = Tariff.objects.select_for_update(no_key=True).filter(**same, valid_to=None).first()
    if standing is None:
        return
    if standing.valid_from >= row.valid_from:
        problem = _("row {number}: a row from {day} stands already").format(number=number, day=standing.valid_from)
        raise TariffWrong(problem=problem)
    standing.revise(valid_to=row.valid_from - timedelta(days=1))
