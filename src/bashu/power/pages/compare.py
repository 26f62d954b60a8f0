"""Separate, joint, and with the ultra-high-voltage line: side by side."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bashu.kernel.web.table import Column, Table
from bashu.kernel.web.table import Kind as Cell
from bashu.kernel.web.templatetags.bashu import Bar
from bashu.power import wording
from bashu.power.engine.region import SIDES
from bashu.power.models import Configuration, DispatchRun
from bashu.power.pages.choosing import chosen, told
from bashu.power.pages.overview import ORDER

Read = Callable[[DispatchRun], float]
SHOWN = 1  # decimals of a figure on the page; the exact ones stand in the API


@require_safe
def compare(request: HttpRequest) -> HttpResponseBase:
    """A case's configurations in figures, with what each saves against acting apart."""
    found = chosen(request)
    context: dict[str, Any] = told(found)
    if found.runs:
        totals = Table(columns(found.runs), totals_of(found.runs), request, name="compare")
        made = Table(columns(found.runs), made_of(found.runs), request, name="generation", size=40)
        if file := totals.export() or made.export():
            return file
        context |= {
            "totals": totals,
            "made": made,
            "headline": headline(found.runs),
            "costs": [
                Bar(str(label_of(kind)), wording.million_yuan(run.objective_fen) or 0)
                for kind, run in found.runs.items()
            ],
            "tonnes": [Bar(str(label_of(kind)), wording.thousand(run.co2_t)) for kind, run in found.runs.items()],
        }
    return render(request, "power/compare.html", context)


def label_of(kind: str) -> Any:
    """What a configuration is called."""
    return Configuration(kind).label


def columns(runs: dict[str, DispatchRun]) -> list[Column]:
    """What is measured, each configuration, and the differences from the first."""
    first, *others = runs
    found = [Column("what", _("Measure")), Column("unit", _("Unit"))]
    found += [Column(kind, label_of(kind), kind=Cell.NUMBER) for kind in runs]
    return found + [
        Column(
            f"less_{kind}", _("{one} less {other}").format(one=label_of(kind), other=label_of(first)), kind=Cell.NUMBER
        )
        for kind in others
    ]


def row(what: str, unit: str, runs: dict[str, DispatchRun], read: Read) -> dict[str, Any]:
    """One measure over the configurations."""
    values = {kind: read(run) for kind, run in runs.items()}
    base = next(iter(values.values()))
    return {
        "what": what, "unit": unit, **{kind: round(value, SHOWN) for kind, value in values.items()},
        **{f"less_{kind}": round(value - base, SHOWN) + 0.0 for kind, value in values.items()},
    }  # fmt: skip


def totals_of(runs: dict[str, DispatchRun]) -> list[dict[str, Any]]:
    """Cost, unserved, curtailed, tonnes, exchange."""
    return [
        row(
            _("Cost of the horizon"),
            _("million yuan"),
            runs,
            lambda run: (run.objective_fen or 0) / wording.MILLION_YUAN_FEN,
        ),
        row(_("Unserved load"), _("GWh"), runs, lambda run: wording.thousand(run.unserved_mwh)),
        row(_("Curtailed water, wind and sun"), _("GWh"), runs, lambda run: wording.thousand(run.curtailed_mwh)),
        row(_("Carbon dioxide"), _("kt"), runs, lambda run: wording.thousand(run.co2_t)),
        row(_("Exchanged between the provinces"), _("GWh"), runs, lambda run: wording.thousand(run.exchanged_mwh)),
    ]


def made_of(runs: dict[str, DispatchRun]) -> list[dict[str, Any]]:
    """Each province's balance: what it made by technology, received and sent, its load."""
    found = []
    for side in SIDES:
        for key in ORDER:
            if any(run.figures[side]["generation"].get(key) for run in runs.values()):
                found.append(
                    row(
                        wording.of_side(side, wording.TECHNOLOGIES[key]),
                        _("GWh"),
                        runs,
                        figure(side, "generation", key),
                    )
                )
        words = {
            "received": _("received from the other"), "sent": _("sent to the other"), "curtailed": _("curtailed"),
            "unserved": _("unserved"), "load": _("load"),
        }  # fmt: skip
        found += [row(wording.of_side(side, word), _("GWh"), runs, figure(side, what)) for what, word in words.items()]
    return found


def figure(side: str, *path: str) -> Read:
    """A province's figure of a run, in thousands."""

    def read(run: DispatchRun) -> float:
        value = run.figures[side]
        for part in path:
            value = value.get(part, 0)
        return wording.thousand(value)

    return read


def headline(runs: dict[str, DispatchRun]) -> list[dict[str, Any]]:
    """What joint dispatch and the line save against acting apart."""
    first, *others = runs.values()
    return [
        {
            "label": label_of(run.configuration),
            "money": wording.million_yuan((first.objective_fen or 0) - (run.objective_fen or 0)),
            "unserved": wording.thousand((first.unserved_mwh or 0) - (run.unserved_mwh or 0)),
            "curtailed": wording.thousand((first.curtailed_mwh or 0) - (run.curtailed_mwh or 0)),
            "tonnes": wording.thousand((first.co2_t or 0) - (run.co2_t or 0)),
        }
        for run in others
    ]
