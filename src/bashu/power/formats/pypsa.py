"""PyPSA networks: what their tables mean to the engine, and back. Compared with PyPSA 1.4.

Nothing that changes the dispatch is passed over: a table or attribute the engine does not know is refused by name, unless it
stands at the value that means its absence. Columns that are no attributes of PyPSA at all are the file's own notes; they are
listed, and a note whose name is one slip away from an attribute is refused as a misspelling.
"""

import csv
from difflib import get_close_matches
from importlib.resources import files
from math import isnan
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bashu.power.engine.network import Network, Table
from bashu.power.engine.vocabulary import KINDS, VOCABULARY, attribute
from bashu.power.errors import FileUnreadable, NotExportable, Unsupported
from bashu.power.formats import pypsa_files
from bashu.power.formats.pypsa_words import (
    CONDITIONAL,
    ELECTRICAL,
    HARMLESS,
    KIND_OF,
    NEUTRAL,
    SILENT_TABLES,
)
from bashu.power.formats.raw import WORDS, RawNetwork, RawTable, Series, text, truth

CLOSE = 0.9  # similarity of names above which a note is taken for a misspelt attribute
ELECTRIC = ("AC", "DC")


class Reading(NamedTuple):
    """A network and the names of columns that are notes of the file, not attributes."""

    network: Network
    notes: list[str]


def read(path: Path) -> Reading:
    """A network from a netCDF file or CSV folder. Raises FileUnreadable or Unsupported."""
    raw = pypsa_files.read_folder(path) if path.is_dir() else pypsa_files.read_netcdf(path)
    return interpret(raw, name=path.stem)


def interpret(raw: RawNetwork, *, name: str = "") -> Reading:
    """The network that the tables describe."""
    if str(raw.attributes.get("network__multi_invest", 0)) not in ("0", "0.0", "False", ""):
        raise Unsupported(attribute="investment_periods", value="several investment periods")
    notes: list[str] = []
    tables: dict[str, Table] = {}
    for kind, table in raw.tables.items():
        if kind in SILENT_TABLES or not table.names:
            continue
        if kind not in HARMLESS:
            raise Unsupported(attribute=kind, value=f"{len(table.names)} rows")
        notes += check_columns(kind, table)
        if kind not in ELECTRICAL:
            tables[KIND_OF.get(kind, kind)] = plain(KIND_OF.get(kind, kind), table, len(raw.snapshots))
    branches = [
        branch_table(kind, raw.tables[kind], tables["buses"], line_types(raw), len(raw.snapshots))
        for kind in ELECTRICAL
        if kind in raw.tables and raw.tables[kind].names
    ]
    if branches:
        tables["lines"] = branches[0] if len(branches) == 1 else joined(branches)
    hours = len(raw.snapshots)
    weights = [np.asarray(raw.weights.get(name, np.ones(hours)), float) for name in pypsa_files.WEIGHTS]
    network = Network(raw.snapshots, tables, name, weights[0], weights[1], weights[2])
    return Reading(network, notes)


def check_columns(kind: str, table: RawTable) -> list[str]:
    """The notes among a table's columns. Raises Unsupported for what would change the answer."""
    ours, notes = KIND_OF.get(kind, kind), []
    neutral = NEUTRAL[kind]
    for name in [*table.columns, *table.series]:
        if attribute(ours, name) or name in HARMLESS[kind] | ELECTRICAL.get(kind, set()) | CONDITIONAL:
            continue
        if name in neutral:
            given = [
                table.columns.get(name, np.zeros(0)),
                table.series[name].values if name in table.series else np.zeros(0),
            ]
            refuse_unless(f"{kind}.{name}", given, neutral[name])
        elif (slip := get_close_matches(name, VOCABULARY[ours], 1, CLOSE)) or (
            kind == "buses" and name.startswith("nom_m")
        ):
            raise Unsupported(
                attribute=f"{kind}.{name}", value=f"did you mean {slip[0]}?" if slip else "capacity limit"
            )
        elif name.startswith(("delay", "cyclic_delay")):
            refuse_unless(f"{kind}.{name}", [table.columns[name]], 0.0)
        else:
            notes.append(f"{kind}.{name}")
    return notes


def refuse_unless(what: str, given: list[np.ndarray], neutral: object) -> None:
    """Raise Unsupported where a value differs from the one that stands for absence."""
    for values in given:
        for value in values.ravel().tolist():
            shown = value.decode() if isinstance(value, bytes) else value
            if shown == neutral or shown in ("", None, "nan") or (isinstance(shown, float) and isnan(shown)):
                continue
            if isinstance(neutral, bool):
                same = str(shown).strip().lower() in WORDS and truth(shown) == neutral
            else:
                same = not isinstance(neutral, str) and not isinstance(shown, str) and float(shown) == neutral
                same = same or (isinstance(shown, str) and not isinstance(neutral, str) and is_number(shown, neutral))
            if not same:
                raise Unsupported(attribute=what, value=shown)


def is_number(shown: str, neutral: object) -> bool:
    """Whether text is the number that stands for absence."""
    try:
        return float(shown) == neutral
    except ValueError:
        return False


def as_truth(what: str, table: RawTable, cells: list[str], default: bool) -> np.ndarray:
    """A column as truth values, empty cells as the default. Raises FileUnreadable naming the unit."""
    values = np.full(len(cells), default)
    for i, cell in enumerate(cells):
        try:
            values[i] = truth(cell) if cell else default
        except ValueError as error:
            raise FileUnreadable(place=f"{what} of {table.names[i]}", problem=str(error)) from None
    return values


def plain(kind: str, table: RawTable, hours: int) -> Table:
    """A table whose attributes the engine knows under the same names."""
    made = Table(kind, table.names)
    known = [name for name in [*table.columns, *table.series] if attribute(kind, name)]
    for name in dict.fromkeys(known):
        made.put(name, values_of(kind, table, name, hours))
    for n in made.ports() if kind == "links" else ():
        # a link that does not use a further port has no efficiency there
        unused, share = made[f"bus{n}"] == "", made[f"efficiency{n}"]
        made.put(f"efficiency{n}", np.where(unused if share.ndim == 1 else unused[:, None], 1.0, share))
    return made


def values_of(kind: str, table: RawTable, name: str, hours: int) -> np.ndarray:
    """The values of an attribute: (n,) or, where a series gives some units by hour, (n, hours)."""
    known = attribute(kind, name)
    assert known is not None
    if name in table.series and not known.varies:
        raise Unsupported(attribute=f"{kind}.{name}", value="given by hour")
    column = table.columns.get(name)
    if isinstance(known.default, str):
        values = np.array(text(column) if column is not None else [known.default] * len(table.names), dtype=object)
        return np.where(values == "", known.default, values)
    if isinstance(known.default, bool):
        return as_truth(f"{kind}.{name}", table, [] if column is None else text(column), known.default)
    static = np.full(len(table.names), float(known.default))
    if column is not None:
        # an empty cell means the default; a value that is written as no number stays one, and is refused later by its name
        blank = (
            np.array([cell == "" for cell in text(column)]) if column.dtype == object else np.zeros(len(column), bool)
        )
        static = np.where(blank, float(known.default), as_numbers(f"{kind}.{name}", table, column))
    if name not in table.series:
        return static
    series = table.series[name]
    whole = np.repeat(static[:, None], hours, axis=1)
    place = {unit: i for i, unit in enumerate(table.names)}
    for j, unit in enumerate(series.names):
        if unit not in place:
            raise FileUnreadable(place=f"{kind}.{name}", problem=f"a series for {unit}, which the table does not hold")
        whole[place[unit]] = series.values[:, j]
    return whole


def as_numbers(what: str, table: RawTable, column: np.ndarray) -> np.ndarray:
    """A column as numbers. Raises FileUnreadable naming the unit."""
    if column.dtype != object:
        return column.astype(float)
    values = np.empty(len(column))
    for i, cell in enumerate(text(column)):
        try:
            values[i] = float(cell) if cell else np.nan
        except ValueError:
            raise FileUnreadable(place=f"{what} of {table.names[i]}", problem=f"no number: {cell}") from None
    return values


def line_types(raw: RawNetwork) -> dict[str, tuple[float, float]]:
    """Reactance and resistance in ohm/km of line types: the standard ones, and those the file brings."""
    with (files("bashu.power") / "facts" / "line_types.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
    known = {row["name"]: (float(row["x_ohm_per_km"]), float(row["r_ohm_per_km"])) for row in rows}
    own = raw.tables.get("line_types")
    if own is not None and own.names:
        x, r = (as_numbers("line_types", own, own.columns[name]) for name in ("x_per_length", "r_per_length"))
        known |= {name: (x[i], r[i]) for i, name in enumerate(own.names)}
    return known


def branch_table(kind: str, table: RawTable, buses: Table, types: dict[str, tuple[float, float]], hours: int) -> Table:
    """Lines or transformers, with their reactance turned into the angle that a megawatt needs.

    Lines: x (ohm) over the square of the nominal voltage in kV, or x per km times length over parallel circuits where a type is
    named; direct-current lines take resistance. Transformers: x per unit of their own rating, times the tap ratio.
    """
    rows = RawTable(list(table.names), dict(table.columns), dict(table.series))
    made = plain("lines", rows, hours)

    def number(name: str, default: float) -> np.ndarray:
        if name in table.series:
            raise Unsupported(attribute=f"{kind}.{name}", value="given by hour")
        column = table.columns.get(name)
        values = np.full(len(table.names), default) if column is None else as_numbers(f"{kind}.{name}", table, column)
        return np.where(np.isnan(values), default, values)

    for end in ("bus0", "bus1"):
        for i, bus in enumerate(made[end]):
            if bus not in buses:
                raise FileUnreadable(place=f"{kind}.{end} of {made.names[i]}", problem=f"no such bus: {bus}")
    ends = np.array([buses.position(bus) for bus in made["bus0"]], dtype=int)
    x, r = number("x", 0.0), number("r", 0.0)
    if kind == "transformers":
        made.put("angle", x / number("s_nom", 0.0) * number("tap_ratio", 1.0))
    else:
        named = text(table.columns["type"]) if "type" in table.columns else [""] * len(table.names)
        length, circuits = number("length", 0.0), number("num_parallel", 1.0)
        for i, line_type in enumerate(named):
            if line_type and line_type not in types:
                raise Unsupported(attribute=f"lines.{table.names[i]}.type", value=line_type)
            if line_type:
                x[i], r[i] = (per_km * length[i] / circuits[i] for per_km in types[line_type])
        direct = buses["carrier"][ends] == "DC"
        made.put("angle", np.where(direct, r, x) / buses["v_nom"][ends] ** 2)
    limit = np.abs(number("v_ang_max", np.inf))
    made.put("angle_max", limit)
    made.put("angle_min", -limit)
    return made


def joined(branches: list[Table]) -> Table:
    """Lines and transformers as one table; a name that both use is told apart by its kind."""
    taken = set(branches[0].names)
    names = [*branches[0].names, *(f"transformer {name}" if name in taken else name for name in branches[1].names)]
    table = Table("lines", names)
    for name in {*branches[0].values, *branches[1].values}:
        parts = [branch[name] for branch in branches]
        width = max((part.shape[1] for part in parts if part.ndim == 2), default=0)
        parts = [np.repeat(part[:, None], width, axis=1) if width and part.ndim == 1 else part for part in parts]
        table.put(name, np.concatenate(parts))
    return table


def write(network: Network, path: Path) -> None:
    """Write what PyPSA solves to the same objective: `.nc` as netCDF, anything else as a CSV folder. Raises NotExportable."""
    raw = describe(network)
    if path.suffix == ".nc":
        pypsa_files.write_netcdf(raw, path)
    else:
        pypsa_files.write_folder(raw, path)


def describe(network: Network) -> RawNetwork:
    """The tables of PyPSA that say what the network says. Raises NotExportable, naming what they cannot say."""
    if network.fixed_cost:
        raise NotExportable(attribute="fixed_cost", value=network.fixed_cost)
    tables: dict[str, RawTable] = {}
    for kind in KINDS:
        table = network[kind]
        if not len(table):
            continue
        if kind in ("sections", "flexible_loads"):
            raise NotExportable(attribute=kind, value=", ".join(table.names))
        tables[{"limits": "global_constraints"}.get(kind, kind)] = columns_of(network, table)
    weights = dict(
        zip(pypsa_files.WEIGHTS, (network.cost_hours, network.storage_hours, network.sum_hours), strict=True)
    )
    attributes: dict[str, object] = {"network__multi_invest": 0, "network_name": network.name, "network_srid": 4326}
    return RawNetwork(list(network.snapshots), weights, tables, attributes)


def columns_of(network: Network, table: Table) -> RawTable:
    """One table in PyPSA's words."""
    made = RawTable(list(table.names))
    for name, values in table.values.items():
        known = attribute(table.kind, name)
        assert known is not None
        if known.own:
            away = ~np.isnan(values) if name == "unserved_cost" else values != known.default
            if np.any(away):
                raise NotExportable(attribute=f"{table.kind}.{name}", value=table.names[int(np.argwhere(away)[0][0])])
        elif table.kind == "lines" and name in ("angle", "angle_min", "angle_max", "phase_shift"):
            continue
        elif values.ndim == 2:
            made.series[name] = Series(list(table.names), values.T)
        else:
            made.columns[name] = values
    if table.kind == "links":
        for n in table.ports():
            made.columns.setdefault(f"efficiency{n}", table[f"efficiency{n}"])
    if table.kind == "lines":
        add_electrical(network, table, made)
    return made


def add_electrical(network: Network, table: Table, made: RawTable) -> None:
    """The reactance (or resistance) that gives each line its angle; angle limits where they are symmetric."""
    if np.any(table["phase_shift"] != 0):
        raise NotExportable(attribute="lines.phase_shift", value=table.names[int(np.argmax(table["phase_shift"] != 0))])
    if np.any(table["angle_min"] != -table["angle_max"]):
        raise NotExportable(attribute="lines.angle_min", value="limits that differ by direction")
    buses = network["buses"]
    ends = np.array([buses.position(bus) for bus in table["bus0"]], dtype=int)
    ohm = table["angle"] * buses["v_nom"][ends] ** 2
    direct = buses["carrier"][ends] == "DC"
    made.columns["x"], made.columns["r"] = np.where(direct, 0.0, ohm), np.where(direct, ohm, 0.0)
    made.columns["v_ang_max"] = table["angle_max"]
    made.columns["carrier"] = np.where(direct, "DC", "AC").astype(object)
