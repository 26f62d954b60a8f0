"""Our own tidy network: a folder with one table a kind, and one long table of profiles; CSV or Parquet, mixed as one likes.

`horizon`   snapshot, and optionally cost_hours, storage_hours, sum_hours (1 each by default)
`<kind>`    name, then attributes of the vocabulary: buses, generators, storage_units, links, sections, …
`profiles`  kind, name, attribute, snapshot, value: what differs by hour
Every column is an attribute of the vocabulary; any other is refused by name.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from bashu.power.engine.network import Network, Table
from bashu.power.engine.vocabulary import KINDS, attribute
from bashu.power.errors import FileUnreadable, Unsupported
from bashu.power.formats.raw import truth

WEIGHTS = ("cost_hours", "storage_hours", "sum_hours")
PROFILE = ("kind", "name", "attribute", "snapshot", "value")
SUFFIXES = (".csv", ".parquet")


def is_tidy(path: Path) -> bool:
    """Whether a folder says that it is a tidy network: it has a horizon."""
    return any((path / f"horizon{suffix}").exists() for suffix in SUFFIXES)


def read(path: Path) -> Network:
    """The network of a folder. Raises FileUnreadable or Unsupported."""
    found = {file.stem: file for file in sorted(path.iterdir()) if file.suffix in SUFFIXES}
    if unknown := set(found) - {"horizon", "profiles", *KINDS}:
        raise Unsupported(attribute=min(unknown), value="a table")
    horizon = load(found["horizon"], ("snapshot",))
    snapshots = [str(label) for label in horizon["snapshot"].to_pylist()]
    if unknown := set(horizon.column_names) - {"snapshot", *WEIGHTS}:
        raise Unsupported(attribute=f"horizon.{min(unknown)}", value="a column")
    tables = {kind: table_of(kind, found[kind]) for kind in KINDS if kind in found}
    if "profiles" in found:
        put_profiles(tables, load(found["profiles"], PROFILE), snapshots)
    weights = [
        numbers(horizon, name, "horizon") if name in horizon.column_names else np.ones(len(snapshots))
        for name in WEIGHTS
    ]
    return Network(snapshots, tables, path.name, weights[0], weights[1], weights[2])


def load(file: Path, needed: tuple[str, ...]) -> pa.Table:
    """A CSV or Parquet file. Raises FileUnreadable when it cannot be read or lacks a column."""
    text = {name: pa.string() for name in ("name", "snapshot", "bus", "bus0", "bus1", "kind", "attribute", "carrier")}
    try:
        if file.suffix == ".parquet":
            table = pq.read_table(file)
        else:
            options = pacsv.ConvertOptions(column_types=text, strings_can_be_null=False, null_values=[""])
            table = pacsv.read_csv(file, convert_options=options)
    except (OSError, pa.ArrowException) as error:
        raise FileUnreadable(place=file.name, problem=str(error).splitlines()[0]) from error
    if twice := [name for i, name in enumerate(table.column_names) if name in table.column_names[:i]]:
        raise FileUnreadable(place=file.name, problem=f"the column {twice[0]} occurs twice")
    if missing := [name for name in needed if name not in table.column_names]:
        raise FileUnreadable(place=file.name, problem=f"it has no column {missing[0]}")
    return table


def numbers(table: pa.Table, name: str, place: str) -> np.ndarray:
    """A column as numbers, empty cells as NaN."""
    try:
        column = table[name].cast(pa.float64())
    except pa.ArrowException as error:
        raise FileUnreadable(place=f"{place}.{name}", problem=str(error).splitlines()[0]) from error
    return np.array(column.to_numpy(zero_copy_only=False), dtype=float)


def table_of(kind: str, file: Path) -> Table:
    """One kind's table."""
    raw = load(file, ("name",))
    try:
        table = Table(kind, [str(name) for name in raw["name"].to_pylist()])
    except ValueError as error:
        raise FileUnreadable(place=file.name, problem=str(error)) from error
    for name in raw.column_names:
        if name == "name":
            continue
        known = attribute(kind, name)
        if known is None:
            raise Unsupported(attribute=f"{kind}.{name}", value="a column")
        if isinstance(known.default, str):
            table.put(name, [known.default if cell is None else str(cell) for cell in raw[name].to_pylist()])
        elif isinstance(known.default, bool):
            cells = raw[name].to_pylist()
            try:
                table.put(name, [known.default if cell is None else truth(cell) for cell in cells])
            except ValueError as error:
                raise FileUnreadable(place=f"{kind}.{name}", problem=str(error)) from error
        else:
            blank = raw[name].is_null().to_numpy()
            table.put(name, np.where(blank, float(known.default), numbers(raw, name, kind)))
    return table


def put_profiles(tables: dict[str, Table], profiles: pa.Table, snapshots: list[str]) -> None:
    """Spread the long table over the attributes it speaks of. Raises for what it does not know, misses or says twice."""
    hour = {label: i for i, label in enumerate(snapshots)}
    encoded = [profiles[name].combine_chunks().cast(pa.string()).dictionary_encode() for name in PROFILE[:4]]
    codes = [np.asarray(column.indices) for column in encoded]
    words = [column.dictionary.to_pylist() for column in encoded]
    values = numbers(profiles, "value", "profiles")
    if unknown := [label for label in words[3] if label not in hour]:
        raise FileUnreadable(place="profiles", problem=f"unknown snapshot {unknown[0]}")
    hours = np.array([hour[label] for label in words[3]], dtype=int)[codes[3]]
    series, which = np.unique(np.stack(codes[:3]), axis=1, return_inverse=True)
    which = which.ravel()
    for j in range(series.shape[1]):
        kind, name, what = (words[i][series[i, j]] for i in range(3))
        known = attribute(kind, what) if kind in KINDS else None
        if known is None or not known.varies:
            raise Unsupported(attribute=f"{kind}.{what}", value="by hour")
        if kind not in tables or name not in tables[kind]:
            raise FileUnreadable(place="profiles", problem=f"{kind} has no {name}")
        mine = which == j
        if len(np.unique(hours[mine])) != mine.sum() or mine.sum() != len(snapshots):
            raise FileUnreadable(place="profiles", problem=f"{kind}.{name}.{what}: not one value for every snapshot")
        table = tables[kind]
        whole = np.array(table.hourly(what, len(snapshots)))
        whole[table.position(name), hours[mine]] = values[mine]
        table.put(what, whole)


def write(network: Network, path: Path, *, suffix: str = ".csv") -> None:
    """Write a network so that `read` gives it back. suffix: `.csv` or `.parquet`."""
    path.mkdir(parents=True, exist_ok=True)

    def save(name: str, columns: dict[str, object]) -> None:
        table = pa.table(columns)
        if suffix == ".parquet":
            pq.write_table(table, path / f"{name}{suffix}")
        else:
            pacsv.write_csv(table, path / f"{name}{suffix}")

    labels = [str(label) for label in network.snapshots]
    save("horizon", {"snapshot": labels, **{name: getattr(network, name) for name in WEIGHTS}})
    long: dict[str, list[object]] = {name: [] for name in PROFILE}
    for kind in KINDS:
        table = network[kind]
        if not len(table):
            continue
        flat = {name: values.tolist() for name, values in table.values.items() if values.ndim == 1}
        save(kind, {"name": list(table.names), **flat})
        for what, values in table.values.items():
            for name, series in zip(table.names, values if values.ndim == 2 else (), strict=False):
                for column, cells in zip(PROFILE, ([kind], [name], [what], labels, series.tolist()), strict=True):
                    long[column] += cells * len(labels) if len(cells) == 1 else cells
    if long["kind"]:
        save("profiles", dict(long))
