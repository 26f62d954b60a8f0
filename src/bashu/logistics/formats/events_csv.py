"""Reports of events as a CSV file, one row a report.

Columns: reference, kind, happened_at, told_at, consignment, leg, service, trip, sequence, hub. The first three are needed; moments
are ISO 8601 with their offset from UTC. A row names a consignment, with the leg's number or the hub where it happened, or a
service and its trip, with the call's number in the trip or the hub.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

COLUMNS = ("reference", "kind", "happened_at", "told_at", "consignment", "leg", "service", "trip", "sequence", "hub")
NEEDED = COLUMNS[:3]
BYTES_LIMIT = 5 * 1024 * 1024
ROWS_LIMIT = 10_000
CELL_LIMIT = 100


class Line(NamedTuple):
    """One row as typed values by column, with its line number in the file."""

    number: int
    values: dict[str, Any]


class LineError(NamedTuple):
    """What is wrong with one line."""

    number: int
    problem: str


def read(content: bytes) -> tuple[list[Line], list[LineError]]:
    """Parse the file; every faulty line is reported, and the caller takes all lines or none.

    >>> lines, errors = read(b"reference,kind,happened_at,consignment,leg\\n7,loaded,2025-03-03T08:00+08:00,B00000001,2\\n")
    >>> lines[0].values["leg"], errors
    (2, [])
    >>> read(b"reference,kind,happened_at\\n7,loaded,yesterday\\n")[1][0].number
    2
    """
    if len(content) > BYTES_LIMIT:
        return [], [LineError(1, _("the file is larger than 5 MB"))]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], [LineError(1, _("the file is not UTF-8 text; save it as “CSV UTF-8”"))]
    if "\0" in text:
        return [], [LineError(1, _("the file holds bytes that are not text"))]
    lines: list[Line] = []
    errors: list[LineError] = []
    try:
        for parsed in parse(text):
            if isinstance(parsed, Line):
                lines.append(parsed)
            else:
                errors.append(parsed)
    except csv.Error as error:
        errors.append(LineError(1, str(error)))
    if not lines and not errors:
        errors.append(LineError(1, _("the file has no rows")))
    return lines, errors


def parse(text: str) -> Iterator[Line | LineError]:
    """Each row in turn, as typed values or as what is wrong with it."""
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="\0more")
    header = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = header
    if missing := [name for name in NEEDED if name not in header]:
        yield LineError(1, _("the column {name} is missing").format(name=missing[0]))
        return
    if unknown := [name for name in header if name not in COLUMNS]:
        known = ", ".join(COLUMNS)
        yield LineError(
            1, _("the column {name} is unknown; columns are {columns}").format(name=unknown[0], columns=known)
        )
        return
    for count, row in enumerate(reader, start=1):
        if count > ROWS_LIMIT:
            yield LineError(reader.line_num, _("more than {limit} rows").format(limit=ROWS_LIMIT))
            return
        yield line_of(reader.line_num, row)


def line_of(number: int, row: dict[str, Any]) -> Line | LineError:
    """One row as typed values, or the first thing wrong with it."""
    if "\0more" in row:
        return LineError(number, _("more cells than columns"))
    values: dict[str, Any] = {}
    for name in COLUMNS:
        cell = (row.get(name) or "").strip()
        try:
            if len(cell) > CELL_LIMIT:
                raise ValueError(_("longer than {limit} characters").format(limit=CELL_LIMIT))
            values[name] = value_of(name, cell)
        except ValueError as error:
            return LineError(number, f"{name}: {error}")
    return Line(number, values)


def value_of(name: str, cell: str) -> Any:
    """A cell as its column's type. Raises ValueError in words."""
    if name in NEEDED and not cell:
        raise ValueError(_("it is empty"))
    if name in ("happened_at", "told_at"):
        return moment(cell) if cell else None
    if name in ("leg", "sequence"):
        if cell and not (cell.isascii() and cell.isdigit() and len(cell) < 5):
            raise ValueError(_("{cell} is no small whole number").format(cell=cell))
        return int(cell) if cell else None
    return cell


def moment(cell: str) -> datetime:
    """A moment with its offset."""
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError(_("{cell} is no moment as 2025-03-03T08:00+08:00").format(cell=cell)) from None
    if found.tzinfo is None:
        raise ValueError(_("{cell} lacks its offset from UTC, as in 2025-03-03T08:00+08:00").format(cell=cell))
    return found
