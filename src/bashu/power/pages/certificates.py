"""The register of certificates, what one's organisation holds, offers, and what it retires."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.actor import Where
from bashu.kernel.commands.command import label_of
from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, must, sent
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.table import Column, Kind, Table
from bashu.power.certificate_rules import cited, sources
from bashu.power.forms_certificates import HoursForm, MonthForm, NothingAsked, OfferForm, RetireForm
from bashu.power.models import Holding, Technology, Transfer
from bashu.power.selectors import certificates as selectors
from bashu.power.services import certificates, metering
from bashu.power.services.metering import REGISTRY


def span(row: Any) -> str:
    """The numbers of a range."""
    return f"{row.first}–{row.last}" if row.last > row.first else str(row.first)


OVER = gettext_lazy("Certificates")  # what the page is called that its acts lead back to
UNIT = Column(
    "unit", gettext_lazy("Generating unit"), lookup="unit__code", search=True, value=lambda row: row.unit.name, link="unit.get_absolute_url"
)  # fmt: skip
BATCHES = [
    UNIT,
    Column("technology", gettext_lazy("Technology"), lookup="unit__technology", value=lambda row: Technology(row.unit.technology).label),
    Column("month", gettext_lazy("Month"), value=lambda row: f"{row.month:%Y-%m}"),
    Column("numbers", gettext_lazy("Numbers"), sort=False, value=lambda row: span(row) if row.count else None),
    Column("count", gettext_lazy("Issued (MWh)"), Kind.NUMBER, sort=False),
    Column("retired", gettext_lazy("Retired (MWh)"), Kind.NUMBER),
    Column("remainder_wh", gettext_lazy("Carried on (kWh)"), Kind.NUMBER, value=lambda row: row.remainder_wh / 1000),
    Column("tradable", gettext_lazy("Tradable"), value=lambda row: _("yes") if row.tradable else _("no")),
    Column("expires_on", gettext_lazy("Lives until"), Kind.DATE),
]  # fmt: skip
RETIREMENTS = [
    Column("retired_at", gettext_lazy("Retired"), Kind.DATE),
    UNIT,
    Column("numbers", gettext_lazy("Numbers"), sort=False, value=span),
    Column("count", gettext_lazy("MWh"), Kind.NUMBER, sort=False),
    Column("beneficiary", gettext_lazy("For whom"), lookup="beneficiary__name_zh", search=True, value=lambda row: row.beneficiary.name),
    Column("purpose", gettext_lazy("Purpose"), search=True),
    Column("claim", gettext_lazy("Rests on it"), sort=False, value=lambda row: row.claim.claimant if hasattr(row, "claim") else None),
]  # fmt: skip


def register(request: HttpRequest) -> HttpResponseBase:
    """Everything issued and retired; and, signed in, what one's organisations hold and are offered."""
    actor = actor_of(request)
    batches = Table(BATCHES, selectors.batch_list(), request, name="batches")
    retired = Table(RETIREMENTS, selectors.retirement_list(), request, name="retirements", size=10)
    if file := batches.export() or retired.export():
        return file
    holdings = list(selectors.holding_list(actor)[:200])
    mine = set(actor.organisations())
    return render(request, "power/certificates.html", {
        "totals": selectors.totals(),
        "batches": batches,
        "retirements": retired,
        "holdings": [(row, span(row), row.batch.expires_on < clock.now().date()) for row in holdings],
        "held": sum(row.count for row in holdings),
        "offers": [(row, span(row), row.receiver_id in mine) for row in selectors.offer_list(actor)],
        "signed_in": actor.id is not None and bool(mine),
        "keeps": actor.grant_for(REGISTRY, Where()) is not None,
    })  # fmt: skip


def unit(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """One unit: what it is, what was issued for it, and the rule with its source."""
    found = seen(request, selectors.unit_list(), public_id=public_id)
    batches = Table(BATCHES[2:], selectors.batch_list().filter(unit=found), request, name="batches")
    if file := batches.export():
        return file
    rules = [fact for fact in cited() if fact.technology == found.technology]
    latest = found.batches.order_by("-month").first()
    return render(request, "power/unit.html", {
        "unit": found,
        "batches": batches,
        "rule": next((fact for fact in rules if latest and fact.id == latest.rule), None) or (rules[0] if len(rules) == 1 else None),
        "sources": sources(),
        "carried": found.certified_wh % 1_000_000 / 1000,
        "subject": label_of(found),
    })  # fmt: skip


def about(holding: Holding) -> str:
    """A holding in one line."""
    numbers = _("numbers {span} ({count} MWh)").format(span=span(holding), count=holding.count)
    return f"{holding.unit.name} · {holding.batch.month:%Y-%m} · {numbers}"


def owned(request: HttpRequest, public_id: UUID) -> Holding:
    """A holding with what its page shows."""
    return seen(request, Holding.objects.select_related("unit", "batch", "owner"), public_id=public_id)


def retire(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Use certificates up."""
    holding = owned(request, public_id)
    must(request, "power.certificates.retire", holding=holding)
    act = Act(
        title=_("Retire certificates"), button=_("Retire"), about=about(holding), over=OVER,
        back=reverse("power:certificates"), version=holding.version,
        explain=_(
            "Retired certificates are used up: they count in the matching score, nobody can use them again, and everybody sees it."
        ),
        confirm=_("Retire these certificates? It is public and cannot be undone."), danger=True,
    )  # fmt: skip
    return acted(
        request, RetireForm(*sent(request), holding=holding), act,
        run=lambda ctx, data: certificates.certificates_retire(ctx=ctx, holding=holding, **data), done=_("The certificates are retired."),
    )  # fmt: skip


def offer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Offer certificates to another organisation."""
    holding = owned(request, public_id)
    must(request, "power.transfer.offer", holding=holding)
    act = Act(
        title=_("Offer certificates"), button=_("Offer"), about=about(holding), over=OVER,
        back=reverse("power:certificates"), version=holding.version,
        explain=_("They stay yours, and cannot move, until the other side accepts or declines, or you take the offer back."),
    )  # fmt: skip
    return acted(
        request, OfferForm(*sent(request), holding=holding), act,
        run=lambda ctx, data: certificates.transfer_offer(ctx=ctx, holding=holding, **data), done=_("The certificates are offered."),
    )  # fmt: skip


def answer(request: HttpRequest, public_id: UUID, how: str) -> HttpResponse:
    """Accept, decline or withdraw an offer."""
    transfer = seen(request, Transfer.objects.select_related("unit", "giver", "receiver"), public_id=public_id)
    words = {
        "accept": (_("Accept the offer"), _("Accept"), _("The certificates are yours."), certificates.transfer_accept),
        "decline": (_("Decline the offer"), _("Decline"), _("The offer is declined."), certificates.transfer_decline),
        "withdraw": (_("Take the offer back"), _("Take back"), _("The offer is taken back."), certificates.transfer_withdraw),
    }  # fmt: skip
    title, button, done, service = words[how]
    must(request, f"power.transfer.{how}", transfer=transfer)
    numbers = _("numbers {span} ({count} MWh)").format(span=span(transfer), count=transfer.count)
    said = f"{transfer.unit.name} · {numbers} · {transfer.giver.name} → {transfer.receiver.name}"
    act = Act(
        title=title, button=button, about=said, back=reverse("power:certificates"), version=transfer.version, over=OVER
    )
    return acted(
        request,
        NothingAsked(*sent(request)),
        act,
        run=lambda ctx, _data: service(ctx=ctx, transfer=transfer),
        done=done,
    )


def issue(request: HttpRequest) -> HttpResponse:
    """Issue a month for every unit that waits."""
    must(request, "power.hours.meter")
    act = Act(
        title=_("Issue a month"), button=_("Issue"), about="", back=reverse("power:certificates"), over=OVER,
        explain=_(
            "For every unit of your registry with metered hours in the month, one certificate a megawatt-hour; the rest is carried "
            "on. A month is issued once and then closed."
        ),
    )  # fmt: skip

    def run(ctx: Any, data: dict[str, Any]) -> Any:
        month = data["month"].replace(day=1)
        return certificates.month_issue(actor=ctx.actor, now=ctx.now, month=month, key=ctx.key)

    return acted(
        request, MonthForm(*sent(request)), act, run=run, done=_("Whatever waited is issued; the register shows it.")
    )


def import_hours(request: HttpRequest) -> HttpResponse:
    """Take a file of metered hours."""
    must(request, "power.hours.meter")
    act = Act(
        title=_("Import metered hours"), button=_("Import"), about="", back=reverse("power:certificates"), over=OVER,
        explain=_(
            "CSV or Parquet with the columns unit, hour, generated_wh and, for storage behind the meter, charged_wh, "
            "charged_other_wh, returned_wh. All rows are taken, or none."
        ),
    )  # fmt: skip
    return acted(
        request, HoursForm(*sent(request)), act,
        run=lambda ctx, data: metering.hours_meter(ctx=ctx, content=data["file"]), done=_("The hours are on record."),
    )  # fmt: skip
