"""An enterprise's profile: what is known of it and from where, its tables of rows, and what it pays as the profile stands."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.actor import OFFICES, Where
from bashu.kernel.commands.command import Command
from bashu.kernel.parties.models import Organisation
from bashu.kernel.web.acting import Act, acted, may, must, sent
from bashu.kernel.web.clock import today
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.table import Column, Kind, Table
from bashu.policy import rule_words, wording
from bashu.policy.engine.rules import Table as RowsTable
from bashu.policy.formats.yaml_lines import FileFaults
from bashu.policy.models import ProfileFact
from bashu.policy.pages.desk import office_only
from bashu.policy.pages.forms import FactsForm, NothingAsked, TableForm
from bashu.policy.selectors import library, profiles
from bashu.policy.services.profiles import profile_record, profile_refresh

SHOWN = 20  # rows of a table; the rest are counted


class Line(NamedTuple):
    """A fact with what it is called."""

    label: str
    row: ProfileFact


class Rows(NamedTuple):
    """A table of a profile: its name, its columns' names, and its first rows in words."""

    label: str
    told: ProfileFact
    heading: list[str]
    cells: list[list[Any]]
    more: int


def back_to(firm: Organisation) -> str:
    """The profile's page."""
    return reverse("policy:profile", args=[firm.public_id])


PROFILES = [
    Column("name_zh", gettext_lazy("Enterprise"), search=True, value=lambda firm: firm.name, link=back_to),
    Column("jurisdiction", gettext_lazy("Province"), value=lambda firm: str(wording.SIDES.get(firm.jurisdiction, firm.jurisdiction))),
    Column("credit_code", gettext_lazy("Unified social credit code"), search=True),
    Column("facts", gettext_lazy("Facts known"), Kind.NUMBER),
    Column("latest", gettext_lazy("Latest as of"), Kind.DATE),
]  # fmt: skip


def profile_list(request: HttpRequest) -> HttpResponseBase:
    """The enterprises whose profile an office may see: its side's, all for the joint office."""
    office_only(request)
    table = Table(PROFILES, profiles.profiled_list(), request, name="profiles", sort="name_zh")
    return table.export() or render(request, "policy/operations/profiles.html", {"table": table})


def profile(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is known of an enterprise, each fact with its origin, what it pays, and all that was known before."""
    firm = seen(request, Organisation, public_id=public_id)
    must(request, "policy.profile.record", organisation=firm)
    known = profiles.readable()
    facts, tables = known.facts, known.tables

    def line(row: ProfileFact) -> Line:
        called = wording.label(tables[row.fact].label) if row.fact in tables else None
        return Line(called or wording.fact_label(facts.get(row.fact), row.fact), row)

    history = [line(row) for row in profiles.profile_history(firm.public_id)]
    current = [one for one in history if one.row.superseded_at is None]
    return render(
        request,
        "policy/operations/profile.html",
        {
            "firm": firm,
            "for_office": actor_of(request).grant_for(OFFICES, Where()) is not None,
            "current": [one for one in current if one.row.fact not in tables],
            "tables": [
                rows_of(one, tables[one.row.fact]) for one in current if one.row.fact in tables and one.row.value
            ],
            "none_of": [one.label for one in current if one.row.fact in tables and not one.row.value],
            "earlier": [one for one in history if one.row.superseded_at is not None],
            "may_refresh": may(request, "policy.profile.refresh", organisation=firm),
            **levies_shown(firm.public_id, {one.row.fact: one.row for one in current}),
        },
    )


def rows_of(line: Line, table: RowsTable) -> Rows:
    """A table's first rows, by the columns that any row tells."""
    told = [row for row in line.row.value if isinstance(row, dict)]
    columns = [fact for name, fact in table.facts.items() if any(name in row for row in told)]
    cells = [[in_words(row.get(fact.id, "")) for fact in columns] for row in told]
    heading = [wording.fact_label(fact, fact.id) for fact in columns]
    return Rows(line.label, line.row, heading, cells[:SHOWN], max(0, len(told) - SHOWN))


def in_words(cell: Any) -> Any:
    """A cell as people read it: the words of choices are spoken."""
    return rule_words.CHOICES.get(cell, cell) if isinstance(cell, str) else cell


def levies_shown(firm: UUID, facts: Mapping[str, ProfileFact]) -> dict[str, Any]:
    """What the enterprise pays this year, levy by levy, and which levies wait for which facts."""
    period = str(today().year)
    rules = library.shipped()
    try:
        results = profiles.levies_of({firm: facts}, period, why=True)
    except FileFaults as faults:  # a profile recorded under older rules
        return {"period": period, "unreadable": faults.faults[0]}
    named = {name: thing.label for things in (rules.facts, rules.tables) for name, thing in things.items()}
    decided, waiting = [], []
    for row in results:
        row["label"] = rules.levies[row["item"]].label
        if row["payable_fen"] is not None:
            decided.append(row)
        elif row["cq_fen"] is None and row["missing"]:
            asked = dict.fromkeys(name.partition(".")[0].partition(" ")[0] for name in row["missing"])
            row["asked"] = [wording.label(named[name]) if name in named else name for name in asked]
            waiting.append(row)
    return {
        "period": period,
        "decided": decided,
        "waiting": waiting,
        "payable": sum(row["payable_fen"] for row in decided),
        "saving": sum(row["saving_fen"] for row in decided),
    }


def profile_add(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Record facts of an enterprise."""
    firm = seen(request, Organisation, public_id=public_id)
    must(request, "policy.profile.record", organisation=firm)
    known = profiles.readable()
    own = [fact for name, fact in known.facts.items() if name not in profiles.FROM_RECORDS]
    form = FactsForm(*sent(request), facts=own, choices=known.choices, initial={"as_of": today()})
    act = Act(
        _("Record facts"), _("Record"), firm.name, back_to(firm),
        explain=_("Leave empty what you do not know. Later values take the place of earlier ones; none is lost."),
    )  # fmt: skip

    def run(ctx: Command, data: dict[str, Any]) -> Organisation:
        return profile_record(
            ctx=ctx, organisation=firm, facts=form.declared(), as_of=data["as_of"], evidence=form.evidence()
        )

    return acted(request, form, act, run=run, done=_("The facts were recorded."))


def profile_table(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Record the rows of one table of an enterprise."""
    firm = seen(request, Organisation, public_id=public_id)
    must(request, "policy.profile.record", organisation=firm)
    tables = profiles.readable().tables
    form = TableForm(*sent(request), tables=tables, initial={"as_of": today()})
    act = Act(
        _("Record a table"), _("Record"), firm.name, back_to(firm),
        explain=_("The file's rows take the place of all rows of that table; the earlier ones stay in the history."),
    )  # fmt: skip

    def run(ctx: Command, data: dict[str, Any]) -> Organisation:
        name = data["table"]
        return profile_record(
            ctx=ctx, organisation=firm, facts={name: data["rows"]}, as_of=data["as_of"], evidence={name: data["digest"]}
        )

    return acted(request, form, act, run=run, done=_("The rows were recorded."), context={"tables": tables.values()})


def profile_take(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take into the profile what other systems' records tell."""
    firm = seen(request, Organisation, public_id=public_id)
    must(request, "policy.profile.refresh", organisation=firm)
    act = Act(
        _("Take over from records"), _("Take over"), firm.name, back_to(firm),
        explain=_(
            "Consignments delivered and green certificates retired in the last twelve months, and the registration."
            " It happens by itself once a day."
        ),
    )  # fmt: skip
    return acted(
        request, NothingAsked(*sent(request)), act, run=lambda ctx, _data: profile_refresh(ctx=ctx, organisation=firm),
        to=lambda _changed: back_to(firm), done=_("The profile is as the records are."),
    )  # fmt: skip
