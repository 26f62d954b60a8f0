"""The offices' side: what waits, by deadline; one application with its way and what can be done; decisions and payments."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.actor import OFFICES, ROLE_NAMES, Where
from bashu.kernel.commands.command import Command, label_of
from bashu.kernel.errors import Forbidden, NotFound, SignInNeeded
from bashu.kernel.web.acting import Act, Words, acted, may, must, sent
from bashu.kernel.web.clock import today
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.table import Column, Kind, Table
from bashu.policy import rule_words, wording
from bashu.policy.models import Appeal, Application, ApplicationState
from bashu.policy.models.applications import OPEN
from bashu.policy.pages.forms import (
    FindingForm,
    GroundsForm,
    NothingAsked,
    OrderForm,
    PushForm,
    ReasonForm,
    SupplementForm,
    WithdrawForm,
)
from bashu.policy.selectors import applications as selectors
from bashu.policy.selectors import profiles, support
from bashu.policy.services import appeals, applications
from bashu.policy.services import catalogues as offering

QUEUE = [
    Column("organisation", gettext_lazy("Enterprise"), lookup="organisation__name_zh", search=True, link="address",
           value=lambda row: row.organisation.name),
    Column("item", gettext_lazy("Item"), lookup="item__name_zh", search=True, value=lambda row: row.item.name),
    Column("province", gettext_lazy("Province"), value=lambda row: str(wording.SIDES[row.province])),
    Column("state", gettext_lazy("Stands at"), value=lambda row: str(ApplicationState(row.state).label)),
    Column("amount", gettext_lazy("Amount (yuan)"), Kind.NUMBER, lookup="computed_fen",
           value=lambda row: rule_words.yuan(row.amount_fen or row.computed_fen)),
    Column("due_on", gettext_lazy("Due"), Kind.DATE),
    Column("late", gettext_lazy("Late"), sort=False, value=lambda row: _("overdue") if row.overdue(today()) else None),
]  # fmt: skip


class Doing(NamedTuple):
    """One act on an application: its service, its form, from which states, and its words."""

    service: Callable[..., Any]
    form: type[Form]
    states: tuple[ApplicationState, ...]
    title: Words
    button: Words
    done: Words
    explain: Words = ""
    danger: bool = False


ACTS: Mapping[str, Doing] = {
    "accept": Doing(
        applications.application_accept, NothingAsked, (ApplicationState.SUBMITTED,), gettext_lazy("Find it complete"),
        gettext_lazy("It is complete"), gettext_lazy("Its review can begin."),
    ),
    "return": Doing(
        applications.application_return, ReasonForm, (ApplicationState.SUBMITTED,), gettext_lazy("Send it back to be completed"),
        gettext_lazy("Send back"), gettext_lazy("Sent back."), gettext_lazy("Name everything that is missing, once."),
    ),
    "supplement": Doing(
        applications.application_supplement, SupplementForm, (ApplicationState.RETURNED,), gettext_lazy("Complete the application"),
        gettext_lazy("Complete"), gettext_lazy("Completed; it waits for the office again."),
    ),
    "review": Doing(
        applications.application_review, FindingForm, (ApplicationState.COMPLETE,), gettext_lazy("Review"), gettext_lazy("Review done"),
        gettext_lazy("Reviewed; somebody else decides."),
    ),
    "approve": Doing(
        applications.application_approve, NothingAsked, (ApplicationState.REVIEWED,), gettext_lazy("Approve"), gettext_lazy("Approve"),
        gettext_lazy("Approved."),
        gettext_lazy("Grants what is computed, within limits and budget. The same topic is then closed to both provinces."),
    ),
    "refuse": Doing(
        applications.application_refuse, ReasonForm, (ApplicationState.REVIEWED,), gettext_lazy("Refuse"), gettext_lazy("Refuse"),
        gettext_lazy("Refused."), gettext_lazy("The enterprise may appeal to another office."), danger=True,
    ),
    "pay": Doing(
        applications.application_pay, OrderForm, (ApplicationState.APPROVED,), gettext_lazy("Record the payment"), gettext_lazy("Record"),
        gettext_lazy("Paid."),
    ),
    "appeal": Doing(
        appeals.appeal_file, GroundsForm, (ApplicationState.REFUSED,), gettext_lazy("Appeal"), gettext_lazy("Appeal"),
        gettext_lazy("The appeal was filed."),
    ),
    "withdraw": Doing(
        applications.application_withdraw, WithdrawForm, OPEN, gettext_lazy("Withdraw the application"), gettext_lazy("Withdraw"),
        gettext_lazy("Withdrawn."), danger=True,
    ),
}  # fmt: skip
COMMANDS = {"appeal": "policy.appeal.file"}


def command_named(act: str) -> str:
    """The command behind an act."""
    return COMMANDS.get(act, f"policy.application.{act}")


def office_only(request: HttpRequest) -> None:
    """Refuse (SignInNeeded, Forbidden) who acts for no office of government."""
    actor = actor_of(request)
    if actor.id is None:
        raise SignInNeeded
    if actor.grant_for(OFFICES, Where()) is None:
        raise Forbidden(needed=" / ".join(str(ROLE_NAMES[role]) for role in sorted(OFFICES)))


def desk(request: HttpRequest) -> HttpResponseBase:
    """What waits for the viewer's office, nearest deadline first, with appeals and budgets."""
    office_only(request)
    table = Table(QUEUE, selectors.queue(), request, name="queue", size=20)
    if file := table.export():
        return file
    catalogues = support.catalogue_list()
    return render(
        request,
        "policy/operations/desk.html",
        {
            "table": table,
            "load": selectors.load(today()),
            "today": today(),
            "appeals": list(selectors.appeals_waiting()),
            "budgets": [(budget, support.budget_label(budget, catalogues)) for budget in support.budget_list()],
            "catalogues": catalogues,
            "may_push": may(request, "policy.offers.push"),
            "pushes": list(support.pushes_last()),
        },
    )


def application(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One application: where it stands, until when, what it rests on, its way, and what can be done."""
    found = seen(request, selectors.application_detail(), public_id=public_id)
    appeal = getattr(found, "appeal", None)
    offered = [
        (name, doing)
        for name, doing in ACTS.items()
        if found.state in doing.states and may(request, command_named(name), application=found) and not (name == "appeal" and appeal)
    ]  # fmt: skip
    names = {item.code: item.name for item in found.item.catalogue.items.all()}
    awards = selectors.awards_of(found.organisation_id, found.year)
    decides = appeal is not None and appeal.state == "filed" and may(request, "policy.appeal.uphold", appeal=appeal)
    return render(
        request,
        "policy/operations/application.html",
        {
            "application": found,
            "steps": list(selectors.steps_of(found)),
            "overdue": found.overdue(today()),
            "provisional": found.due_on is not None and selectors.provisional(found.due_on),
            "awards": [(award, names.get(award.item_code, award.item_code)) for award in awards],
            "payment": getattr(found, "payment", None),
            "appeal": appeal,
            "offered": offered,
            "decides_appeal": decides,
            "subject": label_of(found),
            "own": may(request, "policy.application.withdraw", application=found),
            "knows_firm": may(request, "policy.profile.record", organisation=found.organisation),
        },
    )


def application_act(request: HttpRequest, public_id: UUID, act: str) -> HttpResponse:
    """One act on an application."""
    doing = ACTS[act]
    found = seen(request, Application.objects.select_related("item__catalogue", "organisation"), public_id=public_id)
    must(request, command_named(act), application=found)
    options: dict[str, Any] = {}
    if act == "supplement":
        read = profiles.asked_by(found.item.catalogue)
        options = {
            "facts": [fact for name, fact in read.items() if name in (*found.item.facts, "investment")],
            "choices": profiles.readable().choices,
            "initial": {"as_of": today()},
        }
    form = doing.form(*sent(request), **options)
    shown = Act(
        doing.title, doing.button, f"{found.organisation.name} · {found.item.name}", found.address, explain=doing.explain,
        danger=doing.danger, version=found.version, confirm=doing.title if doing.danger else "",
    )  # fmt: skip

    def run(ctx: Command, data: dict[str, Any]) -> Any:
        if isinstance(form, SupplementForm):
            data = {
                "note": data["note"], "declared": form.declared(), "as_of": data["as_of"], "evidence": form.evidence(),
            }  # fmt: skip
        return doing.service(ctx=ctx, application=found, **data)

    return acted(request, form, shown, run=run, done=doing.done, context={"application": found})


def appeal_decide(request: HttpRequest, public_id: UUID, change: bool) -> HttpResponse:
    """Uphold a refusal or change it."""
    related = Appeal.objects.select_related("application__item__catalogue", "application__organisation")
    found = seen(request, related, public_id=public_id)
    service = appeals.appeal_change if change else appeals.appeal_uphold
    must(request, "policy.appeal.uphold", appeal=found)
    act = Act(
        _("Change the refusal") if change else _("Uphold the refusal"), _("Grant it") if change else _("Uphold"),
        f"{found.application.organisation.name} · {found.application.item.name}", found.application.address,
        explain=found.grounds, version=found.version,
    )  # fmt: skip
    return acted(
        request, ReasonForm(*sent(request)), act, run=lambda ctx, data: service(ctx=ctx, appeal=found, **data),
        done=_("The appeal was decided."), context={"application": found.application},
    )  # fmt: skip


def offers_push(request: HttpRequest) -> HttpResponse:
    """Make offers to every enterprise whose profile meets an item's conditions."""
    must(request, "policy.offers.push")
    catalogue = next(iter(support.catalogue_list()), None)
    if catalogue is None:
        raise NotFound
    act = Act(
        _("Push offers"), _("Push offers"), str(wording.catalogue_name(catalogue.name)), reverse("policy:desk"),
        explain=_("Every profile is computed under the catalogue; each enterprise is offered its best set of items, and answers itself."),
    )  # fmt: skip

    def run(ctx: Command, data: dict[str, Any]) -> Any:
        return offering.offers_push(ctx=ctx, catalogue=catalogue, year=data["year"])

    return acted(
        request, PushForm(*sent(request), initial={"year": today().year}), act, run=run, done=_("The offers were made.")
    )
