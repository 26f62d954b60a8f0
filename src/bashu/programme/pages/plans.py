"""Yearly plans: what a year should bring, how each item ended, and the roll-over into the next year."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bashu.kernel.web import clock
from bashu.kernel.web.acting import Act, acted, may, must, sent
from bashu.kernel.web.requests import seen
from bashu.programme import selectors
from bashu.programme.forms import CloseForm, DecideForm, PlanItemForm, PlanOpenForm
from bashu.programme.models import Plan, PlanItem, PlanItemState, Task
from bashu.programme.services import plans as services


def plans(request: HttpRequest) -> HttpResponse:
    """All years, newest first, each with how its items ended."""
    years = [(plan, counted(plan)) for plan in selectors.plan_list()]
    return render(request, "programme/plans.html", {"years": years, "may_plan": may(request, "programme.plan.open")})


def counted(plan: Plan) -> list[tuple[str, str, int]]:
    """How many items of a plan ended how; what did not occur is left out."""
    states = [item.state for item in plan.items.all()]
    return [(value, str(label), states.count(value)) for value, label in PlanItemState.choices if value in states]


def plan(request: HttpRequest, year: int) -> HttpResponse:
    """One year's items, with where each came from and where it went."""
    found = seen(request, selectors.plan_list(), year=year)
    items = list(found.items.all())
    return render(
        request,
        "programme/plan.html",
        {
            "plan": found,
            "items": items,
            "numbers": counted(found),
            "undecided": sum(item.state == PlanItemState.OPEN for item in items),
            "may_plan": found.closed_at is None and may(request, "programme.plan.open"),
        },
    )


def address(year: int) -> str:
    """The address of a year's plan."""
    return reverse("programme:plan", args=[year])


def titled(year: int) -> str:
    """What a year's plan is called."""
    return _("Plan of {year}").format(year=year)


def open_plan(request: HttpRequest) -> HttpResponse:
    """Open a year."""
    must(request, "programme.plan.open")
    act = Act(_("Open a plan"), _("Open a plan"), _("Yearly plans"), reverse("programme:plans"))
    return acted(
        request, PlanOpenForm(*sent(request), initial={"year": clock.today().year}), act,
        run=lambda ctx, data: services.plan_open(ctx=ctx, **data), done=_("The plan was opened."), to=lambda made: address(made.year),
    )  # fmt: skip


def add_item(request: HttpRequest, year: int) -> HttpResponse:
    """Put a task into a year's plan."""
    found = seen(request, Plan, year=year)
    must(request, "programme.plan.add_item")
    form = PlanItemForm(*sent(request), tasks=Task.objects.exclude(plan_items__plan=found).order_by("kind", "code"))
    act = Act(_("Take a task into the plan"), _("Take in"), titled(year), address(year))
    return acted(
        request, form, act, run=lambda ctx, data: services.plan_item_add(ctx=ctx, plan=found, **data), done=_("Taken into the plan."),
    )  # fmt: skip


def decide_item(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Say how an item ended."""
    found = seen(request, PlanItem.objects.select_related("plan", "task"), public_id=public_id)
    must(request, "programme.plan.decide_item")
    act = Act(
        _("Decide an item"), _("Decide"), found.task.name, address(found.plan.year), version=found.version,
        explain=_("What is carried moves into the next year's plan when this year is closed."),
    )  # fmt: skip
    return acted(
        request, DecideForm(*sent(request)), act, run=lambda ctx, data: services.plan_item_decide(ctx=ctx, item=found, **data),
        done=_("Decided."),
    )  # fmt: skip


def close(request: HttpRequest, year: int) -> HttpResponse:
    """Close a year and roll what is carried into the next."""
    found = seen(request, selectors.plan_list(), year=year)
    must(request, "programme.plan.close")
    carried = sum(item.state == PlanItemState.CARRIED for item in found.items.all())
    act = Act(
        _("Close the year"), _("Close the year"), titled(year), address(year),
        explain=_("{count} items are carried into {following}. A closed year does not change any more.").format(
            count=carried, following=year + 1
        ),
        confirm=_("Close {year}? {count} items are carried into {following}. A closed year does not change any more.").format(
            year=year, count=carried, following=year + 1
        ),
        danger=True,
    )  # fmt: skip
    return acted(
        request, CloseForm(*sent(request)), act, run=lambda ctx, data: services.plan_close(ctx=ctx, plan=found, **data),
        done=_("The year is closed."),
    )  # fmt: skip
