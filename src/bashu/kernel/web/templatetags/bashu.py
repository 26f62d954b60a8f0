"""The components of a page: `{% load bashu %}`. The gallery at /styleguide shows each with its call."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from django import template
from django.forms import BoundField, CheckboxInput
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from bashu.kernel.commands.actor import ROLE_NAMES, Role
from bashu.kernel.web.requests import KEY_FIELD, VERSION_FIELD
from bashu.kernel.web.table import Table

register = template.Library()

STATUSES: dict[str, str | Promise] = {
    "met": _("Met"),
    "missed": _("Missed"),
    "on_track": _("On track"),
    "behind": _("Behind"),
    "cannot_judge": _("Cannot judge"),
    "no_data": _("No data"),
}
SOURCE_STATUSES: dict[str, str | Promise] = {
    "sourced": _("Sourced"),
    "unverified": _("Unverified"),
    "derived": _("Derived"),
    "assumed": _("Assumed"),
}
MESSAGE_ICONS = {"success": "met", "warning": "warning", "error": "missed"}
LANGUAGE_TAGS = {"zh-hans": "zh-Hans"}
# A run of Chinese: from its first character over whatever stands between two of them without a blank.
CHINESE = re.compile(r"([“‘（《]?[\u3400-\u9fff][\u3000-\u9fff\uff00-\uffef“”‘’·…—0-9+]*)")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing from icons.svg, hidden from screen readers: a word stands beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("web/icons.svg"), name
    )


@register.filter
def spoken(text: Any) -> SafeString | str:
    """What people, documents or records say, marked with its language where that is not the page's (WCAG 2.2, 3.1.2).

    On English pages each run of Chinese is marked; on Chinese pages a text of several words without any Chinese.
    What is markup already stays as it is.
    """
    said = str(text)
    safe = isinstance(said, SafeString)
    if safe and "<" in said:
        return said
    if not (get_language() or "").startswith("zh"):
        parts = [SafeString(part) if safe else part for part in CHINESE.split(said)]  # every second part is Chinese
        return format_html_join(
            "", "{}{}", ((part, chinese(run)) for part, run in zip(parts[::2], [*parts[1::2], ""], strict=True))
        )
    if " " in said.strip() and not CHINESE.search(said):
        return format_html('<span lang="en">{}</span>', said)
    return said


def chinese(run: str) -> SafeString | str:
    """A run of Chinese on a page of another language."""
    return format_html('<span lang="zh-Hans">{}</span>', run) if run else ""


@register.simple_tag
def url_or_none(name: str) -> str:
    """The address of a page, empty when this node does not serve it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@register.filter
def role_name(role: str) -> str | Promise:
    """What a role is called."""
    return ROLE_NAMES[Role(role)] if role in set(Role) else role


@register.filter
def message_icon(level: str) -> str:
    """The icon of a message's level."""
    return MESSAGE_ICONS.get(level, "info")


@register.filter
def language_tag(code: str) -> str:
    """A language's code as HTML's `lang` writes it (BCP 47)."""
    return LANGUAGE_TAGS.get(code, code)


@register.filter
def day(value: Any) -> str:
    """A date as ISO 8601, a time with its minutes in the page's zone: the same in both languages."""
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M") if value.tzinfo else value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


@register.filter
def listed(values: Sequence[Any]) -> str:
    """Words one after the other, with the comma that the page's language puts between them."""
    return str(_(", ")).join(map(str, values))


@register.filter
def moment(text: str) -> str:
    """A time that the journal keeps as text (ISO 8601 with its zone), as `day` shows times."""
    return day(datetime.fromisoformat(text))


@register.filter
def figure(value: Any) -> str:
    """A number with its thousands grouped and at most three decimals, none of them an idle zero; other values as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return str(value)
    rounded = Decimal(str(value)).quantize(Decimal("0.001"), ROUND_HALF_UP)
    text = f"{rounded:,.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "\N{MINUS SIGN}")


@register.inclusion_tag("web/badge.html")
def badge(status: str) -> dict[str, Any]:
    """A judgement as colour, icon and word: met, missed, on_track, behind, cannot_judge, no_data."""
    known = status if status in STATUSES else "no_data"
    return {"status": known, "word": STATUSES[known]}


@register.inclusion_tag("web/tile.html")
def tile(
    label: str,
    value: Any = None,
    *,
    unit: str = "",
    status: str = "",
    note: str = "",
    url: str = "",
    compact: bool = False,
) -> dict[str, Any]:
    """One figure at a glance. `value` None shows a dash; `note` says of when and from where it is."""
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "status": status,
        "note": note,
        "url": url,
        "compact": compact,
    }


class Point(NamedTuple):
    """One figure of a time series; `note` says where it is from, `url` leads there."""

    at: date
    value: int | float | Decimal
    note: str = ""
    url: str = ""


def plain_points(points: Sequence[Point]) -> list[dict[str, Any]]:
    """Points as the chart's script reads them."""
    return [
        {"at": p.at.isoformat(), "value": float(p.value), "note": p.note, "url": p.url} for p in map(as_point, points)
    ]


def as_point(point: Point | Sequence[Any]) -> Point:
    """A point from a point or a tuple."""
    return point if isinstance(point, Point) else Point(*point)


@register.inclusion_tag("web/series.html")
def series(
    title: str, lines: Mapping[str, Sequence[Point]], *, required: Sequence[Point] = (), unit: str = "", note: str = ""
) -> dict[str, Any]:
    """Time series with the required path as a dashed line, and all figures as a table.

    lines: name to points in order of time. required: the path that would meet the target exactly.
    """
    named = [{"name": str(name), "points": plain_points(points)} for name, points in lines.items()]
    path = plain_points(required)
    data = {
        "kind": "series",
        "title": title,
        "unit": unit,
        "lines": named,
        "required": path,
        "requiredName": str(_("Required path")),
    }
    return {
        "id": f"c{uuid7().hex}",
        "title": title,
        "unit": unit,
        "note": note,
        "data": data,
        "lines": named,
        "required": path,
        "empty": not path and not any(line["points"] for line in named),
    }


class Bar(NamedTuple):
    """One bar: its label and value, and where a click leads."""

    label: str
    value: int | float | Decimal
    url: str = ""


@register.inclusion_tag("web/bars.html")
def bars(title: str, items: Sequence[Bar], *, unit: str = "", note: str = "") -> dict[str, Any]:
    """Horizontal bars in the order given, and the figures as a table."""
    rows = [{"label": str(b.label), "value": float(b.value), "url": b.url} for b in (Bar(*item) for item in items)]
    data = {"kind": "bars", "title": title, "unit": unit, "rows": rows}
    shown = {"title": title, "unit": unit, "note": note, "rows": rows, "empty": not rows}
    return {"id": f"c{uuid7().hex}", "data": data, **shown}


class Region(NamedTuple):
    """One area of the map by its division code; `status` colours it instead of the value's ramp, or `tone`: a series colour, 1 to 6."""

    code: str
    name: str
    value: int | float | Decimal | None = None
    status: str = ""
    url: str = ""
    tone: int = 0


class Spot(NamedTuple):
    """One point on the map, WGS-84 degrees."""

    name: str
    longitude: float
    latitude: float
    note: str = ""
    url: str = ""


@register.inclusion_tag("web/region_map.html")
def region_map(
    title: str,
    boundaries: str,
    *,
    regions: Sequence[Region] = (),
    spots: Sequence[Spot] = (),
    unit: str = "",
    note: str = "",
    layer: str = "",
    code: str = "",
) -> dict[str, Any]:
    """The region's schematic map: areas coloured by value or status, points, click-through, and the same as a table.

    boundaries: address of a TopoJSON or GeoJSON file. layer: its object, the first when empty. code: the property that
    holds an area's code, the feature's id when empty.
    """
    areas = [
        {
            "code": str(r.code),
            "name": str(r.name),
            "value": None if r.value is None else float(r.value),
            "status": r.status,
            "tone": r.tone,
            "url": r.url,
        }
        for r in regions
    ]
    points = [
        {"name": str(s.name), "at": [float(s.longitude), float(s.latitude)], "note": str(s.note), "url": s.url}
        for s in spots
    ]
    words = {key: str(word) for key, word in STATUSES.items()}
    data = {
        "kind": "map",
        "title": title,
        "unit": unit,
        "boundaries": boundaries,
        "layer": layer,
        "code": code,
        "regions": areas,
        "spots": points,
        "words": words,
    }
    legend = [status for status in STATUSES if any(area["status"] == status for area in areas)]
    shown = {"title": title, "unit": unit, "note": note, "regions": areas, "spots": points, "legend": legend}
    return {"id": f"c{uuid7().hex}", "data": data, **shown}


class Dot(NamedTuple):
    """One point of a scatter: when, how much, and its shade; `chosen` stands out."""

    name: str
    x: datetime
    y: float
    shade: float
    url: str = ""
    chosen: bool = False


@register.inclusion_tag("web/scatter.html")
def scatter(title: str, dots: Sequence[Dot], *, x: str, y: str, shade: str, note: str = "") -> dict[str, Any]:
    """Points in time (x) by a measure (y, logarithmic), coloured by another (shade), and the same as a table. Labels carry units."""
    rows = [{**Dot(*dot)._asdict(), "x": Dot(*dot).x.isoformat()} for dot in dots]
    data = {"kind": "scatter", "x": x, "y": y, "shade": shade, "dots": rows}
    return {
        "id": f"c{uuid7().hex}",
        "title": title,
        "note": note,
        "data": data,
        "dots": dots,
        "x": x,
        "y": y,
        "shade": shade,
    }


class Stop(NamedTuple):
    """One place of a map of lines, WGS-84 degrees; `closed` stands out."""

    name: str
    longitude: float
    latitude: float
    note: str = ""
    url: str = ""
    closed: bool = False


class Line(NamedTuple):
    """One line between two places, (longitude, latitude) each; tone: a series colour, 1 to 6; share: its width, 0 to 1."""

    name: str
    start: tuple[float, float]
    end: tuple[float, float]
    note: str = ""
    url: str = ""
    tone: int = 1
    share: float = 0.3
    faded: bool = False


@register.inclusion_tag("web/line_map.html")
def line_map(
    title: str, boundaries: str, stops: Sequence[Stop], lines: Sequence[Line], *, legend: Mapping[int, str] | None = None,
    layer: str = "", code: str = "", note: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Places and lines between them over the region's areas, and the same as a table; legend: what a tone means."""
    spots = [
        {"name": str(s.name), "at": [s.longitude, s.latitude], "note": str(s.note), "url": s.url, "closed": s.closed}
        for s in stops
    ]
    drawn = [
        {"name": str(one.name), "from": one.start, "to": one.end, "note": str(one.note), "url": one.url, "tone": one.tone,
         "share": one.share, "faded": one.faded}
        for one in lines
    ]  # fmt: skip
    data = {"kind": "lines", "boundaries": boundaries, "layer": layer, "code": code, "spots": spots, "lines": drawn}
    shown = {"title": title, "note": note, "stops": stops, "lines": lines, "legend": legend or {}}
    return {"id": f"c{uuid7().hex}", "data": data, **shown}


class Event(NamedTuple):
    """One event of a timeline. `state`: done, now, or empty for what is still to come."""

    at: date | datetime | str
    title: str
    note: str = ""
    state: str = ""
    url: str = ""


@register.inclusion_tag("web/timeline.html")
def timeline(events: Sequence[Event]) -> dict[str, Any]:
    """Events in the order given."""
    return {"events": [Event(*event) for event in events]}


@register.inclusion_tag("web/data_table.html", takes_context=True)
def data_table(context: Mapping[str, Any], table: Table, *, caption: str = "", empty: str = "") -> dict[str, Any]:
    """A table with search, sorting, pages and export. `empty` says how the table is filled."""
    request: HttpRequest = context["request"]
    return {"table": table, "caption": caption, "empty": empty, "request": request, "path": request.path}


@register.inclusion_tag("web/pages.html")
def pages(table: Table) -> dict[str, Any]:
    """The page numbers of a table, with gaps in long ones."""
    return {"table": table}


@register.inclusion_tag("web/job.html")
def job_progress(
    url: str,
    title: str,
    *,
    done: int = 0,
    total: int = 0,
    finished: bool = False,
    outcome: str = "",
    message: str = "",
    cancel: str = "",
) -> dict[str, Any]:
    """Progress of long work, asked again from `url` each second until finished.

    `url` answers with this same component. `outcome` is a status of the badge when finished: met or missed. `cancel` is the
    address that a POST cancels at.
    """
    return {
        "url": url,
        "title": title,
        "done": done,
        "total": total,
        "finished": finished,
        "outcome": outcome,
        "message": message,
        "cancel": cancel,
    }


@register.inclusion_tag("web/source.html")
def source_note(quote: str, source: str, status: str = "sourced", *, url: str = "", at: str = "") -> dict[str, Any]:
    """Words of a document, where they stand, and how sure we are: sourced, unverified, derived, assumed."""
    known = status if status in SOURCE_STATUSES else "unverified"
    return {"quote": quote, "source": source, "status": known, "word": SOURCE_STATUSES[known], "url": url, "at": at}


@register.inclusion_tag("web/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """One form field: label, help, control, and its faults beside it, tied together for screen readers."""
    faults = list(bound.errors)
    described = [f"{bound.auto_id}-help"] * bool(bound.help_text) + [f"{bound.auto_id}-fault"] * bool(faults)
    attributes: dict[str, str | bool] = {"aria-describedby": " ".join(described)} if described else {}
    if faults:
        attributes["aria-invalid"] = "true"
    check = isinstance(bound.field.widget, CheckboxInput)
    return {"field": bound, "control": bound.as_widget(attrs=attributes), "faults": faults, "check": check}


@register.inclusion_tag("web/form_faults.html")
def form_faults(form: Any) -> dict[str, Any]:
    """What is wrong with the form as a whole: refusals of the command, and how many fields need a look."""
    return {"faults": form.non_field_errors(), "fields": [bound for bound in form if bound.errors]}


@register.simple_tag(takes_context=True)
def command_fields(context: Mapping[str, Any], version: int | None = None) -> SafeString:
    """Hidden fields of a page form that writes: the one-time key and the row version the visitor saw."""
    key = context.get("form_key") or str(uuid7())
    fields = format_html('<input type="hidden" name="{}" value="{}">', KEY_FIELD, key)
    if version is not None:
        fields += format_html('<input type="hidden" name="{}" value="{}">', VERSION_FIELD, version)
    return fields


@register.inclusion_tag("web/breadcrumbs.html")
def breadcrumbs(*parts: str) -> dict[str, Any]:
    """The way here: label, address, label, address, …, and last the label of this page."""
    pairs = [(str(parts[n]), parts[n + 1]) for n in range(0, len(parts) - 1, 2)]
    return {"pairs": pairs, "here": parts[-1]}
