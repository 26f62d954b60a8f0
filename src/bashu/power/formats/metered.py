"""Writing what a dispatch delivered as the files that `certificates meter` and `certificates areas` take."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from bashu.power.engine.metering import Areas, Delivered
from bashu.power.formats.meter_files import AREA_FLOWS, AREA_HOURS, UNIT_HOURS

GRAMS, WH = 1_000_000, 1_000_000


def write(folder: Path, units: Sequence[Delivered], areas: Areas, start: datetime) -> list[Path]:
    """Write unit_hours.csv, area_hours.csv and area_flows.csv; hour k begins k hours after `start`. Returns their paths.

    Energy is rounded to whole watt-hours, emissions to whole grams, half to even.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hours = [(start + timedelta(hours=k)).isoformat() for k in range(len(areas.used))]
    used, emitted, sent = (
        np.rint(part * scale).astype(np.int64) for part, scale in zip(areas[1:], (WH, GRAMS, WH), strict=True)
    )
    names = list(enumerate(areas.names))
    made = ((unit.name, hour, int(wh)) for unit in units for hour, wh in zip(hours, unit.wh, strict=True))
    there = ((name, hour, used[k, i], emitted[k, i]) for i, name in names for k, hour in enumerate(hours))
    moved = (
        (name, other, hour, sent[k, i, j]) for i, name in names for j, other in names for k, hour in enumerate(hours) if sent[k, i, j]
    )  # fmt: skip
    return [
        table(folder / "unit_hours.csv", ["unit", "hour", *UNIT_HOURS.needed], made),
        table(folder / "area_hours.csv", AREA_HOURS.columns, there),
        table(folder / "area_flows.csv", AREA_FLOWS.columns, moved),
    ]


def table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """One CSV file."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
    return path
