"""What happened, in words, from the journal's public entries."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.journal.models import Entry
from bashu.kernel.web import clock
from bashu.programme import selectors, wording
from bashu.programme.models import PlanItemState, Target, Task, TaskState
from bashu.programme.pages import days

SHOWN = 500
SENTENCES: Mapping[str, str | Promise] = {
    "programme.reading.confirm": gettext_lazy("confirmed {value} for {side}, period to {end}"),
    "programme.reading.withdraw": gettext_lazy("withdrew {value} for {side}, period to {end}: {reason}"),
    "programme.task.set_state": gettext_lazy("now {state}: {note}"),
    "programme.task.set_investment": gettext_lazy("total investment recorded: {investment}"),
    "programme.milestone.add": gettext_lazy("milestone set, due {due}: {name}"),
    "programme.milestone.meet": gettext_lazy("milestone met on {met_on}"),
    "programme.blocker.raise": gettext_lazy("a blocking issue was raised: {description}"),
    "programme.blocker.resolve": gettext_lazy("a blocking issue was resolved: {resolution}"),
    "programme.plan.open": gettext_lazy("the plan of {year} was opened"),
    "programme.plan.add_item": gettext_lazy("taken into the plan of {year}"),
    "programme.plan.decide_item": gettext_lazy("in the year's plan: {decision}. {reason}"),
    "programme.plan.close": gettext_lazy("the plan of {year} was closed: {summary}"),
}


class Change(NamedTuple):
    """One change as it is told: what it is about and where that stands, what happened, who and when, its entry."""

    about: str
    url: str
    sentence: str
    organisation: str
    at: datetime
    entry: str
    sealed: int | None


def told(entries: Iterable[Entry]) -> list[Change]:
    """Entries in words. Tasks and targets are looked up in a fixed number of queries."""
    entries = list(entries)
    if not entries:
        return []
    tasks = selectors.names_of(entries)
    targets = {target.code: target for target in Target.objects.all()}
    return [tell(entry, tasks, targets) for entry in entries]


def tell(entry: Entry, tasks: Mapping[str, Task], targets: Mapping[str, Target]) -> Change:
    """One entry in words. An erased body leaves the kind of act alone."""
    body = getattr(entry, "body", None)
    after = (orjson.loads(body.content) if body and body.content else {}).get("after") or {}
    target, task = targets.get(after.get("target", "")), tasks.get(entry.subject)
    about, url = about_of(target, task)
    sentence = SENTENCES.get(entry.kind, entry.kind)
    leaf = getattr(entry, "leaf", None)
    return Change(
        about, url, str(sentence).format_map(Blank(said(after, target))), entry.organisation_name,
        datetime.fromisoformat(entry.time), str(entry.id), leaf.sequence if leaf else None,
    )  # fmt: skip


class Blank(dict[str, str]):
    """Words of a sentence; one that an erased body took away is a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def about_of(target: Target | None, task: Task | None) -> tuple[str, str]:
    """What an entry is about, and the address of its page."""
    if target:
        return target.name, reverse("programme:target", args=[target.code])
    if task:
        return task.name, reverse("programme:task", args=[task.code])
    return _("Yearly plan"), reverse("programme:plans")


def said(after: Mapping[str, Any], target: Target | None) -> dict[str, str]:
    """The body's values as words of a sentence."""
    words = {key: str(value) for key, value in after.items() if isinstance(value, str | int)}
    words["side"] = str(wording.JURISDICTIONS.get(after.get("jurisdiction", ""), ""))
    words["end"] = str((after.get("period") or ["", ""])[1])
    words["value"] = value_of(after, target)
    if "investment_fen" in after:
        words["investment"] = str(wording.amount(Decimal(after["investment_fen"]) / 100, wording.YUAN))
    if after.get("state") in TaskState.values:
        words["state"] = str(TaskState(after["state"]).label)
    if after.get("state") in PlanItemState.values:
        words["decision"] = str(PlanItemState(after["state"]).label)
    return words


def value_of(after: Mapping[str, Any], target: Target | None) -> str:
    """A reading's value in words."""
    if after.get("achieved") is not None:
        return _("achieved") if after["achieved"] else _("not achieved")
    if after.get("value") is None:
        return "—"
    value = Decimal(str(after["value"]))
    if target is None or target.kind == "growth":
        return wording.grouped(value)
    return str(wording.amount(value, target.unit, target.unit_en))


def changes(request: HttpRequest) -> HttpResponse:
    """What happened in one month."""
    month = days.month_of(request)
    since, until = selectors.month_span(month)
    entries = list(selectors.changes(since=since, until=until, limit=SHOWN + 1))
    return render(
        request,
        "programme/changes.html",
        {
            "month": month,
            "previous": (month - timedelta(days=1)).replace(day=1),
            "following": following(month),
            "by_day": by_day(told(entries[:SHOWN])),
            "number": min(len(entries), SHOWN),
            "cut": len(entries) > SHOWN,
        },
    )


def following(month: date) -> date | None:
    """The first day of the next month, None when that lies ahead."""
    found = (month + timedelta(days=32)).replace(day=1)
    return found if found <= clock.today() else None


def by_day(told_changes: Iterable[Change]) -> list[tuple[date, list[Change]]]:
    """Changes under their day, newest first."""
    found: dict[date, list[Change]] = {}
    for change in told_changes:
        found.setdefault(selectors.local_day(change.at), []).append(change)
    return list(found.items())
