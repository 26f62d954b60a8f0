"""Facts that operations rest on: holidays, periods, extents, towns, kinds of delegated acts."""

from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Literal

from django.utils.translation import get_language

from bashu.kernel.facts.reader import read_sources, read_toml, sources_check
from bashu.kernel.facts.schema import Fact, Source, Text
from bashu.policy.engine.workdays import Calendar

FOLDER = resources.files("bashu.policy") / "facts" / "operations"


class Holidays(Fact):
    """The days off of a year, and the weekend days worked in exchange."""

    id: Text
    year: int
    free: tuple[date, ...]
    worked: tuple[date, ...]


class Named(Fact):
    """A fact with a name in both languages."""

    id: Text
    name: Text
    name_en: Text

    @property
    def label(self) -> str:
        """The name in the language being spoken."""
        return self.name if (get_language() or "zh").startswith("zh") else self.name_en


class Period(Named):
    """How long a step may take: working days, or days of the calendar."""

    days: int
    calendar: bool = False


class Extent(Fact):
    """The size of an area from a day on, in km²."""

    id: Text
    area: Text
    km2: int
    cq_km2: int
    sc_km2: int


class Town(Named):
    """A town of which a part lies in the area."""

    area: Text
    province: Literal["CQ", "SC"]


@lru_cache
def sources() -> dict[str, Source]:
    """Where these facts were read, by id."""
    return read_sources(FOLDER / "sources.toml")


@lru_cache
def holidays() -> Calendar:
    """The calendar of working days, as far as its years are known."""
    rows = read_toml(FOLDER / "holidays.toml", Holidays)
    sources_check("holidays.toml", rows, sources())
    return Calendar(
        years=frozenset(row.year for row in rows),
        free=frozenset(day for row in rows for day in row.free),
        worked=frozenset(day for row in rows for day in row.worked),
    )


@lru_cache
def periods() -> dict[str, Period]:
    """The periods of an application's steps, by id."""
    rows = read_toml(FOLDER / "periods.toml", Period)
    sources_check("periods.toml", rows, sources())
    return {row.id: row for row in rows}


@lru_cache
def extents() -> tuple[Extent, ...]:
    """What is known of areas' sizes."""
    rows = read_toml(FOLDER / "areas.toml", Extent)
    sources_check("areas.toml", rows, sources())
    return rows


@lru_cache
def towns() -> dict[str, Town]:
    """Towns of areas, by id."""
    rows = read_toml(FOLDER / "towns.toml", Town)
    sources_check("towns.toml", rows, sources())
    return {row.id: row for row in rows}


@lru_cache
def acts() -> dict[str, Named]:
    """Kinds of acts that can be lent, by id."""
    rows = read_toml(FOLDER / "acts.toml", Named)
    sources_check("acts.toml", rows, sources())
    return {row.id: row for row in rows}


def extent_on(area: str, day: date) -> Extent | None:
    """What is known of an area's size on a day."""
    return next(
        (
            row
            for row in extents()
            if row.area == area and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
        ),
        None,
    )
