"""Hour by hour: what runs where, what power costs, what flows over the lines."""

from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from bashu.kernel.errors import NotFound
from bashu.kernel.places import selectors as places
from bashu.kernel.places.models import PREFECTURES, Kind
from bashu.kernel.web import clock
from bashu.kernel.web.acting import may
from bashu.kernel.web.requests import seen
from bashu.kernel.web.table import Column, Table
from bashu.kernel.web.table import Kind as Cell
from bashu.power import wording
from bashu.power.engine.hours import Hours
from bashu.power.engine.region import SIDES
from bashu.power.formats.region import region_facts
from bashu.power.models import Case, Configuration, DispatchRun, GameResult, Status, TreeResult
from bashu.power.pages.choosing import chosen, identifier, jobs_of, told
from bashu.power.selectors import dispatch as selectors

LONG = 1000  # snapshots beyond which a page shows daily means
DAY = 24
AREAS = (Kind.MUNICIPALITY, *PREFECTURES)
TONES = {"CQ": 2, "SC": 1}
CENTRE = {"SC": "SC-C", "CQ": "CQ-U"}  # the zone whose price stands for its province in the table
ORDER = ("hydro", "coal", "gas", "wind", "solar", "purchase", "demand response")


class Shown(NamedTuple):
    """A run's series as a page shows them: every snapshot, or means of a day."""

    labels: list[str]
    hours: Hours
    grain: int


@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """One run of one case, hour by hour."""
    found = chosen(request)
    run = found.run
    if wanted := identifier(request, "run"):
        run = next((one for one in found.runs.values() if one.public_id == wanted), None)
        if run is None:
            raise NotFound
    context: dict[str, Any] = {
        **told(found),
        "run": run,
        "runs": [(Configuration(kind).label, one, one == run) for kind, one in found.runs.items()],
        "waiting": jobs_of(request, asked_of(found.case)) if found.case else [],
        "may_start": may(request, "power.case.create"),
        "may_publish": bool(found.case and found.case.published_at is None and found.runs)
        and may(request, "power.case.publish", case=found.case),
    }
    if run is not None:
        shown = shown_of(run)
        table = Table(columns(), rows(shown), request, name="hours", size=DAY)
        if file := table.export():
            return file
        context |= {
            "table": table,
            "grain": shown.grain,
            "last": len(shown.labels) - 1,
            "labels": shown.labels,
            "line_kinds": wording.LINE_KINDS.items(),
            "map": map_of(),
            "tiles": tiles_of(run),
            "way": way_of(run),
        }
    return render(request, "power/overview.html", context)


def asked_of(case: Case) -> list[tuple[DispatchRun | GameResult | TreeResult, str]]:
    """Dispatches and divisions of a case that have no answer yet, by what they are called."""
    runs = selectors.run_list(case=case).filter(status=Status.ASKED)
    games = selectors.game_list(case=case).filter(status=Status.ASKED)
    return [
        *((run, run.get_configuration_display()) for run in runs),
        *((game, _("Division of the gain")) for game in games),
    ]


def way_of(run: DispatchRun) -> str:
    """How a long horizon was solved, in words; empty for a short one."""
    if not run.way:
        return ""
    if run.way["taken"] == "stitched":
        return _("Solved by {pieces} pieces of days whose bases start the whole horizon; its optimum is exact.").format(
            pieces=run.way["pieces"]
        )
    return _("Solved whole, because {why}.").format(why=wording.WHOLE.get(run.way["why"], wording.COARSE))


def tiles_of(run: DispatchRun) -> list[tuple[str, float | None, str]]:
    """A run's figures at a glance: label, value, unit."""
    return [
        (_("Cost of the horizon"), wording.million_yuan(run.objective_fen), _("million yuan")),
        (_("Unserved load"), wording.thousand(run.unserved_mwh), _("GWh")),
        (_("Curtailed water, wind and sun"), wording.thousand(run.curtailed_mwh), _("GWh")),
        (_("Exchanged between the provinces"), wording.thousand(run.exchanged_mwh), _("GWh")),
        (_("Carbon dioxide"), wording.thousand(run.co2_t), _("kt")),
    ]


@require_safe
def run_hours(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The hours of a run as the page's scripts read them. They never change, so that a browser keeps them."""
    run = seen(request, selectors.run_list().filter(status=Status.OPTIMAL), public_id=public_id)
    shown = shown_of(run)
    response = JsonResponse(
        {
            "labels": shown.labels,
            "sides": {side: stack_of(shown.hours, side) for side in SIDES},
            "price": {
                zone: rounded(series, 1) for (kind, zone, _what), series in shown.hours.items() if kind == "price"
            },
            "flow": {line: rounded(series) for (kind, line, _what), series in shown.hours.items() if kind == "flow"},
            "zones": zones_of(),
            "lines": lines_of(),
        }
    )
    response["Cache-Control"] = "private, max-age=3600"
    return response


def shown_of(run: DispatchRun) -> Shown:
    """Every snapshot of a run, or daily means of a long one."""
    labels, hours = selectors.hours_of(run)
    step = run.case.step
    if len(labels) <= LONG:
        return Shown([label[:16] for label in labels], hours, step)
    size = DAY // step
    days = len(labels) // size
    means = {key: series[: days * size].reshape(days, size).mean(axis=1) for key, series in hours.items()}
    return Shown([labels[i * size][:10] for i in range(days)], means, DAY)


def rounded(series: np.ndarray, digits: int = 0) -> list[float]:
    """A series as JSON holds it, short; no minus zero."""
    return list((np.round(series.astype(float), digits) + 0.0).tolist())


def stack_of(hours: Hours, side: str) -> dict[str, Any]:
    """A province's generation by technology, what came in and went out, its load and what went unserved, MW."""
    layers = [
        {"key": key, "name": str(wording.TECHNOLOGIES[key]), "values": rounded(total(hours, "generation", side, key))}
        for key in ORDER
    ]
    net = imported(hours, side)
    layers += [
        {"key": "in", "name": _("Brought in"), "values": rounded(np.maximum(net, 0))},
        {"key": "unserved", "name": _("Unserved"), "values": rounded(total(hours, "unserved", side))},
        {"key": "out", "name": _("Sent out"), "values": rounded(np.minimum(net, 0))},
    ]
    layers = [layer for layer in layers if any(layer["values"])]
    return {"layers": layers, "load": rounded(total(hours, "load", side)), "load_name": _("Electric load")}


def total(hours: Hours, kind: str, side: str, what: str | None = None) -> np.ndarray:
    """The sum of a side's series of one kind, and of one subject when it is named."""
    mine = {zone.id for zone in region_facts().zones if zone.side == side and zone.kind == "zone"}
    found = [
        series
        for (of, place, subject), series in hours.items()
        if of == kind and place in mine and what in (None, subject)
    ]
    return np.sum(found, axis=0) if found else np.zeros(1)


def imported(hours: Hours, side: str) -> np.ndarray:
    """What arrives in a province less what leaves it, MW, over every line that crosses its border."""
    mine = {zone.id for zone in region_facts().zones if zone.side == side and zone.kind == "zone"}
    net = np.zeros(len(next(iter(hours.values()))))
    for line in region_facts().lines:
        inside = (line.zone0 in mine, line.zone1 in mine)
        if inside[0] != inside[1]:
            flow, kept = hours["flow", line.id, line.kind], 1 - float(line.loss)
            there, back = np.maximum(flow, 0), np.maximum(-flow, 0)
            net = net + (there * kept - back if inside[1] else back * kept - there)
    return net


def zones_of() -> dict[str, Any]:
    """Places for the map."""
    return {
        zone.id: {"name": wording.name_of(zone), "at": [float(zone.lon), float(zone.lat)], "side": zone.side}
        for zone in region_facts().zones
    }


def lines_of() -> dict[str, Any]:
    """Lines for the map."""
    return {
        line.id: {"name": wording.name_of(line), "ends": [line.zone0, line.zone1], "kind": line.kind, "mw": line.mw}
        for line in region_facts().lines
    }


def map_of() -> dict[str, Any]:
    """The schematic map of both provinces, each in its colour, as the kernel's map module reads it."""
    areas = places.division_list(as_of=clock.now().date(), kinds=AREAS)
    regions = [
        {"code": area.code, "name": area.name_zh if wording.chinese() else area.name_en, "value": None, "status": "",
         "tone": TONES[area.jurisdiction], "url": ""}
        for area in areas
    ]  # fmt: skip
    address = reverse("api:boundaries", kwargs={"level": "prefectures"})
    return {
        "boundaries": address,
        "layer": "",
        "code": "code",
        "regions": regions,
        "spots": [],
        "unit": "",
        "words": {},
    }


def columns() -> list[Column]:
    """The columns of the hours' table."""
    number = Cell.NUMBER
    found = [Column("at", gettext_lazy("Time"), kind=Cell.DATE, search=True)]
    for side in SIDES:
        name = str(wording.SIDES[side])
        found += [Column(f"{side}.load", _("{side}: load, MW").format(side=name), kind=number)]
        found += [
            Column(
                f"{side}.{key}",
                _("{side}: {technology}, MW").format(side=name, technology=wording.TECHNOLOGIES[key]),
                kind=number,
            )
            for key in ORDER
        ]
        found += [
            Column(f"{side}.net", _("{side}: brought in less sent out, MW").format(side=name), kind=number),
            Column(f"{side}.unserved", _("{side}: unserved, MW").format(side=name), kind=number),
            Column(f"{side}.price", _("{side}: price, yuan/MWh").format(side=name), kind=number),
        ]
    return found


def rows(shown: Shown) -> list[dict[str, Any]]:
    """The rows of the hours' table."""
    count = len(shown.labels)
    series: dict[str, dict[str, list[float]]] = {}
    for side in SIDES:
        made = {key: rounded(np.broadcast_to(total(shown.hours, "generation", side, key), count)) for key in ORDER}
        series[side] = {
            "load": rounded(total(shown.hours, "load", side)), **made, "net": rounded(imported(shown.hours, side)),
            "unserved": rounded(total(shown.hours, "unserved", side)),
            "price": rounded(shown.hours["price", CENTRE[side], ""], 1),
        }  # fmt: skip
    return [
        {"at": label, **{side: {name: values[i] for name, values in found.items()} for side, found in series.items()}}
        for i, label in enumerate(shown.labels)
    ]
