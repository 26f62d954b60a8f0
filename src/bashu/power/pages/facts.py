"""What is known of the two grids, what is assumed, and where each number was read."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bashu.kernel.cited import FactStatus
from bashu.kernel.web.table import Column, Table
from bashu.kernel.web.table import Kind as Cell
from bashu.power import wording
from bashu.power.formats.region import Cited, region_facts

Read = Callable[[Any], Any]
DOZEN = 12


@require_safe
def facts(request: HttpRequest) -> HttpResponseBase:
    """Every shipped fact of the region with its source and status."""
    known = region_facts()
    zones = wording.zone_names()

    def table(name: str, rows: Sequence[Cited], columns: Sequence[tuple[str, str, Read, Cell]]) -> Table:
        own = [Column(key, label, kind=kind, value=read) for key, label, read, kind in columns]
        return Table([*own, *cited()], rows, request, name=name, size=DOZEN)

    text, number = Cell.TEXT, Cell.NUMBER
    technology = ("technology", _("Technology"), lambda row: str(wording.TECHNOLOGIES[row.technology]), text)
    side = ("side", _("Side"), lambda row: str(wording.SIDES.get(row.side, zones.get(row.side, row.side))), text)
    named = ("name", _("Name"), wording.name_of, text)
    tables = [
        (_("Fleets"), table("fleet", known.fleet, [side, technology, ("mw", _("MW"), lambda row: row.mw, number)])),
        (_("Ties and lines"), table("ties", known.lines, [
            named, ("kind", _("Kind"), lambda row: str(wording.LINE_KINDS[row.kind]), text),
            ("from", _("Line from"), lambda row: zones[row.zone0], text), ("to", _("Line to"), lambda row: zones[row.zone1], text),
            ("mw", _("MW"), lambda row: row.mw, number), ("loss", _("Loss, %"), lambda row: row.loss * 100, number),
        ])),
        (_("The ultra-high-voltage project"), table("uhv", known.statements, [
            named, ("value", _("Value"), lambda row: row.value if wording.chinese() else row.value_en, text),
        ])),
        (_("What the hours are calibrated to"), table("totals", known.totals, [
            named, ("value", _("Value"), lambda row: row.value, number), ("unit", _("Unit"), wording.unit_of, text),
        ])),
        (_("Costs and carbon"), table("costs", known.costs, [
            technology, ("cost", _("Yuan/MWh"), lambda row: row.cost, number),
            ("rate", _("t/MWh"), lambda row: round(row.carbon / row.efficiency, 3), number),
        ])),
        (_("Shares of the zones"), table("shares", known.shares, [
            ("zone", _("Zone"), lambda row: zones[row.zone], text), technology,
            ("share", "%", lambda row: row.share * 100, number),
        ])),
        (_("Zones and their load"), table("zones", known.zones, [
            named, side, ("share", _("Share of load, %"), lambda row: row.load_share * 100, number),
        ])),
    ]  # fmt: skip
    for _title, one in tables:
        if file := one.export():
            return file
    rows = [row for one in known[1:] for row in one]
    counts = [(status.value, status.label, sum(row.status == status for row in rows)) for status in FactStatus]
    return render(
        request, "power/facts.html", {"tables": tables, "counts": counts, "sources": list(known.sources.values())}
    )


def cited() -> list[Column]:
    """Where a fact is from, how sure it is, since when it holds, and a note."""
    sources = region_facts().sources
    return [
        Column("status", _("Status"), value=lambda row: FactStatus(row.status).label),
        Column("source", _("Source"), value=lambda row: source_name(sources[row.source])),
        Column("valid_from", _("Holds from"), kind=Cell.DATE),
        Column("note", _("Note"), value=lambda row: wording.note_of(row) or None, sort=False),
    ]


def source_name(source: Any) -> str:
    """A source's publisher and title in the language being spoken."""
    chinese = wording.chinese()
    publisher = source.publisher if chinese or not source.publisher_en else source.publisher_en
    title = source.title if chinese or not source.title_en else source.title_en
    return f"{publisher}: {title}" if not chinese else f"{publisher}：{title}"
