"""Read and write the two shapes of a PyPSA network on disk, a netCDF file and a folder of CSV files, without interpreting them."""

import csv
import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import h5netcdf
import numpy as np

from bashu.power.errors import FileUnreadable
from bashu.power.formats.raw import RawNetwork, RawTable, Series, text

WEIGHTS = ("objective", "stores", "generators")
TABLES = (
    "buses", "carriers", "global_constraints", "lines", "line_types", "transformers", "transformer_types", "links", "loads",
    "generators", "storage_units", "stores", "shunt_impedances", "processes", "shapes", "sub_networks",
)  # fmt: skip
STEP = {"seconds": "seconds", "minutes": "minutes", "hours": "hours", "days": "days"}
SETTINGS = {
    "network__multi_invest",
    "network_name",
    "network_now",
    "network_pypsa_version",
    "network_srid",
    "crs",
    "meta",
}


def read_netcdf(path: Path) -> RawNetwork:
    """A netCDF file as written by `n.export_to_netcdf`. Raises FileUnreadable."""
    try:
        with h5netcdf.File(path, "r") as file:
            attributes = dict(file.attrs)
            variables = {name: (variable[...], dict(variable.attrs)) for name, variable in file.variables.items()}
    except (OSError, ValueError) as error:
        raise FileUnreadable(place=path.name, problem=str(error)) from error
    if "snapshots" not in variables:
        raise FileUnreadable(place=path.name, problem="it holds no snapshots")
    snapshots = times(*variables.get("snapshots_snapshot", variables["snapshots"]))
    weights = {
        name: np.asarray(variables[f"snapshots_{name}"][0], float)
        for name in WEIGHTS
        if f"snapshots_{name}" in variables
    }
    tables: dict[str, RawTable] = {}
    left = {name for name in variables if not name.startswith("snapshots")}
    for kind in TABLES:
        if f"{kind}_i" in variables:
            tables[kind] = table_of(kind, variables, left)
    left -= {name for name in left if name.startswith("investment_periods")}
    if left:
        raise FileUnreadable(place=path.name, problem=f"unknown variable {min(left)}")
    return RawNetwork(snapshots, weights, tables, attributes)


def table_of(kind: str, variables: dict[str, tuple[np.ndarray, dict]], left: set[str]) -> RawTable:
    """One table of a netCDF file; takes the names it used out of `left`."""
    table = RawTable(text(variables[f"{kind}_i"][0]))
    left.discard(f"{kind}_i")
    for name in sorted(left):
        if not name.startswith(f"{kind}_"):
            continue
        values, notes = variables[name]
        attribute = name.removeprefix(f"{kind}_")
        if attribute.startswith("t_"):
            if not attribute.endswith("_i"):
                table.series[attribute[2:]] = Series(text(variables[f"{name}_i"][0]), np.asarray(values, float))
        elif values.shape == (len(table.names),):
            table.columns[attribute] = (
                values.astype(bool) if text(np.array([notes.get("dtype")], object)) == ["bool"] else values
            )
        else:
            continue
        left.discard(name)
    return table


def times(values: np.ndarray, notes: dict) -> list[str]:
    """Snapshot labels as ISO text: decoded by their units where they are times, as they are otherwise.

    >>> times(np.array([0, 6]), {"units": "hours since 2025-08-01 00:00:00"})
    ['2025-08-01T00:00:00', '2025-08-01T06:00:00']
    """
    units = text(np.array([notes.get("units")], object))[0]
    found = re.fullmatch(r"(\w+) since (.+)", units)
    if found is None or found[1] not in STEP:
        return text(np.asarray(values, object))
    origin = datetime.fromisoformat(found[2].strip())
    return [(origin + timedelta(**{STEP[found[1]]: float(value)})).isoformat() for value in values.tolist()]


def read_folder(path: Path) -> RawNetwork:
    """A folder of CSV files as written by `n.export_to_csv_folder`. Raises FileUnreadable."""
    if not (path / "buses.csv").exists():
        raise FileUnreadable(place=path.name, problem="it holds no buses.csv")
    snapshots, weights = ["now"], {name: np.ones(1) for name in WEIGHTS}
    if (path / "snapshots.csv").exists():
        _, columns = read_columns(path / "snapshots.csv")
        labels = columns.pop("snapshot", None)
        index, _ = read_columns(path / "snapshots.csv")
        snapshots = [label.replace(" ", "T", 1) for label in (labels.tolist() if labels is not None else index)]
        weights = {name: numbers(path / "snapshots.csv", name, columns[name]) for name in WEIGHTS if name in columns}
    tables: dict[str, RawTable] = {}
    attributes: dict[str, object] = {}
    for file in sorted(path.iterdir()):
        kind, _, series = file.stem.partition("-")
        if file.suffix != ".csv" or kind in ("snapshots", "investment_periods"):
            continue
        if kind == "network":
            _, columns = read_columns(file)
            attributes = {f"network_{name}": values[0] for name, values in columns.items() if len(values)}
        elif kind not in TABLES:
            raise FileUnreadable(place=file.name, problem="no table of a network has this name")
        elif series:
            names, values = read_series(file)
            if values.shape[0] != len(snapshots):
                raise FileUnreadable(place=file.name, problem=f"{values.shape[0]} rows for {len(snapshots)} snapshots")
            tables.setdefault(kind, RawTable()).series[series] = Series(names, values)
        else:
            names, columns = read_columns(file)
            table = tables.setdefault(kind, RawTable())
            table.names, table.columns = names, columns
    return RawNetwork(snapshots, weights, tables, attributes)


def read_columns(path: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """The first column of a CSV file and the others by their header, all as text. Raises FileUnreadable."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FileUnreadable(place=path.name, problem=str(error)) from error
    if not rows:
        return [], {}
    width = len(rows[0])
    if twice := [name for i, name in enumerate(rows[0]) if name in rows[0][:i]]:
        raise FileUnreadable(place=path.name, problem=f"the column {twice[0]} occurs twice")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != width:
            raise FileUnreadable(
                place=f"{path.name}:{number}", problem=f"{len(row)} cells where the header has {width}"
            )
    cells = np.array(rows[1:], dtype=object).reshape(-1, width)
    return cells[:, 0].tolist(), {name: cells[:, i + 1] for i, name in enumerate(rows[0][1:])}


def read_series(path: Path) -> tuple[list[str], np.ndarray]:
    """The header and the numbers (hours, k) of a series file."""
    with path.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream), [])
    _, columns = read_columns(path)
    values = [numbers(path, name, column) for name, column in columns.items()]
    return header[1:], np.array(values).T if values else np.zeros((0, 0))


def numbers(path: Path, name: str, cells: np.ndarray) -> np.ndarray:
    """A column of text as numbers, empty cells as NaN. Raises FileUnreadable with the row."""
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells.tolist()])
    except ValueError:
        for row, cell in enumerate(cells.tolist(), 2):
            try:
                float(cell or "nan")
            except ValueError:
                raise FileUnreadable(place=f"{path.name}:{row}", problem=f"{name} is no number: {cell}") from None
        raise


def write_folder(raw: RawNetwork, path: Path) -> None:
    """Write the folder that `read_folder` and PyPSA read."""
    path.mkdir(parents=True, exist_ok=True)

    def write(name: str, header: list[str], rows: list[list[object]]) -> None:
        with (path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])

    told = {name.removeprefix("network_"): value for name, value in raw.attributes.items()}
    name = told.pop("name", "")
    write("network", ["name", *told], [[name, *told.values()]])
    write(
        "snapshots",
        ["", "snapshot", *raw.weights],
        [[i, label, *(float(w[i]) for w in raw.weights.values())] for i, label in enumerate(raw.snapshots)],
    )
    for kind, table in raw.tables.items():
        columns = [column.tolist() for column in table.columns.values()]
        write(kind, ["name", *table.columns], [list(row) for row in zip(table.names, *columns, strict=True)])
        for name, series in table.series.items():
            rows = [[i, *row] for i, row in enumerate(series.values.tolist())]
            write(f"{kind}-{name}", ["", *series.names], rows)


def write_netcdf(raw: RawNetwork, path: Path) -> None:
    """Write the netCDF file that `read_netcdf` and PyPSA read."""
    labels = [datetime.fromisoformat(label) if "-" in label else None for label in raw.snapshots]
    with h5netcdf.File(path, "w") as file:
        for name, value in {**raw.attributes, "meta": json.dumps({})}.items():
            file.attrs[name] = value
        file.dimensions = {"snapshots": len(raw.snapshots)}
        file.create_variable("snapshots", ("snapshots",), data=np.arange(len(raw.snapshots)))
        if None not in labels:
            origin = labels[0]
            assert origin is not None
            seconds = [round((label - origin).total_seconds()) for label in labels if label is not None]
            moment = file.create_variable("snapshots_snapshot", ("snapshots",), data=np.array(seconds))
            moment.attrs["units"] = f"seconds since {origin.isoformat(' ')}"
            moment.attrs["calendar"] = "proleptic_gregorian"
        for name, weight in raw.weights.items():
            file.create_variable(f"snapshots_{name}", ("snapshots",), data=weight)
        for kind, table in raw.tables.items():
            put_names(file, f"{kind}_i", table.names)
            for name, column in table.columns.items():
                put_column(file, f"{kind}_{name}", f"{kind}_i", column)
            for name, series in table.series.items():
                put_names(file, f"{kind}_t_{name}_i", series.names)
                file.create_variable(f"{kind}_t_{name}", ("snapshots", f"{kind}_t_{name}_i"), data=series.values)


def put_names(file: h5netcdf.File, dimension: str, names: list[str]) -> None:
    """A dimension and the variable that labels it."""
    file.dimensions[dimension] = len(names)
    put_column(file, dimension, dimension, np.array(names, dtype=object))


def put_column(file: h5netcdf.File, name: str, dimension: str, column: np.ndarray) -> None:
    """One column; text as variable-length strings, truth values as the bytes PyPSA marks `bool`."""
    if column.dtype == object:
        variable = file.create_variable(name, (dimension,), dtype=h5netcdf.core.h5py.string_dtype())
        variable[...] = column
    elif column.dtype == bool:
        file.create_variable(name, (dimension,), data=column.astype(np.int8)).attrs["dtype"] = "bool"
    else:
        file.create_variable(name, (dimension,), data=column)
