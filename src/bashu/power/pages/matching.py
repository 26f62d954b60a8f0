"""A consumer's matching score: what certificates cover hour by hour, beside what a year's totals say."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.parties.models import Organisation
from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, may, must, sent
from bashu.kernel.web.requests import actor_of
from bashu.kernel.web.templatetags.bashu import Point
from bashu.power.forms_certificates import HoursForm
from bashu.power.selectors import certificates as selectors
from bashu.power.selectors.certificates import ZONE, Matched
from bashu.power.services import metering

LEVELS = 5  # shades of the heat map: none, up to a third, up to two thirds, more, all
MWH = 1_000_000
CELL = 14  # of the heat map's drawing


class Square(NamedTuple):
    """One hour of the heat map: where it is drawn, its shade, and what it says."""

    x: int
    y: int
    level: str
    says: str


def matching(request: HttpRequest) -> HttpResponse:
    """The score of one of the viewer's organisations in a month and its year."""
    organisations = own(request)
    asked = request.GET.get("organisation", "")
    organisation = next((one for one in organisations if str(one.public_id) == asked), organisations[0])
    month = month_of(request, organisation)
    start, stop = selectors.month_span(month)
    year = (selectors.month_span(date(month.year, 1, 1))[0], selectors.month_span(date(month.year, 12, 1))[1])
    found = selectors.matching(organisation.public_id, start, stop)
    whole = selectors.matching(organisation.public_id, *year)
    days = (stop - start).days
    return render(request, "power/matching.html", {
        "organisation": organisation,
        "organisations": organisations,
        "month": month,
        "months": selectors.months_consumed(organisation.public_id),
        "hourly": percent(found.match.hourly),
        "annual": percent(found.match.annual),
        "year_hourly": percent(whole.match.hourly),
        "year_annual": percent(whole.match.annual),
        "used": found.match.load / MWH,
        "certified": found.match.certified / MWH,
        "squares": squares(found),
        "hours": [(hour, hour * CELL + CELL - 4) for hour in range(0, 24, 3)],
        "days": [(day, (day - 1) * CELL + 30 + CELL // 2) for day in range(1, days + 1, 5)],
        "width": days * CELL + 30,
        "lines": lines(found, month),
        "may_import": may(request, "power.consumption.record", organisation=organisation),
    })  # fmt: skip


def own(request: HttpRequest) -> list[Organisation]:
    """The organisations that the viewer acts for; SignInNeeded (401) for nobody, Forbidden (403) for who acts for none."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    found = list(Organisation.objects.filter(public_id__in=actor.organisations()).order_by("name_zh"))
    if not found:
        raise Forbidden(needed=_("an organisation"))
    return found


def month_of(request: HttpRequest, organisation: Organisation) -> date:
    """The month asked for, or the last one with consumption on record, or this one."""
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        months = selectors.months_consumed(organisation.public_id)
        return months[0] if months else clock.now().astimezone(ZONE).date().replace(day=1)


def percent(share: Fraction | None) -> float | None:
    """A share in per cent, floored to a tenth so that a hundred means all."""
    return None if share is None else share.numerator * 1000 // share.denominator / 10


def squares(found: Matched) -> list[Square]:
    """The heat map, hour by day: how much of each hour's load its own certificates match."""
    drawn = []
    for hour, load, matched in zip(found.hours, found.load.tolist(), found.match.matched.tolist(), strict=True):
        local = hour.astimezone(ZONE)
        if not load:
            level, says = "idle", _("no consumption")
        else:
            level = "0" if not matched else str(min(LEVELS - 1, 1 + matched * 3 // load))
            says = _("{matched} of {load} kWh matched").format(
                matched=f"{matched / 1000:,.0f}", load=f"{load / 1000:,.0f}"
            )
        x, y = (local.day - 1) * CELL + 30, local.hour * CELL
        drawn.append(Square(x, y, level, f"{local:%m-%d %H:%M} · {says}"))
    return drawn


def lines(found: Matched, month: date) -> dict[str, Sequence[Point]]:
    """Each day's consumption, certificates and match, MWh."""
    days: dict[date, list[int]] = {}
    for hour, *figures in zip(
        found.hours, found.load.tolist(), found.certified.tolist(), found.match.matched.tolist(), strict=True
    ):
        total = days.setdefault(hour.astimezone(ZONE).date(), [0, 0, 0])
        for i, figure in enumerate(figures):
            total[i] += figure
    kept = [month + timedelta(days=i) for i in range(31) if month + timedelta(days=i) in days]
    names = (_("Consumption"), _("Certificates"), _("Matched in its hour"))
    return {name: [Point(day, round(days[day][i] / MWH, 3)) for day in kept] for i, name in enumerate(names)}


def import_consumption(request: HttpRequest) -> HttpResponse:
    """Take a file of one's own hourly consumption."""
    asked = request.GET.get("organisation", "")
    organisations = own(request)
    organisation = next((one for one in organisations if str(one.public_id) == asked), organisations[0])
    must(request, "power.consumption.record", organisation=organisation)
    act = Act(
        title=_("Import consumption"), button=_("Import"), about=organisation.name, over=_("My matching score"),
        back=reverse("power:matching"),
        explain=_(
            "CSV or Parquet with the columns hour (ISO 8601 with offset) and used_wh (whole watt-hours). All rows are taken, or none. "
            "Only you and your authorities see it."
        ),
    )  # fmt: skip

    def run(ctx: Any, data: dict[str, Any]) -> Any:
        return metering.consumption_record(ctx=ctx, organisation=organisation, content=data["file"])

    return acted(request, HoursForm(*sent(request)), act, run=run, done=_("The consumption is on record."))
