"""Files of hours: what units metered, what an organisation consumed, what areas used and sent. CSV or Parquet, one row an hour.

`hour` is when it begins, ISO 8601 with its offset (2025-07-01T00:00+08:00), in Parquet a timestamp with a zone. Energy is whole
watt-hours; a column in other units has another name and is refused. Rows may stand in any order.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

ROWS_LIMIT = 400_000
BYTES_LIMIT = 32 * 1024 * 1024
LARGEST = (
    10**12
)  # watt-hours in an hour: a terawatt, more than any unit or area; kilowatt-hours as watt-hours cannot be told
PARQUET = b"PAR1"


class Layout(NamedTuple):
    """The columns of a file: text keys, then whole numbers that must be there, then those that are 0 where they are not."""

    keys: tuple[str, ...]
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, in order."""
        return (*self.keys, "hour", *self.needed, *self.optional)


UNIT_HOURS = Layout(("unit",), ("generated_wh",), ("charged_wh", "charged_other_wh", "returned_wh"))
CONSUMED_HOURS = Layout((), ("used_wh",))
AREA_HOURS = Layout(("area",), ("used_wh", "emitted_g"))
AREA_FLOWS = Layout(("area", "neighbour"), ("sent_wh",))


class Row(NamedTuple):
    """One row: where it stands, its keys, its hour in UTC, its numbers in the layout's order."""

    number: int
    keys: tuple[str, ...]
    hour: datetime
    numbers: tuple[int, ...]


class Fault(NamedTuple):
    """What is wrong with one row."""

    number: int
    problem: str


def read(content: bytes, layout: Layout) -> tuple[list[Row], list[Fault]]:
    """Every row, and every fault; the caller takes all rows or none. No hour of one key stands twice.

    >>> rows, faults = read(b"hour,used_wh\\n2025-07-01T00:00+08:00,5\\n2025-07-01T01:30+08:00,5\\n", CONSUMED_HOURS)
    >>> rows[0].hour.isoformat(), rows[0].numbers, faults[0].number
    ('2025-06-30T16:00:00+00:00', (5,), 3)
    """
    if len(content) > BYTES_LIMIT:
        return [], [Fault(1, _("the file is larger than 32 MB"))]
    try:
        header, records = parquet(content) if content.startswith(PARQUET) else comma_separated(content)
        if missing := [name for name in (*layout.keys, "hour", *layout.needed) if name not in header]:
            raise ValueError(_("the column {name} is missing").format(name=missing[0]))
        if unknown := [name for name in header if name not in layout.columns]:
            raise ValueError(_("the column {name} is not known").format(name=unknown[0]))
        return checked(records, layout)
    except (ValueError, csv.Error, pa.ArrowException) as error:
        return [], [Fault(1, str(error).split("\n", 1)[0])]


def checked(records: Iterator[tuple[int, dict[str, Any]]], layout: Layout) -> tuple[list[Row], list[Fault]]:
    """Typed rows and faults of raw records."""
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[tuple[Any, ...], int] = {}
    for number, record in records:
        if len(rows) + len(faults) >= ROWS_LIMIT:
            faults.append(Fault(number, _("the file has more than {limit} rows").format(limit=ROWS_LIMIT)))
            break
        try:
            row = row_of(number, record, layout)
            first = seen.setdefault((*row.keys, row.hour), number)
            if first != number:
                raise ValueError(_("this hour stands on line {line} already").format(line=first))
            rows.append(row)
        except ValueError as problem:
            faults.append(Fault(number, str(problem)))
    if not rows and not faults:
        faults.append(Fault(1, _("the file has no rows")))
    return rows, faults


def row_of(number: int, record: dict[str, Any], layout: Layout) -> Row:
    """One typed row. Raises ValueError in words."""
    keys = tuple(str(record.get(name) or "").strip() for name in layout.keys)
    if not all(keys):
        raise ValueError(_("{name} is empty").format(name=layout.keys[keys.index("")]))
    numbers = [whole(record.get(name), name) for name in layout.needed]
    numbers += [whole(record.get(name) or 0, name) for name in layout.optional]
    return Row(number, keys, hour_of(record.get("hour")), tuple(numbers))


def hour_of(value: Any) -> datetime:
    """The beginning of an hour in UTC. Raises ValueError for a time without zone or off the hour."""
    try:
        time = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(_("hour: “{value}” is no ISO 8601 time").format(value=value)) from None
    if time.tzinfo is None:
        raise ValueError(_("hour: {value} has no offset").format(value=value))
    if time.minute or time.second or time.microsecond:
        raise ValueError(_("hour: {value} is not the beginning of an hour").format(value=value))
    return time.astimezone(UTC)


def whole(value: Any, name: str) -> int:
    """A whole number, not negative. Raises ValueError for anything else, NaN and fractions too."""
    try:
        number = int(value.strip()) if isinstance(value, str) else value
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError(_("{name}: “{value}” is no whole number").format(name=name, value=value))
    if not 0 <= number <= LARGEST:
        raise ValueError(
            _("{name}: {value} is below zero or above what an hour can hold").format(name=name, value=value)
        )
    return number


def comma_separated(content: bytes) -> tuple[list[str], Iterator[tuple[int, dict[str, Any]]]]:
    """Header and records of a CSV file, UTF-8. Raises ValueError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(_("the file is not UTF-8 text; save it as “CSV UTF-8”")) from None
    if "\0" in text:
        raise ValueError(_("the file holds bytes that are not text"))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip() for name in next(reader, [])]

    def records() -> Iterator[tuple[int, dict[str, Any]]]:
        for cells in reader:
            if cells:
                yield reader.line_num, dict(zip(header, cells, strict=False)) if len(cells) == len(header) else {}

    return header, records()


def parquet(content: bytes) -> tuple[list[str], Iterator[tuple[int, dict[str, Any]]]]:
    """Header and records of a Parquet file; the first row has number 1."""
    table = pq.read_table(io.BytesIO(content))
    return table.column_names, enumerate(table.to_pylist(), start=1)
