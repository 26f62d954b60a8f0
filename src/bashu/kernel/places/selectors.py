"""What can be asked of places: who was there on a day, which one a text means, which groups, which map."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db.models import Prefetch

from bashu.kernel.places.boundaries import OBJECTS, feature_collection
from bashu.kernel.places.errors import BoundariesUnreadable, PlaceAmbiguous, PlaceEnded, PlaceUnknown
from bashu.kernel.places.models import CodeChange, Kind, Place, PlaceGroup, PlaceGroupMember, PlaceQuerySet
from bashu.kernel.places.names import Name, matching

SHIPPED_BOUNDARIES = Path(__file__).parent / "facts" / "boundaries.topojson"


def division_list(
    *, as_of: date, jurisdiction: str | None = None, kinds: Sequence[Kind] = (), parent: str | None = None
) -> PlaceQuerySet:
    """Divisions in being on a day, by code; of one jurisdiction ("CQ", "SC"), some kinds, one parent's code."""
    found = Place.objects.on(as_of).select_related("parent")
    if jurisdiction:
        found = found.filter(jurisdiction=jurisdiction)
    if kinds:
        found = found.filter(kind__in=kinds)
    if parent:
        found = found.filter(parent__code=parent)
    return found


def place_resolve(text: str, *, as_of: date) -> Place:
    """The one division that a code or a name means on a day.

    Names may be Chinese or English, with or without the rank (市, District, …), and may follow the parent's name
    (乐山市市中区; Shizhong District, Leshan). A full name wins over a short one.
    Raises PlaceUnknown, PlaceEnded (with what it became), or PlaceAmbiguous (with the candidates).
    """
    text = text.strip()
    found = _meant(text, division_list(as_of=as_of))
    if len(found) > 1:
        raise PlaceAmbiguous(text=text, candidates=", ".join(f"{p.code} {_within(p)}" for p in found))
    if not found:
        raise _missing(text, as_of)
    return found[0]


def group_list(*, kind: str | None = None) -> list[PlaceGroup]:
    """The programme's groups in its own order, each with its known members."""
    members = Prefetch("members", PlaceGroupMember.objects.select_related("place").order_by("place__code"))
    groups = PlaceGroup.objects.prefetch_related(members)
    return list(groups.filter(kind=kind) if kind else groups)


def boundaries_path() -> Path:
    """The map that is shown: the operator's own under BASHU_HOME when there is one, else the shipped schematic."""
    own = Path(settings.BASHU_HOME) / "boundaries.topojson"
    return own if own.is_file() else SHIPPED_BOUNDARIES


def boundaries_read() -> dict[str, Any]:
    """The map's topology as in its file. Raises BoundariesUnreadable when it is not in the documented format."""
    path = boundaries_path()
    return _read(path, path.stat().st_mtime_ns)


def boundary_features(level: str, *, as_of: date) -> dict[str, Any]:
    """Outlines of the "counties" or "prefectures" as GeoJSON, each with `code`, `name_zh`, `name_en` as properties.

    Names are those of the day the map shows; `current` lists the codes of the divisions that hold its area on `as_of`.
    The collection's `bashu` member says where the map comes from and what it is.
    """
    topology = boundaries_read()
    drawn_on = date.fromisoformat(topology["bashu"]["as_of"])
    named = {place.code: place for place in division_list(as_of=drawn_on)}
    standing = set(division_list(as_of=as_of).values_list("code", flat=True))
    became: dict[str, list[str]] = {}
    for change in CodeChange.objects.filter(changed_on__gt=drawn_on, changed_on__lte=as_of):
        if change.old_code not in standing:
            became.setdefault(change.old_code, []).append(change.new_code)
    collection = feature_collection(topology, level)
    for feature in collection["features"]:
        place = named.get(feature["id"])
        feature["properties"] = {
            "code": feature["id"],
            "name_zh": place.name_zh if place else feature["id"],
            "name_en": place.name_en if place else feature["id"],
            "current": became.get(feature["id"], [feature["id"]]),
        }
    return {**collection, "bashu": topology["bashu"]}


@lru_cache(maxsize=2)
def _read(path: Path, modified: int) -> dict[str, Any]:  # noqa: ARG001 - a changed file is read again
    try:
        topology = json.loads(path.read_text(encoding="utf-8"))
        for name in OBJECTS:
            feature_collection(topology, name)
        date.fromisoformat(topology["bashu"]["as_of"])
    except (OSError, ValueError, KeyError, TypeError, IndexError) as problem:
        raise BoundariesUnreadable(path=str(path), problem=str(problem)) from problem
    return cast("dict[str, Any]", topology)


def _meant(text: str, places: Iterable[Place]) -> list[Place]:
    """Those of the places that a code or a name may mean."""
    known = list(places)
    if text.isdecimal():
        return [place for place in known if place.code == text]
    return [known[n] for n in matching(text, map(_name, known))]


def _missing(text: str, as_of: date) -> PlaceUnknown:
    """The refusal for a text that means nothing on a day: what the place became, when there was one before."""
    gone = _meant(text, Place.objects.filter(valid_to__lte=as_of).select_related("parent"))
    if not gone:
        return PlaceUnknown(text=text, as_of=as_of)
    ended, last = max(((place.valid_to or as_of, place) for place in gone), key=lambda pair: pair[0])
    changes = CodeChange.objects.filter(old_code=last.code, old_name=last.name_zh, changed_on=ended)
    became = ", ".join(f"{change.new_code} {change.new_name}" for change in changes)
    return PlaceEnded(text=text, as_of=as_of, changed_on=ended, candidates=became)


def _name(place: Place) -> Name:
    parent = place.parent
    return Name(
        place.name_zh, place.name_en, place.alias, parent.name_zh if parent else "", parent.name_en if parent else ""
    )


def _within(place: Place) -> str:
    return f"{place.parent.name_zh}{place.name_zh}" if place.parent else place.name_zh
