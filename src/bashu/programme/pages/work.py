"""Boards of tasks and projects, one task with its history, and what offices say of it."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.command import label_of
from bashu.kernel.indicators.selectors import purposes
from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, may, must, sent
from bashu.kernel.web.requests import seen
from bashu.kernel.web.table import Column, Kind, Table
from bashu.kernel.web.templatetags.bashu import Point
from bashu.programme import selectors, wording
from bashu.programme.forms import BlockerForm, InvestmentForm, MetForm, MilestoneForm, ResolutionForm, StateForm
from bashu.programme.models import Blocker, Milestone, Task, TaskReading, TaskState
from bashu.programme.services import work

ORDER = (TaskState.PLANNED, TaskState.UNDER_WAY, TaskState.DONE, TaskState.DROPPED)
COLUMNS = [
    Column("code", gettext_lazy("Code")),
    Column("name_zh", gettext_lazy("Name"), search=True, value=lambda task: task.name, link="get_absolute_url"),
    Column("name_en", gettext_lazy("Name in the other language"), search=True,
           value=lambda task: task.name_en if wording.speaks_chinese() else task.name_zh),
    Column("group", gettext_lazy("Group"), value=lambda task: str(wording.GROUPS.get(task.group, task.group))),
    Column("document", gettext_lazy("Document"), lookup="document__code", value=lambda task: task.document.name if task.document else None),
    Column("owners", gettext_lazy("Owners"), sort=False, value=lambda task: "、".join(body.name for body in task.owners.all()) or None),
    Column("state", gettext_lazy("State"), value=lambda task: str(TaskState(task.state).label)),
    Column("met_count", gettext_lazy("Milestones met"), Kind.NUMBER),
    Column("milestone_count", gettext_lazy("Milestones"), Kind.NUMBER),
    Column("blocker_count", gettext_lazy("Blocking issues"), Kind.NUMBER),
    Column("investment_fen", gettext_lazy("Investment (yuan)"), Kind.NUMBER, value=lambda task: in_yuan(task.investment_fen)),
    Column("measured", gettext_lazy("Measured by this platform"), sort=False, value=lambda task: measured_in_words(task) or None),
    Column("quote", gettext_lazy("Words of the page"), search=True, sort=False),
]  # fmt: skip


class Lane(NamedTuple):
    """One column of the board."""

    state: TaskState
    tasks: Sequence[Task]


class Measured(NamedTuple):
    """One indicator of a task, for one side or both: its newest figure, its sentence, and the line of its months."""

    newest: TaskReading
    label: str
    purpose: str
    value: wording.Amount | None
    line: dict[str, list[Point]]
    unit: str


class Filter(NamedTuple):
    """One group that the board can be narrowed to, with how many tasks it has."""

    code: str
    name: str | Promise
    number: int
    current: bool


def in_yuan(fen: int | None) -> Decimal | None:
    """Fen as exact yuan."""
    return None if fen is None else Decimal(fen) / 100


def tasks(request: HttpRequest) -> HttpResponseBase:
    """The board of tasks."""
    return board(
        request, Task.Kind.TASK, _("Tasks"), _("What the documents set both sides to do, and where each task stands.")
    )


def projects(request: HttpRequest) -> HttpResponseBase:
    """The board of major projects."""
    lede = _("Projects and undertakings that the page names. It gives neither their cost nor their dates.")
    return board(request, Task.Kind.PROJECT, _("Projects"), lede)


def board(request: HttpRequest, kind: str, title: str, lede: str) -> HttpResponseBase:
    """Tasks or projects by state, as columns or as a table with search and export."""
    everything = list(selectors.task_list(kind=kind))
    group = request.GET.get("group", "")
    groups = list(dict.fromkeys(task.group for task in everything))
    group = group if group in groups else ""
    shown = [task for task in everything if not group or task.group == group]
    table = Table(COLUMNS, shown, request, name=str(title_name(kind)))
    if file := table.export():
        return file
    filters = [
        Filter(code, wording.GROUPS.get(code, code), sum(task.group == code for task in everything), code == group)
        for code in groups
    ]
    lanes = [Lane(state, [task for task in shown if task.state == state]) for state in ORDER]
    silent = [task for task in shown if task.state == TaskState.UNKNOWN]
    return render(
        request,
        "programme/board.html",
        {
            "title": title,
            "lede": lede,
            "lanes": lanes,
            "silent": silent,
            "filters": filters,
            "group": group,
            "number": len(everything),
            "table": table if request.GET.get("view") == "table" else None,
        },
    )


def measured_in_words(task: Task) -> str:
    """The newest figure of each of a task's indicators, for a cell of a table."""
    return "；".join(
        f"{wording.amount(one.value, one.unit, one.unit_en)} ({one.period_end})" for one in selectors.newest_of(task)
    )


def measured(task: Task) -> list[Measured]:
    """What the platform measures of a task, each indicator with its months."""
    sentences = purposes()
    found = []
    for (code, _side), group in groupby(task.measured.all(), key=lambda one: (one.indicator, one.jurisdiction)):
        months = list(group)
        newest = months[-1]
        scale = wording.chart_scale(newest.unit, newest.unit_en, max(one.value for one in months))
        sentence = sentences.get(code, code)
        points = [Point(one.period_end, one.value / scale.size) for one in months]
        value = wording.amount(newest.value, newest.unit, newest.unit_en)
        line = {str(wording.JURISDICTIONS[newest.jurisdiction]): points} if len(points) > 1 else {}
        found.append(Measured(newest, label_of(newest), sentence, value, line, scale.unit))
    return found


def title_name(kind: str) -> str:
    """The name of a board's table in addresses and file names."""
    return "projects" if kind == Task.Kind.PROJECT else "tasks"


def task(request: HttpRequest, code: str) -> HttpResponse:
    """One task: its words, who owns it, where it stands, its steps, what blocks it, what happened."""
    found = seen(request, selectors.task_detail(code))
    milestones = [(step, may(request, "programme.milestone.meet", milestone=step)) for step in found.milestones.all()]
    return render(
        request,
        "programme/task.html",
        {
            "task": found,
            "today": clock.today(),
            "board": reverse(f"programme:{title_name(found.kind)}"),
            "group": wording.GROUPS.get(found.group, found.group),
            "milestones": milestones,
            "investment": wording.amount(in_yuan(found.investment_fen), wording.YUAN),
            "measured": measured(found),
            "subject": label_of(found),
            "may_act": may(request, "programme.task.set_state"),
            "is_project": found.kind == Task.Kind.PROJECT,
        },
    )


def act_on(found: Task, title: Any, button: Any, *, explain: Any = "", version: int | None = None) -> Act:
    """An act about a task; afterwards one is back on its page."""
    return Act(
        title, button, found.name, reverse("programme:task", args=[found.code]),
        explain=explain or _("Everybody can read it on the task's page, and the journal keeps it."), version=version,
    )  # fmt: skip


def set_state(request: HttpRequest, code: str) -> HttpResponse:
    """Say where a task stands."""
    found = seen(request, Task, code=code)
    must(request, "programme.task.set_state")
    return acted(
        request, StateForm(*sent(request), task=found), act_on(found, _("Report where it stands"), _("Report"), version=found.version),
        run=lambda ctx, data: work.task_set_state(ctx=ctx, task=found, **data), done=_("The state was reported."),
    )  # fmt: skip


def set_investment(request: HttpRequest, code: str) -> HttpResponse:
    """Record a project's total investment."""
    found = seen(request, Task, code=code)
    must(request, "programme.task.set_investment")
    form = InvestmentForm(*sent(request))
    return acted(
        request, form, act_on(found, _("Record the investment"), _("Record"), version=found.version),
        run=lambda ctx, data: work.task_set_investment(ctx=ctx, task=found, investment_fen=form.fen(), source=data["source"]),
        done=_("The investment was recorded."),
    )  # fmt: skip


def add_milestone(request: HttpRequest, code: str) -> HttpResponse:
    """Set a dated step."""
    found = seen(request, Task, code=code)
    must(request, "programme.milestone.add")
    return acted(
        request, MilestoneForm(*sent(request)), act_on(found, _("Set a milestone"), _("Set")),
        run=lambda ctx, data: work.milestone_add(ctx=ctx, task=found, **data), done=_("The milestone was set."),
    )  # fmt: skip


def meet_milestone(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say on which day a milestone was met."""
    found = seen(request, Milestone.objects.select_related("task", "organisation"), public_id=public_id)
    must(request, "programme.milestone.meet", milestone=found)
    act = act_on(found.task, _("Milestone met: {name}").format(name=found.name), _("Report"), version=found.version)
    return acted(
        request, MetForm(*sent(request), initial={"met_on": clock.today()}), act,
        run=lambda ctx, data: work.milestone_meet(ctx=ctx, milestone=found, **data), done=_("The milestone is met."),
    )  # fmt: skip


def raise_blocker(request: HttpRequest, code: str) -> HttpResponse:
    """Say what stands in a task's way."""
    found = seen(request, Task, code=code)
    must(request, "programme.blocker.raise")
    return acted(
        request, BlockerForm(*sent(request)), act_on(found, _("Report a blocking issue"), _("Report")),
        run=lambda ctx, data: work.blocker_raise(ctx=ctx, task=found, **data), done=_("The blocking issue was reported."),
    )  # fmt: skip


def resolve_blocker(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say how a blocking issue was resolved."""
    found = seen(request, Blocker.objects.select_related("task"), public_id=public_id)
    must(request, "programme.blocker.resolve")
    act = act_on(
        found.task, _("Resolve a blocking issue"), _("Resolve"), explain=found.description, version=found.version
    )
    return acted(
        request, ResolutionForm(*sent(request)), act,
        run=lambda ctx, data: work.blocker_resolve(ctx=ctx, blocker=found, **data), done=_("The blocking issue was resolved."),
    )  # fmt: skip
