"""One target with its judgement, curve and readings; one reading; its evidence."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bashu.kernel.commands.actor import OFFICES, Where
from bashu.kernel.commands.command import label_of
from bashu.kernel.parties.selectors import person_behind
from bashu.kernel.web import clock
from bashu.kernel.web.acting import may
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.table import Column, Kind, Table
from bashu.kernel.web.templatetags.bashu import Point
from bashu.programme import selectors, wording
from bashu.programme.engine import judge
from bashu.programme.engine.judge import Measure
from bashu.programme.models import Evidence, Reading, ReadingState
from bashu.programme.models.readings import Basis, Coverage
from bashu.programme.pages import days
from bashu.programme.pages.overview import tiles

COLUMNS = [
    Column("period_end", gettext_lazy("Period to"), Kind.DATE),
    Column("period_start", gettext_lazy("Period from"), Kind.DATE),
    Column("jurisdiction", gettext_lazy("Side"), value=lambda row: str(wording.JURISDICTIONS[row.jurisdiction])),
    Column("value", gettext_lazy("Value"), Kind.NUMBER, value=lambda row: row.shown_value),
    Column("achieved", gettext_lazy("Achieved"), sort=False),
    Column("coverage", gettext_lazy("Coverage"), value=lambda row: str(Coverage(row.coverage).label)),
    Column("basis", gettext_lazy("Basis"), value=lambda row: str(Basis(row.basis).label)),
    Column("state", gettext_lazy("State"), value=lambda row: str(ReadingState(row.state).label)),
    Column("organisation", gettext_lazy("Reported by"), lookup="organisation__name_zh", search=True,
           value=lambda row: row.organisation.name_zh),
    Column("decided", gettext_lazy("Decided by"), lookup="decided_organisation__name_zh", search=True,
           value=lambda row: row.decided_organisation.name_zh if row.decided_organisation else None),
    Column("note", gettext_lazy("Remark"), search=True, sort=False),
    Column("public_id", gettext_lazy("Number"), value=lambda row: str(row.public_id), sort=False),
]  # fmt: skip
PAGE = 12


def target(request: HttpRequest, code: str) -> HttpResponseBase:
    """One target: its words, its judgement with method and formula, its curve, its readings."""
    found = seen(request, selectors.target_list().prefetch_related("owners"), code=code)
    day = days.as_of(request)
    scored = selectors.scoreboard(as_of=day, targets=[found], history=True)
    listed = selectors.reading_list(target=found).prefetch_related(selectors.evidence_listed())
    table = Table(COLUMNS, listed, request, name="readings", size=PAGE)
    if file := table.export():
        return file
    first = max(table.first_row - 1, 0)
    return render(
        request,
        "programme/target.html",
        {
            "target": found,
            "day": day,
            "today": clock.today(),
            "tile": tiles(scored)[0],
            "judgement": scored[0].judgement,
            "method": wording.METHODS[scored[0].judgement.method],
            "table": table,
            "readings": list(table.found[first : first + PAGE]),
            "may_report": may_report(request),
            "unknowns": [row for row in selectors.unknown_list() if found.code in row.about],
            **curve(scored[0], day),
        },
    )


def may_report(request: HttpRequest) -> bool:
    """Whether the viewer holds an office's role anywhere."""
    return actor_of(request).grant_for(OFFICES, Where()) is not None


def curve(scored: selectors.Scored, day: date) -> dict[str, Any]:
    """The chart of a target: the region and each side from confirmed whole readings, partial ones as lines of their own."""
    target = scored.target
    if target.kind == "qualitative":
        return {"lines": {}}
    scale = wording.chart_scale(target.unit, target.unit_en)
    lines: dict[str, list[Point]] = {}
    flow = target.measure == Measure.FLOW
    whole = [
        row for row in scored.readings if row.whole and (not flow or spans_a_year(row.period_start, row.period_end))
    ]
    if whole:
        lines[_("Both sides together")] = [point(reading.period_end, reading.value, scale) for reading in whole]
    rows = selectors.reading_list(target=target, state=ReadingState.CONFIRMED).filter(period_end__lte=day)
    for reading in rows.exclude(value=None).order_by("period_end", "id"):
        if reading.jurisdiction != "joint" or reading.coverage == Coverage.PARTIAL:
            address = reverse("programme:reading", args=[reading.public_id])
            lines.setdefault(line_name(reading), []).append(
                point(reading.period_end, reading.value, scale, wording.name_of(reading.organisation), address)
            )
    path = [point(corner.on, corner.required, scale) for corner in scored.judgement.path]
    if target.value is not None and target.kind != "growth" and target.deadline and target.start:
        promised = [point(on, target.value, scale) for on in (target.start, target.deadline)]
        lines[_("Promised value")] = promised
    return {"lines": lines, "path": path if len(path) > 1 else [], "chart_unit": scale.unit}


def line_name(reading: Reading) -> str:
    """The line a reading of one side, or a partial one, belongs to."""
    side = str(wording.JURISDICTIONS[reading.jurisdiction])
    if reading.coverage == Coverage.PARTIAL:
        return _("{side}, partial (does not judge)").format(side=side)
    if reading.target.measure == Measure.FLOW and not spans_a_year(reading.period_start, reading.period_end):
        return _("{side}, part of a year (does not judge)").format(side=side)
    return side


def spans_a_year(start: date | None, end: date) -> bool:
    """Whether a period is one year long: a part of a year's flow must not look like a fall."""
    return start is not None and judge.years_between(start, end + timedelta(days=1)) == 1


def point(on: date, value: Decimal | None, scale: wording.Scale, note: str = "", url: str = "") -> Point:
    """A value on the chart's scale."""
    assert value is not None
    return Point(on, value / scale.size, note, url)


def reading(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything about one reading: its figure, its evidence, its history in the journal, what may be done with it."""
    found = seen(request, selectors.reading_detail(public_id))
    return render(request, "programme/reading.html", reading_context(request, found))


def reading_context(request: HttpRequest, found: Reading) -> dict[str, Any]:
    """What a reading's page shows."""
    own = actor_of(request).id is not None and found.reported_by == person_behind(actor_of(request))
    waits = found.state == ReadingState.REPORTED
    stands = found.state in (ReadingState.REPORTED, ReadingState.CONFIRMED) and found.basis == Basis.REPORTED
    decides = waits and may(request, "programme.reading.confirm", reading=found)
    return {
        "reading": found,
        "history": selectors.history_of(found),
        "subject": label_of(found),
        "own": own,
        "may_decide": decides and not own,
        "may_withdraw": stands and may(request, "programme.reading.withdraw", reading=found),
    }


def evidence(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A file of evidence, only ever as a download: browsers neither show nor run it."""
    found: Evidence = seen(request, selectors.evidence_of(public_id))
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
