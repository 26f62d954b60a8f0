"""Readings as a CSV file: what an office fills in, one row a figure.

Columns: target, jurisdiction, period_start, period_end, value, achieved, coverage, share, note. The first four are needed; `value`
is a plain number in the target's unit, `achieved` yes or no for a qualitative target, `coverage` whole (default) or partial.
"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

COLUMNS = ("target", "jurisdiction", "period_start", "period_end", "value", "achieved", "coverage", "share", "note")
NEEDED = COLUMNS[:4]
BYTES_LIMIT = 5 * 1024 * 1024
ROWS_LIMIT = 10_000
CELL_LIMIT = 1_000


class Line(NamedTuple):
    """One row as typed values, with its line number in the file."""

    number: int
    target: str
    jurisdiction: str
    period_start: date
    period_end: date
    value: Decimal | None
    achieved: bool | None
    coverage: str
    share: Decimal | None
    note: str


class RowError(NamedTuple):
    """What is wrong with one line."""

    number: int
    problem: str


def read(content: bytes) -> tuple[list[Line], list[RowError]]:
    """Parse the file; every faulty line is reported, and the caller takes all lines or none.

    >>> lines, errors = read(b"target,jurisdiction,period_start,period_end,value\\nT03,CQ,2025-01-01,2025-06-30,21\\n")
    >>> lines[0].value, errors
    (Decimal('21'), [])
    >>> read(b"target,jurisdiction,period_start,period_end,value\\nT03,CQ,2025-01-01,june,21\\n")[1][0].number
    2
    """
    if len(content) > BYTES_LIMIT:
        return [], [RowError(1, _("the file is larger than 5 MB"))]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], [RowError(1, _("the file is not UTF-8 text; save it as “CSV UTF-8”"))]
    if "\0" in text:
        return [], [RowError(1, _("the file holds bytes that are not text"))]
    lines: list[Line] = []
    errors: list[RowError] = []
    try:
        for parsed in parse(text):
            (lines if isinstance(parsed, Line) else errors).append(parsed)  # type: ignore[arg-type]
    except csv.Error as error:
        errors.append(RowError(1, str(error)))
    return lines, errors


def parse(text: str) -> Iterator[Line | RowError]:
    """Each row in turn, as a line or as what is wrong with it."""
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="\0more")
    header = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = header
    if missing := [name for name in NEEDED if name not in header]:
        yield RowError(1, _("the column {name} is missing").format(name=missing[0]))
        return
    if unknown := [name for name in header if name not in COLUMNS]:
        yield RowError(
            1,
            _("the column {name} is unknown; columns are {columns}").format(
                name=unknown[0], columns=", ".join(COLUMNS)
            ),
        )
        return
    for count, row in enumerate(reader, start=1):
        if count > ROWS_LIMIT:
            yield RowError(reader.line_num, _("more than {limit} rows").format(limit=ROWS_LIMIT))
            return
        yield line_of(reader.line_num, row)


def line_of(number: int, row: dict[str, Any]) -> Line | RowError:
    """One row as typed values, or the first thing wrong with it."""
    if "\0more" in row:
        return RowError(number, _("more cells than columns"))
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    values: dict[str, Any] = {}
    for name, read_cell in READERS.items():
        try:
            if len(cells[name]) > CELL_LIMIT:
                raise ValueError(_("longer than {limit} characters").format(limit=CELL_LIMIT))
            values[name] = read_cell(cells[name])
        except ValueError as error:
            return RowError(number, f"{name}: {error}")
    return Line(number=number, **values)


def as_date(cell: str) -> date:
    """A day as YYYY-MM-DD."""
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError(_("{cell} is not a date (YYYY-MM-DD)").format(cell=cell or "–")) from None


def as_decimal(cell: str) -> Decimal | None:
    """A plain number or nothing; no thousands separators, so that nobody has to guess."""
    if not cell:
        return None
    try:
        value = Decimal(cell)
    except InvalidOperation:
        raise ValueError(_("{cell} is not a plain number").format(cell=cell)) from None
    if not value.is_finite():
        raise ValueError(_("{cell} is not a plain number").format(cell=cell))
    return value


def as_answer(cell: str) -> bool | None:
    """Yes, no or nothing."""
    answers = {"": None, "yes": True, "no": False, "是": True, "否": False}
    if cell.lower() not in answers:
        raise ValueError(_("{cell} is neither yes nor no").format(cell=cell))
    return answers[cell.lower()]


def one_of(*words: str) -> Callable[[str], str]:
    """A reader for a closed list of words; the first stands for an empty cell."""

    def read_cell(cell: str) -> str:
        if cell and cell not in words:
            raise ValueError(_("{cell} is none of {words}").format(cell=cell, words=", ".join(words)))
        return cell or words[0]

    return read_cell


def named(cell: str) -> str:
    """A code that must be there."""
    if not cell:
        raise ValueError(_("it is empty"))
    return cell


READERS: dict[str, Callable[[str], Any]] = {
    "target": named, "jurisdiction": named, "period_start": as_date, "period_end": as_date, "value": as_decimal,
    "achieved": as_answer, "coverage": one_of("whole", "partial"), "share": as_decimal, "note": str,
}  # fmt: skip
