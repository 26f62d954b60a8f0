"""The corridors in figures: volume, trains, clearance time, adherence, value of goods; each with how it is made."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from bashu.kernel.web import clock
from bashu.kernel.web.table import Column, Kind, Table
from bashu.kernel.web.templatetags.bashu import Bar, Point
from bashu.logistics.selectors.figures import FEWEST, Monthly, by_month, figures
from bashu.logistics.terms import TOLERANCE
from bashu.logistics.wording import CORRIDORS, MODES

PERCENT = 100
NAMES = {
    "goods_value": _("Value of goods booked (yuan)"),
    "corridor_teu": _("Corridor volume (TEU)"),
    "train": _("Trains"),
    "clearance_minutes": _("Clearance time (minutes)"),
    "adherence": _("Arrivals in time"),
}
COLUMNS = [
    Column("month", _("Month")),
    Column("indicator", _("Figure"), search=True),
    Column("corridor", _("Corridor"), search=True),
    Column("mode", _("Mode"), search=True),
    Column("subjects", _("Records"), Kind.NUMBER),
    Column("total", _("Sum"), Kind.NUMBER),
    Column("median", _("Median"), Kind.NUMBER),
    Column("ninth_decile", _("Ninth decile"), Kind.NUMBER),
]


def indicators(request: HttpRequest) -> HttpResponse:
    """The last twelve months in figures."""
    until = clock.today()
    found = figures((until - timedelta(days=364)).replace(day=1), until)
    table = Table(COLUMNS, [row_of(row) for row in found.rows], request, name="figures", sort="-month")
    if file := table.export():
        return file  # type: ignore[return-value]
    medians = [Point(row.month, row.median) for row in found.of("clearance_minutes")]
    deciles = [Point(row.month, row.ninth_decile) for row in found.of("clearance_minutes")]
    context: dict[str, Any] = {
        "since": found.since,
        "until": until,
        "table": table,
        "fewest": FEWEST,
        "goods_value": None if found.goods_value is None else round(found.goods_value / 10**8, 2),
        "consignments": found.subjects("goods_value"),
        "teu": found.total("corridor_teu"),
        "trains": found.total("train"),
        "median": median_of(found.of("clearance_minutes")),
        "adherence": None if found.adherence is None else round(PERCENT * found.adherence, 1),
        "volume": by_corridor(found.of("corridor_teu")),
        "departed": by_corridor(found.of("train")),
        "clearance": {str(_("Median")): medians, str(_("Ninth decile")): deciles} if medians else {},
        "kept": kept_of(found.of("adherence")),
        "tolerance": [(MODES[mode], minutes) for mode, minutes in TOLERANCE.items()],
        "growth": [
            (CORRIDORS[name], round(PERCENT * rate, 1)) for name, rate in found.growth.items() if rate is not None
        ],
    }
    return render(request, "logistics/figures.html", context)


def row_of(row: Monthly) -> dict[str, Any]:
    """One month of one figure as a row of the table; no sum where one consignment's value could be told from it."""
    money, timed = row.indicator == "goods_value", row.indicator == "clearance_minutes"
    total: int | Decimal | None = row.total
    if money:
        total = None if row.subjects < FEWEST else Decimal(row.total) / 100
    return {
        "month": f"{row.month:%Y-%m}",
        "indicator": str(NAMES[row.indicator]),
        "corridor": str(CORRIDORS[row.corridor]) if row.corridor else None,
        "mode": str(MODES[row.mode]) if row.mode else None,
        "subjects": row.subjects,
        "total": total,
        "median": row.median if timed else None,
        "ninth_decile": row.ninth_decile if timed else None,
    }


def by_corridor(rows: list[Monthly]) -> dict[str, list[Point]]:
    """A line of monthly sums for each corridor."""
    lines: dict[str, list[Point]] = {}
    for corridor in dict.fromkeys(row.corridor for row in rows):
        months = by_month([row for row in rows if row.corridor == corridor])
        lines[str(CORRIDORS[corridor])] = [Point(month, total) for month, (_, total) in months.items()]
    return lines


def kept_of(rows: Iterable[Monthly]) -> list[Bar]:
    """The share of arrivals in time by mode, in percent."""
    modes: dict[str, tuple[int, int]] = {}
    for row in rows:
        number, kept = modes.get(row.mode, (0, 0))
        modes[row.mode] = number + row.subjects, kept + row.total
    return [Bar(str(MODES[mode]), round(PERCENT * kept / number, 1)) for mode, (number, kept) in modes.items()]


def median_of(rows: list[Monthly]) -> float | None:
    """The last month's median clearance time, in hours."""
    last: dict[date, int] = {row.month: row.median for row in rows}
    return round(last[max(last)] / 60, 1) if last else None
