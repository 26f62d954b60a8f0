"""The facts of the two grids as the package ships them: cited rows in, the region's model and its assumptions out."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from bashu.kernel.facts.reader import read_csv, read_sources, read_toml, sources_check
from bashu.kernel.facts.schema import Fact, Row, Source, Text
from bashu.power.engine.region import Cost, Line, Plant, Region, Zone


class Cited(Fact):
    """A fact of this room; `note_en` is the note in English."""

    note_en: Text | None = None


class ZoneFact(Cited):
    """A place of the model."""

    id: Text
    name: Text
    name_en: Text
    side: Text
    kind: Text
    lat: Decimal
    lon: Decimal
    load_share: Decimal


class TotalFact(Cited):
    """A total that profiles are calibrated to."""

    id: Text
    name: Text
    name_en: Text
    side: Text
    value: int
    unit: Text


class FleetFact(Cited):
    """Capacity of one technology on one side, by where the number comes from."""

    id: Text
    side: Text
    technology: Text
    mw: int


class ShareFact(Cited):
    """How much of a side's technology stands in a zone."""

    zone: Text
    technology: Text
    share: Decimal


class CostFact(Cited):
    """Money a MWh, carbon of the fuel, efficiency and availability of a technology."""

    technology: Text
    cost: Decimal
    carbon: Decimal
    efficiency: Decimal
    availability: Decimal


class LineFact(Cited):
    """A line between two zones; its loss has a status of its own."""

    id: Text
    name: Text
    name_en: Text
    zone0: Text
    zone1: Text
    kind: Text
    mw: int
    loss: Decimal
    loss_status: Text


class StatementFact(Cited):
    """What is reported of the ultra-high-voltage project."""

    id: Text
    name: Text
    name_en: Text
    value: Text
    value_en: Text


class RegionFacts(NamedTuple):
    """All rows of the package's files."""

    sources: dict[str, Source]
    zones: tuple[ZoneFact, ...]
    totals: tuple[TotalFact, ...]
    fleet: tuple[FleetFact, ...]
    shares: tuple[ShareFact, ...]
    costs: tuple[CostFact, ...]
    lines: tuple[LineFact, ...]
    statements: tuple[StatementFact, ...]


@cache
def region_facts() -> RegionFacts:
    """The shipped facts, read once. Raises Malformed (422) with file and row for a fault in them."""
    room = files("bashu.power") / "facts"
    found = RegionFacts(
        read_sources(room / "sources.toml"),
        read_toml(room / "zones.toml", ZoneFact),
        read_toml(room / "totals.toml", TotalFact),
        read_csv(room / "fleet.csv", FleetFact),
        read_csv(room / "shares.csv", ShareFact),
        read_csv(room / "costs.csv", CostFact),
        read_csv(room / "ties.csv", LineFact),
        read_toml(room / "uhv.toml", StatementFact),
    )
    names = ("zones.toml", "totals.toml", "fleet.csv", "shares.csv", "costs.csv", "ties.csv", "uhv.toml")
    for name, rows in zip(names, found[1:], strict=True):
        sources_check(name, rows, found.sources)
    return found


def region_of(facts: RegionFacts) -> Region:
    """The facts as the numbers that the model is made of."""
    sizes: dict[tuple[str, str], int] = {}
    for row in facts.fleet:
        sizes[row.side, row.technology] = sizes.get((row.side, row.technology), 0) + row.mw
    sides = {zone.id: "OUT" if zone.id == "OUT" else zone.side for zone in facts.zones}
    return Region(
        tuple(Zone(zone.id, zone.side, zone.kind == "outside", float(zone.load_share)) for zone in facts.zones),
        tuple(
            Plant(row.zone, row.technology, float(row.share) * sizes[sides[row.zone], row.technology])
            for row in facts.shares
            if row.share
        ),
        tuple(Line(row.id, row.zone0, row.zone1, row.kind, float(row.mw), float(row.loss)) for row in facts.lines),
        {
            row.technology: Cost(float(row.cost), float(row.carbon), float(row.efficiency), float(row.availability))
            for row in facts.costs
        },
        {row.id: float(row.value) for row in facts.totals},
    )


def assumptions_of(facts: RegionFacts) -> list[dict[str, str]]:
    """What a case keeps of the facts it was made from: each row's file, subject, value, source and status."""

    def rows() -> Iterator[tuple[str, str, str, Fact | Row]]:
        yield from (("totals", row.id, f"{row.value} {row.unit}", row) for row in facts.totals)
        yield from (("fleet", row.id, f"{row.mw} MW", row) for row in facts.fleet)
        yield from (("shares", f"{row.zone} {row.technology}", str(row.share), row) for row in facts.shares)
        yield from (("ties", row.id, f"{row.mw} MW, loss {row.loss}", row) for row in facts.lines)
        yield from (("costs", row.technology, f"{row.cost} CNY/MWh", row) for row in facts.costs)

    return [
        {"table": table, "what": what, "value": value, "source": row.source, "status": str(row.status)}
        for table, what, value, row in rows()
        if isinstance(row, Fact)
    ]
