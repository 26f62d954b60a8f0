"""Small files of hours for tests of the power pool."""

from datetime import UTC, datetime, timedelta
from typing import Any

NOW = datetime(2025, 11, 30, 2, tzinfo=UTC)
JULY = datetime(2025, 6, 30, 16, tzinfo=UTC)  # midnight of the first of July in the region


def hours_csv(unit: str, figures: list[Any], start: datetime = JULY) -> bytes:
    """A file of consecutive hours: watt-hours generated, or the four columns of a unit with storage."""
    lines = ["unit,hour,generated_wh,charged_wh,charged_other_wh,returned_wh"]
    for i, figure in enumerate(figures):
        cells = figure if isinstance(figure, tuple) else (figure, 0, 0, 0)
        lines.append(f"{unit},{(start + timedelta(hours=i)).isoformat()},{','.join(map(str, cells))}")
    return "\n".join(lines).encode()
