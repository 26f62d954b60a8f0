"""Reporting what happens on the way, by hand or by file, and the inbox of notices."""

import codecs
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from uuid_utils.compat import uuid7

from bashu.kernel.commands.command import Command
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, sent
from bashu.kernel.web.pages import SEE_OTHER, submit
from bashu.kernel.web.requests import actor_of, command_of, seen
from bashu.kernel.web.table import Column, Kind, Table
from bashu.logistics.errors import EventsRefused
from bashu.logistics.formats import events_csv
from bashu.logistics.models import EventKind, Leg
from bashu.logistics.selectors.notices import hub_names, notice_list, said, unread_count
from bashu.logistics.selectors.reporting import Told, reporter_of, reporters_of
from bashu.logistics.services import tracking
from bashu.logistics.services.notices import notifications_read
from bashu.logistics.terms import REGION

OF_LEG = [kind for kind in EventKind.choices if kind[0] != EventKind.DELIVERED]
EXAMPLE = "2025-0007,loaded,2025-03-03T08:00+08:00,,B00000001,2,,,,"
NOTICES = [
    Column("made_at", gettext_lazy("Told"), Kind.DATE),
    Column("number", gettext_lazy("Consignment"), link="url"),
    Column("title", gettext_lazy("What"), search=True),
    Column("text", gettext_lazy("In words"), search=True, sort=False),
    Column("organisation", gettext_lazy("Organisation"), search=True),
    Column("read", gettext_lazy("Read")),
]


def reporters(request: HttpRequest) -> list[tuple[UUID, str]]:
    """The organisations for which the viewer may report; SignInNeeded (401) or Forbidden (403) when there is none."""
    reporter_of(actor_of(request), None)
    return reporters_of(actor_of(request))


class ByForm(forms.Form):
    """For which of his organisations somebody reports; not asked of who has one."""

    reporter = forms.TypedChoiceField(label=gettext_lazy("Reporting organisation"), coerce=UUID)

    def __init__(self, *arguments: Any, bodies: list[tuple[UUID, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.bodies = bodies
        self.fields["reporter"].choices = bodies  # type: ignore[attr-defined]
        if len(bodies) == 1:
            del self.fields["reporter"]

    def clean(self) -> dict[str, Any]:
        """The only organisation where none was asked."""
        data = super().clean() or {}
        return {"reporter": self.bodies[0][0], **data}


class EventForm(ByForm):
    """One report of a leg; the time by the clock of the hub where it happened."""

    kind = forms.ChoiceField(label=gettext_lazy("What happened"), choices=OF_LEG)
    happened_at = forms.DateTimeField(
        label=gettext_lazy("When"),
        help_text=gettext_lazy("By the region's clock; of a forecast, when it is expected."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_happened_at(self) -> datetime:
        """By the region's clock."""
        return localtime(self.cleaned_data["happened_at"]).replace(tzinfo=ZoneInfo(REGION))


class FileForm(ByForm):
    """A file of reports."""

    file = forms.FileField(
        label=gettext_lazy("Reports, a CSV file"), widget=forms.ClearableFileInput(attrs={"accept": ".csv"})
    )

    def clean_file(self) -> bytes:
        """Its bytes, refused before they are read when there are too many."""
        file = self.cleaned_data["file"]
        if file.size > events_csv.BYTES_LIMIT:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return bytes(file.read())


def event_report(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Report what happened to one leg."""
    bodies = reporters(request)
    leg = seen(request, Leg.objects.select_related("consignment"), public_id=public_id)
    names, number = hub_names(), leg.consignment.number
    way = f"{names.get(leg.origin, leg.origin)} → {names.get(leg.target, leg.target)}"
    act = Act(
        title=_("Report an event"),
        button=_("Report"),
        about=f"{number} · {way}",
        back=reverse("logistics:operator_desk"),
        explain=_(
            "The shipper sees it at once. A later report of the same kind corrects an earlier one; none is lost."
        ),
    )

    def run(ctx: Command, data: dict[str, Any]) -> Any:
        told = Told(str(uuid7()), data["kind"], data["happened_at"], None, number, leg.sequence)
        return tracking.event_report(ctx=ctx, reporter=data["reporter"], told=told)

    form = EventForm(*sent(request)[:1], bodies=bodies, initial={"happened_at": localtime(clock.now())})
    return acted(request, form, act, run=run, done=_("Reported."))


def events_import(request: HttpRequest) -> HttpResponse:
    """Report every row of a CSV file, or see each faulty line and change nothing."""
    form = FileForm(*sent(request), bodies=reporters(request))
    faults: list[dict[str, Any]] = []  # filled while the act runs, shown when it is refused

    def run(ctx: Command, data: dict[str, Any]) -> Any:
        try:
            return tracking.events_import(ctx=ctx, reporter=data["reporter"], content=data["file"])
        except EventsRefused as refused:
            faults.extend(refused.context["rows"])
            raise

    context = {"columns": events_csv.COLUMNS, "kinds": EventKind.choices, "faults": faults}
    back = reverse("logistics:operator_desk")
    return submit(
        request,
        form,
        "logistics/events_import.html",
        {**context, "back": back},
        act=run,
        to=lambda _: back,
        done=_("Every report was taken; what was known before changed nothing."),
    )


def template_file(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view
    """The empty table to fill in, with one example row."""
    text = codecs.BOM_UTF8.decode() + ",".join(events_csv.COLUMNS) + "\r\n" + EXAMPLE + "\r\n"
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="events.csv"'
    return response


def notifications(request: HttpRequest) -> HttpResponse:
    """What the viewer's organisations were told, newest first."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    rows = [
        {
            "made_at": one.made_at,
            "number": one.consignment.number,
            "url": reverse("logistics:consignment", args=[one.consignment.public_id]),
            "title": said(one).title,
            "text": said(one).text,
            "organisation": one.organisation.name_zh,
            "read": _("Yes") if one.read_at else _("New"),
        }
        for one in notice_list(actor)[:1000]
    ]
    table = Table(NOTICES, rows, request, name="notices")
    if file := table.export():
        return file  # type: ignore[return-value]
    context = {"table": table, "unread": unread_count(actor), "upto": clock.now().isoformat()}
    return render(request, "logistics/notices.html", context)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark all notices of the viewer's organisations as read."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    if not actor.organisations():
        raise Forbidden(needed=_("membership in an organisation"))
    for number, organisation in enumerate(actor.organisations()):
        ctx = command_of(request)
        ctx.key = f"{ctx.key}-{number}"[-200:]
        notifications_read(ctx=ctx, organisation=organisation, upto=ctx.now)
    response = HttpResponseRedirect(reverse("logistics:notifications"))
    response.status_code = SEE_OTHER
    return response
