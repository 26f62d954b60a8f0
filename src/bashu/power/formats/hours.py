"""The hours of a dispatch as one Parquet table: a column for each series, named `kind|place|subject`, a row for each snapshot.

Single precision: seven digits of a megawatt, half the space. The digest is of the bytes, so what a page shows can be held against
what the journal says was computed.
"""

import io
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bashu.power.engine.hours import Hours

SEPARATOR = "|"


class Written(NamedTuple):
    """A table's bytes and their SHA-256."""

    content: bytes
    digest: str


def write(snapshots: Sequence[str], hours: Hours) -> Written:
    """The table of these series over these snapshots.

    >>> kept = write(["2025-07-07 00:00:00"], {("flow", "UHV", "uhv"): np.array([12.5])})
    >>> read(kept.content)
    (['2025-07-07 00:00:00'], {('flow', 'UHV', 'uhv'): array([12.5], dtype=float32)})
    """
    columns = {SEPARATOR.join(key): pa.array(values.astype(np.float32)) for key, values in hours.items()}
    stream = io.BytesIO()
    table = pa.table({"snapshot": pa.array(list(snapshots)), **columns})
    pq.write_table(table, stream, compression="zstd", use_dictionary=False, write_statistics=False)
    return Written(stream.getvalue(), sha256(stream.getvalue()).hexdigest())


def read(content: bytes) -> tuple[list[str], Hours]:
    """Snapshots and series of a table that `write` made."""
    table = pq.read_table(io.BytesIO(content))
    series: Hours = {}
    for name in table.column_names[1:]:
        kind, place, what = name.split(SEPARATOR)
        series[kind, place, what] = table[name].to_numpy()
    return [str(label) for label in table["snapshot"].to_pylist()], series
