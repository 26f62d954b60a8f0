"""What offices do with readings: report, confirm, reject, withdraw, import a file, and the inbox that leads there."""

import codecs
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import OFFICES, Where
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, must, sent
from bashu.kernel.web.requests import actor_of, seen
from bashu.programme import selectors, wording
from bashu.programme.errors import ImportRefused
from bashu.programme.formats import readings_csv
from bashu.programme.forms import ImportForm, NothingAsked, ReasonForm, ReportForm
from bashu.programme.models import Reading
from bashu.programme.services import imports, readings

EXAMPLE = "T03,CQ,2024-01-01,2024-12-31,18,,whole,,"


def jurisdictions_of(request: HttpRequest) -> list[str]:
    """The sides for which the viewer may report; SignInNeeded (401) or Forbidden (403) when there is none."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    found = [code for code in wording.JURISDICTIONS if actor.grant_for(OFFICES, Where(jurisdiction=code))]
    if not found:
        raise Forbidden(needed=" / ".join(sorted(OFFICES)))
    return found


def report(request: HttpRequest, code: str) -> HttpResponse:
    """Report a figure for a target."""
    target = seen(request, selectors.target_list(), code=code)
    sides = jurisdictions_of(request)
    form = ReportForm(*sent(request), target=target, jurisdictions=sides)
    act = Act(
        title=_("Report a figure"), button=_("Report"), about=target.name, back=reverse("programme:target", args=[target.code]),
        explain=_(
            "It counts, and becomes public, when a second person confirms it. The figure, who reports it and the digests of its "
            "evidence go into the journal."
        ),
    )  # fmt: skip

    def run(ctx: Command, data: dict[str, Any]) -> Reading:
        return readings.reading_report(ctx=ctx, target=target, **data)

    return acted(
        request, form, act, run=run, to=address_of,
        done=_("Reported. It waits for a second person's confirmation."), context={"target": target},
    )  # fmt: skip


def address_of(reading: Reading) -> str:
    """The address of a reading's page."""
    return reverse("programme:reading", args=[reading.public_id])


def called(reading: Reading) -> str:
    """A reading in one line."""
    target = reading.target
    value = wording.amount(reading.value, target.unit if target.kind != "growth" else "", target.unit_en)
    said = str(value) if value else (_("achieved") if reading.achieved else _("not achieved"))
    side = wording.JURISDICTIONS[reading.jurisdiction]
    return f"{target.name} · {side} · {reading.period_start} – {reading.period_end} · {said}"


def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Confirm somebody else's figure."""
    found = seen(request, selectors.reading_list(), public_id=public_id)
    must(request, "programme.reading.confirm", reading=found)
    act = Act(
        title=_("Confirm the figure"), button=_("Confirm"), about=called(found), back=address_of(found), version=found.version,
        explain=_("From now on the figure is public and judges its target. You confirm that you have looked at the evidence."),
    )  # fmt: skip
    return acted(
        request, NothingAsked(*sent(request)), act,
        run=lambda ctx, _data: readings.reading_confirm(ctx=ctx, reading=found), done=_("Confirmed. The scoreboard counts it."),
    )  # fmt: skip


def reject(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Turn somebody else's figure down."""
    found = seen(request, selectors.reading_list(), public_id=public_id)
    must(request, "programme.reading.reject", reading=found)
    act = Act(
        title=_("Reject the figure"), button=_("Reject"), about=called(found), back=address_of(found), version=found.version,
        explain=_("The figure stays on record as rejected, with your reason, and judges nothing."), danger=True,
    )  # fmt: skip
    return acted(
        request, ReasonForm(*sent(request)), act,
        run=lambda ctx, data: readings.reading_reject(ctx=ctx, reading=found, **data), done=_("Rejected."),
    )  # fmt: skip


def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take a figure back."""
    found = seen(request, selectors.reading_list(), public_id=public_id)
    must(request, "programme.reading.withdraw", reading=found)
    act = Act(
        title=_("Withdraw the figure"), button=_("Withdraw"), about=called(found), back=address_of(found), version=found.version,
        explain=_("The figure stays on record as withdrawn, with your reason, and no longer judges its target. This cannot be undone."),
        confirm=_("Withdraw “{figure}”? It will no longer judge its target. This cannot be undone.").format(figure=called(found)),
        danger=True,
    )  # fmt: skip
    return acted(
        request, ReasonForm(*sent(request)), act,
        run=lambda ctx, data: readings.reading_withdraw(ctx=ctx, reading=found, **data), done=_("Withdrawn."),
    )  # fmt: skip


def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer: readings to decide on, and his own that wait for somebody else."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    if actor.grant_for(OFFICES, Where()) is None:
        raise Forbidden(needed=" / ".join(sorted(OFFICES)))
    to_decide, own = selectors.inbox(actor)
    return render(
        request,
        "programme/inbox.html",
        {
            "to_decide": to_decide,
            "own": own,
            "today": clock.today(),
        },
    )


def import_file(request: HttpRequest) -> HttpResponse:
    """Report every row of a CSV file, or see each faulty line and change nothing."""
    jurisdictions_of(request)
    form = ImportForm(*sent(request))
    act = Act(
        title=_("Import readings"), button=_("Import"), about="", back=reverse("programme:inbox"),
        explain=_("All rows are taken, or none. The file itself becomes the evidence; each figure waits for a second person."),
    )  # fmt: skip
    faults: list[dict[str, Any]] = []  # filled while the act runs, shown when it is refused

    def run(ctx: Command, data: dict[str, Any]) -> Any:
        try:
            return imports.readings_import(ctx=ctx, file=data["file"])
        except ImportRefused as refusal:
            faults.extend(refusal.context["rows"])
            raise

    return acted(
        request, form, act, run=run, done=_("Imported. Each figure waits for a second person's confirmation."),
        template="programme/import.html", context={"columns": readings_csv.COLUMNS, "faults": faults},
    )  # fmt: skip


def template_file(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """The empty table to fill in, with one example row."""
    text = codecs.BOM_UTF8.decode() + ",".join(readings_csv.COLUMNS) + "\r\n" + EXAMPLE + "\r\n"
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="readings.csv"'
    return response
