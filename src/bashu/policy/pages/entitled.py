"""“What can I get”: five questions, the best set over both provinces with its proof, and levies at the lower of two."""

import json
from datetime import date
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bashu.kernel.web import clock
from bashu.kernel.web.templatetags.bashu import Bar
from bashu.policy import rule_words
from bashu.policy.engine.support import Support
from bashu.policy.formats.catalogue import read_projects
from bashu.policy.formats.entities import read_entities
from bashu.policy.results import choice_results, levy_results
from bashu.policy.rule_forms import QuestionsForm
from bashu.policy.selectors import library

ME = "me"
EXAMPLE = "?investment=50000000&research_spending=12000000&hired_doctors=12&equipment=30000000&disturbed_area=10000"


class Chosen(NamedTuple):
    """An item of the best set."""

    item: Support
    fen: int


class Left(NamedTuple):
    """An item that is not in the best set: why, and the best total with it."""

    item: Support
    why: str
    best_with: int | None
    could_reach: int | None


def entitled(request: HttpRequest) -> HttpResponse:
    """The questions, and once they are answered, the answers: nothing is kept."""
    form = QuestionsForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "example": EXAMPLE}
    if not (form.is_bound and form.is_valid()):
        return render(request, "policy/entitled.html", context, status=422 if form.is_bound else 200)
    today = clock.today()
    told = {key: str(value) for key, value in form.cleaned_data.items() if value is not None}
    context |= {"choice": chosen(told, today), "levies": levies(told, today), "today": today}
    return render(request, "policy/entitled.html", context)


def chosen(told: dict[str, str], today: date) -> dict[str, Any]:
    """The best set of the catalogue's items for the answers, ranked by amount."""
    offers = library.offers()
    project = {key: value for key, value in told.items() if key != "disturbed_area"}
    found = next(
        choice_results(offers, read_projects([json.dumps({"id": ME, **project})], offers, today, _("your answers")))
    )
    items = {item.id: item for item in offers.items}
    ranked = sorted(found["amounts_fen"].items(), key=lambda pair: -pair[1])
    alone = {"CQ": found["cq_only_fen"], "SC": found["sc_only_fen"]}
    best = max(alone.values())
    return {
        "total": found["total_fen"],
        "chosen": [Chosen(items[name], fen) for name, fen in ranked],
        "capped": sum(fen for _name, fen in ranked) > found["total_fen"],
        "sum": sum(fen for _name, fen in ranked),
        "left": [left(row, items) for row in found["rejected"]],
        "cq_only": alone["CQ"],
        "sc_only": alone["SC"],
        "gain": found["total_fen"] - best,
        "proven": found["proven"],
        "bound": found["bound_fen"],
        "bars": [
            Bar(_("Chongqing's items only"), rule_words.yuan(alone["CQ"])),
            Bar(_("Sichuan's items only"), rule_words.yuan(alone["SC"])),
            Bar(_("Best of both"), rule_words.yuan(found["total_fen"])),
        ],
    }


def left(row: dict[str, Any], items: dict[str, Support]) -> Left:
    """An item left out, with its reason in words."""
    rules = library.offers().rules
    called = [
        rule_words.named(items[name].label if name in items else rules.facts[name].label) for name in row["because"]
    ]
    why = str(rule_words.REASONS[row["reason"]]).format(because=_(", ").join(called))
    return Left(items[row["item"]], why, row["best_with_fen"], row.get("could_reach_fen"))


def levies(told: dict[str, str], today: date) -> dict[str, Any]:
    """Levies that the answers decide, at the lower of both provinces, and how many wait for other facts."""
    period = str(today.year)
    compiled = library.compiled(period)
    facts = {"disturbed_area": told["disturbed_area"]} if "disturbed_area" in told else {}
    lines = [json.dumps({"id": ME, **library.entity_of(facts, today)})]
    results = list(levy_results(compiled, read_entities(lines, compiled.rules, _("your answers")).population))
    own = [row for row in results if row["comparand"]]
    decided = [
        {**row, "label": compiled.rules.levies[row["item"]].label} for row in own if row["payable_fen"] is not None
    ]
    return {
        "decided": decided,
        "waiting": len(own) - len(decided),
        "saving": sum(row["saving_fen"] for row in decided),
        "period": period,
    }
