"""A network as tables of arrays: what there is, hour by hour, before anybody decides what runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bashu.power.engine.vocabulary import KINDS, attribute, port


class Table:
    """The units of one kind: their names, and for each attribute one value a unit (n,) or one a unit and hour (n, hours).

    >>> table = Table("generators", ["Ertan", "Luohuang"], p_nom=[3300.0, 2640.0])
    >>> table["p_nom"].sum(), table["efficiency"].tolist(), table.position("Luohuang")
    (np.float64(5940.0), [1.0, 1.0], 1)
    """

    def __init__(self, kind: str, names: Iterable[str] = (), **given: object) -> None:
        """Raises KeyError for an attribute outside the vocabulary, ValueError for a repeated name or a wrong length."""
        self.kind = kind
        self.names = tuple(names)
        self._positions = {name: i for i, name in enumerate(self.names)}
        if len(self._positions) != len(self.names):
            raise ValueError(f"{kind}: a name occurs twice")
        self.values: dict[str, np.ndarray] = {}
        for name, values in given.items():
            self.put(name, values)

    def put(self, name: str, values: object) -> None:
        """Set an attribute; a single value stands for every unit."""
        known = attribute(self.kind, name)
        if known is None:
            raise KeyError(f"{self.kind} have no attribute {name}")
        kind = {str: np.dtype(object), bool: np.dtype(bool)}.get(type(known.default), np.dtype(float))
        array = np.asarray(values, dtype=kind)
        if array.ndim == 0:
            array = np.full(len(self), array[()], dtype=kind)
        if array.shape[0] != len(self) or array.ndim > (2 if known.varies else 1):
            raise ValueError(f"{self.kind}.{name}: shape {array.shape} for {len(self)} units")
        self.values[name] = array

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, name: str) -> np.ndarray:
        """The attribute as given, or its default for every unit."""
        if name in self.values:
            return self.values[name]
        known = attribute(self.kind, name)
        if known is None:
            raise KeyError(f"{self.kind} have no attribute {name}")
        kind = {str: object, bool: bool}.get(type(known.default), float)
        return np.full(len(self), known.default, dtype=kind)

    def hourly(self, name: str, hours: int) -> np.ndarray:
        """The attribute as (n, hours)."""
        array = self[name]
        return np.broadcast_to(array if array.ndim == 2 else array[:, None], (len(self), hours))

    def position(self, name: str) -> int:
        """The row of a unit. Raises KeyError when there is none of that name."""
        return self._positions[name]

    def __contains__(self, name: object) -> bool:
        return name in self._positions

    def ports(self) -> list[int]:
        """Further ports that links of this table use: 2, 3, …"""
        found = {known[1] for name in self.values if (known := port(name)) and known[0] == "bus"}
        return sorted(n for n in found if any(self[f"bus{n}"]))

    def select(self, keep: np.ndarray) -> "Table":
        """The units where `keep`, a boolean (n,), is true."""
        chosen = Table(self.kind, (name for name, kept in zip(self.names, keep, strict=True) if kept))
        chosen.values = {name: values[keep] for name, values in self.values.items()}
        return chosen

    def changed(self, **values: object) -> "Table":
        """A copy with other values for some attributes."""
        copy = Table(self.kind, self.names)
        copy.values = dict(self.values)
        for name, value in values.items():
            copy.put(name, value)
        return copy


@dataclass(frozen=True)
class Network:
    """Tables by kind over one horizon.

    snapshots: labels of the hours, in order. The three weights are hours a snapshot stands for, shape (hours,): in costs,
    in storage levels, and in yearly sums such as a carbon cap.
    fixed_cost: money over the horizon that no decision changes.
    """

    snapshots: Sequence[str]
    tables: Mapping[str, Table] = field(default_factory=dict)
    name: str = ""
    cost_hours: np.ndarray = field(default_factory=lambda: np.zeros(0))
    storage_hours: np.ndarray = field(default_factory=lambda: np.zeros(0))
    sum_hours: np.ndarray = field(default_factory=lambda: np.zeros(0))
    fixed_cost: float = 0.0

    def __post_init__(self) -> None:
        for weight in ("cost_hours", "storage_hours", "sum_hours"):
            if not len(getattr(self, weight)):
                object.__setattr__(self, weight, np.ones(len(self.snapshots)))
        object.__setattr__(self, "tables", {kind: self.tables.get(kind, Table(kind)) for kind in KINDS})

    def __getitem__(self, kind: str) -> Table:
        return self.tables[kind]

    @property
    def hours(self) -> int:
        """How many snapshots the horizon has."""
        return len(self.snapshots)

    def with_tables(self, **tables: Table) -> "Network":
        """A copy in which some tables are others."""
        return replace(self, tables={**self.tables, **tables})

    def window(self, start: int, stop: int) -> "Network":
        """The same network from snapshot `start` up to, not including, `stop`."""
        tables = {}
        for kind, table in self.tables.items():
            tables[kind] = Table(kind, table.names)
            tables[kind].values = {
                name: values[:, start:stop] if values.ndim == 2 else values for name, values in table.values.items()
            }
        return replace(
            self,
            snapshots=self.snapshots[start:stop],
            tables=tables,
            cost_hours=self.cost_hours[start:stop],
            storage_hours=self.storage_hours[start:stop],
            sum_hours=self.sum_hours[start:stop],
        )


def active_only(network: Network) -> Network:
    """The network without what is switched off."""
    tables = {
        kind: table.select(table["active"]) if "active" in table.values and not table["active"].all() else table
        for kind, table in network.tables.items()
    }
    return replace(network, tables=tables)
