"""What a network file holds before anybody asks what it means: tables of columns, and series by hour."""

from dataclasses import dataclass, field
from math import isnan

import numpy as np

WORDS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


@dataclass
class Series:
    """Values by snapshot of some units: names (k,), values (hours, k)."""

    names: list[str]
    values: np.ndarray


@dataclass
class RawTable:
    """The rows of one table and the series that belong to them."""

    names: list[str] = field(default_factory=list)
    columns: dict[str, np.ndarray] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)


@dataclass
class RawNetwork:
    """All tables of a file, its snapshots and their weights by name, and the attributes of the file itself."""

    snapshots: list[str]
    weights: dict[str, np.ndarray]
    tables: dict[str, RawTable]
    attributes: dict[str, object]


def text(values: np.ndarray) -> list[str]:
    """A column of text in which a missing value is the empty string.

    >>> text(np.array([b"a", "b", None, float("nan")], dtype=object))
    ['a', 'b', '', '']
    """
    return [
        value.decode()
        if isinstance(value, bytes)
        else ""
        if value is None or (isinstance(value, float) and isnan(value))
        else str(value)
        for value in values.tolist()
    ]


def truth(cell: object) -> bool:
    """A truth value as files write it. Raises ValueError for any other word.

    >>> truth("True"), truth(0), truth("0.0")
    (True, False, False)
    """
    word = str(cell).strip().lower()
    if word not in WORDS:
        raise ValueError(f"neither true nor false: {cell}")
    return WORDS[word]
