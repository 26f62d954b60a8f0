"""The scenario tree of a case: every season, with the ultra-high-voltage line in service and out, and what is to be expected."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bashu.kernel.errors import NotFound
from bashu.kernel.web.acting import Act, acted, may, must, sent
from bashu.kernel.web.requests import seen
from bashu.kernel.web.table import Column, Table
from bashu.kernel.web.table import Kind as Cell
from bashu.kernel.web.templatetags.bashu import Bar
from bashu.power import wording
from bashu.power.forms import TreeForm
from bashu.power.models import Case, Configuration, DispatchRun, Season, Status, TreeResult
from bashu.power.pages.choosing import chosen, identifier, jobs_of, told
from bashu.power.selectors import trees as selectors
from bashu.power.services import dispatch as services


@require_safe
def trees(request: HttpRequest) -> HttpResponseBase:
    """One tree of a case: its leaves, and the means by their probabilities."""
    found = chosen(request)
    kept = list(selectors.tree_list(case=found.case)) if found.case else []
    solved = [tree for tree in kept if tree.leaves]
    tree = picked(request, solved)
    context: dict[str, Any] = told(found) | {
        "tree": tree,
        "trees": [(one, title_of(one), one == tree) for one in solved],
        "waiting": jobs_of(request, [(one, title_of(one)) for one in kept if one.status == Status.ASKED]),
        "may_start": found.case is not None and may(request, "power.tree.start", case=found.case),
    }
    if tree is not None:
        table = Table(columns(), rows(tree, found.runs), request, name="leaves")
        if file := table.export():
            return file
        context |= {"table": table, "tiles": tiles_of(tree), "bars": bars_of(tree)}
    return render(request, "power/trees.html", context)


def picked(request: HttpRequest, solved: list[TreeResult]) -> TreeResult | None:
    """The tree that the query string names, if it has leaves yet, else the newest one."""
    wanted = identifier(request, "tree")
    if wanted and not selectors.tree_list().filter(public_id=wanted).exists():
        raise NotFound
    return next((tree for tree in solved if tree.public_id == wanted), next(iter(solved), None))


def title_of(tree: TreeResult) -> str:
    """A tree by the chances that its asker assumes."""
    seasons = " · ".join(f"{Season(name).label} {chance} %" for name, chance in tree.chances.items())
    return _("{seasons}; line out {out} %").format(seasons=seasons, out=tree.out_percent)


def line_state(configuration: str) -> str:
    """Whether the ultra-high-voltage line is there."""
    return _("in service") if configuration == Configuration.UHV else _("out of service")


def columns() -> list[Column]:
    """A leaf, its probability, its figures, and the run that is the same dispatch."""
    number = Cell.NUMBER
    return [
        Column("season", _("What the rivers bring")),
        Column("line", _("Ultra-high-voltage line")),
        Column("probability", _("Probability, %"), kind=number),
        Column("cost", _("Cost, million yuan"), kind=number),
        Column("unserved", _("Unserved, GWh"), kind=number),
        Column("curtailed", _("Curtailed, GWh"), kind=number),
        Column("co2", _("Carbon dioxide, kt"), kind=number),
        Column("run", _("Hour by hour"), link="url", sort=False),
    ]


def rows(tree: TreeResult, runs: dict[str, DispatchRun]) -> list[dict[str, Any]]:
    """A row a leaf; without an optimum its status stands instead of figures. A leaf of the case's own season leads to its run."""
    found = []
    for leaf in tree.leaves:
        solved = leaf["status"] == Status.OPTIMAL
        run = runs.get(leaf["configuration"]) if leaf["season"] == tree.case.season else None
        figures = {
            "cost": wording.million_yuan(leaf["objective_fen"]), "unserved": thousand(leaf["unserved_mwh"]),
            "curtailed": thousand(leaf["curtailed_mwh"]), "co2": thousand(leaf["co2_t"]),
        }  # fmt: skip
        found.append({
            "season": str(Season(leaf["season"]).label), "line": line_state(leaf["configuration"]),
            "probability": float(100 * Decimal(leaf["probability"])), **figures,
            "run": (_("this run") if run else "") if solved else str(Status.FAILED.label),
            "url": run.get_absolute_url() if run else "",
        })  # fmt: skip
    return found


def thousand(text: str | None) -> float | None:
    """A leaf's figure in thousands; None without an optimum."""
    return None if text is None else wording.thousand(Decimal(text))


def tiles_of(tree: TreeResult) -> list[tuple[str, float | None, str]]:
    """What is to be expected: label, value, unit; nothing where a leaf has no optimum."""
    mean = selectors.expected_of(tree)
    if mean is None:
        return []
    return [
        (_("Expected cost"), wording.million_yuan(int(mean["objective_fen"])), _("million yuan")),
        (_("Expected unserved load"), wording.thousand(mean["unserved_mwh"]), _("GWh")),
        (_("Expected curtailment"), wording.thousand(mean["curtailed_mwh"]), _("GWh")),
        (_("Expected carbon dioxide"), wording.thousand(mean["co2_t"]), _("kt")),
    ]


def bars_of(tree: TreeResult) -> list[Bar]:
    """The cost of each solved leaf."""
    return [
        Bar(
            f"{Season(leaf['season']).label} · {line_state(leaf['configuration'])}",
            wording.million_yuan(leaf["objective_fen"]) or 0,
        )
        for leaf in tree.leaves
        if leaf["objective_fen"] is not None
    ]


def tree_start(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask for a tree of a case."""
    case = seen(request, Case, public_id=public_id)
    must(request, "power.tree.start", case=case)
    act = Act(
        title=_("Solve a scenario tree"), button=_("Solve the tree"), about=wording.name_of(case), over=_("Scenario tree"),
        back=f"{reverse('power:trees')}?case={case.public_id}",
        explain=_(
            "The same hours in a wet, a normal and a drought season, each with the ultra-high-voltage line in service and out: six "
            "dispatches by a worker. The probabilities are your assumption and stand beside every expected value."
        ),
    )  # fmt: skip

    def run(ctx: Any, data: dict[str, Any]) -> TreeResult:
        out = data.pop("out_percent")
        return services.tree_start(ctx=ctx, case=case, chances=data, out_percent=out)

    return acted(
        request,
        TreeForm(sent(request)[0]),
        act,
        run=run,
        done=_("The tree is being solved; this page follows it."),
        to=TreeResult.get_absolute_url,
    )
