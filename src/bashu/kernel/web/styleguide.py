"""The gallery of components: what each looks like and how it is called, in the visitor's theme and language.

The figures are invented for the gallery and mean nothing; the demonstration serves it, a real node only to who is signed in.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.actor import ActorKind
from bashu.kernel.errors import NotFound
from bashu.kernel.web.requests import actor_of
from bashu.kernel.web.table import Column, Kind, Table
from bashu.kernel.web.templatetags.bashu import STATUSES, Bar, Event, Point, Region, Spot

JOB_STEPS = 5
ROWS = 60
COLUMNS = [
    Column("name", gettext_lazy("Name"), search=True, link="url"),
    Column("place", gettext_lazy("Place"), search=True),
    Column("status", gettext_lazy("Status"), kind=Kind.STATUS),
    Column("value", gettext_lazy("Value"), kind=Kind.NUMBER),
    Column("day", gettext_lazy("Date"), kind=Kind.DATE),
]


class SampleForm(forms.Form):
    """One field of each sort."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("As the document writes it.")
    )
    value = forms.DecimalField(label=gettext_lazy("Value"), max_value=100)
    on = forms.DateField(label=gettext_lazy("Date"), widget=forms.DateInput(attrs={"type": "date"}))
    remark = forms.CharField(label=gettext_lazy("Remark"), required=False, widget=forms.Textarea)
    sure = forms.BooleanField(label=gettext_lazy("I have compared the figure with its evidence"))


def sample_rows() -> list[dict[str, Any]]:
    """Rows of the sample table, the same on every visit."""
    statuses = list(STATUSES)
    return [
        {
            "name": _("Sample %(number)s") % {"number": n + 1},
            "place": (_("Chongqing"), _("Chengdu"), _("Deyang"))[n % 3],
            "status": statuses[n * 7 % len(statuses)],
            "value": None if n % 11 == 10 else Decimal(n * n * 37 % 9973) / 10,
            "day": date(2025, 1, 1) + timedelta(days=n * 5),
            "url": "#table",
        }
        for n in range(ROWS)
    ]


def charts() -> dict[str, Any]:
    """What the chart samples show."""
    known = [Point(date(2021 + n, 12, 31), value, "") for n, value in enumerate((4.1, 4.9, 5.6, 6.9))]
    required = [Point(date(2021 + n, 12, 31), 4.1 + n * 0.98) for n in range(5)]
    regions = [
        Region("500000", _("Chongqing"), 61.2, "on_track"),
        Region("510100", _("Chengdu"), 74.5, "met"),
        Region("510600", _("Deyang"), 35.0, "behind"),
        Region("511000", _("Neijiang"), None, "no_data"),
    ]
    spots = [Spot(_("Chongqing"), 106.55, 29.56), Spot(_("Chengdu"), 104.07, 30.67)]
    return {
        "lines": {_("Measured"): known},
        "required": required,
        "bars": [Bar(_("Chongqing"), 61.2), Bar(_("Chengdu"), 74.5), Bar(_("Deyang"), 35), Bar(_("Neijiang"), 28.4)],
        "boundaries": boundaries_url(),
        "regions": regions,
        "spots": spots,
    }


def boundaries_url() -> str:
    """Where the places room offers the outlines; empty, and no map is shown, on a site without it."""
    try:
        return reverse("api:boundaries", kwargs={"level": "prefectures"})
    except NoReverseMatch:
        return ""


def gallery(request: HttpRequest) -> HttpResponseBase:
    """GET /styleguide; `?job=N` answers the sample job's next state to htmx; POST shows how faults look."""
    if not settings.BASHU_DEMO and actor_of(request).kind is ActorKind.ANONYMOUS:
        raise NotFound
    step = request.GET.get("job", "")
    if step.isdecimal():
        return render(request, "web/styleguide_job.html", job(int(step[:3])))
    table = Table(COLUMNS, sample_rows(), request, name="sample", size=8)
    if (file := table.export()) is not None:
        return file
    if request.method == "POST":
        form = SampleForm(request.POST)
        form.add_error(None, _("This is only the gallery: nothing is written here."))
    else:
        form = SampleForm()
        messages.info(request, _("A message says what happened and what comes next."))
    context = {"table": table, "form": form, "statuses": list(STATUSES), "events": events(), **charts(), **job(1)}
    return render(request, "web/styleguide.html", context, status=422 if form.is_bound else 200)


def job(step: int) -> dict[str, Any]:
    """The sample job after some seconds."""
    step = min(step, JOB_STEPS)
    return {"step": step, "steps": JOB_STEPS, "job_url": f"?job={step + 1}", "finished": step == JOB_STEPS}


def events() -> list[Event]:
    """A sample timeline."""
    return [
        Event("2021-12", _("Adopted"), _("by both governments"), "done"),
        Event("2024-06", _("First half accepted"), "", "done"),
        Event("2025-11", _("Second half under way"), _("one issue is open"), "now"),
        Event("2026-12", _("To be finished")),
    ]
