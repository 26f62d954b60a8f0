"""Everything at a glance, one document, what the search finds."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bashu.kernel.commands.actor import OFFICES, Where
from bashu.kernel.journal import selectors as journal
from bashu.kernel.places import selectors as places
from bashu.kernel.places.models import PREFECTURES, Kind
from bashu.kernel.web import clock
from bashu.kernel.web.requests import actor_of, seen
from bashu.kernel.web.templatetags.bashu import STATUSES, Region, Spot
from bashu.programme import selectors, wording
from bashu.programme.engine.judge import Status
from bashu.programme.models import Reading, ReadingState
from bashu.programme.pages import changes, days

CHANGES_SHOWN = 7
WEEK = 7 * 24 * 3600
ORDER = (Status.MET, Status.ON_TRACK, Status.BEHIND, Status.MISSED, Status.CANNOT_JUDGE, Status.NO_DATA)
AREAS = (Kind.MUNICIPALITY, *PREFECTURES)
SPOT_KINDS = ("pole", "new_area")
POINT_PLACES = 2
TONES = {"CQ": 2, "SC": 1}  # colours of the two sides on the map


class Share(NamedTuple):
    """How many targets have one status, and its place on the bar, in percent."""

    status: str
    word: str
    number: int
    start: float
    width: float


class Tile(NamedTuple):
    """One target at a glance."""

    scored: selectors.Scored
    value: wording.Amount | None
    promise: wording.Amount | None
    sayers: str
    percent: float | None
    coverage: str

    @property
    def on(self) -> date | None:
        """The day the shown figure speaks of."""
        return self.scored.known.period_end if self.scored.known else None


def overview(request: HttpRequest) -> HttpResponse:
    """The state of all targets, the map, what changed, what is held and what stays unknown."""
    day = days.as_of(request)
    state = (connection.settings_dict["NAME"], journal.tree_size(), journal.unsealed_count())
    public = glance(state, day, get_language())
    context = {**public, "day": day, "today": clock.today(), "waiting": waiting(request)}
    return render(request, "programme/overview.html", context)


@lru_cache(maxsize=32)
def glance(state: tuple[str, int, int], day: date, language: str) -> Mapping[str, Any]:  # noqa: ARG001
    """What the overview shows to everybody, put together once for each state of the records.

    state: database, entries sealed and entries waiting. Every write appends to the journal, so no two states of a database have
    the same numbers. What only some may see has no part in this.
    """
    scored = selectors.scoreboard(as_of=day)
    since, until = selectors.month_span(day)
    entries = list(selectors.changes(since=since, until=until, limit=CHANGES_SHOWN + 1))
    return {
        "shares": shares(scored),
        "tiles": tiles(scored),
        "changes": changes.told(entries[:CHANGES_SHOWN]),
        "more_changes": len(entries) > CHANGES_SHOWN,
        "documents": list(selectors.document_list()),
        "counts": selectors.counts_kept(),
        "unknowns": list(selectors.unknown_list()),
        **region(day),
    }


def waiting(request: HttpRequest) -> int | None:
    """How many figures wait for a second person; None for who would not see them."""
    offices = actor_of(request).grant_for(OFFICES, Where())
    return Reading.objects.filter(state=ReadingState.REPORTED).count() if offices else None


def shares(scored: Sequence[selectors.Scored]) -> list[Share]:
    """How many targets stand where, as parts of one bar."""
    numbers = {status: sum(row.judgement.status is status for row in scored) for status in ORDER}
    total, start, found = max(len(scored), 1), 0.0, []
    for status, number in numbers.items():
        width = 100 * number / total
        found.append(
            Share(str(status), str(STATUSES[status]), number, round(start, POINT_PLACES), round(width, POINT_PLACES))
        )
        start += width
    return found


def tiles(scored: Sequence[selectors.Scored]) -> list[Tile]:
    """Every target with what is known of it and who said so."""
    behind = selectors.readings_behind(scored)
    return [tile(row, behind.get(row.target.pk, [])) for row in scored]


def tile(row: selectors.Scored, behind: Sequence[Reading]) -> Tile:
    """One target's tile. A growth target shows its rate, which stands in the judgement, not its volume."""
    target, known = row.target, row.known
    names = dict.fromkeys(wording.name_of(reading.organisation) for reading in behind)
    value = growth_of(row) if target.kind == "growth" else worded(target, known.value if known else None)
    return Tile(
        row, value, worded(target, target.value), wording.listed(names),
        None if row.share is None else round(100 * row.share, 1),
        "" if known is None else "whole" if known.whole else "partial",
    )  # fmt: skip


def worded(target: Any, value: Decimal | None) -> wording.Amount | None:
    """A value of a target in words."""
    return wording.amount(value, target.unit, target.unit_en)


def growth_of(row: selectors.Scored) -> wording.Amount | None:
    """The compound yearly rate that the judgement's formula states; None where none was computed."""
    rate = row.rate
    return None if rate is None else wording.amount(rate, row.target.unit, row.target.unit_en)


def region(day: date) -> Mapping[str, Any]:
    """The map: both jurisdictions' areas by how many confirmed readings their side gave, and the places the page names."""
    confirmed = selectors.confirmed_by_side(as_of=day)
    areas = [
        Region(
            place.code, place.name_zh if wording.speaks_chinese() else place.name_en, confirmed.get(place.jurisdiction, 0),
            tone=TONES[place.jurisdiction], url=f"{reverse('programme:search')}?q={place.name_zh.rstrip('市')}",
        )
        for place in places.division_list(as_of=day, kinds=AREAS)
    ]  # fmt: skip
    return {
        "areas": areas,
        "spots": spots(),
        "boundaries": reverse("programme:boundaries"),
        "map_unit": _("confirmed readings of its side"),
    }


def spots() -> list[Spot]:
    """The two poles and the new area: groups whose members the page names, at the middle of those members."""
    found = []
    for group in places.group_list():
        members = [member.place for member in group.members.all() if member.place.lat is not None]
        if group.kind in SPOT_KINDS and members:
            name = group.name_zh if wording.speaks_chinese() else group.name_en
            middle = [sum(getattr(place, axis) for place in members) / len(members) for axis in ("lon", "lat")]
            found.append(Spot(name, middle[0], middle[1], note=str(group.get_kind_display())))
    return found


def boundaries(request: HttpRequest) -> FileResponse:  # noqa: ARG001 - a view
    """The schematic map as TopoJSON, or the operator's approved one."""
    response = FileResponse(places.boundaries_path().open("rb"), content_type="application/json")
    response["Cache-Control"] = f"public, max-age={WEEK}"
    return response


def document(request: HttpRequest, code: str) -> HttpResponse:
    """One document: its words, its targets, its tasks, what is held of it and what stays unknown."""
    found = seen(request, selectors.document_detail(code))
    day = days.as_of(request)
    counts = [kept for kept in selectors.counts_kept() if kept.stated_count.document_id == found.pk]
    about = {found.code, *(kept.stated_count.code for kept in counts), *found.targets.values_list("code", flat=True)}
    return render(
        request,
        "programme/document.html",
        {
            "document": found,
            "day": day,
            "tiles": tiles(selectors.scoreboard(as_of=day, targets=selectors.target_list().filter(document=found))),
            "tasks": selectors.task_list().filter(document=found),
            "counts": counts,
            "unknowns": [row for row in selectors.unknown_list() if about & set(row.about)],
        },
    )


def search(request: HttpRequest) -> HttpResponse:
    """What has the searched words in its name, its quote or its code."""
    query = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    found = selectors.search(query)
    return render(
        request,
        "programme/search.html",
        {"query": query, "found": found, "number": sum(len(kind.records) for kind in found)},
    )
