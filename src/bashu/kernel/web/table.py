"""Tables: declared columns; search, sorting and pages on the server; export as CSV and XLSX.

    TARGETS = [Column("name", _("Target"), search=True, link="url"), Column("value", _("Value"), kind=Kind.NUMBER)]

    def targets(request):
        table = Table(TARGETS, target_list(), request, name="targets")
        return table.export() or render(request, "targets.html", {"table": table})

Everything the reader chose stands in the query string: `targets.q`, `.sort` (a column, `-` before it for descending),
`.page`, `.as` (csv or xlsx). A query set is searched and sorted by the database, a list here.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import reduce
from operator import or_
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

PAGE_SIZE = 25
EXPORT_ROWS = 100_000  # rows of one export; a longer table is cut there and its last line says so
SEARCH_LENGTH = 100
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # characters that XML 1.0 cannot hold
CELL_LENGTH = 32_767  # characters in one cell of a spreadsheet


class Kind(StrEnum):
    """How a column's values are set."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    name: the key in the query string and, unless `value` is given, the attribute path (`target.name`).
    value: a function of the row. lookup: the database path to search and sort by, where it differs from `name`.
    link: attribute path to an address, or a function of the row. A column without a database path has `sort=False`.
    """

    name: str
    label: str | Promise
    kind: Kind = Kind.TEXT
    value: Callable[[Any], Any] | None = None
    lookup: str = ""
    search: bool = False
    sort: bool = True
    link: str | Callable[[Any], str] = ""

    @property
    def path(self) -> str:
        """The path that the database searches and sorts by."""
        return self.lookup or self.name.replace(".", "__")

    def read(self, row: Any) -> Any:
        """The cell's value for a row."""
        return self.value(row) if self.value else attribute(row, self.name)

    def address(self, row: Any) -> str:
        """Where the cell leads to, empty for nowhere."""
        if callable(self.link):
            return self.link(row)
        return (attribute(row, self.link) or "") if self.link else ""


class Cell(NamedTuple):
    """One cell as the page shows it."""

    kind: str
    value: Any
    url: str


class Heading(NamedTuple):
    """One heading as the page shows it; `order` is ascending, descending or empty."""

    label: str
    kind: str
    url: str
    order: str


def attribute(row: Any, path: str) -> Any:
    """Follow a path of attributes or keys; None where it ends early; what can be called is called."""
    for part in path.split("."):
        if row is None:
            return None
        row = row.get(part) if isinstance(row, dict) else getattr(row, part)
        row = row() if callable(row) else row
    return row


class Table:
    """One request's view of rows: what was asked for, and what it shows."""

    def __init__(
        self,
        columns: Sequence[Column],
        rows: QuerySet | Sequence[Any],
        request: HttpRequest,
        *,
        name: str = "table",
        size: int = PAGE_SIZE,
        sort: str = "",
    ) -> None:
        """columns, rows: what there is. name: prefix in the query string, also the export's file name. sort: order when none is asked."""
        self.columns, self.all_rows, self.request, self.name, self.size = columns, rows, request, name, size
        given = request.GET
        self.query = given.get(f"{name}.q", "").replace("\x00", "").strip()[:SEARCH_LENGTH]
        sortable = {column.name for column in columns if column.sort}
        asked = given.get(f"{name}.sort", sort)
        self.sort = asked if asked.removeprefix("-") in sortable else sort
        page = given.get(f"{name}.page", "1")
        self.asked_page = max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 9 else 1

    # What is shown

    @cached_property
    def found(self) -> QuerySet | Sequence[Any]:
        """All rows that match the search, in order."""
        return (
            self.from_database(self.all_rows) if isinstance(self.all_rows, QuerySet) else self.from_list(self.all_rows)
        )

    @cached_property
    def count(self) -> int:
        """How many rows match."""
        return self.found.count() if isinstance(self.found, QuerySet) else len(self.found)

    @property
    def last_page(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.count // self.size))

    @property
    def page(self) -> int:
        """The page shown: the one asked for, or the last."""
        return min(self.asked_page, self.last_page)

    @property
    def first_row(self) -> int:
        """The number of the first row shown, from 1; 0 when there is none."""
        return (self.page - 1) * self.size + 1 if self.count else 0

    @property
    def last_row(self) -> int:
        """The number of the last row shown."""
        return min(self.page * self.size, self.count)

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """The cells of the page shown."""
        start = (self.page - 1) * self.size
        return [self.cells(row) for row in self.found[start : start + self.size]]

    def cells(self, row: Any) -> list[Cell]:
        """One row's cells."""
        return [Cell(c.kind.value, c.read(row), c.address(row)) for c in self.columns]

    @property
    def searchable(self) -> bool:
        """Whether any column is searched."""
        return any(column.search for column in self.columns)

    @property
    def headings(self) -> list[Heading]:
        """Headings; each that sorts carries the address that sorts by it, or turns the order round."""
        found = []
        for column in self.columns:
            order = {column.name: "ascending", f"-{column.name}": "descending"}.get(self.sort, "")
            turned = f"-{column.name}" if order == "ascending" else column.name
            url = self.address(sort=turned, page=None) if column.sort else ""
            found.append(Heading(str(column.label), column.kind.value, url, order))
        return found

    @property
    def page_links(self) -> list[tuple[int | None, str]]:
        """Page numbers with their addresses: the ends, the neighbours, and None where numbers are left out."""
        near = {1, self.last_page, *range(self.page - 2, self.page + 3)}
        numbers = [n for n in sorted(near) if 1 <= n <= self.last_page]
        links: list[tuple[int | None, str]] = []
        for before, number in zip([0, *numbers], numbers, strict=False):
            if number - before > 1:
                links.append((None, ""))
            links.append((number, self.address(page=number)))
        return links

    def address(self, **changes: Any) -> str:
        """This page's query string with parts of this table changed; None takes a part out. Other tables' parts stay."""
        query = self.request.GET.copy()
        query.pop(f"{self.name}.as", None)
        for key, value in changes.items():
            query.pop(f"{self.name}.{key}", None)
            if value is not None:
                query[f"{self.name}.{key}"] = str(value)
        return f"?{query.urlencode()}"

    @property
    def csv_url(self) -> str:
        """The address of the CSV export of what was found."""
        return self.address(**{"as": "csv", "page": None})

    @property
    def xlsx_url(self) -> str:
        """The address of the XLSX export of what was found."""
        return self.address(**{"as": "xlsx", "page": None})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The query string's other parts, which the search form must carry along."""
        own = {f"{self.name}.{part}" for part in ("q", "page", "as")}
        return [(key, value) for key, values in self.request.GET.lists() if key not in own for value in values]

    # Search and order

    def from_database(self, rows: QuerySet) -> QuerySet:
        """Search and sort in the database; the primary key settles ties, so that pages never overlap."""
        searched = [column for column in self.columns if column.search]
        for word in self.query.split() if searched else ():
            rows = rows.filter(reduce(or_, (Q(**{f"{column.path}__icontains": word}) for column in searched)))
        if self.sort:
            path = self.column(self.sort).path
            first = F(path).desc(nulls_last=True) if self.sort.startswith("-") else F(path).asc(nulls_last=True)
            return rows.order_by(first, "pk")
        return rows if rows.ordered else rows.order_by("pk")

    def from_list(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Search and sort a list as the database would: every word in some searched column, what is unknown last."""
        searched = [column for column in self.columns if column.search]
        for word in self.query.casefold().split() if searched else ():
            rows = [row for row in rows if any(word in str(column.read(row) or "").casefold() for column in searched)]
        if not self.sort:
            return rows
        read = self.column(self.sort).read
        known = [row for row in rows if read(row) is not None]
        known.sort(key=read, reverse=self.sort.startswith("-"))
        return [*known, *(row for row in rows if read(row) is None)]

    def column(self, sort: str) -> Column:
        """The column that a sort speaks of."""
        return next(column for column in self.columns if column.name == sort.removeprefix("-"))

    # Export

    def export(self) -> FileResponse | None:
        """The file the reader asked for with `.as=csv` or `.as=xlsx`; None when the page was asked for.

        Written to a temporary file first and streamed from it: memory stays constant, and a failure is an error
        answer and not half a file. At most EXPORT_ROWS rows.
        """
        writers = {"csv": write_csv, "xlsx": write_xlsx}
        write = writers.get(form := self.request.GET.get(f"{self.name}.as", ""))
        if write is None:
            return None
        labels = [str(column.label) for column in self.columns]
        file = write(labels, self.exported())
        return FileResponse(file, as_attachment=True, filename=f"{self.name}.{form}", content_type=TYPES[form])

    def exported(self) -> Iterator[list[Any]]:
        """Rows of plain values, then a line that says so when the table is longer than an export may be."""
        rows: Iterable[Any] = self.found[:EXPORT_ROWS]
        if isinstance(rows, QuerySet) and not rows._prefetch_related_lookups:  # type: ignore[attr-defined]
            rows = rows.iterator(chunk_size=2000)
        for row in rows:
            yield [column.read(row) for column in self.columns]
        if self.count > EXPORT_ROWS:
            yield [f"… {EXPORT_ROWS} / {self.count}"]


TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def neutral(value: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before what begins like one.

    >>> neutral("=1+1"), neutral("Guoyuan")
    ("'=1+1", 'Guoyuan')
    """
    return f"'{value}" if value.lstrip(" \n\u3000").startswith(FORMULA) or value.startswith(FORMULA) else value


def flat(value: Any, zone: ZoneInfo | Any) -> int | float | Decimal | date | time | str | None:
    """A value as a spreadsheet holds it: numbers and dates as they are, times in the page's zone, the rest as safe text."""
    match value:
        case None:
            return None
        case bool():
            return str(value)
        case int() | float() | Decimal():
            return value
        case datetime():
            return value.astimezone(zone).replace(tzinfo=None, microsecond=0) if value.tzinfo else value
        case date() | time():
            return value
    return neutral(CONTROL.sub("", str(value))[: CELL_LENGTH - 1])


def write_csv(labels: list[str], rows: Iterable[list[Any]]) -> Any:
    """Rows as UTF-8 CSV (RFC 4180) with the byte-order mark by which spreadsheets know it; an open file at its start."""
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer, zone = csv.writer(text), timezone.get_current_timezone()
    writer.writerow([neutral(label) for label in labels])
    for row in rows:
        writer.writerow([flat(value, zone) for value in row])
    text.flush()
    text.detach()
    file.seek(0)
    return file


def write_xlsx(labels: list[str], rows: Iterable[list[Any]]) -> Any:
    """Rows as one worksheet, written row by row; an open file at its start."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    zone = timezone.get_current_timezone()
    sheet.append([text_cell(sheet, label) for label in labels])
    for row in rows:
        sheet.append(
            [text_cell(sheet, value) if isinstance(value, str) else value for value in (flat(v, zone) for v in row)]
        )
    file = NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def text_cell(sheet: Any, value: str) -> WriteOnlyCell:
    """A cell that is text whatever it begins with."""
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell
