"""The what-if desk: change one number, see who wins, who loses and what it costs, over enterprises made up, known, or uploaded."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.actor import ROLE_NAMES, Where
from bashu.kernel.commands.command import Command
from bashu.kernel.errors import Forbidden, SignInNeeded
from bashu.kernel.jobs.pages import shown as job_shown
from bashu.kernel.jobs.selectors import job_get
from bashu.kernel.places import selectors as places
from bashu.kernel.places.models import COUNTIES, PREFECTURES, Kind
from bashu.kernel.web import clock
from bashu.kernel.web.pages import submit
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.table import Column, Table
from bashu.kernel.web.table import Kind as Cells
from bashu.kernel.web.templatetags.bashu import Bar, Region
from bashu.policy import rule_words
from bashu.policy.engine.faults import RuleFault
from bashu.policy.engine.periods import period as period_of
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import WhatIfStudy
from bashu.policy.rule_forms import PopulationForm, StudyForm
from bashu.policy.selectors import library, profiles, runs, studies
from bashu.policy.services.studies import STUDENTS, study_make

FEN = 100
FIRST = {"number": "soil_rate", "province": "SC", "value": "1.5", "period": "2025"}
LEVELS = {"prefectures": (Kind.MUNICIPALITY, *PREFECTURES), "counties": COUNTIES}
MUNICIPALITY, MUNICIPALITY_CODE = "50", "500000"

COLUMNS = [
    Column("before", gettext_lazy("Before, yuan"), Cells.NUMBER, value=lambda row: rule_words.yuan(row.before)),
    Column("after", gettext_lazy("After, yuan"), Cells.NUMBER, value=lambda row: rule_words.yuan(row.after)),
    Column(
        "difference", gettext_lazy("Difference, yuan"), Cells.NUMBER, value=lambda row: rule_words.yuan(row.difference)
    ),
]


def mapped_on(period: str) -> date:
    """The day whose divisions a study speaks of: the first of its year, at the latest of this one. Later ones may have ended."""
    return min(period_of(period).start, clock.today().replace(month=1, day=1))


def first_columns(period: str) -> list[Column]:
    """Who, and where: the division's code (GB/T 2260) with its name in the language being spoken."""
    chinese = rule_words.language() == "zh"
    names = {
        place.code: place.name_zh if chinese else place.name_en
        for place in places.division_list(as_of=mapped_on(period))
    }
    return [
        Column("entity", gettext_lazy("Enterprise"), search=True),
        Column(
            "place",
            gettext_lazy("Division"),
            search=True,
            value=lambda row: f"{row.place} {names.get(row.place, '')}".strip(),
        ),
    ]


def desk(request: HttpRequest) -> HttpResponseBase:
    """The change asked for in the address, over made-up enterprises or those the viewer knows; without one, an example to begin with."""
    form = PopulationForm(request.GET if "number" in request.GET else FIRST, profiled=profiles.profiled_count())
    context: dict[str, Any] = {"form": form, "may_upload": may_upload(request), "made_up": studies.MADE_UP}
    if not form.is_valid():
        return render(request, "policy/whatif.html", context, status=422)
    change = studies.change_of(form.change())
    try:
        known = form.cleaned_data.get("population") == "profiles"
        told = studies.profiled() if known else studies.made_up()
        found = studies.study(library.shipped(), change, form.cleaned_data["period"], told)
    except FileFaults as faults:
        form.add_error("population", faults.faults[0])
        return render(request, "policy/whatif.html", context, status=422)
    except RuleFault as fault:
        form.add_error("value", str(fault))
        return render(request, "policy/whatif.html", context, status=422)
    table = Table(
        [*first_columns(form.cleaned_data["period"]), *COLUMNS],
        studies.with_names(found.rows) if known else found.rows,
        request,
        name="effects",
    )
    context |= {"known": known, "size": len(told.population.ids)}
    return table.export() or render(
        request,
        "policy/whatif.html",
        {**context, "table": table, **shown(request, found.figures, form.change(), form.cleaned_data["period"])},
    )


def may_upload(request: HttpRequest) -> bool:
    """Whether the viewer holds a role that may keep a study."""
    return actor_of(request).grant_for(STUDENTS, Where()) is not None


def shown(request: HttpRequest, figures: dict[str, Any], change: dict[str, Any], period: str) -> dict[str, Any]:
    """A study's figures as charts and map."""
    rules = library.shipped()
    parameter = rules.parameters[change["parameter"]]
    collected = figures["sums"]["lost"] - figures["sums"]["gained"]
    study = studies.change_of(change)
    name = rule_words.named(parameter.label)
    if study.choice:
        name += f"（{rule_words.CHOICES.get(study.choice, study.choice)}）"
    several = len({prefecture(code) for code in figures["places"]}) > 1
    level = request.GET.get("level", "")
    level = level if level in LEVELS else "prefectures" if several else "counties"
    query = request.GET.copy()
    query["level"] = "counties" if level == "prefectures" else "prefectures"
    return {
        "sums": figures["sums"],
        "collected": collected,
        "map_title": _("Less to pay, by area") if collected < 0 else _("More to pay, by area"),
        "levies": [rules.levies[name] for name in figures["levies"]],
        "what": _("{number} of {province}: {value}").format(
            number=name, province=rule_words.SIDES[study.province], value=rule_words.amount(study.value, parameter.unit)
        ),
        "classes": [Bar(class_name(low, high), number) for low, high, number in figures["distribution"]],
        "regions": regions(figures["places"], level, -1 if collected < 0 else 1, mapped_on(period)),
        "boundaries": reverse("programme:boundaries"),
        "level": level,
        "other_level": f"?{query.urlencode()}",
    }


def class_name(low: int | None, high: int | None) -> str:
    """A class of the distribution in words."""
    if low == high:
        return _("no change")
    if low is None or (high is not None and high <= 0):
        edges = f"{-high:,}" + (f"–{-low:,}" if low is not None else "+") if high is not None else ""
        return _("{edges} less").format(edges=edges)
    edges = f"{low:,}" + (f"–{high:,}" if high is not None else "+")
    return _("{edges} more").format(edges=edges)


def regions(by_place: dict[str, dict[str, int]], level: str, sign: int, on: date) -> list[Region]:
    """How much more (sign 1) or less (−1) each area pays in all, in yuan; areas of which nobody told have no figure."""
    totals: dict[str, int] = {}
    for code, sums in by_place.items():
        key = code if level == "counties" else prefecture(code)
        totals[key] = totals.get(key, 0) + sign * (sums["lost"] - sums["gained"])
    chinese = rule_words.language() == "zh"
    areas = places.division_list(as_of=on, kinds=LEVELS[level])
    figures = {code: rule_words.yuan(fen) for code, fen in totals.items()}
    return [Region(area.code, area.name_zh if chinese else area.name_en, figures.get(area.code)) for area in areas]


def prefecture(code: str) -> str:
    """The prefecture a county's code (GB/T 2260) lies in; Chongqing is one area."""
    return MUNICIPALITY_CODE if code.startswith(MUNICIPALITY) else f"{code[:4]}00"


def study_new(request: HttpRequest) -> HttpResponse:
    """Try a change over an uploaded population; it is kept for the organisation. Long ones become a job."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    if not may_upload(request):
        raise Forbidden(needed=" / ".join(str(ROLE_NAMES[role]) for role in sorted(STUDENTS)))
    form = StudyForm(request.POST, request.FILES) if request.method == "POST" else StudyForm(initial=FIRST)

    def act(ctx: Command, data: dict[str, Any]) -> WhatIfStudy:
        return study_make(ctx=ctx, change=form.change(), period=data["period"], entities=data["entities"])

    return submit(
        request,
        form,
        "policy/study_new.html",
        {},
        act=act,
        to=lambda study: study.address,
        done=_("The study is kept."),
    )


def study(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """A kept study: its job's progress, then the figures."""
    found = seen(request, runs.study_list(), public_id=public_id)
    context: dict[str, Any] = {"study": found, "parameter": library.shipped().parameters.get(found.change["parameter"])}
    if found.outcome is None:
        if found.job:
            context |= job_shown(job_get(found.job, actor=actor_of(request)))
        return render(request, "policy/study.html", context)
    columns = [*first_columns(found.period), *COLUMNS]
    table = Table(columns, studies.kept_rows(bytes(found.table or b"")), request, name="effects")
    return table.export() or render(
        request,
        "policy/study.html",
        {**context, "table": table, **shown(request, found.outcome, found.change, found.period)},
    )


def study_list(request: HttpRequest) -> HttpResponseBase:
    """The studies the viewer may see."""
    columns = [
        Column("change", gettext_lazy("Change"), value=change_words, link="address", sort=False),
        Column("period", gettext_lazy("Year")),
        Column("size", gettext_lazy("Entities"), Cells.NUMBER),
        Column("organisation", gettext_lazy("Organisation"), lookup="organisation__name_zh", search=True,
               value=lambda row: row.organisation.name),
        Column("made_at", gettext_lazy("Made"), Cells.DATE),
    ]  # fmt: skip
    table = Table(columns, runs.study_list(), request, name="studies", sort="-made_at")
    return table.export() or render(request, "policy/studies.html", {"table": table, "may_upload": may_upload(request)})


def change_words(study: WhatIfStudy) -> str:
    """A study's change in one line."""
    parameter = library.shipped().parameters.get(study.change["parameter"])
    if parameter is None:
        return str(study.change["parameter"])
    value = rule_words.amount(studies.change_of(study.change).value, parameter.unit)
    return f"{rule_words.SIDES[study.change['province']]} · {rule_words.named(parameter.label)} → {value}"
