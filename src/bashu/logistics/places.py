"""What a shipper's text means: a hub by its code, hubs by UN/LOCODE, a division by GB/T 2260 code, either by name. No database.

In this order; the first that matches decides. A place that is no hub is joined to hubs by road legs.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import numpy as np
from django.utils.translation import gettext as _
from geographiclib.geodesic import Geodesic

from bashu.kernel.places.names import Name, matching, normal
from bashu.logistics.engine.network import Ends
from bashu.logistics.errors import OutOfReach, WhereAmbiguous, WhereUnknown
from bashu.logistics.formats.folder import HubRecord, Road

SUGGESTED = 4
CITIES = {"prefecture_level_city", "autonomous_prefecture", "municipality"}


class Division(NamedTuple):
    """A prefecture, county or municipality with the point that stands for it."""

    code: str
    kind: str
    name: Name
    lat: float
    lon: float


class Suggestion(NamedTuple):
    """A place that a text may become: what to send for it, and what it is called. kind: a hub's or a division's."""

    code: str
    kind: str
    name_zh: str
    name_en: str
    within: str


class Where(NamedTuple):
    """A resolved place: hubs (indices) when it is one or covers several, else a point."""

    code: str
    name_zh: str
    name_en: str
    hubs: tuple[int, ...]
    lat: float
    lon: float


def where_resolve(text: str, hubs: Sequence[HubRecord], *, as_of: date) -> Where:
    """The place that a code or a name means.

    Raises WhereUnknown with suggestions, or WhereAmbiguous with the candidates.
    """
    asked = text.strip()
    upper = asked.upper()
    for at, hub in enumerate(hubs):
        if hub.code.upper() == upper:
            return _of_hubs(hub.code, hubs, [at])
    if located := [at for at, hub in enumerate(hubs) if hub.locode and hub.locode == upper.replace(" ", "")]:
        return _of_hubs(hubs[located[0]].locode, hubs, located)
    divisions = _divisions(as_of)
    for division in divisions:
        if division.code == asked:
            return _of_division(division)
    return _named(asked, hubs, divisions)


def places_suggest(text: str, hubs: Sequence[HubRecord], *, as_of: date, most: int = 8) -> list[Suggestion]:
    """Hubs and divisions whose code or name begins with the text, or else contains it; hubs first. None for an empty text."""
    wanted = normal(text)
    if not wanted:
        return []
    known = [
        (Suggestion(hub.code, hub.kind, hub.name_zh, hub.name_en, ""), (hub.code, hub.locode, hub.name_zh, hub.name_en))
        for hub in hubs
    ]
    for one in _divisions(as_of):
        name = one.name
        found = Suggestion(one.code, one.kind, name.zh, name.en, name.parent_zh)
        known.append((found, (one.code, name.zh, name.en, name.alias)))
    begins, contains = list[Suggestion](), list[Suggestion]()
    for suggestion, names in known:
        words = [normal(name) for name in names if name]
        if any(word.startswith(wanted) for word in words):
            begins.append(suggestion)
        elif any(wanted in word for word in words):
            contains.append(suggestion)
    return [*begins, *contains][:most]


def road_ends(where: Where, hubs: Sequence[HubRecord], road: Road, teu: int) -> Ends:
    """The legs between a place and hubs: none to drive where the place is a hub, else by road to every hub in reach.

    A road leg is the geodesic with the assumed detour; minutes, fen and grams are rounded up, once.
    Raises OutOfReach when there is none.
    """
    if where.hubs:
        zeros = np.zeros(len(where.hubs), dtype=np.int64)
        return Ends(np.array(where.hubs, dtype=np.int64), zeros, zeros, zeros)
    legs = []
    for at, hub in enumerate(hubs):
        metres = int(Geodesic.WGS84.Inverse(where.lat, where.lon, hub.lat, hub.lon)["s12"]) * road.detour // 100
        if hub.road_access and metres <= road.reach_km * 1000:
            legs.append(
                (at, *(-(-metres * rate * per // 1000) for rate, per in ((road.price, teu), (road.gco2e, teu))), metres)
            )
    if not legs:
        raise OutOfReach(text=where.name_zh or where.code, reach=road.reach_km)
    columns = [(at, -(-metres * 60 // (road.speed * 1000)), fen, grams) for at, fen, grams, metres in legs]
    return Ends(*(np.array(column, dtype=np.int64) for column in zip(*columns, strict=True)))


def _of_hubs(code: str, hubs: Sequence[HubRecord], found: list[int]) -> Where:
    first = hubs[found[0]]
    names = ("、".join(hubs[at].name_zh for at in found), ", ".join(hubs[at].name_en for at in found))
    return Where(code, *names, tuple(found), first.lat, first.lon)


def _of_division(division: Division) -> Where:
    return Where(division.code, division.name.zh, division.name.en, (), division.lat, division.lon)


def _named(asked: str, hubs: Sequence[HubRecord], divisions: Sequence[Division]) -> Where:
    """A division or hub by its name; a division wins, since it is reached from the same hubs."""
    found = [divisions[at] for at in matching(asked, (division.name for division in divisions))]
    cities = [division for division in found if division.kind in CITIES]
    if len(cities or found) == 1:
        return _of_division((cities or found)[0])
    if found:
        listed = ", ".join(f"{division.code} {division.name.parent_zh}{division.name.zh}" for division in found)
        raise WhereAmbiguous(text=asked, candidates=listed)
    wanted = normal(asked)
    if named := [at for at, hub in enumerate(hubs) if wanted in {normal(hub.name_zh), normal(hub.name_en)}]:
        if len(named) > 1:
            raise WhereAmbiguous(text=asked, candidates=", ".join(hubs[at].code for at in named))
        return _of_hubs(hubs[named[0]].code, hubs, named)
    known = {normal(name): name for name in _names(hubs, divisions)}
    close = get_close_matches(wanted, sorted(known), n=SUGGESTED, cutoff=0.6)
    did_you_mean = _("Did you mean: {names}?").format(names=", ".join(known[name] for name in close))
    raise WhereUnknown(text=asked, suggestions=did_you_mean if close else _("Give a code or a full name."))


def _names(hubs: Sequence[HubRecord], divisions: Sequence[Division]) -> Iterator[str]:
    for hub in hubs:
        yield from (name for name in (hub.code, hub.locode, hub.name_zh, hub.name_en) if name)
    for division in divisions:
        yield from (division.name.zh, division.name.en)


@lru_cache(maxsize=8)
def _divisions(as_of: date) -> tuple[Division, ...]:
    """Shipped divisions in being on a day, provinces left out: a road leg begins somewhere smaller."""
    path = resources.files("bashu.kernel.places") / "facts" / "divisions.csv"
    with path.open(encoding="utf-8") as stream:
        rows = [
            row
            for row in csv.DictReader(stream)
            if row["valid_from"] <= as_of.isoformat() and (not row["valid_to"] or as_of.isoformat() < row["valid_to"])
        ]
    named = {row["code"]: row for row in rows}
    return tuple(
        Division(row["code"], row["kind"], _name(row, named.get(row["parent"])), float(row["lat"]), float(row["lon"]))
        for row in rows
        if row["kind"] != "province" and row["lat"]
    )


def _name(row: dict[str, str], parent: dict[str, str] | None) -> Name:
    above = (parent["name_zh"], parent["name_en"]) if parent else ("", "")
    return Name(row["name_zh"], row["name_en"], row["alias"], *above)
